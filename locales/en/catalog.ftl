## Lists of models
models-id = id
models-name = name
models-params = parameters
models-context = context
models-licence = licence
models-commercial = commercial use
models-access = provision
models-verdict = verdict
models-match = match
models-no-match = no match
models-comparison = (for comparison)
models-counts = { $yes } match, { $unknown } to be confirmed, { $no } do not match. "To be confirmed" means that a value is undisclosed, so nothing was decided.
models-legend = △ marks a value that is disputed or needs care; `sekisho catalog model ID` shows every claim with its source.

compare-field = field

## Claims
claim-class = class
claim-entry = id
claim-name = name
claim-field = field
claim-value = value
claim-printed = as printed
claim-unit = unit
claim-scale = scale
claim-as-of = as of
claim-date-kind = kind of date
claim-kind = kind
claim-status = status
claim-voice = who says so
claim-source = source
claim-locator = where, or how computed
claim-fact = fact
claim-line = survey line
claim-cites = cites
claim-tier = price tier
claim-benchmark = benchmark
claim-part = part
claim-harness = harness
claim-version = version
claim-composition = composition
claim-judge = judge
claim-checked-against = checked against
claim-against = answers facts
claim-note = note
claim-cited-page = cited page
claim-mismatch = mismatch with it
claim-place = place in the data
entry-silent = Undisclosed ({ $source }): { $fields }
entry-legend = Claims on one field stand under each other; none is removed in favour of another.

relation-series = Series
relation-organisation = Organisation
relation-model = Model
relation-product = Product

products-id = id
products-name = name
products-by = by
products-models = models
products-access = provision

gpus-name = name
gpus-note = note

sources-id = id
sources-name = name
sources-kind = kind
sources-references = references
sources-claims = claims
sources-url = URL
sources-legend = × marks a reference whose page does not fit the place that cites it.
sources-cited-for = Facts that cite this reference:
sources-citation = citation of a statement
sources-on-entity = footnote on the name "{ $entity }" (line { $line })
sources-line = line { $line } of the reference list
sources-no-reference = there is no reference { $number }
sources-hint = reference numbers go from R1 to R87
source-vendor = vendor
source-government = government
source-industry = industry association
source-model_page = model page
source-third_party = third party
source-media = media
source-paper = paper
source-community = community
source-own = Sekisho

## Facts
facts-fact = fact
facts-line = line
facts-entry = about
facts-field = field
facts-value = value
facts-voice = who says so
facts-status = status, source
facts-count = { $count } facts
fact-missing = there is no fact { $number }
fact-hint = numbers go from F001 to F428; `sekisho catalog facts WORD` finds them
fact-beside = beside it

## Adoptions
adoptions-organisation = organisation
adoptions-organisations = organisations
adoptions-voice = who says so
adoptions-count = count
adoptions-counts = { $count } adoptions, { $unknown } of them to be confirmed

## Scores
scores-heading = { $name } ({ $part }, scale { $scale }, version { $version })
scores-unstated = conditions that the sources do not state
scores-model = model
scores-score = score
scores-fact = who says so
scores-not-comparable = Note: the tables of { $name } cannot be compared, for they differ in { $reasons }. Values are never converted.
scores-without = without a published score here: { $names }
difference-scale = scale
difference-part = part
difference-harness = harness
difference-version = version
difference-composition = composition
difference-judge = judge

## Prices
prices-offer = offer
prices-field = field
prices-value = price
prices-unit = unit
prices-tier = tier
prices-context = prompt length
prices-as-of = as of
prices-voice = who says so
prices-status = status
prices-legend = Currencies are not converted. An undisclosed price takes part in no comparison.
tier-standard = standard
tier-batch = batch
tier-cached = cached
tier-all = all
tier-priority = priority

## Timeline
timeline-date = date
timeline-kind = kind
timeline-what = event
timeline-voice = who says so
timeline-status = status
timeline-hint = `--releases` adds the releases of models
timeline-hint-date = write 2025, 2025-10 or 2025-10-20

## Export
export-xlsx-needs-file = XLSX cannot go to stdout
export-hint-file = name a file such as `--out catalog.xlsx`

## Check
catalog-has-problems = warning: the data files have { $count } problems; see `sekisho catalog check`
check-size = { $entries } entries and { $claims } claims were checked.
check-clean = No problems.
check-found = { $count } problems
check-hint = mend the lines named above, then run `sekisho catalog check` again

problem-unreadable = cannot be read ({ $cause }); check permissions and that it is UTF-8
problem-too-long = too long (at most { $max } bytes); split the file
problem-syntax = not TOML ({ $message }); check quotes, brackets and equals signs
problem-unknown-key = there is no key "{ $key }"; check its spelling or remove it
problem-missing-key = "{ $key }" is missing; add it
problem-wrong-type = "{ $key }" has the wrong type (needs { $expected }, is { $found })
problem-not-one-of = "{ $key }" cannot be "{ $found }"; choose from: { $allowed }
problem-unknown-class = the folder "{ $folder }" is no class; put the file in a folder such as model or adoption
problem-id-differs = the id "{ $id }" differs from the file name; make them agree
problem-duplicate = { $what } "{ $id }" stands twice (first: { $first }); keep one
problem-no-such-entry = there is no { $what } "{ $id }"; check its spelling or add the file
problem-undefined-field = the field "{ $field }" is not defined for { $class }; check its spelling or define it in fields.toml
problem-no-source = "{ $field }" has no source; add source = ["..."]
problem-score-tag = the score "{ $field }" lacks score = {"{"} benchmark, part, harness, version, composition, judge {"}"}; write 未指定 for what is not known
problem-price-tag = the price "{ $field }" lacks price = {"{"} currency, service_tier, context_tier {"}"}; write 未指定 for what is not known
problem-date-kind = the date "{ $field }" lacks date_kind (announced offered started published updated unstated)
problem-unit = the number "{ $field }" lacks a unit
problem-bad-date = "{ $found }" is not a date; write 2025, 2025-10 or 2025-10-20
problem-outside-scale = { $value } lies outside the scale { $scale }; check the value or the scale
