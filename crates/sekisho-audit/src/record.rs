//! What is recorded: a request that opens, its close, an event. Typed in front, JSON behind: docs/audit-format.md, *Records*.
//!
//! Members that we do not know are kept and shown, so that a log of a newer version can be read.

mod content;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

pub(crate) use content::{Contents, join, take_parts};

/// Most bytes of one record as JSON, parts included. Sealed, it stays below what the log takes at once.
pub const RECORD_BYTES_MAX: usize = 15 << 20;
/// Most part leaves of one record.
pub const PARTS_MAX: usize = 250;
/// Most bytes of a name, an id, or anything else that is one line.
pub const NAME_BYTES_MAX: usize = 1024;
/// Most rules on one record.
pub const RULES_MAX: usize = 256;
/// Most sources on one record.
pub const SOURCES_MAX: usize = 4096;

/// What was said to a model or by one. Shown by its length only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PromptText(pub String);

impl fmt::Debug for PromptText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PromptText({} bytes)", self.0.len())
    }
}

impl<T: Into<String>> From<T> for PromptText {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

/// What the guard decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing stood against it.
    Pass,
    /// Passed, and marked for a person to look at.
    Flag,
    /// Passed with parts covered.
    Mask,
    /// Not passed.
    Refuse,
}

impl Verdict {
    /// Every verdict, from the mildest.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Flag, Self::Mask, Self::Refuse];

    /// The word in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Flag => "flag",
            Self::Mask => "mask",
            Self::Refuse => "refuse",
        }
    }

    /// The verdict of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The answer went out.
    Answered,
    /// We refused.
    Refused,
    /// Something broke.
    Failed,
    /// The one who asked went away.
    Cancelled,
    /// Found open at the next start: how it ended is not known.
    Aborted,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Answered, Self::Refused, Self::Failed, Self::Cancelled, Self::Aborted];

    /// The word in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Aborted => "aborted",
        }
    }

    /// The outcome of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

/// A request, as it came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// Who asked, as the organisation names people and systems.
    pub principal: String,
    /// For whom it counts (部署, 事業).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Why, as declared (業務目的).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The label scheme of `label`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Label of the most secret input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The model that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Where it was sent; none when it was refused before routing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// What the guard decided for the way in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The rules that took part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// The documents put before the model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// What was sent to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<PromptText>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Close {
    /// Who asked. Filled from the open when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// For whom it counts. Filled from the open when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// The label scheme of `label`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Label of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the guard decided for the way out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The rules that took part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// What was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<PromptText>,
    /// Public error code, `SK0203`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Tokens of the prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_tokens: Option<u64>,
    /// What it cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_yen: Option<f64>,
    /// Milliseconds to the first token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttft_ms: Option<u64>,
    /// Milliseconds to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Close {
    /// A close that says only how it ended.
    pub fn new(outcome: Outcome) -> Self {
        Self {
            principal: None,
            tenant: None,
            outcome,
            scheme: None,
            label: None,
            verdict: None,
            rules: Vec::new(),
            output: None,
            code: None,
            prompt_tokens: None,
            completion_tokens: None,
            cost_yen: None,
            ttft_ms: None,
            latency_ms: None,
            other: Map::new(),
        }
    }
}

/// Something done to the system itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Who did it.
    pub principal: String,
    /// For whom it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What was done: `policy.loaded`, `key.created`, `log.opened`.
    pub event: String,
    /// Its fields.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub detail: Map<String, Value>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Why a record cannot be taken or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A member that is one line is empty, longer than [`NAME_BYTES_MAX`], or holds control characters.
    #[error("`{member}` is empty, too long or not one line")]
    Line {
        /// Its name.
        member: &'static str,
    },
    /// A list is longer than its limit.
    #[error("`{member}` has more than {max} items")]
    TooMany {
        /// Its name.
        member: &'static str,
        /// The limit.
        max: usize,
    },
    /// More than [`RECORD_BYTES_MAX`], or more than [`PARTS_MAX`] parts.
    #[error("a record of {bytes} bytes is too large")]
    TooLarge {
        /// How many there are.
        bytes: usize,
    },
    /// Without its long texts the record still does not fit one leaf.
    #[error("what is left of the record without its long texts is {bytes} bytes, too large for one leaf")]
    NoRoom {
        /// How many are left.
        bytes: usize,
    },
    /// A member beyond those of the type has a name that the type uses.
    #[error("the additional member `{member}` has a name that is taken")]
    Taken {
        /// Its name.
        member: String,
    },
    /// A number that JSON cannot write.
    #[error("`{member}` is not a finite number")]
    NotFinite {
        /// Its name.
        member: &'static str,
    },
    /// What the leaf holds is not a record.
    #[error("the content is not a record")]
    Unreadable,
}

