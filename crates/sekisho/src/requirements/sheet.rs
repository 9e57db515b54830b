//! Reading a workbook of requirements, cell by cell, into TOML that remembers where each line came from.
//!
//! So there is one reader of requirements, and its problems can be told by sheet and cell. A workbook is hostile until
//! read: it has limits on bytes, rows, text, and on what it unpacks to.

use std::{collections::BTreeMap, io::Cursor};

use calamine::{DataRef, Reader, Xlsx};
use sekisho_catalog::plan::choose::{Field, FieldKind};
use sekisho_text::{fold, numeral};

use super::book::{
    BASIC_KEYS, BASICS, CONSTRAINT_KEYS, CONSTRAINTS, CRITERIA, CRITERION_KEYS, Choice, title_key,
};
use crate::{
    memo::code_name,
    words::{Lang, Words},
};

/// Rows of one sheet that may hold something.
const ROWS_MAX: u32 = 1_000;
/// Columns that are looked at.
const COLUMNS_MAX: u32 = 64;
/// Characters of one cell.
const CELL_CHARS_MAX: usize = 4_000;
/// Bytes of all cells of one sheet together.
const SHEET_BYTES_MAX: usize = 256 * 1024;
/// Bytes that the parts of the archive say they unpack to.
const UNPACKED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A workbook as TOML.
#[derive(Debug)]
pub(super) struct Sheets {
    pub(super) toml: String,
    /// Sheet and cell of each line.
    places: Vec<(String, String)>,
    /// Sheet and cell of each key, empty cells included.
    keys: BTreeMap<String, (String, String)>,
}

impl Sheets {
    /// Sheet and cell that a line, counted from 1, came from.
    pub(super) fn place(&self, line: usize) -> (String, String) {
        let last = self.places.len().saturating_sub(1);
        self.places.get(line.saturating_sub(1).min(last)).cloned().unwrap_or_default()
    }

    /// Sheet and cell of a key, which may be missing; else those of the line.
    pub(super) fn place_of(&self, path: &str, line: usize) -> (String, String) {
        self.keys.get(path).cloned().unwrap_or_else(|| self.place(line))
    }

    fn push(&mut self, line: &str, sheet: &str, cell: &str) {
        self.toml.push_str(line);
        self.toml.push('\n');
        self.places.push((sheet.to_owned(), cell.to_owned()));
    }
}

/// Why a workbook cannot be read at all.
#[derive(Debug)]
pub(super) enum Error {
    NotABook(String),
    NoSheet(&'static str),
    TooManyRows(String),
    TooLongCell(String, String),
    Expands(u64),
}

impl Error {
    pub(super) fn worded(&self, words: &Words) -> String {
        let say = |key: &str, args: &[(&str, String)]| {
            let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
            words.f(key, &args)
        };
        match self {
            Self::NotABook(cause) => format!("{} ({cause})", words.t("choose-bad-book")),
            Self::NoSheet(key) => say("choose-book-no-sheet", &[("sheet", words.t(key))]),
            Self::TooManyRows(sheet) => {
                say("choose-book-too-many-rows", &[("sheet", sheet.clone()), ("max", ROWS_MAX.to_string())])
            }
            Self::TooLongCell(sheet, cell) => say(
                "choose-book-too-long-cell",
                &[("sheet", sheet.clone()), ("cell", cell.clone()), ("max", CELL_CHARS_MAX.to_string())],
            ),
            Self::Expands(max) => say("choose-book-expands", &[("max", max.to_string())]),
        }
    }
}

/// Reads a workbook in either language.
pub(super) fn read(bytes: &[u8]) -> Result<Sheets, Error> {
    check_unpacked(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| Error::NotABook(error.to_string()))?;
    let languages = [Words::new(Lang::Ja), Words::new(Lang::En)];
    let basics = Sheet::read(&mut book, &languages, BASICS)?;
    let constraints = Sheet::read(&mut book, &languages, CONSTRAINTS)?;
    let criteria = Sheet::read(&mut book, &languages, CRITERIA)?;
    let mut sheets = Sheets { toml: String::new(), places: Vec::new(), keys: BTreeMap::new() };
    write_basics(&mut sheets, &basics, &languages);
    sheets.keys.insert("criterion".to_owned(), (criteria.name.clone(), "A3".to_owned()));
    for row in constraints.rows(&languages, "constraint", CONSTRAINT_KEYS) {
        write_constraint(&mut sheets, &row, &languages);
    }
    for row in criteria.rows(&languages, "criterion", CRITERION_KEYS) {
        write_criterion(&mut sheets, &row, &languages);
    }
    Ok(sheets)
}

/// Adds up the sizes in the central directory of the archive, before anything is unpacked. The reader of the archive
/// stops where a part turns out longer than it says, so the sum holds.
fn check_unpacked(bytes: &[u8]) -> Result<(), Error> {
    // Signature of an entry; the size when unpacked is the little-endian number at byte 24.
    const ENTRY: &[u8] = b"PK\x01\x02";
    let sizes = bytes.windows(28).filter(|window| window.starts_with(ENTRY));
    let sum: u64 =
        sizes.map(|entry| u64::from(u32::from_le_bytes([entry[24], entry[25], entry[26], entry[27]]))).sum();
    if sum > UNPACKED_BYTES_MAX { Err(Error::Expands(UNPACKED_BYTES_MAX)) } else { Ok(()) }
}

#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Text(String),
    Number(f64),
    Flag(bool),
    /// Year, month, day.
    Date(u16, u8, u8),
}

