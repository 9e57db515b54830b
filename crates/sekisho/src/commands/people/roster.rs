//! The file of `user import`: taken apart key by key, so that every mistake in it is told with its line.

mod table;

use std::collections::{BTreeMap, BTreeSet};

use sekisho_store::{
    Error, ExternalId, GroupSpec, KeySpec, Kind, Limits, NameError, NewGroup, NewUser, PrincipalSpec, Role,
    Roster, Scope, Store,
};

use super::{name_problem, printable};
use crate::{
    commands::audit::time::{self, End},
    words::Words,
};
use table::{Reader, Table, Value};

/// Most groups, and most people, of one file.
const ENTRIES_MAX: usize = 10_000;
/// Most groups of somebody, models or purposes of a key.
const LIST_MAX: usize = 256;
/// What a key is called for which the file has no name.
const KEY_NAME: &str = "user import";
const MICRO: u64 = 1_000_000;

/// What a file says, as far as it could be read.
#[derive(Default)]
pub(super) struct File {
    groups: Vec<NewGroup>,
    users: Vec<NewUser>,
    /// Which groups people are to be in, and where that stands.
    joined: Vec<(usize, String, String)>,
}

/// A mistake in the file.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// Counted from 1.
    pub(super) line: usize,
    /// `user[2].key.label`.
    path: String,
    kind: ProblemKind,
}

