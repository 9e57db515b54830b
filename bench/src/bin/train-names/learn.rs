//! Learning: logistic regression over three tags, one example after the other, with a step for each weight (AdaGrad).

use sekisho_guard::names::{
    features::FEATURES,
    model::{Tag, WEIGHTS, shares},
};

/// The first step of a weight.
const STEP: f32 = 0.1;
/// Added to the sum of squares, so that the first steps are no leaps.
const CALM: f32 = 1.0;
/// A feature that was met less often says nothing about sentences that are new.
const COUNT_MIN: u32 = 6;

/// Of the features of an example so many in a hundred are left out.
const LEFT_OUT_PERCENT: u64 = 12;

pub(crate) struct Learner {
    weights: Vec<[f32; WEIGHTS]>,
    squares: Vec<[f32; WEIGHTS]>,
    counts: Vec<u32>,
    /// Features that may be learned; empty: all.
    chosen: Vec<bool>,
    /// Sums of the weights at several moments, and how many: what comes last weighs too much in the weights themselves.
    sums: Vec<[f32; WEIGHTS]>,
    moments: u32,
}

impl Learner {
    /// Learns the features of this choice, or all.
    pub(crate) fn new(chosen: Vec<bool>) -> Self {
        Self {
            weights: vec![[0.0; WEIGHTS]; FEATURES],
            squares: vec![[CALM; WEIGHTS]; FEATURES],
            counts: vec![0; FEATURES],
            chosen,
            sums: vec![[0.0; WEIGHTS]; FEATURES],
            moments: 0,
        }
    }

    /// One example; `progress` is the part of the training that is over.
    ///
    /// Features for which `luck` says no are left out, so that none alone decides: real texts lack now this, now that.
    pub(crate) fn learn(&mut self, features: &mut Vec<u32>, tag: Tag, progress: f32, luck: u64) {
        let is_lucky = |feature: u32| {
            ((u64::from(feature) ^ luck).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % 100 >= LEFT_OUT_PERCENT
        };
        let chosen = &self.chosen;
        features.retain(|feature| (chosen.is_empty() || chosen[*feature as usize]) && is_lucky(*feature));
        let mut scores = [0.0; WEIGHTS];
        for feature in &*features {
            let at = *feature as usize;
            self.counts[at] += 1;
            for (score, weight) in scores.iter_mut().zip(self.weights[at]) {
                *score += weight;
            }
        }
        let mut errors = shares(scores);
        errors[tag as usize] -= 1.0;
        if errors.iter().all(|error| error.abs() < 0.002) {
            return;
        }
        let step = STEP * (1.0 - 0.85 * progress);
        for feature in &*features {
            let at = *feature as usize;
            for (index, error) in errors[1..].iter().enumerate() {
                let square = &mut self.squares[at][index];
                *square += error * error;
                self.weights[at][index] -= step * error / square.sqrt();
            }
        }
    }

    /// The features that say most: large weights that are often met.
    pub(crate) fn best(&self, count: usize) -> Vec<bool> {
        let value = |feature: usize| {
            let weight = self.weights[feature].iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
            // The number of digits in base 2 stands for a logarithm and is the same everywhere.
            weight * (32 - self.counts[feature].leading_zeros()) as f32
        };
        let mut ranked: Vec<(f32, usize)> = (0..FEATURES)
            .filter(|feature| self.counts[*feature] >= COUNT_MIN)
            .map(|feature| (value(feature), feature))
            .collect();
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut chosen = vec![false; FEATURES];
        for (_, feature) in ranked.iter().take(count) {
            chosen[*feature] = true;
        }
        chosen
    }

    /// Keeps the weights of this moment for their average.
    pub(crate) fn remember(&mut self) {
        self.moments += 1;
        for (sums, weights) in self.sums.iter_mut().zip(&self.weights) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += weight;
            }
        }
    }

    /// What was learned: the average of the moments that were kept.
    pub(crate) fn weights(&self) -> Vec<(u32, [f32; WEIGHTS])> {
        let learned = self.sums.iter().enumerate();
        learned
            .filter(|(_, sums)| **sums != [0.0; WEIGHTS])
            .map(|(feature, sums)| (feature as u32, sums.map(|sum| sum / self.moments as f32)))
            .collect()
    }
}
