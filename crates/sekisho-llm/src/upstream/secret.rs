//! A secret in memory.

use std::fmt;

use hyper::header::HeaderValue;
use zeroize::Zeroizing;

/// A key for an upstream. `Debug` prints its length only, and its memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret as it stands in its file; white space around it, such as the last line feed, is no part of it.
    pub fn new(text: String) -> Self {
        let text = Zeroizing::new(text);
        Self(Zeroizing::new(text.trim().to_owned()))
    }

    /// The secret itself, for the one header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// As the value of a header, after `prefix`; none if it holds a character that no header may.
    pub(crate) fn header(&self, prefix: &str) -> Option<HeaderValue> {
        let text = Zeroizing::new(format!("{prefix}{}", self.expose()));
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Whether it has the form `<UUID>:<secret>`.
    pub(crate) fn is_pair(&self) -> bool {
        let Some((id, secret)) = self.0.split_once(':') else { return false };
        let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        lengths == [8, 4, 4, 4, 12] && id.split('-').all(is_hex) && !secret.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn is_never_shown() {
        let secret = Secret::new("sk-very-secret\n".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(14 bytes)");
        let header = secret.header("Bearer ").expect("ASCII");
        assert_eq!(header, "Bearer sk-very-secret");
        assert_eq!(format!("{header:?}"), "Sensitive");
        assert!(Secret::new("a\nb".to_owned()).header("").is_none());
    }

    #[test]
    fn knows_a_pair() {
        let is_pair = |text: &str| Secret::new(text.to_owned()).is_pair();
        assert!(is_pair("0192f3a4-0000-4abc-8def-0123456789ab:s3cret"));
        assert!(!is_pair("0192f3a4-0000-4abc-8def-0123456789ab:"));
        assert!(!is_pair("0192f3a4-0000-4abc-8def-0123456789ab"));
        assert!(!is_pair("not-a-uuid:s3cret"));
    }
}
