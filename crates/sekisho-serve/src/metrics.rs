//! What happened since the start, in numbers, in the text format of Prometheus. No name, prompt or key is a label: only
//! models, upstreams and codes, of which settings bound the number.

use std::{fmt::Write, sync::Arc, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};
use sekisho_base::Coded;
use sekisho_llm::Error;

use crate::{meter::Used, trace::Tracer};

/// Bounds of the buckets for times, seconds.
const SECONDS: [f64; 12] = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// Counters of a gate. Clones count together.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Outcome, Counter>,
    tokens: Family<Tokens, Counter>,
    upstream_requests: Family<Asked, Counter>,
    upstream_seconds: Family<Upstream, Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tokens {
    model: String,
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Upstream {
    upstream: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    upstream: String,
    code: String,
}

/// The code of what went well.
const OK: &str = "ok";

impl Metrics {
    /// Of a gate; with a tracer, also what became of its spans.
    pub(crate) fn new(tracer: Option<&Tracer>) -> Self {
        let mut registry = Registry::with_prefix("sekisho");
        let requests = Family::default();
        registry.register("requests", "Requests by the code they ended with", requests.clone());
        let tokens = Family::default();
        registry.register("tokens", "Tokens of answered requests", tokens.clone());
        let upstream_requests = Family::default();
        let help = "Requests to upstreams by the code they ended with";
        registry.register("upstream_requests", help, upstream_requests.clone());
        let new_histogram: fn() -> Histogram = || Histogram::new(SECONDS);
        let upstream_seconds = Family::new_with_constructor(new_histogram);
        let help = "Time until an upstream began to answer";
        registry.register_with_unit("upstream_first", help, Unit::Seconds, upstream_seconds.clone());
        if let Some(tracer) = tracer {
            let counts = tracer.counts();
            registry.register("trace_spans_sent", "Spans that the collector took", counts.sent.clone());
            let help = "Spans that did not fit into the queue, or that the collector did not take";
            registry.register("trace_spans_dropped", help, counts.dropped.clone());
        }
        Self { registry: Arc::new(registry), requests, tokens, upstream_requests, upstream_seconds }
    }

    /// All of them, in the text format of Prometheus (OpenMetrics 1.0).
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            // Only a formatter fails, and a string takes everything.
            let _ = writeln!(text, "# EOF");
        }
        text
    }

    pub(crate) fn refused(&self, error: &Error) {
        self.requests.get_or_create(&Outcome { code: error.code().to_string() }).inc();
    }

    pub(crate) fn answered(&self, model: &str, used: Option<Used>) {
        self.requests.get_or_create(&Outcome { code: OK.to_owned() }).inc();
        let Some(used) = used else { return };
        for (kind, count) in [("prompt", used.prompt_tokens), ("completion", used.completion_tokens)] {
            self.tokens.get_or_create(&Tokens { model: model.to_owned(), kind }).inc_by(count);
        }
    }

    pub(crate) fn asked(&self, upstream: &str, first: Duration, error: Option<&Error>) {
        let code = error.map_or_else(|| OK.to_owned(), |error| error.code().to_string());
        let upstream = upstream.to_owned();
        self.upstream_seconds
            .get_or_create(&Upstream { upstream: upstream.clone() })
            .observe(first.as_secs_f64());
        self.upstream_requests.get_or_create(&Asked { upstream, code }).inc();
    }
}
