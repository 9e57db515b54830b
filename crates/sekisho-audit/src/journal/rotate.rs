//! Changing the key that signs the log, and which keys have signed it.
//!
//! The order: the new key, durable beside the old one; then the leaf that introduces it, signed by the old one and durable;
//! then the list of keys; then the new key takes the place of the old one, which is overwritten. Nothing else is appended
//! meanwhile. A start that finds a new key beside the old one reads the whole log to see how far that had come.

use std::sync::PoisonError;

use super::{Authority, Error, Journal, start::KEYS};
use crate::{
    keys,
    leaf::{Clear, Kind, Leaf},
    log::{CHECKPOINT, CHECKPOINT_BYTES_MAX, KeyChain, OpenError, Reader, list_segments, segment_path},
    note::{self, Note, SigningKey, VerifierKey},
    segment::{FrameError, Frames, Tag},
    vfs::{self, Folder, Open, ReadAt, Vfs},
};

impl Journal {
    /// Changes the key that signs the log, and says which it is now. A leaf that the old key has signed introduces it; what
    /// was signed before is verified with the old one as ever. The old private key is overwritten.
    ///
    /// # Errors
    /// Those of keys and log: the old key goes on, or, when the leaf was written, the new one signs already and the next
    /// start finishes the rest.
    pub fn change_key(&self, authority: &Authority<'_>) -> Result<VerifierKey, Error> {
        let core = &self.core;
        let _admin = core.admin();
        let _gate = core.class_gate.write().unwrap_or_else(PoisonError::into_inner);
        core.backlog.wait();
        let folder = core.folder.below(KEYS);
        let next = keys::make_next_key(&folder, &core.origin(), &*core.entropy)?;
        let vkey = next.verifier_key();
        let mut statement = core.statement_of(Kind::Key, Vec::new(), Vec::new(), authority);
        statement.vkey = Some(vkey.to_string());
        let entry = match self.append_statement(&statement, Some(next)) {
            Ok(entry) => entry,
            Err(error) => {
                // Whether the leaf is there is not known when the disk has failed; then the next start finds out.
                if !matches!(error, Error::Append(crate::log::AppendError::Poisoned(_))) {
                    keys::drop_next_key(&folder)?;
                }
                return Err(error);
            }
        };
        let chain = {
            let mut chain = core.chain.write().unwrap_or_else(PoisonError::into_inner);
            chain.push(entry + 1, vkey.clone())?;
            chain.clone()
        };
        *core.signing.write().unwrap_or_else(PoisonError::into_inner) = keys::read_next_key(&folder)?
            .ok_or_else(|| keys::Error::Missing { name: keys::NEXT_FILE.to_owned() })?;
        core.log.write_chain(&chain)?;
        keys::adopt_next_key(&folder)?;
        Ok(vkey)
    }
}

/// The keys of a log, from its own list where that does for the published checkpoint, else from its entries.
pub(super) fn read_chain<V: Vfs>(fs: &V) -> Result<KeyChain, Error> {
    let listed = KeyChain::read(fs);
    if let Err(error @ (OpenError::NoLog | OpenError::Io(_) | OpenError::Origin { .. })) = listed {
        return Err(error.into());
    }
    let published = vfs::read(fs, CHECKPOINT, CHECKPOINT_BYTES_MAX).ok();
    let published = published.and_then(|bytes| Note::parse_bytes(&bytes).ok());
    match (listed, published) {
        (Ok(chain), None) => Ok(chain),
        (Ok(chain), Some(note)) if chain.open(note.clone()).is_ok() => Ok(chain),
        // If no entry explains it either, opening the log says what is wrong.
        _ => find_chain(fs),
    }
}

/// The keys of a log, from its entries: reads all of them. What follows a break is not looked at; opening the log judges.
pub(super) fn find_chain<V: Vfs>(fs: &V) -> Result<KeyChain, Error> {
    let mut chain = KeyChain::first_of(fs)?;
    for first in list_segments(fs).map_err(OpenError::Io)? {
        let file = fs.open(&segment_path(first), Open::Read).map_err(OpenError::Io)?;
        let end = file.len().map_err(OpenError::Io)?;
        let mut frames = Frames::new(file, first, end);
        let mut introduced = None;
        loop {
            match frames.next_frame() {
                Ok(Some(frame)) if frame.tag == Tag::Entry => {
                    introduced = key_of(frame.payload, chain.newest()).map(|key| (frame.index + 1, key));
                }
                Ok(Some(_)) => {
                    if let Some((entries, key)) = introduced.take() {
                        chain.push(entries, key)?;
                    }
                }
                Ok(None) | Err(FrameError::Broken(_)) => break,
                Err(FrameError::Io { source, .. }) => return Err(OpenError::Io(source).into()),
            }
        }
    }
    Ok(chain)
}

