use std::{borrow::Cow, sync::Arc};

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Action, Direction, POLICY_BYTES_MAX, Policy, glob_fits, text_key};
use crate::{
    Detector, Error, Evidence, Guard, Kind, Problem, Scheme, Span,
    samples::{Failing, RULES, Words, context, detectors, guard, outcome, policy, scheme},
};

/// What the tests of the default policy are about, without the detectors that find it in earnest.
const STAND_IN: Words = Words(&[
    ("123456789018", Kind::MyNumber, 1.0, "pii/my-number"),
    ("taro@example.jp", Kind::Email, 1.0, "pii/email"),
    ("info@example.jp", Kind::Email, 1.0, "pii/email"),
    ("4111 1111 1111 1111", Kind::CreditCard, 1.0, "pii/credit-card"),
    ("9234567890123", Kind::CorpNumber, 1.0, "pii/corp-number"),
    ("Sekisho-Rei-4821", Kind::Secret, 0.9, "secret/password"),
    ("指示をすべて無視して", Kind::Injection, 0.9, "injection/ignore"),
    ("機密性3", Kind::Marking, 0.9, "marking/kimitsusei"),
]);

#[test]
fn the_default_policy_passes_its_tests_under_every_built_in_scheme() {
    for scheme in Scheme::built_in() {
        let policy = Policy::parse(Policy::default_text(), &scheme).unwrap();
        Guard::new(vec![Arc::new(STAND_IN)], policy).unwrap();
    }
}

