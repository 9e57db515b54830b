//! What a rule says of itself: to people, to taxonomies, and to its own tests.

use crate::datafile::{ProblemKind, Reader, Table};

/// A rule as its data file describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleCard {
    /// For example `injection/ignore-ja`; what [`crate::Span::rule`] says.
    pub id: String,
    /// Why the rule is there, Japanese.
    pub why_ja: String,
    /// Why the rule is there, English.
    pub why_en: String,
    /// Entries of taxonomies with their edition, for example `owasp-llm:2026:LLM01`.
    pub taxonomy: Vec<String>,
    /// Texts in which the rule must find something.
    pub hits: Vec<String>,
    /// Texts in which it must not, at a confidence of 0.5 or more.
    pub benign: Vec<String>,
}

impl RuleCard {
    /// Takes the common keys out of the table of one rule. Its id begins with one of `prefixes`.
    pub(crate) fn read(reader: &mut Reader, table: &mut Table<'_>, prefixes: &[&str]) -> Self {
        Self::read_titled(reader, table, "why", prefixes)
    }

    /// The same where the reason is called otherwise.
    pub(crate) fn read_titled(
        reader: &mut Reader,
        table: &mut Table<'_>,
        title: &str,
        prefixes: &[&str],
    ) -> Self {
        let id = table.required_text(reader, "id");
        let name = prefixes.iter().find_map(|prefix| id.text.strip_prefix(prefix)).unwrap_or_default();
        let is_name = |character: char| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
        };
        if !id.text.is_empty() && (name.is_empty() || !name.chars().all(is_name)) {
            let allowed = format!("{}[a-z0-9-]+", prefixes.join("|"));
            reader
                .note(id.at, ProblemKind::BadValue { key: "id".to_owned(), found: id.text.clone(), allowed });
        }
        let (mut why_ja, mut why_en) = (String::new(), String::new());
        match table.table(reader, title) {
            None => reader.note(table.span.start, ProblemKind::MissingKey { key: title.to_owned() }),
            Some(mut why) => {
                why_ja = why.required_text(reader, "ja").text;
                why_en = why.required_text(reader, "en").text;
                why.finish(reader);
            }
        }
        let mut texts = |key| table.texts(reader, key).into_iter().map(|placed| placed.text).collect();
        Self {
            id: id.text,
            why_ja,
            why_en,
            taxonomy: texts("taxonomy"),
            hits: texts("hits"),
            benign: texts("benign"),
        }
    }
}

/// A test in a data file that its rule does not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTest {
    /// The rule.
    pub rule: String,
    /// The text that was tried.
    pub text: String,
    /// Whether the rule should have found something.
    pub expected_hit: bool,
}

/// Holds a detector to the tests of its own cards.
pub(crate) fn failed_tests(detector: &dyn crate::Detector, cards: &[&RuleCard]) -> Vec<FailedTest> {
    let mut failed = Vec::new();
    for card in cards {
        let tests =
            card.hits.iter().map(|text| (text, true)).chain(card.benign.iter().map(|text| (text, false)));
        for (text, expected_hit) in tests {
            let finds =
                spans_of(detector, text).iter().any(|span| span.rule == card.id && span.confidence >= 0.5);
            if finds != expected_hit {
                failed.push(FailedTest { rule: card.id.clone(), text: text.clone(), expected_hit });
            }
        }
    }
    failed
}

/// All spans of one whole text; none when the detector cannot judge.
pub(crate) fn spans_of(detector: &dyn crate::Detector, text: &str) -> Vec<crate::Span> {
    let normal = sekisho_text::normal::Normal::of(text);
    let table = crate::table::Tracker::default();
    let view = crate::View { original: text, normal: &normal, at_start: true, at_end: true, table: &table };
    let mut spans = Vec::new();
    if detector.detect(&view, &mut spans).is_err() {
        spans.clear();
    }
    spans
}
