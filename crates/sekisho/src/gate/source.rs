//! The text of a settings file: its tree, what the environment puts over it, and on which line a key stands.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, ProblemKind};

/// Problems that are listed at most; whoever mends a file so broken runs it again.
const PROBLEMS_MAX: usize = 200;

/// A settings file with its tree.
pub(super) struct Source {
    path: PathBuf,
    text: String,
    /// With what the environment says put over it.
    pub(super) tree: toml::Table,
    pub(super) problems: Vec<Problem>,
}

impl Source {
    /// Reads a text; one that is not TOML has an empty tree, and problems.
    pub(super) fn parse(path: &Path, text: String) -> Self {
        let mut source = Self { path: path.to_owned(), text, tree: toml::Table::new(), problems: Vec::new() };
        let (_, errors) = DeTable::parse_recoverable(&source.text);
        let errors: Vec<_> = errors.iter().map(|error| (error.span(), error.message().to_owned())).collect();
        for (span, detail) in errors {
            let line = span.map(|span| source.line_at(span.start));
            source.add(line, "", ProblemKind::Syntax { detail });
        }
        if source.problems.is_empty() {
            match source.text.parse::<toml::Table>() {
                Ok(tree) => source.tree = tree,
                Err(error) => {
                    let line = error.span().map(|span| source.line_at(span.start));
                    source.add(line, "", ProblemKind::Syntax { detail: error.message().to_owned() });
                }
            }
        }
        source
    }

    /// Reads the tree as `T`. What does not fit is noted and taken out, and the rest is read again, so that one mistake
    /// does not hide the next.
    pub(super) fn read<T: DeserializeOwned + Default>(&mut self) -> T {
        let mut tree = toml::Value::Table(self.tree.clone());
        while self.problems.len() < PROBLEMS_MAX {
            let error = match serde_path_to_error::deserialize::<_, T>(tree.clone()) {
                Ok(read) => return read,
                Err(error) => error,
            };
            let steps: Vec<Step> = error.path().iter().filter_map(Step::of).collect();
            let detail = error.inner().message().trim().to_owned();
            let kind = match detail.strip_prefix("unknown field ") {
                Some(rest) => {
                    let known = rest.split_once(", expected ").map_or("", |(_, known)| known);
                    ProblemKind::UnknownKey { detail: known.trim_start_matches("one of ").to_owned() }
                }
                None => ProblemKind::WrongType { detail },
            };
            self.note(&shown(&steps), kind);
            if !take_out(&mut tree, &steps) {
                break;
            }
        }
        T::default()
    }

    /// Notes what is wrong at a key.
    pub(super) fn note(&mut self, path: &str, kind: ProblemKind) {
        let line = self.line_of(path);
        self.add(line, path, kind);
    }

    /// Notes what is wrong somewhere else.
    pub(super) fn note_elsewhere(&mut self, name: &str, kind: ProblemKind) {
        self.add(None, name, kind);
    }

    fn add(&mut self, line: Option<usize>, path: &str, kind: ProblemKind) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { file: self.path.clone(), line, path: path.to_owned(), kind });
        }
    }

    /// The line of a key, or of the nearest table above it that is there.
    pub(super) fn line_of(&self, path: &str) -> Option<usize> {
        let (tree, _) = DeTable::parse_recoverable(&self.text);
        let mut at = None;
        let mut value = &DeValue::Table(tree.into_inner());
        for step in steps(path) {
            let next = match (&step, value) {
                (Step::Key(key), DeValue::Table(table)) => table
                    .iter()
                    .find(|(candidate, _)| candidate.get_ref() == key)
                    .map(|(key, value)| (key.span(), value)),
                (Step::Index(index), DeValue::Array(items)) => {
                    items.get(*index).map(|value| (value.span(), value))
                }
                _ => None,
            };
            let Some((span, next)) = next else { break };
            at = Some(span.start);
            value = next.get_ref();
        }
        at.map(|at| self.line_at(at))
    }

    fn line_at(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }

    /// Whether the file itself, or the environment, says something for a key.
    pub(super) fn has(&self, path: &str) -> bool {
        find(&self.tree, path).is_some()
    }

    /// The part of the tree below a key, for comparing.
    pub(super) fn part(&self, path: &str) -> String {
        find(&self.tree, path).map(ToString::to_string).unwrap_or_default()
    }

    /// Puts a value over what the file says.
    pub(super) fn put(&mut self, path: &str, value: toml::Value) {
        let mut table = &mut self.tree;
        let mut keys: Vec<&str> = path.split('.').collect();
        let Some(last) = keys.pop() else { return };
        for key in keys {
            let next = table.entry(key).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            match next {
                toml::Value::Table(next) => table = next,
                // The file has something else there, and that is told when it is read.
                _ => return,
            }
        }
        table.insert(last.to_owned(), value);
    }
}

