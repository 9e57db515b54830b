//! Every mistake of a file at once, each with its line.

use std::fmt::Write;

use expect_test::{Expect, expect};
use proptest::{prelude::*, test_runner::RngSeed};

use super::{HEAD, candidate, codes, number};
use crate::plan::choose::{
    Requirements, choose,
    requirements::{Axis, Goal, REQUIREMENTS_BYTES_MAX, Test, Weight},
};

fn check(text: &str, expected: &Expect) {
    let (_, problems) = Requirements::parse(text);
    let mut found = String::new();
    for problem in problems {
        let _ = writeln!(found, "{} {} {:?}", problem.line, problem.path, problem.kind);
    }
    expected.assert_eq(&found);
}

#[test]
fn a_good_file_is_settled() {
    let requirements = super::read(
        "candidates = ['a', 'b']
        [[constraint]]
        id = 'open'
        axis = 'sovereignty'
        field = 'access'
        op = 'any_of'
        values = ['open_weights', 'on_prem']
        why = '閉域'
        [[criterion]]
        id = 'year'
        axis = 'control'
        field = 'release_year'
        goal = 'max'
        weight = 0.4
        why = '新しさ'
        [[criterion]]
        id = 'use'
        axis = 'control'
        field = 'commercial_use'
        goal = 'order'
        order = ['yes', 'conditional', 'no']
        weight = { low = 0.5, high = 0.7 }
        why = '許諾'",
    );
    assert_eq!((requirements.date.as_str(), requirements.fictional), ("2026-04-01", true));
    assert_eq!((requirements.draws, requirements.seed), (10_000, 1));
    assert_eq!(requirements.candidates, Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(requirements.constraints[0].axis, Axis::Sovereignty);
    assert_eq!(
        requirements.constraints[0].test,
        Test::AnyOf(vec!["open_weights".to_owned(), "on_prem".to_owned()])
    );
    assert!(matches!(requirements.criteria[0].weight, Weight::Between(both) if both.low == both.high));
    assert!(matches!(&requirements.criteria[1].goal, Goal::Order(order) if order.len() == 3));
}

/// Everything that a file can get wrong, once.
const MISTAKES: &str = "version = 2
title = ''
organisation = 7
date = '2026-04-01'
colour = 'red'
candidates = 'some'
single_benchmark = { allow = true }
[draws]
count = 2_000_000
seed = -1
[[constraint]]
id = 'Big Id'
axis = 'speed'
field = 'contxt'
op = 'at_least'
value = 'many'
why = '試験'
[[constraint]]
id = 'long'
axis = 'cost'
field = 'context'
op = 'is'
value = 'yes'
why = '試験'
[[constraint]]
id = 'use'
axis = 'cost'
field = 'commercial_use'
op = 'any_of'
values = ['yes', 'maybe', 'yes']
why = '試験'
[[constraint]]
id = 'only'
axis = 'cost'
field = 'commercial_use'
op = 'is'
value = ['yes', 'no']
why = '試験'
[[criterion]]
id = 'a'
axis = 'cost'
field = 'context'
goal = 'max'
range = { low = 5, high = 5 }
rank = 1
weight = 0.5
[[criterion]]
id = 'b'
axis = 'cost'
field = 'commercial_use'
goal = 'order'
order = ['yes', 'no']
why = '試験'
[[criterion]]
id = 'c'
axis = 'cost'
field = 'context'
benchmark = { benchmark = 'jglue' }
goal = 'max'
why = '試験'
[[criterion]]
id = 'd'
axis = 'cost'
field = 'context'
goal = 'order'
order = ['yes']
why = '試験'
[[criterion]]
id = 'e'
axis = 'cost'
benchmark = { benchmark = 'jglue', scale = '0-1', judge = 'x' }
goal = 'max'
weight = { low = 0, high = 0 }
why = '試験'
";

#[test]
fn all_mistakes_at_once() {
    let text = MISTAKES;
    check(
        text,
        &expect![[r#"
        1 author Missing
        1 version OutOfBounds { low: 1.0, high: 1.0 }
        2 title Empty
        3 organisation WrongType { expected: "string", found: "integer" }
        4 date WrongType { expected: "date without quotes, as in 2026-04-01", found: "string" }
        5 colour UnknownKey { known: ["version", "title", "organisation", "author", "date", "fictional", "candidates", "single_benchmark", "draws", "constraint", "criterion"] }
        6 candidates NotOneOf { found: "some", allowed: ["all"] }
        7 single_benchmark ReasonMissing
        9 draws.count OutOfBounds { low: 1.0, high: 1000000.0 }
        10 draws.seed OutOfBounds { low: 0.0, high: 1.8446744073709552e19 }
        12 constraint[1].id BadId
        13 constraint[1].axis NotOneOf { found: "speed", allowed: ["sovereignty", "performance", "cost", "control"] }
        14 constraint[1].field NotOneOf { found: "contxt", allowed: ["access", "commercial_use", "licence_kind", "params_total", "params_active", "context", "weights_gb_q4", "weights_gb_8bit", "min_gpus_48gb", "origin", "base_model_disclosed", "release_year", "official_gguf", "adoptions_public", "adoptions_public_sector", "input_price_jpy_per_mtok", "output_price_jpy_per_mtok", "vendor_support"] }
        22 constraint[2].op Misfit { field_is: "number", allowed: ["at_least", "at_most"] }
        30 constraint[3].values[2] NotOneOf { found: "maybe", allowed: ["yes", "conditional", "no"] }
        30 constraint[3].values[3] Duplicate { first_line: 30 }
        37 constraint[4].value WrongType { expected: "string", found: "array" }
        39 criterion[1] OneOfTwo { keys: ["rank", "weight"] }
        39 criterion[1].why Missing
        44 criterion[1].range Reversed
        52 criterion[2].order CodesMissing { codes: ["conditional"] }
        54 criterion[3] OneOfTwo { keys: ["field", "benchmark"] }
        65 criterion[4].goal Misfit { field_is: "number", allowed: ["max", "min"] }
        71 criterion[5].benchmark.judge UnknownKey { known: ["benchmark", "scale", "part", "version"] }
        73 criterion[5].weight OutOfBounds { low: 1e-6, high: 1.0 }
    "#]],
    );
}

#[test]
fn weights_must_agree() {
    let with = |weights: [&str; 3]| {
        let fields = ["context", "params_total", "release_year"];
        let criteria = weights.iter().zip(fields).map(|(weight, field)| {
            format!(
                "[[criterion]]\nid = '{field}'\naxis = 'cost'\nfield = '{field}'\ngoal = 'max'\n{weight}\nwhy = '試験'\n"
            )
        });
        format!("{HEAD}{}", criteria.collect::<String>())
    };
    check(
        &with(["rank = 1", "rank = 1", ""]),
        &expect![[r#"
        21 criterion[3] WeightsMixed
    "#]],
    );
    check(
        &with(["weight = 0.5", "weight = 0.4", "rank = 3"]),
        &expect![[r#"
        21 criterion[3] WeightsMixed
    "#]],
    );
    check(
        &with(["weight = 0.5", "weight = 0.4", "weight = { low = 0.2, high = 0.3 }"]),
        &expect![[r#"
        7 criterion WeightsInfeasible { low_sum: 1.1, high_sum: 1.2 }
    "#]],
    );
    check(
        &with(["weight = 0.1", "weight = 0.4", "weight = { low = 0.2, high = 0.3 }"]),
        &expect![[r#"
        7 criterion WeightsInfeasible { low_sum: 0.7, high_sum: 0.8 }
    "#]],
    );
    check(&with(["weight = 0.1", "weight = 0.4", "weight = 0.5"]), &expect![""]);
}

#[test]
fn ids_are_given_once() {
    let one = "[[criterion]]\nid = 'x'\naxis = 'cost'\nfield = 'context'\ngoal = 'max'\nwhy = '試験'\n";
    check(
        &format!("{HEAD}{one}{one}"),
        &expect![[r#"
        13 criterion[2].id Duplicate { first_line: 7 }
    "#]],
    );
}

#[test]
fn broken_toml_shows_the_rest() {
    check(
        &format!("{HEAD}[[criterion]]\nid = 'x\naxis = 'cst'\n[draws\ncount = 0\n"),
        &expect![[r#"
        7 criterion[1] OneOfTwo { keys: ["field", "benchmark"] }
        7 criterion[1].goal Missing
        7 criterion[1].why Missing
        8  Syntax { message: "invalid literal string, expected `'`" }
        9 criterion[1].axis NotOneOf { found: "cst", allowed: ["sovereignty", "performance", "cost", "control"] }
        10  Syntax { message: "unclosed table, expected `]`" }
        11 count UnknownKey { known: ["version", "title", "organisation", "author", "date", "fictional", "candidates", "single_benchmark", "draws", "constraint", "criterion"] }
    "#]],
    );
    check(
        "",
        &expect![[r#"
        1 author Missing
        1 criterion Missing
        1 date Missing
        1 organisation Missing
        1 title Missing
        1 version Missing
    "#]],
    );
    check(
        &"#".repeat(REQUIREMENTS_BYTES_MAX + 1),
        &expect![[r#"
        1  TooLong { bytes_max: 262144 }
    "#]],
    );
    // Nested deeper than anybody writes: an error, not a stack overflow.
    let (_, problems) = Requirements::parse(&format!("title = {}", "[".repeat(100_000)));
    assert!(!problems.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, rng_seed: RngSeed::Fixed(2), ..ProptestConfig::default() })]

    /// A good file with a part cut out or replaced is read or refused, and what was read can be handed on.
    #[test]
    fn damaged_files_never_panic(at in any::<prop::sample::Index>(), cut in 0_usize..60, put in "[\\[\\]={}'\"0-9a-z.,\\n -]{0,12}") {
        let whole = include_str!("../../../../../../data/sample/requirements/sekino-shinkin.toml");
        let starts: Vec<usize> = whole.char_indices().map(|(start, _)| start).collect();
        let from = at.index(starts.len());
        let to = (from + cut).min(starts.len() - 1);
        let damaged = format!("{}{put}{}", &whole[..starts[from]], &whole[starts[to]..]);
        let (mut requirements, problems) = Requirements::parse(&damaged);
        let lines = damaged.matches('\n').count() + 1;
        prop_assert!(problems.iter().all(|problem| (1..=lines).contains(&problem.line)));
        requirements.draws = requirements.draws.min(3);
        requirements.candidates = None;
        let known = candidate("a", &[("context", vec![number(8192.0)]), ("origin", vec![codes(&["foreign"])])]);
        let _ = choose(&requirements, &[known, candidate("b", &[])]);
    }

    #[test]
    fn noise_never_panics(text in "[\\[\\]={}'\"a-z0-9._,#\\n\\t -]{0,200}") {
        let (_, problems) = Requirements::parse(&text);
        prop_assert!(!problems.is_empty(), "no title was written");
    }
}
