//! From a read command line to an answer.

mod audit;
mod catalog;
mod doctor;
mod files;
mod guard;
mod lines;
mod people;
mod plan;
mod report;
mod route;
mod serve;

use std::path::Path;

pub(crate) use audit::retention_of as audit_retention;
pub(crate) use guard::problem as guard_problem;

use sekisho_catalog::Catalog;

use crate::{
    cli::{self, Cli, ConfigCommand, RouteCommand, Top},
    failure::Outcome,
    terminal::Terminal,
};

/// Runs what was asked for.
pub(crate) fn run(cli: Cli, terminal: &mut Terminal<'_>) -> Outcome {
    terminal.json = cli.json;
    let overlay = cli.catalog.as_deref();
    match cli.command {
        Top::Catalog { command } => catalog::run(command, overlay, terminal),
        Top::Plan { command } => plan::run(command, overlay, terminal),
        Top::Guard { command } => guard::run(command, terminal),
        Top::Audit { command } => audit::run(command, terminal),
        Top::Serve(files) => serve::serve(&files, terminal),
        Top::Config { command: ConfigCommand::Show(args) } => serve::show(&args, terminal),
        Top::Config { command: ConfigCommand::Openapi } => serve::openapi(terminal),
        Top::Route { command: RouteCommand::Explain(args) } => route::explain(&args, terminal),
        Top::Doctor(files) => doctor::run(&files, terminal),
        Top::People(command) => people::run(command, terminal),
        Top::Report(args) => report::run(&args, overlay, terminal),
        Top::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut cli::command(terminal.words), "sekisho", &mut script);
            terminal.print(&String::from_utf8_lossy(&script))
        }
    }
}

/// The catalog with the organisation's own facts over it; problems are talked about, not hidden, and do not stop a
/// command that only reads.
fn open(overlay: Option<&Path>, terminal: &Terminal<'_>) -> Catalog {
    let (catalog, problems) = Catalog::load(overlay);
    if !problems.is_empty() {
        let count = problems.len().into();
        terminal.say(&terminal.words.f("catalog-has-problems", &[("count", count)]));
    }
    catalog
}
