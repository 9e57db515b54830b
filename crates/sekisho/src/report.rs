//! The survey as one document, regenerated from the catalog: every value leads to its fact and source, what the public
//! record says stands beside what the survey says, and what nobody published is shown as such.

mod adoptions;
mod appendix;
mod benchmarks;
mod disputes;
mod ledger;
mod models;
mod prices;
mod requirements;
mod summary;
mod timeline;
mod value;

use sekisho_catalog::Catalog;

use crate::{
    document::{Block, Line, Section, Span, plain, text, weave},
    html::{Page, page},
    markdown,
    words::Words,
};
use ledger::Ledger;

/// The document as one self-contained HTML file.
pub(crate) fn html(catalog: &Catalog, words: &Words) -> String {
    let ledger = Ledger::new(catalog, words);
    let title = title(&ledger);
    let foot = format!("{title} / {}", plain(&ledger.date_of(2)));
    page(words, &Page { title, lead: lead(&ledger), foot, chapters: &chapters(&ledger) })
}

/// The same document as Markdown; pictures are given as their data.
pub(crate) fn markdown(catalog: &Catalog, words: &Words) -> String {
    let ledger = Ledger::new(catalog, words);
    markdown::page(words, &title(&ledger), &lead(&ledger), &chapters(&ledger))
}

fn title(ledger: &Ledger<'_>) -> String {
    let title = plain(&ledger.fact_text(1));
    if title.is_empty() { ledger.words.t("report-title") } else { title }
}

fn lead(ledger: &Ledger<'_>) -> Vec<Line> {
    vec![
        weave(ledger.words, "report-lead", &[("date", ledger.date_of(2))]),
        text(ledger.words.t("report-lead-origin")),
    ]
}

/// The lines of the survey that a chapter covers, so that no fact is left out and each stands where the survey has it.
fn chapters(ledger: &Ledger<'_>) -> Vec<Section> {
    let words = ledger.words;
    let chapter =
        |name: &str, blocks: Vec<Block>| Section::new(name, words.t(&format!("report-{name}-title")), blocks);
    vec![
        chapter("summary", summary::summary(ledger)),
        chapter("axes", summary::axes(ledger)),
        chapter("method", vec![ledger.statements(&[19..=29, 35..=35])]),
        chapter("models", models::models(ledger)),
        chapter("adoptions", adoptions::adoptions(ledger)),
        chapter("timeline", timeline::chapter(ledger)),
        chapter("benchmarks", benchmarks::benchmarks(ledger)),
        chapter("requirements", requirements::requirements(ledger)),
        chapter("controls", vec![ledger.statements(&[143..=149])]),
        chapter("prices", prices::prices(ledger)),
        chapter("business", vec![ledger.statements(&[165..=172])]),
        chapter("barriers", barriers(ledger)),
        chapter("outlook", vec![ledger.statements(&[186..=190])]),
        chapter("recommendations", recommendations(ledger)),
        chapter("disputes", disputes::disputes(ledger)),
        chapter("sources", appendix::sources(ledger)),
        chapter("facts", appendix::facts(ledger)),
    ]
}

fn barriers(ledger: &Ledger<'_>) -> Vec<Block> {
    let lead = weave(
        ledger.words,
        "report-barriers-lead",
        &[
            ("rate", ledger.value_of(6)),
            ("challenge", ledger.value_of(8)),
            ("bottleneck", ledger.value_of(10)),
        ],
    );
    vec![Block::Paragraph(lead), ledger.statements(&[174..=182])]
}

/// Facts of the survey that make up a recommendation, each with the elements that it names.
const RECOMMENDATIONS: [(u16, &[u16]); 3] =
    [(336, &[337, 405, 406]), (338, &[339, 340, 407, 408]), (341, &[342, 343, 344, 345, 409, 410])];

fn recommendations(ledger: &Ledger<'_>) -> Vec<Block> {
    let mut blocks = vec![Block::Note(text(ledger.words.t("report-recommendations-note")))];
    for (number, elements) in RECOMMENDATIONS {
        let label = ledger.fact(number).map(|(_, claim)| ledger.field(&claim.field)).unwrap_or_default();
        let mut lead = vec![Span::Strong(format!("{label}{}", ledger.words.t("html-colon")))];
        lead.extend(ledger.value_of(number));
        blocks.push(Block::Paragraph(lead));
        blocks.push(Block::List(elements.iter().map(|element| ledger.statement(*element)).collect()));
    }
    blocks
}

#[cfg(test)]
mod tests;
