//! One upstream: scripted, or a pool of servers.

use std::{path::PathBuf, time::Duration};

use sekisho_guard::{Label, Scheme};
use sekisho_llm::{
    pool::{Balance, BreakerSettings, CONCURRENCY_MAX, Settings as PoolSettings},
    upstream::{File, Timeouts, presets},
};
use sekisho_serve::Place;

use super::{
    file::{KeyFile, PoolFile, ServerFile, UpstreamFile},
    origin::{Layers, Origin},
    problem::ProblemKind,
    settings::label,
};

/// Servers of one upstream.
const SERVERS_MAX: usize = 64;

/// An upstream, settled but for the files that it names.
#[derive(Debug, Clone)]
pub(crate) struct UpstreamSettings {
    /// `upstream[2]`, and the line where it begins.
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) clearance: Label,
    pub(crate) is_enabled: bool,
    pub(crate) kind: Kind,
    pub(crate) pool: PoolSettings,
    /// As it was written: the same text is the same upstream.
    pub(crate) written: String,
}

/// Who answers.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A script.
    Scripted(PathBuf),
    /// Servers.
    Servers(Vec<Server>),
}

/// A server of an upstream.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) file: File,
    pub(crate) key: Option<KeySource>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) weight: u32,
    pub(crate) rank: u32,
    pub(crate) concurrency_max: usize,
}

/// Where a key is.
#[derive(Debug, Clone)]
pub(crate) enum KeySource {
    File(PathBuf),
    Environment(String),
}

/// Settles one upstream. None where so much is missing that nothing more can be said about it.
pub(super) fn settle(
    index: usize,
    file: &UpstreamFile,
    scheme: &Scheme,
    layers: &mut Layers,
) -> Option<UpstreamSettings> {
    let path = format!("upstream[{index}]");
    let at = |key: &str| format!("{path}.{key}");
    if let Some(title) = &file.title {
        layers.show(&at("title"), title.as_str());
    }
    let places = [Place::OnPrem, Place::Domestic, Place::Abroad].map(|place| (place.as_str(), place));
    let place = match &file.place {
        Some(place) => layers.word(&at("place"), Some(place), "", &places),
        None => {
            layers.note(&at("place"), ProblemKind::Missing);
            None
        }
    };
    let clearance = layers.need(&at("clearance"), file.clearance.as_deref());
    let clearance = match clearance.as_str() {
        "" => None,
        written => label(&at("clearance"), written, scheme, layers),
    };
    let is_enabled = layers.flag(&at("enabled"), file.enabled, true);
    let pool = pool(&path, &file.pool, layers);
    let kind = match layers.path(&at("scripted"), file.scripted.as_deref()) {
        Some(script) => {
            for (key, is_there) in [
                ("base_url", file.base_url.is_some()),
                ("servers", !file.servers.is_empty()),
                ("preset", file.preset.is_some()),
                ("key", file.key.is_some()),
            ] {
                if is_there {
                    layers.note(&at(key), ProblemKind::Pointless { beside: "scripted" });
                }
            }
            Kind::Scripted(script)
        }
        None => Kind::Servers(servers(&path, file, layers)),
    };
    Some(UpstreamSettings {
        line: layers.source.line_of(&path),
        written: layers.source.part(&path),
        name: file.name.clone().unwrap_or_default(),
        place: place?,
        clearance: clearance?,
        is_enabled,
        kind,
        pool: pool?,
        path,
    })
}

