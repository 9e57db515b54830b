use proptest::prelude::*;

use super::{
    Clear, Destroyed, Envelope, Error, Kind, LEAF_BYTES_MAX, Leaf, RecordId, Room, STATEMENT_TEXT_BYTES_MAX,
    Slot, Statement, StatementError,
};
use crate::{
    checkpoint::ORIGIN_BYTES_MAX,
    note::{Note, SigningKey},
};

const SIGNATURE: &str = "\u{2014} audit.example.lg.jp Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

fn erase() -> Statement {
    Statement {
        kind: Kind::Erase,
        origin: "audit.example.lg.jp".to_owned(),
        time_ms: 1_774_191_600_001,
        by: "情報政策課 記録管理者".to_owned(),
        ground: "個人情報の保護に関する法律 第98条の請求による消去".to_owned(),
        records: vec![RecordId([1; 16])],
        destroyed: vec![Destroyed { index: 12, slot: Slot { class: 3, number: 4096 } }],
        class: None,
        vkey: None,
    }
}

fn bytes_of(statement: &Statement) -> Vec<u8> {
    let envelope =
        Envelope { kind: statement.kind, time_ms: statement.time_ms, record: RecordId([0xab; 16]) };
    Clear::encode(&envelope, &format!("{}\n{SIGNATURE}", statement.to_text().unwrap())).unwrap()
}

