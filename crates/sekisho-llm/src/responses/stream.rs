//! From the parts of a chat answer to the events of this format.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Content, Echo, Event, EventKind, FORMAT, Item, Part, Response,
    response::{begin, logprobs, reasoning_part, refusal_part, text_part},
};
use crate::{
    Error, chat,
    rest::{malformed, take_reasoning},
};

/// Calls of functions in one answer at most.
pub const CALLS_MAX: usize = 128;
/// Bytes of one answer at most: the last event repeats all of it.
pub const OUTPUT_BYTES_MAX: usize = 16 << 20;

/// Turns the parts of one answer into events, one after another.
#[derive(Debug)]
pub struct ToEvents {
    /// As far as it has come; none before the first part.
    answer: Option<Response>,
    echo: Echo,
    sequence_number: u64,
    /// The message or thought that is being said.
    open: Option<usize>,
    /// Where in the output each call is. A call stays open to the end: models may write several at once.
    calls: BTreeMap<u32, usize>,
    usage: Option<chat::Usage>,
    finish_reason: Option<String>,
    bytes: usize,
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Text,
    Refusal,
    Reasoning,
}

impl Said {
    fn part(self, text: String) -> Part {
        match self {
            Self::Text => text_part(text),
            Self::Refusal => refusal_part(text),
            Self::Reasoning => reasoning_part(text),
        }
    }

    fn of(part: &Part) -> Self {
        match part.kind.as_str() {
            "refusal" => Self::Refusal,
            "reasoning_text" => Self::Reasoning,
            _ => Self::Text,
        }
    }
}

impl ToEvents {
    /// At the beginning of an answer.
    pub fn new(echo: Echo) -> Self {
        Self {
            answer: None,
            echo,
            sequence_number: 0,
            open: None,
            calls: BTreeMap::new(),
            usage: None,
            finish_reason: None,
            bytes: 0,
        }
    }

    /// The events that a part makes.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a second answer, which this format cannot tell, and for more than [`CALLS_MAX`] calls or
    /// [`OUTPUT_BYTES_MAX`].
    pub fn push(&mut self, chunk: chat::Chunk) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        self.start(&chunk.id, chunk.created, &chunk.model, &mut events);
        if chunk.usage.is_some() {
            self.usage = chunk.usage;
        }
        for choice in chunk.choices {
            if choice.index != 0 {
                return Err(malformed(FORMAT, "more than one answer"));
            }
            let mut delta = choice.delta;
            if let Some(text) = take_reasoning(&mut delta.other) {
                self.say(Said::Reasoning, text, Vec::new(), &mut events)?;
            }
            if let Some(text) = delta.content.filter(|text| !text.is_empty()) {
                self.say(Said::Text, text, logprobs(choice.logprobs), &mut events)?;
            }
            if let Some(Value::String(text)) = delta.other.remove("refusal") {
                self.say(Said::Refusal, text, Vec::new(), &mut events)?;
            }
            for call in delta.tool_calls.into_iter().flatten() {
                self.add_call(call, &mut events)?;
            }
            self.finish_reason = choice.finish_reason.or(self.finish_reason.take());
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
        let is_silent = self.answer().output.is_empty();
        if is_silent {
            self.open_item(false, &mut events);
        }
        let (finish, usage) = (self.finish_reason.take(), self.usage.take());
        let status = self.answer().end(finish.as_deref(), usage.as_ref());
        // Only what was being said when it ended is not complete.
        let last = self.answer().output.len() - 1;
        let status_of = |index| if index == last { status.as_str() } else { "completed" };
        self.close(status_of(self.open.unwrap_or(last)), &mut events);
        for (_, index) in std::mem::take(&mut self.calls) {
            self.close_call(index, status_of(index), &mut events);
        }
        let response = Box::new(self.answer().clone());
        let kind = match status.as_str() {
            "incomplete" => EventKind::Incomplete { response },
            _ => EventKind::Completed { response },
        };
        self.emit(kind, &mut events);
        Ok(events)
    }

