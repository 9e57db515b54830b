//! How many tokens a month a machine can serve: a break-even beyond it is no break-even.

use sekisho_base::{ByteCount, Known};
use serde::Serialize;

use super::{assumptions::Assumptions, key::Key, range::Range};

const SECONDS_PER_HOUR: f64 = 3_600.0;

/// What the planned machine does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Capacity {
    /// Output tokens per second of all sequences together, at the planned concurrency.
    pub decode_tokens_per_s: Known<Range>,
    /// Input tokens per second.
    pub prefill_tokens_per_s: Known<Range>,
    /// Share of the hours in which the machine is busy, 0 to 1.
    pub utilisation: Known<Range>,
    /// Hours of a month in which the machine serves.
    pub hours_per_month: Known<Range>,
}

/// What can be said of the tokens a machine serves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Servable {
    /// Input and output tokens together; known when all of [`Capacity`] is.
    pub tokens_per_month: Known<Range>,
    /// No more than this, even where a part of the capacity is unknown.
    pub at_most_tokens_per_month: Known<f64>,
}

/// Whether a volume fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Even at the low end.
    Fits,
    /// More than the low end serves, no more than the high end.
    OnlyAtHighEnd,
    /// More than the high end.
    Beyond,
    /// The capacity is not known well enough to say.
    Unknown,
}

impl Capacity {
    /// As the assumptions state it; a sizing sets the speeds there, or here.
    pub fn of(assumptions: &Assumptions) -> Self {
        Self {
            decode_tokens_per_s: assumptions.amount(Key::DecodeSpeed),
            prefill_tokens_per_s: assumptions.amount(Key::PrefillSpeed),
            utilisation: assumptions.amount(Key::Utilisation),
            hours_per_month: assumptions.amount(Key::HoursPerMonth),
        }
    }

    /// One sequence at a time at the roofline: each output token reads all weights once, and nothing else costs time.
    ///
    /// A bound for the sceptic: 1,555 GB/s over 30 GB gives 52 tokens/s, which is 134 M output tokens in 30 days.
    pub fn single_stream(
        memory_bandwidth_gb_per_s: f64,
        weights: ByteCount,
        assumptions: &Assumptions,
    ) -> Self {
        let tokens_per_s = Known::Value(memory_bandwidth_gb_per_s / weights.to_gb())
            .and_then(|speed| if speed.is_finite() { Known::Value(speed) } else { Known::Undisclosed });
        Self {
            decode_tokens_per_s: tokens_per_s.map(Range::point),
            prefill_tokens_per_s: Known::Undisclosed,
            ..Self::of(assumptions)
        }
    }

    /// Output tokens a month if the machine did nothing but decode, at full utilisation.
    pub fn decode_tokens_per_month(&self) -> Known<Range> {
        self.decode_tokens_per_s.zip(self.hours_per_month).map(|(speed, hours)| Range {
            low: speed.low * hours.low * SECONDS_PER_HOUR,
            value: speed.value * hours.value * SECONDS_PER_HOUR,
            high: speed.high * hours.high * SECONDS_PER_HOUR,
        })
    }

    /// Input and output tokens a month, `ratio` input tokens for each output token.
    ///
    /// One output token takes `1/decode + ratio/prefill` seconds, since both share the machine. An unknown speed counts
    /// as endless and an unknown utilisation as full for the upper bound, and leaves the rest unknown.
    pub fn servable(&self, ratio: f64) -> Servable {
        let tokens = |decode: f64, prefill: f64, busy: f64, hours: f64| {
            let seconds = 1.0 / decode + if ratio > 0.0 { ratio / prefill } else { 0.0 };
            (1.0 + ratio) * hours * SECONDS_PER_HOUR * busy / seconds
        };
        let speeds = self.decode_tokens_per_s.zip(self.prefill_tokens_per_s);
        let tokens_per_month = speeds.zip(self.utilisation.zip(self.hours_per_month)).map(
            |((decode, prefill), (busy, hours))| Range {
                low: tokens(decode.low, prefill.low, busy.low, hours.low),
                value: tokens(decode.value, prefill.value, busy.value, hours.value),
                high: tokens(decode.high, prefill.high, busy.high, hours.high),
            },
        );
        let high = |amount: Known<Range>| amount.map(|range| range.high).value();
        let at_most_tokens_per_month = Known::from(high(self.hours_per_month)).and_then(|hours| {
            let most = tokens(
                high(self.decode_tokens_per_s).unwrap_or(f64::INFINITY),
                high(self.prefill_tokens_per_s).unwrap_or(f64::INFINITY),
                high(self.utilisation).unwrap_or(1.0),
                hours,
            );
            if most.is_finite() { Known::Value(most) } else { Known::Undisclosed }
        });
        Servable { tokens_per_month, at_most_tokens_per_month }
    }
}

