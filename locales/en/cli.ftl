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
