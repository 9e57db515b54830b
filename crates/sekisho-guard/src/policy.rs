//! Rules as data: what happens to what was found, by label and direction.

mod load;
mod trial;

use std::{fmt, sync::Arc};

use sekisho_text::normal::Normal;
use serde::Serialize;

use crate::{Detector, Error, Kind, Label, Scheme, Span, file::Words};

pub(crate) use trial::Trial;

/// Rules of one policy at most.
pub const RULES_MAX: usize = 500;
/// Bytes of a policy file at most.
pub const POLICY_BYTES_MAX: usize = 1 << 20;
/// Exact texts of one rule at most.
pub const TEXTS_MAX: usize = 2_000;
/// Tests of one rule at most: they run each time the policy is loaded.
pub const TRIALS_MAX: usize = 50;

const DEFAULT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/policy/default.toml"));

/// What happens to a text, or to a part of it; the later, the stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It goes on as it is.
    Pass,
    /// It goes on as it is, and somebody is told.
    Flag,
    /// A placeholder goes on in its place.
    Mask,
    /// Nothing goes on, from here to the end.
    Refuse,
}

/// Words of a rule file.
const ACTIONS: &[(&str, Action)] =
    &[("pass", Action::Pass), ("flag", Action::Flag), ("mask", Action::Mask), ("refuse", Action::Refuse)];

impl Action {
    /// `mask`.
    pub fn name(self) -> &'static str {
        ACTIONS.iter().find(|row| row.1 == self).expect("every action has a row").0
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which way a text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From a person to a model.
    Input,
    /// From a document (search, attachment) to a model.
    Document,
    /// From a model to whoever reads it: a person, or a tool that is called.
    Output,
    /// From a tool back to a model.
    Tool,
}

/// Words of a rule file.
const DIRECTIONS: &[(&str, Direction)] = &[
    ("input", Direction::Input),
    ("document", Direction::Document),
    ("output", Direction::Output),
    ("tool", Direction::Tool),
];

impl Direction {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        DIRECTIONS.iter().map(|row| row.1)
    }

    /// `input`.
    pub fn name(self) -> &'static str {
        DIRECTIONS.iter().find(|row| row.1 == self).expect("every direction has a row").0
    }

    /// The direction of a name.
    pub fn parse_name(name: &str) -> Option<Self> {
        DIRECTIONS.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Under which circumstances a text is screened.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The label under which the text travels: it may reach whoever is cleared for it.
    pub label: Label,
    /// Which way it goes.
    pub direction: Direction,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its id, unique in the policy.
    pub id: String,
    /// Raised by whoever changes the rule.
    pub version: u32,
    /// Why it is there.
    pub why: Words,
    /// What it answers to, `owasp-llm:2026:LLM02`.
    pub taxonomy: Vec<String>,
    /// What happens to what it matches.
    pub action: Action,
    /// Whether a mask may be put back inside the same conversation.
    pub reversible: bool,
    /// Whether what it matches passes whatever other rules say.
    pub exempt: bool,
    /// The kinds that it matches.
    pub kinds: Vec<Kind>,
    /// Patterns of detector rules, `pii/*`; none means all.
    pub detectors: Vec<String>,
    /// Below this confidence it does not match.
    pub confidence_min: f32,
    conditions: Conditions,
    trials: Vec<Trial>,
}

/// The parts of a rule in the form in which they are asked.
#[derive(Debug, Clone, PartialEq)]
struct Conditions {
    /// A bit for each kind.
    kinds: u64,
    /// Sorted keys ([`text_key`]) of exact texts; none means all.
    texts: Vec<String>,
    /// A bit for each rank of the scheme.
    labels: u32,
    /// A bit for each direction.
    directions: u8,
    /// Only markings that say more than the label.
    marking_above_label: bool,
}

/// Rules in order, for one scheme of labels. Cheap to share, and never changed: a new policy replaces it.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    id: String,
    title: Words,
    scheme: Scheme,
    rules: Vec<Arc<Rule>>,
}

