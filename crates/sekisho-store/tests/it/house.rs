//! A store in a folder of its own, with a clock that the test turns and keys that come from a seed.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sekisho_store::{
    Amount, Budget, BudgetSpec, Charge, Entropy, Hold, Kind, Limits, NoEntropy, PrincipalId, PrincipalSpec,
    ReserveError, Settings, Store, Subject, Used,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// 2026-11-24T03:00:00Z.
pub(crate) const NOW_MS: u64 = 1_795_489_200_000;
pub(crate) const MODEL: &str = "sarashina2.2-3b";

pub(crate) struct House {
    pub(crate) folder: TempDir,
    pub(crate) settings: Settings,
    pub(crate) now_ms: Arc<AtomicU64>,
}

struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl House {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now_ms = Arc::new(AtomicU64::new(NOW_MS));
        let clock = Arc::clone(&now_ms);
        let settings = Settings {
            tick: None,
            clock: Arc::new(move || clock.load(Ordering::Relaxed)),
            entropy: Arc::new(Seeded(AtomicU64::new(1))),
            ..Settings::at(folder.path().join("sekisho.db"))
        };
        Self { folder, settings, now_ms }
    }

    pub(crate) fn create(&self) -> Store {
        Store::create(&self.settings).unwrap()
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(&self.settings).unwrap()
    }

    pub(crate) fn pass(&self, ms: u64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

pub(crate) fn somebody(store: &Store, name: &str) -> PrincipalId {
    store.add_principal(&PrincipalSpec::new(Kind::User, name)).unwrap()
}

pub(crate) fn tokens(tokens: u64) -> Amount {
    Amount { tokens, micro_yen: 0 }
}

pub(crate) fn used(tokens: u64) -> Used {
    Used { prompt_tokens: tokens / 3, completion_tokens: tokens - tokens / 3, micro_yen: 0 }
}

pub(crate) fn limit(store: &Store, subject: Subject, tokens_max: u64) {
    let limits = Limits { tokens_max: Some(tokens_max), micro_yen_max: None };
    store.set_budget(&BudgetSpec { budget: Budget { subject, month: None }, limits }).unwrap();
}

pub(crate) fn reserve(store: &Store, who: PrincipalId, amount: Amount) -> Result<Hold, ReserveError> {
    let principal = store.principal_by_id(who).unwrap();
    store.reserve_blocking(Charge::to(&principal, MODEL), amount)
}

/// Tokens used and tokens leased, as written.
pub(crate) fn standing(store: &Store, subject: Subject) -> (u64, u64) {
    let standing = store.standing(subject, store.month()).unwrap();
    (standing.used.tokens, standing.leased.tokens)
}

/// The same numbers in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }
}
