use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::{Normal, is_unseen};

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

#[test]
fn folds_hyphens_between_digits_only() {
    for (original, expected) in [
        ("1ー2", "1-2"),
        ("１ー２", "1-2"),
        ("1ｰ２", "1-2"),
        ("1−2–3", "1-2-3"),
        ("1ーー2", "1ーー2"),
        ("1ー", "1ー"),
        ("ー2", "ー2"),
        ("10ーム", "10ーム"),
        ("1\u{200b}ー\u{200b}2", "1-2"),
        ("①1-2", "①1-2"),
        ("⒈2", "1.2"),
        ("1ー⑿", "1ー(12)"),
        ("1ー\u{fe0f}2", "1-2"),
    ] {
        assert_eq!(Normal::of(original).text(), expected, "{original:?}");
    }
}

#[test]
fn marks_and_selectors_go_with_their_character() {
    for (original, part) in [
        ("かか\u{3099}か", "か\u{3099}"),
        ("カカﾞカ", "カﾞ"),
        ("a葛\u{e0100}a", "葛\u{e0100}"),
        ("x㌔x", "㌔"),
        ("xﾊﾟx", "ﾊﾟ"),
        ("x１x", "１"),
    ] {
        let normal = Normal::of(original);
        let (first, last) =
            (normal.text().chars().next().unwrap(), normal.text().chars().next_back().unwrap());
        let inner = first.len_utf8()..normal.text().len() - last.len_utf8();
        assert_eq!(&original[normal.to_original(inner)], part, "{original:?}");
    }
    // Unseen characters between keep them apart: otherwise a character could change after any distance.
    assert_eq!(Normal::of("か\u{200b}\u{3099}").text(), "か\u{3099}");
    // Only one selector: a row of them cannot stretch a character without end.
    let normal = Normal::of("1\u{fe0f}\u{fe0f}\u{fe0f}");
    assert_eq!(normal.to_original(0..1), 0..4);
}

#[test]
fn many_unseen_characters_leave_a_space() {
    let run = |count: usize| format!("12{}34", "\u{200b}".repeat(count));
    assert_eq!(Normal::of(&run(32)).text(), "1234");
    assert_eq!(Normal::of(&run(33)).text(), "12 34");
    assert_eq!(Normal::of(&run(66)).text(), "12  34");
}

/// Japanese text with everything that is written in more than one way.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 ,.@-]{1,4}",
        "[ａ-ｚ０-９　，．＠－]{1,4}",
        "[ぁ-んァ-ヶー、。「」一-十]{1,4}",
        "[ｦ-ﾟ]{1,4}",
        "[‐‑–—―−ー－ｰ─①⑳㍻㌔…※→é㈱]{1,3}",
        "[\u{200b}\u{3099}\u{309a}\u{fe0f}\u{e0100}\u{301}\u{ad}\u{feff}]",
        "\\PC{0,3}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn ranges_lie_in_the_original(text in text()) {
        let normal = Normal::of(&text);
        let mut before = 0;
        for (at, character) in normal.text().char_indices() {
            let range = normal.to_original(at..at + character.len_utf8());
            prop_assert!(text.get(range.clone()).is_some_and(|part| !part.is_empty()));
            prop_assert!(range.start >= before);
            before = range.start;
            // The way there and back ends at the first character of the same origin.
            let back = normal.from_original(range.start);
            prop_assert!(back <= at && normal.to_original(back..back + 1).start == range.start);
            prop_assert_eq!(normal.to_original(at..at), range.start..range.start);
        }
        prop_assert!(normal.to_original(0..normal.text().len()).end <= text.len());
        prop_assert_eq!(normal.from_original(text.len()), normal.text().len());
        for at in 0..=text.len() {
            let there = normal.from_original(at);
            prop_assert!(normal.text().is_char_boundary(there));
            prop_assert!(there == normal.text().len() || normal.to_original(there..there).start >= at);
        }
    }

    #[test]
    fn is_nfkc_when_marks_stand_alone(text in "[ -~ａ-ｚ０-９　ぁ-んァ-ヶ一-龠ｦ-ﾝ⑴-⒇㌀-㍗…※\u{feff}]{0,30}") {
        let plain: String = text.nfkc().filter(|character| !is_unseen(*character)).collect();
        let hyphens = |text: &str| text.replace(['ー', '‐'], "-");
        prop_assert_eq!(hyphens(Normal::of(&text).text()), hyphens(&plain));
    }

    #[test]
    fn halves_are_halves_of_the_whole(left in text(), right in text()) {
        // But for the characters next to the cut: two letters on both sides do not melt or fold.
        let (left, right) = (format!("{left}いろ"), format!("はに{right}"));
        let (first, second) = (Normal::of(&left), Normal::of(&right));
        let whole = Normal::of(&format!("{left}{right}"));
        prop_assert_eq!(whole.text(), format!("{}{}", first.text(), second.text()));
        for (at, _) in second.text().char_indices() {
            let range = second.to_original(at..at + 1);
            let moved = whole.to_original(first.text().len() + at..first.text().len() + at + 1);
            prop_assert_eq!(moved, range.start + left.len()..range.end + left.len());
        }
    }
}
