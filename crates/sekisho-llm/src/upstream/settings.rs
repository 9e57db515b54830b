//! What a connection to an upstream is built from. Everything is settled here: no default is left to be found later.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use hyper::{
    Uri,
    header::{HeaderName, HeaderValue},
};
use serde::{Deserialize, Serialize};

use super::secret::Secret;
use crate::{Request, sse};

/// Most bytes of a base URL, a path or a query.
pub const URL_BYTES_MAX: usize = 2048;

/// An upstream, settled.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What it is called in logs, errors and metrics.
    pub name: String,
    /// Where it is; the only address that is ever connected to.
    pub base_url: BaseUrl,
    /// Whether it may be `http`: everything, keys included, then goes over the network as it is.
    pub plain_http: bool,
    /// Which wire format it speaks.
    pub format: Format,
    /// How it knows us.
    pub auth: Auth,
    /// What it can be asked.
    pub calls: BTreeSet<Call>,
    /// Where each call goes: relative to the base URL, or from the root of the host with a leading `/`.
    pub paths: BTreeMap<Call, String>,
    /// What is asked with GET to see whether it is well, as [`Settings::paths`]; none where nothing is known to tell.
    pub health_path: Option<String>,
    /// What follows the `?` of every address, as Azure's `api-version=…`.
    pub query: Option<String>,
    /// Headers of every request.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Names of models: ours, then the upstream's. A model that is not here keeps its name.
    pub models: BTreeMap<String, String>,
    /// Where it departs from its format.
    pub quirks: Quirks,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// How much it may send us.
    pub limits: Limits,
    /// When a failed request is sent again.
    pub retry: Retry,
    /// Whose certificates are believed.
    pub trust: Trust,
}

/// A wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// OpenAI's, and of everybody who is compatible with it.
    Openai,
    /// Anthropic Messages.
    Anthropic,
    /// The native API of NEC cotomi.
    Cotomi,
}

/// A kind of request that an upstream may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// [`Request::Chat`]
    Chat,
    /// [`Request::Completion`]
    Completion,
    /// [`Request::Embedding`]
    Embedding,
    /// [`Request::Rerank`]
    Rerank,
    /// [`Request::Tokenize`]
    Tokenize,
    /// [`Request::Detokenize`]
    Detokenize,
}

/// How an upstream knows us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// It does not.
    None,
    /// `authorization: Bearer …`; さくらのAI Engine puts `<UUID>:<secret>` there.
    Bearer(Secret),
    /// A header of its own, as Azure's `api-key`.
    Header(HeaderName, Secret),
}

/// Where an upstream departs from its format, as data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quirks {
    /// Members that it must not be sent, and whose loss changes nothing that was asked for.
    pub drop: BTreeSet<(Call, String)>,
    /// Members that it cannot do: a request that really asks for one is refused.
    pub refuse: BTreeSet<(Call, String)>,
    /// Members that it calls otherwise: our name, then its name.
    pub rename: BTreeMap<(Call, String), String>,
    /// Members of its answers that it calls otherwise: its name, then ours.
    pub rename_answer: BTreeMap<(Call, String), String>,
    /// Whether `stream_options` may be sent, so that a stream ends with its usage.
    pub stream_usage: bool,
    /// Whether a request carries its id as `x-request-id`. Some servers refuse one that is not a UUID.
    pub request_id: bool,
    /// Whether a request carries the trace that it belongs to as `traceparent`.
    pub traceparent: bool,
    /// Whether the role `developer` is sent as `system`.
    pub developer_as_system: bool,
    /// Whether all system messages are sent as one, before the others.
    pub merge_system: bool,
    /// Whether `response_format` with a `json_schema` is sent as `{"type": "json_object", "schema": …}`.
    pub schema_in_json_object: bool,
    /// Whether a completion takes one prompt, and only as text: several, and token ids, are refused.
    pub one_text_prompt: bool,
    /// Characters in each part of a stream, where the upstream wants to be told (cotomi's `streamNum`).
    pub stream_characters: u32,
}

/// How long each step may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a new connection stands: name, TCP and TLS.
    pub connect: Duration,
    /// From the request to the first byte of the answer's body; what connecting may take comes on top.
    pub first_byte: Duration,
    /// Between two parts of the answer. Some servers send an empty first part at once and then read the prompt, which
    /// takes a machine without GPU a while.
    pub idle: Duration,
    /// From beginning to end, tries and pauses between them included.
    pub total: Duration,
    /// For a question about its health or its models, from beginning to end.
    pub probe: Duration,
    /// How long an unused connection is kept. Shorter than what the usual servers keep (5 s), so that a request does
    /// not meet a connection which the other side is closing.
    pub keep_alive: Duration,
}

