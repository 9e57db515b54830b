//! The keys of a log, one after the other: which one signs a tree of which size.
//!
//! The first stands in `origin`, each other in a `key` leaf that the one before it has signed. So that nobody has to read
//! the whole log for them, they are also in `vkeys`, which is derived: whoever believes it looks at the leaves it points to.

use std::io::ErrorKind;

use super::{FOLDER, ORIGIN, ORIGIN_BYTES_MAX, OpenError, VKEYS};
use crate::{
    checkpoint::{self, Checkpoint, Opened, parse_size},
    note::{Note, VerifierKey},
    vfs::{self, Vfs},
};

/// Most changes of the key of one log.
pub const KEY_CHANGES_MAX: usize = 1000;
const VKEYS_BYTES_MAX: u64 = 512 * KEY_CHANGES_MAX as u64;

/// The keys of a log, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyChain {
    first: VerifierKey,
    /// Each with the number of entries behind which it signs: its `key` leaf is the last of those.
    changes: Vec<(u64, VerifierKey)>,
}

impl KeyChain {
    /// Of a log whose key was never changed.
    pub fn new(first: VerifierKey) -> Self {
        Self { first, changes: Vec::new() }
    }

    /// From a tree of more than `entries` entries on, `key` signs.
    ///
    /// # Errors
    /// [`OpenError::Key`] when it does not come behind the others, or there are too many.
    pub fn push(&mut self, entries: u64, key: VerifierKey) -> Result<(), OpenError> {
        let is_next = self.changes.last().is_none_or(|(before, _)| *before < entries);
        if !is_next || self.changes.len() >= KEY_CHANGES_MAX || key.name() != self.first.name() {
            return Err(OpenError::Key);
        }
        self.changes.push((entries, key));
        Ok(())
    }

    /// The key that signs a tree of this many entries.
    pub fn of_size(&self, entries: u64) -> &VerifierKey {
        let newest = self.changes.iter().rev().find(|(before, _)| *before < entries);
        newest.map_or(&self.first, |(_, key)| key)
    }

    /// The key that `origin` names.
    pub fn first(&self) -> &VerifierKey {
        &self.first
    }

    /// The key that signs now.
    pub fn newest(&self) -> &VerifierKey {
        self.changes.last().map_or(&self.first, |(_, key)| key)
    }

    /// Every change: the number of entries behind which the key signs, and the key.
    pub fn changes(&self) -> impl Iterator<Item = &(u64, VerifierKey)> {
        self.changes.iter()
    }

    /// Reads `origin` and `vkeys`. Nobody has looked yet whether the log itself introduces these keys.
    ///
    /// # Errors
    /// [`OpenError::NoLog`], [`OpenError::Key`] when one of the files is not in its form, [`OpenError::Io`].
    pub fn read<V: Vfs>(fs: &V) -> Result<Self, OpenError> {
        let mut chain = Self::first_of(fs)?;
        let text = match vfs::read(fs, VKEYS, VKEYS_BYTES_MAX) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(chain),
            bytes => String::from_utf8(bytes?).map_err(|_| OpenError::Key)?,
        };
        for line in text.lines() {
            let (entries, key) = line.split_once(' ').ok_or(OpenError::Key)?;
            let entries = parse_size(entries).filter(|entries| *entries > 0).ok_or(OpenError::Key)?;
            chain.push(entries, key.parse().map_err(|_| OpenError::Key)?)?;
        }
        Ok(chain)
    }

    /// The key that `origin` names, alone.
    ///
    /// # Errors
    /// As [`KeyChain::read`].
    pub(crate) fn first_of<V: Vfs>(fs: &V) -> Result<Self, OpenError> {
        let origin = vfs::read(fs, ORIGIN, ORIGIN_BYTES_MAX).map_err(|error| match error.kind() {
            ErrorKind::NotFound => OpenError::NoLog,
            _ => error.into(),
        })?;
        let origin = String::from_utf8_lossy(&origin);
        let mut lines = origin.lines();
        let name = lines.next().unwrap_or_default();
        let first: VerifierKey = lines.next().and_then(|line| line.parse().ok()).ok_or(OpenError::Key)?;
        if first.name() != name {
            return Err(OpenError::Origin { expected: first.name().to_owned(), found: name.to_owned() });
        }
        Ok(Self::new(first))
    }

    /// Writes `vkeys`, durably. A log whose key was never changed has none.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) fn write<V: Vfs>(&self, fs: &V) -> std::io::Result<()> {
        let mut lines = String::new();
        for (entries, key) in &self.changes {
            lines += &format!("{entries} {key}\n");
        }
        vfs::replace(fs, VKEYS, lines.as_bytes())?;
        fs.sync_folder(FOLDER)
    }

    /// Opens a checkpoint of this log with the key of its size.
    ///
    /// # Errors
    /// As [`checkpoint::open_note`].
    pub fn open(&self, note: Note) -> Result<Opened, checkpoint::OpenError> {
        let size = note.text().parse::<Checkpoint>()?.size();
        checkpoint::open_note(note, std::slice::from_ref(self.of_size(size)))
    }
}

#[cfg(test)]
mod tests {
    use super::KeyChain;
    use crate::{log::tests::key, vfs::Memory};

    #[test]
    fn each_size_has_its_key() {
        let keys: Vec<_> = (1..4).map(|seed| key(seed).verifier_key()).collect();
        let mut chain = KeyChain::new(keys[0].clone());
        chain.push(5, keys[1].clone()).unwrap();
        chain.push(6, keys[2].clone()).unwrap();
        assert!(chain.push(6, keys[0].clone()).is_err());
        let of = |size| keys.iter().position(|key| key == chain.of_size(size)).unwrap();
        assert_eq!([0, 5, 6, 7, 99].map(of), [0, 0, 1, 2, 2]);
        assert_eq!((chain.first(), chain.newest()), (&keys[0], &keys[2]));
    }

    #[test]
    fn what_is_written_is_read() {
        let fs = Memory::new(1);
        crate::log::Writer::create(fs.clone(), crate::log::tests::settings()).unwrap();
        let mut chain = KeyChain::read(&fs).unwrap();
        assert_eq!(chain, KeyChain::new(key(1).verifier_key()));
        chain.push(5, key(2).verifier_key()).unwrap();
        chain.write(&fs).unwrap();
        assert_eq!(KeyChain::read(&fs).unwrap(), chain);
        crate::vfs::replace(&fs, "log/vkeys", b"05 x\n").unwrap();
        assert!(KeyChain::read(&fs).is_err());
    }
}
