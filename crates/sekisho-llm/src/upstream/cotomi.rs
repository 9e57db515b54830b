//! The native API of NEC cotomi: one question with one instruction, answered from nothing else.
//!
//! The service can keep the conversation on its side (`historyId`). We always ask it not to (`oneshot`): what is kept
//! there is kept outside of the audit log and of the organisation. A request that needs more than one question (earlier
//! turns, tools, pictures) is refused rather than bent into one.
//!
//! Request: <https://docs.cotomi.nec-cloud.com/cotomi-api.html> (checked 2026-11-24). Answers are not described there;
//! `answer` and the events `data: {"answer": …}`, `event: done` are as public sample programs read them, 未検証.

use bytes::Bytes;
use hyper::header::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    answer::{created, place},
    settings::Settings,
    stream::{Fault, Read, Step, reported},
};
use crate::{
    Chunk, Error, Request,
    chat::{self, Content},
    sse::Event,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    user_content: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    system_content: String,
    oneshot: bool,
    model: &'a str,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_num: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
}

#[derive(Deserialize)]
struct Reply {
    answer: String,
}

/// Writes a chat request in the native format.
///
/// # Errors
/// [`Error::Unsupported`] for what the format has no place for.
pub(super) fn body(settings: &Settings, request: &Request) -> Result<Bytes, Error> {
    let unsupported =
        |what: &str| Error::Unsupported { provider: settings.name.clone(), what: what.to_owned() };
    let Request::Chat(request) = request else { return Err(unsupported("anything but chat")) };
    if let Some(what) = beyond(request) {
        return Err(unsupported(what));
    }
    let mut user = None;
    let mut system = Vec::new();
    for message in &request.messages {
        let text = match &message.content {
            Some(Content::Text(text)) => text.as_str(),
            Some(Content::Parts(parts)) => match &parts[..] {
                [part] if part.kind == "text" => part.text.as_deref().unwrap_or_default(),
                _ => return Err(unsupported("messages of several parts")),
            },
            None => "",
        };
        match message.role.as_str() {
            "system" | "developer" => system.push(text),
            "user" if user.is_none() => user = Some(text),
            _ => return Err(unsupported("conversations of several turns")),
        }
    }
    let question = Question {
        user_content: user.ok_or_else(|| unsupported("requests without a user message"))?,
        system_content: system.join("\n\n"),
        oneshot: true,
        model: settings.models.get(&request.model).unwrap_or(&request.model),
        stream: request.stream,
        stream_num: request.stream.then_some(settings.quirks.stream_characters),
        max_tokens: request.completion_tokens_max(),
        temperature: request.temperature,
    };
    Ok(Bytes::from(serde_json::to_vec(&question).expect("numbers and texts can be written")))
}

/// What of a request the format has no place for. Members that only ask for a certain manner (`seed`, `user`) are left
/// out; those that change what an answer is, are not.
fn beyond(request: &chat::Request) -> Option<&'static str> {
    let has_tools = request.tools.as_ref().is_some_and(|tools| !tools.is_empty());
    let has_format = request
        .response_format
        .as_ref()
        .is_some_and(|format| format.get("type").and_then(Value::as_str) != Some("text"));
    match () {
        () if has_tools => Some("tools"),
        () if has_format => Some("response_format"),
        () if request.n.is_some_and(|count| count > 1) => Some("n"),
        () if request.logprobs == Some(true) => Some("logprobs"),
        () if request.stop.as_ref().is_some_and(|stop| !stop.as_slice().is_empty()) => Some("stop"),
        () => None,
    }
}

/// What every part of an answer carries. The service names no id, so the request's is used; the moment is that of the
/// answer's head.
pub(super) struct Stamp {
    id: String,
    created: u64,
    model: String,
}

impl Stamp {
    pub(super) fn new(id: &str, headers: &HeaderMap, model: &str) -> Self {
        Self { id: format!("chatcmpl-{id}"), created: created(headers), model: model.to_owned() }
    }

    /// Makes a response of an answer.
    pub(super) fn response(self, body: &[u8]) -> Result<chat::Response, serde_json::Error> {
        let reply: Reply = serde_json::from_slice(body)?;
        let choice = chat::Choice {
            message: chat::Message::text("assistant", reply.answer),
            finish_reason: Some("stop".to_owned()),
            ..Default::default()
        };
        Ok(chat::Response {
            id: self.id,
            object: "chat.completion".to_owned(),
            created: self.created,
            model: self.model,
            choices: vec![choice],
            ..Default::default()
        })
    }

    fn chunk(&self, delta: chat::Delta, finish_reason: Option<String>) -> Chunk {
        Chunk::Chat(chat::Chunk {
            id: self.id.clone(),
            object: "chat.completion.chunk".to_owned(),
            created: self.created,
            model: self.model.clone(),
            choices: vec![chat::ChunkChoice { delta, finish_reason, ..Default::default() }],
            ..Default::default()
        })
    }
}

/// Reads the native stream: texts, then `event: done`.
pub(super) struct Reader {
    stamp: Stamp,
    has_begun: bool,
}

impl Reader {
    pub(super) fn new(stamp: Stamp) -> Self {
        Self { stamp, has_begun: false }
    }

    fn text(&mut self, text: String) -> Chunk {
        let role = (!std::mem::replace(&mut self.has_begun, true)).then(|| "assistant".to_owned());
        self.stamp.chunk(chat::Delta { role, content: Some(text), ..Default::default() }, None)
    }

    fn last(&mut self, data: &str) -> Vec<Chunk> {
        let mut parts = Vec::new();
        // Whether the last event carries text is not described; text is not lost either way.
        if let Ok(reply) = serde_json::from_str::<Reply>(data)
            && !reply.answer.is_empty()
        {
            parts.push(self.text(reply.answer));
        }
        parts.push(self.stamp.chunk(chat::Delta::default(), Some("stop".to_owned())));
        parts
    }
}

impl Read for Reader {
    fn event(&mut self, event: Event) -> Result<Step, Fault> {
        if event.name == "done" {
            return Ok(Step::LastParts(self.last(&event.data)));
        }
        let json: Value =
            serde_json::from_str(&event.data).map_err(|fault| Fault::Malformed(place(&fault)))?;
        if event.name == "error" || json.get("error").is_some() {
            return Err(reported(&json));
        }
        match json.get("answer") {
            Some(Value::String(text)) => Ok(Step::Part(self.text(text.clone()))),
            Some(_) => Err(Fault::Malformed("`answer` is not a text".to_owned())),
            None => Ok(Step::Nothing),
        }
    }

    fn is_complete(&self) -> bool {
        false
    }
}
