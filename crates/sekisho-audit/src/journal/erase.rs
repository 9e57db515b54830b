//! Erasure, on request or because a period has ended.
//!
//! The order: first the statement, durable in the log; then the keys; then the words in the index; then the mark that all
//! of it was done. A crash behind the statement leaves an erasure that the next start carries out: until then the record
//! counts as erased, since the statement names it. The other order would leave a record whose key is gone and which nothing
//! names, and that is what damage and tampering look like.

use std::{collections::HashSet, sync::PoisonError};

use super::{Core, Error, Journal};
use crate::{
    leaf::{Destroyed, Envelope, Kind, Leaf, RecordId, Room, Statement, StatementError, is_line},
    note::{Note, SigningKey},
    record::Event,
    search::{Hit, Query, RecordKind},
};

/// Most records that are erased by one call.
pub const ERASED_AT_ONCE_MAX: usize = 100_000;
/// What the program itself records when it refuses to erase what is on hold.
pub const ERASE_REFUSED: &str = "erase.refused";

/// Who does it, and on what ground. Each is one line of text; both stand in the log for good, in clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authority<'a> {
    /// Who.
    pub by: &'a str,
    /// The legal ground.
    pub ground: &'a str,
}

/// What an expiry did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExpireReport {
    /// Records whose keys were destroyed.
    pub erased: u64,
    /// Records past their period that a hold keeps.
    pub held: u64,
}

impl Authority<'_> {
    fn check(&self) -> Result<(), StatementError> {
        for (field, text) in [("by", self.by), ("ground", self.ground)] {
            if !is_line(text) {
                return Err(StatementError::Text { field });
            }
        }
        Ok(())
    }
}

impl Journal {
    /// Erases records: their keys are destroyed when this returns, and a signed statement in the log names them. A refusal
    /// because of a hold is recorded, too.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], [`Error::StillOpen`], [`Error::OnHold`], [`Error::Erased`], [`Error::Statement`]: nothing was
    /// done. Those of log, keys and index: what a statement names already is carried out at the next call or start.
    pub fn erase(&self, records: &[RecordId], authority: &Authority<'_>) -> Result<(), Error> {
        if records.len() > ERASED_AT_ONCE_MAX {
            return Err(Error::TooManyMatches { max: ERASED_AT_ONCE_MAX });
        }
        authority.check()?;
        let erased = {
            let _admin = self.core.admin();
            self.core.erasable(records).and_then(|hits| self.erase_hits(&hits, authority))
        };
        self.told(erased, authority)
    }

    /// Erases what is past its period and not on hold.
    ///
    /// # Errors
    /// As [`Journal::erase`].
    pub fn expire(&self, authority: &Authority<'_>) -> Result<ExpireReport, Error> {
        let core = &self.core;
        let _admin = core.admin();
        let now_ms = core.clock.now_ms();
        let mut report = ExpireReport::default();
        for class in core.retention.classes() {
            let Some(until_ms) = core.first_to_keep(class.id, now_ms) else { continue };
            let query = Query { class: Some(class.id), until_ms: Some(until_ms), ..Query::default() };
            self.erase_matching(&query, authority, &mut report)?;
        }
        Ok(report)
    }

    /// Erases a class: every record of it as [`Journal::erase`] does, and then its key, which a statement of its own says.
    /// No record of it may be open or on hold.
    ///
    /// # Errors
    /// As [`Journal::erase`]; [`Error::NoSuchClass`] when it has no keys.
    pub fn erase_class(&self, class: u8, authority: &Authority<'_>) -> Result<ExpireReport, Error> {
        authority.check()?;
        self.told(self.erase_whole_class(class, authority), authority)
    }

