//! What can be wrong with settings and the files that they name, and how it is told.

use std::path::{Path, PathBuf};

use fluent_bundle::FluentValue;
use sekisho_base::Code;
use sekisho_llm::{scripted, upstream};
use sekisho_serve::access;

use crate::{commands::guard_problem, failure::Failure, words::Words};

/// Something wrong: in which file, where, and what.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) file: PathBuf,
    /// Counted from 1; none where it is about the file as a whole, or about an environment variable.
    pub(crate) line: Option<usize>,
    /// The key as a path, `upstream[2].base_url`; an environment variable by its name.
    pub(crate) path: String,
    pub(crate) kind: ProblemKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ProblemKind {
    Unreadable {
        cause: String,
    },
    TooLong {
        bytes_max: u64,
    },
    Syntax {
        detail: String,
    },
    UnknownKey {
        detail: String,
    },
    WrongType {
        detail: String,
    },
    Version,
    Missing,
    OutOfBounds {
        low: u64,
        high: u64,
    },
    NotOneOf {
        found: String,
        allowed: Vec<String>,
    },
    Duplicate {
        found: String,
    },
    BadName {
        found: String,
    },
    BadAddress {
        found: String,
    },
    BadOrigin {
        found: String,
    },
    /// Of an issuer: it can only be asked under `https`, or under `http` on this machine.
    BadIssuerUrl {
        found: String,
    },
    /// A group that the store does not have.
    NoSuchGroup {
        found: String,
    },
    NoSuchLabel {
        found: String,
        allowed: Vec<String>,
    },
    NoSuchUpstream {
        found: String,
        allowed: Vec<String>,
    },
    /// One of these must be there.
    NeedsOneOf {
        keys: &'static str,
    },
    /// It has no meaning beside that.
    Pointless {
        beside: &'static str,
    },
    OpenToOthers {
        mode: u32,
    },
    NoVariable {
        name: String,
    },
    Upstream(upstream::ProblemKind),
    Setup {
        cause: String,
    },
    Tls {
        cause: String,
    },
    Guard(sekisho_guard::Problem),
    Labels(sekisho_guard::Problem),
    Topics(sekisho_guard::Problem),
    Access(access::Problem),
    Script(scripted::ProblemKind),
}

impl Problem {
    /// The code of a failure that has this problem.
    fn code(&self) -> Code {
        match self.kind {
            ProblemKind::Guard(_) => Code::PolicyInvalid,
            ProblemKind::Labels(_) => Code::LabelsInvalid,
            ProblemKind::Topics(_) => Code::TopicsInvalid,
            ProblemKind::Access(_) => Code::AccessInvalid,
            _ => Code::SettingsInvalid,
        }
    }

    /// Whether a policy speaks of a group that somebody has yet to make.
    pub(crate) fn is_about_groups(&self) -> bool {
        match &self.kind {
            ProblemKind::Access(problem) => {
                matches!(problem.kind, access::ProblemKind::UnknownName { field: access::Field::Group, .. })
            }
            kind => matches!(kind, ProblemKind::NoSuchGroup { .. }),
        }
    }

    /// The word for it in JSON and logs.
    pub(crate) fn name(&self) -> String {
        match &self.kind {
            ProblemKind::Guard(problem) | ProblemKind::Labels(problem) | ProblemKind::Topics(problem) => {
                word_of(&problem.kind)
            }
            ProblemKind::Access(problem) => word_of(&problem.kind),
            kind => sentence(kind).0.trim_start_matches("gate-problem-").replace('-', "_"),
        }
    }

    /// `12 行目: listen.address: …`
    pub(crate) fn line(&self, words: &Words) -> String {
        let what = match &self.kind {
            ProblemKind::Guard(problem) | ProblemKind::Labels(problem) | ProblemKind::Topics(problem) => {
                return guard_problem(problem, words);
            }
            ProblemKind::Access(problem) => access_sentence(problem, words),
            ProblemKind::Upstream(kind) => upstream_sentence(kind, words),
            kind => {
                let (key, args) = sentence(kind);
                words.f(key, &args)
            }
        };
        let what = if self.path.is_empty() { what } else { format!("{}: {what}", self.path) };
        match self.line {
            Some(line) => words.f("gate-problem-at", &[("line", line.into()), ("what", what.into())]),
            None => what,
        }
    }
}

