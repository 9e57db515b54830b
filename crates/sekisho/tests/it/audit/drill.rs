//! What is left on the disk after a failure of any operation, in the eyes of the verifier: the drill runs on a disk in
//! memory, its disk is written to a real folder, and `sekisho-verify` reads it.

use std::{fs, path::Path, sync::Arc};

use sekisho_audit::{
    entropy::OsEntropy,
    journal::{Authority, Journal, Limits, Parts},
    keys::Refill,
    log::drill::Drill,
    record::{Close, Event, Open, Outcome},
    retention::Retention,
    vfs::{Fault, Memory},
};

use super::desk::Desk;

const FAULTS: [Fault; 5] =
    [Fault::CrashBefore, Fault::CrashTorn, Fault::CrashAfter, Fault::Error, Fault::NoSpace { more: 2 }];
const BY: Authority<'static> = Authority { by: "記録管理者", ground: "訓練" };

/// Writes a disk to a folder, and says what the verifier finds.
fn verify(desk: &Desk, fs: &Memory, told: &str) {
    let folder = desk.path("disk");
    let _ = fs::remove_dir_all(&folder);
    for (path, bytes) in fs.files() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let origin = fs::read_to_string(folder.join("log/origin")).unwrap();
    let key = origin.lines().nth(1).unwrap();
    let mut arguments = vec!["log", "disk/log", "--key", key, "--every-signature", "--json"];
    if folder.join("keys").exists() {
        arguments.extend(["--keys", "disk/keys"]);
    }
    let answer = desk.verify(&arguments);
    assert_eq!(answer.status, 0, "{told}: {}", answer.stdout);
    let report: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert!(report["entries"].as_u64().unwrap() > 0, "{told}");
}

/// The log alone: every fifth operation fails, each in one of the ways.
#[test]
fn after_any_failure_of_the_log_the_verifier_agrees() {
    let desk = Desk::new();
    let drill = Drill::new(41, 400).unwrap();
    let mut verified = 0;
    for (at, operation) in (1..=drill.operations()).step_by(5).enumerate() {
        let fault = FAULTS[at % FAULTS.len()];
        let disk = drill.aftermath(operation, fault).unwrap();
        verify(&desk, &disk, &format!("operation {operation}, {fault:?}"));
        verified += 1;
    }
    assert!(verified >= 60, "{verified}");
}

/// A journal with requests, holds, erasures and a change of the signing key; the verifier has the keys, too.
#[test]
fn after_any_failure_of_the_journal_the_verifier_agrees() {
    let desk = Desk::new();
    let whole = Memory::new(1);
    work(&whole).unwrap();
    let operations = whole.operations();
    assert!(operations > 80, "{operations}");
    let mut verified = 0;
    for (at, operation) in (1..=operations).step_by(3).enumerate() {
        let fault = FAULTS[at % FAULTS.len()];
        let mut fs = Memory::new(operation);
        fs.fail_at(operation, fault);
        let outcome = work(&fs).map_err(|error| error.to_string());
        let told = format!("operation {operation}, {fault:?}, {outcome:?}, {:?}", fs.failed());
        if fs.failed().is_empty() {
            // The threads of the log were done with fewer operations this time.
            continue;
        }
        fs = fs.restart();
        let (journal, _) = Journal::start(parts(&fs)).unwrap_or_else(|error| panic!("{told}: {error:?}"));
        request(&journal, 9).unwrap();
        drop(journal);
        verify(&desk, &fs, &told);
        verified += 1;
    }
    assert!(verified >= 40, "{verified}");
}

fn parts(fs: &Memory) -> Parts<Memory> {
    Parts {
        fs: fs.clone(),
        private_fs: fs.clone(),
        origin: "audit.example.lg.jp".to_owned(),
        retention: Retention::built_in(),
        clock: Arc::new(|| 1_780_239_600_000),
        entropy: Arc::new(OsEntropy),
        limits: Limits { refill: Refill::Inline, ..Limits::default() },
        cosign: None,
    }
}

type Error = sekisho_audit::journal::Error;

fn request(journal: &Journal, number: u64) -> Result<sekisho_audit::leaf::RecordId, Error> {
    let open = Open { principal: format!("職員{number}"), input: Some("問い".into()), ..Open::default() };
    let record = journal.open_record(&open, None)?.wait()?.record;
    journal.close_record(record, &Close::new(Outcome::Answered))?.wait()?;
    Ok(record)
}

fn work(fs: &Memory) -> Result<(), Error> {
    let (journal, _) = Journal::start(parts(fs))?;
    let records = (0..6).map(|number| request(&journal, number)).collect::<Result<Vec<_>, _>>()?;
    journal.hold(&records[..2], &BY)?;
    // Refused, which is recorded.
    let _ = journal.erase(&records[..1], &BY);
    journal.erase(&records[2..4], &BY)?;
    journal.change_key(&BY)?;
    let event =
        Event { principal: "職員".to_owned(), event: "policy.loaded".to_owned(), ..Event::default() };
    journal.event(&event, Some(5))?.wait()?;
    journal.erase_class(5, &BY)?;
    journal.open_record(&Open { principal: "職員".to_owned(), ..Open::default() }, None)?.wait()?;
    Ok(())
}
