use proptest::prelude::*;

use super::{COLUMNS_MAX, LINE_BYTES_MAX, Tracker};
use crate::Kind;

/// For each line the kinds of its cells, where a cell begins at a character that is no space and stands behind one, a
/// delimiter or the beginning of the line.
fn check(text: &str) -> String {
    let columns = Tracker::default().columns(text);
    let mut said = String::new();
    let mut before = '\n';
    for (at, letter) in text.char_indices() {
        if letter == '\n' {
            said.push('\n');
        }
        let begins = " \u{3000},\t|\n\"│".contains(before);
        if begins && !" \u{3000},\t|\n\"│-".contains(letter) {
            said.push_str(columns.at(at).map_or("-", Kind::name));
            said.push(' ');
        }
        before = letter;
    }
    said.lines().map(str::trim_end).collect::<Vec<_>>().join(" / ")
}

#[test]
fn heads_of_many_layouts() {
    let rows = [
        (
            "氏名,個人番号,電話番号\n山田,1,2\n佐藤,\"3\",4\n\n鈴木,5,6\n",
            "- - - / PERSON MY_NUMBER PHONE / PERSON MY_NUMBER PHONE /  / - - -",
        ),
        ("No\tマイナンバー\n1\t2\n", "- - / - MY_NUMBER"),
        (
            "| 氏名 | 生年月日 |\n|---|---|\n| 山田 | S45 |\n本文 1\n| 2 |\n",
            "- - /  / PERSON DATE_OF_BIRTH / - - / -",
        ),
        ("│氏名│住所│\n├──┼──┤\n│山田│東京│\n", "- - / - / PERSON ADDRESS"),
        (
            "氏名　　　　個人番号　　　　電話番号\n山田　太郎　1234　　　　　　0312\n",
            "- - - / PERSON PERSON MY_NUMBER PHONE",
        ),
        ("患者番号 氏名 備考\n123 山田 なし\n", "- - - / PATIENT_ID PERSON -"),
        // Behind a space at its beginning, a row begins with its first cell.
        ("患者番号 氏名 備考\n 123 山田 なし\n", "- - - / PATIENT_ID PERSON -"),
        // Half-width under full-width: what counts is where a cell stands on the screen.
        (
            "被保険者の氏名等  電話番号  個人番号\nNguyen            0312        1234\n",
            "- - - / - PHONE MY_NUMBER",
        ),
        ("■個人番号\n1\n2\n\n3\n", "- / MY_NUMBER / MY_NUMBER /  / -"),
        ("電話番号:\n1\n住民票コード:\n2\n", "- / PHONE / PHONE / JUMIN_CODE"),
        (
            "ｺﾞ氏名,ﾏｲﾅﾝﾊﾞｰ（12桁）,緊急連絡先電話番号2,\"口座番号\"\na,b,c,d\n",
            "- - - - / PERSON MY_NUMBER PHONE BANK_ACCOUNT",
        ),
        ("id,full_name,email,phone\n1,a,b,c\n", "- - - - / - PERSON EMAIL PHONE"),
    ];
    for (text, expected) in rows {
        assert_eq!(check(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_head() {
    for text in [
        // Pairs, values and prose.
        "氏名,山田太郎\n年齢,45\n",
        "個人番号,123456789018\n1,2\n",
        "| 電話番号 | 0312345678 |\n| 備考 | なし |\n",
        "住所\n東京\n",
        "個人番号 変更届\n1 2\n",
        "本日は、電話番号の変更について\n1\n",
        "商品コード,数量\n1,2\n",
    ] {
        assert!(Tracker::default().columns(text).is_empty(), "{text}");
    }
}

#[test]
fn quoted_cells_may_hold_delimiters_and_breaks() {
    let text = "氏名,備考,個人番号\n\"山田,太郎\",\"一行\n二行, \"\"三\"\"\",9\n鈴木,,8\n";
    let columns = Tracker::default().columns(text);
    for needle in ["9", "8"] {
        assert_eq!(columns.at(text.find(needle).unwrap()), Some(Kind::MyNumber));
    }
    assert_eq!(columns.at(text.find("二行").unwrap()), None);
    let cells: Vec<&str> =
        columns.cells_of(Kind::Person, text.len()).map(|range| text[range].trim_end_matches(',')).collect();
    assert_eq!(cells, ["\"山田,太郎\"", "鈴木", ""]);
    // A stray quotation mark does not swallow the rest of the text.
    let text = format!("氏名,個人番号\n\"山田{},1\n鈴木,8\n", "あ".repeat(500));
    assert_eq!(Tracker::default().columns(&text).at(text.find('8').unwrap()), Some(Kind::MyNumber));
}

#[test]
fn memory_is_bounded() {
    let mut tracker = Tracker::default();
    for _ in 0..100 {
        tracker.advance(&"氏名,個人番号,".repeat(100));
    }
    assert!(tracker.line.capacity() <= 2 * LINE_BYTES_MAX);
    tracker.advance("\n");
    assert_eq!(tracker.head, None);
    tracker.advance(&format!("{}\n", "氏名,".repeat(COLUMNS_MAX + 1)));
    assert_eq!(tracker.head, None);
}

fn table() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        Just("氏名"),
        Just("個人番号"),
        Just("電話番号"),
        Just("備考"),
        Just("山田"),
        Just("0312345678"),
        Just("\""),
        Just("長い文章がここにある"),
        Just("")
    ];
    let joint = prop_oneof![
        Just(","),
        Just("\t"),
        Just("|"),
        Just("\n"),
        Just("\n\n"),
        Just(" "),
        Just("　"),
        Just("  "),
        Just("\r\n")
    ];
    proptest::collection::vec((cell, joint), 0..40)
        .prop_map(|parts| parts.into_iter().map(|(cell, joint)| [cell, joint].concat()).collect())
}

proptest! {
    #[test]
    fn chunks_do_not_matter(text in table(), cuts in proptest::collection::vec(0_usize..400, 0..8)) {
        let mut whole = Tracker::default();
        whole.advance(&text);
        let mut parts = Tracker::default();
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|at| text.is_char_boundary(*at)).collect();
        cuts.push(text.len());
        cuts.sort_unstable();
        let mut start = 0;
        let columns = Tracker::default().columns(&text);
        for cut in cuts {
            let rest = parts.columns(&text[start..]);
            for (at, _) in text[start..].char_indices() {
                prop_assert_eq!(rest.at(at), columns.at(start + at));
            }
            parts.advance(&text[start..cut]);
            start = cut;
        }
        prop_assert_eq!(parts, whole);
    }
}