fn servers(path: &str, file: &UpstreamFile, layers: &mut Layers) -> Vec<Server> {
    let at = |key: &str| format!("{path}.{key}");
    show_shared(path, file, layers);
    let concurrency = u64::from(file.pool.concurrency_max.unwrap_or(CONCURRENCY_MAX as u32));
    let only = ServerFile { base_url: file.base_url.clone(), ..ServerFile::default() };
    let is_pool = !file.servers.is_empty();
    if is_pool && file.base_url.is_some() {
        layers.note(&at("base_url"), ProblemKind::Pointless { beside: "servers" });
    }
    if file.servers.len() > SERVERS_MAX {
        layers.note(&at("servers"), ProblemKind::OutOfBounds { low: 1, high: SERVERS_MAX as u64 });
    }
    let has_address = preset_of(file).is_some_and(|preset| preset.base_url.is_some());
    if let (Some(found), None) = (&file.preset, preset_of(file)) {
        let allowed = presets().iter().map(|preset| preset.id.clone()).collect();
        layers.note(&at("preset"), ProblemKind::NotOneOf { found: found.clone(), allowed });
        return Vec::new();
    }
    if !is_pool && file.base_url.is_none() && !has_address {
        layers.note(path, ProblemKind::NeedsOneOf { keys: "base_url, servers, scripted" });
        return Vec::new();
    }
    let list = if is_pool { file.servers.as_slice() } else { std::slice::from_ref(&only) };
    let mut servers = Vec::new();
    for (index, server) in list.iter().take(SERVERS_MAX).enumerate() {
        let at = |key: &str| if is_pool { format!("{path}.servers[{index}].{key}") } else { at(key) };
        if let Some(url) = &server.base_url {
            layers.show(&at("base_url"), url.as_str());
        } else if is_pool {
            layers.note(&at("base_url"), ProblemKind::Missing);
        }
        let key = match &server.key {
            Some(key) => key_source(&at("key"), key, layers),
            None => file.key.as_ref().and_then(|key| key_source(&format!("{path}.key"), key, layers)),
        };
        let mut number = |key: &str, written: Option<u32>, default: u64, low| {
            if !is_pool {
                return default;
            }
            layers.number(&at(key), written.map(u64::from), default, low, 1 << 20)
        };
        let weight = number("weight", server.weight, 1, 1) as u32;
        let rank = number("rank", server.rank, 0, 0) as u32;
        let concurrency_max = number("concurrency_max", server.concurrency_max, concurrency, 1) as usize;
        let name = file.name.clone().unwrap_or_default();
        servers.push(Server {
            file: File {
                name: if is_pool { format!("{name}#{}", index + 1) } else { name },
                base_url: server.base_url.clone(),
                ..shared_file(file)
            },
            key,
            ca: file.ca_file.as_ref().map(|ca| layers.folder().join(ca)),
            weight,
            rank,
            concurrency_max,
        });
    }
    servers
}

fn preset_of(file: &UpstreamFile) -> Option<&'static sekisho_llm::upstream::Preset> {
    let id = file.preset.as_ref()?;
    presets().iter().find(|preset| preset.id == *id)
}

/// What all servers of an upstream have in common.
fn shared_file(file: &UpstreamFile) -> File {
    File {
        preset: file.preset.clone(),
        plain_http: file.plain_http.unwrap_or(false),
        format: file.format,
        auth: file.auth.clone(),
        calls: file.calls.clone(),
        paths: file.paths.clone(),
        health_path: file.health_path.clone(),
        query: file.query.clone(),
        headers: file.headers.clone(),
        quirks: file.quirks.clone(),
        timeouts: file.timeouts,
        limits: file.limits,
        retry: file.retry,
        ..File::default()
    }
}

