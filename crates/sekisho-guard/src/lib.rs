//! What may pass: labels, detectors, rules, masks, and screening of text while it flows.
//!
//! This crate is *not* the gateway: it knows no requests, no upstreams and no people. It reads no files either; data
//! files arrive as text.
//!
//! Read first: [`Detector`], [`View`], [`Span`].
mod detector;
mod error;
mod file;
mod guard;
mod judge;
mod kind;
mod label;
mod mask;
mod policy;
pub mod promise;
#[cfg(test)]
mod samples;
mod screen;
mod stream;
pub mod table;
mod window;

pub use detector::{Detector, Evidence, Reach, Span, Unavailable, View};
pub use error::Error;
pub use file::{PROBLEMS_MAX, Problem, ProblemKind, Words};
pub use guard::Guard;
pub use judge::{Judge, Opinion, Sentences};
pub use kind::Kind;
pub use label::{Checked, Label, Level, Scheme, Source};
pub use mask::{Restorer, VAULT_BYTES_MAX, VAULT_ENTRIES_MAX, Vault};
pub use policy::{
    Action, Context, Direction, POLICY_BYTES_MAX, Policy, RULES_MAX, Rule, TEXTS_MAX, TRIALS_MAX,
};
pub use screen::{Failure, Finding, OffsetMap, Refusal, Replacement, TEXT_BYTES_MAX, Verdict, disjoint};
pub use stream::{End, Event, Released, Stream};
