//! The gate: every request to a model passes here, one way, through stages that are types.
//!
//! This crate is *not* for sentences: it returns codes and facts, and whoever stands at the edge words them.
//!
//! Read first: [`Gateway`], [`Received`], and the module `stage`, which is the way of a request from beginning to end.

pub mod access;
mod attempt;
mod budget;
mod caller;
mod changes;
mod directory;
mod explain;
mod gateway;
pub mod http;
mod limit;
mod meter;
mod metrics;
mod observe;
pub mod oidc;
mod recorder;
mod route;
mod screen;
mod settle;
mod sign_in;
mod stage;
pub mod template;
mod texts;
pub mod trace;
mod world;

pub use caller::{Asked, Bearer, Caller, Credential, DECLARED_BYTES_MAX, DOCUMENTS_MAX, Declared, Document};
pub use changes::{ChangesError, record_changes};
pub use directory::Directory;
pub use explain::Explained;
pub use gateway::{Gateway, Parts, Session};
pub use limit::Limits;
pub use metrics::Metrics;
pub use observe::{Ended, Observe};
pub use route::{Offer, Place, Price, Routes, Standing, Upstream, Way, WayDecision};
pub use screen::Screen;
pub use settle::{SettleError, SettledRun, settle_left_open};
pub use sign_in::SignIn;
pub use stage::{Passed, Received, Refused};
pub use world::{RecordPolicy, World};
