//! What was masked in one conversation, so that it can be put back.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Placeholder, Stands};

/// Originals that one conversation keeps at most; later ones are masked without a way back.
pub const VAULT_ENTRIES_MAX: usize = 10_000;
/// Bytes of originals that one conversation keeps at most.
pub const VAULT_BYTES_MAX: usize = 4 << 20;

/// The originals of one conversation. Clones share them, so that what was masked on the way in is put back on the way
/// out; a vault of another conversation knows nothing of it. The same original gets the same placeholder.
///
/// It never shows what it holds: not in `Debug`, and only through [`Restorer`](super::Restorer) otherwise.
#[derive(Clone, Default)]
pub struct Vault(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    numbers: HashMap<(Stands, Arc<str>), u32>,
    originals: HashMap<(Stands, u32), Arc<str>>,
    last: HashMap<Stands, u32>,
    bytes: usize,
}

impl Vault {
    /// An empty vault, for a conversation that begins.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many originals it holds.
    pub fn len(&self) -> usize {
        self.entries().originals.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The placeholder for `original`: a numbered one while there is room.
    pub(crate) fn placeholder(&self, stands: Stands, original: &str) -> Placeholder {
        let mut entries = self.entries();
        let key = (stands, Arc::from(original));
        if let Some(number) = entries.numbers.get(&key) {
            return Placeholder { stands, number: Some(*number) };
        }
        let bytes = entries.bytes + original.len();
        if entries.originals.len() >= VAULT_ENTRIES_MAX || bytes > VAULT_BYTES_MAX {
            return Placeholder { stands, number: None };
        }
        entries.bytes = bytes;
        let last = entries.last.entry(stands).or_default();
        *last += 1;
        let number = *last;
        entries.originals.insert((stands, number), Arc::clone(&key.1));
        entries.numbers.insert(key, number);
        Placeholder { stands, number: Some(number) }
    }

    /// What a placeholder of this conversation stands for.
    pub(crate) fn original(&self, stands: Stands, number: u32) -> Option<Arc<str>> {
        self.entries().originals.get(&(stands, number)).cloned()
    }

    /// Takes away the way back of a placeholder, everywhere in the conversation. Its number is not given again.
    pub(crate) fn forget(&self, placeholder: Placeholder) {
        if let Placeholder { stands, number: Some(number) } = placeholder {
            self.entries().originals.remove(&(stands, number));
        }
    }

    /// The numbers given so far.
    pub(crate) fn last_numbers(&self) -> HashMap<Stands, u32> {
        self.entries().last.clone()
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Each change is complete before the next line that could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({} entries)", self.len())
    }
}
