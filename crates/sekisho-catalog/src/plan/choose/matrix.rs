//! From what is claimed to what can be drawn: for each candidate and criterion a value between 0 and 1, a part of that
//! range, or all of it.

use sekisho_base::Known;
use serde::Serialize;

use super::{
    candidate::{Benchmark, Candidate, Observation, ObservedValue},
    requirements::{Criterion, Goal, Interval, Measure},
    smaa::Cell,
};

/// Where the ends of an admissible range come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RangeOrigin {
    /// The requirements file.
    File,
    /// The scale of the benchmark.
    Scale,
    /// The lowest and highest value published for a remaining candidate.
    Spread,
    /// The order of codes in the requirements file; there are no numbers.
    Order,
    /// Nothing is published for any remaining candidate: all are unknown alike.
    Nothing,
}

/// The admissible range (許容範囲) of a criterion: its ends are worth 0 and 1, and an unknown may lie anywhere in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AdmissibleRange {
    /// Id of the criterion.
    pub criterion: String,
    /// Its ends, in the unit of the field.
    pub ends: Known<Interval>,
    /// Where they come from.
    pub origin: RangeOrigin,
}

/// What is known of one candidate on one criterion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// Id of the candidate.
    pub candidate: String,
    /// Id of the criterion.
    pub criterion: String,
    /// What is known.
    pub basis: Basis,
    /// A published value lies beyond the admissible range and counts as its nearer end.
    pub beyond_range: bool,
    /// Ids of the sources.
    pub sources: Vec<String>,
}

/// How much is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// One number.
    Exact(f64),
    /// Anywhere between two numbers: published as a range, or `claims` that disagree.
    Range {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
        /// Number of claims; more than one when they disagree.
        claims: usize,
    },
    /// One code.
    Code(String),
    /// One of several codes, as the claims disagree.
    OneOf(Vec<String>),
    /// 未指定: anywhere in the admissible range.
    Unknown(Why),
}

/// Why a value is unknown.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nothing is published.
    Undisclosed,
    /// There are scores on the benchmark, but on another part, scale or version; they are never converted.
    NotComparable(Vec<Benchmark>),
    /// What is published is none of the codes that the criterion orders, or not a number.
    Unusable,
}

impl Reading {
    /// Whether it must be drawn.
    pub fn is_uncertain(&self) -> bool {
        !matches!(self.basis, Basis::Exact(_) | Basis::Code(_))
    }
}

/// No range can be derived for a criterion: what is published is one and the same value.
#[derive(Debug)]
pub(super) struct RangeNeeded(pub(super) String);

/// All readings of one criterion, and how they are valued.
#[derive(Debug)]
pub(super) struct Column<'r> {
    pub(super) criterion: &'r Criterion,
    pub(super) range: AdmissibleRange,
    /// One per candidate.
    pub(super) readings: Vec<Reading>,
}

impl<'r> Column<'r> {
    /// Reads one criterion of every candidate.
    pub(super) fn read(criterion: &'r Criterion, candidates: &[&Candidate]) -> Result<Self, RangeNeeded> {
        let mut readings: Vec<_> = candidates.iter().map(|candidate| read(criterion, candidate)).collect();
        let range = admissible_range(criterion, &readings)?;
        if let Known::Value(ends) = range.ends {
            for reading in &mut readings {
                reading.beyond_range = match reading.basis {
                    Basis::Exact(value) => value < ends.low || value > ends.high,
                    Basis::Range { low, high, .. } => low < ends.low || high > ends.high,
                    _ => false,
                };
            }
        }
        Ok(Self { criterion, range, readings })
    }

    /// Number of ordered codes; 0 when the criterion is a number.
    pub(super) fn codes(&self) -> usize {
        if let Goal::Order(order) = &self.criterion.goal { order.len() } else { 0 }
    }

    /// What the draws need to know of a reading.
    pub(super) fn cell(&self, reading: &Reading) -> Cell {
        match &reading.basis {
            Basis::Exact(value) => Cell::Exact(self.worth(*value)),
            Basis::Range { low, high, .. } => {
                let (one, other) = (self.worth(*low), self.worth(*high));
                Cell::between(one.min(other), one.max(other))
            }
            Basis::Code(code) => Cell::OneOf(self.places(std::slice::from_ref(code))),
            Basis::OneOf(codes) => Cell::OneOf(self.places(codes)),
            Basis::Unknown(_) if self.codes() > 0 => Cell::OneOf((0..self.codes()).collect()),
            Basis::Unknown(_) => Cell::between(0.0, 1.0),
        }
    }

    /// The worst or best that an uncertain reading may turn out to be, as cell and as a person would write it.
    pub(super) fn end(&self, reading: &Reading, best: bool) -> (Cell, End) {
        if let Goal::Order(order) = &self.criterion.goal {
            let Cell::OneOf(places) = self.cell(reading) else { return (Cell::Exact(0.0), End::Unstated) };
            let place = if best { places.iter().min() } else { places.iter().max() };
            let place = place.copied().unwrap_or(0);
            return (Cell::OneOf(vec![place]), End::Code(order[place].clone()));
        }
        let ends = match reading.basis {
            Basis::Exact(value) => Some((value, value)),
            Basis::Range { low, high, .. } => Some((low, high)),
            _ => self.range.ends.value().map(|ends| (ends.low, ends.high)),
        };
        let wants_high = best == (self.criterion.goal == Goal::Max);
        match ends {
            Some((low, high)) => {
                let value = if wants_high { high } else { low };
                (Cell::Exact(self.worth(value)), End::Number(value))
            }
            None => (Cell::Exact(if best { 1.0 } else { 0.0 }), End::Unstated),
        }
    }

