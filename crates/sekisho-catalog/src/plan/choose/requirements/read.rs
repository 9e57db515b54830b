//! Taking a TOML tree apart key by key, so that every mistake in it is found, not only the first.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{PROBLEMS_MAX, Problem, ProblemKind};

/// Positions of the file, and what was found wrong so far.
pub(super) struct Reader {
    line_starts: Vec<usize>,
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(text: &str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { line_starts, problems: Vec::new() }
    }

    pub(super) fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    pub(super) fn note(&mut self, at: usize, path: &str, kind: ProblemKind) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { line: self.line(at), path: path.to_owned(), kind });
        }
    }

    /// Everything found, by line.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by(|one, other| (one.line, &one.path).cmp(&(other.line, &other.path)));
        self.problems
    }
}

/// One table; what nobody asked for by the end was unknown.
pub(super) struct Table<'t> {
    entries: DeTable<'t>,
    pub(super) path: String,
    pub(super) at: usize,
    asked: Vec<&'static str>,
}

/// One value and where it stands.
pub(super) struct Value<'t> {
    inner: DeValue<'t>,
    pub(super) path: String,
    pub(super) at: usize,
}

impl<'t> Table<'t> {
    pub(super) fn new(entries: Spanned<DeTable<'t>>, path: String) -> Self {
        let at = entries.span().start;
        Self { entries: entries.into_inner(), path, at, asked: Vec::new() }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of an optional key.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Value<'t>> {
        self.asked.push(key);
        let found = self.entries.keys().find(|candidate| candidate.get_ref() == key).cloned()?;
        let value = self.entries.remove(&found)?;
        let at = value.span().start;
        Some(Value { inner: value.into_inner(), path: self.path_of(key), at })
    }

    /// The value of a key that must be there.
    pub(super) fn need(&mut self, reader: &mut Reader, key: &'static str) -> Option<Value<'t>> {
        let found = self.take(key);
        if found.is_none() {
            reader.note(self.at, &self.path_of(key), ProblemKind::Missing);
        }
        found
    }

    /// A text that must be there; empty when it is not.
    pub(super) fn text(&mut self, reader: &mut Reader, key: &'static str) -> String {
        self.need(reader, key).and_then(|value| value.text(reader)).unwrap_or_default()
    }

    /// Notes what nobody asked for.
    pub(super) fn finish(self, reader: &mut Reader) {
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
    pub(super) fn text(self, reader: &mut Reader) -> Option<String> {
        let DeValue::String(text) = &self.inner else { return self.wrong(reader, "string") };
        if text.trim().is_empty() {
            reader.note(self.at, &self.path, ProblemKind::Empty);
            return None;
        }
        Some(text.trim().to_owned())
    }

    pub(super) fn flag(self, reader: &mut Reader) -> Option<bool> {
        self.inner.as_bool().or_else(|| self.wrong(reader, "boolean"))
    }

    pub(super) fn is_text(&self) -> bool {
        self.inner.is_str()
    }

    pub(super) fn is_list(&self) -> bool {
        self.inner.is_array()
    }

    pub(super) fn is_table(&self) -> bool {
        self.inner.is_table()
    }

    /// A finite number, written as integer or float.
    pub(super) fn number(self, reader: &mut Reader) -> Option<f64> {
        let number = match &self.inner {
            DeValue::Integer(digits) => {
                i128::from_str_radix(digits.as_str(), digits.radix()).ok().map(|number| number as f64)
            }
            DeValue::Float(digits) => digits.as_str().parse().ok(),
            _ => None,
        };
        number.filter(|number: &f64| number.is_finite()).or_else(|| self.wrong(reader, "finite number"))
    }

    /// A number within bounds, both included.
    pub(super) fn number_within(self, reader: &mut Reader, low: f64, high: f64) -> Option<f64> {
        let (at, path) = (self.at, self.path.clone());
        let number = self.number(reader)?;
        if (low..=high).contains(&number) {
            return Some(number);
        }
        reader.note(at, &path, ProblemKind::OutOfBounds { low, high });
        None
    }

    /// A whole number within bounds, both included.
    pub(super) fn whole(self, reader: &mut Reader, low: u64, high: u64) -> Option<u64> {
        let DeValue::Integer(digits) = &self.inner else { return self.wrong(reader, "integer") };
        let number = i128::from_str_radix(digits.as_str(), digits.radix()).ok();
        if let Some(number) = number.and_then(|number| u64::try_from(number).ok())
            && (low..=high).contains(&number)
        {
            return Some(number);
        }
        let kind = ProblemKind::OutOfBounds { low: low as f64, high: high as f64 };
        reader.note(self.at, &self.path, kind);
        None
    }

    /// A calendar date, written without quotes.
    pub(super) fn date(self, reader: &mut Reader) -> Option<String> {
        let date = self.inner.as_datetime().filter(|date| date.time.is_none() && date.offset.is_none());
        date.and_then(|date| date.date)
            .map(|date| date.to_string())
            .or_else(|| self.wrong(reader, "date without quotes, as in 2026-04-01"))
    }

    /// One word of a closed list.
    pub(super) fn word<T: Copy>(self, reader: &mut Reader, words: &[(&'static str, T)]) -> Option<T> {
        let (at, path) = (self.at, self.path.clone());
        let found = self.text(reader)?;
        let meaning = words.iter().find(|(word, _)| *word == found).map(|(_, meaning)| *meaning);
        if meaning.is_none() {
            let allowed = words.iter().map(|(word, _)| *word).collect();
            reader.note(at, &path, ProblemKind::NotOneOf { found, allowed });
        }
        meaning
    }

    /// The elements of an array that must not be empty.
    pub(super) fn items(self, reader: &mut Reader, max: usize) -> Vec<Self> {
        let DeValue::Array(items) = self.inner else {
            return self.wrong(reader, "array").unwrap_or_default();
        };
        if items.is_empty() {
            reader.note(self.at, &self.path, ProblemKind::Empty);
        }
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

    pub(super) fn table(self, reader: &mut Reader) -> Option<Table<'t>> {
        let DeValue::Table(entries) = self.inner else { return self.wrong(reader, "table") };
        Some(Table { entries, path: self.path, at: self.at, asked: Vec::new() })
    }
}
