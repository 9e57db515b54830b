//! Rows in columns, in memory: the newest rows, and a block while it is made or scrubbed.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::column::{COLUMNS, Words};
use crate::leaf::{Kind, RecordId};

/// Stands for "no such leaf".
pub(crate) const NO_LEAF: u64 = u64::MAX;

/// What a row says without words. Stays after erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// The close for a request, the leaf itself for everything else.
    pub(crate) index: u64,
    pub(crate) record: RecordId,
    pub(crate) kind: Kind,
    pub(crate) class: u8,
    pub(crate) erased: bool,
    pub(crate) time_ms: u64,
    /// Parts directly in front of `index`.
    pub(crate) parts: u16,
    /// The open of a request, or [`NO_LEAF`].
    pub(crate) open_index: u64,
    /// When it was opened; `time_ms` for everything that is no request.
    pub(crate) open_ms: u64,
    /// Parts directly in front of `open_index`.
    pub(crate) open_parts: u16,
}

/// The words of one column: each distinct word once, and for each row the number of its word, from 1; 0 is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WordColumn {
    pub(crate) words: Vec<Arc<str>>,
    pub(crate) codes: Vec<u16>,
}

impl WordColumn {
    /// Forgets the words that no row has.
    fn compact(&mut self) {
        let mut is_used = vec![false; self.words.len() + 1];
        self.codes.iter().for_each(|code| is_used[usize::from(*code)] = true);
        let mut next = 0;
        let numbers: Vec<u16> = is_used
            .iter()
            .enumerate()
            .map(|(code, is_used)| {
                next += u16::from(*is_used && code > 0);
                next
            })
            .collect();
        let mut code = 0;
        self.words.retain(|_| {
            code += 1;
            is_used[code]
        });
        self.codes.iter_mut().filter(|code| **code > 0).for_each(|code| *code = numbers[usize::from(*code)]);
    }
}

/// Rows with their words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    pub(crate) columns: [WordColumn; COLUMNS],
    numbers: [HashMap<Arc<str>, u16>; COLUMNS],
}

impl Table {
    pub(crate) fn push(&mut self, row: Row, words: &Words) {
        self.rows.push(row);
        for at in 0..COLUMNS {
            let code = words.get(at).map_or(0, |word| self.number(at, word));
            self.columns[at].codes.push(code);
        }
    }

    fn number(&mut self, column: usize, word: &Arc<str>) -> u16 {
        if let Some(number) = self.numbers[column].get(word) {
            return *number;
        }
        let words = &mut self.columns[column].words;
        words.push(Arc::clone(word));
        let number = u16::try_from(words.len()).expect("a table has no more words than rows, and few rows");
        self.numbers[column].insert(Arc::clone(word), number);
        number
    }

    /// A table of what was read: every code is that of a word.
    pub(crate) fn of(rows: Vec<Row>, columns: [WordColumn; COLUMNS]) -> Self {
        let mut table = Self { rows, columns, numbers: Default::default() };
        table.count();
        table
    }

    fn count(&mut self) {
        for (column, numbers) in self.columns.iter().zip(&mut self.numbers) {
            *numbers = (1..).zip(&column.words).map(|(number, word)| (Arc::clone(word), number)).collect();
        }
    }

    /// Takes the words of erased records out: no byte of them is left in the table, unless another record has the word.
    pub(crate) fn scrub(&mut self, erased: &dyn Fn(&RecordId) -> bool) {
        for row in &mut self.rows {
            row.erased = row.kind.is_sealed() && (row.erased || erased(&row.record));
        }
        for column in &mut self.columns {
            for (code, row) in column.codes.iter_mut().zip(&self.rows) {
                if row.erased {
                    *code = 0;
                }
            }
            column.compact();
        }
        self.count();
    }
}

/// A request that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenRow {
    pub(crate) index: u64,
    pub(crate) time_ms: u64,
    pub(crate) class: u8,
    pub(crate) parts: u16,
    pub(crate) words: Words,
}

/// All that have not, in the order of their ids.
pub(crate) type OpenRows = BTreeMap<RecordId, OpenRow>;
