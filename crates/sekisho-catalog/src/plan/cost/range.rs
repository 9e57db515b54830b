//! A number that is given as a planning value between two ends.

use std::iter::Sum;

use sekisho_base::Yen;
use serde::Serialize;

/// A planning value with the lowest and the highest that is thought possible; all three are equal for a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Range<T = f64> {
    /// The lowest.
    pub low: T,
    /// What the plan counts with.
    pub value: T,
    /// The highest.
    pub high: T,
}

impl<T> Range<T> {
    /// No spread.
    pub fn point(value: T) -> Self
    where
        T: Copy,
    {
        Self { low: value, value, high: value }
    }

    /// Applies a rising function to all three.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Range<U> {
        Range { low: change(self.low), value: change(self.value), high: change(self.high) }
    }

    /// Whether the ends differ.
    pub fn has_spread(&self) -> bool
    where
        T: PartialEq,
    {
        self.low != self.high
    }
}

impl Range<Yen> {
    pub(super) const ZERO: Self = Self { low: Yen(0), value: Yen(0), high: Yen(0) };
}

impl Sum for Range<Yen> {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, |sum, part| Self {
            low: sum.low + part.low,
            value: sum.value + part.value,
            high: sum.high + part.high,
        })
    }
}
