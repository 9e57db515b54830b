//! With the keys at hand: every record that was not erased opens, and every erased one is beyond reach.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};

use crate::{
    clear::Record,
    files::{self, Found},
    finding::{Finding, Report},
    leaf::{Leaf, Slot, Unopened},
    meaning::{Erased, about},
    segment::{Frames, Tag},
    walk::segments,
};

const SLOT_BYTES: usize = 48;
const SLOTS_PER_BLOCK: u64 = 4_096;
const BLOCK_BYTES: usize = SLOTS_PER_BLOCK as usize * SLOT_BYTES;
/// Bytes of the key file of a class: one line of base64.
const CLASS_KEY_BYTES_MAX: usize = 4_096;
/// Blocks kept in memory.
const BLOCKS_MAX: usize = 64;

/// Reads the log a second time: the first time has found it sound. Without `keys` only the erasure records are held
/// against the leaves that they name.
pub(crate) fn walk(
    log: &Path,
    origin: &str,
    keys: Option<&Path>,
    erased: &Erased,
    report: &mut Report,
) -> io::Result<()> {
    let mut keys = keys.map(|folder| Keys::new(folder, origin));
    let mut unseen: HashSet<Record> = erased.records.keys().copied().collect();
    for (_, path) in segments(log, &mut Report::default())? {
        let Ok(mut frames) = Frames::open(&path)? else { continue };
        while let Some(Ok(frame)) = frames.next()? {
            let Some(leaf) = Leaf::parse(frame.payload).filter(|_| frame.tag == Tag::Entry) else { continue };
            if frame.index >= report.entries {
                continue;
            }
            let named = erased.leaves.get(&frame.index);
            check_named(frame.index, &leaf, erased, report);
            if leaf.kind.is_sealed() {
                unseen.remove(&leaf.record);
            }
            if let (Some(keys), Some(slot)) = (&mut keys, leaf.slot()) {
                let state = keys.record_key(slot)?;
                judge(frame.index, &leaf, state, named.is_some(), report);
            }
        }
    }
    for record in unseen {
        report.find(about("erased-unknown", erased.records[&record], &record));
    }
    Ok(())
}

/// An erasure names all leaves of the records that it names, and no others.
fn check_named(index: u64, leaf: &Leaf<'_>, erased: &Erased, report: &mut Report) {
    let named = erased.leaves.get(&index);
    let by_record = erased.records.get(&leaf.record).copied().filter(|_| leaf.kind.is_sealed());
    match (named, by_record) {
        (Some((slot, by)), _) if leaf.slot() != Some(*slot) || by_record != Some(*by) => {
            report.find(Finding::new("erased-other").with("index", index));
        }
        (None, Some(by)) if by > index => {
            report.find(Finding::new("erased-in-part").with("index", index).with("erasure", by));
        }
        _ => {}
    }
}

fn judge(index: u64, leaf: &Leaf<'_>, state: State, is_erased: bool, report: &mut Report) {
    let what = match (state, is_erased) {
        (State::Destroyed, true) => return,
        (State::Destroyed, false) => "key-destroyed-silently",
        (State::Key(_), true) => "key-still-there",
        (State::Unreadable, _) => "key-unreadable",
        (State::Key(key), false) => match leaf.open(&key) {
            Ok(_) => {
                report.opened += 1;
                return;
            }
            Err(Unopened::KeyCommitment) => "key-not-the-one",
            Err(Unopened::Ciphertext) => "ciphertext-altered",
            Err(Unopened::ContentCommitment) => "content-differs",
        },
    };
    report.find(Finding::new(what).with("index", index));
}

enum State {
    Key([u8; 32]),
    Destroyed,
    Unreadable,
}

struct Keys<'a> {
    folder: &'a Path,
    origin: &'a str,
    classes: HashMap<u8, Option<ChaCha20Poly1305>>,
    blocks: HashMap<(u8, u64), Option<Vec<u8>>>,
}

impl<'a> Keys<'a> {
    fn new(folder: &'a Path, origin: &'a str) -> Self {
        Self { folder, origin, classes: HashMap::new(), blocks: HashMap::new() }
    }

    fn record_key(&mut self, slot: Slot) -> io::Result<State> {
        let block = self.block(slot.class, slot.number / SLOTS_PER_BLOCK)?;
        let at = (slot.number % SLOTS_PER_BLOCK) as usize * SLOT_BYTES;
        let Some(bytes) = block else { return Ok(State::Destroyed) };
        let Some(wrapped) = bytes.get(at..at + SLOT_BYTES) else { return Ok(State::Unreadable) };
        if wrapped.iter().all(|byte| *byte == 0) {
            return Ok(State::Destroyed);
        }
        let wrapped = wrapped.to_vec();
        let mut aad = b"sekisho-audit/1 slot".to_vec();
        aad.extend_from_slice(self.origin.as_bytes());
        aad.extend_from_slice(&[0, slot.class]);
        let Some(class) = self.class(slot.class)? else { return Ok(State::Destroyed) };
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&slot.number.to_be_bytes());
        let opened = class.decrypt(&nonce.into(), Payload { msg: &wrapped, aad: &aad });
        let key = opened.ok().and_then(|key| <[u8; 32]>::try_from(key).ok());
        Ok(key.map_or(State::Unreadable, State::Key))
    }

    fn class(&mut self, class: u8) -> io::Result<Option<&ChaCha20Poly1305>> {
        if !self.classes.contains_key(&class) {
            let path = self.folder.join(format!("class/{class}.key"));
            let key = match files::find(&path, CLASS_KEY_BYTES_MAX)? {
                Found::Whole(line) => {
                    BASE64.decode(line.trim_ascii()).ok().and_then(|key| <[u8; 32]>::try_from(key).ok())
                }
                Found::TooLong | Found::Missing => None,
            };
            self.classes.insert(class, key.map(|key| ChaCha20Poly1305::new(&key.into())));
        }
        Ok(self.classes[&class].as_ref())
    }

    fn block(&mut self, class: u8, block: u64) -> io::Result<Option<&Vec<u8>>> {
        if !self.blocks.contains_key(&(class, block)) {
            if self.blocks.len() >= BLOCKS_MAX {
                self.blocks.clear();
            }
            let path = self.folder.join(format!("slot/{class}/{block:012}.slots"));
            let bytes = match files::find(&path, BLOCK_BYTES)? {
                Found::Whole(bytes) => Some(bytes),
                // In no form that we know: no slot of it can be read.
                Found::TooLong => Some(Vec::new()),
                Found::Missing => None,
            };
            self.blocks.insert((class, block), bytes);
        }
        Ok(self.blocks[&(class, block)].as_ref())
    }
}
