//! Normalised text that remembers where each character came from.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A text in the form in which it is judged, with the way back to what was written.
///
/// NFKC, without characters that nobody sees (zero-width, variation selectors, soft hyphen, directions), and with
/// hyphen-like characters between digits as `-`. ー (U+30FC) is folded only between digits, since everywhere else it
/// is a vowel: マイナンバー must stay itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normal {
    text: String,
    /// For each character of `text`: its first byte there, and the bytes of the original that it stands for.
    chars: Vec<(u32, Range<u32>)>,
    original_len: usize,
}

impl Normal {
    /// Normalises. Texts over 4 GiB are the caller's error.
    pub fn of(original: &str) -> Self {
        let mut normal = Self { original_len: original.len(), ..Self::default() };
        let mut rest = original.char_indices().peekable();
        while let Some((start, first)) = rest.next() {
            let mut end = start + first.len_utf8();
            while let Some((at, next)) = rest.peek().copied() {
                if !is_combining_mark(next) && !matches!(next, 'ﾞ' | 'ﾟ') {
                    break;
                }
                end = at + next.len_utf8();
                rest.next();
            }
            for character in original[start..end].nfkc().filter(|character| !is_unseen(*character)) {
                normal.chars.push((normal.text.len() as u32, start as u32..end as u32));
                normal.text.push(character);
            }
        }
        normal.fold_hyphens();
        normal
    }

    /// The normalised text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The smallest part of the original that covers `range` (bytes of [`Normal::text`]).
    pub fn to_original(&self, range: Range<usize>) -> Range<usize> {
        let first = self.chars.partition_point(|row| (row.0 as usize) < range.start);
        let last = self.chars.partition_point(|row| (row.0 as usize) < range.end);
        let start = self.chars.get(first).map_or(self.original_len, |row| row.1.start as usize);
        let end = if last > first { self.chars[last - 1].1.end as usize } else { start };
        start..end
    }

    /// The first byte of [`Normal::text`] that stands for the original at or after byte `at`.
    pub fn from_original(&self, at: usize) -> usize {
        let index = self.chars.partition_point(|row| (row.1.start as usize) < at);
        self.chars.get(index).map_or(self.text.len(), |row| row.0 as usize)
    }

    fn fold_hyphens(&mut self) {
        let characters: Vec<char> = self.text.chars().collect();
        let is_digit = |index: usize| characters.get(index).is_some_and(char::is_ascii_digit);
        let folds = |index: usize| {
            index > 0 && is_hyphen(characters[index]) && is_digit(index - 1) && is_digit(index + 1)
        };
        if !(0..characters.len()).any(folds) {
            return;
        }
        self.text.clear();
        for (index, character) in characters.iter().enumerate() {
            self.chars[index].0 = self.text.len() as u32;
            self.text.push(if folds(index) { '-' } else { *character });
        }
    }
}

fn is_hyphen(character: char) -> bool {
    "‐‑‒–—―−－ー﹣ｰ─━".contains(character)
}

/// Characters without a picture of their own.
pub fn is_unseen(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Normal;

    #[test]
    fn finds_the_way_back() {
        let original = "個人番号：１２３４—５６７８";
        let normal = Normal::of(original);
        assert_eq!(normal.text(), "個人番号:1234-5678");
        let start = normal.text().find('1').unwrap();
        assert_eq!(&original[normal.to_original(start..normal.text().len())], "１２３４—５６７８");
        assert_eq!(Normal::of("マイナンバー").text(), "マイナンバー");
        assert_eq!(Normal::of("ｶﾞｷﾞ").text(), "ガギ");
        assert_eq!(Normal::of("12\u{200b}34").text(), "1234");
    }

    proptest! {
        #[test]
        fn ranges_lie_in_the_original(text in "\\PC{0,40}") {
            let normal = Normal::of(&text);
            for (at, character) in normal.text().char_indices() {
                let range = normal.to_original(at..at + character.len_utf8());
                prop_assert!(text.get(range).is_some_and(|part| !part.is_empty()));
            }
            prop_assert_eq!(normal.to_original(0..normal.text().len()).end <= text.len(), true);
        }
    }
}
