//! `cargo xtask up`: from a fresh machine to something to look at, in one command.

mod gate;

use std::{
    env,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;

use self::gate::Gate;
use crate::command;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Do not open the report in a browser
    #[arg(long)]
    no_open: bool,
    /// Stop after the report: do not open the gate of the sample organisation
    #[arg(long)]
    no_serve: bool,
    /// Where the gate listens
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The language of what this command says and of the report it opens
    #[arg(long, value_enum)]
    lang: Option<Language>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    Ja,
    En,
}

/// A program that must be on the search path, and the Debian 12 package that brings it.
struct Need {
    program: &'static str,
    package: &'static str,
}

/// Everything `up` needs beyond the Rust toolchain; what a later part of Sekisho needs is one more row.
const NEEDS: &[Need] = &[
    // rustc links with it.
    Need { program: "cc", package: "build-essential" },
];

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let language = options.lang.unwrap_or_else(Language::from_environment);
    install(&missing_packages(NEEDS, command::is_installed), language)?;

    language
        .say("sekisho を組み立てます (初回は数分かかります)", "building sekisho (minutes, the first time)");
    let mut build = command::cargo(root);
    build.args(["build", "--release", "--locked", "-p", "sekisho", "-p", "sekisho-verify"]);
    if command::is_offline() {
        build.arg("--offline");
    }
    command::run(&mut build)?;

    let target = target_folder()?;
    let binary = target.join("release/sekisho");
    let reports = target.join("sekisho");
    let ja = write_report(&binary, &reports.join("report.ja.html"), "ja")?;
    let en = write_report(&binary, &reports.join("report.en.html"), "en")?;
    let (first, second) = if language == Language::Ja { (&ja, &en) } else { (&en, &ja) };
    say_what_next(&binary, first, second, language);
    if !options.no_open {
        open_in_browser(first);
    }
    if options.no_serve {
        return Ok(());
    }
    Gate::new(root, &target).open(&binary, options.listen.as_deref(), language)
}

impl Language {
    fn from_environment() -> Self {
        if env::var("SEKISHO_LANG").is_ok_and(|value| value.starts_with("en")) { Self::En } else { Self::Ja }
    }

    /// Progress is talk, so it goes to standard error.
    fn say(self, ja: &str, en: &str) {
        eprintln!("{}", if self == Self::Ja { ja } else { en });
    }
}

fn missing_packages(needs: &[Need], is_installed: impl Fn(&str) -> bool) -> Vec<&'static str> {
    needs.iter().filter(|need| !is_installed(need.program)).map(|need| need.package).collect()
}

/// Installs as root; anyone else is told what to type.
fn install(packages: &[&str], language: Language) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    let by_hand = format!("apt-get update && apt-get install --yes --no-install-recommends {list}");
    // The owner of our own entry in /proc is the effective user.
    let is_root = Path::new("/proc/self").metadata().is_ok_and(|entry| entry.uid() == 0);
    if !is_root || !command::is_installed("apt-get") {
        bail!(match language {
            Language::Ja => format!("足りないものがあります: {list}\n  hint: sudo sh -c '{by_hand}'"),
            Language::En => format!("missing: {list}\n  hint: sudo sh -c '{by_hand}'"),
        });
    }
    language.say(&format!("Debian のパッケージを入れます: {by_hand}"), &format!("installing: {by_hand}"));
    let apt_get = |arguments: &[&str]| {
        command::run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(arguments))
    };
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

/// Where cargo put us (`<target>/debug/xtask`), whatever setting moved it there.
fn target_folder() -> Result<PathBuf> {
    let here = env::current_exe().context("could not find the folder of this program")?;
    let target = here.parent().and_then(Path::parent);
    target.map(Path::to_owned).with_context(|| format!("{} lies in no target folder", here.display()))
}

fn write_report(binary: &Path, page: &Path, language: &str) -> Result<PathBuf> {
    let failed = || format!("the survey report ({language}) could not be written to {}", page.display());
    std::fs::create_dir_all(page.parent().unwrap_or(page)).with_context(failed)?;
    command::run(Command::new(binary).args(["--lang", language, "report", "--out"]).arg(page))
        .with_context(failed)?;
    ensure!(page.is_file(), "`sekisho report` succeeded, but {} is not there", page.display());
    Ok(page.to_owned())
}

/// The two pages are what was asked for, so they go to standard output; the rest is talk.
fn say_what_next(binary: &Path, first: &Path, second: &Path, language: Language) {
    language.say("\nできました。調査レポート:", "\nDone. The survey report:");
    println!("{}\n{}", first.display(), second.display());
    language.say("\n次に試すこと:", "\nTry next:");
    let english = if language == Language::En { " --lang en" } else { "" };
    for words in [
        "catalog models --open-weights",
        "catalog fact F213",
        "plan --help",
        "guard test data/sample/guard/page.txt --label 2",
    ] {
        eprintln!("  {}{english} {words}", binary.display());
    }
}

/// A courtesy: a machine without a screen or a browser is no failure, the paths stand on the terminal.
fn open_in_browser(page: &Path) {
    let has_screen = env::var_os("DISPLAY").or_else(|| env::var_os("WAYLAND_DISPLAY")).is_some();
    if has_screen && command::is_installed("xdg-open") {
        command::succeeds(Command::new("xdg-open").arg(page).stdin(Stdio::null()));
    }
}

#[cfg(test)]
mod tests {
    use super::{Need, missing_packages};

    #[test]
    fn asks_only_for_what_is_missing() {
        let needs =
            [Need { program: "cc", package: "build-essential" }, Need { program: "cmake", package: "cmake" }];
        assert_eq!(missing_packages(&needs, |program| program == "cc"), ["cmake"]);
        assert!(missing_packages(&needs, |_| true).is_empty());
    }
}
