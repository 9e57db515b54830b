//! `sekisho`: flags, wiring and terminal output.
//!
//! The way of a call: [`cli`] reads the flags, [`commands`] asks the crates below, [`terminal`] prints. Everything that
//! people read comes from `locales/` through [`words`].
mod chart;
mod cli;
mod commands;
mod document;
mod failure;
mod gate;
mod html;
mod markdown;
mod memo;
mod report;
mod requirements;
mod show;
mod table;
mod terminal;
mod words;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let lang = cli::wanted_lang(&arguments, std::env::var("SEKISHO_LANG").ok().as_deref());
    let words = words::Words::new(lang);
    let mut terminal = terminal::Terminal::new(&words);
    let outcome = match cli::parse(arguments, &words) {
        Ok(cli) => commands::run(cli, &mut terminal),
        Err(cli::Stop::Shown(text)) => terminal.print(&text),
        Err(cli::Stop::Failed(failure)) => Err(*failure),
    };
    terminal.finish(outcome)
}
