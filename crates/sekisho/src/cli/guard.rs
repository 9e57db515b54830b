//! The flags of `sekisho guard`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum GuardCommand {
    Scan(ScanArgs),
    Test(TestArgs),
    Explain(ScanArgs),
    Check(GuardFiles),
    Rules(GuardFiles),
    Labels(GuardFiles),
    Score(ScoreArgs),
    Bench(BenchArgs),
}

/// The organisation's own files; what is not given is the built-in one.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct GuardFiles {
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    #[arg(long, value_name = "FILE|ID")]
    pub(crate) scheme: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) topics: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    #[arg(value_name = "FILE|-", default_value = "-")]
    pub(crate) file: PathBuf,
    #[arg(long, conflicts_with = "file")]
    pub(crate) jsonl: bool,
    #[arg(long)]
    pub(crate) weak: bool,
    #[arg(long, value_name = "FILE")]
    pub(crate) topics: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    #[arg(value_name = "FILE|-", default_value = "-")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) files: GuardFiles,
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Option<String>,
    #[arg(long, value_enum, default_value = "input")]
    pub(crate) direction: Way,
    #[arg(long, value_name = "N")]
    pub(crate) chunk: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    Input,
    Document,
    Output,
    Tool,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    #[arg(value_name = "SET.jsonl")]
    pub(crate) set: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) predictions: Option<PathBuf>,
    #[arg(long)]
    pub(crate) misses: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[arg(long, value_name = "S", default_value = "1")]
    pub(crate) seconds: u64,
}
