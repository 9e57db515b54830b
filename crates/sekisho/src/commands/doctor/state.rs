//! What an installation has kept: store and audit log.

use std::path::Path;

use sekisho_audit::journal::Reading;
use sekisho_store::Store;

use super::{Findings, Mark, open_store};
use crate::{
    commands::audit_retention,
    gate::{self, Settings},
};

/// Looks through the whole store, where there is one.
pub(super) fn store(data: &Path, findings: &mut Findings<'_>) -> Option<Store> {
    let path = gate::store_path(data);
    let file = ("file", path.display().to_string());
    if !path.exists() {
        findings.found("store", Mark::Warning, "store-new", &[file]);
        return None;
    }
    let looked = open_store(&path).and_then(|store| Ok((store.check()?, store)));
    let (check, store) = match looked {
        Ok(looked) => looked,
        Err(error) => {
            findings.found("store", Mark::Bad, "store-failed", &[file, ("cause", gate::chain(&error))]);
            return None;
        }
    };
    if !check.is_sound() {
        let damage = ("cause", format!("{} ({})", check.damage.join("; "), check.dangling));
        findings.found("store", Mark::Bad, "store-failed", &[file, damage]);
    } else if store.principals().is_empty() {
        findings.found("store", Mark::Warning, "store-empty", &[file]);
    } else {
        let people = ("principals", store.principals().len().to_string());
        findings.good("store", "store", &[file, people, ("pages", check.pages.to_string())]);
    }
    if check.left_open > 0 {
        findings.found("store", Mark::Warning, "store-left-open", &[("count", check.left_open.to_string())]);
    }
    Some(store)
}

/// Looks at the audit log, where there is one, also while a gate writes to it.
pub(super) fn journal(settings: &Settings, findings: &mut Findings<'_>) {
    let folder = gate::audit_path(&settings.fixed.data);
    let shown = ("folder", folder.display().to_string());
    if !folder.join("log").join("origin").exists() {
        let origin = ("origin", settings.fixed.origin.clone());
        findings.good("audit", "audit-new", &[origin]);
        return;
    }
    let retention = match audit_retention(&folder, findings.words) {
        Ok(retention) => retention,
        Err(failure) => {
            let cause = failure.causes.join("; ");
            findings.found("audit", Mark::Bad, "audit-failed", &[shown, ("cause", cause)]);
            return;
        }
    };
    let status = Reading::open(&folder, retention).and_then(|reading| reading.status());
    match status {
        Err(error) => {
            findings.found("audit", Mark::Bad, "audit-failed", &[shown, ("cause", gate::chain(&error))]);
        }
        Ok(status) if status.origin != settings.fixed.origin => {
            let (found, wanted) = (("found", status.origin), ("wanted", settings.fixed.origin.clone()));
            findings.found("audit", Mark::Bad, "audit-other", &[shown, found, wanted]);
        }
        Ok(status) => {
            let entries = ("entries", status.entries.to_string());
            findings.good("audit", "audit", &[("origin", status.origin), entries]);
        }
    }
}
