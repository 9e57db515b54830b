//! Reading a file of rules so that every problem in it is found, not only the first.

use std::ops::Range;

use serde::Serialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Longest file of rules that is read.
pub const FILE_BYTES_MAX: usize = 4 << 20;

/// Something wrong in a file of rules: where, and what. The edge puts it into words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Line, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong.
    #[serde(flatten)]
    pub kind: ProblemKind,
}

/// What can be wrong in a file of rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum ProblemKind {
    /// Longer than [`FILE_BYTES_MAX`].
    TooLong { bytes_max: usize },
    /// Not TOML.
    Syntax { message: String },
    /// A key that means nothing here.
    UnknownKey { key: String },
    /// A key that must be there.
    MissingKey { key: String },
    /// A value of another type.
    WrongType { key: String, expected: &'static str, found: String },
    /// A value that is not possible here.
    BadValue { key: String, found: String, allowed: String },
    /// An id given twice.
    Duplicate { id: String },
    /// A class of words that the file does not define.
    NoSuchWords { name: String },
    /// A word of which nothing is left after folding, or which is too long.
    BadWord { word: String },
    /// Too many words altogether.
    TooManyWords { words_max: usize },
}

/// One file being read; collects its problems.
#[derive(Debug)]
pub(crate) struct Reader {
    line_starts: Vec<usize>,
    pub(crate) problems: Vec<Problem>,
}

impl Reader {
    /// A reader of `text`, and its root table as far as it could be parsed. The version is looked at here.
    pub(crate) fn open(text: &str) -> (Self, Option<Table<'_>>) {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut reader = Self { line_starts, problems: Vec::new() };
        if text.len() > FILE_BYTES_MAX {
            reader
                .problems
                .push(Problem { line: 0, kind: ProblemKind::TooLong { bytes_max: FILE_BYTES_MAX } });
            return (reader, None);
        }
        let (tree, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            reader.note(at, ProblemKind::Syntax { message: error.message().to_owned() });
        }
        let span = tree.span();
        let mut root = Table { table: tree.into_inner(), span };
        match root.take("version") {
            None => reader.note(0, ProblemKind::MissingKey { key: "version".to_owned() }),
            Some(value) => {
                let number = value.get_ref().as_integer().map(|number| number.as_str().to_owned());
                if number.as_deref() != Some("1") {
                    let found = number.unwrap_or_else(|| value.get_ref().type_str().to_owned());
                    let (key, allowed) = ("version".to_owned(), "1".to_owned());
                    reader.note(value.span().start, ProblemKind::BadValue { key, found, allowed });
                }
            }
        }
        (reader, Some(root))
    }

    /// All problems, from the top of the file down.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort();
        self.problems
    }

    /// Notes a problem at byte `at` of the file.
    pub(crate) fn note(&mut self, at: usize, kind: ProblemKind) {
        let line = self.line_starts.partition_point(|start| *start <= at);
        self.problems.push(Problem { line, kind });
    }

    fn wrong(&mut self, key: &str, expected: &'static str, value: &Spanned<DeValue<'_>>) {
        let found = value.get_ref().type_str().to_owned();
        self.note(value.span().start, ProblemKind::WrongType { key: key.to_owned(), expected, found });
    }
}

/// A text and the byte of the file at which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Placed {
    pub(crate) text: String,
    pub(crate) at: usize,
}

/// One table of the file, taken apart key by key; what is left at the end was unknown.
#[derive(Debug)]
pub(crate) struct Table<'t> {
    table: DeTable<'t>,
    pub(crate) span: Range<usize>,
}

impl<'t> Table<'t> {
    fn take(&mut self, key: &str) -> Option<Spanned<DeValue<'t>>> {
        let found = self.table.keys().find(|candidate| candidate.get_ref() == key).cloned()?;
        self.table.remove(&found)
    }

    /// The names of all keys.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.table.keys().map(|key| key.get_ref().to_string()).collect()
    }

    pub(crate) fn text(&mut self, reader: &mut Reader, key: &str) -> Option<Placed> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(Placed { text: text.to_string(), at: value.span().start }),
            _ => {
                reader.wrong(key, "string", &value);
                None
            }
        }
    }

    pub(crate) fn required_text(&mut self, reader: &mut Reader, key: &str) -> Placed {
        let before = reader.problems.len();
        let found = self.text(reader, key);
        if found.is_none() && reader.problems.len() == before {
            reader.note(self.span.start, ProblemKind::MissingKey { key: key.to_owned() });
        }
        found.unwrap_or(Placed { text: String::new(), at: self.span.start })
    }

    pub(crate) fn flag(&mut self, reader: &mut Reader, key: &str) -> Option<bool> {
        let value = self.take(key)?;
        if value.get_ref().as_bool().is_none() {
            reader.wrong(key, "boolean", &value);
        }
        value.get_ref().as_bool()
    }

    /// A number between the bounds.
    pub(crate) fn number(&mut self, reader: &mut Reader, key: &str, bounds: (f64, f64)) -> Option<f64> {
        let value = self.take(key)?;
        let written = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => {
                reader.wrong(key, "number", &value);
                return None;
            }
        };
        let number =
            written.replace('_', "").parse().ok().filter(|number| (bounds.0..=bounds.1).contains(number));
        if number.is_none() {
            let allowed = format!("{} .. {}", bounds.0, bounds.1);
            reader.note(
                value.span().start,
                ProblemKind::BadValue { key: key.to_owned(), found: written, allowed },
            );
        }
        number
    }

    /// Strings; one alone may stand without brackets.
    pub(crate) fn texts(&mut self, reader: &mut Reader, key: &str) -> Vec<Placed> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let items = match value.get_ref() {
            DeValue::String(one) => return vec![Placed { text: one.to_string(), at: value.span().start }],
            DeValue::Array(items) => items,
            _ => {
                reader.wrong(key, "array of strings", &value);
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Placed { text: text.to_owned(), at: item.span().start }),
                None => reader.wrong(key, "string", item),
            }
        }
        texts
    }

    pub(crate) fn table(&mut self, reader: &mut Reader, key: &str) -> Option<Table<'t>> {
        let value = self.take(key)?;
        let span = value.span();
        if !value.get_ref().is_table() {
            reader.wrong(key, "table", &value);
            return None;
        }
        let DeValue::Table(table) = value.into_inner() else { return None };
        Some(Table { table, span })
    }

    pub(crate) fn tables(&mut self, reader: &mut Reader, key: &str) -> Vec<Table<'t>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        if !value.get_ref().is_array() {
            reader.wrong(key, "array of tables", &value);
            return Vec::new();
        }
        let DeValue::Array(items) = value.into_inner() else { return Vec::new() };
        let mut tables = Vec::new();
        for item in items {
            let span = item.span();
            if !item.get_ref().is_table() {
                reader.wrong(key, "table", &item);
            } else if let DeValue::Table(table) = item.into_inner() {
                tables.push(Table { table, span });
            }
        }
        tables
    }

    /// Notes what nobody asked for. Call last.
    pub(crate) fn finish(self, reader: &mut Reader) {
        for key in self.table.keys() {
            reader.note(key.span().start, ProblemKind::UnknownKey { key: key.get_ref().to_string() });
        }
    }
}

impl From<Problem> for crate::Problem {
    fn from(problem: Problem) -> Self {
        let message = format!("{:?}", problem.kind);
        Self { line: problem.line, path: String::new(), kind: crate::ProblemKind::Syntax { message } }
    }
}