struct Sheet {
    name: String,
    cells: BTreeMap<(u32, u32), Cell>,
}

impl Sheet {
    fn read(book: &mut Xlsx<Cursor<&[u8]>>, languages: &[Words], key: &'static str) -> Result<Self, Error> {
        let wanted: Vec<_> = languages.iter().map(|words| fold::key(&words.t(key))).collect();
        let names = book.sheet_names();
        let name = names.into_iter().find(|name| wanted.contains(&fold::key(name)));
        let name = name.ok_or(Error::NoSheet(key))?;
        let not_a_book = |error: calamine::XlsxError| Error::NotABook(error.to_string());
        let mut reader = book.worksheet_cells_reader(&name).map_err(not_a_book)?;
        let (mut cells, mut bytes) = (BTreeMap::new(), 0);
        while let Some(found) = reader.next_cell().map_err(not_a_book)? {
            let (row, column) = found.get_position();
            let Some(cell) = read_cell(found.get_value()) else { continue };
            if row >= ROWS_MAX {
                return Err(Error::TooManyRows(name));
            }
            if column >= COLUMNS_MAX {
                continue;
            }
            if let Cell::Text(text) = &cell {
                bytes += text.len();
                if text.chars().count() > CELL_CHARS_MAX {
                    return Err(Error::TooLongCell(name, reference(row, column)));
                }
                if bytes > SHEET_BYTES_MAX {
                    return Err(Error::Expands(SHEET_BYTES_MAX as u64));
                }
            }
            cells.insert((row, column), cell);
        }
        Ok(Self { name, cells })
    }

    /// Rows below the titles that hold something, and are no example.
    fn rows<'s>(&'s self, languages: &[Words], table: &str, keys: &[&'static str]) -> Vec<Row<'s>> {
        let mut columns = BTreeMap::new();
        for (&(_, column), cell) in self.cells.range((0, 0)..(1, 0)) {
            let Cell::Text(title) = cell else { continue };
            let names = |key: &&&'static str| {
                languages.iter().any(|words| fold::key(&words.t(&title_key(key))) == fold::key(title))
            };
            if let Some(key) = keys.iter().find(names) {
                columns.entry(*key).or_insert(column);
            }
        }
        let marks: Vec<_> =
            languages.iter().map(|words| fold::key(&words.t("template-example-mark"))).collect();
        let mut numbers: Vec<u32> = self.cells.keys().map(|(row, _)| *row).filter(|row| *row > 0).collect();
        numbers.dedup();
        let rows = numbers.into_iter().map(|row| Row {
            sheet: self,
            columns: columns.clone(),
            number: row,
            path: String::new(),
        });
        let read = rows.filter(|row| match row.cell("id") {
            Some(Cell::Text(id)) => !marks.iter().any(|mark| fold::key(id).starts_with(mark)),
            Some(_) => true,
            None => row.columns.keys().any(|key| row.cell(key).is_some()),
        });
        let numbered = read.enumerate();
        numbered.map(|(index, row)| Row { path: format!("{table}[{}]", index + 1), ..row }).collect()
    }
}

fn read_cell(value: &DataRef<'_>) -> Option<Cell> {
    let text = |text: &str| {
        Some(text.trim()).filter(|text| !text.is_empty()).map(|text| Cell::Text(text.to_owned()))
    };
    match value {
        DataRef::Int(number) => Some(Cell::Number(*number as f64)),
        DataRef::Float(number) => Some(Cell::Number(*number)),
        DataRef::String(own) => text(own),
        DataRef::SharedString(shared) => text(shared),
        DataRef::Bool(flag) => Some(Cell::Flag(*flag)),
        DataRef::DateTime(date) if date.is_datetime() => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            Some(Cell::Date(year, month, day))
        }
        DataRef::DateTime(number) => Some(Cell::Number(number.as_f64())),
        DataRef::DateTimeIso(iso) | DataRef::DurationIso(iso) => text(iso),
        DataRef::Error(error) => text(&error.to_string()),
        DataRef::Empty => None,
    }
}

