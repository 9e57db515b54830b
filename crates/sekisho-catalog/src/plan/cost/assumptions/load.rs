//! Reads a file of assumptions. One broken line does not hide the others: all problems come back at once.

use std::ops;

use sekisho_base::Known;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{Assumption, Assumptions, Key, Kind, Origin, Problem, ProblemKind, Range, check_amount};

/// The default file has about 10 kB.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// How a file writes an amount that nobody has stated.
const UNDISCLOSED: &str = "未指定";

pub(super) fn overlay(base: &Assumptions, text: &str, origin: Origin) -> (Assumptions, Vec<Problem>) {
    let mut settled = base.clone();
    if text.len() > TEXT_BYTES_MAX {
        let kind = ProblemKind::TooLarge { bytes: text.len(), bytes_max: TEXT_BYTES_MAX };
        return (settled, vec![Problem { line: 1, path: String::new(), kind }]);
    }
    let mut report = Report::of(text);
    let (file, errors) = DeTable::parse_recoverable(text);
    // What the parser recovers from broken text may be a made-up zero: read on for the problems, settle nothing.
    let is_broken = !errors.is_empty();
    for error in errors {
        let message = error.message().to_owned();
        report.add(&error.span().unwrap_or_default(), String::new(), ProblemKind::Syntax { message });
    }
    let mut version = None;
    for (name, value) in file.get_ref() {
        match (name.get_ref().as_ref(), value.get_ref()) {
            ("version", found) => version = Some((value.span(), number(found) == Some(1.0))),
            (group, DeValue::Table(entries)) if Key::is_group(group) => {
                for (name, value) in entries {
                    if let Some(entry) = read_entry(group, name, value, origin, &mut report) {
                        settled.replace(entry);
                    }
                }
            }
            (group, _) if Key::is_group(group) => {
                report.add(&value.span(), group.into(), ProblemKind::WrongType { expected: "table" });
            }
            (group, _) => report.add(&name.span(), group.into(), ProblemKind::UnknownGroup),
        }
    }
    if let Some((span, false)) = version.or(Some((0..0, false))) {
        report.add(&span, "version".into(), ProblemKind::Version);
    }
    (if is_broken { base.clone() } else { settled }, report.finish())
}

/// The problems found so far, with what turns a place in the text into a line.
struct Report {
    line_starts: Vec<usize>,
    problems: Vec<Problem>,
}

impl Report {
    fn of(text: &str) -> Self {
        let line_starts = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self { line_starts, problems: Vec::new() }
    }

    fn add(&mut self, span: &ops::Range<usize>, path: String, kind: ProblemKind) {
        let line = 1 + self.line_starts.partition_point(|&start| start <= span.start);
        self.problems.push(Problem { line, path, kind });
    }

    fn finish(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.line);
        // One bracket too many can earn the same complaint a hundred times.
        self.problems.dedup();
        self.problems
    }
}

/// One assumption, either a bare amount or a table; nothing when it has a problem.
fn read_entry(
    group: &str,
    name: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
    origin: Origin,
    report: &mut Report,
) -> Option<Assumption> {
    let path = format!("{group}.{}", name.get_ref());
    let Some(key) = Key::find(group, name.get_ref()) else {
        report.add(&name.span(), path, ProblemKind::UnknownKey);
        return None;
    };
    let before = report.problems.len();
    let mut entry = Assumption { origin, ..Assumption::blank(key) };
    match value.get_ref() {
        DeValue::Table(fields) => read_table(&path, name, fields, &mut entry, report),
        bare => match read_amount(bare) {
            Some(amount) => set_amount(&mut entry, amount, &value.span(), &path, report),
            None => report.add(&value.span(), path, AMOUNT_EXPECTED),
        },
    }
    (report.problems.len() == before).then_some(entry)
}

const AMOUNT_EXPECTED: ProblemKind = ProblemKind::WrongType { expected: "a number or \"未指定\"" };

