//! What does not agree, what nobody could confirm, what is estimated and what is assumed.

use sekisho_catalog::{Claim, Kind, Status};

use super::ledger::{Ledger, Pair};
use crate::document::{Block, Column, Line, Row, Section, Set, Span, Table, join, link, text, weave};

/// Parts of the chapter on disagreement, with the results of checking that belong to each. A fact stands in the first
/// part that fits.
const DISPUTES: [(&str, &[Status]); 4] = [
    ("conflict", &[Status::Conflict, Status::Superseded]),
    (
        "citation",
        &[Status::CitationMismatch, Status::CitationPartial, Status::Uncited, Status::NotVerifiable],
    ),
    ("inconsistency", &[Status::InternalInconsistency, Status::DateTwoKinds]),
    ("scale", &[Status::ScaleTrap]),
];

/// Sorts of statement that are not published values.
const KINDS: [(&str, &[Kind]); 4] = [
    ("unverified", &[Kind::Unverified]),
    ("vendor", &[Kind::VendorEstimate]),
    ("estimate", &[Kind::Estimate]),
    ("assumption", &[Kind::Assumption]),
];

/// The chapter.
pub(super) fn disputes(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let mut taken: Vec<&Claim> = Vec::new();
    let mut blocks = vec![Block::Paragraph(text(words.t("report-disputes-lead")))];
    for (name, statuses) in DISPUTES {
        let pairs: Vec<Pair<'_>> = ledger
            .facts()
            .map(|(_, pair)| pair)
            .filter(|(_, claim)| claim.status.iter().any(|status| statuses.contains(status)))
            .filter(|(_, claim)| !taken.iter().any(|seen| seen.fact == claim.fact))
            .collect();
        taken.extend(pairs.iter().map(|(_, claim)| *claim));
        blocks.push(part(ledger, &format!("disputes-{name}"), sides(ledger, name, &pairs), pairs.len()));
    }
    let finer: Vec<Pair<'_>> = ledger
        .facts()
        .map(|(_, pair)| pair)
        .filter(|(_, claim)| claim.status.contains(&Status::Refinable) || !ledger.against(claim).is_empty())
        .filter(|(_, claim)| !taken.iter().any(|seen| seen.fact == claim.fact))
        .collect();
    blocks.push(part(ledger, "disputes-finer", sides(ledger, "finer", &finer), finer.len()));
    for (name, kinds) in KINDS {
        let pairs: Vec<Pair<'_>> =
            ledger.facts().map(|(_, pair)| pair).filter(|(_, claim)| kinds.contains(&claim.kind)).collect();
        let caption = words.t(&format!("report-disputes-{name}-title"));
        let table = ledger.claims(format!("disputes-{name}-table"), caption, &pairs);
        blocks.push(part(ledger, &format!("disputes-{name}"), table, pairs.len()));
    }
    blocks
}

fn part(ledger: &Ledger<'_>, id: &str, table: Table, count: usize) -> Block {
    let href = format!("#{}", table.id);
    let lead = weave(ledger.words, &format!("report-{id}-lead"), &[("count", ledger.count(count, &href))]);
    let title = ledger.words.t(&format!("report-{id}-title"));
    Block::Section(Section::new(id, title, vec![Block::Paragraph(lead), Block::Table(table)]))
}

/// The survey on one side, everyone else on the other.
fn sides(ledger: &Ledger<'_>, name: &str, pairs: &[Pair<'_>]) -> Table {
    let words = ledger.words;
    let column = |name: &str, set| Column::new(words.t(&format!("report-column-{name}")), set);
    let rows = pairs
        .iter()
        .map(|pair @ (_, claim)| {
            let fact = claim.fact.map(|fact| link(format!("#{fact}"), fact.to_string())).unwrap_or_default();
            let others = ledger.against(claim).iter().map(|(_, other)| {
                let mut line = ledger.value(other);
                line.push(Span::Text(" ".to_owned()));
                line.extend(ledger.sources(other));
                line
            });
            Row::from(vec![
                fact,
                text(ledger.about(*pair)),
                text(ledger.field(&claim.field)),
                ledger.value(claim),
                join(others, &Span::Break),
                ledger.verdicts(claim),
                notes(ledger, claim),
            ])
        })
        .collect();
    Table {
        id: format!("disputes-{name}-table"),
        caption: words.t(&format!("report-disputes-{name}-title")),
        columns: vec![
            column("fact", Set::Short),
            column("about", Set::Word),
            column("field", Set::Word),
            Column::new(words.t("voice-survey"), Set::Prose),
            Column::new(words.t("voice-public"), Set::Prose),
            column("status", Set::Word),
            column("note", Set::Prose),
        ],
        rows,
    }
}

/// The remarks on both sides.
fn notes(ledger: &Ledger<'_>, claim: &Claim) -> Line {
    let own = ledger.note(claim);
    let others = ledger.against(claim).iter().map(|(_, other)| ledger.note(other));
    join([own].into_iter().chain(others), &Span::Break)
}
