//! From which volume an API costs as much as a machine of one's own, for each set of prices somebody claims.

use sekisho_base::{Known, Yen};
use serde::Serialize;

use super::{
    assumptions::Assumptions,
    capacity::{Capacity, Fit, Servable},
    key::Key,
    mix::yen_per_million,
    prices::{Field, Offer, PriceSet, ServiceTier},
    range::Range,
    tco::{Item, Tco, Total},
};

/// A machine of one's own beside the offers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What the machine costs.
    pub own: Tco,
    /// Yearly cost of the machine less what an API needs as well; the break-even is counted with it.
    pub own_only_yearly: Total,
    /// The 未指定 assumptions for which `own_only_yearly` is a floor.
    pub own_only_missing: Vec<Key>,
    /// What the machine can serve at the planned ratio of input to output.
    pub servable: Servable,
    /// Whether it serves the organisation's own volume, where that is stated.
    pub volume_fit: Known<Fit>,
    /// One row per offer and consistent set of prices.
    pub rows: Vec<Row>,
}

/// One offer at one set of prices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Id of the offer.
    pub offer: String,
    /// Who sells it.
    pub provider: String,
    /// What is sold.
    pub model: String,
    /// The prices counted with.
    pub prices: PriceSet,
    /// Yen per million tokens, input and output mixed as planned.
    pub yen_per_million_tokens: Known<Range>,
    /// Tokens a month, input and output together, from which the API costs more.
    pub tokens_per_month: Known<Range>,
    /// Whether `tokens_per_month` is a floor, since an item of the machine is 未指定.
    pub at_least: bool,
    /// What the break-even is worth.
    pub verdict: Verdict,
    /// What the comparison lacks.
    pub missing: Vec<Missing>,
    /// The API's bill of a year at the organisation's own volume, where that is stated.
    pub api_yearly_yen: Known<Range<Yen>>,
}

/// What a break-even is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The machine serves that volume even at its low end.
    Valid,
    /// The machine serves it only towards its high end.
    OnlyAtHighEnd,
    /// The machine cannot serve it: at planning values the API stays cheaper than this machine.
    BeyondCapacity,
    /// Nobody has said what the machine serves.
    CapacityUnknown,
    /// An item of the machine is 未指定, so the true break-even lies higher.
    CostIncomplete,
    /// The comparison lacks a price or a rate; no number is given.
    PriceMissing,
    /// The API costs nothing: there is no break-even.
    PriceZero,
}

/// What a comparison lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// An assumption is 未指定.
    Assumption(Key),
    /// A price is 未指定.
    Price {
        /// Of what.
        field: Field,
        /// In which tier.
        service_tier: ServiceTier,
    },
    /// No rate into yen.
    ExchangeRate {
        /// From this currency.
        currency: String,
    },
}

impl Comparison {
    /// Compares.
    pub fn of(assumptions: &Assumptions, offers: &[Offer], capacity: &Capacity) -> Self {
        let own = Tco::of(assumptions);
        let (own_only_yearly, own_only_missing) = own_only(assumptions, &own);
        let servable = match assumptions.amount(Key::InputOutputRatio) {
            Known::Value(ratio) => capacity.servable(ratio.value),
            Known::Undisclosed => Servable::UNKNOWN,
        };
        let volume = assumptions.amount(Key::TokensPerMonth);
        let mut rows = Vec::new();
        for offer in offers {
            let sets = offer.price_sets();
            for prices in &sets {
                let mixed = yen_per_million(assumptions, &sets, prices);
                let tokens = mixed.as_ref().ok().and_then(|&price| break_even(own_only_yearly, price));
                let tokens_per_month = Known::from(tokens);
                let (price, missing) = match mixed {
                    Ok(price) => (Known::Value(price), Vec::new()),
                    Err(missing) => (Known::Undisclosed, missing),
                };
                rows.push(Row {
                    offer: offer.id.clone(),
                    provider: offer.provider.clone(),
                    model: offer.model.clone(),
                    prices: prices.clone(),
                    yen_per_million_tokens: price,
                    tokens_per_month,
                    at_least: own_only_yearly.at_least && tokens_per_month.is_known(),
                    verdict: verdict(price, tokens_per_month, own_only_yearly.at_least, &servable),
                    missing,
                    api_yearly_yen: price.zip(volume).map(|(price, tokens)| yearly_bill(price, tokens)),
                });
            }
        }
        let volume_fit = volume.map(|tokens| servable.fit(tokens.value));
        Self { own, own_only_yearly, own_only_missing, servable, volume_fit, rows }
    }
}