/// One row of a sheet, by the keys of its columns.
struct Row<'s> {
    sheet: &'s Sheet,
    columns: BTreeMap<&'static str, u32>,
    number: u32,
    /// As the reader of requirements names it: `criterion[2]`.
    path: String,
}

impl Row<'_> {
    fn cell(&self, key: &str) -> Option<&Cell> {
        self.columns.get(key).and_then(|column| self.sheet.cells.get(&(self.number, *column)))
    }

    fn text(&self, key: &str) -> Option<String> {
        self.cell(key).map(shown)
    }

    fn place(&self, key: &str) -> String {
        reference(self.number, self.columns.get(key).copied().unwrap_or(0))
    }

    fn push(&self, sheets: &mut Sheets, key: &str, line: &str) {
        sheets.push(line, &self.sheet.name, &self.place(key));
    }

    /// `name = value` of one cell, where it holds something.
    fn put(&self, sheets: &mut Sheets, key: &str, name: &str, value: impl Fn(&Cell) -> String) {
        let place = (self.sheet.name.clone(), self.place(key));
        sheets.keys.insert(format!("{}.{name}", self.path), place);
        if let Some(cell) = self.cell(key) {
            self.push(sheets, key, &format!("{name} = {}", value(cell)));
        }
    }
}

fn write_basics(sheets: &mut Sheets, basics: &Sheet, languages: &[Words]) {
    let named = |title: &str, key: &str| {
        languages.iter().any(|words| fold::key(&words.t(&title_key(key))) == fold::key(title))
    };
    let mut found = BTreeMap::new();
    for (&(row, column), cell) in basics.cells.range((1, 0)..) {
        if let (0, Cell::Text(title)) = (column, cell)
            && let Some(key) = BASIC_KEYS.iter().find(|key| named(title, key))
        {
            let place = (basics.name.clone(), reference(row, 1));
            sheets.keys.entry((*key).to_owned()).or_insert(place);
            if let Some(value) = basics.cells.get(&(row, 1)) {
                found.entry(*key).or_insert((reference(row, 1), value));
            }
        }
    }
    sheets.push("version = 1", &basics.name, "A1");
    let mut put = |key: &str, name: &str, value: &dyn Fn(&Cell) -> String| {
        if let Some((place, cell)) = found.get(key) {
            sheets.push(&format!("{name} = {}", value(cell)), &basics.name, place);
        }
    };
    let text = |cell: &Cell| quoted(&shown(cell));
    put("title", "title", &text);
    put("organisation", "organisation", &text);
    put("date", "date", &date);
    put("author", "author", &text);
    put("fictional", "fictional", &|cell| flag(cell, languages));
    put("candidates", "candidates", &|cell| list(&split(&shown(cell))));
    put("reason", "single_benchmark.allow", &|_| "true".to_owned());
    put("reason", "single_benchmark.reason", &text);
    put("count", "draws.count", &whole);
    put("seed", "draws.seed", &whole);
}

fn write_constraint(sheets: &mut Sheets, row: &Row<'_>, languages: &[Words]) {
    row.push(sheets, "id", "[[constraint]]");
    let text = |cell: &Cell| quoted(&shown(cell));
    let op = row.text("op").map(|op| code_of(&op, Choice::Op, languages));
    row.put(sheets, "id", "id", text);
    row.put(sheets, "axis", "axis", |cell| quoted(&code_of(&shown(cell), Choice::Axis, languages)));
    let field = row.text("field").map(|field| code_of(&field, Choice::Field, languages));
    row.put(sheets, "field", "field", |_| quoted(field.as_deref().unwrap_or_default()));
    row.put(sheets, "op", "op", |_| quoted(op.as_deref().unwrap_or_default()));
    let is_number = matches!(op.as_deref(), Some("at_least" | "at_most"));
    if let (Some(cell), false) = (row.cell("value"), is_number) {
        let field = field.as_deref().unwrap_or_default();
        let codes: Vec<_> =
            split(&shown(cell)).iter().map(|word| field_code(word, field, languages)).collect();
        let is_list = op.as_deref() == Some("any_of") || codes.len() > 1;
        let line = match &codes[..] {
            [code] if !is_list => format!("value = {}", quoted(code)),
            _ => format!("values = {}", list(&codes)),
        };
        row.push(sheets, "value", &line);
    } else {
        row.put(sheets, "value", "value", number);
    }
    row.put(sheets, "why", "why", text);
}

