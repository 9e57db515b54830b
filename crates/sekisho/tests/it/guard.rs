//! `sekisho guard` through the real binary: the machine contract, the verdict, the set.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use crate::run::{Answer, json, sekisho};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sample/guard/page.txt");
const REPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/pii/report.jsonl");

fn piped(arguments: &[&str], input: &str) -> Answer {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sekisho"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Answer {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn the_machine_contract_counts_code_points_and_goes_on_after_a_bad_line() {
    let lines = "{\"id\":7,\"text\":\"𠮷野家の電話は０９０－００００－１２３４です\"}\nnot json\n\n{\"id\":\"b\",\"text\":\"本日は晴天なり\"}\n";
    let answer = piped(&["--lang", "en", "guard", "scan", "--jsonl"], lines);
    assert_eq!(answer.status, 1, "{}", answer.stderr);
    assert!(answer.stderr.contains("line 2"), "{}", answer.stderr);
    let told: Vec<serde_json::Value> =
        answer.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["id"], 7);
    let phone = told[0]["spans"].as_array().unwrap().iter().find(|span| span["type"] == "PHONE").unwrap();
    // 𠮷 is one code point and two UTF-16 units.
    assert_eq!((&phone["start"], &phone["end"]), (&7.into(), &20.into()));
    assert_eq!(phone["text"], "０９０－００００－１２３４");
    assert_eq!(told[1], serde_json::json!({ "id": "b", "spans": [] }));
}

#[test]
fn a_page_is_masked_alike_at_once_and_while_it_flows() {
    let at = |more: &[&str]| json(&[&["guard", "test", PAGE, "--label", "2"], more].concat());
    let whole = at(&[]);
    assert_eq!(whole["action"], "mask");
    let text = whole["text"].as_str().unwrap();
    for gone in ["遠野", "１２３４－５６７８", "090-0000-5678", "masumi.tono@example.jp"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    for kept in ["PT-2026-0413", "4021-8837-1120", "第12条第2項", "令和8年4月1日"] {
        assert!(text.contains(kept), "{kept} not in {text}");
    }
    for chunk in ["1", "3", "64"] {
        assert_eq!(at(&["--chunk", chunk]), whole, "{chunk}");
    }
}

#[test]
fn a_key_in_an_answer_is_refused_with_the_rule_that_did_it() {
    let answer = piped(
        &["guard", "test", "-", "--direction", "output", "--label", "2"],
        "鍵は AKIAIOSFODNN7EXAMPLQ です",
    );
    assert_eq!(answer.status, 1);
    assert!(
        answer.stderr.contains("SK0205") && answer.stderr.contains("secret-refuse-in-answer"),
        "{}",
        answer.stderr
    );
    assert!(!answer.stdout.contains("AKIA"), "{}", answer.stdout);
}

#[test]
fn files_of_rules_and_topics_are_tried_and_every_problem_is_told() {
    let topics = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sample/guard/topics.toml");
    let clean = sekisho(&["--lang", "en", "guard", "check", "--topics", topics, "--scheme", "seifu"]);
    assert_eq!(clean.status, 0, "{}", clean.stderr);
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("rules.toml");
    std::fs::write(
        &bad,
        "version = 1\nid = 'x'\ntitle = { ja = '例', en = 'x' }\n[[rule]]\nid = 'a'\naction = 'hide'\n",
    )
    .unwrap();
    let answer = sekisho(&["--lang", "en", "guard", "check", "--policy", bad.to_str().unwrap()]);
    assert_eq!(answer.status, 1);
    assert!(answer.stderr.contains("SK0202") && answer.stderr.contains("line 6"), "{}", answer.stderr);
}

/// What we publish stays true: the floor is below the published figures, and no gain is lost unseen.
#[test]
fn the_report_half_is_scored_by_the_rule() {
    assert!(Path::new(REPORT).is_file());
    let score = json(&["guard", "score", REPORT]);
    let rows = score["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 25);
    let all = &rows[22];
    assert_eq!(all["spans"], 502);
    let (recall, precision) = (all["recall"][0].as_f64().unwrap(), all["precision"][0].as_f64().unwrap());
    assert!(recall >= 0.94 && precision >= 0.96, "{recall} {precision}");
}
