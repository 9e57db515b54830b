//! Where a text may be cut so that both parts normalise as the whole does.
//!
//! A stream shows detectors a window of the text. Normalising looks at neighbours (ｶ and ﾞ become ガ; ー between digits
//! becomes `-`), so a window must neither begin nor end where a neighbour is missing. Detectors then never have to think
//! of it: what they see normalised is what batch would show them.

use sekisho_text::normal::{Normal, is_unseen};
use unicode_normalization::char::is_combining_mark;

/// How many characters a cut is moved at most. Longer runs of marks or unseen characters are no writing of any language.
pub(crate) const CUT_CHARS_MAX: usize = 64;

/// The byte of `text` up to which its normal form is the same whatever follows: a little before the end, since the
/// last character may yet get a mark, and a hyphen after a digit may yet meet another digit.
pub(crate) fn final_end(text: &str) -> usize {
    let tail_start = chars_back(text, text.len(), CUT_CHARS_MAX);
    let Some(last) = text[tail_start..].rfind(|character| !joins_previous(character)) else {
        return text.len();
    };
    let end = tail_start + last;
    let tail = &text[tail_start..end];
    if !tail.contains(char::is_numeric) {
        return end;
    }
    let normal = Normal::of(tail);
    if Normal::of(&format!("{tail}1")).text().starts_with(normal.text()) {
        return end;
    }
    let last = normal.text().char_indices().next_back().map_or(0, |(at, _)| at);
    tail_start + normal.to_original(last..normal.text().len()).start
}

/// Where a window may begin that shows at least `behind_chars` characters before `at`, normalised as in the whole text.
pub(crate) fn clean_start(text: &str, at: usize, behind_chars: usize) -> usize {
    let shown = chars_back(text, at, behind_chars);
    let base = cluster_start(text, shown, true);
    // One more character that is seen: whether a hyphen is folded depends on it.
    let seen = text[..base].trim_end_matches(|character| is_unseen(character) || joins_previous(character));
    let near = chars_back(text, base, CUT_CHARS_MAX);
    cluster_start(text, seen.len().max(near), false)
}

/// The byte that lies `count` characters before `at`, or 0.
pub(crate) fn chars_back(text: &str, at: usize, count: usize) -> usize {
    if count == 0 {
        return at;
    }
    text[..at].char_indices().rev().nth(count - 1).map_or(0, |(start, _)| start)
}

/// Whether the character may become one with the one before it: marks, and the later letters of a Hangul syllable.
fn joins_previous(character: char) -> bool {
    is_combining_mark(character)
        || matches!(character, 'ﾞ' | 'ﾟ' | '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}' | '\u{ffc2}'..='\u{ffdc}')
}

/// The character boundary at or before byte `at`.
pub(crate) fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The start of the character with its marks in which `at` lies (`inside`), or which ends at `at`.
fn cluster_start(text: &str, at: usize, inside: bool) -> usize {
    if inside && !text[at..].starts_with(joins_previous) {
        return at;
    }
    let near = chars_back(text, at, CUT_CHARS_MAX);
    text[near..at].rfind(|character| !joins_previous(character)).map_or(near, |found| near + found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sekisho_text::normal::Normal;

    use super::{clean_start, final_end};

    #[test]
    fn holds_back_what_a_neighbour_may_change() {
        let end = |text: &str| text[final_end(text)..].to_owned();
        assert_eq!(end("すぎ"), "ぎ");
        assert_eq!(end("ｶﾞ"), "ｶﾞ");
        assert_eq!(end("090ー1"), "ー1");
        assert_eq!(end("090ー\u{200b}1"), "ー\u{200b}1");
        assert_eq!(end("マイナンバー1"), "1");
        assert_eq!(end(""), "");
    }

    fn text() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "1", "２", "ー", "−", "-", "ｶ", "ﾞ", "か", "\u{3099}", "\u{200b}", "\u{fe0f}", "a", "⑳", "。",
            "ᄀ", "ᅡ", "ﾡ", "ￂ", "ᆨ",
        ]);
        prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn parts_normalise_as_the_whole(before in text(), after in text(), behind in 0_usize..4) {
            let whole = format!("{before}{after}");
            let end = final_end(&before);
            let part = Normal::of(&before[..end]);
            prop_assert!(Normal::of(&whole).text().starts_with(part.text()));
            let at = before.len();
            let start = clean_start(&whole, at, behind);
            prop_assert!(start <= at);
            let shown = whole[start..at].chars().count();
            prop_assert!(shown >= behind || start == 0);
            let needed = super::chars_back(&whole, at, behind);
            let (all, window) = (Normal::of(&whole), Normal::of(&whole[start..]));
            let from = all.text().get(all.from_original(needed)..).unwrap();
            let same = window.text().get(window.from_original(needed - start)..).unwrap();
            prop_assert_eq!(from, same);
        }
    }
}