#[derive(Debug, Clone)]
pub(super) enum ProblemKind {
    Syntax(String),
    UnknownKey(Vec<&'static str>),
    Missing,
    WrongType { expected: &'static str, found: &'static str },
    TooMany(usize),
    NotOneOf { found: String, allowed: Vec<&'static str> },
    Number,
    Date(String),
    Name(NameError),
    Duplicate { found: String, line: usize },
    NoGroup(String),
    RetiredGroup(String),
    Pair,
    Nothing,
}

impl From<File> for Roster {
    fn from(file: File) -> Self {
        Self { groups: file.groups, users: file.users }
    }
}

impl File {
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.users.is_empty()
    }

    /// Groups of people that neither the file nor the store has.
    pub(super) fn missing_groups(&self, store: Option<&Store>) -> Vec<Problem> {
        let own: BTreeSet<String> =
            self.groups.iter().map(|group| group.spec.name.to_ascii_lowercase()).collect();
        let missing = self.joined.iter().filter_map(|(line, path, name)| {
            let there = store.and_then(|store| store.group(name));
            let kind = match there {
                Some(group) if group.retired_ms.is_some() => ProblemKind::RetiredGroup(name.clone()),
                Some(_) => return None,
                None if own.contains(&name.to_ascii_lowercase()) => return None,
                None => ProblemKind::NoGroup(name.clone()),
            };
            Some(Problem { line: *line, path: path.clone(), kind })
        });
        missing.collect()
    }
}

/// Reads the text of a file, and everything that is wrong with it.
pub(super) fn parse(text: &str) -> (File, Vec<Problem>) {
    let (mut reader, mut root) = Reader::open(text);
    if let Some(value) = root.need(&mut reader, "version") {
        let (line, path) = (value.line, value.path.clone());
        if let Some(version) = value.number(&mut reader).filter(|&version| version != 1) {
            let kind = ProblemKind::NotOneOf { found: version.to_string(), allowed: vec!["1"] };
            reader.note(line, &path, kind);
        }
    }
    let mut file = File::default();
    // Names are one without regard to case, groups apart from people.
    let mut taken = BTreeMap::new();
    for table in root.tables(&mut reader, "group", ENTRIES_MAX) {
        let place = (table.line, table.path.clone());
        if let Some(group) = read_group(&mut reader, table) {
            refuse_second(&mut reader, &mut taken, "group", &group.spec.name, &place);
            file.groups.push(group);
        }
    }
    for table in root.tables(&mut reader, "user", ENTRIES_MAX) {
        let place = (table.line, table.path.clone());
        if let Some(user) = read_user(&mut reader, table, &mut file.joined) {
            refuse_second(&mut reader, &mut taken, "user", &user.spec.name, &place);
            if let Some(external) = &user.spec.external {
                refuse_second(&mut reader, &mut taken, "subject", &external.to_string(), &place);
            }
            file.users.push(user);
        }
    }
    root.finish(&mut reader);
    (file, reader.into_problems())
}

fn refuse_second(
    reader: &mut Reader,
    taken: &mut BTreeMap<(&'static str, String), usize>,
    what: &'static str,
    name: &str,
    (line, path): &(usize, String),
) {
    let key = if what == "subject" { name.to_owned() } else { name.to_ascii_lowercase() };
    let first = *taken.entry((what, key)).or_insert(*line);
    if first != *line {
        reader.note(*line, path, ProblemKind::Duplicate { found: name.to_owned(), line: first });
    }
}

fn read_group(reader: &mut Reader, mut table: Table<'_>) -> Option<NewGroup> {
    let (line, path) = (table.line, table.path.clone());
    let name = table.need(reader, "name").and_then(|value| value.text(reader));
    let title = table.text(reader, "title");
    let mut roles = BTreeSet::new();
    for value in table.items(reader, "roles", LIST_MAX) {
        let (line, path) = (value.line, value.path.clone());
        let Some(word) = value.text(reader) else { continue };
        match Role::parse(&word) {
            Some(role) => drop(roles.insert(role)),
            None => {
                let allowed = Role::ALL.map(Role::as_str).to_vec();
                reader.note(line, &path, ProblemKind::NotOneOf { found: word, allowed });
            }
        }
    }
    let limits = read_budget(reader, &mut table);
    table.finish(reader);
    let name = name?;
    let spec = GroupSpec { display_name: title.unwrap_or_else(|| name.clone()), name, roles };
    check(reader, line, &path, spec.check());
    Some(NewGroup { spec, limits })
}

fn read_user(
    reader: &mut Reader,
    mut table: Table<'_>,
    joined: &mut Vec<(usize, String, String)>,
) -> Option<NewUser> {
    let (line, path) = (table.line, table.path.clone());
    let name = table.need(reader, "name").and_then(|value| value.text(reader));
    let title = table.text(reader, "title");
    let kind = match table.take(reader, "kind") {
        None => Kind::User,
        Some(value) => {
            let (line, path) = (value.line, value.path.clone());
            match value.text(reader).as_deref() {
                None | Some("user") => Kind::User,
                Some("system") => Kind::System,
                Some(other) => {
                    let allowed = vec!["user", "system"];
                    reader.note(line, &path, ProblemKind::NotOneOf { found: other.to_owned(), allowed });
                    Kind::User
                }
            }
        }
    };
    let mut groups = Vec::new();
    for value in table.items(reader, "groups", LIST_MAX) {
        let (line, path) = (value.line, value.path.clone());
        let Some(group) = value.text(reader) else { continue };
        if groups.iter().any(|one: &String| one.eq_ignore_ascii_case(&group)) {
            reader.note(line, &path, ProblemKind::Duplicate { found: group, line });
            continue;
        }
        joined.push((line, path, group.clone()));
        groups.push(group);
    }
    let label_max = table.text(reader, "label_max");
    let external = match (table.text(reader, "issuer"), table.text(reader, "subject")) {
        (Some(issuer), Some(subject)) => Some(ExternalId { issuer, subject }),
        (None, None) => None,
        _ => {
            reader.note(line, &path, ProblemKind::Pair);
            None
        }
    };
    let limits = read_budget(reader, &mut table);
    let key =
        table.take(reader, "key").and_then(|value| value.table(reader)).map(|key| read_key(reader, key));
    table.finish(reader);
    let name = name?;
    let display_name = title.unwrap_or_else(|| name.clone());
    let spec = PrincipalSpec { name, kind, display_name, external, label_max };
    check(reader, line, &path, spec.check());
    Some(NewUser { spec, groups, limits, key })
}

fn read_budget(reader: &mut Reader, table: &mut Table<'_>) -> Option<Limits> {
    let value = table.take(reader, "budget")?;
    let (line, path) = (value.line, value.path.clone());
    let known = reader.problem_count();
    let mut budget = value.table(reader)?;
    let tokens_max = budget.take(reader, "tokens_per_month").and_then(|value| value.number(reader));
    let yen = budget.take(reader, "yen_per_month").and_then(|value| value.number(reader));
    budget.finish(reader);
    let micro_yen_max = yen.map(|yen| yen.saturating_mul(MICRO));
    let limits = Limits { tokens_max, micro_yen_max };
    // A limit that could not be read was told already.
    if limits == Limits::default() && reader.problem_count() == known {
        reader.note(line, &path, ProblemKind::Nothing);
    }
    check(reader, line, &path, limits.check());
    Some(limits)
}

fn read_key(reader: &mut Reader, mut table: Table<'_>) -> KeySpec {
    let (line, path) = (table.line, table.path.clone());
    let name = table.text(reader, "name").unwrap_or_else(|| KEY_NAME.to_owned());
    let expires_ms = table.take(reader, "expires").and_then(|value| read_date(reader, value));
    let mut words = |key| {
        let items = table.items(reader, key, LIST_MAX);
        let words: Vec<String> = items.into_iter().filter_map(|value| value.text(reader)).collect();
        Some(words).filter(|words| !words.is_empty())
    };
    let (models, purposes) = (words("models"), words("purposes"));
    let label = table.text(reader, "label");
    let label_max = table.text(reader, "label_max");
    table.finish(reader);
    let spec = KeySpec { name, scope: Scope { models, purposes, label_max, label }, expires_ms };
    check(reader, line, &path, spec.check());
    spec
}

fn read_date(reader: &mut Reader, value: Value<'_>) -> Option<u64> {
    let (line, path) = (value.line, value.path.clone());
    let text = value.date(reader)?;
    let end = time::parse(&text, End::To);
    if end.is_none() {
        reader.note(line, &path, ProblemKind::Date(text));
    }
    end
}

/// What the store would refuse.
fn check(reader: &mut Reader, line: usize, path: &str, checked: Result<(), Error>) {
    match checked {
        Ok(()) => {}
        Err(Error::Name { cause, .. }) => reader.note(line, path, ProblemKind::Name(cause)),
        Err(_) => reader.note(line, path, ProblemKind::Number),
    }
}

impl Problem {
    /// Line, key and what is wrong, in a sentence.
    pub(super) fn worded(&self, words: &Words) -> String {
        let what = self.what(words);
        let place = if self.path.is_empty() { String::new() } else { format!("{}: ", self.path) };
        words.f("people-problem-at", &[("line", self.line.into()), ("what", format!("{place}{what}").into())])
    }

    fn what(&self, words: &Words) -> String {
        let say = |key: &str, args: &[(&str, String)]| {
            let args: Vec<_> = args.iter().map(|(name, value)| (*name, printable(value).into())).collect();
            words.f(&format!("people-problem-{key}"), &args)
        };
        match &self.kind {
            ProblemKind::Syntax(message) => say("syntax", &[("message", message.clone())]),
            ProblemKind::UnknownKey(known) => say("unknown-key", &[("known", known.join(" "))]),
            ProblemKind::Missing => say("missing", &[]),
            ProblemKind::WrongType { expected, found } => {
                let kind = |name: &str| words.t(&format!("people-type-{}", name.replace(' ', "-")));
                say("wrong-type", &[("expected", kind(expected)), ("found", kind(found))])
            }
            ProblemKind::TooMany(max) => say("too-many", &[("max", max.to_string())]),
            ProblemKind::NotOneOf { found, allowed } => {
                say("not-one-of", &[("found", found.clone()), ("allowed", allowed.join(" "))])
            }
            ProblemKind::Number => say("number", &[]),
            ProblemKind::Date(found) => say("date", &[("found", found.clone())]),
            ProblemKind::Name(problem) => say("name", &[("why", name_problem(*problem, words))]),
            ProblemKind::Duplicate { found, line } => {
                say("duplicate", &[("found", found.clone()), ("line", line.to_string())])
            }
            ProblemKind::NoGroup(name) => say("no-group", &[("name", name.clone())]),
            ProblemKind::RetiredGroup(name) => say("retired-group", &[("name", name.clone())]),
            ProblemKind::Pair => say("pair", &[]),
            ProblemKind::Nothing => say("nothing", &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::words::{Lang, Words};

    const SAMPLE: &str = include_str!("../../../../../data/sample/gate/people.toml");

    /// The sample cut at each place, and with each character replaced by one that opens or closes something.
    #[test]
    fn a_broken_file_gives_problems_on_lines_that_it_has() {
        let words = Words::new(Lang::Ja);
        assert!(parse(SAMPLE).1.is_empty());
        let mut broken: Vec<String> =
            vec!["\0".repeat(100), "[[user]]\n".repeat(20_000), "a=[".repeat(1_000)];
        for (at, old) in SAMPLE.char_indices() {
            broken.push(SAMPLE[..at].to_owned());
            let rest = &SAMPLE[at + old.len_utf8()..];
            broken.extend(['"', '[', '{', '=', '9'].map(|new| format!("{}{new}{rest}", &SAMPLE[..at])));
        }
        for text in broken {
            let (_, problems) = parse(&text);
            let lines = text.lines().count() + 1;
            for problem in problems {
                assert!((1..=lines).contains(&problem.line) && !problem.worded(&words).is_empty(), "{text}");
            }
        }
    }
}
