//! What may pass: labels, detectors, rules, masks, and screening of text while it flows.
//!
//! This crate is *not* the gateway: it knows no requests, no upstreams and no people. It reads no files either; data
//! files arrive as text.
//!
//! Read first: [`Detector`], [`View`], [`Span`].
mod detector;
mod kind;
pub mod promise;
pub mod table;
mod window;

pub use detector::{Detector, Evidence, Reach, Span, Unavailable, View};
pub use kind::Kind;
