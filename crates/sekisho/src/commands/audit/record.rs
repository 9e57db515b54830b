//! `audit record`: records from another program, one JSON object a line, durable before their ids are printed.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use sekisho_audit::{
    journal::{Error, Journal, Receipt, Ticket},
    record::{self, Close, Event, Open, RECORD_BYTES_MAX},
};
use sekisho_base::{Code, Coded};
use serde::{Deserialize, Serialize};

use super::{
    failure,
    place::{self, open},
    printable,
};
use crate::{
    cli::Place,
    commands::lines::{self, Line},
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// Bytes of one line: JSON may write a character of a record in six.
const LINE_BYTES_MAX: u64 = 6 * RECORD_BYTES_MAX as u64;
/// Lines that are recorded together.
const BATCH_LINES_MAX: usize = 512;
/// Bytes of lines that are recorded together, but for the last one.
const BATCH_BYTES_MAX: usize = 8 << 20;
/// Lines that lie in here are ready to be recorded together without waiting for a slow writer.
const BUFFER_BYTES: usize = 1 << 20;

/// One line: a request and how it ended, or an event; and the retention class, where the rules are not to choose it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    open: Option<Open>,
    close: Option<Close>,
    event: Option<Event>,
    class: Option<u8>,
}

enum What {
    Request(Box<(Open, Close)>),
    Event(Box<Event>),
}

struct Asked {
    number: u64,
    what: What,
    class: Option<u8>,
}

#[derive(Serialize)]
struct Recorded {
    line: u64,
    record: String,
    entry: u64,
}

/// Why a line was not recorded.
enum Wrong {
    /// This line.
    Line(String),
    /// The log: nothing more can be recorded.
    Log(Error),
}

/// Reads lines and records them. A bad line is told, and does not stop the rest.
pub(super) fn run(place: &Place, file: &Path, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file).map_err(|error| place::unreadable(file, &error, words))?)
    };
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, input);
    let journal = open(place, terminal)?;
    let (mut number, mut recorded, mut bad) = (0, 0_u64, 0_u64);
    loop {
        let (asked, is_end) = batch(&mut reader, &mut number, &mut bad, file, terminal)?;
        for (line, outcome) in append(&journal, asked, words) {
            match outcome {
                Ok(receipt) => {
                    recorded += 1;
                    tell(line, receipt, terminal)?;
                }
                Err(Wrong::Line(cause)) => {
                    bad += 1;
                    tell_bad(line, cause, terminal);
                }
                Err(Wrong::Log(error)) => {
                    let args = [("line", line.into()), ("count", recorded.into())];
                    return Err(failure(&error, words.f("audit-record-stopped", &args), place, words));
                }
            }
        }
        if is_end {
            break;
        }
    }
    terminal.say(&words.f("audit-recorded", &[("count", recorded.into())]));
    if bad == 0 {
        return Ok(());
    }
    Err(Failure::new(Code::RecordInvalid, words.f("audit-lines-bad", &[("count", bad.into())]))
        .hint(words.t("audit-hint-lines")))
}

fn tell(line: u64, receipt: Receipt, terminal: &mut Terminal<'_>) -> Outcome {
    let (record, entry) = (receipt.record.to_string(), receipt.index);
    if !terminal.json {
        return terminal.print_line(&record);
    }
    let text = serde_json::to_string(&Recorded { line, record, entry });
    let text = text.map_err(|error| Failure::new(Code::Internal, "JSON").cause(error.to_string()))?;
    terminal.print_line(&text)
}

fn tell_bad(line: u64, cause: String, terminal: &Terminal<'_>) {
    let args = [("line", line.into()), ("cause", cause.into())];
    terminal.say(&terminal.words.f("audit-line-bad", &args));
}

