//! Which of flag, environment, file and default a settled value is from.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value;

use super::{problem::ProblemKind, source::Source};

/// Where a value is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub(crate) enum Origin {
    Flag { name: String },
    Environment { name: String },
    File { line: usize },
    Preset { id: String },
    Default,
}

/// A settled value, as `config show` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Shown {
    pub(crate) key: String,
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// What flags say; none where the flag is not given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flags {
    pub(crate) listen: Option<String>,
    pub(crate) data: Option<PathBuf>,
}

/// What an environment variable is read as.
#[derive(Debug, Clone, Copy)]
enum Form {
    Text,
    Path,
    Number,
    Ratio,
    Flag,
}

/// Every single value can be set by a variable: `SEKISHO_` and its key in capitals, `_` for `.`. Lists (upstreams, models)
/// belong into the file.
const BY_ENVIRONMENT: &[(&str, Form)] = &[
    ("data", Form::Path),
    ("listen.address", Form::Text),
    ("listen.tls.certificate", Form::Path),
    ("listen.tls.key", Form::Path),
    ("labels.scheme", Form::Text),
    ("guard.policy", Form::Path),
    ("guard.topics", Form::Path),
    ("access.policy", Form::Path),
    ("oidc.issuer", Form::Text),
    ("oidc.subject_claim", Form::Text),
    ("oidc.username_claim", Form::Text),
    ("oidc.name_claim", Form::Text),
    ("oidc.enrol", Form::Flag),
    ("oidc.jwks_url", Form::Text),
    ("oidc.ca_file", Form::Path),
    ("oidc.leeway_s", Form::Number),
    ("oidc.lifetime_s_max", Form::Number),
    ("oidc.refresh_s_min", Form::Number),
    ("oidc.keys_age_s_max", Form::Number),
    ("oidc.keys_stale_s_max", Form::Number),
    ("audit.origin", Form::Text),
    ("audit.keeps_input", Form::Flag),
    ("audit.keeps_output", Form::Flag),
    ("limits.requests_per_minute", Form::Number),
    ("limits.tokens_per_minute", Form::Number),
    ("limits.concurrent_requests", Form::Number),
    ("limits.request_body_bytes_max", Form::Number),
    ("limits.connections_max", Form::Number),
    ("limits.header_timeout_ms", Form::Number),
    ("limits.body_timeout_ms", Form::Number),
    ("limits.drain_timeout_ms", Form::Number),
    ("health.probe_interval_ms", Form::Number),
    ("reload.on_change", Form::Flag),
    ("log.format", Form::Text),
    ("traces.endpoint", Form::Text),
    ("traces.ratio", Form::Ratio),
    ("traces.ca_file", Form::Path),
];

/// A settings file with what flags and environment say over it, and what was settled so far.
pub(super) struct Layers {
    pub(super) source: Source,
    folder: PathBuf,
    over: BTreeMap<&'static str, Origin>,
    pub(super) shown: Vec<Shown>,
}

impl Layers {
    /// Puts the environment over the file, and flags over both.
    pub(super) fn new(
        source: Source,
        folder: &Path,
        flags: &Flags,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let mut layers = Self { source, folder: folder.to_owned(), over: BTreeMap::new(), shown: Vec::new() };
        for (key, form) in BY_ENVIRONMENT {
            let name = variable(key);
            let Some(text) = environment(&name).filter(|text| !text.is_empty()) else { continue };
            match value(*form, &text) {
                Ok(value) => layers.put(key, value, Origin::Environment { name }),
                Err(kind) => layers.source.note_elsewhere(&name, kind),
            }
        }
        if let Some(address) = &flags.listen {
            let origin = Origin::Flag { name: "--listen".to_owned() };
            layers.put("listen.address", toml::Value::String(address.clone()), origin);
        }
        if let Some(data) = &flags.data {
            let origin = Origin::Flag { name: "--data".to_owned() };
            layers.put("data", toml::Value::String(absolute(data)), origin);
        }
        layers
    }

    fn put(&mut self, key: &'static str, value: toml::Value, origin: Origin) {
        self.source.put(key, value);
        self.over.insert(key, origin);
    }

