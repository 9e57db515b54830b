//! Rerank in the shape of Cohere and Jina, as vLLM serves it, `/v1/rerank`. Members that we do not know travel on unchanged.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use crate::wire::Usage;
use crate::{Error, Invalid, wire::Body};

/// Most documents of one request.
pub const DOCUMENTS_MAX: usize = 1000;

/// Documents to be put in order for a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Name of the model.
    pub model: String,
    /// The question.
    pub query: String,
    /// The documents.
    pub documents: Vec<Document>,
    /// How many to return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_n: Option<u32>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A document: a text, or an object with one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a string or an object with `text`")]
pub enum Document {
    /// A text.
    Text(String),
    /// An object.
    Object {
        /// Its text.
        text: String,
        /// Members that we do not know.
        #[serde(flatten)]
        other: Map<String, Value>,
    },
}

/// The order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The model that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The best first.
    pub results: Vec<Ranked>,
    /// Tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A document with its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Which document of the request.
    pub index: u32,
    /// How well it fits; the scale is the model's.
    pub relevance_score: f64,
    /// The document, where the server returns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Value>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Document {
    /// Its text.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Object { text, .. } => text,
        }
    }

    /// Its text, to change in place.
    pub fn text_mut(&mut self) -> &mut String {
        match self {
            Self::Text(text) | Self::Object { text, .. } => text,
        }
    }
}

impl Body for Request {
    fn check(&self) -> Result<(), Error> {
        let invalid = |param: &str, problem| Err(Error::Invalid { param: param.to_owned(), problem });
        match () {
            () if self.model.is_empty() => invalid("model", Invalid::Empty),
            () if self.documents.is_empty() => invalid("documents", Invalid::Empty),
            () if self.documents.len() > DOCUMENTS_MAX => {
                invalid("documents", Invalid::TooMany { max: DOCUMENTS_MAX })
            }
            () => Ok(()),
        }
    }
}