    fn erase_whole_class(&self, class: u8, authority: &Authority<'_>) -> Result<ExpireReport, Error> {
        let core = &self.core;
        let _admin = core.admin();
        // Nothing gets a key of this class, or of any other, until the class is gone.
        let _gate = core.class_gate.write().unwrap_or_else(PoisonError::into_inner);
        core.backlog.wait();
        if let Some(record) = core.opens().has_class(class) {
            return Err(Error::StillOpen { record });
        }
        let held = core.find_all(&core.held())?;
        if let Some(hit) = held.iter().find(|hit| hit.class == class) {
            return Err(Error::OnHold { record: hit.record });
        }
        let mut report = ExpireReport::default();
        let query = Query { class: Some(class), ..Query::default() };
        self.erase_matching(&query, authority, &mut report)?;
        let below = core.keys.retire(class)?.ok_or(Error::NoSuchClass { class })?;
        let mut statement = core.statement_of(Kind::Erase, Vec::new(), Vec::new(), authority);
        statement.class = Some(below);
        let index = self.append_statement(&statement, None)?;
        core.statements().add(index, &statement);
        core.finish_erasures(&[])?;
        Ok(report)
    }

    /// Records that an erasure was refused because of a hold.
    fn told<T>(&self, outcome: Result<T, Error>, authority: &Authority<'_>) -> Result<T, Error> {
        if let Err(Error::OnHold { record }) = &outcome {
            let mut event = Event {
                principal: authority.by.to_owned(),
                event: ERASE_REFUSED.to_owned(),
                ..Event::default()
            };
            let hold = self.core.statements().hold_of(record);
            event.detail.insert("record".to_owned(), record.to_string().into());
            event.detail.insert("hold".to_owned(), hold.into());
            event.detail.insert("ground".to_owned(), authority.ground.into());
            self.event(&event, None)?.wait()?;
        }
        outcome
    }

    fn erase_matching(
        &self,
        query: &Query,
        authority: &Authority<'_>,
        report: &mut ExpireReport,
    ) -> Result<(), Error> {
        let query = Query { erased: Some(false), ..query.clone() };
        self.core.each_page(&query, &mut |page| {
            let mut hits = Vec::with_capacity(page.len());
            for hit in page {
                match self.core.erasable_hit(hit) {
                    Ok(()) => hits.push(*hit),
                    Err(Error::OnHold { .. }) => report.held += 1,
                    // Named by a statement already, and carried out with the others below.
                    Err(Error::Erased { .. } | Error::StillOpen { .. } | Error::NoSuchRecord { .. }) => {}
                    Err(other) => return Err(other),
                }
            }
            self.erase_hits(&hits, authority)?;
            report.erased += hits.len() as u64;
            Ok(())
        })
    }

    fn erase_hits(&self, hits: &[Hit], authority: &Authority<'_>) -> Result<(), Error> {
        let core = &self.core;
        // What an earlier call left undone comes first: the mark speaks of everything in front of it.
        core.finish_erasures(&[])?;
        let mut rest = hits;
        while !rest.is_empty() {
            let (records, destroyed) = core.subjects(rest)?;
            let count = records.len();
            let statement = core.statement_of(Kind::Erase, records, destroyed, authority);
            let index = self.append_statement(&statement, None)?;
            core.statements().add(index, &statement);
            rest = &rest[count..];
        }
        core.finish_erasures(hits)
    }

    /// Signs a statement and appends it; durable when it returns.
    pub(super) fn append_statement(
        &self,
        statement: &Statement,
        next: Option<SigningKey>,
    ) -> Result<u64, Error> {
        let core = &self.core;
        let text = statement.to_text()?;
        let note = Note::sign(text, &core.signing()).map_err(|_| StatementError::Unsigned)?;
        let envelope = Envelope { time_ms: statement.time_ms, ..core.new_envelope(statement.kind)? };
        self.append_clear(&envelope, &note.to_string(), next)
    }
}

impl Core {
    /// What is to be erased, if all of it may be; by id, so that a statement spans as few ids as can be.
    fn erasable(&self, records: &[RecordId]) -> Result<Vec<Hit>, Error> {
        let mut hits = self.find_all(records)?;
        hits.sort_unstable_by_key(|hit| hit.record);
        hits.iter().try_for_each(|hit| self.erasable_hit(hit))?;
        Ok(hits)
    }

