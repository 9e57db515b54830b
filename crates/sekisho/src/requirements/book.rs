//! The workbook of requirements: which sheets and columns there are, and writing it.
//!
//! A clerk sees words only; [`super::sheet`] finds the codes behind them, in whichever language the workbook is.

use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Note, Workbook,
    Worksheet, XlsxError,
};
use sekisho_base::Known;
use sekisho_catalog::plan::choose::{
    FIELDS, FieldKind, Requirements,
    requirements::{
        Axis, CONSTRAINTS_MAX, CRITERIA_MAX, Constraint, Criterion, Goal, Interval, Measure, Test, Weight,
    },
};

use crate::{
    memo::{code_name, field_name},
    words::Words,
};

pub(super) const BASICS: &str = "template-sheet-basics";
pub(super) const CONSTRAINTS: &str = "template-sheet-constraints";
pub(super) const CRITERIA: &str = "template-sheet-criteria";
const CHOICES: &str = "template-sheet-choices";

/// Rows of the first sheet.
pub(super) const BASIC_KEYS: &[&str] =
    &["title", "organisation", "date", "author", "fictional", "candidates", "count", "seed", "reason"];
/// Columns of the other two.
pub(super) const CONSTRAINT_KEYS: &[&str] = &["id", "axis", "field", "op", "value", "why"];
pub(super) const CRITERION_KEYS: &[&str] = &[
    "id",
    "axis",
    "field",
    "benchmark",
    "part",
    "scale",
    "version",
    "goal",
    "order",
    "low",
    "high",
    "rank",
    "weight-low",
    "weight-high",
    "why",
];

/// Closed lists that cells are picked from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Axis,
    Op,
    Goal,
    YesNo,
    Field,
}

impl Choice {
    const ALL: [Self; 5] = [Self::Axis, Self::Op, Self::Goal, Self::YesNo, Self::Field];

    /// Codes with their words.
    pub(super) fn list(self, words: &Words) -> Vec<(&'static str, String)> {
        let with = |codes: &[&'static str], prefix: &str| {
            let word =
                |code: &&'static str| (*code, words.t(&format!("{prefix}-{}", code.replace('_', "-"))));
            codes.iter().map(word).collect()
        };
        match self {
            Self::Axis => with(&["sovereignty", "performance", "cost", "control"], "choose-axis"),
            Self::Op => with(&["is", "any_of", "not", "at_least", "at_most"], "template-op"),
            Self::Goal => with(&["max", "min", "order"], "template-goal"),
            Self::YesNo => with(&["yes", "no"], "choose-code"),
            Self::Field => FIELDS.iter().map(|field| (field.name, field_name(words, field.name))).collect(),
        }
    }

    fn of_key(key: &str) -> Option<Self> {
        match key {
            "axis" => Some(Self::Axis),
            "op" => Some(Self::Op),
            "goal" => Some(Self::Goal),
            "fictional" => Some(Self::YesNo),
            "field" => Some(Self::Field),
            _ => None,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Axis => "choose-axis",
            Self::Op => "template-op",
            Self::Goal => "choose-goal",
            Self::YesNo => "template-fictional",
            Self::Field => "template-field",
        }
    }

    /// The word of a code.
    fn word(self, words: &Words, code: &str) -> String {
        let found = self.list(words).into_iter().find(|(known, _)| *known == code);
        found.map_or_else(|| code.to_owned(), |(_, word)| word)
    }
}

/// Locale key of a row or column title.
pub(super) fn title_key(key: &str) -> String {
    match key {
        "axis" | "goal" => format!("choose-{key}"),
        _ => format!("template-{key}"),
    }
}

struct Styles {
    head: Format,
    label: Format,
    example: Format,
    input: Format,
}

