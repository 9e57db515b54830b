//! A desk for one test: a folder, the programs, and transcripts without what differs from run to run.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use expect_test::Expect;

use crate::run::Answer;

/// The name of the log of the tests.
pub(super) const ORIGIN: &str = "audit.sekino.example/2026";

/// Three requests and an event of 関野市, which is fictional.
pub(super) const RECORDS: &str = r#"
{"open":{"principal":"shokuin-0412","tenant":"総務課","purpose":"議事録の要約","scheme":"jichitai-2024","label":"2","model":"llm-jp-4-8b","upstream":"chonai","verdict":"pass","input":"架空の会議の議事録を三行に要約してください。"},"close":{"outcome":"answered","label":"2","verdict":"pass","output":"一、予算。二、人事。三、その他。","prompt_tokens":120,"completion_tokens":34,"latency_ms":820}}
{"open":{"principal":"shokuin-0733","tenant":"福祉課","purpose":"通知文の下書き","scheme":"jichitai-2024","label":"3A","model":"llm-jp-4-8b","verdict":"mask","rules":["pii-mask"],"input":"関野花子さん（架空）への通知文"},"close":{"outcome":"answered","label":"3A","verdict":"pass","output":"〔氏名1〕様"}}
{"open":{"principal":"gaibu-key-1","label":"3B","verdict":"refuse","rules":["label-ceiling"]},"close":{"outcome":"refused","code":"SK0203"}}
{"event":{"principal":"joho-admin","event":"policy.loaded","detail":{"file":"policy.toml"}}}
"#;

pub(super) struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With a log that holds [`RECORDS`].
    pub(super) fn with_log() -> Self {
        let desk = Self::new();
        desk.ok(&["audit", "init", "log", "--origin", ORIGIN]);
        desk.write("records.jsonl", RECORDS);
        desk.ok(&["audit", "record", "log", "records.jsonl"]);
        desk
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// `sekisho` as a person would call it here.
    pub(super) fn run(&self, arguments: &[&str]) -> Answer {
        self.run_with(arguments, "")
    }

    /// The same, with something on the standard input.
    pub(super) fn run_with(&self, arguments: &[&str], input: &str) -> Answer {
        call(self.command(arguments), input)
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        // Somebody built the verifier beside it before.
        verifier();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command
    }

    /// What a call that must succeed prints.
    pub(super) fn ok(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.status, 0, "{arguments:?}: {}", answer.stderr);
        answer.stdout
    }

    pub(super) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ok(&[&["--json"], arguments].concat())).unwrap()
    }

    /// The verifier, as an auditor calls it.
    pub(super) fn verify(&self, arguments: &[&str]) -> Answer {
        let mut command = Command::new(verifier());
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        call(command, "")
    }

    /// The one record that somebody asked for.
    pub(super) fn record_of(&self, principal: &str) -> String {
        let ids = self.ok(&["audit", "search", "log", "--principal", principal, "--ids"]);
        let ids: Vec<&str> = ids.lines().collect();
        assert_eq!(ids.len(), 1, "{principal}: {ids:?}");
        ids[0].to_owned()
    }

    pub(super) fn key(&self) -> String {
        fs::read_to_string(self.path("log/log/origin")).unwrap().lines().nth(1).unwrap().to_owned()
    }

    /// A copy of a whole folder, as a hostile administrator makes it.
    pub(super) fn copy(&self, from: &str, to: &str) {
        copy(&self.path(from), &self.path(to));
    }

    /// Checks both streams and the exit status of a call.
    pub(super) fn check(&self, arguments: &[&str], expected: &Expect) {
        expected.assert_eq(&transcript(&self.run(arguments)));
    }
}

fn call(mut command: Command, input: &str) -> Answer {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that has had enough closes its end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Answer {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// `sekisho-verify` beside our binary: where `audit verify` looks for it. Cargo gives a test only the programs of its
/// own package, so we ask cargo for this one; when it is fresh that takes no time.
fn verifier() -> &'static Path {
    static VERIFIER: OnceLock<PathBuf> = OnceLock::new();
    VERIFIER.get_or_init(|| {
        let own = Path::new(env!("CARGO_BIN_EXE_sekisho"));
        let beside = own.with_file_name("sekisho-verify");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--offline", "--package", "sekisho-verify"]);
        if own.parent().and_then(Path::file_name).is_some_and(|profile| profile == "release") {
            cargo.arg("--release");
        }
        let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
        assert!(status.success() && beside.is_file(), "{}", beside.display());
        beside
    })
}

/// Both streams and the exit status, without what differs from run to run.
pub(super) fn transcript(answer: &Answer) -> String {
    masked(&format!("{}--- stderr\n{}--- status {}\n", answer.stdout, answer.stderr, answer.status))
}

/// Ids, keys, hashes, times and ports are replaced by what they are. Each takes as many columns as before where a table
/// stands on it.
pub(super) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let mut line = line.to_owned();
        replace(&mut line, 32, |c| c.is_ascii_digit() || ('a'..='f').contains(&c), "RECORD");
        replace(&mut line, 44, |c| c.is_ascii_alphanumeric() || "+/=".contains(c), "HASH");
        keys(&mut line);
        times(&mut line);
        ports(&mut line);
        out += &line;
        out.push('\n');
    }
    out
}

/// Runs of exactly `length` such characters.
fn replace(line: &mut String, length: usize, is_part: impl Fn(char) -> bool, name: &str) {
    let mut at = 0;
    while let Some(start) = line[at..].find(&is_part).map(|start| at + start) {
        let end = line[start..].find(|c| !is_part(c)).map_or(line.len(), |end| start + end);
        at = end;
        if end - start == length {
            let shown = format!("{name:.<length$}");
            line.replace_range(start..end, &shown);
        }
    }
}

/// `name+12345678+Base64`.
fn keys(line: &mut String) {
    while let Some(plus) = line.find('+') {
        let Some(rest) = line.get(plus + 10..) else { return };
        let id = &line[plus + 1..plus + 9];
        if !id.bytes().all(|digit| digit.is_ascii_hexdigit()) || line.as_bytes()[plus + 9] != b'+' {
            return;
        }
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c))
            .map_or(line.len(), |end| plus + 10 + end);
        line.replace_range(plus..end, ":KEY");
    }
}

/// `2026-11-24 21:58:52` and the milliseconds of the machine's own form, and dates alone.
fn times(line: &mut String) {
    let shapes =
        [("dddd-dd-ddTdd:dd:dd.dddZ", "TIME"), ("dddd-dd-dd dd:dd:dd", "TIME"), ("dddd-dd-dd", "DAY")];
    for (shape, name) in shapes {
        let fits = |text: &str| {
            text.len() >= shape.len()
                && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
                    b'd' => byte.is_ascii_digit(),
                    wanted => byte == wanted,
                })
        };
        let starts = |line: &str| line.char_indices().map(|(at, _)| at).find(|at| fits(&line[*at..]));
        while let Some(at) = starts(line) {
            line.replace_range(at..at + shape.len(), &format!("{name:.<width$}", width = shape.len()));
        }
    }
}

/// The port of an address on this machine.
fn ports(line: &mut String) {
    const HOST: &str = "127.0.0.1:";
    if let Some(at) = line.find(HOST).map(|at| at + HOST.len()) {
        let end = line[at..].find(|c: char| !c.is_ascii_digit()).map_or(line.len(), |end| at + end);
        line.replace_range(at..end, "PORT");
    }
}
