//! An upstream as a person writes it into a settings file. The caller reads the files that it names; nothing here opens
//! one.

use std::{collections::BTreeMap, time::Duration};

use hyper::header::{HeaderName, HeaderValue};
use serde::Deserialize;

use super::{
    preset::{Preset, presets},
    secret::Secret,
    settings::{Auth, BadUrl, BaseUrl, Call, Format, Limits, Quirks, Retry, Settings, Timeouts, Trust},
};

/// Most headers that settings may add.
const HEADERS_MAX: usize = 32;
/// Most characters of one part of a stream that cotomi can be asked for.
const STREAM_CHARACTERS_MAX: u32 = 1000;

/// An upstream as written. Whatever is left out is the preset's, or without one that of a plain OpenAI-compatible server.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What it is called in logs, errors and metrics.
    pub name: String,
    /// Which of the built-in kinds it is.
    #[serde(default)]
    pub preset: Option<String>,
    /// Where it is, `/v1` included where the server has it.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Whether that may be `http`.
    #[serde(default)]
    pub plain_http: bool,
    /// File that holds its key.
    #[serde(default)]
    pub key_file: Option<String>,
    /// File of the certificates that are believed, in PEM; without one, those of the operating system.
    #[serde(default)]
    pub ca_file: Option<String>,
    /// Which wire format it speaks.
    #[serde(default)]
    pub format: Option<Format>,
    /// How it knows us.
    #[serde(default)]
    pub auth: Option<AuthFile>,
    /// What it can be asked.
    #[serde(default)]
    pub calls: Option<Vec<Call>>,
    /// Where a call goes: relative to `base_url`, or from the root with a leading `/`.
    #[serde(default)]
    pub paths: BTreeMap<Call, String>,
    /// What is asked to see whether it is well.
    #[serde(default)]
    pub health_path: Option<String>,
    /// What follows the `?` of every address.
    #[serde(default)]
    pub query: Option<String>,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Names of models: ours, then the upstream's.
    #[serde(default)]
    pub models: BTreeMap<String, String>,
    /// Where it departs from its format; added to the preset's.
    #[serde(default)]
    pub quirks: QuirksFile,
    /// How long each step may take.
    #[serde(default)]
    pub timeouts: TimeoutsFile,
    /// How much it may send us.
    #[serde(default)]
    pub limits: LimitsFile,
    /// When a failed request is sent again.
    #[serde(default)]
    pub retry: RetryFile,
}

/// How an upstream knows us, without the secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AuthFile {
    /// It does not.
    None,
    /// `authorization: Bearer …`, where it asks for a key at all.
    BearerOptional,
    /// `authorization: Bearer …`.
    Bearer,
    /// The same, with a key of the form `<UUID>:<secret>`.
    BearerPair,
    /// A header of its own.
    Header {
        /// Its name.
        name: String,
    },
}

/// [`Quirks`] as written: members as `chat.n`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuirksFile {
    /// [`Quirks::drop`]
    pub drop: Vec<String>,
    /// [`Quirks::refuse`]
    pub refuse: Vec<String>,
    /// [`Quirks::rename`]
    pub rename: BTreeMap<String, String>,
    /// [`Quirks::rename_answer`]
    pub rename_answer: BTreeMap<String, String>,
    /// [`Quirks::stream_usage`]; true where nothing is said.
    pub stream_usage: Option<bool>,
    /// [`Quirks::request_id`]; true where nothing is said.
    pub request_id: Option<bool>,
    /// [`Quirks::traceparent`]; false where nothing is said.
    pub traceparent: Option<bool>,
    /// [`Quirks::developer_as_system`]; false where nothing is said.
    pub developer_as_system: Option<bool>,
    /// [`Quirks::merge_system`]; false where nothing is said.
    pub merge_system: Option<bool>,
    /// [`Quirks::schema_in_json_object`]; false where nothing is said.
    pub schema_in_json_object: Option<bool>,
    /// [`Quirks::one_text_prompt`]; false where nothing is said.
    pub one_text_prompt: Option<bool>,
    /// [`Quirks::stream_characters`]
    pub stream_characters: Option<u32>,
}

