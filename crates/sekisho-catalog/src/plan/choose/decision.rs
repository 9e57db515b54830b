//! The result: everything that a decision memo (稟議) must say, as facts.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{
    Flip, benchmarks,
    constraints::{Excluded, Question, Screening},
    matrix::{AdmissibleRange, Basis, Column, Reading, Why},
    requirements::{Measure, Requirements, Weight},
    smaa::{Acceptability, Model},
};

/// A decision and what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// The requirements as they were read, defaults included.
    pub requirements: Requirements,
    /// Why the ranking may rest on one benchmark; present exactly when it does, and to be printed then.
    pub single_benchmark_reason: Option<String>,
    /// The benchmarks used, and for how many remaining candidates there is a comparable score.
    pub benchmarks: Vec<BenchmarkUse>,
    /// Who remains, in the order of the catalog.
    pub survivors: Vec<Named>,
    /// Who is out, and why.
    pub excluded: Vec<Excluded>,
    /// What to ask the vendors of those who remain (確認要).
    pub questions: Vec<Question>,
    /// Who remains, first in most worlds first.
    pub ranking: Vec<Ranked>,
    /// In the order of the ranking: share of worlds in which the one of the row is better than the one of the column,
    /// half of the ties included. Zero on the diagonal.
    pub pairwise: Vec<Vec<f64>>,
    /// The admissible range of each criterion, in the order of the file.
    pub ranges: Vec<AdmissibleRange>,
    /// The weights that were drawn, in the order of the file.
    pub weights: Vec<CriterionWeight>,
    /// What is known, by candidate in the order of the ranking, then by criterion in the order of the file.
    pub readings: Vec<Reading>,
    /// Which unknown would change the winner.
    pub sensitivity: Vec<Flip>,
    /// Ids of all sources that a reading or an exclusion rests on.
    pub sources: Vec<String>,
    /// Number of worlds.
    pub draws: u32,
    /// Seed of the draws.
    pub seed: u64,
}

impl Decision {
    /// Readings that are not known to a point.
    pub fn unknowns(&self) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(|reading| reading.is_uncertain())
    }

    /// Scores on a benchmark of the criteria that were not used, as their part, scale or version differs.
    pub fn not_comparable(&self) -> impl Iterator<Item = &Reading> {
        self.readings.iter().filter(|reading| matches!(reading.basis, Basis::Unknown(Why::NotComparable(_))))
    }

    /// Any share of this decision with its standard error.
    pub fn share(&self, share: f64) -> Share {
        Share::of_draws(share, self.draws)
    }
}

/// A share of worlds and how exactly it was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// Between 0 and 1.
    pub share: f64,
    /// Standard error of the Monte Carlo estimate: `sqrt(share (1 - share) / draws)`.
    pub standard_error: f64,
}

impl Share {
    pub(super) fn of_draws(share: f64, draws: u32) -> Self {
        // Rounding of shared ranks may leave a sum a hair outside.
        let share = share.clamp(0.0, 1.0);
        Self { share, standard_error: (share * (1.0 - share) / f64::from(draws)).sqrt() }
    }
}

/// A candidate by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Catalog id.
    pub id: String,
    /// As shown to people.
    pub name: String,
}

/// A benchmark among the criteria.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BenchmarkUse {
    /// Its name.
    pub benchmark: String,
    /// Remaining candidates with at least one comparable score on it.
    pub scored_candidates: usize,
}

/// One line of the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranked {
    /// Catalog id.
    pub candidate: String,
    /// As shown to people.
    pub name: String,
    /// 1位受容度: share of admissible worlds in which it is first.
    pub first: Share,
    /// Its share differs from the first one's by less than two standard errors of the drawing: more draws are needed to
    /// tell them apart. True of the first one itself.
    pub level_with_first: bool,
    /// Share of worlds for each rank, the first rank first.
    pub ranks: Vec<f64>,
    /// Average rank.
    pub mean_rank: f64,
    /// Acceptability over all ranks; rank-order centroids as meta-weights, the first rank counting 1.
    pub holistic: f64,
    /// The weights with which it is typically first, in the order of the file; none if it never is.
    pub central_weights: Option<Vec<CriterionShare>>,
    /// Share of worlds in which it is first under its central weights: low when it is first only by luck of the unknown.
    pub confidence: Option<Share>,
    /// Share of the weight that lies, on average, on criteria where its value is unknown or uncertain.
    pub weight_on_unknowns: f64,
}

/// A weight of one criterion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriterionShare {
    /// Id of the criterion.
    pub criterion: String,
    /// Share of 1.
    pub weight: f64,
}

/// What the file says of a criterion's weight, and what was drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriterionWeight {
    /// Id of the criterion.
    pub criterion: String,
    /// As given.
    pub given: Weight,
    /// Average over all worlds.
    pub mean: f64,
}

