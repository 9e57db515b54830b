//! An answer part by part.

use std::{ops::Range, sync::Arc, time::Instant};

use futures_util::stream;

use super::{
    End, Turn, Watch,
    answer::{Said, call_id, chat_logprobs},
    logprobs,
    script::{Fault, Format},
    wait, within,
};
use crate::{Ask, Chunk, Chunks, Error, Request, chat, completion, wire::Usage};

/// One part of one answer; texts as ranges of what is said.
#[derive(Debug, Clone)]
pub(super) struct Step {
    choice: usize,
    part: Part,
}

#[derive(Debug, Clone)]
enum Part {
    Open,
    Echo,
    Reasoning(Range<usize>),
    Text(Range<usize>),
    /// A range that begins at 0 comes with name and id.
    Call(usize, Range<usize>),
    Close,
}

/// What is left to say.
pub(super) struct Stream {
    ask: Ask,
    turn: Turn,
    said: Vec<Said>,
    steps: Vec<Step>,
    /// Still to come, where it is asked for.
    usage: Option<Usage>,
    at: usize,
    is_over: bool,
}

/// The parts of several answers, turn by turn.
pub(super) fn steps(said: &[Said], chunk_chars: usize, is_chat: bool) -> Vec<Step> {
    let parts = |said: &Said| {
        let mut parts = Vec::new();
        if is_chat {
            parts.push(Part::Open);
        } else if !said.echo.is_empty() {
            parts.push(Part::Echo);
        }
        parts.extend(pieces(&said.reasoning, chunk_chars).map(Part::Reasoning));
        parts.extend(pieces(&said.text, chunk_chars).map(Part::Text));
        for (index, call) in said.calls.iter().enumerate() {
            parts.push(Part::Call(index, 0..0));
            parts.extend(pieces(&call.arguments, chunk_chars).map(|range| Part::Call(index, range)));
        }
        parts.push(Part::Close);
        parts
    };
    let parts: Vec<Vec<Part>> = said.iter().map(parts).collect();
    let longest = parts.iter().map(Vec::len).max().unwrap_or(0);
    let turns = (0..longest).flat_map(|turn| parts.iter().enumerate().map(move |row| (turn, row)));
    turns
        .filter_map(|(turn, (choice, parts))| Some(Step { choice, part: parts.get(turn)?.clone() }))
        .collect()
}

/// Ranges of `text` of so many characters.
fn pieces(text: &str, chunk_chars: usize) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = &text[start..];
        let length = rest.char_indices().nth(chunk_chars.max(1)).map_or(rest.len(), |(at, _)| at);
        let range = start..start + length;
        start = range.end;
        (!range.is_empty()).then_some(range)
    })
}

impl Stream {
    pub(super) fn new(ask: &Ask, turn: Turn, said: Vec<Said>, steps: Vec<Step>, usage: Usage) -> Self {
        let options = match &*ask.request {
            Request::Chat(request) => request.stream_options.as_ref(),
            Request::Completion(request) => request.stream_options.as_ref(),
            _ => None,
        };
        let usage = options.is_some_and(|options| options.include_usage).then_some(usage);
        Self { ask: ask.clone(), turn, said, steps, usage, at: 0, is_over: false }
    }

    pub(super) fn chunks(self: Box<Self>, deadline: Option<Instant>, watch: Watch) -> Chunks {
        Box::pin(stream::unfold((self, watch), move |(mut stream, mut watch)| async move {
            let inner = Arc::clone(&watch.inner);
            let next = within(deadline, &inner.name, stream.next(&watch)).await;
            match &next {
                Ok(Some(_)) => {}
                Ok(None) if matches!(watch.end, End::Failed) => {}
                Ok(None) => watch.end = End::Answered,
                Err(_) => {
                    watch.end = End::Failed;
                    stream.is_over = true;
                }
            }
            next.transpose().map(|next| (next, (stream, watch)))
        }))
    }

