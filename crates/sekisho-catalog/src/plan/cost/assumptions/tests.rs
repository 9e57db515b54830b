use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use sekisho_base::Known;

use super::{Assumptions, DEFAULT_TEXT, Key, Kind, MINIMAL_TEXT, Origin, Preset, ProblemKind, load};
use crate::plan::cost::Range;

/// What a file does to the defaults: the entries that differ, and the problems.
fn check(text: &str, expected: &Expect) {
    let default = Assumptions::preset(Preset::Default);
    let (settled, problems) = default.overlay(text, Origin::File);
    let mut shown = String::new();
    for (entry, old) in settled.iter().zip(default.iter()).filter(|(entry, old)| entry != old) {
        assert_ne!(entry.origin, old.origin);
        let amount = match entry.amount {
            Known::Value(Range { low, value, high }) => format!("{low} {value} {high}"),
            Known::Undisclosed => "未指定".into(),
        };
        let said = [entry.source.as_str(), &entry.as_of, &entry.note].join("|");
        writeln!(shown, "{} = {amount} {} {:?} {said}", entry.key, entry.unit, entry.kind).unwrap();
    }
    for problem in problems {
        writeln!(shown, "{}: {}: {}", problem.line, problem.path, problem.kind).unwrap();
    }
    expected.assert_eq(&shown);
}

#[test]
fn built_in_files_are_complete_and_sound() {
    let blank = Assumptions { entries: Key::all().map(super::Assumption::blank).collect() };
    let (default, problems) = load::overlay(&blank, DEFAULT_TEXT, Origin::File);
    assert_eq!(problems, []);
    for entry in default.iter() {
        assert_eq!(entry.origin, Origin::File, "{} is not in the default file", entry.key);
        let rests_on_nothing = entry.kind != Kind::Assumption && entry.source.is_empty();
        assert!(!rests_on_nothing, "{} names nobody", entry.key);
    }
    assert_eq!(default.overlay(MINIMAL_TEXT, Origin::Preset).1, []);
}

