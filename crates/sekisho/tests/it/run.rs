//! Starting the binary as a person would.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `sekisho` with arguments, in an empty environment and a folder of its own.
pub(crate) fn sekisho(arguments: &[&str]) -> Answer {
    sekisho_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments)
}

pub(crate) fn sekisho_in(folder: &Path, arguments: &[&str]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_sekisho"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Answer {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Data of a command that must succeed, as JSON.
pub(crate) fn json(arguments: &[&str]) -> serde_json::Value {
    let answer = sekisho(&[&["--json"], arguments].concat());
    assert_eq!(answer.status, 0, "{arguments:?}: {}", answer.stderr);
    serde_json::from_str(&answer.stdout).unwrap()
}
