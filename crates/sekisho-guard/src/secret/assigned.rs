//! Values that a word announces: `password = …`, パスワード：…, 暗証番号は…, `Authorization: Bearer …`, and passwords in addresses.

use aho_corasick::AhoCorasick;

use super::{
    Candidate, HOLD_CHARS_MAX, LIST_MAX, Look, Rule, WORD_CHARS_MAX, automaton,
    value::{self, Judge, entropy_bits, kinds},
};
use crate::{
    file::{ProblemKind, Reader, Table},
    folded::{Folded, Form},
    injection::decode_base64,
};

/// Longest password; a longer run is a key.
const PASSWORD_BYTES_MAX: usize = 128;
/// Shortest value behind a cue for keys.
const KEY_BYTES_MIN: usize = 16;
/// Longest value behind a cue; longer runs are files.
const KEY_BYTES_MAX: usize = 2_048;
/// Least entropy of such a value, in bits for each character.
const KEY_ENTROPY_BITS_MIN: f32 = 3.0;
/// Most space between a cue, its sign and the value, in characters.
const SPACE_BYTES_MAX: usize = 8;
/// Longest remark in brackets between a cue and its sign: パスワード（初期）：
const REMARK_CHARS_MAX: usize = 12;

/// What a cue announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Announced {
    Password,
    Pin,
    Key,
    Scheme,
}

/// How a cue is bound to its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `=`, `:`
    Mark,
    /// は, `is`: prose, in which more is needed of a value.
    Word,
}

/// The words that announce a secret.
#[derive(Debug)]
pub(super) struct Cues {
    automaton: AhoCorasick,
    of: Vec<(Announced, usize)>,
}

impl Cues {
    pub(super) fn read(reader: &mut Reader, root: &mut Table<'_>, rules: &[Rule]) -> Option<Self> {
        let mut words = Vec::new();
        let mut of = Vec::new();
        let kinds = [
            ("password", "secret/password", Announced::Password),
            ("pin", "secret/pin", Announced::Pin),
            ("key", "secret/key", Announced::Key),
        ];
        if let Some(mut cues) = root.need(reader, "cues").and_then(|value| value.table(reader)) {
            for (name, id, announced) in kinds {
                let texts = cues.take(name).map(|value| value.texts(reader, LIST_MAX, WORD_CHARS_MAX));
                let Some(texts) = texts else { continue };
                let Some(rule) = rules.iter().position(|rule| rule.card.id == id) else {
                    reader.note(cues.at, &cues.path, ProblemKind::NoSuchWords { found: id.to_owned() });
                    continue;
                };
                for word in texts {
                    words.push(Folded::of(&word.text, Form::TOKENS, true).text().to_owned());
                    of.push((announced, rule));
                }
            }
            cues.finish(reader);
        }
        for scheme in ["bearer ", "basic "] {
            words.push(scheme.to_owned());
            of.push((Announced::Scheme, 0));
        }
        Some(Self { automaton: automaton(&words, true)?, of })
    }

    pub(super) fn look(
        &self,
        look: &Look<'_>,
        header: Option<usize>,
        values: &Judge,
        found: &mut Vec<Candidate>,
    ) {
        for hit in self.automaton.find_overlapping_iter(look.text) {
            let is_latin = look.byte(hit.start()).is_some_and(|byte| byte.is_ascii_alphanumeric());
            if is_latin && look.byte_before(hit.start()).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
                continue;
            }
            let (announced, rule) = self.of[hit.pattern().as_usize()];
            let candidate = if announced == Announced::Scheme {
                header.and_then(|rule| scheme(look, hit.start(), hit.end(), rule, values))
            } else {
                bound(look, hit.end()).and_then(|place| assigned(look, &place, announced, rule, values))
            };
            if let Some(candidate) = candidate {
                found.push(Candidate { cue: Some(hit.start()..hit.end()), ..candidate });
            }
        }
    }
}

