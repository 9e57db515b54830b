//! From a file of policies to what can be judged by, or everything that is wrong with it.

use std::{collections::HashMap, sync::Arc, thread};

use cedar_policy::{PolicyId, PolicySet, Schema, ValidationMode, ValidationWarning, Validator};
use miette::Diagnostic;
use serde::Serialize;

use super::{Effect, Policy, SCHEMA, Vocabulary, words};

/// A file of a large city with a policy for each office and model has some 60 kB.
pub const POLICY_BYTES_MAX: usize = 256 * 1024;
/// Most policies of a file: each is looked at for every question.
pub const POLICIES_MAX: usize = 512;
/// Most operators and brackets of one policy: long chains cost stack wherever a policy is judged or dropped. A long list of
/// names in one set counts as one.
pub const OPERATORS_MAX: usize = 256;
/// Most brackets in one another, and `if`s in one policy.
pub const NESTING_MAX: usize = 32;
/// Cedar's reader takes some 50 kB for each level of nesting in a debug build: ten times what is needed.
const READING_STACK_BYTES: usize = 16 * 1024 * 1024;
/// Problems that are listed at most; whoever mends a file so broken runs it again.
const PROBLEMS_MAX: usize = 200;
/// No `@id` is longer: it stands in every record.
const ID_BYTES_MAX: usize = 64;

/// Something wrong in a file of policies. The edge puts it into words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Counted from 1.
    pub line: usize,
    /// The `@id` of the policy, as far as it has one.
    pub policy: Option<String>,
    /// What is wrong.
    #[serde(flatten)]
    pub kind: ProblemKind,
}

/// What can be wrong in a file of policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum ProblemKind {
    /// The file is longer than is read.
    TooLong { bytes_max: usize },
    /// More policies than are read.
    TooMany { max: usize },
    /// More operators and brackets in one policy than are read.
    TooComplex { operators_max: usize, nesting_max: usize },
    /// Not Cedar.
    Syntax { detail: String },
    /// Not what the schema allows, or something that can never hold. In the words of Cedar.
    Invalid { detail: String },
    /// A template (`?principal`): nothing here fills it in.
    Template,
    /// No `@id`.
    NoId,
    /// An `@id` of other characters than small letters, digits and hyphens, or too long.
    BadId,
    /// The same `@id` stands before.
    Duplicate { first_line: usize },
    /// A name that does not exist, and so would never match.
    UnknownName { field: Field, found: String, known: Vec<String> },
    /// A rank above that of the highest label, which no request has.
    RankOutOfBounds { found: i64, highest: usize },
}

/// Where a name stands that policies compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the schema")]
pub enum Field {
    Group,
    Model,
    Gate,
    Label,
    Kind,
    Purpose,
    Place,
    PrincipalKind,
}

pub(super) struct Loaded {
    pub(super) schema: Schema,
    pub(super) policies: PolicySet,
    pub(super) listing: Vec<(Policy, PolicySet)>,
}

/// Reads on a thread of its own, whose stack is known to suffice; who calls may have any.
pub(super) fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Loaded, Vec<Problem>> {
    thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(READING_STACK_BYTES);
        match reader.spawn_scoped(scope, || read(text, vocabulary)) {
            Ok(reader) => reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // No thread to be had: the usual stack suffices for usual policies.
            Err(_) => read(text, vocabulary),
        }
    })
}

fn read(text: &str, vocabulary: &Vocabulary) -> Result<Loaded, Vec<Problem>> {
    let whole = |line, kind| vec![Problem { line, policy: None, kind }];
    if text.len() > POLICY_BYTES_MAX {
        return Err(whole(1, ProblemKind::TooLong { bytes_max: POLICY_BYTES_MAX }));
    }
    // Before anything else looks at it.
    if let Some(line) = too_complex_line(text) {
        return Err(whole(line, TOO_COMPLEX));
    }
    let parsed: PolicySet = text.parse().map_err(|errors| syntax(text, &errors))?;
    if parsed.num_of_policies() + parsed.num_of_templates() > POLICIES_MAX {
        return Err(whole(1, ProblemKind::TooMany { max: POLICIES_MAX }));
    }
    let mut problems: Vec<_> = parsed
        .templates()
        .map(|template| Problem {
            line: line_of(text, text.find(&template.to_cedar()).unwrap_or_default()),
            policy: template.annotation("id").map(str::to_owned),
            kind: ProblemKind::Template,
        })
        .collect();
    let (policies, listing) = name(text, &parsed, &mut problems);
    for (policy, alone) in &listing {
        for one in alone.policies() {
            words::check(one, vocabulary, &mut |kind| {
                problems.push(Problem { line: policy.line, policy: Some(policy.id.to_string()), kind });
            });
        }
    }
    let schema: Schema = SCHEMA.parse().expect("a test reads the schema that comes with the program");
    validate(text, &schema, &policies, &listing, &mut problems);
    if problems.is_empty() {
        return Ok(Loaded { schema, policies, listing });
    }
    problems.sort_by_key(|problem| problem.line);
    problems.dedup();
    problems.truncate(PROBLEMS_MAX);
    Err(problems)
}

const TOO_COMPLEX: ProblemKind =
    ProblemKind::TooComplex { operators_max: OPERATORS_MAX, nesting_max: NESTING_MAX };

