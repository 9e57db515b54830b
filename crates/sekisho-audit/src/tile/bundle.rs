//! Entry bundles: the leaves themselves, 256 to a file, each behind its length.

use super::{TILE_WIDTH, Tile, TileError};

/// The longest entry that a bundle can hold, in bytes: its length is two bytes.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// Where a bundle stands, and how many entries it has. The tile at level 0 of the same place has their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bundle(Tile);

/// Why a bundle could not be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is longer than its length can say.
    #[error("entry {entry} of the bundle has {bytes} bytes, more than {ENTRY_BYTES_MAX}")]
    TooLong {
        /// Counted from 0 within the bundle.
        entry: usize,
        /// Bytes it has.
        bytes: usize,
    },
    /// The bytes end within an entry, or before the last.
    #[error("the bundle ends in entry {entry}")]
    CutOff {
        /// Counted from 0 within the bundle.
        entry: usize,
    },
    /// Something follows the last entry, or there are more entries to write than the bundle has.
    #[error("the bundle has more than its {width} entries")]
    Surplus {
        /// Entries it should have.
        width: u16,
    },
}

impl Bundle {
    /// The bundle `index`, with `width` entries.
    ///
    /// # Errors
    /// [`TileError::NoSuchTile`].
    pub fn new(index: u64, width: u16) -> Result<Self, TileError> {
        Tile::new(0, index, width).map(Self)
    }

    /// Place among the bundles.
    pub fn index(&self) -> u64 {
        self.0.index
    }

    /// Number of entries, 1 to 256.
    pub fn width(&self) -> u16 {
        self.0.width
    }

    /// Index in the log of its first entry.
    pub fn first(&self) -> u64 {
        self.0.index * u64::from(TILE_WIDTH)
    }

    /// The bytes of the bundle with these entries.
    ///
    /// # Errors
    /// [`BundleError`], when there are not as many entries as the bundle has, or one is too long.
    pub fn write<'a>(&self, entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, BundleError> {
        let mut bytes = Vec::new();
        let mut written = 0;
        for entry in entries {
            if written == usize::from(self.width()) {
                return Err(BundleError::Surplus { width: self.width() });
            }
            let length = u16::try_from(entry.len())
                .map_err(|_| BundleError::TooLong { entry: written, bytes: entry.len() })?;
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(entry);
            written += 1;
        }
        let is_whole = written == usize::from(self.width());
        if is_whole { Ok(bytes) } else { Err(BundleError::CutOff { entry: written }) }
    }

    /// The entries in the bytes of the bundle.
    ///
    /// # Errors
    /// [`BundleError`], when these are not exactly as many entries as the bundle has.
    pub fn parse<'a>(&self, bytes: &'a [u8]) -> Result<Vec<&'a [u8]>, BundleError> {
        let mut entries = Vec::with_capacity(self.width().into());
        let mut rest = bytes;
        for entry in 0..self.width().into() {
            let cut_off = BundleError::CutOff { entry };
            let (length, body) = rest.split_first_chunk().ok_or(cut_off.clone())?;
            let (body, after) = body.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(cut_off)?;
            entries.push(body);
            rest = after;
        }
        if rest.is_empty() { Ok(entries) } else { Err(BundleError::Surplus { width: self.width() }) }
    }
}