/// Where a value begins, and what it is bound by.
struct Place {
    at: usize,
    sign: Sign,
    quote: Option<u8>,
}

/// The value that the text behind a cue binds to it.
fn bound(look: &Look<'_>, cue_end: usize) -> Option<Place> {
    let rest = &look.text[cue_end..];
    let rest = rest.strip_prefix(['"', '\'', '`', '」', '』', ')', ']', '*']).unwrap_or(rest);
    let rest = rest.trim_start_matches('*');
    let rest = after_remark(after_space(rest, false)?);
    let rest = after_space(rest, false)?;
    const MARKS: [&str; 10] = ["=>", "->", ":=", "==", "=", ":", "→", "⇒", "|", "\t"];
    // Voicing is folded away, and か is not a binding word: は is は, です is てす.
    const WORDS: [&str; 8] = ["は、", "は", "に", "を", "is ", "as ", "\n", "\r\n"];
    let mark = MARKS.iter().find_map(|mark| rest.strip_prefix(mark));
    let (rest, sign) = match mark {
        Some(rest) => (rest, Sign::Mark),
        None => (WORDS.iter().find_map(|word| rest.strip_prefix(word))?, Sign::Word),
    };
    let rest = after_space(rest, true)?;
    let quote = rest.bytes().next().filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let rest = match quote {
        Some(_) => &rest[1..],
        None => rest.strip_prefix(['「', '『', '【', '(']).unwrap_or(rest),
    };
    Some(Place { at: look.text.len() - rest.len(), sign, quote })
}

fn after_space(text: &str, over_line: bool) -> Option<&str> {
    let rest =
        text.trim_start_matches(|character: char| character == ' ' || over_line && character.is_whitespace());
    (text.len() - rest.len() <= SPACE_BYTES_MAX).then_some(rest)
}

fn after_remark(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(') else { return text };
    let end = inner.char_indices().take(REMARK_CHARS_MAX).find(|(_, character)| *character == ')');
    end.map_or(text, |(at, _)| &inner[at + 1..])
}

fn assigned(
    look: &Look<'_>,
    place: &Place,
    announced: Announced,
    rule: usize,
    values: &Judge,
) -> Option<Candidate> {
    let from = place.at;
    let accepts = |byte: u8| match place.quote {
        Some(quote) => byte != quote && byte.is_ascii_graphic(),
        None => {
            byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b'|')
        }
    };
    let (mut end, is_open) = look.run(from, KEY_BYTES_MAX + 1, accepts);
    let next = look.text[end..].chars().next();
    if place.quote.is_none() {
        while end > from && matches!(look.byte_before(end), Some(b'.' | b':' | b')' | b']' | b'}' | b'?')) {
            end -= 1;
        }
        // An address behind a path of its own is another rule's.
        end = look.text[from..end].find('&').map_or(end, |at| from + at);
    }
    if end == from {
        return None;
    }
    let value = &look.text[from..end];
    // A quoted text with a space inside is a sentence.
    let is_closed = place.quote.is_none() || next == place.quote.map(char::from) || is_open;
    let share = if !is_closed
        || value.len() > KEY_BYTES_MAX
        || values.is_placeholder(value)
        || place.quote.is_none() && value::is_expression(value)
    {
        None
    } else {
        match announced {
            Announced::Pin => pin(value, next, values),
            Announced::Key => key(value),
            _ => password(value, next, place, values),
        }
    };
    // The second half of a word before a sign (`password: type:`) is a key of its own.
    let is_key = next.is_none_or(|_| look.byte(end) != Some(b':') || place.quote.is_some());
    let share = share.filter(|_| is_key);
    Some(Candidate { rule, range: from..end, share, cue: None, is_open })
}

fn pin(value: &str, next: Option<char>, values: &Judge) -> Option<f32> {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    (is_number && (4..=12).contains(&digits) && !values.is_counter(next)).then_some(1.0)
}

