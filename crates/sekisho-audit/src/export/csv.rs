//! Comma-separated values, as spreadsheets read them.

use std::io::{self, Write};

use super::{Options, Proved};
use crate::{clock::to_rfc3339, record::PromptText};

const BOM: &[u8] = "\u{feff}".as_bytes();

/// The columns. `evidence` has, for each leaf, its entry, its hash and the hashes of its proof, separated by spaces; leaves
/// are separated by semicolons. In the row of kind `checkpoint` it has the checkpoint.
const COLUMNS: [&str; 31] = [
    "record",
    "kind",
    "time",
    "end",
    "class",
    "erased",
    "erased_by",
    "ground",
    "hold",
    "principal",
    "tenant",
    "purpose",
    "scheme",
    "label",
    "answer_label",
    "model",
    "upstream",
    "verdict",
    "answer_verdict",
    "rules",
    "sources",
    "outcome",
    "code",
    "prompt_tokens",
    "completion_tokens",
    "cost_yen",
    "latency_ms",
    "event",
    "input",
    "output",
    "evidence",
];

pub(super) fn write_head(to: &mut dyn Write, bom: bool, checkpoint: &str) -> io::Result<()> {
    if bom {
        to.write_all(BOM)?;
    }
    write_row(to, &COLUMNS.map(str::to_owned))?;
    let mut row = COLUMNS.map(|_| String::new());
    "checkpoint".clone_into(&mut row[1]);
    checkpoint.clone_into(&mut row[COLUMNS.len() - 1]);
    write_row(to, &row)
}

pub(super) fn write_record(to: &mut dyn Write, proved: &Proved, options: &Options) -> io::Result<()> {
    let row = COLUMNS.map(|column| cell(column, proved, options).unwrap_or_default());
    write_row(to, &row)
}

fn cell(column: &str, proved: &Proved, options: &Options) -> Option<String> {
    let record = &proved.record;
    let (hit, open, close) = (&record.hit, record.open.as_ref(), record.close.as_ref());
    let erasure = record.erasure.as_ref();
    let statement = record.statement.as_ref();
    let text = |text: Option<&PromptText>| text.filter(|_| options.texts).map(|text| text.0.clone());
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    match column {
        "record" => Some(hit.record.to_string()),
        "kind" => Some(hit.kind.as_str().to_owned()),
        "time" => Some(to_rfc3339(hit.time_ms)),
        "end" => hit.end_ms.map(to_rfc3339),
        "class" => (hit.class != 0).then(|| hit.class.to_string()),
        "erased" => Some(hit.erased.to_string()),
        "erased_by" => erasure.map(|erasure| erasure.by.clone()),
        "ground" => {
            erasure.map(|erasure| &erasure.ground).or(statement.map(|statement| &statement.ground)).cloned()
        }
        "hold" => number(record.hold),
        "principal" => open
            .map(|open| open.principal.clone())
            .or_else(|| record.event.as_ref().map(|event| event.principal.clone()))
            .or_else(|| statement.map(|statement| statement.by.clone())),
        "tenant" => open.and_then(|open| open.tenant.clone()),
        "purpose" => open?.purpose.clone(),
        "scheme" => open?.scheme.clone(),
        "label" => open?.label.clone(),
        "answer_label" => close?.label.clone(),
        "model" => open?.model.clone(),
        "upstream" => open?.upstream.clone(),
        "verdict" => open?.verdict.map(|verdict| verdict.as_str().to_owned()),
        "answer_verdict" => close?.verdict.map(|verdict| verdict.as_str().to_owned()),
        "rules" => {
            Some(open.into_iter().flat_map(|o| &o.rules).chain(close.into_iter().flat_map(|c| &c.rules)))
                .map(|rules| rules.map(String::as_str).collect::<Vec<_>>().join(" "))
        }
        "sources" => Some(open?.sources.join(" ")),
        "outcome" => close.map(|close| close.outcome.as_str().to_owned()),
        "code" => close?.code.clone(),
        "prompt_tokens" => number(close?.prompt_tokens),
        "completion_tokens" => number(close?.completion_tokens),
        "cost_yen" => close?.cost_yen.map(|cost| cost.to_string()),
        "latency_ms" => number(close?.latency_ms),
        "event" => record.event.as_ref().map(|event| event.event.clone()),
        "input" => text(open?.input.as_ref()),
        "output" => text(close?.output.as_ref()),
        _ => Some(evidence(proved)),
    }
}

fn evidence(proved: &Proved) -> String {
    let leaves = proved.record.leaves.iter().zip(&proved.proofs).map(|(leaf, proof)| {
        let words = [leaf.index.to_string(), leaf.hash.to_string()].into_iter();
        words.chain(proof.iter().map(ToString::to_string)).collect::<Vec<_>>().join(" ")
    });
    leaves.collect::<Vec<_>>().join(";")
}

fn write_row(to: &mut dyn Write, cells: &[String]) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|cell| quote(cell)).collect();
    to.write_all(cells.join(",").as_bytes())?;
    to.write_all(b"\r\n")
}

/// A cell that no spreadsheet takes for a formula. What begins like one, also in full width or behind spaces, gets an
/// apostrophe in front, as spreadsheets themselves mark text.
fn quote(cell: &str) -> String {
    let first = cell.trim_start().chars().next();
    let is_formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\'' | '|'))
        || cell.starts_with(['\t', '\r', '\n']);
    let marked = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if marked.contains([',', '"', '\r', '\n', ';', '\'']) {
        format!("\"{}\"", marked.replace('"', "\"\""))
    } else {
        marked
    }
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn cells_are_text_whatever_they_begin_with() {
        for (cell, quoted) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "\"'=1+1\""),
            (" =1+1", "\"' =1+1\""),
            ("＝SUM(A1)", "\"'＝SUM(A1)\""),
            ("@cmd", "\"'@cmd\""),
            ("-1", "\"'-1\""),
            ("\tx", "\"'\tx\""),
            ("'x", "\"''x\""),
            ("2026-11-24", "2026-11-24"),
        ] {
            assert_eq!(quote(cell), quoted, "{cell:?}");
        }
    }
}
