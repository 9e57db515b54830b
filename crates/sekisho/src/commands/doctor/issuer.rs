//! The identity provider: whether it answers, and what it publishes is what the settings say.

use sekisho_serve::oidc::KeysFault;

use super::{Findings, Mark};
use crate::gate::{self, Built};

pub(super) fn check(built: &Built, findings: &mut Findings<'_>) {
    let Some(sign_in) = &built.world.sign_in else { return };
    let settings = sign_in.oidc().settings();
    let issuer = ("issuer", settings.issuer.clone());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let args = [issuer, ("cause", error.to_string())];
            findings.found("oidc", Mark::Bad, "oidc-unreachable", &args);
            return;
        }
    };
    match runtime.block_on(sign_in.oidc().prepare(gate::now_ms() / 1000)) {
        Ok(0) => findings.found("oidc", Mark::Bad, "oidc-no-key", std::slice::from_ref(&issuer)),
        Ok(count) => findings.good("oidc", "oidc", &[issuer.clone(), ("count", count.to_string())]),
        Err(fault) => {
            let key = match fault {
                KeysFault::DiscoveryIssuer => "oidc-other-issuer",
                KeysFault::Elsewhere => "oidc-elsewhere",
                KeysFault::Discovery(_) | KeysFault::Fetch(_) | KeysFault::TooSoon => "oidc-unreachable",
                KeysFault::DiscoveryMalformed | KeysFault::Malformed | KeysFault::TooMany { .. } => {
                    "oidc-malformed"
                }
            };
            findings.found("oidc", Mark::Bad, key, &[issuer.clone(), ("cause", gate::chain(&fault))]);
        }
    }
    if settings.groups.is_empty() {
        findings.found("oidc", Mark::Warning, "oidc-no-groups", &[issuer]);
    }
}
