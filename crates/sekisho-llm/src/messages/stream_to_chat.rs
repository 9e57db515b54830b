//! From the events of this format to the parts of a chat answer.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Block, BlockDelta, Event, FORMAT, Response, Usage,
    response_to_chat::{finish_reason, thought},
};
use crate::{Error, chat, rest::malformed};

/// Blocks of one answer at most.
pub const BLOCKS_MAX: u32 = 4_096;
/// Bytes of one thought at most: a thought with its signature is held until it is complete.
pub const THOUGHT_BYTES_MAX: usize = 4 << 20;

/// Turns the events of one answer into parts, one after another.
#[derive(Debug)]
pub struct ToChunks {
    created: u64,
    include_usage: bool,
    id: String,
    model: String,
    usage: Usage,
    open: BTreeMap<u32, Open>,
    blocks: u32,
    calls: u32,
    is_complete: bool,
}

#[derive(Debug)]
enum Open {
    Text,
    /// What was thought so far, with its signature.
    Thinking(Box<Block>),
    Call {
        number: u32,
        /// Arguments that came with the start of the call; told at its end if no others came.
        input: Option<String>,
    },
}

impl ToChunks {
    /// At the beginning of an answer. `created` is the time, in seconds since 1970; the usage comes last, if it is wanted.
    pub fn new(created: u64, include_usage: bool) -> Self {
        Self {
            created,
            include_usage,
            id: String::new(),
            model: String::new(),
            usage: Usage::default(),
            open: BTreeMap::new(),
            blocks: 0,
            calls: 0,
            is_complete: false,
        }
    }