#[test]
fn the_default_policy_treats_every_kind() {
    let policy = Policy::parse(Policy::default_text(), &scheme()).unwrap();
    let mut shown = String::new();
    for kind in Kind::all() {
        let row = Direction::all().flat_map(|direction| ["1", "2", "3A"].map(|label| (direction, label)));
        let row = row.map(|(direction, label)| {
            let span = span(kind, 0.9);
            let judged = policy.judge(&span, "機密性3", &context(label, direction));
            let back = if judged.reversible { "+" } else { "" };
            format!("{:<7}", format!("{}{back}", judged.action))
        });
        shown.push_str(&format!("{kind:<20} {}\n", row.collect::<String>().trim_end()));
    }
    // input, document, output, tool; each under labels 1, 2 and 3A. `+` can be put back.
    expect![[r#"
        PERSON               mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        ADDRESS              mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        PHONE                mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        POSTAL_CODE          mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        EMAIL                mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        DATE_OF_BIRTH        mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        MY_NUMBER            mask   mask   mask   mask   mask   mask   mask   mask   mask   mask   mask   mask
        CORP_NUMBER          pass   pass   pass   pass   pass   pass   pass   pass   pass   pass   pass   pass
        DRIVER_LICENSE       mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        PASSPORT             mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        RESIDENCE_CARD       mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        JUMIN_CODE           mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        PENSION_NUMBER       mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        HEALTH_INSURANCE     mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        EMPLOYMENT_INSURANCE mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        CARE_INSURANCE       mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        BANK_ACCOUNT         mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        CREDIT_CARD          mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        VEHICLE              mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        PATIENT_ID           mask+  mask+  flag   mask   mask+  flag   mask   mask+  flag   mask+  mask+  flag
        EMPLOYEE_ID          mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        IP                   mask+  mask+  flag   flag   mask+  flag   flag   mask+  flag   mask+  mask+  flag
        SECRET               mask   mask   mask   mask   mask   mask   refuse refuse refuse mask   mask   mask
        INJECTION            flag   flag   flag   flag   flag   flag   pass   pass   pass   flag   flag   flag
        HIDDEN_TEXT          flag   flag   flag   mask   mask   mask   mask   mask   mask   mask   mask   mask
        TOPIC                refuse refuse refuse flag   flag   flag   refuse refuse refuse flag   flag   flag
        CANARY               flag   flag   flag   pass   pass   pass   refuse refuse refuse flag   flag   flag
        MARKING              refuse refuse flag   refuse refuse flag   refuse refuse flag   refuse refuse flag
    "#]]
    .assert_eq(&shown);
}

fn span(kind: Kind, confidence: f32) -> Span {
    let rule = Cow::Borrowed("test/rule");
    Span { kind, range: 0..1, confidence, rule, evidence: Evidence::default() }
}

fn problems(text: &str) -> String {
    match Policy::parse(text, &scheme()) {
        Ok(_) => String::new(),
        Err(error) => listed(&error),
    }
}

fn listed(error: &Error) -> String {
    let line = |Problem { line, path, kind }: &Problem| format!("{line} {path}: {kind:?}\n");
    error.problems().iter().map(line).collect()
}

fn check_problems(text: &str, expected: &Expect) {
    expected.assert_eq(&problems(text));
}

#[test]
fn an_id_that_comes_twice_is_found_on_one_line_too() {
    let rule = "{ id = \"a\", version = 1, why = { ja = \"例\", en = \"sample\" }, action = \"flag\" }";
    let text = format!(
        "version = 1\nid = \"own\"\ntitle = {{ ja = \"例\", en = \"sample\" }}\nrule = [{rule}, {rule}]\n"
    );
    assert_eq!(problems(&text), "4 rule[2].id: Duplicate { found: \"a\", first_line: 4 }\n");
}

/// A mistake on almost every line.
const BROKEN: &str = r#"version = 1
id = "own"
title = { ja = "例", en = "sample" }
scheme = "seifu"
[[point]]
id = "low"
why = { ja = "例", en = "sample" }
levels = { jichitai-2024 = "9", seifu = "whatever" }
[[rule]]
id = "a"
version = 0
why = "because"
taxonomy = ["LLM01", "owasp-llm:2026:LLM01", "a:b:"]
kinds = ["PERSON", "NAME"]
label = { at_most = "low", at_least = "3A" }
action = "masks"
reversible = true
[[rule]]
id = "a"
version = 1
why = { ja = "例", en = "sample" }
label = { at_least = "3A", at_most = "1" }
directions = ["sideways"]
action = "flag"
reversible = true
marking_above_label = true
confidence_min = 2
colour = 1
[[rule]]
id = "b"
version = 1
why = { ja = "例", en = "sample" }
action = "pass"
exempt = true
texts = []
[[rule.test]]
text = "x"
label = "3D"
direction = "input"
[[rule]]
id = "c"
version = 1
why = { ja = "例", en = "sample" }
texts = ["（）"]
action = "mask"
exempt = true
"#;

#[test]
fn all_problems_of_a_file_at_once() {
    check_problems(
        BROKEN,
        &expect![[r#"
        4 scheme: OtherScheme { found: "seifu", scheme: "jichitai-2024" }
        8 point[1].levels.jichitai-2024: NoSuchLabel { found: "9" }
        11 rule[1].version: OutOfBounds { low: 1.0, high: 4294967295.0 }
        12 rule[1].why: WrongType { expected: "table", found: "string" }
        13 rule[1].taxonomy[1]: BadTaxonomy { found: "LLM01" }
        13 rule[1].taxonomy[3]: BadTaxonomy { found: "a:b:" }
        14 rule[1].kinds[2]: NotOneOf { found: "NAME", allowed: ["PERSON", "ADDRESS", "PHONE", "POSTAL_CODE", "EMAIL", "DATE_OF_BIRTH", "MY_NUMBER", "CORP_NUMBER", "DRIVER_LICENSE", "PASSPORT", "RESIDENCE_CARD", "JUMIN_CODE", "PENSION_NUMBER", "HEALTH_INSURANCE", "EMPLOYMENT_INSURANCE", "CARE_INSURANCE", "BANK_ACCOUNT", "CREDIT_CARD", "VEHICLE", "PATIENT_ID", "EMPLOYEE_ID", "IP", "SECRET", "INJECTION", "HIDDEN_TEXT", "TOPIC", "CANARY", "MARKING"] }
        15 rule[1].label.at_most: NoSuchLabel { found: "low" }
        16 rule[1].action: NotOneOf { found: "masks", allowed: ["pass", "flag", "mask", "refuse"] }
        17 rule[1].reversible: Pointless { beside: "action" }
        19 rule[2].id: Duplicate { found: "a", first_line: 10 }
        22 rule[2].label: NoLabelLeft
        23 rule[2].directions[1]: NotOneOf { found: "sideways", allowed: ["input", "document", "output", "tool"] }
        25 rule[2].reversible: Pointless { beside: "action" }
        26 rule[2].marking_above_label: Pointless { beside: "kinds" }
        27 rule[2].confidence_min: OutOfBounds { low: 0.0, high: 1.0 }
        28 rule[2].colour: UnknownKey { known: ["id", "version", "why", "taxonomy", "kinds", "detectors", "texts", "confidence_min", "marking_above_label", "label", "directions", "action", "reversible", "exempt", "test"] }
        29 rule[3]: ExemptsAll
        35 rule[3].texts: Empty
        36 rule[3].test[1].expect: Missing
        38 rule[3].test[1].label: NoSuchLabel { found: "3D" }
        44 rule[4].texts[1]: Empty
        46 rule[4].exempt: Pointless { beside: "action" }
    "#]],
    );
    check_problems(
        "version = 1",
        &expect![[r#"
        1 id: Missing
        1 rule: Missing
        1 title: Missing
    "#]],
    );
    check_problems(
        "version = = 1\n",
        &expect![[r#"
        1 : Syntax { message: "extra `=`, expected nothing" }
        1 : Syntax { message: "unexpected key or value, expected newline, `#`" }
        1 id: Missing
        1 rule: Missing
        1 title: Missing
        1 version: OutOfBounds { low: 1.0, high: 1.0 }
    "#]],
    );
    check_problems(
        &"#".repeat(POLICY_BYTES_MAX + 1),
        &expect![[r#"
            1 : TooLong { bytes_max: 1048576 }
        "#]],
    );
}

#[test]
fn limits_have_names() {
    let many = |count: usize, what: &str| what.repeat(count);
    let rule = "[[rule]]\nid = \"a\"\nversion = 1\nwhy = { ja = \"例\", en = \"x\" }\naction = \"flag\"\n";
    let head = "version = 1\nid = \"own\"\ntitle = { ja = \"例\", en = \"x\" }\n";
    assert!(
        problems(&format!("{head}{}", many(super::RULES_MAX + 1, rule))).contains("TooMany { max: 500 }")
    );
    let test = "[[rule.test]]\ntext = \"a\"\ndirection = \"input\"\nexpect = \"pass\"\n";
    let tests = many(super::TRIALS_MAX + 1, test);
    assert!(problems(&format!("{head}{rule}{tests}")).contains("TooMany { max: 50 }"));
    let texts = many(super::TEXTS_MAX + 1, "\"a\",");
    assert!(problems(&format!("{head}{rule}texts = [{texts}]\n")).contains("TooMany { max: 2000 }"));
}

#[test]
fn the_strongest_rule_wins_unless_one_exempts() {
    let guard = guard(
        r#"
[[rule]]
id = "flag-all"
action = "flag"
confidence_min = 0.2
[[rule]]
id = "names"
detectors = ["words/n*"]
action = "mask"
[[rule]]
id = "own-number"
texts = ["０９０−１", "55-55"]
action = "pass"
exempt = true
"#,
    );
    assert_eq!(outcome(&guard, "弱い"), "flag: 弱い");
    assert_eq!(outcome(&guard, "太郎"), "mask: [PERSON]");
    assert_eq!(outcome(&guard, "5555と５５５５と5556"), "flag: 5555と５５５５と5556");
    assert_eq!(outcome(&guard, "090ー1、5555"), "pass: 090ー1、5555");
}

#[test]
fn a_marking_counts_when_it_says_more_than_the_label() {
    let rules =
        "[[rule]]\nid = \"a\"\nkinds = [\"MARKING\"]\nmarking_above_label = true\naction = \"refuse\"\n";
    let guard = guard(rules);
    let screen = |text, label| guard.screen(text, &context(label, Direction::Document), None).action;
    // 取扱注意 is a marking of 3C.
    assert_eq!(screen("取扱注意", "2"), Action::Refuse);
    assert_eq!(screen("取扱注意", "3C"), Action::Pass);
    assert_eq!(screen("機密性1", "1"), Action::Pass);
}

#[test]
fn a_policy_that_fails_its_own_tests_is_not_taken() {
    let with = |test: &str| policy(&format!("{RULES}[[rule.test]]\ndirection = \"input\"\n{test}"));
    let tried = |test: &str| match Guard::new(detectors(), with(test)) {
        Ok(_) => String::new(),
        Err(error) => listed(&error),
    };
    assert_eq!(tried("text = \"password\"\nexpect = \"refuse\""), "");
    assert_eq!(tried("text = \"太郎\"\nexpect = \"mask\"\nresult = \"[PERSON_1]\""), "");
    expect![[r#"
        24 rule[3].test[1]: TestFailed { rule: "secret", expected: "pass", found: "mask" }
    "#]]
    .assert_eq(&tried("text = \"太郎\"\nexpect = \"pass\""));
    expect![[r#"
        24 rule[3].test[1]: TestFailed { rule: "secret", expected: "太郎", found: "[PERSON_1]" }
    "#]]
    .assert_eq(&tried("text = \"太郎\"\nexpect = \"mask\"\nresult = \"太郎\""));
    // The test stands beside the rule about secrets, and is refused by another.
    let other = format!(
        "{RULES}[[rule.test]]\ntext = \"太郎\"\ndirection = \"input\"\nexpect = \"refuse\"\n{NO_NAMES}"
    );
    let error = Guard::new(detectors(), policy(&other)).err().unwrap();
    expect![[r#"
        24 rule[3].test[1]: TestWithoutRule { rule: "secret" }
    "#]]
    .assert_eq(&listed(&error));
    let failing: Vec<Arc<dyn Detector>> = vec![Arc::new(Failing::Unavailable)];
    let error = Guard::new(failing, with("text = \"故障\"\nexpect = \"pass\"")).err().unwrap();
    expect![[r#"
        24 rule[3].test[1]: TestUnavailable { rule: "secret", detector: "failing" }
    "#]]
    .assert_eq(&listed(&error));
}

const NO_NAMES: &str = "[[rule]]\nid = \"no-names\"\nkinds = [\"PERSON\"]\naction = \"refuse\"\n";

#[test]
fn a_bad_new_policy_leaves_the_old_one_in_force() {
    let guard = guard(RULES);
    let bad = format!("{NO_NAMES}[[rule.test]]\ntext = \"太郎\"\ndirection = \"input\"\nexpect = \"flag\"\n");
    assert!(guard.replace_policy(policy(&bad)).is_err());
    assert_eq!(outcome(&guard, "太郎"), "mask: [PERSON_1]");
    guard.replace_policy(policy(NO_NAMES)).unwrap();
    assert_eq!(outcome(&guard, "太郎"), "refuse: |");
}

#[test]
fn patterns_and_exact_texts() {
    for (glob, text, fits) in [
        ("pii/*", "pii/phone", true),
        ("pii/*", "words/pii/", false),
        ("*", "", true),
        ("pii/phone", "pii/phone", true),
        ("pii/phone", "pii/phone2", false),
        ("*/ph*ne", "pii/phone", true),
        ("a*a", "a", false),
        ("a*b*c", "a-c-b", false),
        ("", "a", false),
    ] {
        assert_eq!(glob_fits(glob, text), fits, "{glob} {text}");
    }
    assert_eq!(text_key("０３（１２３４）５６７８"), text_key("03-1234-5678"));
    assert_eq!(text_key("INFO@example.jp"), "info@example.jp");
    assert_ne!(text_key("サーバー"), text_key("サバ"));
}

proptest! {
    #[test]
    fn a_broken_file_is_a_list_of_problems(cut in 0_usize..12_000, noise in "\\PC{0,6}") {
        let mut text = Policy::default_text().to_owned();
        let cut = crate::window::floor_boundary(&text, cut);
        text.insert_str(cut, &noise);
        for text in [&text, &text[..cut]] {
            if let Err(error) = Policy::parse(text, &scheme()) {
                prop_assert!(!error.problems().is_empty());
            }
        }
    }
}
