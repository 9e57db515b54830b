//! A token taken apart, before anything in it is believed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{KID_BYTES_MAX, Refusal, TOKEN_BYTES_MAX, json::Members};

/// A signed token in compact form.
pub(super) struct Token<'t> {
    /// All of it.
    pub(super) whole: &'t str,
    /// What the signature is over.
    pub(super) signed: &'t str,
    pub(super) signature: Vec<u8>,
    /// `alg`.
    pub(super) algorithm: String,
    /// `kid`.
    pub(super) kid: Option<String>,
    /// `typ`.
    pub(super) kind: Option<String>,
    pub(super) claims: Members,
}

impl<'t> Token<'t> {
    /// # Errors
    /// Whatever is wrong with its form.
    pub(super) fn parse(whole: &'t str) -> Result<Self, Refusal> {
        if whole.len() > TOKEN_BYTES_MAX {
            return Err(Refusal::TooLong { bytes_max: TOKEN_BYTES_MAX });
        }
        let parts: Vec<_> = whole.splitn(6, '.').collect();
        let (header, claims, signature) = match parts[..] {
            [header, claims, signature] => (header, claims, signature),
            [_, _, _, _, _] => return Err(Refusal::Encrypted),
            _ => return Err(Refusal::Malformed),
        };
        let header = decode(header).and_then(|bytes| Members::parse(&bytes)).ok_or(Refusal::Malformed)?;
        let text = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::Malformed),
        };
        let algorithm = text("alg")?.unwrap_or_default();
        let kind = text("typ")?;
        // `b64` and `zip` change what the parts mean, `enc` belongs to another kind of token, and what `crit` lists must be
        // understood: none of it is.
        if ["crit", "b64", "zip", "enc"].into_iter().any(|name| header.has(name)) {
            return Err(Refusal::Critical);
        }
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) if is_kid(kid) => Some(kid.clone()),
            Some(_) => return Err(Refusal::Kid),
        };
        let claims = decode(claims).and_then(|bytes| Members::parse(&bytes)).ok_or(Refusal::Malformed)?;
        let signed = &whole[..whole.len() - signature.len() - 1];
        let signature = decode(signature).ok_or(Refusal::Malformed)?;
        Ok(Self { whole, signed, signature, algorithm, kid, kind, claims })
    }
}

/// A `kid` is only ever compared, never looked up anywhere; so what it says does not matter, but it has an end.
fn is_kid(kid: &str) -> bool {
    !kid.is_empty() && kid.len() <= KID_BYTES_MAX && !kid.chars().any(char::is_control)
}

/// Strictly: no padding, no other letters, no bits left over. So one signature has one spelling.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
