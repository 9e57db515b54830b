//! The flags of `sekisho audit`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum, builder::PossibleValuesParser};
use sekisho_audit::{
    record::{Outcome, Verdict},
    search::RecordKind,
};

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    Init(InitArgs),
    Status(Place),
    Record {
        #[command(flatten)]
        place: Place,
        #[arg(value_name = "FILE|-", default_value = "-")]
        file: PathBuf,
    },
    Search(Box<SearchArgs>),
    Show {
        #[command(flatten)]
        place: Place,
        #[arg(value_name = "RECORD")]
        record: String,
    },
    Export(Box<ExportArgs>),
    Prove {
        #[command(flatten)]
        place: Place,
        #[arg(value_name = "RECORD")]
        record: String,
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    Verify {
        #[command(flatten)]
        place: Place,
        #[arg(value_name = "FLAG", trailing_var_arg = true, allow_hyphen_values = true)]
        flags: Vec<String>,
    },
    Checkpoint {
        #[command(flatten)]
        place: Place,
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    Erase(EraseArgs),
    Hold(ChangeArgs),
    Release(ChangeArgs),
    Expire {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        reason: Reason,
    },
    RotateKey {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        reason: Reason,
    },
    Witness {
        #[command(subcommand)]
        command: WitnessCommand,
    },
}

/// Where the log is: the folder that holds `log/`, `keys/`, `index/` and `retention.toml`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    #[arg(long, value_name = "NAME")]
    pub(crate) origin: String,
    #[arg(long, value_name = "FILE")]
    pub(crate) retention: Option<PathBuf>,
}

/// Which records. Conditions that are not given are not asked; all that are given must hold.
#[derive(Debug, Clone, Args)]
pub(crate) struct Filter {
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) principal: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
    #[arg(long, value_name = "ID")]
    pub(crate) label_scheme: Option<String>,
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Option<String>,
    #[arg(long, value_name = "ID")]
    pub(crate) model: Option<String>,
    #[arg(long, value_name = "ID")]
    pub(crate) upstream: Option<String>,
    #[arg(long, value_name = "WORD", value_parser = PossibleValuesParser::new(Verdict::ALL.map(Verdict::as_str)))]
    pub(crate) verdict: Option<String>,
    #[arg(long, value_name = "WORD", value_parser = PossibleValuesParser::new(Outcome::ALL.map(Outcome::as_str)))]
    pub(crate) outcome: Option<String>,
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Option<String>,
    #[arg(long, value_name = "SK0000")]
    pub(crate) code: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) event: Option<String>,
    #[arg(long, value_name = "WORD", value_parser = PossibleValuesParser::new(RecordKind::ALL.map(RecordKind::as_str)))]
    pub(crate) kind: Option<String>,
    #[arg(long, value_name = "NUMBER")]
    pub(crate) class: Option<u8>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) contains: Option<String>,
    #[arg(long, conflicts_with = "kept")]
    pub(crate) erased: bool,
    #[arg(long)]
    pub(crate) kept: bool,
    #[arg(long)]
    pub(crate) oldest: bool,
}

/// What cannot be asked together with `--held`: holds are not in the index.
const HELD_ALONE: [&str; 21] = [
    "from",
    "to",
    "principal",
    "tenant",
    "purpose",
    "label_scheme",
    "label",
    "model",
    "upstream",
    "verdict",
    "outcome",
    "rule",
    "code",
    "event",
    "kind",
    "class",
    "contains",
    "erased",
    "kept",
    "oldest",
    "after",
];

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) filter: Filter,
    #[arg(long, value_name = "N", default_value = "50", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) limit: u16,
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
    #[arg(long)]
    pub(crate) ids: bool,
    #[arg(long, conflicts_with_all = HELD_ALONE)]
    pub(crate) held: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) filter: Filter,
    #[arg(long, value_enum, default_value = "jsonl")]
    pub(crate) format: AuditFormat,
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub(crate) out: PathBuf,
    #[arg(long, value_name = "FOLDER")]
    pub(crate) proofs: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Jsonl,
    Csv,
}

#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    #[arg(value_name = "RECORD|-", required = true)]
    pub(crate) records: Vec<String>,
    #[command(flatten)]
    pub(crate) reason: Reason,
}

/// Records, or everything of a retention class and its key.
#[derive(Debug, Args)]
pub(crate) struct EraseArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    #[arg(value_name = "RECORD|-", required_unless_present = "whole_class")]
    pub(crate) records: Vec<String>,
    #[arg(long, value_name = "NUMBER", conflicts_with = "records")]
    pub(crate) whole_class: Option<u8>,
    #[command(flatten)]
    pub(crate) reason: Reason,
}

/// Who does it, and on which ground; both go into the log for good.
#[derive(Debug, Clone, Args)]
pub(crate) struct Reason {
    #[arg(long, value_name = "WHO")]
    pub(crate) by: String,
    #[arg(long, value_name = "TEXT")]
    pub(crate) ground: String,
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WitnessCommand {
    Serve(ServeArgs),
    Answer {
        #[command(flatten)]
        place: WitnessPlace,
        #[arg(long, value_name = "FILE")]
        request: PathBuf,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    Ask(AskArgs),
}

/// A witness: where it keeps what it has seen, what it is called, and the logs it knows.
#[derive(Debug, Args)]
pub(crate) struct WitnessPlace {
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    #[arg(long, value_name = "VKEY|FILE", required = true)]
    pub(crate) log: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) place: WitnessPlace,
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7140")]
    pub(crate) listen: SocketAddr,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("way").required(true).args(["url", "out", "answer"]))]
pub(crate) struct AskArgs {
    #[command(flatten)]
    pub(crate) place: Place,
    #[arg(long, value_name = "URL", requires = "key")]
    pub(crate) url: Option<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[arg(long, value_name = "N", requires = "out")]
    pub(crate) since: Option<u64>,
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) answer: Option<PathBuf>,
    #[arg(long, value_name = "VKEY|FILE")]
    pub(crate) key: Option<String>,
}
