//! How long a choice takes: every model of the catalog, twelve criteria, 10,000 draws, one thread.
//!
//! `cargo xtask bench smaa`. Prints the median of some runs with its conditions. The criteria are taken so that known,
//! unknown and ordered values all occur.
#![allow(clippy::print_stdout, reason = "the figure is what this program is for")]

use std::time::Instant;

use sekisho_catalog::{
    Catalog,
    plan::{
        candidates,
        choose::{Requirements, choose},
    },
};

/// Runs of which the median is printed.
const RUNS: usize = 9;

const NUMBERS: &[&str] = &[
    "params_total",
    "params_active",
    "context",
    "weights_gb_q4",
    "weights_gb_8bit",
    "min_gpus_48gb",
    "release_year",
    "adoptions_public",
    "adoptions_public_sector",
    "input_price_jpy_per_mtok",
];

fn main() {
    let mut text = String::from(
        "version = 1\ntitle = 'bench'\norganisation = 'bench'\ndate = 2026-04-01\nauthor = 'bench'\n[draws]\ncount = 10000\nseed = 1\n",
    );
    for (at, field) in NUMBERS.iter().enumerate() {
        text += &format!(
            "[[criterion]]\nid = 'n{at}'\naxis = 'performance'\nfield = '{field}'\ngoal = 'max'\nrange = {{ low = 0, high = 1000000000000 }}\nrank = {}\nwhy = 'bench'\n",
            at / 2 + 1
        );
    }
    for (field, order) in [
        ("commercial_use", "'yes', 'conditional', 'no'"),
        ("origin", "'domestic_scratch', 'domestic_retrofit', 'foreign'"),
    ] {
        text += &format!(
            "[[criterion]]\nid = '{field}'\naxis = 'control'\nfield = '{field}'\ngoal = 'order'\norder = [{order}]\nrank = 6\nwhy = 'bench'\n"
        );
    }
    let (requirements, problems) = Requirements::parse(&text);
    assert!(problems.is_empty(), "{problems:?}");
    let (catalog, _) = Catalog::load(None);
    let candidates = candidates::of(&catalog);
    let mut milliseconds: Vec<u128> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let decision = choose(&requirements, &candidates);
            assert!(decision.is_ok_and(|decision| decision.ranking.len() == candidates.len()));
            start.elapsed().as_millis()
        })
        .collect();
    milliseconds.sort_unstable();
    println!(
        "{} models, {} criteria, {} draws, one thread, median of {RUNS}: {} ms (least {}, most {}), sensitivity included",
        candidates.len(),
        requirements.criteria.len(),
        requirements.draws,
        milliseconds[RUNS / 2],
        milliseconds[0],
        milliseconds[RUNS - 1]
    );
}
