//! Time as an argument, and its one written form: RFC 3339, UTC, milliseconds.

/// Where the journal gets the time from. The binary passes the clock of the machine, a test passes its own.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> u64;
}

impl<F: Fn() -> u64 + Send + Sync> Clock for F {
    fn now_ms(&self) -> u64 {
        self()
    }
}

/// The last millisecond that has a written form: the end of the year 9999.
pub const TIME_MS_MAX: u64 = 253_402_300_799_999;

pub(crate) const DAY_MS: u64 = 86_400_000;

/// Days since 1970-01-01 of a date in the Gregorian calendar, which is taken to reach back and forth without end.
///
/// Years are counted from March, so that the leap day is the last of its year; an era is 400 years, 146,097 days.
pub(crate) fn days_of_date(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
pub(crate) fn date_of_days(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

/// `2026-11-24T11:06:50.123Z`; a time behind [`TIME_MS_MAX`] is written as that.
pub fn to_rfc3339(time_ms: u64) -> String {
    let time_ms = time_ms.min(TIME_MS_MAX);
    let (year, month, day) = date_of_days(time_ms / DAY_MS);
    let within = time_ms % DAY_MS;
    let (hour, minute) = (within / 3_600_000, within / 60_000 % 60);
    let (second, milli) = (within / 1000 % 60, within % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Reads exactly what [`to_rfc3339`] writes, and nothing else.
pub fn parse_rfc3339(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok())?
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (hour, minute, second, milli) = (number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 23)?);
    let within = ((hour * 60 + minute) * 60 + second) * 1000 + milli;
    let time_ms = days_of_date(year, month, day) * DAY_MS + within;
    // Writing it again refuses 30 February, 25 o'clock and wrong punctuation alike.
    (to_rfc3339(time_ms) == text).then_some(time_ms)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TIME_MS_MAX, parse_rfc3339, to_rfc3339};

    #[test]
    fn known_instants() {
        assert_eq!(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(to_rfc3339(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(to_rfc3339(1_774_191_600_001), "2026-03-22T15:00:00.001Z");
        assert_eq!(to_rfc3339(TIME_MS_MAX), "9999-12-31T23:59:59.999Z");
        assert_eq!(to_rfc3339(u64::MAX), to_rfc3339(TIME_MS_MAX));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2026-02-30T00:00:00.000Z",
            "2026-01-01T24:00:00.000Z",
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.000+09:00",
            "2026-01-01 00:00:00.000Z",
            "+026-01-01T00:00:00.000Z",
            "1969-12-31T23:59:59.999Z",
            "２026-01-01T00:00:00.000Z",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(time_ms in 0..=TIME_MS_MAX) {
            prop_assert_eq!(parse_rfc3339(&to_rfc3339(time_ms)), Some(time_ms));
        }

        #[test]
        fn reading_never_panics(text in ".{0,40}") {
            let _ = parse_rfc3339(&text);
        }
    }
}
