//! Traces: for each request a span, and one below it for each time that an upstream was asked, with the names of
//! OpenTelemetry's conventions for generative AI. Never a prompt, an answer, a key, or who asked: the audit log has those, and
//! a span says in which record.
//!
//! Spans go to the one collector of the settings, in batches, beside the requests: what does not fit into the queue is dropped
//! and counted. Without a collector nothing is made at all.

mod otlp;
mod parent;
mod send;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use prometheus_client::metrics::counter::Counter;
use sekisho_audit::record::Outcome;
use sekisho_base::Coded;
use sekisho_llm::{Error, Request};
use tokio::sync::{Notify, mpsc};

use crate::{observe::Ended, route::Way};
pub(crate) use parent::Parent;
pub use send::Sender;

/// Spans that wait for the collector; more are dropped.
pub const SPANS_MAX: usize = 8192;
/// Attempts of one request that become spans.
const ATTEMPTS_MAX: usize = 16;

/// Makes spans. Clones are the same.
#[derive(Clone)]
pub struct Tracer(Arc<Inner>);

struct Inner {
    queue: mpsc::Sender<Span>,
    /// Tells the time, nanoseconds since 1970.
    now_ns: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Of 2^63: traces whose last bits are below are kept.
    threshold: u64,
    counts: Counts,
    is_ending: AtomicBool,
    ending: Notify,
}

/// What became of spans.
#[derive(Clone, Default)]
pub(crate) struct Counts {
    pub(crate) sent: Counter,
    pub(crate) dropped: Counter,
}

/// One span, done.
#[derive(Debug, Clone)]
struct Span {
    trace: [u8; 16],
    id: [u8; 8],
    parent: Option<[u8; 8]>,
    kind: Kind,
    name: String,
    start_ns: u64,
    end_ns: u64,
    attributes: Vec<(&'static str, Attribute)>,
    has_failed: bool,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Server,
    Client,
}

#[derive(Debug, Clone)]
enum Attribute {
    Text(String),
    Number(u64),
}

/// The trace of one request on its way.
pub(crate) struct Trace {
    tracer: Tracer,
    trace: [u8; 16],
    id: [u8; 8],
    parent: Option<[u8; 8]>,
    start_ns: u64,
    started: Instant,
    operation: &'static str,
    format: String,
    attempts: Vec<Attempt>,
    dropped_attempts: u64,
}

/// One time that an upstream was asked.
struct Attempt {
    id: [u8; 8],
    began: Duration,
    /// None as long as it answers.
    ended: Option<Duration>,
    upstream: Arc<str>,
    model: Arc<str>,
    error: Option<String>,
}

impl Tracer {
    /// With what sends its spans. `ratio` is the part of the traces that is kept, from 0 to 1; a request that comes with a
    /// `traceparent` is kept if that says so. `now_ns` tells nanoseconds since 1970.
    pub fn new(ratio: f64, now_ns: impl Fn() -> u64 + Send + Sync + 'static) -> (Self, Sender) {
        let (queue, spans) = mpsc::channel(SPANS_MAX);
        let tracer = Self(Arc::new(Inner {
            queue,
            now_ns: Box::new(now_ns),
            threshold: (ratio.clamp(0.0, 1.0) * (1_u64 << 63) as f64) as u64,
            counts: Counts::default(),
            is_ending: AtomicBool::new(false),
            ending: Notify::new(),
        }));
        (tracer.clone(), Sender::new(tracer, spans))
    }

    /// Lets the sender send what it has, and end.
    pub fn finish(&self) {
        self.0.is_ending.store(true, Ordering::Release);
        self.0.ending.notify_one();
    }

