//! Sizes and money, so that no bare number crosses a crate without its unit.

use std::{fmt, iter::Sum, ops::Add};

use serde::{Deserialize, Serialize};

/// A number of bytes. GPU data sheets and the survey count in GB (10^9); memory tools count in GiB (2^30).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByteCount(pub u64);

impl ByteCount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From decimal gigabytes, as on a data sheet; negative or non-finite input counts as nothing.
    pub fn from_gb(gb: f64) -> Self {
        Self((gb * 1e9).max(0.0).round() as u64)
    }

    /// In decimal gigabytes.
    pub fn to_gb(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// In binary gibibytes.
    pub fn to_gib(self) -> f64 {
        self.0 as f64 / f64::from(1_u32 << 30)
    }

    /// The sum, or the largest count when it would not fit 64 bits (hostile headers can claim anything).
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// A part or multiple, rounded up: the harm of sizing is too little memory.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).ceil() as u64)
    }
}

impl Add for ByteCount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl Sum for ByteCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::ZERO, Self::saturating_add)
    }
}

/// `30.0 GB`, `524 kB`: decimal, as data sheets and the survey print sizes.
impl fmt::Display for ByteCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        match self.0 {
            0..1_000 => write!(f, "{} B", self.0),
            1_000..1_000_000 => write!(f, "{:.1} kB", bytes / 1e3),
            1_000_000..1_000_000_000 => write!(f, "{:.1} MB", bytes / 1e6),
            1_000_000_000..1_000_000_000_000 => write!(f, "{:.1} GB", bytes / 1e9),
            _ => write!(f, "{:.2} TB", bytes / 1e12),
        }
    }
}

/// Whole yen. Amounts in other currencies never enter this type without a dated exchange rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Yen(pub i64);

impl Yen {
    /// Rounds to whole yen.
    pub fn from_f64(amount: f64) -> Self {
        Self(amount.round() as i64)
    }

    /// For arithmetic with rates.
    pub fn as_f64(self) -> f64 {
        self.0 as f64
    }
}

impl Add for Yen {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Yen {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), Add::add)
    }
}

/// `5,000,000`: digits grouped by three; the word for yen belongs to the edge.
impl fmt::Display for Yen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.unsigned_abs().to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
        if self.0 < 0 {
            grouped.push('-');
        }
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        f.pad(&grouped)
    }
}

#[cfg(test)]
mod tests {
    use super::{ByteCount, Yen};

    #[test]
    fn prints_with_unit_and_groups() {
        assert_eq!(ByteCount(30_000_000_000).to_string(), "30.0 GB");
        assert_eq!(ByteCount(524_288).to_string(), "524.3 kB");
        assert_eq!(ByteCount(7).to_string(), "7 B");
        assert_eq!(Yen(5_000_000).to_string(), "5,000,000");
        assert_eq!(Yen(-999).to_string(), "-999");
        assert_eq!(Yen(-1_000).to_string(), "-1,000");
    }

    #[test]
    fn never_overflows() {
        assert_eq!(ByteCount(u64::MAX) + ByteCount(1), ByteCount(u64::MAX));
        assert_eq!(ByteCount::from_gb(f64::NAN), ByteCount::ZERO);
        assert_eq!(Yen(i64::MAX) + Yen(1), Yen(i64::MAX));
    }
}
