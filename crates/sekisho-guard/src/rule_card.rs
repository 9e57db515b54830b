//! What a rule says of itself: to people, to taxonomies, and to its own tests.

use crate::{
    Detector, Problem, Span, View, Words,
    detector::SURE_FROM,
    file::{Ids, Item, ProblemKind, Reader, Table},
};

/// Most tests of one kind in one rule.
const TESTS_MAX: usize = 200;
/// Longest text of a test, in characters.
const TEST_CHARS_MAX: usize = 4_000;
/// Longest id, in characters.
const ID_CHARS_MAX: usize = 100;
/// Longest file of rules of a detector.
pub(crate) const FILE_BYTES_MAX: usize = 4 << 20;

/// A rule as its data file describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleCard {
    /// For example `injection/ignore-ja`; what [`Span::rule`] says.
    pub id: String,
    /// Why the rule is there; for a topic, what it is called.
    pub why: Words,
    /// Entries of taxonomies with their edition, for example `owasp-llm:2026:LLM01`.
    pub taxonomy: Vec<String>,
    /// Its own tests.
    pub tests: Vec<CardTest>,
}

/// A text in which a rule must find something that it is sure of ([`SURE_FROM`](crate::SURE_FROM)), or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardTest {
    /// The text.
    pub text: String,
    /// Whether the rule must find something.
    pub is_hit: bool,
    line: usize,
    path: String,
}

/// Reads cards, and notes ids that come twice.
#[derive(Default)]
pub(crate) struct Cards {
    ids: Ids,
}

impl Cards {
    /// Takes the common keys out of the table of one rule. Its id begins with one of `prefixes`; `why` is the key of the
    /// reason.
    pub(crate) fn read(
        &mut self,
        reader: &mut Reader,
        table: &mut Table<'_>,
        prefixes: &[&str],
        why: &'static str,
    ) -> RuleCard {
        let id = table.need(reader, "id").and_then(|value| value.item(reader, ID_CHARS_MAX));
        let id = id.and_then(|id| self.id(reader, id, prefixes)).unwrap_or_default();
        let why = table.words(reader, why);
        let taxonomy = table.taxonomy(reader);
        let mut tests = Vec::new();
        for (key, is_hit) in [("hits", true), ("benign", false)] {
            let texts = table.take(key).map(|value| value.texts(reader, TESTS_MAX, TEST_CHARS_MAX));
            for Item { text, path, at } in texts.unwrap_or_default() {
                tests.push(CardTest { text, is_hit, line: reader.line(at), path });
            }
        }
        RuleCard { id, why, taxonomy, tests }
    }

    fn id(&mut self, reader: &mut Reader, id: Item, prefixes: &[&str]) -> Option<String> {
        let Some(name) = prefixes.iter().find_map(|prefix| id.text.strip_prefix(prefix)) else {
            let allowed = prefixes.iter().map(|prefix| format!("{prefix}…")).collect();
            reader.note(id.at, &id.path, ProblemKind::NotOneOf { found: id.text, allowed });
            return None;
        };
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(fits) {
            reader.note(id.at, &id.path, ProblemKind::BadId { found: id.text });
            return None;
        }
        self.ids.take(reader, &id);
        Some(id.text)
    }
}

/// Holds a detector to the tests of its own cards; tells those that came out differently.
pub(crate) fn failed_tests<'a>(
    detector: &dyn Detector,
    cards: impl Iterator<Item = &'a RuleCard>,
) -> Vec<Problem> {
    let mut failed = Vec::new();
    for card in cards {
        for CardTest { text, is_hit, line, path } in &card.tests {
            let is_hit_of_rule = |span: &Span| span.rule == card.id && span.confidence >= SURE_FROM;
            if spans_of(detector, text).iter().any(is_hit_of_rule) != *is_hit {
                let outcome = |is_hit| if is_hit { "hit" } else { "no hit" }.to_owned();
                let (expected, found) = (outcome(*is_hit), outcome(!is_hit));
                let kind = ProblemKind::TestFailed { rule: card.id.clone(), expected, found };
                failed.push(Problem { line: *line, path: path.clone(), kind });
            }
        }
    }
    failed
}

/// All spans of one whole text; none when the detector cannot judge.
pub(crate) fn spans_of(detector: &dyn Detector, text: &str) -> Vec<Span> {
    let normal = sekisho_text::normal::Normal::of(text);
    let table = crate::table::Tracker::default();
    let view = View { original: text, normal: &normal, at_start: true, at_end: true, table: &table, from: 0 };
    let mut spans = Vec::new();
    if detector.look(&view, &mut spans).is_err() {
        spans.clear();
    }
    spans
}
