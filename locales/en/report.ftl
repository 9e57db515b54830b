## Frame of the page
html-skip = Skip to the content
html-contents = Contents
html-top = Top of the content
html-footer = Made by Sekisho from its catalog. No script, and no request to anywhere.
html-open = { " (" }
html-close = )
html-colon = { ": " }

## Frame of pictures
chart-unit = { "Unit: " }
chart-period = { "As of: " }
chart-source = { "Source: " }
chart-data = Show the data as a table

## Headings
report-title = Adoption of Japanese domestic LLMs
report-lead = As of { $date }
report-lead-origin = The survey report, made again from the catalog of Sekisho. Values lead to their fact number (F) and source (R, S); where the public record differs, both stand side by side.
report-summary-title = Summary
report-axes-title = Four decision axes
report-method-title = Scope and method
report-models-title = Domestic LLMs
report-adoptions-title = Adoptions
report-timeline-title = Timeline
report-benchmarks-title = Japanese-language benchmarks
report-requirements-title = Inference: requirements and cost
report-controls-title = Security and control
report-prices-title = Prices and overseas LLMs
report-business-title = Business models
report-barriers-title = Barriers to adoption
report-outlook-title = Outlook
report-recommendations-title = Recommendations
report-disputes-title = Conflicts, unverified, estimated and assumed
report-sources-title = Sources
report-facts-title = All facts

## Columns
report-column-about = About
report-column-field = Field
report-column-value = Value
report-column-kind = Kind
report-column-status = Check
report-column-note = Note
report-column-count = Count
report-column-model = Model
report-column-series = Series
report-column-organisation = Organisation
report-column-cites = References
report-column-date = Date
report-column-date-kind = Kind of date
report-column-voice = Who says it
report-column-benchmark = Benchmark
report-column-part = Part
report-column-scale = Scale
report-column-harness = Harness
report-column-version = Version
report-column-composition = Composition
report-column-judge = Judge
report-column-as-of = As of
report-column-offer = Offer
report-column-price = Price
report-column-unit = Unit
report-column-service-tier = Service tier
report-column-context-tier = Prompt tier
report-column-fact = Fact
report-column-reference = Reference
report-column-source = Source
report-column-address = Address
report-column-use = Used for
report-column-mismatch = Mismatch
report-column-facts = Facts that cite it
report-column-source-number = No.
report-column-source-kind = Sort
report-column-references = References

## Summary
report-summary-counts = This document is made of { $facts } facts, { $models } models, { $adoptions } adoptions and { $sources } sources.
report-summary-use = { $rate } of companies have adopted language generative AI or are preparing to; { $share } of adopters report an effect. The challenge named: { $challenge }.
report-summary-growth = Adoption of domestic LLMs tends to grow in: { $domains }. Drivers: { $drivers }.
report-summary-axes = Four axes decide adoption: { $one }; { $two }; { $three }; { $four }.
report-summary-ministry = In a central ministry's trial on public comments ({ $year }), { $characters } were classified and summarised in { $minutes }; legal provisions were identified for { $share }.
report-summary-gpu = NTT calculates that a { $size } model needs { $count } for inference and costs { $small }, a 400B-class model { $middle } and a 700B-class model { $large }, a ratio of { $ratio }. These are the vendor's own estimates and count weights only.
report-summary-orders = NTT counts { $enquiries } of enquiry in Japan and { $orders } of order in Japan and overseas. The scopes differ, so they never divide into a conversion rate. { $period }.
report-summary-share = Official statistics on the share of domestic LLMs are { $statistics }, statistics on the adoption rate are { $rate }. { $method }.
report-summary-price = Input price of Claude Opus 4.5: { $survey } in the survey report, { $public } as the standard price in the public record.
report-summary-chugoku = Purpose at Chugoku Electric Power: { $survey } in the survey report; { $public } in the public record.
report-verdict-pass = confirmed
report-verdict-mask = with a reservation
report-verdict-refuse = conflict or mismatch
report-verdict-unknown = not verifiable
report-verdict-unchecked = not checked
report-checks-title = Of { $all } facts of the survey, { $pass } are confirmed, { $refuse } conflict or mismatch, { $unchecked } are not checked
report-checks-note = A fact with several results counts under the gravest. Not checked does not mean wrong.
report-checks-caption = Facts by result of checking
report-reading = The sign behind a value is the result of checking. A value leads to the list of facts or to its source. The rule for unknowns: { $rule }.
report-legend-pass = A second source says the same
report-legend-mask = Usable, with a reservation
report-legend-refuse = Not usable as it stands
report-legend-unknown = Public sources cannot tell
report-legend-unchecked = Nobody has checked yet
report-legend-undisclosed = Nobody has published the value. It is not zero, not blank and not guessed; pictures show a hollow bar.

