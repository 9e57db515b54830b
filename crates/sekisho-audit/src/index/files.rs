//! The files of the index: opened by the one who writes them, or looked at beside that one.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    sync::{Arc, Mutex, PoisonError, RwLock, atomic::AtomicU64},
    thread,
    time::Duration,
};

use super::{
    Coverage, Error, Index, Meta, State,
    block::{Block, BlockError},
};
use crate::vfs::{Folder, ReadAt};

const BLOCK_END: &str = ".idx";
/// Most bytes of blocks that a reader beside a writer makes again in memory: some four million requests.
const MADE_BYTES_MAX: usize = 512 << 20;
/// How often a reader beside a writer looks at a block that is bad.
const LOOKS_MAX: u32 = 4;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Blocks in memory, by the first entry.
pub(super) type Made = Mutex<BTreeMap<u64, Arc<[u8]>>>;

fn name_of(first: u64) -> String {
    format!("{first:020}{BLOCK_END}")
}

impl Index {
    /// Opens what there is. `leaf_hash` gives the hash of an entry of the log, none behind its end. Everything from the first
    /// block that is bad or stale is removed; the caller adds again what comes behind [`Index::end`].
    ///
    /// # Errors
    /// When the folder can be neither read nor written.
    pub(crate) fn open(
        folder: Folder,
        log: [u8; 32],
        leaf_hash: &dyn Fn(u64) -> Option<[u8; 32]>,
    ) -> Result<Self, Error> {
        folder.create().map_err(Error::Unwritable)?;
        Self { folder, made: None, log, state: RwLock::default(), files: Mutex::new(()) }.read_all(leaf_hash)
    }

    /// As [`Index::open`], beside a writer, whose files are left as they are: what is bad, stale or missing is made again in
    /// memory.
    ///
    /// # Errors
    /// When the folder cannot be read, or too much would be in memory.
    pub(crate) fn look(
        folder: Folder,
        log: [u8; 32],
        leaf_hash: &dyn Fn(u64) -> Option<[u8; 32]>,
    ) -> Result<Self, Error> {
        let made = Some(Mutex::default());
        Self { folder, made, log, state: RwLock::default(), files: Mutex::new(()) }.read_all(leaf_hash)
    }

    fn read_all(self, leaf_hash: &dyn Fn(u64) -> Option<[u8; 32]>) -> Result<Self, Error> {
        let mut names = match self.folder.list() {
            Err(error) if self.made.is_some() && error.kind() == ErrorKind::NotFound => Vec::new(),
            names => names.map_err(Error::Unreadable)?,
        };
        names.sort();
        let mut state = State::default();
        let mut good = true;
        for name in names {
            let first: Option<u64> = name.strip_suffix(BLOCK_END).and_then(|digits| digits.parse().ok());
            let meta = first.filter(|first| good && *first == state.end).and_then(|first| {
                let header = self.block(first, &Arc::default()).ok()?.header;
                let of_this_log = header.coverage.log == self.log && header.coverage.first == first;
                of_this_log.then_some(Meta { coverage: header.coverage, summary: header.summary })
            });
            match meta {
                Some(meta) => {
                    state.end = meta.coverage.end;
                    state.blocks.push(Arc::new(meta));
                }
                None => {
                    // Leftovers of an interrupted write go too.
                    good &= first.is_none();
                    self.remove(&name)?;
                }
            }
        }
        self.drop_stale(&mut state, leaf_hash)?;
        *self.write() = state;
        Ok(self)
    }

    /// Takes blocks off the end until the last belongs to this log and says which requests were open.
    fn drop_stale(
        &self,
        state: &mut State,
        leaf_hash: &dyn Fn(u64) -> Option<[u8; 32]>,
    ) -> Result<(), Error> {
        while let Some(last) = state.blocks.last() {
            let Coverage { first, end, last_leaf, .. } = last.coverage;
            let is_of_log = end.checked_sub(1).and_then(leaf_hash) == Some(last_leaf);
            let open = self.block(first, &Arc::default()).and_then(|block| block.open_rows());
            if let (true, Ok(open)) = (is_of_log, open) {
                state.open = open;
                (state.tail_first, state.end) = (end, end);
                return Ok(());
            }
            self.remove(&name_of(first))?;
            state.blocks.pop();
        }
        *state = State::default();
        Ok(())
    }

    /// Puts blocks into the place of what was there.
    pub(super) fn put_all(&self, blocks: Vec<(u64, Vec<u8>)>, wipes: bool) -> Result<(), Error> {
        let Some(made) = &self.made else {
            let names: Vec<String> = blocks.iter().map(|(first, _)| name_of(*first)).collect();
            let files: Vec<(&str, &[u8])> = names
                .iter()
                .zip(&blocks)
                .map(|(name, (_, bytes))| (name.as_str(), bytes.as_slice()))
                .collect();
            return self.folder.replace_all(&files, wipes).map_err(Error::Unwritable);
        };
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        for (first, bytes) in blocks {
            let held: usize = made.values().map(|bytes| <[u8]>::len(bytes)).sum();
            if held + bytes.len() > MADE_BYTES_MAX {
                return Err(Error::Unwritable(ErrorKind::OutOfMemory.into()));
            }
            made.insert(first, bytes.into());
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        if self.made.is_some() {
            return Ok(());
        }
        self.folder.remove(name).map_err(Error::Unwritable)
    }

    /// A block. Beside a writer, one that is bad may be about to get a new one in its place.
    pub(super) fn block(&self, first: u64, read_bytes: &Arc<AtomicU64>) -> Result<Block, BlockError> {
        let mut looks = if self.made.is_some() { LOOKS_MAX } else { 1 };
        loop {
            looks -= 1;
            match self.block_once(first, read_bytes) {
                Err(_) if looks > 0 => thread::sleep(LOOK_AGAIN),
                block => return block,
            }
        }
    }

    fn block_once(&self, first: u64, read_bytes: &Arc<AtomicU64>) -> Result<Block, BlockError> {
        let made = self.made.as_ref().map(|made| made.lock().unwrap_or_else(PoisonError::into_inner));
        let file: Box<dyn ReadAt> = match made.and_then(|made| made.get(&first).cloned()) {
            Some(bytes) => Box::new(bytes),
            None => self.folder.open_read(&name_of(first))?,
        };
        let block = Block::open(file, Arc::clone(read_bytes))?;
        if block.header.coverage.first == first { Ok(block) } else { Err(BlockError::Damaged) }
    }
}
