## Verification status
status-confirmed = confirmed
status-refinable = more exact information exists
status-conflict = conflicts with the public record
status-citation_mismatch = citation does not match
status-citation_partial = citation matches in part
status-internal_inconsistency = inconsistent within the document
status-superseded = changed since
status-scale_trap = mind the scale
status-date_two_kinds = two kinds of date
status-uncited = uncited
status-not_verifiable = not verifiable
status-not_checked = not checked

## Kind of value
kind-published = published
kind-derived = computed
kind-vendor_estimate = vendor estimate
kind-estimate = estimate
kind-unverified = unverified
kind-assumption = assumption

## Kind of date
date-announced = announced
date-offered = offered
date-started = started
date-published = published
date-updated = updated
date-unstated = kind not stated

## Classes
class-model = Models
class-series = Series
class-adoption = Adoptions
class-benchmark = Benchmarks
class-product = Products and services
class-organisation = Organisations
class-event = Events
class-price = Prices
class-gpu = GPUs
class-source = Sources
class-topic = Topics

undisclosed = undisclosed
to-confirm = to be confirmed
voice-survey = survey report
voice-public = public record
voice-own = own organisation
cli-disputed-mark = △

## Help
cli-sekisho = Choose, run, govern and measure Japanese domestic LLMs
cli-sekisho-catalog = Look up what is known of Japanese domestic LLMs, with sources and how well it is known
cli-sekisho-catalog-models = List models; filters keep undisclosed values as "to be confirmed"
cli-sekisho-catalog-models--name = Word in the name or id
cli-sekisho-catalog-models--open-weights = With open weights
cli-sekisho-catalog-models--commercial = Commercial use permitted
cli-sekisho-catalog-models--on-prem = Can run on own or dedicated machines (open weights included)
cli-sekisho-catalog-models--api = Offered as an API
cli-sekisho-catalog-models--gguf = With GGUF files by the maker
cli-sekisho-catalog-models--max-params = Most parameters (such as 10B)
cli-sekisho-catalog-models--min-params = Fewest parameters (such as 1B)
cli-sekisho-catalog-models--min-context = Shortest context in tokens (such as 32k)
cli-sekisho-catalog-models--licence = Word in the licence (such as MIT)
cli-sekisho-catalog-models--developer = Word in the developer (such as Fujitsu)
cli-sekisho-catalog-models--series = Word in the series (such as Sarashina)
cli-sekisho-catalog-model = Show everything that is claimed about one model
cli-sekisho-catalog-model--id = Id or name of the model
cli-sekisho-catalog-compare = Set 2 to 8 models side by side
cli-sekisho-catalog-compare--ids = Ids or names of models
cli-sekisho-catalog-adoptions = Adoptions, survey and public record side by side
cli-sekisho-catalog-adoptions--sector = Sector (such as "local government")
cli-sekisho-catalog-adoptions--environment = Environment (such as on-premises)
cli-sekisho-catalog-adoptions--stage = Stage (such as PoC)
cli-sekisho-catalog-adoptions--by = What to count by (sector, environment, stage)
cli-sekisho-catalog-benchmarks = Scores; different scales or conditions stand in different tables
cli-sekisho-catalog-benchmarks--benchmark = Id or name of the benchmark
cli-sekisho-catalog-prices = Prices with tier, currency and unit
cli-sekisho-catalog-prices--offer = Id or name of the offer
cli-sekisho-catalog-timeline = Events in the order of time
cli-sekisho-catalog-timeline--releases = Add releases of models
cli-sekisho-catalog-timeline--from = From this date (year, month or day)
cli-sekisho-catalog-timeline--to = To this date (year, month or day)
cli-sekisho-catalog-products = Products and services
cli-sekisho-catalog-products--product = Id or name of the product
cli-sekisho-catalog-gpus = Figures of GPUs
cli-sekisho-catalog-sources = Sources; the survey's reference numbers work too (R52)
cli-sekisho-catalog-sources--source = Id, name or reference number of a source
cli-sekisho-catalog-facts = Facts of the survey report
cli-sekisho-catalog-facts--word = Word in subject, field or value
cli-sekisho-catalog-facts--status = Verification status (such as conflict)
cli-sekisho-catalog-facts--kind = Kind of value (such as estimate)
cli-sekisho-catalog-facts--line = Line of the survey
cli-sekisho-catalog-facts--cites = Reference number it cites (such as R52)
cli-sekisho-catalog-fact = Show facts by number, with every claim that stands beside them
cli-sekisho-catalog-fact--numbers = Fact numbers (such as F213)
cli-sekisho-catalog-check = Show every problem of the data files
cli-sekisho-catalog-export = Write everything to a file
cli-sekisho-catalog-export--format = Format (json, csv, xlsx, html, md)
cli-sekisho-catalog-export--out = File to write (stdout without it)
cli-sekisho-report = Regenerate the survey report from the data
cli-sekisho-report--format = Format (html, md; html by default)
cli-sekisho-report--out = File to write (stdout without it)
cli-sekisho-completions = Print shell completions
cli-sekisho-completions--shell = Shell (bash, elvish, fish, powershell, zsh)
cli-sekisho--lang = Language (ja, en; ja by default; environment variable SEKISHO_LANG)
cli-sekisho--json = Print the result as JSON
cli-sekisho--catalog = Folder with the organisation's own facts to lay over the catalog

cli-usage = Usage
cli-commands = Commands
cli-options = Options
cli-arguments = Arguments
cli-help = Show this help
cli-version = Show the version

## Errors
cli-cause = cause
cli-error-subcommand = there is no command "{ $name }"
cli-error-argument = there is no option "{ $name }"
cli-error-missing = { $name } must be given
cli-error-value = { $name } cannot be "{ $value }"
cli-error-usage = the options do not hold together
cli-hint-suggested = did you mean: { $words }
cli-hint-allowed = allowed words: { $words }
cli-hint-help = `--help` shows how to call it
cli-stdout-failed = cannot write to stdout
cli-unwritable = cannot write { $file }
cli-hint-unwritable = name a place that can be written with `--out`
cli-written = wrote { $file }
cli-no-such-entry = { $class }: nothing is called "{ $wanted }"
cli-several-entries = { $class }: several could be meant by "{ $wanted }"
cli-hint-candidates = near: { $ids }
cli-hint-list = find the id in a list such as `sekisho catalog models`
cli-bad-count = { $flag }: "{ $value }" is not a number
cli-bad-character = "{ $character }" does not belong in a number
cli-hint-count = write 10B, 1.5B, 32k or 8192
cli-bad-word = { $flag } cannot be "{ $value }"
