//! The flags. Help texts come from `locales/` by the path of the command, so that help speaks the reader's language.

mod audit;
mod gate;
mod guard;
mod people;

use std::{ffi::OsString, path::PathBuf};

use clap::{
    Arg, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue, ErrorKind},
};
use sekisho_base::Code;

use crate::{
    failure::Failure,
    words::{Lang, Words},
};

pub(crate) use audit::{
    AskArgs, AuditCommand, AuditFormat, ExportArgs, Filter, InitArgs, Place, Reason, SearchArgs, ServeArgs,
    WitnessCommand, WitnessPlace,
};
pub(crate) use gate::{ConfigCommand, ConfigShowArgs, GateFiles, RouteCommand, RouteExplainArgs};
pub(crate) use guard::{BenchArgs, GuardCommand, GuardFiles, ScanArgs, ScoreArgs, TestArgs, Way};
pub(crate) use people::{
    BackupArgs, BudgetCommand, Data, GroupCommand, KeyCommand, KeyCreateArgs, PeopleCommand, PromptCommand,
    RestoreArgs, RoleName, Sure, UserAddArgs, UserCommand, UserSetArgs, Whose,
};

#[derive(Debug, Parser)]
#[command(name = "sekisho", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<Lang>,
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) catalog: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Top,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Top {
    Catalog {
        #[command(subcommand)]
        command: CatalogCommand,
    },
    Plan {
        #[command(subcommand)]
        command: PlanCommand,
    },
    Guard {
        #[command(subcommand)]
        command: GuardCommand,
    },
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    Serve(GateFiles),
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    Route {
        #[command(subcommand)]
        command: RouteCommand,
    },
    Doctor(GateFiles),
    #[command(flatten)]
    People(PeopleCommand),
    Report(ReportArgs),
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    Models(ModelsArgs),
    Model {
        id: String,
    },
    Compare {
        #[arg(required = true, num_args = 2..=8)]
        ids: Vec<String>,
    },
    Adoptions(AdoptionsArgs),
    Benchmarks {
        benchmark: Option<String>,
    },
    Prices {
        offer: Option<String>,
    },
    Timeline {
        #[arg(long)]
        releases: bool,
        #[arg(long, value_name = "YYYY[-MM]")]
        from: Option<String>,
        #[arg(long, value_name = "YYYY[-MM]")]
        to: Option<String>,
    },
    Products {
        product: Option<String>,
    },
    Gpus,
    Sources {
        source: Option<String>,
    },
    Facts(FactsArgs),
    Fact {
        #[arg(required = true)]
        numbers: Vec<String>,
    },
    Check,
    Export {
        #[arg(long, value_enum)]
        format: ExportFormat,
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    Choose(ChooseArgs),
    Size(SizeArgs),
    Cost(CostArgs),
    Template(TemplateArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ChooseArgs {
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) docx: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct TemplateArgs {
    #[arg(long, value_name = "FILE", conflicts_with = "toml")]
    pub(crate) xlsx: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) toml: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CostArgs {
    #[arg(long, value_name = "FILE")]
    pub(crate) assumptions: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "default")]
    pub(crate) preset: CostPreset,
    #[arg(long, value_name = "WORD")]
    pub(crate) offer: Vec<String>,
    #[arg(long, value_name = "ID", requires = "gpu")]
    pub(crate) model: Option<String>,
    #[arg(long, value_name = "ID", requires = "model")]
    pub(crate) gpu: Option<String>,
    #[arg(long, default_value = "Q4_K_M")]
    pub(crate) quant: String,
    #[arg(long, value_name = "8k", default_value = "8192")]
    pub(crate) context: String,
    #[arg(long, value_name = "N", default_value = "16")]
    pub(crate) concurrency: String,
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[arg(long)]
    pub(crate) print_assumptions: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CostPreset {
    Default,
    Minimal,
}

#[derive(Debug, Args)]
pub(crate) struct SizeArgs {
    pub(crate) model: Option<String>,
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "model")]
    pub(crate) file: Option<PathBuf>,
    #[arg(long, value_name = "30B", conflicts_with_all = ["model", "file"])]
    pub(crate) params: Option<String>,
    #[arg(long, value_name = "ID", conflicts_with_all = ["model", "file", "params"])]
    pub(crate) preset: Option<String>,
    #[arg(long, default_value = "Q4_K_M")]
    pub(crate) quant: String,
    #[arg(long, default_value = "f16")]
    pub(crate) kv: String,
    #[arg(long, value_name = "8k", default_value = "8192")]
    pub(crate) context: String,
    #[arg(long, value_name = "N", default_value = "4")]
    pub(crate) concurrency: String,
    #[arg(long)]
    pub(crate) engine: Option<String>,
    #[arg(long, value_name = "WORD")]
    pub(crate) gpu: Vec<String>,
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ModelsArgs {
    pub(crate) name: Option<String>,
    #[arg(long)]
    pub(crate) open_weights: bool,
    #[arg(long)]
    pub(crate) commercial: bool,
    #[arg(long)]
    pub(crate) on_prem: bool,
    #[arg(long)]
    pub(crate) api: bool,
    #[arg(long)]
    pub(crate) gguf: bool,
    #[arg(long, value_name = "10B")]
    pub(crate) max_params: Option<String>,
    #[arg(long, value_name = "1B")]
    pub(crate) min_params: Option<String>,
    #[arg(long, value_name = "32k")]
    pub(crate) min_context: Option<String>,
    #[arg(long, value_name = "WORD")]
    pub(crate) licence: Option<String>,
    #[arg(long, value_name = "WORD")]
    pub(crate) developer: Option<String>,
    #[arg(long, value_name = "WORD")]
    pub(crate) series: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AdoptionsArgs {
    #[arg(long)]
    pub(crate) sector: Option<String>,
    #[arg(long)]
    pub(crate) environment: Option<String>,
    #[arg(long)]
    pub(crate) stage: Option<String>,
    #[arg(long, value_enum)]
    pub(crate) by: Option<AdoptionField>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AdoptionField {
    Sector,
    Environment,
    Stage,
}

#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    pub(crate) word: Option<String>,
    #[arg(long)]
    pub(crate) status: Option<String>,
    #[arg(long)]
    pub(crate) kind: Option<String>,
    #[arg(long)]
    pub(crate) line: Option<u32>,
    #[arg(long, value_name = "R52")]
    pub(crate) cites: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    Json,
    Csv,
    Xlsx,
    Html,
    Md,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    #[arg(long, value_enum, default_value = "html")]
    pub(crate) format: ReportFormat,
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Html,
    Md,
}

/// Why no command runs.
pub(crate) enum Stop {
    /// Help or version was asked for; this is it.
    Shown(String),
    /// The flags do not hold together.
    Failed(Box<Failure>),
}

/// The language has to be known before the flags are read, since help and errors speak it.
pub(crate) fn wanted_lang(arguments: &[OsString], environment: Option<&str>) -> Lang {
    let mut words = arguments.iter().filter_map(|argument| argument.to_str());
    let mut flag = None;
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        if let Some(value) = word.strip_prefix("--lang") {
            flag = value.strip_prefix('=').or_else(|| words.next());
        }
    }
    match flag.or(environment) {
        Some(value) if value.to_ascii_lowercase().starts_with("en") => Lang::En,
        _ => Lang::Ja,
    }
}

/// Reads the flags.
pub(crate) fn parse(arguments: Vec<OsString>, words: &Words) -> Result<Cli, Stop> {
    let matches = command(words).try_get_matches_from(arguments).map_err(|error| stop(&error, words))?;
    Cli::from_arg_matches(&matches).map_err(|error| stop(&error, words))
}

/// The commands with their help texts.
pub(crate) fn command(words: &Words) -> Command {
    worded(Cli::command(), "cli-sekisho", words)
}

/// The key of a command is its path (`cli-sekisho-catalog-models`), that of a flag the path and its name
/// (`cli-sekisho-catalog-models--open-weights`).
fn worded(command: Command, path: &str, words: &Words) -> Command {
    let is_top = command.get_name() == "sekisho";
    let command = command
        .about(words.t(path))
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}\n",
            words.t("cli-usage")
        ))
        .subcommand_help_heading(words.t("cli-commands"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(clap::ArgAction::Help)
                .help(words.t("cli-help"))
                .help_heading(words.t("cli-options")),
        );
    let command = if is_top {
        command.arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(clap::ArgAction::Version)
                .help(words.t("cli-version"))
                .help_heading(words.t("cli-options")),
        )
    } else {
        command
    };
    let command = command.mut_args(|arg| {
        if arg.get_id() == "help" || arg.get_id() == "version" {
            return arg;
        }
        let name = arg.get_id().as_str().replace('_', "-");
        let own = format!("{path}--{name}");
        let shared = format!("cli-sekisho--{name}");
        let text = words.t(if words.has(&own) { &own } else { &shared });
        let heading = words.t(if arg.is_positional() { "cli-arguments" } else { "cli-options" });
        let arg = arg.help(text).help_heading(heading);
        if arg.get_action().takes_values() {
            // clap writes its own English behind these; our text names the values instead.
            arg.hide_possible_values(true).hide_default_value(true)
        } else {
            arg
        }
    });
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        let below = format!("{path}-{name}");
        command.mut_subcommand(name, |sub| worded(sub, &below, words))
    })
}

