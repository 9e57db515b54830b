//! Time: the events of the survey in their order, and when each model could be had.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_catalog::{Claim, Class, DateKind, Entity, PartialDate, Value};

use super::{
    ledger::{Ledger, Pair},
    models, value,
};
use crate::{
    chart::{Lane, Moment, Shape, Timeline, timeline},
    document::{Block, Column, Figure, Line, Row, Set, Span, Table, join, link, plain, text, weave},
};

/// Stands for models that belong to no series.
const NO_SERIES: &str = "";

/// Something dated.
struct Dated<'a> {
    date: PartialDate,
    pair: Pair<'a>,
}

/// The chapter.
pub(super) fn chapter(ledger: &Ledger<'_>) -> Vec<Block> {
    let events = events(ledger);
    let mut blocks = vec![Block::Paragraph(weave(
        ledger.words,
        "report-timeline-lead",
        &[("count", ledger.count(events.len(), "#event-table")), ("basis", ledger.value_of(277))],
    ))];
    blocks.extend(moved(&events).map(|(earlier, later)| {
        let args = [("first", place(ledger, later)), ("second", place(ledger, earlier))];
        Block::Note(weave(ledger.words, "report-timeline-moved", &args))
    }));
    blocks.push(Block::Figure(Box::new(event_figure(ledger, &events))));
    let releases = releases(ledger);
    blocks.push(Block::Figure(Box::new(release_figure(ledger, &releases))));
    blocks
}

fn events<'a>(ledger: &Ledger<'a>) -> Vec<Dated<'a>> {
    let mut events: Vec<_> = ledger
        .catalog
        .of(Class::Event)
        .flat_map(|event| event.claims.iter().map(move |claim| (event, claim)))
        .filter(|(_, claim)| claim.field == "event")
        .filter_map(|pair| Some(Dated { date: PartialDate::parse(pair.1.as_of.as_deref()?)?, pair }))
        .collect();
    events.sort_by_key(|event| (event.date, event.pair.1.line, event.pair.1.fact));
    events
}

/// Pairs of events that stand the other way round in the survey.
fn moved<'e, 'a>(events: &'e [Dated<'a>]) -> impl Iterator<Item = (&'e Dated<'a>, &'e Dated<'a>)> {
    events.windows(2).filter_map(|two| {
        let [earlier, later] = two else { return None };
        let line = |event: &Dated<'_>| event.pair.1.line.filter(|_| event.pair.1.is_survey());
        let (before, after) = (line(earlier)?, line(later)?);
        (earlier.date < later.date && before > after).then_some((earlier, later))
    })
}

fn place(ledger: &Ledger<'_>, event: &Dated<'_>) -> Line {
    let (entity, claim) = event.pair;
    let shown = format!("{} {}", value::date(ledger.words, event.date), ledger.name(entity));
    ledger.cited(claim, shown, false)
}

/// Each kind of date has its own sign.
fn shape(kind: Option<DateKind>) -> Shape {
    match kind {
        Some(DateKind::Announced) => Shape::Diamond,
        Some(DateKind::Offered) => Shape::Disc,
        Some(DateKind::Started) => Shape::Triangle,
        Some(DateKind::Published | DateKind::Updated) => Shape::Square,
        Some(DateKind::Unstated) | None => Shape::Ring,
    }
}

fn kind_word(ledger: &Ledger<'_>, kind: Option<DateKind>) -> String {
    ledger.words.t(&format!("date-{}", kind.unwrap_or(DateKind::Unstated).word()))
}

/// Sign and word of a kind of date.
fn kind_line(ledger: &Ledger<'_>, kind: Option<DateKind>) -> Line {
    text(format!("{} {}", shape(kind).sign(), kind_word(ledger, kind)))
}

/// What every sign stands for.
fn key(ledger: &Ledger<'_>) -> Line {
    let kinds =
        [DateKind::Announced, DateKind::Offered, DateKind::Started, DateKind::Published, DateKind::Unstated];
    join(kinds.map(|kind| kind_line(ledger, Some(kind))), &Span::Text("　".to_owned()))
}

