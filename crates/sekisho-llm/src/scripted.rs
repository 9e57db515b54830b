//! A provider that does what a script says: the test double of this house, and the demonstration upstream.
//!
//! It keeps to the wire formats as a model server does: it streams in parts, ends at `stop` and `max_tokens`, counts
//! tokens, gives log probabilities, answers in JSON after a schema, calls tools, makes vectors and ranks documents. Tokens are bytes of UTF-8, with the
//! byte as id, everywhere: in `/tokenize`, in usage and in limits. The prompt counts the texts of all messages, the
//! answer its texts, reasoning included, and names and arguments of calls.
//!
//! ```
//! use std::sync::Arc;
//! use sekisho_llm::{Answer, Ask, Provider, Request, Response, chat, scripted::{Rule, Script, Scripted}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let model = Scripted::new("demo", Script::new([Rule::text("「{last_user}」ですね。")]));
//! let question = chat::Message::text("user", "こんにちは");
//! let request = chat::Request { model: "m".into(), messages: vec![question], ..Default::default() };
//! let ask = Ask { request: Arc::new(Request::Chat(request)), id: "1".into(), deadline: None, trace: None };
//! let Ok(Answer::Whole(Response::Chat(answer))) = model.ask(ask).await else { panic!("a whole answer") };
//! assert_eq!(answer.choices[0].message, chat::Message::text("assistant", "「こんにちは」ですね。"));
//! assert_eq!(model.asks().len(), 1);
//! # }
//! ```

mod answer;
mod file;
mod logprobs;
mod schema;
mod script;
mod stream;
mod vectors;

pub use file::{Problem, ProblemKind, RULES_MAX, SCRIPT_BYTES_MAX, WAIT_MS_MAX};
pub use script::{
    CHUNK_CHARS_DEFAULT, Call, DIMENSIONS_DEFAULT, Fault, Format, Pace, Rule, Say, Script, TEXT_DEFAULT, When,
};

use std::{
    collections::VecDeque,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{Answer, Answering, Ask, Error, Phase, Provider, Request, chance::Chance, completion::Prompt};

/// Requests that are remembered; of more the last.
pub const ASKS_MAX: usize = 1_000;
/// 2026-04-01, the start of a fiscal year: when answers are created, unless there is a clock.
const CREATED: u64 = 1_774_969_200;

/// A provider that does what a script says. Clones share what they remember.
#[derive(Clone)]
pub struct Scripted(Arc<Inner>);

struct Inner {
    name: String,
    script: Script,
    /// How often each rule fitted.
    used: Vec<AtomicU64>,
    now: Box<dyn Fn() -> u64 + Send + Sync>,
    asks: Mutex<VecDeque<Ask>>,
    asked: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
    cancelled: AtomicU64,
}

/// What became of the requests so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub asked: u64,
    /// Answered to the end.
    pub answered: u64,
    /// Ended by an error.
    pub failed: u64,
    /// Dropped by whoever asked, before the end.
    pub cancelled: u64,
}

/// How an answer to one request goes.
struct Turn {
    rule: Rule,
    chance: Chance,
    number: u64,
    created: u64,
    dimensions: u32,
}

/// Notes the end of a request, however it comes.
struct Watch {
    inner: Arc<Inner>,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Answered,
    Failed,
    Cancelled,
}

impl Scripted {
    /// A provider of this name.
    pub fn new(name: impl Into<String>, script: Script) -> Self {
        Self::with_clock(name, script, || CREATED)
    }

    /// A provider that gives its answers the time of a clock, in seconds since 1970, and not always the same time.
    pub fn with_clock(
        name: impl Into<String>,
        script: Script,
        now: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        let used = script.rules.iter().map(|_| AtomicU64::new(0)).collect();
        let zero = || AtomicU64::new(0);
        Self(Arc::new(Inner {
            name: name.into(),
            script,
            used,
            now: Box::new(now),
            asks: Mutex::default(),
            asked: zero(),
            answered: zero(),
            failed: zero(),
            cancelled: zero(),
        }))
    }

    /// The last requests, [`ASKS_MAX`] at most, in order.
    pub fn asks(&self) -> Vec<Ask> {
        self.0.asks.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// What became of the requests so far.
    pub fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            asked: read(&self.0.asked),
            answered: read(&self.0.answered),
            failed: read(&self.0.failed),
            cancelled: read(&self.0.cancelled),
        }
    }

    /// The models that it answers for; none means any.
    pub fn models(&self) -> &[String] {
        &self.0.script.models
    }
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Scripted").field(&self.0.name).field(&self.counts()).finish()
    }
}

impl Provider for Scripted {
    fn ask(&self, ask: Ask) -> Answering {
        let number = self.0.asked.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.remember(&ask);
        let watch = Watch { inner: Arc::clone(&self.0), end: End::Cancelled };
        Box::pin(async move {
            let inner = Arc::clone(&watch.inner);
            let answer = within(ask.deadline, &inner.name, inner.answer(&ask, number)).await;
            match answer {
                Ok(answer::Begun::Whole(response)) => {
                    watch.close(End::Answered);
                    Ok(Answer::Whole(response))
                }
                Ok(answer::Begun::Stream(stream)) => Ok(Answer::Stream(stream.chunks(ask.deadline, watch))),
                Err(error) => {
                    watch.close(End::Failed);
                    Err(error)
                }
            }
        })
    }