fn stop(error: &clap::Error, words: &Words) -> Stop {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let (wrong, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    let tried = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return Stop::Shown(error.render().to_string());
        }
        ErrorKind::InvalidSubcommand => {
            words.f("cli-error-subcommand", &[("name", context(ContextKind::InvalidSubcommand).into())])
        }
        ErrorKind::UnknownArgument => words.f("cli-error-argument", &[("name", wrong.into())]),
        ErrorKind::MissingRequiredArgument => words.f("cli-error-missing", &[("name", wrong.into())]),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            words.f("cli-error-value", &[("name", wrong.into()), ("value", value.into())])
        }
        _ => words.t("cli-error-usage"),
    };
    let mut failure = Failure::new(Code::Usage, tried);
    let candidates =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let suggested: Vec<String> =
        candidates.into_iter().map(context).filter(|text| !text.is_empty()).collect();
    let allowed = context(ContextKind::ValidValue);
    failure = if !suggested.is_empty() {
        failure.hint(words.f("cli-hint-suggested", &[("words", suggested.join(" ").into())]))
    } else if !allowed.is_empty() {
        failure.hint(words.f("cli-hint-allowed", &[("words", allowed.into())]))
    } else {
        failure.hint(words.t("cli-hint-help"))
    };
    Stop::Failed(Box::new(failure))
}

