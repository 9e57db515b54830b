//! An answer that flows: each text of it is screened on its way, and the request is recorded whatever ends it.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_core::Stream;
use sekisho_audit::record::{Outcome, PromptText};
use sekisho_base::Coded;
use sekisho_guard::{Guard, Label, Vault};
use sekisho_llm::{Chunk, Chunks, Error, Request, chat, completion};
use serde_json::{Map, Value, json};

use super::Case;
use crate::{
    meter::{self, Estimate, Used},
    recorder::Recorder,
    route::Offer,
    screen::{self, Found, OutText},
    texts,
};

/// Most bytes of an answer that is kept back as a whole.
const KEPT_BYTES_MAX: usize = 4 << 20;
/// Most texts that flow beside each other in one answer: choices, tool calls, reasoning.
const TEXTS_MAX: usize = 1024;

/// A screened answer on its way.
pub(super) struct Flow {
    case: Option<Box<Case>>,
    chunks: Option<Chunks>,
    model: Arc<str>,
    texts: Texts,
    ready: VecDeque<Chunk>,
    /// Parts with log probabilities wait for the end: they spell out what may yet have to be masked.
    whole: Option<Whole>,
    wants_usage: bool,
    used: Option<Used>,
    prompt_tokens: u64,
    /// `id` and `created` of the answer, as the first part that has them names them.
    named: Option<(String, u64)>,
}

/// An answer that goes out when all of it is known.
#[derive(Default)]
struct Whole {
    as_came: Vec<Chunk>,
    bytes: usize,
    is_changed: bool,
}

/// The texts of an answer that flow beside each other.
struct Texts {
    guard: Guard,
    label: Label,
    vault: Vault,
    open: BTreeMap<Slot, OutText>,
    found: Found,
    /// What went out, for the record.
    kept: String,
    tokens: u64,
    error: Option<Error>,
    /// What came with the last part besides choices, and what may go on of it.
    last_head: Option<(Map<String, Value>, Map<String, Value>)>,
}

/// Which text of an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    choice: u32,
    part: Part,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Content,
    /// Arguments of a tool call.
    Tool(u32),
    /// A member that we do not know: `reasoning_content`.
    Other(String),
}

impl Flow {
    pub(super) fn new(
        case: Case,
        chunks: Chunks,
        offer: &Offer,
        screened: &screen::Screened,
        estimate: Estimate,
    ) -> Self {
        let (wants_usage, has_logprobs) = match &case.request {
            Request::Chat(request) => (&request.stream_options, request.logprobs == Some(true)),
            Request::Completion(request) => (&request.stream_options, request.logprobs.is_some()),
            _ => (&None, false),
        };
        let wants_usage = wants_usage.as_ref().is_some_and(|options| options.include_usage);
        let guard = case.world.screen.guard.clone();
        let texts = Texts::new(guard, screened.label.clone(), screened.vault.clone());
        Self {
            case: Some(Box::new(case)),
            chunks: Some(chunks),
            model: Arc::clone(&offer.model),
            texts,
            ready: VecDeque::new(),
            whole: has_logprobs.then(Whole::default),
            wants_usage,
            used: None,
            prompt_tokens: estimate.prompt_tokens,
            named: None,
        }
    }

    fn take(&mut self, chunk: Chunk) {
        let (usage, id, created) = match &chunk {
            Chunk::Chat(chunk) => (chunk.usage.as_ref(), &chunk.id, chunk.created),
            Chunk::Completion(chunk) => (chunk.usage.as_ref(), &chunk.id, chunk.created),
        };
        if self.named.is_none() && !id.is_empty() {
            self.named = Some((id.clone(), created));
        }
        if let Some(usage) = usage {
            self.used = Some(Used::reported(usage));
        }
        if let Some(whole) = &mut self.whole {
            whole.as_came.push(chunk.clone());
        }
        match chunk {
            Chunk::Chat(chunk) => self.take_chat(chunk),
            Chunk::Completion(chunk) => self.take_completion(chunk),
        }
    }