fn read_table(
    path: &str,
    name: &Spanned<DeString<'_>>,
    fields: &DeTable<'_>,
    entry: &mut Assumption,
    report: &mut Report,
) {
    let (mut value, mut low, mut high) = (None, None, None);
    for (field, found) in fields {
        let outcome = match field.get_ref().as_ref() {
            "value" => {
                value = read_amount(found.get_ref());
                value.map(|_| ()).ok_or(AMOUNT_EXPECTED)
            }
            "low" => read_end(found.get_ref(), &mut low),
            "high" => read_end(found.get_ref(), &mut high),
            other => read_words(other, found.get_ref(), entry),
        };
        if let Err(kind) = outcome {
            let span = if kind == ProblemKind::UnknownField { field.span() } else { found.span() };
            report.add(&span, format!("{path}.{}", field.get_ref()), kind);
        }
    }
    let span = name.span();
    match value {
        // A `value` of the wrong type is told above.
        None if fields.contains_key("value") => {}
        None => report.add(&span, path.into(), ProblemKind::ValueMissing),
        Some(Known::Undisclosed) if low.is_some() || high.is_some() => {
            report.add(&span, path.into(), ProblemKind::RangeOrder);
        }
        Some(amount) => {
            let widened = amount.map(|point| Range {
                low: low.unwrap_or(point.value),
                value: point.value,
                high: high.unwrap_or(point.value),
            });
            set_amount(entry, widened, &span, path, report);
        }
    }
    if entry.kind != Kind::Assumption && entry.source.is_empty() {
        report.add(&span, path.into(), ProblemKind::SourceMissing);
    }
}

/// The fields that are text.
fn read_words(field: &str, found: &DeValue<'_>, entry: &mut Assumption) -> Result<(), ProblemKind> {
    if !["unit", "kind", "source", "as_of", "note"].contains(&field) {
        return Err(ProblemKind::UnknownField);
    }
    let words = match found {
        DeValue::String(words) => words.to_string(),
        // TOML has dates of its own, and people write them.
        DeValue::Datetime(date) if field == "as_of" => date.to_string(),
        _ => return Err(ProblemKind::WrongType { expected: "string" }),
    };
    match field {
        "unit" if words == entry.unit => {}
        "unit" => return Err(ProblemKind::Unit { expected: entry.unit }),
        "kind" => {
            entry.kind = match words.as_str() {
                "assumption" => Kind::Assumption,
                "published" => Kind::Published,
                "vendor_estimate" => Kind::VendorEstimate,
                _ => return Err(ProblemKind::UnknownKind),
            };
        }
        "source" => entry.source = words,
        "as_of" if is_date(&words) => entry.as_of = words,
        "as_of" => return Err(ProblemKind::Date),
        _ => entry.note = words,
    }
    Ok(())
}

fn set_amount(
    entry: &mut Assumption,
    amount: Known<Range>,
    span: &ops::Range<usize>,
    path: &str,
    report: &mut Report,
) {
    match check_amount(entry.key, amount) {
        Ok(()) => entry.amount = amount,
        Err(kind) => report.add(span, path.into(), kind),
    }
}

fn read_amount(found: &DeValue<'_>) -> Option<Known<Range>> {
    match found {
        DeValue::String(words) if words == UNDISCLOSED => Some(Known::Undisclosed),
        other => number(other).map(|number| Known::Value(Range::point(number))),
    }
}

fn read_end(found: &DeValue<'_>, end: &mut Option<f64>) -> Result<(), ProblemKind> {
    *end = Some(number(found).ok_or(ProblemKind::WrongType { expected: "number" })?);
    Ok(())
}

fn number(found: &DeValue<'_>) -> Option<f64> {
    match found {
        DeValue::Integer(digits) => {
            i64::from_str_radix(digits.as_str(), digits.radix()).ok().map(|n| n as f64)
        }
        DeValue::Float(digits) => digits.as_str().parse().ok(),
        _ => None,
    }
}

/// `2026`, `2026-03` or `2026-03-01`; the day is not checked against the month.
fn is_date(words: &str) -> bool {
    let parts: Vec<&str> = words.split('-').collect();
    let fits = |part: &str, digits: usize, max: u32| {
        part.len() == digits && part.parse().is_ok_and(|n: u32| (1..=max).contains(&n))
    };
    parts.len() <= 3
        && parts.iter().zip([(4, 9_999), (2, 12), (2, 31)]).all(|(part, (n, max))| fits(part, n, max))
}
