use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use sekisho_base::{ByteCount, Known};

use super::{Comparison, Missing, Row, Verdict};
use crate::plan::cost::{
    Assumptions, Capacity, Field, Fit, Key, Offer, Origin, Preset, Range, ServiceTier, sample,
};

fn overlaid(preset: Preset, overlay: &str) -> Assumptions {
    let text = format!("version = 1\n{overlay}");
    let (assumptions, problems) = Assumptions::preset(preset).overlay(&text, Origin::File);
    assert_eq!(problems, []);
    assumptions
}

fn compare(assumptions: &Assumptions, offers: &[Offer]) -> Comparison {
    Comparison::of(assumptions, offers, &Capacity::of(assumptions))
}

fn check(assumptions: &Assumptions, expected: &Expect) {
    let comparison = compare(assumptions, &sample::offers());
    let mut shown = String::new();
    for row in &comparison.rows {
        let side = if row.prices.by_report { "report" } else { "check" };
        let tokens = row.tokens_per_month.value().map_or("-".into(), |tokens| {
            let least = if row.at_least { "at least " } else { "" };
            format!("{least}{:.0} {:.0} {:.0} M", tokens.low / 1e6, tokens.value / 1e6, tokens.high / 1e6)
        });
        let set = format!("{side} {:?} {}", row.prices.service_tier, row.prices.context_tier);
        writeln!(shown, "{} {}: {tokens} {:?} {:?}", row.offer, set.trim(), row.verdict, row.missing)
            .unwrap();
    }
    expected.assert_eq(&shown);
}