/// [`Timeouts`] as written, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each is the field of the same name of `Timeouts`")]
pub struct TimeoutsFile {
    pub connect_ms: Option<u64>,
    pub first_byte_ms: Option<u64>,
    pub idle_ms: Option<u64>,
    pub total_ms: Option<u64>,
    pub probe_ms: Option<u64>,
    pub keep_alive_ms: Option<u64>,
}

/// [`Limits`] as written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each is the field of the same name of `Limits`")]
pub struct LimitsFile {
    pub answer_bytes_max: Option<usize>,
    pub event_bytes_max: Option<usize>,
    pub idle_connections_max: Option<usize>,
}

/// [`Retry`] as written, times in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each is the field of the same name of `Retry`")]
pub struct RetryFile {
    pub tries_max: Option<u32>,
    pub pause_ms: Option<u64>,
    pub pause_max_ms: Option<u64>,
    pub seed: Option<u64>,
}

/// Something wrong with an upstream's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `quirks.drop`, `base_url`.
    pub field: String,
    /// What.
    pub kind: ProblemKind,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// No preset of this name.
    NoSuchPreset(String),
    /// It must be there.
    Missing,
    /// It is there, and nothing uses it.
    Unused,
    /// It cannot be a base URL.
    Url(BadUrl),
    /// `http`, without `plain_http`.
    PlainHttp,
    /// No member of a call: `chat.n`.
    NotAMember(String),
    /// No header, or none that settings may set.
    NotAHeader(String),
    /// The key has not the form `<UUID>:<secret>`.
    KeyNotAPair,
    /// It must be more than 0.
    Zero,
    /// It must not be more than this.
    TooMany(u64),
}

impl File {
    /// Settles everything. `key` and `ca` are what stands in the files that it names.
    ///
    /// # Errors
    /// All problems, not only the first.
    pub fn settle(self, key: Option<Secret>, ca: Option<Vec<u8>>) -> Result<Settings, Vec<Problem>> {
        let mut problems = Problems(Vec::new());
        let preset = self.preset.as_ref().and_then(|id| {
            let preset = presets().iter().find(|preset| preset.id == *id);
            if preset.is_none() {
                problems.add("preset", ProblemKind::NoSuchPreset(id.clone()));
            }
            preset
        });
        if self.name.is_empty() {
            problems.add("name", ProblemKind::Missing);
        }
        let base_url = self.base_url(preset, &mut problems);
        let auth_file = self.auth.clone().or_else(|| preset.map(|preset| preset.auth.clone()));
        let auth = auth(auth_file.unwrap_or(AuthFile::BearerOptional), key, &mut problems);
        let mut headers = preset.map(|preset| preset.headers.clone()).unwrap_or_default();
        headers.extend(self.headers);
        let mut paths = preset.map(|preset| preset.paths.clone()).unwrap_or_default();
        paths.extend(self.paths);
        let calls = self.calls.or_else(|| preset.map(|preset| preset.calls.clone()));
        let settings = Settings {
            name: self.name,
            plain_http: self.plain_http,
            format: self.format.or_else(|| preset.map(|preset| preset.format)).unwrap_or(Format::Openai),
            auth,
            calls: calls.unwrap_or_else(|| vec![Call::Chat]).into_iter().collect(),
            paths,
            health_path: self.health_path.or_else(|| match preset {
                Some(preset) => preset.health_path.clone(),
                None => Some("models".to_owned()),
            }),
            query: self.query.or_else(|| preset.and_then(|preset| preset.query.clone())),
            headers: settle_headers(&headers, &mut problems),
            models: self.models,
            quirks: settle_quirks(preset.map(|preset| &preset.quirks), &self.quirks, &mut problems),
            timeouts: self.timeouts.settle(&mut problems),
            limits: self.limits.settle(&mut problems),
            retry: self.retry.settle(&mut problems),
            trust: ca.map_or(Trust::System, Trust::Pem),
            base_url: match base_url {
                Some(url) if problems.0.is_empty() => url,
                _ => return Err(problems.0),
            },
        };
        Ok(settings)
    }

