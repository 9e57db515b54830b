//! From the text of a retention file to [`Retention`], or everything that is wrong with it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Class, Period, Retention, Rule, Starts};

/// Longest retention file that is read.
pub const RETENTION_BYTES_MAX: usize = 1 << 20;
/// Most classes: a class is one byte, and 0 is none.
pub const CLASSES_MAX: usize = 255;
/// Most rules.
pub const RULES_MAX: usize = 10_000;
/// Problems that are listed at most; whoever mends a file so broken runs it again.
pub const PROBLEMS_MAX: usize = 200;
/// Longest period.
const YEARS_MAX: u16 = 1000;

/// Something wrong with a retention file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Counted from 1; 0 for the whole file.
    pub line: usize,
    /// What it is.
    pub kind: ProblemKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// Longer than [`RETENTION_BYTES_MAX`].
    TooLong,
    /// Not TOML, or a key that is not known, missing, or of the wrong type.
    Syntax {
        /// What the reader says.
        message: String,
    },
    /// A version that we do not know.
    Version,
    /// More classes or rules than the limit.
    TooMany,
    /// A class number that is 0 or given twice.
    ClassId {
        /// The number.
        id: u8,
    },
    /// A class must have either `years`, 1 to 1000, or `unlimited = true`.
    Period {
        /// The class.
        id: u8,
    },
    /// A class without a name.
    Name {
        /// The class.
        id: u8,
    },
    /// A rule names a class that is not in the file.
    NoSuchClass {
        /// The number.
        id: u8,
    },
    /// `event` in a rule for requests, or `scheme` or `label` in a rule for events.
    RuleMember,
    /// No rule without conditions for requests, or for events.
    NoLastRule {
        /// For events.
        for_events: bool,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RetentionFile {
    version: u32,
    starts: StartsWord,
    #[serde(default)]
    class: Vec<Spanned<ClassEntry>>,
    #[serde(default)]
    rule: Vec<Spanned<RuleEntry>>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum StartsWord {
    FiscalYear,
    Record,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassEntry {
    id: u8,
    name_ja: String,
    name_en: String,
    years: Option<u16>,
    #[serde(default)]
    unlimited: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    kind: KindWord,
    scheme: Option<String>,
    label: Option<String>,
    event: Option<String>,
    class: u8,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum KindWord {
    Request,
    Event,
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn note(&mut self, at: usize, kind: ProblemKind) {
        // Each look counts lines from the beginning, so there are only so many of them.
        if self.problems.len() < PROBLEMS_MAX {
            let line = 1 + self.text.get(..at).unwrap_or_default().matches('\n').count();
            self.problems.push(Problem { line, kind });
        }
    }

    fn note_whole(&mut self, kind: ProblemKind) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { line: 0, kind });
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Retention, Vec<Problem>> {
    let mut reader = Reader { text, problems: Vec::new() };
    if text.len() > RETENTION_BYTES_MAX {
        reader.note_whole(ProblemKind::TooLong);
        return Err(reader.problems);
    }
    let file: RetentionFile = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader.note(at, ProblemKind::Syntax { message: error.message().to_owned() });
            return Err(reader.problems);
        }
    };
    if file.version != 1 {
        reader.note_whole(ProblemKind::Version);
    }
    if file.class.len() > CLASSES_MAX || file.rule.len() > RULES_MAX {
        reader.note_whole(ProblemKind::TooMany);
        return Err(reader.problems);
    }
    let mut classes = BTreeMap::new();
    for entry in file.class {
        read_class(&mut reader, entry, &mut classes);
    }
    let rules: Vec<Rule> =
        file.rule.into_iter().map(|entry| read_rule(&mut reader, entry, &classes)).collect();
    for for_events in [false, true] {
        let last = |rule: &Rule| {
            rule.for_events == for_events
                && rule.scheme.is_none()
                && rule.label.is_none()
                && rule.event.is_none()
        };
        if !rules.iter().any(last) {
            reader.note_whole(ProblemKind::NoLastRule { for_events });
        }
    }
    let starts = match file.starts {
        StartsWord::FiscalYear => Starts::FiscalYear,
        StartsWord::Record => Starts::Record,
    };
    if reader.problems.is_empty() { Ok(Retention { starts, classes, rules }) } else { Err(reader.problems) }
}

fn read_class(reader: &mut Reader<'_>, entry: Spanned<ClassEntry>, classes: &mut BTreeMap<u8, Class>) {
    let at = entry.span().start;
    let ClassEntry { id, name_ja, name_en, years, unlimited } = entry.into_inner();
    let period = match (years, unlimited) {
        (Some(years), false) if (1..=YEARS_MAX).contains(&years) => Period::Years(years),
        (None, true) => Period::Unlimited,
        _ => {
            reader.note(at, ProblemKind::Period { id });
            Period::Unlimited
        }
    };
    if name_ja.trim().is_empty() || name_en.trim().is_empty() {
        reader.note(at, ProblemKind::Name { id });
    }
    if id == 0 || classes.contains_key(&id) {
        reader.note(at, ProblemKind::ClassId { id });
        return;
    }
    classes.insert(id, Class { id, name_ja, name_en, period });
}

fn read_rule(reader: &mut Reader<'_>, entry: Spanned<RuleEntry>, classes: &BTreeMap<u8, Class>) -> Rule {
    let at = entry.span().start;
    let RuleEntry { kind, scheme, label, event, class } = entry.into_inner();
    let for_events = kind == KindWord::Event;
    if !classes.contains_key(&class) {
        reader.note(at, ProblemKind::NoSuchClass { id: class });
    }
    if if for_events { scheme.is_some() || label.is_some() } else { event.is_some() } {
        reader.note(at, ProblemKind::RuleMember);
    }
    Rule { for_events, scheme, label, event, class }
}
