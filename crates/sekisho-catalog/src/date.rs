//! Dates of any precision, as press releases and papers give them.

use std::fmt;

use serde::{Serialize, Serializer};

/// A year, a month or a day. Ordered by what is known: `2025` before `2025-03` before `2025-03-07`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartialDate {
    /// Year of our era.
    pub year: u16,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31.
    pub day: Option<u8>,
}

impl PartialDate {
    /// Reads `2025`, `2025-03`, `2025-03-07` at the start of a text; what follows (`（開始）`) is ignored when it is not
    /// a digit.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let year = take_digits(&mut rest, 4)?;
        let month = take_part(&mut rest, 12);
        let day = month.and_then(|_| take_part(&mut rest, 31));
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        Some(Self { year, month, day })
    }
}

fn take_digits(rest: &mut &str, count: usize) -> Option<u16> {
    let digits = rest.get(..count).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    *rest = &rest[count..];
    digits.parse().ok()
}

fn take_part(rest: &mut &str, most: u16) -> Option<u8> {
    let mut ahead = rest.strip_prefix('-')?;
    let part = take_digits(&mut ahead, 2).filter(|part| (1..=most).contains(part))?;
    *rest = ahead;
    u8::try_from(part).ok()
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::PartialDate;

    #[test]
    fn reads_each_precision() {
        for text in ["2025", "2025-03", "2025-03-07"] {
            assert_eq!(PartialDate::parse(text).map(|date| date.to_string()).as_deref(), Some(text));
        }
        assert_eq!(
            PartialDate::parse("2025-01（開始）").map(|date| date.to_string()).as_deref(),
            Some("2025-01")
        );
        assert_eq!(
            PartialDate::parse("2025-06~ (実施)").map(|date| date.to_string()).as_deref(),
            Some("2025-06")
        );
        for text in ["", "25", "20251", "令和7年", "2025-0301"] {
            assert_eq!(PartialDate::parse(text), None, "{text}");
        }
    }
}
