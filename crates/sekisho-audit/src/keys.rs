//! Keys: of the log, of retention classes, of single leaves. Mutable, never copied together with the log: what is erased
//! here is erased everywhere.
//!
//! A leaf's key is random, wrapped by the key of its class, and lies in a slot that was durable before the key was used.
//! Slots come in blocks of [`BLOCK_SLOTS`]; a block's number is never used twice, so neither is a slot's.

mod class;
mod pool;
mod slots;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use zeroize::Zeroizing;

use crate::{
    entropy::{Entropy, NoEntropy},
    leaf::Slot,
    note::{KeyError, SigningKey},
    seal::RecordKey,
    vfs::Folder,
};

use class::ClassKey;
use pool::Pool;
pub use pool::Refill;
pub use slots::BLOCK_SLOTS;
use slots::{Found, Slots};

const SIGNING_FILE: &str = "signing.key";
/// A key that is about to take the place of the other: see `journal::rotate`.
pub(crate) const NEXT_FILE: &str = "signing.next";
const DONE_FILE: &str = "erased";
/// Longest key file that is read.
const KEY_FILE_BYTES_MAX: u64 = 4096;

/// Why a key is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder that should be there is not.
    #[error("the key file {name} is missing")]
    Missing {
        /// Its path below the folder of keys.
        name: String,
    },
    /// Others than the owner may read or write it.
    #[error("{name} is open to others: mode {mode:03o}")]
    TooOpen {
        /// Its path below the folder of keys.
        name: String,
        /// Its permissions.
        mode: u32,
    },
    /// A file is not in its form, or a slot does not open under the key of its class.
    #[error("the key file {name} is damaged")]
    Damaged {
        /// Its path below the folder of keys.
        name: String,
    },
    /// The signing key is not one.
    #[error("the signing key cannot be used")]
    Signing(#[from] KeyError),
    /// No random bytes.
    #[error("no key could be made")]
    Entropy(#[from] NoEntropy),
    /// The disk did not do what it was asked.
    #[error("{name} could not be read or written")]
    Io {
        /// Its path below the folder of keys.
        name: String,
        /// What it said.
        #[source]
        cause: Arc<io::Error>,
    },
    /// After an erasure the slot still holds something.
    #[error("the slot {} of class {} was overwritten and is not empty", slot.number, slot.class)]
    NotErased {
        /// The slot.
        slot: Slot,
    },
    /// The class was erased while keys of it were asked for.
    #[error("class {class} was erased")]
    ClassErased {
        /// The class.
        class: u8,
    },
}

impl Error {
    pub(crate) fn io(name: &str) -> impl FnOnce(io::Error) -> Self {
        let name = name.to_owned();
        move |cause| match cause.kind() {
            io::ErrorKind::NotFound => Self::Missing { name },
            _ => Self::Io { name, cause: Arc::new(cause) },
        }
    }

    /// Whether the disk is full.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { cause, .. } if crate::vfs::is_no_space(cause))
    }
}

/// What is known of the key of a leaf.
#[derive(Debug)]
pub enum Looked {
    /// Here it is.
    Key(RecordKey),
    /// Its slot was overwritten.
    Destroyed,
    /// Its block is gone: with its class, or because the folder of keys is older than the log.
    Missing,
}

/// All keys of one log.
pub struct Keys {
    shared: Arc<Shared>,
    state: Mutex<State>,
    refill: Refill,
}

#[derive(Default)]
struct State {
    pools: BTreeMap<u8, Arc<Pool>>,
    /// Classes whose erasure has begun and not ended, each with the slot below which all goes: no key of such a class is
    /// handed out before.
    erasing: BTreeMap<u8, u64>,
}

struct Shared {
    folder: Folder,
    origin: String,
    entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.shared.origin)
    }
}

impl Keys {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// [`Error::TooOpen`], [`Error::Missing`] when a class has keys in slots and no key file, and those of the disk.
    pub(crate) fn open(
        folder: Folder,
        origin: &str,
        entropy: Arc<dyn Entropy>,
        refill: Refill,
    ) -> Result<Self, Error> {
        let shared = Arc::new(Shared { folder, origin: origin.to_owned(), entropy });
        for name in ["", "class", "slot"] {
            let folder = shared.folder.below(name);
            folder.create().map_err(Error::io(name))?;
            check_mode(&folder, "", name, 0o700)?;
        }
        let keys = Self { shared, state: Mutex::default(), refill };
        for class in keys.classes()? {
            keys.pool(class)?;
        }
        Ok(keys)
    }

    /// Opens the folder beside whoever writes, to look up keys and nothing else.
    ///
    /// # Errors
    /// [`Error::TooOpen`], [`Error::Missing`], and those of the disk.
    pub(crate) fn open_to_read(
        folder: Folder,
        origin: &str,
        entropy: Arc<dyn Entropy>,
        refill: Refill,
    ) -> Result<Self, Error> {
        let shared = Arc::new(Shared { folder, origin: origin.to_owned(), entropy });
        check_mode(&shared.folder, "", "", 0o700)?;
        Ok(Self { shared, state: Mutex::default(), refill })
    }

