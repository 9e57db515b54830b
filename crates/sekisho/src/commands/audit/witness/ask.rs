//! `audit witness ask`: the newest checkpoint goes to a witness, its cosignature comes back and stays with the checkpoint.

use std::{path::Path, time::Duration};

use sekisho_audit::{
    checkpoint::Checkpoint,
    log::{Snapshot, add_cosignatures},
    note::{Note, VerifierKey},
    vfs::Disk,
    witness::{REQUEST_BYTES_MAX, Request, merge_answer, parse_conflict},
};
use sekisho_base::Code;
use serde::Serialize;

use super::super::{failure, place, printable, time, verifier_key};
use crate::{
    cli::AskArgs,
    commands::files,
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// From the connection to the last byte of an answer.
const ANSWER_SECONDS_MAX: Duration = Duration::from_secs(20);

#[derive(Serialize)]
struct Cosigned {
    origin: String,
    size: u64,
    witness: String,
    time: String,
    /// Whether the cosignature stands below the published checkpoint now.
    stored: bool,
}

/// What a witness answered over HTTP.
struct Answer {
    status: u16,
    is_size: bool,
    text: String,
}

/// What is asked about: the log as it was published, under its signed checkpoint.
struct Question<'a> {
    args: &'a AskArgs,
    snapshot: Snapshot<Disk>,
    note: Note,
    words: &'a Words,
}

/// Asks a witness, or writes the question, or takes the answer.
pub(in super::super) fn run(args: &AskArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let (_, reader) = place::reader(&args.place, words)?;
    let snapshot = reader.snapshot();
    let note = Note::parse(snapshot.checkpoint())
        .map_err(|error| Failure::new(Code::LogDamaged, words.t("audit-read-failed")).chain(&error))?;
    let question = Question { args, snapshot, note, words };
    if let Some(out) = &args.out {
        let request = question.request(args.since.unwrap_or(0))?;
        files::save(out, request.to_string().as_bytes(), terminal)?;
        terminal.say(&words.t("audit-ask-carry"));
        return Ok(());
    }
    // The command line asks for a key with both of the other ways.
    let key = witness_key(args.key.as_deref().unwrap_or_default(), words)?;
    let lines = match (&args.url, &args.answer) {
        (Some(url), _) => question.over_http(url)?,
        (None, Some(file)) => question.on_file(file)?,
        (None, None) => return Err(Failure::new(Code::Usage, words.t("cli-error-usage"))),
    };
    let mut note = question.note;
    let seconds = merge_answer(&mut note, &lines, std::slice::from_ref(&key)).map_err(|error| {
        Failure::new(Code::ProofInvalid, words.t("audit-ask-bad-answer"))
            .chain(&error)
            .hint(words.t("audit-hint-witness-key"))
    })?;
    store(&note, &key, seconds, args, terminal)
}

/// The key of a witness, as its text or in a file.
fn witness_key(text: &str, words: &Words) -> Outcome<VerifierKey> {
    let key = verifier_key(text, words)?;
    if key.algorithm().is_cosignature() {
        return Ok(key);
    }
    let args = [("key", printable(&key.to_string()).into())];
    Err(Failure::new(Code::Usage, words.f("audit-not-a-witness-key", &args))
        .hint(words.t("audit-hint-witness-key")))
}