/// Opens what a log has published, with the keys that signed it. Takes no lock and changes nothing.
///
/// # Errors
/// Those of [`Reader::open`]; [`Error::Content`] when the log does not introduce one of its keys itself.
pub fn open_published<V: Vfs>(fs: V) -> Result<(KeyChain, Reader<V>), Error> {
    let chain = read_chain(&fs)?;
    let reader = Reader::open(fs, chain.clone())?;
    let snapshot = reader.snapshot();
    check_chain(&|index| Ok(snapshot.read(index)?), &chain)?;
    Ok((chain, reader))
}

/// Whether the log itself introduces each key, by a leaf that the key before it has signed.
pub(super) fn check_chain(
    read: &dyn Fn(u64) -> Result<Vec<u8>, Error>,
    chain: &KeyChain,
) -> Result<(), Error> {
    let mut before = chain.first();
    for (entries, key) in chain.changes() {
        let index = entries - 1;
        let leaf = read(index)?;
        if key_of(&leaf, before).as_ref() != Some(key) {
            return Err(Error::Content { index });
        }
        before = key;
    }
    Ok(())
}

/// The key that a leaf introduces, if it is a `key` leaf that `signer` has signed.
fn key_of(leaf: &[u8], signer: &VerifierKey) -> Option<VerifierKey> {
    // The kind first: it turns nearly every leaf away.
    if leaf.get(1) != Some(&(Kind::Key as u8)) {
        return None;
    }
    let Ok(Leaf::Clear(Clear { note, statement, .. })) = Leaf::parse(leaf) else { return None };
    let note = Note::parse(note).ok()?;
    note::verify(&note, std::slice::from_ref(signer)).ok()?;
    statement.vkey?.parse().ok().filter(|key: &VerifierKey| key.name() == signer.name())
}

/// The private half of the newest key of the log.
pub(super) struct Signer {
    key: SigningKey,
    chain: KeyChain,
    rest: Rest,
}

/// What is to be done about a new key that lies beside the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// There is none.
    Nothing,
    /// The log knows it: it takes the place of the old one.
    Adopt,
    /// The log does not know it: it goes.
    Drop,
}

impl Signer {
    /// Of a log that is about to be made.
    pub(super) fn first(folder: &Folder) -> Result<Self, Error> {
        let key = keys::read_signing_key(folder)?;
        let chain = KeyChain::new(key.verifier_key());
        Ok(Self { key, chain, rest: Rest::Nothing })
    }

    /// Of the log that is there, though a change of the key may have been interrupted.
    pub(super) fn find<V: Vfs>(fs: &V, folder: &Folder) -> Result<Self, Error> {
        let present = keys::read_signing_key(folder);
        let (next, rest) = match keys::read_next_key(folder) {
            // Overwritten, and not yet removed: the change had come to its end, or had been taken back.
            Err(keys::Error::Signing(_)) => (None, Rest::Drop),
            next => (next?, Rest::Nothing),
        };
        let Some(next) = next else {
            let key = present?;
            let mut chain = read_chain(fs)?;
            if key.verifier_key() != *chain.newest() {
                chain = find_chain(fs)?;
            }
            return Ok(Self { key, chain, rest });
        };
        let chain = find_chain(fs)?;
        let (key, rest) =
            if next.verifier_key() == *chain.newest() { (next, Rest::Adopt) } else { (present?, Rest::Drop) };
        Ok(Self { key, chain, rest })
    }

    pub(super) fn into_parts(self) -> (SigningKey, KeyChain, Rest) {
        (self.key, self.chain, self.rest)
    }
}

/// Finishes what an interrupted change has left undone. The log was opened with these keys.
pub(super) fn settle<V: Vfs>(fs: &V, folder: &Folder, chain: &KeyChain, rest: Rest) -> Result<(), Error> {
    if KeyChain::read(fs).ok().as_ref() != Some(chain) {
        chain.write(fs).map_err(OpenError::Io)?;
    }
    match rest {
        Rest::Nothing => Ok(()),
        Rest::Adopt => Ok(keys::adopt_next_key(folder)?),
        Rest::Drop => Ok(keys::drop_next_key(folder)?),
    }
}