/// One step of a path.
enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    fn of(segment: &Segment) -> Option<Self> {
        match segment {
            Segment::Map { key } => Some(Self::Key(key.clone())),
            Segment::Seq { index } => Some(Self::Index(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        }
    }
}

fn shown(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(key) if path.is_empty() => path.push_str(key),
            Step::Key(key) => path.extend([".", key]),
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let (key, rest) = part.split_once('[').map_or((part, ""), |(key, rest)| (key, rest));
        steps.push(Step::Key(key.to_owned()));
        let indexes = rest.split('[').filter_map(|index| index.trim_end_matches(']').parse().ok());
        steps.extend(indexes.map(Step::Index));
    }
    steps
}

fn find<'t>(tree: &'t toml::Table, path: &str) -> Option<&'t toml::Value> {
    let steps = steps(path);
    let (first, rest) = steps.split_first()?;
    let Step::Key(first) = first else { return None };
    rest.iter().try_fold(tree.get(first)?, |value, step| match step {
        Step::Key(key) => value.as_table()?.get(key),
        Step::Index(index) => value.as_array()?.get(*index),
    })
}

/// Takes out what stands at the end of a path, or above it where that is not in the tree.
fn take_out(tree: &mut toml::Value, steps: &[Step]) -> bool {
    let Some((last, above)) = steps.split_last() else { return false };
    let mut value = &mut *tree;
    for step in above {
        let next = match (step, value) {
            (Step::Key(key), toml::Value::Table(table)) => table.get_mut(key),
            (Step::Index(index), toml::Value::Array(items)) => items.get_mut(*index),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return take_out(tree, above),
        }
    }
    let is_gone = match (last, value) {
        (Step::Key(key), toml::Value::Table(table)) => table.remove(key).is_some(),
        (Step::Index(index), toml::Value::Array(items)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    };
    is_gone || take_out(tree, above)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde::Deserialize;

    use super::{ProblemKind, Source};

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        number: Option<u32>,
        part: Vec<Part>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Part {
        name: Option<String>,
    }

    fn source(text: &str) -> Source {
        Source::parse(Path::new("sekisho.toml"), text.to_owned())
    }

    #[test]
    fn one_mistake_does_not_hide_the_next() {
        let mut source =
            source("number = 'one'\nnumer = 1\n\n[[part]]\nname = 'a'\n\n[[part]]\nname = 2\nnam = 'b'\n");
        let read: Sample = source.read();
        assert_eq!((read.number, read.part.len(), read.part[0].name.as_deref()), (None, 2, Some("a")));
        let mut found: Vec<_> =
            source.problems.iter().map(|problem| (problem.line, problem.path.as_str())).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [(Some(1), "number"), (Some(2), "numer"), (Some(8), "part[1].name"), (Some(9), "part[1].nam")]
        );
    }

    #[test]
    fn broken_text_is_one_problem_on_its_line() {
        let source = source("number = 1\nnumber = = 2\n");
        assert!(matches!(source.problems[0].kind, ProblemKind::Syntax { .. }));
        assert_eq!(source.problems[0].line, Some(2));
    }

    #[test]
    fn a_missing_key_is_told_where_its_table_begins() {
        let source = source("number = 1\n[[part]]\nname = 'a'\n[[part]]\n");
        assert_eq!(source.line_of("part[1].name"), Some(4));
        assert_eq!(source.line_of("nowhere"), None);
    }
}