impl Question<'_> {
    /// The checkpoint, and the proof that it goes on from a size.
    fn request(&self, since: u64) -> Outcome<Request> {
        let here = self.snapshot.size();
        if since > here {
            return Err(self.rolled_back(since, here));
        }
        let tried = || self.words.t("audit-read-failed");
        let proof = if since == 0 { Ok(Vec::new()) } else { self.snapshot.consistency(since) };
        let proof = proof.map_err(|error| failure(&error.into(), tried(), &self.args.place, self.words))?;
        Request::new(since, proof, self.note.clone())
            .map_err(|error| Failure::new(Code::Internal, tried()).chain(&error))
    }

    /// The witness remembers more than there is.
    fn rolled_back(&self, seen: u64, here: u64) -> Failure {
        let sizes = [("seen", seen.to_string().into()), ("here", here.to_string().into())];
        self.damaged(self.words.f("audit-ask-rolled-back", &sizes), "audit-why-ask-rolled-back")
    }

    fn damaged(&self, tried: String, why: &str) -> Failure {
        let dir = self.args.place.dir.display().to_string();
        Failure::new(Code::LogDamaged, tried)
            .cause(self.words.t(why))
            .hint(self.words.f("audit-hint-ask-damaged", &[("dir", dir.into())]))
    }

    /// Asks from nothing; a witness that has seen the log says from where, and is asked once more from there.
    fn over_http(&self, url: &str) -> Outcome<String> {
        let mut answer = post(url, &self.request(0)?, self.words)?;
        if answer.status == 409 && answer.is_size {
            let seen = parse_conflict(&answer.text).ok_or_else(|| self.refused(url, &answer))?;
            answer = post(url, &self.request(seen)?, self.words)?;
        }
        if answer.status == 200 { Ok(answer.text) } else { Err(self.refused(url, &answer)) }
    }

    /// What a witness means when it gives nothing.
    fn refused(&self, url: &str, answer: &Answer) -> Failure {
        let words = self.words;
        let about = [("url", printable(url).into()), ("status", answer.status.into())];
        let tried = words.f("audit-ask-refused", &about);
        let key = match answer.status {
            403 => "not-signed",
            404 => "unknown-log",
            // Even when asked from where it said it stands.
            409 if answer.is_size => "faster",
            409 | 422 => return self.damaged(tried, "audit-why-ask-other-history"),
            _ => "other",
        };
        let failure =
            Failure::new(Code::WitnessUnavailable, tried).cause(words.t(&format!("audit-why-ask-{key}")));
        let said = printable(answer.text.lines().next().unwrap_or_default());
        let failure = if said.is_empty() { failure } else { failure.cause(said) };
        let hint = format!("audit-hint-ask-{key}");
        let dir = self.args.place.dir.display().to_string();
        if words.has(&hint) { failure.hint(words.f(&hint, &[("dir", dir.into())])) } else { failure }
    }

    /// The lines of a cosigned checkpoint, when it is the one that is published.
    fn on_file(&self, file: &Path) -> Outcome<String> {
        let words = self.words;
        let text = place::read_small(file).map_err(|error| place::unreadable(file, &error, words))?;
        let shown = file.display().to_string();
        let answer = Note::parse(&text).map_err(|error| {
            let tried = words.f("audit-not-a-checkpoint", &[("file", shown.clone().into())]);
            Failure::new(Code::ProofInvalid, tried).chain(&error)
        })?;
        if answer.text() != self.note.text() {
            return Err(Failure::new(Code::ProofInvalid, words.t("audit-ask-grown"))
                .cause(words.t("audit-why-ask-grown"))
                .hint(words.f("audit-hint-ask-grown", &[("file", shown.into())])));
        }
        Ok(answer.signatures().iter().fold(String::new(), |lines, line| lines + &line.to_string() + "\n"))
    }
}

fn post(url: &str, request: &Request, words: &Words) -> Outcome<Answer> {
    let about = || [("url", printable(url).into())];
    if !url.starts_with("http://") {
        return Err(Failure::new(Code::Usage, words.f("audit-ask-not-http", &about()))
            .hint(words.t("audit-hint-http")));
    }
    let failed = |error: ureq::Error| {
        Failure::new(Code::WitnessUnavailable, words.f("audit-ask-unreachable", &about()))
            .cause(error.to_string())
            .hint(words.t("audit-hint-unreachable"))
    };
    // A proxy from the environment, or a redirection, would show the question to somebody who was not named.
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER_SECONDS_MAX))
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .build()
        .into();
    let to = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let sent = agent.post(to).header("content-type", "text/plain; charset=utf-8").send(request.to_string());
    let mut response = sent.map_err(failed)?;
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_size = kind.split(';').next().is_some_and(|kind| kind.trim() == "text/x.tlog.size");
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(REQUEST_BYTES_MAX as u64);
    Ok(Answer { status, is_size, text: body.read_to_string().map_err(failed)? })
}

fn store(
    note: &Note,
    key: &VerifierKey,
    seconds: u64,
    args: &AskArgs,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let stored = add_cosignatures(&Disk::new(&args.place.dir), note)
        .map_err(|error| failure(&error.into(), words.t("audit-ask-not-stored"), &args.place, words))?;
    let checkpoint: Checkpoint =
        note.text().parse().map_err(|_| Failure::new(Code::LogDamaged, words.t("audit-read-failed")))?;
    let time_ms = seconds.saturating_mul(1000);
    let (witness, size) = (printable(key.name()), checkpoint.size());
    if terminal.json {
        let origin = checkpoint.origin().to_owned();
        terminal.print_json(&Cosigned { origin, size, witness, time: time::exact(time_ms), stored })?;
    } else {
        let about = [
            ("witness", witness.into()),
            ("size", size.to_string().into()),
            ("time", time::shown(time_ms).into()),
        ];
        terminal.print_line(&words.f("audit-ask-cosigned", &about))?;
    }
    if !stored {
        terminal.say(&words.t("audit-ask-published-anew"));
    }
    Ok(())
}