#[test]
fn the_smallest_calculation_gives_the_reference_figures() {
    let assumptions = Assumptions::preset(Preset::Minimal);
    let rows = compare(&assumptions, &sample::offers()).rows;
    let near = |offer: &str, by_report: bool, tier: ServiceTier, millions: f64| {
        let is_it = |row: &&Row| {
            row.offer == offer && row.prices.by_report == by_report && row.prices.service_tier == tier
        };
        let found = rows.iter().find(is_it).unwrap().tokens_per_month.value().unwrap().value / 1e6;
        assert!((found / millions - 1.0).abs() < 0.01, "{offer}: {found} instead of {millions}");
    };
    near("gpt-5.2", false, ServiceTier::Standard, 330.0);
    near("gemini-3.1-pro-preview", false, ServiceTier::Standard, 353.0);
    near("claude-opus-4.5", false, ServiceTier::Standard, 159.0);
    near("claude-opus-4.5", true, ServiceTier::Unstated, 318.0);
    check(
        &assumptions,
        &expect![[r"
        gpt-5.2 check Standard: 98 330 1924 M CapacityUnknown []
        gemini-3.1-pro-preview check Standard <200k: 110 353 1894 M CapacityUnknown []
        gemini-3.1-pro-preview check Standard >200k: 70 212 1045 M CapacityUnknown []
        claude-opus-4.5 report Unstated: 103 318 1616 M CapacityUnknown []
        claude-opus-4.5 check Standard: 51 159 808 M CapacityUnknown []
        claude-opus-4.5 check Batch: 103 318 1616 M CapacityUnknown []
        cotomi-v3 report Unstated: - PriceMissing [Price { field: Input, service_tier: Unstated }, Price { field: Output, service_tier: Unstated }]
    "]],
    );
}

#[test]
fn unpriced_items_make_break_even_a_floor() {
    let assumptions = Assumptions::preset(Preset::Default);
    check(
        &assumptions,
        &expect![[r"
        gpt-5.2 check Standard: at least 99 340 1981 M CostIncomplete []
        gemini-3.1-pro-preview check Standard <200k: at least 111 363 1950 M CostIncomplete []
        gemini-3.1-pro-preview check Standard >200k: at least 71 218 1076 M CostIncomplete []
        claude-opus-4.5 report Unstated: at least 104 327 1664 M CostIncomplete []
        claude-opus-4.5 check Standard: at least 52 163 832 M CostIncomplete []
        claude-opus-4.5 check Batch: at least 104 327 1664 M CostIncomplete []
        cotomi-v3 report Unstated: - PriceMissing [Price { field: Input, service_tier: Unstated }, Price { field: Output, service_tier: Unstated }]
    "]],
    );
    let comparison = compare(&assumptions, &[]);
    // Documents and safety are needed with an API as well, so only the machine's own items are missed.
    let missing: Vec<String> = comparison.own_only_missing.iter().map(ToString::to_string).collect();
    expect![[r"
        hardware.host_price_yen
        hardware.maintenance_share_per_year
        site.rack_yen_per_month
        site.network_storage_yen_per_year"]]
    .assert_eq(&missing.join("\n"));
    assert!(comparison.own.missing.contains(&Key::RagLumpSum));
}

#[test]
fn a_break_even_holds_only_where_the_machine_can_serve_it() {
    let speeds = |decode: &str| {
        let text = format!(
            "capacity = {{ decode_tokens_per_s = {decode}, prefill_tokens_per_s = 4000, utilisation = 0.3 }}"
        );
        overlaid(Preset::Minimal, &text)
    };
    let verdicts = |assumptions: &Assumptions| -> Vec<Verdict> {
        compare(assumptions, &[sample::gpt(), sample::opus()]).rows.iter().map(|row| row.verdict).collect()
    };
    use Verdict::{BeyondCapacity, CapacityUnknown, OnlyAtHighEnd, Valid};
    assert_eq!(verdicts(&speeds("1000")), [Valid; 4]);
    assert_eq!(
        verdicts(&speeds("{ low = 60, value = 80, high = 150 }")),
        [OnlyAtHighEnd, OnlyAtHighEnd, Valid, OnlyAtHighEnd]
    );
    assert_eq!(verdicts(&speeds("40")), [BeyondCapacity, BeyondCapacity, BeyondCapacity, BeyondCapacity]);
    assert_eq!(verdicts(&speeds("'未指定'")), [CapacityUnknown; 4]);

    // One sequence at a time never earns GPT-5.2's 330 M tokens at this utilisation, whatever its prefill does.
    let assumptions = overlaid(Preset::Minimal, "capacity.utilisation = 0.3");
    let single = Capacity::single_stream(1_555.0, ByteCount::from_gb(30.0), &assumptions);
    let rows = Comparison::of(&assumptions, &[sample::gpt()], &single).rows;
    assert_eq!(rows[0].verdict, BeyondCapacity);
}

#[test]
fn nothing_is_made_up_for_a_missing_price_rate_or_share() {
    let check_missing = |overlay: &str, offer: &Offer, expected: &[Missing]| {
        let rows = compare(&overlaid(Preset::Minimal, overlay), std::slice::from_ref(offer)).rows;
        assert_eq!(rows[0].missing, expected);
        assert_eq!(rows[0].tokens_per_month, Known::Undisclosed);
        assert_eq!(rows[0].yen_per_million_tokens, Known::Undisclosed);
        assert_eq!(rows[0].verdict, Verdict::PriceMissing);
    };
    let price = |field, service_tier| Missing::Price { field, service_tier };
    let unstated = |field| price(field, ServiceTier::Unstated);
    check_missing("", &sample::cotomi(), &[unstated(Field::Input), unstated(Field::Output)]);
    check_missing("", &sample::offer("silent", vec![]), &[unstated(Field::Input), unstated(Field::Output)]);
    let cached = price(Field::CachedInput, ServiceTier::Standard);
    check_missing("comparison.cached_input_share = 0.5", &sample::gemini(), &[cached]);
    let batch = [Field::Input, Field::Output].map(|field| price(field, ServiceTier::Batch));
    check_missing("comparison.batch_share = 0.5", &sample::gpt(), &batch);
    let rate = "comparison.yen_per_usd = '未指定'";
    check_missing(rate, &sample::gpt(), &[Missing::Assumption(Key::YenPerUsd)]);
    let mut euro = sample::gpt();
    euro.claims.iter_mut().for_each(|claim| claim.currency = "EUR".into());
    check_missing("", &euro, &[Missing::ExchangeRate { currency: "EUR".into() }]);
}

#[test]
fn cache_batch_and_yen_are_billed_as_stated() {
    let price = |overlay: &str, offer: &Offer, row: usize| {
        let rows = compare(&overlaid(Preset::Minimal, overlay), std::slice::from_ref(offer)).rows;
        rows[row].yen_per_million_tokens.value().unwrap().value
    };
    // GPT-5.2: 3 input tokens at 1.75 of which half at 0.175, 1 output token at 14; 150 yen to the dollar.
    let cached = price("comparison.cached_input_share = 0.5", &sample::gpt(), 0);
    assert!((cached - 150.0 * (1.5 * 1.75 + 1.5 * 0.175 + 14.0) / 4.0).abs() < 1e-9);
    // Opus 4.5, row 1 is the public standard price, and batch costs half.
    let batch = price("comparison.batch_share = 0.5", &sample::opus(), 1);
    assert!((batch - 0.75 * 1_500.0).abs() < 1e-9);
    let mut yen = sample::opus();
    for claim in &mut yen.claims {
        claim.currency = "JPY".into();
        claim.per_tokens = 10_000;
    }
    assert!((price("", &yen, 1) - 1_000.0).abs() < 1e-9);

    let free = sample::offer("free", sample::public(ServiceTier::Standard, "", [0.0, 0.0]));
    let rows = compare(&Assumptions::preset(Preset::Minimal), &[free]).rows;
    assert_eq!((rows[0].verdict, rows[0].tokens_per_month), (Verdict::PriceZero, Known::Undisclosed));
}

#[test]
fn at_break_even_both_cost_the_same() {
    let mut assumptions = Assumptions::preset(Preset::Minimal);
    assert_eq!(compare(&assumptions, &[]).volume_fit, Known::Undisclosed);
    let volume = compare(&assumptions, &[sample::gpt()]).rows[0].tokens_per_month.value().unwrap().value;
    assumptions.set(Key::TokensPerMonth, Known::Value(Range::point(volume)), "test").unwrap();
    let comparison = compare(&assumptions, &[sample::gpt()]);
    let bill = comparison.rows[0].api_yearly_yen.value().unwrap();
    assert_eq!(bill.value, comparison.own_only_yearly.yen.value);
    assert_eq!(comparison.volume_fit, Known::Value(Fit::Unknown));
}

#[test]
fn what_an_api_needs_as_well_does_not_move_the_break_even() {
    let tokens = |overlay: &str| {
        compare(&overlaid(Preset::Minimal, overlay), &[sample::gpt()]).rows[0].tokens_per_month
    };
    let base = tokens("");
    assert_eq!(tokens("rag.lump_sum_yen = 30_000_000\nsafety.red_team_yen_per_year = '未指定'"), base);
    let half = tokens("rag.lump_sum_yen = 5_000_000\napi.rag_share = 0.5");
    let more = half.value().unwrap().value / base.value().unwrap().value;
    assert!((more - (2_862_800.0 + 500_000.0) / 2_862_800.0).abs() < 1e-9);
    let unsure = compare(&overlaid(Preset::Minimal, "api.people_share = '未指定'"), &[sample::gpt()]);
    assert_eq!(unsure.own_only_missing, [Key::ApiPeopleShare]);
    assert!(unsure.rows[0].at_least);
}

#[test]
fn json_keeps_the_unknown_apart_from_zero() {
    let comparison = compare(&Assumptions::preset(Preset::Default), &[sample::cotomi()]);
    let json = serde_json::to_value(&comparison).unwrap();
    assert_eq!(json["rows"][0]["tokens_per_month"], "undisclosed");
    assert_eq!(json["rows"][0]["missing"][0]["price"]["field"], "input");
    assert_eq!(json["own"]["lines"][1]["missing"][0], "hardware.host_price_yen");
    assert_eq!(json["own_only_yearly"]["at_least"], true);
    assert_eq!(json["own"]["lines"][0]["timing"]["every_years"], 5);
}

proptest! {
    #[test]
    fn dearer_tokens_lower_it_and_dearer_machines_raise_it(
        prices in [0.01..100.0_f64, 0.01..100.0],
        more in 1.01..10.0_f64,
        gpu_price in 100_000..50_000_000_u32,
    ) {
        let tokens = |prices, gpu_price: u32| {
            let assumptions = overlaid(Preset::Minimal, &format!("hardware.gpu_price_yen = {gpu_price}"));
            let offer = sample::offer("x", sample::public(ServiceTier::Standard, "", prices));
            compare(&assumptions, &[offer]).rows[0].tokens_per_month.value().unwrap()
        };
        let base = tokens(prices, gpu_price);
        prop_assert!(tokens([prices[0] * more, prices[1]], gpu_price).value < base.value);
        prop_assert!(tokens([prices[0], prices[1] * more], gpu_price).value < base.value);
        prop_assert!(tokens(prices, gpu_price * 2).value > base.value);
        prop_assert!(base.low <= base.value && base.value <= base.high);
    }
}
