//! What an API costs, as claimed: claims that contradict each other stand side by side, each as a set of its own.

use sekisho_base::Known;
use serde::Serialize;

/// What a provider asks for a model, as several sources state it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Offer {
    /// Its id in the catalog.
    pub id: String,
    /// Who sells it.
    pub provider: String,
    /// What is sold.
    pub model: String,
    /// Every claim about its price.
    pub claims: Vec<PriceClaim>,
}

/// One statement of one price.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PriceClaim {
    /// What is priced.
    pub field: Field,
    /// The price of `per_tokens` tokens, or 未指定.
    pub amount: Known<f64>,
    /// ISO 4217 code, such as JPY.
    pub currency: String,
    /// Tokens that the amount pays for; providers count by 1 M, 10 k or 1 k.
    pub per_tokens: u64,
    /// Under which conditions of service.
    pub service_tier: ServiceTier,
    /// For which prompts, such as `<200k`; empty when for all.
    pub context_tier: String,
    /// Whether the survey report says so, rather than a later check.
    pub by_report: bool,
    /// How well it is verified, as the catalog codes it.
    pub status: String,
    /// The day of which it is said.
    pub as_of: String,
    /// Ids of the sources.
    pub source_ids: Vec<String>,
    /// The fact of the survey, such as F313; empty for later claims.
    pub fact_id: String,
}

/// What is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Input tokens.
    Input,
    /// Output tokens.
    Output,
    /// Input tokens that the provider has seen before.
    CachedInput,
}

/// Under which conditions a price holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// Answered at once.
    Standard,
    /// Answered within a day or so.
    Batch,
    /// For input seen before; the claim belongs to the standard set.
    Cached,
    /// Answered before others.
    Priority,
    /// The source does not say.
    Unstated,
}

/// Prices that one reader could hold to be true together, in `currency` per million tokens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PriceSet {
    /// Whether the survey report says so.
    pub by_report: bool,
    /// Under which conditions of service.
    pub service_tier: ServiceTier,
    /// For which prompts.
    pub context_tier: String,
    /// ISO 4217 code; empty where nothing is claimed.
    pub currency: String,
    /// Price of a million input tokens.
    pub input_per_million: Known<f64>,
    /// Price of a million output tokens.
    pub output_per_million: Known<f64>,
    /// Price of a million cached input tokens.
    pub cached_input_per_million: Known<f64>,
    /// What the set was made from: input, output and cached input, as far as claimed.
    pub claims: Vec<PriceClaim>,
}

impl PriceClaim {
    /// A bare claim in US dollars per million tokens, for the rest of its fields to be filled in.
    pub fn usd_per_million(field: Field, amount: f64) -> Self {
        Self {
            field,
            amount: Known::Value(amount),
            currency: "USD".into(),
            per_tokens: 1_000_000,
            service_tier: ServiceTier::Unstated,
            context_tier: String::new(),
            by_report: false,
            status: String::new(),
            as_of: String::new(),
            source_ids: Vec::new(),
            fact_id: String::new(),
        }
    }

    /// The amount per million tokens. An amount that is negative or no number, or per zero tokens, is no price.
    pub fn per_million(&self) -> Known<f64> {
        self.amount.map(|amount| amount * 1e6 / self.per_tokens as f64).and_then(|amount| {
            if amount.is_finite() && amount >= 0.0 { Known::Value(amount) } else { Known::Undisclosed }
        })
    }

    /// Catalogs write cached input either as a field or as a tier.
    fn is_cached(&self) -> bool {
        self.field == Field::CachedInput || self.service_tier == ServiceTier::Cached
    }

    /// Whether both could stand in one price list.
    fn is_beside(&self, other: &Self) -> bool {
        self.by_report == other.by_report
            && self.context_tier == other.context_tier
            && self.currency == other.currency
    }
}

