//! The price of an average million tokens: input, output, cache, batch and exchange rate mixed as planned.

use sekisho_base::Known;

use super::{
    assumptions::Assumptions,
    break_even::Missing,
    key::Key,
    prices::{Field, PriceSet, ServiceTier},
    range::Range,
};

/// Yen per million tokens of `prices`, or everything that is missing for it.
///
/// The price is monotone in each of rate, ratio and the two shares, so its extremes lie at the corners of their ranges.
/// `sets` are all sets of the offer: the batch share is billed by the batch set of the same list.
pub(super) fn yen_per_million(
    assumptions: &Assumptions,
    sets: &[PriceSet],
    prices: &PriceSet,
) -> Result<Range, Vec<Missing>> {
    let mut missing = Vec::new();
    let mut need = |key: Key| {
        assumptions.amount(key).value().unwrap_or_else(|| {
            missing.push(Missing::Assumption(key));
            Range::point(0.0)
        })
    };
    let ratio = need(Key::InputOutputRatio);
    let cached = need(Key::CachedShare);
    // A set that is itself batch or priority is what all requests pay.
    let is_mixed = matches!(prices.service_tier, ServiceTier::Standard | ServiceTier::Unstated);
    let batch = if is_mixed { need(Key::BatchShare) } else { Range::point(0.0) };
    let rate = match prices.currency.as_str() {
        "JPY" => Range::point(1.0),
        "USD" => need(Key::YenPerUsd),
        "" => Range::point(0.0), // nothing is claimed, which the missing prices say
        other => {
            missing.push(Missing::ExchangeRate { currency: other.into() });
            Range::point(0.0)
        }
    };
    let at_once = List::of(prices, cached.high > 0.0, &mut missing);
    let as_batch = if batch.high > 0.0 {
        let beside = |set: &&PriceSet| set.service_tier == ServiceTier::Batch && set.is_beside(prices);
        match sets.iter().find(beside) {
            Some(set) => List::of(set, false, &mut missing),
            None => List::absent(ServiceTier::Batch, &mut missing),
        }
    } else {
        at_once
    };
    if !missing.is_empty() {
        return Err(missing);
    }
    let mixed = |rate: f64, ratio: f64, cached: f64, batch: f64| {
        let now = at_once.per_million(ratio, cached);
        // Batch requests are counted without cache: providers differ in whether both discounts apply.
        rate * (now * (1.0 - batch) + as_batch.per_million(ratio, 0.0) * batch)
    };
    let value = mixed(rate.value, ratio.value, cached.value, batch.value);
    let mut range = Range::point(value);
    for corner in 0..16_u8 {
        let end = |bit: u8, of: Range| if corner & (1 << bit) == 0 { of.low } else { of.high };
        let price = mixed(end(0, rate), end(1, ratio), end(2, cached), end(3, batch));
        range.low = range.low.min(price);
        range.high = range.high.max(price);
    }
    Ok(range)
}

/// Prices of one set, all known.
#[derive(Clone, Copy)]
struct List {
    input: f64,
    output: f64,
    cached: f64,
}

impl List {
    fn of(set: &PriceSet, needs_cached: bool, missing: &mut Vec<Missing>) -> Self {
        let mut need = |field: Field, price: Known<f64>| {
            price.value().unwrap_or_else(|| {
                missing.push(Missing::Price { field, service_tier: set.service_tier });
                0.0
            })
        };
        Self {
            input: need(Field::Input, set.input_per_million),
            output: need(Field::Output, set.output_per_million),
            cached: if needs_cached { need(Field::CachedInput, set.cached_input_per_million) } else { 0.0 },
        }
    }

    fn absent(service_tier: ServiceTier, missing: &mut Vec<Missing>) -> Self {
        missing.extend([Field::Input, Field::Output].map(|field| Missing::Price { field, service_tier }));
        Self { input: 0.0, output: 0.0, cached: 0.0 }
    }

    /// Of `ratio` input tokens per output token, of which a share is cached.
    fn per_million(self, ratio: f64, cached: f64) -> f64 {
        let input = self.input * (1.0 - cached) + self.cached * cached;
        (input * ratio + self.output) / (ratio + 1.0)
    }
}
