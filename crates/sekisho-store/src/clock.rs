//! Time as an argument, and the calendar month in which a budget counts.

use std::{fmt, str::FromStr};

/// Where the store gets the time from. The binary passes the clock of the machine, a test passes its own.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> u64;
}

impl<F: Fn() -> u64 + Send + Sync> Clock for F {
    fn now_ms(&self) -> u64 {
        self()
    }
}

/// Where the month ends: a fixed distance from UTC. Japan has had no summer time since 1951, so no table of zones is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtcOffset {
    minutes: i32,
}

/// Farthest zones on earth lie 14 hours from UTC.
const OFFSET_MINUTES_MAX: i32 = 14 * 60;

impl UtcOffset {
    /// 日本標準時, UTC+09:00.
    pub const JST: Self = Self { minutes: 540 };

    /// East of Greenwich is positive; `None` when no place on earth is that far.
    pub fn from_minutes(minutes: i32) -> Option<Self> {
        (minutes.abs() <= OFFSET_MINUTES_MAX).then_some(Self { minutes })
    }

    /// Minutes east of Greenwich.
    pub fn minutes(self) -> i32 {
        self.minutes
    }
}

impl Default for UtcOffset {
    fn default() -> Self {
        Self::JST
    }
}

/// `+09:00`.
impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// A calendar month from 1970-01 to 9999-12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// `None` outside 1970-01 to 9999-12.
    pub fn new(year: u16, month: u8) -> Option<Self> {
        ((1970..=9999).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month in which an instant lies at a place. Instants behind the year 9999 count in its last month.
    pub fn of(time_ms: u64, offset: UtcOffset) -> Self {
        let local = i128::from(time_ms) + i128::from(offset.minutes) * 60_000;
        let days = (local.max(0) / 86_400_000).min(2_932_896) as u64;
        // Years counted from March, so that the leap day is the last of its year; an era is 400 years, 146,097 days.
        let days = days + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        Self { year: year as u16, month: month as u8 }
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// As it lies in the database: 202611.
    pub(crate) fn number(self) -> u32 {
        u32::from(self.year) * 100 + u32::from(self.month)
    }

    pub(crate) fn of_number(number: i64) -> Option<Self> {
        Self::new(u16::try_from(number / 100).ok()?, u8::try_from(number % 100).ok()?)
    }
}

/// `2026-11`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Not a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a month of the form 2026-11")]
pub struct NotAMonth;

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Self, NotAMonth> {
        let number = |digits: Option<&str>| {
            let digits = digits?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u16>().ok())?
        };
        let (year, month) = (number(text.get(..4)), number(text.get(5..7)));
        let month = year.zip(month).and_then(|(year, month)| Self::new(year, month as u8));
        month.filter(|month| month.to_string() == text).ok_or(NotAMonth)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Month, UtcOffset};

    #[test]
    fn the_month_ends_at_midnight_of_the_zone() {
        // 2026-11-30T23:59:59.999+09:00 and the next millisecond.
        let last = 1_796_050_799_999;
        assert_eq!(Month::of(last, UtcOffset::JST).to_string(), "2026-11");
        assert_eq!(Month::of(last + 1, UtcOffset::JST).to_string(), "2026-12");
        let utc = UtcOffset::from_minutes(0).unwrap();
        assert_eq!(Month::of(last + 1, utc).to_string(), "2026-11");
        assert_eq!(Month::of(last + 1 + 9 * 3_600_000, utc).to_string(), "2026-12");
    }

    #[test]
    fn edges() {
        let behind = UtcOffset::from_minutes(-14 * 60).unwrap();
        assert_eq!(Month::of(0, behind).to_string(), "1970-01");
        assert_eq!(Month::of(u64::MAX, UtcOffset::JST).to_string(), "9999-12");
        assert_eq!(Month::of(951_782_400_000, UtcOffset::JST).to_string(), "2000-02");
        assert_eq!(UtcOffset::from_minutes(14 * 60 + 1), None);
        assert_eq!(UtcOffset::JST.to_string(), "+09:00");
        for text in
            ["", "2026-13", "2026-00", "2026/11", "2026-1", "２026-1", "+026-11", "1969-12", "2026-11 "]
        {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(year in 1970_u16..=9999, month in 1_u8..=12) {
            let month = Month::new(year, month).unwrap();
            prop_assert_eq!(month.to_string().parse::<Month>(), Ok(month));
            prop_assert_eq!(Month::of_number(i64::from(month.number())), Some(month));
        }

        #[test]
        fn reading_never_panics(text in ".{0,12}") {
            let _ = text.parse::<Month>();
        }
    }
}
