//! The keys of the identity provider are there before the first token is, and new ones before the old have to go.

use std::{sync::Arc, time::Duration};

use sekisho_serve::Gateway;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    gate::{build, log::Log, now_ms},
    words::Words,
};

/// Asks for keys when they have become old, for as long as the gate runs. Says once when there is no answer, since the
/// last keys go on and nobody would notice before they end; and once when there is one again.
pub(super) async fn keep_keys(gateway: Gateway, every: Duration, log: Arc<Log>, words: Words) {
    let mut due = interval(every);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut silent: Option<String> = None;
    loop {
        due.tick().await;
        let Some(sign_in) = gateway.world().sign_in.clone() else {
            silent = None;
            continue;
        };
        let oidc = sign_in.oidc();
        // Whether it worked stands in the fault, also where keys from before go on.
        let _ = oidc.prepare(now_ms() / 1000).await;
        let issuer = &oidc.settings().issuer;
        match (oidc.fault(), &silent) {
            (Some(fault), before) if before.as_ref() != Some(issuer) => {
                let cause = build::chain(&fault);
                let args = [("issuer", issuer.clone().into()), ("cause", cause.clone().into())];
                let fields = json!({ "issuer": issuer, "cause": cause });
                log.say("issuer.silent", fields, &words.f("gate-issuer-silent", &args));
                silent = Some(issuer.clone());
            }
            // Of another issuer than the one that was silent there is nothing to tell.
            (None, Some(before)) if before != issuer => silent = None,
            (None, Some(_)) => {
                let args = [("issuer", issuer.clone().into())];
                log.say(
                    "issuer.answers",
                    json!({ "issuer": issuer }),
                    &words.f("gate-issuer-answers", &args),
                );
                silent = None;
            }
            _ => {}
        }
    }
}