    /// The event that ends an answer which broke off.
    pub fn fail(mut self, code: &str, message: &str) -> Vec<Event> {
        let mut events = Vec::new();
        self.start("", 0, "", &mut events);
        let answer = self.answer();
        "failed".clone_into(&mut answer.status);
        answer.error = Some(json!({ "code": code, "message": message }));
        let response = Box::new(answer.clone());
        self.emit(EventKind::Failed { response }, &mut events);
        events
    }

    fn start(&mut self, id: &str, created: u64, model: &str, events: &mut Vec<Event>) {
        if self.answer.is_some() {
            return;
        }
        let answer = begin(id, created, model.to_owned(), std::mem::take(&mut self.echo));
        let response = Box::new(answer.clone());
        self.answer = Some(answer);
        self.emit(EventKind::Created { response: response.clone() }, events);
        self.emit(EventKind::InProgress { response }, events);
    }

    fn answer(&mut self) -> &mut Response {
        self.answer.as_mut().expect("every way here has started the answer")
    }

    fn emit(&mut self, kind: EventKind, events: &mut Vec<Event>) {
        events.push(Event { sequence_number: self.sequence_number, kind });
        self.sequence_number += 1;
    }

    fn count(&mut self, text: &str) -> Result<(), Error> {
        self.bytes += text.len();
        match self.bytes {
            ..=OUTPUT_BYTES_MAX => Ok(()),
            _ => Err(malformed(FORMAT, format!("an answer of more than {OUTPUT_BYTES_MAX} bytes"))),
        }
    }

    fn say(
        &mut self,
        said: Said,
        delta: String,
        mut tokens: Vec<Value>,
        events: &mut Vec<Event>,
    ) -> Result<(), Error> {
        self.count(&delta)?;
        let is_reasoning = said == Said::Reasoning;
        let kind = if is_reasoning { "reasoning" } else { "message" };
        let fits =
            |index: usize| self.answer.as_ref()?.output[index].kind.as_deref().map(|open| open == kind);
        let output_index = match self.open.filter(|index| fits(*index) == Some(true)) {
            Some(index) => index,
            None => {
                self.close("completed", events);
                self.open_item(is_reasoning, events)
            }
        };
        let is_other = |part: &Part| Said::of(part) != said;
        if parts(&mut self.answer().output[output_index]).last().is_some_and(is_other) {
            self.close_part(output_index, events);
        }
        let item = &mut self.answer().output[output_index];
        let item_id = item.id.clone().unwrap_or_default();
        let all = parts(item);
        let is_new = all.last().is_none_or(is_other);
        if is_new {
            all.push(said.part(String::new()));
        }
        let content_index = all.len() - 1;
        let part = &mut all[content_index];
        let empty = is_new.then(|| part.clone());
        let text = if said == Said::Refusal { &mut part.refusal } else { &mut part.text };
        text.get_or_insert_default().push_str(&delta);
        let logprobs = tokens.clone();
        if let Some(all) = &mut part.logprobs {
            all.append(&mut tokens);
        }
        if let Some(part) = empty {
            let item_id = item_id.clone();
            self.emit(EventKind::PartAdded { item_id, output_index, content_index, part }, events);
        }
        self.emit(
            match said {
                Said::Text => EventKind::TextDelta { item_id, output_index, content_index, delta, logprobs },
                Said::Refusal => EventKind::RefusalDelta { item_id, output_index, content_index, delta },
                Said::Reasoning => EventKind::ReasoningDelta { item_id, output_index, content_index, delta },
            },
            events,
        );
        Ok(())
    }

    fn open_item(&mut self, is_reasoning: bool, events: &mut Vec<Event>) -> usize {
        let answer = self.answer();
        let item = if is_reasoning {
            answer.reasoning_item("in_progress")
        } else {
            answer.message_item("in_progress")
        };
        let output_index = self.add_item(item, events);
        self.open = Some(output_index);
        output_index
    }

