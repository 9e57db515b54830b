//! What the statements in the log amount to: which records are erased, and which are held; and those read last.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use crate::leaf::{Kind, RecordId, Statement};

/// Statements that are kept as they were read: some 50 KiB each at most.
const RECENT_MAX: usize = 8;

/// The statements that were read last, the newest first. An erasure names hundreds of records as a rule, and whoever reads
/// one of these reads the others next.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<VecDeque<(u64, Arc<Statement>)>>);

impl Recent {
    pub(super) fn get(&self, index: u64) -> Option<Arc<Statement>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| *known == index).map(|(_, statement)| Arc::clone(statement))
    }

    pub(super) fn keep(&self, index: u64, statement: Statement) -> Arc<Statement> {
        let statement = Arc::new(statement);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(RECENT_MAX - 1);
        kept.push_front((index, Arc::clone(&statement)));
        statement
    }
}

/// Where the erasures stand. One of these for each erase leaf, not for each record: records are erased in the order of
/// their ids as a rule, so the span of a leaf tells nearly always whether it names a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ErasureSpan {
    index: u64,
    first: RecordId,
    last: RecordId,
}

/// All statements, in short.
#[derive(Debug, Clone, Default)]
pub(super) struct Statements {
    erasures: Vec<ErasureSpan>,
    /// Erasures of entries before this one have been carried out, and are marked in the index.
    done: u64,
    /// Held records, each with the entry of its hold.
    held: BTreeMap<RecordId, u64>,
}

impl Statements {
    /// Takes the statement of an entry. They must come in the order of the log.
    pub(super) fn add(&mut self, index: u64, statement: &Statement) {
        match statement.kind {
            Kind::Erase => {
                // The erasure of a class names no record, so its span is empty.
                let first = statement.records.iter().min().copied().unwrap_or(RecordId([0xff; 16]));
                let last = statement.records.iter().max().copied().unwrap_or(RecordId([0; 16]));
                self.erasures.push(ErasureSpan { index, first, last });
            }
            Kind::Hold => self.held.extend(statement.records.iter().map(|record| (*record, index))),
            Kind::Release => statement.records.iter().for_each(|record| {
                self.held.remove(record);
            }),
            Kind::Open | Kind::Close | Kind::Event | Kind::Part | Kind::Key => {}
        }
    }

    /// Entries of erasures that may name the record, the newest first.
    pub(super) fn erasures_of(&self, record: &RecordId) -> Vec<u64> {
        let may_name = |span: &&ErasureSpan| (span.first..=span.last).contains(record);
        self.erasures.iter().rev().filter(may_name).map(|span| span.index).collect()
    }

    /// As [`Statements::erasures_of`], of those that have not been carried out.
    pub(super) fn unfinished_of(&self, record: &RecordId) -> Vec<u64> {
        let done = self.done;
        let may_name = |span: &&ErasureSpan| (span.first..=span.last).contains(record);
        let unfinished = self.erasures.iter().rev().take_while(|span| span.index >= done);
        unfinished.filter(may_name).map(|span| span.index).collect()
    }

    /// Notes that all erasures of entries before this one have been carried out.
    pub(super) fn set_done(&mut self, entry: u64) {
        self.done = self.done.max(entry);
    }

    /// Entries of erasures from this entry on, in the order of the log.
    pub(super) fn erasures_from(&self, entry: u64) -> Vec<u64> {
        self.erasures.iter().map(|span| span.index).filter(|index| *index >= entry).collect()
    }

    /// The entry of the hold on a record.
    pub(super) fn hold_of(&self, record: &RecordId) -> Option<u64> {
        self.held.get(record).copied()
    }

    /// The records on hold, in the order of their ids.
    pub(super) fn held(&self) -> impl Iterator<Item = &RecordId> {
        self.held.keys()
    }

    pub(super) fn held_count(&self) -> usize {
        self.held.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Statements;
    use crate::leaf::{Kind, RecordId, Statement};

    fn statement(kind: Kind, records: &[u8]) -> Statement {
        Statement {
            kind,
            origin: String::new(),
            time_ms: 0,
            by: String::new(),
            ground: String::new(),
            records: records.iter().map(|record| RecordId([*record; 16])).collect(),
            destroyed: Vec::new(),
            class: None,
            vkey: None,
        }
    }

    #[test]
    fn the_last_word_counts() {
        let mut statements = Statements::default();
        statements.add(1, &statement(Kind::Hold, &[1, 2]));
        statements.add(2, &statement(Kind::Hold, &[2, 3]));
        statements.add(3, &statement(Kind::Release, &[1, 2, 9]));
        statements.add(4, &statement(Kind::Hold, &[1]));
        assert_eq!(statements.held().map(|record| record.0[0]).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(statements.hold_of(&RecordId([1; 16])), Some(4));
        assert_eq!(statements.held_count(), 2);
    }

    #[test]
    fn erasures_are_found_by_their_span() {
        let mut statements = Statements::default();
        statements.add(1, &statement(Kind::Erase, &[5, 1]));
        statements.add(2, &statement(Kind::Erase, &[4, 9]));
        let of = |record: u8| statements.erasures_of(&RecordId([record; 16]));
        assert_eq!((of(1), of(5), of(9), of(10)), (vec![1], vec![2, 1], vec![2], vec![]));
        statements.set_done(2);
        assert_eq!(statements.unfinished_of(&RecordId([5; 16])), [2]);
        statements.set_done(3);
        assert!(statements.unfinished_of(&RecordId([5; 16])).is_empty());
    }
}
