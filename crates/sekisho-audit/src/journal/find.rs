//! Searching, and what the index cannot answer alone.

use std::collections::HashSet;

use super::{Error, Reading};
use crate::{
    index,
    leaf::RecordId,
    search::{DECRYPTED_MAX, Hit, Order, Page, Query},
};

/// Most records that one selection takes.
pub const MATCHES_MAX: usize = 1_000_000;

impl Reading {
    /// One page of what matches. Everything that was durable when this was called is looked at.
    ///
    /// # Errors
    /// Those of the index; with `contains`, those of log and keys.
    pub fn search(&self, query: &Query) -> Result<Page, Error> {
        self.backlog.wait();
        match &query.contains {
            None => self.search_index(query),
            Some(text) => self.search_contents(query, text),
        }
    }

    /// The ids of everything that matches, in order, for a hold or an erasure.
    ///
    /// # Errors
    /// [`Error::TooManyMatches`] above `max`, and as [`Reading::search`].
    pub fn select(&self, query: &Query, max: usize) -> Result<Vec<RecordId>, Error> {
        let max = max.min(MATCHES_MAX);
        let mut query = Query { limit: 0, ..query.clone() };
        let mut records = Vec::new();
        loop {
            let page = self.search(&query)?;
            records.extend(page.hits.iter().map(|hit| hit.record));
            if records.len() > max {
                return Err(Error::TooManyMatches { max });
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(records),
            }
        }
    }

    /// What the index knows of many records, in the order of the log; each once.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`] for the first that is not there, and those of the index.
    pub fn find_all(&self, records: &[RecordId]) -> Result<Vec<Hit>, Error> {
        let mut records = records.to_vec();
        records.sort_unstable();
        records.dedup();
        let hits = self.find_those(&records)?;
        if hits.len() == records.len() {
            return Ok(hits);
        }
        let found: HashSet<RecordId> = hits.iter().map(|hit| hit.record).collect();
        match records.iter().find(|record| !found.contains(*record)) {
            Some(record) => Err(Error::NoSuchRecord { record: *record }),
            None => Ok(hits),
        }
    }

    /// As [`Reading::find_all`], of ids that ascend, and without those that are not there.
    pub(super) fn find_those(&self, records: &[RecordId]) -> Result<Vec<Hit>, Error> {
        self.backlog.wait();
        self.with_index(|| self.index.find_all(records))
    }

    /// What the index knows of one record.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], and those of the index.
    pub fn find(&self, record: RecordId) -> Result<Hit, Error> {
        self.backlog.wait();
        let query = Query { record: Some(record), limit: 1, ..Query::default() };
        self.search_index(&query)?.hits.pop().ok_or(Error::NoSuchRecord { record })
    }

    /// Does something with the index. What is damaged is made again from the log, once for each damaged block.
    pub(super) fn with_index<T>(&self, act: impl Fn() -> Result<T, index::Error>) -> Result<T, Error> {
        let mut healed = None;
        loop {
            match act() {
                Err(index::Error::Damaged { first }) if healed != Some(first) => {
                    self.index.heal(first, &mut |from, to, add| self.replay(from, to, add))?;
                    healed = Some(first);
                }
                other => return Ok(other?),
            }
        }
    }

    fn search_index(&self, query: &Query) -> Result<Page, Error> {
        self.with_index(|| self.index.search(query))
    }

    /// Decrypts what the other conditions leave, up to a limit; a page that ends there is short and has a cursor.
    fn search_contents(&self, query: &Query, text: &str) -> Result<Page, Error> {
        let wanted = query.page_limit();
        let mut found = Page::default();
        if query.erased == Some(true) {
            // What is erased holds nothing that could be found.
            return Ok(found);
        }
        let mut step =
            Query { contains: None, limit: 256, erased: Some(false), after: query.after, ..query.clone() };
        loop {
            let page = self.search_index(&step)?;
            found.cost.blocks += page.cost.blocks;
            found.cost.read_bytes += page.cost.read_bytes;
            for hit in &page.hits {
                found.cost.decrypted += 1;
                if self.holds(hit, text)? {
                    found.hits.push(*hit);
                }
                if found.hits.len() >= wanted || found.cost.decrypted >= DECRYPTED_MAX as u64 {
                    // Whether more is behind shows on the next page, which may be empty.
                    found.next = Some(hit.cursor());
                    return Ok(found);
                }
            }
            match page.next {
                Some(next) => step.after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Whether any text of a record contains `text`.
    fn holds(&self, hit: &Hit, text: &str) -> Result<bool, Error> {
        let record = self.read_hit(hit)?;
        let in_text = |member: Option<&crate::record::PromptText>| member.is_some_and(|t| t.0.contains(text));
        let in_json = |value: Result<serde_json::Value, serde_json::Error>| {
            value.is_ok_and(|value| holds_text(&value, text))
        };
        Ok(record.open.as_ref().is_some_and(|open| in_text(open.input.as_ref()))
            || record.close.as_ref().is_some_and(|close| in_text(close.output.as_ref()))
            || record.open.is_some_and(|open| in_json(serde_json::to_value(open)))
            || record.close.is_some_and(|close| in_json(serde_json::to_value(close)))
            || record.event.is_some_and(|event| in_json(serde_json::to_value(event))))
    }

    /// Everything that matches, page by page.
    pub(super) fn each_page(
        &self,
        query: &Query,
        each: &mut dyn FnMut(&[Hit]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut query = Query { order: Order::Oldest, limit: 1000, ..query.clone() };
        loop {
            let page = self.search(&query)?;
            each(&page.hits)?;
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

/// Whether any string in a value contains a text. Names of members are not looked at.
fn holds_text(value: &serde_json::Value, text: &str) -> bool {
    use serde_json::Value;
    match value {
        Value::String(string) => string.contains(text),
        Value::Array(items) => items.iter().any(|item| holds_text(item, text)),
        Value::Object(members) => members.values().any(|member| holds_text(member, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
