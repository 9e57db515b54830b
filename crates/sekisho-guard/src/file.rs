//! Taking a TOML file apart key by key, so that every mistake in it is found, not only the first.

use std::{collections::BTreeMap, ops::Range};

use serde::Serialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Problems that are listed at most; whoever mends a file so broken runs it again.
pub const PROBLEMS_MAX: usize = 200;

/// Something wrong in a file: where, and what. The edge puts it into words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// Counted from 1.
    pub line: usize,
    /// The key as a path, `rule[2].label.at_most`.
    pub path: String,
    /// What is wrong.
    #[serde(flatten)]
    pub kind: ProblemKind,
}

/// What can be wrong in a file of labels or rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum ProblemKind {
    /// The file is longer than is read.
    TooLong { bytes_max: usize },
    /// Not TOML.
    Syntax { message: String },
    /// A key that means nothing here.
    UnknownKey { known: Vec<&'static str> },
    /// A key that must be there.
    Missing,
    /// A text or list that says nothing.
    Empty,
    /// A text that is too long.
    TooManyChars { chars_max: usize },
    /// A list that is too long.
    TooMany { max: usize },
    /// A value of another type.
    WrongType { expected: &'static str, found: &'static str },
    /// A number outside its bounds.
    OutOfBounds { low: f64, high: f64 },
    /// A word outside the list that is allowed here.
    NotOneOf { found: String, allowed: Vec<String> },
    /// The same id, or two spellings of the same label.
    Duplicate { found: String, first_line: usize },
    /// An id of other characters than small letters, digits and hyphens.
    BadId { found: String },
    /// A taxonomy id that is not `name:edition:id`.
    BadTaxonomy { found: String },
    /// A word of which nothing is left to look for, or which is too long, or whose braces do not pair.
    BadWord { found: String },
    /// No pattern of classes of words and gaps.
    BadPattern { found: String },
    /// A class of words that the file does not define.
    NoSuchWords { found: String },
    /// No label of this scheme, and no named point.
    NoSuchLabel { found: String },
    /// The file is written for another scheme of labels.
    OtherScheme { found: String, scheme: String },
    /// Conditions under which no label is left.
    NoLabelLeft,
    /// The key has no meaning beside the action or key that stands there.
    Pointless { beside: &'static str },
    /// A rule that exempts must say what: kinds, detectors or texts.
    ExemptsAll,
    /// A test of a rule came out differently.
    TestFailed { rule: String, expected: String, found: String },
    /// A test of a rule came out as expected, but the rule it stands in took no part.
    TestWithoutRule { rule: String },
    /// A test of a rule could not be run.
    TestUnavailable { rule: String, detector: String },
}

/// Positions of the file, and what was found wrong so far.
pub(crate) struct Reader {
    line_starts: Vec<usize>,
    problems: Vec<Problem>,
}

impl Reader {
    /// The tree of `text` with its reader; a text that is too long gives an empty tree and one problem.
    pub(crate) fn open(text: &str, bytes_max: usize) -> (Self, Table<'_>) {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut reader = Self { line_starts, problems: Vec::new() };
        if text.len() > bytes_max {
            reader.note(0, "", ProblemKind::TooLong { bytes_max });
            return (reader, Table::new(Spanned::new(0..0, DeTable::new()), String::new()));
        }
        let (tree, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            reader.note(at, "", ProblemKind::Syntax { message: error.message().to_owned() });
        }
        (reader, Table::new(tree, String::new()))
    }

    pub(crate) fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    pub(crate) fn note(&mut self, at: usize, path: &str, kind: ProblemKind) {
        // Of a file that was not read, nothing else is known.
        let unread = matches!(self.problems.first(), Some(Problem { kind: ProblemKind::TooLong { .. }, .. }));
        if self.problems.len() < PROBLEMS_MAX && !unread {
            self.problems.push(Problem { line: self.line(at), path: path.to_owned(), kind });
        }
    }

    pub(crate) fn problem_count(&self) -> usize {
        self.problems.len()
    }

    /// Everything found, by line.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by(|one, other| (one.line, &one.path).cmp(&(other.line, &other.path)));
        self.problems.dedup();
        self.problems
    }
}

/// Ids of a list, of which each may come once.
#[derive(Default)]
pub(crate) struct Ids {
    /// Each with its line.
    taken: BTreeMap<String, usize>,
}

