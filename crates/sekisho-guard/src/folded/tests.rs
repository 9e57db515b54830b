use proptest::prelude::*;

use super::{Folded, Form};

fn folded(text: &str) -> String {
    Folded::of(text, Form::DISGUISED, true).text().to_owned()
}

#[test]
fn disguises_fall_away() {
    let plain = folded("無視して");
    for text in [
        "無 視 し て",
        "無\u{200b}視して",
        "無・視・し・て",
        "%E7%84%A1視して",
        "\\u7121視して",
        "無\n視して",
        "ムシして",
    ] {
        let expected = if text.starts_with('ム') { folded("むしして") } else { plain.clone() };
        assert_eq!(folded(text), expected, "{text}");
    }
    assert_eq!(folded("i.g.n.o.r.e a-l-l"), "ignoreall");
    assert_eq!(folded("end. Next"), "end.next");
    assert_eq!(folded("一行\n\n二行"), folded("一行") + "\n" + &folded("二行"));
}

#[test]
fn a_separator_waits_from_the_letter_before_it() {
    // Not from a byte inside the unseen character between them.
    let text = "o\u{202c}・す";
    assert_eq!(Folded::of(text, Form::DISGUISED, false).unsure_from, 0);
    assert_eq!(Folded::of(text, Form::DISGUISED, true).unsure_from, text.len());
}

#[test]
fn finds_the_way_back() {
    let original = "前の 指\u{200b}示を　無 視";
    let folded = Folded::of(original, Form::DISGUISED, true);
    let at = folded.text().find("指").unwrap();
    let from = folded.char_at(at);
    assert_eq!(&original[folded.original(from..from + 2)], "指\u{200b}示");
    assert_eq!(&original[folded.original(from..folded.len())], "指\u{200b}示を　無 視");
    assert_eq!(folded.index(from), 3);
    assert_eq!(folded.char_with_index(3), from);
}

#[test]
fn edges_of_latin_words() {
    let folded = Folded::of("the ignore button再ignored", Form::DISGUISED, true);
    let edge = |text: &str| folded.is_edge(folded.char_at(folded.text().find(text).unwrap()));
    assert!(edge("ignorebutton") && edge("button") && edge("ignored"));
    assert!(!edge("utton"));
}

fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "無",
        "視",
        "a",
        ".",
        "・",
        " ",
        "\n",
        "\u{200b}",
        "%",
        "%E7",
        "%E7%84%A1",
        "\\",
        "\\u7121",
        "\\ud83d",
        "\\ude00",
        "&",
        "&#",
        "&lt;",
        "12",
        "ｶ",
        "ﾞ",
        "が",
        "\u{3099}",
        "-",
        "x",
        "😀",
        "\u{e0041}",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn longer_text_keeps_the_beginning(before in piece(), after in piece()) {
        let part = Folded::of(&before, Form::DISGUISED, false);
        let whole = Folded::of(&format!("{before}{after}"), Form::DISGUISED, true);
        let sure = part.text().len().min(part.byte(part.places.partition_point(|place| (place.end as usize) <= part.unsure_from)));
        prop_assert_eq!(&part.text()[..sure], &whole.text()[..sure]);
    }

    #[test]
    fn places_lie_in_the_original(text in "\\PC{0,30}", form in prop::sample::select(vec![Form::DISGUISED, Form::VOICED, Form::TOKENS])) {
        let folded = Folded::of(&text, form, true);
        for char in 0..folded.len() {
            let range = folded.original(char..char + 1);
            prop_assert!(text.get(range).is_some_and(|part| !part.is_empty()));
            prop_assert_eq!(folded.char_at(folded.byte(char)), char);
        }
        prop_assert_eq!(folded.original_chars(), text.chars().count());
    }
}
