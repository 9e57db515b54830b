use serde::Deserialize;

use super::{Labelled, Outcome, Score, Share, judge};
use crate::Kind;

#[derive(Deserialize)]
struct Case {
    why: String,
    gold: Vec<[usize; 2]>,
    predicted: Vec<[usize; 2]>,
    found: Vec<bool>,
    verdicts: Vec<String>,
}

/// The borderline cases that every implementation of the rule must agree on.
#[test]
fn agrees_with_the_cases_of_the_rule() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../../../data/guard/pii/score-cases.json")).unwrap();
    assert!(cases.len() >= 13);
    for case in cases {
        let ranges = |pairs: &[[usize; 2]]| pairs.iter().map(|pair| pair[0]..pair[1]).collect::<Vec<_>>();
        let judged = judge(&ranges(&case.gold), ranges(&case.predicted));
        assert_eq!(judged.found, case.found, "{}", case.why);
        let words = judged.predicted.iter().map(|row| match row.1 {
            Outcome::Right => "right",
            Outcome::Repeated => "repeated",
            Outcome::Wrong => "wrong",
        });
        assert_eq!(words.collect::<Vec<_>>(), case.verdicts, "{}", case.why);
    }
}

#[test]
fn counts_kinds_apart_and_leaks_over_all() {
    let span = |kind, range| Labelled { kind, range };
    let mut score = Score::default();
    let misses = score.add(
        &[span(Kind::Phone, 0..10), span(Kind::Person, 20..24)],
        &[span(Kind::MyNumber, 0..10), span(Kind::Person, 20..24), span(Kind::Secret, 0..99)],
    );
    assert_eq!(misses.len(), 2);
    assert!(score.add(&[], &[span(Kind::Secret, 0..3)]).is_empty());
    score.add(&[], &[span(Kind::Email, 0..3)]);
    assert_eq!((score.negative, score.flagged), (2, 1));
    let all = score.total(|_| true);
    assert_eq!((all.labelled, all.found, all.right, all.wrong, all.leaked), (2, 1, 1, 2, 0));
    score.add(&[span(Kind::Phone, 0..10)], &[span(Kind::Phone, 0..7)]);
    score.add(&[span(Kind::Phone, 0..10)], &[span(Kind::Phone, 0..8)]);
    let phones = score.total(|kind| kind == Kind::Phone);
    assert_eq!((phones.labelled, phones.found, phones.leaked), (3, 1, 1));
    score.add(&[span(Kind::Phone, 0..10)], &[]);
    assert_eq!(score.total(|_| true).leaked, 2);
    assert_eq!(phones.recall().unwrap().value, 1.0 / 3.0);
    assert_eq!(score.total(|kind| kind == Kind::Vehicle).recall(), None);
}

#[test]
fn the_interval_is_that_of_wilson() {
    // 13 of 13: the lower end that the rule's text warns of.
    let share = Share::of(13, 13).unwrap();
    assert!((share.low - 0.7719).abs() < 5e-4 && share.high == 1.0, "{share:?}");
    let half = Share::of(50, 100).unwrap();
    assert!((half.low - 0.4038).abs() < 5e-4 && (half.high - 0.5962).abs() < 5e-4, "{half:?}");
}
