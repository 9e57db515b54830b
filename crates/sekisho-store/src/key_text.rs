//! The written form of an API key: `sk_<id>_<secret>`.
//!
//! Both parts are base32 (RFC 4648, lower case, without padding): 80 bits of identity that may be shown and logged, and
//! 256 bits of secret. No character of it needs quoting anywhere, and a double click selects it whole.

use std::{fmt, str::FromStr};

use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const PREFIX: &str = "sk_";
const ID_BYTES: usize = 10;
const ID_CHARS: usize = 16;
pub(crate) const SECRET_BYTES: usize = 32;
const SECRET_CHARS: usize = 52;
const KEY_CHARS: usize = PREFIX.len() + ID_CHARS + 1 + SECRET_CHARS;

/// The part of a key that names it and may be shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; ID_BYTES]);

/// A whole key, readable once. `Debug` shows nothing of the secret, and the memory is wiped.
pub struct KeySecret(Zeroizing<String>);

/// Not the text of a key, or of a key's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not in the form of a key")]
pub struct KeyTextError;

/// The secret bytes.
pub(crate) type Secret = Zeroizing<[u8; SECRET_BYTES]>;

impl KeyId {
    pub(crate) fn from_bytes(bytes: [u8; ID_BYTES]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The length of what [`KeyId::from_bytes`] takes.
    pub(crate) const BYTES: usize = ID_BYTES;
}

impl KeySecret {
    pub(crate) fn new(id: KeyId, secret: &Secret) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(KEY_CHARS));
        text.push_str(PREFIX);
        encode(&id.0, &mut text);
        text.push('_');
        encode(&**secret, &mut text);
        Self(text)
    }

    /// The text to hand over, once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Reads `sk_<id>_<secret>`, in exactly the form in which it was written.
pub(crate) fn parse_key(text: &str) -> Result<(KeyId, Secret), KeyTextError> {
    if text.len() != KEY_CHARS {
        return Err(KeyTextError);
    }
    let rest = text.as_bytes().strip_prefix(PREFIX.as_bytes()).ok_or(KeyTextError)?;
    let (id, rest) = rest.split_at(ID_CHARS);
    let secret = rest.strip_prefix(b"_").ok_or(KeyTextError)?;
    let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
    decode(secret, &mut *bytes)?;
    Ok((parse_id(id)?, bytes))
}

fn parse_id(text: &[u8]) -> Result<KeyId, KeyTextError> {
    let mut bytes = [0; ID_BYTES];
    decode(text, &mut bytes)?;
    Ok(KeyId(bytes))
}

fn encode(bytes: &[u8], text: &mut String) {
    let (mut bits, mut count) = (0_u32, 0);
    for &byte in bytes {
        bits = (bits << 8) | u32::from(byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(ALPHABET[(bits >> count) as usize & 31]));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(char::from(ALPHABET[(bits << (5 - count)) as usize & 31]));
    }
}

/// Refuses any other length, any other character, and bits behind the last byte that are not zero.
fn decode(text: &[u8], bytes: &mut [u8]) -> Result<(), KeyTextError> {
    if text.len() != (bytes.len() * 8).div_ceil(5) {
        return Err(KeyTextError);
    }
    let (mut bits, mut count, mut place) = (0_u32, 0, 0);
    for &character in text {
        let value = match character {
            b'a'..=b'z' => character - b'a',
            b'2'..=b'7' => character - b'2' + 26,
            _ => return Err(KeyTextError),
        };
        bits = (bits << 5) | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            *bytes.get_mut(place).ok_or(KeyTextError)? = (bits >> count) as u8;
            place += 1;
            bits &= (1 << count) - 1;
        }
    }
    if bits == 0 { Ok(()) } else { Err(KeyTextError) }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(ID_CHARS);
        encode(&self.0, &mut text);
        f.pad(&text)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySecret({} characters)", self.0.len())
    }
}

impl FromStr for KeyId {
    type Err = KeyTextError;

    /// The id alone, or with `sk_` before it, as people copy it.
    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        parse_id(text.strip_prefix(PREFIX).unwrap_or(text).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::{KEY_CHARS, KeyId, KeySecret, parse_key};

    fn key(id: [u8; 10], secret: [u8; 32]) -> KeySecret {
        KeySecret::new(KeyId::from_bytes(id), &Zeroizing::new(secret))
    }

    #[test]
    fn form() {
        let text = key(*b"0123456789", [0xff; 32]);
        assert_eq!(text.expose(), "sk_gaytemzugu3doobz_777777777777777777777777777777777777777777777777777q");
        assert_eq!(text.expose().len(), KEY_CHARS);
        assert_eq!(format!("{text:?}"), "KeySecret(72 characters)");
        assert_eq!("sk_gaytemzugu3doobz".parse::<KeyId>().unwrap().to_string(), "gaytemzugu3doobz");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(id: [u8; 10], secret: [u8; 32]) {
            let (read_id, read_secret) = parse_key(key(id, secret).expose()).unwrap();
            prop_assert_eq!(read_id, KeyId::from_bytes(id));
            prop_assert_eq!(*read_secret, secret);
        }

        #[test]
        fn any_text_is_refused_or_is_the_one_form(text in any::<String>()) {
            if let Ok((id, secret)) = parse_key(&text) {
                let again = KeySecret::new(id, &secret);
                prop_assert_eq!(again.expose(), &text);
            }
            let _ = text.parse::<KeyId>();
        }

        /// Near misses: one character of a good key is another one.
        #[test]
        fn a_changed_key_is_refused_or_is_the_one_form(id: [u8; 10], secret: [u8; 32], at in 0..KEY_CHARS, other: char) {
            let mut text: Vec<char> = key(id, secret).expose().chars().collect();
            text[at] = other;
            let text: String = text.into_iter().collect();
            if let Ok((id, secret)) = parse_key(&text) {
                let again = KeySecret::new(id, &secret);
                prop_assert_eq!(again.expose(), &text);
            }
        }
    }
}
