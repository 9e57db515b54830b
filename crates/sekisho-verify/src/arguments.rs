//! The few flags, read by hand: a verifier should be small enough to be read whole.

use std::path::{Path, PathBuf};

use crate::{
    files::{self, TEXT_BYTES_MAX},
    finding::Finding,
    note::{Checkpoint, Note, VerifierKey},
    walk::{Question, Trusted},
    words::Lang,
};

pub(crate) enum Task {
    Help,
    Log(Box<Question>),
    Proof(PathBuf),
}

pub(crate) struct Arguments {
    pub(crate) task: Task,
    pub(crate) json: bool,
    /// `--key`, as many as given: a proof may come from any of them.
    pub(crate) log_keys: Vec<VerifierKey>,
    pub(crate) witnesses: Vec<VerifierKey>,
    /// `--keys`: the folder of record keys.
    pub(crate) keys: Option<PathBuf>,
}

/// The language is known even when the rest is wrong.
pub(crate) fn parse(all: &[String], environment: &str) -> (Lang, Result<Arguments, Finding>) {
    let flag = all.iter().position(|word| word == "--lang").and_then(|at| all.get(at + 1));
    (Lang::parse(flag.map_or(environment, String::as_str)), read(all))
}

fn read(all: &[String]) -> Result<Arguments, Finding> {
    let mut places = Vec::new();
    let (mut json, mut every_signature, mut keys) = (false, false, None);
    let (mut log_keys, mut witnesses, mut trusted) = (Vec::new(), Vec::new(), Vec::new());
    let mut words = all.iter();
    while let Some(word) = words.next() {
        let mut value =
            || words.next().cloned().ok_or_else(|| Finding::new("flag-without-value").with("flag", word));
        match word.as_str() {
            "-h" | "--help" => places = vec!["help".to_owned()],
            "--json" => json = true,
            "--every-signature" => every_signature = true,
            "--lang" => drop(value()?),
            "--key" => log_keys.push(key(&value()?)?),
            "--witness" => witnesses.push(key(&value()?)?),
            "--keys" => keys = Some(PathBuf::from(value()?)),
            "--trust" => trusted.push(trust(&value()?)?),
            flag if flag.starts_with('-') => return Err(Finding::new("flag-unknown").with("flag", flag)),
            place => places.push(place.to_owned()),
        }
    }
    if log_keys.iter().any(VerifierKey::is_witness) || witnesses.iter().any(|key| !key.is_witness()) {
        return Err(Finding::new("key-kinds"));
    }
    let task = match places.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["help", ..] => Task::Help,
        ["log", folder] => Task::Log(Box::new(Question {
            log: PathBuf::from(folder),
            key: log_keys.first().cloned(),
            trusted,
            witnesses: witnesses.clone(),
            every_signature,
        })),
        ["proof", file] if !log_keys.is_empty() => Task::Proof(PathBuf::from(file)),
        ["proof", _] => return Err(Finding::new("proof-needs-key")),
        _ => return Err(Finding::new("usage")),
    };
    Ok(Arguments { task, json, log_keys, witnesses, keys })
}

/// A key given as its text, or as a file that holds it.
fn key(text: &str) -> Result<VerifierKey, Finding> {
    let from_file = || {
        let file = String::from_utf8(files::read(Path::new(text), TEXT_BYTES_MAX).ok()?).ok()?;
        file.lines().find_map(VerifierKey::parse)
    };
    VerifierKey::parse(text).or_else(from_file).ok_or_else(|| Finding::new("key-invalid").with("key", text))
}

fn trust(path: &str) -> Result<Trusted, Finding> {
    let wrong = |cause: String| Finding::new("trust-invalid").with("path", path).with("cause", cause);
    let bytes = files::read(Path::new(path), TEXT_BYTES_MAX).map_err(|error| wrong(error.to_string()))?;
    // What was printed on paper and typed in again may have lost its signatures: the three lines are enough.
    let text = Note::parse(&bytes).map(|note| note.text.to_owned());
    let text = text.or_else(|| Some(format!("{}\n", String::from_utf8(bytes.clone()).ok()?.trim_end())));
    let checkpoint = text.as_deref().and_then(Checkpoint::parse);
    let checkpoint = checkpoint.ok_or_else(|| wrong("checkpoint".to_owned()))?;
    Ok(Trusted { source: path.to_owned(), checkpoint })
}