    fn base_url(&self, preset: Option<&Preset>, problems: &mut Problems) -> Option<BaseUrl> {
        let text = self.base_url.as_deref().or_else(|| preset?.base_url.as_deref());
        let Some(text) = text else {
            problems.add("base_url", ProblemKind::Missing);
            return None;
        };
        match BaseUrl::parse(text) {
            Ok(url) if !url.is_tls() && !self.plain_http => {
                problems.add("base_url", ProblemKind::PlainHttp);
                None
            }
            Ok(url) => Some(url),
            Err(fault) => {
                problems.add("base_url", ProblemKind::Url(fault));
                None
            }
        }
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, field: &str, kind: ProblemKind) {
        self.0.push(Problem { field: field.to_owned(), kind });
    }
}

fn auth(file: AuthFile, key: Option<Secret>, problems: &mut Problems) -> Auth {
    let key = key.filter(|key| !key.expose().is_empty());
    match (file, key) {
        (AuthFile::None, Some(_)) => problems.add("key_file", ProblemKind::Unused),
        (AuthFile::None | AuthFile::BearerOptional, None) => {}
        (AuthFile::Bearer | AuthFile::BearerPair | AuthFile::Header { .. }, None) => {
            problems.add("key_file", ProblemKind::Missing);
        }
        (AuthFile::BearerPair, Some(key)) if !key.is_pair() => {
            problems.add("key_file", ProblemKind::KeyNotAPair);
        }
        (AuthFile::Bearer | AuthFile::BearerOptional | AuthFile::BearerPair, Some(key)) => {
            return Auth::Bearer(key);
        }
        (AuthFile::Header { name }, Some(key)) => match name.parse::<HeaderName>() {
            Ok(name) => return Auth::Header(name, key),
            Err(_) => problems.add("auth.name", ProblemKind::NotAHeader(name)),
        },
    }
    Auth::None
}

fn settle_headers(
    written: &BTreeMap<String, String>,
    problems: &mut Problems,
) -> Vec<(HeaderName, HeaderValue)> {
    // What frames a message, and what says who we are, is not for a settings file to say.
    const OURS: &[&str] = &[
        "accept",
        "accept-encoding",
        "content-type",
        "authorization",
        "connection",
        "content-length",
        "expect",
        "host",
        "te",
        "transfer-encoding",
        "upgrade",
    ];
    if written.len() > HEADERS_MAX {
        problems.add("headers", ProblemKind::TooMany(HEADERS_MAX as u64));
    }
    let mut headers = Vec::new();
    for (name, value) in written.iter().take(HEADERS_MAX) {
        let parsed = (name.parse::<HeaderName>(), HeaderValue::from_str(value));
        match parsed {
            (Ok(header), Ok(mut value)) if !OURS.contains(&header.as_str()) => {
                value.set_sensitive(true); // it may be a second key
                headers.push((header, value));
            }
            _ => problems.add("headers", ProblemKind::NotAHeader(name.clone())),
        }
    }
    headers
}

