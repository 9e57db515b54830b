//! OpenAI embeddings, `/v1/embeddings`. Members that we do not know travel on unchanged.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Error, Invalid,
    wire::{Body, check_range},
};
pub use crate::{completion::Prompt as Input, wire::Usage};

/// Most texts of one request.
pub const INPUTS_MAX: usize = 2048;
const ENCODINGS: &[&str] = &["float", "base64"];

/// Texts to be turned into vectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Name of the model.
    pub model: String,
    /// Texts or token ids.
    pub input: Input,
    /// `float` or `base64` (of little-endian 32-bit floats).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding_format: Option<String>,
    /// Length of the vectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<u32>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Vectors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// `list`
    #[serde(default)]
    pub object: String,
    /// One for each input, in order.
    pub data: Vec<Embedding>,
    /// The model that answered.
    #[serde(default)]
    pub model: String,
    /// Tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Embedding {
    /// `embedding`
    #[serde(default)]
    pub object: String,
    /// Of which input.
    #[serde(default)]
    pub index: u32,
    /// Its numbers.
    pub embedding: Vector,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The numbers of a vector in one of two forms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "an array of numbers or base64")]
pub enum Vector {
    /// As JSON numbers.
    Floats(Vec<f32>),
    /// Base64 of little-endian 32-bit floats.
    Base64(String),
}

impl Body for Request {
    fn check(&self) -> Result<(), Error> {
        let invalid = |param: &str, problem| Err(Error::Invalid { param: param.to_owned(), problem });
        if self.model.is_empty() {
            return invalid("model", Invalid::Empty);
        }
        match self.input.count() {
            0 => return invalid("input", Invalid::Empty),
            count if count > INPUTS_MAX => return invalid("input", Invalid::TooMany { max: INPUTS_MAX }),
            _ => {}
        }
        if self.encoding_format.as_deref().is_some_and(|format| !ENCODINGS.contains(&format)) {
            return invalid("encoding_format", Invalid::Value { allowed: ENCODINGS });
        }
        check_range("dimensions", self.dimensions.map(f64::from), 1.0, 65_536.0)
    }
}
