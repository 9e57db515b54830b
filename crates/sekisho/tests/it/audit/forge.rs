//! A log written by somebody who has its true signing key and keeps to no rule: what the verifiers must tell from one that
//! was written by the program.

use std::{fs, path::Path, process::Command};

use sekisho_audit::{
    checkpoint::Checkpoint,
    leaf::{Clear, Envelope, Kind, Leaf, RecordId},
    merkle::{Frontier, leaf_hash},
    note::{Note, SigningKey},
    segment::{Frames, HEADER, Tag, write_frame},
};

/// Where the only segment of a small log lies, below its folder.
pub(super) const SEGMENT: &str = "log/segment/00000000000000000000.seg";

/// The entries of a log of one segment, and the sizes at which it has commits.
pub(super) fn entries(folder: &Path) -> (Vec<Vec<u8>>, Vec<u64>) {
    let bytes = fs::read(folder.join(SEGMENT)).unwrap();
    let mut frames = Frames::new(bytes.as_slice(), 0, bytes.len() as u64);
    let (mut entries, mut commits) = (Vec::new(), Vec::new());
    while let Some(frame) = frames.next_frame().unwrap() {
        match frame.tag {
            Tag::Entry => entries.push(frame.payload.to_vec()),
            Tag::Commit => commits.push(frame.index),
        }
    }
    (entries, commits)
}

/// The private key that signs a log: whoever runs the machine can read it.
pub(super) fn signing_key(folder: &Path) -> SigningKey {
    let text = fs::read_to_string(folder.join("keys/signing.key")).unwrap();
    SigningKey::parse(text.trim_end()).unwrap()
}

/// Writes a log anew: all entries, a commit at each of these sizes, each signed by `key_at`; the published checkpoint, and
/// no tiles, which may be missing.
pub(super) fn write<'k>(
    folder: &Path,
    entries: &[Vec<u8>],
    commits: &[u64],
    key_at: impl Fn(u64) -> &'k SigningKey,
) {
    let mut frontier = Frontier::new();
    let mut bytes = HEADER.to_vec();
    let mut note = String::new();
    for (index, entry) in (0..).zip(entries) {
        write_frame(&mut bytes, Tag::Entry, index, entry);
        frontier.push(leaf_hash(entry));
        if commits.contains(&frontier.size()) {
            let key = key_at(frontier.size());
            note = Checkpoint::new(key.name(), frontier.head()).unwrap().sign(key).to_string();
            write_frame(&mut bytes, Tag::Commit, frontier.size(), note.as_bytes());
        }
    }
    fs::write(folder.join(SEGMENT), bytes).unwrap();
    fs::write(folder.join("log/checkpoint"), note).unwrap();
    let _ = fs::remove_dir_all(folder.join("log/tile"));
}

/// A clear leaf with these lines behind `ground`.
pub(super) fn clear(kind: Kind, key: &SigningKey, lines: &[String]) -> Vec<u8> {
    let envelope = Envelope { kind, time_ms: 1_780_239_600_000, record: RecordId([7; 16]) };
    let text = format!(
        "sekisho-audit/1 {}\n{}\n2026-05-31T15:00:00.000Z\nby 偽の管理者\nground なし\n{}",
        kind.as_str(),
        key.name(),
        lines.iter().fold(String::new(), |text, line| text + line + "\n")
    );
    Clear::encode(&envelope, &Note::sign(text, key).unwrap().to_string()).unwrap()
}

/// The bytes of a sealed leaf without a key for it: what nobody can open may say anything of itself.
pub(super) fn sealed(kind: Kind, record: u8, slot: u64) -> Vec<u8> {
    let mut leaf = vec![1, kind as u8];
    leaf.extend_from_slice(&1_780_239_600_000_u64.to_be_bytes());
    leaf.extend_from_slice(&[record; 16]);
    leaf.push(3);
    leaf.extend_from_slice(&slot.to_be_bytes());
    leaf.resize(200, record);
    assert!(Leaf::parse(&leaf).is_ok());
    leaf
}

/// Whether the program in `docs/`, which knows the format only, finds something wrong; none where there is no Python.
pub(super) fn python_finds(log: &Path, key: &str) -> Option<(bool, String)> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit_verify.py");
    let output = Command::new("python3").arg(program).arg(log).args(["--key", key]).output().ok()?;
    Some((output.status.code() != Some(0), String::from_utf8_lossy(&output.stdout).into_owned()))
}
