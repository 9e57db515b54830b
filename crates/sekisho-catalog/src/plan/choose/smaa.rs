//! Stochastic multicriteria acceptability analysis: SMAA-2, with ordinal criteria as in SMAA-O.
//!
//! Instead of one table of numbers it looks at many worlds. In each, every unknown value and every weight is drawn from
//! what is admissible, and the candidates are ranked by their weighted sum. What comes out is in how many worlds a
//! candidate takes which rank, and with which weights it is typically first.
//!
//! Every uncertain cell and every criterion has a stream of draws of its own, keyed by ids. So the order of candidates
//! and criteria does not matter, one more candidate changes no draw of the others, and fixing one value leaves all
//! others as they were (common random numbers). Draws use adding, multiplying, sorting and comparing only, in a fixed
//! order, so that the result is the same to the byte on every platform.
//!
//! Sources: Lahdelma and Salminen, "SMAA-2: stochastic multicriteria acceptability analysis for group decision making",
//! Operations Research 49(3), 2001; Lahdelma, Miettinen and Salminen, "Ordinal criteria in stochastic multicriteria
//! acceptability analysis (SMAA)", EJOR 147(1), 2003; Tervonen and Figueira, J. Multi-Crit. Decis. Anal. 15, 2008.

mod weights;
mod worlds;

pub(super) use weights::{Weights, WeightsExhausted};
pub(super) use worlds::{BLOCK, Worlds};

/// What is known of one alternative on one criterion, as worth between 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Known.
    Exact(f64),
    /// Anywhere between, all alike.
    Between { low: f64, high: f64 },
    /// One of these places in the order of codes, 0 the best, all alike. What a place is worth is drawn as well.
    OneOf(Vec<usize>),
}

impl Cell {
    pub(super) fn between(low: f64, high: f64) -> Self {
        if low < high { Self::Between { low, high } } else { Self::Exact(low) }
    }
}

/// The question: alternatives, criteria, and what is admissible.
#[derive(Debug, Clone)]
pub(super) struct Model {
    /// Ids of the alternatives.
    pub(super) alternatives: Vec<String>,
    /// Ids of the criteria, ascending: weights and sums are formed in this order, whatever the order of the file.
    pub(super) criteria: Vec<String>,
    /// Number of ordered codes of each criterion, 0 where it is a number.
    pub(super) codes: Vec<usize>,
    /// Row by row, one row per alternative.
    pub(super) cells: Vec<Cell>,
    /// One per criterion.
    pub(super) weights: Weights,
    /// Number of worlds.
    pub(super) draws: u32,
    /// Seed of all streams.
    pub(super) seed: u64,
}

/// The answer. Shares are shares of worlds; where alternatives tie they share the ranks that they take together.
#[derive(Debug, Clone)]
pub(super) struct Acceptability {
    /// `[alternative * alternatives + rank]`: rank acceptability indices.
    pub(super) ranks: Vec<f64>,
    /// `[one * alternatives + other]`: share of worlds in which one is better than the other; half of the ties.
    pub(super) pairwise: Vec<f64>,
    /// Average rank, 1 the best.
    pub(super) mean_rank: Vec<f64>,
    /// Acceptability over all ranks, earlier ones counting more.
    pub(super) holistic: Vec<f64>,
    /// Average of the weights with which it is first; none if it never is.
    pub(super) central_weights: Vec<Option<Vec<f64>>>,
    /// Share of the value draws in which it is first under its central weights.
    pub(super) confidence: Vec<Option<f64>>,
    /// Average of the weights that were drawn.
    pub(super) mean_weights: Vec<f64>,
}

impl Acceptability {
    /// Share of worlds in which an alternative is first.
    pub(super) fn first(&self, alternative: usize) -> f64 {
        self.ranks[alternative * self.mean_rank.len()]
    }
}

/// Draws the worlds and counts.
pub(super) fn analyse(model: &Model) -> Result<Acceptability, WeightsExhausted> {
    let (m, n) = (model.alternatives.len(), model.criteria.len());
    let mut counts = Counts::new(m, n);
    let mut worlds = Worlds::new(model);
    let mut totals = vec![0.0; m * BLOCK];
    while let Some(drawn) = worlds.next_block()? {
        worlds.totals(&mut totals);
        for world in 0..drawn {
            counts.add(&totals, &worlds, world);
        }
    }
    let draws = f64::from(model.draws);
    let central_weights: Vec<_> = (0..m)
        .map(|a| {
            let worlds_first = counts.ranks[a * m];
            let sums = &counts.weights_when_first[a * n..(a + 1) * n];
            (worlds_first > 0.0).then(|| sums.iter().map(|sum| sum / worlds_first).collect())
        })
        .collect();
    let mut result = Acceptability {
        ranks: counts.ranks.iter().map(|count| count / draws).collect(),
        pairwise: counts.pairwise.iter().map(|count| count / draws).collect(),
        mean_rank: counts.rank_sums.iter().map(|sum| sum / draws).collect(),
        holistic: Vec::new(),
        confidence: Vec::new(),
        mean_weights: counts.weights.iter().map(|sum| sum / draws).collect(),
        central_weights,
    };
    result.holistic = holistic(&result.ranks, m);
    result.confidence = confidence(model, &result)?;
    Ok(result)
}

