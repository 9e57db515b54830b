//! `sekisho serve` and `sekisho config show`.

use std::path::PathBuf;

use crate::{
    cli::{ConfigShowArgs, GateFiles},
    failure::Outcome,
    gate::{self, Files, Flags, Origin, Places, Settings},
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// Where settings lie when nobody says where.
const CONFIG: &str = "/etc/sekisho/sekisho.toml";

/// Runs the gate until it is told to stop.
pub(crate) fn serve(files: &GateFiles, terminal: &Terminal<'_>) -> Outcome {
    gate::run(places(files), terminal)
}

/// The files and flags that were asked for.
pub(super) fn places(files: &GateFiles) -> Places {
    let from_environment = || std::env::var_os("SEKISHO_CONFIG").map(PathBuf::from);
    let config = files.config.clone().or_else(from_environment).unwrap_or_else(|| CONFIG.into());
    Places { config, flags: Flags { listen: files.listen.clone(), data: files.data.clone() } }
}

/// Settings for a command that only looks.
pub(super) fn settings(places: &Places, words: &Words) -> Outcome<(Settings, Files)> {
    let mut files = Files::default();
    let environment = |name: &str| std::env::var(name).ok();
    let settings = gate::load(&places.config, &places.flags, &environment, &mut files)
        .map_err(|problems| gate::failure(&places.config, &problems, words))?;
    Ok((settings, files))
}

/// Every settled value, and where it is from.
pub(crate) fn show(args: &ConfigShowArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let (settings, _) = settings(&places(&args.files), words)?;
    if terminal.json {
        return terminal.print_json(&settings.shown);
    }
    let mut titles = vec![words.t("gate-config-key"), words.t("gate-config-value")];
    if args.origin {
        titles.push(words.t("gate-config-origin"));
    }
    let mut table = Table::new(titles);
    for shown in &settings.shown {
        let mut row = vec![shown.key.clone(), shown.value.to_string()];
        if args.origin {
            row.push(origin(&shown.origin, words));
        }
        table.row(row);
    }
    terminal.print_table(&table)
}

/// The document that a gate serves as `/openapi.json`.
pub(crate) fn openapi(terminal: &mut Terminal<'_>) -> Outcome {
    terminal.print_line(sekisho_serve::http::OPENAPI.trim_end())
}

fn origin(origin: &Origin, words: &Words) -> String {
    let with = |key: &str, value: String| words.f(key, &[("value", value.into())]);
    match origin {
        Origin::Flag { name } => with("gate-config-flag", name.clone()),
        Origin::Environment { name } => with("gate-config-environment", name.clone()),
        Origin::File { line } => with("gate-config-file", line.to_string()),
        Origin::Preset { id } => with("gate-config-preset", id.clone()),
        Origin::Default => words.t("gate-config-default"),
    }
}
