//! What budgets count in: tokens, and millionths of a yen. Whole numbers only, so that sums are exact.

use serde::{Deserialize, Serialize};

/// Most tokens that one call can reserve or use; more is counted as this.
pub const TOKENS_MAX: u64 = 1_000_000_000;
/// Most that one call can cost, in millionths of a yen (1,000,000 yen); more is counted as this.
pub const YEN_MICROS_MAX: u64 = 1_000_000_000_000;
/// Highest limit and highest sum, in either unit. Nine of them fit the integers of SQLite.
pub(crate) const SUM_MAX: u64 = 1_000_000_000_000_000_000;

/// Tokens and money of one call, as an upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Prompt and completion together.
    pub tokens: u64,
    /// Millionths of a yen.
    pub micro_yen: u64,
}

/// What one call used in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the completion.
    pub completion_tokens: u64,
    /// Millionths of a yen.
    pub micro_yen: u64,
}

/// How much somebody may use in a month. `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Prompt and completion together.
    pub tokens_max: Option<u64>,
    /// Millionths of a yen.
    pub micro_yen_max: Option<u64>,
}

impl Amount {
    pub(crate) fn clamped(self) -> Self {
        Self { tokens: self.tokens.min(TOKENS_MAX), micro_yen: self.micro_yen.min(YEN_MICROS_MAX) }
    }
}

impl Used {
    /// Tokens and money, without the parts.
    pub fn to_amount(self) -> Amount {
        Amount {
            tokens: self.prompt_tokens.saturating_add(self.completion_tokens),
            micro_yen: self.micro_yen,
        }
    }

    /// Each count at most what a call can have, so that a hostile upstream cannot break a sum.
    pub(crate) fn clamped(self) -> Self {
        let prompt_tokens = self.prompt_tokens.min(TOKENS_MAX);
        Self {
            prompt_tokens,
            completion_tokens: self.completion_tokens.min(TOKENS_MAX - prompt_tokens),
            micro_yen: self.micro_yen.min(YEN_MICROS_MAX),
        }
    }
}

/// Both units, signed: a lease may be overdrawn by a call that used more than was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sum {
    pub(crate) tokens: i64,
    pub(crate) micro_yen: i64,
}

impl Sum {
    pub(crate) fn map2(self, other: Self, each: impl Fn(i64, i64) -> i64) -> Self {
        Self { tokens: each(self.tokens, other.tokens), micro_yen: each(self.micro_yen, other.micro_yen) }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        self.map2(other, i64::saturating_add)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        self.map2(other, i64::saturating_sub)
    }

    pub(crate) fn at_least_zero(self) -> Self {
        self.map2(Self::default(), i64::max)
    }

    pub(crate) fn is_zero(self) -> bool {
        self == Self::default()
    }
}

impl From<Amount> for Sum {
    fn from(amount: Amount) -> Self {
        let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        Self { tokens: signed(amount.tokens), micro_yen: signed(amount.micro_yen) }
    }
}

impl From<Sum> for Amount {
    fn from(sum: Sum) -> Self {
        let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
        Self { tokens: unsigned(sum.tokens), micro_yen: unsigned(sum.micro_yen) }
    }
}
