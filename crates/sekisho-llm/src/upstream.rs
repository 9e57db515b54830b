//! Clients of model servers. One upstream is one address; balancing over several is [`crate::pool`].
//!
//! Only the base URL of the settings is ever connected to: redirects are errors, and no proxy is read from the
//! surroundings. What the upstream calls its model stays in its answers.

mod answer;
mod anthropic;
mod connection;
mod cotomi;
mod encode;
mod failure;
mod file;
mod post;
mod preset;
mod secret;
mod settings;
mod site;
mod stream;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
pub use connection::TlsFault;
pub use file::{AuthFile, File, LimitsFile, Problem, ProblemKind, QuirksFile, RetryFile, TimeoutsFile};
use http_body_util::Full;
use hyper::{
    Method, Uri,
    header::{
        ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT,
    },
};
pub use post::{Post, PostFault, Posted};
pub use preset::{Preset, Source, Verified, presets};
pub use secret::Secret;
use serde::Deserialize;
pub use settings::{
    Auth, BadUrl, BaseUrl, Call, Format, Limits, Quirks, Retry, Settings, Timeouts, Trust, URL_BYTES_MAX,
};
pub use site::Site;
use tokio::time::{Instant, sleep};

use self::{
    answer::{Reading, after},
    connection::{Body, Connections, Outgoing},
    encode::Mends,
    stream::{OpenAi, Opening, Parts, Read},
};
use crate::{Answer, Answering, Ask, Error, Provider, Response, chance::Chance, messages};

/// Most models that an upstream's list may have.
const MODELS_MAX: usize = 10_000;

/// A model server. Cheap to clone; all clones share its connections.
#[derive(Clone)]
pub struct Upstream(Arc<Inner>);

struct Inner {
    settings: Settings,
    provider: Arc<str>,
    connections: Connections,
    calls: [Option<Route>; Call::ALL.len()],
    health: Option<Uri>,
    models: Uri,
    /// Of every request.
    headers: HeaderMap,
    /// Pauses drawn so far; with the seed, the source of the next one.
    draws: AtomicU64,
}

/// Where a call goes and what is done to it.
struct Route {
    target: Uri,
    mends: Mends,
}

/// Why an upstream cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupFault {
    /// It is `http`, and the settings do not say that this is meant.
    #[error("plain http is not allowed by the settings")]
    PlainHttp,
    /// Certificates or TLS.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The key holds a character that no header may.
    #[error("a key that cannot stand in a header")]
    BadSecret,
    /// A path or query cannot stand in a request.
    #[error("`{path}` cannot be a path")]
    BadPath {
        /// As written.
        path: String,
    },
    /// The format cannot carry one of the calls.
    #[error("the format has no {call}")]
    NoSuchCall {
        /// The call.
        call: &'static str,
    },
}

impl Upstream {
    /// Sets up an upstream; nothing is connected yet.
    ///
    /// # Errors
    /// [`SetupFault`].
    pub fn new(settings: Settings) -> Result<Self, SetupFault> {
        let url = &settings.base_url;
        if !url.is_tls() && !settings.plain_http {
            return Err(SetupFault::PlainHttp);
        }
        let target = |path: &str| -> Result<Uri, SetupFault> {
            let text = url.target(path, settings.query.as_deref());
            let is_short = text.len() <= URL_BYTES_MAX;
            let uri = text.parse::<Uri>().ok().filter(|uri| is_short && uri.host().is_none());
            uri.ok_or_else(|| SetupFault::BadPath { path: path.to_owned() })
        };
        let mut calls = [const { None }; Call::ALL.len()];
        for call in Call::ALL {
            if !settings.calls.contains(&call) {
                continue;
            }
            if settings.format != Format::Openai && call != Call::Chat {
                return Err(SetupFault::NoSuchCall { call: call.as_str() });
            }
            let path = settings.paths.get(&call).map_or(call.path(), String::as_str);
            calls[call as usize] =
                Some(Route { target: target(path)?, mends: Mends::of(&settings.quirks, call) });
        }
        let connections =
            Connections::new(url.clone(), &settings.trust, settings.timeouts, &settings.limits)?;
        Ok(Self(Arc::new(Inner {
            provider: settings.name.as_str().into(),
            connections,
            calls,
            health: settings.health_path.as_deref().map(target).transpose()?,
            models: target("models")?,
            headers: headers(&settings)?,
            draws: AtomicU64::new(0),
            settings,
        })))
    }

