//! The flags of the commands that run the gate and look into it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Which settings, and what stands over them.
#[derive(Debug, Clone, Args)]
pub(crate) struct GateFiles {
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    Show(ConfigShowArgs),
    Openapi,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigShowArgs {
    #[command(flatten)]
    pub(crate) files: GateFiles,
    #[arg(long)]
    pub(crate) origin: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RouteCommand {
    Explain(RouteExplainArgs),
}

#[derive(Debug, Args)]
pub(crate) struct RouteExplainArgs {
    #[command(flatten)]
    pub(crate) files: GateFiles,
    #[arg(long, value_name = "NAME")]
    pub(crate) model: String,
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) principal: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}
