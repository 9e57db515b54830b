//! The first line of a table, and what it says of the columns.

use sekisho_text::normal::Normal;

use super::{COLUMNS_MAX, Heading, LINE_BYTES_MAX};
use crate::{
    Kind,
    pii::data::{head_key, tables},
};

/// A head has cells of a few words.
const HEAD_CELL_CHARS_MAX: usize = 24;
/// More digits in a row make a cell a value.
const HEAD_DIGITS_MAX: usize = 3;
const DELIMITERS: [char; 4] = ['\t', '|', ',', ';'];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) layout: Layout,
    columns: Vec<Column>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    heading: Heading,
    /// Where the cell begins, in columns of a terminal.
    width: usize,
    part: Part,
    /// ID, and nothing else.
    is_id: bool,
}

/// 記号 and 番号 beside each other are the two parts of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    Symbol,
    Number,
    /// 記号・番号 in one cell.
    Both,
}

impl Part {
    fn of(cell: &str) -> Self {
        match key_of(cell).as_str() {
            "記号" | "kigo" | "kigou" => Self::Symbol,
            "番号" | "bango" | "bangou" => Self::Number,
            "記号・番号" | "記号番号" | "記号/番号" => Self::Both,
            _ => Self::None,
        }
    }
}

/// How cells are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// By a character.
    Delimited(char),
    /// By one space: counted.
    Spaced,
    /// By wide gaps: a cell stands under the head that begins above it.
    Aligned,
    /// There is one column.
    Alone,
}

impl Head {
    /// Reads a line as a head.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end_matches(['\r', ' ', '\u{3000}']);
        if line.is_empty() || line.len() > LINE_BYTES_MAX {
            return None;
        }
        let layout = Layout::of(line);
        let cells = cells_of(line, layout);
        if cells.len() > COLUMNS_MAX {
            return None;
        }
        let mut known = 0;
        let mut columns = Vec::with_capacity(cells.len());
        for (width, cell) in cells {
            if is_value(cell) {
                return None;
            }
            let word = Word::of(cell, layout == Layout::Alone);
            known += usize::from(word != Word::Unknown);
            let is_id = key_of(cell) == "id";
            columns.push(Column { heading: word.heading(), width, part: Part::of(cell), is_id });
        }
        name_symbols(line, &mut columns);
        name_ids(line, &mut columns);
        let named = columns.iter().filter(|column| column.heading.kind().is_some()).count();
        let enough = match layout {
            // Under a lone 氏名 or 住所 anything may follow; a number must still have its form.
            Layout::Alone => {
                named == 1 && !matches!(columns[0].heading, Heading::Of(Kind::Person | Kind::Address))
            }
            // 氏名,山田太郎 is a pair and no head: one known word among two is not enough.
            Layout::Delimited(_) | Layout::Aligned => named > 0 && (known >= 2 || columns.len() >= 3),
            // Words apart may be prose.
            Layout::Spaced => named > 0 && known >= 2,
        };
        enough.then_some(Self { layout, columns })
    }

    pub(super) fn column(&self, cell: usize, width: usize) -> Heading {
        let column = match self.layout {
            Layout::Alone => self.columns.first(),
            Layout::Delimited(_) | Layout::Spaced => self.columns.get(cell),
            // A number set flush right may begin a little before its head.
            Layout::Aligned => self.columns.iter().rev().find(|column| column.width <= width + 2),
        };
        column.map_or(Heading::None, |column| column.heading)
    }
}

/// Columns 記号 and 番号 hold an account where the line speaks of banks, and an insurance card elsewhere.
fn name_symbols(line: &str, columns: &mut [Column]) {
    let has = |part: Part| columns.iter().any(|column| column.part == part);
    if !has(Part::Both) && (!has(Part::Symbol) || !has(Part::Number)) {
        return;
    }
    let is_bank = ["口座", "通帳", "銀行", "ゆうちょ", "金融機関"].iter().any(|word| line.contains(word));
    let kind = if is_bank { Kind::BankAccount } else { Kind::HealthInsurance };
    for column in columns.iter_mut().filter(|column| column.part != Part::None) {
        column.heading = Heading::Of(kind);
    }
}

/// A column ID holds patients where the line speaks of wards, and staff where it speaks of offices.
fn name_ids(line: &str, columns: &mut [Column]) {
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    let kind = if has(&["病室", "病棟", "主治医", "患者", "診療科", "病名", "ベッド", "診察"])
    {
        Kind::PatientId
    } else if has(&["部署", "所属", "役職", "入社", "職位", "課名"]) {
        Kind::EmployeeId
    } else {
        return;
    };
    for column in columns.iter_mut().filter(|column| column.is_id) {
        column.heading = Heading::Of(kind);
    }
}