    /// What it was built from.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Asks whether it is well. Costs no tokens. One that nothing is known to tell of is not asked, and counts as well.
    ///
    /// # Errors
    /// As a request: [`Error::Status`], [`Error::Unreachable`], [`Error::TimedOut`].
    pub async fn probe(&self) -> Result<(), Error> {
        let inner = &self.0;
        let Some(health) = &inner.health else { return Ok(()) };
        let reading = inner.reading(inner.settings.timeouts.probe, None);
        let body = inner.get(health, &reading).await?;
        if body.head().status.is_success() { Ok(()) } else { Err(reading.failure(body).await) }
    }

    /// The models that it lists.
    ///
    /// # Errors
    /// As a request; [`Error::Malformed`] for something else than OpenAI's list.
    pub async fn models(&self) -> Result<Vec<String>, Error> {
        #[derive(Deserialize)]
        struct List {
            data: Vec<Model>,
        }
        #[derive(Deserialize)]
        struct Model {
            id: String,
        }
        let inner = &self.0;
        let reading = inner.reading(inner.settings.timeouts.probe, None);
        let body = inner.get(&inner.models, &reading).await?;
        if !body.head().status.is_success() {
            return Err(reading.failure(body).await);
        }
        let list: List = reading.parse(&reading.json(body).await?)?;
        Ok(list.data.into_iter().take(MODELS_MAX).map(|model| model.id).collect())
    }
}

impl Provider for Upstream {
    fn ask(&self, ask: Ask) -> Answering {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { inner.ask(ask).await })
    }

    fn name(&self) -> &str {
        &self.0.provider
    }
}

/// The headers of every request. A header of the settings stands over one of ours.
fn headers(settings: &Settings) -> Result<HeaderMap, SetupFault> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(USER_AGENT, HeaderValue::from_static("sekisho"));
    for (name, value) in &settings.headers {
        headers.insert(name.clone(), value.clone());
    }
    match &settings.auth {
        Auth::None => {}
        Auth::Bearer(secret) => {
            headers.insert(AUTHORIZATION, secret.header("Bearer ").ok_or(SetupFault::BadSecret)?);
        }
        Auth::Header(name, secret) => {
            headers.insert(name.clone(), secret.header("").ok_or(SetupFault::BadSecret)?);
        }
    }
    let host = HeaderValue::from_str(&settings.base_url.authority);
    headers.insert(HOST, host.map_err(|_| SetupFault::Tls(TlsFault::BadHost))?);
    Ok(headers)
}

impl Inner {
    async fn ask(&self, ask: Ask) -> Result<Answer, Error> {
        let call = Call::of(&ask.request);
        let route = self.calls[call as usize].as_ref().ok_or_else(|| Error::Unsupported {
            provider: self.provider.to_string(),
            what: call.as_str().to_owned(),
        })?;
        let body = match self.settings.format {
            Format::Openai => encode::body(&self.settings, &route.mends, &ask.request)?,
            Format::Cotomi => cotomi::body(&self.settings, &ask.request)?,
            Format::Anthropic => anthropic::body(&self.settings, &ask.request)?,
        };
        let deadline = ask.deadline.map(Instant::from_std);
        let total_by = self.reading(self.settings.timeouts.total, deadline).total_by;
        let mut tries = 1;
        loop {
            let fault = match self.attempt(call, route, &ask, body.clone(), total_by).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            let Some(pause) = self.pause(&fault, tries) else { return Err(fault) };
            if Instant::now() + pause >= total_by {
                return Err(fault);
            }
            sleep(pause).await;
            tries += 1;
        }
    }

    /// One try. Once it returns an answer, nothing is tried again.
    async fn attempt(
        &self,
        call: Call,
        route: &Route,
        ask: &Ask,
        body: Bytes,
        total_by: Instant,
    ) -> Result<Answer, Error> {
        let is_streaming = ask.request.is_streaming();
        let mut request = self.request(Method::POST, &route.target, body);
        let accept = if is_streaming { "text/event-stream" } else { "application/json" };
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
        if self.settings.quirks.request_id
            && let Ok(id) = HeaderValue::from_str(&ask.id)
        {
            request.headers_mut().insert("x-request-id", id);
        }
        if self.settings.quirks.traceparent
            && let Some(trace) = ask.trace.as_deref()
            && let Ok(trace) = HeaderValue::from_str(trace)
        {
            request.headers_mut().insert("traceparent", trace);
        }
        let reading = self.reading(self.settings.timeouts.total, Some(total_by));
        let body = self.send(request, &reading).await?;
        if !body.head().status.is_success() {
            return Err(reading.failure(body).await);
        }
        if is_streaming {
            let parts = self.open(call, ask, body, &reading).await?;
            return Ok(Answer::Stream(Box::pin(parts)));
        }
        self.whole(call, route, ask, body, &reading).await.map(Answer::Whole)
    }

