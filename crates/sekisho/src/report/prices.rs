//! Prices of APIs: one picture for each service tier of one currency; a missing price is 未指定, never nothing.

use std::collections::BTreeSet;

use sekisho_catalog::{Claim, Class, Entity, PriceTag, Status, UNDISCLOSED};

use super::{
    ledger::{Ledger, Pair},
    value,
};
use crate::{
    chart::{Bar, Bars, Extent, Group, Series, bars},
    document::{Block, Column, Figure, Line, Row, Section, Set, Table, join, link, plain, text, weave},
};

/// The unit that the pictures show. Another currency would need a dated rate, and is listed in the table only.
const UNIT: &str = "USD/1M tokens";
/// Tiers with a picture of their own, and the tags that belong to each: the survey does not name the tier it prints.
const PICTURES: [(&str, &[&str]); 3] =
    [("standard", &["standard", UNDISCLOSED]), ("batch", &["batch"]), ("cached", &["cached"])];

/// The chapter.
pub(super) fn prices(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let all: Vec<Pair<'_>> = ledger
        .catalog
        .of(Class::Price)
        .flat_map(|offer| offer.claims.iter().map(move |claim| (offer, claim)))
        .filter(|(_, claim)| claim.field.ends_with("_price"))
        .collect();
    let other_side = |number: u16| {
        let claims = ledger.fact(number).map(|(_, claim)| ledger.against(claim)).unwrap_or_default();
        let of_tier = |tier: &str| {
            let found = claims
                .iter()
                .find(|(_, claim)| claim.price.as_ref().is_some_and(|tag| tag.service_tier == tier));
            found.map(|(_, claim)| ledger.value(claim)).unwrap_or_default()
        };
        (of_tier("standard"), of_tier("batch"))
    };
    let ((standard_in, batch_in), (standard_out, batch_out)) = (other_side(313), other_side(314));
    let conflict = weave(
        words,
        "report-prices-conflict",
        &[
            ("in", ledger.value_of(313)),
            ("out", ledger.value_of(314)),
            ("standard-in", standard_in),
            ("standard-out", standard_out),
            ("batch-in", batch_in),
            ("batch-out", batch_out),
        ],
    );
    let lead = weave(
        words,
        "report-prices-lead",
        &[
            ("disclosure", ledger.value_of(318)),
            ("rule", ledger.value_of(347)),
            ("exchange", ledger.value_of(317)),
        ],
    );
    let pictures = PICTURES
        .iter()
        .filter_map(|(tier, tags)| figure(ledger, &all, tier, tags))
        .map(|figure| Block::Figure(Box::new(figure)));
    let mut blocks = vec![Block::Paragraph(lead), Block::Note(conflict)];
    blocks.extend(pictures);
    blocks.push(Block::Table(table(ledger, &all)));
    blocks.push(Block::Section(Section::new(
        "price-statements",
        words.t("report-prices-statements-title"),
        vec![ledger.statements(&[153..=163])],
    )));
    blocks
}

fn figure(ledger: &Ledger<'_>, all: &[Pair<'_>], tier: &str, tags: &[&str]) -> Option<Figure> {
    let words = ledger.words;
    let fits = |claim: &Claim| {
        claim.unit.as_deref() == Some(UNIT)
            && claim.value.as_f64().is_some()
            && claim.price.as_ref().is_some_and(|tag| tags.contains(&tag.service_tier.as_str()))
    };
    let shown: Vec<Pair<'_>> = all.iter().filter(|(_, claim)| fits(claim)).copied().collect();
    let most = shown.iter().filter_map(|(_, claim)| claim.value.as_f64()).reduce(f64::max)?;
    let mut groups: Vec<Group> = Vec::new();
    for offer in ledger.catalog.of(Class::Price) {
        let own: Vec<&Claim> =
            shown.iter().filter(|(from, _)| from.id == offer.id).map(|(_, claim)| *claim).collect();
        if !own.is_empty() {
            groups.push(Group { label: Some(ledger.name(offer)), bars: price_bars(ledger, &own) });
        }
    }
    let silent = undisclosed(ledger, all);
    if tier == "standard" {
        groups.extend(silent.iter().map(|offer| hollow(ledger, offer)));
    }
    let title = weave(
        words,
        &format!("report-prices-{tier}-finding"),
        &[
            (
                "offers",
                ledger
                    .count(groups.len() - if tier == "standard" { silent.len() } else { 0 }, "#price-table"),
            ),
            ("silent", ledger.count(silent.len(), "#price-table")),
        ],
    );
    let dates: BTreeSet<&str> = shown.iter().filter_map(|(_, claim)| claim.as_of.as_deref()).collect();
    Some(Figure {
        id: format!("prices-{tier}"),
        picture: bars(&Bars {
            alt: plain(&title),
            from: 0.0,
            to: most,
            tick: |dollars| format!("${dollars}"),
            groups,
        }),
        title,
        unit: words.t("report-unit-name-usd"),
        period: join(dates.into_iter().map(text), &ledger.comma()),
        source: link("#price-table", words.t("report-prices-caption")),
        notes: vec![text(words.t(&format!("report-prices-{tier}-note")))],
        table: table_of(ledger, format!("prices-{tier}-table"), &shown),
    })
}

