//! The models: the rows of the survey, and everything that the catalog knows of each model.

use sekisho_catalog::{Claim, Class, Entity};

use super::ledger::{Ledger, Pair};
use crate::document::{Block, Column, Line, Row, Section, Set, Span, Table, join, text, weave};

/// The columns of the survey's own table, as fields.
const SURVEY_COLUMNS: [(&str, Set); 6] = [
    ("developer", Set::Word),
    ("release_date", Set::Word),
    ("params_total", Set::Word),
    ("licence", Set::Word),
    ("commercial_use", Set::Word),
    ("access", Set::Prose),
];

/// Fields of every model, with how they are set.
const MODEL_COLUMNS: [(&str, Set); 9] = [
    ("developer", Set::Word),
    ("params_total", Set::Number),
    ("params_active", Set::Number),
    ("context", Set::Number),
    ("licence", Set::Word),
    ("commercial_use", Set::Word),
    ("access", Set::Prose),
    ("base_model", Set::Word),
    ("release_date", Set::Word),
];

/// The chapter.
pub(super) fn models(ledger: &Ledger<'_>) -> Vec<Block> {
    let words = ledger.words;
    let rows = survey_rows(ledger);
    // Models that stand here only to be compared with come last.
    let mut models: Vec<_> = ledger.catalog.of(Class::Model).collect();
    models.sort_by_key(|model| model.comparison);
    let compared = models.iter().filter(|model| model.comparison).count();
    let lead = weave(
        words,
        "report-models-all-lead",
        &[
            ("count", ledger.count(models.len(), "#all-models")),
            ("compared", ledger.count(compared, "#all-models")),
            ("undisclosed", ledger.value_of(46)),
        ],
    );
    let basis = weave(
        words,
        "report-models-survey-lead",
        &[("count", ledger.count(rows.len(), "#survey-models")), ("basis", ledger.value_of(375))],
    );
    vec![
        Block::Section(Section::new(
            "models-survey",
            words.t("report-models-survey-title"),
            vec![Block::Paragraph(basis), Block::Table(survey_table(ledger, rows))],
        )),
        Block::Section(Section::new(
            "models-all",
            words.t("report-models-all-title"),
            vec![Block::Paragraph(lead), Block::Table(model_table(ledger, &models))],
        )),
    ]
}

/// A row of the survey's table begins where it names a developer.
fn survey_rows<'a>(ledger: &Ledger<'a>) -> Vec<Pair<'a>> {
    let mut rows: Vec<_> = ledger
        .facts()
        .map(|(_, pair)| pair)
        .filter(|(entity, claim)| {
            claim.field == "developer" && matches!(entity.class, Class::Model | Class::Series)
        })
        .collect();
    rows.sort_by_key(|(_, claim)| (claim.line, claim.fact));
    rows
}

fn survey_table(ledger: &Ledger<'_>, rows: Vec<Pair<'_>>) -> Table {
    let words = ledger.words;
    let mut columns = vec![Column::new(words.t("report-column-model"), Set::Word)];
    columns.extend(SURVEY_COLUMNS.map(|(field, set)| Column::new(ledger.field(field), set)));
    columns.push(Column::new(ledger.field("evaluation"), Set::Prose));
    let rows = rows
        .into_iter()
        .map(|(entity, row)| {
            let line = row.line.unwrap_or_default();
            let on_line = ledger.on_lines(&[line..=line]);
            let cell = |wanted: &dyn Fn(&Entity, &Claim) -> bool| {
                let claims = on_line.iter().filter(|(entity, claim)| wanted(entity, claim));
                join(claims.map(|(_, claim)| ledger.both_sides(claim)), &Span::Break)
            };
            let mut cells = vec![text(ledger.name(entity))];
            cells.extend(
                SURVEY_COLUMNS
                    .map(|(field, _)| cell(&|from, claim| from.id == entity.id && claim.field == field)),
            );
            let mut evaluation = cell(&|from, claim| from.id == entity.id && claim.field == "evaluation");
            let shown = |from: &Entity, field: &str| {
                let column = SURVEY_COLUMNS.iter().any(|(column, _)| *column == field);
                from.id == entity.id && (column || field == "evaluation")
            };
            // The survey packs more into its last column than one field: scores, and what it says of other entries.
            for (from, claim) in on_line.iter().filter(|(from, claim)| !shown(from, &claim.field)) {
                evaluation.push(Span::Break);
                evaluation.push(Span::Small(label(ledger, from, claim)));
                evaluation.extend(ledger.both_sides(claim));
            }
            cells.push(evaluation);
            Row::from(cells)
        })
        .collect();
    Table { id: "survey-models".to_owned(), caption: words.t("report-models-survey-caption"), columns, rows }
}

/// Whom and what a value in the last column speaks of.
fn label(ledger: &Ledger<'_>, entity: &Entity, claim: &Claim) -> String {
    let benchmark = claim.score.as_ref().and_then(|tag| ledger.catalog.get(Class::Benchmark, &tag.benchmark));
    let what = benchmark.map_or_else(|| ledger.field(&claim.field), |benchmark| ledger.name(benchmark));
    format!("{} / {what}{}", ledger.name(entity), ledger.words.t("html-colon"))
}

fn model_table(ledger: &Ledger<'_>, models: &[&Entity]) -> Table {
    let words = ledger.words;
    let mut columns = vec![Column::new(words.t("report-column-model"), Set::Word)];
    columns.extend(MODEL_COLUMNS.map(|(field, set)| Column::new(ledger.field(field), set)));
    let rows = models
        .iter()
        .map(|model| {
            let mut name = text(ledger.name(model));
            if model.comparison {
                name.push(Span::Break);
                name.push(Span::Badge(words.t("report-comparison")));
            }
            let mut cells = vec![name];
            cells.extend(MODEL_COLUMNS.map(|(field, _)| model_cell(ledger, model, field)));
            Row { ids: vec![anchor(model)], cells }
        })
        .collect();
    Table { id: "all-models".to_owned(), caption: words.t("report-models-all-caption"), columns, rows }
}

/// Where a model stands in this document.
pub(super) fn anchor(model: &Entity) -> String {
    super::ledger::source_anchor(&model.id).replacen("source-", "model-", 1)
}

/// The value that computations use, and every differing one beside it.
fn model_cell(ledger: &Ledger<'_>, model: &Entity, field: &str) -> Line {
    let Some(best) = model.best(field) else { return text(ledger.words.t("report-no-claim")) };
    let mut line = ledger.value(best);
    if !model.is_disputed(field) {
        return line;
    }
    for other in model.claims_on(field).filter(|other| *other != best && differs(best, other)) {
        line.push(Span::Break);
        line.push(Span::Badge(ledger.voice(other)));
        line.extend(ledger.value(other));
    }
    line
}

fn differs(best: &Claim, other: &Claim) -> bool {
    other.value != best.value || other.status != best.status
}
