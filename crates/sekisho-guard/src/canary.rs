//! Leak canaries: random tokens planted in a system prompt or a document, which must never come out.
//!
//! A canary is found however its letters are spread or encoded: other case or width, separators or unseen characters
//! in between, backwards, in base64, hexadecimal or ROT13.

use std::{borrow::Cow, fmt};

use aho_corasick::AhoCorasick;

use crate::{
    Detector, Evidence, Kind, Reach, Span, Unavailable, View,
    folded::{Folded, Form},
    lexicon::Beginnings,
};

/// Most canaries at one time.
pub const CANARIES_MAX: usize = 1_024;
/// Shortest canary, in characters: a shorter one would be met by chance.
pub const TOKEN_CHARS_MIN: usize = 12;
/// Longest canary.
pub const TOKEN_CHARS_MAX: usize = 64;
/// Most characters of other text between two of a canary.
const SEPARATORS_MAX: usize = 4;
/// Longest canary as written, separators and encoding included, in characters of the text.
const SPAN_CHARS_MAX: usize = 512;

/// Letters and digits that people do not mistake for each other.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A canary. It is a secret: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new canary of 26 letters and digits, from 128 random bits.
    pub fn new(random: [u8; 16]) -> Self {
        let number = u128::from_be_bytes(random);
        let digit = |place: u32| char::from(DIGITS[(number >> (5 * place) & 31) as usize]);
        Self((0..26).rev().map(digit).collect())
    }

    /// A canary that exists: letters and digits of ASCII.
    ///
    /// # Errors
    /// [`BadToken`] when it is too short, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, BadToken> {
        if !(TOKEN_CHARS_MIN..=TOKEN_CHARS_MAX).contains(&text.len()) {
            return Err(BadToken::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(BadToken::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// The canary itself, for planting it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({} characters)", self.0.len())
    }
}

/// Why a text is no canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Not between [`TOKEN_CHARS_MIN`] and [`TOKEN_CHARS_MAX`] characters.
    #[error("the canary is too short or too long")]
    Length,
    /// Something other than letters and digits of ASCII.
    #[error("the canary has other characters than letters and digits")]
    Character,
}

/// Where a canary was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// In the system prompt.
    SystemPrompt,
    /// In a document that a model may read.
    Document,
}

impl Plant {
    fn rule(self) -> &'static str {
        match self {
            Self::SystemPrompt => "canary/system-prompt",
            Self::Document => "canary/document",
        }
    }
}

/// More than [`CANARIES_MAX`] canaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many canaries at one time")]
pub struct TooMany;

/// Finds canaries. `Debug` tells only how many.
pub struct Canaries {
    planted: Vec<(Plant, Token)>,
    /// Writings in which case does not matter, and those in which it does; each with the canary and the note it gives.
    loose: Option<Writings>,
    exact: Option<Writings>,
    beginnings: Beginnings,
    chars_max: usize,
}

struct Writings {
    automaton: AhoCorasick,
    of: Vec<(Plant, Option<&'static str>)>,
}

impl fmt::Debug for Canaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canaries").field("planted", &self.planted.len()).finish_non_exhaustive()
    }
}

impl Canaries {
    /// A detector for these canaries. To add or remove one, build another detector and swap it.
    ///
    /// # Errors
    /// [`TooMany`] when there are more than [`CANARIES_MAX`].
    pub fn new(planted: impl IntoIterator<Item = (Plant, Token)>) -> Result<Self, TooMany> {
        let planted: Vec<(Plant, Token)> = planted.into_iter().take(CANARIES_MAX + 1).collect();
        if planted.len() > CANARIES_MAX {
            return Err(TooMany);
        }
        let mut loose = Vec::new();
        let mut exact = Vec::new();
        for (plant, token) in &planted {
            let lower = token.0.to_ascii_lowercase();
            loose.extend(loose_writings(&lower).map(|(text, note)| (text, (*plant, note))));
            for case in [lower.clone(), token.0.to_ascii_uppercase(), token.0.clone()] {
                exact.extend(base64_writings(&case).map(|text| (text, (*plant, Some("evidence-base64")))));
            }
        }
        exact.sort_by(|one, other| one.0.cmp(&other.0));
        exact.dedup_by(|one, other| one.0 == other.0);
        let texts: Vec<String> = loose.iter().chain(&exact).map(|(text, _)| text.clone()).collect();
        let chars_max = texts.iter().map(String::len).max().unwrap_or(0);
        let beginnings = Beginnings::of(texts);
        Ok(Self { planted, loose: writings(loose)?, exact: writings(exact)?, beginnings, chars_max })
    }

    /// How many are planted.
    pub fn len(&self) -> usize {
        self.planted.len()
    }

    /// Whether none is planted.
    pub fn is_empty(&self) -> bool {
        self.planted.is_empty()
    }
}

