//! From an answer in chat to one in this format.

use serde_json::{Value, json};

use super::{Block, FORMAT, Response, Usage};
use crate::{
    Error, chat,
    rest::{malformed, take_reasoning},
};

impl Response {
    /// Tells the same to a client that speaks this format.
    ///
    /// # Errors
    /// [`Error::Malformed`] where there is not exactly one answer, and where a call has arguments that are not an object:
    /// this format has no place for them.
    pub fn from_chat(response: chat::Response) -> Result<Self, Error> {
        let [choice] = <[chat::Choice; 1]>::try_from(response.choices)
            .map_err(|choices| malformed(FORMAT, format!("{} answers, not one", choices.len())))?;
        let mut message = choice.message;
        let has_calls = message.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty());
        let (stop_reason, stop_sequence) =
            stop_reason(choice.finish_reason.as_deref(), choice.other.get("stop_reason"), has_calls);
        let mut content = Vec::new();
        if let Some(thinking) = thoughts(&mut message, &mut content) {
            content.push(Block {
                kind: "thinking".to_owned(),
                thinking: Some(thinking),
                signature: Some(String::new()),
                ..Default::default()
            });
        }
        let refusal = message.other.remove("refusal");
        let refusal = refusal.as_ref().and_then(Value::as_str);
        let texts = message.content.iter().flat_map(|content| content.texts()).chain(refusal);
        content.extend(texts.filter(|text| !text.is_empty()).map(Block::text));
        for call in message.tool_calls.into_iter().flatten() {
            content.push(tool_use(call)?);
        }
        Ok(Self {
            id: message_id(&response.id),
            kind: "message".to_owned(),
            role: "assistant".to_owned(),
            model: response.model,
            content,
            stop_reason: Some(if refusal.is_some() { "refusal".to_owned() } else { stop_reason }),
            stop_sequence,
            usage: Usage::from_chat(response.usage.as_ref()),
            ..Default::default()
        })
    }
}

impl Usage {
    pub(super) fn from_chat(usage: Option<&chat::Usage>) -> Self {
        let Some(usage) = usage else { return Self { input_tokens: Some(0), ..Self::default() } };
        let details = usage.other.get("prompt_tokens_details");
        let cached = details.and_then(|details| details["cached_tokens"].as_u64()).filter(|count| *count > 0);
        Self {
            input_tokens: Some(usage.prompt_tokens.saturating_sub(cached.unwrap_or(0))),
            cache_read_input_tokens: cached,
            output_tokens: usage.completion_tokens.unwrap_or(0),
            ..Self::default()
        }
    }
}

/// Puts signed thoughts among the blocks, or returns one that is only a text.
fn thoughts(message: &mut chat::Message, content: &mut Vec<Block>) -> Option<String> {
    let text = take_reasoning(&mut message.other);
    let signed = message.other.remove("thinking_blocks");
    let signed: Option<Vec<Block>> = signed.and_then(|blocks| serde_json::from_value(blocks).ok());
    match signed {
        Some(blocks) if !blocks.is_empty() => {
            content.extend(blocks);
            None
        }
        _ => text,
    }
}

fn tool_use(call: chat::ToolCall) -> Result<Block, Error> {
    let name = call.function.name.unwrap_or_default();
    let arguments = call.function.arguments.unwrap_or_default();
    let Some(input) = arguments_object(&arguments) else {
        return Err(malformed(
            FORMAT,
            format!("the arguments of a call of `{name}` are not the JSON of an object"),
        ));
    };
    Ok(Block {
        kind: "tool_use".to_owned(),
        id: Some(call.id.unwrap_or_default()),
        name: Some(name),
        input: Some(input),
        ..Default::default()
    })
}

/// The object that arguments are; none at all are an empty one.
pub(super) fn arguments_object(arguments: &str) -> Option<Value> {
    if arguments.trim().is_empty() {
        return Some(json!({}));
    }
    serde_json::from_str(arguments).ok().filter(Value::is_object)
}

pub(super) fn message_id(id: &str) -> String {
    let id = id.strip_prefix("chatcmpl-").unwrap_or(id);
    if id.starts_with("msg_") { id.to_owned() } else { format!("msg_{id}") }
}

/// Why it ended, and the text at which it ended, which vLLM tells beside the reason. A call that was asked for by name
/// ends with `stop` in chat; here clients run tools only after `tool_use`.
pub(super) fn stop_reason(
    finish: Option<&str>,
    text: Option<&Value>,
    has_calls: bool,
) -> (String, Option<String>) {
    let text = text.and_then(Value::as_str);
    let reason = match (finish, text) {
        (Some("length"), _) => "max_tokens",
        (Some("tool_calls" | "function_call"), _) => "tool_use",
        (Some("content_filter"), _) => "refusal",
        _ if has_calls => "tool_use",
        (Some("stop"), Some(_)) => "stop_sequence",
        _ => "end_turn",
    };
    let text = text.filter(|_| reason == "stop_sequence").map(str::to_owned);
    (reason.to_owned(), text)
}
