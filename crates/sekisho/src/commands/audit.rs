//! `sekisho audit`: the tamper-evident log. Recording, searching, proving, erasing; checkpoints for paper and witnesses.

pub(super) mod change;
mod checkpoint;
pub(super) mod export;
pub(super) mod place;
mod prove;
mod qr;
mod record;
mod search;
mod show;
mod start;
pub(super) mod time;
mod view;
mod witness;

pub(crate) use place::retention_of;

use sekisho_audit::{
    journal::Error,
    leaf::RecordId,
    log::{AppendError, OpenError, ReadError},
    note::VerifierKey,
};
use sekisho_base::{Code, Coded};

use crate::{
    cli::{AuditCommand, Place, WitnessCommand},
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// Runs one audit command.
pub(crate) fn run(command: AuditCommand, terminal: &mut Terminal<'_>) -> Outcome {
    match command {
        AuditCommand::Init(args) => start::init(&args, terminal),
        AuditCommand::Status(place) => start::status(&place, terminal),
        AuditCommand::Record { place, file } => record::run(&place, &file, terminal),
        AuditCommand::Search(args) => search::run(&args, terminal),
        AuditCommand::Show { place, record } => show::run(&place, &record, terminal),
        AuditCommand::Export(args) => export::run(&args, terminal),
        AuditCommand::Prove { place, record, out } => prove::run(&place, &record, &out, terminal),
        AuditCommand::Verify { place, flags } => prove::verify(&place, &flags, terminal),
        AuditCommand::Checkpoint { place, html } => checkpoint::run(&place, html.as_deref(), terminal),
        AuditCommand::Erase(args) => match args.whole_class {
            Some(class) => change::erase_class(&args.place, class, &args.reason, terminal),
            None => change::run(change::Change::Erase, &args.place, &args.records, &args.reason, terminal),
        },
        AuditCommand::Hold(args) => {
            change::run(change::Change::Hold, &args.place, &args.records, &args.reason, terminal)
        }
        AuditCommand::Release(args) => {
            change::run(change::Change::Release, &args.place, &args.records, &args.reason, terminal)
        }
        AuditCommand::Expire { place, reason } => change::expire(&place, &reason, terminal),
        AuditCommand::RotateKey { place, reason } => change::rotate_key(&place, &reason, terminal),
        AuditCommand::Witness { command } => match command {
            WitnessCommand::Serve(args) => witness::serve::run(&args, terminal),
            WitnessCommand::Answer { place, request, out } => {
                witness::answer::run(&place, &request, &out, terminal)
            }
            WitnessCommand::Ask(args) => witness::ask::run(&args, terminal),
        },
    }
}

/// The record id that somebody typed.
fn record_id(text: &str, words: &Words) -> Outcome<RecordId> {
    text.to_ascii_lowercase().parse().map_err(|_| {
        Failure::new(Code::Usage, words.f("audit-not-a-record", &[("text", printable(text).into())]))
            .hint(words.t("audit-hint-record-id"))
    })
}

/// A key as its text, or a file in which it stands on a line of its own (`log/origin` is one).
fn verifier_key(text: &str, words: &Words) -> Outcome<VerifierKey> {
    let from_file = || {
        let file = place::read_small(std::path::Path::new(text)).ok()?;
        file.lines().find_map(|line| line.trim().parse().ok())
    };
    text.trim().parse().ok().or_else(from_file).ok_or_else(|| {
        Failure::new(Code::Usage, words.f("audit-not-a-key", &[("key", printable(text).into())]))
            .hint(words.t("audit-hint-key"))
    })
}

/// What the journal refused or failed at, in the reader's language where it is common, and with the chain of the library
/// where it is not.
fn failure(error: &Error, tried: String, place: &Place, words: &Words) -> Failure {
    let dir = place.dir.display().to_string();
    let with = |name: &str, args: &[(&'static str, String)]| {
        let mut all: Vec<_> = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        all.push(("dir", dir.clone().into()));
        let failure =
            Failure::new(error.code(), tried.clone()).cause(words.f(&format!("audit-why-{name}"), &all));
        let hint = format!("audit-hint-{name}");
        if words.has(&hint) { failure.hint(words.f(&hint, &all)) } else { failure }
    };
    let about = |name: &str, record: &RecordId| with(name, &[("record", record.to_string())]);
    match error {
        Error::Open(OpenError::Locked) => with("locked", &[]),
        Error::Open(OpenError::RolledBack { published, found }) => {
            with("rolled-back", &[("published", published.to_string()), ("found", found.to_string())])
        }
        Error::NoSuchRecord { record } => about("no-such-record", record),
        Error::StillOpen { record } => about("still-open", record),
        Error::OnHold { record } => about("on-hold", record),
        Error::NotOnHold { record } => about("not-on-hold", record),
        Error::Erased { record } => about("erased", record),
        Error::NoSuchClass { class } => with("no-such-class", &[("class", class.to_string())]),
        Error::LogGone => with("log-gone", &[]),
        Error::KeyLost { index } => with("key-lost", &[("index", index.to_string())]),
        Error::Append(AppendError::NoSpace) => with("no-space", &[]),
        Error::Append(AppendError::Poisoned(_)) => with("poisoned", &[]).chain(error),
        Error::Open(OpenError::Io(_)) | Error::Read(ReadError::Io(_)) => Failure::from_coded(error, tried),
        _ if error.code() == Code::LogDamaged => with("damaged", &[]).chain(error),
        _ => Failure::from_coded(error, tried),
    }
}

/// What somebody else wrote, for one line of a terminal: nothing in it moves the cursor, changes a colour or turns the
/// direction of writing. What was there is shown by its number.
pub(super) fn printable(text: &str) -> String {
    escaped(text, |_| false)
}

/// As [`printable`], with line breaks and tabs left as they are.
pub(super) fn printable_lines(text: &str) -> String {
    escaped(text, |c| matches!(c, '\n' | '\t'))
}

fn escaped(text: &str, keep: impl Fn(char) -> bool) -> String {
    let turns = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' if !keep(c) => shown.push('⏎'),
            c if !keep(c) && (c.is_control() || turns(c)) => shown += &format!("<U+{:04X}>", c as u32),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{printable, printable_lines};

    #[test]
    fn nothing_that_was_recorded_speaks_to_the_terminal() {
        assert_eq!(printable("\u{1b}[2J消\n\u{202e}"), "<U+001B>[2J消⏎<U+202E>");
        assert_eq!(printable_lines("一\n二\r\u{9b}"), "一\n二<U+000D><U+009B>");
    }
}
