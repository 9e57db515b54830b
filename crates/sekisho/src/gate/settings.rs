//! Settings with nothing left open.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use sekisho_guard::{Label, Scheme};
use sekisho_serve::{Limits, Price, http};
use serde_json::Value;

use super::{
    file::{GateLimitsFile, ModelFile, SettingsFile},
    files::Files,
    oidc::{self, OidcSettings},
    origin::{Flags, Layers, Shown},
    problem::{Problem, ProblemKind},
    source::Source,
    traces::{self, Traces},
    upstream::{self, UpstreamSettings},
};

/// Bytes of a settings file.
const SETTINGS_BYTES_MAX: u64 = 1 << 20;
/// Models of one gate.
const MODELS_MAX: usize = 1000;
/// Upstreams of one gate.
const UPSTREAMS_MAX: usize = 200;
/// Characters of the name of a model or an upstream.
const NAME_CHARS_MAX: usize = 128;
/// Most tokens of one answer where nothing is said.
const COMPLETION_TOKENS_MAX: u64 = 4096;
/// When a model was put on offer, where nothing is said: 2026-04-01, the start of a fiscal year.
const CREATED: u64 = 1_774_969_200;
/// A day, in milliseconds: longer than anything here may take.
const DAY_MS: u64 = 86_400_000;

/// Everything about a gate.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The file.
    pub(crate) file: PathBuf,
    /// What only a new start changes.
    pub(crate) fixed: Fixed,
    /// Certificate and key.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    pub(crate) scheme: Scheme,
    pub(crate) guard_policy: Option<PathBuf>,
    pub(crate) topics: Option<PathBuf>,
    pub(crate) access_policy: Option<PathBuf>,
    pub(crate) purposes: Vec<String>,
    pub(crate) oidc: Option<OidcSettings>,
    pub(crate) keeps_input: bool,
    pub(crate) keeps_output: bool,
    pub(crate) limits: Limits,
    pub(crate) upstreams: Vec<UpstreamSettings>,
    pub(crate) models: Vec<ModelSettings>,
    /// Every value with its origin, in the order of the file.
    pub(crate) shown: Vec<Shown>,
}

/// What only a new start changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fixed {
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) has_tls: bool,
    pub(crate) origin: String,
    pub(crate) http: http::Limits,
    pub(crate) probe_interval: Duration,
    pub(crate) reloads_on_change: bool,
    pub(crate) log: LogFormat,
    pub(crate) traces: Option<Traces>,
}

/// How the log on standard error is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// A model on offer.
#[derive(Debug, Clone)]
pub(crate) struct ModelSettings {
    pub(crate) name: String,
    pub(crate) label: Option<Label>,
    /// Places in [`Settings::upstreams`], and what the model is called there.
    pub(crate) ways: Vec<(usize, String)>,
    pub(crate) completion_tokens_max: u64,
    pub(crate) price: Price,
    pub(crate) created: u64,
}

