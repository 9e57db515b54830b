//! Adoptions: the table with both sides, and counts by sector, environment and stage.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_catalog::{Claim, Class, Entity};

use super::ledger::Ledger;
use crate::{
    chart::{Bar, Bars, Extent, Group, Series, bars},
    document::{Block, Column, Figure, Line, Row, Section, Set, Span, Table, join, link, plain, text, weave},
};

/// The columns of the survey's own table, as fields.
const COLUMNS: [(&str, Set); 7] = [
    ("sector", Set::Word),
    ("purpose", Set::Prose),
    ("extent", Set::Word),
    ("period", Set::Word),
    ("stage", Set::Word),
    ("environment", Set::Word),
    ("model", Set::Word),
];
/// Fields with a closed list that are worth counting.
const COUNTED: [&str; 3] = ["sector", "environment", "stage"];
/// Stands for 未指定 among the codes.
const UNKNOWN: &str = "";

/// The chapter.
pub(super) fn adoptions(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let adoptions = in_survey_order(ledger);
    let lead = weave(
        words,
        "report-adoptions-lead",
        &[("count", ledger.count(adoptions.len(), "#adoption-table")), ("caveat", ledger.value_of(47))],
    );
    let counts =
        COUNTED.iter().map(|field| Block::Figure(Box::new(counts(ledger, &adoptions, field)))).collect();
    vec![
        Block::Paragraph(lead),
        Block::Table(table(ledger, &adoptions)),
        Block::Section(Section::new("adoption-counts", words.t("report-counts-title"), counts)),
        Block::Section(Section::new(
            "adoption-rest",
            words.t("report-adoptions-rest-title"),
            vec![Block::Table(rest(ledger, &adoptions))],
        )),
        Block::Section(Section::new(
            "adoption-patterns",
            words.t("report-adoptions-patterns-title"),
            vec![ledger.statements(&[69..=77, 95..=95])],
        )),
    ]
}

/// The organisation's own entries follow those of the survey.
fn in_survey_order<'a>(ledger: &Ledger<'a>) -> Vec<&'a Entity> {
    let mut adoptions: Vec<_> = ledger.catalog.of(Class::Adoption).collect();
    adoptions.sort_by_key(|adoption| {
        let line = adoption
            .claims
            .iter()
            .filter(|claim| claim.field == "sector")
            .filter_map(|claim| claim.line)
            .min();
        (line.unwrap_or(u32::MAX), &adoption.id)
    });
    adoptions
}

fn table(ledger: &Ledger<'_>, adoptions: &[&Entity]) -> Table {
    let words = ledger.words;
    let mut columns = vec![Column::new(words.t("report-column-organisation"), Set::Word)];
    columns.extend(COLUMNS.map(|(field, set)| Column::new(ledger.field(field), set)));
    columns.push(Column::new(words.t("report-column-cites"), Set::Word));
    let rows = adoptions
        .iter()
        .map(|adoption| {
            let mut cells = vec![text(ledger.name(adoption))];
            cells.extend(COLUMNS.map(|(field, _)| cell(ledger, adoption, field)));
            cells.push(references(ledger, adoption));
            Row { ids: vec![format!("adoption-{}", super::ledger::source_anchor(&adoption.id))], cells }
        })
        .collect();
    Table { id: "adoption-table".to_owned(), caption: words.t("report-adoptions-caption"), columns, rows }
}

/// What the survey says and what stands against it; then what others say that no fact answers.
fn cell(ledger: &Ledger<'_>, adoption: &Entity, field: &str) -> Line {
    let claims = adoption.claims_on(field).filter(|claim| claim.is_survey() || claim.against.is_empty());
    join(claims.map(|claim| ledger.both_sides(claim)), &Span::Break)
}

fn references(ledger: &Ledger<'_>, adoption: &Entity) -> Line {
    let numbers: BTreeSet<u8> = adoption.claims.iter().filter_map(|claim| claim.cites).collect();
    if numbers.is_empty() {
        return text(ledger.words.t("status-uncited"));
    }
    join(numbers.into_iter().map(|number| ledger.reference(number)), &Span::Text(" ".to_owned()))
}

/// Claims that the table has no column for.
fn rest(ledger: &Ledger<'_>, adoptions: &[&Entity]) -> Table {
    let known = |field: &str| COLUMNS.iter().any(|(column, _)| *column == field);
    let pairs: Vec<_> = adoptions
        .iter()
        .flat_map(|adoption| adoption.claims.iter().map(move |claim| (*adoption, claim)))
        .filter(|(_, claim)| !known(&claim.field) && (claim.is_survey() || claim.against.is_empty()))
        .collect();
    let caption = ledger.words.t("report-statements-caption");
    ledger.claims("adoption-rest-table".to_owned(), caption, &pairs)
}

