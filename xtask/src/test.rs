//! `cargo xtask test`: what must be green before a merge, cheapest first, stopping at the first failure.

use std::{env, path::Path, time::Instant};

use anyhow::{Context, Result};

use crate::{command, tidy};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only what one runs between two edits: format, tidy and the tests, without clippy, examples and licences
    #[arg(long)]
    fast: bool,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let start = Instant::now();
    cargo_step(root, "format", "fmt --all --check")?;
    step("tidy", "cargo xtask tidy", || tidy::run(root))?;
    if !options.fast {
        cargo_step(root, "clippy", "clippy --workspace --all-targets --locked -- -D warnings")?;
    }
    cargo_step(root, "tests", test_arguments(root))?;
    if !options.fast {
        cargo_step(root, "examples in the documentation", "test --doc --workspace --locked")?;
        dependency_checks(root)?;
    }
    println!("\nAll green in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// nextest when it is installed; cargo's own runner is enough for a fresh machine.
fn test_arguments(root: &Path) -> &'static str {
    if command::succeeds(command::cargo(root).args(["nextest", "--version"])) {
        "nextest run --workspace --locked"
    } else {
        "test --workspace --locked --lib --bins --tests"
    }
}

/// Licences, bans and sources need nothing but `Cargo.lock`; advisories need a database that only the network brings.
fn dependency_checks(root: &Path) -> Result<()> {
    if !command::succeeds(command::cargo(root).args(["deny", "--version"])) {
        println!(
            "\n== dependencies: skipped, cargo-deny is not installed (cargo install cargo-deny --locked)"
        );
        return Ok(());
    }
    let offline = if command::is_offline() { "--offline " } else { "" };
    cargo_step(root, "dependencies", &format!("deny --locked {offline}check licenses bans sources"))?;
    if advisories_are_here() {
        // Offline, so that the answer does not depend on what the network says today.
        cargo_step(root, "advisories", "deny --locked --offline check advisories")
    } else {
        println!("\n== advisories: skipped, their database is not on this machine (cargo deny fetch db)");
        Ok(())
    }
}

/// cargo-deny keeps the database under cargo's home.
fn advisories_are_here() -> bool {
    let home = env::var_os("CARGO_HOME")
        .or_else(|| env::home_dir().map(|home| home.join(".cargo").into()))
        .unwrap_or_default();
    let databases = Path::new(&home).join("advisory-dbs");
    databases.read_dir().is_ok_and(|mut entries| entries.next().is_some())
}

fn cargo_step(root: &Path, name: &str, arguments: &str) -> Result<()> {
    let line = format!("cargo {arguments}");
    step(name, &line, || command::run(command::cargo(root).args(arguments.split(' '))))
}

/// Says what runs and how long it took; a failure says how to run this step alone.
fn step(name: &str, repeat: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("\n== {name}: {repeat}");
    let start = Instant::now();
    let outcome = work();
    println!("== {name}: {:.1} s", start.elapsed().as_secs_f64());
    outcome.with_context(|| format!("{name} failed; `{repeat}` repeats this step alone"))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::step;

    #[test]
    fn a_failed_step_names_the_command_that_repeats_it() {
        let error = step("tidy", "cargo xtask tidy", || bail!("2 problems")).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "tidy failed; `cargo xtask tidy` repeats this step alone: 2 problems"
        );
    }
}
