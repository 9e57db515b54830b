//! From the parts of a chat answer to the events of this format.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Block, BlockDelta, Event, FORMAT, MessageDelta, Response, Usage,
    response_from_chat::{message_id, stop_reason},
};
use crate::{
    Error, chat,
    rest::{malformed, take_reasoning},
};

/// Calls of tools in one answer at most.
pub const CALLS_MAX: usize = 128;
/// Bytes of arguments at most that come before the name of their tool.
const WAITING_BYTES_MAX: usize = 1 << 20;

/// Turns the parts of one answer into events, one after another.
#[derive(Debug, Default)]
pub struct ToEvents {
    is_started: bool,
    /// The text or thought that is being said, with the index of its block.
    open: Option<(Open, u32)>,
    calls: BTreeMap<u32, Call>,
    next_index: u32,
    usage: Option<chat::Usage>,
    finish_reason: Option<String>,
    stop_text: Option<Value>,
    has_refused: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Text,
    Thinking,
}

/// A call stays open to the end: models may write several at once.
#[derive(Debug, Default)]
struct Call {
    block: Option<u32>,
    id: Option<String>,
    name: Option<String>,
    /// Arguments that came before the name.
    waiting: String,
}

impl ToEvents {
    /// At the beginning of an answer.
    pub fn new() -> Self {
        Self::default()
    }

