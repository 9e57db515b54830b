use chacha20::{
    XChaCha20,
    cipher::{KeyIvInit, StreamCipher},
};
use chacha20poly1305::{AeadInOut, Tag, XNonce};
use proptest::prelude::*;

use super::{Error, RecordKey, TAG_BYTES, cipher, commits_to, key_commitment, open, seal};
use crate::{
    entropy::seeded::Seeded,
    leaf::{Envelope, Kind, Leaf, PLAINTEXT_BYTES_MAX, RecordId, SEALED_HEADER_BYTES, Sealed, Slot},
};

const SLOT: Slot = Slot { class: 3, number: 4097 };

fn envelope() -> Envelope {
    Envelope { kind: Kind::Open, time_ms: 1_774_191_600_001, record: RecordId([7; 16]) }
}

fn sealed(bytes: &[u8]) -> Sealed<'_> {
    match Leaf::parse(bytes).unwrap() {
        Leaf::Sealed(sealed) => sealed,
        Leaf::Clear(_) => panic!("it was sealed"),
    }
}

fn made(content: &[u8]) -> Vec<u8> {
    seal(&envelope(), SLOT, RecordKey([9; 32]), &Seeded::new(1), content).unwrap()
}

#[test]
fn the_largest_content_fits_and_one_more_byte_does_not() {
    let leaf = made(&vec![b'a'; PLAINTEXT_BYTES_MAX]);
    assert_eq!(leaf.len(), 65_535);
    assert_eq!(open(&sealed(&leaf), &RecordKey([9; 32])).unwrap().content.len(), PLAINTEXT_BYTES_MAX);
    let more = vec![b'a'; PLAINTEXT_BYTES_MAX + 1];
    let refused = seal(&envelope(), SLOT, RecordKey([9; 32]), &Seeded::new(1), &more);
    assert!(matches!(refused, Err(Error::TooLong { .. })));
}

#[test]
fn salt_and_content_prove_the_content_without_the_key() {
    let leaf = made("個人番号の照会".as_bytes());
    let opened = open(&sealed(&leaf), &RecordKey([9; 32])).unwrap();
    assert!(commits_to(sealed(&leaf).content_commitment, &opened.salt, &opened.content));
    assert!(!commits_to(sealed(&leaf).content_commitment, &opened.salt, b"another"));
    assert!(!commits_to(sealed(&leaf).content_commitment, &[0; 32], &opened.content));
}

#[test]
fn nothing_secret_is_shown() {
    let opened = open(&sealed(&made(b"secret")), &RecordKey([9; 32])).unwrap();
    assert_eq!(format!("{:?} {opened:?}", RecordKey([9; 32])), "RecordKey(hidden) Opened(6 bytes)");
}

/// A number modulo 2^130 - 5, in which Poly1305 counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Field {
    high: u8,
    low: u128,
}

impl Field {
    const ONE: Self = Self { high: 0, low: 1 };
    const P: Self = Self { high: 3, low: u128::MAX - 4 };

    fn new(high: u8, low: u128) -> Self {
        Self { high, low }.reduced()
    }

    fn reduced(self) -> Self {
        if (self.high, self.low) >= (Self::P.high, Self::P.low) { self.less(Self::P) } else { self }
    }

    fn less(self, other: Self) -> Self {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Self { high: self.high - other.high - u8::from(borrow), low }
    }

    fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Self { high: self.high + other.high + u8::from(carry), low }.reduced()
    }

    fn minus(self, other: Self) -> Self {
        self.plus(Self::P.less(other).reduced())
    }

    fn bit(self, at: u32) -> bool {
        if at < 128 { self.low >> at & 1 == 1 } else { self.high >> (at - 128) & 1 == 1 }
    }

    fn times(self, other: Self) -> Self {
        (0..130).rev().fold(Self::new(0, 0), |sum, at| {
            let doubled = sum.plus(sum);
            if other.bit(at) { doubled.plus(self) } else { doubled }
        })
    }

    /// By Fermat: the power with exponent p - 2.
    fn inverse(self) -> Self {
        let exponent = Self::P.less(Self::new(0, 2));
        (0..130).rev().fold(Self::ONE, |product, at| {
            let squared = product.times(product);
            if exponent.bit(at) { squared.times(self) } else { squared }
        })
    }
}

/// The one-time authenticator that the cipher would use under `key`.
struct Authenticator {
    r: Field,
    s: u128,
}

impl Authenticator {
    fn new(key: &RecordKey, nonce: &[u8; 24]) -> Self {
        use hmac::Mac;
        let mut mac = super::keyed(key);
        mac.update(super::SEAL_LABEL);
        let derived = <[u8; 32]>::from(mac.finalize().into_bytes());
        let mut stream = [0; 32];
        XChaCha20::new(&derived.into(), &(*nonce).into()).apply_keystream(&mut stream);
        let (r, s) = stream.split_at(16);
        let clamp = 0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff;
        Self {
            r: Field::new(0, u128::from_le_bytes(r.try_into().unwrap()) & clamp),
            s: u128::from_le_bytes(s.try_into().unwrap()),
        }
    }

