//! Tokens whose signature was found to hold lately.
//!
//! A person sends the same token with every request for minutes, and a signature costs more to verify than all else about
//! it. Only that the signature holds is remembered, by a digest of the whole token and for one set of keys; time, audience
//! and groups are looked at anew. As in the memory of decisions, each digest has one place.

use std::sync::{Mutex, PoisonError};

use ring::digest::{SHA256, digest};

use super::{keys::KeySet, token::Token};

/// Tokens that are remembered at most.
const PLACES: usize = 1024;

pub(super) struct Recall(Box<[Mutex<Option<Known>>]>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Known {
    digest: [u8; 32],
    /// The number of the set of keys.
    keys: u64,
}

impl Recall {
    pub(super) fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::new(None)).collect())
    }

    /// Whether the signature of this very token holds by one of these keys.
    pub(super) fn holds(&self, token: &Token<'_>, keys: &KeySet) -> bool {
        let known = known(token, keys);
        self.place(&known).lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(&known)
    }

    /// Notes that it does.
    pub(super) fn note(&self, token: &Token<'_>, keys: &KeySet) {
        let known = known(token, keys);
        *self.place(&known).lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }

    fn place(&self, known: &Known) -> &Mutex<Option<Known>> {
        let [one, two, ..] = known.digest;
        &self.0[usize::from(u16::from_le_bytes([one, two])) % PLACES]
    }
}

fn known(token: &Token<'_>, keys: &KeySet) -> Known {
    let mut known = Known { digest: [0; 32], keys: keys.number };
    known.digest.copy_from_slice(digest(&SHA256, token.whole.as_bytes()).as_ref());
    known
}
