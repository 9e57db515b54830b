//! What may stand for a name. Names go to terminals, logs, policies and screens, so nothing invisible or ambiguous enters.

use unicode_normalization::UnicodeNormalization;

/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 64;
/// Longest name for people to read, and longest text of a key's name, in characters.
pub const DISPLAY_CHARS_MAX: usize = 128;
/// Longest name of a model, issuer, subject, label or setting, in bytes.
pub(crate) const WORD_BYTES_MAX: usize = 512;

/// Why a name is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only blanks.
    #[error("it is empty")]
    Empty,
    /// Too long.
    #[error("it is longer than {max}")]
    Long {
        /// Characters, or bytes for words that machines give.
        max: usize,
    },
    /// A character that may not stand there.
    #[error("character {position} (U+{character:04X}) may not stand in it")]
    Character {
        /// Which, from 1.
        position: usize,
        /// Its number in Unicode.
        character: u32,
    },
    /// There is a plainer spelling: full-width letters, half-width kana, split accents.
    #[error("it is not in the plain spelling (NFKC)")]
    Spelling,
}

/// A name by which commands, policies and records call something: letters of any script, digits, `-`, `_`, `.`, and in names
/// of people `@`.
pub(crate) fn check_name(name: &str, others: &[char]) -> Result<(), NameError> {
    check_length(name, NAME_CHARS_MAX)?;
    if name.nfkc().ne(name.chars()) {
        return Err(NameError::Spelling);
    }
    let is_first = |character: char| character.is_alphanumeric();
    let is_fit = |character: char| {
        is_first(character)
            || matches!(character, '-' | '_' | '.' | 'ー' | '々')
            || others.contains(&character)
    };
    let bad = name
        .chars()
        .enumerate()
        .find(|&(index, character)| !(if index == 0 { is_first(character) } else { is_fit(character) }));
    bad.map_or(Ok(()), |(index, character)| Err(bad_character(index, character)))
}

/// A name for people to read: anything visible on one line.
pub(crate) fn check_display(name: &str) -> Result<(), NameError> {
    check_length(name, DISPLAY_CHARS_MAX)?;
    let bad = name.chars().enumerate().find(|&(_, character)| is_hidden(character));
    bad.map_or(Ok(()), |(index, character)| Err(bad_character(index, character)))
}

/// A word that another machine gave: kept as it is, compared byte for byte.
pub(crate) fn check_word(word: &str) -> Result<(), NameError> {
    if word.is_empty() {
        return Err(NameError::Empty);
    }
    if word.len() > WORD_BYTES_MAX {
        return Err(NameError::Long { max: WORD_BYTES_MAX });
    }
    let bad = word.chars().enumerate().find(|&(_, character)| is_hidden(character));
    bad.map_or(Ok(()), |(index, character)| Err(bad_character(index, character)))
}

fn check_length(name: &str, max: usize) -> Result<(), NameError> {
    // Looks at no more of a hostile name than the limit.
    if name.chars().nth(max).is_some() {
        return Err(NameError::Long { max });
    }
    if name.trim().is_empty() {
        return Err(NameError::Empty);
    }
    Ok(())
}

fn bad_character(index: usize, character: char) -> NameError {
    NameError::Character { position: index + 1, character: u32::from(character) }
}

/// Control characters, direction marks, zero-width characters, line separators, tags and variation selectors.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character),
            0x00AD | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E
            | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NAME_CHARS_MAX, NameError, WORD_BYTES_MAX, check_display, check_name, check_word};

    #[test]
    fn names_in_use_are_taken() {
        for name in
            ["yamada", "水道課", "chat-bot.v2", "情報政策課_係長", "データ", "佐々木", "a", "山田@example.jp"]
        {
            assert_eq!(check_name(name, &['@']), Ok(()), "{name}");
        }
        assert_eq!(check_display("山田 太郎（情報政策課）"), Ok(()));
        assert_eq!(check_word("https://idp.example/realms/a|b"), Ok(()));
    }

    #[test]
    fn hostile_names_are_not() {
        let long = "あ".repeat(NAME_CHARS_MAX + 1);
        for name in [
            "",
            " ",
            "-x",
            ".",
            "a b",
            "a\n",
            "a\0",
            "\u{1b}[31m",
            "a\u{202e}b",
            "a\u{200b}",
            "ａｄｍｉｎ",
            "ﾃﾞｰﾀ",
            "a/b",
            "a'--",
            "e\u{301}",
            "a@b",
            "\u{3164}",
            &long,
        ] {
            assert!(check_name(name, &[]).is_err(), "{name:?}");
        }
        for name in ["", "　", "a\nb", "a\u{7}", "\u{202e}admin", "a\u{e0041}", "a\u{fe0f}"] {
            assert!(check_display(name).is_err(), "{name:?}");
        }
        let long = "x".repeat(WORD_BYTES_MAX + 1);
        assert_eq!(check_word(&long), Err(NameError::Long { max: WORD_BYTES_MAX }));
        assert_eq!(check_name("ab\u{1b}", &[]), Err(NameError::Character { position: 3, character: 0x1b }));
    }

    proptest! {
        #[test]
        fn checking_never_panics(name in any::<String>()) {
            let _ = (check_name(&name, &[]), check_display(&name), check_word(&name));
        }
    }
}
