//! The promises of [`Detector`], and changes of a text that change nothing.

use proptest::prelude::*;
use sekisho_text::normal::Normal;

use super::{Pii, corpus, corpus::unmark, mark, spans};
use crate::{Detector, Span, View, promise, table::Tracker};

fn look(text: &str, from: usize, to: usize) -> (Vec<Span>, usize) {
    let mut table = Tracker::default();
    table.advance(&text[..from]);
    let part = &text[from..to];
    let normal = Normal::of(part);
    let view = View {
        original: part,
        normal: &normal,
        at_start: from == 0,
        at_end: to == text.len(),
        table: &table,
        from: 0,
    };
    let mut found = Vec::new();
    let settled = Pii.look(&view, &mut found).unwrap();
    for span in &mut found {
        assert!(part.get(span.range.clone()).is_some_and(|part| !part.is_empty()));
        span.range = span.range.start + from..span.range.end + from;
        span.evidence.cue = span.evidence.cue.clone().map(|cue| cue.start + from..cue.end + from);
    }
    sort(&mut found);
    (found, settled + from)
}

fn sort(found: &mut [Span]) {
    found.sort_by_key(|span| (span.range.start, span.range.end, span.rule.clone()));
}

fn chars_between(text: &str, from: usize, to: usize) -> usize {
    text[from..to].chars().count()
}

/// The byte `count` characters before `at`.
fn back(text: &str, at: usize, count: usize) -> usize {
    text[..at].char_indices().rev().take(count).last().map_or(at, |(at, _)| at)
}

/// Checks promises 1 to 3 for one text, cut at every character.
fn hold_promises(text: &str) -> Result<(), TestCaseError> {
    let (whole, _) = look(text, 0, text.len());
    let reach = Pii.reach();
    for (cut, _) in text.char_indices().skip(1) {
        // 2. and 3., seen from a prefix.
        let (prefix, settled) = look(text, 0, cut);
        prop_assert!(text.is_char_boundary(settled));
        prop_assert!(chars_between(text, settled, cut) <= reach.hold_chars_max, "{:?}", &text[..cut]);
        let is_final = |span: &&Span| span.range.start < settled;
        let now: Vec<&Span> = prefix.iter().filter(is_final).collect();
        let later: Vec<&Span> = whole.iter().filter(is_final).collect();
        prop_assert_eq!(now, later, "{:?} | {:?}", &text[..settled], &text[settled..cut]);
        // 1., seen from a text that lost its beginning.
        let (rest, _) = look(text, cut, text.len());
        let known = |span: &&Span| {
            back(text, span.range.start, reach.behind_chars) >= cut
                && chars_between(text, cut, span.range.start) >= reach.behind_chars
        };
        let now: Vec<&Span> = rest.iter().filter(known).collect();
        let then: Vec<&Span> = whole.iter().filter(known).collect();
        prop_assert_eq!(now, then, "cut off {:?}", &text[..cut]);
    }
    Ok(())
}

#[test]
fn promises_hold_for_the_corpus() {
    // In pairs, so that texts have neighbours.
    let texts: Vec<String> = corpus::found().iter().map(|text| unmark(text)).chain(corpus::alike()).collect();
    for pair in texts.windows(2) {
        hold_promises(&pair.join("、")).unwrap();
    }
}

/// The last character of a view may yet get a mark, whatever stands there.
#[test]
fn a_mark_that_comes_later_changes_nothing_that_is_settled() {
    for text in corpus::found().iter().map(|text| unmark(text)) {
        for (cut, _) in text.char_indices().skip(1) {
            for mark in ["\u{3099}", "\u{fe0f}"] {
                let marked = format!("{}{mark}{}", &text[..cut], &text[cut..]);
                let (now, settled) = look(&marked, 0, cut);
                let (later, _) = look(&marked, 0, marked.len());
                let before = |spans: Vec<Span>| -> Vec<Span> {
                    spans.into_iter().filter(|span| span.range.start < settled).collect()
                };
                assert_eq!(before(now), before(later), "{marked:?}, cut at {cut}");
            }
        }
    }
}

/// Not even where it stands as far from the candidate as a look goes.
#[test]
fn a_mark_at_the_edge_of_a_look_is_waited_for() {
    for count in 30..60 {
        let address = format!("taro@{}.com", "x".repeat(count));
        let marked = format!("{address}\u{301}");
        let (now, settled) = look(&marked, 0, address.len());
        let (later, _) = look(&marked, 0, marked.len());
        let before = |spans: Vec<Span>| -> Vec<Span> {
            spans.into_iter().filter(|span| span.range.start < settled).collect()
        };
        assert_eq!(before(now), before(later), "{marked:?}");
    }
}

#[test]
fn prose_is_settled_at_once() {
    let held = |text: &str| {
        let settled = look(&format!("{text}続"), 0, text.len()).1;
        text[settled..].to_owned()
    };
    for text in [
        "本日は晴天なり",
        "申請書を受け付けた。",
        "マイナンバーの",
        "3月の会議は",
        "ABCという",
        "12円の",
        "連絡先は ",
    ] {
        assert_eq!(held(text), "", "{text}");
    }
    for (text, rest) in [
        ("番号は0901", "0901"),
        ("TEL 03-1234-5678", "03-1234-5678"),
        ("mailはtaro.y", "taro.y"),
        ("品川", "品川"),
        ("昭和45年", "昭和45年"),
        ("本件は2024年5月1日に", "2024年5月1日に"),
        ("値は123456789012を", "123456789012を"),
    ] {
        assert_eq!(held(text), rest, "{text}");
    }
    // With its cue before it, a number needs nothing behind it but its end.
    assert_eq!(held("個人番号 526018159084をご"), "");
}