    fn take_chat(&mut self, mut chunk: chat::Chunk) {
        self.model.as_ref().clone_into(&mut chunk.model);
        self.texts.head(&mut chunk.other);
        let usage = chunk.usage.take().filter(|_| self.wants_usage);
        let is_usage_only = chunk.choices.is_empty();
        let texts = &mut self.texts;
        let choices = chunk.choices.iter_mut();
        let tails: Vec<_> =
            choices.filter_map(|choice| texts.chat_choice(choice, self.whole.as_mut())).collect();
        if !tails.is_empty() {
            self.ready.push_back(Chunk::Chat(chat::Chunk { choices: tails, ..chunk_head(&chunk) }));
        }
        chunk.choices.retain(says_something);
        if !chunk.choices.is_empty() || (is_usage_only && usage.is_some()) {
            chunk.usage = usage;
            self.ready.push_back(Chunk::Chat(chunk));
        }
    }

    fn take_completion(&mut self, mut chunk: completion::Response) {
        self.model.as_ref().clone_into(&mut chunk.model);
        self.texts.head(&mut chunk.other);
        let usage = chunk.usage.take().filter(|_| self.wants_usage);
        let is_usage_only = chunk.choices.is_empty();
        for choice in &mut chunk.choices {
            self.texts.completion_choice(choice, self.whole.as_mut());
        }
        chunk.choices.retain(|choice| !choice.text.is_empty() || choice.finish_reason.is_some());
        if !chunk.choices.is_empty() || (is_usage_only && usage.is_some()) {
            chunk.usage = usage;
            self.ready.push_back(Chunk::Completion(chunk));
        }
    }

    /// The upstream has said everything.
    fn finish(&mut self) {
        self.chunks = None;
        let rest = self.texts.finish_all(self.whole.as_mut());
        for choice in rest {
            let tail = self.own_chunk(choice);
            self.ready.push_back(tail);
        }
        if let Some(whole) = self.whole.take()
            && !whole.is_changed
            && self.texts.error.is_none()
        {
            self.ready = whole.as_came.into_iter().filter_map(|chunk| self.as_offered(chunk)).collect();
        }
    }

    /// A part as it came, under the name of the offer, and with usage only for who asked for it.
    fn as_offered(&self, mut chunk: Chunk) -> Option<Chunk> {
        let (model, usage, is_empty) = match &mut chunk {
            Chunk::Chat(chunk) => (&mut chunk.model, &mut chunk.usage, chunk.choices.is_empty()),
            Chunk::Completion(chunk) => (&mut chunk.model, &mut chunk.usage, chunk.choices.is_empty()),
        };
        self.model.as_ref().clone_into(model);
        if !self.wants_usage {
            *usage = None;
        }
        (!is_empty || usage.is_some()).then_some(chunk)
    }

    /// Nothing may follow: the guard refuses.
    fn refuse(&mut self, error: &Error) {
        self.chunks = None;
        if self.whole.take().is_some() {
            self.ready.clear();
        }
        let facts = match error {
            Error::Refused(refusal) => {
                refusal.facts.iter().map(|(name, value)| (*name, value.clone())).collect()
            }
            _ => BTreeMap::new(),
        };
        let choice = chat::ChunkChoice {
            finish_reason: Some("content_filter".to_owned()),
            other: json!({ "sekisho": { "code": error.code().to_string(), "facts": facts } })
                .as_object()
                .cloned()
                .unwrap_or_default(),
            ..chat::ChunkChoice::default()
        };
        let last = self.own_chunk(choice);
        self.ready.push_back(last);
        self.end(Err(error));
    }