/// Tokens a month at which the API costs as much as the machine; none when the API is free.
pub(super) fn break_even(own_only_yearly: Total, yen_per_million: Range) -> Option<Range> {
    let tokens = |yearly: Yen, price: f64| yearly.as_f64() / 12.0 / price * 1e6;
    let yearly = own_only_yearly.yen;
    (yen_per_million.low > 0.0).then(|| Range {
        low: tokens(yearly.low, yen_per_million.high),
        value: tokens(yearly.value, yen_per_million.value),
        high: tokens(yearly.high, yen_per_million.low),
    })
}

/// Yearly cost of the machine less what an API needs as well, and the 未指定 assumptions in it.
///
/// A line that an API needs in full costs the same either way, so it need not be known.
pub(super) fn own_only(assumptions: &Assumptions, own: &Tco) -> (Total, Vec<Key>) {
    let mut missing = Vec::new();
    let mut parts = Vec::new();
    for line in &own.lines {
        let part = match line.item.api_share() {
            None => line.yearly_yen,
            Some(key) => match assumptions.amount(key) {
                Known::Value(share) if share.value == 1.0 => continue,
                Known::Value(share) => line
                    .yearly_yen
                    .map(|yearly| yearly.map(|yen| Yen::from_f64(yen.as_f64() * (1.0 - share.value)))),
                Known::Undisclosed => {
                    missing.push(key);
                    Known::Undisclosed
                }
            },
        };
        missing.extend(&line.missing);
        parts.push(part);
    }
    missing.sort();
    missing.dedup();
    (Total::of(parts.into_iter()), missing)
}

impl Item {
    /// The assumption that says how much of the item an API needs as well.
    fn api_share(self) -> Option<Key> {
        match self {
            Self::People => Some(Key::ApiPeopleShare),
            Self::RagPreparation | Self::RagUpdate => Some(Key::ApiRagShare),
            Self::Guardrails | Self::SafetyAudit | Self::RedTeam => Some(Key::ApiSafetyShare),
            Self::Gpu | Self::Host | Self::Maintenance | Self::Power | Self::Rack | Self::NetworkStorage => {
                None
            }
        }
    }
}

/// A volume beyond the capacity stays beyond it when more cost is found, so that comes before incompleteness.
fn verdict(price: Known<Range>, tokens: Known<Range>, at_least: bool, servable: &Servable) -> Verdict {
    let Known::Value(tokens) = tokens else {
        return if price.is_known() { Verdict::PriceZero } else { Verdict::PriceMissing };
    };
    match servable.fit(tokens.value) {
        Fit::Beyond => Verdict::BeyondCapacity,
        _ if at_least => Verdict::CostIncomplete,
        Fit::Fits => Verdict::Valid,
        Fit::OnlyAtHighEnd => Verdict::OnlyAtHighEnd,
        Fit::Unknown => Verdict::CapacityUnknown,
    }
}

fn yearly_bill(yen_per_million: Range, tokens_per_month: Range) -> Range<Yen> {
    let bill = |price: f64, tokens: f64| Yen::from_f64(price * tokens * 12.0 / 1e6);
    Range {
        low: bill(yen_per_million.low, tokens_per_month.low),
        value: bill(yen_per_million.value, tokens_per_month.value),
        high: bill(yen_per_million.high, tokens_per_month.high),
    }
}

#[cfg(test)]
mod tests;
