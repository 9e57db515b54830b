//! The lists that every link of the document leads to: references, sources, facts.

use std::collections::BTreeMap;

use sekisho_catalog::{Claim, Class, Entity, FactId, Reference};

use super::{
    ledger::{Ledger, source_anchor},
    value,
};
use crate::{
    document::{Block, Column, Line, Mark, Row, Section, Set, Span, Table, Verdict, join, link, text, weave},
    words::Lang,
};

/// The chapter of sources.
pub(super) fn sources(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let mut references: Vec<(&Entity, &Reference)> = ledger
        .catalog
        .of(Class::Source)
        .flat_map(|source| source.references.iter().map(move |reference| (source, reference)))
        .collect();
    references.sort_by_key(|(_, reference)| reference.number);
    let mismatched = references.iter().filter(|(_, reference)| reference.mismatch.is_some()).count();
    let named = references.iter().filter(|(_, reference)| reference.on_entity.is_some()).count();
    let lead = weave(
        words,
        "report-sources-lead",
        &[
            ("count", ledger.count(references.len(), "#reference-table")),
            ("mismatched", ledger.count(mismatched, "#reference-table")),
            ("named", ledger.count(named, "#reference-table")),
        ],
    );
    vec![
        Block::Paragraph(lead),
        Block::Section(Section::new(
            "references",
            words.t("report-references-title"),
            vec![Block::Table(reference_table(ledger, &references))],
        )),
        Block::Section(Section::new(
            "source-list",
            words.t("report-source-list-title"),
            vec![Block::Table(source_table(ledger))],
        )),
    ]
}

fn reference_table(ledger: &Ledger<'_>, references: &[(&Entity, &Reference)]) -> Table {
    let words = ledger.words;
    let mut cited: BTreeMap<u8, Vec<FactId>> = BTreeMap::new();
    for (fact, (_, claim)) in ledger.facts() {
        if let Some(number) = claim.cites {
            cited.entry(number).or_default().push(fact);
        }
    }
    let rows = references
        .iter()
        .map(|(source, reference)| {
            let number = format!("R{}", reference.number);
            let facts = cited.get(&reference.number).map(Vec::as_slice).unwrap_or_default();
            let facts = facts.iter().map(|fact| link(format!("#{fact}"), fact.to_string()));
            Row {
                cells: vec![
                    text(number.clone()),
                    link(format!("#{}", source_anchor(&source.id)), ledger.name(source)),
                    address(source),
                    used_for(ledger, reference),
                    mismatch(ledger, reference),
                    join(facts, &Span::Text(" ".to_owned())),
                ],
                ids: vec![number],
            }
        })
        .collect();
    let column = |name: &str, set| Column::new(words.t(&format!("report-column-{name}")), set);
    Table {
        id: "reference-table".to_owned(),
        caption: words.t("report-references-caption"),
        columns: vec![
            column("reference", Set::Short),
            column("source", Set::Word),
            column("address", Set::Prose),
            column("use", Set::Word),
            column("mismatch", Set::Word),
            column("facts", Set::Prose),
        ],
        rows,
    }
}

fn address(source: &Entity) -> Line {
    source.url.as_ref().map(|url| link(url.clone(), url.clone())).unwrap_or_default()
}

fn used_for(ledger: &Ledger<'_>, reference: &Reference) -> Line {
    match &reference.on_entity {
        None => text(ledger.words.t("report-reference-statement")),
        Some(footnote) => {
            let entity = ledger.quoted(&footnote.entity);
            let line = text(footnote.line.to_string());
            weave(ledger.words, "report-reference-name", &[("entity", entity), ("line", line)])
        }
    }
}

fn mismatch(ledger: &Ledger<'_>, reference: &Reference) -> Line {
    let Some(mismatch) = &reference.mismatch else { return Line::new() };
    let word = ledger.words.pick(mismatch).to_owned();
    let mut line = vec![Span::Verdict(Mark {
        verdict: Verdict::Refuse,
        word: ledger.words.t("status-citation_mismatch"),
    })];
    line.push(Span::Break);
    line.extend(text(word));
    line
}