    /// Where the value of a key is from.
    pub(super) fn origin(&self, key: &str) -> Origin {
        match self.over.get(key) {
            Some(origin) => origin.clone(),
            None if self.source.has(key) => Origin::File { line: self.source.line_of(key).unwrap_or(1) },
            None => Origin::Default,
        }
    }

    /// Remembers a settled value.
    pub(super) fn show(&mut self, key: &str, value: impl Into<Value>) {
        let origin = self.origin(key);
        self.show_from(key, value, origin);
    }

    /// The same, where the origin is another.
    pub(super) fn show_from(&mut self, key: &str, value: impl Into<Value>, origin: Origin) {
        self.shown.push(Shown { key: key.to_owned(), value: value.into(), origin });
    }

    /// Notes what is wrong with the value of a key.
    pub(super) fn note(&mut self, key: &str, kind: ProblemKind) {
        match self.over.get(key) {
            Some(Origin::Flag { name } | Origin::Environment { name }) => {
                let name = name.clone();
                self.source.note_elsewhere(&name, kind);
            }
            _ => self.source.note(key, kind),
        }
    }

    /// A whole number within bounds.
    pub(super) fn number(
        &mut self,
        key: &str,
        written: Option<u64>,
        default: u64,
        low: u64,
        high: u64,
    ) -> u64 {
        let number = written.unwrap_or(default);
        if !(low..=high).contains(&number) {
            self.note(key, ProblemKind::OutOfBounds { low, high });
        }
        self.show(key, number);
        number
    }

    /// A part of the whole, from 0 to 1.
    pub(super) fn ratio(&mut self, key: &str, written: Option<f64>, default: f64) -> f64 {
        let ratio = written.unwrap_or(default);
        if !(0.0..=1.0).contains(&ratio) {
            self.note(key, ProblemKind::OutOfBounds { low: 0, high: 1 });
        }
        self.show(key, ratio);
        ratio
    }

    pub(super) fn flag(&mut self, key: &str, written: Option<bool>, default: bool) -> bool {
        let flag = written.unwrap_or(default);
        self.show(key, flag);
        flag
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &str,
        written: Option<&str>,
        default: &'static str,
        allowed: &[(&'static str, T)],
    ) -> Option<T> {
        let word = written.unwrap_or(default);
        self.show(key, word);
        let found = allowed.iter().find(|row| row.0 == word).map(|row| row.1);
        if found.is_none() {
            let allowed = allowed.iter().map(|row| row.0.to_owned()).collect();
            self.note(key, ProblemKind::NotOneOf { found: word.to_owned(), allowed });
        }
        found
    }

    /// A text that must be there.
    pub(super) fn need(&mut self, key: &str, written: Option<&str>) -> String {
        match written.map(str::trim) {
            None | Some("") => {
                self.note(key, ProblemKind::Missing);
                String::new()
            }
            Some(text) => {
                self.show(key, text);
                text.to_owned()
            }
        }
    }

    /// A path, from the folder of the file where it is relative.
    pub(super) fn path(&mut self, key: &str, written: Option<&Path>) -> Option<PathBuf> {
        let path = self.folder.join(written?);
        self.show(key, path.display().to_string());
        Some(path)
    }

    /// The folder of the file.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// The environment variable of a key.
fn variable(key: &str) -> String {
    format!("SEKISHO_{}", key.replace('.', "_").to_ascii_uppercase())
}

fn value(form: Form, text: &str) -> Result<toml::Value, ProblemKind> {
    let wrong = |expected: &str| ProblemKind::WrongType { detail: format!("expected {expected}") };
    match form {
        Form::Text => Ok(toml::Value::String(text.to_owned())),
        Form::Path => Ok(toml::Value::String(absolute(Path::new(text)))),
        Form::Number => text.parse().map(toml::Value::Integer).map_err(|_| wrong("a whole number")),
        Form::Ratio => text.parse().map(toml::Value::Float).map_err(|_| wrong("a number")),
        Form::Flag => text.parse().map(toml::Value::Boolean).map_err(|_| wrong("true or false")),
    }
}

/// What a person types is relative to where they stand, not to the file.
fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
