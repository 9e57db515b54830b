//! Which model? Hard constraints first, then in how many admissible worlds each remaining candidate is the best.
//!
//! What nobody has published is never filled in: on a hard constraint it becomes a question to the vendor (確認要), in
//! the ranking it may be anything admissible. So the result is not a score but a share of worlds, together with the
//! unknowns that would change it. A ranking on a single benchmark (単一ベンチマーク) is refused unless the file says why.
//!
//! Read first: [`Requirements`], [`Candidate`], [`Decision`].
//!
//! ```
//! use sekisho_catalog::plan::choose::{Candidate, Observation, Observed, ObservedValue, Requirements, choose};
//!
//! let (requirements, problems) = Requirements::parse(
//!     r#"
//!     version = 1
//!     title = "文書要約に使うモデル"
//!     organisation = "関野市"
//!     date = 2026-04-01
//!     author = "情報政策課"
//!     [[criterion]]
//!     id = "long-documents"
//!     axis = "performance"
//!     field = "context"
//!     goal = "max"
//!     range = { low = 0, high = 32768 }
//!     why = "議事録は長い"
//!     "#,
//! );
//! assert!(problems.is_empty());
//! let known = ObservedValue { value: Observation::Number(8192.0), status: "confirmed".into(), sources: vec![] };
//! let candidate = |id: &str, values: Vec<ObservedValue>| Candidate {
//!     id: id.into(),
//!     name: id.into(),
//!     observations: [("context".to_owned(), Observed { values })].into(),
//!     scores: vec![],
//! };
//! let decision = choose(&requirements, &[candidate("published", vec![known]), candidate("silent", vec![])])?;
//! // Three quarters of what the silent one may have are more than 8,192 tokens.
//! assert_eq!(decision.ranking[0].candidate, "silent");
//! assert!((decision.ranking[0].first.share - 0.75).abs() < 0.02);
//! # Ok::<(), sekisho_catalog::plan::choose::Error>(())
//! ```

mod candidate;
mod constraints;
mod decision;
mod matrix;
pub mod requirements;
mod sensitivity;
mod smaa;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sekisho_base::{Code, Coded};

pub use candidate::{
    Benchmark, Candidate, FIELDS, Field, FieldKind, Observation, Observed, ObservedValue, Score,
};
pub use constraints::{Excluded, Failure, Question};
pub use decision::{BenchmarkUse, CriterionShare, CriterionWeight, Decision, Named, Ranked, Share};
pub use matrix::{AdmissibleRange, Basis, End, RangeOrigin, Reading, Why};
pub use requirements::{Problem, ProblemKind, Requirements};
pub use sensitivity::{Flip, SENSITIVITY_CANDIDATES_MAX};

use matrix::{Column, RangeNeeded};
use requirements::{CANDIDATES_MAX, Criterion, Measure, Weight};
use smaa::{Model, Weights, WeightsExhausted};

/// Why there is no decision.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The only benchmark among the criteria, and no reason why that is enough.
    #[error("the ranking rests on the single benchmark {benchmark}")]
    SingleBenchmark {
        /// Its name.
        benchmark: String,
    },
    /// Nobody is left after the hard constraints.
    #[error("no candidate meets the hard constraints")]
    NoCandidate {
        /// Everybody, with the constraints that they fail.
        excluded: Vec<Excluded>,
    },
    /// The file names candidates that are not in the catalog.
    #[error("the catalog has no model {}", ids.join(", "))]
    UnknownCandidates {
        /// Their ids.
        ids: Vec<String>,
    },
    /// More candidates than are compared at once.
    #[error("{found} candidates are more than {CANDIDATES_MAX}")]
    TooManyCandidates {
        /// How many there are.
        found: usize,
    },
    /// There is nothing to rank by.
    #[error("there is no criterion")]
    NoCriterion,
    /// Only one value is published for a criterion, so the file must say what is admissible.
    #[error("criterion {criterion} needs a range, since only one value is published")]
    RangeNeeded {
        /// Its id.
        criterion: String,
    },
    /// Hardly any weighting lies within the bounds, or none.
    #[error("the bounds of the weights leave too little room")]
    WeightsExhausted,
}

impl Coded for Error {
    fn code(&self) -> Code {
        match self {
            Self::SingleBenchmark { .. } => Code::SingleBenchmark,
            Self::NoCandidate { .. } => Code::NoCandidate,
            Self::UnknownCandidates { .. } => Code::NoSuchEntry,
            Self::TooManyCandidates { .. }
            | Self::NoCriterion
            | Self::RangeNeeded { .. }
            | Self::WeightsExhausted => Code::RequirementsInvalid,
        }
    }
}

