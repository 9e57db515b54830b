//! Counting the tokens of a conversation, `/v1/messages/count_tokens`: asked of a server as `/tokenize`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Content, Message, OutputConfig, Request, Tool, ToolChoice};
use crate::{
    Error,
    tokens::{TokenizeRequest, TokenizeResponse},
    wire::Body,
};

/// A conversation to be counted: a [`Request`] without what only an answer needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CountRequest {
    /// Name of the model.
    pub model: String,
    /// The conversation.
    pub messages: Vec<Message>,
    /// What the model is told before everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<Content>,
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
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// How many tokens it has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountResponse {
    /// So many.
    pub input_tokens: u64,
}

impl Body for CountRequest {}

impl CountRequest {
    /// The conversation as a server that cuts it into tokens takes it, tools included.
    ///
    /// # Errors
    /// As [`Request::into_chat`], and as [`Request::check`].
    pub fn into_tokenize(self) -> Result<TokenizeRequest, Error> {
        let Self { model, messages, system, tools, tool_choice, thinking, output_config, other } = self;
        let request = Request {
            model,
            messages,
            system,
            tools,
            tool_choice,
            thinking,
            output_config,
            other,
            max_tokens: 1,
            ..Request::default()
        };
        request.check()?;
        let chat = request.into_chat()?;
        let mut other = Map::new();
        if let Some(tools) = chat.tools {
            // Names of chat, as servers with `/tokenize` have them.
            let tools = serde_json::to_value(tools).expect("tools came as JSON");
            other.insert("tools".to_owned(), tools);
        }
        Ok(TokenizeRequest { model: chat.model, prompt: None, messages: Some(chat.messages), other })
    }
}

impl From<TokenizeResponse> for CountResponse {
    fn from(tokens: TokenizeResponse) -> Self {
        Self { input_tokens: tokens.count }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::CountRequest;
    use crate::wire;

    fn tokenize(body: &serde_json::Value) -> String {
        let request = wire::parse::<CountRequest>(body.to_string().as_bytes());
        match request.and_then(CountRequest::into_tokenize) {
            Ok(request) => serde_json::to_string(&request).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_conversation_is_counted_with_system_and_tools() {
        let body = json!({
            "model": "m", "system": "s", "messages": [{ "role": "user", "content": "x" }],
            "tools": [{ "name": "f", "input_schema": { "type": "object" } }],
        });
        expect_test::expect![[r#"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}"#]].assert_eq(&tokenize(&body));
        let empty = json!({ "model": "m", "messages": [] });
        expect_test::expect!["`messages` cannot be taken: empty"].assert_eq(&tokenize(&empty));
    }
}
