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

    pub(crate) fn words(&self, row: usize) -> Words {
        let mut words = Words::default();
        for (at, column) in self.columns.iter().enumerate() {
            let word = column.codes[row].checked_sub(1).map(|code| &*column.words[usize::from(code)]);
            words.set(at, word);
        }
        words
    }

    /// The table without the words of erased records: no byte of them is left in it.
    pub(crate) fn scrubbed(&self, erased: &dyn Fn(&RecordId) -> bool) -> Self {
        let mut scrubbed = Self::default();
        for (at, row) in self.rows.iter().enumerate() {
            let goes = row.kind.is_sealed() && (row.erased || erased(&row.record));
            let words = if goes { Words::default() } else { self.words(at) };
            scrubbed.push(Row { erased: goes, ..*row }, &words);
        }
        scrubbed
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
