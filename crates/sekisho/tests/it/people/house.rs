//! A folder with a store in it for one test, and transcripts without what differs from run to run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use expect_test::Expect;
use serde_json::Value;

use crate::run::{Answer, sekisho_in};

pub(super) const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sample/gate/people.toml");

/// A folder with a store in it.
pub(super) struct House {
    pub(super) folder: tempfile::TempDir,
}

impl House {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn with_people() -> Self {
        let house = Self::new();
        house.ok(&["user", "import", SAMPLE]);
        house
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Answer {
        let data = self.path("data").display().to_string();
        sekisho_in(self.folder.path(), &[arguments, &["--data", &data]].concat())
    }

    pub(super) fn ok(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.status, 0, "{arguments:?}: {}", answer.stderr);
        answer.stdout
    }

    pub(super) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[&["--json"], arguments].concat())).unwrap()
    }

    /// Both streams and the status, without what differs from run to run.
    pub(super) fn check(&self, arguments: &[&str], expected: &Expect) {
        let Answer { status, stdout, stderr } = self.run(arguments);
        let text = format!("{stdout}--- stderr\n{stderr}--- status {status}\n");
        expected.assert_eq(&steady(&text, self.folder.path()));
    }

    pub(super) fn key_of(&self, user: &str) -> String {
        self.json(&["key", "list", user])[0]["id"].as_str().unwrap().to_owned()
    }
}

/// Folders, times and keys as words of the same width; the line ends of CSV as ours.
fn steady(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "DIR").replace("\r\n", "\n");
    let mut shown = String::new();
    for part in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        let word = part.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let is_id = word.len() == 16 && word.chars().all(|c| matches!(c, 'a'..='z' | '2'..='7'));
        let is_key = word.len() == 72 && word.starts_with("sk_");
        let stand_in = match (is_id, is_key) {
            (true, _) => "k".repeat(16),
            (_, true) => format!("sk_{}_{}", "k".repeat(16), "s".repeat(52)),
            _ => word.to_owned(),
        };
        shown += &stand_in;
        shown += &part[word.len()..];
    }
    // 2026-11-24 21:06:50, whatever the digits.
    let mut steady = String::new();
    let mut rest = shown.as_str();
    while let Some(at) = rest.find(" 20").map(|at| at + 1).filter(|at| rest.len() >= at + 19) {
        let form: String =
            rest[at..].chars().take(19).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let (before, after) = rest.split_at(at);
        steady += before;
        if form == "0000-00-00 00:00:00" {
            steady += "YYYY-MM-DD hh:mm:ss";
            rest = &after[19..];
        } else {
            steady += &after[..2];
            rest = &after[2..];
        }
    }
    steady + rest
}