    /// Spans that were dropped so far.
    pub fn dropped(&self) -> u64 {
        self.0.counts.dropped.get()
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// Begins the trace of a request, unless it is not to be kept.
    pub(crate) fn begin(
        &self,
        parent: Option<&Parent>,
        request_id: &str,
        request: &Request,
        format: &str,
        started: Instant,
    ) -> Option<Box<Trace>> {
        let trace = match parent {
            Some(parent) if !parent.is_sampled => return None,
            Some(parent) => parent.trace,
            None => {
                let trace = trace_of(request_id)?;
                let draw = u64::from_be_bytes(trace[8..].try_into().ok()?) >> 1;
                if draw >= self.0.threshold {
                    return None;
                }
                trace
            }
        };
        Some(Box::new(Trace {
            tracer: self.clone(),
            trace,
            id: span_id()?,
            parent: parent.map(|parent| parent.span),
            start_ns: (self.0.now_ns)().saturating_sub(started.elapsed().as_nanos() as u64),
            started,
            operation: operation(request),
            format: format.to_owned(),
            attempts: Vec::new(),
            dropped_attempts: 0,
        }))
    }

    fn push(&self, span: Span) {
        if self.0.queue.try_send(span).is_err() {
            self.0.counts.dropped.inc();
        }
    }
}

/// The operations of the conventions, and words of ours for what they do not have.
fn operation(request: &Request) -> &'static str {
    match request {
        Request::Chat(_) => "chat",
        Request::Completion(_) => "text_completion",
        Request::Embedding(_) => "embeddings",
        Request::Rerank(_) => "rerank",
        Request::Tokenize(_) => "tokenize",
        Request::Detokenize(_) => "detokenize",
    }
}

/// The id of a request is 128 random bits, and so is that of a trace: the same ones, so that either finds the other.
fn trace_of(request_id: &str) -> Option<[u8; 16]> {
    let of_request = request_id.strip_prefix("req_").and_then(parent::hex::<16>);
    of_request.or_else(|| {
        let mut trace = [0; 16];
        getrandom::fill(&mut trace).ok()?;
        Some(trace)
    })
}

fn span_id() -> Option<[u8; 8]> {
    let mut id = [0; 8];
    getrandom::fill(&mut id).ok()?;
    (id != [0; 8]).then_some(id)
}

impl Trace {
    /// An upstream is about to be asked. What it is to be sent as `traceparent`, if it wants one.
    pub(crate) fn ask(&mut self, way: &Way) -> Option<Arc<str>> {
        if self.attempts.len() >= ATTEMPTS_MAX {
            self.dropped_attempts += 1;
            return None;
        }
        let id = span_id()?;
        self.attempts.push(Attempt {
            id,
            began: self.started.elapsed(),
            ended: None,
            upstream: Arc::clone(&way.upstream.name),
            model: Arc::clone(&way.model),
            error: None,
        });
        Some(Parent { trace: self.trace, span: id, is_sampled: true }.to_string().into())
    }

    /// It could not answer.
    pub(crate) fn failed(&mut self, error: &Error) {
        let now = self.started.elapsed();
        if let Some(attempt) = self.attempts.last_mut().filter(|_| self.dropped_attempts == 0) {
            attempt.ended = Some(now);
            attempt.error = Some(error.code().to_string());
        }
    }

    /// The request has ended.
    pub(crate) fn end(self, ended: &Ended<'_>, offered: &str, ttft_ms: Option<u64>) {
        let end = self.started.elapsed();
        let at = |passed: Duration| self.start_ns.saturating_add(passed.as_nanos() as u64);
        let named = |model: &str| match model {
            "-" => self.operation.to_owned(),
            model => format!("{} {model}", self.operation),
        };
        for attempt in &self.attempts {
            let mut attributes = vec![
                ("gen_ai.operation.name", self.operation.into()),
                ("gen_ai.provider.name", (&*attempt.upstream).into()),
                ("gen_ai.request.model", (&*attempt.model).into()),
            ];
            match (&attempt.error, ended.tokens) {
                (Some(code), _) => attributes.push(("error.type", code.as_str().into())),
                // The one that answered.
                (None, Some((prompt, completion))) => {
                    attributes.push(("gen_ai.usage.input_tokens", Attribute::Number(prompt)));
                    attributes.push(("gen_ai.usage.output_tokens", Attribute::Number(completion)));
                }
                (None, None) => {}
            }
            self.tracer.push(Span {
                trace: self.trace,
                id: attempt.id,
                parent: Some(self.id),
                kind: Kind::Client,
                name: named(&attempt.model),
                start_ns: at(attempt.began),
                end_ns: at(attempt.ended.unwrap_or(end)),
                attributes,
                has_failed: attempt.error.is_some(),
            });
        }
        let mut attributes = vec![
            ("gen_ai.operation.name", self.operation.into()),
            ("sekisho.request_id", ended.id.into()),
            ("sekisho.format", self.format.as_str().into()),
            ("sekisho.outcome", ended.outcome.as_str().into()),
        ];
        // The name of a model that is not on offer is a text of a stranger.
        let offered = (offered != "-").then_some(offered);
        let code = ended.code.map(|code| code.to_string());
        let record = ended.record.map(|record| record.to_string());
        for (name, text) in [
            ("gen_ai.request.model", offered),
            ("sekisho.label", ended.label),
            ("sekisho.upstream", ended.upstream),
            ("sekisho.record", record.as_deref()),
            ("error.type", code.as_deref()),
        ] {
            attributes.extend(text.map(|text| (name, text.into())));
        }
        attributes.extend(ttft_ms.map(|ttft_ms| ("sekisho.ttft_ms", Attribute::Number(ttft_ms))));
        if self.dropped_attempts > 0 {
            attributes.push(("sekisho.attempts_dropped", Attribute::Number(self.dropped_attempts)));
        }
        self.tracer.push(Span {
            trace: self.trace,
            id: self.id,
            parent: self.parent,
            kind: Kind::Server,
            name: named(offered.unwrap_or("-")),
            start_ns: self.start_ns,
            end_ns: at(end),
            attributes,
            has_failed: ended.outcome == Outcome::Failed,
        });
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
