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

pub(crate) struct Learner {
    weights: Vec<[f32; WEIGHTS]>,
    squares: Vec<[f32; WEIGHTS]>,
    counts: Vec<u32>,
    /// Features that may be learned; empty: all.
    chosen: Vec<bool>,
}

impl Learner {
    /// Learns the features of this choice, or all.
    pub(crate) fn new(chosen: Vec<bool>) -> Self {
        Self {
            weights: vec![[0.0; WEIGHTS]; FEATURES],
            squares: vec![[CALM; WEIGHTS]; FEATURES],
            counts: vec![0; FEATURES],
            chosen,
        }
    }

    /// One example; `progress` is the part of the training that is over.
    pub(crate) fn learn(&mut self, features: &mut Vec<u32>, tag: Tag, progress: f32) {
        if !self.chosen.is_empty() {
            features.retain(|feature| self.chosen[*feature as usize]);
        }
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

    /// What was learned.
    pub(crate) fn weights(&self) -> Vec<(u32, [f32; WEIGHTS])> {
        let learned = self.weights.iter().enumerate();
        learned
            .filter(|(_, weights)| **weights != [0.0; WEIGHTS])
            .map(|(feature, weights)| (feature as u32, *weights))
            .collect()
    }
}