fn source_table(ledger: &Ledger<'_>) -> Table {
    let words = ledger.words;
    let column = |name: &str, set| Column::new(words.t(&format!("report-column-{name}")), set);
    let rows = ledger
        .catalog
        .of(Class::Source)
        .map(|source| {
            let kind = source.source_kind.as_deref().unwrap_or_default();
            let key = format!("report-source-{kind}");
            let numbers = source.references.iter().map(|reference| ledger.reference(reference.number));
            Row {
                ids: vec![source_anchor(&source.id)],
                cells: vec![
                    text(ledger.source_label(&source.id).unwrap_or_default()),
                    text(ledger.name(source)),
                    text(if words.has(&key) { words.t(&key) } else { kind.to_owned() }),
                    address(source),
                    join(numbers, &Span::Text(" ".to_owned())),
                ],
            }
        })
        .collect();
    Table {
        id: "source-table".to_owned(),
        caption: words.t("report-source-list-caption"),
        columns: vec![
            column("source-number", Set::Short),
            column("source", Set::Prose),
            column("source-kind", Set::Word),
            column("address", Set::Prose),
            column("references", Set::Word),
        ],
        rows,
    }
}

/// The list of every fact of the survey.
pub(super) fn facts(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let column = |name: &str, set| Column::new(words.t(&format!("report-column-{name}")), set);
    let rows = ledger.facts().map(|(fact, (entity, claim))| fact_row(ledger, fact, entity, claim)).collect();
    let lead =
        weave(words, "report-facts-lead", &[("count", ledger.count(ledger.facts().count(), "#fact-table"))]);
    let table = Table {
        id: "fact-table".to_owned(),
        caption: words.t("report-facts-caption"),
        columns: vec![
            column("fact", Set::Short),
            column("about", Set::Word),
            column("field", Set::Word),
            column("value", Set::Prose),
            column("unit", Set::Word),
            column("scale", Set::Word),
            column("as-of", Set::Word),
            column("kind", Set::Short),
            column("status", Set::Word),
            column("cites", Set::Word),
            column("note", Set::Prose),
        ],
        rows,
    };
    vec![Block::Paragraph(lead), Block::Table(table)]
}

fn fact_row(ledger: &Ledger<'_>, fact: FactId, entity: &Entity, claim: &Claim) -> Row {
    let words = ledger.words;
    // The row is where links to the fact arrive, so its own value links to nothing.
    let (shown, japanese) = value::shown(words, claim);
    let mut cell = if japanese { vec![Span::Japanese(shown)] } else { text(shown) };
    if let Some(remark) = value::remark(words, claim) {
        cell.push(Span::Small(format!(" {remark}")));
    }
    let mut cites = claim.cites.map(|number| ledger.reference(number)).unwrap_or_default();
    if let Some(line) = claim.line {
        cites.push(Span::Break);
        cites.push(Span::Small(words.f("report-line", &[("line", line.to_string().into())])));
    }
    let others = ledger.against(claim).iter().map(|(_, other)| {
        let mut line = vec![Span::Badge(ledger.voice(other))];
        line.extend(ledger.value(other));
        line
    });
    let checked =
        claim.checked_against.as_deref().map(|checked| checked_against(ledger, checked)).unwrap_or_default();
    let notes = [ledger.note(claim), checked].into_iter().chain(others);
    Row {
        ids: vec![fact.to_string()],
        cells: vec![
            text(fact.to_string()),
            text(ledger.about((entity, claim))),
            text(ledger.field(&claim.field)),
            cell,
            text(claim.unit.as_deref().map(|unit| value::unit_name(words, unit)).unwrap_or_default()),
            claim
                .scale
                .as_deref()
                .map(|scale| ledger.quoted(&value::scale_name(words, scale)))
                .unwrap_or_default(),
            claim.as_of.as_deref().map(|as_of| ledger.quoted(as_of)).unwrap_or_default(),
            text(ledger.kind(claim.kind)),
            ledger.verdicts(claim),
            cites,
            join(notes, &Span::Break),
        ],
    }
}

/// What a check was made against. Lines of the survey are worded; what the status says already is left out.
fn checked_against(ledger: &Ledger<'_>, checked: &str) -> Line {
    let words = ledger.words;
    let places: Vec<String> = checked
        .split("; ")
        .filter(|place| !place.starts_with("check:"))
        .map(|place| match place.strip_prefix("report L") {
            Some(line) if line.chars().all(|c| c.is_ascii_digit()) => {
                words.f("report-survey-line", &[("line", line.to_owned().into())])
            }
            _ if place == "same" => words.t("report-same"),
            _ => place.to_owned(),
        })
        .collect();
    if places.is_empty() {
        return Line::new();
    }
    let separator = if words.lang == Lang::Ja { "；" } else { "; " };
    let shown = places.join(separator);
    let mut line = text(words.t("report-checked-against"));
    line.extend(ledger.quoted(&shown));
    line
}
