//! `sekisho route explain`: how a request would be judged, step by step, without sending it.

use std::sync::Arc;

use sekisho_base::{Code, Coded};
use sekisho_guard::Label;
use sekisho_serve::{Caller, Declared, Explained, Standing, WayDecision, access};
use sekisho_store::{Settings as StoreSettings, Store};
use serde::Serialize;

use super::serve::{places, settings};
use crate::{
    cli::RouteExplainArgs,
    failure::{Failure, Outcome},
    gate::{self, Around, Kept, Settings},
    table::Table,
    terminal::Terminal,
    words::{Lang, Words},
};

/// What was decided, for programs.
#[derive(Serialize)]
struct Told<'a> {
    model: &'a str,
    principal: Option<&'a str>,
    purpose: Option<&'a str>,
    declared: Option<&'a str>,
    label: Option<&'a str>,
    policy: Option<&'a access::Explanation>,
    ways: &'a [WayDecision],
    chosen: Option<&'a str>,
    code: Option<String>,
    reason: Option<String>,
}

/// Exit status 1 when the request would be refused.
pub(crate) fn explain(args: &RouteExplainArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let places = places(&args.files);
    let (settings, mut files) = settings(&places, words)?;
    let store = store(&settings, words)?;
    let groups = store.iter().flat_map(Store::groups).map(|group| group.name.clone()).collect();
    let environment = |name: &str| std::env::var(name).ok();
    let around = Around { groups, environment: &environment, kept: &Kept::default() };
    let built = gate::build(&settings, &around, &mut files)
        .map_err(|problems| gate::failure(&places.config, &problems, words))?;
    let caller = args.principal.as_deref().map(|name| caller(store.as_ref(), name, words)).transpose()?;
    let declared =
        Declared { label: args.label.clone(), purpose: args.purpose.clone(), ..Declared::default() };
    let kind = access::Kind::Chat;
    let explained = built.world.explain(caller.as_ref(), &declared, &args.model, kind);
    let reason = explained.error.as_ref().map(|error| gate::sentence(error, words));
    if terminal.json {
        terminal.print_json(&Told {
            model: &args.model,
            principal: args.principal.as_deref(),
            purpose: args.purpose.as_deref(),
            declared: args.label.as_deref(),
            label: explained.label.as_ref().map(Label::id),
            policy: explained.policy.as_ref(),
            ways: &explained.ways,
            chosen: explained.chosen.as_deref(),
            code: explained.error.as_ref().map(|error| error.code().to_string()),
            reason: reason.clone(),
        })?;
    } else {
        show(args, &explained, terminal)?;
    }
    match (&explained.error, reason) {
        (Some(error), Some(reason)) => {
            Err(Failure::new(error.code(), words.t("gate-route-refused")).cause(reason))
        }
        _ => Ok(()),
    }
}

/// The store, where there is one yet.
fn store(settings: &Settings, words: &Words) -> Outcome<Option<Store>> {
    let path = gate::store_path(&settings.fixed.data);
    if !path.exists() {
        return Ok(None);
    }
    let file = path.display().to_string();
    Store::open(&StoreSettings { tick: None, ..StoreSettings::at(path) }).map(Some).map_err(|error| {
        Failure::from_coded(&error, words.f("gate-store-failed", &[("file", file.into())]))
            .hint(words.t("gate-hint-store"))
    })
}

fn caller(store: Option<&Store>, name: &str, words: &Words) -> Outcome<Caller> {
    let principal = store.and_then(|store| store.principal(name)).ok_or_else(|| {
        Failure::new(Code::NoSuchItem, words.f("gate-route-nobody", &[("name", name.to_owned().into())]))
            .hint(words.t("gate-hint-route-nobody"))
    })?;
    Ok(Caller { principal: Arc::clone(&principal), key: None })
}

fn show(args: &RouteExplainArgs, explained: &Explained, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let declared = args.label.clone().unwrap_or_else(|| words.t("gate-route-undeclared"));
    if let Some(label) = &explained.label {
        let shown = format!("{} ({})", label.id(), words.pick_pair(&label.level().name));
        let args = [("declared", declared.into()), ("label", shown.into())];
        terminal.print_line(&words.f("gate-route-label", &args))?;
    }
    if let Some(policy) = &explained.policy {
        show_policy(policy, terminal)?;
    }
    if !explained.ways.is_empty() {
        let titles = ["upstream", "place", "clearance", "standing"];
        let mut table = Table::new(titles.map(|title| words.t(&format!("gate-route-{title}"))));
        for way in &explained.ways {
            let (mark, standing) = match way.standing {
                Standing::Open => ("○", "open"),
                Standing::AboveClearance => ("×", "above"),
                Standing::Disabled => ("×", "disabled"),
            };
            table.row([
                way.upstream.clone(),
                words.t(&format!("gate-place-{}", way.place.as_str())),
                way.clearance.clone(),
                format!("{mark} {}", words.t(&format!("gate-standing-{standing}"))),
            ]);
        }
        terminal.print_table(&table)?;
    }
    match &explained.chosen {
        Some(chosen) => {
            let chosen = chosen.to_string();
            terminal.print_line(&words.f("gate-route-chosen", &[("upstream", chosen.into())]))
        }
        None => Ok(()),
    }
}

/// The decision, and the reasons that the policies give for it.
fn show_policy(explanation: &access::Explanation, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let decision = &explanation.decision;
    let key = match (decision.allowed, decision.policies.is_empty()) {
        (true, _) => "gate-route-allowed",
        (false, true) => "gate-route-not-allowed",
        (false, false) => "gate-route-forbidden",
    };
    terminal.print_line(&words.t(key))?;
    for (policy, _) in explanation.policies.iter().filter(|one| decision.policies.contains(&one.0.id)) {
        let why = if words.lang == Lang::Ja { &policy.why_ja } else { &policy.why_en };
        let why = why.clone().unwrap_or_default();
        let args = [("id", policy.id.to_string().into()), ("line", policy.line.into()), ("why", why.into())];
        terminal.print_line(&words.f("gate-route-policy", &args))?;
    }
    for error in &decision.errors {
        terminal.print_line(&format!("  × {error}"))?;
    }
    Ok(())
}