    /// The events that a part makes.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a second answer, which this format cannot tell, and for more than [`CALLS_MAX`] calls.
    pub fn push(&mut self, chunk: chat::Chunk) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        if !self.is_started {
            self.is_started = true;
            events.push(Event::MessageStart { message: start(&chunk) });
        }
        if chunk.usage.is_some() {
            self.usage = chunk.usage;
        }
        for choice in chunk.choices {
            if choice.index != 0 {
                return Err(malformed(FORMAT, "more than one answer"));
            }
            self.add(choice, &mut events)?;
        }
        Ok(events)
    }

    /// The events that end the answer.
    ///
    /// # Errors
    /// [`Error::Malformed`] where the answer did not come to its end.
    pub fn finish(mut self) -> Result<Vec<Event>, Error> {
        if self.finish_reason.is_none() {
            return Err(malformed(FORMAT, "the stream ended before the answer"));
        }
        let mut events = Vec::new();
        let has_calls = !self.calls.is_empty();
        self.close(&mut events);
        for (_, call) in std::mem::take(&mut self.calls) {
            let Some(index) = call.block else {
                return Err(malformed(FORMAT, "a call without the name of a tool"));
            };
            events.push(Event::ContentBlockStop { index });
        }
        let (reason, stop_sequence) =
            stop_reason(self.finish_reason.as_deref(), self.stop_text.as_ref(), has_calls);
        let stop_reason = Some(if self.has_refused { "refusal".to_owned() } else { reason });
        events.push(Event::MessageDelta {
            delta: MessageDelta { stop_reason, stop_sequence, other: Map::new() },
            usage: Usage::from_chat(self.usage.as_ref()),
        });
        events.push(Event::MessageStop);
        Ok(events)
    }

    fn add(&mut self, choice: chat::ChunkChoice, events: &mut Vec<Event>) -> Result<(), Error> {
        let mut delta = choice.delta;
        if let Some(thinking) = take_reasoning(&mut delta.other) {
            let index = self.open(Open::Thinking, events);
            events.push(Event::ContentBlockDelta { index, delta: BlockDelta::ThinkingDelta { thinking } });
        }
        if let Some(Value::Array(blocks)) = delta.other.remove("thinking_blocks") {
            self.add_signed(blocks, events);
        }
        let refusal = match delta.other.remove("refusal") {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        self.has_refused |= refusal.is_some();
        for text in [delta.content, refusal].into_iter().flatten().filter(|text| !text.is_empty()) {
            let index = self.open(Open::Text, events);
            events.push(Event::ContentBlockDelta { index, delta: BlockDelta::TextDelta { text } });
        }
        for call in delta.tool_calls.into_iter().flatten() {
            self.add_call(call, events)?;
        }
        if choice.finish_reason.is_some() {
            self.finish_reason = choice.finish_reason;
            self.stop_text = choice.other.get("stop_reason").cloned();
        }
        Ok(())
    }

    /// The text of a signed thought has been told as it came; what is new is the signature.
    fn add_signed(&mut self, blocks: Vec<Value>, events: &mut Vec<Event>) {
        for block in blocks {
            let text = |name: &str| block[name].as_str().map(str::to_owned);
            if let Some(signature) = text("signature") {
                let index = self.open(Open::Thinking, events);
                events.push(Event::ContentBlockDelta {
                    index,
                    delta: BlockDelta::SignatureDelta { signature },
                });
                self.close(events);
            } else if let Some(data) = text("data") {
                self.close(events);
                let kind = "redacted_thinking".to_owned();
                let index = self.start(Block { kind, data: Some(data), ..Default::default() }, events);
                events.push(Event::ContentBlockStop { index });
            }
        }
    }

    fn add_call(&mut self, part: chat::ToolCall, events: &mut Vec<Event>) -> Result<(), Error> {
        let number = part.index.unwrap_or(0);
        let is_new = !self.calls.contains_key(&number);
        if is_new && self.calls.len() == CALLS_MAX {
            return Err(malformed(FORMAT, format!("more than {CALLS_MAX} calls")));
        }
        self.close(events);
        let mut call = self.calls.remove(&number).unwrap_or_default();
        call.id = call.id.or(part.id);
        call.name = call.name.or(part.function.name.filter(|name| !name.is_empty()));
        call.waiting.push_str(part.function.arguments.as_deref().unwrap_or_default());
        if let (None, Some(name)) = (call.block, &call.name) {
            call.block = Some(self.start(
                Block {
                    kind: "tool_use".to_owned(),
                    id: Some(call.id.clone().unwrap_or_else(|| format!("toolu_{number}"))),
                    name: Some(name.clone()),
                    input: Some(Value::Object(Map::new())),
                    ..Default::default()
                },
                events,
            ));
        }
        match call.block {
            Some(index) if !call.waiting.is_empty() => {
                let partial_json = std::mem::take(&mut call.waiting);
                let delta = BlockDelta::InputJsonDelta { partial_json };
                events.push(Event::ContentBlockDelta { index, delta });
            }
            None if call.waiting.len() > WAITING_BYTES_MAX => {
                return Err(malformed(FORMAT, "arguments without the name of a tool"));
            }
            _ => {}
        }
        self.calls.insert(number, call);
        Ok(())
    }

    /// The block of this kind that is open, or a new one.
    fn open(&mut self, kind: Open, events: &mut Vec<Event>) -> u32 {
        if let Some((open, index)) = self.open
            && open == kind
        {
            return index;
        }
        self.close(events);
        let empty = Some(String::new());
        let block = match kind {
            Open::Text => Block::text(""),
            Open::Thinking => Block {
                kind: "thinking".to_owned(),
                thinking: empty.clone(),
                signature: empty,
                ..Default::default()
            },
        };
        let index = self.start(block, events);
        self.open = Some((kind, index));
        index
    }

    fn start(&mut self, content_block: Block, events: &mut Vec<Event>) -> u32 {
        let index = self.next_index;
        self.next_index += 1;
        events.push(Event::ContentBlockStart { index, content_block });
        index
    }

    fn close(&mut self, events: &mut Vec<Event>) {
        if let Some((_, index)) = self.open.take() {
            events.push(Event::ContentBlockStop { index });
        }
    }
}

fn start(chunk: &chat::Chunk) -> Response {
    Response {
        id: message_id(&chunk.id),
        kind: "message".to_owned(),
        role: "assistant".to_owned(),
        model: chunk.model.clone(),
        usage: Usage { input_tokens: Some(0), ..Default::default() },
        ..Default::default()
    }
}
