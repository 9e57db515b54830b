use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Label, Scheme};
use crate::Problem;

fn scheme(id: &str) -> Scheme {
    Scheme::built_in().into_iter().find(|scheme| scheme.id() == id).unwrap()
}

fn label(scheme: &Scheme, written: &str) -> Label {
    scheme.parse_label(written).unwrap_or_else(|| panic!("{written} is a label"))
}

#[test]
fn built_in_schemes_in_order() {
    let listed: Vec<String> = Scheme::built_in()
        .iter()
        .map(|scheme| {
            let ids: Vec<String> = scheme.labels().map(|label| label.id().to_owned()).collect();
            format!("{}: {} ({:?})", scheme.id(), ids.join(" < "), scheme.source().checked)
        })
        .collect();
    expect![[r#"
        jichitai-2024: 1 < 2 < 3C < 3B < 3A (Secondary)
        seifu: 1 < 2 < 3 (Unverified)
        kaisha: 公開 < 社外秘 < 秘 < 極秘 (Own)"#]]
    .assert_eq(&listed.join("\n"));
}

#[test]
fn labels_as_people_write_them() {
    let jichitai = scheme("jichitai-2024");
    for written in
        ["3A", "３Ａ", "3a", "機密性３Ａ", "自治体機密性3A", "【機密性3A】", "機密性 3 A", "機密性3A情報"]
    {
        assert_eq!(jichitai.parse_label(written), Some(jichitai.highest()), "{written}");
    }
    assert_eq!(label(&jichitai, "取扱注意").id(), "3C");
    assert_eq!(label(&jichitai, "機密性3"), jichitai.highest());
    assert_eq!(label(&scheme("kaisha"), "㊙").id(), "秘");
    assert_eq!(label(&scheme("kaisha"), "CONFIDENTIAL").id(), "秘");
    for written in ["", "3D", "機密性", "【】", "4", &"3".repeat(1000)] {
        assert_eq!(jichitai.parse_label(written), None, "{written}");
    }
}

#[test]
fn the_highest_is_inherited_and_what_is_unknown_counts_as_highest() {
    let (jichitai, seifu) = (scheme("jichitai-2024"), scheme("seifu"));
    let (one, two) = (label(&jichitai, "1"), label(&jichitai, "3C"));
    assert!(one < two && two < jichitai.highest());
    assert_eq!(jichitai.inherit([Some(&one), Some(&two)]), two);
    assert_eq!(jichitai.inherit([Some(&one), None]), jichitai.highest());
    assert_eq!(jichitai.inherit([]), jichitai.highest());
    assert_eq!(one.partial_cmp(&label(&seifu, "1")), None);
    assert_ne!(one, label(&seifu, "1"));
    assert_eq!(jichitai.inherit([Some(&one), Some(&label(&seifu, "2"))]).id(), "2");
    assert_eq!(jichitai.inherit([Some(&label(&seifu, "3"))]).id(), "3A");
}

#[test]
fn every_built_in_label_is_known_elsewhere_and_order_is_kept() {
    for from in Scheme::built_in() {
        for to in Scheme::built_in().iter().filter(|to| **to != from) {
            let ranks: Vec<usize> = from.labels().map(|label| label.in_scheme(to).rank()).collect();
            assert!(ranks.is_sorted(), "{} to {}: {ranks:?}", from.id(), to.id());
            for label in from.labels() {
                let named = label.level().elsewhere.iter().find(|(scheme, _)| scheme == to.id());
                assert!(
                    named.is_some_and(|(_, level)| to.parse_label(level).is_some()),
                    "{label:?} in {}",
                    to.id()
                );
            }
        }
    }
}

fn check_problems(text: &str, expected: &Expect) {
    let error = Scheme::parse(text).unwrap_err();
    let lines: Vec<String> = error
        .problems()
        .iter()
        .map(|Problem { line, path, kind }| format!("{line} {path}: {kind:?}\n"))
        .collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn all_problems_of_a_file_at_once() {
    let text = r#"version = 2
id = "Our Labels"
title = { ja = "区分" }
colour = "red"
[source]
name = "own"
checked = "maybe"
date = "2024"
note = { ja = "注", en = "note" }
[[level]]
id = "A"
name = { ja = "甲", en = "A" }
meaning = { ja = "甲", en = "A" }
checked = "own"
[[level]]
id = "B"
name = { ja = "乙", en = "b" }
meaning = { ja = "乙", en = "" }
checked = "own"
aliases = ["ａ", 3]
"#;
    check_problems(
        text,
        &expect![[r#"
            1 version: OutOfBounds { low: 1.0, high: 1.0 }
            2 id: BadId { found: "Our Labels" }
            3 title.en: Missing
            4 colour: UnknownKey { known: ["version", "id", "title", "source", "level"] }
            7 source.checked: NotOneOf { found: "maybe", allowed: ["primary", "secondary", "unverified", "own"] }
            8 source.date: WrongType { expected: "date without quotes, as in 2026-04-01", found: "string" }
            15 level[2]: Duplicate { found: "ａ", first_line: 10 }
            18 level[2].meaning.en: Empty
            20 level[2].aliases[2]: WrongType { expected: "string", found: "integer" }
        "#]],
    );
    check_problems(
        "",
        &expect![[r#"
        1 id: Missing
        1 level: Missing
        1 source: Missing
        1 title: Missing
        1 version: Missing
    "#]],
    );
    check_problems(
        &"#".repeat(1 << 17),
        &expect![[r#"
            1 : TooLong { bytes_max: 65536 }
        "#]],
    );
}

proptest! {
    #[test]
    fn a_broken_file_is_a_list_of_problems(cut in 0_usize..6_000, noise in "\\PC{0,6}") {
        let mut text = super::BUILT_IN[0].to_owned();
        let cut = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.insert_str(cut, &noise);
        if let Err(error) = Scheme::parse(&text) {
            prop_assert!(!error.problems().is_empty());
        }
        let _ = Scheme::parse(&text[..cut]);
    }
}
