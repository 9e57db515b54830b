//! A filter that says "not in this block" without reading the block's words. It never says so wrongly.

use sha2::{Digest, Sha256};

use super::column::COLUMNS;

const BITS_PER_WORD: usize = 10;
const PROBES: u64 = 7;
/// Largest filter, in bytes: every row of a block with its own word in every column.
pub(crate) const BLOOM_BYTES_MAX: usize = super::ROWS_IN_MEMORY_MAX * COLUMNS * BITS_PER_WORD / 8;

/// Bits, a multiple of eight of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bloom(pub(crate) Vec<u8>);

impl Bloom {
    pub(crate) fn for_words(count: usize) -> Self {
        Self(vec![0; (count * BITS_PER_WORD).div_ceil(8).clamp(8, BLOOM_BYTES_MAX)])
    }

    pub(crate) fn add(&mut self, column: usize, word: &str) {
        for bit in bits(column, word, self.0.len() as u64 * 8) {
            self.0[bit / 8] |= 1 << (bit % 8);
        }
    }

    pub(crate) fn may_hold(&self, column: usize, word: &str) -> bool {
        bits(column, word, self.0.len() as u64 * 8).all(|bit| self.0[bit / 8] >> (bit % 8) & 1 == 1)
    }
}

fn bits(column: usize, word: &str, count: u64) -> impl Iterator<Item = usize> {
    let hash = Sha256::new().chain_update([column as u8]).chain_update(word).finalize();
    let (first, rest) = hash.split_first_chunk::<8>().expect("a hash has 32 bytes");
    let step = rest.first_chunk::<8>().expect("a hash has 32 bytes");
    let (first, step) = (u64::from_be_bytes(*first), u64::from_be_bytes(*step) | 1);
    (0..PROBES).map(move |probe| (first.wrapping_add(probe.wrapping_mul(step)) % count) as usize)
}

#[cfg(test)]
mod tests {
    use super::Bloom;

    #[test]
    fn what_was_added_is_found_and_little_else() {
        let mut bloom = Bloom::for_words(5000);
        (0..5000).for_each(|n| bloom.add(0, &format!("職員{n}")));
        assert!((0..5000).all(|n| bloom.may_hold(0, &format!("職員{n}"))));
        let wrong = (0..5000).filter(|n| bloom.may_hold(1, &format!("職員{n}"))).count();
        assert!(wrong < 100, "{wrong} of 5000");
    }
}