/// How many adoptions have each code: as the survey has it, and with the public record.
struct Tally {
    survey: usize,
    both: usize,
}

fn counts(ledger: &Ledger<'_>, adoptions: &[&Entity], field: &str) -> Figure {
    let words = ledger.words;
    let tallies = tally(ledger, adoptions, field);
    let name = |code: &str| if code == UNKNOWN { words.t("undisclosed") } else { ledger.code(field, code) };
    let count = |number: usize| words.f("report-count", &[("count", number.to_string().into())]);
    let most = tallies.iter().max_by_key(|(_, tally)| tally.survey);
    let title = weave(
        words,
        "report-counts-finding",
        &[
            ("field", text(ledger.field(field))),
            ("label", text(most.map(|(code, _)| name(code)).unwrap_or_default())),
            ("count", ledger.count(most.map_or(0, |(_, tally)| tally.survey), "#adoption-table")),
            ("total", ledger.count(adoptions.len(), "#adoption-table")),
        ],
    );
    let groups = tallies
        .iter()
        .map(|(code, tally)| {
            let bar = |label: String, number: usize, series| Bar {
                label,
                value: count(number),
                extent: Extent::To(number as f64),
                series,
            };
            if tally.both == tally.survey {
                return Group { label: None, bars: vec![bar(name(code), tally.survey, Series::First)] };
            }
            let label = |key: &str| {
                format!("{}{}{}{}", name(code), words.t("html-open"), words.t(key), words.t("html-close"))
            };
            let survey = bar(label("voice-survey"), tally.survey, Series::First);
            Group {
                label: None,
                bars: vec![survey, bar(label("report-counts-both"), tally.both, Series::Second)],
            }
        })
        .collect();
    let most = tallies.iter().map(|(_, tally)| tally.survey.max(tally.both)).max().unwrap_or(1);
    let rows = tallies
        .iter()
        .map(|(code, tally)| {
            Row::from(vec![
                text(name(code)),
                ledger.count(tally.survey, "#adoption-table"),
                ledger.count(tally.both, "#adoption-table"),
            ])
        })
        .collect();
    Figure {
        id: format!("counts-{field}"),
        picture: bars(&Bars {
            alt: plain(&title),
            from: 0.0,
            to: most as f64,
            tick: |number| format!("{number:.0}"),
            groups,
        }),
        title,
        unit: words.t("report-unit-name-adoptions"),
        period: ledger.date_of(2),
        source: link("#adoption-table", words.t("report-adoptions-title")),
        notes: vec![text(words.t("report-counts-note"))],
        table: Table {
            id: format!("counts-{field}-table"),
            caption: words.t("report-counts-caption"),
            columns: vec![
                Column::new(ledger.field(field), Set::Word),
                Column::new(words.t("voice-survey"), Set::Number),
                Column::new(words.t("report-counts-both"), Set::Number),
            ],
            rows,
        },
    }
}

/// In the order of the closed list, codes that occur only, 未指定 last.
fn tally<'a>(ledger: &Ledger<'a>, adoptions: &[&'a Entity], field: &str) -> Vec<(&'a str, Tally)> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for adoption in adoptions {
        let of_field = || adoption.claims.iter().filter(|claim| claim.field == field);
        let survey: Vec<&Claim> = of_field().filter(|claim| claim.is_survey()).collect();
        let others: Vec<&Claim> = of_field().filter(|claim| !claim.is_survey()).collect();
        for code in codes(&survey).filter(|_| !survey.is_empty()) {
            tallies.entry(code).or_insert(Tally { survey: 0, both: 0 }).survey += 1;
        }
        let known = others.iter().any(|claim| claim.value.is_known());
        for code in codes(if known { &others } else { &survey }) {
            tallies.entry(code).or_insert(Tally { survey: 0, both: 0 }).both += 1;
        }
    }
    let order = |code: &str| {
        let codes = ledger.catalog.field(field).map(|field| field.codes.as_slice()).unwrap_or_default();
        codes.iter().position(|(known, _)| known == code).unwrap_or(usize::MAX)
    };
    let mut tallies: Vec<_> = tallies.into_iter().collect();
    tallies.sort_by_key(|(code, _)| order(code));
    tallies
}

fn codes<'a>(claims: &[&'a Claim]) -> impl Iterator<Item = &'a str> {
    let mut codes: Vec<&str> = claims.iter().flat_map(|claim| &claim.codes).map(String::as_str).collect();
    codes.dedup();
    if codes.is_empty() {
        codes.push(UNKNOWN);
    }
    codes.into_iter()
}