    /// The parts that an event makes.
    ///
    /// # Errors
    /// [`Error::Status`] for an error in the stream; [`Error::Malformed`] for blocks that nobody asked for, events out of
    /// order and more than [`BLOCKS_MAX`] or [`THOUGHT_BYTES_MAX`].
    pub fn push(&mut self, event: Event) -> Result<Vec<chat::Chunk>, Error> {
        match event {
            Event::MessageStart { message } => Ok(vec![self.start(message)]),
            Event::ContentBlockStart { index, content_block } => self.open(index, content_block),
            Event::ContentBlockDelta { index, delta } => self.add(index, delta),
            Event::ContentBlockStop { index } => self.close(index),
            Event::MessageDelta { delta, usage } => {
                self.add_usage(usage);
                let finish_reason = delta.stop_reason.map(finish_reason);
                let mut choice = chat::ChunkChoice { finish_reason, ..Default::default() };
                choice.other.extend(delta.stop_sequence.map(|text| ("stop_reason".to_owned(), text.into())));
                Ok(vec![self.chunk(vec![choice])])
            }
            Event::MessageStop => {
                self.is_complete = true;
                if !self.include_usage {
                    return Ok(Vec::new());
                }
                let usage = Some(self.usage.to_chat());
                Ok(vec![chat::Chunk { usage, ..self.chunk(Vec::new()) }])
            }
            Event::Error { error } => Err(Error::Status {
                provider: FORMAT.to_owned(),
                status: error.status(),
                message: error.message,
                retry_after: None,
            }),
            Event::Ping | Event::Unknown => Ok(Vec::new()),
        }
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// [`Error::Malformed`] where the answer did not come to its end.
    pub fn finish(self) -> Result<(), Error> {
        if self.is_complete { Ok(()) } else { Err(malformed(FORMAT, "the stream ended before the answer")) }
    }

    fn start(&mut self, message: Response) -> chat::Chunk {
        (self.id, self.model, self.usage) = (message.id, message.model, message.usage);
        let (role, content) = (Some("assistant".to_owned()), Some(String::new()));
        self.delta(chat::Delta { role, content, ..Default::default() })
    }

    fn open(&mut self, index: u32, block: Block) -> Result<Vec<chat::Chunk>, Error> {
        self.blocks += 1;
        if self.blocks > BLOCKS_MAX {
            return Err(malformed(FORMAT, format!("more than {BLOCKS_MAX} blocks")));
        }
        let mut chunks = Vec::new();
        let open = match block.kind.as_str() {
            "text" => {
                chunks.extend(block.text.filter(|text| !text.is_empty()).map(|text| self.text(text)));
                Open::Text
            }
            "thinking" | "redacted_thinking" => {
                let text = block.thinking.clone().filter(|text| !text.is_empty());
                chunks.extend(text.map(|text| self.reasoning(text)));
                Open::Thinking(Box::new(block))
            }
            "tool_use" => {
                let number = self.calls;
                self.calls += 1;
                let mut call = call(number, String::new());
                call.id = block.id;
                call.kind = Some("function".to_owned());
                call.function.name = block.name;
                chunks.push(self.call(call));
                Open::Call {
                    number,
                    input: Some(block.input.map_or("{}".to_owned(), |input| input.to_string())),
                }
            }
            kind => return Err(malformed(FORMAT, format!("a block of type `{kind}`"))),
        };
        match self.open.insert(index, open) {
            None => Ok(chunks),
            Some(_) => Err(malformed(FORMAT, format!("block {index} begins twice"))),
        }
    }

    fn add(&mut self, index: u32, delta: BlockDelta) -> Result<Vec<chat::Chunk>, Error> {
        let chunk = match (self.open.get_mut(&index), delta) {
            (Some(Open::Text), BlockDelta::TextDelta { text }) => self.text(text),
            (Some(Open::Call { number, input }), BlockDelta::InputJsonDelta { partial_json }) => {
                if partial_json.is_empty() {
                    return Ok(Vec::new());
                }
                *input = None;
                let call = call(*number, partial_json);
                self.call(call)
            }
            (Some(Open::Thinking(block)), BlockDelta::ThinkingDelta { thinking }) => {
                append(&mut block.thinking, &thinking)?;
                self.reasoning(thinking)
            }
            (Some(Open::Thinking(block)), BlockDelta::SignatureDelta { signature }) => {
                append(&mut block.signature, &signature)?;
                return Ok(Vec::new());
            }
            _ => return Err(malformed(FORMAT, format!("a part that does not belong to block {index}"))),
        };
        Ok(vec![chunk])
    }

    fn close(&mut self, index: u32) -> Result<Vec<chat::Chunk>, Error> {
        let chunk = match self.open.remove(&index) {
            None => return Err(malformed(FORMAT, format!("block {index} ends before it begins"))),
            Some(Open::Text) => None,
            Some(Open::Call { number, input }) => input.map(|input| self.call(call(number, input))),
            Some(Open::Thinking(block)) => thought(&block).map(|thought| {
                let other = Map::from_iter([("thinking_blocks".to_owned(), json!([thought]))]);
                self.delta(chat::Delta { other, ..Default::default() })
            }),
        };
        Ok(chunk.into_iter().collect())
    }

    fn add_usage(&mut self, usage: Usage) {
        let known = &mut self.usage;
        known.input_tokens = usage.input_tokens.or(known.input_tokens);
        known.cache_creation_input_tokens =
            usage.cache_creation_input_tokens.or(known.cache_creation_input_tokens);
        known.cache_read_input_tokens = usage.cache_read_input_tokens.or(known.cache_read_input_tokens);
        known.output_tokens = usage.output_tokens;
    }

    fn text(&self, text: String) -> chat::Chunk {
        self.delta(chat::Delta { content: Some(text), ..Default::default() })
    }

    fn reasoning(&self, text: String) -> chat::Chunk {
        let other = Map::from_iter([("reasoning_content".to_owned(), Value::String(text))]);
        self.delta(chat::Delta { other, ..Default::default() })
    }

    fn call(&self, call: chat::ToolCall) -> chat::Chunk {
        self.delta(chat::Delta { tool_calls: Some(vec![call]), ..Default::default() })
    }

    fn delta(&self, delta: chat::Delta) -> chat::Chunk {
        self.chunk(vec![chat::ChunkChoice { delta, ..Default::default() }])
    }

    fn chunk(&self, choices: Vec<chat::ChunkChoice>) -> chat::Chunk {
        chat::Chunk {
            id: self.id.clone(),
            object: "chat.completion.chunk".to_owned(),
            created: self.created,
            model: self.model.clone(),
            choices,
            ..Default::default()
        }
    }
}

fn call(number: u32, arguments: String) -> chat::ToolCall {
    chat::ToolCall {
        index: Some(number),
        function: chat::FunctionCall { arguments: Some(arguments), ..Default::default() },
        ..Default::default()
    }
}

fn append(text: &mut Option<String>, more: &str) -> Result<(), Error> {
    let text = text.get_or_insert_default();
    text.push_str(more);
    if text.len() > THOUGHT_BYTES_MAX {
        return Err(malformed(FORMAT, format!("a thought of more than {THOUGHT_BYTES_MAX} bytes")));
    }
    Ok(())
}
