//! Retention classes (保存期間区分): how long a record is kept, and which class it goes to. Data, not code; the built-in file
//! is data/audit/retention.toml.

mod file;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use file::{CLASSES_MAX, PROBLEMS_MAX, Problem, ProblemKind, RETENTION_BYTES_MAX, RULES_MAX};

use crate::clock::{DAY_MS, date_of_days, days_of_date};

/// Fiscal years are counted in Japan time, nine hours ahead of UTC all year.
const JAPAN_AHEAD_MS: u64 = 9 * 3_600_000;
const BUILT_IN: &str = include_str!("../../../data/audit/retention.toml");

/// How long records of a class are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// So many years, at least 1.
    Years(u16),
    /// Until somebody erases them.
    Unlimited,
}

/// When a period starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// On 1 April after the fiscal year (年度) in which the record was made, as for official documents.
    FiscalYear,
    /// At the time of the record.
    Record,
}

/// A retention class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Its number: that of its key and its slots. Never used for another class.
    pub id: u8,
    /// Name in Japanese.
    pub name_ja: String,
    /// Name in English.
    pub name_en: String,
    /// How long its records are kept.
    pub period: Period,
}

/// What a class is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A request and its answer.
    Request {
        /// The label scheme.
        scheme: Option<&'a str>,
        /// The label of the most secret input.
        label: Option<&'a str>,
    },
    /// Something done to the system.
    Event {
        /// What was done.
        event: &'a str,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    for_events: bool,
    scheme: Option<String>,
    label: Option<String>,
    event: Option<String>,
    class: u8,
}

/// The classes and the rules of a file without problems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    starts: Starts,
    classes: BTreeMap<u8, Class>,
    rules: Vec<Rule>,
}

impl Retention {
    /// Reads a retention file.
    ///
    /// # Errors
    /// Everything that is wrong with it: a log must not run on half a retention rule.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        file::parse(text)
    }

    /// The file that comes with the program.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("the built-in file has no problems; a test reads it")
    }

    /// Its text, for an organisation to start from.
    pub fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// The classes, in the order of their numbers.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.classes.values()
    }

    /// The class of that number.
    pub fn class(&self, id: u8) -> Option<&Class> {
        self.classes.get(&id)
    }

    /// The class a record goes to when nobody says otherwise.
    pub fn class_for(&self, subject: Subject<'_>) -> u8 {
        let fits = |wanted: &Option<String>, is: Option<&str>| match wanted {
            None => true,
            Some(wanted) => is == Some(wanted),
        };
        let rule = self.rules.iter().find(|rule| match subject {
            Subject::Request { scheme, label } => {
                !rule.for_events && fits(&rule.scheme, scheme) && fits(&rule.label, label)
            }
            Subject::Event { event } => {
                let named = rule.event.as_ref().is_none_or(|wanted| match wanted.strip_suffix('*') {
                    Some(start) => event.starts_with(start),
                    None => event == wanted,
                });
                rule.for_events && named
            }
        });
        rule.expect("reading refuses a file without a last rule for each kind").class
    }

    /// The first millisecond at which a record of `class` made at `time_ms` need not be kept any more; none when it is kept
    /// without end, or the class is not in the file.
    pub fn ends_ms(&self, class: u8, time_ms: u64) -> Option<u64> {
        let Period::Years(years) = self.class(class)?.period else { return None };
        let in_japan = time_ms.saturating_add(JAPAN_AHEAD_MS);
        let (year, month, day) = date_of_days(in_japan / DAY_MS);
        let end = match self.starts {
            Starts::FiscalYear => {
                let fiscal_year = if month >= 4 { year } else { year - 1 };
                days_of_date(fiscal_year + 1 + u64::from(years), 4, 1).saturating_mul(DAY_MS)
            }
            // 29 February ends on 1 March in a year without it.
            Starts::Record => days_of_date(year + u64::from(years), month, day)
                .saturating_mul(DAY_MS)
                .saturating_add(in_japan % DAY_MS),
        };
        Some(end.saturating_sub(JAPAN_AHEAD_MS))
    }
}
