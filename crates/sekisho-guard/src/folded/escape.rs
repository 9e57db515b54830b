//! Characters written as escapes: `%E7%84%A1`, `\u7121`, `\x41`, `&#28961;`, `&lt;`.

/// Longest unit, in bytes: a pair of surrogates, or four percent bytes.
const UNIT_BYTES_MAX: usize = 12;

const NAMED: &[(&str, char)] =
    &[("lt;", '<'), ("gt;", '>'), ("amp;", '&'), ("quot;", '"'), ("apos;", '\''), ("nbsp;", ' ')];

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// An escape of so many bytes.
    Unit { character: char, bytes: usize },
    /// The text breaks off where an escape may stand.
    Broken,
    /// None.
    No,
}

/// Reads the escape at the start of `text`.
pub(super) fn read(text: &str, at_end: bool) -> Read {
    let bytes = &text.as_bytes()[..text.len().min(UNIT_BYTES_MAX)];
    let outcome = match bytes {
        [b'%', ..] => percent(bytes),
        [b'\\', ..] => backslash(bytes),
        [b'&', b'#', ..] | [b'&'] => number(bytes),
        [b'&', ..] => named(text),
        _ => Read::No,
    };
    if outcome == Read::Broken && (at_end || text.len() >= UNIT_BYTES_MAX) { Read::No } else { outcome }
}

fn hex(digits: Option<&[u8]>) -> Option<u32> {
    let digits = digits?;
    let all = digits.iter().all(u8::is_ascii_hexdigit);
    all.then(|| std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, 16).ok()))
        .flatten()
}

/// Whether `bytes`, all that there is, could be the beginning of `count` hexadecimal digits.
fn may_be_hex(bytes: &[u8], count: usize) -> bool {
    bytes.len() < count && bytes.iter().all(u8::is_ascii_hexdigit)
}

fn percent(bytes: &[u8]) -> Read {
    let mut unit = Vec::with_capacity(4);
    let mut at = 0;
    let mut wanted = 1;
    while unit.len() < wanted {
        match bytes.get(at) {
            None => return Read::Broken,
            Some(b'%') => {}
            Some(_) => return Read::No,
        }
        let Some(byte) = hex(bytes.get(at + 1..at + 3)) else {
            return if may_be_hex(&bytes[at + 1..], 2) { Read::Broken } else { Read::No };
        };
        wanted = match (unit.is_empty(), byte) {
            (true, 0..0x80) => 1,
            (true, 0xc2..0xe0) => 2,
            (true, 0xe0..0xf0) => 3,
            (true, 0xf0..0xf5) => 4,
            (true, _) => return Read::No,
            (false, _) => wanted,
        };
        unit.push(byte as u8);
        at += 3;
    }
    match std::str::from_utf8(&unit).ok().and_then(|unit| unit.chars().next()) {
        Some(character) => Read::Unit { character, bytes: at },
        None => Read::No,
    }
}

fn backslash(bytes: &[u8]) -> Read {
    let unit = |code: Option<u32>, bytes: usize| match code.and_then(char::from_u32) {
        Some(character) => Read::Unit { character, bytes },
        None => Read::No,
    };
    match bytes.get(1) {
        None => Read::Broken,
        Some(b'n' | b'r') => Read::Unit { character: '\n', bytes: 2 },
        Some(b'x') if may_be_hex(&bytes[2..], 2) => Read::Broken,
        Some(b'x') => unit(hex(bytes.get(2..4)), 4),
        Some(b'u') if may_be_hex(&bytes[2..], 4) => Read::Broken,
        Some(b'u') => match hex(bytes.get(2..6)) {
            Some(high @ 0xd800..0xdc00) => match bytes.get(6..) {
                Some([b'\\', b'u', rest @ ..]) => match hex(rest.get(..4)) {
                    Some(low @ 0xdc00..0xe000) => {
                        unit(Some(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 12)
                    }
                    None if may_be_hex(rest, 4) => Read::Broken,
                    _ => Read::No,
                },
                Some([b'\\'] | []) => Read::Broken,
                _ => Read::No,
            },
            code => unit(code, 6),
        },
        Some(_) => Read::No,
    }
}

fn number(bytes: &[u8]) -> Read {
    let (digits_at, radix) = match bytes.get(2) {
        None => return Read::Broken,
        Some(b'x' | b'X') => (3, 16),
        Some(_) => (2, 10),
    };
    let rest = bytes.get(digits_at..).unwrap_or_default();
    let count = rest.iter().take_while(|byte| (**byte as char).is_digit(radix)).count();
    match rest.get(count) {
        None => Read::Broken,
        Some(b';') if count > 0 => {
            let code = std::str::from_utf8(&rest[..count])
                .ok()
                .and_then(|digits| u32::from_str_radix(digits, radix).ok());
            match code.and_then(char::from_u32) {
                Some(character) => Read::Unit { character, bytes: digits_at + count + 1 },
                None => Read::No,
            }
        }
        Some(_) => Read::No,
    }
}

fn named(text: &str) -> Read {
    let rest = &text[1..];
    match NAMED.iter().find(|(name, _)| rest.starts_with(name)) {
        Some((name, character)) => Read::Unit { character: *character, bytes: 1 + name.len() },
        None if NAMED.iter().any(|(name, _)| name.starts_with(rest)) => Read::Broken,
        None => Read::No,
    }
}

#[cfg(test)]
mod tests {
    use super::{Read, read};

    #[test]
    fn reads_units_and_knows_broken_ones() {
        let unit = |character, bytes| Read::Unit { character, bytes };
        assert_eq!(read("%E7%84%A1x", false), unit('無', 9));
        assert_eq!(read("%41", false), unit('A', 3));
        assert_eq!(read("%E7%84", false), Read::Broken);
        assert_eq!(read("%E7%84", true), Read::No);
        assert_eq!(read("100%です", false), Read::No);
        assert_eq!(read("%です", false), Read::No);
        assert_eq!(read("%84%A1", false), Read::No);
        assert_eq!(read("\\u7121", false), unit('無', 6));
        assert_eq!(read("\\ud83d\\ude00", false), unit('😀', 12));
        assert_eq!(read("\\ud83d", false), Read::Broken);
        assert_eq!(read("\\x41", false), unit('A', 4));
        assert_eq!(read("\\nabc", false), unit('\n', 2));
        assert_eq!(read("&#28961;", false), unit('無', 8));
        assert_eq!(read("&#x7121;", false), unit('無', 8));
        assert_eq!(read("&lt;|", false), unit('<', 4));
        assert_eq!(read("&l", false), Read::Broken);
        assert_eq!(read("& 他", false), Read::No);
        assert_eq!(read("&#99999999999999;", false), Read::No);
    }
}