    /// The sum over the blocks, before `s` is added.
    fn sum(&self, blocks: &[u128]) -> Field {
        blocks.iter().fold(Field::new(0, 0), |sum, block| sum.plus(Field::new(1, *block)).times(self.r))
    }

    fn tag(&self, blocks: &[u128]) -> u128 {
        self.sum(blocks).low.wrapping_add(self.s)
    }
}

fn blocks_of(head: &[u8], ciphertext: &[u8]) -> Vec<u128> {
    let padded = |bytes: &[u8]| {
        let block = |chunk: &[u8]| {
            let mut block = [0; 16];
            block[..chunk.len()].copy_from_slice(chunk);
            u128::from_le_bytes(block)
        };
        bytes.chunks(16).map(block).collect::<Vec<_>>()
    };
    let lengths = u128::from(head.len() as u64) | u128::from(ciphertext.len() as u64) << 64;
    [padded(head), padded(ciphertext), vec![lengths]].concat()
}

/// Makes a ciphertext of 64 bytes with one tag that is right under both keys: the last-but-one block is free, and the
/// equation for it is linear.
fn ciphertext_for_two_keys(head: &[u8], nonce: &[u8; 24], keys: [&RecordKey; 2]) -> Vec<u8> {
    let [first, second] = keys.map(|key| Authenticator::new(key, nonce));
    for attempt in 0..1000_u32 {
        let mut ciphertext = vec![0; 64];
        ciphertext[..4].copy_from_slice(&attempt.to_le_bytes());
        let mut blocks = blocks_of(head, &ciphertext);
        let free = blocks.len() - 2;
        // With the free block counted as nothing, not even its marker bit.
        let without = |one: &Authenticator| {
            let before = one.sum(&blocks[..free]).times(one.r);
            before.plus(Field::new(1, blocks[free + 1])).times(one.r)
        };
        let weight = |one: &Authenticator| one.r.times(one.r);
        let difference = Field::new(0, second.s).minus(Field::new(0, first.s));
        let constant = without(&second).minus(without(&first)).plus(difference);
        let factor = weight(&first).minus(weight(&second));
        let block = constant.times(factor.inverse());
        if block.high != 1 {
            continue;
        }
        blocks[free] = block.low;
        let tag = first.tag(&blocks);
        if tag == second.tag(&blocks) {
            ciphertext[48..].copy_from_slice(&block.low.to_le_bytes());
            ciphertext.extend_from_slice(&tag.to_le_bytes());
            return ciphertext;
        }
    }
    panic!("about one attempt in eight works");
}

/// The attack that a commitment is there for: the administrator shows one auditor one content, and another auditor another.
#[test]
fn a_ciphertext_made_for_two_keys_opens_only_under_the_committed_one() {
    let (honest, other) = (RecordKey([1; 32]), RecordKey([2; 32]));
    let mut leaf = made(b"")[..SEALED_HEADER_BYTES].to_vec();
    let nonce: [u8; 24] = leaf[SEALED_HEADER_BYTES - 24..].try_into().unwrap();
    let commitment = key_commitment(&honest, &leaf);
    leaf.extend_from_slice(&commitment);
    leaf.extend_from_slice(&[0; 32]);
    let made = ciphertext_for_two_keys(&leaf, &nonce, [&honest, &other]);
    leaf.extend_from_slice(&made);

    // The cipher takes it under both keys.
    let decrypts = |key: &RecordKey| {
        let (text, tag) = made.split_last_chunk::<TAG_BYTES>().unwrap();
        let mut text = text.to_vec();
        let head = &leaf[..leaf.len() - made.len()];
        cipher(key)
            .decrypt_inout_detached(&XNonce::from(nonce), head, text.as_mut_slice().into(), &Tag::from(*tag))
            .is_ok()
    };
    assert!(decrypts(&honest) && decrypts(&other));
    // The leaf does not: under the other key the key commitment refuses, under the first the content commitment.
    assert!(matches!(open(&sealed(&leaf), &other), Err(Error::WrongKey)));
    assert!(matches!(open(&sealed(&leaf), &honest), Err(Error::OtherContent)));
}

proptest! {
    #[test]
    fn what_is_sealed_opens(content in proptest::collection::vec(any::<u8>(), 0..3000), key: [u8; 32], seed: u64) {
        let leaf = seal(&envelope(), SLOT, RecordKey(key), &Seeded::new(seed), &content).unwrap();
        let leaf = sealed(&leaf);
        prop_assert_eq!(leaf.slot, SLOT);
        prop_assert_eq!(&*open(&leaf, &RecordKey(key)).unwrap().content, &content);
    }

    #[test]
    fn no_changed_byte_opens(content in proptest::collection::vec(any::<u8>(), 0..200), at: prop::sample::Index, change in 1_u8..) {
        let mut leaf = made(&content);
        let at = at.index(leaf.len());
        leaf[at] ^= change;
        if let Ok(Leaf::Sealed(leaf)) = Leaf::parse(&leaf) {
            let refused = open(&leaf, &RecordKey([9; 32]));
            let by_key = matches!(refused, Err(Error::WrongKey));
            let by_cipher = matches!(refused, Err(Error::Changed));
            let rightly = if at < SEALED_HEADER_BYTES + 32 { by_key } else { by_cipher };
            prop_assert!(rightly, "byte {}", at);
        }
    }
}