impl Layout {
    fn of(line: &str) -> Self {
        let delimiter = DELIMITERS.into_iter().find(|it| line.contains(|letter| is_delimiter(letter, *it)));
        if let Some(delimiter) = delimiter {
            return Self::Delimited(delimiter);
        }
        let (mut widest, mut gap) = (0, 0);
        for letter in line.trim_start().chars() {
            gap = if is_space(letter) { gap + width_of(letter) } else { 0 };
            widest = widest.max(gap);
        }
        match widest {
            0 => Self::Alone,
            // One full-width space is one space.
            1 => Self::Spaced,
            2 if !line.contains("  ") => Self::Spaced,
            _ => Self::Aligned,
        }
    }
}

/// The cells of a line, each with where it begins. Quotation marks are left to `kind_of`: a head with a delimiter inside
/// quotation marks is no head that we know.
fn cells_of(line: &str, layout: Layout) -> Vec<(usize, &str)> {
    let mut cells = Vec::new();
    let (mut start, mut start_width, mut width) = (0, 0, 0);
    for (at, letter) in line.char_indices() {
        let ends = match layout {
            Layout::Delimited(delimiter) => is_delimiter(letter, delimiter),
            Layout::Spaced | Layout::Aligned => is_space(letter),
            Layout::Alone => false,
        };
        let next_width = width + width_of(letter);
        if ends {
            let keeps = matches!(layout, Layout::Delimited(_)) || at > start;
            if keeps {
                cells.push((start_width, &line[start..at]));
            }
            (start, start_width) = (at + letter.len_utf8(), next_width);
        }
        width = next_width;
    }
    cells.push((start_width, &line[start..]));
    cells
}

/// What a cell says as a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Unknown,
    /// A head that names no personal data.
    Plain,
    /// A number of whatever the text speaks of.
    Number,
    Kind(Kind),
}

/// A cell in the form in which heads are compared.
fn key_of(cell: &str) -> String {
    let key = head_key(Normal::of(cell.trim()).text());
    key.trim_matches(|letter: char| "*_`\"'【】[]■□●○◆◇▼※:#・<>《》〈〉-".contains(letter)).to_owned()
}

impl Word {
    fn of(cell: &str, exactly: bool) -> Self {
        let cell = cell.trim();
        if cell.is_empty() || cell.chars().count() > HEAD_CELL_CHARS_MAX {
            return Self::Unknown;
        }
        let key = key_of(cell);
        let key = key.as_str();
        // 個人番号(12桁), 電話番号1, 本人の生年月日.
        let bare = key.split_once('(').map_or(key, |parts| parts.0);
        let bare = bare.trim_end_matches(|letter: char| letter.is_ascii_digit());
        // 旅券/在留カード: the form of the value says which.
        let first = key.split_once('/').map_or(key, |parts| parts.0);
        let whole = Self::known(key).or_else(|| Self::known(bare)).or_else(|| Self::known(first));
        if exactly || whole.is_some() {
            return whole.unwrap_or(Self::Unknown);
        }
        // The longest known ending; a Latin word is no ending of another.
        let endings = bare.char_indices().skip(1).map(|(at, _)| &bare[at..]);
        endings
            .filter(|ending| ending.len() >= 6 && !ending.starts_with(|letter: char| letter.is_ascii()))
            .find_map(Self::known)
            .unwrap_or(Self::Unknown)
    }

    fn known(key: &str) -> Option<Self> {
        if matches!(key, "番号" | "no" | "no." | "id" | "コード" | "ナンバー" | "code" | "number") {
            return Some(Self::Number);
        }
        tables().heads.get(key).map(|kind| kind.map_or(Self::Plain, Self::Kind))
    }

    fn heading(self) -> Heading {
        match self {
            Self::Unknown => Heading::None,
            Self::Plain => Heading::Plain,
            Self::Number => Heading::Number,
            Self::Kind(kind) => Heading::Of(kind),
        }
    }
}

fn is_value(cell: &str) -> bool {
    let mut run = 0;
    cell.chars().any(|letter| {
        run = if letter.is_ascii_digit() || ('０'..='９').contains(&letter) { run + 1 } else { 0 };
        run > HEAD_DIGITS_MAX || matches!(letter, '@' | '＠')
    })
}

/// Whether a line only draws: `|---|:--|` or `├──┼──┤`.
pub(super) fn is_rule(line: &str) -> bool {
    let draws =
        |letter: char| letter.is_whitespace() || "-=+|:_".contains(letter) || ('─'..='╿').contains(&letter);
    !line.trim().is_empty() && line.chars().all(draws)
}

pub(super) fn is_delimiter(letter: char, delimiter: char) -> bool {
    letter == delimiter
        || match delimiter {
            '|' => matches!(letter, '｜' | '│' | '┃' | '║'),
            ',' => letter == '，',
            _ => false,
        }
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\u{3000}')
}

/// Columns of a terminal, roughly: ASCII and half-width katakana take one, the rest two.
pub(super) fn width_of(letter: char) -> usize {
    if letter.is_ascii() || ('\u{ff61}'..='\u{ff9f}').contains(&letter) { 1 } else { 2 }
}