## Decision axes
report-axes-see = { "See: " }
report-axes-note = The recommendations name the axes differently: { $other }.

## Tables of statements
report-statements-caption = Statements of the survey report. Where the public record has another value, both are shown.

## Models
report-models-survey-title = The survey's list
report-models-survey-lead = The { $count } series and models that the survey calls major. Basis of selection: { $basis }.
report-models-survey-caption = Major domestic LLMs (the survey's table)
report-models-all-title = All models of the catalog
report-models-all-lead = The { $count } models of the catalog, { $compared } of them overseas models for comparison. { $undisclosed }.
report-models-all-caption = All models: licence and permitted use are two columns. Where values differ, both are shown.
report-comparison = for comparison
report-no-claim = no entry
report-no-series = No series

## Adoptions
report-adoptions-lead = The { $count } published cases. Statistics on the adoption rate are { $caveat }, so the number of cases is not a rate.
report-adoptions-caption = Adoptions, as far as published
report-adoptions-rest-title = Other published values
report-adoptions-patterns-title = Patterns of adoption
report-counts-title = By sector, environment and stage
report-counts-finding = { $field }: most often { $label }, { $count } of { $total }
report-counts-note = Numbers of published cases, not market shares. What only the public record tells is drawn apart, hatched.
report-counts-caption = Number of cases
report-counts-both = with the public record

## Timeline
report-timeline-lead = The { $count } events of the survey's timeline in order of date. Its stated basis: { $basis }.
report-timeline-moved = The survey lists { $first } before { $second }. Here they stand in order of date.
report-events-finding = The { $count } events of the timeline run from { $first } to { $last }
report-events-caption = Events of the timeline
report-timeline-precision = The width of a line is the range of a date known to the month or year only.
report-releases-finding = { $models } domestic models with a known date, in { $series } series
report-releases-note = A model with dates of different kinds shows each. Models of one day share a sign.
report-releases-caption = Release dates of domestic models
report-years = { $from } to { $to }

## Benchmarks
report-benchmarks-lead = Evaluation moves towards this: { $trend }. There is one picture for each benchmark and scale.
report-scale-trap = For JGLUE, Takane publishes { $small } and tanuki-8x8b { $large }. The first is on a scale of 0 to 1, the second of 0 to 100 in a setting equivalent to Nejumi v1. Tasks, number of examples and harness are not published, so moving the decimal point does not make them comparable. They never share an axis.
report-scores-title = Scores
report-scores-caption = Scores and how they came about
report-scores-rest-title = Values that cannot be drawn
report-scores-rest-caption = Values without published full marks or without a number
report-score-one = { $benchmark } (scale { $scale }): only { $model } publishes a value
report-score-many = { $benchmark } (scale { $scale }): { $count } models publish a value; how they were measured is not published, so they cannot be ranked
report-score-others = Other domestic models
report-score-silent = The values of the other { $count } domestic models are undisclosed.
report-score-note = No margin of error is published. Values of different parts (overall, category) do not compare.
report-benchmarks-statements-title = Statements on evaluation
report-part-average = average
report-part-overall = overall
report-part-total = total
report-part-category = category
report-part-category-A = category A, not named
report-part-category-B = category B, not named

## Inference
report-requirements-lead = Memory is calculated as { $rule }; for tsuzumi 2 that gives { $memory }. { $caveat }.
report-costs-finding = Estimated cost of GPUs for inference: { $small } for 30B, { $middle } for the 400B class, { $large } for the 700B class; the same rule gives { $rule } for the 700B class
report-costs-note = Hatched: computed by Sekisho. The estimates count GPUs for weights only, without KV cache, chassis, power or people. No margin of error is published.
report-costs-caption = Cost of GPUs for inference

## Prices
report-prices-lead = Prices of domestic LLMs: { $disclosure }. The rule for comparison: { $rule }. { $exchange }.
report-prices-conflict = The survey gives Claude Opus 4.5 as { $in } input and { $out } output; the standard price of the public record is { $standard-in } input and { $standard-out } output. The survey's figures equal the batch price ({ $batch-in } input, { $batch-out } output).
report-prices-standard-finding = Standard prices: { $offers } overseas offers are public, { $silent } domestic offers are undisclosed
report-prices-standard-note = Crossed bars are values of the survey that the public record contradicts. A dashed frame: input and output are undisclosed, which does not mean free. Values of the survey without a tier stand here too. A bar without a name in brackets: survey and public record agree.
report-prices-batch-finding = Batch prices: { $offers } published
report-prices-batch-note = Batch processing does not answer at once, so its price does not compare with the standard one.
report-prices-cached-finding = Prices of cached input: { $offers } published
report-prices-cached-note = For the part of the input that is reused only. It does not compare with the standard price.
report-prices-caption = All API prices
report-prices-part-caption = The prices of the picture
report-prices-statements-title = Statements on prices and overseas LLMs
report-tier-standard = standard
report-tier-batch = batch
report-tier-cached = cached
report-tier-priority = priority
report-tier-all = all

## Barriers and recommendations
report-barriers-lead = Adoption has reached { $rate }. The challenge is: { $challenge }. { $bottleneck }.
report-recommendations-note = These are the survey's recommendations. The decision is the reader's, by the reader's own requirements.

## Conflicts and unknowns
report-disputes-lead = The survey's values are never overwritten; differing values stand beside them. Which one holds is for the reader to judge from the sources.
report-disputes-conflict-title = In conflict with the public record
report-disputes-conflict-lead = { $count } facts where the public record says something else or has changed since.
report-disputes-citation-title = Citation missing or not matching
report-disputes-citation-lead = { $count } facts whose citation does not carry them, carries a part, or cannot be checked.
report-disputes-inconsistency-title = Inconsistent within the survey
report-disputes-inconsistency-lead = { $count } facts that differ between places of the survey or mix two kinds of date.
report-disputes-scale-title = Not comparable
report-disputes-scale-lead = { $count } facts that look comparable with another and are on a different scale or scope.
report-disputes-finer-title = More exact in the public record
report-disputes-finer-lead = { $count } facts that are right, and that the public record tells in more detail.
report-disputes-unverified-title = Undisclosed and unverified
report-disputes-unverified-lead = { $count } facts that the survey gives as undisclosed or unconfirmed.
report-disputes-vendor-title = Vendor estimates
report-disputes-vendor-lead = { $count } values that a vendor calculated under its own conditions.
report-disputes-estimate-title = Estimates
report-disputes-estimate-lead = { $count } readings and inferences of the survey.
report-disputes-assumption-title = Assumptions
report-disputes-assumption-lead = { $count } premises set for calculating or sorting.

## Sources and facts
report-sources-lead = The survey has { $count } reference numbers; { $mismatched } do not match the place that cites them, and { $named } are footnotes on names.
report-references-title = Reference numbers of the survey
report-references-caption = Reference numbers and where they lead
report-reference-statement = cited for a statement
report-reference-name = footnote on a name: { $entity } (line { $line })
report-source-list-title = All sources
report-source-list-caption = Sources of the catalog
report-source-vendor = vendor
report-source-model_page = model page
report-source-third_party = third party
report-source-media = media
report-source-community = community
report-source-government = government
report-source-own = Sekisho
report-source-paper = paper
report-source-industry = industry body
report-facts-lead = The { $count } facts of the survey. Each row can be linked by its number.
report-facts-caption = Facts of the survey
report-survey-line = survey report, line { $line }
report-line = line { $line }
report-same = same as above
report-checked-against = { "Checked against: " }

## Counts, units, dates
report-count = { $count }
report-count-models = { $count }
report-unit-none = { $value }
report-unit-percent = { $value }%
report-unit-percent-opinions = { $value }% of opinions
report-over = over { $value }
report-unit-billion = { $value }B
report-unit-oku = { $value } × 100 million
report-unit-gb = { $value } GB
report-unit-gpu = { $value } GPU
report-unit-jpy = { $value } yen
report-unit-jpy-10k = { $value } yen/10k tokens
report-unit-usd-1m = { $value } USD/1M tokens
report-unit-bit = { $value } bit
report-unit-characters = { $value } characters
report-unit-cases = { $value } cases
report-unit-people = { $value } people
report-unit-minutes = { $value } minutes
report-unit-kinds = { $value } kinds
report-unit-types = { $value } types
report-unit-points = { $value } points
report-unit-times = { $value } times
report-unit-name-date = date
report-unit-name-month = month
report-unit-name-year = year
report-unit-name-fiscal-year = fiscal year
report-unit-name-ratio = ratio
report-unit-name-share = share
report-unit-name-score = points
report-unit-name-facts = number of facts
report-unit-name-adoptions = number of cases
report-unit-name-points = points ({ $scale })
report-unit-name-million-yen = million yen
report-unit-name-usd = USD per 1M tokens
report-scale-full-marks = full marks not stated
report-scale-prompt-200k = prompt under 200k
report-scale-since-2023-11 = cumulative since 2023-11
report-scale-range = 1-10 (range)
report-date-year = { $year }
report-date-month = { $month } { $year }
report-date-day = { $day } { $month } { $year }
report-month-1 = Jan
report-month-2 = Feb
report-month-3 = Mar
report-month-4 = Apr
report-month-5 = May
report-month-6 = Jun
report-month-7 = Jul
report-month-8 = Aug
report-month-9 = Sep
report-month-10 = Oct
report-month-11 = Nov
report-month-12 = Dec
