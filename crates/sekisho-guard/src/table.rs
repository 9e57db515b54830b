//! Columns of tables: a number under the head 「個人番号」 needs no cue of its own.
//!
//! Known are CSV, TSV, tables of Markdown and of box-drawing lines, columns set with spaces, and a lone head over a list.

mod head;

use std::ops::Range;

use head::{Head, Layout};

use crate::Kind;

/// A line longer than this is no head of a table.
const LINE_BYTES_MAX: usize = 1024;
/// Columns further to the right are not followed.
const COLUMNS_MAX: usize = 64;
/// A quoted cell longer than this, line breaks included, was no quoted cell but a stray quotation mark.
const QUOTED_CHARS_MAX: usize = 400;

/// Follows the text from its beginning, character by character, and knows which column of which table comes next.
/// Its memory is bounded, so that a stream can carry it on when earlier text is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracker {
    /// The line so far; empty when it is too long to be a head.
    line: String,
    line_is_long: bool,
    /// The head under which the line stands.
    head: Option<Head>,
    row: Row,
}

/// How far a row of a table has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    cell: usize,
    /// Columns of the terminal so far, two for a full-width character, and where the cell began.
    width: usize,
    cell_width: usize,
    /// Space before the next character, once the row has begun.
    gap: bool,
    begun: bool,
    quote: Quote,
    quoted_chars: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Quote {
    #[default]
    Outside,
    Inside,
    /// Behind a quotation mark inside: a second one stands for itself, anything else ends the cell.
    Ending,
}

/// The columns of a stretch of text, as [`Tracker::columns`] found them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// From this byte on the column is this, until the next row.
    changes: Vec<(usize, Heading)>,
}

/// What the head of a column says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Heading {
    /// There is no head, or it is not known.
    #[default]
    None,
    /// Personal data of a kind.
    Of(Kind),
    /// 番号, ID: a number of whatever the text speaks of.
    Number,
    /// Something else: 備考, 金額.
    Plain,
}

impl Heading {
    fn kind(self) -> Option<Kind> {
        if let Self::Of(kind) = self { Some(kind) } else { None }
    }
}

impl Columns {
    /// The kind that the head of the column names in which byte `at` stands.
    pub fn at(&self, at: usize) -> Option<Kind> {
        self.heading(at).kind()
    }

    /// All that the head of the column says in which byte `at` stands.
    pub fn heading(&self, at: usize) -> Heading {
        let index = self.changes.partition_point(|change| change.0 <= at);
        self.changes[..index].last().map_or(Heading::None, |change| change.1)
    }

    /// The cells that stand in a column of this kind, as far as the text shows them.
    pub fn cells_of(&self, kind: Kind, text_len: usize) -> impl Iterator<Item = Range<usize>> {
        let ends = self.changes.iter().skip(1).map(|change| change.0).chain([text_len]);
        self.changes
            .iter()
            .zip(ends)
            .filter(move |(change, _)| change.1 == Heading::Of(kind))
            .map(|(change, end)| change.0..end)
    }

    /// Whether no column with a head is in the text.
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(|change| change.1 == Heading::None)
    }
}

impl Tracker {
    /// Takes the next characters of the original text.
    pub fn advance(&mut self, text: &str) {
        self.walk(text, &mut |_, _| {});
    }

    /// What the head of the column says in which the next character stands.
    pub fn column(&self) -> Heading {
        let (cell, width) = self.row.place_of_next();
        self.head.as_ref().map_or(Heading::None, |head| head.column(cell, width))
    }

    /// The columns of `text`, which comes next; the tracker stays where it is. Costs little when no table is near, so
    /// each detector may ask for itself.
    pub fn columns(&self, text: &str) -> Columns {
        let mut changes = vec![(0, self.column())];
        self.clone().walk(text, &mut |at, heading| {
            if changes.last().is_none_or(|last| last.1 != heading) {
                changes.push((at, heading));
            }
        });
        Columns { changes }
    }

    /// Takes `text`, and says behind which byte the column may have changed.
    fn walk(&mut self, text: &str, changed: &mut impl FnMut(usize, Heading)) {
        let mut at = 0;
        while at < text.len() {
            at = if self.head.is_some() {
                self.walk_row(text, at, changed)
            } else {
                self.skip_line(text, at, changed)
            };
        }
    }