fn write_criterion(sheets: &mut Sheets, row: &Row<'_>, languages: &[Words]) {
    row.push(sheets, "id", "[[criterion]]");
    let text = |cell: &Cell| quoted(&shown(cell));
    row.put(sheets, "id", "id", text);
    row.put(sheets, "axis", "axis", |cell| quoted(&code_of(&shown(cell), Choice::Axis, languages)));
    let field = row.text("field").map(|field| code_of(&field, Choice::Field, languages));
    row.put(sheets, "field", "field", |_| quoted(field.as_deref().unwrap_or_default()));
    row.put(sheets, "goal", "goal", |cell| quoted(&code_of(&shown(cell), Choice::Goal, languages)));
    row.put(sheets, "order", "order", |cell| {
        let field = field.as_deref().unwrap_or_default();
        let words = split(&shown(cell).replace('>', "、"));
        list(&words.iter().map(|word| field_code(word, field, languages)).collect::<Vec<_>>())
    });
    row.put(sheets, "rank", "rank", whole);
    row.put(sheets, "why", "why", text);
    let keys = ["benchmark", "part", "scale", "version"];
    if keys.iter().any(|key| row.cell(key).is_some()) {
        for key in keys {
            row.put(sheets, key, &format!("benchmark.{key}"), text);
        }
    }
    for (key, name) in [
        ("low", "range.low"),
        ("high", "range.high"),
        ("weight-low", "weight.low"),
        ("weight-high", "weight.high"),
    ] {
        row.put(sheets, key, name, number);
    }
}

/// The cell as a person typed it.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => format!("{number}"),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Date(year, month, day) => format!("{year:04}-{month:02}-{day:02}"),
    }
}

/// A TOML number, also from `３２，７６８` or `3万2768`; what is none stays text, and is reported as such.
fn number(cell: &Cell) -> String {
    let found = match cell {
        Cell::Number(number) => Some(*number),
        Cell::Text(text) => numeral::parse_quantity(text).ok().or_else(|| text.parse().ok()),
        Cell::Flag(_) | Cell::Date(..) => None,
    };
    // Beyond 2^53 a float has no digits of its own behind the point, and written as an integer would claim too much.
    match found.filter(|number| number.is_finite()) {
        Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => format!("{number:.0}"),
        Some(number) => format!("{number:?}"),
        None => quoted(&shown(cell)),
    }
}

/// Digits as they stand: a seed may have more of them than a float can hold.
fn whole(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.parse::<u64>().map_or_else(|_| number(cell), |whole| whole.to_string()),
        _ => number(cell),
    }
}

/// `2026-04-01`, `2026/4/1` or `2026年4月1日`.
fn date(cell: &Cell) -> String {
    let half_width = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    let text: String = shown(cell).chars().map(half_width).collect();
    let parts: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            format!("{year}-{month:0>2}-{day:0>2}")
        }
        _ => quoted(&shown(cell)),
    }
}

fn flag(cell: &Cell, languages: &[Words]) -> String {
    let Cell::Text(text) = cell else { return shown(cell) };
    match code_of(text, Choice::YesNo, languages).as_str() {
        "yes" => "true".to_owned(),
        "no" => "false".to_owned(),
        _ => quoted(text),
    }
}

fn split(text: &str) -> Vec<String> {
    let parts = text.split(['、', ',', '，', '\n', '\r']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The code behind a word of either language; a word that is none stays, and is reported as such.
fn code_of(word: &str, choice: Choice, languages: &[Words]) -> String {
    let key = fold::key(word);
    let lists = languages.iter().flat_map(|words| choice.list(words));
    let found = lists.into_iter().find(|(code, name)| *code == word || fold::key(name) == key);
    found.map_or_else(|| word.to_owned(), |(code, _)| code.to_owned())
}

fn field_code(word: &str, field: &str, languages: &[Words]) -> String {
    let key = fold::key(word);
    let Some(FieldKind::Codes(codes)) = Field::named(field).map(|field| field.kind) else {
        return word.to_owned();
    };
    let means = |code: &&&str| {
        **code == word || languages.iter().any(|words| fold::key(&code_name(words, field, code)) == key)
    };
    codes.iter().find(means).map_or_else(|| word.to_owned(), |code| (*code).to_owned())
}

fn list(texts: &[String]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A TOML text on one line, so that lines keep their places.
fn quoted(text: &str) -> String {
    let mut line = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => line.extend(['\\', c]),
            c if c.is_control() => line.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => line.push(c),
        }
    }
    line.push('"');
    line
}

/// `B5`.
fn reference(row: u32, column: u32) -> String {
    format!("{}{}", letters(column), row + 1)
}

/// Name of a column, counted from 0.
pub(super) fn letters(column: u32) -> String {
    let letter = |index: u32| char::from(b'A' + (index % 26) as u8);
    if column < 26 {
        return letter(column).to_string();
    }
    format!("{}{}", letters(column / 26 - 1), letter(column))
}

#[cfg(test)]
mod tests;