/// The line on which a policy has one operator or bracket too many. Only ever counts too much.
fn too_complex_line(text: &str) -> Option<usize> {
    let (mut line, mut before, mut bytes) = (1, b' ', text.bytes().peekable());
    // An `if` reaches to the end of its `else`, which nothing marks: it counts to the end of the policy.
    let (mut operators, mut nesting, mut ifs) = (0, 0_usize, 0);
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => line += 1,
            b';' => (operators, nesting, ifs) = (0, 0, 0),
            b'/' if bytes.peek() == Some(&b'/') => while bytes.next_if(|byte| *byte != b'\n').is_some() {},
            b'"' => {
                while let Some(inside) = bytes.next_if(|byte| *byte != b'"') {
                    line += usize::from(inside == b'\n');
                    if inside == b'\\' {
                        line += usize::from(bytes.next() == Some(b'\n'));
                    }
                }
                bytes.next();
            }
            b'(' | b'[' | b'{' => (operators, nesting) = (operators + 1, nesting + 1),
            b')' | b']' | b'}' => nesting = nesting.saturating_sub(1),
            _ if b"+-*<>=!&|.".contains(&byte) => operators += 1,
            // `in`, `is`, `if`, `has`, `like`: a word that begins like one of them.
            b'i' | b'h' | b'l' if !before.is_ascii_alphanumeric() => {
                operators += 1;
                ifs += usize::from(byte == b'i' && bytes.peek() == Some(&b'f'));
            }
            _ => {}
        }
        if operators > OPERATORS_MAX || nesting + ifs > NESTING_MAX {
            return Some(line);
        }
        before = byte;
    }
    None
}

fn syntax(text: &str, errors: &cedar_policy::ParseErrors) -> Vec<Problem> {
    let problem = |error: &cedar_policy::ParseError| Problem {
        line: labelled_line(text, error).unwrap_or(1),
        policy: None,
        kind: ProblemKind::Syntax { detail: error.to_string() },
    };
    errors.iter().take(PROBLEMS_MAX).map(problem).collect()
}

/// The same policies under their `@id`, in the order of the file.
fn name(
    text: &str,
    parsed: &PolicySet,
    problems: &mut Vec<Problem>,
) -> (PolicySet, Vec<(Policy, PolicySet)>) {
    let (mut named, mut listing) = (PolicySet::new(), Vec::new());
    let mut first_lines: HashMap<String, usize> = HashMap::new();
    // Cedar numbers the policies of a file, and keeps the text of each.
    let number = |id: &PolicyId| AsRef::<str>::as_ref(id).trim_start_matches("policy").parse::<usize>().ok();
    let mut in_order: Vec<_> = parsed.policies().collect();
    in_order.sort_by_key(|policy| number(policy.id()));
    let mut after = 0;
    for policy in in_order {
        let own = policy.to_cedar().unwrap_or_default();
        let start = text[after..].find(&own).map_or(after, |found| after + found);
        let line = line_of(text, start);
        after = start + own.len();
        let id = policy.annotation("id");
        let mut note = |kind| problems.push(Problem { line, policy: id.map(str::to_owned), kind });
        let Some(id) = id else {
            note(ProblemKind::NoId);
            continue;
        };
        if !is_id(id) {
            note(ProblemKind::BadId);
            continue;
        }
        if let Some(&first_line) = first_lines.get(id) {
            note(ProblemKind::Duplicate { first_line });
            continue;
        }
        first_lines.insert(id.to_owned(), line);
        let renamed = policy.new_id(PolicyId::new(id));
        let mut alone = PolicySet::new();
        alone.add(renamed.clone()).expect("an empty set holds no twin");
        named.add(renamed).expect("each id is added once");
        listing.push((entry(policy, id, line), alone));
    }
    (named, listing)
}

fn entry(policy: &cedar_policy::Policy, id: &str, line: usize) -> Policy {
    let why = |key| policy.annotation(key).map(str::to_owned);
    let effect = match policy.effect() {
        cedar_policy::Effect::Permit => Effect::Permit,
        cedar_policy::Effect::Forbid => Effect::Forbid,
    };
    Policy { id: Arc::from(id), line, effect, why_ja: why("why_ja"), why_en: why("why_en") }
}

fn is_id(id: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !id.is_empty() && id.len() <= ID_BYTES_MAX && id.bytes().all(is_letter)
}

fn validate(
    text: &str,
    schema: &Schema,
    policies: &PolicySet,
    listing: &[(Policy, PolicySet)],
    problems: &mut Vec<Problem>,
) {
    let mut note = |found: &dyn Diagnostic, id: &PolicyId| {
        let id: &str = id.as_ref();
        let start = || listing.iter().find(|(policy, _)| *policy.id == *id).map(|(policy, _)| policy.line);
        let line = labelled_line(text, found).or_else(start).unwrap_or(1);
        let kind = ProblemKind::Invalid { detail: found.to_string() };
        problems.push(Problem { line, policy: Some(id.to_owned()), kind });
    };
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    for error in result.validation_errors() {
        note(error, error.policy_id());
    }
    for warning in result.validation_warnings() {
        match warning {
            // Japanese beside Latin letters is how Japanese is written. What such a text could be confused with is
            // caught elsewhere: it would have to be a name that exists.
            ValidationWarning::MixedScriptString(_)
            | ValidationWarning::MixedScriptIdentifier(_)
            | ValidationWarning::ConfusableIdentifier(_) => {}
            // A policy that can never hold does not do what its writer believes.
            warning => note(warning, warning.policy_id()),
        }
    }
}

fn labelled_line(text: &str, diagnostic: &(impl Diagnostic + ?Sized)) -> Option<usize> {
    let offset = diagnostic.labels()?.next()?.offset();
    Some(line_of(text, offset))
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}
