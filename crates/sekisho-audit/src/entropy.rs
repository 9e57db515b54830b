//! Randomness as an argument: the machine's own in earnest, a seed in tests.

/// The operating system had no random bytes for us.
#[derive(Debug, thiserror::Error)]
#[error("no randomness from the operating system")]
pub struct NoEntropy;

/// A source of random bytes. Everything secret in the log stands on it.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`NoEntropy`]; what `bytes` holds then must not be used.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The generator of the operating system: the only one to use in earnest.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(bytes).map_err(|_| NoEntropy)
    }
}

#[cfg(test)]
pub(crate) mod seeded {
    use std::sync::atomic::{AtomicU64, Ordering};

    use sha2::{Digest, Sha256};

    use super::{Entropy, NoEntropy};

    /// SHA-256 of seed and counter: the same bytes in every run.
    #[derive(Debug)]
    pub(crate) struct Seeded {
        seed: u64,
        next: AtomicU64,
    }

    impl Seeded {
        pub(crate) fn new(seed: u64) -> Self {
            Self { seed, next: AtomicU64::new(0) }
        }
    }

    impl Entropy for Seeded {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
            for chunk in bytes.chunks_mut(32) {
                let count = self.next.fetch_add(1, Ordering::Relaxed);
                let block = Sha256::digest([self.seed.to_be_bytes(), count.to_be_bytes()].concat());
                chunk.copy_from_slice(&block[..chunk.len()]);
            }
            Ok(())
        }
    }
}