impl Ids {
    /// Takes an id, and notes one that was there before. One that is no id ([`Table::id`]) is none.
    pub(crate) fn take(&mut self, reader: &mut Reader, id: &Item) {
        if id.text.is_empty() {
            return;
        }
        match self.taken.get(&id.text) {
            Some(&first_line) => {
                let found = id.text.clone();
                reader.note(id.at, &id.path, ProblemKind::Duplicate { found, first_line });
            }
            None => drop(self.taken.insert(id.text.clone(), reader.line(id.at))),
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Words {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// One table; what nobody asked for by the end was unknown.
pub(crate) struct Table<'t> {
    entries: DeTable<'t>,
    pub(crate) path: String,
    pub(crate) at: usize,
    asked: Vec<&'static str>,
}

/// One value and where it stands.
pub(crate) struct Value<'t> {
    inner: DeValue<'t>,
    pub(crate) path: String,
    pub(crate) at: usize,
}

/// One text of a list and where it stands.
pub(crate) struct Item {
    pub(crate) text: String,
    pub(crate) path: String,
    pub(crate) at: usize,
}

impl<'t> Table<'t> {
    fn new(entries: Spanned<DeTable<'t>>, path: String) -> Self {
        let Range { start: at, .. } = entries.span();
        Self { entries: entries.into_inner(), path, at, asked: Vec::new() }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of an optional key.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Value<'t>> {
        self.asked.push(key);
        let found = self.entries.keys().find(|candidate| candidate.get_ref() == key).cloned()?;
        let value = self.entries.remove(&found)?;
        let at = value.span().start;
        Some(Value { inner: value.into_inner(), path: self.path_of(key), at })
    }

    /// The value of a key that must be there.
    pub(crate) fn need(&mut self, reader: &mut Reader, key: &'static str) -> Option<Value<'t>> {
        let found = self.take(key);
        if found.is_none() {
            reader.note(self.at, &self.path_of(key), ProblemKind::Missing);
        }
        found
    }

    /// Every key that is left with its value: a table whose keys are free.
    pub(crate) fn values_by_key(mut self) -> Vec<(String, Value<'t>)> {
        let entries = std::mem::take(&mut self.entries);
        let read = entries.into_iter().map(|(key, value)| {
            let path = self.path_of(key.get_ref());
            let value = Value { at: value.span().start, inner: value.into_inner(), path };
            (key.get_ref().to_string(), value)
        });
        read.collect()
    }

    /// Every key that is left, as texts.
    pub(crate) fn texts_by_key(self, reader: &mut Reader, chars_max: usize) -> Vec<(String, Item)> {
        let values = self.values_by_key().into_iter();
        values.filter_map(|(key, value)| Some((key, value.item(reader, chars_max)?))).collect()
    }

    /// Entries of taxonomies under the key `taxonomy`, each with its edition.
    pub(crate) fn taxonomy(&mut self, reader: &mut Reader) -> Vec<String> {
        const TAXONOMY_MAX: usize = 64;
        const TAXONOMY_CHARS_MAX: usize = 100;
        let items = self.take("taxonomy").map(|value| value.texts(reader, TAXONOMY_MAX, TAXONOMY_CHARS_MAX));
        let mut ids = Vec::new();
        for Item { text, path, at } in items.unwrap_or_default() {
            let fits = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            let parts: Vec<&str> = text.split(':').collect();
            // Without its edition the same id means different things: LLM07 of 2025 is not LLM07 of 2026.
            if parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.chars().all(fits)) {
                ids.push(text);
            } else {
                reader.note(at, &path, ProblemKind::BadTaxonomy { found: text });
            }
        }
        ids
    }

    /// `version = 1` (a file of a later shape must not be half understood).
    pub(crate) fn version(&mut self, reader: &mut Reader) {
        self.need(reader, "version").and_then(|value| value.whole(reader, 1, 1));
    }

    /// An id of small letters, digits and hyphens; empty when there is none.
    pub(crate) fn id(&mut self, reader: &mut Reader) -> Item {
        const ID_CHARS_MAX: usize = 64;
        let none = Item { text: String::new(), path: self.path_of("id"), at: self.at };
        let Some(id) = self.need(reader, "id").and_then(|value| value.item(reader, ID_CHARS_MAX)) else {
            return none;
        };
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !id.text.chars().all(fits) {
            reader.note(id.at, &id.path, ProblemKind::BadId { found: id.text });
            return none;
        }
        id
    }

    /// `{ ja = "...", en = "..." }`.
    pub(crate) fn words(&mut self, reader: &mut Reader, key: &'static str) -> Words {
        const WORDS_CHARS_MAX: usize = 2_000;
        let Some(mut table) = self.need(reader, key).and_then(|value| value.table(reader)) else {
            return Words::default();
        };
        let mut text = |key| table.need(reader, key).and_then(|value| value.item(reader, WORDS_CHARS_MAX));
        let (ja, en) = (text("ja"), text("en"));
        table.finish(reader);
        let text = |item: Option<Item>| item.map(|item| item.text).unwrap_or_default();
        Words { ja: text(ja), en: text(en) }
    }

    /// Notes what nobody asked for.
    pub(crate) fn finish(self, reader: &mut Reader) {
        for key in self.entries.keys() {
            let known = self.asked.clone();
            reader.note(key.span().start, &self.path_of(key.get_ref()), ProblemKind::UnknownKey { known });
        }
    }
}

impl<'t> Value<'t> {
    fn wrong<T>(&self, reader: &mut Reader, expected: &'static str) -> Option<T> {
        let found = self.inner.type_str();
        reader.note(self.at, &self.path, ProblemKind::WrongType { expected, found });
        None
    }

    /// A text that says something.
    pub(crate) fn item(self, reader: &mut Reader, chars_max: usize) -> Option<Item> {
        let DeValue::String(text) = &self.inner else { return self.wrong(reader, "string") };
        let kind = if text.trim().is_empty() {
            ProblemKind::Empty
        } else if text.chars().nth(chars_max).is_some() {
            ProblemKind::TooManyChars { chars_max }
        } else {
            return Some(Item { text: text.to_string(), path: self.path, at: self.at });
        };
        reader.note(self.at, &self.path, kind);
        None
    }

    pub(crate) fn flag(self, reader: &mut Reader) -> Option<bool> {
        self.inner.as_bool().or_else(|| self.wrong(reader, "boolean"))
    }

    pub(crate) fn whole(self, reader: &mut Reader, low: u32, high: u32) -> Option<u32> {
        let DeValue::Integer(digits) = &self.inner else { return self.wrong(reader, "whole number") };
        let number = u32::from_str_radix(digits.as_str(), digits.radix()).ok();
        let number = number.filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let kind = ProblemKind::OutOfBounds { low: f64::from(low), high: f64::from(high) };
            reader.note(self.at, &self.path, kind);
        }
        number
    }

    /// A number from 0 to 1, written as integer or float.
    pub(crate) fn share(self, reader: &mut Reader) -> Option<f32> {
        self.number(reader, 0.0, 1.0)
    }

    /// A number between bounds, written as integer or float.
    pub(crate) fn number(self, reader: &mut Reader, low: f32, high: f32) -> Option<f32> {
        let number: Option<f32> = match &self.inner {
            DeValue::Integer(digits) => {
                i32::from_str_radix(digits.as_str(), digits.radix()).ok().map(|number| number as f32)
            }
            DeValue::Float(digits) => digits.as_str().parse().ok(),
            _ => return self.wrong(reader, "number"),
        };
        let number = number.filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let kind = ProblemKind::OutOfBounds { low: low.into(), high: high.into() };
            reader.note(self.at, &self.path, kind);
        }
        number
    }

