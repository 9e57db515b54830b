//! Settings put in force while requests run. What does not hold together changes nothing, and is recorded.

use std::sync::Arc;

use sekisho_audit::record::Event;
use sekisho_serve::World;
use serde_json::{Map, Value, json};

use super::{Places, Running};
use crate::gate::{
    build::{self, Around, Built, Kept},
    files::Files,
    problem::Problem,
    settings::{self, Settings},
};

/// What was put in force, and what was not.
pub(crate) const LOADED: &str = "settings.loaded";
pub(crate) const REFUSED: &str = "settings.refused";
/// Who does what nobody has asked for.
const OURSELVES: &str = "sekisho";
/// Problems that the record of a refusal names.
const NAMED_MAX: usize = 20;

impl Running {
    /// Reads all files again.
    pub(super) async fn reload(&mut self, cause: &'static str) {
        let (places, kept) = (self.places.clone(), self.kept.clone());
        let store = self.gateway.store().clone();
        let work = move || {
            let groups = store.groups().iter().map(|group| group.name.clone()).collect();
            read(&places, groups, &kept)
        };
        // Rules are compiled and their tests run: not on a thread that serves requests.
        let Ok((files, outcome)) = tokio::task::spawn_blocking(work).await else {
            self.refuse(cause, "a defect stopped the reading", &[]).await;
            return;
        };
        self.files = files;
        let (settings, built) = match outcome {
            Ok(read) => read,
            Err(problems) => {
                self.refuse(cause, "problems", &problems).await;
                return;
            }
        };
        if let (Some(tls), Some((certificate, key))) = (&self.tls, &settings.tls)
            && let Err(error) = tls.reload(certificate, key)
        {
            self.refuse(cause, &build::chain(&error), &[]).await;
            return;
        }
        let Built { world, kept, .. } = built;
        let before = self.put_in_force(world);
        self.kept = kept;
        self.record_loaded(Some((cause, &before.version))).await;
        let version = &*self.gateway.world().version;
        let args = [("version", version.to_owned().into()), ("cause", cause.into())];
        let fields = json!({ "version": version, "before": &*before.version, "cause": cause });
        self.log.say(LOADED, fields, &self.words.f("gate-reloaded", &args));
        let fixed = settings.fixed;
        if fixed != self.fixed {
            self.log.say("settings.restart_needed", json!({}), &self.words.t("gate-restart-needed"));
        }
    }

    fn put_in_force(&self, world: World) -> Arc<World> {
        self.gateway.replace_world(world)
    }

    async fn refuse(&self, cause: &'static str, why: &str, problems: &[Problem]) {
        let named: Vec<Value> = problems
            .iter()
            .take(NAMED_MAX)
            .map(|problem| {
                json!({
                    "file": problem.file.display().to_string(),
                    "line": problem.line,
                    "key": problem.path,
                    "problem": problem.name(),
                })
            })
            .collect();
        let version = self.gateway.world().version.to_string();
        let mut detail = Map::new();
        detail.insert("cause".to_owned(), cause.into());
        detail.insert("why".to_owned(), why.into());
        detail.insert("stays".to_owned(), version.clone().into());
        detail.insert("problems".to_owned(), named.clone().into());
        self.record(REFUSED, detail).await;
        let mut text = self.words.f(
            "gate-reload-refused",
            &[("version", version.clone().into()), ("count", problems.len().into())],
        );
        for problem in problems {
            text += &format!("\n  {}: {}", problem.file.display(), problem.line(&self.words));
        }
        if problems.is_empty() {
            text += &format!("\n  {why}");
        }
        let fields = json!({ "cause": cause, "why": why, "stays": version, "problems": named });
        self.log.say(REFUSED, fields, &text);
    }

    /// Records which settings are in force from now on.
    pub(super) async fn record_loaded(&self, reloaded: Option<(&'static str, &str)>) {
        let mut detail = Map::new();
        detail.insert("version".to_owned(), Value::from(&*self.gateway.world().version));
        match reloaded {
            Some((cause, before)) => {
                detail.insert("cause".to_owned(), cause.into());
                detail.insert("before".to_owned(), before.into());
            }
            None => {
                detail.insert("cause".to_owned(), "start".into());
            }
        }
        self.record(LOADED, detail).await;
    }

    async fn record(&self, name: &str, detail: Map<String, Value>) {
        let event =
            Event { principal: OURSELVES.to_owned(), event: name.to_owned(), detail, ..Event::default() };
        let recorded = match self.gateway.journal().event(&event, None) {
            Ok(ticket) => ticket.await.map(drop),
            Err(error) => Err(error),
        };
        if let Err(error) = recorded {
            let cause = build::chain(&error);
            let args = [("event", name.to_owned().into()), ("cause", cause.clone().into())];
            let fields = json!({ "unrecorded": name, "cause": cause });
            self.log.say("unrecorded", fields, &self.words.f("gate-unrecorded", &args));
        }
    }
}

type Read = (Files, Result<(Settings, Built), Vec<Problem>>);

fn read(places: &Places, groups: Vec<String>, kept: &Kept) -> Read {
    let mut files = Files::default();
    let environment = |name: &str| std::env::var(name).ok();
    let settings = match settings::load(&places.config, &places.flags, &environment, &mut files) {
        Ok(settings) => settings,
        Err(problems) => return (files, Err(problems)),
    };
    let around = Around { groups, environment: &environment, kept };
    let mut built = build::build(&settings, &around, &mut files);
    // Traces change at the next start, which must not be the first to see what is wrong.
    if let Some(traces) = &settings.fixed.traces
        && let Err(problem) = traces.post(&settings, &mut files)
    {
        match &mut built {
            Ok(_) => built = Err(vec![*problem]),
            Err(problems) => problems.push(*problem),
        }
    }
    (files, built.map(|built| (settings, built)))
}