    /// A part that does not come from the upstream, in the format of the request.
    fn own_chunk(&self, choice: chat::ChunkChoice) -> Chunk {
        let model = self.model.to_string();
        let (id, created) = self.named.clone().unwrap_or_default();
        match self.case.as_ref().map(|case| &case.request) {
            Some(Request::Completion(_)) => Chunk::Completion(completion::Response {
                id,
                object: "text_completion".to_owned(),
                created,
                model,
                choices: vec![completion::Choice {
                    index: choice.index,
                    text: choice.delta.content.unwrap_or_default(),
                    finish_reason: choice.finish_reason,
                    other: choice.other,
                    ..completion::Choice::default()
                }],
                ..completion::Response::default()
            }),
            _ => Chunk::Chat(chat::Chunk {
                id,
                object: "chat.completion.chunk".to_owned(),
                created,
                model,
                choices: vec![choice],
                ..chat::Chunk::default()
            }),
        }
    }

    /// Records how it ended, once.
    fn end(&mut self, outcome: Result<(), &Error>) {
        let Some(mut case) = self.case.take() else { return };
        self.fill(&mut case);
        match outcome {
            Ok(()) => {
                case.recorder.close.outcome = Outcome::Answered;
                case.shared.metrics.answered(&self.model, case.recorder.used);
            }
            Err(error) => {
                case.recorder.say(error);
                case.shared.metrics.refused(error);
            }
        }
        // A log that takes nothing more says so by itself, and no request begins after that.
        let _ = case.recorder.end();
    }

    fn fill(&mut self, case: &mut Case) {
        let recorder = &mut case.recorder;
        let close = &mut recorder.close;
        Recorder::say_found(&self.texts.found, &mut close.rules, &mut close.other);
        close.verdict = Some(screen::verdict(self.texts.found.action));
        if case.world.record.keeps_output {
            close.output = Some(PromptText(std::mem::take(&mut self.texts.kept)));
        }
        recorder.used.get_or_insert_with(|| {
            self.used.unwrap_or_else(|| Used::estimated(self.prompt_tokens, self.texts.tokens))
        });
    }
}

impl Stream for Flow {
    type Item = Result<Chunk, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let flow = &mut *self;
            if flow.whole.is_none()
                && let Some(chunk) = flow.ready.pop_front()
            {
                if let Some(case) = &mut flow.case
                    && case.recorder.close.ttft_ms.is_none()
                {
                    case.recorder.close.ttft_ms = Some(case.recorder.elapsed_ms());
                }
                return Poll::Ready(Some(Ok(chunk)));
            }
            let Some(chunks) = &mut flow.chunks else {
                flow.end(Ok(()));
                return Poll::Ready(None);
            };
            match chunks.as_mut().poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(chunk))) => flow.take(chunk),
                Poll::Ready(None) => flow.finish(),
                Poll::Ready(Some(Err(error))) => {
                    flow.chunks = None;
                    flow.whole = None;
                    flow.ready.clear();
                    flow.end(Err(&error));
                    return Poll::Ready(Some(Err(error)));
                }
            }
            if let Some(error) = flow.texts.error.take() {
                flow.refuse(&error);
            }
        }
    }
}

/// The one who asked has gone away in the middle: what was said so far is in the record.
impl Drop for Flow {
    fn drop(&mut self) {
        if let Some(mut case) = self.case.take() {
            self.fill(&mut case);
        }
    }
}

impl Texts {
    fn new(guard: Guard, label: Label, vault: Vault) -> Self {
        Self {
            guard,
            label,
            vault,
            open: BTreeMap::new(),
            found: Found::default(),
            kept: String::new(),
            tokens: 0,
            error: None,
            last_head: None,
        }
    }

