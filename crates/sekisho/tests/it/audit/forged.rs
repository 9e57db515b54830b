//! An administrator who has the true signing key: what the verifier alone believes, what paper and witness find, and what
//! no signature makes good.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use sekisho_audit::{
    entropy::OsEntropy,
    leaf::{Kind, Leaf, Sealed, Slot},
    note::SigningKey,
    seal::{RecordKey, open, seal},
};

use super::{
    desk::{Desk, ORIGIN},
    forge::{clear, entries, python_finds, sealed, signing_key, write},
    witness::{Running, ask},
};

/// The key of a leaf, out of `keys/`, as docs/audit-format.md says.
fn record_key(folder: &Path, slot: Slot) -> RecordKey {
    let class = fs::read_to_string(folder.join(format!("keys/class/{}.key", slot.class))).unwrap();
    let class: [u8; 32] = STANDARD.decode(class.trim_end()).unwrap().try_into().unwrap();
    let block = format!("keys/slot/{}/{:012}.slots", slot.class, slot.number / 4096);
    let at = (slot.number % 4096) as usize * 48;
    let wrapped = &fs::read(folder.join(block)).unwrap()[at..at + 48];
    let aad = [b"sekisho-audit/1 slot", ORIGIN.as_bytes(), &[0, slot.class]].concat();
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&slot.number.to_be_bytes());
    let key =
        ChaCha20Poly1305::new(&class.into()).decrypt(&nonce.into(), Payload { msg: wrapped, aad: &aad });
    RecordKey::new(key.unwrap().try_into().unwrap())
}

/// The same leaf, saying something else.
fn resealed(folder: &Path, leaf: &Sealed<'_>, from: &str, to: &str) -> Option<Vec<u8>> {
    let opened = open(leaf, &record_key(folder, leaf.slot)).unwrap();
    let content = String::from_utf8(opened.content.to_vec()).unwrap();
    let changed = content.replace(from, to);
    let key = record_key(folder, leaf.slot);
    (changed != content)
        .then(|| seal(&leaf.envelope, leaf.slot, key, &OsEntropy, changed.as_bytes()).unwrap())
}