fn key(value: &str) -> Option<f32> {
    let is_key = value.len() >= KEY_BYTES_MIN
        && value.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'~' | b'%')
        })
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
        && entropy_bits(value) >= KEY_ENTROPY_BITS_MIN;
    is_key.then_some(1.0)
}

fn password(value: &str, next: Option<char>, place: &Place, values: &Judge) -> Option<f32> {
    if value.len() > PASSWORD_BYTES_MAX {
        return key(value);
    }
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let has_letter = value.bytes().any(|byte| byte.is_ascii_alphanumeric());
    let is_sign =
        value.contains("://") || value.starts_with(['/', '-', '*', '#', '=', '!']) && value.len() < 6;
    if value.len() < 4 || !has_letter || is_sign || is_number && values.is_counter(next) {
        return None;
    }
    match (kinds(value), place.sign) {
        (1, Sign::Mark) if is_number => Some(0.8),
        (1, Sign::Mark) if place.quote.is_some() && value.len() >= 6 => Some(0.6),
        (1, Sign::Word) if is_number && value.len() >= 6 => Some(0.7),
        (1, _) => None,
        // Prose: `8-64`, `A-Z`, and so on are no passwords, nor is a name with a capital letter.
        (_, Sign::Word) => {
            let has = |kind: fn(&u8) -> bool| value.as_bytes().iter().any(kind);
            let mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
            (mixed && value.len() >= 6).then_some(0.9)
        }
        (2, Sign::Mark)
            if !value.bytes().any(|byte| byte.is_ascii_digit())
                && value.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
        {
            None
        }
        (2, Sign::Mark) if !value.bytes().any(|byte| byte.is_ascii_alphabetic()) => None,
        _ => Some(1.0),
    }
}

/// `Bearer …`, `Basic …`.
fn scheme(look: &Look<'_>, start: usize, cue_end: usize, rule: usize, values: &Judge) -> Option<Candidate> {
    let accepts = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
    };
    let (mut end, is_open) = look.run(cue_end, HOLD_CHARS_MAX, accepts);
    while end > cue_end && look.byte_before(end) == Some(b'.') {
        end -= 1;
    }
    if end == cue_end {
        return None;
    }
    let value = &look.text[cue_end..end];
    let is_basic = look.text[start..].get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"));
    let is_secret = if is_basic {
        let decoded = decode_base64(value).unwrap_or_default();
        let pair = decoded.iter().position(|byte| *byte == b':');
        value.len() >= 8 && decoded.is_ascii() && pair.is_some_and(|at| at > 0 && at + 1 < decoded.len())
    } else {
        key(value).is_some()
    };
    let share = (is_secret && !values.is_placeholder(value)).then_some(1.0);
    Some(Candidate { rule, range: cue_end..end, share, cue: None, is_open })
}

/// Passwords in addresses: `postgres://app:…@db`.
pub(super) fn look_for_urls(look: &Look<'_>, rule: usize, values: &Judge, found: &mut Vec<Candidate>) {
    const USER_BYTES_MAX: usize = 64;
    for (colon, _) in look.text.match_indices("://") {
        if !look.byte_before(colon).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            continue;
        }
        let accepts = |byte: u8| {
            byte.is_ascii_graphic() && !matches!(byte, b'/' | b'?' | b'#' | b'@' | b'"' | b'\'' | b'<' | b'>')
        };
        let (user_end, _) = look.run(colon + 3, USER_BYTES_MAX, |byte| accepts(byte) && byte != b':');
        if look.byte(user_end) != Some(b':') {
            continue;
        }
        let start = user_end + 1;
        let (end, is_open) = look.run(start, PASSWORD_BYTES_MAX, accepts);
        if end == start {
            continue;
        }
        let (user, value) = (&look.text[colon + 3..user_end], &look.text[start..end]);
        let is_shown = value == user || values.is_placeholder(value);
        let is_secret = look.byte(end) == Some(b'@') && !is_shown;
        let share = is_secret.then_some(1.0);
        found.push(Candidate { rule, range: start..end, share, cue: Some(colon..colon + 3), is_open });
    }
}