fn writings(rows: Vec<(String, (Plant, Option<&'static str>))>) -> Result<Option<Writings>, TooMany> {
    if rows.is_empty() {
        return Ok(None);
    }
    let (texts, of): (Vec<String>, Vec<_>) = rows.into_iter().unzip();
    let automaton = AhoCorasick::new(texts).map_err(|_| TooMany)?;
    Ok(Some(Writings { automaton, of }))
}

/// Writings of a lower-case token in lower case.
fn loose_writings(token: &str) -> impl Iterator<Item = (String, Option<&'static str>)> {
    let in_hex = |before: &str| -> String {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
        let byte = |byte: u8| before.chars().chain([digit(byte >> 4), digit(byte & 15)]).collect::<Vec<_>>();
        token.bytes().flat_map(byte).collect()
    };
    let rot13 = token.bytes().map(|byte| match byte {
        b'a'..=b'm' => byte + 13,
        b'n'..=b'z' => byte - 13,
        other => other,
    });
    [
        (token.to_owned(), None),
        (token.chars().rev().collect(), Some("evidence-reversed")),
        (in_hex(""), Some("evidence-hex")),
        (in_hex("u00"), Some("evidence-escaped")),
        (rot13.map(char::from).collect(), Some("evidence-rot13")),
    ]
    .into_iter()
}

/// The digits that do not depend on what is encoded before and behind the token, for each of the three ways to begin.
fn base64_writings(token: &str) -> impl Iterator<Item = String> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..3).map(|before| {
        let bits = |bit: usize| {
            let byte = (bit / 8).checked_sub(before).and_then(|at| token.as_bytes().get(at));
            byte.map(|byte| byte >> (7 - bit % 8) & 1)
        };
        let digit = |number: usize| {
            let value = (0..6).try_fold(0, |value, bit| Some(value << 1 | bits(number * 6 + bit)?))?;
            Some(char::from(DIGITS[usize::from(value)]))
        };
        (0..(before + token.len()) * 8 / 6).filter_map(digit).collect()
    })
}

/// The letters and digits of a text.
struct Squeezed {
    lower: String,
    exact: String,
    /// For each of them the folded character.
    chars: Vec<usize>,
    /// Characters of other text behind the last one.
    separators: usize,
}

/// Stands where a canary cannot go on, in the squeezed text.
const GAP: char = ' ';

fn squeeze(folded: &Folded) -> Squeezed {
    let mut squeezed = Squeezed {
        lower: String::with_capacity(64),
        exact: String::with_capacity(64),
        chars: Vec::with_capacity(64),
        separators: 0,
    };
    for (char, letter) in folded.text().chars().enumerate() {
        if letter.is_ascii_alphanumeric() {
            squeezed.separators = 0;
        } else {
            squeezed.separators += 1;
            if squeezed.separators != SEPARATORS_MAX + 1 {
                continue;
            }
        }
        let letter = if squeezed.separators == 0 { letter } else { GAP };
        squeezed.exact.push(letter);
        squeezed.lower.push(letter.to_ascii_lowercase());
        squeezed.chars.push(char);
    }
    squeezed
}

impl Detector for Canaries {
    fn name(&self) -> &'static str {
        "canary"
    }

    fn reach(&self) -> Reach {
        Reach { behind_chars: 0, hold_chars_max: SPAN_CHARS_MAX }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let all = view.original.len();
        if self.is_empty() {
            return Ok(all);
        }
        let folded = Folded::of(view.original, Form::TOKENS, view.at_end);
        let squeezed = squeeze(&folded);
        let both = [(&self.loose, &squeezed.lower), (&self.exact, &squeezed.exact)];
        for (writings, text) in both {
            let Some(writings) = writings else { continue };
            for hit in writings.automaton.find_overlapping_iter(text) {
                let (first, last) = (squeezed.chars[hit.start()], squeezed.chars[hit.end() - 1]);
                if folded.index(last) - folded.index(first) >= SPAN_CHARS_MAX {
                    continue;
                }
                let (plant, note) = writings.of[hit.pattern().as_usize()];
                found.push(Span {
                    kind: Kind::Canary,
                    range: folded.original(first..last + 1),
                    confidence: 1.0,
                    rule: Cow::Borrowed(plant.rule()),
                    evidence: Evidence { notes: note.into_iter().collect(), ..Evidence::default() },
                });
            }
        }
        if view.at_end || squeezed.separators > SEPARATORS_MAX {
            return Ok(all);
        }
        let from = squeezed.exact.len().saturating_sub(self.chars_max);
        let is_alive = |at: &usize| {
            let goes_on = |text: &str| self.beginnings.goes_on(&text[*at..]);
            folded.original_chars() - folded.index(squeezed.chars[*at]) < SPAN_CHARS_MAX
                && (goes_on(&squeezed.lower) || goes_on(&squeezed.exact))
        };
        let first = (from..squeezed.exact.len()).find(is_alive);
        Ok(first.map_or(all, |at| folded.original_start(squeezed.chars[at])))
    }
}

#[cfg(test)]
mod tests;
