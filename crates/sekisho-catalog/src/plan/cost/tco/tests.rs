use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use sekisho_base::{Known, Yen};

use super::{Item, Tco, Total};
use crate::plan::cost::{Assumptions, Key, Origin, Preset, Range};

fn check(preset: Preset, overlay: &str, expected: &Expect) {
    let text = format!("version = 1\n{overlay}");
    let (assumptions, problems) = Assumptions::preset(preset).overlay(&text, Origin::File);
    assert_eq!(problems, []);
    let tco = Tco::of(&assumptions);
    let range = |yen: Range<Yen>| format!("{} .. {} .. {}", yen.low, yen.value, yen.high);
    let sum = |total: Total| format!("{}{}", if total.at_least { "at least " } else { "" }, range(total.yen));
    let mut shown = String::new();
    for line in tco.lines.iter().filter(|line| line.yearly_yen != Known::Value(Range::ZERO)) {
        let yearly = line.yearly_yen.value().map_or("未指定".into(), range);
        let missing: Vec<String> = line.missing.iter().map(ToString::to_string).collect();
        writeln!(shown, "{:?} {:?}: {yearly} {}", line.item, line.timing, missing.join(" ")).unwrap();
    }
    writeln!(shown, "yearly: {}", sum(tco.yearly)).unwrap();
    let cash: Vec<String> = tco.cash_by_year.iter().map(|total| total.yen.value.to_string()).collect();
    writeln!(shown, "cash by year: {}", cash.join(" + ")).unwrap();
    writeln!(shown, "cash: {}", sum(tco.cash)).unwrap();
    writeln!(shown, "residual: {}", sum(tco.residual)).unwrap();
    expected.assert_eq(&shown);
}