/// Changes one record and signs everything again with the true key: every leaf opens, every root is signed. Nothing that
/// lies on this machine can tell; the paper and the witness can.
#[test]
fn one_record_changed_and_all_signed_again_is_found_by_paper_and_witness_only() {
    let desk = Desk::with_log();
    desk.write("paper.txt", &desk.ok(&["audit", "checkpoint", "log"]));
    let witness = Running::start(&desk);
    assert!(ask(&desk, "log", &witness).contains("--- status 0"));
    let record = desk.record_of("shokuin-0733");

    let folder = desk.path("log");
    let (mut leaves, commits) = entries(&folder);
    let mut changed = 0;
    for leaf in &mut leaves {
        let Leaf::Sealed(of) = Leaf::parse(leaf).unwrap() else { continue };
        if let Some(new) = resealed(&folder, &of, "shokuin-0733", "shokuin-9999") {
            (*leaf, changed) = (new, changed + 1);
        }
    }
    assert_eq!(changed, 2, "the open and the close of one request");
    let key = signing_key(&folder);
    write(&folder, &leaves, &commits, |_| &key);
    fs::remove_dir_all(folder.join("index")).unwrap();

    assert_eq!(desk.record_of("shokuin-9999"), record, "the program itself believes it");
    let vkey = desk.key();
    let verify = |flags: &[&str]| {
        let all = [&["--json", "audit", "verify", "log", "--key", &vkey], flags].concat();
        let report: serde_json::Value = serde_json::from_str(&desk.run(&all).stdout).unwrap();
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["what"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(verify(&[]), [""; 0], "so does the verifier, with the key and all record keys");
    assert_eq!(verify(&["--trust", "paper.txt"]), ["\"root-differs\""]);
    let answer = ask(&desk, "log", &witness);
    assert!(answer.contains("証人が前に副署した歴史と、このログの歴史が食い違います"), "{answer}");
    if let Some((finds, said)) = python_finds(&folder.join("log"), &vkey) {
        assert!(!finds, "{said}");
    }
}

/// What the verifier finds in a log of such leaves, and whether the program in `docs/` finds something, too.
fn found(leaves: &[Vec<u8>], commits: &[u64], key_at: &dyn Fn(u64) -> u8) -> Vec<String> {
    let desk = Desk::new();
    let folder = desk.path("log");
    fs::create_dir_all(folder.join("log/segment")).unwrap();
    let keys: Vec<SigningKey> = (0..3).map(key).collect();
    let vkey = keys[0].verifier_key().to_string();
    fs::write(folder.join("log/origin"), format!("{ORIGIN}\n{vkey}\n")).unwrap();
    write(&folder, leaves, commits, |size| &keys[usize::from(key_at(size))]);
    let answer = desk.verify(&["log", "log/log", "--key", &vkey, "--json"]);
    let report: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let names: Vec<String> =
        findings.iter().map(|finding| finding["what"].as_str().unwrap().to_owned()).collect();
    if let Some((finds, said)) = python_finds(&folder.join("log"), &vkey) {
        assert_eq!(finds, !names.is_empty(), "{names:?} against {said}");
    }
    names
}

fn key(which: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[which + 1; 32]).unwrap()
}

fn record(which: u8) -> String {
    format!("record {}", format!("{which:02x}").repeat(16))
}

/// Entries that no program of ours would write, signed with the true key.
#[test]
fn what_entries_say_of_one_another_is_checked() {
    let event = |which: u8| sealed(Kind::Event, which, u64::from(which));
    let said = |kind: Kind, lines: &[&str]| {
        clear(kind, &key(0), &lines.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let one = record(1);
    let erase = || said(Kind::Erase, &[&one, "leaf 0 3 1"]);
    let hold = || said(Kind::Hold, &[&one]);
    for (leaves, expected) in [
        (vec![event(1), erase()], ""),
        (vec![event(1), hold(), said(Kind::Release, &[&one]), erase()], ""),
        (vec![event(1), hold(), erase()], "erased-while-held"),
        (vec![event(1), erase(), hold()], "held-erased"),
        (vec![event(1), erase(), erase()], "erased-twice"),
        (vec![event(1), said(Kind::Release, &[&one])], "released-unheld"),
        (vec![sealed(Kind::Open, 1, 1), erase()], "erased-open"),
        (vec![sealed(Kind::Open, 1, 1), sealed(Kind::Close, 1, 2), erase()], "erased-in-part"),
        (vec![event(1), erase(), sealed(Kind::Event, 1, 9)], "after-erasure"),
        (vec![event(1), said(Kind::Erase, &[&record(2), "leaf 0 3 1"])], "erased-other"),
        (vec![event(1), said(Kind::Erase, &[&one, "leaf 0 3 2"])], "erased-other"),
        (vec![event(1), said(Kind::Erase, &[&one, "leaf 7 3 1"])], "erased-unwritten"),
        (vec![event(1), said(Kind::Erase, &[&one])], "clear-unreadable"),
        (vec![sealed(Kind::Close, 1, 1)], "closed-unopened"),
        (vec![sealed(Kind::Open, 1, 1), sealed(Kind::Open, 1, 2)], "opened-twice"),
        (vec![sealed(Kind::Part, 1, 1), event(2)], "part-alone"),
        (vec![event(1), sealed(Kind::Event, 2, 1)], "slot-twice"),
        (vec![event(1), erase(), said(Kind::Erase, &["class 3 4096"])], ""),
        (vec![event(1), said(Kind::Erase, &["class 3 4096"])], "class-not-erased"),
        (vec![event(1), erase(), said(Kind::Erase, &["class 3 1"])], "class-not-erased"),
        (vec![event(1), erase(), said(Kind::Erase, &["class 3 4096"]), event(5)], "slot-twice"),
    ] {
        let names = found(&leaves, &[leaves.len() as u64], &|_| 0);
        if expected.is_empty() {
            assert_eq!(names, [""; 0]);
        } else {
            assert!(names.iter().any(|name| name == expected), "{expected}: {names:?}");
        }
    }
}

/// A key counts when the key before it has introduced it, and from the next commit on.
#[test]
fn a_key_that_the_old_one_did_not_introduce_is_refused() {
    let event = |which: u8| sealed(Kind::Event, which, u64::from(which));
    let introduces =
        |by: u8, which: u8| clear(Kind::Key, &key(by), &[format!("vkey {}", key(which).verifier_key())]);
    let leaves = |second: Vec<u8>| vec![event(1), second, event(2)];
    let check = |second: Vec<u8>, commits: &[u64], key_at: &dyn Fn(u64) -> u8| {
        found(&leaves(second), commits, key_at)
    };
    assert_eq!(check(introduces(0, 1), &[1, 2, 3], &|size| u8::from(size > 2)), [""; 0]);
    // Nobody has introduced it.
    assert_eq!(
        check(event(3), &[1, 2, 3], &|size| u8::from(size > 2)),
        ["commit-unsigned", "checkpoint-unsigned"]
    );
    // It introduces itself.
    let names = check(introduces(1, 1), &[1, 2, 3], &|size| u8::from(size > 2));
    assert!(names.contains(&"clear-unsigned".to_owned()), "{names:?}");
    // It signs the commit that introduces it; the old one goes on; a third comes.
    for (from, wrong) in [(1, 1), (9, 1), (2, 2)] {
        let names = check(introduces(0, 1), &[1, 2, 3], &|size| if size > from { wrong } else { 0 });
        assert!(names.contains(&"commit-unsigned".to_owned()), "{from} {wrong}: {names:?}");
    }
    // More stands behind it in its group.
    let names = check(introduces(0, 1), &[1, 3], &|_| 0);
    assert!(names.contains(&"key-not-last".to_owned()), "{names:?}");
}
