//! One entry, without the log: a C2SP tlog-proof whose `extra` line carries the leaf.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use crate::{
    finding::{Finding, Report},
    leaf::Leaf,
    merkle::{Hash, leaf_hash, root_of_proof},
    note::{Checkpoint, Note, Signed, VerifierKey, parse_decimal, parse_hash},
};

/// A path in a tree of 2^64 leaves.
const HASHES_MAX: usize = 64;

pub(crate) fn verify(bytes: &[u8], keys: &[VerifierKey], witnesses: &[VerifierKey]) -> Report {
    let mut report = Report::default();
    let Some((leaf, index, hashes, note)) = parse(bytes) else {
        report.find(Finding::new("proof-unreadable"));
        return report;
    };
    let checkpoint = Note::parse(note).and_then(|note| Some((Checkpoint::parse(note.text)?, note)));
    let Some((checkpoint, note)) = checkpoint else {
        report.find(Finding::new("checkpoint-unreadable").with("source", "proof"));
        return report;
    };
    report.origin.clone_from(&checkpoint.origin);
    report.entries = checkpoint.size;
    report.root = BASE64.encode(checkpoint.root);
    if root_of_proof(leaf_hash(&leaf), index, checkpoint.size, &hashes) != Some(checkpoint.root) {
        report.find(Finding::new("not-included").with("index", index));
    }
    match Leaf::parse(&leaf) {
        Some(leaf) => {
            report.kinds.insert(leaf.kind.name(), 1);
            let record = format!("{:032x}", u128::from_be_bytes(leaf.record));
            let remark = Finding::new("proved").with("index", index).with("kind", leaf.kind.name());
            report.remark(remark.with("record", record).with("time", leaf.time_ms / 1_000));
        }
        None => report.find(Finding::new("leaf-unreadable").with("index", index)),
    }
    report.signatures_checked += keys.len() as u64;
    if !keys.iter().any(|key| matches!(note.signed_by(key), Signed::Yes(_))) {
        report.find(Finding::new("checkpoint-unsigned"));
    }
    for witness in witnesses {
        if !matches!(note.signed_by(witness), Signed::Yes(_)) {
            report.find(Finding::new("not-witnessed").with("witness", &witness.name));
        }
    }
    report
}

type Parts<'a> = (Vec<u8>, u64, Vec<Hash>, &'a [u8]);

fn parse(bytes: &[u8]) -> Option<Parts<'_>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, note) = text.split_once("\n\n")?;
    let mut lines = head.split('\n');
    if lines.next()? != "c2sp.org/tlog-proof@v1" {
        return None;
    }
    let leaf = BASE64.decode(lines.next()?.strip_prefix("extra ")?).ok()?;
    let index = parse_decimal(lines.next()?.strip_prefix("index ")?)?;
    let hashes: Vec<Hash> = lines.map(parse_hash).collect::<Option<_>>()?;
    (hashes.len() <= HASHES_MAX).then_some((leaf, index, hashes, note.as_bytes()))
}