#[test]
fn the_smallest_calculation_costs_2_86_million_yen_a_year() {
    check(
        Preset::Minimal,
        "",
        &expect![[r"
        Gpu EveryYears(5): 800,000 .. 1,000,000 .. 2,400,000 
        Power Yearly: 122,640 .. 262,800 .. 525,600 
        People Yearly: 600,000 .. 1,600,000 .. 6,000,000 
        yearly: 1,522,640 .. 2,862,800 .. 8,925,600
        cash by year: 6,862,800 + 1,862,800 + 1,862,800 + 1,862,800 + 1,862,800
        cash: 7,613,200 .. 14,314,000 .. 44,628,000
        residual: 0 .. 0 .. 0
    "]],
    );
}

#[test]
fn what_nobody_has_priced_makes_the_sums_floors() {
    check(
        Preset::Default,
        "",
        &expect![[r"
        Gpu EveryYears(5): 800,000 .. 1,000,000 .. 2,400,000 
        Host EveryYears(5): 未指定 hardware.host_price_yen
        Maintenance Yearly: 未指定 hardware.host_price_yen hardware.maintenance_share_per_year
        Power Yearly: 141,036 .. 341,640 .. 788,400 
        Rack Yearly: 未指定 site.rack_yen_per_month
        NetworkStorage Yearly: 未指定 site.network_storage_yen_per_year
        People Yearly: 600,000 .. 1,600,000 .. 6,000,000 
        RagPreparation Once: 未指定 rag.lump_sum_yen
        RagUpdate Yearly: 未指定 rag.update_yen_per_year
        Guardrails Yearly: 未指定 safety.guardrails_yen_per_year
        SafetyAudit Yearly: 未指定 safety.audit_yen_per_year
        RedTeam Yearly: 未指定 safety.red_team_yen_per_year
        yearly: at least 1,541,036 .. 2,941,640 .. 9,188,400
        cash by year: 6,941,640 + 1,941,640 + 1,941,640 + 1,941,640 + 1,941,640
        cash: at least 7,705,180 .. 14,708,200 .. 45,942,000
        residual: at least 0 .. 0 .. 0
    "]],
    );
}

#[test]
fn hardware_is_bought_anew_when_its_life_ends() {
    check(
        Preset::Minimal,
        "comparison.years = 7\nhardware.redundancy_factor = 2\nhardware.maintenance_share_per_year = 0.1",
        &expect![[r"
            Gpu EveryYears(5): 1,600,000 .. 2,000,000 .. 2,400,000 
            Maintenance Yearly: 800,000 .. 1,000,000 .. 1,200,000 
            Power Yearly: 122,640 .. 262,800 .. 525,600 
            People Yearly: 600,000 .. 1,600,000 .. 6,000,000 
            yearly: 3,122,640 .. 4,862,800 .. 10,125,600
            cash by year: 12,862,800 + 2,862,800 + 2,862,800 + 2,862,800 + 2,862,800 + 12,862,800 + 2,862,800
            cash: 26,658,480 .. 40,039,600 .. 78,079,200
            residual: 4,800,000 .. 6,000,000 .. 7,200,000
        "]],
    );
}

#[test]
fn documents_are_priced_each_or_as_a_sum_or_both() {
    let check_rag = |overlay: &str, expected: Result<i64, &[Key]>| {
        let text = format!("version = 1\n[rag]\n{overlay}");
        let (assumptions, problems) = Assumptions::preset(Preset::Default).overlay(&text, Origin::File);
        assert_eq!(problems, []);
        let tco = Tco::of(&assumptions);
        let line = tco.lines.iter().find(|line| line.item == Item::RagPreparation).unwrap();
        let found = line.cash_yen.value().map(|cash| cash.value.0).ok_or(line.missing.as_slice());
        assert_eq!(found, expected, "{overlay}");
    };
    check_rag("", Err(&[Key::RagLumpSum]));
    check_rag("lump_sum_yen = 3_000_000", Ok(3_000_000));
    check_rag("documents = 5_000", Err(&[Key::RagPerDocument]));
    check_rag("documents = 5_000\nyen_per_document = 800", Ok(4_000_000));
    check_rag("documents = 5_000\nyen_per_document = 800\nlump_sum_yen = 3_000_000", Ok(7_000_000));
    check_rag("documents = 5_000\nlump_sum_yen = 3_000_000", Err(&[Key::RagPerDocument]));
}

proptest! {
    #[test]
    fn components_sum_to_the_total_by_year_and_by_item(
        gpus in 0..5_000_u32,
        years in 1..=50_u32,
        life in 1..=50_u32,
        rack in prop::option::of(0..10_000_000_u32),
        documents in 0..1_000_000_u32,
    ) {
        let rack = rack.map_or("'未指定'".to_owned(), |yen| yen.to_string());
        let text = format!(
            "version = 1\nhardware.gpu_count = {gpus}\ncomparison.years = {years}\nsite.rack_yen_per_month = {rack}
             hardware.depreciation_years = {life}\nrag.documents = {documents}\nrag.yen_per_document = 333\n"
        );
        let (assumptions, problems) = Assumptions::preset(Preset::Minimal).overlay(&text, Origin::File);
        prop_assert_eq!(problems, []);
        let tco = Tco::of(&assumptions);
        let by_year: Range<Yen> = tco.cash_by_year.iter().map(|total| total.yen).sum();
        prop_assert_eq!(by_year, tco.cash.yen);
        let by_item: Range<Yen> = tco.lines.iter().filter_map(|line| line.yearly_yen.value()).sum();
        prop_assert_eq!(by_item, tco.yearly.yen);
        prop_assert_eq!(tco.yearly.at_least, !tco.missing.is_empty());
        // Straight-line cost and money spent differ by what the hardware is still worth, and by rounding to yen.
        let spent = tco.cash.yen.value.0 - tco.residual.yen.value.0;
        let spread = tco.yearly.yen.value.0 * i64::from(years);
        prop_assert!((spent - spread).abs() <= i64::from(years) * 12);
        for total in [tco.yearly, tco.cash, tco.residual] {
            prop_assert!(total.yen.low <= total.yen.value && total.yen.value <= total.yen.high);
        }
    }
}
