//! What a machine of one's own costs over the years, and from which volume on an API costs as much.
//!
//! Not for forecasts: every number is an assumption with unit, kind, source and date, kept in one TOML file
//! (`data/plan/cost-default.toml`) that an organisation overlays with its own. What nobody has stated is 未指定: a sum
//! without it is marked as a floor, and a comparison without a price is not made.
//!
//! Read first: [`Assumptions`], [`Comparison`], [`Tornado`].
//!
//! ```
//! use sekisho_base::Known;
//! use sekisho_catalog::plan::cost::{
//!     Assumptions, Capacity, Comparison, Field, Offer, Origin, Preset, PriceClaim, ServiceTier,
//! };
//! // The smallest calculation, with the organisation's own price of electricity laid over it.
//! let mine = "version = 1\n[power]\nelectricity_yen_per_kwh = 35";
//! let (assumptions, problems) = Assumptions::preset(Preset::Minimal).overlay(mine, Origin::File);
//! assert!(problems.is_empty());
//!
//! let claim = |field, amount| PriceClaim {
//!     service_tier: ServiceTier::Standard,
//!     as_of: "2026-03-01".into(),
//!     ..PriceClaim::usd_per_million(field, amount)
//! };
//! let offer = Offer {
//!     id: "gpt-5.2".into(),
//!     provider: "OpenAI".into(),
//!     model: "GPT-5.2".into(),
//!     claims: vec![claim(Field::Input, 1.75), claim(Field::Output, 14.0)],
//! };
//! let comparison = Comparison::of(&assumptions, &[offer], &Capacity::of(&assumptions));
//! let tokens = comparison.rows[0].tokens_per_month.value().expect("both prices are known");
//! assert_eq!((tokens.value / 1e6).round(), 336.0);
//! ```
mod assumptions;
mod break_even;
mod capacity;
mod key;
mod mix;
mod prices;
mod range;
#[cfg(test)]
mod sample;
mod sensitivity;
mod tco;

pub use assumptions::{Assumption, Assumptions, Kind, Origin, Preset, Problem, ProblemKind};
pub use break_even::{Comparison, Missing, Row, Verdict};
pub use capacity::{Capacity, Fit, Servable};
pub use key::Key;
pub use prices::{Field, Offer, PriceClaim, PriceSet, ServiceTier};
pub use range::Range;
pub use sensitivity::{Bar, Cause, End, Tornado};
pub use tco::{Item, Line, Tco, Timing, Total};
