//! Prices and the timeline.

use sekisho_base::Code;
use sekisho_catalog::{Catalog, Claim, Class, Entity, PartialDate, timeline as moments};

use super::one;
use crate::{
    failure::{Failure, Outcome},
    show,
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// `catalog prices [OFFER]`: one row for each price that somebody states, unpublished ones included.
pub(crate) fn prices(catalog: &Catalog, wanted: Option<&str>, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let only = wanted.map(|wanted| one(catalog, Class::Price, wanted, words)).transpose()?;
    let offers: Vec<&Entity> =
        catalog.of(Class::Price).filter(|offer| only.is_none_or(|only| only.id == offer.id)).collect();
    if terminal.json {
        return terminal.print_json(&offers);
    }
    let titles =
        ["offer", "field", ">value", "unit", "tier", "context", "as-of", "voice", "status"].map(|key| {
            match key.strip_prefix('>') {
                Some(key) => format!(">{}", words.t(&format!("prices-{key}"))),
                None => words.t(&format!("prices-{key}")),
            }
        });
    let mut table = Table::new(titles);
    for offer in offers {
        let mut claims: Vec<&Claim> =
            offer.claims.iter().filter(|claim| claim.field.ends_with("_price")).collect();
        claims.sort_by_key(|claim| (claim.field.clone(), claim.fact.is_none()));
        for (at, claim) in claims.iter().enumerate() {
            let tag = claim.price.as_ref();
            let name = if at == 0 { words.pick(&offer.name) } else { "〃" };
            table.row([
                name.to_owned(),
                show::field(words, catalog, &claim.field).to_owned(),
                claim.value.as_f64().map_or_else(|| show::value(words, claim), |number| number.to_string()),
                claim.unit.clone().unwrap_or_default(),
                tag.map_or_else(String::new, |tag| tier(words, &tag.service_tier)),
                tag.map_or_else(String::new, |tag| tier(words, &tag.context_tier)),
                claim.as_of.clone().unwrap_or_default(),
                show::voice(words, claim),
                show::status(words, &claim.status),
            ]);
        }
    }
    terminal.print_table(&table)?;
    terminal.say(&words.t("prices-legend"));
    Ok(())
}

fn tier(words: &Words, tier: &str) -> String {
    let key = format!("tier-{tier}");
    if words.has(&key) { words.t(&key) } else { show::word(words, tier) }
}

/// `catalog timeline`.
pub(crate) fn timeline(
    catalog: &Catalog,
    releases: bool,
    from: Option<&str>,
    to: Option<&str>,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let (from, to) = (date("--from", from, words)?, date("--to", to, words)?);
    // `--to 2025` means the whole year: a date is inside when its known part does not go beyond.
    let inside = |at: PartialDate| {
        from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to || within(at, to))
    };
    let found: Vec<_> = moments(catalog, releases).into_iter().filter(|moment| inside(moment.date)).collect();
    if terminal.json {
        return terminal.print_json(&found);
    }
    let titles = ["date", "kind", "what", "voice", "status"];
    let mut table = Table::new(titles.map(|key| words.t(&format!("timeline-{key}"))));
    for moment in &found {
        let what = if moment.entity.class == Class::Event {
            show::value(words, moment.claim)
        } else {
            words.pick(&moment.entity.name).to_owned()
        };
        let kind = moment.date_kind.map(|kind| words.t(&format!("date-{}", kind.word()))).unwrap_or_default();
        table.row([
            moment.date.to_string(),
            kind,
            what,
            show::voice(words, moment.claim),
            show::status(words, &moment.claim.status),
        ]);
    }
    terminal.print_table(&table)?;
    if !releases {
        terminal.say(&words.t("timeline-hint"));
    }
    Ok(())
}

fn within(at: PartialDate, period: PartialDate) -> bool {
    at.year == period.year && period.month.is_none_or(|month| at.month == Some(month)) && period.day.is_none()
}

fn date(flag: &str, text: Option<&str>, words: &Words) -> Outcome<Option<PartialDate>> {
    let Some(text) = text else { return Ok(None) };
    PartialDate::parse(text).map(Some).ok_or_else(|| {
        let args = [("flag", flag.to_owned().into()), ("value", text.to_owned().into())];
        Failure::new(Code::BadFilter, words.f("cli-bad-word", &args)).hint(words.t("timeline-hint-date"))
    })
}
