//! Blocks of slots, and what lies in a slot.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use zeroize::Zeroizing;

use super::{Error, Shared, check_mode, class::ClassKey};
use crate::{
    leaf::Slot,
    seal::RecordKey,
    vfs::{Folder, read_exact_at},
};

/// Slots of a block.
pub const BLOCK_SLOTS: u64 = 4096;
const SLOT_BYTES: usize = 48;
const BLOCK_BYTES: usize = BLOCK_SLOTS as usize * SLOT_BYTES;
const BLOCK_END: &str = ".slots";
const EMPTY: [u8; SLOT_BYTES] = [0; SLOT_BYTES];
/// Numbers of blocks have twelve digits.
const BLOCKS_MAX: u64 = 1_000_000_000_000;

/// What lies in a slot.
pub(super) enum Found {
    Wrapped([u8; SLOT_BYTES]),
    /// Zeros: erased.
    Empty,
    /// The block is not there, or was cut short by a crash before any of its keys was used.
    NoBlock,
}

/// The blocks of one class.
pub(super) struct Slots {
    shared: Arc<Shared>,
    folder: Folder,
    class: u8,
    /// Number of the next block; every block there ever was has a smaller one.
    next: AtomicU64,
    /// `next` as it was when the class was opened.
    next_at_start: u64,
}

/// Classes that have a folder of blocks.
pub(super) fn classes(shared: &Shared) -> Result<Vec<u8>, Error> {
    let names = shared.folder.below("slot").list().map_err(Error::io("slot"))?;
    Ok(names
        .iter()
        .filter_map(|name| name.parse().ok().filter(|class: &u8| class.to_string() == *name))
        .collect())
}

fn block_name(block: u64) -> String {
    format!("{block:012}{BLOCK_END}")
}

fn aad(origin: &str, class: u8) -> Vec<u8> {
    [b"sekisho-audit/1 slot", origin.as_bytes(), &[0, class]].concat()
}

fn nonce(number: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::from(nonce)
}

fn wrap(cipher: &ChaCha20Poly1305, aad: &[u8], number: u64, key: &RecordKey) -> [u8; SLOT_BYTES] {
    let mut slot = [0; SLOT_BYTES];
    slot[..32].copy_from_slice(&key.0);
    let (text, tag) = slot.split_at_mut(32);
    let made =
        cipher.encrypt_inout_detached(&nonce(number), aad, text.into()).expect("32 bytes are no limit");
    tag.copy_from_slice(&made);
    slot
}

pub(super) fn unwrap(
    key: &ClassKey,
    origin: &str,
    slot: Slot,
    wrapped: &[u8; SLOT_BYTES],
) -> Option<RecordKey> {
    let cipher = ChaCha20Poly1305::new(&Key::from(*key.0));
    let (text, tag) = wrapped.split_last_chunk::<16>()?;
    let mut record_key = Zeroizing::new(<[u8; 32]>::try_from(text).ok()?);
    let aad = aad(origin, slot.class);
    let (nonce, tag) = (nonce(slot.number), Tag::from(*tag));
    cipher.decrypt_inout_detached(&nonce, &aad, record_key.as_mut_slice().into(), &tag).ok()?;
    Some(RecordKey(*record_key))
}

impl Slots {
    pub(super) fn open(shared: &Arc<Shared>, class: u8) -> Result<Self, Error> {
        let folder = shared.folder.below("slot").below(&class.to_string());
        let shown = format!("slot/{class}");
        let mut next = 0;
        match folder.list() {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(Error::io(&shown)(cause)),
            Ok(names) => {
                check_mode(&folder, "", &shown, 0o700)?;
                for name in names {
                    let Some(block) = parse_block(&name) else { continue };
                    check_mode(&folder, &name, &format!("{shown}/{name}"), 0o600)?;
                    next = next.max(block + 1);
                }
            }
        }
        Ok(Self {
            shared: Arc::clone(shared),
            folder,
            class,
            next: AtomicU64::new(next),
            next_at_start: next,
        })
    }

