//! `audit witness answer`: a witness without a network. A request comes as a file, the cosigned checkpoint goes as one.

use std::path::Path;

use sekisho_audit::witness::{Refusal, Request};
use sekisho_base::Code;
use serde::Serialize;

use super::{
    super::place::{self, now_ms},
    open,
};
use crate::{
    cli::WitnessPlace,
    commands::files,
    failure::{Failure, Outcome},
    terminal::Terminal,
};

#[derive(Serialize)]
struct Answered {
    origin: String,
    size: u64,
    verifier_key: String,
}

/// Answers one request.
pub(in super::super) fn run(
    witness: &WitnessPlace,
    request: &Path,
    out: &Path,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let body = place::read_small(request).map_err(|error| place::unreadable(request, &error, words))?;
    let station = open(witness, words)?;
    let given = station.witness.add_checkpoint(body.as_bytes(), now_ms() / 1000, &station.memory);
    let cosignatures = given.map_err(|refusal| {
        let is_evidence = matches!(refusal, Refusal::Fork { .. } | Refusal::NotConsistent(_));
        let code = if is_evidence { Code::LogDamaged } else { Code::WitnessUnavailable };
        let failure = Failure::new(code, words.t("audit-witness-refuses")).chain(&refusal);
        match &refusal {
            Refusal::Conflict { latest } => {
                failure.hint(words.f("audit-hint-since", &[("size", latest.to_string().into())]))
            }
            _ if is_evidence => match station.memory.keep(body.as_bytes()) {
                Ok(Some(path)) => {
                    let file = witness.dir.join(path).display().to_string();
                    failure.hint(words.f("audit-hint-evidence", &[("file", file.into())]))
                }
                _ => failure,
            },
            _ => failure,
        }
    })?;
    let asked = Request::parse(body.as_bytes())
        .map_err(|error| Failure::new(Code::Internal, words.t("audit-witness-refuses")).chain(&error))?;
    let mut note = asked.note().clone();
    cosignatures.0.into_iter().for_each(|line| note.add(line));
    files::save(out, note.to_string().as_bytes(), terminal)?;
    let verifier_key = station.verifier_keys();
    let (origin, size) = (asked.checkpoint().origin().to_owned(), asked.checkpoint().size());
    if terminal.json {
        return terminal.print_json(&Answered { origin, size, verifier_key });
    }
    terminal.print_line(&verifier_key)?;
    let args = [("origin", super::printable(&origin).into()), ("size", size.to_string().into())];
    terminal.say(&words.f("audit-witness-answered", &args));
    Ok(())
}
