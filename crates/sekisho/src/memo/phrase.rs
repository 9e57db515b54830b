//! The facts of a decision as people read them; shared by terminal, HTML and DOCX, so that all three say the same.

use sekisho_base::Known;
use sekisho_catalog::{
    Catalog, Class,
    plan::choose::{
        AdmissibleRange, Basis, Benchmark, Decision, End, Failure, Flip, Observation, ObservedValue,
        Question, RangeOrigin, Reading, Share, Why,
        requirements::{Axis, Constraint, Criterion, Goal, Interval, Measure, Requirements, Test, Weight},
    },
};
use sekisho_text::numeral;

use crate::{
    show,
    words::{Lang, Words},
};

/// Id of the source of what was computed from other facts.
const DERIVATION: &str = "derivation";

/// First-rank shares nearer than this are called close.
const CLOSE: f64 = 0.1;

/// Words for one decision.
pub(crate) struct Phrases<'a> {
    pub(crate) words: &'a Words,
    catalog: &'a Catalog,
}

impl<'a> Phrases<'a> {
    pub(crate) fn new(words: &'a Words, catalog: &'a Catalog) -> Self {
        Self { words, catalog }
    }

    pub(crate) fn t(&self, key: &str) -> String {
        self.words.t(key)
    }

    pub(crate) fn f(&self, key: &str, args: &[(&str, &str)]) -> String {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, (*value).to_owned().into())).collect();
        self.words.f(key, &args)
    }

    /// Name of a model of the catalog; its id where the catalog has none.
    pub(crate) fn model(&self, id: &str) -> String {
        let known = self.catalog.get(Class::Model, id);
        known.map_or_else(|| id.to_owned(), |model| self.words.pick(&model.name).to_owned())
    }

    /// `2026年4月1日`, with the year of the era where the memo is Japanese.
    pub(crate) fn date(&self, iso: &str) -> String {
        let parts: Vec<u32> = iso.split('-').filter_map(|part| part.parse().ok()).collect();
        let [year, month, day] = parts[..] else { return iso.to_owned() };
        if self.words.lang == Lang::En {
            return iso.to_owned();
        }
        // 令和 began on 1 May 2019.
        if (year, month) < (2019, 5) {
            return format!("{year}年{month}月{day}日");
        }
        let era = if year == 2019 { "元".to_owned() } else { (year - 2018).to_string() };
        format!("{year}年（令和{era}年）{month}月{day}日")
    }

    /// Who asks, and when.
    pub(crate) fn made_by(&self, requirements: &Requirements) -> String {
        let Requirements { organisation, author, date, .. } = requirements;
        let date = self.date(date);
        self.f("choose-made-by", &[("organisation", organisation), ("author", author), ("date", &date)])
    }

    pub(crate) fn axis(&self, axis: Axis) -> String {
        self.t(match axis {
            Axis::Sovereignty => "choose-axis-sovereignty",
            Axis::Performance => "choose-axis-performance",
            Axis::Cost => "choose-axis-cost",
            Axis::Control => "choose-axis-control",
        })
    }

    pub(crate) fn field(&self, name: &str) -> String {
        field_name(self.words, name)
    }

    pub(crate) fn code(&self, field: &str, code: &str) -> String {
        code_name(self.words, field, code)
    }

    /// Name of a code that a criterion orders.
    pub(crate) fn code_of(&self, criterion: &Criterion, code: &str) -> String {
        self.code(field_of(&criterion.measure), code)
    }

    fn codes(&self, field: &str, codes: &[String]) -> String {
        codes.iter().map(|code| self.code(field, code)).collect::<Vec<_>>().join(&self.t("choose-comma"))
    }

    /// A number of a field with its unit.
    pub(crate) fn number(&self, field: &str, number: f64) -> String {
        let shown = match field {
            "params_total" | "params_active" if number >= 1e6 => show::parameters(number as u64),
            "release_year" => format!("{number}"),
            // Sizes are bounds; a tenth of a gigabyte is finer than they are known.
            "weights_gb_q4" | "weights_gb_8bit" => plain((number * 10.0).round() / 10.0),
            _ => plain(number),
        };
        self.f(&format!("choose-number-{}", field.replace('_', "-")), &[("number", &shown)])
    }

    pub(crate) fn measured(&self, measure: &Measure, number: f64) -> String {
        match measure {
            Measure::Field(field) => self.number(field, number),
            Measure::Benchmark(_) => plain(number),
        }
    }

    pub(crate) fn span(&self, measure: &Measure, low: f64, high: f64) -> String {
        self.between(&self.measured(measure, low), &self.measured(measure, high))
    }

    fn between(&self, low: &str, high: &str) -> String {
        self.f("choose-between", &[("low", low), ("high", high)])
    }

    fn claim(&self, field: &str, claim: &ObservedValue) -> String {
        match &claim.value {
            Observation::Number(number) => self.number(field, *number),
            Observation::Range(low, high) => {
                self.between(&self.number(field, *low), &self.number(field, *high))
            }
            Observation::Codes(codes) => self.codes(field, codes),
        }
    }

    /// Claims that stand side by side; 未指定 when there are none.
    pub(crate) fn claims(&self, field: &str, claims: &[ObservedValue]) -> String {
        let shown = claims.iter().map(|claim| {
            let value = self.claim(field, claim);
            let derived = claim.sources.iter().any(|source| source == DERIVATION);
            if derived { self.f("choose-derived", &[("value", &value)]) } else { value }
        });
        let shown: Vec<_> = shown.collect();
        if shown.is_empty() { self.t("undisclosed") } else { shown.join(" / ") }
    }

    /// What a constraint asks for, as one clause.
    pub(crate) fn constraint(&self, constraint: &Constraint) -> String {
        let field = self.field(&constraint.field);
        let (key, value) = match &constraint.test {
            Test::Is(code) => ("choose-test-is", self.code(&constraint.field, code)),
            Test::AnyOf(codes) => ("choose-test-any-of", self.codes(&constraint.field, codes)),
            Test::Not(codes) => ("choose-test-not", self.codes(&constraint.field, codes)),
            Test::AtLeast(bound) => ("choose-test-at-least", self.number(&constraint.field, *bound)),
            Test::AtMost(bound) => ("choose-test-at-most", self.number(&constraint.field, *bound)),
        };
        self.f(key, &[("field", &field), ("value", &value)])
    }

    /// The constraint of that id in words.
    pub(crate) fn constraint_of(&self, decision: &Decision, id: &str) -> String {
        let found = decision.requirements.constraints.iter().find(|constraint| constraint.id == id);
        found.map_or_else(|| id.to_owned(), |constraint| self.constraint(constraint))
    }

    pub(crate) fn failure(&self, requirements: &Requirements, failure: &Failure) -> String {
        let known = requirements.constraints.iter().find(|constraint| constraint.id == failure.constraint);
        let asked =
            known.map_or_else(|| failure.constraint.clone(), |constraint| self.constraint(constraint));
        let found = self.claims(&failure.field, &failure.found);
        self.f("choose-failure", &[("asked", &asked), ("found", &found)])
    }

    /// What to ask the vendor, and why it is asked.
    pub(crate) fn question(&self, decision: &Decision, question: &Question) -> String {
        let asked = self.constraint_of(decision, &question.constraint);
        if question.found.is_empty() {
            return self.f("choose-question-silent", &[("asked", &asked)]);
        }
        let found = self.claims(&question.field, &question.found);
        self.f("choose-question-open", &[("asked", &asked), ("found", &found)])
    }

    fn benchmark_name(&self, id: &str) -> String {
        let known = self.catalog.get(Class::Benchmark, id);
        known.map_or_else(|| id.to_owned(), |known| self.words.pick(&known.name).to_owned())
    }

    pub(crate) fn benchmark(&self, benchmark: &Benchmark) -> String {
        let word = |known: &Known<String>| known.clone().value().unwrap_or_else(|| self.t("undisclosed"));
        let part = match word(&benchmark.part) {
            part if part == "overall" => self.t("choose-part-overall"),
            part => part,
        };
        let name = self.benchmark_name(&benchmark.benchmark);
        self.f(
            "choose-benchmark",
            &[
                ("name", &name),
                ("part", &part),
                ("scale", &benchmark.scale),
                ("version", &word(&benchmark.version)),
            ],
        )
    }

    pub(crate) fn measure(&self, measure: &Measure) -> String {
        match measure {
            Measure::Field(field) => self.field(field),
            Measure::Benchmark(benchmark) => self.benchmark(benchmark),
        }
    }

    pub(crate) fn goal(&self, criterion: &Criterion) -> String {
        match &criterion.goal {
            Goal::Max => self.t("choose-goal-max"),
            Goal::Min => self.t("choose-goal-min"),
            Goal::Order(order) => {
                let order: Vec<_> =
                    order.iter().map(|code| self.code(field_of(&criterion.measure), code)).collect();
                self.f("choose-goal-order", &[("order", &order.join(" > "))])
            }
        }
    }

    pub(crate) fn weight(&self, weight: Weight) -> String {
        match weight {
            Weight::Free => self.t("choose-weight-free"),
            Weight::Rank(rank) => self.f("choose-weight-rank", &[("rank", &rank.to_string())]),
            Weight::Between(Interval { low, high }) if low == high => format!("{}%", plain(low * 100.0)),
            Weight::Between(Interval { low, high }) => {
                self.between(&plain(low * 100.0), &format!("{}%", plain(high * 100.0)))
            }
        }
    }

    /// The admissible range and where its ends come from.
    pub(crate) fn range(&self, criterion: &Criterion, range: &AdmissibleRange) -> String {
        let origin = self.t(match range.origin {
            RangeOrigin::File => "choose-range-file",
            RangeOrigin::Scale => "choose-range-scale",
            RangeOrigin::Spread => "choose-range-spread",
            RangeOrigin::Order => "choose-range-order",
            RangeOrigin::Nothing => "choose-range-nothing",
        });
        match range.ends {
            Known::Value(ends) => {
                let ends = self.span(&criterion.measure, ends.low, ends.high);
                self.f("choose-range", &[("ends", &ends), ("origin", &origin)])
            }
            Known::Undisclosed => origin,
        }
    }

    /// What is known of one candidate on one criterion; what is not known to a point carries a mark.
    pub(crate) fn reading(&self, criterion: &Criterion, reading: &Reading) -> String {
        match &reading.basis {
            Basis::Exact(number) if reading.beyond_range => {
                self.f("choose-reading-beyond", &[("value", &self.measured(&criterion.measure, *number))])
            }
            Basis::Exact(number) => self.measured(&criterion.measure, *number),
            Basis::Range { low, high, claims } => {
                let span = self.span(&criterion.measure, *low, *high);
                let key = if *claims > 1 { "choose-reading-disagree" } else { "choose-reading-range" };
                self.f(key, &[("value", &span)])
            }
            Basis::Code(code) => self.code(field_of(&criterion.measure), code),
            Basis::OneOf(codes) => {
                let codes = self.codes(field_of(&criterion.measure), codes);
                self.f("choose-reading-one-of", &[("value", &codes)])
            }
            Basis::Unknown(Why::Undisclosed) => self.t("choose-reading-undisclosed"),
            Basis::Unknown(Why::NotComparable(others)) => {
                let others: Vec<_> = others.iter().map(|other| self.benchmark(other)).collect();
                self.f("choose-reading-not-comparable", &[("others", &others.join(" / "))])
            }
            Basis::Unknown(Why::Unusable) => self.t("choose-reading-unusable"),
        }
    }

    /// Name of a criterion by its id.
    pub(crate) fn criterion(&self, decision: &Decision, id: &str) -> String {
        let found = decision.requirements.criteria.iter().find(|criterion| criterion.id == id);
        found.map_or_else(|| id.to_owned(), |criterion| self.measure(&criterion.measure))
    }

    /// What would happen if one unknown were at one end.
    pub(crate) fn flip(&self, decision: &Decision, flip: &Flip) -> String {
        let found = decision.requirements.criteria.iter().find(|criterion| criterion.id == flip.criterion);
        let value = match (&flip.value, found) {
            (End::Number(number), Some(criterion)) => self.measured(&criterion.measure, *number),
            (End::Number(number), None) => plain(*number),
            (End::Code(code), known) => {
                self.code(known.map_or("", |criterion| field_of(&criterion.measure)), code)
            }
            (End::Unstated, _) => self.t(if flip.best_end { "choose-end-best" } else { "choose-end-worst" }),
        };
        let key = if flip.changes_winner { "choose-flip-changes" } else { "choose-flip-keeps" };
        self.f(
            key,
            &[
                ("model", &self.model(&flip.candidate)),
                ("criterion", &self.criterion(decision, &flip.criterion)),
                ("value", &value),
                ("winner", &self.model(&flip.winner)),
                ("share", &percent(flip.winner_first.share)),
            ],
        )
    }

    /// Who comes first, and how surely; two that are close are both named.
    pub(crate) fn finding(&self, decision: &Decision) -> String {
        let Some(first) = decision.ranking.first() else { return String::new() };
        let model = self.model(&first.candidate);
        let own = percent(first.first.share);
        match decision.ranking.get(1) {
            Some(second) if first.first.share - second.first.share < CLOSE => {
                let (name, share) = (self.model(&second.candidate), percent(second.first.share));
                self.f(
                    "memo-finding-close",
                    &[("model", &model), ("share", &own), ("second", &name), ("second_share", &share)],
                )
            }
            _ => self.f("memo-finding", &[("model", &model), ("share", &own)]),
        }
    }

    pub(crate) fn candidates_count(&self, decision: &Decision) -> String {
        let (left, out) = (decision.survivors.len(), decision.excluded.len());
        let [all, left, out] = [left + out, left, out].map(|count| count.to_string());
        self.f("memo-candidates-count", &[("all", &all), ("left", &left), ("out", &out)])
    }

    /// What the result rests on besides ranges and weights, as pairs of name and value.
    pub(crate) fn premises(&self, decision: &Decision) -> Vec<(String, String)> {
        let benchmarks = decision.benchmarks.iter().map(|used| {
            let count = used.scored_candidates.to_string();
            let name = self.benchmark_name(&used.benchmark);
            self.f("memo-benchmarks-row", &[("benchmark", &name), ("count", &count)])
        });
        let benchmarks: Vec<_> = benchmarks.collect();
        let benchmarks = if benchmarks.is_empty() {
            self.t("memo-benchmarks-none")
        } else {
            let used = benchmarks.join(&self.t("choose-comma"));
            format!("{used} {}", self.t("memo-no-conversion"))
        };
        vec![
            (self.t("memo-method"), self.t("memo-method-text")),
            (self.t("memo-seed"), decision.seed.to_string()),
            (self.t("memo-draws"), numeral::group(&decision.draws.to_string())),
            (self.t("memo-benchmarks"), benchmarks),
        ]
    }

    /// Name of a source and where it is.
    pub(crate) fn source(&self, id: &str) -> (String, Option<String>) {
        if id == DERIVATION {
            return (self.t("memo-derivation"), None);
        }
        let Some(source) = self.catalog.get(Class::Source, id) else { return (id.to_owned(), None) };
        // An organisation's own files may hold any address; only what a browser fetches becomes a link.
        let url = source.url.clone().filter(|url| url.starts_with("https://") || url.starts_with("http://"));
        (self.words.pick(&source.name).to_owned(), url)
    }
}

