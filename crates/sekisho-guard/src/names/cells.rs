//! The text as the tagger reads it: one cell for each character of the normalised text.

use std::ops::Range;

use sekisho_text::normal::Normal;

/// A cell sees others at most this many characters of the original away. With it every decision has a bounded window,
/// even where unseen characters stand between those that are seen.
pub(super) const SIGHT_CHARS: usize = 20;
/// A character with more combining marks than this is no letter of a name; its window would have no end.
const CLUSTER_CHARS_MAX: usize = 4;
/// Stands for such a character.
const CLUSTER: char = '\u{fffd}';

/// One character of the normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The character.
    pub letter: char,
    /// What kind of character it is.
    pub script: Script,
    /// Bytes of the original for which it stands.
    pub start: u32,
    /// Behind them.
    pub end: u32,
    /// Which character of the original it begins with.
    pub at: u32,
}

impl Cell {
    /// Bytes of the original for which it stands.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Kinds of characters, as far as names care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Script {
    /// 漢字, with 々 〆 ヶ and the ノ between kanji left to katakana
    Kanji = 1,
    /// ひらがな
    Hiragana,
    /// カタカナ and ー
    Katakana,
    /// a to z
    Lower,
    /// A to Z, and other letters
    Upper,
    /// 0 to 9
    Digit,
    /// Space without a line break
    Space,
    /// Line break
    Break,
    /// ・ and what else joins the parts of a name
    Joint,
    /// Anything else
    Sign,
}

impl Script {
    /// The kind of a normalised character.
    pub fn of(letter: char) -> Self {
        match letter {
            '0'..='9' => Self::Digit,
            'a'..='z' => Self::Lower,
            'A'..='Z' => Self::Upper,
            '\n' | '\r' => Self::Break,
            ' ' | '\t' => Self::Space,
            'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => Self::Hiragana,
            'ァ'..='ヴ' | 'ー' | 'ヽ' | 'ヾ' => Self::Katakana,
            '一'..='鿿'
            | '㐀'..='䶿'
            | '々'
            | '〆'
            | 'ヶ'
            | 'ヵ'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}' => Self::Kanji,
            '・' | '゠' | '=' | '\'' | '.' | '-' => Self::Joint,
            _ if letter.is_lowercase() => Self::Lower,
            _ if letter.is_alphabetic() && letter < '\u{2000}' => Self::Upper,
            _ => Self::Sign,
        }
    }

    /// Whether a name may have it inside.
    pub fn may_be_named(self) -> bool {
        !matches!(self, Self::Digit | Self::Break | Self::Sign)
    }

    /// Whether it is a letter of the Latin alphabet.
    pub fn is_latin(self) -> bool {
        matches!(self, Self::Lower | Self::Upper)
    }
}

/// All cells of a text.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    cells: Vec<Cell>,
    /// Characters of the original, and bytes.
    chars: usize,
    bytes: usize,
}

impl Cells {
    /// The cells of a normalised text.
    pub fn of(original: &str, normal: &Normal) -> Self {
        let mut cells: Vec<Cell> = Vec::with_capacity(normal.text().len() / 2);
        // Both walks go forward only: where the original's characters begin, and where the normalised ones do.
        let mut counted = (0_usize, 0_u32);
        for (start, letter) in normal.text().char_indices() {
            let range = normal.to_original(start..start + letter.len_utf8());
            if range.start > counted.0 {
                let passed = original[counted.0..range.start].chars().count() as u32;
                counted = (range.start, counted.1 + passed);
            }
            let is_wide = range.len() > CLUSTER_CHARS_MAX
                && original[range.clone()].chars().nth(CLUSTER_CHARS_MAX).is_some();
            let is_behind_digit = cells.last().is_some_and(|cell| cell.script == Script::Digit);
            let letter = match letter {
                _ if is_wide => CLUSTER,
                // Whether these were folded depends on the next digit, which may come late.
                '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '─' | '━' => '-',
                'ー' if is_behind_digit => '-',
                _ => letter,
            };
            let script = Script::of(letter);
            cells.push(Cell {
                letter,
                script,
                start: range.start as u32,
                end: range.end as u32,
                at: counted.1,
            });
        }
        let chars = counted.1 as usize + original[counted.0..].chars().count();
        Self { cells, chars, bytes: original.len() }
    }

    /// The cells in order.
    pub fn as_slice(&self) -> &[Cell] {
        &self.cells
    }

    /// The first cell that `count` characters before the end of the original do not settle yet.
    pub(crate) fn before_end(&self, count: usize) -> usize {
        let settled = self.chars.saturating_sub(count) as u32;
        self.cells.partition_point(|cell| cell.at < settled)
    }

    /// Whether the original goes on to character `count`.
    pub(crate) fn reaches(&self, count: usize) -> bool {
        self.chars >= count
    }

    /// The byte of the original at which cell `index` begins, or its end.
    pub(crate) fn byte_of(&self, index: usize) -> usize {
        self.cells.get(index).map_or(self.bytes, |cell| cell.start as usize)
    }

    /// The first cell that begins at this byte of the original or behind it.
    pub(crate) fn behind(&self, byte: usize) -> usize {
        self.cells.partition_point(|cell| (cell.start as usize) < byte)
    }

    /// The cells that begin at most `count` characters before cell `index`.
    pub(crate) fn before(&self, index: usize, count: usize) -> &[Cell] {
        let at = self.cells.get(index).map_or(self.chars, |cell| cell.at as usize);
        &self.cells[self.cells.partition_point(|cell| cell.at as usize + count < at)..index]
    }

    /// The cells that begin in these bytes of the original.
    pub(super) fn between(&self, bytes: Range<usize>) -> Range<usize> {
        let first = self.cells.partition_point(|cell| (cell.start as usize) < bytes.start);
        let behind = self.cells.partition_point(|cell| (cell.start as usize) < bytes.end);
        first..behind.max(first)
    }

    /// The cells that cell `index` may see: `range.start..=index..range.end`.
    pub(super) fn sight(&self, index: usize, last: &Range<usize>) -> Range<usize> {
        let at = self.cells[index].at as usize;
        let (mut start, mut end) = (last.start, last.end.max(index));
        while (self.cells[start].at as usize) + SIGHT_CHARS < at {
            start += 1;
        }
        while self.cells.get(end).is_some_and(|cell| cell.at as usize <= at + SIGHT_CHARS) {
            end += 1;
        }
        start..end
    }
}
