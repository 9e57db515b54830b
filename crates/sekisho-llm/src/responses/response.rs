//! Answers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Content, FORMAT, Item, Part, Request, Tool};
use crate::{
    Error, chat,
    rest::{malformed, take_reasoning},
};

/// A complete answer, or the state of one that is on its way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// `resp_…`
    pub id: String,
    /// `response`
    pub object: String,
    /// Seconds since 1970.
    #[serde(default)]
    pub created_at: u64,
    /// `in_progress`, `completed`, `incomplete`, `failed`.
    #[serde(default)]
    pub status: String,
    /// Why it failed: code and message.
    #[serde(default)]
    pub error: Option<Value>,
    /// Why it is not complete.
    #[serde(default)]
    pub incomplete_details: Option<Value>,
    /// The model that answered.
    pub model: String,
    /// What was said, called and thought.
    pub output: Vec<Item>,
    /// Tokens; none while it is on its way.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// What it repeats of the question.
    #[serde(flatten)]
    pub echo: Echo,
}

/// What an answer repeats of the question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Echo {
    /// As asked.
    #[serde(default)]
    pub instructions: Option<Value>,
    /// As asked.
    #[serde(default)]
    pub max_output_tokens: Option<u64>,
    /// As asked.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// As asked.
    #[serde(default = "yes")]
    pub parallel_tool_calls: bool,
    /// None: there is no memory.
    #[serde(default)]
    pub previous_response_id: Option<String>,
    /// As asked.
    #[serde(default)]
    pub reasoning: Option<Map<String, Value>>,
    /// False: there is no memory.
    #[serde(default)]
    pub store: bool,
    /// As asked.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// As asked.
    #[serde(default)]
    pub text: Option<Map<String, Value>>,
    /// As asked.
    #[serde(default)]
    pub tool_choice: Value,
    /// As asked.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// As asked.
    #[serde(default)]
    pub top_p: Option<f64>,
    /// `disabled`.
    #[serde(default)]
    pub truncation: Option<String>,
    /// As asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Tokens of a request and its answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Of the question.
    pub input_tokens: u64,
    /// Of those, `cached_tokens`.
    #[serde(default)]
    pub input_tokens_details: Map<String, Value>,
    /// Of the answer.
    pub output_tokens: u64,
    /// Of those, `reasoning_tokens`.
    #[serde(default)]
    pub output_tokens_details: Map<String, Value>,
    /// Both.
    pub total_tokens: u64,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

fn yes() -> bool {
    true
}

impl Default for Echo {
    fn default() -> Self {
        Self {
            instructions: None,
            max_output_tokens: None,
            metadata: Some(Map::new()),
            parallel_tool_calls: true,
            previous_response_id: None,
            reasoning: None,
            store: false,
            temperature: None,
            text: json!({ "format": { "type": "text" } }).as_object().cloned(),
            tool_choice: "auto".into(),
            tools: Vec::new(),
            top_p: None,
            truncation: Some("disabled".to_owned()),
            user: None,
            other: Map::new(),
        }
    }
}

impl Echo {
    pub(super) fn of(request: &Request) -> Self {
        let default = Self::default();
        Self {
            instructions: request.instructions.clone().map(Value::from),
            max_output_tokens: request.max_output_tokens,
            metadata: request.metadata.clone().or(default.metadata),
            parallel_tool_calls: request.parallel_tool_calls.unwrap_or(true),
            reasoning: request.reasoning.clone(),
            temperature: request.temperature,
            text: request.text.clone().or(default.text),
            tool_choice: request.tool_choice.clone().unwrap_or(default.tool_choice),
            tools: request.tools.clone().unwrap_or_default(),
            top_p: request.top_p,
            user: request.user.clone(),
            ..Self::default()
        }
    }
}

impl Response {
    /// Tells the same to a client that speaks this format.
    ///
    /// # Errors
    /// [`Error::Malformed`] where there is not exactly one answer.
    pub fn from_chat(response: chat::Response, echo: Echo) -> Result<Self, Error> {
        let [choice] = <[chat::Choice; 1]>::try_from(response.choices)
            .map_err(|choices| malformed(FORMAT, format!("{} answers, not one", choices.len())))?;
        let mut answer = begin(&response.id, response.created, response.model, echo);
        let status = answer.end(choice.finish_reason.as_deref(), response.usage.as_ref());
        let complete = "completed";
        let mut message = choice.message;
        if let Some(text) = take_reasoning(&mut message.other) {
            let mut item = answer.reasoning_item(complete);
            item.content = Some(Content::Parts(vec![reasoning_part(text)]));
            answer.output.push(item);
        }
        let mut parts = Vec::new();
        let text: String = message.content.iter().flat_map(|content| content.texts()).collect();
        if !text.is_empty() {
            parts.push(Part { logprobs: Some(logprobs(choice.logprobs)), ..text_part(text) });
        }
        if let Some(Value::String(text)) = message.other.remove("refusal") {
            parts.push(refusal_part(text));
        }
        let calls = message.tool_calls.unwrap_or_default();
        // An answer that says nothing is still a message.
        if !parts.is_empty() || (calls.is_empty() && answer.output.is_empty()) {
            let mut item = answer.message_item(complete);
            item.content = Some(Content::Parts(parts));
            answer.output.push(item);
        }
        for call in calls {
            let mut item = answer.call_item(complete, call.id, call.function.name.unwrap_or_default());
            item.arguments = Some(call.function.arguments.unwrap_or_default());
            answer.output.push(item);
        }
        // Only what was being said when it ended is not complete.
        if let Some(last) = answer.output.last_mut() {
            last.status = Some(status);
        }
        Ok(answer)
    }