/// One bar for each price that differs; who says it stands beside it.
fn price_bars(ledger: &Ledger<'_>, claims: &[&Claim]) -> Vec<Bar> {
    let mut bars: Vec<(String, &Claim, Vec<String>)> = Vec::new();
    for claim in claims {
        let label = format!("{}{}", ledger.field(&claim.field), context(claim));
        let voice = ledger.voice(claim);
        match bars.iter_mut().find(|(_, known, _)| known.field == claim.field && known.value == claim.value) {
            Some((_, _, voices)) if voices.contains(&voice) => {}
            Some((_, _, voices)) => voices.push(voice),
            None => bars.push((label, claim, vec![voice])),
        }
    }
    // What the public record says comes next to what it contradicts.
    bars.sort_by_key(|(_, claim, _)| claim.field.clone());
    bars.into_iter()
        .map(|(label, claim, voices)| {
            let disputed = claim.status.contains(&Status::Conflict);
            let sign = if disputed { "× " } else { "" };
            let (open, close) = (ledger.words.t("html-open"), ledger.words.t("html-close"));
            Bar {
                label: match voices.as_slice() {
                    [only] => format!("{label}{open}{only}{close}"),
                    _ => label,
                },
                value: format!("{sign}{}", value::dollars(claim.value.as_f64().unwrap_or_default())),
                extent: claim.value.as_f64().map_or(Extent::Undisclosed, Extent::To),
                series: if disputed { Series::Disputed } else { Series::First },
            }
        })
        .collect()
}

/// Prompt lengths that a price holds for, unless it holds for all.
fn context(claim: &Claim) -> String {
    match claim.price.as_ref().map(|tag| tag.context_tier.as_str()) {
        None | Some("all" | UNDISCLOSED) => String::new(),
        Some(tier) => format!(" {tier}"),
    }
}

/// Offers whose prices nobody published, in whole or for input or output.
fn undisclosed<'a>(ledger: &Ledger<'a>, all: &[Pair<'_>]) -> Vec<&'a Entity> {
    let unknown = |offer: &Entity, known: bool| {
        all.iter().any(|(from, claim)| from.id == offer.id && claim.value.is_known() == known)
    };
    ledger.catalog.of(Class::Price).filter(|offer| unknown(offer, false) && !unknown(offer, true)).collect()
}

fn hollow(ledger: &Ledger<'_>, offer: &Entity) -> Group {
    let bar = Bar {
        label: ledger.name(offer),
        value: format!("？{}", ledger.words.t("undisclosed")),
        extent: Extent::Undisclosed,
        series: Series::First,
    };
    Group { label: None, bars: vec![bar] }
}

fn table(ledger: &Ledger<'_>, all: &[Pair<'_>]) -> Table {
    Table {
        caption: ledger.words.t("report-prices-caption"),
        ..table_of(ledger, "price-table".to_owned(), all)
    }
}

fn table_of(ledger: &Ledger<'_>, id: String, pairs: &[Pair<'_>]) -> Table {
    let words = ledger.words;
    let column = |name: &str, set| Column::new(words.t(&format!("report-column-{name}")), set);
    let rows = pairs
        .iter()
        .map(|(offer, claim)| {
            let tag = |part: fn(&PriceTag) -> &str| -> Line {
                match claim.price.as_ref().map(part) {
                    None => Line::new(),
                    Some(UNDISCLOSED) => ledger.unknown_part(claim),
                    Some(tier) => text(value::tier_name(words, tier)),
                }
            };
            Row::from(vec![
                text(ledger.name(offer)),
                text(ledger.field(&claim.field)),
                ledger.value(claim),
                text(claim.unit.as_deref().map(|unit| value::unit_name(words, unit)).unwrap_or_default()),
                tag(|tag| &tag.service_tier),
                tag(|tag| &tag.context_tier),
                text(claim.as_of.clone().unwrap_or_default()),
                text(ledger.voice(claim)),
                ledger.verdicts(claim),
                ledger.note(claim),
            ])
        })
        .collect();
    Table {
        id,
        caption: words.t("report-prices-part-caption"),
        columns: vec![
            column("offer", Set::Word),
            column("field", Set::Word),
            column("price", Set::Number),
            column("unit", Set::Word),
            column("service-tier", Set::Word),
            column("context-tier", Set::Word),
            column("as-of", Set::Word),
            column("voice", Set::Word),
            column("status", Set::Word),
            column("note", Set::Prose),
        ],
        rows,
    }
}

#[cfg(test)]
mod tests {
    use sekisho_catalog::{Catalog, Class};

    use super::{PICTURES, UNIT};

    #[test]
    fn every_dollar_price_is_in_one_picture() {
        let (catalog, _) = Catalog::load(None);
        for claim in catalog.of(Class::Price).flat_map(|offer| &offer.claims) {
            let (Some(tag), Some(UNIT)) = (&claim.price, claim.unit.as_deref()) else { continue };
            let pictures =
                PICTURES.iter().filter(|(_, tags)| tags.contains(&tag.service_tier.as_str())).count();
            assert_eq!(pictures, 1, "{tag:?}");
        }
    }
}
