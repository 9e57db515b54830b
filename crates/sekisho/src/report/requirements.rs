//! What inference needs, and what the vendor's own trial calculation says that it costs.

use sekisho_catalog::{Class, Kind};

use super::{
    ledger::{Ledger, Pair},
    value,
};
use crate::{
    chart::{Bar, Bars, Extent, Group, Series, bars},
    document::{Block, Figure, Span, join, plain, text, weave},
};

/// The chapter.
pub(super) fn requirements(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let lead = weave(
        words,
        "report-requirements-lead",
        &[("rule", ledger.value_of(287)), ("memory", ledger.value_of(288)), ("caveat", ledger.value_of(298))],
    );
    vec![
        Block::Paragraph(lead),
        Block::Figure(Box::new(cost_figure(ledger))),
        ledger.statements(&[131..=139]),
    ]
}

/// Every claim on what the GPUs of a class of model cost, each value once.
fn costs<'a>(ledger: &Ledger<'a>) -> Vec<Pair<'a>> {
    let mut costs: Vec<Pair<'a>> = Vec::new();
    for (entity, claim) in ledger.catalog.claims() {
        let known = costs.iter().any(|(other, seen)| other.id == entity.id && seen.value == claim.value);
        let yen = claim.unit.as_deref() == Some("JPY") && claim.value.as_f64().is_some();
        if claim.field == "inference_gpu_cost" && yen && !known {
            costs.push((entity, claim));
        }
    }
    // From small to large; the vendor's figure before what follows from its own rule.
    costs.sort_by(|left, right| {
        let key = |(entity, claim): &Pair<'_>| {
            (entity.class != Class::Model, entity.id.clone(), claim.kind == Kind::Derived)
        };
        key(left).cmp(&key(right))
    });
    costs
}

fn cost_figure(ledger: &Ledger<'_>) -> Figure {
    let words = ledger.words;
    let costs = costs(ledger);
    let rule = ledger.fact(21).and_then(|(_, claim)| ledger.against(claim).first().copied());
    let title = weave(
        words,
        "report-costs-finding",
        &[
            ("small", ledger.value_of(19)),
            ("middle", ledger.value_of(20)),
            ("large", ledger.value_of(21)),
            ("rule", rule.map(|(_, claim)| ledger.value(claim)).unwrap_or_default()),
        ],
    );
    let most = costs.iter().filter_map(|(_, claim)| claim.value.as_f64()).fold(1.0, f64::max);
    let groups = costs
        .iter()
        .map(|(entity, claim)| Group {
            label: None,
            bars: vec![Bar {
                label: format!("{}{}{}", ledger.name(entity), words.t("html-colon"), ledger.kind(claim.kind)),
                value: value::shown(words, claim).0,
                extent: claim.value.as_f64().map_or(Extent::Undisclosed, Extent::To),
                series: if claim.kind == Kind::Derived { Series::Second } else { Series::First },
            }],
        })
        .collect();
    let tick: fn(f64) -> String = |yen| format!("{:.0}", yen / 1e6);
    Figure {
        id: "gpu-costs".to_owned(),
        picture: bars(&Bars { alt: plain(&title), from: 0.0, to: most, tick, groups }),
        title,
        unit: words.t("report-unit-name-million-yen"),
        period: text("2025-10-20"),
        source: join([6, 59].map(|number| ledger.reference(number)), &Span::Text(" ".to_owned())),
        notes: vec![text(words.t("report-costs-note"))],
        table: ledger.claims("gpu-cost-table".to_owned(), words.t("report-costs-caption"), &costs),
    }
}
