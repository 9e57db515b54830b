//! From the text of a requirements file to [`Requirements`] and everything that is wrong with it.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::{
    Axis, CANDIDATES_MAX, CONSTRAINTS_MAX, CRITERIA_MAX, Constraint, Criterion, DRAWS_DEFAULT, DRAWS_MAX,
    Goal, Interval, Measure, Problem, ProblemKind, REQUIREMENTS_BYTES_MAX, Requirements, SEED_DEFAULT, Test,
    Weight, known_word,
    read::{Reader, Table, Value},
};
use crate::plan::choose::candidate::{Benchmark, FIELDS, Field, FieldKind};

const ID_CHARS_MAX: usize = 64;
/// Byte position and path of a value.
type Position = (usize, String);

/// A criterion whose weight is nothing is none.
const WEIGHT_MIN: f64 = 1e-6;
/// Sums of written decimals miss 1 by rounding only.
const SUM_TOLERANCE: f64 = 1e-9;

const AXES: &[(&str, Axis)] = &[
    ("sovereignty", Axis::Sovereignty),
    ("performance", Axis::Performance),
    ("cost", Axis::Cost),
    ("control", Axis::Control),
];

pub(super) fn parse(text: &str) -> (Requirements, Vec<Problem>) {
    if text.len() > REQUIREMENTS_BYTES_MAX {
        let kind = ProblemKind::TooLong { bytes_max: REQUIREMENTS_BYTES_MAX };
        return (empty(), vec![Problem { line: 1, path: String::new(), kind }]);
    }
    let mut reader = Reader::new(text);
    let (tree, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        reader.note(at, "", ProblemKind::Syntax { message: error.message().to_owned() });
    }
    let requirements = read_root(&mut reader, Table::new(tree, String::new()));
    (requirements, reader.into_problems())
}

fn empty() -> Requirements {
    Requirements {
        title: String::new(),
        organisation: String::new(),
        date: String::new(),
        author: String::new(),
        fictional: false,
        candidates: None,
        draws: DRAWS_DEFAULT,
        seed: SEED_DEFAULT,
        single_benchmark_reason: None,
        constraints: Vec::new(),
        criteria: Vec::new(),
    }
}

fn read_root(reader: &mut Reader, mut root: Table<'_>) -> Requirements {
    root.need(reader, "version").and_then(|value| value.whole(reader, 1, 1));
    let mut settled = Requirements {
        title: root.text(reader, "title"),
        organisation: root.text(reader, "organisation"),
        author: root.text(reader, "author"),
        ..empty()
    };
    settled.date = root.need(reader, "date").and_then(|value| value.date(reader)).unwrap_or_default();
    settled.fictional =
        root.take("fictional").and_then(|value| value.flag(reader)).unwrap_or(settled.fictional);
    settled.candidates = root.take("candidates").and_then(|value| read_candidates(reader, value));
    settled.single_benchmark_reason =
        root.take("single_benchmark").and_then(|value| read_single_benchmark(reader, value));
    if let Some(mut draws) = root.take("draws").and_then(|value| value.table(reader)) {
        let count = draws.take("count").and_then(|value| value.whole(reader, 1, u64::from(DRAWS_MAX)));
        settled.draws = count.map_or(DRAWS_DEFAULT, |count| count as u32);
        let seed = draws.take("seed").and_then(|value| value.whole(reader, 0, u64::MAX));
        settled.seed = seed.unwrap_or(SEED_DEFAULT);
        draws.finish(reader);
    }
    let entries =
        root.take("constraint").map(|value| value.items(reader, CONSTRAINTS_MAX)).unwrap_or_default();
    settled.constraints = read_entries(reader, entries, read_constraint, |constraint| &constraint.id).0;
    let entries =
        root.need(reader, "criterion").map(|value| value.items(reader, CRITERIA_MAX)).unwrap_or_default();
    let written = entries.len();
    let (criteria, positions) = read_entries(reader, entries, read_criterion, |criterion| &criterion.id);
    check_weights(reader, &criteria, &positions, written);
    settled.criteria = criteria;
    root.finish(reader);
    settled
}

fn read_candidates(reader: &mut Reader, value: Value<'_>) -> Option<Vec<String>> {
    if value.is_text() {
        value.word(reader, &[("all", ())]);
        return None;
    }
    Some(read_distinct(reader, value, CANDIDATES_MAX).into_iter().map(|(id, _)| id).collect())
}

