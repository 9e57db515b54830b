//! The keys that an issuer publishes, and what they have signed.

use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;

use super::{Algorithm, KEYS_MAX, KID_BYTES_MAX, KeysFault, Refusal, json::Members, token::decode};

/// The keys of an issuer at one time.
pub(super) struct KeySet {
    keys: Vec<Key>,
    /// When they were got, seconds since 1970.
    pub(super) got_s: u64,
    /// Counts the sets: what one set has verified is not known for another.
    pub(super) number: u64,
}

/// A public key.
pub(super) struct Key {
    kid: Option<String>,
    /// The only algorithm that it is for, if it says one.
    algorithm: Option<Algorithm>,
    material: Material,
}

enum Material {
    /// Modulus and exponent, without leading zeros.
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// A point, uncompressed.
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

/// Of bytes: 2048 to 8192 bits.
const RSA_MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// More is of no use, and slow.
const RSA_EXPONENT_BYTES_MAX: usize = 4;

impl KeySet {
    /// Reads a JWKS. Keys that are of no use here are passed over: issuers publish such for others.
    ///
    /// # Errors
    /// [`KeysFault::Malformed`], [`KeysFault::TooMany`].
    pub(super) fn parse(bytes: &[u8], got_s: u64, number: u64) -> Result<Self, KeysFault> {
        let set = Members::parse(bytes).ok_or(KeysFault::Malformed)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(KeysFault::Malformed)?;
        if keys.len() > KEYS_MAX {
            return Err(KeysFault::TooMany { max: KEYS_MAX });
        }
        Ok(Self { keys: keys.iter().filter_map(Key::parse).collect(), got_s, number })
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether asking the issuer again would bring nothing new for a token with that `kid`.
    pub(super) fn knows(&self, kid: Option<&str>) -> bool {
        kid.is_none_or(|kid| self.keys.iter().any(|key| key.kid.as_deref() == Some(kid)))
    }

    /// The one key for a token.
    ///
    /// # Errors
    /// [`Refusal::KeyUnknown`], [`Refusal::KeyAmbiguous`]: of two keys with one `kid` none is tried, since one of them may
    /// have been slipped in.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&Key, Refusal> {
        let is_named = |key: &&Key| kid.is_none() || key.kid.as_deref() == kid;
        let mut fitting = self.keys.iter().filter(is_named).filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (None, _) => Err(Refusal::KeyUnknown),
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(Refusal::KeyAmbiguous),
        }
    }
}

impl Key {
    fn parse(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(decode);
        // A private key in public is nobody's any more.
        if value.get("d").is_some() {
            return None;
        }
        if value.get("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let verifies =
            |list: &Value| list.as_array().is_some_and(|list| list.iter().any(|one| one == "verify"));
        if !value.get("key_ops").is_none_or(verifies) {
            return None;
        }
        let kid = match value.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str().filter(|kid| kid.len() <= KID_BYTES_MAX)?.to_owned()),
        };
        // A key for an algorithm that is none of ours is none for us, whatever its form.
        let algorithm = match value.get("alg") {
            None => None,
            Some(name) => Some(Algorithm::parse(name.as_str()?)?),
        };
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                let (n, e) = (without_zeros(bytes("n")?), without_zeros(bytes("e")?));
                let is_sound =
                    RSA_MODULUS.contains(&n.len()) && (1..=RSA_EXPONENT_BYTES_MAX).contains(&e.len());
                is_sound.then_some(Material::Rsa { n, e })?
            }
            ("EC", Some("P-256")) => {
                let (x, y): ([u8; 32], [u8; 32]) =
                    (bytes("x")?.try_into().ok()?, bytes("y")?.try_into().ok()?);
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&x);
                point[33..].copy_from_slice(&y);
                Material::P256(point)
            }
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes("x")?.try_into().ok()?),
            _ => return None,
        };
        Some(Self { kid, algorithm, material })
    }

    /// Whether the key is for that algorithm. The key decides, never the token alone.
    fn fits(&self, algorithm: Algorithm) -> bool {
        let by_form = match &self.material {
            Material::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Material::P256(_) => algorithm == Algorithm::Es256,
            Material::Ed25519(_) => algorithm == Algorithm::EdDsa,
        };
        by_form && self.algorithm.is_none_or(|own| own == algorithm)
    }

    /// # Errors
    /// [`Refusal::Signature`].
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Refusal> {
        let by = |scheme: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(scheme, key).verify(message, signature)
        };
        let verified = match (&self.material, algorithm) {
            (Material::Rsa { n, e }, Algorithm::Rs256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Material::Rsa { n, e }, Algorithm::Ps256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, message, signature)
            }
            (Material::P256(point), Algorithm::Es256) => by(&ECDSA_P256_SHA256_FIXED, point),
            (Material::Ed25519(key), Algorithm::EdDsa) => by(&ED25519, key),
            _ => return Err(Refusal::Signature),
        };
        verified.map_err(|_| Refusal::Signature)
    }
}

fn without_zeros(bytes: Vec<u8>) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    bytes[start..].to_vec()
}
