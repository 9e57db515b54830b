//! The index: what searching needs, in blocks beside the log. Derived and local; bad, stale or deleted, it is made again from
//! the log and the keys.
//!
//! One row stands for one record, where the record ended in the log. The newest rows are in memory, and come back after a
//! restart by reading the end of the log; all others lie in block files. A block also holds the requests that had not ended
//! at its end, so that a restart reads the last block and what came after, and nothing else.

mod block;
mod bloom;
mod bytes;
mod column;
mod files;
mod scan;
mod table;
#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use block::{BlockError, Summary, encode};
use scan::{Filter, hit_of_open, hit_of_row, scan_block, scan_table};
use table::{NO_LEAF, OpenRow, OpenRows, Row, Table};

pub(crate) use column::Words;

use crate::{
    leaf::{Kind, RecordId},
    search::{Cost, Cursor, Hit, Order, Page, Query},
    vfs::Folder,
};

/// Rows of a block.
pub(crate) const ROWS_MAX: usize = 16_384;
/// Most rows in memory, when blocks cannot be written. What comes behind is not searchable before the next start, and
/// searching says so.
const ROWS_IN_MEMORY_MAX: usize = 60_000;
/// Bytes of log behind which a block ends even when it is not full, so that a restart does not read more than that.
const LOG_BYTES_MAX: u64 = 64 << 20;
/// Blocks that are scrubbed together, in memory: two megabytes each as a rule.
const SCRUBBED_MAX: usize = 32;

/// Which entries of which log a block stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// Hash of the origin.
    pub(crate) log: [u8; 32],
    /// First entry.
    pub(crate) first: u64,
    /// The entry behind the last.
    pub(crate) end: u64,
    /// Leaf hash of the last entry: tells a log that was put in another's place.
    pub(crate) last_leaf: [u8; 32],
}

/// Something the index could not do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A block that cannot be used; [`Index::heal`] makes it again.
    #[error("the block of entry {first} is damaged")]
    Damaged { first: u64 },
    #[error("the index could not be written")]
    Unwritable(#[source] std::io::Error),
    #[error("the index could not be read")]
    Unreadable(#[source] std::io::Error),
    /// Blocks could not be written for so long that rows were given up.
    #[error("the index has fallen behind, until the next start")]
    Behind,
}

/// A record leaf that became durable, with what can be searched for.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) record: RecordId,
    pub(crate) time_ms: u64,
    /// Index of the leaf; its parts stand directly in front.
    pub(crate) index: u64,
    pub(crate) parts: u16,
    pub(crate) class: u8,
    /// Of the leaf and its parts.
    pub(crate) log_bytes: u64,
    /// None when the key is destroyed.
    pub(crate) words: Option<Words>,
}

/// What is kept in memory of a block.
#[derive(Debug)]
struct Meta {
    coverage: Coverage,
    summary: Summary,
}

#[derive(Default)]
struct State {
    blocks: Vec<Arc<Meta>>,
    tail: Table,
    open: OpenRows,
    /// First entry that no block stands for.
    tail_first: u64,
    /// First entry that the index has not seen.
    end: u64,
    tail_log_bytes: u64,
    is_behind: bool,
}

/// Gives the entries from one index to another.
pub(crate) type Replay<'a, E> = dyn FnMut(u64, u64, &mut dyn FnMut(Entry)) -> Result<(), E> + 'a;

/// The index of one log. One thread adds; any number search.
pub(crate) struct Index {
    folder: Folder,
    /// What a reader beside a writer has made again, by the first entry; none for the one who writes the files.
    made: Option<files::Made>,
    log: [u8; 32],
    state: RwLock<State>,
    /// Held while block files are written, so that sealing and scrubbing do not meet.
    files: Mutex<()>,
}

impl Index {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_files(&self) -> MutexGuard<'_, ()> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first entry that the index has not seen.
    pub(crate) fn end(&self) -> u64 {
        self.read().end
    }

    /// Requests that have not ended: record, class, who asked, for whom.
    pub(crate) fn still_open(&self) -> Vec<(Hit, Words)> {
        self.read().open.iter().map(|(record, row)| (hit_of_open(record, row), row.words.clone())).collect()
    }

    /// How many requests have not ended.
    pub(crate) fn open_count(&self) -> usize {
        self.read().open.len()
    }

