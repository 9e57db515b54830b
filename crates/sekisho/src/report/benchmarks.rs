//! Benchmarks: one picture for each benchmark and scale, never two scales in one.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_catalog::{Class, ScoreTag, UNDISCLOSED, Value};

use super::{
    ledger::{Ledger, Pair},
    models, value,
};
use crate::{
    chart::{Bar, Bars, Extent, Group, Series, bars},
    document::{Block, Column, Figure, Line, Row, Section, Set, Span, Table, join, link, plain, text, weave},
};

/// Scores that can stand on one axis.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Axis<'a> {
    benchmark: &'a str,
    scale: &'a str,
}

/// The chapter.
pub(super) fn benchmarks(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let mut axes: BTreeMap<Axis<'_>, Vec<Pair<'_>>> = BTreeMap::new();
    let mut rest = Vec::new();
    for (entity, claim) in scores(ledger) {
        let scale = claim.scale.as_deref().and_then(scale_of);
        match (&claim.score, scale, extent(&claim.value)) {
            (Some(tag), Some(_), Some(_)) => {
                let scale = claim.scale.as_deref().unwrap_or_default().trim_end_matches(" range");
                axes.entry(Axis { benchmark: &tag.benchmark, scale }).or_default().push((entity, claim));
            }
            _ => rest.push((entity, claim)),
        }
    }
    let trap =
        weave(words, "report-scale-trap", &[("small", ledger.value_of(98)), ("large", ledger.value_of(159))]);
    let pictures =
        axes.iter().map(|(axis, pairs)| Block::Figure(Box::new(figure(ledger, axis, pairs)))).collect();
    let rest =
        score_table(ledger, "score-rest-table".to_owned(), words.t("report-scores-rest-caption"), &rest);
    vec![
        Block::Paragraph(weave(words, "report-benchmarks-lead", &[("trend", ledger.value_of(180))])),
        Block::Note(trap),
        Block::Section(Section::new("scores", words.t("report-scores-title"), pictures)),
        Block::Section(Section::new(
            "scores-rest",
            words.t("report-scores-rest-title"),
            vec![Block::Table(rest)],
        )),
        Block::Section(Section::new(
            "benchmark-statements",
            words.t("report-benchmarks-statements-title"),
            vec![ledger.statements(&[61..=65, 121..=129])],
        )),
    ]
}

fn scores<'a>(ledger: &Ledger<'a>) -> Vec<Pair<'a>> {
    ledger.catalog.claims().filter(|(_, claim)| claim.field == "score").collect()
}

/// `0-1`, `1-10 range`.
fn scale_of(scale: &str) -> Option<(f64, f64)> {
    let (low, high) = scale.trim_end_matches(" range").split_once('-')?;
    let (low, high) = (low.parse::<f64>().ok()?, high.parse::<f64>().ok()?);
    (low.is_finite() && high.is_finite() && low < high).then_some((low, high))
}

/// A number, or a range as the survey prints it: `6.8~7.0`.
fn extent(value: &Value) -> Option<Extent> {
    if let Some(number) = value.as_f64() {
        return Some(Extent::To(number));
    }
    let Value::Text(text) = value else { return None };
    let (low, high) = text.split_once(['~', '～'])?;
    let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    Some(Extent::Between { low, best: None, high })
}

fn benchmark_name(ledger: &Ledger<'_>, id: &str) -> String {
    ledger.catalog.get(Class::Benchmark, id).map_or_else(|| id.to_owned(), |benchmark| ledger.name(benchmark))
}

fn figure(ledger: &Ledger<'_>, axis: &Axis<'_>, pairs: &[Pair<'_>]) -> Figure {
    let words = ledger.words;
    let (from, to) = scale_of(axis.scale).unwrap_or((0.0, 1.0));
    let benchmark = benchmark_name(ledger, axis.benchmark);
    let id = format!("score-{}-{}", axis.benchmark, axis.scale);
    let published: BTreeSet<&str> = pairs.iter().map(|(entity, _)| entity.id.as_str()).collect();
    let (first, _) = pairs[0];
    let args = [
        ("benchmark", text(benchmark)),
        ("scale", link(format!("#{id}-table"), axis.scale)),
        ("model", link(format!("#{}", models::anchor(first)), ledger.name(first))),
        ("count", ledger.count(published.len(), &format!("#{id}-table"))),
    ];
    let title =
        weave(words, if published.len() == 1 { "report-score-one" } else { "report-score-many" }, &args);
    let mut groups: Vec<Group> = merged(pairs).into_iter().map(|group| drawn(ledger, &group)).collect();
    let others = ledger
        .catalog
        .of(Class::Model)
        .filter(|model| !model.comparison && !published.contains(model.id.as_str()))
        .count();
    groups.push(Group {
        label: None,
        bars: vec![Bar {
            label: words.t("report-score-others"),
            value: format!("？{}", words.t("undisclosed")),
            extent: Extent::Undisclosed,
            series: Series::First,
        }],
    });
    Figure {
        picture: bars(&Bars { alt: plain(&title), from, to, tick: |number| number.to_string(), groups }),
        title,
        unit: words.f("report-unit-name-points", &[("scale", axis.scale.to_owned().into())]),
        period: period(ledger, pairs),
        source: references(ledger, pairs),
        notes: vec![
            weave(words, "report-score-silent", &[("count", ledger.count(others, "#all-models"))]),
            text(words.t("report-score-note")),
        ],
        table: score_table(ledger, format!("{id}-table"), words.t("report-scores-caption"), pairs),
        id,
    }
}

/// Claims of the same model, part and value, which the survey prints more than once.
fn merged<'a>(pairs: &[Pair<'a>]) -> Vec<Vec<Pair<'a>>> {
    let mut groups: Vec<Vec<Pair<'a>>> = Vec::new();
    for (entity, claim) in pairs {
        let part = |tag: &Option<ScoreTag>| tag.as_ref().map(|tag| tag.part.clone());
        let same = groups.iter_mut().find(|group| {
            let (other, known) = group[0];
            other.id == entity.id && known.value == claim.value && part(&known.score) == part(&claim.score)
        });
        match same {
            Some(group) => group.push((entity, claim)),
            None => groups.push(vec![(entity, claim)]),
        }
    }
    groups
}

