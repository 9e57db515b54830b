use super::Markings;

#[test]
fn the_built_in_markings_pass_their_own_tests() {
    let (markings, problems) = Markings::load(super::BUILT_IN);
    assert_eq!(problems, []);
    assert_eq!(markings.unwrap().failed_tests(), []);
}

const PIECES: &[&str] = &[
    "機密性",
    "３",
    "3A",
    "B",
    "自治体",
    "取扱注意",
    "部外",
    "秘",
    "㊙",
    "【",
    "】",
    "（",
    "）",
    "\n",
    "　　　",
    "\t",
    "取扱区分",
    "：",
    "です",
    "とは",
    "の情報",
    "TLP:",
    "RED",
    "AMBER",
    "+STRICT",
    "極秘",
    "Confidential",
    "この文書は",
    "     ",
    "令和8年度予算要求資料",
];

proptest::proptest! {
    #[test]
    fn keeps_its_promises(case in crate::hold_check::texts(PIECES, 16)) {
        crate::hold_check::check(markings_once(), &case)?;
    }
}

fn markings_once() -> &'static Markings {
    static ONCE: std::sync::LazyLock<Markings> = std::sync::LazyLock::new(Markings::built_in);
    &ONCE
}

/// The marking that is found in `text`, what it says, and where it stands.
fn found(text: &str) -> Vec<(String, f32, &'static str)> {
    let markings = markings_once();
    let row = |span: crate::Span| {
        (markings.text_of(&span.rule).unwrap().to_owned(), span.confidence, span.evidence.notes[0])
    };
    crate::rule_card::spans_of(markings, text).into_iter().map(row).collect()
}

#[test]
fn the_place_of_a_marking_decides() {
    let one = |text: &str| {
        let all = found(text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        all.into_iter().next().unwrap()
    };
    assert_eq!(one("【機密性３Ａ】").0, "自治体機密性3A");
    assert_eq!(one("　取扱注意　\n本文").2, "evidence-marking-alone");
    assert_eq!(one("資料1（部外秘）について").2, "evidence-marking-bracketed");
    assert_eq!(one("区分\t社外秘").2, "evidence-marking-labelled");
    assert_eq!(one("令和8年度予算　　　　　機密性2\n").2, "evidence-marking-header");
    assert_eq!(one("令和8年度予算　　機密性2\n").2, "evidence-marking-header");
    assert_eq!(one("令和8年度予算  機密性2\n").2, "evidence-marking-prose");
    // Further behind a line of text than is looked.
    let long = "この文書は総務部の職員が確かめたうえで、関係する課の担当者へ配るものとします。";
    assert_eq!(one(&format!("{long}\n取扱注意\n")).2, "evidence-marking-alone");
    assert_eq!(one(&format!("{}取扱注意\n", "　".repeat(40))).2, "evidence-marking-header");
    assert_eq!(one("本書は部外秘です").2, "evidence-marking-stated");
    assert_eq!(one("部外秘とは").2, "evidence-marking-explained");
    assert_eq!(one("TLP:AMBER+STRICT").0, "TLP:AMBER+STRICT");
    assert_eq!(found("秘書が秘密を守る"), []);
    assert_eq!(markings_once().text_of("marking/none"), None);
}

#[test]
fn every_problem_of_a_file_is_told() {
    let (_, problems) =
        Markings::load("version = 2\nlabels = 3\n[[marking]]\nid = \"x\"\nwords = [\" \"]\nlight = true\n");
    expect_test::expect![[r#"
        1 version: OutOfBounds { low: 1.0, high: 1.0 }
        2 labels: WrongType { expected: "array", found: "integer" }
        3 marking[1].text: Missing
        3 marking[1].why: Missing
        4 marking[1].id: NotOneOf { found: "x", allowed: ["marking/…"] }
        5 marking[1].words[1]: Empty
        6 marking[1].light: UnknownKey { known: ["id", "why", "taxonomy", "hits", "benign", "text", "words", "confidence", "only_marked"] }
    "#]].assert_eq(&crate::hold_check::told(&problems));
}
