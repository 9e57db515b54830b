//! Reading one TOML file so that every problem in it is found, not only the first.
//!
//! A serde derive stops at the first wrong key; a person who repairs a catalog wants the whole list. So a file is parsed
//! into a tree with positions, and taken apart key by key.

use std::ops::Range;

use serde::Serialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Longest catalog file that is read.
pub const FILE_BYTES_MAX: usize = 4 << 20;

/// Something wrong in a file: where, and what. The edge puts it into words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file as the caller knows it.
    pub file: String,
    /// Line, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong.
    #[serde(flatten)]
    pub kind: ProblemKind,
}

/// What can be wrong in a data file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum ProblemKind {
    /// The file cannot be read.
    Unreadable { cause: String },
    /// The file is longer than [`FILE_BYTES_MAX`].
    TooLong { bytes_max: usize },
    /// Not TOML.
    Syntax { message: String },
    /// A key that means nothing here.
    UnknownKey { key: String },
    /// A key that must be there.
    MissingKey { key: String },
    /// A value of another type.
    WrongType { key: String, expected: &'static str, found: String },
    /// A word outside the list that is allowed here.
    NotOneOf { key: String, found: String, allowed: String },
    /// The folder names no class of entries.
    UnknownClass { folder: String },
    /// The file name and the id differ.
    IdDiffersFromFile { id: String },
    /// An id, fact number or reference number given twice.
    Duplicate { what: &'static str, id: String, first: String },
    /// An entry that is named but does not exist.
    NoSuchEntry { what: &'static str, id: String },
    /// A field that `fields.toml` does not define for this class.
    UndefinedField { field: String, class: &'static str },
    /// A claim without a source.
    NoSource { field: String },
    /// A score without its benchmark, scale, harness, version, composition and judge.
    ScoreTagMissing { field: String },
    /// A price without currency, service tier and context tier.
    PriceTagMissing { field: String },
    /// A date without its kind.
    DateKindMissing { field: String },
    /// A number without a unit.
    UnitMissing { field: String },
    /// A date that cannot be read.
    BadDate { found: String },
    /// A score outside its own scale.
    OutsideScale { value: String, scale: String },
}

/// The lines of a file, for turning byte positions into line numbers.
pub(crate) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { starts }
    }

    pub(crate) fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }
}

/// One file being read; collects its problems.
pub(crate) struct FileReader<'a> {
    pub(crate) file: &'a str,
    lines: Lines,
    pub(crate) problems: Vec<Problem>,
}

impl<'a> FileReader<'a> {
    pub(crate) fn new(file: &'a str, text: &str) -> Self {
        Self { file, lines: Lines::of(text), problems: Vec::new() }
    }

    /// The tree of `text`, or nothing when it is too long; syntax errors are noted and what could be read is returned.
    pub(crate) fn parse<'t>(&mut self, text: &'t str) -> Option<Spanned<DeTable<'t>>> {
        if text.len() > FILE_BYTES_MAX {
            self.note(0, ProblemKind::TooLong { bytes_max: FILE_BYTES_MAX });
            return None;
        }
        let (tree, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            self.note_at(at, ProblemKind::Syntax { message: error.message().to_owned() });
        }
        Some(tree)
    }

    pub(crate) fn note(&mut self, line: usize, kind: ProblemKind) {
        self.problems.push(Problem { file: self.file.to_owned(), line, kind });
    }

    pub(crate) fn note_at(&mut self, at: usize, kind: ProblemKind) {
        let line = self.lines.line(at);
        self.note(line, kind);
    }

    pub(crate) fn line(&self, span: &Range<usize>) -> usize {
        self.lines.line(span.start)
    }
}

/// One table of the file, taken apart key by key; what is left at the end was unknown.
pub(crate) struct TableReader<'r, 'f, 't> {
    pub(crate) file: &'r mut FileReader<'f>,
    table: DeTable<'t>,
    pub(crate) span: Range<usize>,
}

