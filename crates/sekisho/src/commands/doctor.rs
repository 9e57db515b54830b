//! `sekisho doctor`: settings and machine, before anything starts. Every line says what to do.

mod certificate;
mod issuer;
mod machine;
mod network;
mod state;

use sekisho_base::Code;
use sekisho_store::{Settings as StoreSettings, Store};
use serde::Serialize;

use super::serve::places;
use crate::{
    cli::GateFiles,
    failure::{Failure, Outcome},
    gate::{self, Around, Built, Files, Kept, Problem, ProblemKind, Settings},
    terminal::Terminal,
    words::Words,
};

/// How good something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Mark {
    Good,
    Warning,
    Bad,
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Self::Good => "○",
            Self::Warning => "△",
            Self::Bad => "×",
        }
    }
}

/// One line.
#[derive(Debug, Serialize)]
struct Line {
    check: &'static str,
    mark: Mark,
    text: String,
    todo: Option<String>,
}

/// What was found so far.
struct Findings<'w> {
    words: &'w Words,
    lines: Vec<Line>,
}

type Args<'a> = &'a [(&'a str, String)];

impl Findings<'_> {
    fn text(&self, key: &str, args: Args<'_>) -> String {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        self.words.f(&format!("gate-doctor-{key}"), &args)
    }

    /// It is well.
    fn good(&mut self, check: &'static str, key: &str, args: Args<'_>) {
        let text = self.text(key, args);
        self.lines.push(Line { check, mark: Mark::Good, text, todo: None });
    }

    /// It is not; what to do has the key of the line with `-todo`.
    fn found(&mut self, check: &'static str, mark: Mark, key: &str, args: Args<'_>) {
        let text = self.text(key, args);
        let todo = Some(self.text(&format!("{key}-todo"), args));
        self.lines.push(Line { check, mark, text, todo });
    }

    fn problems(&mut self, problems: &[Problem]) {
        for problem in problems {
            let file = problem.file.display();
            let text = format!("{file}: {}", problem.line(self.words));
            let check = match problem.kind {
                ProblemKind::Access(_) => "access",
                ProblemKind::Guard(_) | ProblemKind::Topics(_) | ProblemKind::Labels(_) => "guard",
                ProblemKind::Tls { .. } => "certificate",
                _ => "settings",
            };
            // Groups are made in the store; the gate does not start before they are.
            let key = if problem.is_about_groups() { "access-groups-todo" } else { "problem-todo" };
            let todo = Some(self.text(key, &[]));
            self.lines.push(Line { check, mark: Mark::Bad, text, todo });
        }
    }
}

/// Exit status 1 when any line has ×.
pub(crate) fn run(args: &GateFiles, terminal: &mut Terminal<'_>) -> Outcome {
    let places = places(args);
    let words = terminal.words;
    let mut findings = Findings { words, lines: Vec::new() };
    let mut files = Files::default();
    let environment = |name: &str| std::env::var(name).ok();
    match gate::load(&places.config, &places.flags, &environment, &mut files) {
        Err(problems) => findings.problems(&problems),
        Ok(settings) => check(&settings, &mut files, &mut findings),
    }
    let bad = findings.lines.iter().filter(|line| line.mark == Mark::Bad).count();
    print(&findings, terminal)?;
    if bad == 0 {
        return Ok(());
    }
    let tried = words.f("gate-doctor-bad", &[("count", bad.into())]);
    Err(Failure::new(Code::SettingsInvalid, tried).hint(words.t("gate-hint-doctor")))
}

fn check(settings: &Settings, files: &mut Files, findings: &mut Findings<'_>) {
    let file = settings.file.display().to_string();
    findings.good("settings", "settings", &[("file", file), ("values", settings.shown.len().to_string())]);
    let data = &settings.fixed.data;
    machine::check(settings, findings);
    let store = state::store(data, findings);
    state::journal(settings, findings);
    certificate::check(settings, findings);
    let groups = store.iter().flat_map(Store::groups).map(|group| group.name.clone()).collect();
    let environment = |name: &str| std::env::var(name).ok();
    let around = Around { groups, environment: &environment, kept: &Kept::default() };
    match gate::build(settings, &around, files) {
        Err(problems) => findings.problems(&problems),
        Ok(built) => check_built(settings, &built, findings),
    }
    network::check_collector(settings, files, findings);
    check_routes(settings, findings);
}

fn check_built(settings: &Settings, built: &Built, findings: &mut Findings<'_>) {
    let policies = built.world.access.policies().count().to_string();
    findings.good("access", "access", &[("count", policies)]);
    findings.good("guard", "guard", &[("scheme", settings.scheme.id().to_owned())]);
    network::check(settings, built, findings);
    issuer::check(built, findings);
}

/// Labels that nobody may receive, and models that nobody answers.
fn check_routes(settings: &Settings, findings: &mut Findings<'_>) {
    let enabled = || settings.upstreams.iter().filter(|upstream| upstream.is_enabled);
    let homeless: Vec<String> = settings
        .scheme
        .labels()
        .filter(|label| !enabled().any(|upstream| *label <= upstream.clearance))
        .map(|label| label.id().to_owned())
        .collect();
    if homeless.is_empty() {
        findings.good("labels", "labels", &[]);
    } else {
        findings.found("labels", Mark::Warning, "labels-homeless", &[("labels", homeless.join(", "))]);
    }
    for model in &settings.models {
        let ways = model.ways.iter().filter_map(|way| settings.upstreams.get(way.0));
        let open = ways.filter(|upstream| upstream.is_enabled);
        let fits = |clearance| model.label.as_ref().is_none_or(|label| label <= clearance);
        let clearances: Vec<_> = open.map(|upstream| &upstream.clearance).collect();
        let name = ("model", model.name.clone());
        if clearances.is_empty() {
            findings.found("models", Mark::Bad, "model-homeless", &[name]);
        } else if !clearances.into_iter().any(fits) {
            let label = model.label.as_ref().map_or_else(String::new, |label| label.id().to_owned());
            findings.found("models", Mark::Bad, "model-above", &[name, ("label", label)]);
        }
    }
}

fn print(findings: &Findings<'_>, terminal: &mut Terminal<'_>) -> Outcome {
    if terminal.json {
        return terminal.print_json(&findings.lines);
    }
    for line in &findings.lines {
        terminal.print_line(&format!("{} {}", line.mark.sign(), line.text))?;
        if let Some(todo) = &line.todo {
            terminal.print_line(&format!("  → {todo}"))?;
        }
    }
    Ok(())
}

/// A store of an installation, opened to look at it.
fn open_store(path: &std::path::Path) -> Result<Store, sekisho_store::Error> {
    Store::open(&StoreSettings { tick: None, ..StoreSettings::at(path) })
}