    async fn next(&mut self, watch: &Watch) -> Result<Option<Chunk>, Error> {
        if self.is_over {
            return Ok(None);
        }
        if let Some(fault) = &self.turn.rule.fault
            && fault.after() == Some(self.at)
        {
            if matches!(fault, Fault::Cut { .. }) {
                self.is_over = true;
                return Ok(None);
            }
            return Err(watch.inner.raise(fault, Format::of(&self.ask.request)).await);
        }
        let is_last = self.at == self.steps.len();
        if self.at > 0 && !is_last {
            let pace = &self.turn.rule.pace;
            wait(self.turn.chance.spread(pace.chunk, pace.jitter)).await;
        }
        if is_last {
            self.is_over = true;
            return Ok(self.usage.take().map(|usage| self.usage_chunk(usage)));
        }
        let step = self.steps[self.at].clone();
        self.at += 1;
        Ok(Some(self.chunk(&step)))
    }

    fn chunk(&self, step: &Step) -> Chunk {
        let said = &self.said[step.choice];
        match &*self.ask.request {
            Request::Completion(request) => {
                let (text, is_start) = match &step.part {
                    Part::Echo => (said.echo.as_str(), true),
                    Part::Text(range) => (&said.text[range.clone()], false),
                    _ => ("", false),
                };
                let offset = match &step.part {
                    Part::Text(range) => said.echo.chars().count() + said.text[..range.start].chars().count(),
                    _ => 0,
                };
                let logprobs = request.logprobs.filter(|_| !text.is_empty());
                self.completion_chunk(vec![completion::Choice {
                    index: step.choice as u32,
                    text: text.to_owned(),
                    logprobs: logprobs.map(|top| logprobs::completion(text, top, offset, is_start)),
                    finish_reason: matches!(step.part, Part::Close).then(|| said.finish.clone()),
                    ..Default::default()
                }])
            }
            _ => self.chat_chunk(vec![self.chat_choice(step, said)]),
        }
    }

    fn chat_choice(&self, step: &Step, said: &Said) -> chat::ChunkChoice {
        let index = step.choice as u32;
        let mut choice = chat::ChunkChoice { index, ..Default::default() };
        match &step.part {
            Part::Open => {
                choice.delta.role = Some("assistant".to_owned());
                choice.delta.content = Some(String::new());
            }
            Part::Reasoning(range) => {
                let text = said.reasoning[range.clone()].into();
                choice.delta.other.insert("reasoning_content".to_owned(), text);
            }
            Part::Text(range) => {
                let text = &said.text[range.clone()];
                choice.delta.content = Some(text.to_owned());
                choice.logprobs = chat_logprobs(&self.ask.request, text);
            }
            Part::Call(number, range) => {
                let call = &said.calls[*number];
                let is_first = range.is_empty();
                choice.delta.tool_calls = Some(vec![chat::ToolCall {
                    index: Some(*number as u32),
                    id: is_first.then(|| call_id(&self.ask.id, index, *number as u32)),
                    kind: is_first.then(|| "function".to_owned()),
                    function: chat::FunctionCall {
                        name: is_first.then(|| call.name.clone()),
                        arguments: Some(call.arguments[range.clone()].to_owned()),
                        ..Default::default()
                    },
                    ..Default::default()
                }]);
            }
            Part::Echo | Part::Close => choice.finish_reason = Some(said.finish.clone()),
        }
        choice
    }

    fn usage_chunk(&self, usage: Usage) -> Chunk {
        let mut chunk = match &*self.ask.request {
            Request::Completion(_) => self.completion_chunk(Vec::new()),
            _ => self.chat_chunk(Vec::new()),
        };
        match &mut chunk {
            Chunk::Chat(chunk) => chunk.usage = Some(usage),
            Chunk::Completion(chunk) => chunk.usage = Some(usage),
        }
        chunk
    }

    fn chat_chunk(&self, choices: Vec<chat::ChunkChoice>) -> Chunk {
        Chunk::Chat(chat::Chunk {
            id: format!("chatcmpl-{}", self.ask.id),
            object: "chat.completion.chunk".to_owned(),
            created: self.turn.created,
            model: self.ask.request.model().to_owned(),
            choices,
            ..Default::default()
        })
    }

    fn completion_chunk(&self, choices: Vec<completion::Choice>) -> Chunk {
        Chunk::Completion(completion::Response {
            id: format!("cmpl-{}", self.ask.id),
            object: "text_completion".to_owned(),
            created: self.turn.created,
            model: self.ask.request.model().to_owned(),
            choices,
            ..Default::default()
        })
    }
}
