//! The upstreams: whether each server answers, and has the models that it is asked for.

use std::time::Duration;

use sekisho_llm::{Error, upstream::Upstream};

use super::{Findings, Mark};
use crate::gate::{self, Built, Files, Kind, Settings};

/// How long all servers together have: they are asked at once, each with a limit of its own.
const TIME_MAX: Duration = Duration::from_secs(60);

/// What a collector is asked with.
const EMPTY_EXPORT: &[u8] = br#"{"resourceSpans":[]}"#;

/// What a server said.
struct Said {
    upstream: String,
    probe: Result<(), Error>,
    models: Result<Vec<String>, Error>,
}

/// Whether the collector of traces takes an export without spans.
pub(super) fn check_collector(settings: &Settings, files: &mut Files, findings: &mut Findings<'_>) {
    let Some(traces) = &settings.fixed.traces else { return };
    let post = match traces.post(settings, files) {
        Ok(post) => post,
        Err(problem) => return findings.problems(&[*problem]),
    };
    let endpoint = ("endpoint", traces.endpoint.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let cause = match runtime.map(|runtime| runtime.block_on(post.send(EMPTY_EXPORT.to_vec()))) {
        Ok(Ok(posted)) if (200..300).contains(&posted.status) => {
            return findings.good("traces", "traces", &[endpoint]);
        }
        Ok(Ok(posted)) => format!("status {}", posted.status),
        Ok(Err(fault)) => fault.to_string(),
        Err(error) => error.to_string(),
    };
    findings.found("traces", Mark::Warning, "traces-unreachable", &[endpoint, ("cause", cause)]);
}

pub(super) fn check(settings: &Settings, built: &Built, findings: &mut Findings<'_>) {
    for upstream in &settings.upstreams {
        let name = ("upstream", upstream.name.clone());
        match &upstream.kind {
            _ if !upstream.is_enabled => findings.good("upstreams", "upstream-disabled", &[name]),
            Kind::Scripted(_) => findings.found("upstreams", Mark::Warning, "upstream-scripted", &[name]),
            Kind::Servers(_) => {}
        }
    }
    if built.clients.is_empty() {
        return;
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let args = [("upstream", "-".to_owned()), ("cause", error.to_string())];
            findings.found("upstreams", Mark::Bad, "upstream-unreachable", &args);
            return;
        }
    };
    for said in runtime.block_on(ask_all(&built.clients)) {
        tell(settings, said, findings);
    }
}

async fn ask_all(clients: &[(String, Upstream)]) -> Vec<Said> {
    let mut asking = tokio::task::JoinSet::new();
    for (upstream, client) in clients {
        let (upstream, client) = (upstream.clone(), client.clone());
        asking.spawn(async move {
            let (probe, models) = tokio::join!(client.probe(), client.models());
            Said { upstream, probe, models }
        });
    }
    let mut said = Vec::new();
    let all = async {
        while let Some(one) = asking.join_next().await {
            said.extend(one);
        }
    };
    // Who has not answered by then has run into its own limit long before.
    let _ = tokio::time::timeout(TIME_MAX, all).await;
    said.sort_by(|one, other| one.upstream.cmp(&other.upstream));
    said
}

fn tell(settings: &Settings, said: Said, findings: &mut Findings<'_>) {
    let Said { upstream, probe, models } = said;
    let name = ("upstream", upstream.clone());
    if let Err(error) = probe.and(models.as_ref().map(|_| ()).map_err(Clone::clone)) {
        let (mark, key) = match &error {
            Error::Status { status: 401 | 403, .. } => (Mark::Bad, "upstream-key"),
            // It answers, and has no list of models: some do not.
            Error::Status { status: 404 | 405, .. } | Error::Malformed { .. } => {
                (Mark::Warning, "upstream-no-list")
            }
            _ => (Mark::Bad, "upstream-unreachable"),
        };
        findings.found("upstreams", mark, key, &[name, ("cause", gate::chain(&error))]);
        return;
    }
    let listed = models.unwrap_or_default();
    let of_upstream = settings.upstreams.iter().position(|one| one.name == upstream);
    let wanted = settings.models.iter().flat_map(|model| &model.ways);
    let missing: Vec<&str> = wanted
        .filter(|way| Some(way.0) == of_upstream && !listed.contains(&way.1))
        .map(|way| way.1.as_str())
        .collect();
    if missing.is_empty() {
        findings.good("upstreams", "upstream", &[name, ("count", listed.len().to_string())]);
    } else {
        let args = [name, ("models", missing.join(", ")), ("listed", listed.join(", "))];
        findings.found("upstreams", Mark::Warning, "upstream-no-model", &args);
    }
}
