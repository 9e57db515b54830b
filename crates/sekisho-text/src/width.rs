//! Columns on a terminal, where a full-width character takes two.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that `text` takes. Ambiguous characters (such as `①` or `—`) count as one, as terminals do by default.
pub fn of(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// `text` with spaces behind it up to `columns`; longer text is returned as it is.
pub fn pad_right(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(of(text))))
}

/// `text` with spaces before it up to `columns`: for numbers.
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(of(text))))
}

/// At most `columns` columns of `text`, ended by `…` where something was cut. Never cuts a character in half.
pub fn truncate(text: &str, columns: usize) -> String {
    if of(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide + 1 > columns {
            break;
        }
        kept.push(character);
        used += wide;
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// Lines of at most `columns` columns. Breaks at spaces where there are some, else between characters, but never
/// before a closing mark or after an opening one (行頭・行末禁則 in its simplest form).
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    text.split('\n').flat_map(|paragraph| wrap_paragraph(paragraph, columns)).collect()
}

const NOT_AT_START: &str =
    "、。，．・：；？！）］｝」』】〉》〕,.:;?!)]}ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ%";
const NOT_AT_END: &str = "（［｛「『【〈《〔([{";

fn wrap_paragraph(paragraph: &str, columns: usize) -> Vec<String> {
    let characters: Vec<char> = paragraph.chars().collect();
    let mut lines = Vec::new();
    let mut start = 0;
    while start < characters.len() {
        let fits = fitting(&characters[start..], columns);
        let end = if start + fits == characters.len() {
            characters.len()
        } else {
            start + break_point(&characters[start..], fits)
        };
        lines.push(characters[start..end].iter().collect::<String>().trim_end().to_owned());
        start = end;
        while start < characters.len() && characters[start] == ' ' {
            start += 1;
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

fn fitting(characters: &[char], columns: usize) -> usize {
    let mut used = 0;
    for (index, character) in characters.iter().enumerate() {
        used += character.width().unwrap_or(0);
        if used > columns {
            return index.max(1);
        }
    }
    characters.len()
}

/// The best break at or before `fits`; `fits` itself when no better one exists.
fn break_point(characters: &[char], fits: usize) -> usize {
    let allowed = |at: usize| {
        let (before, after) = (characters[at - 1], characters[at]);
        let inside_word = before.is_ascii_graphic() && after.is_ascii_graphic();
        !inside_word && !NOT_AT_START.contains(after) && !NOT_AT_END.contains(before)
    };
    (1..=fits).rev().find(|&at| allowed(at)).unwrap_or(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{of, pad_left, pad_right, truncate, wrap};

    #[test]
    fn full_width_takes_two_columns() {
        assert_eq!(of("未指定"), 6);
        assert_eq!(pad_right("北九州市", 10), "北九州市  ");
        assert_eq!(pad_left("30億", 6), "  30億");
        assert_eq!(truncate("中央省庁（名称非公表）", 9), "中央省庁…");
        assert_eq!(truncate("abc", 3), "abc");
    }

    #[test]
    fn wraps_by_words_and_marks() {
        assert_eq!(wrap("閉域で運用する。次の文", 14), ["閉域で運用す", "る。次の文"]);
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("", 8), [""]);
    }

    proptest! {
        #[test]
        fn cut_and_wrapped_text_keeps_its_bounds(text in "[ -~あ-ん一-龠、。（）]{0,60}", columns in 2_usize..40) {
            prop_assert!(of(&truncate(&text, columns)) <= columns);
            let lines = wrap(&text, columns);
            prop_assert!(lines.iter().all(|line| of(line) <= columns));
            let strip = |s: &str| s.replace(' ', "");
            prop_assert_eq!(strip(&lines.concat()), strip(&text));
        }
    }
}