/// What the rules say of one span.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) action: Action,
    pub(crate) reversible: bool,
    pub(crate) rules: Vec<Arc<Rule>>,
}

impl Policy {
    /// Reads a policy for one scheme of labels. Its tests run when a [`Guard`](crate::Guard) takes it.
    ///
    /// # Errors
    /// [`Error::Policy`] with all problems of the file, by line.
    pub fn parse(text: &str, scheme: &Scheme) -> Result<Self, Error> {
        load::parse(text, scheme).map_err(|problems| Error::Policy { problems })
    }

    /// The text of the policy that comes with the program; it fits every built-in scheme. Its tests need detectors of
    /// personal data, secrets, injections and markings.
    pub fn default_text() -> &'static str {
        DEFAULT
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its title.
    pub fn title(&self) -> &Words {
        &self.title
    }

    /// The labels it knows.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Its rules in order.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter()
    }

    /// Runs the tests of all rules.
    ///
    /// # Errors
    /// [`Error::Policy`] with each test that came out differently, by line.
    pub(crate) fn run_trials(self: &Arc<Self>, detectors: &Arc<[Arc<dyn Detector>]>) -> Result<(), Error> {
        let problems = trial::run(self, detectors);
        if problems.is_empty() { Ok(()) } else { Err(Error::Policy { problems }) }
    }

    /// What happens to `span`, which is `written` in the original. The strongest action of all matching rules counts,
    /// unless one of them exempts. What no rule matches passes.
    pub(crate) fn judge(&self, span: &Span, written: &str, context: &Context) -> Judgement {
        let matching = self.rules.iter().filter(|rule| rule.matches(span, written, context));
        let matching: Vec<&Arc<Rule>> = matching.collect();
        let is_exempt = matching.iter().any(|rule| rule.exempt);
        let strongest = matching.iter().map(|rule| rule.action).max().unwrap_or(Action::Pass);
        let action = if is_exempt { Action::Pass } else { strongest };
        let decides = |rule: &&Arc<Rule>| if is_exempt { rule.exempt } else { rule.action == action };
        let rules: Vec<Arc<Rule>> = matching.into_iter().filter(decides).cloned().collect();
        let reversible = action == Action::Mask && rules.iter().all(|rule| rule.reversible);
        Judgement { action, reversible, rules }
    }
}

impl Rule {
    fn matches(&self, span: &Span, written: &str, context: &Context) -> bool {
        let Conditions { kinds, texts, labels, directions, marking_above_label } = &self.conditions;
        kinds & kind_bit(span.kind) != 0
            && directions & context.direction.bit() != 0
            && labels & rank_bit(context.label.rank()) != 0
            && span.confidence >= self.confidence_min
            && (self.detectors.is_empty() || self.detectors.iter().any(|glob| glob_fits(glob, &span.rule)))
            && (texts.is_empty() || texts.binary_search(&text_key(written)).is_ok())
            && (!marking_above_label || says_more(written, &context.label))
    }
}

/// Whether a marking says more than `label`; one that this scheme does not know counts as the highest.
fn says_more(marking: &str, label: &Label) -> bool {
    let marked = label.scheme().parse_label(marking).unwrap_or_else(|| label.scheme().highest());
    marked.rank() > label.rank()
}

fn kind_bit(kind: Kind) -> u64 {
    1 << kind as u64
}

fn rank_bit(rank: usize) -> u32 {
    1 << rank
}

/// The form under which two spellings of an exact text are the same: width, case, and the hyphens, brackets and spaces
/// of numbers make no difference.
fn text_key(written: &str) -> String {
    let normal = Normal::of(written);
    let letters = normal.text().chars().filter(|c| !c.is_whitespace() && !"-‐‑–—―−()".contains(*c));
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether `text` fits `glob`, in which `*` stands for any characters.
fn glob_fits(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
