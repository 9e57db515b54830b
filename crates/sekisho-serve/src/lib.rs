//! The gate: every request to a model passes here, one way, through stages that are types.
//!
//! This crate is *not* for sentences: it returns codes and facts, and whoever stands at the edge words them.

pub mod access;
mod caller;
mod meter;
mod route;
mod screen;
mod texts;

pub use caller::{Bearer, Caller, Credential, DECLARED_BYTES_MAX, DOCUMENTS_MAX, Declared, Document};
pub use route::{Offer, Place, Price, Routes, Standing, Upstream, Way, WayDecision};
pub use screen::Screen;
