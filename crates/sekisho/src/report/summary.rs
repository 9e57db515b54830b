//! The summary, the four decision axes, and how to read the marks.

use std::collections::BTreeMap;

use sekisho_catalog::{Claim, Class, Status};

use super::ledger::{Ledger, verdict};
use crate::{
    chart::{Part, stacked},
    document::{
        Block, Column, Figure, Line, Mark, Row, Set, Span, Table, Verdict, join, link, plain, text, weave,
    },
};

/// The chapter that a sentence of the summary opens, and the facts that it is made of, by argument.
type Sentence = (&'static str, &'static [(&'static str, u16)]);

const SENTENCES: &[Sentence] = &[
    ("use", &[("rate", 6), ("share", 7), ("challenge", 8)]),
    ("growth", &[("domains", 4), ("drivers", 5)]),
    ("axes", &[("one", 35), ("two", 36), ("three", 37), ("four", 38)]),
    ("ministry", &[("year", 29), ("characters", 31), ("minutes", 32), ("share", 33)]),
    ("gpu", &[("size", 15), ("count", 18), ("small", 19), ("middle", 20), ("large", 21), ("ratio", 22)]),
    ("orders", &[("enquiries", 24), ("orders", 25), ("period", 26)]),
    ("share", &[("statistics", 41), ("rate", 47), ("method", 373)]),
];

/// The chapter.
pub(super) fn summary(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let mut sentences: Vec<Line> = SENTENCES
        .iter()
        .map(|(name, facts)| {
            let args: Vec<_> = facts.iter().map(|(arg, fact)| (*arg, ledger.value_of(*fact))).collect();
            weave(words, &format!("report-summary-{name}"), &args)
        })
        .collect();
    sentences.push(weave(
        words,
        "report-summary-price",
        &[("survey", ledger.value_of(313)), ("public", other_side(ledger, 313))],
    ));
    sentences.push(weave(
        words,
        "report-summary-chugoku",
        &[("survey", ledger.value_of(227)), ("public", other_side(ledger, 227))],
    ));
    let counts = [
        ("models", ledger.count(ledger.catalog.of(Class::Model).count(), "#all-models")),
        ("adoptions", ledger.count(ledger.catalog.of(Class::Adoption).count(), "#adoption-table")),
        ("facts", ledger.count(ledger.facts().count(), "#fact-table")),
        ("sources", ledger.count(ledger.catalog.of(Class::Source).count(), "#source-table")),
    ];
    vec![
        Block::Paragraph(weave(words, "report-summary-counts", &counts)),
        Block::List(sentences),
        Block::Figure(Box::new(checks(ledger))),
        Block::Note(reading(ledger)),
        legend(ledger),
    ]
}

/// What the public record holds against a fact, first claim only.
fn other_side(ledger: &Ledger<'_>, number: u16) -> Line {
    ledger
        .fact(number)
        .and_then(|(_, claim)| ledger.against(claim).first())
        .map(|(_, claim)| ledger.value(claim))
        .unwrap_or_default()
}

/// The worst result of checking: what a reader must know first.
fn worst(claim: &Claim) -> Verdict {
    // Of several results, "nobody has checked" says least and "does not hold" most.
    let weight = |verdict: Verdict| match verdict {
        Verdict::Unchecked => 0,
        Verdict::Pass => 1,
        Verdict::Unknown => 2,
        Verdict::Mask => 3,
        Verdict::Refuse => 4,
    };
    claim
        .status
        .iter()
        .map(|status| verdict(*status))
        .max_by_key(|verdict| weight(*verdict))
        .unwrap_or(Verdict::Unchecked)
}

fn checks(ledger: &Ledger<'_>) -> Figure {
    let words = ledger.words;
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for (_, (_, claim)) in ledger.facts() {
        *counts.entry(worst(claim)).or_default() += 1;
    }
    let of = |verdict: Verdict| counts.get(&verdict).copied().unwrap_or_default();
    let all = [Verdict::Pass, Verdict::Mask, Verdict::Refuse, Verdict::Unknown, Verdict::Unchecked];
    let name = |verdict: Verdict| words.t(&format!("report-verdict-{}", verdict.class()));
    let parts: Vec<Part> = all
        .iter()
        .map(|verdict| Part {
            label: format!("{} {}", verdict.sign(), name(*verdict)),
            value: words.f("report-count", &[("count", of(*verdict).to_string().into())]),
            amount: of(*verdict) as f64,
            class: verdict.class(),
        })
        .collect();
    let title = weave(
        words,
        "report-checks-title",
        &[
            ("all", ledger.count(ledger.facts().count(), "#fact-table")),
            ("pass", ledger.count(of(Verdict::Pass), "#fact-table")),
            ("refuse", ledger.count(of(Verdict::Refuse), "#disputes")),
            ("unchecked", ledger.count(of(Verdict::Unchecked), "#fact-table")),
        ],
    );
    let rows = all
        .iter()
        .map(|verdict| {
            let mark = Mark { verdict: *verdict, word: name(*verdict) };
            Row::from(vec![vec![Span::Verdict(mark)], ledger.count(of(*verdict), "#fact-table")])
        })
        .collect();
    Figure {
        id: "checks".to_owned(),
        picture: stacked(&plain(&title), &parts),
        title,
        unit: words.t("report-unit-name-facts"),
        period: ledger.date_of(2),
        source: link("#facts", words.t("report-facts-title")),
        notes: vec![text(words.t("report-checks-note"))],
        table: Table {
            id: "checks-table".to_owned(),
            caption: words.t("report-checks-caption"),
            columns: vec![
                Column::new(words.t("report-column-status"), Set::Word),
                Column::new(words.t("report-column-count"), Set::Number),
            ],
            rows,
        },
    }
}

fn reading(ledger: &Ledger<'_>) -> Line {
    weave(ledger.words, "report-reading", &[("rule", ledger.value_of(46))])
}

/// Every sign with the results of checking that it stands for.
fn legend(ledger: &Ledger<'_>) -> Block {
    let words = ledger.words;
    let all = [Verdict::Pass, Verdict::Mask, Verdict::Refuse, Verdict::Unknown, Verdict::Unchecked];
    let mut pairs: Vec<(Line, Line)> = all
        .iter()
        .map(|wanted| {
            let name = words.t(&format!("report-verdict-{}", wanted.class()));
            let mut meaning = text(words.t(&format!("report-legend-{}", wanted.class())));
            let held =
                Status::WORDS.iter().map(|(_, status)| *status).filter(|status| verdict(*status) == *wanted);
            let statuses: Vec<Line> = held.map(|status| text(ledger.mark(status).word)).collect();
            if statuses.len() > 1 {
                meaning.push(Span::Text(words.t("html-colon")));
                meaning.extend(join(statuses, &ledger.comma()));
            }
            (vec![Span::Verdict(Mark { verdict: *wanted, word: name })], meaning)
        })
        .collect();
    pairs.push((
        vec![Span::Verdict(Mark { verdict: Verdict::Unknown, word: words.t("undisclosed") })],
        text(words.t("report-legend-undisclosed")),
    ));
    Block::Definitions(pairs)
}

/// The four axes, each with the chapters that speak of it.
const AXES: [(u16, &[&str]); 4] = [
    (35, &["models", "adoptions"]),
    (36, &["benchmarks"]),
    (37, &["requirements", "prices"]),
    (38, &["controls", "barriers"]),
];

/// The chapter of the four decision axes.
pub(super) fn axes(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let pairs = AXES
        .iter()
        .map(|(number, chapters)| {
            let label = ledger.fact(*number).map(|(_, claim)| ledger.field(&claim.field)).unwrap_or_default();
            let mut meaning = ledger.value_of(*number);
            meaning.push(Span::Break);
            meaning.push(Span::Small(words.t("report-axes-see")));
            let links = chapters
                .iter()
                .map(|chapter| link(format!("#{chapter}"), words.t(&format!("report-{chapter}-title"))));
            meaning.extend(join(links, &ledger.comma()));
            (text(label), meaning)
        })
        .collect();
    let differing = weave(words, "report-axes-note", &[("other", ledger.value_of(336))]);
    vec![Block::Definitions(pairs), Block::Note(differing)]
}
