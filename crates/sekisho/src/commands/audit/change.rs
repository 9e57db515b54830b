//! `audit erase`, `hold`, `release`, `expire`: what changes what is kept. Each asks, and each goes into the log for good.

use std::io::{self, BufRead, IsTerminal, Read};

use sekisho_audit::{
    journal::{Authority, ERASED_AT_ONCE_MAX, Error},
    leaf::RecordId,
};
use sekisho_base::Code;
use serde::Serialize;

use super::{failure, place::open, printable, record_id, view};
use crate::{
    cli::{Place, Reason},
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// Bytes of ids on the standard input: one line each.
const IDS_BYTES_MAX: u64 = 33 * ERASED_AT_ONCE_MAX as u64;
/// Longest answer to a question.
const ANSWER_BYTES_MAX: u64 = 64;

/// What is done to records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Erase,
    Hold,
    Release,
}

impl Change {
    fn word(self) -> &'static str {
        match self {
            Self::Erase => "erase",
            Self::Hold => "hold",
            Self::Release => "release",
        }
    }
}

#[derive(Serialize)]
struct Changed<'a> {
    done: &'a str,
    records: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<u64>,
}

/// Erases, holds or releases records.
pub(super) fn run(
    change: Change,
    place: &Place,
    typed: &[String],
    reason: &Reason,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let records = records(typed, words)?;
    let count = records.len() as u64;
    let journal = open(place, terminal)?;
    let tried = words.f(&format!("audit-{}-failed", change.word()), &[("count", count.into())]);
    let failed = |error: Error| failure(&error, tried.clone(), place, words);
    // What is not there should be said before anybody is asked.
    journal.find_all(&records).map_err(failed)?;
    if change != Change::Hold {
        let question = words.f(&format!("audit-{}-ask", change.word()), &[("count", count.into())]);
        confirm(&question, reason, terminal)?;
    }
    let authority = authority(reason);
    let done = match change {
        Change::Erase => journal.erase(&records, &authority),
        Change::Hold => journal.hold(&records, &authority),
        Change::Release => journal.release(&records, &authority),
    };
    done.map_err(failed)?;
    if terminal.json {
        return terminal.print_json(&Changed { done: change.word(), records: count, held: None });
    }
    terminal.say(&words.f(&format!("audit-{}-done", change.word()), &[("count", count.into())]));
    Ok(())
}

fn authority(reason: &Reason) -> Authority<'_> {
    Authority { by: &reason.by, ground: &reason.ground }
}

/// Erases everything of a retention class, and its key.
pub(super) fn erase_class(place: &Place, class: u8, reason: &Reason, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let journal = open(place, terminal)?;
    let retention = journal.retention().class(class);
    let name = retention.map_or_else(|| class.to_string(), |class| view::name_of_class(class, words));
    let args = [("class", class.into()), ("name", name.into())];
    confirm(&words.f("audit-erase-class-ask", &args), reason, terminal)?;
    let report = journal
        .erase_class(class, &authority(reason))
        .map_err(|error| failure(&error, words.f("audit-erase-class-failed", &args), place, words))?;
    if terminal.json {
        let done = Changed { done: "erase-class", records: report.erased, held: None };
        return terminal.print_json(&done);
    }
    let [class, name] = args;
    terminal.say(&words.f("audit-erase-class-done", &[class, name, ("count", report.erased.into())]));
    Ok(())
}

#[derive(Serialize)]
struct Rotated {
    verifier_key: String,
    /// Checkpoints of more entries than this are signed with it.
    entries: u64,
}

/// Changes the key that signs the log.
pub(super) fn rotate_key(place: &Place, reason: &Reason, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let journal = open(place, terminal)?;
    confirm(&words.t("audit-rotate-ask"), reason, terminal)?;
    let key = journal
        .change_key(&authority(reason))
        .map_err(|error| failure(&error, words.t("audit-rotate-failed"), place, words))?;
    let entries = journal.verifier_keys().changes().last().map_or(0, |(entries, _)| *entries);
    if terminal.json {
        return terminal.print_json(&Rotated { verifier_key: key.to_string(), entries });
    }
    terminal.print_line(&key.to_string())?;
    terminal.say(&words.f("audit-rotate-done", &[("entries", entries.into())]));
    Ok(())
}

/// Erases what is past its period.
pub(super) fn expire(place: &Place, reason: &Reason, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let journal = open(place, terminal)?;
    confirm(&words.t("audit-expire-ask"), reason, terminal)?;
    let report = journal
        .expire(&authority(reason))
        .map_err(|error| failure(&error, words.t("audit-expire-failed"), place, words))?;
    if terminal.json {
        let (records, held) = (report.erased, Some(report.held));
        return terminal.print_json(&Changed { done: "expire", records, held });
    }
    let args = [("count", report.erased.into()), ("held", report.held.into())];
    terminal.say(&words.f("audit-expire-done", &args));
    Ok(())
}

/// The ids that were typed, or those on the standard input, one a line.
fn records(typed: &[String], words: &Words) -> Outcome<Vec<RecordId>> {
    if typed != ["-"] {
        return each_once(typed.iter().map(String::as_str), words);
    }
    let mut text = String::new();
    io::stdin().lock().take(IDS_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| {
        Failure::new(Code::FileUnreadable, words.t("guard-stdin-failed")).cause(error.to_string())
    })?;
    if text.len() as u64 > IDS_BYTES_MAX {
        let max = ERASED_AT_ONCE_MAX as u64;
        return Err(Failure::new(Code::Usage, words.f("audit-too-many-records", &[("max", max.into())])));
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let records = each_once(lines, words)?;
    if records.is_empty() {
        return Err(Failure::new(Code::Usage, words.t("audit-no-records")));
    }
    Ok(records)
}

/// What is asked for twice is one record: it is counted, and asked about, as one.
fn each_once<'t>(texts: impl Iterator<Item = &'t str>, words: &Words) -> Outcome<Vec<RecordId>> {
    let mut records: Vec<RecordId> = texts.map(|text| record_id(text, words)).collect::<Outcome<_>>()?;
    records.sort_unstable();
    records.dedup();
    Ok(records)
}

fn confirm(question: &str, reason: &Reason, terminal: &Terminal<'_>) -> Outcome {
    let args = [("by", printable(&reason.by).into()), ("ground", printable(&reason.ground).into())];
    ask(question, Some(&terminal.words.f("audit-ask-reason", &args)), reason.yes, terminal)
}

/// Asks on a terminal; elsewhere only `--yes` counts.
pub(in crate::commands) fn ask(
    question: &str,
    more: Option<&str>,
    is_sure: bool,
    terminal: &Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    if is_sure {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let failure = Failure::new(Code::Usage, words.t("audit-not-asked")).cause(question);
        return Err(failure.hint(words.t("audit-hint-yes")));
    }
    terminal.say(question);
    if let Some(more) = more {
        terminal.say(more);
    }
    terminal.say(&words.t("audit-ask"));
    let mut answer = String::new();
    let read = io::stdin().lock().take(ANSWER_BYTES_MAX).read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "yes" | "y" | "はい") {
        return Ok(());
    }
    Err(Failure::new(Code::Usage, words.t("audit-not-done")))
}
