//! The requirements file (要件定義): what an organisation must have, and what it would rather have.
//!
//! The four axes are those of the survey's first recommendation. Reading never stops at the first mistake: everything
//! that is wrong comes back at once, and with it what could be read.

mod parse;
mod read;

use sekisho_base::Known;
use serde::Serialize;

pub use super::candidate::Benchmark;

/// Longest requirements file that is read.
pub const REQUIREMENTS_BYTES_MAX: usize = 256 * 1024;
/// Most draws (worlds) of one analysis.
pub const DRAWS_MAX: u32 = 1_000_000;
/// Draws when the file names none: a standard error of at most half a percentage point.
pub const DRAWS_DEFAULT: u32 = 10_000;
/// Seed when the file names none.
pub const SEED_DEFAULT: u64 = 1;
/// Most constraints of one file.
pub const CONSTRAINTS_MAX: usize = 200;
/// Most criteria of one file.
pub const CRITERIA_MAX: usize = 40;
/// Most candidates in one analysis.
pub const CANDIDATES_MAX: usize = 500;
/// Most problems that are reported for one file.
pub const PROBLEMS_MAX: usize = 500;

/// Requirements, settled: no default is left open.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Requirements {
    /// What is to be decided.
    pub title: String,
    /// By whom.
    pub organisation: String,
    /// Date of the file, `YYYY-MM-DD`.
    pub date: String,
    /// Who wrote it.
    pub author: String,
    /// 架空: an example, not a real organisation.
    pub fictional: bool,
    /// Which models are considered; `None` means all.
    pub candidates: Option<Vec<String>>,
    /// Number of worlds drawn.
    pub draws: u32,
    /// Seed of all draws.
    pub seed: u64,
    /// Why a ranking on one benchmark is wanted all the same; printed with the result.
    pub single_benchmark_reason: Option<String>,
    /// 必須要件.
    pub constraints: Vec<Constraint>,
    /// 評価項目, in the order of the file.
    pub criteria: Vec<Criterion>,
}

impl Requirements {
    /// Reads a requirements file. What is broken is left out of the first and listed, by line, in the second; a caller
    /// that finds problems must not decide with the rest.
    pub fn parse(text: &str) -> (Self, Vec<Problem>) {
        parse::parse(text)
    }
}

/// The four axes into which the survey decomposes requirements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// 主権性・機密性.
    Sovereignty,
    /// 性能.
    Performance,
    /// コスト.
    Cost,
    /// 統制（監査・安全）.
    Control,
}

/// A hard constraint (必須要件): who fails it is out; who has not published is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Constraint {
    /// Unique in the file.
    pub id: String,
    /// Its axis.
    pub axis: Axis,
    /// Name of a [`super::Field`].
    pub field: String,
    /// What the field must be.
    pub test: Test,
    /// Why, for the memo.
    pub why: String,
}

/// What a field must be. Codes are a set that holds at once: a model may be had as weights and as API.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "op", content = "value", rename_all = "snake_case")]
pub enum Test {
    /// This code is among them.
    Is(String),
    /// At least one of these is among them.
    AnyOf(Vec<String>),
    /// None of these is among them.
    Not(Vec<String>),
    /// Lower bound, included.
    AtLeast(f64),
    /// Upper bound, included.
    AtMost(f64),
}

/// Something that is better or worse (評価項目).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Criterion {
    /// Unique in the file; weight draws are keyed by it.
    pub id: String,
    /// Its axis.
    pub axis: Axis,
    /// What is looked at.
    pub measure: Measure,
    /// What is better.
    pub goal: Goal,
    /// Admissible range (許容範囲) given by the file: its ends are worth 0 and 1, and an unknown may lie anywhere in it.
    pub range: Option<Interval>,
    /// Its importance.
    pub weight: Weight,
    /// Why, for the memo.
    pub why: String,
}

/// What a criterion looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Name of a [`super::Field`].
    Field(String),
    /// A score that is comparable in all respects.
    Benchmark(Benchmark),
}

/// What is better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// More.
    Max,
    /// Less.
    Min,
    /// An earlier one of these codes; only the order is meant, not the distances.
    Order(Vec<String>),
}

/// Two ends, both included, the lower one first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Importance of a criterion. Weights are shares of 1. A file uses one of the three ways for all its criteria.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Nothing is said: every weighting is admissible.
    Free,
    /// Order of importance, 1 first; equal ranks are not ordered among themselves.
    Rank(u32),
    /// Between two shares; an exact weight has both ends equal.
    Between(Interval),
}

/// Something wrong in a requirements file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// Line, counted from 1.
    pub line: usize,
    /// The key, as in `criterion[2].weight.low`; entries are counted from 1. Empty for the whole file.
    pub path: String,
    /// What is wrong.
    #[serde(flatten)]
    pub kind: ProblemKind,
}

/// What can be wrong in a requirements file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum ProblemKind {
    /// Longer than [`REQUIREMENTS_BYTES_MAX`].
    TooLong { bytes_max: usize },
    /// Not TOML; the message is the parser's.
    Syntax { message: String },
    /// A key that means nothing here.
    UnknownKey { known: Vec<&'static str> },
    /// A key that must be there.
    Missing,
    /// Two keys of which exactly one must be there.
    OneOfTwo { keys: [&'static str; 2] },
    /// Another type was expected.
    WrongType { expected: &'static str, found: &'static str },
    /// Nothing is written where something must be.
    Empty,
    /// A word outside the list that is allowed here.
    NotOneOf { found: String, allowed: Vec<&'static str> },
    /// A number outside its bounds.
    OutOfBounds { low: f64, high: f64 },
    /// The lower end is not below the upper end.
    Reversed,
    /// An id must be 1 to 64 of `a-z`, `0-9`, `-`, `_`.
    BadId,
    /// The same id or code a second time.
    Duplicate { first_line: usize },
    /// More entries than are read.
    TooMany { max: usize },
    /// The field's values are of another nature than this `op` or `goal` asks for.
    Misfit { field_is: &'static str, allowed: Vec<&'static str> },
    /// The order leaves out codes that the field may have.
    CodesMissing { codes: Vec<&'static str> },
    /// Some criteria are ranked and others weighted.
    WeightsMixed,
    /// No set of weights within the bounds adds up to 1.
    WeightsInfeasible { low_sum: f64, high_sum: f64 },
    /// A single benchmark is allowed without saying why.
    ReasonMissing,
}

/// Sums of the lower and of the upper bounds; a weight without bounds may be anything from 0 to 1.
fn bound_sums(weights: impl Iterator<Item = Weight>) -> (f64, f64) {
    weights.fold((0.0, 0.0), |(low_sum, high_sum), weight| match weight {
        Weight::Between(Interval { low, high }) => (low_sum + low, high_sum + high),
        Weight::Free | Weight::Rank(_) => (low_sum, high_sum + 1.0),
    })
}

fn known_word(word: Option<String>) -> Known<String> {
    Known::from(word.filter(|word| word != UNDISCLOSED))
}

/// How the survey, and the catalog after it, writes "not published".
const UNDISCLOSED: &str = "未指定";