    fn erasable_hit(&self, hit: &Hit) -> Result<(), Error> {
        let record = hit.record;
        let (spans, hold) = {
            let statements = self.statements();
            (statements.unfinished_of(&record), statements.hold_of(&record))
        };
        if !matches!(hit.kind, RecordKind::Request | RecordKind::Event) {
            return Err(Error::NoSuchRecord { record });
        }
        if hit.last.is_none() {
            return Err(Error::StillOpen { record });
        }
        if hold.is_some() {
            return Err(Error::OnHold { record });
        }
        if hit.erased || self.erasure_among(&record, &spans)?.is_some() {
            return Err(Error::Erased { record });
        }
        Ok(())
    }

    /// The first time, in milliseconds, whose records must still be kept; none when nothing of the class has expired.
    fn first_to_keep(&self, class: u8, now_ms: u64) -> Option<u64> {
        let is_over = |time_ms| self.retention.ends_ms(class, time_ms).is_some_and(|end| end <= now_ms);
        if !is_over(0) {
            return None;
        }
        // A later record never ends before an earlier one.
        let (mut over, mut kept) = (0, now_ms.saturating_add(1));
        while kept - over > 1 {
            let middle = over + (kept - over) / 2;
            if is_over(middle) {
                over = middle;
            } else {
                kept = middle;
            }
        }
        Some(kept)
    }

    /// The records and keys of one statement: as many of `hits`, from the first, as it has room for, and at least one.
    fn subjects(&self, hits: &[Hit]) -> Result<(Vec<RecordId>, Vec<Destroyed>), Error> {
        let (mut records, mut destroyed) = (Vec::new(), Vec::new());
        let mut room = Room::WHOLE;
        for hit in hits {
            let mut of_hit = self.keys_of(hit)?;
            if !room.take(&hit.record, &of_hit) && !records.is_empty() {
                break;
            }
            records.push(hit.record);
            destroyed.append(&mut of_hit);
        }
        Ok((records, destroyed))
    }

    /// The leaves of a record, and where their keys lie.
    fn keys_of(&self, hit: &Hit) -> Result<Vec<Destroyed>, Error> {
        let key = |index| {
            let leaf = self.leaves.read(index)?;
            match Leaf::parse(&leaf).map_err(|source| Error::Leaf { index, source })? {
                Leaf::Sealed(sealed) => Ok(Destroyed { index, slot: sealed.slot }),
                Leaf::Clear(_) => Err(Error::Content { index }),
            }
        };
        hit.indices().map(key).collect()
    }

    /// Carries out every erasure behind the mark. `known` saves looking up what is known of the records.
    pub(super) fn finish_erasures(&self, known: &[Hit]) -> Result<(), Error> {
        let done = self.keys.erased_up_to()?;
        let open = self.statements().erasures_from(done);
        let Some(last) = open.last() else {
            self.statements().set_done(done);
            return Ok(());
        };
        let mut records = Vec::new();
        for index in &open {
            let statement = self.statement(*index)?;
            let slots: Vec<_> = statement.destroyed.iter().map(|destroyed| destroyed.slot).collect();
            self.keys.erase(&slots)?;
            if let Some(below) = statement.class {
                self.keys.erase_class(below)?;
            }
            records.extend(&statement.records);
        }
        let known_ids: HashSet<RecordId> = known.iter().map(|hit| hit.record).collect();
        records.retain(|record| !known_ids.contains(record));
        records.sort_unstable();
        records.dedup();
        let mut hits = known.to_vec();
        // Of some nothing may be in the index.
        hits.extend(self.find_those(&records)?);
        self.with_index(|| self.index.scrub(&hits))?;
        self.keys.set_erased_up_to(last + 1)?;
        self.statements().set_done(last + 1);
        Ok(())
    }
}