/// Alternatives by share of first ranks, then by acceptability over all ranks, then by id.
pub(super) fn ranking(model: &Model, result: &Acceptability) -> Vec<usize> {
    let mut order: Vec<usize> = (0..model.alternatives.len()).collect();
    order.sort_by(|&one, &other| {
        let by_first = result.first(other).total_cmp(&result.first(one));
        let by_all = result.holistic[other].total_cmp(&result.holistic[one]);
        by_first.then(by_all).then_with(|| model.alternatives[one].cmp(&model.alternatives[other]))
    });
    order
}

/// The variance of the difference of two shares of the same draws is `(p + q - (p - q)^2) / draws`.
fn level(first: f64, other: f64, draws: u32) -> bool {
    let difference = first - other;
    let error = ((first + other - difference * difference).max(0.0) / f64::from(draws)).sqrt();
    difference <= 2.0 * error
}

pub(super) fn settle(
    requirements: &Requirements,
    screening: Screening<'_>,
    columns: &[Column<'_>],
    model: &Model,
    result: &Acceptability,
    ranking: &[usize],
    sensitivity: Vec<Flip>,
) -> Decision {
    // Columns stand in the order of ids, the memo in the order of the file.
    let position = |id: &String| columns.iter().position(|column| &column.criterion.id == id);
    let file_order: Vec<usize> = requirements.criteria.iter().filter_map(|one| position(&one.id)).collect();
    let shares = |weights: &Vec<f64>| {
        let share = |&k: &usize| CriterionShare { criterion: model.criteria[k].clone(), weight: weights[k] };
        file_order.iter().map(share).collect()
    };
    let m = ranking.len();
    let ranked = ranking.iter().map(|&a| Ranked {
        candidate: model.alternatives[a].clone(),
        name: screening.survivors[a].name.clone(),
        first: Share::of_draws(result.first(a), model.draws),
        level_with_first: level(result.first(ranking[0]), result.first(a), model.draws),
        ranks: result.ranks[a * m..(a + 1) * m].to_vec(),
        mean_rank: result.mean_rank[a],
        holistic: result.holistic[a],
        central_weights: result.central_weights[a].as_ref().map(shares),
        confidence: result.confidence[a].map(|share| Share::of_draws(share, model.draws)),
        weight_on_unknowns: (columns.iter().zip(&result.mean_weights))
            .filter(|(column, _)| column.readings[a].is_uncertain())
            .fold(0.0, |sum, (_, weight)| sum + weight),
    });
    let readings =
        ranking.iter().flat_map(|&a| file_order.iter().map(move |&k| columns[k].readings[a].clone()));
    let row = |&a: &usize| ranking.iter().map(|&b| result.pairwise[a * m + b]).collect();
    let weights = file_order.iter().map(|&k| CriterionWeight {
        criterion: model.criteria[k].clone(),
        given: columns[k].criterion.weight,
        mean: result.mean_weights[k],
    });
    let benchmarks = benchmark_uses(requirements, columns);
    let mut decision = Decision {
        single_benchmark_reason: requirements
            .single_benchmark_reason
            .clone()
            .filter(|_| benchmarks.len() == 1),
        requirements: requirements.clone(),
        benchmarks,
        ranking: ranked.collect(),
        pairwise: ranking.iter().map(row).collect(),
        ranges: file_order.iter().map(|&k| columns[k].range.clone()).collect(),
        weights: weights.collect(),
        readings: readings.collect(),
        survivors: (screening.survivors.iter())
            .map(|candidate| Named { id: candidate.id.clone(), name: candidate.name.clone() })
            .collect(),
        excluded: screening.excluded,
        questions: screening.questions,
        sensitivity,
        sources: Vec::new(),
        draws: model.draws,
        seed: model.seed,
    };
    decision.sources = sources(&decision);
    decision
}

fn benchmark_uses(requirements: &Requirements, columns: &[Column<'_>]) -> Vec<BenchmarkUse> {
    let scored = |name: &str| {
        let of_name = columns.iter().filter(|column| {
            matches!(&column.criterion.measure, Measure::Benchmark(benchmark) if benchmark.benchmark == name)
        });
        let known = of_name.flat_map(|column| &column.readings);
        let candidates: BTreeSet<_> = known
            .filter(|reading| !matches!(reading.basis, Basis::Unknown(_)))
            .map(|reading| &reading.candidate)
            .collect();
        candidates.len()
    };
    let uses = benchmarks(&requirements.criteria).into_iter();
    uses.map(|name| BenchmarkUse { benchmark: name.to_owned(), scored_candidates: scored(name) }).collect()
}

fn sources(decision: &Decision) -> Vec<String> {
    let of_readings = decision.readings.iter().flat_map(|reading| &reading.sources);
    let failures = decision.excluded.iter().flat_map(|excluded| &excluded.failed);
    let of_failures = failures.flat_map(|failure| &failure.found).flat_map(|claim| &claim.sources);
    let of_questions = decision.questions.iter().flat_map(|question| &question.found);
    let of_questions = of_questions.flat_map(|claim| &claim.sources);
    let all: BTreeSet<_> = of_readings.chain(of_failures).chain(of_questions).cloned().collect();
    all.into_iter().collect()
}