struct Counts {
    m: usize,
    ranks: Vec<f64>,
    pairwise: Vec<f64>,
    rank_sums: Vec<f64>,
    weights_when_first: Vec<f64>,
    weights: Vec<f64>,
    column: Vec<f64>,
    order: Vec<usize>,
}

impl Counts {
    fn new(m: usize, n: usize) -> Self {
        Self {
            m,
            ranks: vec![0.0; m * m],
            pairwise: vec![0.0; m * m],
            rank_sums: vec![0.0; m],
            weights_when_first: vec![0.0; m * n],
            weights: vec![0.0; n],
            column: vec![0.0; m],
            order: (0..m).collect(),
        }
    }

    fn add(&mut self, totals: &[f64], worlds: &Worlds<'_>, world: usize) {
        let (m, n) = (self.m, self.weights.len());
        for (a, total) in self.column.iter_mut().enumerate() {
            *total = totals[a * BLOCK + world];
        }
        let column = &self.column;
        self.order.sort_unstable_by(|&one, &other| column[other].total_cmp(&column[one]));
        let mut from = 0;
        while from < m {
            let total = column[self.order[from]];
            let to = from + self.order[from..].iter().take_while(|&&a| column[a] == total).count();
            let part = 1.0 / (to - from) as f64;
            for &a in &self.order[from..to] {
                for rank in from..to {
                    self.ranks[a * m + rank] += part;
                }
                self.rank_sums[a] += (from + 1 + to) as f64 / 2.0;
                let row = &mut self.pairwise[a * m..(a + 1) * m];
                for &tied in self.order[from..to].iter().filter(|&&tied| tied != a) {
                    row[tied] += 0.5;
                }
                for &worse in &self.order[to..] {
                    row[worse] += 1.0;
                }
                if from == 0 {
                    for k in 0..n {
                        self.weights_when_first[a * n + k] += part * worlds.weight(k, world);
                    }
                }
            }
            from = to;
        }
        for (k, sum) in self.weights.iter_mut().enumerate() {
            *sum += worlds.weight(k, world);
        }
    }
}

/// Ranks weighted by rank-order centroids, scaled so that the first rank counts 1.
fn holistic(ranks: &[f64], m: usize) -> Vec<f64> {
    let mut tails: Vec<f64> = (1..=m).map(|rank| 1.0 / rank as f64).collect();
    for rank in (0..m.saturating_sub(1)).rev() {
        tails[rank] += tails[rank + 1];
    }
    let weighted = |row: &[f64]| row.iter().zip(&tails).map(|(share, tail)| share * (tail / tails[0])).sum();
    ranks.chunks_exact(m).map(weighted).collect()
}

/// Replays the same values under each alternative's own central weights.
fn confidence(model: &Model, result: &Acceptability) -> Result<Vec<Option<f64>>, WeightsExhausted> {
    let m = model.alternatives.len();
    let mut firsts = vec![0.0; m];
    // Strong rivals are looked at first, so that a block is given up early.
    let mut rivals: Vec<usize> = (0..m).collect();
    rivals.sort_by(|&one, &other| result.mean_rank[one].total_cmp(&result.mean_rank[other]));
    let mut worlds = Worlds::new(model);
    let (mut own, mut rival_totals) = ([0.0; BLOCK], [0.0; BLOCK]);
    while let Some(drawn) = worlds.next_block()? {
        for (a, weights) in result.central_weights.iter().enumerate() {
            let Some(weights) = weights else { continue };
            worlds.total_under(weights, a, &mut own);
            // Number of alternatives that share the first place; 0 once one is better.
            let mut sharing = [1.0_f64; BLOCK];
            for &rival in rivals.iter().filter(|&&rival| rival != a) {
                worlds.total_under(weights, rival, &mut rival_totals);
                for world in 0..BLOCK {
                    if rival_totals[world] > own[world] {
                        sharing[world] = 0.0;
                    } else if rival_totals[world] == own[world] && sharing[world] > 0.0 {
                        sharing[world] += 1.0;
                    }
                }
                if sharing.iter().all(|&count| count == 0.0) {
                    break;
                }
            }
            firsts[a] +=
                sharing[..drawn].iter().filter(|&&count| count > 0.0).map(|count| 1.0 / count).sum::<f64>();
        }
    }
    let draws = f64::from(model.draws);
    let shares = firsts.iter().zip(&result.central_weights);
    Ok(shares.map(|(first, weights)| weights.as_ref().map(|_| first / draws)).collect())
}
