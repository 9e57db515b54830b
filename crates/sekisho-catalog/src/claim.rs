//! The atom of the catalog: one statement that somebody made about one field of one entry.
//!
//! Claims on a field stand side by side. What the survey printed is one claim, what the public record says is another;
//! neither overwrites the other, and a typed view (see [`crate::entity::Entity::best`]) chooses for computing only.

use std::{cmp::Ordering, fmt};

use serde::{Serialize, Serializer};

/// The word that stands for "not published" in Japanese papers and in our data files.
pub const UNDISCLOSED: &str = "未指定";

/// Text in the two languages of the screens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Bilingual {
    /// Japanese, the original.
    pub ja: String,
    /// English.
    pub en: String,
}

/// The value of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// As printed.
    Text(String),
    /// A count or an identifier that is a whole number.
    Integer(i64),
    /// A measure.
    Number(f64),
    /// 未指定, with what the source adds in brackets, if anything.
    Undisclosed(Option<String>),
}

impl Value {
    /// Reads a text, knowing 未指定 when it stands at the start.
    pub fn parse_text(text: &str) -> Self {
        match text.strip_prefix(UNDISCLOSED) {
            Some("") => Self::Undisclosed(None),
            Some(rest) => {
                let rest = rest.trim().trim_start_matches(['(', '（']).trim_end_matches([')', '）']);
                Self::Undisclosed(Some(rest.to_owned()))
            }
            None => Self::Text(text.to_owned()),
        }
    }

    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            Self::Text(_) | Self::Undisclosed(_) => None,
        }
    }

    /// Whether something is published.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Undisclosed(_))
    }
}

/// `30`, `0.92`, `MIT`, `未指定 (社内専用を前提)`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Undisclosed(None) => f.write_str(UNDISCLOSED),
            Self::Undisclosed(Some(remark)) => write!(f, "{UNDISCLOSED} ({remark})"),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Number(number) => serializer.serialize_f64(*number),
            other => serializer.serialize_str(&other.to_string()),
        }
    }
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every word with its meaning, as it stands in data files, filters and JSON.
            pub const WORDS: &[(&str, Self)] = &[$(($word, Self::$variant)),+];

            /// The word in data files, filters and JSON.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What sort of statement a claim is. Ordered from the firmest.
    Kind {
        /// The owner or an official body published it.
        Published = "published",
        /// Computed by us from published values; the locator says how.
        Derived = "derived",
        /// The vendor's own trial calculation.
        VendorEstimate = "vendor_estimate",
        /// Somebody's estimate or reading.
        Estimate = "estimate",
        /// Printed as not published or not confirmed.
        Unverified = "unverified",
        /// Taken as given so that a computation can go on.
        Assumption = "assumption",
    }
}

words! {
    /// What checking a claim against the public record gave.
    Status {
        /// A second source agrees.
        Confirmed = "confirmed",
        /// Right, and the public record is more exact.
        Refinable = "refinable",
        /// The public record says something else.
        Conflict = "conflict",
        /// The cited source does not carry the claim.
        CitationMismatch = "citation_mismatch",
        /// The cited source carries part of the claim.
        CitationPartial = "citation_partial",
        /// Two places of the same document disagree.
        InternalInconsistency = "internal_inconsistency",
        /// Was right, has changed since.
        Superseded = "superseded",
        /// Looks comparable with another figure, and is not.
        ScaleTrap = "scale_trap",
        /// Two dates of different kinds stand for one event.
        DateTwoKinds = "date_two_kinds",
        /// No source is cited.
        Uncited = "uncited",
        /// Cannot be checked from public sources.
        NotVerifiable = "not_verifiable",
        /// Nobody has checked.
        NotChecked = "not_checked",
    }
}

impl Status {
    /// Whether a reader must see a second claim or a warning beside this one.
    pub fn is_disputed(self) -> bool {
        matches!(
            self,
            Self::Conflict
                | Self::CitationMismatch
                | Self::InternalInconsistency
                | Self::Superseded
                | Self::ScaleTrap
                | Self::DateTwoKinds
        )
    }
}

words! {
    /// What happened on a date.
    DateKind {
        /// Made known.
        Announced = "announced",
        /// Can be had by customers.
        Offered = "offered",
        /// Work or a trial began.
        Started = "started",
        /// Weights, paper or page put out.
        Published = "published",
        /// Last changed.
        Updated = "updated",
        /// The source does not say which.
        Unstated = "unstated",
    }
}