    fn places(&self, codes: &[String]) -> Vec<usize> {
        let Goal::Order(order) = &self.criterion.goal else { return Vec::new() };
        codes.iter().filter_map(|code| order.iter().position(|known| known == code)).collect()
    }

    /// Linear from the worse end, 0, to the better end, 1; beyond them it stays.
    fn worth(&self, value: f64) -> f64 {
        let Known::Value(Interval { low, high }) = self.range.ends else { return 0.0 };
        if low >= high {
            // Everybody has the same value, so whatever it is worth decides nothing.
            return 0.0;
        }
        let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
        if self.criterion.goal == Goal::Min { 1.0 - share } else { share }
    }
}

/// A value at one end of what it may be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// In the unit of the field.
    Number(f64),
    /// A code.
    Code(String),
    /// The best or worst that anybody has; nobody has published a number.
    Unstated,
}

fn read(criterion: &Criterion, candidate: &Candidate) -> Reading {
    let (claims, others) = claims(criterion, candidate);
    let basis = match &criterion.goal {
        Goal::Order(order) => read_codes(order, &claims),
        Goal::Max | Goal::Min => read_numbers(&claims),
    };
    let basis = basis.unwrap_or(Basis::Unknown(match (claims.is_empty(), others.is_empty()) {
        (false, _) => Why::Unusable,
        (true, false) => Why::NotComparable(others),
        (true, true) => Why::Undisclosed,
    }));
    let mut sources: Vec<_> = claims.iter().flat_map(|claim| claim.sources.iter().cloned()).collect();
    sources.sort();
    sources.dedup();
    let (candidate, criterion) = (candidate.id.clone(), criterion.id.clone());
    Reading { candidate, criterion, basis, beyond_range: false, sources }
}

/// The claims that a criterion may use, and the scores on the same benchmark that it may not.
fn claims<'c>(criterion: &Criterion, candidate: &'c Candidate) -> (Vec<&'c ObservedValue>, Vec<Benchmark>) {
    let wanted = match &criterion.measure {
        Measure::Field(field) => {
            let observed = candidate.observations.get(field);
            return (observed.iter().flat_map(|observed| &observed.values).collect(), Vec::new());
        }
        Measure::Benchmark(wanted) => wanted,
    };
    let same_name = candidate.scores.iter().filter(|score| score.benchmark.benchmark == wanted.benchmark);
    let (same, other): (Vec<_>, Vec<_>) = same_name.partition(|score| score.benchmark == *wanted);
    let mut others: Vec<_> = other.into_iter().map(|score| score.benchmark.clone()).collect();
    others.sort();
    others.dedup();
    (same.into_iter().flat_map(|score| &score.observed.values).collect(), others)
}

/// From the lowest to the highest of all claims: those that disagree make a range, none of them is picked.
fn read_numbers(claims: &[&ObservedValue]) -> Option<Basis> {
    let intervals: Vec<_> = claims.iter().filter_map(|claim| claim.value.as_interval()).collect();
    let low = intervals.iter().map(|interval| interval.0).reduce(f64::min)?;
    let high = intervals.iter().map(|interval| interval.1).reduce(f64::max)?;
    Some(if low == high { Basis::Exact(low) } else { Basis::Range { low, high, claims: intervals.len() } })
}

/// The best code of each claim, since codes of one claim hold at once; claims that disagree make an either-or.
fn read_codes(order: &[String], claims: &[&ObservedValue]) -> Option<Basis> {
    let mut places: Vec<usize> = claims
        .iter()
        .filter_map(|claim| match &claim.value {
            Observation::Codes(codes) => order.iter().position(|code| codes.contains(code)),
            Observation::Number(_) | Observation::Range(..) => None,
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    match places[..] {
        [] => None,
        [place] => Some(Basis::Code(order[place].clone())),
        _ => Some(Basis::OneOf(places.into_iter().map(|place| order[place].clone()).collect())),
    }
}

fn admissible_range(criterion: &Criterion, readings: &[Reading]) -> Result<AdmissibleRange, RangeNeeded> {
    let with = |ends, origin| Ok(AdmissibleRange { criterion: criterion.id.clone(), ends, origin });
    if matches!(criterion.goal, Goal::Order(_)) {
        return with(Known::Undisclosed, RangeOrigin::Order);
    }
    if let Some(range) = criterion.range {
        return with(Known::Value(range), RangeOrigin::File);
    }
    if let Measure::Benchmark(benchmark) = &criterion.measure
        && let Some((low, high)) = benchmark.scale_ends()
    {
        return with(Known::Value(Interval { low, high }), RangeOrigin::Scale);
    }
    let published = readings.iter().filter_map(|reading| match reading.basis {
        Basis::Exact(value) => Some((value, value)),
        Basis::Range { low, high, .. } => Some((low, high)),
        _ => None,
    });
    let spread = published.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    match spread {
        None => with(Known::Undisclosed, RangeOrigin::Nothing),
        // How far an unknown may lie from the only value that is published, nobody can say but the file.
        Some((low, high)) if low == high && readings.iter().any(Reading::is_uncertain) => {
            Err(RangeNeeded(criterion.id.clone()))
        }
        Some((low, high)) => with(Known::Value(Interval { low, high }), RangeOrigin::Spread),
    }
}
