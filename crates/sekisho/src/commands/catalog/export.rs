//! `catalog export`: everything, for other programs and for people who live in Excel.

use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use sekisho_base::Code;
use sekisho_catalog::{Catalog, Claim, Class, Entity};

use crate::{
    cli::ExportFormat,
    commands::files,
    failure::{Failure, Outcome},
    report, show,
    terminal::Terminal,
    words::Words,
};

/// Writes the catalog to a file or stdout.
pub(crate) fn run(
    catalog: &Catalog,
    format: ExportFormat,
    out: Option<&Path>,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let content = match format {
        ExportFormat::Json => {
            let entries: Vec<_> = catalog.all().collect();
            let text = serde_json::to_vec_pretty(&entries);
            text.map_err(|error| Failure::new(Code::Internal, "JSON").cause(error.to_string()))?
        }
        ExportFormat::Csv => csv(catalog, words).into_bytes(),
        ExportFormat::Xlsx => xlsx(catalog, words)
            .map_err(|error| Failure::new(Code::Internal, "XLSX").cause(error.to_string()))?,
        ExportFormat::Html => report::html(catalog, words).into_bytes(),
        ExportFormat::Md => report::markdown(catalog, words).into_bytes(),
    };
    match out {
        Some(path) => files::save(path, &content, terminal),
        None if format == ExportFormat::Xlsx => {
            Err(Failure::new(Code::Usage, words.t("export-xlsx-needs-file"))
                .hint(words.t("export-hint-file")))
        }
        None => terminal.print(&String::from_utf8_lossy(&content)),
    }
}

/// Column keys; in CSV they are the English keys that scripts rely on, in XLSX the reader's words.
const COLUMNS: &[&str] = &[
    "class",
    "entry",
    "name",
    "field",
    "value",
    "unit",
    "scale",
    "as-of",
    "date-kind",
    "kind",
    "status",
    "fact",
    "line",
    "cites",
    "source",
    "locator",
    "against",
    "tier",
    "benchmark",
    "note",
    "place",
];

fn row(words: &Words, catalog: &Catalog, entity: &Entity, claim: &Claim) -> Vec<String> {
    let joined = |texts: Vec<String>| texts.join(" ");
    let tier = claim.price.as_ref().map(|tag| {
        let context = show::word(words, &tag.context_tier);
        format!("{} {} {context}", tag.currency, show::word(words, &tag.service_tier))
    });
    let benchmark = claim.score.as_ref().map(|tag| {
        [&tag.benchmark, &tag.part, &tag.harness, &tag.version, &tag.composition, &tag.judge]
            .map(|text| show::word(words, text))
            .join(" | ")
    });
    let value = claim.value.as_f64().map_or_else(|| show::value(words, claim), |number| number.to_string());
    vec![
        entity.class.word().to_owned(),
        entity.id.clone(),
        words.pick(&entity.name).to_owned(),
        show::field(words, catalog, &claim.field).to_owned(),
        value,
        claim.unit.clone().unwrap_or_default(),
        claim.scale.clone().unwrap_or_default(),
        claim.as_of.clone().unwrap_or_default(),
        claim.date_kind.map(|kind| words.t(&format!("date-{}", kind.word()))).unwrap_or_default(),
        words.t(&format!("kind-{}", claim.kind.word())),
        show::status(words, &claim.status),
        claim.fact.map(|fact| fact.to_string()).unwrap_or_default(),
        claim.line.map(|line| line.to_string()).unwrap_or_default(),
        claim.cites.map(|number| format!("R{number:02}")).unwrap_or_default(),
        joined(claim.source.clone()),
        claim.locator.clone().unwrap_or_default(),
        joined(claim.against.iter().map(ToString::to_string).collect()),
        tier.unwrap_or_default(),
        benchmark.unwrap_or_default(),
        claim.note.as_ref().map(|note| words.pick(note).to_owned()).unwrap_or_default(),
        format!("{}:{}", claim.origin.file, claim.origin.line),
    ]
}

/// RFC 4180 with a byte order mark: Excel in Japan takes a file without one for Shift_JIS.
fn csv(catalog: &Catalog, words: &Words) -> String {
    let mut text = String::from('\u{feff}');
    let mut line = |cells: &[String]| {
        let quoted: Vec<String> = cells.iter().map(|cell| quote(cell)).collect();
        text.push_str(&quoted.join(","));
        text.push_str("\r\n");
    };
    line(&COLUMNS.iter().map(|key| key.replace('-', "_")).collect::<Vec<_>>());
    for (entity, claim) in catalog.claims() {
        line(&row(words, catalog, entity, claim));
    }
    text
}

/// Quotes a cell. A text that a spreadsheet would run as a formula gets a leading apostrophe: the catalog may hold an
/// organisation's files, and a name such as `=HYPERLINK(...)` must stay text.
pub(crate) fn quote(cell: &str) -> String {
    let defused = if cell.starts_with(['=', '+', '@', '\t', '\r'])
        || (cell.starts_with('-') && cell.parse::<f64>().is_err())
    {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if defused.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", defused.replace('"', "\"\""))
    } else {
        defused
    }
}

fn xlsx(catalog: &Catalog, words: &Words) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = Format::new().set_bold().set_background_color("#F1EDE4");
    let wrap = Format::new().set_text_wrap();
    for (word, class) in Class::WORDS {
        let sheet = book.add_worksheet().set_name(words.t(&format!("class-{word}")))?;
        for (column, key) in (0_u16..).zip(COLUMNS) {
            sheet.write_with_format(0, column, words.t(&format!("claim-{key}")), &head)?;
            sheet.set_column_width(column, if *key == "value" || *key == "note" { 40 } else { 16 })?;
        }
        let claims =
            catalog.of(*class).flat_map(|entity| entity.claims.iter().map(move |claim| (entity, claim)));
        let mut last = 0;
        for (line, (entity, claim)) in (1_u32..).zip(claims) {
            last = line;
            for ((column, key), cell) in (0_u16..).zip(COLUMNS).zip(row(words, catalog, entity, claim)) {
                match claim.value.as_f64().filter(|_| *key == "value") {
                    Some(number) => sheet.write_number(line, column, number)?,
                    None => sheet.write_string_with_format(line, column, cell, &wrap)?,
                };
            }
        }
        sheet.set_freeze_panes(1, 3)?;
        sheet.autofilter(0, 0, last, COLUMNS.len() as u16 - 1)?;
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn cells_are_quoted_and_defused() {
        assert_eq!(quote("a,b"), "\"a,b\"");
        assert_eq!(quote("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(quote("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(quote("-3.5"), "-3.5");
        assert_eq!(quote("-x"), "'-x");
    }
}
