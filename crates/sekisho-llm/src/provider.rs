//! The seam: whoever answers a request.

use std::{future::Future, pin::Pin, sync::Arc, time::Instant};

use futures_core::Stream;

use crate::{Error, chat, completion, embedding, rerank, tokens};

/// Somebody who answers requests: an upstream, a script, or the gateway itself.
///
/// Dropping what it returns, the future or the stream, cancels the request; an upstream is told by the end of its
/// connection.
pub trait Provider: Send + Sync {
    /// Answers `ask`. A streaming request is answered by [`Answer::Stream`], any other by [`Answer::Whole`].
    fn ask(&self, ask: Ask) -> Answering;

    /// What it is called in logs and errors.
    fn name(&self) -> &str;
}

/// An answer that is on its way.
pub type Answering = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

/// The parts of an answer as they arrive. After an error nothing follows.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Chunk, Error>> + Send>>;

/// A request with what belongs to it on the way.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What is asked. Shared: a retry or a second upstream asks the same.
    pub request: Arc<Request>,
    /// Identifies it in logs on both sides; sent upstream as `x-request-id`.
    pub id: Arc<str>,
    /// When the one who asked stops waiting; none for as long as the provider's own limits allow.
    pub deadline: Option<Instant>,
    /// Its trace, in the form of the header `traceparent`; sent to upstreams whose settings say so, and to no other.
    pub trace: Option<Arc<str>>,
}

/// Everything that can be asked of a model.
///
/// Formats with another shape (Anthropic Messages, OpenAI Responses) are turned into [`chat`] where they come in, and
/// back where they go out: a stage between has one shape to know.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// `/v1/chat/completions`
    Chat(chat::Request),
    /// `/v1/completions`
    Completion(completion::Request),
    /// `/v1/embeddings`
    Embedding(embedding::Request),
    /// `/v1/rerank`
    Rerank(rerank::Request),
    /// `/tokenize`
    Tokenize(tokens::TokenizeRequest),
    /// `/detokenize`
    Detokenize(tokens::DetokenizeRequest),
}

/// A complete answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// To [`Request::Chat`].
    Chat(chat::Response),
    /// To [`Request::Completion`].
    Completion(completion::Response),
    /// To [`Request::Embedding`].
    Embedding(embedding::Response),
    /// To [`Request::Rerank`].
    Rerank(rerank::Response),
    /// To [`Request::Tokenize`].
    Tokenize(tokens::TokenizeResponse),
    /// To [`Request::Detokenize`].
    Detokenize(tokens::DetokenizeResponse),
}

/// One part of a streamed answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Chunk {
    /// Of [`Request::Chat`].
    Chat(chat::Chunk),
    /// Of [`Request::Completion`]; the format has the same shape for parts as for the whole.
    Completion(completion::Response),
}

/// What came back.
#[allow(clippy::large_enum_variant, reason = "made once and moved a few times; a box would cost more")]
pub enum Answer {
    /// All at once.
    Whole(Response),
    /// In parts.
    Stream(Chunks),
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(response) => f.debug_tuple("Whole").field(response).finish(),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl Request {
    /// The model that is asked for.
    pub fn model(&self) -> &str {
        match self {
            Self::Chat(request) => &request.model,
            Self::Completion(request) => &request.model,
            Self::Embedding(request) => &request.model,
            Self::Rerank(request) => &request.model,
            Self::Tokenize(request) => &request.model,
            Self::Detokenize(request) => &request.model,
        }
    }

    /// Asks another model the same.
    pub fn set_model(&mut self, model: String) {
        *match self {
            Self::Chat(request) => &mut request.model,
            Self::Completion(request) => &mut request.model,
            Self::Embedding(request) => &mut request.model,
            Self::Rerank(request) => &mut request.model,
            Self::Tokenize(request) => &mut request.model,
            Self::Detokenize(request) => &mut request.model,
        } = model;
    }

    /// Whether the answer comes in parts.
    pub fn is_streaming(&self) -> bool {
        match self {
            Self::Chat(request) => request.stream,
            Self::Completion(request) => request.stream,
            _ => false,
        }
    }
}