/// Lines that are there to be read now, up to the limits of a batch; and whether they were the last.
fn batch(
    reader: &mut BufReader<Box<dyn Read>>,
    number: &mut u64,
    bad: &mut u64,
    file: &Path,
    terminal: &Terminal<'_>,
) -> Outcome<(Vec<Asked>, bool)> {
    let words = terminal.words;
    let (mut batch, mut bytes) = (Vec::new(), 0);
    loop {
        let line = lines::next(reader, LINE_BYTES_MAX);
        let line = line.map_err(|error| place::unreadable(file, &error, words))?;
        let Some(line) = line else { return Ok((batch, true)) };
        *number += 1;
        let parsed = match &line {
            Line::Whole(line) => {
                bytes += line.len();
                parse(line, words)
            }
            Line::TooLong => {
                let mib = (LINE_BYTES_MAX >> 20).to_string();
                Err(words.f("audit-line-too-long", &[("mib", mib.into())]))
            }
        };
        match parsed {
            Ok(None) => {}
            Ok(Some((what, class))) => batch.push(Asked { number: *number, what, class }),
            Err(cause) => {
                *bad += 1;
                tell_bad(*number, cause, terminal);
            }
        }
        let is_next_there = reader.buffer().contains(&b'\n');
        if !is_next_there || batch.len() >= BATCH_LINES_MAX || bytes >= BATCH_BYTES_MAX {
            return Ok((batch, false));
        }
    }
}

/// None for an empty line.
fn parse(line: &[u8], words: &Words) -> Result<Option<(What, Option<u8>)>, String> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let asked: Written = serde_json::from_slice(line).map_err(|error| printable(&error.to_string()))?;
    let what = match (asked.open, asked.close, asked.event) {
        (Some(open), Some(close), None) => What::Request(Box::new((open, close))),
        (None, None, Some(event)) => What::Event(Box::new(event)),
        _ => return Err(words.t("audit-line-form")),
    };
    Ok(Some((what, asked.class)))
}

/// Records a batch: all opens become durable together, then all closes.
fn append(journal: &Journal, batch: Vec<Asked>, words: &Words) -> Vec<(u64, Result<Receipt, Wrong>)> {
    let mut opened = Vec::with_capacity(batch.len());
    for Asked { number, what, class } in batch {
        let ticket = match &what {
            What::Request(request) => journal.open_record(&request.0, class),
            What::Event(event) => journal.event(event, class),
        };
        opened.push((number, what, ticket));
    }
    let mut closed = Vec::with_capacity(opened.len());
    for (number, what, ticket) in opened {
        let ticket = match (what, ticket) {
            (What::Request(request), Ok(ticket)) => close(journal, &ticket, &request.1),
            (_, ticket) => ticket,
        };
        closed.push((number, ticket));
    }
    closed
        .into_iter()
        .map(|(number, ticket)| (number, ticket.and_then(|t| t.wait()).map_err(|error| wrong(error, words))))
        .collect()
}

/// Closes what was opened. A close that is malformed leaves no request open: it ends as one that failed.
fn close(journal: &Journal, opened: &Ticket, close: &Close) -> Result<Ticket, Error> {
    let record = opened.record();
    journal.close_record(record, close).or_else(|error| match error {
        Error::Record(_) => {
            let failed = Close::new(record::Outcome::Failed);
            journal.close_record(record, &failed)?.wait()?;
            Err(error)
        }
        other => Err(other),
    })
}

/// Whether the next line may do better.
fn wrong(error: Error, words: &Words) -> Wrong {
    if error.code() != Code::RecordInvalid {
        return Wrong::Log(error);
    }
    Wrong::Line(match &error {
        Error::Record(cause) => unfit(cause, words),
        Error::NoSuchClass { class } => words.f("audit-record-class", &[("class", (*class).into())]),
        _ => words.t("audit-record-size"),
    })
}

fn unfit(cause: &record::Error, words: &Words) -> String {
    let about = |key: &str, member: &str| words.f(key, &[("member", printable(member).into())]);
    match cause {
        record::Error::Line { member } => about("audit-record-line", member),
        record::Error::TooMany { member, max } => {
            let args = [("member", (*member).into()), ("max", (*max).into())];
            words.f("audit-record-too-many", &args)
        }
        record::Error::TooLarge { bytes } | record::Error::NoRoom { bytes } => {
            words.f("audit-record-too-large", &[("bytes", bytes.to_string().into())])
        }
        record::Error::Taken { member } => about("audit-record-taken", member),
        record::Error::NotFinite { member } => about("audit-record-not-finite", member),
        record::Error::Unreadable => words.t("audit-line-form"),
    }
}