    /// Takes what became durable, in the order of the log. Says whether there is enough for a block.
    pub(crate) fn add(&self, entry: Entry) -> bool {
        let mut state = self.write();
        if state.is_behind || state.tail.rows.len() >= ROWS_IN_MEMORY_MAX {
            state.is_behind = true;
            return false;
        }
        state.add(entry);
        state.tail.rows.len() >= ROWS_MAX || state.tail_log_bytes >= LOG_BYTES_MAX
    }

    /// Writes the newest rows as a block. `last_leaf` is the hash of the last entry that was added.
    ///
    /// # Errors
    /// When it could not be written; the rows stay in memory, and the next call tries again.
    pub(crate) fn seal(&self, last_leaf: [u8; 32]) -> Result<(), Error> {
        let _files = self.lock_files();
        // Searches go on meanwhile: only the thread that adds ever changes the tail, and it is here.
        let (coverage, bytes) = {
            let state = self.read();
            let coverage = Coverage { log: self.log, first: state.tail_first, end: state.end, last_leaf };
            let bytes = encode(&coverage, &state.tail, &state.open);
            (coverage, bytes)
        };
        self.put_all(vec![(coverage.first, bytes)], false)?;
        let mut state = self.write();
        let summary = Summary::of(&state.tail.rows);
        state.blocks.push(Arc::new(Meta { coverage, summary }));
        state.tail = Table::default();
        (state.tail_first, state.tail_log_bytes) = (state.end, 0);
        Ok(())
    }

    /// Removes every word of these records, from memory and, durably, from the files.
    ///
    /// # Errors
    /// When a block could not be read or written.
    pub(crate) fn scrub(&self, hits: &[Hit]) -> Result<(), Error> {
        if hits.is_empty() {
            return Ok(());
        }
        let _files = self.lock_files();
        let records: HashSet<RecordId> = hits.iter().map(|hit| hit.record).collect();
        let erased = |record: &RecordId| records.contains(record);
        let blocks = {
            let mut state = self.write();
            if state.tail.rows.iter().any(|row| erased(&row.record)) {
                state.tail.scrub(&erased);
            }
            state.blocks.clone()
        };
        let span = |hit: &Hit| {
            let mut indices = hit.indices();
            let first = indices.next().unwrap_or(0);
            (first, indices.last().unwrap_or(first))
        };
        let spans: Vec<(u64, u64)> = hits.iter().map(span).collect();
        let mut scrubbed = Vec::new();
        for meta in blocks {
            let Coverage { first, end, .. } = meta.coverage;
            // A block between open and close holds the request among those that had not ended.
            if !spans.iter().any(|(from, to)| *from < end && *to >= first) {
                continue;
            }
            let damaged = |cause| damaged(first, cause);
            let block = self.block(first, &Arc::default()).map_err(damaged)?;
            let mut open = block.open_rows().map_err(damaged)?;
            open.iter_mut().filter(|(id, _)| erased(id)).for_each(|(_, row)| row.words = Words::default());
            let mut table = block.table().map_err(damaged)?;
            table.scrub(&erased);
            scrubbed.push((first, encode(&meta.coverage, &table, &open)));
            if scrubbed.len() >= SCRUBBED_MAX {
                self.put_all(std::mem::take(&mut scrubbed), true)?;
            }
        }
        self.put_all(scrubbed, true)
    }

    /// Makes a damaged block again. `replay` gives the entries from one index to another.
    ///
    /// # Errors
    /// When the block in front is damaged too, or this one cannot be written.
    pub(crate) fn heal<E: From<Error>>(&self, first: u64, replay: &mut Replay<'_, E>) -> Result<(), E> {
        let _files = self.lock_files();
        let (meta, before) = {
            let state = self.read();
            let at = state.blocks.iter().position(|meta| meta.coverage.first == first);
            let Some(at) = at else { return Ok(()) };
            let before = at.checked_sub(1).map(|at| state.blocks[at].coverage.first);
            (Arc::clone(&state.blocks[at]), before)
        };
        let mut made = State { end: first, ..State::default() };
        if let Some(before) = before {
            made.open = self
                .block(before, &Arc::default())
                .and_then(|block| block.open_rows())
                .map_err(|cause| damaged(before, cause))?;
        }
        replay(first, meta.coverage.end, &mut |entry| made.add(entry))?;
        let bytes = encode(&meta.coverage, &made.tail, &made.open);
        Ok(self.put_all(vec![(first, bytes)], false)?)
    }

