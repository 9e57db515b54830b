use proptest::prelude::*;

use super::{
    PLACEHOLDER_CHARS_MAX, Placeholder, Restorer, Stands, Start, VAULT_BYTES_MAX, VAULT_ENTRIES_MAX, Vault,
    look_alikes, read_start,
};
use crate::Kind;

const PERSON: Stands = Stands::For(Kind::Person);

#[test]
fn placeholders_as_a_model_writes_them() {
    for written in
        ["[PERSON_1]", "［PERSON_1］", "[person_1]", "[PERSON\\_1]", "[PERSON_1\\]", "［ＰＥＲＳＯＮ＿１］"]
    {
        let expected = Start::Placeholder { stands: PERSON, number: 1, bytes: written.len() };
        assert_eq!(read_start(&format!("{written}さん")), expected, "{written}");
    }
    for written in [
        "[PERSON]",
        "[PERSON_]",
        "[PERSON_0]",
        "[PERSON_01]",
        "[PERSON_1234567]",
        "[PERSON 1]",
        "[INDEX_1]",
        "[[PERSON_1]",
        "",
        "(1)",
    ] {
        assert_eq!(read_start(written), Start::Other, "{written}");
    }
    for written in ["[", "[P", "[DATE_OF_BIRTH", "[DATE_OF_BIRTH_", "[IP_12", "[IP_1\\"] {
        assert_eq!(read_start(written), Start::Open, "{written}");
    }
}

#[test]
fn the_longest_placeholder_fits_its_limit() {
    for stands in Kind::all().map(Stands::For).chain([Stands::ForText]) {
        let written = Placeholder { stands, number: Some(999_999) }.to_string().replace('_', "\\_");
        assert!(written.chars().count() < PLACEHOLDER_CHARS_MAX, "{written}");
        assert!(matches!(read_start(&written), Start::Placeholder { .. }), "{written}");
    }
}

#[test]
fn one_original_one_placeholder_in_one_conversation() {
    let (vault, other) = (Vault::new(), Vault::new());
    let mask = |kind, original| vault.placeholder(Stands::For(kind), original).to_string();
    assert_eq!(mask(Kind::Person, "山田太郎"), "[PERSON_1]");
    assert_eq!(mask(Kind::Person, "佐藤花子"), "[PERSON_2]");
    assert_eq!(mask(Kind::Phone, "03-0000-0000"), "[PHONE_1]");
    assert_eq!(mask(Kind::Person, "山田太郎"), "[PERSON_1]");
    let answer = "[PERSON_1]さんと[person_2]さん、[PERSON_3]、[PERSON]、[PERSON_1";
    let restored = "山田太郎さんと佐藤花子さん、[PERSON_3]、[PERSON]、[PERSON_1";
    assert_eq!(Restorer::restore(&vault, answer), restored);
    assert_eq!(Restorer::restore(&other, answer), answer);
}

#[test]
fn a_vault_shows_nothing_and_ends() {
    let vault = Vault::new();
    assert!(vault.is_empty());
    vault.placeholder(PERSON, "山田太郎");
    assert!(!vault.is_empty());
    assert_eq!(format!("{vault:?}"), "Vault(1 entries)");
    assert_eq!(format!("{:?}", Restorer::new(vault.clone())).matches("山田").count(), 0);
    for number in 0..VAULT_ENTRIES_MAX {
        vault.placeholder(PERSON, &number.to_string());
    }
    assert_eq!(vault.len(), VAULT_ENTRIES_MAX);
    assert_eq!(vault.placeholder(PERSON, "新しい人").to_string(), "[PERSON]");
    assert_eq!(vault.placeholder(PERSON, "山田太郎").to_string(), "[PERSON_1]");
    let long = "あ".repeat(VAULT_BYTES_MAX / 3 + 1);
    assert_eq!(Vault::new().placeholder(PERSON, &long).number, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_pieces_restore_as_the_whole(
        parts in prop::collection::vec(
            prop::sample::select(vec!["[", "[PERSON_1]", "PERSON", "_", "1", "]", "\\", "［", "山", "[PHONE_", "12"]),
            0..12,
        ),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let text = parts.concat();
        let vault = Vault::new();
        vault.placeholder(PERSON, "[PERSON_2]");
        vault.placeholder(PERSON, "花子");
        let mut boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        boundaries.push(text.len());
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| *cut.get(&boundaries)).collect();
        cuts.sort_unstable();
        let mut restorer = Restorer::new(vault.clone());
        let mut out = String::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([text.len()]) {
            out.push_str(&restorer.push(&text[from..cut]));
            prop_assert!(restorer.held.chars().count() <= PLACEHOLDER_CHARS_MAX);
            from = cut;
        }
        out.push_str(&restorer.finish());
        prop_assert_eq!(out, Restorer::restore(&vault, &text));
    }

    #[test]
    fn look_alikes_before_the_open_end_stay(text in "[\\[\\]_\\\\PIip［あ1]{0,20}", more in "[\\[\\]_IP1\\\\]{0,6}") {
        let (found, settled) = look_alikes(&text);
        let (all, _) = look_alikes(&format!("{text}{more}"));
        let before: Vec<_> = all.into_iter().filter(|one| one.start < settled).collect();
        prop_assert_eq!(found, before);
    }
}
