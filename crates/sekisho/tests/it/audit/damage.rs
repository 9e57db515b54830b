//! What a hostile administrator can do to the folder of a log, and what the verifier says of it.

use std::fs;

use super::desk::Desk;

/// Where the only segment of a small log lies.
const SEGMENT: &str = "log/log/segment/00000000000000000000.seg";

/// What the verifier finds, by name, after somebody has done something to the folder.
fn found(flags: &[&str], tamper: impl FnOnce(&Desk)) -> Vec<String> {
    let desk = Desk::with_log();
    let paper = desk.ok(&["audit", "checkpoint", "log"]);
    desk.write("paper.txt", &paper);
    desk.write("key.txt", &format!("{}\n", desk.key()));
    tamper(&desk);
    let answer = desk.run(&[&["--json", "audit", "verify", "log"], flags].concat());
    let report: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let names: Vec<String> =
        findings.iter().map(|finding| finding["what"].as_str().unwrap().to_owned()).collect();
    assert_eq!(answer.status, i32::from(!names.is_empty()), "{}", answer.stdout);
    names
}

#[test]
fn nothing_done_is_nothing_found() {
    assert_eq!(found(&["--key", "key.txt", "--trust", "paper.txt"], |_| {}), [""; 0]);
}

#[test]
fn a_changed_byte_of_a_record_is_found() {
    let names = found(&[], |desk| {
        let mut bytes = fs::read(desk.path(SEGMENT)).unwrap();
        bytes[200] ^= 1;
        fs::write(desk.path(SEGMENT), bytes).unwrap();
    });
    assert!(names.contains(&"frame-broken".to_owned()), "{names:?}");
}

#[test]
fn a_log_cut_short_is_found_by_its_own_checkpoint() {
    let names = found(&[], |desk| {
        let bytes = fs::read(desk.path(SEGMENT)).unwrap();
        fs::write(desk.path(SEGMENT), &bytes[..bytes.len() / 2]).unwrap();
    });
    assert!(names.contains(&"log-shorter".to_owned()), "{names:?}");
}

#[test]
fn a_key_that_went_without_an_erasure_is_found() {
    let names = found(&[], |desk| {
        let slots = desk.path("log/keys/slot/3/000000000000.slots");
        let mut bytes = fs::read(&slots).unwrap();
        bytes[..48].fill(0);
        fs::write(&slots, bytes).unwrap();
    });
    assert!(names.contains(&"key-destroyed-silently".to_owned()), "{names:?}");
}

/// Whoever holds the folder chooses its names, and the auditor reads them on a terminal.
#[test]
fn names_in_the_folder_do_not_speak_to_the_terminal_of_the_auditor() {
    let desk = Desk::with_log();
    let origin = fs::read_to_string(desk.path("log/log/origin")).unwrap();
    desk.write("log/log/origin", &format!("\u{1b}[2J○ {origin}"));
    desk.write("log/log/segment/\u{1b}]0;\u{202e}x\u{7}", "");
    let answer = desk.verify(&["log", "log/log"]);
    assert_eq!(answer.status, 1);
    let is_trick = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
    assert!(!answer.stdout.contains(is_trick) && !answer.stderr.contains(is_trick), "{}", answer.stdout);
    assert!(
        answer.stdout.contains("<U+001B>[2J○ ") && answer.stdout.contains("<U+001B>]0;<U+202E>x<U+0007>")
    );
}

/// Whatever is longer than files of its kind is not read to its end.
#[test]
fn files_without_end_are_no_files_of_a_log() {
    let long = |desk: &Desk, path: &str| {
        fs::File::options().write(true).open(desk.path(path)).unwrap().set_len(1 << 40).unwrap();
    };
    let names = found(&["--key", "key.txt"], |desk| long(desk, "log/log/checkpoint"));
    assert_eq!(names, ["checkpoint-unreadable"]);
    let names = found(&["--key", "key.txt"], |desk| long(desk, "log/keys/slot/3/000000000000.slots"));
    assert!(names.iter().all(|name| name == "key-unreadable") && !names.is_empty(), "{names:?}");
    let names = found(&["--key", "key.txt"], |desk| long(desk, SEGMENT));
    assert_eq!(names, ["frame-broken"]);
}

/// A new log under the same name, with keys of its own: whole in itself.
#[test]
fn another_log_with_other_keys_needs_the_key_or_the_paper() {
    let another = |desk: &Desk| {
        fs::remove_dir_all(desk.path("log")).unwrap();
        desk.ok(&["audit", "init", "log", "--origin", super::desk::ORIGIN]);
        desk.run_with(&["audit", "record", "log"], super::desk::RECORDS);
        desk.run_with(&["audit", "record", "log"], super::desk::RECORDS);
    };
    assert_eq!(found(&[], another), [""; 0], "alone, nobody sees it");
    let by_key = found(&["--key", "key.txt"], another);
    assert!(by_key.contains(&"commit-unsigned".to_owned()), "{by_key:?}");
    let by_paper = found(&["--trust", "paper.txt"], another);
    assert!(by_paper.contains(&"root-differs".to_owned()), "{by_paper:?}");
}

/// The writer does not go on upon a damaged log, and says where to look.
#[test]
fn the_writer_refuses_what_was_changed() {
    let desk = Desk::with_log();
    let mut bytes = fs::read(desk.path(SEGMENT)).unwrap();
    bytes[200] ^= 1;
    fs::write(desk.path(SEGMENT), bytes).unwrap();
    let answer = desk.run(&["audit", "search", "log"]);
    assert_eq!(answer.status, 1);
    assert!(answer.stderr.starts_with("error[SK0401]"), "{}", answer.stderr);
    assert!(answer.stderr.contains("sekisho audit verify log"), "{}", answer.stderr);
}