fn settle_quirks(preset: Option<&QuirksFile>, own: &QuirksFile, problems: &mut Problems) -> Quirks {
    let layers: Vec<&QuirksFile> = preset.into_iter().chain([own]).collect();
    let mut member = |field: &str, text: &str| {
        let parsed = text
            .split_once('.')
            .and_then(|(call, name)| Some((Call::parse(call)?, name.to_owned())))
            .filter(|(_, name)| !name.is_empty() && !name.contains('.'));
        if parsed.is_none() {
            problems.add(field, ProblemKind::NotAMember(text.to_owned()));
        }
        parsed
    };
    let mut quirks = Quirks::default();
    for layer in &layers {
        quirks.drop.extend(layer.drop.iter().filter_map(|text| member("quirks.drop", text)));
        quirks.refuse.extend(layer.refuse.iter().filter_map(|text| member("quirks.refuse", text)));
        let renamed = layer.rename.iter();
        quirks
            .rename
            .extend(renamed.filter_map(|(from, to)| Some((member("quirks.rename", from)?, to.clone()))));
        let renamed = layer.rename_answer.iter();
        quirks.rename_answer.extend(
            renamed.filter_map(|(from, to)| Some((member("quirks.rename_answer", from)?, to.clone()))),
        );
    }
    let last = |of: fn(&QuirksFile) -> Option<bool>| layers.iter().rev().find_map(|layer| of(layer));
    quirks.stream_usage = last(|layer| layer.stream_usage).unwrap_or(true);
    quirks.request_id = last(|layer| layer.request_id).unwrap_or(true);
    quirks.traceparent = last(|layer| layer.traceparent).unwrap_or(false);
    quirks.developer_as_system = last(|layer| layer.developer_as_system).unwrap_or(false);
    quirks.merge_system = last(|layer| layer.merge_system).unwrap_or(false);
    quirks.schema_in_json_object = last(|layer| layer.schema_in_json_object).unwrap_or(false);
    quirks.one_text_prompt = last(|layer| layer.one_text_prompt).unwrap_or(false);
    quirks.stream_characters = layers.iter().rev().find_map(|layer| layer.stream_characters).unwrap_or(10);
    if quirks.stream_characters == 0 {
        problems.add("quirks.stream_characters", ProblemKind::Zero);
    } else if quirks.stream_characters > STREAM_CHARACTERS_MAX {
        problems.add("quirks.stream_characters", ProblemKind::TooMany(STREAM_CHARACTERS_MAX.into()));
    }
    quirks
}

impl TimeoutsFile {
    fn settle(self, problems: &mut Problems) -> Timeouts {
        let default = Timeouts::default();
        let mut settle = |name: &str, written: Option<u64>, default: Duration| {
            if written == Some(0) {
                problems.add(&format!("timeouts.{name}"), ProblemKind::Zero);
            }
            written.map_or(default, Duration::from_millis)
        };
        Timeouts {
            connect: settle("connect_ms", self.connect_ms, default.connect),
            first_byte: settle("first_byte_ms", self.first_byte_ms, default.first_byte),
            idle: settle("idle_ms", self.idle_ms, default.idle),
            total: settle("total_ms", self.total_ms, default.total),
            probe: settle("probe_ms", self.probe_ms, default.probe),
            // 0 is meant here: no connection is used twice.
            keep_alive: self.keep_alive_ms.map_or(default.keep_alive, Duration::from_millis),
        }
    }
}

impl LimitsFile {
    fn settle(self, problems: &mut Problems) -> Limits {
        let default = Limits::default();
        for (name, written) in
            [("answer_bytes_max", self.answer_bytes_max), ("event_bytes_max", self.event_bytes_max)]
        {
            if written == Some(0) {
                problems.add(&format!("limits.{name}"), ProblemKind::Zero);
            }
        }
        Limits {
            answer_bytes_max: self.answer_bytes_max.unwrap_or(default.answer_bytes_max),
            event_bytes_max: self.event_bytes_max.unwrap_or(default.event_bytes_max),
            idle_connections_max: self.idle_connections_max.unwrap_or(default.idle_connections_max),
        }
    }
}

impl RetryFile {
    fn settle(self, problems: &mut Problems) -> Retry {
        let default = Retry::default();
        if self.tries_max == Some(0) {
            problems.add("retry.tries_max", ProblemKind::Zero);
        }
        Retry {
            tries_max: self.tries_max.unwrap_or(default.tries_max),
            pause: self.pause_ms.map_or(default.pause, Duration::from_millis),
            pause_max: self.pause_max_ms.map_or(default.pause_max, Duration::from_millis),
            seed: self.seed.unwrap_or(default.seed),
        }
    }
}