    /// The classes that have a key or had one.
    fn classes(&self) -> Result<Vec<u8>, Error> {
        let mut classes = class::all(&self.shared)?;
        classes.extend(slots::classes(&self.shared)?);
        classes.sort_unstable();
        classes.dedup();
        Ok(classes)
    }

    /// Whether any record was ever given a key.
    pub(crate) fn has_classes(&self) -> Result<bool, Error> {
        Ok(!self.classes()?.is_empty())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pool(&self, class: u8) -> Result<Arc<Pool>, Error> {
        let mut state = self.lock();
        if let Some(below) = state.erasing.get(&class).copied() {
            self.erase_class_of(&mut state, Slot { class, number: below })?;
        }
        if let Some(pool) = state.pools.get(&class) {
            return Ok(Arc::clone(pool));
        }
        let slots = Slots::open(&self.shared, class)?;
        let key = match ClassKey::open(&self.shared, class)? {
            Some(key) => Some(key),
            // The zeroed block that an erased class leaves behind holds nothing; anything else must have a key.
            None if slots.last_is_empty()? => None,
            None => return Err(Error::Missing { name: class::name(class) }),
        };
        let pool = Arc::new(Pool::new(slots, key, self.refill));
        state.pools.insert(class, Arc::clone(&pool));
        Ok(pool)
    }

    /// So many fresh keys, each with its slot. Waits for the disk only when none are left.
    ///
    /// # Errors
    /// Those of the disk and of randomness; then nothing was handed out.
    pub(crate) fn take(&self, class: u8, count: usize) -> Result<Vec<(Slot, RecordKey)>, Error> {
        self.pool(class)?.take(count)
    }

    /// Blocks up to this slot are not to be used any more, whatever the folder says: the log knows keys from them.
    pub(crate) fn skip_past(&self, slot: Slot) -> Result<(), Error> {
        self.pool(slot.class)?.skip_past(slot.number);
        Ok(())
    }

    /// The key of a leaf. Whether it is rightly gone, the log knows.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the slot holds something else than a key, and those of the disk.
    pub fn look(&self, slot: Slot) -> Result<Looked, Error> {
        let pool = self.pool(slot.class)?;
        let slots = pool.slots();
        match slots.read(slot.number)? {
            Found::Empty => Ok(Looked::Destroyed),
            Found::NoBlock => Ok(Looked::Missing),
            Found::Wrapped(wrapped) => {
                let key = pool.key().ok_or_else(|| Error::Missing { name: class::name(slot.class) })?;
                let unwrapped = slots::unwrap(&key, &self.shared.origin, slot, &wrapped);
                unwrapped.map(Looked::Key).ok_or_else(|| Error::Damaged { name: slots.name_of(slot.number) })
            }
        }
    }

    /// Destroys keys: overwrites their slots with zeros, durably, and reads them back.
    ///
    /// # Errors
    /// [`Error::NotErased`], and those of the disk; some of the keys may be destroyed then, and asking again is right.
    pub(crate) fn erase(&self, slots: &[Slot]) -> Result<(), Error> {
        let mut sorted = slots.to_vec();
        sorted.sort_unstable();
        for of_class in sorted.chunk_by(|a, b| a.class == b.class) {
            let numbers: Vec<u64> = of_class.iter().map(|slot| slot.number).collect();
            self.pool(of_class[0].class)?.slots().erase(&numbers)?;
        }
        Ok(())
    }

    /// Hands out no more of the keys that are ready: the first slot of the class that no key was ever made for. None when
    /// the class has no keys.
    ///
    /// # Errors
    /// Those of the disk.
    pub(crate) fn retire(&self, class: u8) -> Result<Option<Slot>, Error> {
        if !self.classes()?.contains(&class) {
            return Ok(None);
        }
        let pool = self.pool(class)?;
        pool.close();
        self.lock().pools.remove(&class);
        Ok(Some(Slot { class, number: pool.slots().next_slot() }))
    }

    /// Destroys the key of a class and all its blocks below a slot; the newest is left as zeros, so that its number is not
    /// used again. A later record of the class gets a new key. Keys in later blocks were made after it: then all this has
    /// been done before, and only blocks that a backup has brought back go.
    ///
    /// # Errors
    /// Those of the disk. The class gives out no key before this was finished, here or at the next start.
    pub(crate) fn erase_class(&self, below: Slot) -> Result<(), Error> {
        self.erase_class_of(&mut self.lock(), below)
    }

    fn erase_class_of(&self, state: &mut State, below: Slot) -> Result<(), Error> {
        let class = below.class;
        if let Some(pool) = state.pools.remove(&class) {
            pool.close();
        }
        state.erasing.insert(class, below.number);
        if Slots::open(&self.shared, class)?.erase_all(below.number)? {
            class::destroy(&self.shared, class)?;
        }
        state.erasing.remove(&class);
        Ok(())
    }

    /// Waits for what goes on in the background. No key is handed out after that.
    pub(crate) fn close(&self) {
        self.lock().pools.values().for_each(|pool| pool.close());
    }

    /// The number of entries up to which erasures have been carried out. Lies among the keys, so that a backup of them
    /// that is put back brings its own number, and what was erased since is erased again.
    pub(crate) fn erased_up_to(&self) -> Result<u64, Error> {
        match self.shared.folder.read(DONE_FILE, KEY_FILE_BYTES_MAX) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(cause) => Err(Error::io(DONE_FILE)(cause)),
            // Unreadable is no harm: everything is looked at again.
            Ok(text) => Ok(str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)),
        }
    }

    pub(crate) fn set_erased_up_to(&self, entries: u64) -> Result<(), Error> {
        let line = format!("{entries}\n");
        self.shared.folder.replace(DONE_FILE, line.as_bytes()).map_err(Error::io(DONE_FILE))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.close();
    }
}