impl From<RangeNeeded> for Error {
    fn from(RangeNeeded(criterion): RangeNeeded) -> Self {
        Self::RangeNeeded { criterion }
    }
}

impl From<WeightsExhausted> for Error {
    fn from(_: WeightsExhausted) -> Self {
        Self::WeightsExhausted
    }
}

/// Decides: screens by the hard constraints, ranks who remains, and finds the unknowns that matter.
///
/// The same requirements and candidates always give the same decision, whatever the order in which candidates and
/// criteria are listed.
///
/// # Errors
/// See [`Error`]; none of them is a defect of the program.
pub fn choose(requirements: &Requirements, candidates: &[Candidate]) -> Result<Decision, Error> {
    let benchmarks = benchmarks(&requirements.criteria);
    if let (Some(benchmark), 1, None) =
        (benchmarks.first(), benchmarks.len(), &requirements.single_benchmark_reason)
    {
        return Err(Error::SingleBenchmark { benchmark: (*benchmark).to_owned() });
    }
    let considered = select(requirements, candidates)?;
    let screening = constraints::screen(&requirements.constraints, &considered);
    if screening.survivors.is_empty() {
        return Err(Error::NoCandidate { excluded: screening.excluded });
    }
    let mut criteria: Vec<&Criterion> = requirements.criteria.iter().collect();
    criteria.sort_by(|one, other| one.id.cmp(&other.id));
    if criteria.is_empty() {
        return Err(Error::NoCriterion);
    }
    let columns = criteria
        .into_iter()
        .map(|criterion| Column::read(criterion, &screening.survivors))
        .collect::<Result<Vec<_>, _>>()?;
    let model = model(requirements, &screening.survivors, &columns);
    let result = smaa::analyse(&model)?;
    let ranking = decision::ranking(&model, &result);
    let flips = sensitivity::flips(&model, &columns, &result, &ranking)?;
    Ok(decision::settle(requirements, screening, &columns, &model, &result, &ranking, flips))
}

/// Names of the benchmarks that carry weight. Parts, scales and versions of one benchmark are still one benchmark.
fn benchmarks(criteria: &[Criterion]) -> BTreeSet<&str> {
    let names = criteria.iter().filter_map(|criterion| match &criterion.measure {
        Measure::Benchmark(benchmark) => Some(benchmark.benchmark.as_str()),
        Measure::Field(_) => None,
    });
    names.collect()
}

fn select<'c>(requirements: &Requirements, candidates: &'c [Candidate]) -> Result<Vec<&'c Candidate>, Error> {
    let chosen: Vec<_> = match &requirements.candidates {
        None => candidates.iter().collect(),
        Some(ids) => {
            let known: BTreeSet<_> = candidates.iter().map(|candidate| &candidate.id).collect();
            let ids: BTreeSet<_> = ids.iter().collect();
            let unknown: Vec<_> = ids.difference(&known).map(|id| (*id).clone()).collect();
            if !unknown.is_empty() {
                return Err(Error::UnknownCandidates { ids: unknown });
            }
            candidates.iter().filter(|candidate| ids.contains(&candidate.id)).collect()
        }
    };
    if chosen.len() > CANDIDATES_MAX {
        return Err(Error::TooManyCandidates { found: chosen.len() });
    }
    Ok(chosen)
}

fn model(requirements: &Requirements, survivors: &[&Candidate], columns: &[Column<'_>]) -> Model {
    let rows = 0..survivors.len();
    Model {
        alternatives: survivors.iter().map(|candidate| candidate.id.clone()).collect(),
        criteria: columns.iter().map(|column| column.criterion.id.clone()).collect(),
        codes: columns.iter().map(Column::codes).collect(),
        cells: rows
            .flat_map(|row| columns.iter().map(move |column| column.cell(&column.readings[row])))
            .collect(),
        weights: weights(columns),
        draws: requirements.draws.max(1),
        seed: requirements.seed,
    }
}

/// One way of weighting for all criteria, as the reader of the file has made sure.
fn weights(columns: &[Column<'_>]) -> Weights {
    let given = || columns.iter().map(|column| column.criterion.weight);
    if given().any(|weight| matches!(weight, Weight::Rank(_))) {
        let rank = |weight| if let Weight::Rank(rank) = weight { rank } else { u32::MAX };
        return Weights::Ranks(given().map(rank).collect());
    }
    if given().any(|weight| matches!(weight, Weight::Between(_))) {
        let bounds = |weight| match weight {
            Weight::Between(interval) => (interval.low, interval.high),
            Weight::Free | Weight::Rank(_) => (0.0, 1.0),
        };
        return Weights::Bounds(given().map(bounds).collect());
    }
    Weights::Any
}