    async fn whole(
        &self,
        call: Call,
        route: &Route,
        ask: &Ask,
        body: Body,
        reading: &Reading<'_>,
    ) -> Result<Response, Error> {
        let headers = body.head().headers.clone();
        let text = reading.json(body).await?;
        match self.settings.format {
            Format::Cotomi => cotomi::Stamp::new(&ask.id, &headers, ask.request.model())
                .response(&text)
                .map(Response::Chat)
                .map_err(|fault| reading.malformed(answer::place(&fault))),
            Format::Anthropic => {
                let response: messages::Response = reading.parse(&text)?;
                match response.into_chat(answer::created(&headers)) {
                    Err(Error::Malformed { cause, .. }) => Err(reading.malformed(cause)),
                    other => other.map(Response::Chat),
                }
            }
            Format::Openai => reading.response(call, &route.mends, &text),
        }
    }

    async fn open(&self, call: Call, ask: &Ask, body: Body, reading: &Reading<'_>) -> Result<Parts, Error> {
        let is_events = |kind: &str| kind.eq_ignore_ascii_case("text/event-stream");
        reading.check_type(&body.head().headers, is_events, "text/event-stream")?;
        let reader: Box<dyn Read> = match self.settings.format {
            Format::Cotomi => {
                let stamp = cotomi::Stamp::new(&ask.id, &body.head().headers, ask.request.model());
                Box::new(cotomi::Reader::new(stamp))
            }
            Format::Anthropic => Box::new(anthropic::Reader::new(answer::created(&body.head().headers))),
            Format::Openai => Box::new(OpenAi::new(call == Call::Chat)),
        };
        let limits = &self.settings.limits;
        Parts::open(Opening {
            body,
            reader,
            provider: Arc::clone(&self.provider),
            first_by: reading.first_by,
            idle: self.settings.timeouts.idle,
            total_by: reading.total_by,
            answer_bytes_max: limits.answer_bytes_max,
            event_bytes_max: limits.event_bytes_max,
        })
        .await
    }

    async fn get(&self, target: &Uri, reading: &Reading<'_>) -> Result<Body, Error> {
        let mut request = self.request(Method::GET, target, Bytes::new());
        request.headers_mut().remove(CONTENT_TYPE);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("*/*"));
        self.send(request, reading).await
    }

    fn request(&self, method: Method, target: &Uri, body: Bytes) -> Outgoing {
        let mut request = Outgoing::new(Full::new(body));
        *request.method_mut() = method;
        request.uri_mut().clone_from(target);
        request.headers_mut().clone_from(&self.headers);
        request
    }

    /// The limits of a request that begins now: `total` from now, or until `deadline` if that is earlier.
    fn reading(&self, total: Duration, deadline: Option<Instant>) -> Reading<'_> {
        let timeouts = &self.settings.timeouts;
        let total_by = after(total);
        Reading {
            provider: &self.provider,
            timeouts,
            answer_bytes_max: self.settings.limits.answer_bytes_max,
            first_by: after(timeouts.connect.saturating_add(timeouts.first_byte)),
            total_by: deadline.map_or(total_by, |deadline| deadline.min(total_by)),
        }
    }

    async fn send(&self, request: Outgoing, reading: &Reading<'_>) -> Result<Body, Error> {
        reading.send(&self.connections, request).await
    }

    /// How long to wait before the next try, or none if there is to be none.
    fn pause(&self, fault: &Error, tries: u32) -> Option<Duration> {
        let retry = &self.settings.retry;
        if tries >= retry.tries_max {
            return None;
        }
        let asked = match fault {
            Error::Unreachable { was_sent: false, .. } => Duration::ZERO,
            Error::Status { status: 429 | 503, retry_after: Some(wait), .. } if *wait <= retry.pause_max => {
                *wait
            }
            _ => return None,
        };
        let most = retry.pause.saturating_mul(1 << (tries - 1).min(16)).min(retry.pause_max);
        let draw = self.draws.fetch_add(1, Ordering::Relaxed);
        Some(asked + most.mul_f64(Chance::new(retry.seed, draw).share()))
    }
}