fn drawn(ledger: &Ledger<'_>, group: &[Pair<'_>]) -> Group {
    let (entity, claim) = group[0];
    let part = claim.score.as_ref().map(|tag| part_name(ledger, &tag.part)).unwrap_or_default();
    Group {
        label: None,
        bars: vec![Bar {
            label: format!("{}{}{part}", ledger.name(entity), ledger.words.t("html-colon")),
            value: value::shown(ledger.words, claim).0,
            extent: extent(&claim.value).unwrap_or(Extent::Undisclosed),
            series: Series::First,
        }],
    }
}

fn part_name(ledger: &Ledger<'_>, part: &str) -> String {
    let key = format!("report-part-{}", part.replace(' ', "-"));
    if part == UNDISCLOSED {
        ledger.words.t("undisclosed")
    } else if ledger.words.has(&key) {
        ledger.words.t(&key)
    } else {
        part.to_owned()
    }
}

fn period(ledger: &Ledger<'_>, pairs: &[Pair<'_>]) -> Line {
    let dates: BTreeSet<&str> = pairs.iter().filter_map(|(_, claim)| claim.as_of.as_deref()).collect();
    join(dates.into_iter().map(|date| ledger.quoted(date)), &ledger.comma())
}

fn references(ledger: &Ledger<'_>, pairs: &[Pair<'_>]) -> Line {
    let numbers: BTreeSet<u8> = pairs.iter().filter_map(|(_, claim)| claim.cites).collect();
    if numbers.is_empty() {
        return join(pairs.iter().map(|(_, claim)| ledger.sources(claim)), &Span::Text(" ".to_owned()));
    }
    join(numbers.into_iter().map(|number| ledger.reference(number)), &Span::Text(" ".to_owned()))
}

/// Scores with everything that two scores must share before they compare.
fn score_table(ledger: &Ledger<'_>, id: String, caption: String, pairs: &[Pair<'_>]) -> Table {
    let words = ledger.words;
    let column = |name: &str, set| Column::new(words.t(&format!("report-column-{name}")), set);
    let rows = pairs
        .iter()
        .map(|(entity, claim)| {
            let how = |part: fn(&ScoreTag) -> &str| {
                let Some(tag) = &claim.score else { return Line::new() };
                match part(tag) {
                    UNDISCLOSED => ledger.unknown_part(claim),
                    known => ledger.quoted(known),
                }
            };
            Row::from(vec![
                text(ledger.name(entity)),
                text(
                    claim
                        .score
                        .as_ref()
                        .map(|tag| benchmark_name(ledger, &tag.benchmark))
                        .unwrap_or_default(),
                ),
                text(claim.score.as_ref().map(|tag| part_name(ledger, &tag.part)).unwrap_or_default()),
                ledger.value(claim),
                text(claim.scale.as_deref().map(|scale| value::scale_name(words, scale)).unwrap_or_default()),
                how(|tag| &tag.harness),
                how(|tag| &tag.version),
                how(|tag| &tag.composition),
                how(|tag| &tag.judge),
                text(claim.as_of.clone().unwrap_or_default()),
                ledger.note(claim),
            ])
        })
        .collect();
    let columns = vec![
        column("model", Set::Word),
        column("benchmark", Set::Word),
        column("part", Set::Word),
        column("value", Set::Number),
        column("scale", Set::Word),
        column("harness", Set::Word),
        column("version", Set::Word),
        column("composition", Set::Word),
        column("judge", Set::Word),
        column("as-of", Set::Word),
        column("note", Set::Prose),
    ];
    Table { id, caption, columns, rows }
}
