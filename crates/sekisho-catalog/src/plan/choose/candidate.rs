//! What is known of one candidate, in the terms in which requirements ask.

use std::collections::BTreeMap;

use sekisho_base::Known;
use serde::Serialize;

/// A field that constraints and criteria may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// As written in the requirements file and as key of [`Candidate::observations`].
    pub name: &'static str,
    /// What its values are.
    pub kind: FieldKind,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// A number; the unit is part of the field's name or stands in [`FIELDS`].
    Number,
    /// One or more of these codes.
    Codes(&'static [&'static str]),
}

const YES_NO: FieldKind = FieldKind::Codes(&["yes", "no"]);

/// Every field that requirements may name. This list is the contract between catalog and choice.
pub const FIELDS: &[Field] = &[
    Field {
        name: "access",
        kind: FieldKind::Codes(&[
            "open_weights",
            "api",
            "on_prem",
            "private_cloud",
            "internal_only",
            "marketplace",
        ]),
    },
    Field { name: "commercial_use", kind: FieldKind::Codes(&["yes", "conditional", "no"]) },
    Field {
        name: "licence_kind",
        kind: FieldKind::Codes(&["permissive", "share_alike", "non_commercial", "community", "proprietary"]),
    },
    // Parameters, a count.
    Field { name: "params_total", kind: FieldKind::Number },
    Field { name: "params_active", kind: FieldKind::Number },
    // Tokens.
    Field { name: "context", kind: FieldKind::Number },
    // Decimal gigabytes.
    Field { name: "weights_gb_q4", kind: FieldKind::Number },
    Field { name: "weights_gb_8bit", kind: FieldKind::Number },
    // Cards of 48 GB, at 4-bit-class quantisation and four contexts of 8k tokens.
    Field { name: "min_gpus_48gb", kind: FieldKind::Number },
    Field { name: "origin", kind: FieldKind::Codes(&["domestic_scratch", "domestic_retrofit", "foreign"]) },
    Field { name: "base_model_disclosed", kind: YES_NO },
    Field { name: "release_year", kind: FieldKind::Number },
    Field { name: "official_gguf", kind: YES_NO },
    // Public announcements of adoption, a count.
    Field { name: "adoptions_public", kind: FieldKind::Number },
    Field { name: "adoptions_public_sector", kind: FieldKind::Number },
    // Yen per million tokens.
    Field { name: "input_price_jpy_per_mtok", kind: FieldKind::Number },
    Field { name: "output_price_jpy_per_mtok", kind: FieldKind::Number },
    Field { name: "vendor_support", kind: YES_NO },
];

impl Field {
    /// The field of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }
}

/// One model that may be chosen.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Candidate {
    /// Catalog id; random draws are keyed by it, so it must be stable.
    pub id: String,
    /// As shown to people.
    pub name: String,
    /// What is claimed of each field of [`FIELDS`]; a field that is absent is undisclosed.
    pub observations: BTreeMap<String, Observed>,
    /// Benchmark scores, each with what makes it comparable.
    pub scores: Vec<Score>,
}

/// Everything claimed of one field. No claim at all means undisclosed (未指定).
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct Observed {
    /// Claims that disagree stand side by side: the choice then works with all of them, and picks none.
    pub values: Vec<ObservedValue>,
}

/// One claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ObservedValue {
    /// What is claimed.
    pub value: Observation,
    /// Verification status as the catalog words it (`confirmed`, `conflict`, ...); echoed, never weighed.
    pub status: String,
    /// Ids of the sources.
    pub sources: Vec<String>,
}

/// The content of a claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Observation {
    /// One number.
    Number(f64),
    /// Somewhere between two numbers, both included.
    Range(f64, f64),
    /// These codes, all of which hold at once (a model may be had as weights and as API).
    Codes(Vec<String>),
}

impl Observation {
    /// Lower and upper end if this is a number that exists.
    pub(super) fn as_interval(&self) -> Option<(f64, f64)> {
        let (one, other) = match *self {
            Self::Number(number) => (number, number),
            Self::Range(low, high) => (low, high),
            Self::Codes(_) => return None,
        };
        (one.is_finite() && other.is_finite()).then(|| (one.min(other), one.max(other)))
    }
}

/// A score on a benchmark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// On which benchmark, exactly.
    pub benchmark: Benchmark,
    /// What is claimed.
    pub observed: Observed,
}

/// What makes two scores comparable: all four must be the same. Sekisho never converts between scales.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Benchmark {
    /// Its name.
    pub benchmark: String,
    /// Overall, or which task or category; undisclosed when the source does not say.
    pub part: Known<String>,
    /// As printed, `0-1` or `0-100`.
    pub scale: String,
    /// Its version; undisclosed when the source does not say.
    pub version: Known<String>,
}

impl Benchmark {
    /// Lower and upper end of the scale when it is printed as two numbers, as in `0-100`.
    pub(super) fn scale_ends(&self) -> Option<(f64, f64)> {
        let (low, high) = self.scale.split_once('-')?;
        let end = |text: &str| text.trim().parse().ok().filter(|end: &f64| end.is_finite());
        let (low, high) = (end(low)?, end(high)?);
        (low < high).then_some((low, high))
    }
}
