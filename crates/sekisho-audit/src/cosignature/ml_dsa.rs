//! ML-DSA-44 (FIPS 204), as far as cosignatures need it: the deterministic variant, with an empty context.

use ml_dsa::{EncodedVerifyingKey, Keypair, MlDsa44, SignatureEncoding, Signer, Verifier};

/// A public key: 1,312 bytes. Large in memory, because the matrix is expanded once.
#[derive(Clone, PartialEq)]
pub(crate) struct Public(ml_dsa::VerifyingKey<MlDsa44>);

/// A private key, made from its 32-byte seed.
pub(crate) struct Secret(ml_dsa::SigningKey<MlDsa44>);

impl Public {
    /// Reads a key; none when the length is wrong. All bytes of the right length are a key.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = EncodedVerifyingKey::<MlDsa44>::try_from(bytes).ok()?;
        Some(Self(ml_dsa::VerifyingKey::decode(&bytes)))
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.encode().to_vec()
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        ml_dsa::Signature::try_from(signature)
            .is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

impl Secret {
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ml_dsa::SigningKey::from_seed(&(*seed).into()))
    }

    pub(crate) fn public(&self) -> Public {
        Public(self.0.verifying_key())
    }

    /// None when the rejection sampling gives up.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.0.try_sign(message).ok().map(|signature| signature.to_bytes().to_vec())
    }
}