/// Shows what an upstream has settled, whatever it is from. Headers may hold what others should not read: only their names.
fn show_shared(path: &str, file: &UpstreamFile, layers: &mut Layers) {
    let at = |key: &str| format!("{path}.{key}");
    if let Some(preset) = &file.preset {
        layers.show(&at("preset"), preset.as_str());
    }
    if let Some(preset) = preset_of(file) {
        let origin = || Origin::Preset { id: preset.id.clone() };
        if let (None, true, Some(url)) = (&file.base_url, file.servers.is_empty(), &preset.base_url) {
            layers.show_from(&at("base_url"), url.as_str(), origin());
        }
        if file.calls.is_none() {
            let calls: Vec<_> = preset.calls.iter().map(|call| call.as_str()).collect();
            layers.show_from(&at("calls"), calls, origin());
        }
    }
    if let Some(calls) = &file.calls {
        let calls: Vec<_> = calls.iter().map(|call| call.as_str()).collect();
        layers.show(&at("calls"), calls);
    }
    layers.show(&at("plain_http"), file.plain_http.unwrap_or(false));
    if let Some(ca) = &file.ca_file {
        let ca = layers.folder().join(ca).display().to_string();
        layers.show(&at("ca_file"), ca);
    }
    if !file.headers.is_empty() {
        let names: Vec<_> = file.headers.keys().cloned().collect();
        layers.show(&at("headers"), names);
    }
    let default = Timeouts::default();
    for (name, written, default) in [
        ("connect_ms", file.timeouts.connect_ms, default.connect),
        ("first_byte_ms", file.timeouts.first_byte_ms, default.first_byte),
        ("idle_ms", file.timeouts.idle_ms, default.idle),
        ("total_ms", file.timeouts.total_ms, default.total),
        ("probe_ms", file.timeouts.probe_ms, default.probe),
        ("keep_alive_ms", file.timeouts.keep_alive_ms, default.keep_alive),
    ] {
        let settled = written.unwrap_or(default.as_millis() as u64);
        layers.show(&at(&format!("timeouts.{name}")), settled);
    }
}

fn key_source(path: &str, key: &KeyFile, layers: &mut Layers) -> Option<KeySource> {
    match (&key.file, &key.env) {
        (Some(file), None) => {
            let file = layers.folder().join(file);
            layers.show(&format!("{path}.file"), file.display().to_string());
            Some(KeySource::File(file))
        }
        (None, Some(name)) => {
            layers.show(&format!("{path}.env"), name.as_str());
            Some(KeySource::Environment(name.clone()))
        }
        (Some(_), Some(_)) => {
            layers.note(&format!("{path}.env"), ProblemKind::Pointless { beside: "file" });
            None
        }
        (None, None) => {
            layers.note(path, ProblemKind::NeedsOneOf { keys: "file, env" });
            None
        }
    }
}

fn pool(path: &str, file: &PoolFile, layers: &mut Layers) -> Option<PoolSettings> {
    const DAY_MS: u64 = 86_400_000;
    let default = PoolSettings::default();
    let at = |key: &str| format!("{path}.pool.{key}");
    let words = [("least-busy", Balance::LeastBusy), ("weighted", Balance::Weighted)];
    let balance = layers.word(&at("balance"), file.balance.as_deref(), "least-busy", &words);
    let ms = |time: Duration| time.as_millis() as u64;
    let mut number = |key: &str, written: Option<u64>, default: u64, low, high| {
        layers.number(&at(key), written, default, low, high)
    };
    let small = |written: Option<u32>| written.map(u64::from);
    let breaker = default.breaker;
    Some(PoolSettings {
        wait_max: Duration::from_millis(number(
            "wait_max_ms",
            file.wait_max_ms,
            ms(default.wait_max),
            0,
            DAY_MS,
        )),
        waiting_max: number("waiting_max", small(file.waiting_max), default.waiting_max as u64, 0, 1 << 20)
            as usize,
        tries_max: number("tries_max", small(file.tries_max), default.tries_max.into(), 1, 100) as u32,
        breaker: BreakerSettings {
            failures_max: number(
                "failures_max",
                small(file.failures_max),
                breaker.failures_max.into(),
                1,
                1000,
            ) as u32,
            window: Duration::from_millis(number("window_ms", file.window_ms, ms(breaker.window), 1, DAY_MS)),
            open_for: Duration::from_millis(number(
                "open_for_ms",
                file.open_for_ms,
                ms(breaker.open_for),
                1,
                DAY_MS,
            )),
        },
        balance: balance?,
        seed: default.seed,
    })
}