impl Offer {
    /// Every consistent set of the claims, in the order of the claims; one empty set when nothing is claimed.
    ///
    /// Claims belong together when the same side (report or later check) makes them for the same tier, prompts and
    /// currency. Where such claims still differ, those of one date belong together; without that, every combination
    /// is a set, made of the first eight claims of each field.
    pub fn price_sets(&self) -> Vec<PriceSet> {
        let mut sets: Vec<PriceSet> = Vec::new();
        let mut seen: Vec<&PriceClaim> = Vec::new();
        for first in self.claims.iter().filter(|claim| !claim.is_cached()) {
            let same_list =
                |other: &PriceClaim| other.is_beside(first) && other.service_tier == first.service_tier;
            if seen.iter().any(|other| same_list(other)) {
                continue;
            }
            seen.push(first);
            let of_field = |field| {
                let claims = self.claims.iter().filter(|claim| !claim.is_cached() && claim.field == field);
                claims.filter(|claim| same_list(claim)).collect::<Vec<_>>()
            };
            let parts = [of_field(Field::Input), of_field(Field::Output), self.cached_beside(first)];
            for set in combinations(&parts).into_iter().map(|claims| PriceSet::of(first, claims)) {
                if !sets.iter().any(|other| other.says_the_same(&set)) {
                    sets.push(set);
                }
            }
        }
        if sets.is_empty() {
            sets.push(PriceSet::nothing(self.claims.first()));
        }
        sets
    }

    /// The cached prices of the list that `first` belongs to: of its very tier, or else the standard ones.
    fn cached_beside(&self, first: &PriceClaim) -> Vec<&PriceClaim> {
        let cached = || self.claims.iter().filter(|claim| claim.is_cached() && claim.is_beside(first));
        let exact: Vec<_> = cached().filter(|claim| claim.service_tier == first.service_tier).collect();
        let is_usual =
            |tier| matches!(tier, ServiceTier::Standard | ServiceTier::Unstated | ServiceTier::Cached);
        if !exact.is_empty() || !is_usual(first.service_tier) {
            return exact;
        }
        cached().filter(|claim| is_usual(claim.service_tier)).collect()
    }
}

impl PriceSet {
    fn of(first: &PriceClaim, claims: Vec<&PriceClaim>) -> Self {
        let price = |wanted: &dyn Fn(&PriceClaim) -> bool| {
            claims.iter().find(|claim| wanted(claim)).map_or(Known::Undisclosed, |claim| claim.per_million())
        };
        Self {
            by_report: first.by_report,
            service_tier: first.service_tier,
            context_tier: first.context_tier.clone(),
            currency: first.currency.clone(),
            input_per_million: price(&|claim| claim.field == Field::Input && !claim.is_cached()),
            output_per_million: price(&|claim| claim.field == Field::Output && !claim.is_cached()),
            cached_input_per_million: price(&PriceClaim::is_cached),
            claims: claims.into_iter().cloned().collect(),
        }
    }

    fn nothing(claim: Option<&PriceClaim>) -> Self {
        Self {
            by_report: claim.is_some_and(|claim| claim.by_report),
            service_tier: ServiceTier::Unstated,
            context_tier: claim.map(|claim| claim.context_tier.clone()).unwrap_or_default(),
            currency: claim.map(|claim| claim.currency.clone()).unwrap_or_default(),
            input_per_million: Known::Undisclosed,
            output_per_million: Known::Undisclosed,
            cached_input_per_million: Known::Undisclosed,
            claims: claim.into_iter().cloned().collect(),
        }
    }

    /// Whether input and output are both priced.
    pub fn is_complete(&self) -> bool {
        self.input_per_million.is_known() && self.output_per_million.is_known()
    }

    /// Whether both stand in one price list but for the tier.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.by_report == other.by_report
            && self.context_tier == other.context_tier
            && self.currency == other.currency
    }

    fn says_the_same(&self, other: &Self) -> bool {
        self.is_beside(other)
            && self.service_tier == other.service_tier
            && self.input_per_million == other.input_per_million
            && self.output_per_million == other.output_per_million
            && self.cached_input_per_million == other.cached_input_per_million
    }
}

/// Claims of one field that are combined, so that a hostile catalog of n claims does not give n^3 sets.
const CLAIMS_PER_FIELD_MAX: usize = 8;

/// One claim of each part, where a part without claims gives none; of one date where that is possible.
fn combinations<'a>(parts: &[Vec<&'a PriceClaim>; 3]) -> Vec<Vec<&'a PriceClaim>> {
    let mut all: Vec<Vec<&PriceClaim>> = vec![Vec::new()];
    for part in parts.iter().filter(|part| !part.is_empty()) {
        all = all
            .iter()
            .flat_map(|chosen| {
                part.iter().take(CLAIMS_PER_FIELD_MAX).map(|&claim| [chosen.as_slice(), &[claim]].concat())
            })
            .collect();
    }
    let of_one_date =
        |claims: &Vec<&PriceClaim>| claims.windows(2).all(|pair| pair[0].as_of == pair[1].as_of);
    if all.iter().any(of_one_date) {
        all.retain(of_one_date);
    }
    all
}

#[cfg(test)]
mod tests;
