//! Which assumption moves the answer most: the bars of a tornado picture.

use std::cmp::Ordering;

use sekisho_base::{Known, Yen};
use serde::Serialize;

use super::{
    assumptions::Assumptions,
    break_even::{break_even, own_only},
    key::Key,
    mix::yen_per_million,
    prices::{Offer, PriceSet, ServiceTier},
    tco::Tco,
};

/// How far each assumption moves the break-even against one offer, and the yearly cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tornado {
    /// Id of the offer.
    pub offer: String,
    /// The prices that all bars but the price conflict count with.
    pub prices: PriceSet,
    /// Everything at its planning value.
    pub base: End,
    /// Whether items of the machine are 未指定, so that every end is a floor.
    pub at_least: bool,
    /// The widest first, by the break-even and then by the yearly cost; what moves neither is left out.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// What is moved.
    pub cause: Cause,
    /// With the cause at its low end: not always the lower cost.
    pub at_low: End,
    /// With the cause at its high end.
    pub at_high: End,
}

/// What a bar moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// An assumption with a range.
    Assumption(Key),
    /// Sources that contradict each other on the offer's price; low is the lowest price.
    PriceConflict,
}

/// The answer at one end of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct End {
    /// Tokens a month from which the API costs more; unknown without a price.
    pub break_even_tokens_per_month: Known<f64>,
    /// Yearly cost of the machine.
    pub yearly_yen: Yen,
}

impl Tornado {
    /// Moves each assumption that has a range to both ends, all others at their planning values.
    pub fn of(assumptions: &Assumptions, offer: &Offer) -> Self {
        let sets = offer.price_sets();
        let prices = reference(&sets);
        let mut bars = Vec::new();
        for entry in assumptions.iter() {
            if let Known::Value(range) = entry.amount
                && range.has_spread()
            {
                let at = |point: f64| End::of(&assumptions.at(entry.key, point), &sets, prices);
                bars.push(Bar {
                    cause: Cause::Assumption(entry.key),
                    at_low: at(range.low),
                    at_high: at(range.high),
                });
            }
        }
        bars.extend(price_conflict(assumptions, &sets, prices));
        bars.retain(|bar| bar.widths() != (0.0, 0.0));
        bars.sort_by(|left, right| widest_first(left.widths(), right.widths()));
        let own = own_only(assumptions, &Tco::of(assumptions)).0;
        Self {
            offer: offer.id.clone(),
            prices: prices.clone(),
            base: End::of(assumptions, &sets, prices),
            at_least: own.at_least,
            bars,
        }
    }
}

impl End {
    fn of(assumptions: &Assumptions, sets: &[PriceSet], prices: &PriceSet) -> Self {
        let own = Tco::of(assumptions);
        let price = yen_per_million(assumptions, sets, prices).ok();
        let tokens = price.and_then(|price| break_even(own_only(assumptions, &own).0, price));
        Self {
            break_even_tokens_per_month: Known::from(tokens).map(|tokens| tokens.value),
            yearly_yen: own.yearly.yen.value,
        }
    }
}

impl Bar {
    /// Widths in tokens a month and in yen a year.
    fn widths(&self) -> (f64, f64) {
        let [low, high] = [&self.at_low, &self.at_high];
        let tokens = low.break_even_tokens_per_month.zip(high.break_even_tokens_per_month);
        let yen = high.yearly_yen.as_f64() - low.yearly_yen.as_f64();
        (tokens.value().map_or(0.0, |(low, high)| (high - low).abs()), yen.abs())
    }
}

fn widest_first(left: (f64, f64), right: (f64, f64)) -> Ordering {
    right.0.total_cmp(&left.0).then(right.1.total_cmp(&left.1))
}

/// The set to count with: a checked standard price before the report's, a complete one before any other.
fn reference(sets: &[PriceSet]) -> &PriceSet {
    let rank = |set: &&PriceSet| {
        let tier = match set.service_tier {
            ServiceTier::Standard | ServiceTier::Cached => 0,
            ServiceTier::Unstated => 1,
            ServiceTier::Priority | ServiceTier::Batch => 2,
        };
        (!set.is_complete(), tier, set.by_report)
    };
    sets.iter().min_by_key(rank).expect("an offer has at least one set of prices")
}

/// One bar from the lowest to the highest price that is claimed for the same service. A batch price known to be one is a
/// choice, not a contradiction.
fn price_conflict(assumptions: &Assumptions, sets: &[PriceSet], reference: &PriceSet) -> Option<Bar> {
    let is_same_service = |set: &&PriceSet| {
        let unsure = [set, &reference].iter().any(|set| set.service_tier == ServiceTier::Unstated);
        set.context_tier == reference.context_tier
            && (set.service_tier == reference.service_tier || unsure && !is_special(set.service_tier))
    };
    // At planning values only: the ranges have their own bars.
    let priced = |set: &PriceSet| yen_per_million(assumptions, sets, set).ok().map(|price| price.value);
    let mut claimed: Vec<(f64, &PriceSet)> = sets
        .iter()
        .filter(is_same_service)
        .filter_map(|set| priced(set).filter(|&price| price > 0.0).map(|price| (price, set)))
        .collect();
    claimed.sort_by(|left, right| left.0.total_cmp(&right.0));
    let (lowest, highest) = (claimed.first()?, claimed.last()?);
    (lowest.0 < highest.0).then(|| Bar {
        cause: Cause::PriceConflict,
        at_low: End::of(assumptions, sets, lowest.1),
        at_high: End::of(assumptions, sets, highest.1),
    })
}

fn is_special(tier: ServiceTier) -> bool {
    matches!(tier, ServiceTier::Batch | ServiceTier::Priority)
}

#[cfg(test)]
mod tests;