/// How much an upstream may send us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a whole answer, and of all parts of a streamed one together.
    pub answer_bytes_max: usize,
    /// Most bytes of one event of a stream.
    pub event_bytes_max: usize,
    /// Most connections kept for later.
    pub idle_connections_max: usize,
}

/// When a failed request is sent again: only if nothing of it can have arrived, or if the upstream says when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Most tries, the first included; at least 1.
    pub tries_max: u32,
    /// Pause before the second try; doubles with each further one, and a random part of it is waited.
    pub pause: Duration,
    /// Longest pause, and longest `retry-after` that is waited for.
    pub pause_max: Duration,
    /// Where the randomness starts.
    pub seed: u64,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those of the operating system.
    #[default]
    System,
    /// These alone, in PEM.
    Pem(Vec<u8>),
}

/// The address of an upstream, checked: `http` or `https`, a host, perhaps a port and a path, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    pub(super) is_tls: bool,
    /// Host with port as in the `host` header.
    pub(super) authority: String,
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    /// Without a slash at the end.
    pub(super) path: String,
}

/// Why an address cannot be a base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It is no URL, or too long.
    #[error("not a URL")]
    Syntax,
    /// It is neither `http` nor `https`.
    #[error("neither http nor https")]
    Scheme,
    /// It holds a name or password, a query or a fragment.
    #[error("more than scheme, host, port and path")]
    Extra,
}

impl BaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`BadUrl`].
    pub fn parse(text: &str) -> Result<Self, BadUrl> {
        if text.len() > URL_BYTES_MAX || !text.is_ascii() {
            return Err(BadUrl::Syntax);
        }
        // The parser forgets a fragment; a secret in one should not pass silently.
        if text.contains(['#', '?', '@']) {
            return Err(BadUrl::Extra);
        }
        let url: Uri = text.parse().map_err(|_| BadUrl::Syntax)?;
        let is_tls = match url.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            Some(_) => return Err(BadUrl::Scheme),
            None => return Err(BadUrl::Syntax),
        };
        let authority = url.authority().ok_or(BadUrl::Syntax)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || url.path().split('/').any(|part| part == "..") {
            return Err(BadUrl::Syntax);
        }
        Ok(Self {
            is_tls,
            authority: authority.as_str().to_owned(),
            host,
            port: authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            path: url.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Whether it is `https`.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// Its host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port, as written or of its scheme.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Path and query of a request.
    pub(super) fn target(&self, path: &str, query: Option<&str>) -> String {
        let mut target = String::with_capacity(self.path.len() + path.len() + 1);
        if !path.starts_with('/') {
            target.push_str(&self.path);
            target.push('/');
        }
        target.push_str(path);
        if let Some(query) = query {
            target.push('?');
            target.push_str(query);
        }
        target
    }
}

/// As it was written, without a slash at the end.
impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Chat, Self::Completion, Self::Embedding, Self::Rerank, Self::Tokenize, Self::Detokenize];

    /// The call that a request is.
    pub fn of(request: &Request) -> Self {
        match request {
            Request::Chat(_) => Self::Chat,
            Request::Completion(_) => Self::Completion,
            Request::Embedding(_) => Self::Embedding,
            Request::Rerank(_) => Self::Rerank,
            Request::Tokenize(_) => Self::Tokenize,
            Request::Detokenize(_) => Self::Detokenize,
        }
    }

    /// As in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completion => "completion",
            Self::Embedding => "embedding",
            Self::Rerank => "rerank",
            Self::Tokenize => "tokenize",
            Self::Detokenize => "detokenize",
        }
    }

    /// The call of that name in settings.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|call| call.as_str() == name)
    }

    /// Where OpenAI-compatible servers have it, relative to a base URL that ends with `/v1`.
    pub fn path(self) -> &'static str {
        match self {
            Self::Chat => "chat/completions",
            Self::Completion => "completions",
            Self::Embedding => "embeddings",
            Self::Rerank => "rerank",
            Self::Tokenize => "/tokenize",
            Self::Detokenize => "/detokenize",
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(120),
            idle: Duration::from_secs(120),
            total: Duration::from_secs(600),
            probe: Duration::from_secs(5),
            keep_alive: Duration::from_secs(4),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { answer_bytes_max: 32 << 20, event_bytes_max: sse::EVENT_BYTES_MAX, idle_connections_max: 64 }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self { tries_max: 3, pause: Duration::from_millis(100), pause_max: Duration::from_secs(5), seed: 0 }
    }
}