const OPEN_MEMBERS: &[&str] = &[
    "principal",
    "tenant",
    "purpose",
    "scheme",
    "label",
    "model",
    "upstream",
    "verdict",
    "rules",
    "sources",
    "input",
    "parts",
];
const CLOSE_MEMBERS: &[&str] = &[
    "principal",
    "tenant",
    "outcome",
    "scheme",
    "label",
    "verdict",
    "rules",
    "output",
    "code",
    "prompt_tokens",
    "completion_tokens",
    "cost_yen",
    "ttft_ms",
    "latency_ms",
    "parts",
];
const EVENT_MEMBERS: &[&str] = &["principal", "tenant", "event", "detail", "parts"];

/// One of the three kinds of record.
pub(crate) trait Record: Serialize + DeserializeOwned {
    /// Refuses what could not be written or found again.
    fn check(&self) -> Result<(), Error>;

    /// Names of the members that the type knows.
    const MEMBERS: &'static [&'static str];

    /// The contents of its leaves: those of the parts, then its own.
    fn to_contents(&self) -> Result<Contents, Error> {
        self.check()?;
        content::cut(self, Self::MEMBERS)
    }

    fn parse(members: Map<String, Value>) -> Result<Self, Error> {
        serde_json::from_value(Value::Object(members)).map_err(|_| Error::Unreadable)
    }
}

impl Record for Open {
    const MEMBERS: &'static [&'static str] = OPEN_MEMBERS;

    fn check(&self) -> Result<(), Error> {
        line("principal", &self.principal)?;
        lines(&[
            ("tenant", &self.tenant),
            ("purpose", &self.purpose),
            ("scheme", &self.scheme),
            ("label", &self.label),
            ("model", &self.model),
            ("upstream", &self.upstream),
        ])?;
        list("rules", &self.rules, RULES_MAX)?;
        list("sources", &self.sources, SOURCES_MAX)?;
        others(&self.other, Self::MEMBERS)
    }
}

impl Record for Close {
    const MEMBERS: &'static [&'static str] = CLOSE_MEMBERS;

    fn check(&self) -> Result<(), Error> {
        lines(&[
            ("principal", &self.principal),
            ("tenant", &self.tenant),
            ("scheme", &self.scheme),
            ("label", &self.label),
            ("code", &self.code),
        ])?;
        list("rules", &self.rules, RULES_MAX)?;
        if self.cost_yen.is_some_and(|cost| !cost.is_finite()) {
            return Err(Error::NotFinite { member: "cost_yen" });
        }
        others(&self.other, Self::MEMBERS)
    }
}

impl Record for Event {
    const MEMBERS: &'static [&'static str] = EVENT_MEMBERS;

    fn check(&self) -> Result<(), Error> {
        line("principal", &self.principal)?;
        line("event", &self.event)?;
        lines(&[("tenant", &self.tenant)])?;
        others(&self.other, Self::MEMBERS)
    }
}

fn line(member: &'static str, text: &str) -> Result<(), Error> {
    if text.is_empty() || text.len() > NAME_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(Error::Line { member });
    }
    Ok(())
}

fn lines(members: &[(&'static str, &Option<String>)]) -> Result<(), Error> {
    members
        .iter()
        .filter_map(|(member, text)| Some((member, text.as_ref()?)))
        .try_for_each(|(m, t)| line(m, t))
}

fn list(member: &'static str, items: &[String], max: usize) -> Result<(), Error> {
    if items.len() > max {
        return Err(Error::TooMany { member, max });
    }
    items.iter().try_for_each(|item| line(member, item))
}

fn others(other: &Map<String, Value>, taken: &[&str]) -> Result<(), Error> {
    match other.keys().find(|name| taken.contains(&name.as_str())) {
        Some(name) => Err(Error::Taken { member: name.clone() }),
        None => Ok(()),
    }
}
