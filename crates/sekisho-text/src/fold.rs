//! The form under which two spellings count as the same word when a person looks something up.

use unicode_normalization::UnicodeNormalization;

/// NFKC, lower case, katakana as hiragana, and spaces, hyphens and middle dots dropped.
///
/// For comparing and finding, never for storing or showing: it loses what the writer wrote.
pub fn key(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .filter(|character| !character.is_whitespace() && !"-‐‑‒–—―_・･".contains(*character))
        .map(to_hiragana)
        .collect()
}

/// Whether `needle` stands in `text` under [`key`].
pub fn contains(text: &str, needle: &str) -> bool {
    key(text).contains(&key(needle))
}

fn to_hiragana(character: char) -> char {
    match character {
        'ァ'..='ヶ' => char::from_u32(character as u32 - 0x60).expect("the two kana blocks lie 0x60 apart"),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{contains, key};

    #[test]
    fn spellings_of_one_name_meet() {
        assert_eq!(key("ストックマーク"), key("すとっくまーく"));
        assert_eq!(key("ﾊﾟﾅｿﾆｯｸ"), key("パナソニック"));
        assert_eq!(key("Takane-32B"), key("takane 32b"));
        assert!(contains("中央省庁（名称非公表）", "(名称"));
        assert!(!contains("cotomi", "tsuzumi"));
    }
}