impl<'r, 'f, 't> TableReader<'r, 'f, 't> {
    pub(crate) fn new(file: &'r mut FileReader<'f>, table: Spanned<DeTable<'t>>) -> Self {
        let span = table.span();
        Self { file, table: table.into_inner(), span }
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<Spanned<DeValue<'t>>> {
        let found = self.table.keys().find(|candidate| candidate.get_ref() == key).cloned()?;
        self.table.remove(&found)
    }

    fn wrong(&mut self, key: &str, expected: &'static str, value: &Spanned<DeValue<'_>>) {
        let found = value.get_ref().type_str().to_owned();
        self.file
            .note_at(value.span().start, ProblemKind::WrongType { key: key.to_owned(), expected, found });
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => {
                self.wrong(key, "string", &value);
                None
            }
        }
    }

    pub(crate) fn required_text(&mut self, key: &str) -> String {
        let before = self.file.problems.len();
        let found = self.text(key);
        if found.is_none() && self.file.problems.len() == before {
            self.file.note_at(self.span.start, ProblemKind::MissingKey { key: key.to_owned() });
        }
        found.unwrap_or_default()
    }

    pub(crate) fn integer(&mut self, key: &str) -> Option<i64> {
        let value = self.take(key)?;
        let parsed =
            value.get_ref().as_integer().and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        if parsed.is_none() {
            self.wrong(key, "integer", &value);
        }
        parsed
    }

    /// Every data file begins with `version = 1`; a file of a later shape must not be half understood.
    pub(crate) fn version(&mut self) {
        let before = self.file.problems.len();
        match self.integer("version") {
            Some(1) => {}
            Some(other) => {
                let found = other.to_string();
                let kind =
                    ProblemKind::NotOneOf { key: "version".to_owned(), found, allowed: "1".to_owned() };
                self.file.note(1, kind);
            }
            None if self.file.problems.len() == before => {
                self.file.note(1, ProblemKind::MissingKey { key: "version".to_owned() });
            }
            None => {}
        }
    }

    pub(crate) fn flag(&mut self, key: &str) -> bool {
        let Some(value) = self.take(key) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong(key, "boolean", &value);
            false
        })
    }

    pub(crate) fn texts(&mut self, key: &str) -> Vec<String> {
        let Some(value) = self.take(key) else { return Vec::new() };
        if let DeValue::String(one) = value.get_ref() {
            return vec![one.to_string()];
        }
        let all = value.get_ref().as_array().map(|array| {
            array.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        if let Some(Some(texts)) = all {
            return texts;
        }
        self.wrong(key, "array of strings", &value);
        Vec::new()
    }

    /// One of the words of a closed list.
    pub(crate) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let value = self.take(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(key, "string", &value);
            return None;
        };
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let allowed = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ");
            let kind = ProblemKind::NotOneOf { key: key.to_owned(), found: text.to_owned(), allowed };
            self.file.note_at(value.span().start, kind);
        }
        found
    }

    pub(crate) fn table(&mut self, key: &str) -> Option<TableReader<'_, 'f, 't>> {
        let value = self.take(key)?;
        let span = value.span();
        if !value.get_ref().is_table() {
            self.wrong(key, "table", &value);
            return None;
        }
        let DeValue::Table(table) = value.into_inner() else { return None };
        Some(TableReader { file: self.file, table, span })
    }

    pub(crate) fn tables(&mut self, key: &str) -> Vec<Spanned<DeTable<'t>>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let whole = value.span();
        let DeValue::Array(array) = value.into_inner() else {
            let kind = ProblemKind::WrongType {
                key: key.to_owned(),
                expected: "array of tables",
                found: "another type".to_owned(),
            };
            self.file.note_at(whole.start, kind);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in array {
            let span = item.span();
            if let DeValue::Table(table) = item.into_inner() {
                tables.push(Spanned::new(span, table));
            } else {
                let kind = ProblemKind::WrongType {
                    key: key.to_owned(),
                    expected: "table",
                    found: "another type".to_owned(),
                };
                self.file.note_at(span.start, kind);
            }
        }
        tables
    }

    /// Notes what nobody asked for. Call last.
    pub(crate) fn finish(self) {
        for key in self.table.keys() {
            self.file.note_at(key.span().start, ProblemKind::UnknownKey { key: key.get_ref().to_string() });
        }
    }
}
