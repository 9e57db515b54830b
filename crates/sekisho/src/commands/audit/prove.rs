//! `audit prove`: a record and its place in the log, for somebody who has neither log nor keys. `audit verify`: the
//! program that checks, which shares no code with this one.

use std::{
    env,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::{Command, exit},
};

use sekisho_audit::{
    journal::{LeafProof, ProofBundle},
    leaf::Leaf,
    proof::Proof,
};
use sekisho_base::Code;
use serde::Serialize;

use super::{failure, place, record_id};
use crate::{
    cli::Place,
    commands::files,
    failure::{Failure, Outcome},
    terminal::Terminal,
};

/// The program that checks.
const VERIFIER: &str = "sekisho-verify";

#[derive(Serialize)]
struct Proved {
    record: String,
    verifier_key: String,
    files: Vec<String>,
}

/// Writes one file for each leaf of a record.
pub(super) fn run(place: &Place, record: &str, out: &Path, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let id = record_id(record, words)?;
    let journal = place::reading(place, terminal)?;
    let tried = || words.f("audit-prove-failed", &[("record", id.to_string().into())]);
    let bundle = journal.prove(id).map_err(|error| failure(&error, tried(), place, words))?;
    let key = bundle.size().map(|size| journal.verifier_keys().of_size(size).clone());
    let key = key.ok_or_else(|| Failure::new(Code::LogDamaged, tried()))?;
    // What is handed out must hold; better we see it than the auditor.
    bundle
        .verify(std::slice::from_ref(&key))
        .map_err(|error| Failure::new(Code::LogDamaged, tried()).chain(&error))?;
    let mut written = Vec::new();
    for (name, proof) in proof_files(&bundle)? {
        let path = out.join(name);
        files::save(&path, proof.as_bytes(), terminal)?;
        written.push(path.display().to_string());
    }
    if terminal.json {
        let proved = Proved { record: id.to_string(), verifier_key: key.to_string(), files: written };
        return terminal.print_json(&proved);
    }
    for file in &written {
        terminal.print_line(file)?;
    }
    let first = written.first().cloned().unwrap_or_default();
    terminal.say(&words.f("audit-prove-next", &[("file", first.into()), ("key", key.to_string().into())]));
    Ok(())
}

/// One file for each leaf of a record, named by record and entry, and what stands in it.
pub(super) fn proof_files(bundle: &ProofBundle) -> Outcome<Vec<(String, String)>> {
    let proofs =
        bundle.to_proofs().map_err(|error| Failure::new(Code::Internal, "tlog-proof").chain(&error))?;
    let file = |(proof, leaf): (&Proof, &LeafProof)| {
        let kind = Leaf::parse(&leaf.leaf).map_or("leaf", |leaf| leaf.envelope().kind.as_str());
        (format!("{}-{}-{kind}.tlog-proof", bundle.record, leaf.index), proof.to_string())
    };
    Ok(proofs.iter().zip(&bundle.leaves).map(file).collect())
}

/// Starts the verifier; its exit status becomes ours.
pub(super) fn verify(place: &Place, flags: &[String], terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    place::name(place, words)?;
    let mut command = Command::new(verifier());
    command.arg("log").arg(place.dir.join("log")).arg("--keys").arg(place.dir.join("keys"));
    command.args(["--lang", words.lang.code()]);
    if terminal.json {
        command.arg("--json");
    }
    let status = command.args(flags).status().map_err(|error| {
        let failure = Failure::new(Code::FileUnreadable, words.t("audit-verifier-failed"));
        if error.kind() == io::ErrorKind::NotFound {
            failure.cause(words.t("audit-verifier-missing")).hint(words.t("audit-hint-verifier"))
        } else {
            failure.cause(error.to_string())
        }
    })?;
    match status.code() {
        Some(0) => Ok(()),
        // It has said what it found, in its own words; there is nothing to add.
        #[expect(clippy::exit, reason = "the answer is that of the other program")]
        Some(code) => exit(code),
        None => Err(Failure::new(Code::Internal, words.t("audit-verifier-failed")).cause(status.to_string())),
    }
}

/// The verifier beside this program, as it was delivered with it; else the one that the shell would find.
fn verifier() -> PathBuf {
    let name = OsString::from(format!("{VERIFIER}{}", env::consts::EXE_SUFFIX));
    let beside = env::current_exe().ok().and_then(|own| Some(own.parent()?.join(&name)));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| name.into())
}
