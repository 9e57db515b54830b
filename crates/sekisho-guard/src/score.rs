//! Figures of a detector on a labelled set, by the written rule data/guard/pii/RULE.ja.md, section 4. Positions are code
//! points throughout, as in the sets; the numbers in comments are points of the rule.

#[cfg(test)]
mod tests;

use std::ops::{AddAssign, Range};

use crate::Kind;

/// z of a 95 % interval, as the rule has it.
const Z: f64 = 1.959964;

/// A part of a text with what it is, in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// What it is.
    pub kind: Kind,
    /// Where: code points of the text.
    pub range: Range<usize>,
}

/// What was made of one prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// At least half of it lies in what was labelled.
    Right,
    /// Right, and a second one for the same labelled span: counts neither way.
    Repeated,
    /// Less than half of it does.
    Wrong,
}

/// Counts of one kind, or of several together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Labelled spans.
    pub labelled: u64,
    /// Labelled spans of which 80 % are covered by predictions of their kind.
    pub found: u64,
    /// Right predictions.
    pub right: u64,
    /// Wrong predictions.
    pub wrong: u64,
    /// Labelled spans of which less than 80 % are covered by predictions of any kind.
    pub leaked: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.labelled += other.labelled;
        self.found += other.found;
        self.right += other.right;
        self.wrong += other.wrong;
        self.leaked += other.leaked;
    }
}

/// A part of a whole with its Wilson 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Part divided by whole.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Share {
    /// 7: none when there is nothing to count.
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        if whole == 0 {
            return None;
        }
        let (count, square) = (whole as f64, Z * Z);
        let value = part as f64 / count;
        let middle = (value + square / (2.0 * count)) / (1.0 + square / count);
        let half = Z * (value * (1.0 - value) / count + square / (4.0 * count * count)).sqrt()
            / (1.0 + square / count);
        Some(Self { value, low: (middle - half).max(0.0), high: (middle + half).min(1.0) })
    }
}

impl Tally {
    /// Found of labelled.
    pub fn recall(&self) -> Option<Share> {
        Share::of(self.found, self.labelled)
    }

    /// Right of right and wrong.
    pub fn precision(&self) -> Option<Share> {
        Share::of(self.right, self.right + self.wrong)
    }
}

/// A labelled span that was missed, or a prediction that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// Whether it was predicted and is wrong; otherwise it was labelled and missed.
    pub is_prediction: bool,
    /// Which.
    pub span: Labelled,
}

/// Figures over a set, filled passage by passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    rows: Vec<(Kind, Tally)>,
    /// Passages without any label.
    pub negative: u64,
    /// Those of them in which something was predicted.
    pub flagged: u64,
}

impl Default for Score {
    fn default() -> Self {
        let kinds = Kind::all().filter(|kind| kind.is_personal());
        Self { rows: kinds.map(|kind| (kind, Tally::default())).collect(), negative: 0, flagged: 0 }
    }
}

impl Score {
    /// Counts one passage and returns what went wrong in it. Kinds that are not personal data are left out.
    pub fn add(&mut self, labelled: &[Labelled], predicted: &[Labelled]) -> Vec<Miss> {
        let counted: Vec<&Labelled> = predicted.iter().filter(|span| span.kind.is_personal()).collect();
        if labelled.is_empty() {
            self.negative += 1;
            self.flagged += u64::from(!counted.is_empty());
        }
        let anything = merged(counted.iter().map(|span| span.range.clone()).collect());
        let mut misses = Vec::new();
        for (kind, tally) in &mut self.rows {
            let kind = *kind;
            let of_kind = |span: &&Labelled| span.kind == kind;
            let mut wanted: Vec<_> = labelled.iter().filter(of_kind).map(|span| span.range.clone()).collect();
            wanted.sort_by_key(|range| range.start);
            let found = counted.iter().copied().filter(of_kind).map(|span| span.range.clone()).collect();
            let judged = judge(&wanted, found);
            tally.labelled += wanted.len() as u64;
            for (range, is_found) in wanted.iter().zip(&judged.found) {
                tally.found += u64::from(*is_found);
                tally.leaked += u64::from(!is_covered(range, &anything));
                if !is_found {
                    let span = Labelled { kind, range: range.clone() };
                    misses.push(Miss { is_prediction: false, span });
                }
            }
            for (range, outcome) in judged.predicted {
                match outcome {
                    Outcome::Right => tally.right += 1,
                    Outcome::Repeated => {}
                    Outcome::Wrong => {
                        tally.wrong += 1;
                        misses.push(Miss { is_prediction: true, span: Labelled { kind, range } });
                    }
                }
            }
        }
        misses
    }

    /// Each kind of personal data with its counts.
    pub fn kinds(&self) -> impl Iterator<Item = (Kind, Tally)> + '_ {
        self.rows.iter().copied()
    }

    /// 8: the counts of the kinds that `wanted` takes, added up.
    pub fn total(&self, wanted: impl Fn(Kind) -> bool) -> Tally {
        let mut total = Tally::default();
        self.kinds().filter(|row| wanted(row.0)).for_each(|row| total += row.1);
        total
    }
}

/// 1 to 4 for one kind in one text.
struct Judged {
    found: Vec<bool>,
    predicted: Vec<(Range<usize>, Outcome)>,
}

fn judge(labelled: &[Range<usize>], predicted: Vec<Range<usize>>) -> Judged {
    let predicted = merged(predicted);
    let found = labelled.iter().map(|range| is_covered(range, &predicted)).collect();
    let mut taken = vec![false; labelled.len()];
    let verdict = |range: Range<usize>| {
        // 3
        if 2 * covered(&range, labelled) < range.len() {
            return (range, Outcome::Wrong);
        }
        // 4: the one it overlaps most, the earlier one on a tie
        let overlap = |at: &usize| covered(&range, &labelled[*at..=*at]);
        let home =
            (0..labelled.len()).rev().max_by_key(overlap).expect("a right prediction overlaps something");
        let outcome = if taken[home] { Outcome::Repeated } else { Outcome::Right };
        taken[home] = true;
        (range, outcome)
    };
    Judged { found, predicted: predicted.into_iter().map(verdict).collect() }
}

/// 1: ranges that share a character become one; ranges that only touch stay two.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Characters of `range` in `others`, which do not overlap each other.
fn covered(range: &Range<usize>, others: &[Range<usize>]) -> usize {
    others.iter().map(|other| range.end.min(other.end).saturating_sub(range.start.max(other.start))).sum()
}

/// 2
fn is_covered(range: &Range<usize>, predicted: &[Range<usize>]) -> bool {
    10 * covered(range, predicted) >= 8 * range.len()
}