fn piece() -> impl Strategy<Value = String> {
    let texts: Vec<String> = corpus::found().iter().map(|text| unmark(text)).chain(corpus::alike()).collect();
    let words = [
        "個人番号",
        "電話",
        "番号",
        "生年月日",
        "生まれ",
        "口座",
        "記号",
        "カード番号",
        "第",
        "号",
        "円",
        "。",
        "、",
        " ",
        "　",
        "\n",
        "\n\n",
        ",",
        "\t",
        "|",
        "(",
        ")",
        "-",
        "ー",
        "−",
        "・",
        ".",
        "/",
        ":",
        "：",
        "@",
        "+81",
        "\u{200b}",
        "\u{3099}",
        "\u{fe0f}",
        "氏名,個人番号\n",
        "品川",
        "昭和",
        "T",
        "IP",
        "は",
        "の",
        "です",
    ];
    prop_oneof![
        4 => "[0-9]{1,13}",
        1 => "[０-９]{1,8}",
        1 => "[〇一二三四五六七八九十]{1,6}",
        2 => "[0-9]{2,4}[-ー−－ .][0-9]{2,4}[-ー−－ .][0-9]{4}",
        1 => "[a-zA-Z]{1,4}",
        1 => "[ぁ-ん]{1,4}",
        1 => "\\PC{0,2}",
        1 => "\u{200b}{1,40}",
        8 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        4 => proptest::sample::select(texts),
    ]
}

fn filler() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "\u{200b}{1,80}",
        1 => "[\u{3099}\u{309a}\u{301}]{1,4}",
        1 => "[\u{fe0f}\u{e0100}]{1,4}",
        1 => " {1,70}",
        1 => "[0-9]{1,70}",
        1 => "[a-z.@-]{1,70}",
        1 => "[-ー0-9]{1,70}",
        1 => "\n{1,4}",
    ]
}

fn text(pieces: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..pieces).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promises_hold(text in text(14)) {
        hold_promises(&text)?;
        let cuts: Vec<usize> = (0..text.len()).step_by(1 + text.len() / 6).collect();
        prop_assert_eq!(promise::check(&Pii, &text, &cuts), Ok(()));
    }

    /// What a person might do who wants to get something past the edge of a look.
    #[test]
    fn promises_hold_for_stuffed_text(
        index in 0_usize..10_000,
        fillers in proptest::collection::vec((0_usize..60, filler()), 1..4),
    ) {
        let all = corpus::found();
        let mut text: Vec<char> = unmark(&all[index % all.len()]).chars().collect();
        for (at, filler) in fillers {
            let at = at.min(text.len());
            text.splice(at..at, filler.chars());
        }
        hold_promises(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn a_sentence_before_or_behind_takes_nothing_away(index in 0_usize..10_000) {
        let all = corpus::found();
        let expected = &all[index % all.len()];
        let benign = "本日はお忙しいところありがとうございます。\n\n";
        prop_assert_eq!(mark(&format!("{benign}{}", unmark(expected))), format!("{benign}{expected}"));
        prop_assert_eq!(mark(&format!("{}\n\n{benign}", unmark(expected))), format!("{expected}\n\n{benign}"));
    }

    #[test]
    fn never_panics(text in "[\\PC\n\t]{0,60}") {
        spans(&text);
    }
}

/// Another way to write the same text must leave the same spans.
fn check_rewritten(rewrite: impl Fn(&str) -> String) {
    let mut wrong = String::new();
    for expected in corpus::found() {
        let rewritten = rewrite(&expected);
        let marked = mark(&unmark(&rewritten));
        if marked != rewritten {
            wrong += &format!("expected {rewritten:?}\n  marked {marked:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Rewrites the text and what is marked, but not the marks.
fn outside_marks(text: &str, rewrite: impl Fn(char) -> char) -> String {
    let mut inside_name = false;
    text.chars()
        .map(|letter| {
            match letter {
                '【' => inside_name = true,
                ':' if inside_name => {
                    inside_name = false;
                    return letter;
                }
                _ => {}
            }
            if inside_name { letter } else { rewrite(letter) }
        })
        .collect()
}

#[test]
fn width_does_not_matter() {
    check_rewritten(|text| {
        outside_marks(text, |letter| match letter {
            '!'..='~' => char::from_u32(letter as u32 + 0xfee0).unwrap(),
            _ => letter,
        })
    });
    check_rewritten(|text| {
        outside_marks(text, |letter| match letter {
            '！'..='～' => char::from_u32(letter as u32 - 0xfee0).unwrap(),
            '　' => ' ',
            _ => letter,
        })
    });
}

#[test]
fn hyphens_do_not_matter() {
    for hyphen in ['−', '–', '‐', '－', 'ー', '―', 'ｰ'] {
        let between_digits = |text: &str| {
            let letters: Vec<char> = text.chars().collect();
            let is_digit =
                |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
            let swap = |(at, letter): (usize, &char)| {
                let folds = *letter == '-' && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
                if folds { hyphen } else { *letter }
            };
            letters.iter().enumerate().map(swap).collect::<String>()
        };
        check_rewritten(between_digits);
    }
}

#[test]
fn unseen_characters_do_not_matter() {
    // One behind the first digit of each run; more would take the longest addresses beyond the reach of a look.
    check_rewritten(|text| {
        let mut rewritten = String::new();
        let mut digits = 0;
        for letter in text.chars() {
            digits = if letter.is_ascii_digit() { digits + 1 } else { 0 };
            if digits == 2 {
                rewritten.push('\u{200b}');
            }
            rewritten.push(letter);
        }
        rewritten
    });
}