fn moment(ledger: &Ledger<'_>, dated: &Dated<'_>, name: &str) -> Moment {
    let (from, to) = years(dated.date);
    let kind = dated.pair.1.date_kind;
    let title = format!("{} {} {name}", value::date(ledger.words, dated.date), kind_word(ledger, kind));
    Moment { from, to, shape: shape(kind), title }
}

/// The earliest and latest time that a date of its precision allows, in years.
fn years(date: PartialDate) -> (f64, f64) {
    let year = f64::from(date.year);
    match (date.month, date.day) {
        (None, _) => (year, year + 1.0),
        (Some(month), None) => {
            let from = year + f64::from(month - 1) / 12.0;
            (from, from + 1.0 / 12.0)
        }
        (Some(month), Some(day)) => {
            let from = year + f64::from(month - 1) / 12.0 + f64::from(day - 1) / 372.0;
            (from, from)
        }
    }
}

/// The years that hold every date.
fn bounds<'e, 'a: 'e>(dates: impl Iterator<Item = &'e Dated<'a>>) -> (u16, u16) {
    let (mut from, mut to) = (u16::MAX, 0);
    for dated in dates {
        from = from.min(dated.date.year);
        to = to.max(dated.date.year);
    }
    if from > to { (0, 1) } else { (from, to.saturating_add(1)) }
}

fn event_figure(ledger: &Ledger<'_>, events: &[Dated<'_>]) -> Figure {
    let words = ledger.words;
    let (from_year, to_year) = bounds(events.iter());
    let span = |event: Option<&Dated<'_>>| {
        event
            .map(|event| ledger.cited(event.pair.1, value::date(words, event.date), false))
            .unwrap_or_default()
    };
    let title = weave(
        words,
        "report-events-finding",
        &[
            ("first", span(events.first())),
            ("last", span(events.last())),
            ("count", ledger.count(events.len(), "#event-table")),
        ],
    );
    let lanes = events
        .iter()
        .map(|event| {
            let name = ledger.name(event.pair.0);
            Lane {
                moments: vec![moment(ledger, event, &name)],
                remark: value::date(words, event.date),
                label: name,
            }
        })
        .collect();
    let rows = events
        .iter()
        .map(|event| {
            let claim = event.pair.1;
            Row::from(vec![
                ledger.cited(claim, value::date(words, event.date), false),
                kind_line(ledger, claim.date_kind),
                ledger.value(claim),
                ledger.verdicts(claim),
                ledger.note(claim),
            ])
        })
        .collect();
    Figure {
        id: "events".to_owned(),
        picture: timeline(&Timeline { alt: plain(&title), from_year, to_year, lanes }),
        title,
        unit: words.t("report-unit-name-year"),
        period: join([span(events.first()), span(events.last())], &Span::Text("–".to_owned())),
        source: link("#facts", words.t("voice-survey")),
        notes: vec![key(ledger), text(words.t("report-timeline-precision"))],
        table: Table {
            id: "event-table".to_owned(),
            caption: words.t("report-events-caption"),
            columns: vec![
                Column::new(words.t("report-column-date"), Set::Word),
                Column::new(words.t("report-column-date-kind"), Set::Word),
                Column::new(ledger.field("event"), Set::Prose),
                Column::new(words.t("report-column-status"), Set::Word),
                Column::new(words.t("report-column-note"), Set::Prose),
            ],
            rows,
        },
    }
}

/// Every dated release of a domestic model, each date and kind once per model, the firmer claim first.
fn releases<'a>(ledger: &Ledger<'a>) -> Vec<Dated<'a>> {
    let mut releases = Vec::new();
    for model in ledger.catalog.of(Class::Model).filter(|model| !model.comparison) {
        let mut seen = Vec::new();
        for claim in model.claims_on("release_date") {
            let Some(date) = date_of(claim) else { continue };
            if !seen.contains(&(date, claim.date_kind)) {
                seen.push((date, claim.date_kind));
                releases.push(Dated { date, pair: (model, claim) });
            }
        }
    }
    releases.sort_by(|left, right| (left.date, &left.pair.0.id).cmp(&(right.date, &right.pair.0.id)));
    releases
}