#[cfg(test)]
mod tests {
    use super::{command, wanted_lang};
    use crate::words::{Lang, Words};

    #[test]
    fn every_command_and_flag_has_help_in_both_languages() {
        for lang in [Lang::Ja, Lang::En] {
            let mut missing = Vec::new();
            collect(&command(&Words::new(lang)), &mut missing);
            assert!(missing.is_empty(), "{lang}: {missing:#?}");
        }
    }

    fn collect(command: &clap::Command, missing: &mut Vec<String>) {
        let mut look = |text: Option<String>| missing.extend(text.filter(|text| text.starts_with("cli-")));
        look(command.get_about().map(ToString::to_string));
        for arg in command.get_arguments() {
            look(Some(arg.get_help().map_or_else(|| format!("cli- {}", arg.get_id()), ToString::to_string)));
        }
        command.get_subcommands().for_each(|sub| collect(sub, missing));
    }

    #[test]
    fn the_flag_goes_before_the_environment() {
        let args = |words: &[&str]| words.iter().map(Into::into).collect::<Vec<_>>();
        assert_eq!(wanted_lang(&args(&["sekisho", "--lang", "en"]), None), Lang::En);
        assert_eq!(wanted_lang(&args(&["sekisho", "--lang=ja"]), Some("en")), Lang::Ja);
        assert_eq!(wanted_lang(&args(&["sekisho"]), Some("en_GB.UTF-8")), Lang::En);
        assert_eq!(wanted_lang(&args(&["sekisho"]), Some("fr")), Lang::Ja);
    }
}