impl Servable {
    pub(super) const UNKNOWN: Self =
        Self { tokens_per_month: Known::Undisclosed, at_most_tokens_per_month: Known::Undisclosed };

    /// Whether so many tokens a month, input and output together, fit.
    pub fn fit(&self, tokens_per_month: f64) -> Fit {
        match (self.tokens_per_month, self.at_most_tokens_per_month) {
            (Known::Value(range), _) if tokens_per_month <= range.low => Fit::Fits,
            (Known::Value(range), _) if tokens_per_month <= range.high => Fit::OnlyAtHighEnd,
            (Known::Value(_), _) => Fit::Beyond,
            (Known::Undisclosed, Known::Value(most)) if tokens_per_month > most => Fit::Beyond,
            (Known::Undisclosed, _) => Fit::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use sekisho_base::{ByteCount, Known};

    use super::{Capacity, Fit};
    use crate::plan::cost::{Assumptions, Preset, Range};

    #[test]
    fn single_stream_decodes_134_million_tokens_a_month() {
        let assumptions = Assumptions::preset(Preset::Minimal);
        let single = Capacity::single_stream(1_555.0, ByteCount::from_gb(30.0), &assumptions);
        let speed = single.decode_tokens_per_s.value().unwrap().value;
        assert_eq!(speed.round(), 52.0);
        let decoded = single.decode_tokens_per_month().value().unwrap().value;
        assert_eq!((decoded / 1e6).round(), 134.0);

        // Prefill is unknown, so the machine cannot be said to serve anything, only that it does not serve more.
        let servable = single.servable(3.0);
        assert_eq!(servable.tokens_per_month, Known::Undisclosed);
        let most = servable.at_most_tokens_per_month.value().unwrap();
        assert!((most - 4.0 * 0.6 * decoded).abs() < 1.0);
        assert_eq!((servable.fit(most * 0.9), servable.fit(most * 1.1)), (Fit::Unknown, Fit::Beyond));
    }

    #[test]
    fn prefill_and_decode_share_the_machine() {
        let point = |value: f64| Known::Value(Range::point(value));
        let capacity = Capacity {
            decode_tokens_per_s: Known::Value(Range { low: 500.0, value: 1_000.0, high: 2_000.0 }),
            prefill_tokens_per_s: point(3_000.0),
            utilisation: point(0.5),
            hours_per_month: point(720.0),
        };
        // One output token and its three input tokens: 1 ms + 1 ms, so 2,000 tokens in a busy second.
        let servable = capacity.servable(3.0);
        let range = servable.tokens_per_month.value().unwrap();
        assert!((range.value - 2_000.0 * 720.0 * 3_600.0 * 0.5).abs() < 1.0);
        assert_eq!(servable.fit(range.low), Fit::Fits);
        assert_eq!(servable.fit(range.value), Fit::OnlyAtHighEnd);
        assert_eq!(servable.fit(range.high * 1.01), Fit::Beyond);

        let stopped = Capacity { decode_tokens_per_s: point(0.0), ..capacity };
        assert_eq!(stopped.servable(3.0).fit(1.0), Fit::Beyond);
        let silent = Capacity { hours_per_month: Known::Undisclosed, ..capacity };
        assert_eq!(silent.servable(3.0).fit(1e30), Fit::Unknown);
    }
}
