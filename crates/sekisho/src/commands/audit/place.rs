//! The folder of a log: what it is called, how it is opened, and what lies in it.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use sekisho_audit::{
    journal::{Error, Journal, OpenReport, Parts, Reading, open_published},
    log::{KeyChain, Reader},
    note::VerifierKey,
    retention::{Problem, ProblemKind, RETENTION_BYTES_MAX, Retention},
    vfs::Disk,
};
use sekisho_base::Code;

use super::{failure, printable};
use crate::{
    cli::Place,
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// The retention classes of a log, in its folder.
pub(super) const RETENTION: &str = "retention.toml";
/// Bytes of a file that holds a key, a checkpoint, a request or an answer.
const SMALL_BYTES_MAX: u64 = 1 << 20;

/// What `log/origin` says: the name of the log, and the first key that it signed with.
pub(super) struct Name {
    pub(super) origin: String,
    pub(super) key: VerifierKey,
}

/// Reads the name of the log.
pub(super) fn name(place: &Place, words: &Words) -> Outcome<Name> {
    let path = place.dir.join("log").join("origin");
    let dir = place.dir.display().to_string();
    let text = match read_small(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Failure::new(
                Code::FileUnreadable,
                words.f("audit-no-log", &[("dir", dir.clone().into())]),
            )
            .hint(words.f("audit-hint-no-log", &[("dir", dir.into())])));
        }
        Err(error) => return Err(unreadable(&path, &error, words)),
        Ok(text) => text,
    };
    let mut lines = text.lines();
    let name = lines.next().zip(lines.next().and_then(|key| key.parse().ok()));
    let (origin, key) = name.ok_or_else(|| {
        let file = path.display().to_string();
        Failure::new(Code::LogDamaged, words.f("audit-origin-unreadable", &[("file", file.into())]))
            .hint(words.f("audit-hint-damaged", &[("dir", dir.into())]))
    })?;
    Ok(Name { origin: origin.to_owned(), key })
}

/// Opens the journal as its one writer; what a crash had left undone is done, and told.
pub(in crate::commands) fn open(place: &Place, terminal: &Terminal<'_>) -> Outcome<Journal> {
    let words = terminal.words;
    let origin = name(place, words)?.origin;
    let retention = retention(place, terminal)?;
    let (journal, report) = start(place, &origin, retention, words)?;
    tell(&report, terminal);
    Ok(journal)
}

/// Opens the journal, or makes it.
pub(super) fn start(
    place: &Place,
    origin: &str,
    retention: Retention,
    words: &Words,
) -> Outcome<(Journal, OpenReport)> {
    let parts = Parts::on_disk(&place.dir, origin, retention, Arc::new(now_ms));
    Journal::start(parts).map_err(|error| open_failed(&error, place, words))
}

/// Opens the journal to read, also while another process writes to it. Takes no lock and changes nothing.
pub(super) fn reading(place: &Place, terminal: &Terminal<'_>) -> Outcome<Reading> {
    let words = terminal.words;
    name(place, words)?;
    let retention = retention(place, terminal)?;
    Reading::open(&place.dir, retention).map_err(|error| open_failed(&error, place, words))
}

/// Opens the published log to read, also while another process writes to it.
pub(super) fn reader(place: &Place, words: &Words) -> Outcome<(KeyChain, Reader<Disk>)> {
    name(place, words)?;
    open_published(Disk::new(&place.dir)).map_err(|error| open_failed(&error, place, words))
}

fn open_failed(error: &Error, place: &Place, words: &Words) -> Failure {
    let dir = place.dir.display().to_string();
    failure(error, words.f("audit-open-failed", &[("dir", dir.into())]), place, words)
}

/// Milliseconds since 1970, by the clock of the machine.
pub(in crate::commands) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

fn tell(report: &OpenReport, terminal: &Terminal<'_>) {
    let words = terminal.words;
    let say = |key: &str, count: u64| {
        if count > 0 {
            terminal.say(&words.f(key, &[("count", count.into())]));
        }
    };
    say("audit-recovered", report.recovered.map_or(0, |recovered| recovered.cut_bytes));
    say("audit-aborted", report.aborted.len() as u64);
    say("audit-finished-erasures", report.finished_erasures as u64);
}

