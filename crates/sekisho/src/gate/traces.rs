//! Traces: to the collector of the settings, or nowhere.

use std::{path::PathBuf, sync::Arc, time::Duration};

use sekisho_llm::upstream::{BaseUrl, Post, ProblemKind as UrlProblem, Trust};
use sekisho_serve::trace::{Sender, Tracer};
use serde_json::json;

use super::{
    chain,
    file::TracesFile,
    files::Files,
    log::Log,
    origin::Layers,
    problem::{Problem, ProblemKind},
    settings::Settings,
};
use crate::words::Words;

/// How long one export may take.
const EXPORT_MAX: Duration = Duration::from_secs(5);
/// How long all of the last exports may take when the gate stops.
const FINISH_MAX: Duration = Duration::from_secs(12);
/// Where a collector takes traces.
const PATH: &str = "v1/traces";

/// The collector.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traces {
    pub(crate) endpoint: BaseUrl,
    ratio: f64,
    ca: Option<PathBuf>,
}

/// Settles the part of the settings.
pub(super) fn settle(file: &TracesFile, layers: &mut Layers) -> Option<Traces> {
    const ENDPOINT: &str = "traces.endpoint";
    let Some(written) = file.endpoint.as_deref().map(str::trim).filter(|written| !written.is_empty()) else {
        for (key, is_there) in
            [("traces.ratio", file.ratio.is_some()), ("traces.ca_file", file.ca_file.is_some())]
        {
            if is_there {
                layers.note(key, ProblemKind::NeedsOneOf { keys: ENDPOINT });
            }
        }
        return None;
    };
    layers.show(ENDPOINT, written);
    let ratio = layers.ratio("traces.ratio", file.ratio, 1.0);
    let ca = layers.path("traces.ca_file", file.ca_file.as_deref());
    match BaseUrl::parse(written) {
        Ok(endpoint) => Some(Traces { endpoint, ratio, ca }),
        Err(fault) => {
            layers.note(ENDPOINT, ProblemKind::Upstream(UrlProblem::Url(fault)));
            None
        }
    }
}

impl Traces {
    /// The way to the collector. Nothing is connected yet.
    ///
    /// # Errors
    /// What is wrong with certificates.
    pub(crate) fn post(&self, settings: &Settings, files: &mut Files) -> Result<Post, Box<Problem>> {
        let problem = |path: &str, kind| {
            Box::new(Problem { file: settings.file.clone(), line: None, path: path.to_owned(), kind })
        };
        let trust = match &self.ca {
            None => Trust::System,
            Some(ca) => {
                let pem = files.certificates(ca).map_err(|kind| problem("traces.ca_file", kind))?;
                Trust::Pem(pem.into_bytes())
            }
        };
        Post::new(&self.endpoint, PATH, &trust, EXPORT_MAX)
            .map_err(|fault| problem("traces.endpoint", ProblemKind::Setup { cause: chain(&fault) }))
    }
}

/// What makes spans and what sends them.
pub(super) struct Tracing {
    pub(super) tracer: Tracer,
    sender: Sender,
    post: Post,
}

/// What sends them, at work.
pub(super) struct Sending {
    tracer: Tracer,
    task: tokio::task::JoinHandle<()>,
}

impl Tracing {
    pub(super) fn new(settings: &Settings, files: &mut Files) -> Result<Option<Self>, Box<Problem>> {
        let Some(traces) = &settings.fixed.traces else { return Ok(None) };
        let post = traces.post(settings, files)?;
        let (tracer, sender) = Tracer::new(traces.ratio, super::now_ns);
        Ok(Some(Self { tracer, sender, post }))
    }

    /// Sends spans from now on.
    pub(super) fn start(self, log: Arc<Log>, words: Words) -> Sending {
        let Self { tracer, sender, post } = self;
        let tell = move |failing: Option<String>| match failing {
            Some(cause) => {
                let text = words.f("gate-traces-failing", &[("cause", cause.clone().into())]);
                log.say("traces.failing", json!({ "cause": cause }), &text);
            }
            None => log.say("traces.sent", json!({}), &words.t("gate-traces-sent")),
        };
        Sending { tracer, task: tokio::spawn(sender.run(post, tell)) }
    }
}

impl Sending {
    /// Sends what is left, for so long as that may take.
    pub(super) async fn finish(mut self) {
        self.tracer.finish();
        if tokio::time::timeout(FINISH_MAX, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}