    fn add_item(&mut self, item: Item, events: &mut Vec<Event>) -> usize {
        let output = &mut self.answer().output;
        let output_index = output.len();
        output.push(item.clone());
        self.emit(EventKind::ItemAdded { output_index, item }, events);
        output_index
    }

    fn add_call(&mut self, part: chat::ToolCall, events: &mut Vec<Event>) -> Result<(), Error> {
        let number = part.index.unwrap_or(0);
        let delta = part.function.arguments.unwrap_or_default();
        let name = part.function.name.filter(|name| !name.is_empty());
        self.count(&delta)?;
        self.close("completed", events);
        let output_index = match (self.calls.get(&number), name) {
            (Some(index), _) => *index,
            (None, None) => return Err(malformed(FORMAT, "a call without the name of a function")),
            (None, Some(_)) if self.calls.len() == CALLS_MAX => {
                return Err(malformed(FORMAT, format!("more than {CALLS_MAX} calls")));
            }
            (None, Some(name)) => {
                let item = self.answer().call_item("in_progress", part.id, name);
                let index = self.add_item(item, events);
                self.calls.insert(number, index);
                index
            }
        };
        if delta.is_empty() {
            return Ok(());
        }
        let item = &mut self.answer().output[output_index];
        item.arguments.get_or_insert_default().push_str(&delta);
        let item_id = item.id.clone().unwrap_or_default();
        self.emit(EventKind::ArgumentsDelta { item_id, output_index, delta }, events);
        Ok(())
    }

    /// Ends the message or thought that is being said.
    fn close(&mut self, status: &str, events: &mut Vec<Event>) {
        let Some(output_index) = self.open.take() else { return };
        self.close_part(output_index, events);
        self.close_item(output_index, status, events);
    }

    fn close_part(&mut self, output_index: usize, events: &mut Vec<Event>) {
        let item = &mut self.answer().output[output_index];
        let item_id = item.id.clone().unwrap_or_default();
        let all = parts(item);
        let Some(part) = all.last().cloned() else { return };
        let content_index = all.len() - 1;
        let text = part.text.clone().unwrap_or_default();
        let id = item_id.clone();
        self.emit(
            match Said::of(&part) {
                Said::Text => {
                    let logprobs = part.logprobs.clone().unwrap_or_default();
                    EventKind::TextDone { item_id: id, output_index, content_index, text, logprobs }
                }
                Said::Refusal => {
                    let refusal = part.refusal.clone().unwrap_or_default();
                    EventKind::RefusalDone { item_id: id, output_index, content_index, refusal }
                }
                Said::Reasoning => {
                    EventKind::ReasoningDone { item_id: id, output_index, content_index, text }
                }
            },
            events,
        );
        self.emit(EventKind::PartDone { item_id, output_index, content_index, part }, events);
    }

    fn close_call(&mut self, output_index: usize, status: &str, events: &mut Vec<Event>) {
        let item = &self.answer().output[output_index];
        let done = EventKind::ArgumentsDone {
            item_id: item.id.clone().unwrap_or_default(),
            output_index,
            name: item.name.clone().unwrap_or_default(),
            arguments: item.arguments.clone().unwrap_or_default(),
        };
        self.emit(done, events);
        self.close_item(output_index, status, events);
    }

    fn close_item(&mut self, output_index: usize, status: &str, events: &mut Vec<Event>) {
        let item = &mut self.answer().output[output_index];
        item.status = Some(status.to_owned());
        let item = item.clone();
        self.emit(EventKind::ItemDone { output_index, item }, events);
    }
}

/// The parts of a message or a thought.
fn parts(item: &mut Item) -> &mut Vec<Part> {
    match &mut item.content {
        Some(Content::Parts(parts)) => parts,
        _ => unreachable!("messages and thoughts are made with parts"),
    }
}
