//! Language models as the rest of the house sees them: wire formats, the seam [`Provider`], clients for upstreams.
//!
//! This crate is *not* for deciding anything: it knows no people, no labels and no budgets. Whoever asks a model holds a
//! `&dyn Provider` and cannot tell a bare upstream from the governed gateway.
//!
//! Read first: [`Provider`], [`Request`], [`Answer`].

mod chance;
pub mod chat;
pub mod completion;
pub mod embedding;
mod error;
pub mod messages;
pub mod model;
pub mod pool;
mod provider;
pub mod rerank;
pub mod responses;
mod rest;
pub mod scripted;
pub mod sse;
pub mod tokens;
pub mod upstream;
pub mod wire;

pub use error::{Error, Invalid, Phase, Refusal};
pub use provider::{Answer, Answering, Ask, Chunk, Chunks, Provider, Request, Response};