#[test]
fn the_text_of_an_erasure() {
    expect_test::expect![[r#"
        sekisho-audit/1 erase
        audit.example.lg.jp
        2026-03-22T15:00:00.001Z
        by 情報政策課 記録管理者
        ground 個人情報の保護に関する法律 第98条の請求による消去
        record 01010101010101010101010101010101
        leaf 12 3 4096
    "#]]
    .assert_eq(&erase().to_text().unwrap());
}

#[test]
fn statements_are_read_back() {
    let hold = Statement { kind: Kind::Hold, destroyed: Vec::new(), ..erase() };
    let release = Statement { kind: Kind::Release, ..hold.clone() };
    let key = Statement {
        kind: Kind::Key,
        records: Vec::new(),
        vkey: Some("audit.example.lg.jp+00000000+AAAA".to_owned()),
        ..hold.clone()
    };
    let class = Statement {
        records: Vec::new(),
        destroyed: Vec::new(),
        class: Some(Slot { class: 3, number: 8192 }),
        ..erase()
    };
    assert!(class.to_text().unwrap().ends_with("\nclass 3 8192\n"));
    for statement in [erase(), hold, release, key, class] {
        let bytes = bytes_of(&statement);
        let Leaf::Clear(clear) = Leaf::parse(&bytes).unwrap() else { panic!("it is clear") };
        assert_eq!(clear.statement, statement);
        assert_eq!(Clear::encode(&clear.envelope, clear.note).unwrap(), bytes);
    }
}

#[test]
fn a_line_cannot_carry_another_line() {
    for by in ["", " a", "a\nrecord 00", "a\r", "a\u{2028}b", &"あ".repeat(400)] {
        let statement = Statement { by: by.to_owned(), ..erase() };
        assert_eq!(statement.to_text(), Err(StatementError::Text { field: "by" }), "{by:?}");
    }
    assert_eq!(Statement { destroyed: Vec::new(), ..erase() }.to_text(), Err(StatementError::Empty));
    let many = Statement { records: vec![RecordId([0; 16]); 2048], ..erase() };
    assert_eq!(many.to_text(), Err(StatementError::TooManyLines));
}

/// As many records as there is room for, each with so many keys, under the longest names.
fn full(keys: usize, index: u64, number: u64) -> Statement {
    let longest = "x".repeat(STATEMENT_TEXT_BYTES_MAX);
    let origin = "o".repeat(ORIGIN_BYTES_MAX);
    let none = Statement { records: Vec::new(), destroyed: Vec::new(), ..erase() };
    let mut full = Statement { origin, by: longest.clone(), ground: longest, ..none };
    let keys = vec![Destroyed { index, slot: Slot { class: 255, number } }; keys];
    let mut room = Room::WHOLE;
    while room.take(&RecordId([0xff; 16]), &keys) {
        full.records.push(RecordId([0xff; 16]));
        full.destroyed.extend(&keys);
    }
    full
}

#[test]
fn what_there_is_room_for_fits_a_leaf() {
    // Short lines are many, long ones are long.
    for (keys, index, number, records) in [(1, 0, 0, 1024), (2, u64::MAX, u64::MAX, 422), (502, 9, 9, 4)] {
        let full = full(keys, index, number);
        assert_eq!(full.records.len(), records);
        let key = SigningKey::from_seed(&full.origin, &[1; 32]).unwrap();
        let note = Note::sign(full.to_text().unwrap(), &key).unwrap().to_string();
        let envelope = Envelope { kind: Kind::Erase, time_ms: full.time_ms, record: RecordId([0; 16]) };
        let leaf = Clear::encode(&envelope, &note).unwrap();
        let Leaf::Clear(clear) = Leaf::parse(&leaf).unwrap() else { panic!("it is clear") };
        assert_eq!(clear.statement, full);
    }
}

#[test]
fn bad_forms_are_named() {
    let erase = bytes_of(&erase());
    let changed = |from: &str, to: &str| {
        let text = String::from_utf8(erase[26..].to_vec()).unwrap();
        assert!(text.contains(from));
        Leaf::parse(&[&erase[..26], text.replace(from, to).as_bytes()].concat()).unwrap_err()
    };
    let line = |line| Error::Statement(StatementError::Line { line });
    assert_eq!(changed("/1 erase", "/1 hold"), line(1));
    assert_eq!(changed("00.001Z", "00.002Z"), line(3));
    assert_eq!(changed("by ", "by  "), Error::Statement(StatementError::Text { field: "by" }));
    assert_eq!(changed("leaf 12", "leaf 012"), line(7));
    assert_eq!(changed("leaf 12", "leaf +12"), line(7));
    assert_eq!(changed("leaf 12 3 4096", "leaf 12 3 4096 1"), line(7));
    assert_eq!(changed("leaf 12 3 4096", "vkey a"), Error::Statement(StatementError::Empty));
    assert_eq!(changed(SIGNATURE, ""), Error::Statement(StatementError::Unsigned));
    assert_eq!(Leaf::parse(&[]), Err(Error::TooShort { bytes: 0 }));
    assert_eq!(Leaf::parse(&[2, 1]), Err(Error::Version { version: 2 }));
    assert_eq!(Leaf::parse(&[1, 5]), Err(Error::Kind { number: 5 }));
    assert_eq!(Leaf::parse(&[1; 170]), Err(Error::TooShort { bytes: 170 }));
    assert!(Leaf::parse(&[1; 171]).is_ok());
    let long = vec![1; LEAF_BYTES_MAX + 1];
    assert_eq!(Leaf::parse(&long), Err(Error::TooLong { bytes: 65_536 }));
}

#[test]
fn record_ids_have_one_written_form() {
    let id = RecordId::new(0x0102_0304_0506, [0xff; 10]);
    assert_eq!(id.to_string(), "010203040506ffffffffffffffffffff");
    assert_eq!(id.to_string().parse(), Ok(id));
    for text in ["", "01", "010203040506FFFFFFFFFFFFFFFFFFFF", "+10203040506ffffffffffffffffffff"] {
        assert!(text.parse::<RecordId>().is_err());
    }
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Leaf::parse(&bytes);
    }

    #[test]
    fn reading_a_clear_leaf_never_panics(kind in 16_u8..20, text in "(sekisho|by|ground|record|leaf| |/1|\n|[a-z0-9]){0,40}") {
        let _ = Leaf::parse(&[&[1, kind], &[0; 24][..], text.as_bytes()].concat());
    }

    /// Two different rows of bytes are never the same leaf, so a hash over bytes is a hash over meaning.
    #[test]
    fn a_changed_byte_is_another_leaf_or_none(sealed: bool, at: prop::sample::Index, change in 1_u8..) {
        let bytes = if sealed { (0..200).map(|at| if at == 0 { 1 } else { at % 3 + 1 }).collect() } else { bytes_of(&erase()) };
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] ^= change;
        let leaf = Leaf::parse(&bytes).unwrap();
        prop_assert!(Leaf::parse(&changed) != Ok(leaf));
    }
}