    /// A calendar date, written without quotes.
    pub(crate) fn date(self, reader: &mut Reader) -> Option<String> {
        let date = self.inner.as_datetime().filter(|date| date.time.is_none() && date.offset.is_none());
        date.and_then(|date| date.date)
            .map(|date| date.to_string())
            .or_else(|| self.wrong(reader, "date without quotes, as in 2026-04-01"))
    }

    /// One word of a closed list.
    pub(crate) fn word<T: Copy>(self, reader: &mut Reader, words: &[(&str, T)]) -> Option<T> {
        const WORD_CHARS_MAX: usize = 64;
        let item = self.item(reader, WORD_CHARS_MAX)?;
        item.word(reader, words)
    }

    /// The elements of an array.
    pub(crate) fn items(self, reader: &mut Reader, max: usize) -> Vec<Self> {
        let DeValue::Array(items) = self.inner else {
            return self.wrong(reader, "array").unwrap_or_default();
        };
        if items.len() > max {
            reader.note(self.at, &self.path, ProblemKind::TooMany { max });
        }
        let path = self.path;
        let numbered = items.into_iter().take(max).enumerate().map(|(index, item)| {
            let at = item.span().start;
            Value { inner: item.into_inner(), path: format!("{path}[{}]", index + 1), at }
        });
        numbered.collect()
    }

    /// An array of texts that is not empty.
    pub(crate) fn texts(self, reader: &mut Reader, max: usize, chars_max: usize) -> Vec<Item> {
        let (at, path) = (self.at, self.path.clone());
        if self.inner.as_array().is_some_and(|items| items.is_empty()) {
            reader.note(at, &path, ProblemKind::Empty);
        }
        let items = self.items(reader, max);
        items.into_iter().filter_map(|item| item.item(reader, chars_max)).collect()
    }

    pub(crate) fn table(self, reader: &mut Reader) -> Option<Table<'t>> {
        let DeValue::Table(entries) = self.inner else { return self.wrong(reader, "table") };
        Some(Table { entries, path: self.path, at: self.at, asked: Vec::new() })
    }
}

impl Item {
    /// What the text means in a closed list.
    pub(crate) fn word<T: Copy>(self, reader: &mut Reader, words: &[(&str, T)]) -> Option<T> {
        let meaning = words.iter().find(|(word, _)| *word == self.text).map(|(_, meaning)| *meaning);
        if meaning.is_none() {
            let allowed = words.iter().map(|(word, _)| (*word).to_owned()).collect();
            reader.note(self.at, &self.path, ProblemKind::NotOneOf { found: self.text, allowed });
        }
        meaning
    }
}
