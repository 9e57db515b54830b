//! `guard check`, `guard rules`, `guard labels`: the files that decide, shown and tried.

use sekisho_guard::Rule;
use serde::Serialize;

use super::{guard, scheme};
use crate::{cli::GuardFiles, failure::Outcome, table::Table, terminal::Terminal};

/// Reads all files and runs the tests inside the rules.
pub(super) fn check(files: &GuardFiles, terminal: &mut Terminal<'_>) -> Outcome {
    let guard = guard(files, terminal.words)?;
    let rules = guard.policy().rules().count();
    terminal.say(&terminal.words.f("guard-check-clean", &[("rules", rules.into())]));
    Ok(())
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    version: u32,
    why: &'a sekisho_guard::Words,
    taxonomy: &'a [String],
    action: sekisho_guard::Action,
    kinds: Vec<&'static str>,
}

/// Every rule with its reason.
pub(super) fn list(files: &GuardFiles, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let policy = guard(files, words)?.policy();
    let kinds = |rule: &Rule| rule.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>();
    if terminal.json {
        let rules: Vec<Told<'_>> = policy
            .rules()
            .map(|rule| Told {
                id: &rule.id,
                version: rule.version,
                why: &rule.why,
                taxonomy: &rule.taxonomy,
                action: rule.action,
                kinds: kinds(rule),
            })
            .collect();
        return terminal.print_json(&rules);
    }
    let titles = ["rule", "action", "why", "taxonomy"];
    let mut table = Table::new(titles.map(|title| words.t(&format!("guard-title-{title}"))));
    for rule in policy.rules() {
        table.row([
            rule.id.clone(),
            words.t(&format!("guard-action-{}", rule.action)),
            words.pick_pair(&rule.why).to_owned(),
            rule.taxonomy.join(", "),
        ]);
    }
    terminal.print_table(&table)
}

/// The levels of a scheme, from the lowest to the highest.
pub(super) fn labels(files: &GuardFiles, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let scheme = scheme(files.scheme.as_deref(), words)?;
    if terminal.json {
        let levels: Vec<_> = scheme.labels().map(|label| label.level().clone()).collect();
        return terminal.print_json(&levels);
    }
    let source = scheme.source();
    let date = source.date.clone().unwrap_or_else(|| words.t("undisclosed"));
    let args = [
        ("title", words.pick_pair(scheme.title()).to_owned().into()),
        ("source", source.name.clone().into()),
        ("date", date.into()),
    ];
    terminal.say(&words.f("guard-scheme", &args));
    terminal.say(words.pick_pair(&source.note));
    let titles = ["label", "name", "meaning", "checked", "markings"];
    let mut table = Table::new(titles.map(|title| words.t(&format!("guard-title-{title}"))));
    for label in scheme.labels() {
        let level = label.level();
        let checked = serde_json::to_value(level.checked).unwrap_or_default();
        table.row([
            level.id.clone(),
            words.pick_pair(&level.name).to_owned(),
            words.pick_pair(&level.meaning).to_owned(),
            words.t(&format!("guard-checked-{}", checked.as_str().unwrap_or_default())),
            level.markings.join(", "),
        ]);
    }
    terminal.print_table(&table)
}