/// A workbook with what the requirements say, or an empty one with an example in every sheet.
pub(crate) fn workbook(words: &Words, filled: Option<&Requirements>) -> Result<Vec<u8>, XlsxError> {
    let cell = || Format::new().set_text_wrap().set_align(FormatAlign::Top).set_border(FormatBorder::Hair);
    let styles = Styles {
        head: cell().set_bold().set_background_color("#F1EDE4"),
        label: cell().set_background_color("#FAF8F3"),
        example: cell().set_italic().set_font_color("#5B5851").set_background_color("#FAF8F3"),
        input: cell(),
    };
    let mut book = Workbook::new();
    // Without a date of its own the same workbook would differ from one second to the next.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 4, 1)?));
    basics(book.add_worksheet(), words, &styles, filled)?;
    let rows = filled.map_or_else(Vec::new, |one| {
        one.constraints.iter().map(|constraint| constraint_row(words, constraint)).collect()
    });
    let example = example_constraint(words);
    let keys = CONSTRAINT_KEYS;
    entries(book.add_worksheet(), words, &styles, CONSTRAINTS, keys, example, rows, CONSTRAINTS_MAX)?;
    let rows = filled
        .map_or_else(Vec::new, |one| one.criteria.iter().map(|one| criterion_row(words, one)).collect());
    let example = example_criterion(words);
    entries(book.add_worksheet(), words, &styles, CRITERIA, CRITERION_KEYS, example, rows, CRITERIA_MAX)?;
    choices(book.add_worksheet(), words, &styles)?;
    book.save_to_buffer()
}

fn basics(
    sheet: &mut Worksheet,
    words: &Words,
    styles: &Styles,
    filled: Option<&Requirements>,
) -> Result<(), XlsxError> {
    sheet.set_name(words.t(BASICS))?;
    sheet.set_freeze_panes(1, 1)?;
    for (column, (key, width)) in
        [("key", 26.0), ("value", 48.0), ("help", 52.0), ("example", 32.0)].into_iter().enumerate()
    {
        let column = column as u16;
        sheet.set_column_width(column, width)?;
        sheet.write_with_format(0, column, words.t(&format!("template-basics-{key}")), &styles.head)?;
    }
    for (row, key) in BASIC_KEYS.iter().enumerate() {
        let row = row as u32 + 1;
        sheet.write_with_format(row, 0, words.t(&title_key(key)), &styles.label)?;
        sheet.write_with_format(
            row,
            1,
            filled.map(|one| basic(words, one, key)).unwrap_or_default(),
            &styles.input,
        )?;
        sheet.write_with_format(row, 2, words.t(&format!("template-{key}-help")), &styles.label)?;
        let example = match *key {
            "date" => "2026-04-01".to_owned(),
            "fictional" => Choice::YesNo.word(words, "no"),
            "title" | "organisation" | "author" => words.t(&format!("template-{key}-example")),
            _ => String::new(),
        };
        sheet.write_with_format(row, 3, example, &styles.example)?;
        if let Some(choice) = Choice::of_key(key) {
            sheet.add_data_validation(row, 1, row, 1, &validation(words, choice))?;
        }
    }
    Ok(())
}

/// Texts throughout: a date stays as it is typed, and a seed keeps all its digits.
fn basic(words: &Words, filled: &Requirements, key: &str) -> String {
    match key {
        "title" => filled.title.clone(),
        "organisation" => filled.organisation.clone(),
        "date" => filled.date.clone(),
        "author" => filled.author.clone(),
        "fictional" => Choice::YesNo.word(words, if filled.fictional { "yes" } else { "no" }),
        "candidates" => filled.candidates.as_ref().map(|ids| ids.join("、")).unwrap_or_default(),
        "count" => filled.draws.to_string(),
        "seed" => filled.seed.to_string(),
        _ => filled.single_benchmark_reason.clone().unwrap_or_default(),
    }
}

/// What stands in a cell.
enum Cell {
    Text(String),
    Number(f64),
    Empty,
}

