use std::{fmt::Write, time::Instant};

use super::{Candidate, candidate, codes, decide, number, read, unit_criterion};
use crate::plan::choose::FIELDS;

/// 66 candidates, 12 criteria of which 2 are ordered codes, 40 % of all values unknown, ranked weights.
#[test]
#[ignore = "a measurement: cargo test --release -p sekisho-catalog speed -- --ignored --nocapture"]
fn speed() {
    let numbers = FIELDS.iter().filter(|field| field.kind == super::super::FieldKind::Number).take(10);
    let numbers: Vec<_> = numbers.map(|field| field.name).collect();
    let mut body = String::new();
    for (index, field) in numbers.iter().enumerate() {
        body += &unit_criterion(&format!("n{index}"), field, &format!("rank = {}", index / 2 + 1));
    }
    for (field, order) in [
        ("commercial_use", "'yes', 'conditional', 'no'"),
        ("origin", "'domestic_scratch', 'domestic_retrofit', 'foreign'"),
    ] {
        let _ = write!(
            body,
            "[[criterion]]\nid = '{field}'\naxis = 'control'\nfield = '{field}'\ngoal = 'order'\n\
             order = [{order}]\nrank = 6\nwhy = '試験'\n"
        );
    }
    let requirements = read(&body);
    let candidates: Vec<Candidate> = (0..66_usize)
        .map(|row| {
            let known = |column: usize| (row * 7 + column * 11) % 10 >= 4;
            let worth = |column: usize| ((row * 37 + column * 53) % 101) as f64 / 100.0;
            let claims = |column: usize| if known(column) { vec![number(worth(column))] } else { vec![] };
            let mut fields: Vec<_> =
                numbers.iter().enumerate().map(|(column, field)| (*field, claims(column))).collect();
            if known(10) {
                fields.push(("commercial_use", vec![codes(&[["yes", "conditional", "no"][row % 3]])]));
            }
            if known(11) {
                fields.push(("origin", vec![codes(&["domestic_scratch"])]));
            }
            candidate(&format!("m{row}"), &fields)
        })
        .collect();
    let start = Instant::now();
    let decision = decide(&requirements, &candidates);
    println!(
        "{} candidates, {} criteria, {} draws: {} ms",
        decision.ranking.len(),
        decision.weights.len(),
        decision.draws,
        start.elapsed().as_millis()
    );
    assert_eq!((decision.ranking.len(), decision.weights.len(), decision.draws), (66, 12, 10_000));
}