/// Texts of an array, each once.
fn read_distinct(reader: &mut Reader, value: Value<'_>, max: usize) -> Vec<(String, Position)> {
    let mut first_lines = BTreeMap::new();
    let mut texts = Vec::new();
    for item in value.items(reader, max) {
        let (at, path) = (item.at, item.path.clone());
        let Some(text) = item.text(reader) else { continue };
        if let Some(&first_line) = first_lines.get(&text) {
            reader.note(at, &path, ProblemKind::Duplicate { first_line });
            continue;
        }
        first_lines.insert(text.clone(), reader.line(at));
        texts.push((text, (at, path)));
    }
    texts
}

fn read_single_benchmark(reader: &mut Reader, value: Value<'_>) -> Option<String> {
    let mut table = value.table(reader)?;
    let allow = table.need(reader, "allow").and_then(|value| value.flag(reader));
    let reason = table.take("reason").map(|value| value.text(reader));
    if allow == Some(true) && reason.is_none() {
        reader.note(table.at, &table.path, ProblemKind::ReasonMissing);
    }
    table.finish(reader);
    reason.flatten().filter(|_| allow == Some(true))
}

/// Reads every entry, and finds ids that are given twice.
fn read_entries<'t, T>(
    reader: &mut Reader,
    entries: Vec<Value<'t>>,
    read: fn(&mut Reader, Table<'t>) -> Option<T>,
    id: fn(&T) -> &str,
) -> (Vec<T>, Vec<Position>) {
    let mut first_lines = BTreeMap::new();
    let (mut settled, mut positions) = (Vec::new(), Vec::new());
    for entry in entries {
        let position = (entry.at, entry.path.clone());
        let Some(read) = entry.table(reader).and_then(|table| read(reader, table)) else { continue };
        let line = reader.line(position.0);
        if let Some(&first_line) = first_lines.get(id(&read)) {
            reader.note(position.0, &format!("{}.id", position.1), ProblemKind::Duplicate { first_line });
            continue;
        }
        first_lines.insert(id(&read).to_owned(), line);
        settled.push(read);
        positions.push(position);
    }
    (settled, positions)
}

fn read_id(reader: &mut Reader, table: &mut Table<'_>) -> Option<String> {
    let value = table.need(reader, "id")?;
    let (at, path) = (value.at, value.path.clone());
    let id = value.text(reader)?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if id.len() <= ID_CHARS_MAX && id.chars().all(allowed) {
        return Some(id);
    }
    reader.note(at, &path, ProblemKind::BadId);
    None
}

