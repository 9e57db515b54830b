//! `sekisho report`.

use std::path::Path;

use crate::{
    cli::{ReportArgs, ReportFormat},
    commands::{files, open},
    failure::Outcome,
    report,
    terminal::Terminal,
};

/// Writes the survey, regenerated from the catalog, to a file or stdout.
pub(crate) fn run(args: &ReportArgs, overlay: Option<&Path>, terminal: &mut Terminal<'_>) -> Outcome {
    let catalog = open(overlay, terminal);
    let text = match args.format {
        ReportFormat::Html => report::html(&catalog, terminal.words),
        ReportFormat::Md => report::markdown(&catalog, terminal.words),
    };
    match &args.out {
        None => terminal.print(&text),
        Some(path) => files::save(path, text.as_bytes(), terminal),
    }
}