/// Reads a settings file, and settles everything in it.
///
/// # Errors
/// All problems of the file.
pub(crate) fn load(
    path: &Path,
    flags: &Flags,
    environment: &dyn Fn(&str) -> Option<String>,
    files: &mut Files,
) -> Result<Settings, Vec<Problem>> {
    let text = files
        .text(path, SETTINGS_BYTES_MAX)
        .map_err(|kind| vec![Problem { file: path.to_owned(), line: None, path: String::new(), kind }])?;
    let source = Source::parse(path, text);
    if !source.problems.is_empty() {
        return Err(source.problems);
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut layers = Layers::new(source, folder, flags, environment);
    let file: SettingsFile = layers.source.read();
    let settings = settle(path, &file, &mut layers, files);
    let mut problems = layers.source.problems;
    match settings {
        Some(mut settings) if problems.is_empty() => {
            settings.shown = in_order(layers.shown);
            Ok(settings)
        }
        _ => {
            problems.sort_by(|one, other| (one.line, &one.path).cmp(&(other.line, &other.path)));
            Err(problems)
        }
    }
}

/// What belongs to one upstream or model stands together.
fn in_order(mut shown: Vec<Shown>) -> Vec<Shown> {
    let group = |key: &str| key.split_once(']').map_or(key, |(group, _)| group).to_owned();
    let mut groups: Vec<String> = Vec::new();
    for one in &shown {
        let group = group(&one.key);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    shown.sort_by_key(|one| groups.iter().position(|known| *known == group(&one.key)));
    shown
}

fn settle(path: &Path, file: &SettingsFile, layers: &mut Layers, files: &mut Files) -> Option<Settings> {
    match file.version {
        Some(1) => {}
        Some(_) => layers.note("version", ProblemKind::Version),
        None => layers.note("version", ProblemKind::Missing),
    }
    let default_data = Path::new("/var/lib/sekisho");
    let data = layers.path("data", Some(file.data.as_deref().unwrap_or(default_data)));
    let listen = listen(file, layers);
    let certificate = layers.path("listen.tls.certificate", file.listen.tls.certificate.as_deref());
    let key = layers.path("listen.tls.key", file.listen.tls.key.as_deref());
    match (&certificate, &key) {
        (Some(_), None) => layers.note("listen.tls.key", ProblemKind::Missing),
        (None, Some(_)) => layers.note("listen.tls.certificate", ProblemKind::Missing),
        _ => {}
    }
    let tls = certificate.zip(key);
    let scheme = scheme(file, layers, files);
    let guard_policy = layers.path("guard.policy", file.guard.policy.as_deref());
    let topics = layers.path("guard.topics", file.guard.topics.as_deref());
    let access_policy = layers.path("access.policy", file.access.policy.as_deref());
    layers.show("access.purposes", file.access.purposes.clone());
    let oidc = file.oidc.as_ref().map(|file| oidc::settle(file, layers));
    let origin = layers.need("audit.origin", file.audit.origin.as_deref());
    if !origin.is_empty() && !is_origin(&origin) {
        layers.note("audit.origin", ProblemKind::BadOrigin { found: origin.clone() });
    }
    let keeps_input = layers.flag("audit.keeps_input", file.audit.keeps_input, true);
    let keeps_output = layers.flag("audit.keeps_output", file.audit.keeps_output, true);
    let (limits, http) = settle_limits(&file.limits, layers);
    let probe = layers.number("health.probe_interval_ms", file.health.probe_interval_ms, 10_000, 500, DAY_MS);
    let reloads_on_change = layers.flag("reload.on_change", file.reload.on_change, true);
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    let traces = traces::settle(&file.traces, layers);
    let log = layers.word("log.format", file.log.format.as_deref(), "text", &formats);

    let scheme = scheme?;
    let upstreams = settle_upstreams(file, &scheme, layers);
    let models = settle_models(file, &scheme, layers);
    Some(Settings {
        file: path.to_owned(),
        fixed: Fixed {
            data: data?,
            listen: listen?,
            has_tls: tls.is_some(),
            origin,
            http,
            probe_interval: Duration::from_millis(probe),
            reloads_on_change,
            log: log?,
            traces,
        },
        tls,
        scheme,
        guard_policy,
        topics,
        access_policy,
        purposes: file.access.purposes.clone(),
        oidc,
        keeps_input,
        keeps_output,
        limits,
        upstreams,
        models,
        shown: Vec::new(),
    })
}

fn listen(file: &SettingsFile, layers: &mut Layers) -> Option<SocketAddr> {
    let written = file.listen.address.as_deref().unwrap_or("127.0.0.1:7100");
    layers.show("listen.address", written);
    let address = written.parse().ok();
    if address.is_none() {
        layers.note("listen.address", ProblemKind::BadAddress { found: written.to_owned() });
    }
    address
}

/// A built-in scheme by its id, or one of the organisation from a file.
fn scheme(file: &SettingsFile, layers: &mut Layers, files: &mut Files) -> Option<Scheme> {
    const KEY: &str = "labels.scheme";
    let mut built_in = Scheme::built_in();
    let Some(wanted) = file.labels.scheme.as_deref() else {
        let first = built_in.remove(0);
        layers.show(KEY, first.id());
        return Some(first);
    };
    if let Some(at) = built_in.iter().position(|scheme| scheme.id() == wanted) {
        layers.show(KEY, wanted);
        return Some(built_in.remove(at));
    }
    let path = layers.folder().join(wanted);
    layers.show(KEY, path.display().to_string());
    let text = match files.text(&path, SETTINGS_BYTES_MAX) {
        Ok(text) => text,
        // A word without a dot is a slip in an id rather than a file that is not there.
        Err(_) if !wanted.contains(['.', '/']) => {
            let allowed = built_in.iter().map(|scheme| scheme.id().to_owned()).collect();
            layers.note(KEY, ProblemKind::NotOneOf { found: wanted.to_owned(), allowed });
            return None;
        }
        Err(kind) => {
            layers.note(KEY, kind);
            return None;
        }
    };
    match Scheme::parse(&text) {
        Ok(scheme) => Some(scheme),
        Err(error) => {
            layers.source.problems.extend(error.problems().iter().map(|problem| Problem {
                file: path.clone(),
                line: Some(problem.line),
                path: String::new(),
                kind: ProblemKind::Labels(problem.clone()),
            }));
            None
        }
    }
}

/// The name of a log is the name of its key too, which may hold neither spaces nor plus signs.
fn is_origin(origin: &str) -> bool {
    origin.len() <= 255 && !origin.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

fn settle_limits(file: &GateLimitsFile, layers: &mut Layers) -> (Limits, http::Limits) {
    const NUMBER_MAX: u64 = u32::MAX as u64;
    let default = http::Limits::default();
    let ms = |time: Duration| time.as_millis() as u64;
    let mut number = |key: &str, written, default, low, high| {
        layers.number(&format!("limits.{key}"), written, default, low, high)
    };
    let limits = Limits {
        requests_per_minute: number("requests_per_minute", file.requests_per_minute, 120, 1, NUMBER_MAX)
            as u32,
        tokens_per_minute: number("tokens_per_minute", file.tokens_per_minute, 200_000, 1, i64::MAX as u64),
        concurrent_requests: number("concurrent_requests", file.concurrent_requests, 8, 1, NUMBER_MAX) as u32,
    };
    let bytes = default.request_body_bytes_max as u64;
    let connections = default.connections_max as u64;
    let http = http::Limits {
        request_body_bytes_max: number(
            "request_body_bytes_max",
            file.request_body_bytes_max,
            bytes,
            1024,
            256 << 20,
        ) as usize,
        connections_max: number("connections_max", file.connections_max, connections, 1, 1 << 20) as usize,
        header_timeout: Duration::from_millis(number(
            "header_timeout_ms",
            file.header_timeout_ms,
            ms(default.header_timeout),
            100,
            DAY_MS,
        )),
        body_timeout: Duration::from_millis(number(
            "body_timeout_ms",
            file.body_timeout_ms,
            ms(default.body_timeout),
            100,
            DAY_MS,
        )),
        drain_timeout: Duration::from_millis(number(
            "drain_timeout_ms",
            file.drain_timeout_ms,
            ms(default.drain_timeout),
            0,
            DAY_MS,
        )),
    };
    (limits, http)
}

fn settle_upstreams(file: &SettingsFile, scheme: &Scheme, layers: &mut Layers) -> Vec<UpstreamSettings> {
    if file.upstream.is_empty() && !layers.source.has("upstream") {
        layers.note("upstream", ProblemKind::Missing);
    }
    if file.upstream.len() > UPSTREAMS_MAX {
        layers.note("upstream", ProblemKind::OutOfBounds { low: 1, high: UPSTREAMS_MAX as u64 });
    }
    let names = file.upstream.iter().map(|upstream| upstream.name.as_deref());
    check_names("upstream", names, layers);
    let upstreams = file.upstream.iter().take(UPSTREAMS_MAX).enumerate();
    upstreams.filter_map(|(index, one)| upstream::settle(index, one, scheme, layers)).collect()
}

/// Names are there, are words, and stand once.
fn check_names<'a>(list: &str, names: impl Iterator<Item = Option<&'a str>>, layers: &mut Layers) {
    let mut seen = std::collections::BTreeSet::new();
    for (index, name) in names.enumerate() {
        let key = format!("{list}[{index}].name");
        let name = layers.need(&key, name);
        if name.is_empty() {
            continue;
        }
        let is_word = name.chars().count() <= NAME_CHARS_MAX
            && !name.chars().any(|character| character.is_whitespace() || character.is_control());
        if !is_word {
            layers.note(&key, ProblemKind::BadName { found: name });
        } else if !seen.insert(name.clone()) {
            layers.note(&key, ProblemKind::Duplicate { found: name });
        }
    }
}

/// A label of the scheme.
pub(super) fn label(key: &str, written: &str, scheme: &Scheme, layers: &mut Layers) -> Option<Label> {
    let label = scheme.parse_label(written);
    if label.is_none() {
        let allowed = scheme.labels().map(|label| label.id().to_owned()).collect();
        layers.note(key, ProblemKind::NoSuchLabel { found: written.to_owned(), allowed });
    }
    label
}

fn settle_models(file: &SettingsFile, scheme: &Scheme, layers: &mut Layers) -> Vec<ModelSettings> {
    if file.model.is_empty() && !layers.source.has("model") {
        layers.note("model", ProblemKind::Missing);
    }
    if file.model.len() > MODELS_MAX {
        layers.note("model", ProblemKind::OutOfBounds { low: 1, high: MODELS_MAX as u64 });
    }
    check_names("model", file.model.iter().map(|model| model.name.as_deref()), layers);
    let upstreams: Vec<&str> = file.upstream.iter().map(|one| one.name.as_deref().unwrap_or("")).collect();
    let models = file.model.iter().take(MODELS_MAX).enumerate();
    models.map(|(index, model)| settle_model(index, model, &upstreams, scheme, layers)).collect()
}

fn settle_model(
    index: usize,
    model: &ModelFile,
    upstreams: &[&str],
    scheme: &Scheme,
    layers: &mut Layers,
) -> ModelSettings {
    let at = |key: &str| format!("model[{index}].{key}");
    let name = model.name.clone().unwrap_or_default();
    let assigned = model.label.as_deref();
    let assigned = assigned.and_then(|written| label(&at("label"), written, scheme, layers));
    layers.show(&at("label"), assigned.as_ref().map_or(Value::Null, |label| Value::from(label.id())));
    if model.upstreams.is_empty() {
        layers.note(&at("upstreams"), ProblemKind::Missing);
    }
    let mut ways = Vec::new();
    for (place, way) in model.upstreams.iter().enumerate() {
        let at = |key: &str| at(&format!("upstreams[{place}].{key}"));
        let wanted = layers.need(&at("name"), way.name.as_deref());
        let there = way.model.clone().unwrap_or_else(|| name.clone());
        layers.show(&at("model"), there.clone());
        match upstreams.iter().position(|upstream| *upstream == wanted) {
            Some(found) => ways.push((found, there)),
            None if wanted.is_empty() => {}
            None => {
                let allowed = upstreams.iter().map(|name| (*name).to_owned()).collect();
                layers.note(&at("name"), ProblemKind::NoSuchUpstream { found: wanted, allowed });
            }
        }
    }
    let tokens = model.completion_tokens_max;
    let mut number =
        |key: &str, written, default, low| layers.number(&at(key), written, default, low, i64::MAX as u64);
    ModelSettings {
        completion_tokens_max: number("completion_tokens_max", tokens, COMPLETION_TOKENS_MAX, 1),
        price: Price {
            prompt_micro_yen: number("price.prompt_micro_yen", model.price.prompt_micro_yen, 0, 0),
            completion_micro_yen: number(
                "price.completion_micro_yen",
                model.price.completion_micro_yen,
                0,
                0,
            ),
        },
        created: number("created", model.created, CREATED, 0),
        label: assigned,
        name,
        ways,
    }
}