    fn name(&self) -> &str {
        &self.0.name
    }
}

impl Inner {
    fn remember(&self, ask: &Ask) {
        let mut asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner);
        if asks.len() == ASKS_MAX {
            asks.pop_front();
        }
        asks.push_back(ask.clone());
    }

    async fn answer(&self, ask: &Ask, number: u64) -> Result<answer::Begun, Error> {
        let model = ask.request.model();
        if !self.script.models.is_empty() && !self.script.models.iter().any(|known| known == model) {
            return Err(Error::NoSuchModel { model: model.to_owned() });
        }
        let mut turn = self.turn(&ask.request, number);
        wait(turn.chance.spread(turn.rule.pace.first_byte, turn.rule.pace.jitter)).await;
        let is_streaming = ask.request.is_streaming();
        if let Some(fault) = &turn.rule.fault
            && (!is_streaming || fault.after().is_none())
        {
            for _ in 0..fault.after().unwrap_or(0) {
                wait(turn.rule.pace.chunk).await;
            }
            return Err(self.raise(fault, Format::of(&ask.request)).await);
        }
        answer::begin(ask, turn).await
    }

    fn turn(&self, request: &Request, number: u64) -> Turn {
        let mut chance = Chance::new(self.script.seed, number);
        let question = question(request);
        let fits = |(index, rule): (usize, &Rule), chance: &mut Chance| {
            let when = &rule.when;
            when.model.as_deref().is_none_or(|model| model == request.model())
                && when.format.is_none_or(|format| format == Format::of(request))
                && when.contains.as_deref().is_none_or(|part| question.contains(part))
                && when.last_role.as_deref().is_none_or(|role| last_role(request) == role)
                && when.chance.is_none_or(|share| chance.share() < share)
                // Last: a rule that does not fit for another reason is not used up.
                && when.times.is_none_or(|times| {
                    let used = &self.used[index];
                    let more = |count| (count < times).then_some(count + 1);
                    used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
                })
        };
        let rule = self.script.rules.iter().enumerate().find(|row| fits(*row, &mut chance));
        let rule = rule.map(|(_, rule)| rule.clone()).unwrap_or_default();
        Turn { rule, chance, number, created: (self.now)(), dimensions: self.script.dimensions }
    }

    /// Turns a fault into the error that an upstream's client makes of it. A hang does not end.
    async fn raise(&self, fault: &Fault, format: Format) -> Error {
        let provider = self.name.clone();
        match fault {
            Fault::Status { status, retry_after, message } => Error::Status {
                provider,
                status: *status,
                message: message.clone(),
                retry_after: *retry_after,
            },
            Fault::Unreachable => {
                Error::Unreachable { provider, cause: "connection refused".to_owned(), was_sent: false }
            }
            Fault::Unsupported => Error::Unsupported { provider, what: format.name().to_owned() },
            Fault::Drop { .. } => {
                Error::Unreachable { provider, cause: "connection closed".to_owned(), was_sent: true }
            }
            Fault::Cut { .. } | Fault::Malformed { .. } => {
                Error::Malformed { provider, cause: "expected value at line 1 column 1".to_owned() }
            }
            Fault::Hang { .. } => std::future::pending().await,
        }
    }
}

impl Watch {
    fn close(mut self, end: End) {
        self.end = end;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let count = match self.end {
            End::Answered => &self.inner.answered,
            End::Failed => &self.inner.failed,
            End::Cancelled => &self.inner.cancelled,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// The text that a rule looks at, and that comes back where the script says nothing else.
fn question(request: &Request) -> String {
    match request {
        Request::Chat(request) => {
            let asked = request.messages.iter().rev().find(|message| message.role == "user");
            asked.map(message_text).unwrap_or_default()
        }
        Request::Completion(request) => first_text(&request.prompt),
        Request::Embedding(request) => first_text(&request.input),
        Request::Rerank(request) => request.query.clone(),
        Request::Tokenize(request) => request.prompt.clone().unwrap_or_default(),
        Request::Detokenize(_) => String::new(),
    }
}

fn message_text(message: &crate::chat::Message) -> String {
    message.content.iter().flat_map(|content| content.texts()).collect()
}

fn last_role(request: &Request) -> &str {
    match request {
        Request::Chat(request) => request.messages.last().map_or("", |message| &message.role),
        _ => "user",
    }
}

fn first_text(prompt: &Prompt) -> String {
    match prompt {
        Prompt::Text(text) => text.clone(),
        Prompt::Texts(texts) => texts.first().cloned().unwrap_or_default(),
        Prompt::Tokens(tokens) => text_of(tokens),
        Prompt::TokenLists(lists) => lists.first().map(|tokens| text_of(tokens)).unwrap_or_default(),
    }
}

/// The text of tokens. Ids beyond a byte, which [`answer`] refuses, become replacement characters.
fn text_of(tokens: &[u32]) -> String {
    let bytes: Vec<u8> = tokens.iter().map(|token| u8::try_from(*token).unwrap_or(u8::MAX)).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn wait(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// Until the deadline, if there is one.
async fn within<T>(
    deadline: Option<Instant>,
    name: &str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(deadline) = deadline else { return work.await };
    tokio::time::timeout_at(deadline.into(), work)
        .await
        .unwrap_or_else(|_| Err(Error::TimedOut { provider: name.to_owned(), phase: Phase::Total }))
}

#[cfg(test)]
mod tests;