/// The sentence of a kind, and what it speaks of.
fn sentence(kind: &ProblemKind) -> (&'static str, Vec<(&'static str, FluentValue<'static>)>) {
    let text = |name, text: &String| vec![(name, FluentValue::from(text.clone()))];
    let both = |found: &String, allowed: &[String]| {
        vec![("found", found.clone().into()), ("allowed", allowed.join(", ").into())]
    };
    match kind {
        ProblemKind::Unreadable { cause } => ("gate-problem-unreadable", text("cause", cause)),
        ProblemKind::TooLong { bytes_max } => ("gate-problem-too-long", vec![("max", (*bytes_max).into())]),
        ProblemKind::Syntax { detail } => ("gate-problem-syntax", text("detail", detail)),
        ProblemKind::UnknownKey { detail } => ("gate-problem-unknown-key", text("detail", detail)),
        ProblemKind::WrongType { detail } => ("gate-problem-wrong-type", text("detail", detail)),
        ProblemKind::Version => ("gate-problem-version", Vec::new()),
        ProblemKind::Missing => ("gate-problem-missing", Vec::new()),
        ProblemKind::OutOfBounds { low, high } => {
            let number = |number: &u64| FluentValue::from(number.to_string());
            ("gate-problem-out-of-bounds", vec![("low", number(low)), ("high", number(high))])
        }
        ProblemKind::NotOneOf { found, allowed } => ("gate-problem-not-one-of", both(found, allowed)),
        ProblemKind::Duplicate { found } => ("gate-problem-duplicate", text("found", found)),
        ProblemKind::BadName { found } => ("gate-problem-bad-name", text("found", found)),
        ProblemKind::BadAddress { found } => ("gate-problem-bad-address", text("found", found)),
        ProblemKind::BadOrigin { found } => ("gate-problem-bad-origin", text("found", found)),
        ProblemKind::BadIssuerUrl { found } => ("gate-problem-bad-issuer-url", text("found", found)),
        ProblemKind::NoSuchGroup { found } => ("gate-problem-no-such-group", text("found", found)),
        ProblemKind::NoSuchLabel { found, allowed } => ("gate-problem-no-such-label", both(found, allowed)),
        ProblemKind::NoSuchUpstream { found, allowed } => {
            ("gate-problem-no-such-upstream", both(found, allowed))
        }
        ProblemKind::NeedsOneOf { keys } => ("gate-problem-needs-one-of", vec![("keys", (*keys).into())]),
        ProblemKind::Pointless { beside } => ("gate-problem-pointless", vec![("beside", (*beside).into())]),
        ProblemKind::OpenToOthers { mode } => {
            ("gate-problem-open-to-others", vec![("mode", format!("{mode:03o}").into())])
        }
        ProblemKind::NoVariable { name } => ("gate-problem-no-variable", text("name", name)),
        ProblemKind::Setup { cause } => ("gate-problem-setup", text("cause", cause)),
        ProblemKind::Tls { cause } => ("gate-problem-tls", text("cause", cause)),
        ProblemKind::Script(kind) => ("gate-problem-script", text("detail", &kind.to_string())),
        ProblemKind::Upstream(_)
        | ProblemKind::Guard(_)
        | ProblemKind::Labels(_)
        | ProblemKind::Topics(_)
        | ProblemKind::Access(_) => ("gate-problem-upstream", Vec::new()),
    }
}

fn upstream_sentence(kind: &upstream::ProblemKind, words: &Words) -> String {
    use upstream::ProblemKind as Kind;
    let with = |key: &str, value: String| words.f(key, &[("value", value.into())]);
    match kind {
        Kind::NoSuchPreset(id) => {
            let allowed: Vec<_> = upstream::presets().iter().map(|preset| preset.id.clone()).collect();
            let kind = ProblemKind::NotOneOf { found: id.clone(), allowed };
            let (key, args) = sentence(&kind);
            words.f(key, &args)
        }
        Kind::Missing => words.t("gate-problem-missing"),
        Kind::Unused => words.t("gate-problem-unused"),
        Kind::Url(fault) => with("gate-problem-url", fault.to_string()),
        Kind::PlainHttp => words.t("gate-problem-plain-http"),
        Kind::NotAMember(text) => with("gate-problem-not-a-member", text.clone()),
        Kind::NotAHeader(text) => with("gate-problem-not-a-header", text.clone()),
        Kind::KeyNotAPair => words.t("gate-problem-key-not-a-pair"),
        Kind::Zero => words.t("gate-problem-zero"),
        Kind::TooMany(max) => with("gate-problem-too-many", max.to_string()),
    }
}

fn access_sentence(problem: &access::Problem, words: &Words) -> String {
    // The fields of a problem are those of its JSON form, and its sentence takes them by the same names.
    let fields = serde_json::to_value(&problem.kind).unwrap_or_default();
    let plain = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => {
            items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    let fields = fields.as_object().into_iter().flatten();
    let args: Vec<_> = fields.map(|(name, value)| (name.replace('_', "-"), plain(value))).collect();
    let args: Vec<_> = args.iter().map(|(name, value)| (name.as_str(), value.clone().into())).collect();
    words.f(&format!("gate-access-problem-{}", word_of(&problem.kind).replace('_', "-")), &args)
}

/// What a kind of a lower floor calls itself in JSON.
fn word_of<T: serde::Serialize>(kind: &T) -> String {
    let value = serde_json::to_value(kind).unwrap_or_default();
    value["problem"].as_str().unwrap_or_default().to_owned()
}

/// All problems as one failure, those of a file together.
pub(crate) fn failure(settings: &Path, problems: &[Problem], words: &Words) -> Failure {
    let code = problems.first().map_or(Code::SettingsInvalid, Problem::code);
    let args = [("file", settings.display().to_string().into()), ("count", problems.len().into())];
    let mut failure = Failure::new(code, words.f("gate-settings-invalid", &args));
    for problem in problems {
        let line = problem.line(words);
        let line =
            if problem.file == settings { line } else { format!("{}: {line}", problem.file.display()) };
        failure = failure.cause(line);
    }
    let is_about_groups = problems.iter().all(Problem::is_about_groups);
    let hint = if is_about_groups { "gate-hint-groups" } else { "gate-hint-settings" };
    failure.hint(words.t(hint))
}