    /// One page of hits. `contains` is the caller's matter.
    ///
    /// # Errors
    /// [`Error::Damaged`]: heal and ask again.
    pub(crate) fn search(&self, query: &Query) -> Result<Page, Error> {
        let filter = Filter::new(query);
        let mut found = Found { query, hits: Vec::new(), most: query.page_limit() + 1 };
        let read_bytes = Arc::default();
        let mut blocks_seen = 0;
        let (blocks, tail, open) = {
            let state = self.read();
            if state.is_behind {
                return Err(Error::Behind);
            }
            let tail: Vec<Hit> =
                scan_table(&state.tail, &filter).iter().map(|at| hit_of_row(&state.tail.rows[*at])).collect();
            let mut open: Vec<Hit> = state
                .open
                .iter()
                .filter(|(record, row)| filter.fits_open(record, row))
                .map(|(record, row)| hit_of_open(record, row))
                .collect();
            open.sort_by_key(Hit::cursor);
            (state.blocks.clone(), tail, open)
        };
        let mut in_blocks = |found: &mut Found<'_>| -> Result<(), Error> {
            let mut ordered: Vec<&Arc<Meta>> = blocks.iter().collect();
            if query.order == Order::Newest {
                ordered.reverse();
            }
            for meta in ordered {
                if found.is_full() {
                    break;
                }
                if meta.may_hold(&filter, query) {
                    blocks_seen += 1;
                    self.search_block(meta, &filter, found, &read_bytes)?;
                }
            }
            Ok(())
        };
        match query.order {
            Order::Newest => {
                found.take(open.into_iter().rev());
                found.take(tail.into_iter().rev());
                in_blocks(&mut found)?;
            }
            Order::Oldest => {
                in_blocks(&mut found)?;
                found.take(tail.into_iter());
                found.take(open.into_iter());
            }
        }
        let cost = Cost { blocks: blocks_seen, read_bytes: read_bytes.load(Ordering::Relaxed), decrypted: 0 };
        Ok(found.into_page(cost))
    }

    fn search_block(
        &self,
        meta: &Meta,
        filter: &Filter,
        found: &mut Found<'_>,
        read_bytes: &Arc<AtomicU64>,
    ) -> Result<(), Error> {
        let first = meta.coverage.first;
        let (block, mut rows) = self.look_at(first, &|| {
            let block = self.block(first, read_bytes)?;
            let rows = scan_block(&block, filter)?;
            Ok((block, rows))
        })?;
        if found.query.order == Order::Newest {
            rows.reverse();
        }
        // A few more than are wanted, since some may lie in front of the cursor.
        for some in rows.chunks(found.most.clamp(64, 1024)) {
            if found.is_full() {
                break;
            }
            let some = block.rows(some).map_err(|cause| damaged(first, cause))?;
            found.take(some.iter().map(hit_of_row));
        }
        Ok(())
    }

    /// Looks at a block. A scrub may put a new file in its place between two reads; waiting for it and looking again settles
    /// that.
    fn look_at<T>(&self, first: u64, look: &dyn Fn() -> Result<T, BlockError>) -> Result<T, Error> {
        look().or_else(|_| {
            drop(self.lock_files());
            look().map_err(|cause| damaged(first, cause))
        })
    }

    /// What is known of these records, whose ids ascend, in the order of the log. Reads each block once at most.
    ///
    /// # Errors
    /// As [`Index::search`].
    pub(crate) fn find_all(&self, records: &[RecordId]) -> Result<Vec<Hit>, Error> {
        let is_wanted = |record: &RecordId| records.binary_search(record).is_ok();
        let (blocks, last) = {
            let state = self.read();
            if state.is_behind {
                return Err(Error::Behind);
            }
            let rows = state.tail.rows.iter().filter(|row| is_wanted(&row.record)).map(hit_of_row);
            let open = state.open.iter().filter(|(record, _)| is_wanted(record));
            let last: Vec<Hit> = rows.chain(open.map(|(record, row)| hit_of_open(record, row))).collect();
            (state.blocks.clone(), last)
        };
        let mut hits = Vec::with_capacity(records.len());
        for meta in blocks {
            let (least, greatest) = meta.summary.ids;
            let from = records.partition_point(|record| *record < least);
            if records.get(from).is_none_or(|record| *record > greatest) {
                continue;
            }
            let first = meta.coverage.first;
            let rows = self.look_at(first, &|| {
                let block = self.block(first, &Arc::default())?;
                let ids = block.ids()?;
                let wanted: Vec<usize> = (0..ids.len()).filter(|at| is_wanted(&ids[*at])).collect();
                block.rows(&wanted)
            })?;
            hits.extend(rows.iter().map(hit_of_row));
        }
        hits.extend(last);
        Ok(hits)
    }

    /// The statements in clear: erasures, holds, releases, keys; in the order of the log.
    pub(crate) fn statements(&self) -> Result<Vec<Hit>, Error> {
        let (blocks, tail) = {
            let state = self.read();
            let clear = state.tail.rows.iter().filter(|row| !row.kind.is_sealed());
            (state.blocks.clone(), clear.map(hit_of_row).collect::<Vec<_>>())
        };
        let mut hits = Vec::new();
        for meta in blocks.iter().filter(|meta| meta.summary.clear_rows > 0) {
            let first = meta.coverage.first;
            let look = || -> Result<Vec<Row>, BlockError> {
                let block = self.block(first, &Arc::default())?;
                let kinds = block.kinds()?;
                let is_clear = |number| Kind::parse(number).is_some_and(|kind| !kind.is_sealed());
                let rows: Vec<usize> = (0..kinds.len()).filter(|at| is_clear(kinds[*at])).collect();
                block.rows(&rows)
            };
            hits.extend(look().map_err(|cause| damaged(first, cause))?.iter().map(hit_of_row));
        }
        hits.extend(tail);
        Ok(hits)
    }
}