#[expect(clippy::too_many_arguments, reason = "two callers, and each argument is a part of the sheet")]
fn entries(
    sheet: &mut Worksheet,
    words: &Words,
    styles: &Styles,
    name: &str,
    keys: &[&str],
    example: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
    rows_max: usize,
) -> Result<(), XlsxError> {
    sheet.set_name(words.t(name))?;
    sheet.set_freeze_panes(1, 1)?;
    for (column, key) in keys.iter().enumerate() {
        let column = column as u16;
        let width = match *key {
            "why" | "value" | "order" => 40.0,
            "axis" | "field" | "id" | "benchmark" => 24.0,
            _ => 16.0,
        };
        sheet.set_column_width(column, width)?;
        sheet.write_with_format(0, column, words.t(&title_key(key)), &styles.head)?;
        let help =
            Note::new(words.t(&format!("template-{key}-help"))).add_author_prefix(false).set_width(280);
        sheet.insert_note(0, column, &help)?;
        if let Some(choice) = Choice::of_key(key) {
            sheet.add_data_validation(1, column, rows_max as u32 + 1, column, &validation(words, choice))?;
        }
    }
    write_row(sheet, 1, example, &styles.example)?;
    for (row, cells) in rows.into_iter().enumerate() {
        write_row(sheet, row as u32 + 2, cells, &styles.input)?;
    }
    Ok(())
}

fn write_row(sheet: &mut Worksheet, row: u32, cells: Vec<Cell>, format: &Format) -> Result<(), XlsxError> {
    for (column, cell) in cells.into_iter().enumerate() {
        let column = column as u16;
        match cell {
            Cell::Text(text) => sheet.write_string_with_format(row, column, text, format)?,
            Cell::Number(number) => sheet.write_number_with_format(row, column, number, format)?,
            Cell::Empty => sheet.write_blank(row, column, format)?,
        };
    }
    Ok(())
}

fn example_constraint(words: &Words) -> Vec<Cell> {
    let codes = ["open_weights", "on_prem"].map(|code| code_name(words, "access", code));
    vec![
        Cell::Text(format!("{}runs-inside", words.t("template-example-mark"))),
        Cell::Text(Choice::Axis.word(words, "sovereignty")),
        Cell::Text(Choice::Field.word(words, "access")),
        Cell::Text(Choice::Op.word(words, "any_of")),
        Cell::Text(codes.join("、")),
        Cell::Text(words.t("template-example-constraint-why")),
    ]
}

fn example_criterion(words: &Words) -> Vec<Cell> {
    let mut cells: Vec<Cell> = CRITERION_KEYS.iter().map(|_| Cell::Empty).collect();
    let mut set = |key: &str, cell: Cell| {
        if let Some(at) = CRITERION_KEYS.iter().position(|known| *known == key) {
            cells[at] = cell;
        }
    };
    set("id", Cell::Text(format!("{}long-documents", words.t("template-example-mark"))));
    set("axis", Cell::Text(Choice::Axis.word(words, "performance")));
    set("field", Cell::Text(Choice::Field.word(words, "context")));
    set("goal", Cell::Text(Choice::Goal.word(words, "max")));
    set("low", Cell::Number(0.0));
    set("high", Cell::Number(32768.0));
    set("rank", Cell::Number(1.0));
    set("why", Cell::Text(words.t("template-example-criterion-why")));
    cells
}

fn axis(words: &Words, axis: Axis) -> Cell {
    let code = match axis {
        Axis::Sovereignty => "sovereignty",
        Axis::Performance => "performance",
        Axis::Cost => "cost",
        Axis::Control => "control",
    };
    Cell::Text(Choice::Axis.word(words, code))
}

fn codes(words: &Words, field: &str, codes: &[String]) -> Cell {
    let named: Vec<_> = codes.iter().map(|code| code_name(words, field, code)).collect();
    Cell::Text(named.join("、"))
}

fn constraint_row(words: &Words, constraint: &Constraint) -> Vec<Cell> {
    let field = &constraint.field;
    let (op, value) = match &constraint.test {
        Test::Is(code) => ("is", codes(words, field, std::slice::from_ref(code))),
        Test::AnyOf(given) => ("any_of", codes(words, field, given)),
        Test::Not(given) => ("not", codes(words, field, given)),
        Test::AtLeast(bound) => ("at_least", Cell::Number(*bound)),
        Test::AtMost(bound) => ("at_most", Cell::Number(*bound)),
    };
    vec![
        Cell::Text(constraint.id.clone()),
        axis(words, constraint.axis),
        Cell::Text(Choice::Field.word(words, field)),
        Cell::Text(Choice::Op.word(words, op)),
        value,
        Cell::Text(constraint.why.clone()),
    ]
}

