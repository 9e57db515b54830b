//! The flags of the commands over the store: people, groups, keys, budgets, templates, copies.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

/// Where the store lies, and what is done there.
#[derive(Debug, Subcommand)]
pub(crate) enum PeopleCommand {
    User {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: UserCommand,
    },
    Group {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: GroupCommand,
    },
    Key {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: KeyCommand,
    },
    Budget {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: BudgetCommand,
    },
    Template {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: PromptCommand,
    },
    Backup(BackupArgs),
    Restore(RestoreArgs),
}

/// The folder of the installation. The store is its `sekisho.db`, the audit log its `audit`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Data {
    #[arg(id = "data", long = "data", value_name = "DIR", global = true)]
    pub(crate) dir: Option<PathBuf>,
}

/// For what cannot simply be taken back.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Sure {
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    Add(UserAddArgs),
    List {
        #[arg(long, value_name = "GROUP")]
        group: Option<String>,
    },
    Show {
        #[arg(value_name = "NAME")]
        user: String,
    },
    Set(UserSetArgs),
    Disable {
        #[arg(value_name = "NAME")]
        user: String,
        #[command(flatten)]
        sure: Sure,
    },
    Enable {
        #[arg(value_name = "NAME")]
        user: String,
    },
    Join {
        #[arg(value_name = "NAME")]
        user: String,
        #[arg(value_name = "GROUP")]
        group: String,
    },
    Leave {
        #[arg(value_name = "NAME")]
        user: String,
        #[arg(value_name = "GROUP")]
        group: String,
    },
    Import {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Bootstrap {
        #[arg(value_name = "NAME")]
        user: String,
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct UserAddArgs {
    #[arg(value_name = "NAME")]
    pub(crate) user: String,
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    #[arg(long)]
    pub(crate) system: bool,
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub(crate) group: Vec<String>,
    #[arg(long, value_name = "LABEL")]
    pub(crate) label_max: Option<String>,
    #[arg(long, value_name = "URL", requires = "subject")]
    pub(crate) issuer: Option<String>,
    #[arg(long, value_name = "ID", requires = "issuer")]
    pub(crate) subject: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("change").required(true).multiple(true)
    .args(["title", "label_max", "no_label_max", "issuer", "no_external"]))]
pub(crate) struct UserSetArgs {
    #[arg(value_name = "NAME")]
    pub(crate) user: String,
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    #[arg(long, value_name = "LABEL", conflicts_with = "no_label_max")]
    pub(crate) label_max: Option<String>,
    #[arg(long)]
    pub(crate) no_label_max: bool,
    #[arg(long, value_name = "URL", requires = "subject", conflicts_with = "no_external")]
    pub(crate) issuer: Option<String>,
    #[arg(long, value_name = "ID", requires = "issuer")]
    pub(crate) subject: Option<String>,
    #[arg(long)]
    pub(crate) no_external: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    Admin,
    Operator,
    Auditor,
    Approver,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    Add {
        #[arg(value_name = "NAME")]
        group: String,
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
        #[arg(long, value_name = "ROLE", value_enum, value_delimiter = ',')]
        role: Vec<RoleName>,
    },
    List,
    #[command(group = ArgGroup::new("change").required(true).multiple(true).args(["title", "role", "no_roles"]))]
    Set {
        #[arg(value_name = "NAME")]
        group: String,
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
        #[arg(long, value_name = "ROLE", value_enum, value_delimiter = ',', conflicts_with = "no_roles")]
        role: Vec<RoleName>,
        #[arg(long)]
        no_roles: bool,
    },
    Retire {
        #[arg(value_name = "NAME")]
        group: String,
        #[command(flatten)]
        sure: Sure,
    },
    Reopen {
        #[arg(value_name = "NAME")]
        group: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    Create(KeyCreateArgs),
    List {
        #[arg(value_name = "USER")]
        user: Option<String>,
    },
    Revoke {
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        sure: Sure,
    },
    Rotate {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(long, value_name = "N", default_value = "24", value_parser = clap::value_parser!(u32).range(0..=8_784))]
        overlap_hours: u32,
        #[arg(long, value_name = "DATE")]
        expires: Option<String>,
        #[command(flatten)]
        sure: Sure,
    },
}

#[derive(Debug, Args)]
pub(crate) struct KeyCreateArgs {
    #[arg(value_name = "USER")]
    pub(crate) user: String,
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: String,
    #[arg(long, value_name = "MODEL", value_delimiter = ',')]
    pub(crate) models: Vec<String>,
    #[arg(long, value_name = "TEXT", value_delimiter = ',')]
    pub(crate) purposes: Vec<String>,
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Option<String>,
    #[arg(long, value_name = "LABEL")]
    pub(crate) label_max: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) expires: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BudgetCommand {
    #[command(group = ArgGroup::new("limit").required(true).multiple(true).args(["tokens_per_month", "yen_per_month"]))]
    Set {
        #[command(flatten)]
        whose: Whose,
        #[arg(long, value_name = "N")]
        tokens_per_month: Option<String>,
        #[arg(long, value_name = "N")]
        yen_per_month: Option<String>,
        #[arg(long, value_name = "YYYY-MM")]
        month: Option<String>,
    },
    Remove {
        #[command(flatten)]
        whose: Whose,
        #[arg(long, value_name = "YYYY-MM")]
        month: Option<String>,
        #[command(flatten)]
        sure: Sure,
    },
    Show {
        #[arg(long, value_name = "YYYY-MM")]
        month: Option<String>,
        #[arg(long)]
        csv: bool,
    },
}

/// Of whom: exactly one.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Whose {
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) group: Option<String>,
}

/// `sekisho template`: prompt templates under version.
#[derive(Debug, Subcommand)]
pub(crate) enum PromptCommand {
    Add {
        #[arg(value_name = "NAME")]
        template: String,
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "USER")]
        by: String,
    },
    Edit {
        #[arg(value_name = "NAME@N")]
        template: String,
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "USER")]
        by: String,
    },
    List {
        #[arg(value_name = "NAME")]
        template: Option<String>,
    },
    Show {
        #[arg(value_name = "NAME[@N]")]
        template: String,
    },
    Approve {
        #[arg(value_name = "NAME@N")]
        template: String,
        #[arg(long, value_name = "USER")]
        by: String,
        #[arg(long, value_name = "N")]
        revision: Option<u64>,
    },
    Retire {
        #[arg(value_name = "NAME@N")]
        template: String,
        #[arg(long, value_name = "USER")]
        by: String,
        #[command(flatten)]
        sure: Sure,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) pepper: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) pepper: PathBuf,
}