    /// No table is open: only ends of lines matter.
    fn skip_line(&mut self, text: &str, at: usize, changed: &mut impl FnMut(usize, Heading)) -> usize {
        let rest = &text[at..];
        let Some(len) = rest.bytes().position(|byte| byte == b'\n') else {
            self.keep(rest);
            return text.len();
        };
        self.keep(&rest[..len]);
        self.end_line();
        changed(at + len + 1, self.column());
        at + len + 1
    }

    /// A table is open: every character may end a cell. Returns behind the end of the line.
    fn walk_row(&mut self, text: &str, from: usize, changed: &mut impl FnMut(usize, Heading)) -> usize {
        let layout = self.head.as_ref().map_or(Layout::Alone, |head| head.layout);
        for (offset, character) in text[from..].char_indices() {
            let next = from + offset + character.len_utf8();
            if character == '\n' && !self.row.goes_on_after_break() {
                self.keep(&text[from..from + offset]);
                self.end_line();
                changed(next, self.column());
                return next;
            }
            if self.row.take(character, layout) {
                changed(next, self.column());
            }
        }
        self.keep(&text[from..]);
        text.len()
    }

    fn keep(&mut self, part: &str) {
        if self.line_is_long || self.line.len() + part.len() > LINE_BYTES_MAX {
            self.line_is_long = true;
            self.line.clear();
        } else {
            self.line.push_str(part);
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let is_long = std::mem::take(&mut self.line_is_long);
        let row = std::mem::take(&mut self.row);
        if !is_long && let Some(head) = Head::parse(&line) {
            self.head = Some(head);
            return;
        }
        let belongs = self.head.as_ref().is_some_and(|head| match head.layout {
            Layout::Alone => !line.trim().is_empty() || is_long,
            Layout::Delimited(_) | Layout::Spaced | Layout::Aligned => {
                row.cell > 0 || head::is_rule(&line) || (head.layout == Layout::Aligned && row.begun)
            }
        });
        if !belongs {
            self.head = None;
        }
    }
}

impl Row {
    /// Takes a character of the row, and says whether the next one may stand in another column.
    fn take(&mut self, character: char, layout: Layout) -> bool {
        let width = self.width;
        self.width += head::width_of(character);
        if self.takes_as_quoted(character, layout) {
            return false;
        }
        let is_space = matches!(character, ' ' | '\u{3000}' | '\r');
        match layout {
            Layout::Alone => false,
            Layout::Delimited(delimiter) if head::is_delimiter(character, delimiter) => {
                self.cell += 1;
                self.begun = false;
                true
            }
            Layout::Delimited(_) => {
                self.begun |= !is_space;
                false
            }
            Layout::Spaced | Layout::Aligned => {
                if !is_space && (self.gap || !self.begun) {
                    self.cell += usize::from(self.begun);
                    self.cell_width = width;
                    self.begun = true;
                }
                let was_gap = std::mem::replace(&mut self.gap, is_space);
                is_space || was_gap
            }
        }
    }

    /// The cell in which a character stands that is no space and comes next, and where that cell begins.
    fn place_of_next(&self) -> (usize, usize) {
        if self.gap || !self.begun {
            (self.cell + usize::from(self.gap && self.begun), self.width)
        } else {
            (self.cell, self.cell_width)
        }
    }

    fn takes_as_quoted(&mut self, character: char, layout: Layout) -> bool {
        if !matches!(layout, Layout::Delimited(',' | '\t' | ';')) {
            return false;
        }
        match (self.quote, character) {
            (Quote::Outside, '"') if !self.begun => {
                self.quote = Quote::Inside;
                self.quoted_chars = 0;
            }
            (Quote::Inside, '"') => self.quote = Quote::Ending,
            (Quote::Ending, '"') => self.quote = Quote::Inside,
            (Quote::Inside, _) => {
                self.quoted_chars += 1;
                if self.quoted_chars > QUOTED_CHARS_MAX {
                    self.quote = Quote::Outside;
                }
            }
            (Quote::Ending | Quote::Outside, _) => {
                self.quote = Quote::Outside;
                return false;
            }
        }
        self.begun = true;
        true
    }

    /// A line break inside quotation marks is part of the cell.
    fn goes_on_after_break(&self) -> bool {
        self.quote == Quote::Inside && self.quoted_chars < QUOTED_CHARS_MAX
    }
}

#[cfg(test)]
mod tests;