fn damaged(first: u64, cause: BlockError) -> Error {
    match cause {
        BlockError::Io(cause) if cause.kind() != std::io::ErrorKind::UnexpectedEof => {
            if cause.kind() == std::io::ErrorKind::NotFound {
                Error::Damaged { first }
            } else {
                Error::Unreadable(cause)
            }
        }
        _ => Error::Damaged { first },
    }
}

impl State {
    fn add(&mut self, entry: Entry) {
        self.end = entry.index + 1;
        self.tail_log_bytes += entry.log_bytes;
        let Entry { kind, record, time_ms, index, parts, class, words, .. } = entry;
        let erased = words.is_none() && kind.is_sealed();
        let words = words.unwrap_or_default();
        if kind == Kind::Open {
            self.open.insert(record, OpenRow { index, time_ms, class, parts, words });
            return;
        }
        let mut row = Row {
            index,
            record,
            kind,
            class,
            erased,
            time_ms,
            parts,
            open_index: NO_LEAF,
            open_ms: time_ms,
            open_parts: 0,
        };
        let mut all = words;
        if kind == Kind::Close
            && let Some(open) = self.open.remove(&record)
        {
            (row.open_index, row.open_ms, row.open_parts) = (open.index, open.time_ms, open.parts);
            let close = std::mem::replace(&mut all, open.words);
            all.merge(close);
        }
        if row.erased {
            all = Words::default();
        }
        self.tail.push(row, &all);
    }
}

impl Meta {
    fn may_hold(&self, filter: &Filter, query: &Query) -> bool {
        let is_ahead = query.after.is_none_or(|after| match query.order {
            Order::Newest => Cursor::of_row(self.coverage.first).is_behind(after, Order::Newest),
            Order::Oldest => {
                self.coverage.end > 0 && Cursor::of_row(self.coverage.end - 1).is_behind(after, Order::Oldest)
            }
        });
        is_ahead && filter.allows(&self.summary)
    }
}

/// Hits as they come in order.
struct Found<'q> {
    query: &'q Query,
    hits: Vec<Hit>,
    /// One more than the page, which tells whether there is another.
    most: usize,
}

impl Found<'_> {
    fn is_full(&self) -> bool {
        self.hits.len() >= self.most
    }

    fn take(&mut self, hits: impl Iterator<Item = Hit>) {
        let Query { after, order, .. } = *self.query;
        let room = self.most.saturating_sub(self.hits.len());
        let ahead = |hit: &Hit| after.is_none_or(|after| hit.cursor().is_behind(after, order));
        self.hits.extend(hits.filter(ahead).take(room));
    }

    fn into_page(mut self, cost: Cost) -> Page {
        let has_more = self.is_full();
        if has_more {
            self.hits.pop();
        }
        let next = has_more.then(|| self.hits.last().map(Hit::cursor)).flatten();
        Page { hits: self.hits, next, cost }
    }
}