    pub(super) fn class(&self) -> u8 {
        self.class
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Path of the block of a slot below the folder of keys.
    pub(super) fn name_of(&self, number: u64) -> String {
        format!("slot/{}/{}", self.class, block_name(number / BLOCK_SLOTS))
    }

    pub(super) fn skip_past(&self, number: u64) {
        self.next.fetch_max(number / BLOCK_SLOTS + 1, Ordering::Relaxed);
    }

    /// Whether the newest block holds no key, or there is none.
    pub(super) fn last_is_empty(&self) -> Result<bool, Error> {
        let Some(last) = self.next_at_start.checked_sub(1) else { return Ok(true) };
        let name = block_name(last);
        let bytes = self.folder.read(&name, BLOCK_BYTES as u64).map_err(Error::io(&name))?;
        // A block cut short by a crash was never used.
        Ok(bytes.len() < BLOCK_BYTES || is_zero(&bytes))
    }

    /// Makes the next block with fresh keys, durable before it returns.
    pub(super) fn make(&self, key: &ClassKey) -> Result<Vec<(Slot, RecordKey)>, Error> {
        self.folder.create().map_err(Error::io("slot"))?;
        let block = self.next.fetch_add(1, Ordering::Relaxed);
        let name = block_name(block);
        if block >= BLOCKS_MAX {
            return Err(Error::Damaged { name });
        }
        let mut random = Zeroizing::new(vec![0; BLOCK_SLOTS as usize * 32]);
        self.shared.entropy.fill(&mut random)?;
        let cipher = ChaCha20Poly1305::new(&Key::from(*key.0));
        let aad = aad(&self.shared.origin, self.class);
        let mut bytes = Vec::with_capacity(BLOCK_BYTES);
        let mut keys = Vec::with_capacity(BLOCK_SLOTS as usize);
        for (at, random) in random.as_chunks::<32>().0.iter().enumerate() {
            let number = block * BLOCK_SLOTS + at as u64;
            let record_key = RecordKey(*random);
            bytes.extend_from_slice(&wrap(&cipher, &aad, number, &record_key));
            keys.push((Slot { class: self.class, number }, record_key));
        }
        self.folder.write_new(&name, &bytes).map_err(Error::io(&format!("slot/{}/{name}", self.class)))?;
        Ok(keys)
    }

    pub(super) fn read(&self, number: u64) -> Result<Found, Error> {
        let mut slot = EMPTY;
        let offset = number % BLOCK_SLOTS * SLOT_BYTES as u64;
        let name = block_name(number / BLOCK_SLOTS);
        let read = self.folder.open_read(&name).and_then(|file| read_exact_at(&*file, &mut slot, offset));
        match read {
            Ok(()) if slot == EMPTY => Ok(Found::Empty),
            Ok(()) => Ok(Found::Wrapped(slot)),
            Err(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) => {
                Ok(Found::NoBlock)
            }
            Err(cause) => Err(Error::io(&self.name_of(number))(cause)),
        }
    }

    /// Overwrites slots, in ascending order, with zeros, durably, and looks whether they are.
    pub(super) fn erase(&self, numbers: &[u64]) -> Result<(), Error> {
        let blocks = numbers.chunk_by(|a, b| a / BLOCK_SLOTS == b / BLOCK_SLOTS);
        let offset = |number: &u64| number % BLOCK_SLOTS * SLOT_BYTES as u64;
        let patches: Vec<(String, Vec<u64>)> = blocks
            .map(|of_block| (block_name(of_block[0] / BLOCK_SLOTS), of_block.iter().map(offset).collect()))
            .collect();
        let shown = format!("slot/{}", self.class);
        self.folder.patch_all(&patches, &EMPTY).map_err(Error::io(&shown))?;
        for &number in numbers {
            if matches!(self.read(number)?, Found::Wrapped(_)) {
                return Err(Error::NotErased { slot: Slot { class: self.class, number } });
            }
        }
        Ok(())
    }

    /// The first slot of the next block.
    pub(super) fn next_slot(&self) -> u64 {
        self.next.load(Ordering::Relaxed) * BLOCK_SLOTS
    }

    /// Removes all blocks that lie below a slot, but the newest of all, which becomes zeros. False when there are newer
    /// ones, which are left alone.
    pub(super) fn erase_all(&self, below: u64) -> Result<bool, Error> {
        let Some(last) = self.next_at_start.checked_sub(1) else { return Ok(true) };
        let shown = format!("slot/{}", self.class);
        let is_all = last < below.div_ceil(BLOCK_SLOTS);
        let kept = block_name(last);
        if is_all {
            let whole = [(kept.clone(), vec![0])];
            self.folder.patch_all(&whole, &vec![0; BLOCK_BYTES]).map_err(Error::io(&shown))?;
        }
        for name in self.folder.list().map_err(Error::io(&shown))? {
            let block = parse_block(&name).filter(|block| *block < below.div_ceil(BLOCK_SLOTS));
            if block.is_some() && name != kept {
                self.folder.wipe_and_remove(&name).map_err(Error::io(&shown))?;
            }
        }
        Ok(is_all)
    }
}

/// The number of a block by its name.
fn parse_block(name: &str) -> Option<u64> {
    name.strip_suffix(BLOCK_END).filter(|digits| digits.len() == 12)?.parse().ok()
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}
