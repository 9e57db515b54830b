use proptest::prelude::*;

use super::{BadToken, CANARIES_MAX, Canaries, Plant, Token, TooMany};
use crate::rule_card::spans_of;

fn token() -> Token {
    Token::new(*b"sekisho-canary-1")
}

fn canaries() -> Canaries {
    let document = Token::parse("DocumentCanary2026x").unwrap();
    Canaries::new([(Plant::SystemPrompt, token()), (Plant::Document, document)]).unwrap()
}

fn rules(text: &str) -> Vec<String> {
    let mut rules: Vec<String> =
        spans_of(&canaries(), text).iter().map(|span| span.rule.to_string()).collect();
    rules.dedup();
    rules
}

#[test]
fn a_canary_is_found_in_every_writing() {
    let token = token();
    let plain = token.as_str();
    let upper = plain.to_uppercase();
    let base64 = |before: &str| {
        let bytes: Vec<u8> = [before.as_bytes(), plain.as_bytes(), b" end"].concat();
        encode(&bytes)
    };
    let each = |write: &dyn Fn(char) -> String| plain.chars().map(write).collect::<String>();
    let texts = [
        plain.to_owned(),
        format!("漏れた：{upper}です"),
        each(&|c| format!("{c}-")),
        each(&|c| format!("{c}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}\u{200b}")),
        plain.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect(),
        plain.chars().rev().collect(),
        base64(""),
        base64("a"),
        base64("ab"),
        each(&|c| format!("{:02X}", c as u32)),
        each(&|c| format!("%{:02x}", c as u32)),
        each(&|c| format!("\\u00{:02x}", c as u32)),
    ];
    for text in texts {
        assert_eq!(rules(&text), ["canary/system-prompt"], "{text}");
    }
    assert_eq!(rules("documentcanary2026X"), ["canary/document"]);
    assert_eq!(rules(&plain[1..]), [""; 0]);
    assert_eq!(rules(&plain.replacen('a', "あいうえおか", 1).replacen('k', "あいうえおか", 1)), [""; 0]);
    assert_eq!(rules("本日は晴天なり。documentcanary2025x"), [""; 0]);
}

fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| -> String {
        let bits =
            group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        (0..=group.len()).map(|digit| char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize])).collect()
    };
    bytes.chunks(3).map(group).collect()
}

#[test]
fn tokens_are_bounded_and_not_shown() {
    assert_eq!(token().as_str().len(), 26);
    assert_ne!(Token::new([1; 16]), Token::new([2; 16]));
    assert_eq!(Token::parse("short"), Err(BadToken::Length));
    assert_eq!(Token::parse("with a space in it"), Err(BadToken::Character));
    let shown = format!("{:?} {:?}", token(), canaries());
    assert!(!shown.contains(token().as_str()), "{shown}");
    let many = (0..=CANARIES_MAX as u128).map(|number| (Plant::Document, Token::new(number.to_be_bytes())));
    assert_eq!(Canaries::new(many).unwrap_err(), TooMany);
    assert!(Canaries::new([]).unwrap().is_empty());
    assert_eq!(spans_of(&Canaries::new([]).unwrap(), "text"), []);
}

const PIECES: &[&str] = &[
    "DocumentCanary2026x",
    "document",
    "canary",
    "2026",
    "x",
    "-",
    "D-o-c-u-m-e-n-t",
    "Canary2026x",
    "ｄｏｃｕｍｅｎｔ",
    "x6202yranaCtnemucoD",
    "RG9jdW1lbnRDYW5hcnkyMDI2eA",
    "646f63756d656e7463616e6172793230323678",
    "d",
    "あ",
    "     ",
    "あいうえおか",
];

proptest! {
    #[test]
    fn keeps_its_promises(case in crate::hold_check::texts(PIECES, 16)) {
        crate::hold_check::check(&canaries(), &case)?;
    }
}