    /// Screens what a part adds to one choice. The rest of its texts comes back when the choice ends here.
    fn chat_choice(
        &mut self,
        choice: &mut chat::ChunkChoice,
        mut whole: Option<&mut Whole>,
    ) -> Option<chat::ChunkChoice> {
        let index = choice.index;
        let delta = &mut choice.delta;
        if let Some(content) = delta.content.take() {
            delta.content = self.push(index, Part::Content, &content, whole.as_deref_mut());
        }
        for call in delta.tool_calls.iter_mut().flatten() {
            if let Some(arguments) = call.function.arguments.take() {
                let part = Part::Tool(call.index.unwrap_or_default());
                let text = self.push(index, part, &arguments, whole.as_deref_mut());
                // The first part of a call carries its name, and clients expect arguments beside it.
                call.function.arguments = Some(text.unwrap_or_default());
            }
            if let Some(name) = &mut call.function.name {
                self.text(name);
            }
            self.map(&mut call.function.other);
            self.map(&mut call.other);
        }
        for (name, value) in &mut delta.other {
            if let Value::String(text) = value {
                let part = Part::Other(name.clone());
                *text = self.push(index, part, text, whole.as_deref_mut()).unwrap_or_default();
            } else {
                self.value(value);
            }
        }
        self.map(&mut choice.other);
        choice.logprobs = None;
        choice.finish_reason.as_ref()?;
        let tail = self.finish_choice(index, whole);
        (says_something(&tail)).then_some(tail)
    }

    fn completion_choice(&mut self, choice: &mut completion::Choice, mut whole: Option<&mut Whole>) {
        let text = std::mem::take(&mut choice.text);
        choice.text = self.push(choice.index, Part::Content, &text, whole.as_deref_mut()).unwrap_or_default();
        choice.logprobs = None;
        self.map(&mut choice.other);
        if choice.finish_reason.is_some() {
            let tail = self.finish_choice(choice.index, whole);
            choice.text.push_str(tail.delta.content.as_deref().unwrap_or_default());
        }
    }

    /// Something that comes whole in each part, and is judged by itself.
    fn text(&mut self, text: &mut String) {
        let out = OutText::whole(&self.guard, &self.label, &self.vault, text, &mut self.found);
        self.error = self.error.take().or(out.refusal);
        *text = out.text;
    }

    fn value(&mut self, value: &mut Value) {
        texts::each_string(value, &mut |text| self.text(text));
    }

    fn map(&mut self, map: &mut Map<String, Value>) {
        map.values_mut().for_each(|value| self.value(value));
    }

    /// Members of a whole part: the same in most parts of a stream, and then judged once.
    fn head(&mut self, other: &mut Map<String, Value>) {
        match &self.last_head {
            Some((came, judged)) if came == other => other.clone_from(judged),
            _ if other.is_empty() => {}
            _ => {
                let came = other.clone();
                self.map(other);
                self.last_head = Some((came, other.clone()));
            }
        }
    }

    fn push(&mut self, choice: u32, part: Part, piece: &str, whole: Option<&mut Whole>) -> Option<String> {
        if self.error.is_some() || piece.is_empty() {
            return (self.error.is_none()).then(String::new).filter(|_| part != Part::Content);
        }
        let slot = Slot { choice, part };
        if self.open.len() >= TEXTS_MAX && !self.open.contains_key(&slot) {
            self.error = Some(too_large());
            return None;
        }
        self.tokens += meter::text_tokens(piece);
        if let Some(whole) = whole {
            whole.bytes += piece.len();
            if whole.bytes > KEPT_BYTES_MAX {
                self.error = Some(too_large());
                return None;
            }
        }
        let text =
            self.open.entry(slot).or_insert_with(|| OutText::new(&self.guard, &self.label, &self.vault));
        let out = text.push(piece, &mut self.found);
        self.error = out.refusal;
        self.keep(&out.text);
        (!out.text.is_empty()).then_some(out.text)
    }

