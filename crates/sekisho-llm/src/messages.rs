//! Anthropic Messages, `/v1/messages`: its types, and the way to [`chat`](crate::chat) and back.
//!
//! | Messages | chat | |
//! | --- | --- | --- |
//! | `system` | first message, role `system` | |
//! | `text`, `image` (base64, url) | `text`, `image_url` (data URL, URL) | `detail` is read over |
//! | `tool_use`, `tool_result` | `tool_calls`, message with role `tool` | order is kept; `is_error` travels on |
//! | `thinking` without signature | `reasoning_content` | to Messages: no signature, so not into a request |
//! | `thinking` with one, `redacted_thinking` | `thinking_blocks`, in answers also `reasoning_content` | |
//! | `max_tokens` | `max_tokens` or `max_completion_tokens` | to Messages: [`MAX_TOKENS_DEFAULT`] where none is set |
//! | `stop_sequences`, `temperature`, `top_p`, `top_k` | `stop`, the same names | Messages: `temperature` up to 1 |
//! | `tools` (own), `tool_choice` | `tools` (functions), `tool_choice` | `any` is `required` |
//! | `disable_parallel_tool_use` | `parallel_tool_calls` | |
//! | `output_config.format`, `.effort` | `response_format` (`json_schema`), `reasoning_effort` | |
//! | `thinking` | `thinking` | |
//! | `metadata.user_id` | `user` | |
//! | `cache_control`, `service_tier`, `speed` | | hints on cost and speed, read over |
//! | `end_turn`, `stop_sequence` | `stop`, with the text in `stop_reason` of the choice as vLLM gives it | |
//! | `max_tokens`, `tool_use`, `refusal` | `length`, `tool_calls`, `content_filter` | `stop` after a call is `tool_use` |
//! | `input_tokens` + `cache_*_input_tokens` | `prompt_tokens`, `prompt_tokens_details.cached_tokens` | |
//!
//! Everything else (documents, server tools, files, citations, `n`, `seed`, penalties, log probabilities, audio, members
//! that nobody knows) is [`Error::Unsupported`] with the path of the member.

mod count;
mod event;
mod request_from_chat;
mod request_to_chat;
mod response_from_chat;
mod response_to_chat;
mod stream_from_chat;
mod stream_to_chat;

pub use count::{CountRequest, CountResponse};
pub use event::{BlockDelta, ErrorBody, ErrorResponse, Event, MessageDelta, error_kind};
pub use request_from_chat::MAX_TOKENS_DEFAULT;
pub use stream_from_chat::{CALLS_MAX, ToEvents};
pub use stream_to_chat::{BLOCKS_MAX, THOUGHT_BYTES_MAX, ToChunks};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Error, Invalid,
    chat::MESSAGES_MAX,
    wire::{Body, check_range, null_is_default},
};

/// What errors call this format.
pub(crate) const FORMAT: &str = "/v1/messages";
/// Members that change cost or speed and never the answer.
const HINTS: &[&str] = &["cache_control", "service_tier", "speed"];

/// A question, with the conversation before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Name of the model.
    pub model: String,
    /// The conversation.
    pub messages: Vec<Message>,
    /// Most tokens of the answer, those of thinking included.
    pub max_tokens: u64,
    /// What the model is told before everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<Content>,
    /// Whether the answer comes in parts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "null_is_default")]
    pub stream: bool,
    /// Texts at which the answer ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_sequences: Option<Vec<String>>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// From how many tokens one is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u64>,
    /// Tools that the model may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Tool>>,
    /// Which of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// Whether and how much it thinks first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<Value>,
    /// The form of the answer, and how much effort it is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_config: Option<OutputConfig>,
    /// About whoever asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One turn of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// `user`, `assistant`, `system`.
    pub role: String,
    /// What is said.
    pub content: Content,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A text, or a list of blocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a string or an array of blocks, each with a `type`")]
pub enum Content {
    /// A text.
    Text(String),
    /// Blocks.
    Blocks(Vec<Block>),
}

/// A block of a message; which members it has depends on its type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// `text`, `image`, `tool_use`, `tool_result`, `thinking`, `redacted_thinking`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Of a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Of a call: the tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of a call: its arguments, an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// Of a result: the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_use_id: Option<String>,
    /// Of a result: what came out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Of a result: whether the tool failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_error: Option<bool>,
    /// What the model thought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<String>,
    /// By which its server knows its own thoughts again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Of thoughts that are not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Where a picture is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// `base64`, `url`, `file`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `image/png`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// In base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A tool that the model may call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// `custom`, the same as none; anything else is run by the model's server.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON schema of its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_schema: Option<Value>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Which tools the model may or must call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolChoice {
    /// `auto`, `any`, `tool`, `none`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of `tool`: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One call at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_parallel_tool_use: Option<bool>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The form of an answer, and its effort.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OutputConfig {
    /// `low`, `medium`, `high`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    /// `json_schema` with a schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Map<String, Value>>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// About whoever asks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// Tells one user from another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A complete answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// `msg_…`
    pub id: String,
    /// `message`
    #[serde(rename = "type")]
    pub kind: String,
    /// `assistant`
    pub role: String,
    /// The model that answered.
    pub model: String,
    /// What was said.
    pub content: Vec<Block>,
    /// `end_turn`, `max_tokens`, `stop_sequence`, `tool_use`, `refusal`, …; null while a stream begins.
    #[serde(default)]
    pub stop_reason: Option<String>,
    /// The text at which it ended.
    #[serde(default)]
    pub stop_sequence: Option<String>,
    /// Tokens.
    pub usage: Usage,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Tokens of a request and its answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Of the prompt, without those that a cache holds; in a stream it comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Written to a cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_creation_input_tokens: Option<u64>,
    /// Read from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read_input_tokens: Option<u64>,
    /// Of the answer so far.
    #[serde(default)]
    pub output_tokens: u64,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for Content {
    fn default() -> Self {
        Self::Blocks(Vec::new())
    }
}

impl Content {
    /// Its blocks; a text is one.
    pub fn into_blocks(self) -> Vec<Block> {
        match self {
            Self::Text(text) => vec![Block::text(text)],
            Self::Blocks(blocks) => blocks,
        }
    }
}

impl Block {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { kind: "text".to_owned(), text: Some(text.into()), ..Self::default() }
    }
}

const ROLES: &[&str] = &["user", "assistant", "system"];

impl Body for Request {
    fn check(&self) -> Result<(), Error> {
        let invalid = |param: String, problem| Err(Error::Invalid { param, problem });
        if self.model.is_empty() {
            return invalid("model".to_owned(), Invalid::Empty);
        }
        if self.messages.is_empty() {
            return invalid("messages".to_owned(), Invalid::Empty);
        }
        if self.messages.len() > MESSAGES_MAX {
            return invalid("messages".to_owned(), Invalid::TooMany { max: MESSAGES_MAX });
        }
        if let Some(index) = self.messages.iter().position(|message| !ROLES.contains(&message.role.as_str()))
        {
            return invalid(format!("messages[{index}].role"), Invalid::Value { allowed: ROLES });
        }
        check_range("max_tokens", Some(self.max_tokens as f64), 1.0, 1e9)?;
        check_range("temperature", self.temperature, 0.0, 1.0)?;
        check_range("top_p", self.top_p, 0.0, 1.0)
    }
}

#[cfg(test)]
pub(crate) mod tests;
