//! C2SP signed notes, checkpoints and cosignatures, as far as a verifier reads them.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::merkle::Hash;

/// Signatures looked at in one note.
const SIGNATURES_MAX: usize = 100;
const ED25519: u8 = 0x01;
const COSIGNATURE_V1: u8 = 0x04;

/// A public key with its name: `name+hash+base64`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct VerifierKey {
    pub(crate) name: String,
    id: [u8; 4],
    algorithm: u8,
    key: VerifyingKey,
}

impl VerifierKey {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, BASE64.decode(parts.next()?).ok()?);
        let (algorithm, bytes) = key.split_first()?;
        let known = matches!(*algorithm, ED25519 | COSIGNATURE_V1) && !name.is_empty();
        let computed = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(&key).finalize();
        let id_matches = u32::from_str_radix(id, 16).is_ok_and(|id| id.to_be_bytes() == computed[..4]);
        let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
        (known && id_matches).then(|| Self {
            name: name.to_owned(),
            id: computed[..4].try_into().expect("four bytes"),
            algorithm: *algorithm,
            key,
        })
    }

    pub(crate) fn is_witness(&self) -> bool {
        self.algorithm == COSIGNATURE_V1
    }
}

/// A text and the signatures under it; nothing is verified yet.
pub(crate) struct Note<'a> {
    /// With its last line end.
    pub(crate) text: &'a str,
    signatures: Vec<(&'a str, Vec<u8>)>,
}

/// What a key says of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    /// It signed it; for a cosignature with the time, in seconds since 1970.
    Yes(Option<u64>),
    /// There is no signature of that key.
    No,
    /// There is one, and it is wrong.
    Wrong,
}

impl<'a> Note<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let all = std::str::from_utf8(bytes).ok()?;
        if all.chars().any(|character| character < ' ' && character != '\n') {
            return None;
        }
        let split = all.rfind("\n\n")?;
        let (text, lines) = (&all[..=split], &all[split + 2..]);
        let mut signatures = Vec::new();
        for line in lines.strip_suffix('\n')?.split('\n') {
            let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
            let signature = BASE64.decode(signature).ok()?;
            if name.is_empty() || signature.len() < 5 || signatures.len() == SIGNATURES_MAX {
                return None;
            }
            signatures.push((name, signature));
        }
        Some(Self { text, signatures })
    }

    pub(crate) fn signed_by(&self, key: &VerifierKey) -> Signed {
        let mut said = Signed::No;
        for (name, signature) in &self.signatures {
            let (id, signature) = signature.split_at(4);
            if *name == key.name && id == key.id {
                said = check(key, self.text, signature).unwrap_or(Signed::Wrong);
                if said == Signed::Wrong {
                    return said;
                }
            }
        }
        said
    }
}

fn check(key: &VerifierKey, text: &str, signature: &[u8]) -> Option<Signed> {
    if key.algorithm == ED25519 {
        let signature = Signature::from_slice(signature).ok()?;
        key.key.verify_strict(text.as_bytes(), &signature).ok()?;
        return Some(Signed::Yes(None));
    }
    let (time, signature) = signature.split_at_checked(8)?;
    let time = u64::from_be_bytes(time.try_into().ok()?);
    let signature = Signature::from_slice(signature).ok()?;
    let message = format!("cosignature/v1\ntime {time}\n{text}");
    key.key.verify_strict(message.as_bytes(), &signature).ok()?;
    Some(Signed::Yes(Some(time)))
}

/// Origin, number of entries, root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) origin: String,
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

impl Checkpoint {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        if origin.is_empty() || lines.any(str::is_empty) {
            return None;
        }
        Some(Self { origin: origin.to_owned(), size: parse_decimal(size)?, root: parse_hash(root)? })
    }
}

/// Decimal as C2SP writes it: no sign, no leading zero.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    BASE64.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::{Checkpoint, Note, Signed, VerifierKey, parse_decimal};

    /// The example of the Go package golang.org/x/mod/sumdb/note, whose form C2SP took over.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your \
                        problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn verifies_the_published_example_and_no_change_of_it() {
        let key = VerifierKey::parse(KEY).unwrap();
        assert_eq!(Note::parse(NOTE.as_bytes()).unwrap().signed_by(&key), Signed::Yes(None));
        let changed = NOTE.replace("answer", "Answer");
        assert_eq!(Note::parse(changed.as_bytes()).unwrap().signed_by(&key), Signed::Wrong);
        let other = NOTE.replace("— PeterNeumann", "— Someone");
        assert_eq!(Note::parse(other.as_bytes()).unwrap().signed_by(&key), Signed::No);
        assert!(VerifierKey::parse(&KEY.replace("c74f20a3", "c74f20a4")).is_none());
    }

    #[test]
    fn reads_checkpoints_strictly() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        assert_eq!(Checkpoint::parse(&format!("a/b\n20852163\n{root}\n")).unwrap().size, 20_852_163);
        for bad in [
            format!("a/b\n020852163\n{root}\n"),
            format!("a/b\n+1\n{root}\n"),
            format!("a/b\n1\n{root}"),
            format!("\n1\n{root}\n"),
            "a/b\n1\nAAAA\n".to_owned(),
        ] {
            assert!(Checkpoint::parse(&bad).is_none(), "{bad}");
        }
        assert_eq!(parse_decimal("18446744073709551616"), None);
    }
}
