//! `audit init` and `audit status`.

use std::{fs, io, path::Path};

use sekisho_audit::{
    checkpoint::{Checkpoint, ORIGIN_BYTES_MAX},
    cosignature,
    note::Note,
    retention::{RETENTION_BYTES_MAX, Retention},
};
use sekisho_base::{ByteCount, Code};
use serde::Serialize;

use super::{
    place::{self, RETENTION},
    time,
    view::line,
};
use crate::{
    cli::{InitArgs, Place},
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

#[derive(Serialize)]
struct Made<'a> {
    origin: &'a str,
    verifier_key: String,
}

/// Makes a new log.
pub(super) fn init(args: &InitArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let dir = &args.place.dir;
    let shown = dir.display().to_string();
    check_origin(&args.origin, words)?;
    if dir.join("log").exists() || dir.join("keys").exists() {
        return Err(Failure::new(
            Code::FileUnwritable,
            words.f("audit-exists", &[("dir", shown.clone().into())]),
        )
        .hint(words.f("audit-hint-exists", &[("dir", shown.into())])));
    }
    let (source, text) = match &args.retention {
        None => (Path::new(RETENTION), Retention::built_in_text().to_owned()),
        Some(file) => {
            let text = place::read_text(file, RETENTION_BYTES_MAX as u64);
            (file.as_path(), text.map_err(|error| place::unreadable(file, &error, words))?)
        }
    };
    let retention = place::parse_retention(source, &text, words)?;
    place::create_folder(dir, words)?;
    let file = dir.join(RETENTION);
    // A file that the organisation has put there already is kept, if it is the one asked for.
    match place::read_text(&file, RETENTION_BYTES_MAX as u64) {
        Ok(there) if there != text && args.retention.is_some() => {
            let file = file.display().to_string();
            return Err(Failure::new(
                Code::FileUnwritable,
                words.f("audit-retention-there", &[("file", file.into())]),
            ));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::write(&file, &text).map_err(|error| place::unwritable(&file, &error, words))?;
        }
        Err(error) => return Err(place::unreadable(&file, &error, words)),
    }
    let retention =
        if args.retention.is_none() { place::retention(&args.place, terminal)? } else { retention };
    drop(place::start(&args.place, &args.origin, retention, words)?);
    let made = place::name(&args.place, words)?;
    let key = made.key.to_string();
    if terminal.json {
        return terminal.print_json(&Made { origin: &made.origin, verifier_key: key });
    }
    terminal.print_line(&key)?;
    terminal.say(&words.f("audit-made", &[("dir", shown.into()), ("origin", made.origin.into())]));
    Ok(())
}

/// The name of a log is the name of its key too, which may hold neither spaces nor plus signs.
fn check_origin(origin: &str, words: &Words) -> Outcome {
    let is_name = !origin.is_empty()
        && origin.len() <= ORIGIN_BYTES_MAX
        && !origin.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+');
    if is_name {
        return Ok(());
    }
    let shown = super::printable(origin);
    Err(Failure::new(Code::Usage, words.f("audit-origin-bad", &[("origin", shown.into())]))
        .hint(words.t("audit-hint-origin")))
}

/// How a log stands.
#[derive(Serialize)]
struct Stands {
    origin: String,
    verifier_key: String,
    entries: u64,
    root: String,
    published_entries: u64,
    witnesses: Vec<Cosigned>,
    open_records: usize,
    held_records: usize,
    log_bytes: u64,
    index_bytes: u64,
}

/// A line of a witness below the published checkpoint, as it stands there: `audit verify --witness` checks it.
#[derive(Serialize)]
struct Cosigned {
    name: String,
    time: String,
}

/// Says how a log stands, also while another process writes to it.
pub(super) fn status(place: &Place, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let stands = stands(place, terminal)?;
    if terminal.json {
        return terminal.print_json(&stands);
    }
    let bytes = |bytes: u64| ByteCount(bytes).to_string();
    let mut lines = vec![
        ("origin", stands.origin),
        ("key", stands.verifier_key),
        ("entries", stands.entries.to_string()),
        ("root", stands.root),
        ("published", stands.published_entries.to_string()),
    ];
    lines.push(("open", stands.open_records.to_string()));
    lines.push(("held", stands.held_records.to_string()));
    lines.push(("log-bytes", bytes(stands.log_bytes)));
    lines.push(("index-bytes", bytes(stands.index_bytes)));
    for witness in &stands.witnesses {
        let args = [("name", witness.name.clone().into()), ("time", witness.time.clone().into())];
        lines.push(("witness", words.f("audit-status-cosigned", &args)));
    }
    let mut text = String::new();
    for (key, value) in lines {
        let label = words.t(&format!("audit-status-{key}"));
        text += &line(&label, &value);
    }
    terminal.print(&text)?;
    if stands.witnesses.is_empty() {
        let dir = place.dir.display().to_string();
        terminal.say(&words.f("audit-status-no-witness", &[("dir", dir.into())]));
    }
    Ok(())
}

fn stands(place: &Place, terminal: &Terminal<'_>) -> Outcome<Stands> {
    let words = terminal.words;
    let status = place::reading(place, terminal)?
        .status()
        .map_err(|error| super::failure(&error, words.t("audit-read-failed"), place, words))?;
    let (_, reader) = place::reader(place, words)?;
    let published = reader.snapshot();
    Ok(Stands {
        origin: status.origin,
        verifier_key: status.verifier_key,
        entries: status.entries,
        root: status.root,
        published_entries: published.size(),
        witnesses: cosigned(published.checkpoint()),
        open_records: status.open_records,
        held_records: status.held_records,
        log_bytes: status.log_bytes,
        index_bytes: status.index_bytes,
    })
}

/// Who else has signed a checkpoint of the log, by the names in it.
fn cosigned(note: &str) -> Vec<Cosigned> {
    let Ok(note) = Note::parse(note) else { return Vec::new() };
    let Ok(checkpoint) = note.text().parse::<Checkpoint>() else { return Vec::new() };
    let others = note.signatures().iter().filter(|line| line.name() != checkpoint.origin());
    others
        .filter_map(|line| {
            let seconds = cosignature::unix_seconds(line)?;
            Some(Cosigned {
                name: super::printable(line.name()),
                time: time::shown(seconds.saturating_mul(1000)),
            })
        })
        .collect()
}
