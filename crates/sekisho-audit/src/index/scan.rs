//! Which rows fit a query: one evaluation, over memory and over files.

use std::{borrow::Cow, sync::Arc};

use super::{
    block::{Block, BlockError, Header, Summary},
    column::{Column, RULE_END},
    table::{NO_LEAF, OpenRow, Row, Table},
};
use crate::{
    leaf::RecordId,
    search::{Hit, Place, Query, RecordKind},
};

/// A word that one of some columns must hold.
struct WordTest {
    columns: &'static [Column],
    word: String,
}

/// A query, made ready.
pub(super) struct Filter {
    tests: Vec<WordTest>,
    from_ms: u64,
    /// The first that is too late; none for no end.
    until_ms: Option<u64>,
    kind: Option<RecordKind>,
    class: Option<u8>,
    erased: Option<bool>,
    record: Option<RecordId>,
}

impl Filter {
    pub(super) fn new(query: &Query) -> Self {
        let verdict = query.verdict.map(|verdict| verdict.as_str().to_owned());
        let outcome = query.outcome.map(|outcome| outcome.as_str().to_owned());
        // The rarest first: what is not in a block ends the look at it.
        let asked: [(&'static [Column], &Option<String>); 12] = [
            (&[Column::Principal], &query.principal),
            (&[Column::Rules], &query.rule),
            (&[Column::Code], &query.code),
            (&[Column::Event], &query.event),
            (&[Column::Purpose], &query.purpose),
            (&[Column::Tenant], &query.tenant),
            (&[Column::Label, Column::AnswerLabel], &query.label),
            (&[Column::Verdict, Column::AnswerVerdict], &verdict),
            (&[Column::Outcome], &outcome),
            (&[Column::Model], &query.model),
            (&[Column::Upstream], &query.upstream),
            (&[Column::Scheme], &query.scheme),
        ];
        let tests =
            asked.into_iter().filter_map(|(columns, word)| Some(WordTest { columns, word: word.clone()? }));
        Self {
            tests: tests.collect(),
            from_ms: query.from_ms.unwrap_or(0),
            until_ms: query.until_ms,
            kind: query.kind,
            class: query.class,
            erased: query.erased,
            record: query.record,
        }
    }

    fn is_in_time(&self, time_ms: u64) -> bool {
        time_ms >= self.from_ms && self.until_ms.is_none_or(|until| time_ms < until)
    }

    /// Whether a block may hold what is asked for, as far as its times and ids tell. Needs nothing but what is kept in
    /// memory.
    pub(super) fn allows(&self, summary: &Summary) -> bool {
        let ((first_ms, last_ms), (least, greatest)) = (summary.open_ms, summary.ids);
        last_ms >= self.from_ms
            && self.until_ms.is_none_or(|until| first_ms < until)
            && self.record.is_none_or(|record| (least..=greatest).contains(&record))
    }

    fn words_allow(&self, header: &Header) -> bool {
        self.tests
            .iter()
            .all(|test| test.columns.iter().any(|column| header.bloom.may_hold(*column as usize, &test.word)))
    }

    pub(super) fn fits_open(&self, record: &RecordId, row: &OpenRow) -> bool {
        let word_fits = |test: &WordTest| {
            test.columns.iter().any(|column| {
                row.words.get(*column as usize).is_some_and(|word| is_word(*column, word, &test.word))
            })
        };
        self.is_in_time(row.time_ms)
            && self.kind.is_none_or(|kind| kind == RecordKind::Request)
            && self.class.is_none_or(|class| class == row.class)
            && self.erased != Some(true)
            && self.record.is_none_or(|wanted| wanted == *record)
            && self.tests.iter().all(word_fits)
    }
}

fn is_word(column: Column, word: &str, wanted: &str) -> bool {
    match column {
        Column::Rules => word.split_terminator(RULE_END).any(|rule| rule == wanted),
        _ => word == wanted,
    }
}

/// Columns, wherever they are.
trait Columns {
    fn len(&self) -> usize;
    fn times(&self) -> Result<Cow<'_, [u64]>, BlockError>;
    fn kinds(&self) -> Result<Cow<'_, [u8]>, BlockError>;
    fn classes(&self) -> Result<Cow<'_, [(u8, bool)]>, BlockError>;
    fn ids(&self) -> Result<Cow<'_, [RecordId]>, BlockError>;
    fn words(&self, column: usize) -> Result<Cow<'_, [Arc<str>]>, BlockError>;
    fn codes(&self, column: usize) -> Result<Cow<'_, [u16]>, BlockError>;
}

impl Columns for Table {
    fn len(&self) -> usize {
        self.rows.len()
    }
    fn times(&self) -> Result<Cow<'_, [u64]>, BlockError> {
        Ok(self.rows.iter().map(|row| row.open_ms).collect())
    }
    fn kinds(&self) -> Result<Cow<'_, [u8]>, BlockError> {
        Ok(self.rows.iter().map(|row| row.kind as u8).collect())
    }
    fn classes(&self) -> Result<Cow<'_, [(u8, bool)]>, BlockError> {
        Ok(self.rows.iter().map(|row| (row.class, row.erased)).collect())
    }
    fn ids(&self) -> Result<Cow<'_, [RecordId]>, BlockError> {
        Ok(self.rows.iter().map(|row| row.record).collect())
    }
    fn words(&self, column: usize) -> Result<Cow<'_, [Arc<str>]>, BlockError> {
        Ok(Cow::Borrowed(&self.columns[column].words))
    }
    fn codes(&self, column: usize) -> Result<Cow<'_, [u16]>, BlockError> {
        Ok(Cow::Borrowed(&self.columns[column].codes))
    }
}