/// What a price is for. A price without these cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PriceTag {
    /// ISO 4217 code.
    pub currency: String,
    /// `standard`, `batch`, `cached`, `priority`, or 未指定 when the source does not say.
    pub service_tier: String,
    /// The prompt lengths it holds for (`<200k`), `all`, or 未指定.
    pub context_tier: String,
}

/// How a benchmark score came about. Two scores compare only when all of these agree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ScoreTag {
    /// Id of the benchmark entry.
    pub benchmark: String,
    /// `average`, `overall`, a task or category name, or 未指定.
    pub part: String,
    /// Evaluation program.
    pub harness: String,
    /// Version of benchmark or leaderboard.
    pub version: String,
    /// Which tasks make up an average.
    pub composition: String,
    /// Who or what judged free text.
    pub judge: String,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// Field id, defined in `fields.toml`.
    pub field: String,
    /// Whom or what exactly it speaks of, where that is narrower than the entry (a topic gathers several subjects).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Bilingual>,
    /// What is claimed.
    pub value: Value,
    /// English rendering of a Japanese text value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_en: Option<String>,
    /// The value as its source prints it, where we stored a number (`6.8B`, `約2万`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printed: Option<String>,
    /// Unit of a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Range of a score, or the hedge printed with the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<String>,
    /// The day, month or period the claim holds for, as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Sort of statement.
    pub kind: Kind,
    /// Results of checking; never empty.
    pub status: Vec<Status>,
    /// Ids of source entries.
    pub source: Vec<String>,
    /// Where in the source, or how it was computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locator: Option<String>,
    /// Number of the survey fact (`F213`), when the survey says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<FactId>,
    /// Line of the survey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Reference number that the survey cites for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cites: Option<u8>,
    /// What the check was made against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_against: Option<String>,
    /// Survey facts that this claim contradicts or makes more exact.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<FactId>,
    /// Remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Bilingual>,
    /// Words of the closed list of the field, for filters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// What happened on the date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_kind: Option<DateKind>,
    /// For prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceTag>,
    /// For benchmark scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<ScoreTag>,
    /// Where it stands: file and line.
    pub origin: Origin,
}

/// The place of a claim in the data files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Whether it comes from the organisation's own files.
    pub overlay: bool,
}

impl Claim {
    /// Whether the survey says it (otherwise: the public record, or the organisation).
    pub fn is_survey(&self) -> bool {
        self.fact.is_some()
    }

    /// Which of two claims a computation should use: the organisation's own before others, known before unknown,
    /// undisputed before disputed, the public record before the survey, firmer kind first.
    pub(crate) fn preference(&self, other: &Self) -> Ordering {
        let rank = |claim: &Self| {
            (
                !claim.origin.overlay,
                !claim.value.is_known(),
                claim.status.iter().any(|status| matches!(status, Status::Conflict | Status::Superseded)),
                claim.is_survey(),
                claim.kind,
            )
        };
        rank(self).cmp(&rank(other))
    }
}

/// Number of a fact in the survey: `F001` to `F999`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u16);

impl FactId {
    /// Reads `F213`, `f213` or `213`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches(['F', 'f', 'Ｆ']);
        let number: u16 = digits.parse().ok()?;
        (1..=999).contains(&number).then_some(Self(number))
    }
}

impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{:03}", self.0)
    }
}

impl Serialize for FactId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{FactId, Value};

    #[test]
    fn undisclosed_keeps_its_remark() {
        assert_eq!(Value::parse_text("未指定"), Value::Undisclosed(None));
        assert_eq!(
            Value::parse_text("未指定 (社内専用を前提)"),
            Value::Undisclosed(Some("社内専用を前提".to_owned()))
        );
        assert_eq!(Value::parse_text("未指定（1年計画）").to_string(), "未指定 (1年計画)");
        assert_eq!(Value::parse_text("MIT"), Value::Text("MIT".to_owned()));
    }

    #[test]
    fn fact_numbers_are_read_generously() {
        assert_eq!(FactId::parse("f7").map(|id| id.to_string()).as_deref(), Some("F007"));
        assert_eq!(FactId::parse("F0"), None);
        assert_eq!(FactId::parse("Fabc"), None);
    }
}
