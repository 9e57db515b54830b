use std::fmt::Write as _;

use expect_test::{Expect, expect};
use sekisho_base::Known;

use super::{Field, Offer, PriceClaim, ServiceTier};
use crate::plan::cost::sample;

fn check(offer: &Offer, expected: &Expect) {
    let price = |price: Known<f64>| price.value().map_or("未指定".into(), |price| price.to_string());
    let mut shown = String::new();
    for set in offer.price_sets() {
        let side = if set.by_report { "report" } else { "check" };
        let [input, output, cached] =
            [set.input_per_million, set.output_per_million, set.cached_input_per_million].map(price);
        writeln!(
            shown,
            "{side} {:?} {:?} {}: {input} / {output} / {cached}",
            set.service_tier, set.context_tier, set.currency
        )
        .unwrap();
    }
    expected.assert_eq(&shown);
}

#[test]
fn contradicting_claims_stay_side_by_side() {
    check(
        &sample::opus(),
        &expect![[r#"
        report Unstated "" USD: 2.5 / 12.5 / 未指定
        check Standard "" USD: 5 / 25 / 未指定
        check Batch "" USD: 2.5 / 12.5 / 未指定
    "#]],
    );
}

#[test]
fn tiers_of_context_are_sets_and_cached_input_joins_the_standard_set() {
    check(
        &sample::gemini(),
        &expect![[r#"
        check Standard "<200k" USD: 2 / 12 / 未指定
        check Standard ">200k" USD: 4 / 18 / 未指定
    "#]],
    );
    check(
        &sample::gpt(),
        &expect![[r#"
        check Standard "" USD: 1.75 / 14 / 0.175
    "#]],
    );
}

#[test]
fn an_unknown_price_is_a_set_that_says_so() {
    check(
        &sample::cotomi(),
        &expect![[r#"
        report Unstated "" JPY: 未指定 / 未指定 / 未指定
    "#]],
    );
    check(
        &sample::offer("silent", Vec::new()),
        &expect![[r#"
        check Unstated "" : 未指定 / 未指定 / 未指定
    "#]],
    );
}

#[test]
fn differing_claims_of_one_list_pair_by_date() {
    let dated = |as_of: &str, prices| {
        let mut claims = sample::public(ServiceTier::Standard, "", prices);
        for claim in &mut claims {
            claim.as_of = as_of.into();
        }
        claims
    };
    let mut claims = dated("2025-11", [1.0, 4.0]);
    claims.extend(dated("2026-03", [2.0, 8.0]));
    claims.extend(dated("2026-03", [2.0, 8.0]));
    check(
        &sample::offer("cut", claims.clone()),
        &expect![[r#"
        check Standard "" USD: 1 / 4 / 未指定
        check Standard "" USD: 2 / 8 / 未指定
    "#]],
    );
    // Without a common date nobody can tell which belong together.
    let undated = vec![claims[0].clone(), claims[2].clone(), claims[1].clone()];
    let mut apart = undated;
    apart[2].as_of = "2025-12".into();
    check(
        &sample::offer("apart", apart),
        &expect![[r#"
        check Standard "" USD: 1 / 4 / 未指定
        check Standard "" USD: 2 / 4 / 未指定
    "#]],
    );
}

#[test]
fn amounts_are_counted_per_million_tokens() {
    let claim = PriceClaim { per_tokens: 10_000, ..PriceClaim::usd_per_million(Field::Input, 0.15) };
    assert_eq!(claim.per_million(), Known::Value(15.0));
    for (amount, per_tokens) in [(1.0, 0), (-1.0, 1), (f64::NAN, 1), (f64::MAX, 1)] {
        let broken = PriceClaim { per_tokens, ..PriceClaim::usd_per_million(Field::Input, amount) };
        assert_eq!(broken.per_million(), Known::Undisclosed, "{amount} per {per_tokens}");
    }
}

#[test]
fn many_claims_do_not_multiply_without_bound() {
    let claims = (0..3_000_u32).map(|n| {
        let field = [Field::Input, Field::Output, Field::CachedInput][n as usize % 3];
        PriceClaim { as_of: n.to_string(), ..PriceClaim::usd_per_million(field, f64::from(n)) }
    });
    assert_eq!(sample::offer("hostile", claims.collect()).price_sets().len(), 512);
}
