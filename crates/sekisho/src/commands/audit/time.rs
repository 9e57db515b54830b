//! Times as people type and read them: Japan time where no zone is written.

use sekisho_audit::clock::{parse_rfc3339, to_rfc3339};

/// Japan time is nine hours ahead of UTC all year.
const JAPAN_AHEAD_MS: i64 = 9 * 3_600_000;
const DAY_MS: u64 = 86_400_000;

/// Which end of a span a time is. A date alone means its beginning as a start and its end as an end: both days count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum End {
    From,
    To,
}

/// Milliseconds since 1970 of `2026-11-24`, `2026-11-24T10:00`, `2026-11-24 10:00:30`, `2026-11-24T01:00:00.5Z`,
/// `2026-11-24T10:00:00+09:00`.
pub(in crate::commands) fn parse(text: &str, end: End) -> Option<u64> {
    let text = text.trim();
    let date = text.get(..10)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        let day = at(date, "00:00:00.000", JAPAN_AHEAD_MS)?;
        return Some(if end == End::To { day + DAY_MS } else { day });
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, ahead_ms) = split_zone(rest)?;
    at(date, &whole_clock(clock)?, ahead_ms)
}

fn at(date: &str, clock: &str, ahead_ms: i64) -> Option<u64> {
    let local = parse_rfc3339(&format!("{date}T{clock}Z"))?;
    local.checked_add_signed(-ahead_ms)
}

/// The clock, and how far it is ahead of UTC.
fn split_zone(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(sign) = text.find(['+', '-']) else { return Some((text, JAPAN_AHEAD_MS)) };
    let (clock, zone) = text.split_at(sign);
    let (hours, minutes) = zone[1..].split_once(':')?;
    let number = |digits: &str, max: i64| -> Option<i64> {
        let is_plain = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse().ok().filter(|number| is_plain && *number <= max)
    };
    let ahead = (number(hours, 23)? * 60 + number(minutes, 59)?) * 60_000;
    Some((clock, if zone.starts_with('-') { -ahead } else { ahead }))
}

/// `10:00`, `10:00:30` and `10:00:30.5` as `10:00:30.500`.
fn whole_clock(text: &str) -> Option<String> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let clock = match clock.len() {
        5 => format!("{clock}:00"),
        8 => clock.to_owned(),
        _ => return None,
    };
    (1..=3).contains(&fraction.len()).then(|| format!("{clock}.{fraction:0<3}"))
}

/// `2026-11-24 21:06:50`, Japan time.
pub(in crate::commands) fn shown(time_ms: u64) -> String {
    let text = to_rfc3339(time_ms.saturating_add_signed(JAPAN_AHEAD_MS));
    text[..19].replacen('T', " ", 1)
}

/// `2026-11-24T12:06:50.123Z`, for programs.
pub(in crate::commands) fn exact(time_ms: u64) -> String {
    to_rfc3339(time_ms)
}

#[cfg(test)]
mod tests {
    use super::{End, exact, parse, shown};

    fn check(text: &str, end: End) -> String {
        parse(text, end).map_or("?".to_owned(), exact)
    }

    #[test]
    fn japan_time_unless_a_zone_is_written() {
        assert_eq!(check("2026-11-24", End::From), "2026-11-23T15:00:00.000Z");
        assert_eq!(check("2026-11-24", End::To), "2026-11-24T15:00:00.000Z");
        assert_eq!(check("2026-11-24T10:00", End::To), "2026-11-24T01:00:00.000Z");
        assert_eq!(check("2026-11-24 10:00:30", End::From), "2026-11-24T01:00:30.000Z");
        assert_eq!(check("2026-11-24T10:00:30.5Z", End::From), "2026-11-24T10:00:30.500Z");
        assert_eq!(check("2026-11-24T10:00-05:30", End::From), "2026-11-24T15:30:00.000Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026",
            "2026-02-30",
            "2026/11/24",
            "2026-11-24T25:00",
            "2026-11-24T1:00",
            "1970-01-01",
            "昨日の午前中ごろ",
            "2026-11-24T10:00+9",
            "2026-11-24T10:00:00.1234",
            "2026-11-24T10:00+99:00",
        ] {
            assert_eq!(parse(text, End::From), None, "{text}");
        }
    }

    #[test]
    fn people_read_japan_time() {
        assert_eq!(shown(1_774_191_600_001), "2026-03-23 00:00:00");
    }
}
