//! HTTP before the gate: OpenAI-compatible paths in, stages, answers and errors out. Only here is a status known.

mod ask;
mod body;
mod call;
mod dress;
mod error;
mod head;
mod listen;
mod models;
mod openapi;
mod operate;
mod sse;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{MethodRouter, get, post},
};
use sekisho_llm::{Error, chat, completion, embedding, messages, rerank, responses, tokens};

pub use head::Lang;
pub use listen::{ListenError, Tls, serve};
pub use openapi::OPENAPI;

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

/// Every address: method, path, and who answers. [`OPENAPI`] describes each of them.
fn routes() -> [(&'static str, &'static str, MethodRouter<Front>); 16] {
    [
        ("post", "/v1/chat/completions", post(ask::<chat::Request>)),
        ("post", "/v1/completions", post(ask::<completion::Request>)),
        ("post", "/v1/responses", post(ask::<responses::Request>)),
        ("post", "/v1/messages", post(ask::<messages::Request>)),
        ("post", "/v1/messages/count_tokens", post(ask::<messages::CountRequest>)),
        ("post", "/v1/embeddings", post(ask::<embedding::Request>)),
        ("post", "/v1/rerank", post(ask::<rerank::Request>)),
        ("post", "/rerank", post(ask::<rerank::Request>)),
        ("post", "/tokenize", post(ask::<tokens::TokenizeRequest>)),
        ("post", "/detokenize", post(ask::<tokens::DetokenizeRequest>)),
        ("get", "/v1/models", get(models::list)),
        ("get", "/v1/models/{*model}", get(models::retrieve)),
        ("get", "/healthz", get(operate::healthz)),
        ("get", "/readyz", get(operate::readyz)),
        ("get", "/metrics", get(operate::metrics)),
        ("get", "/openapi.json", get(openapi::document)),
    ]
}

/// All paths.
pub fn router(front: Front) -> Router {
    let routes = routes().into_iter();
    let router = routes.fold(Router::new(), |router, (_, path, answer)| router.route(path, answer));
    router
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_path)
        // Bodies are read by `body`, which has its own limit and its own error.
        .layer(DefaultBodyLimit::disable())
        .with_state(front)
}