#[test]
fn a_file_changes_only_its_keys_and_an_old_source_never_vouches_for_a_new_number() {
    check(
        "version = 1\n\
         hardware.gpu_price_yen = 3_200_000\n\
         [power]\n\
         pue = { value = 1.2, low = 1.1, high = 1.4, unit = 'ratio', kind = 'published', source = 'our site', as_of = 2026-02-01 }\n\
         [site.rack_yen_per_month]\n\
         value = 150_000\n\
         kind = 'vendor_estimate'\n\
         source = 'quotation 17'\n\
         as_of = '2026-01'\n\
         [people]\n\
         staff_fte = '未指定'\n",
        &expect![[r"
            hardware.gpu_price_yen = 3200000 3200000 3200000 yen/GPU Assumption ||
            power.pue = 1.1 1.2 1.4 ratio Published our site|2026-02-01|
            site.rack_yen_per_month = 150000 150000 150000 yen/month VendorEstimate quotation 17|2026-01|
            people.staff_fte = 未指定 FTE Assumption ||
        "]],
    );
}

#[test]
fn all_problems_come_at_once_with_their_lines() {
    check(
        "version = 2\n\
         colour = 1\n\
         power = 3\n\
         [hardware]\n\
         gpu_price = 1\n\
         gpu_price_yen = -1\n\
         gpu_count = 1.5\n\
         host_price_yen = nan\n\
         depreciation_years = '未指定'\n\
         server_count = 'many'\n\
         [hardware.redundancy_factor]\n\
         low = 1.5\n\
         value = 1\n\
         hight = 2\n\
         [comparison]\n\
         years = { low = 3, value = 5, high = 7 }\n\
         yen_per_usd = { value = 150, unit = 'USD/yen', kind = 'rumour', as_of = '2026-13' }\n\
         batch_share = { low = 0.1, high = 0.2 }\n\
         cached_input_share = { value = 0, kind = 'published' }\n\
         tokens_per_month = { value = '未指定', high = 3, low = 'x' }\n\
         [safety]\n\
         red_team_yen_per_year = { value = true, note = 3 }\n\
         audit_yen_per_year = = 3\n",
        &expect![[r#"
            1: version: version must be 1
            2: colour: unknown table
            3: power: expected table
            5: hardware.gpu_price: unknown assumption
            6: hardware.gpu_price_yen: must lie between 0 and 10000000000000
            7: hardware.gpu_count: must be a whole number
            8: hardware.host_price_yen: must lie between 0 and 10000000000000
            9: hardware.depreciation_years: must be known
            10: hardware.server_count: expected a number or "未指定"
            11: hardware.redundancy_factor: low, value and high must ascend
            14: hardware.redundancy_factor.hight: unknown field
            16: comparison.years: takes no range
            17: comparison.yen_per_usd.unit: the unit must be yen/USD
            17: comparison.yen_per_usd.kind: unknown kind
            17: comparison.yen_per_usd.as_of: not a date
            18: comparison.batch_share: value is missing
            19: comparison.cached_input_share: source is missing
            20: comparison.tokens_per_month.low: expected number
            20: comparison.tokens_per_month: low, value and high must ascend
            22: safety.red_team_yen_per_year.value: expected a number or "未指定"
            22: safety.red_team_yen_per_year.note: expected string
            23: : not valid TOML: extra `=`, expected nothing
            23: : not valid TOML: unexpected key or value, expected newline, `#`
        "#]],
    );
}

#[test]
fn a_file_without_version_or_of_any_size_is_refused() {
    check(
        "",
        &expect![[r"
        1: version: version must be 1
    "]],
    );
    check(
        &"#".repeat(300_000),
        &expect![[r"
        1: : the file has 300000 bytes, more than 262144
    "]],
    );
    check(
        &format!("version = 1\nx = {}", "[".repeat(10_000)),
        &expect![[r"
        2: : not valid TOML: cannot recurse further; max recursion depth met
        2: : not valid TOML: unclosed array, expected `]`
        2: x: unknown table
    "]],
    );
}

#[test]
fn the_command_line_keeps_the_rules_of_the_file() {
    let mut assumptions = Assumptions::preset(Preset::Default);
    assumptions.set(Key::GpuCount, Known::Value(Range::point(4.0)), "sizing").unwrap();
    assert_eq!(assumptions.get(Key::GpuCount).origin, Origin::Flag);
    let refused = assumptions.set(Key::Years, Known::Undisclosed, "");
    assert_eq!(refused, Err(ProblemKind::MustBeKnown));
    let refused = assumptions.set(Key::Pue, Known::Value(Range::point(f64::INFINITY)), "");
    assert_eq!(refused, Err(ProblemKind::OutOfBounds { min: 1.0, max: 5.0 }));
    assert_eq!(assumptions.get(Key::Pue), Assumptions::preset(Preset::Default).get(Key::Pue));
}

proptest! {
    #[test]
    fn never_panics_on_text(text in "\\PC{0,200}") {
        let _ = Assumptions::preset(Preset::Minimal).overlay(&text, Origin::File);
    }

    /// Pieces of the true language in any order reach further than noise does.
    #[test]
    fn never_panics_on_pieces_of_files(pieces in prop::collection::vec(prop::sample::select(&[
        "version = 1\n", "[hardware]\n", "[[hardware]]\n", "gpu_price_yen", " = ", "{", "}", "value", "low = 1e400",
        "[hardware.gpu_price_yen]\n", "'未指定'", "\"\"\"", ",", "-9223372036854775808", "inf", "as_of = 1979-05-27\n",
        "\r\n", "0x7fff_ffff_ffff_ffff", ".", "pue", "\u{feff}", "[power]\n", "#", "years = 0.5\n",
    ][..]), 0..40)) {
        let text = pieces.concat();
        let (settled, problems) = Assumptions::preset(Preset::Default).overlay(&text, Origin::File);
        // Whatever was read keeps the rules, so that no calculation meets a number outside them.
        for entry in settled.iter() {
            prop_assert_eq!(super::check_amount(entry.key, entry.amount), Ok(()));
        }
        let lines = text.split('\n').count();
        prop_assert!(problems.iter().all(|problem| (1..=lines).contains(&problem.line)));
    }

    #[test]
    fn an_overlay_keeps_the_other_keys(index in 0..Key::all().count(), share in 0.0..=1.0_f64) {
        let key = Key::all().nth(index).unwrap();
        let rule = key.rule();
        let mut number = rule.min + share * (rule.max - rule.min).min(1e6);
        if matches!(rule.form, super::Form::Whole | super::Form::Years) {
            number = number.floor();
        }
        let text = format!("version = 1\n[{}]\n{} = {number:?}\n", key.group(), key.name());
        let default = Assumptions::preset(Preset::Default);
        let (settled, problems) = default.overlay(&text, Origin::File);
        prop_assert_eq!(problems, []);
        for (entry, old) in settled.iter().zip(default.iter()) {
            if entry.key == key {
                prop_assert_eq!(entry.amount, Known::Value(Range::point(number)));
                prop_assert_eq!(entry.origin, Origin::File);
            } else {
                prop_assert_eq!(entry, old);
            }
        }
    }
}
