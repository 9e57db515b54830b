//! Where entries begin: every so many, so that reading one does not read the segment.

use super::HEADER;

/// Entries from one known place to the next: at most this many frames are read to find one.
pub const OFFSET_EVERY: u64 = 256;

/// Places of entries in one segment. Derived: the segment says the same, slower.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offsets {
    first: u64,
    places: Vec<u64>,
    next: u64,
}

impl Offsets {
    /// For a segment whose first entry is `first`; no entries yet.
    pub fn new(first: u64) -> Self {
        Self { first, places: Vec::new(), next: first }
    }

    /// Takes the next entry, which begins at `offset`.
    pub fn push(&mut self, offset: u64) {
        if (self.next - self.first).is_multiple_of(OFFSET_EVERY) {
            self.places.push(offset);
        }
        self.next += 1;
    }

    /// The entry after the last.
    pub fn end(&self) -> u64 {
        self.next
    }

    /// The nearest known entry that is not behind `index`, and where it begins; none when `index` is not in the segment.
    pub fn before(&self, index: u64) -> Option<(u64, u64)> {
        if index >= self.next {
            return None;
        }
        let step = index.checked_sub(self.first)? / OFFSET_EVERY;
        self.places.get(step as usize).map(|place| (self.first + step * OFFSET_EVERY, *place))
    }

    /// The file form: first entry, number of entries, places, CRC-32C over all of it; little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = [self.first, self.next - self.first].into_iter().chain(self.places.iter().copied());
        let mut bytes: Vec<u8> = numbers.flat_map(u64::to_le_bytes).collect();
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        bytes
    }

    /// Reads the file form; none when it is damaged or cannot be of a segment of this many bytes. What comes out is a
    /// hint: whoever reads at a place checks that the entry is there.
    pub fn parse(bytes: &[u8], segment_bytes: u64) -> Option<Self> {
        let (numbers, crc) = bytes.split_last_chunk()?;
        if crc32c::crc32c(numbers) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (numbers, []) = numbers.as_chunks() else { return None };
        let mut numbers = numbers.iter().map(|number| u64::from_le_bytes(*number));
        let (first, count) = (numbers.next()?, numbers.next()?);
        let places: Vec<u64> = numbers.collect();
        let fits = places.len() as u64 == count.div_ceil(OFFSET_EVERY)
            && places.is_sorted_by(|a, b| a < b)
            && places.iter().all(|place| (HEADER.len() as u64..segment_bytes).contains(place));
        fits.then_some(())?;
        Some(Self { first, places, next: first.checked_add(count)? })
    }
}