fn criterion_row(words: &Words, criterion: &Criterion) -> Vec<Cell> {
    let known = |word: &Known<String>| word.clone().value().map_or(Cell::Empty, Cell::Text);
    let (field, benchmark) = match &criterion.measure {
        Measure::Field(field) => (Some(field), None),
        Measure::Benchmark(benchmark) => (None, Some(benchmark)),
    };
    let (goal, order) = match &criterion.goal {
        Goal::Max => ("max", Cell::Empty),
        Goal::Min => ("min", Cell::Empty),
        Goal::Order(order) => ("order", codes(words, field.map_or("", String::as_str), order)),
    };
    let ends = |interval: Option<Interval>| match interval {
        Some(Interval { low, high }) => (Cell::Number(low), Cell::Number(high)),
        None => (Cell::Empty, Cell::Empty),
    };
    let (low, high) = ends(criterion.range);
    let (rank, between) = match criterion.weight {
        Weight::Free => (Cell::Empty, None),
        Weight::Rank(rank) => (Cell::Number(f64::from(rank)), None),
        Weight::Between(interval) => (Cell::Empty, Some(interval)),
    };
    let (weight_low, weight_high) = ends(between);
    vec![
        Cell::Text(criterion.id.clone()),
        axis(words, criterion.axis),
        field.map_or(Cell::Empty, |field| Cell::Text(Choice::Field.word(words, field))),
        benchmark.map_or(Cell::Empty, |one| Cell::Text(one.benchmark.clone())),
        benchmark.map_or(Cell::Empty, |one| known(&one.part)),
        benchmark.map_or(Cell::Empty, |one| Cell::Text(one.scale.clone())),
        benchmark.map_or(Cell::Empty, |one| known(&one.version)),
        Cell::Text(Choice::Goal.word(words, goal)),
        order,
        low,
        high,
        rank,
        weight_low,
        weight_high,
        Cell::Text(criterion.why.clone()),
    ]
}

/// A list in a cell holds 255 characters at most, so lists stand on a sheet.
fn validation(words: &Words, choice: Choice) -> DataValidation {
    let column = Choice::ALL.iter().position(|known| *known == choice).unwrap_or(0);
    let letter = super::sheet::letters(column as u32 * 2);
    let last = choice.list(words).len() + 1;
    let list = format!("='{}'!${letter}$2:${letter}${last}", words.t(CHOICES));
    DataValidation::new().allow_list_formula(Formula::new(list))
}

/// Every list as a pair of columns, words and codes; behind them the codes of each field.
fn choices(sheet: &mut Worksheet, words: &Words, styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_name(words.t(CHOICES))?;
    sheet.set_freeze_panes(1, 0)?;
    for (index, choice) in Choice::ALL.into_iter().enumerate() {
        let column = index as u16 * 2;
        sheet.set_column_width(column, 26)?;
        sheet.set_column_width(column + 1, 26)?;
        sheet.write_with_format(0, column, words.t(choice.title()), &styles.head)?;
        sheet.write_with_format(0, column + 1, words.t("template-choice-code"), &styles.head)?;
        for (row, (code, word)) in choice.list(words).into_iter().enumerate() {
            sheet.write_with_format(row as u32 + 1, column, word, &styles.label)?;
            sheet.write_with_format(row as u32 + 1, column + 1, code, &styles.label)?;
        }
    }
    let column = Choice::ALL.len() as u16 * 2;
    sheet.set_column_width(column, 70)?;
    sheet.write_with_format(0, column, words.t("template-choice-of"), &styles.head)?;
    for (row, field) in FIELDS.iter().enumerate() {
        let usable = match field.kind {
            FieldKind::Number => words.t("template-choice-kind-number"),
            FieldKind::Codes(codes) => {
                let named: Vec<_> = codes.iter().map(|code| code_name(words, field.name, code)).collect();
                named.join("、")
            }
        };
        sheet.write_with_format(row as u32 + 1, column, usable, &styles.label)?;
    }
    Ok(())
}
