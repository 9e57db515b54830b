//! Drawing weights: shares of 1, all admissible weightings alike.

use super::worlds::Stream;

/// What does not fit its bounds is drawn again: on average at most this often per world,
const REDRAWS_PER_WORLD_MAX: u64 = 1_000;
/// and in one pass over all worlds at most this often.
const REDRAWS_MAX: u64 = 50_000_000;

/// Which weightings are admissible.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Weights {
    /// All.
    Any,
    /// Ranks, 1 first: no criterion weighs more than one of an earlier rank.
    Ranks(Vec<u32>),
    /// Lower and upper bound of each.
    Bounds(Vec<(f64, f64)>),
}

/// The bounds leave no room, or so little that [`REDRAWS_MAX`] were not enough.
#[derive(Debug)]
pub(in super::super) struct WeightsExhausted;

pub(super) struct Sampler<'m> {
    weights: &'m Weights,
    stream: Stream,
    gaps: Vec<f64>,
    /// By rank, the criteria of each tier: for ranks all criteria, for bounds those whose weight is not exact.
    slots: Vec<usize>,
    /// Ends of the tiers in `slots`.
    tier_ends: Vec<usize>,
    /// What is left to share when every criterion has its lower bound.
    left: f64,
    redraws_left: u64,
}

/// Sums of written decimals miss 1 by rounding only.
const SUM_TOLERANCE: f64 = 1e-9;

impl<'m> Sampler<'m> {
    pub(super) fn new(weights: &'m Weights, criteria: usize, worlds: u32, stream: Stream) -> Self {
        let mut slots: Vec<usize> = (0..criteria).collect();
        let mut tier_ends = Vec::new();
        let mut left = 1.0;
        match weights {
            Weights::Any => {}
            Weights::Ranks(ranks) => {
                slots.sort_by_key(|&k| ranks[k]);
                for (index, pair) in slots.windows(2).enumerate() {
                    if ranks[pair[0]] != ranks[pair[1]] {
                        tier_ends.push(index + 1);
                    }
                }
                tier_ends.push(criteria);
            }
            Weights::Bounds(bounds) => {
                slots.retain(|&k| bounds[k].0 < bounds[k].1);
                left = 1.0 - bounds.iter().map(|bound| bound.0).sum::<f64>();
                if left.abs() < SUM_TOLERANCE {
                    left = 0.0;
                }
            }
        }
        let gaps = Vec::with_capacity(criteria);
        // A block is always drawn to its end.
        let worlds = u64::from(worlds) + super::BLOCK as u64;
        let redraws_left = (worlds * REDRAWS_PER_WORLD_MAX).min(REDRAWS_MAX);
        Self { weights, stream, gaps, slots, tier_ends, left, redraws_left }
    }

    /// Draws one weighting into `to`.
    pub(super) fn draw(&mut self, to: &mut [f64]) -> Result<(), WeightsExhausted> {
        match self.weights {
            Weights::Any => {
                self.draw_gaps(to.len());
                to.copy_from_slice(&self.gaps);
            }
            Weights::Ranks(_) => self.draw_ranked(to),
            Weights::Bounds(bounds) => self.draw_bounded(bounds, to)?,
        }
        Ok(())
    }

    /// A uniform point of the simplex: the gaps between sorted uniform numbers.
    fn draw_gaps(&mut self, count: usize) {
        self.gaps.clear();
        for _ in 1..count {
            self.gaps.push(self.stream.uniform());
        }
        self.gaps.sort_unstable_by(f64::total_cmp);
        self.gaps.push(1.0);
        let mut before = 0.0;
        for gap in &mut self.gaps {
            let cut = *gap;
            *gap = cut - before;
            before = cut;
        }
    }

    /// The largest gaps go to the first tier, in random order within it, and so on. All weightings that obey the ranks
    /// are then alike, since the simplex looks the same from every corner.
    fn draw_ranked(&mut self, to: &mut [f64]) {
        self.draw_gaps(to.len());
        self.gaps.sort_unstable_by(|one, other| other.total_cmp(one));
        let mut from = 0;
        for &end in &self.tier_ends {
            for last in (from + 1..end).rev() {
                let chosen = from + self.stream.below(last - from + 1);
                self.gaps.swap(last, chosen);
            }
            for place in from..end {
                to[self.slots[place]] = self.gaps[place];
            }
            from = end;
        }
    }

    /// Every criterion gets its lower bound, and the rest is shared; over an upper bound, the whole is drawn again.
    fn draw_bounded(&mut self, bounds: &[(f64, f64)], to: &mut [f64]) -> Result<(), WeightsExhausted> {
        for (weight, bound) in to.iter_mut().zip(bounds) {
            *weight = bound.0;
        }
        if self.slots.is_empty() {
            return if self.left == 0.0 { Ok(()) } else { Err(WeightsExhausted) };
        }
        while self.left >= 0.0 && self.redraws_left > 0 {
            self.redraws_left -= 1;
            self.draw_gaps(self.slots.len());
            let fits =
                |(&k, gap): (&usize, &f64)| bounds[k].0 + self.left * gap <= bounds[k].1 + SUM_TOLERANCE;
            if self.slots.iter().zip(&self.gaps).all(fits) {
                for (&k, gap) in self.slots.iter().zip(&self.gaps) {
                    to[k] = bounds[k].0 + self.left * gap;
                }
                return Ok(());
            }
        }
        Err(WeightsExhausted)
    }
}
