//! HTTP before the gate: OpenAI-compatible paths in, stages, answers and errors out. Only here is a status known.

mod ask;
mod body;
mod call;
mod dress;
mod error;
mod head;
mod listen;
mod models;
mod operate;
mod sse;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use sekisho_llm::{Error, chat, completion, embedding, messages, rerank, responses, tokens};

pub use head::Lang;
pub use listen::{ListenError, Tls, serve};

use crate::gateway::Gateway;
use ask::ask;

/// Makes sentences of errors: the edge has the words.
pub trait Phrases: Send + Sync {
    /// What happened and what to do, for whoever reads an answer.
    fn of_error(&self, error: &Error, lang: Lang) -> String;
}

/// Limits of the HTTP side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body.
    pub request_body_bytes_max: usize,
    /// Time for all headers of a request to arrive.
    pub header_timeout: Duration,
    /// Time for a body to arrive.
    pub body_timeout: Duration,
    /// Connections at once.
    pub connections_max: usize,
    /// Time that running requests have to end when the program stops.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_body_bytes_max: 16 << 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(60),
            connections_max: 8192,
            drain_timeout: Duration::from_secs(30),
        }
    }
}

/// What handlers need.
#[derive(Clone)]
pub struct Front {
    /// The gate.
    pub gateway: Gateway,
    /// Its words.
    pub phrases: Arc<dyn Phrases>,
    /// Its limits.
    pub limits: Limits,
}

/// All paths.
pub fn router(front: Front) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(ask::<chat::Request>))
        .route("/v1/completions", post(ask::<completion::Request>))
        .route("/v1/responses", post(ask::<responses::Request>))
        .route("/v1/messages", post(ask::<messages::Request>))
        .route("/v1/embeddings", post(ask::<embedding::Request>))
        .route("/v1/rerank", post(ask::<rerank::Request>))
        .route("/rerank", post(ask::<rerank::Request>))
        .route("/tokenize", post(ask::<tokens::TokenizeRequest>))
        .route("/detokenize", post(ask::<tokens::DetokenizeRequest>))
        .route("/v1/models", get(models::list))
        .route("/v1/models/{*model}", get(models::retrieve))
        .route("/healthz", get(operate::healthz))
        .route("/readyz", get(operate::readyz))
        .route("/metrics", get(operate::metrics))
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_path)
        // Bodies are read by `body`, which has its own limit and its own error.
        .layer(DefaultBodyLimit::disable())
        .with_state(front)
}
