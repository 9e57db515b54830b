//! Randomness as an argument: the machine's own in earnest, a seed in tests.

/// The operating system had no random bytes for us.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no randomness from the operating system")]
pub struct NoEntropy;

/// A source of random bytes. Every key stands on it.
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
