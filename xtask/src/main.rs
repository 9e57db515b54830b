//! `cargo xtask`: the one way to set up, test, tidy and measure the project, on a laptop and in CI alike.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for developers talks on its terminal")]

mod bench;
mod command;
mod test;
mod tidy;
mod up;

use std::{path::PathBuf, process::ExitCode};

use clap::{CommandFactory, Parser, Subcommand};

/// The workshop of Sekisho: set up, test, tidy, measure.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build Sekisho on a fresh machine, write the survey report, and open the gate of a sample organisation
    Up(up::Options),
    /// Run everything that must be green before a merge
    Test(test::Options),
    /// Check the house rules that a program can judge, and print every problem at once
    Tidy,
    /// Run one of the measures in bench/src/bin, or list them
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let root = workspace_root();
    let outcome = match Cli::parse().task {
        Task::Up(options) => up::run(&root, &options),
        Task::Test(options) => test::run(&root, &options),
        Task::Tidy => tidy::run(&root),
        Task::Bench(options) => bench::run(&root, &options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  cause: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Cargo names the folder of this crate when it runs us; the compiled-in folder serves a direct start of the program.
fn workspace_root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), PathBuf::from)
}

/// The words that may follow `cargo xtask`.
fn task_names() -> Vec<String> {
    let mut names: Vec<String> =
        Cli::command().get_subcommands().map(|task| task.get_name().to_owned()).collect();
    names.push("help".to_owned());
    names
}
