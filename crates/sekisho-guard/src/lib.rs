//! What may pass: labels, detectors, rules, masks, and screening of text while it flows.
//!
//! This crate is *not* the gateway: it knows no requests, no upstreams and no people. It reads no files either; data
//! files arrive as text.
//!
//! Read first: [`Detector`], [`View`], [`Span`].
pub mod canary;
pub mod datafile;
mod detector;
mod folded;
#[cfg(test)]
mod hold_check;
pub mod injection;
mod kind;
mod lexicon;
pub mod marking;
mod phrase;
mod rule_card;
pub mod secret;
pub mod table;
pub mod topic;

pub use canary::Canaries;
pub use detector::{Detector, Evidence, Reach, Span, Unavailable, View};
pub use injection::Injection;
pub use kind::Kind;
pub use marking::Markings;
pub use rule_card::RuleCard;
pub use secret::Secrets;
pub use topic::Topics;
