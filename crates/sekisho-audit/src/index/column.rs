//! The words of a record that can be searched for.

use std::sync::Arc;

use crate::record::{Close, Event, Open, Verdict};

/// A searchable member. The number is its place in a block file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Column {
    Principal,
    Tenant,
    Purpose,
    Scheme,
    Label,
    AnswerLabel,
    Model,
    Upstream,
    Verdict,
    AnswerVerdict,
    Outcome,
    Code,
    Event,
    /// The list of rules as one word, each rule ended by [`RULE_END`].
    Rules,
}

/// How many there are.
pub(crate) const COLUMNS: usize = 14;
/// Stands behind each rule in the word of [`Column::Rules`]; a rule has no control characters.
pub(crate) const RULE_END: char = '\u{1f}';

/// The words of one record, one for each column at most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Words([Option<Arc<str>>; COLUMNS]);

impl Words {
    pub(crate) fn get(&self, column: usize) -> Option<&Arc<str>> {
        self.0[column].as_ref()
    }

    pub(crate) fn set(&mut self, column: usize, word: Option<&str>) {
        self.0[column] = word.map(Arc::from);
    }

    /// Who asked.
    pub(crate) fn principal(&self) -> Option<String> {
        self.get(Column::Principal as usize).map(ToString::to_string)
    }

    /// For whom it counts.
    pub(crate) fn tenant(&self) -> Option<String> {
        self.get(Column::Tenant as usize).map(ToString::to_string)
    }

    fn put(&mut self, column: Column, word: Option<&str>) {
        if word.is_some() {
            self.set(column as usize, word);
        }
    }

    /// The words that are known when a request comes.
    pub(crate) fn of_open(open: &Open) -> Self {
        let mut words = Self::default();
        words.put(Column::Principal, Some(&open.principal));
        words.put(Column::Tenant, open.tenant.as_deref());
        words.put(Column::Purpose, open.purpose.as_deref());
        words.put(Column::Scheme, open.scheme.as_deref());
        words.put(Column::Label, open.label.as_deref());
        words.put(Column::Model, open.model.as_deref());
        words.put(Column::Upstream, open.upstream.as_deref());
        words.put(Column::Verdict, open.verdict.map(Verdict::as_str));
        words.add_rules(&open.rules);
        words
    }

    /// The words that are known when it ends.
    pub(crate) fn of_close(close: &Close) -> Self {
        let mut words = Self::default();
        words.put(Column::Principal, close.principal.as_deref());
        words.put(Column::Tenant, close.tenant.as_deref());
        words.put(Column::AnswerLabel, close.label.as_deref());
        words.put(Column::AnswerVerdict, close.verdict.map(Verdict::as_str));
        words.put(Column::Outcome, Some(close.outcome.as_str()));
        words.put(Column::Code, close.code.as_deref());
        words.add_rules(&close.rules);
        words
    }

    /// Lays the words of a close over those of its open.
    pub(crate) fn merge(&mut self, close: Self) {
        for (at, word) in close.0.into_iter().enumerate() {
            match word {
                Some(word) if at == Column::Rules as usize => {
                    self.add_rules(&word.split_terminator(RULE_END).map(str::to_owned).collect::<Vec<_>>());
                }
                Some(word) => self.0[at] = Some(word),
                None => {}
            }
        }
    }

    pub(crate) fn of_event(event: &Event) -> Self {
        let mut words = Self::default();
        words.put(Column::Principal, Some(&event.principal));
        words.put(Column::Tenant, event.tenant.as_deref());
        words.put(Column::Event, Some(&event.event));
        words
    }

    fn add_rules(&mut self, rules: &[String]) {
        let before = self.get(Column::Rules as usize).map_or("", |word| word);
        let mut all: Vec<&str> = before.split_terminator(RULE_END).collect();
        for rule in rules {
            if !all.contains(&rule.as_str()) {
                all.push(rule);
            }
        }
        let word: String = all.iter().flat_map(|rule| [rule, "\u{1f}"]).collect();
        self.set(Column::Rules as usize, (!word.is_empty()).then_some(&word));
    }
}
