//! Offers for tests: the prices of the survey (F310-F316, F319) and those found when they were checked.

use sekisho_base::Known;

use super::{Field, Offer, PriceClaim, ServiceTier};

pub(super) fn offers() -> Vec<Offer> {
    vec![gpt(), gemini(), opus(), cotomi()]
}

pub(super) fn gpt() -> Offer {
    let mut claims = public(ServiceTier::Standard, "", [1.75, 14.0]);
    claims.push(PriceClaim {
        service_tier: ServiceTier::Cached,
        ..PriceClaim::usd_per_million(Field::Input, 0.175)
    });
    offer("gpt-5.2", claims)
}

pub(super) fn gemini() -> Offer {
    let mut claims = public(ServiceTier::Standard, "<200k", [2.0, 12.0]);
    claims.extend(public(ServiceTier::Standard, ">200k", [4.0, 18.0]));
    offer("gemini-3.1-pro-preview", claims)
}

/// The survey's price is half the public one, which is the public price of batch.
pub(super) fn opus() -> Offer {
    let mut claims = public(ServiceTier::Unstated, "", [2.5, 12.5]);
    for (claim, fact) in claims.iter_mut().zip(["F313", "F314"]) {
        claim.by_report = true;
        claim.fact_id = fact.into();
        claim.status = "conflict".into();
    }
    claims.extend(public(ServiceTier::Standard, "", [5.0, 25.0]));
    claims.extend(public(ServiceTier::Batch, "", [2.5, 12.5]));
    offer("claude-opus-4.5", claims)
}

/// Shown to approved users only.
pub(super) fn cotomi() -> Offer {
    let silent = |field| PriceClaim {
        amount: Known::Undisclosed,
        currency: "JPY".into(),
        by_report: true,
        fact_id: "F319".into(),
        ..PriceClaim::usd_per_million(field, 0.0)
    };
    offer("cotomi-v3", vec![silent(Field::Input), silent(Field::Output)])
}

pub(super) fn offer(id: &str, claims: Vec<PriceClaim>) -> Offer {
    Offer { id: id.into(), provider: String::new(), model: id.into(), claims }
}

pub(super) fn public(tier: ServiceTier, context: &str, [input, output]: [f64; 2]) -> Vec<PriceClaim> {
    [(Field::Input, input), (Field::Output, output)]
        .map(|(field, amount)| PriceClaim {
            service_tier: tier,
            context_tier: context.into(),
            as_of: "2026-03-01".into(),
            ..PriceClaim::usd_per_million(field, amount)
        })
        .into()
}
