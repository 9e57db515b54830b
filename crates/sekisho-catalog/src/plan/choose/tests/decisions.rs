//! Constraints, comparability, ranges, refusals.

use expect_test::{Expect, expect};
use sekisho_base::{Code, Coded, Known};

use super::{Candidate, HEAD, Observation, Requirements, candidate, codes, decide, number, observed, read};
use crate::plan::choose::{Basis, Benchmark, Error, RangeOrigin, Score, Why, choose};

fn constraint(id: &str, field: &str, test: &str) -> String {
    format!("[[constraint]]\nid = '{id}'\naxis = 'control'\nfield = '{field}'\n{test}\nwhy = '試験'\n")
}

fn criterion(id: &str, measure: &str, goal: &str) -> String {
    format!("[[criterion]]\nid = '{id}'\naxis = 'performance'\n{measure}\ngoal = '{goal}'\nwhy = '試験'\n")
}

fn scored(id: &str, benchmark: &str, scale: &str, score: f64) -> Candidate {
    let benchmark = Benchmark {
        benchmark: benchmark.to_owned(),
        part: Known::Value("average".to_owned()),
        scale: scale.to_owned(),
        version: Known::Undisclosed,
    };
    Candidate {
        scores: vec![Score { benchmark, observed: observed(vec![number(score)]) }],
        ..candidate(id, &[])
    }
}

/// One constraint, and candidates by what is claimed: who stays, who is out, who is asked.
fn check_screening(field: &str, test: &str, claims: &[(&str, Vec<Observation>)], expected: &Expect) {
    let body = constraint("must", field, test) + &criterion("any", "field = 'release_year'", "max");
    let mut candidates = vec![candidate("passes", &[(field, vec![claims[0].1[0].clone()])])];
    candidates.extend(claims.iter().map(|(id, values)| candidate(id, &[(field, values.clone())])));
    let decision = decide(&read(&body), &candidates);
    let ids = |ids: Vec<&str>| ids.join(" ");
    expected.assert_eq(&format!(
        "stay {}\nout {}\nask {}",
        ids(decision.survivors.iter().map(|named| named.id.as_str()).collect()),
        ids(decision.excluded.iter().map(|excluded| excluded.candidate.as_str()).collect()),
        ids(decision.questions.iter().map(|question| question.candidate.as_str()).collect()),
    ));
}