fn read_field(reader: &mut Reader, value: Value<'_>) -> Option<&'static Field> {
    let (at, path) = (value.at, value.path.clone());
    let found = value.text(reader)?;
    let field = Field::named(&found);
    if field.is_none() {
        let allowed = FIELDS.iter().map(|field| field.name).collect();
        reader.note(at, &path, ProblemKind::NotOneOf { found, allowed });
    }
    field
}

fn read_constraint(reader: &mut Reader, mut table: Table<'_>) -> Option<Constraint> {
    let id = read_id(reader, &mut table);
    let axis = table.need(reader, "axis").and_then(|value| value.word(reader, AXES));
    let field = table.need(reader, "field").and_then(|value| read_field(reader, value));
    let why = table.text(reader, "why");
    let test = read_test(reader, &mut table, field);
    table.finish(reader);
    Some(Constraint { id: id?, axis: axis?, field: field?.name.to_owned(), test: test?, why })
}

fn read_test(reader: &mut Reader, table: &mut Table<'_>, field: Option<&'static Field>) -> Option<Test> {
    const OPS: &[(&str, &str)] = &[
        ("is", "is"),
        ("any_of", "any_of"),
        ("not", "not"),
        ("at_least", "at_least"),
        ("at_most", "at_most"),
    ];
    let op = table.need(reader, "op");
    let op_at = op.as_ref().map(|value| (value.at, value.path.clone()));
    let op = op.and_then(|value| value.word(reader, OPS));
    let (value, values) = (table.take("value"), table.take("values"));
    let (op, field, (at, path)) = (op?, field?, op_at?);
    let (field_is, allowed) = match field.kind {
        FieldKind::Number => ("number", vec!["at_least", "at_most"]),
        FieldKind::Codes(_) => ("codes", vec!["is", "any_of", "not"]),
    };
    if !allowed.contains(&op) {
        reader.note(at, &path, ProblemKind::Misfit { field_is, allowed });
        return None;
    }
    let needs_list = op == "any_of";
    let given = match (value, values) {
        (Some(value), None) if !needs_list => {
            // An array of one would read as well, an array of two would not mean what it says.
            if value.is_list() {
                value.text(reader);
                return None;
            }
            value
        }
        (None, Some(values)) if needs_list || op == "not" => values,
        _ => {
            let keys = if needs_list { ["values", "values"] } else { ["value", "values"] };
            reader.note(table.at, &table.path, ProblemKind::OneOfTwo { keys });
            return None;
        }
    };
    let FieldKind::Codes(codes) = field.kind else {
        let bound = given.number(reader)?;
        return Some(if op == "at_least" { Test::AtLeast(bound) } else { Test::AtMost(bound) });
    };
    let given = read_codes(reader, given, codes)?;
    Some(match op {
        "any_of" => Test::AnyOf(given),
        "not" => Test::Not(given),
        _ => Test::Is(given.into_iter().next()?),
    })
}

/// One code or an array of them, all from `allowed`.
fn read_codes(reader: &mut Reader, value: Value<'_>, allowed: &[&'static str]) -> Option<Vec<String>> {
    let given = if value.is_text() {
        let position = (value.at, value.path.clone());
        vec![(value.text(reader)?, position)]
    } else {
        read_distinct(reader, value, allowed.len() + 1)
    };
    let count = given.len();
    let mut codes = Vec::new();
    for (found, (at, path)) in given {
        if allowed.contains(&found.as_str()) {
            codes.push(found);
        } else {
            reader.note(at, &path, ProblemKind::NotOneOf { found, allowed: allowed.to_vec() });
        }
    }
    Some(codes).filter(|codes| count > 0 && codes.len() == count)
}

fn read_criterion(reader: &mut Reader, mut table: Table<'_>) -> Option<Criterion> {
    let id = read_id(reader, &mut table);
    let axis = table.need(reader, "axis").and_then(|value| value.word(reader, AXES));
    let why = table.text(reader, "why");
    let (field, benchmark) = (table.take("field"), table.take("benchmark"));
    let (measure, codes) = match (field, benchmark) {
        (Some(field), None) => match read_field(reader, field) {
            Some(field) => (Some(Measure::Field(field.name.to_owned())), Some(field.kind)),
            None => (None, None),
        },
        (None, Some(benchmark)) => {
            (read_benchmark(reader, benchmark).map(Measure::Benchmark), Some(FieldKind::Number))
        }
        _ => {
            let kind = ProblemKind::OneOfTwo { keys: ["field", "benchmark"] };
            reader.note(table.at, &table.path, kind);
            (None, None)
        }
    };
    let goal = read_goal(reader, &mut table, codes);
    let range = match &goal {
        Some(Goal::Order(_)) => Some(None),
        _ => match table.take("range") {
            Some(value) => read_interval(reader, value, f64::MIN, f64::MAX, false).map(Some),
            None => Some(None),
        },
    };
    let weight = read_weight(reader, &mut table);
    table.finish(reader);
    Some(Criterion {
        id: id?,
        axis: axis?,
        measure: measure?,
        goal: goal?,
        range: range?,
        weight: weight?,
        why,
    })
}

fn read_benchmark(reader: &mut Reader, value: Value<'_>) -> Option<Benchmark> {
    let mut table = value.table(reader)?;
    let benchmark = table.need(reader, "benchmark").and_then(|value| value.text(reader));
    let scale = table.need(reader, "scale").and_then(|value| value.text(reader));
    let part = known_word(table.take("part").and_then(|value| value.text(reader)));
    let version = known_word(table.take("version").and_then(|value| value.text(reader)));
    table.finish(reader);
    Some(Benchmark { benchmark: benchmark?, part, scale: scale?, version })
}

