//! Tables and values of a TOML text, each with its line and its path.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Problem, ProblemKind};

/// Problems that are listed at most; whoever mends a file so broken runs it again.
const PROBLEMS_MAX: usize = 200;

/// The lines of the text, and what was found wrong so far.
pub(super) struct Reader {
    line_starts: Vec<usize>,
    problems: Vec<Problem>,
}

/// One table; what nobody asked for by the end was unknown.
pub(super) struct Table<'t> {
    entries: DeTable<'t>,
    pub(super) path: String,
    pub(super) line: usize,
    asked: Vec<&'static str>,
}

/// One value.
pub(super) struct Value<'t> {
    inner: DeValue<'t>,
    pub(super) path: String,
    pub(super) line: usize,
}

impl Reader {
    pub(super) fn open(text: &str) -> (Self, Table<'_>) {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut reader = Self { line_starts, problems: Vec::new() };
        let (tree, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = reader.line(error.span().map_or(0, |span| span.start));
            reader.note(line, "", ProblemKind::Syntax(error.message().replace('\n', " ")));
        }
        let table = Table { entries: tree.into_inner(), path: String::new(), line: 1, asked: Vec::new() };
        (reader, table)
    }

    fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    pub(super) fn note(&mut self, line: usize, path: &str, kind: ProblemKind) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { line, path: path.to_owned(), kind });
        }
    }

    /// Everything found, by line.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by(|one, other| (one.line, &one.path).cmp(&(other.line, &other.path)));
        self.problems
    }

    fn value<'t>(&self, value: Spanned<DeValue<'t>>, path: String) -> Value<'t> {
        let line = self.line(value.span().start);
        Value { inner: value.into_inner(), path, line }
    }
}

impl<'t> Table<'t> {
    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of an optional key.
    pub(super) fn take(&mut self, reader: &Reader, key: &'static str) -> Option<Value<'t>> {
        self.asked.push(key);
        let found = self.entries.keys().find(|candidate| candidate.get_ref() == key).cloned()?;
        let value = self.entries.remove(&found)?;
        Some(reader.value(value, self.path_of(key)))
    }

    /// The value of a key that must be there.
    pub(super) fn need(&mut self, reader: &mut Reader, key: &'static str) -> Option<Value<'t>> {
        let found = self.take(reader, key);
        if found.is_none() {
            reader.note(self.line, &self.path_of(key), ProblemKind::Missing);
        }
        found
    }

    pub(super) fn text(&mut self, reader: &mut Reader, key: &'static str) -> Option<String> {
        self.take(reader, key)?.text(reader)
    }

    /// The elements of an optional array.
    pub(super) fn items(&mut self, reader: &mut Reader, key: &'static str, max: usize) -> Vec<Value<'t>> {
        let Some(value) = self.take(reader, key) else { return Vec::new() };
        let DeValue::Array(items) = value.inner else {
            return value.wrong(reader, "array").unwrap_or_default();
        };
        if items.len() > max {
            reader.note(value.line, &value.path, ProblemKind::TooMany(max));
        }
        let numbered = items.into_iter().take(max).enumerate();
        numbered.map(|(index, item)| reader.value(item, format!("{}[{}]", value.path, index + 1))).collect()
    }

    /// The tables of `[[key]]`.
    pub(super) fn tables(&mut self, reader: &mut Reader, key: &'static str, max: usize) -> Vec<Self> {
        let items = self.items(reader, key, max);
        items.into_iter().filter_map(|value| value.table(reader)).collect()
    }

    /// Notes what nobody asked for.
    pub(super) fn finish(self, reader: &mut Reader) {
        for key in self.entries.keys() {
            let line = reader.line(key.span().start);
            reader.note(line, &self.path_of(key.get_ref()), ProblemKind::UnknownKey(self.asked.clone()));
        }
    }
}

impl<'t> Value<'t> {
    fn wrong<T>(&self, reader: &mut Reader, expected: &'static str) -> Option<T> {
        let found = self.inner.type_str();
        reader.note(self.line, &self.path, ProblemKind::WrongType { expected, found });
        None
    }

    pub(super) fn text(self, reader: &mut Reader) -> Option<String> {
        match &self.inner {
            DeValue::String(text) => Some(text.to_string()),
            _ => self.wrong(reader, "string"),
        }
    }

    /// A whole number that is not below zero.
    pub(super) fn number(self, reader: &mut Reader) -> Option<u64> {
        let DeValue::Integer(digits) = &self.inner else { return self.wrong(reader, "integer") };
        let number = u64::from_str_radix(digits.as_str(), digits.radix()).ok();
        if number.is_none() {
            reader.note(self.line, &self.path, ProblemKind::Number);
        }
        number
    }

    /// A date with quotes or without.
    pub(super) fn date(self, reader: &mut Reader) -> Option<String> {
        match &self.inner {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => self.wrong(reader, "string"),
        }
    }

    pub(super) fn table(self, reader: &mut Reader) -> Option<Table<'t>> {
        match self.inner {
            DeValue::Table(entries) => {
                Some(Table { entries, path: self.path, line: self.line, asked: Vec::new() })
            }
            _ => self.wrong(reader, "table"),
        }
    }
}