fn date_of(claim: &Claim) -> Option<PartialDate> {
    match &claim.value {
        Value::Text(text) => PartialDate::parse(text),
        _ => None,
    }
}

fn release_figure(ledger: &Ledger<'_>, releases: &[Dated<'_>]) -> Figure {
    let words = ledger.words;
    let (from_year, to_year) = bounds(releases.iter());
    let mut by_series: BTreeMap<(PartialDate, &str), Vec<&Dated<'_>>> = BTreeMap::new();
    let mut first: BTreeMap<&str, PartialDate> = BTreeMap::new();
    for release in releases {
        let series = series_id(release.pair.0);
        let start = *first.entry(series).or_insert(release.date);
        by_series.entry((start, series)).or_default().push(release);
    }
    let series = by_series.keys().filter(|(_, id)| *id != NO_SERIES).count();
    let dated: BTreeSet<&str> = releases.iter().map(|release| release.pair.0.id.as_str()).collect();
    let title = weave(
        words,
        "report-releases-finding",
        &[
            ("models", ledger.count(dated.len(), "#release-table")),
            ("series", ledger.count(series, "#release-table")),
        ],
    );
    let lanes = by_series.values().map(|releases| lane(ledger, releases)).collect();
    let rows = releases
        .iter()
        .map(|release| {
            let (model, claim) = release.pair;
            Row::from(vec![
                link(format!("#{}", models::anchor(model)), ledger.name(model)),
                text(series_name(ledger, model)),
                ledger.cited(claim, value::date(words, release.date), false),
                kind_line(ledger, claim.date_kind),
                text(ledger.voice(claim)),
            ])
        })
        .collect();
    Figure {
        id: "releases".to_owned(),
        picture: timeline(&Timeline { alt: plain(&title), from_year, to_year, lanes }),
        title,
        unit: words.t("report-unit-name-year"),
        period: text(words.f(
            "report-years",
            &[("from", from_year.to_string().into()), ("to", to_year.saturating_sub(1).to_string().into())],
        )),
        source: link("#all-models", words.t("report-models-all-title")),
        notes: vec![key(ledger), text(words.t("report-releases-note"))],
        table: Table {
            id: "release-table".to_owned(),
            caption: words.t("report-releases-caption"),
            columns: vec![
                Column::new(words.t("report-column-model"), Set::Word),
                Column::new(words.t("report-column-series"), Set::Word),
                Column::new(words.t("report-column-date"), Set::Word),
                Column::new(words.t("report-column-date-kind"), Set::Word),
                Column::new(words.t("report-column-voice"), Set::Word),
            ],
            rows,
        },
    }
}

fn series_id(model: &Entity) -> &str {
    model.related("series").first().map_or(NO_SERIES, String::as_str)
}

fn series_name(ledger: &Ledger<'_>, model: &Entity) -> String {
    let series = ledger.catalog.get(Class::Series, series_id(model));
    series.map_or_else(|| ledger.words.t("report-no-series"), |series| ledger.name(series))
}

fn lane(ledger: &Ledger<'_>, releases: &[&Dated<'_>]) -> Lane {
    let label = releases.first().map(|release| series_name(ledger, release.pair.0)).unwrap_or_default();
    let mut moments: Vec<Moment> = Vec::new();
    let mut last: Option<(PartialDate, Option<DateKind>)> = None;
    for release in releases {
        let this = (release.date, release.pair.1.date_kind);
        let name = ledger.name(release.pair.0);
        match moments.last_mut() {
            // Models of one day share a sign; pointing at it names them all.
            Some(moment) if last == Some(this) => moment.title.push_str(&format!(", {name}")),
            _ => moments.push(moment(ledger, release, &name)),
        }
        last = Some(this);
    }
    let count = ledger.words.f("report-count-models", &[("count", releases.len().to_string().into())]);
    Lane { label, remark: count, moments }
}
