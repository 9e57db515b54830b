//! OpenAI legacy completions, `/v1/completions`: what evaluation harnesses use, since it returns log probabilities of a
//! given text (`echo`). Members that we do not know travel on unchanged.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use crate::wire::{OneOrMany as Stop, Usage};
use crate::{
    Error, Invalid,
    chat::StreamOptions,
    wire::{Body, check_range, null_is_default},
};

/// Most prompts of one request.
pub const PROMPTS_MAX: usize = 2048;

/// A text to be continued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Name of the model.
    pub model: String,
    /// What is continued.
    pub prompt: Prompt,
    /// Most tokens of the answer; 0 with `echo` scores the prompt alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Whether the answer comes in parts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "null_is_default")]
    pub stream: bool,
    /// What a stream carries besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_options: Option<StreamOptions>,
    /// What comes after the gap that is filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// Whether the prompt comes back before the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo: Option<bool>,
    /// How many alternatives for each token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<u32>,
    /// How many answers to each prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Texts at which the answer ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// For answers that can be had again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Texts or token ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a string, an array of strings, an array of token ids or an array of arrays of token ids"
)]
pub enum Prompt {
    /// One text.
    Text(String),
    /// Several.
    Texts(Vec<String>),
    /// One text as token ids.
    Tokens(Vec<u32>),
    /// Several.
    TokenLists(Vec<Vec<u32>>),
}

/// An answer, or a part of one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// `cmpl-…`
    #[serde(default)]
    pub id: String,
    /// `text_completion`
    #[serde(default)]
    pub object: String,
    /// Seconds since 1970.
    #[serde(default)]
    pub created: u64,
    /// The model that answered.
    #[serde(default)]
    pub model: String,
    /// The answers.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One answer of several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Which.
    #[serde(default)]
    pub index: u32,
    /// What follows the prompt, or more of it.
    #[serde(default)]
    pub text: String,
    /// Log probabilities, as they came.
    #[serde(default)]
    pub logprobs: Option<Value>,
    /// `stop`, `length`.
    #[serde(default)]
    pub finish_reason: Option<String>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Prompt {
    /// How many prompts it holds.
    pub fn count(&self) -> usize {
        match self {
            Self::Text(_) | Self::Tokens(_) => 1,
            Self::Texts(texts) => texts.len(),
            Self::TokenLists(lists) => lists.len(),
        }
    }
}

impl Body for Request {
    fn check(&self) -> Result<(), Error> {
        let invalid = |param: &str, problem| Err(Error::Invalid { param: param.to_owned(), problem });
        if self.model.is_empty() {
            return invalid("model", Invalid::Empty);
        }
        match self.prompt.count() {
            0 => return invalid("prompt", Invalid::Empty),
            count if count > PROMPTS_MAX => return invalid("prompt", Invalid::TooMany { max: PROMPTS_MAX }),
            _ => {}
        }
        check_range("temperature", self.temperature, 0.0, 2.0)?;
        check_range("top_p", self.top_p, 0.0, 1.0)?;
        check_range("n", self.n.map(f64::from), 1.0, f64::from(crate::chat::CHOICES_MAX))?;
        check_range("logprobs", self.logprobs.map(f64::from), 0.0, 20.0)?;
        check_range("max_tokens", self.max_tokens.map(|count| count as f64), 0.0, 1e9)?;
        if self.stream_options.is_some() && !self.stream {
            return invalid("stream_options", Invalid::Conflict { with: "stream" });
        }
        Ok(())
    }
}
