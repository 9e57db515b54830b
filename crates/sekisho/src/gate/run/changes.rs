//! What commands and screens have changed in the store goes into the audit log, which the gate holds while it runs.

use std::{sync::Arc, time::Duration};

use sekisho_serve::{Gateway, record_changes};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    gate::{build, log::Log},
    words::Words,
};

/// How often it is looked for.
const EVERY: Duration = Duration::from_secs(1);

/// Records changes for as long as the gate runs.
pub(super) async fn record_all(gateway: Gateway, log: Arc<Log>, words: Words) {
    let mut due = interval(EVERY);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut has_failed = false;
    loop {
        due.tick().await;
        let failure = record(&gateway).await;
        // Said once: the changes wait in the store for as long as it takes.
        if let Some(cause) = failure.as_ref().filter(|_| !has_failed) {
            let args = [("event", "store".into()), ("cause", cause.clone().into())];
            let fields = json!({ "unrecorded": "store", "cause": cause });
            log.say("unrecorded", fields, &words.f("gate-unrecorded", &args));
        }
        has_failed = failure.is_some();
    }
}

/// Records what waits now; gives why that did not work.
pub(super) async fn record(gateway: &Gateway) -> Option<String> {
    let gateway = gateway.clone();
    let work = move || record_changes(gateway.store(), gateway.journal());
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(build::chain(&error)),
        Err(error) => Some(error.to_string()),
    }
}
