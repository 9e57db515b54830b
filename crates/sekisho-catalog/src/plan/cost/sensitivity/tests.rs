use std::fmt::Write as _;

use expect_test::{Expect, expect};
use sekisho_base::Known;

use super::{Cause, End, Tornado};
use crate::plan::cost::{Assumptions, Offer, Origin, Preset, ServiceTier, sample};

fn check(offer: &Offer, overlay: &str, expected: &Expect) {
    let text = format!("version = 1\n{overlay}");
    let (assumptions, problems) = Assumptions::preset(Preset::Minimal).overlay(&text, Origin::File);
    assert_eq!(problems, []);
    let tornado = Tornado::of(&assumptions, offer);
    let end = |end: End| {
        let tokens = end.break_even_tokens_per_month.value();
        let tokens = tokens.map_or("-".into(), |tokens| format!("{:.0} M", tokens / 1e6));
        format!("{tokens}, {} yen", end.yearly_yen)
    };
    let mut shown = format!("base: {}\n", end(tornado.base));
    for bar in &tornado.bars {
        let cause = match bar.cause {
            Cause::Assumption(key) => key.to_string(),
            Cause::PriceConflict => "price conflict".into(),
        };
        writeln!(shown, "{cause}: {} | {}", end(bar.at_low), end(bar.at_high)).unwrap();
    }
    expected.assert_eq(&shown);
}

#[test]
fn the_widest_bar_comes_first_and_the_price_conflict_is_one() {
    check(
        &sample::opus(),
        "",
        &expect![[r"
        base: 159 M, 2,862,800 yen
        people.staff_fte: 115 M, 2,062,800 yen | 292 M, 5,262,800 yen
        price conflict: 318 M, 2,862,800 yen | 159 M, 2,862,800 yen
        comparison.input_tokens_per_output_token: 106 M, 2,862,800 yen | 233 M, 2,862,800 yen
        people.staff_yen_per_fte_year: 137 M, 2,462,800 yen | 203 M, 3,662,800 yen
        hardware.redundancy_factor: 159 M, 2,862,800 yen | 215 M, 3,862,800 yen
        comparison.yen_per_usd: 177 M, 2,862,800 yen | 145 M, 2,862,800 yen
        hardware.gpu_price_yen: 148 M, 2,662,800 yen | 170 M, 3,062,800 yen
        power.server_power_kw: 155 M, 2,783,960 yen | 166 M, 2,994,200 yen
        power.electricity_yen_per_kwh: 154 M, 2,775,200 yen | 164 M, 2,950,400 yen
    "]],
    );
}

#[test]
fn without_a_price_only_the_yearly_cost_moves() {
    check(
        &sample::cotomi(),
        "power.pue = { low = 1, value = 1.1, high = 1.2 }",
        &expect![[r"
        base: -, 2,889,080 yen
        people.staff_fte: -, 2,089,080 yen | -, 5,289,080 yen
        people.staff_yen_per_fte_year: -, 2,489,080 yen | -, 3,689,080 yen
        hardware.redundancy_factor: -, 2,889,080 yen | -, 3,889,080 yen
        hardware.gpu_price_yen: -, 2,689,080 yen | -, 3,089,080 yen
        power.server_power_kw: -, 2,802,356 yen | -, 3,033,620 yen
        power.electricity_yen_per_kwh: -, 2,792,720 yen | -, 2,985,440 yen
        power.pue: -, 2,862,800 yen | -, 2,915,360 yen
    "]],
    );
}

#[test]
fn the_reference_is_a_checked_standard_price_and_a_known_batch_price_is_no_conflict() {
    let assumptions = Assumptions::preset(Preset::Minimal);
    let mut opus = sample::opus();
    opus.claims.reverse();
    let tornado = Tornado::of(&assumptions, &opus);
    assert_eq!(tornado.prices.output_per_million, Known::Value(25.0));
    opus.claims.retain(|claim| !claim.by_report);
    let bars = Tornado::of(&assumptions, &opus).bars;
    assert!(bars.iter().all(|bar| bar.cause != Cause::PriceConflict));
    assert_eq!(Tornado::of(&assumptions, &opus).prices.service_tier, ServiceTier::Standard);
}