impl Columns for Block {
    fn len(&self) -> usize {
        self.header.rows
    }
    fn times(&self) -> Result<Cow<'_, [u64]>, BlockError> {
        Block::times(self).map(Cow::Owned)
    }
    fn kinds(&self) -> Result<Cow<'_, [u8]>, BlockError> {
        Block::kinds(self).map(Cow::Owned)
    }
    fn classes(&self) -> Result<Cow<'_, [(u8, bool)]>, BlockError> {
        Block::classes(self).map(Cow::Owned)
    }
    fn ids(&self) -> Result<Cow<'_, [RecordId]>, BlockError> {
        Block::ids(self).map(Cow::Owned)
    }
    fn words(&self, column: usize) -> Result<Cow<'_, [Arc<str>]>, BlockError> {
        Block::words(self, column).map(Cow::Owned)
    }
    fn codes(&self, column: usize) -> Result<Cow<'_, [u16]>, BlockError> {
        Block::codes(self, column).map(Cow::Owned)
    }
}

/// The rows of a table that fit, ascending.
pub(super) fn scan_table(table: &Table, filter: &Filter) -> Vec<usize> {
    scan(table, filter, false).unwrap_or_default()
}

/// The rows of a block that fit, ascending. Reads only the columns that are asked for, and none when the summary says no.
pub(super) fn scan_block(block: &Block, filter: &Filter) -> Result<Vec<usize>, BlockError> {
    let header = &block.header;
    if !filter.allows(&header.summary) || !filter.words_allow(header) {
        return Ok(Vec::new());
    }
    let (first_ms, last_ms) = header.summary.open_ms;
    let all_in_time = filter.is_in_time(first_ms) && filter.is_in_time(last_ms);
    scan(block, filter, all_in_time)
}

fn scan(columns: &impl Columns, filter: &Filter, all_in_time: bool) -> Result<Vec<usize>, BlockError> {
    let mut fits = vec![true; columns.len()];
    let narrow = |fits: &mut Vec<bool>, test: &dyn Fn(usize) -> bool| {
        fits.iter_mut().enumerate().filter(|(_, fit)| **fit).for_each(|(at, fit)| *fit = test(at));
    };
    for test in &filter.tests {
        let mut held = vec![false; columns.len()];
        for column in test.columns {
            let words = columns.words(*column as usize)?;
            let wanted: Vec<bool> = words.iter().map(|word| is_word(*column, word, &test.word)).collect();
            if !wanted.contains(&true) {
                continue;
            }
            let codes = columns.codes(*column as usize)?;
            for (held, code) in held.iter_mut().zip(codes.iter()) {
                let at = usize::from(*code).wrapping_sub(1);
                *held |= wanted.get(at).copied().unwrap_or(false);
            }
        }
        if !held.contains(&true) {
            return Ok(Vec::new());
        }
        narrow(&mut fits, &|at| held[at]);
    }
    if !all_in_time && (filter.from_ms > 0 || filter.until_ms.is_some()) {
        let times = columns.times()?;
        narrow(&mut fits, &|at| filter.is_in_time(times[at]));
    }
    if let Some(kind) = filter.kind {
        let kinds = columns.kinds()?;
        let is_kind = |number| crate::leaf::Kind::parse(number).map(RecordKind::of_leaf) == Some(kind);
        narrow(&mut fits, &|at| is_kind(kinds[at]));
    }
    if filter.class.is_some() || filter.erased.is_some() {
        let classes = columns.classes()?;
        narrow(&mut fits, &|at| {
            let (class, erased) = classes[at];
            filter.class.is_none_or(|wanted| wanted == class)
                && filter.erased.is_none_or(|wanted| wanted == erased)
        });
    }
    if let Some(record) = filter.record {
        let ids = columns.ids()?;
        narrow(&mut fits, &|at| ids[at] == record);
    }
    Ok(fits.iter().enumerate().filter_map(|(at, fit)| fit.then_some(at)).collect())
}

pub(super) fn hit_of_row(row: &Row) -> Hit {
    let open = Place { index: row.open_index, parts: row.open_parts };
    Hit {
        record: row.record,
        kind: RecordKind::of_leaf(row.kind),
        class: row.class,
        erased: row.erased,
        time_ms: row.open_ms,
        end_ms: Some(row.time_ms),
        open: (row.open_index != NO_LEAF).then_some(open),
        last: Some(Place { index: row.index, parts: row.parts }),
    }
}

pub(super) fn hit_of_open(record: &RecordId, row: &OpenRow) -> Hit {
    Hit {
        record: *record,
        kind: RecordKind::Request,
        class: row.class,
        erased: false,
        time_ms: row.time_ms,
        end_ms: None,
        open: Some(Place { index: row.index, parts: row.parts }),
        last: None,
    }
}