/// Name of a field that requirements may ask for.
pub(crate) fn field_name(words: &Words, name: &str) -> String {
    words.t(&format!("choose-field-{}", name.replace('_', "-")))
}

/// Name of a code; some fields have names of their own for it.
pub(crate) fn code_name(words: &Words, field: &str, code: &str) -> String {
    let own = format!("choose-code-{field}-{code}").replace('_', "-");
    let shared = format!("choose-code-{code}").replace('_', "-");
    words.t(if words.has(&own) { &own } else { &shared })
}

/// The field whose codes a criterion speaks of.
fn field_of(measure: &Measure) -> &str {
    match measure {
        Measure::Field(field) => field,
        Measure::Benchmark(_) => "",
    }
}

/// `1,234.5`: grouped, at most three places.
pub(crate) fn plain(number: f64) -> String {
    let text = format!("{number:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    match text.split_once('.') {
        Some((whole, part)) => format!("{sign}{}.{part}", numeral::group(whole)),
        None => format!("{sign}{}", numeral::group(text)),
    }
}

/// `62.1%`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// `62.1% ±0.5`.
pub(crate) fn share(share: Share) -> String {
    format!("{} ±{:.1}", percent(share.share), share.standard_error * 100.0)
}

/// A bar of eighth blocks; anything above nothing shows at least a sliver.
pub(crate) fn blocks(share: f64, columns: usize) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (columns * 8) as f64).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    format!("{}{part}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::{blocks, plain};

    #[test]
    fn numbers_and_bars_read_well() {
        assert_eq!(plain(32768.0), "32,768");
        assert_eq!(plain(-1234.5), "-1,234.5");
        assert_eq!(plain(0.75), "0.75");
        assert_eq!(blocks(0.5, 10), "█████");
        assert_eq!(blocks(0.0001, 10), "▏");
        assert_eq!(blocks(0.0, 10), "");
    }
}
