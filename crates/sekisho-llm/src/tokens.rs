//! Tokens of a text and back, `/tokenize` and `/detokenize` as vLLM serves them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Invalid, chat::Message, wire::Body};

/// Most token ids of one request.
pub const TOKENS_MAX: usize = 1 << 20;

/// A text, or a conversation, to be cut into tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenizeRequest {
    /// Name of the model.
    pub model: String,
    /// A text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Or a conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Message>>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Its tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenizeResponse {
    /// How many.
    pub count: u64,
    /// Their ids.
    pub tokens: Vec<u32>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Token ids to be put together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DetokenizeRequest {
    /// Name of the model.
    pub model: String,
    /// The ids.
    pub tokens: Vec<u32>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Their text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DetokenizeResponse {
    /// The text.
    pub prompt: String,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Body for TokenizeRequest {
    fn check(&self) -> Result<(), Error> {
        let invalid = |param: &str, problem| Err(Error::Invalid { param: param.to_owned(), problem });
        match (&self.prompt, &self.messages) {
            _ if self.model.is_empty() => invalid("model", Invalid::Empty),
            (None, None) => invalid("prompt", Invalid::Empty),
            (Some(_), Some(_)) => invalid("prompt", Invalid::Conflict { with: "messages" }),
            _ => Ok(()),
        }
    }
}

impl Body for DetokenizeRequest {
    fn check(&self) -> Result<(), Error> {
        let invalid = |param: &str, problem| Err(Error::Invalid { param: param.to_owned(), problem });
        match () {
            () if self.model.is_empty() => invalid("model", Invalid::Empty),
            () if self.tokens.len() > TOKENS_MAX => invalid("tokens", Invalid::TooMany { max: TOKENS_MAX }),
            () => Ok(()),
        }
    }
}
