//! OpenAI Responses, `/v1/responses`, without state: its types, and the way to [`chat`](crate::chat) and back.
//!
//! | Responses | chat | |
//! | --- | --- | --- |
//! | `instructions` | first message, role `system` | |
//! | `input` as a text | message, role `user` | |
//! | `message` with `input_text`, `output_text`, `input_image` | message with `text`, `image_url` | ids, `status`, `phase`, annotations and log probabilities of earlier answers are read over |
//! | `message` with `refusal` | `refusal` of the message | |
//! | `function_call` | `tool_calls` of the assistant's message before it, or of a new one | |
//! | `function_call_output` | message, role `tool` | |
//! | `reasoning` with a text | `reasoning_content` of the assistant's next message | not what is encrypted |
//! | `tools` (`function`), `tool_choice`, `parallel_tool_calls` | the same names | |
//! | `text.format`, `text.verbosity` | `response_format`, `verbosity` | |
//! | `max_output_tokens`, `temperature`, `top_p`, `user` | `max_tokens`, the same names | |
//! | `reasoning.effort` | `reasoning_effort` | `reasoning.summary` is read over: what a model thinks comes whole |
//! | `include` of log probabilities, `top_logprobs` | `logprobs`, `top_logprobs` | |
//! | `metadata` | | comes back with the answer |
//! | `service_tier`, `safety_identifier`, `prompt_cache_*`, `stream_options` | | hints, read over |
//! | `status` `incomplete` with its reason | `length`, `content_filter` | |
//!
//! Everything else is [`Error::Unsupported`] with the path of the member: `previous_response_id`, `store` where it is
//! true, `background`, `conversation` and `prompt` need a memory that this house does not keep; tools that a server
//! runs, files and other items have no place in chat.

mod event;
mod into_chat;
mod response;
mod stream;

pub use event::{Event, EventKind};
pub use response::{Echo, Response, Usage};
pub use stream::{CALLS_MAX, OUTPUT_BYTES_MAX, ToEvents};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Error, Invalid,
    chat::MESSAGES_MAX,
    wire::{Body, check_range, null_is_default},
};

/// What errors call this format.
const FORMAT: &str = "/v1/responses";

/// A question, with what was said before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Name of the model.
    pub model: String,
    /// What is asked.
    pub input: Input,
    /// What the model is told before everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Whether the answer comes in parts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "null_is_default")]
    pub stream: bool,
    /// Most tokens of the answer, those of reasoning included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// 0 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// How many alternatives for each token, 0 to 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_logprobs: Option<u32>,
    /// Tools that the model may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Tool>>,
    /// Which of them: a word, or one by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<Value>,
    /// Whether it may call several at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    /// The form of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Map<String, Value>>,
    /// How much it thinks first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Map<String, Value>>,
    /// What the answer carries besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include: Option<Vec<String>>,
    /// Comes back with the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// Tells one user from another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// `disabled`, the same as none; anything else lets a server leave out parts of the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncation: Option<String>,
    /// Whether the answer is kept for later questions; here it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<bool>,
    /// Whether the answer is made while nobody waits; here it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<bool>,
    /// An answer that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_response_id: Option<String>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A text, or what was said so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a string or an array of items")]
pub enum Input {
    /// A text.
    Text(String),
    /// Items.
    Items(Vec<Item>),
}

/// One thing that was said, called or thought; which members it has depends on its type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// `message` (also where none is given), `function_call`, `function_call_output`, `reasoning`, …
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `in_progress`, `completed`, `incomplete`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Of a message: `user`, `assistant`, `system`, `developer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Of a message, or of what was thought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// Of a call and its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Of a call: the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of a call: JSON as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
    /// Of a result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Content>,
    /// Of what was thought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Vec<Part>>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A text, or a list of parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a string or an array of parts, each with a `type`")]
pub enum Content {
    /// A text.
    Text(String),
    /// Parts.
    Parts(Vec<Part>),
}

/// A part of an item.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// `input_text`, `output_text`, `input_image`, `refusal`, `reasoning_text`, `summary_text`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Of a picture: its address, or a `data:` URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// Of a text of the model: where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Vec<Value>>,
    /// Of a text of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Vec<Value>>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A tool that the model may call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// `function`; anything else is run by the model's server.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON schema of its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
    /// Whether the arguments hold strictly to the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

const ROLES: &[&str] = &["user", "assistant", "system", "developer"];

impl Body for Request {
    fn check(&self) -> Result<(), Error> {
        let invalid = |param: String, problem| Err(Error::Invalid { param, problem });
        if self.model.is_empty() {
            return invalid("model".to_owned(), Invalid::Empty);
        }
        if let Input::Items(items) = &self.input {
            if items.is_empty() {
                return invalid("input".to_owned(), Invalid::Empty);
            }
            if items.len() > MESSAGES_MAX {
                return invalid("input".to_owned(), Invalid::TooMany { max: MESSAGES_MAX });
            }
            let is_wrong = |item: &Item| item.role.as_deref().is_some_and(|role| !ROLES.contains(&role));
            if let Some(index) = items.iter().position(is_wrong) {
                return invalid(format!("input[{index}].role"), Invalid::Value { allowed: ROLES });
            }
        }
        check_range("temperature", self.temperature, 0.0, 2.0)?;
        check_range("top_p", self.top_p, 0.0, 1.0)?;
        check_range("top_logprobs", self.top_logprobs.map(f64::from), 0.0, 20.0)?;
        check_range("max_output_tokens", self.max_output_tokens.map(|count| count as f64), 1.0, 1e9)
    }
}

#[cfg(test)]
mod tests;