    /// What the texts of a choice still hold back.
    fn finish_choice(&mut self, index: u32, whole: Option<&mut Whole>) -> chat::ChunkChoice {
        let mut tail = chat::ChunkChoice { index, ..chat::ChunkChoice::default() };
        let slots: Vec<Slot> = self.open.keys().filter(|slot| slot.choice == index).cloned().collect();
        for slot in slots {
            let Some(mut text) = self.open.remove(&slot) else { continue };
            if self.error.is_some() {
                continue;
            }
            let out = text.finish(&mut self.found);
            self.error = out.refusal;
            self.keep(&out.text);
            if out.text.is_empty() {
                continue;
            }
            match slot.part {
                Part::Content => tail.delta.content = Some(out.text),
                Part::Tool(call) => tail.delta.tool_calls.get_or_insert_default().push(chat::ToolCall {
                    index: Some(call),
                    function: chat::FunctionCall {
                        arguments: Some(out.text),
                        ..chat::FunctionCall::default()
                    },
                    ..chat::ToolCall::default()
                }),
                Part::Other(name) => {
                    tail.delta.other.insert(name, Value::String(out.text));
                }
            }
        }
        if let Some(whole) = whole {
            whole.is_changed |=
                self.found.action >= Some(sekisho_guard::Action::Mask) || !self.vault.is_empty();
        }
        tail
    }

    /// What is left of choices that the upstream did not end.
    fn finish_all(&mut self, mut whole: Option<&mut Whole>) -> Vec<chat::ChunkChoice> {
        let mut choices = Vec::new();
        while let Some(index) = self.open.keys().next().map(|slot| slot.choice) {
            choices.push(self.finish_choice(index, whole.as_deref_mut()));
        }
        choices.retain(says_something);
        choices
    }

    fn keep(&mut self, text: &str) {
        let room = texts::RECORDED_BYTES_MAX.saturating_sub(self.kept.len());
        self.kept.push_str(texts::cut(text, room));
    }
}

fn too_large() -> Error {
    let refusal = sekisho_llm::Refusal::new(sekisho_base::Code::GuardRefused);
    refusal.with("reason", "too_long").into()
}

/// Id and time of a part, for another one that goes out beside it.
fn chunk_head(chunk: &chat::Chunk) -> chat::Chunk {
    chat::Chunk {
        id: chunk.id.clone(),
        object: chunk.object.clone(),
        created: chunk.created,
        model: chunk.model.clone(),
        other: chunk.other.clone(),
        ..chat::Chunk::default()
    }
}

/// A part that was held back altogether is not sent.
fn says_something(choice: &chat::ChunkChoice) -> bool {
    let delta = &choice.delta;
    choice.finish_reason.is_some()
        || delta.role.is_some()
        || delta.content.is_some()
        || delta.tool_calls.as_ref().is_some_and(|calls| !calls.is_empty())
        || delta.other.values().any(|value| value.as_str() != Some(""))
}

#[cfg(test)]
mod tests {
    use sekisho_guard::{Policy, Scheme, Vault, built_in_detectors};
    use sekisho_llm::chat;
    use serde_json::json;

    use super::Texts;
    use crate::screen::Screen;

    #[test]
    fn nothing_of_a_part_passes_unseen() {
        let secret = "連絡先は taro@example.jp です。";
        let scheme = Scheme::built_in().remove(0);
        let policy = Policy::parse(Policy::default_text(), &scheme).unwrap();
        let label = scheme.parse_label("2").unwrap();
        let screen = Screen::new(scheme, built_in_detectors(), policy).unwrap();
        let mut texts = Texts::new(screen.guard, label, Vault::new());
        let part = json!({
            "index": 0, "note": [secret], "finish_reason": "stop",
            "delta": {
                "content": secret, "reasoning_content": secret, "details": [{ "text": secret }],
                "tool_calls": [{ "index": 0, "note": secret, "function": { "name": "f", "arguments": secret } }],
            },
        });
        let mut choice: chat::ChunkChoice = serde_json::from_value(part).unwrap();
        let tail = texts.chat_choice(&mut choice, None);
        let mut head = json!({ "note": secret }).as_object().cloned().unwrap();
        texts.head(&mut head);
        let mut again = json!({ "note": secret }).as_object().cloned().unwrap();
        texts.head(&mut again);
        assert_eq!(head, again);
        let released = serde_json::to_string(&(choice, tail, head)).unwrap();
        assert_eq!(
            (released.matches("[EMAIL]").count(), released.contains("taro")),
            (7, false),
            "{released}"
        );
    }
}
