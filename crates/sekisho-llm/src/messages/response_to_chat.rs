//! From an answer in this format to one in chat.

use serde_json::{Value, json};

use super::{Block, FORMAT, Response, Usage};
use crate::{Error, chat, rest::malformed};

impl Response {
    /// Tells the same in the format that the house speaks. `created` is the time, in seconds since 1970: this format
    /// does not tell it.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a block that nobody asked for.
    pub fn into_chat(self, created: u64) -> Result<chat::Response, Error> {
        let usage = self.usage.to_chat();
        let mut message = chat::Message { role: "assistant".to_owned(), ..Default::default() };
        let (mut text, mut reasoning) = (None::<String>, String::new());
        let (mut calls, mut thoughts) = (Vec::new(), Vec::new());
        for block in self.content {
            match block.kind.as_str() {
                "text" => {
                    text.get_or_insert_default().push_str(block.text.as_deref().unwrap_or_default());
                }
                "tool_use" => calls.push(tool_call(block)),
                "thinking" | "redacted_thinking" => {
                    reasoning.push_str(block.thinking.as_deref().unwrap_or_default());
                    thoughts.extend(thought(&block));
                }
                kind => return Err(malformed(FORMAT, format!("a block of type `{kind}`"))),
            }
        }
        message.content = text.map(chat::Content::Text);
        message.tool_calls = (!calls.is_empty()).then_some(calls);
        if !reasoning.is_empty() {
            message.other.insert("reasoning_content".to_owned(), reasoning.into());
        }
        if !thoughts.is_empty() {
            message.other.insert("thinking_blocks".to_owned(), thoughts.into());
        }
        let mut choice = chat::Choice { message, ..Default::default() };
        choice.finish_reason = self.stop_reason.map(finish_reason);
        choice.other.extend(self.stop_sequence.map(|text| ("stop_reason".to_owned(), text.into())));
        Ok(chat::Response {
            id: self.id,
            object: "chat.completion".to_owned(),
            created,
            model: self.model,
            choices: vec![choice],
            usage: Some(usage),
            ..Default::default()
        })
    }
}

impl Usage {
    pub(super) fn to_chat(&self) -> chat::Usage {
        let cached = self.cache_read_input_tokens.unwrap_or(0);
        let parts = [self.input_tokens, self.cache_creation_input_tokens, self.cache_read_input_tokens];
        let prompt_tokens = parts.into_iter().flatten().fold(0, u64::saturating_add);
        let mut usage = chat::Usage {
            prompt_tokens,
            completion_tokens: Some(self.output_tokens),
            total_tokens: prompt_tokens.saturating_add(self.output_tokens),
            ..Default::default()
        };
        if cached > 0 {
            let details = json!({ "cached_tokens": cached });
            usage.other.insert("prompt_tokens_details".to_owned(), details);
        }
        usage
    }
}

/// As it goes back to its server with the next question; none where it could not know it again.
pub(super) fn thought(block: &Block) -> Option<Value> {
    let signed = block.signature.as_deref().filter(|signature| !signature.is_empty());
    match (signed, &block.data) {
        (Some(signature), _) => {
            let text = block.thinking.as_deref().unwrap_or_default();
            Some(json!({ "type": "thinking", "thinking": text, "signature": signature }))
        }
        (None, Some(data)) => Some(json!({ "type": "redacted_thinking", "data": data })),
        (None, None) => None,
    }
}

fn tool_call(block: Block) -> chat::ToolCall {
    chat::ToolCall {
        id: block.id,
        kind: Some("function".to_owned()),
        function: chat::FunctionCall {
            name: block.name,
            arguments: Some(block.input.map_or_else(|| "{}".to_owned(), |input| input.to_string())),
            ..Default::default()
        },
        ..Default::default()
    }
}

/// A reason that came into the format later stays as it is.
pub(super) fn finish_reason(reason: String) -> String {
    let known = match reason.as_str() {
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" | "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        _ => return reason,
    };
    known.to_owned()
}