    /// Notes how it ended, and says the status of what is in it.
    pub(super) fn end(&mut self, finish: Option<&str>, usage: Option<&chat::Usage>) -> String {
        let reason = match finish {
            Some("length") => Some("max_output_tokens"),
            Some("content_filter") => Some("content_filter"),
            _ => None,
        };
        let status = if reason.is_some() { "incomplete" } else { "completed" };
        status.clone_into(&mut self.status);
        self.incomplete_details = reason.map(|reason| json!({ "reason": reason }));
        self.usage = usage.map(Usage::from_chat);
        self.status.clone()
    }

    pub(super) fn message_item(&self, status: &str) -> Item {
        Item {
            role: Some("assistant".to_owned()),
            content: Some(Content::Parts(Vec::new())),
            ..self.item("message", "msg", status)
        }
    }

    pub(super) fn reasoning_item(&self, status: &str) -> Item {
        Item {
            summary: Some(Vec::new()),
            content: Some(Content::Parts(Vec::new())),
            ..self.item("reasoning", "rs", status)
        }
    }

    pub(super) fn call_item(&self, status: &str, call_id: Option<String>, name: String) -> Item {
        let item = self.item("function_call", "fc", status);
        Item {
            call_id: call_id.or_else(|| item.id.clone()),
            name: Some(name),
            arguments: Some(String::new()),
            ..item
        }
    }

    /// Its id tells the answer and the place in it.
    fn item(&self, kind: &str, prefix: &str, status: &str) -> Item {
        let id = self.id.strip_prefix("resp_").unwrap_or(&self.id);
        Item {
            kind: Some(kind.to_owned()),
            id: Some(format!("{prefix}_{id}_{}", self.output.len())),
            status: Some(status.to_owned()),
            ..Item::default()
        }
    }
}

impl Usage {
    fn from_chat(usage: &chat::Usage) -> Self {
        // Clients of this format want a number for each, also where a server tells none.
        let details = |details: &str, names: &[&str]| {
            let details = usage.other.get(details);
            let count = |name: &str| details.and_then(|details| details[name].as_u64()).unwrap_or(0);
            names.iter().map(|name| ((*name).to_owned(), count(name).into())).collect()
        };
        Self {
            input_tokens: usage.prompt_tokens,
            input_tokens_details: details("prompt_tokens_details", &["cached_tokens", "cache_write_tokens"]),
            output_tokens: usage.completion_tokens.unwrap_or(0),
            output_tokens_details: details("completion_tokens_details", &["reasoning_tokens"]),
            total_tokens: usage.total_tokens,
            other: Map::new(),
        }
    }
}

/// An answer of which nothing is known yet.
pub(super) fn begin(id: &str, created_at: u64, model: String, echo: Echo) -> Response {
    Response {
        id: format!("resp_{}", id.strip_prefix("chatcmpl-").unwrap_or(id)),
        object: "response".to_owned(),
        created_at,
        status: "in_progress".to_owned(),
        model,
        echo,
        ..Response::default()
    }
}

pub(super) fn text_part(text: String) -> Part {
    Part {
        kind: "output_text".to_owned(),
        text: Some(text),
        annotations: Some(Vec::new()),
        logprobs: Some(Vec::new()),
        ..Part::default()
    }
}

pub(super) fn refusal_part(text: String) -> Part {
    Part { kind: "refusal".to_owned(), refusal: Some(text), ..Part::default() }
}

pub(super) fn reasoning_part(text: String) -> Part {
    Part { kind: "reasoning_text".to_owned(), text: Some(text), ..Part::default() }
}

/// Chat has them one level deeper, in the same shape.
pub(super) fn logprobs(logprobs: Option<Value>) -> Vec<Value> {
    match logprobs {
        Some(Value::Object(mut logprobs)) => match logprobs.remove("content") {
            Some(Value::Array(tokens)) => tokens,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