fn read_goal(reader: &mut Reader, table: &mut Table<'_>, kind: Option<FieldKind>) -> Option<Goal> {
    const GOALS: &[(&str, &str)] = &[("max", "max"), ("min", "min"), ("order", "order")];
    let value = table.need(reader, "goal");
    let position = value.as_ref().map(|value| (value.at, value.path.clone()));
    let goal = value.and_then(|value| value.word(reader, GOALS));
    // An order that nobody can use stays untaken, and is reported as unknown.
    let order = if goal.is_none_or(|goal| goal == "order") { table.take("order") } else { None };
    let (goal, kind, (at, path)) = (goal?, kind?, position?);
    match (kind, goal) {
        (FieldKind::Number, "max") => Some(Goal::Max),
        (FieldKind::Number, "min") => Some(Goal::Min),
        (FieldKind::Codes(codes), "order") => {
            let Some(order) = order else {
                reader.note(table.at, &format!("{}.order", table.path), ProblemKind::Missing);
                return None;
            };
            let (at, path) = (order.at, order.path.clone());
            let order = read_codes(reader, order, codes)?;
            let missing: Vec<_> =
                codes.iter().copied().filter(|code| !order.iter().any(|given| given == code)).collect();
            if missing.is_empty() {
                return Some(Goal::Order(order));
            }
            reader.note(at, &path, ProblemKind::CodesMissing { codes: missing });
            None
        }
        (kind, _) => {
            let (field_is, allowed) = match kind {
                FieldKind::Number => ("number", vec!["max", "min"]),
                FieldKind::Codes(_) => ("codes", vec!["order"]),
            };
            reader.note(at, &path, ProblemKind::Misfit { field_is, allowed });
            None
        }
    }
}

/// `{ low = ..., high = ... }`.
fn read_interval(
    reader: &mut Reader,
    value: Value<'_>,
    min: f64,
    max: f64,
    may_be_point: bool,
) -> Option<Interval> {
    let mut table = value.table(reader)?;
    let low = table.need(reader, "low").and_then(|value| value.number_within(reader, min, max));
    let high = table.need(reader, "high").and_then(|value| value.number_within(reader, min, max));
    let (at, path) = (table.at, table.path.clone());
    table.finish(reader);
    let (low, high) = (low?, high?);
    // The width is divided by later, so it must be a number too.
    let in_order = if may_be_point { low <= high } else { low < high && (high - low).is_finite() };
    if !in_order {
        reader.note(at, &path, ProblemKind::Reversed);
        return None;
    }
    Some(Interval { low, high })
}

fn read_weight(reader: &mut Reader, table: &mut Table<'_>) -> Option<Weight> {
    match (table.take("rank"), table.take("weight")) {
        (None, None) => Some(Weight::Free),
        (Some(rank), None) => {
            rank.whole(reader, 1, CRITERIA_MAX as u64).map(|rank| Weight::Rank(rank as u32))
        }
        (None, Some(weight)) if weight.is_table() => {
            let (at, path) = (weight.at, weight.path.clone());
            let interval = read_interval(reader, weight, 0.0, 1.0, true)?;
            if interval.high < WEIGHT_MIN {
                reader.note(at, &path, ProblemKind::OutOfBounds { low: WEIGHT_MIN, high: 1.0 });
                return None;
            }
            Some(Weight::Between(interval))
        }
        (None, Some(weight)) => {
            let exact = weight.number_within(reader, WEIGHT_MIN, 1.0)?;
            Some(Weight::Between(Interval { low: exact, high: exact }))
        }
        (Some(_), Some(_)) => {
            let kind = ProblemKind::OneOfTwo { keys: ["rank", "weight"] };
            reader.note(table.at, &table.path, kind);
            None
        }
    }
}

/// One way of weighting for all, and one that can add up to 1.
fn check_weights(reader: &mut Reader, criteria: &[Criterion], positions: &[Position], written: usize) {
    let Some(first) = criteria.first() else { return };
    let way = std::mem::discriminant(&first.weight);
    let mut mixed = false;
    for (criterion, (at, path)) in criteria.iter().zip(positions) {
        if std::mem::discriminant(&criterion.weight) != way {
            reader.note(*at, path, ProblemKind::WeightsMixed);
            mixed = true;
        }
    }
    // A sum over a part of the criteria would say nothing.
    if mixed || criteria.len() != written || !matches!(first.weight, Weight::Between(_)) {
        return;
    }
    let (low_sum, high_sum) = super::bound_sums(criteria.iter().map(|criterion| criterion.weight));
    if low_sum > 1.0 + SUM_TOLERANCE || high_sum < 1.0 - SUM_TOLERANCE {
        reader.note(positions[0].0, "criterion", ProblemKind::WeightsInfeasible { low_sum, high_sum });
    }
}