#[test]
fn constraints_have_three_answers() {
    let sure = |values: &[&str]| vec![codes(values)];
    check_screening(
        "access",
        "op = 'any_of'\nvalues = ['on_prem', 'open_weights']",
        &[
            ("both", sure(&["on_prem", "api"])),
            ("api", sure(&["api"])),
            ("silent", vec![]),
            ("disputed", vec![codes(&["api"]), codes(&["on_prem"])]),
            ("agreed", vec![codes(&["api"]), codes(&["marketplace"])]),
        ],
        &expect![[r#"
            stay passes both silent disputed
            out api agreed
            ask silent disputed"#]],
    );
    check_screening(
        "commercial_use",
        "op = 'not'\nvalue = 'no'",
        &[("yes", sure(&["yes"])), ("no", sure(&["no"])), ("nothing", sure(&[]))],
        &expect![[r#"
            stay passes yes nothing
            out no
            ask nothing"#]],
    );
    check_screening(
        "context",
        "op = 'at_least'\nvalue = 8192",
        &[
            ("enough", vec![number(8192.0)]),
            ("short", vec![number(4096.0)]),
            ("disputed", vec![number(4096.0), number(8192.0)]),
            ("spans", vec![Observation::Range(4096.0, 10_000.0)]),
            ("nonsense", vec![number(f64::NAN)]),
        ],
        &expect![[r#"
            stay passes enough disputed spans nonsense
            out short
            ask disputed spans nonsense"#]],
    );
    check_screening(
        "min_gpus_48gb",
        "op = 'at_most'\nvalue = 1",
        &[("one", vec![number(1.0)]), ("two", vec![number(2.0)]), ("silent", vec![])],
        &expect![[r#"
            stay passes one silent
            out two
            ask silent"#]],
    );
}

#[test]
fn nobody_left_names_every_reason() {
    let body = constraint("weights", "access", "op = 'is'\nvalue = 'open_weights'")
        + &constraint("long", "context", "op = 'at_least'\nvalue = 8192")
        + &criterion("any", "field = 'release_year'", "max");
    let only = candidate("m", &[("access", vec![codes(&["api"])]), ("context", vec![number(4096.0)])]);
    let error = choose(&read(&body), &[only]).expect_err("it fails both");
    assert_eq!(error.code(), Code::NoCandidate);
    let Error::NoCandidate { excluded } = error else { panic!("{error}") };
    let failed: Vec<_> = excluded[0].failed.iter().map(|failure| failure.constraint.as_str()).collect();
    assert_eq!(failed, ["weights", "long"]);
    assert_eq!(excluded[0].failed[1].found[0].sources, ["試験"]);
}

/// 0.92 on a scale of 0 to 1 and 76.0 on one of 0 to 100 are never brought together.
#[test]
fn other_scales_are_not_comparable() {
    let jglue = "benchmark = { benchmark = 'jglue', part = 'average', scale = '0-1', version = '未指定' }";
    let body = criterion("jglue", jglue, "max") + &criterion("any", "field = 'release_year'", "max");
    let requirements =
        read(&format!("single_benchmark = {{ allow = true, reason = '一つしか公表がない' }}\n{body}"));
    let candidates = [scored("takane", "jglue", "0-1", 0.92), scored("tanuki", "jglue", "0-100", 76.0)];
    let decision = decide(&requirements, &candidates);
    let reading = |id: &str| {
        let mut of_id = decision.readings.iter().filter(|reading| reading.candidate == id);
        of_id.next().expect("it remains").basis.clone()
    };
    assert_eq!(reading("takane"), Basis::Exact(0.92));
    let Basis::Unknown(Why::NotComparable(found)) = reading("tanuki") else {
        panic!("{:?}", reading("tanuki"))
    };
    assert_eq!(found[0].scale, "0-100");
    assert_eq!(decision.not_comparable().count(), 1);
    assert_eq!(decision.benchmarks[0].scored_candidates, 1);
    assert_eq!(decision.ranges[0].origin, RangeOrigin::Scale);
    assert_eq!(decision.single_benchmark_reason.as_deref(), Some("一つしか公表がない"));
}

#[test]
fn one_benchmark_is_refused() {
    let on = |id: &str, name: &str, part: &str| {
        let measure = format!("benchmark = {{ benchmark = '{name}', part = '{part}', scale = '0-1' }}");
        criterion(id, &measure, "max")
    };
    let year = criterion("year", "field = 'release_year'", "max");
    let candidates = [candidate("m", &[])];
    let refused = |body: &str| match choose(&read(body), &candidates) {
        Err(Error::SingleBenchmark { benchmark }) => {
            assert_eq!(benchmark, "nejumi-lb3");
            true
        }
        Ok(_) => false,
        Err(other) => panic!("{other}"),
    };
    assert!(refused(&on("one", "nejumi-lb3", "overall")));
    // Two parts are one benchmark, and a number beside it does not measure the Japanese.
    assert!(refused(&(on("one", "nejumi-lb3", "a") + &on("other", "nejumi-lb3", "b"))));
    assert!(refused(&(on("one", "nejumi-lb3", "a") + &year)));
    assert!(!refused(&(on("one", "nejumi-lb3", "a") + &on("other", "jglue", "a"))));
    assert!(!refused(&year));
    let reason = "single_benchmark = { allow = true, reason = '自社業務の評価を別に行う' }\n";
    assert!(!refused(&format!("{reason}{}", on("one", "nejumi-lb3", "a"))));
    let error = choose(&read(&on("one", "nejumi-lb3", "a")), &candidates).expect_err("it is refused");
    assert_eq!(error.code(), Code::SingleBenchmark);
    assert_eq!(error.to_string(), "the ranking rests on the single benchmark nejumi-lb3");
}

#[test]
fn ranges_say_where_they_come_from() {
    let body = criterion("year", "field = 'release_year'", "max");
    let with = |years: &[Option<f64>]| {
        let candidates: Vec<_> = (years.iter().enumerate())
            .map(|(index, year)| {
                let claims = year.iter().map(|year| number(*year)).collect();
                candidate(&format!("m{index}"), &[("release_year", claims)])
            })
            .collect();
        choose(&read(&body), &candidates).map(|decision| decision.ranges[0].clone())
    };
    let spread = with(&[Some(2024.0), None, Some(2026.0)]).expect("two values span a range");
    assert_eq!(
        (spread.origin, spread.ends.value().map(|ends| (ends.low, ends.high))),
        (RangeOrigin::Spread, Some((2024.0, 2026.0)))
    );
    assert_eq!(with(&[None, None]).expect("all are unknown alike").origin, RangeOrigin::Nothing);
    assert_eq!(with(&[Some(2024.0), Some(2024.0)]).expect("all are the same").origin, RangeOrigin::Spread);
    // One value and one unknown: nobody can say how far apart they may be.
    let error = with(&[Some(2024.0), None]).expect_err("a range is needed");
    assert_eq!(error.to_string(), "criterion year needs a range, since only one value is published");
}

#[test]
fn beyond_the_range_counts_as_its_end_and_says_so() {
    let body = criterion("context", "field = 'context'\nrange = { low = 0, high = 8192 }", "max");
    let long = candidate("long", &[("context", vec![number(65536.0)])]);
    let enough = candidate("enough", &[("context", vec![number(8192.0)])]);
    let decision = decide(&read(&body), &[long, enough]);
    assert_eq!(decision.ranking.iter().map(|one| one.first.share).collect::<Vec<_>>(), [0.5, 0.5]);
    assert!(decision.ranking.iter().all(|one| one.level_with_first));
    let beyond: Vec<_> = decision.readings.iter().map(|reading| reading.beyond_range).collect();
    assert_eq!(beyond, [false, true]);
}

#[test]
fn unknown_candidates_are_named() {
    let body = "candidates = ['m', 'nobody', 'nothing']\n".to_owned()
        + &criterion("year", "field = 'release_year'", "max");
    let error = choose(&read(&body), &[candidate("m", &[])]).expect_err("two are unknown");
    assert_eq!(
        (error.code(), error.to_string()),
        (Code::NoSuchEntry, "the catalog has no model nobody, nothing".to_owned())
    );
}

#[test]
fn hopeless_bounds_end() {
    let criteria: String = (0..12)
        .map(|index| {
            let measure = format!(
                "field = 'context'\nweight = {{ low = 0, high = {} }}",
                if index < 11 { 0.0834 } else { 0.083 }
            );
            criterion(&format!("k{index}"), &measure, "max")
        })
        .collect();
    let (mut requirements, problems) = Requirements::parse(&format!("{HEAD}{criteria}"));
    assert_eq!(problems, [], "a sum of 1 is just possible");
    requirements.draws = 1;
    // Twelve weights of almost exactly 1/12 each: hardly a draw in 10^20 fits.
    assert_eq!(choose(&requirements, &[candidate("m", &[])]), Err(Error::WeightsExhausted));
}

/// The same to the byte: these figures must not depend on machine, build or order.
#[test]
fn figures_are_fixed() {
    let body = "[draws]\ncount = 1000\nseed = 42\n".to_owned()
        + &criterion("year", "field = 'release_year'\nrank = 1", "max")
        + &criterion("context", "field = 'context'\nrank = 2\nrange = { low = 0, high = 3 }", "max");
    let known = candidate("known", &[("release_year", vec![number(2025.0)]), ("context", vec![number(1.0)])]);
    let partly = candidate("partly", &[("release_year", vec![number(2024.0), number(2026.0)])]);
    let decision = decide(&read(&body), &[known, partly]);
    expect![[r#"
        {
          "candidate": "partly",
          "name": "PARTLY",
          "first": {
            "share": 0.575,
            "standard_error": 0.015632498200863484
          },
          "level_with_first": true,
          "ranks": [
            0.575,
            0.425
          ],
          "mean_rank": 1.425,
          "holistic": 0.7166666666666666,
          "central_weights": [
            {
              "criterion": "year",
              "weight": 0.737823457614686
            },
            {
              "criterion": "context",
              "weight": 0.2621765423853134
            }
          ],
          "confidence": {
            "share": 0.578,
            "standard_error": 0.015617810345883958
          },
          "weight_on_unknowns": 0.9999999999999994
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&decision.ranking[0]).expect("a decision is data"));
}