/// The retention classes of this log; those that come with the program where its folder has none.
pub(super) fn retention(place: &Place, terminal: &Terminal<'_>) -> Outcome<Retention> {
    let path = place.dir.join(RETENTION);
    match read_text(&path, RETENTION_BYTES_MAX as u64) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let file = path.display().to_string();
            terminal.say(&terminal.words.f("audit-retention-missing", &[("file", file.into())]));
            Ok(Retention::built_in())
        }
        Err(error) => Err(unreadable(&path, &error, terminal.words)),
        Ok(text) => parse_retention(&path, &text, terminal.words),
    }
}

/// The retention classes of the log in a folder; those that come with the program where there is no file.
pub(crate) fn retention_of(folder: &Path, words: &Words) -> Outcome<Retention> {
    let path = folder.join(RETENTION);
    match read_text(&path, RETENTION_BYTES_MAX as u64) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Retention::built_in()),
        Err(error) => Err(unreadable(&path, &error, words)),
        Ok(text) => parse_retention(&path, &text, words),
    }
}

/// Reads the text of a retention file.
pub(super) fn parse_retention(path: &Path, text: &str, words: &Words) -> Outcome<Retention> {
    Retention::parse(text).map_err(|problems: Vec<Problem>| {
        let args = [("file", path.display().to_string().into()), ("count", problems.len().into())];
        let failure = Failure::new(Code::RetentionInvalid, words.f("audit-retention-invalid", &args));
        problems.iter().fold(failure, |failure, problem| failure.cause(problem_line(problem, words)))
    })
}

fn problem_line(problem: &Problem, words: &Words) -> String {
    let (key, value) = match &problem.kind {
        ProblemKind::TooLong => ("too-long", String::new()),
        ProblemKind::Syntax { message } => ("syntax", printable(message)),
        ProblemKind::Version => ("version", String::new()),
        ProblemKind::TooMany => ("too-many", String::new()),
        ProblemKind::ClassId { id } => ("class-id", id.to_string()),
        ProblemKind::Period { id } => ("period", id.to_string()),
        ProblemKind::Name { id } => ("name", id.to_string()),
        ProblemKind::NoSuchClass { id } => ("no-such-class", id.to_string()),
        ProblemKind::RuleMember => ("rule-member", String::new()),
        ProblemKind::NoLastRule { for_events: false } => ("no-last-request-rule", String::new()),
        ProblemKind::NoLastRule { for_events: true } => ("no-last-event-rule", String::new()),
    };
    let what = words.f(&format!("audit-retention-{key}"), &[("value", value.into())]);
    if problem.line == 0 {
        return what;
    }
    words.f("audit-retention-at", &[("line", problem.line.into()), ("what", what.into())])
}

/// A small file of text.
pub(super) fn read_small(path: &Path) -> io::Result<String> {
    read_text(path, SMALL_BYTES_MAX)
}

/// A file of text, up to a limit.
pub(in crate::commands) fn read_text(path: &Path, bytes_max: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// A file could not be read.
pub(in crate::commands) fn unreadable(path: &Path, error: &io::Error, words: &Words) -> Failure {
    let file = path.display().to_string();
    Failure::new(Code::FileUnreadable, words.f("audit-unreadable", &[("file", file.into())]))
        .cause(error.to_string())
}

/// A folder, and everything above it.
pub(super) fn create_folder(path: &Path, words: &Words) -> Outcome {
    fs::create_dir_all(path).map_err(|error| unwritable(path, &error, words))
}

/// A file could not be written.
pub(super) fn unwritable(path: &Path, error: &io::Error, words: &Words) -> Failure {
    let file = path.display().to_string();
    Failure::new(Code::FileUnwritable, words.f("cli-unwritable", &[("file", file.into())]))
        .cause(error.to_string())
}
