//! From the changes that the store has noted to the audit log of the same folder.

use sekisho_base::{Code, Coded};

use super::place::{self, Place};
use crate::{
    cli,
    commands::audit,
    failure::{Failure, Outcome},
    terminal::Terminal,
};

/// Records what was changed. Where there is no log yet, or the gate holds it, the store keeps the changes and the gate
/// records them; the change itself stands in any case, so that nothing here makes the command fail.
pub(super) fn run(place: &Place, terminal: &Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let dir = place.dir.join("audit");
    let origin = dir.join("log").join("origin");
    if !origin.exists() {
        return Ok(());
    }
    if place::foreign_owner(&origin).is_some() {
        terminal.say(&words.t("people-log-later"));
        return Ok(());
    }
    let journal = match audit::place::open(&cli::Place { dir }, terminal) {
        Ok(journal) => journal,
        Err(failure) if failure.code == Code::LogBusy => {
            terminal.say(&words.t("people-log-later"));
            return Ok(());
        }
        Err(failure) => {
            warn(&failure, terminal);
            return Ok(());
        }
    };
    if let Err(error) = sekisho_serve::record_changes(&place.store, &journal) {
        let error: &dyn Coded = &error;
        warn(&Failure::from_coded(error, words.t("people-log-failed")), terminal);
    }
    Ok(())
}

fn warn(failure: &Failure, terminal: &Terminal<'_>) {
    terminal.say(failure.lines(terminal.words).trim_end());
    terminal.say(&terminal.words.t("people-log-kept"));
}
