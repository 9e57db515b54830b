//! Every number a cost rests on: what was said, of what kind, by whom, when, and where Sekisho read it.

use sekisho_base::Known;
use serde::Serialize;

use super::{
    key::{Form, Key},
    range::Range,
};

mod load;
#[cfg(test)]
mod tests;

const DEFAULT_TEXT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/plan/cost-default.toml"));
const MINIMAL_TEXT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/plan/cost-minimal.toml"));

/// All assumptions, one per [`Key`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Assumptions {
    entries: Vec<Assumption>,
}

/// One assumption as it is printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assumption {
    /// Which.
    pub key: Key,
    /// The number in `unit`, or 未指定.
    pub amount: Known<Range>,
    /// The unit of the amount.
    pub unit: &'static str,
    /// How firm it is. Says nothing where the amount is undisclosed.
    pub kind: Kind,
    /// Who said it, in free text; empty where nobody is named.
    pub source: String,
    /// The day, month or year of which it was said (ISO 8601); empty where undated.
    pub as_of: String,
    /// What a reader must know of it.
    pub note: String,
    /// Where Sekisho read it.
    pub origin: Origin,
}

/// How firm an assumption is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody set it so that the sum could be done.
    Assumption,
    /// Stated in public by its owner.
    Published,
    /// Calculated by a vendor with an interest in it (ベンダー試算).
    VendorEstimate,
}

/// Where an assumption was read. The later stands over the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The default file inside the program.
    Default,
    /// A preset inside the program.
    Preset,
    /// The user's file.
    File,
    /// The command line, or another plan (such as the number of GPUs of a sizing).
    Flag,
}

/// A set of assumptions inside the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// What the default file says: items that nobody has priced stay 未指定.
    Default,
    /// The smallest calculation: only GPU, power and people; every other item is set to zero, and says so.
    Minimal,
}

/// One thing wrong with a file of assumptions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// Line in the file, from 1.
    pub line: usize,
    /// Path of the key, such as `hardware.gpu_price_yen.low`; empty where the text is not TOML.
    pub path: String,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with an assumption.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The file is larger than any such file needs to be.
    #[error("the file has {bytes} bytes, more than {bytes_max}")]
    TooLarge {
        /// Size of the file.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The text is not TOML.
    #[error("not valid TOML: {message}")]
    Syntax {
        /// What the TOML parser says, in English.
        message: String,
    },
    /// `version` is absent or not 1.
    #[error("version must be 1")]
    Version,
    /// No such table.
    #[error("unknown table")]
    UnknownGroup,
    /// No such assumption in the table.
    #[error("unknown assumption")]
    UnknownKey,
    /// An assumption has no such field.
    #[error("unknown field")]
    UnknownField,
    /// The value has another type.
    #[error("expected {expected}")]
    WrongType {
        /// What was expected.
        expected: &'static str,
    },
    /// A table without `value`.
    #[error("value is missing")]
    ValueMissing,
    /// The number is outside what makes sense, or not finite.
    #[error("must lie between {min} and {max}")]
    OutOfBounds {
        /// The smallest allowed.
        min: f64,
        /// The largest allowed.
        max: f64,
    },
    /// A count or a number of years with a fraction.
    #[error("must be a whole number")]
    NotWhole,
    /// `low` and `high` do not enclose `value`, or enclose 未指定.
    #[error("low, value and high must ascend")]
    RangeOrder,
    /// This assumption has no range.
    #[error("takes no range")]
    NoRange,
    /// This assumption cannot be undisclosed.
    #[error("must be known")]
    MustBeKnown,
    /// The unit differs from the one in which the number is read.
    #[error("the unit must be {expected}")]
    Unit {
        /// The unit of this assumption.
        expected: &'static str,
    },
    /// `kind` is none of assumption, published, vendor_estimate.
    #[error("unknown kind")]
    UnknownKind,
    /// Published and vendor figures must name who said them.
    #[error("source is missing")]
    SourceMissing,
    /// Not an ISO 8601 day, month or year.
    #[error("not a date")]
    Date,
}

