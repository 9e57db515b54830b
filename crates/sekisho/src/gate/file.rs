//! The settings file as a person writes it. Everything may be left out; what must be there is said by `settings`, which can
//! then list all that is missing at once.

use std::{collections::BTreeMap, path::PathBuf};

use sekisho_llm::upstream::{AuthFile, Call, Format, LimitsFile, QuirksFile, RetryFile, TimeoutsFile};
use serde::Deserialize;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SettingsFile {
    pub(super) version: Option<u32>,
    pub(super) data: Option<PathBuf>,
    pub(super) listen: ListenFile,
    pub(super) labels: LabelsFile,
    pub(super) guard: GuardFile,
    pub(super) access: AccessFile,
    pub(super) oidc: Option<OidcFile>,
    pub(super) audit: AuditFile,
    pub(super) limits: GateLimitsFile,
    pub(super) health: HealthFile,
    pub(super) reload: ReloadFile,
    pub(super) log: LogFile,
    pub(super) traces: TracesFile,
    pub(super) upstream: Vec<UpstreamFile>,
    pub(super) model: Vec<ModelFile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListenFile {
    pub(super) address: Option<String>,
    pub(super) tls: TlsFile,
}

/// PEM files.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TlsFile {
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LabelsFile {
    /// The id of a built-in scheme, or a file.
    pub(super) scheme: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GuardFile {
    pub(super) policy: Option<PathBuf>,
    pub(super) topics: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AccessFile {
    pub(super) policy: Option<PathBuf>,
    pub(super) purposes: Vec<String>,
}

/// An identity provider whose tokens are taken besides keys.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OidcFile {
    pub(super) issuer: Option<String>,
    pub(super) audiences: Option<Vec<String>>,
    pub(super) algorithms: Option<Vec<String>>,
    pub(super) types: Option<Vec<String>>,
    pub(super) subject_claim: Option<String>,
    pub(super) username_claim: Option<String>,
    pub(super) name_claim: Option<String>,
    pub(super) groups_claim: Option<Vec<String>>,
    /// From a value of the claim to a group of the store.
    pub(super) groups: BTreeMap<String, String>,
    pub(super) enrol: Option<bool>,
    pub(super) jwks_url: Option<String>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) leeway_s: Option<u64>,
    pub(super) lifetime_s_max: Option<u64>,
    pub(super) refresh_s_min: Option<u64>,
    pub(super) keys_age_s_max: Option<u64>,
    pub(super) keys_stale_s_max: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AuditFile {
    pub(super) origin: Option<String>,
    pub(super) keeps_input: Option<bool>,
    pub(super) keeps_output: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GateLimitsFile {
    pub(super) requests_per_minute: Option<u64>,
    pub(super) tokens_per_minute: Option<u64>,
    pub(super) concurrent_requests: Option<u64>,
    pub(super) request_body_bytes_max: Option<u64>,
    pub(super) connections_max: Option<u64>,
    pub(super) header_timeout_ms: Option<u64>,
    pub(super) body_timeout_ms: Option<u64>,
    pub(super) drain_timeout_ms: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HealthFile {
    pub(super) probe_interval_ms: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReloadFile {
    pub(super) on_change: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LogFile {
    pub(super) format: Option<String>,
}

/// Where traces go; nowhere, where nothing is said.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TracesFile {
    pub(super) endpoint: Option<String>,
    pub(super) ratio: Option<f64>,
    pub(super) ca_file: Option<PathBuf>,
}

/// One upstream: scripted, one server, or several.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct UpstreamFile {
    pub(super) name: Option<String>,
    pub(super) title: Option<String>,
    pub(super) place: Option<String>,
    pub(super) clearance: Option<String>,
    pub(super) enabled: Option<bool>,
    pub(super) scripted: Option<PathBuf>,
    pub(super) preset: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) servers: Vec<ServerFile>,
    pub(super) plain_http: Option<bool>,
    pub(super) key: Option<KeyFile>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) format: Option<Format>,
    pub(super) auth: Option<AuthFile>,
    pub(super) calls: Option<Vec<Call>>,
    pub(super) paths: BTreeMap<Call, String>,
    pub(super) health_path: Option<String>,
    pub(super) query: Option<String>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) quirks: QuirksFile,
    pub(super) timeouts: TimeoutsFile,
    pub(super) limits: LimitsFile,
    pub(super) retry: RetryFile,
    pub(super) pool: PoolFile,
}

/// One of several servers of an upstream. What is not here is the upstream's.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ServerFile {
    pub(super) base_url: Option<String>,
    pub(super) key: Option<KeyFile>,
    pub(super) weight: Option<u32>,
    pub(super) rank: Option<u32>,
    pub(super) concurrency_max: Option<u32>,
}

/// Where a key is. The key itself never stands in the file: settings are shown, copied and kept under version.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct KeyFile {
    pub(super) file: Option<PathBuf>,
    pub(super) env: Option<String>,
}

/// How an upstream's servers share the load.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PoolFile {
    pub(super) balance: Option<String>,
    pub(super) wait_max_ms: Option<u64>,
    pub(super) waiting_max: Option<u32>,
    pub(super) tries_max: Option<u32>,
    pub(super) failures_max: Option<u32>,
    pub(super) window_ms: Option<u64>,
    pub(super) open_for_ms: Option<u64>,
    pub(super) concurrency_max: Option<u32>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ModelFile {
    pub(super) name: Option<String>,
    pub(super) label: Option<String>,
    pub(super) upstreams: Vec<WayFile>,
    pub(super) completion_tokens_max: Option<u64>,
    pub(super) price: PriceFile,
    pub(super) created: Option<u64>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WayFile {
    pub(super) name: Option<String>,
    pub(super) model: Option<String>,
}

/// Millionths of a yen for each token.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PriceFile {
    pub(super) prompt_micro_yen: Option<u64>,
    pub(super) completion_micro_yen: Option<u64>,
}
