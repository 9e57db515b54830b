//! `sekisho plan`: how large, how dear, which one.

mod choose;
mod cost;
mod model_file;
mod page;
mod size;
mod template;

use std::path::Path;

use crate::{cli::PlanCommand, commands::open, failure::Outcome, terminal::Terminal};

/// Runs one plan command.
pub(crate) fn run(command: PlanCommand, overlay: Option<&Path>, terminal: &mut Terminal<'_>) -> Outcome {
    let catalog = open(overlay, terminal);
    match command {
        PlanCommand::Choose(args) => choose::run(&catalog, &args, terminal),
        PlanCommand::Cost(args) => cost::run(&catalog, &args, terminal),
        PlanCommand::Size(args) => size::run(&catalog, &args, terminal),
        PlanCommand::Template(args) => template::run(&args, terminal),
    }
}