impl Assumptions {
    /// A set inside the program.
    pub fn preset(preset: Preset) -> Self {
        let blank = Self { entries: Key::all().map(Assumption::blank).collect() };
        // Both files are part of the program; a test holds them free of problems.
        let (default, _) = blank.overlay(DEFAULT_TEXT, Origin::Default);
        match preset {
            Preset::Default => default,
            Preset::Minimal => default.overlay(MINIMAL_TEXT, Origin::Preset).0,
        }
    }

    /// Lays a file over these: the keys it gives change, the others keep value and origin.
    ///
    /// An entry is replaced whole, with its source and date: the source of a default does not vouch for another number.
    /// Entries with a problem keep what they had, and all do when the text is not TOML, so a caller must not calculate
    /// when there are problems.
    pub fn overlay(&self, text: &str, origin: Origin) -> (Self, Vec<Problem>) {
        load::overlay(self, text, origin)
    }

    /// Sets one assumption from the command line or from another plan.
    ///
    /// # Errors
    /// The first rule of the key that the amount breaks.
    pub fn set(&mut self, key: Key, amount: Known<Range>, source: &str) -> Result<(), ProblemKind> {
        check_amount(key, amount)?;
        let entry =
            Assumption { amount, source: source.into(), origin: Origin::Flag, ..Assumption::blank(key) };
        self.replace(entry);
        Ok(())
    }

    /// The default file itself, for people to copy the keys they know better from.
    pub fn default_file() -> &'static str {
        DEFAULT_TEXT
    }

    /// All, in the order of the default file.
    pub fn iter(&self) -> impl Iterator<Item = &Assumption> {
        self.entries.iter()
    }

    /// One of them.
    pub fn get(&self, key: Key) -> &Assumption {
        &self.entries[key as usize]
    }

    pub(super) fn amount(&self, key: Key) -> Known<Range> {
        self.get(key).amount
    }

    /// A number of years; see [`Form::Years`].
    pub(super) fn years(&self, key: Key) -> u32 {
        let amount =
            self.amount(key).value().expect("the default file states it and no file may withdraw it");
        amount.value as u32
    }

    /// The same with one number moved to a point; for sensitivity, where the point is an end of a checked range.
    pub(super) fn at(&self, key: Key, point: f64) -> Self {
        let mut moved = self.clone();
        moved.entries[key as usize].amount = Known::Value(Range::point(point));
        moved
    }

    fn replace(&mut self, entry: Assumption) {
        let index = entry.key as usize;
        self.entries[index] = entry;
    }
}

impl Assumption {
    fn blank(key: Key) -> Self {
        Self {
            key,
            amount: Known::Undisclosed,
            unit: key.unit(),
            kind: Kind::Assumption,
            source: String::new(),
            as_of: String::new(),
            note: String::new(),
            origin: Origin::Default,
        }
    }
}

fn check_amount(key: Key, amount: Known<Range>) -> Result<(), ProblemKind> {
    let rule = key.rule();
    let Known::Value(range) = amount else {
        return if rule.form == Form::Years { Err(ProblemKind::MustBeKnown) } else { Ok(()) };
    };
    for number in [range.low, range.value, range.high] {
        // Written so that NaN fails too.
        if !(rule.min..=rule.max).contains(&number) {
            return Err(ProblemKind::OutOfBounds { min: rule.min, max: rule.max });
        }
        if matches!(rule.form, Form::Whole | Form::Years) && number.fract() != 0.0 {
            return Err(ProblemKind::NotWhole);
        }
    }
    if range.low > range.value || range.value > range.high {
        return Err(ProblemKind::RangeOrder);
    }
    if range.has_spread() && matches!(rule.form, Form::Point | Form::Years) {
        return Err(ProblemKind::NoRange);
    }
    Ok(())
}
