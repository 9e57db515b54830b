//! What stands in place of what was masked, and the way back.
//!
//! `[PERSON_1]` can be put back inside the conversation whose [`Vault`] holds it; `[PERSON]` never. A language model
//! keeps this form in its answer: capital letters, one number, square brackets, no spaces.
//!
//! Text may already hold such a form, by chance or by design. When a vault is in use, screening therefore masks every
//! look-alike in its turn (`[TEXT_1]` stands for the characters `[PERSON_1]` as written). So whatever looks like a
//! placeholder after screening is one of ours, and putting back is exact: a person who types `[PERSON_1]` gets these
//! characters back and not somebody's name.

mod restorer;
mod vault;

use std::fmt;

use crate::Kind;

pub use restorer::Restorer;
pub use vault::{VAULT_BYTES_MAX, VAULT_ENTRIES_MAX, Vault};

/// No placeholder is longer, brackets included: the longest name, a number, and what a model may write before `_` or `]`.
pub(crate) const PLACEHOLDER_CHARS_MAX: usize = 36;
/// Numbers go as far; a vault ends earlier.
const NUMBER_DIGITS_MAX: usize = 6;
/// The name of what looked like a placeholder and was none.
const TEXT: &str = "TEXT";

/// What a placeholder stands for: a kind, or text that looked like a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Stands {
    For(Kind),
    ForText,
}

impl Stands {
    fn name(self) -> &'static str {
        match self {
            Self::For(kind) => kind.name(),
            Self::ForText => TEXT,
        }
    }

    fn parse_name(name: &str) -> Option<Self> {
        if name == TEXT { Some(Self::ForText) } else { Kind::parse_name(name).map(Self::For) }
    }

    /// Whether some name begins with `start`, or `start` goes on after a name as a number does.
    fn may_become(start: &str) -> bool {
        let mut names = Kind::all().map(Kind::name).chain([TEXT]);
        names.any(|name| {
            let Some(rest) = start.strip_prefix(name) else { return name.starts_with(start) };
            let digits = rest.strip_prefix('_').unwrap_or(rest);
            rest.is_empty() || rest.starts_with('_') && is_number_start(digits)
        })
    }
}

fn is_number_start(digits: &str) -> bool {
    digits.len() <= NUMBER_DIGITS_MAX
        && !digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// `[PERSON_1]` or `[PERSON]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placeholder {
    pub(crate) stands: Stands,
    /// None when nothing is put back.
    pub(crate) number: Option<u32>,
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "[{}_{number}]", self.stands.name()),
            None => write!(f, "[{}]", self.stands.name()),
        }
    }
}

/// What stands at the beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// A numbered placeholder of so many bytes.
    Placeholder { stands: Stands, number: u32, bytes: usize },
    /// So far it may become one; more text is needed.
    Open,
    /// Anything else.
    Other,
}

/// Reads a numbered placeholder as a model may write it: full width or half width, capital or small letters, with the
/// backslash of Markdown before `_` or `]`.
pub(crate) fn read_start(text: &str) -> Start {
    let mut inner = String::new();
    let mut escaped = false;
    for (index, (at, written)) in text.char_indices().enumerate() {
        let character = to_half_width(written);
        match character {
            _ if index >= PLACEHOLDER_CHARS_MAX => return Start::Other,
            '[' if index == 0 => {}
            _ if index == 0 => return Start::Other,
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            ']' => {
                let bytes = at + written.len_utf8();
                return parse_inner(&inner).map_or(Start::Other, |(stands, number)| Start::Placeholder {
                    stands,
                    number,
                    bytes,
                });
            }
            '_' => inner.push('_'),
            _ if escaped || !character.is_ascii_alphanumeric() => return Start::Other,
            _ => inner.push(character.to_ascii_uppercase()),
        }
        escaped = false;
        if !Stands::may_become(&inner) {
            return Start::Other;
        }
    }
    if text.is_empty() { Start::Other } else { Start::Open }
}

fn parse_inner(inner: &str) -> Option<(Stands, u32)> {
    let (name, digits) = inner.rsplit_once('_')?;
    let number = Some(digits).filter(|digits| is_number_start(digits))?.parse().ok()?;
    Some((Stands::parse_name(name)?, number))
}

fn to_half_width(character: char) -> char {
    match character {
        '！'..='～' => {
            char::from_u32(character as u32 - 0xfee0).expect("the full-width block is ASCII moved")
        }
        other => other,
    }
}

/// A numbered placeholder, or what looks like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LookAlike {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) stands: Stands,
    pub(crate) number: u32,
}

/// Every look-alike of `text` from the left, and the byte before which nothing changes when more text follows.
pub(crate) fn look_alikes(text: &str) -> (Vec<LookAlike>, usize) {
    let mut found = Vec::new();
    for (start, _) in text.match_indices(['[', '［']) {
        match read_start(&text[start..]) {
            Start::Placeholder { stands, number, bytes } => {
                found.push(LookAlike { start, end: start + bytes, stands, number });
            }
            // It reaches to the end, so no other bracket follows.
            Start::Open => return (found, start),
            Start::Other => {}
        }
    }
    (found, text.len())
}

#[cfg(test)]
mod tests;
