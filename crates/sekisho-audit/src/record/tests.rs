use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{
    Close, Error, Event, Open, Outcome, PARTS_MAX, RECORD_BYTES_MAX, Record, Verdict,
    content::{join, take_parts},
};
use crate::leaf::PLAINTEXT_BYTES_MAX;

fn open() -> Open {
    Open {
        principal: "yamada.taro".to_owned(),
        purpose: Some("住民説明資料の下書き".to_owned()),
        verdict: Some(Verdict::Flag),
        input: Some("こんにちは".into()),
        ..Open::default()
    }
}

/// Through the contents of leaves and back.
fn again<R: Record>(record: &R) -> R {
    let contents = record.to_contents().unwrap();
    let first = u64::MAX / 3;
    let main = contents.main_at(first);
    let (mut members, refs) = take_parts(&main).unwrap();
    assert!(main.len() <= PLAINTEXT_BYTES_MAX);
    for (name, indices) in refs {
        let at = |index: u64| contents.parts[(index - first) as usize].as_slice();
        join(&mut members, name, indices.into_iter().map(at)).unwrap();
    }
    R::parse(members).unwrap()
}

#[test]
fn a_short_record_is_one_leaf() {
    let contents = open().to_contents().unwrap();
    assert!(contents.parts.is_empty());
    let main = contents.main_at(5);
    let text = str::from_utf8(&main).unwrap();
    expect_test::expect![[r#"{"principal":"yamada.taro","purpose":"住民説明資料の下書き","verdict":"flag","input":"こんにちは"}"#]]
        .assert_eq(text);
    assert_eq!(again(&open()), open());
}

#[test]
fn unknown_members_are_kept() {
    let members = json!({"principal": "a", "outcome": "answered", "new": {"x": [1]}, "note": "n"});
    let Value::Object(members) = members else { unreachable!() };
    let close = Close::parse(members).unwrap();
    assert_eq!(close.other.len(), 2);
    assert_eq!(again(&close), close);
}

#[test]
fn long_texts_become_parts_with_their_places() {
    let mut long = open();
    long.input = Some("長".repeat(50_000).into());
    long.other.insert("second".to_owned(), "あ".repeat(30_000).into());
    let contents = long.to_contents().unwrap();
    let (members, refs) = take_parts(&contents.main_at(10)).unwrap();
    assert_eq!(refs, [("input".to_owned(), vec![10, 11, 12]), ("second".to_owned(), vec![13, 14])]);
    assert!(!members.contains_key("input") && contents.parts.len() == 5);
    assert!(contents.parts.iter().all(|part| str::from_utf8(part).is_ok()));
    assert_eq!(again(&long), long);
}

#[test]
fn what_is_too_large_is_refused_and_not_cut() {
    let mut large = open();
    large.input = Some("a".repeat(RECORD_BYTES_MAX).into());
    assert!(matches!(large.to_contents(), Err(Error::TooLarge { .. })));
    large.input = Some("a".repeat(RECORD_BYTES_MAX - 1000).into());
    assert_eq!(again(&large), large);
    assert!(large.to_contents().unwrap().parts.len() <= PARTS_MAX);

    let mut lists = open();
    lists.sources = vec!["文書".repeat(20); 4000];
    assert!(matches!(lists.to_contents(), Err(Error::NoRoom { .. })));
    lists.sources = vec!["a".to_owned(); 4097];
    assert!(matches!(lists.to_contents(), Err(Error::TooMany { member: "sources", .. })));
}

#[test]
fn members_are_checked() {
    for principal in ["", "a\nb", &"a".repeat(1025)] {
        let bad = Open { principal: principal.to_owned(), ..open() };
        assert_eq!(bad.check(), Err(Error::Line { member: "principal" }));
    }
    let mut taken = open();
    taken.other.insert("parts".to_owned(), Value::Null);
    assert_eq!(taken.check(), Err(Error::Taken { member: "parts".to_owned() }));
    let cost = Close { cost_yen: Some(f64::NAN), ..Close::new(Outcome::Failed) };
    assert_eq!(cost.check(), Err(Error::NotFinite { member: "cost_yen" }));
    let event = Event { principal: "a".to_owned(), event: String::new(), ..Event::default() };
    assert_eq!(event.check(), Err(Error::Line { member: "event" }));
}

#[test]
fn hostile_contents_are_refused() {
    for main in [
        "",
        "[]",
        r#"{"parts":1}"#,
        r#"{"parts":{"input":["1"]}}"#,
        r#"{"parts":{"input":[1]},"input":"x"}"#,
        r#"{"parts":{"input":[-1]}}"#,
    ] {
        assert_eq!(take_parts(main.as_bytes()).map(|_| ()), Err(Error::Unreadable), "{main}");
    }
    // As many parts as there may be, over all texts together.
    let of_parts = |first: usize, second: usize| {
        let main = json!({"parts": {"input": vec![1; first], "output": vec![1; second]}}).to_string();
        take_parts(main.as_bytes()).map(|_| ())
    };
    assert_eq!(of_parts(PARTS_MAX - 1, 1), Ok(()));
    assert_eq!(of_parts(PARTS_MAX - 1, 2), Err(Error::Unreadable));
    assert_eq!(join(&mut Map::new(), "a".to_owned(), [&[0xff][..]].into_iter()), Err(Error::Unreadable));
}

#[test]
fn texts_are_not_shown() {
    let shown = format!("{:?}", open());
    assert!(shown.contains("PromptText(15 bytes)") && !shown.contains("こんにちは"));
}

proptest! {
    #[test]
    fn every_record_comes_back(input in "\\PC{0,30}", times in 0_usize..8000, extra in "\\PC{0,10}") {
        let mut record = open();
        record.input = Some(input.repeat(times).into());
        record.other.insert("extra".to_owned(), extra.into());
        prop_assert_eq!(again(&record), record);
    }

    #[test]
    fn reading_never_panics(main in "[{}\\[\\]\",:a-z0-9]{0,60}") {
        let _ = take_parts(main.as_bytes());
    }
}