/// Reads the signing key of the log.
///
/// # Errors
/// [`Error::Missing`], [`Error::TooOpen`], [`Error::Signing`], and those of the disk.
pub(crate) fn read_signing_key(folder: &Folder) -> Result<SigningKey, Error> {
    read_key(folder, SIGNING_FILE)
}

fn read_key(folder: &Folder, name: &str) -> Result<SigningKey, Error> {
    let text = read_private(folder, name)?;
    let text = str::from_utf8(&text).map_err(|_| KeyError::Form)?;
    Ok(SigningKey::parse(text.strip_suffix('\n').unwrap_or(text))?)
}

/// Makes the signing key of a new log. An existing one is left alone and read.
///
/// # Errors
/// As [`read_signing_key`], and [`Error::Entropy`].
pub(crate) fn make_signing_key(
    folder: &Folder,
    origin: &str,
    entropy: &dyn Entropy,
) -> Result<SigningKey, Error> {
    folder.create().map_err(Error::io(""))?;
    check_mode(folder, "", "", 0o700)?;
    match read_signing_key(folder) {
        Err(Error::Missing { .. }) => make_key(folder, SIGNING_FILE, origin, entropy),
        other => other,
    }
}

fn make_key(folder: &Folder, name: &str, origin: &str, entropy: &dyn Entropy) -> Result<SigningKey, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(&mut *seed)?;
    let key = SigningKey::from_seed(origin, &seed)?;
    let text = Zeroizing::new(format!("{}\n", *key.to_text()));
    folder.replace(name, text.as_bytes()).map_err(Error::io(name))?;
    Ok(key)
}

/// Makes a key beside the one that signs, durable before it returns.
///
/// # Errors
/// As [`make_signing_key`].
pub(crate) fn make_next_key(
    folder: &Folder,
    origin: &str,
    entropy: &dyn Entropy,
) -> Result<SigningKey, Error> {
    make_key(folder, NEXT_FILE, origin, entropy)
}

/// The key beside the one that signs, if there is one.
///
/// # Errors
/// As [`read_signing_key`].
pub(crate) fn read_next_key(folder: &Folder) -> Result<Option<SigningKey>, Error> {
    match read_key(folder, NEXT_FILE) {
        Err(Error::Missing { .. }) => Ok(None),
        key => key.map(Some),
    }
}

/// Puts the new key into the place of the old one, which is overwritten. A crash in between leaves the new one where it
/// was, too.
///
/// # Errors
/// Those of the disk.
pub(crate) fn adopt_next_key(folder: &Folder) -> Result<(), Error> {
    let text = read_private(folder, NEXT_FILE)?;
    folder.replace_all(&[(SIGNING_FILE, &text)], true).map_err(Error::io(SIGNING_FILE))?;
    drop_next_key(folder)
}

/// Overwrites and removes the key beside the one that signs.
///
/// # Errors
/// Those of the disk.
pub(crate) fn drop_next_key(folder: &Folder) -> Result<(), Error> {
    folder.wipe_and_remove(NEXT_FILE).map_err(Error::io(NEXT_FILE))
}

fn read_private(folder: &Folder, name: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    check_mode(folder, name, name, 0o600)?;
    folder.read(name, KEY_FILE_BYTES_MAX).map(Zeroizing::new).map_err(Error::io(name))
}

/// Refuses a file or folder that has more permissions than `allowed`.
pub(crate) fn check_mode(folder: &Folder, name: &str, shown: &str, allowed: u32) -> Result<(), Error> {
    let mode = folder.mode(name).map_err(Error::io(shown))?;
    match mode {
        Some(mode) if mode & 0o777 & !allowed != 0 => {
            Err(Error::TooOpen { name: shown.to_owned(), mode: mode & 0o777 })
        }
        _ => Ok(()),
    }
}
