//! Legal holds: what must be kept is neither erased nor expired until the hold is lifted.

use super::{Authority, Core, Error, Journal};
use crate::{
    leaf::{Kind, RecordId, Statement},
    search::RecordKind,
};

/// Most records on hold at once.
pub const HELD_MAX: usize = 1_000_000;
/// Records of one statement: 40 bytes each, in a leaf of 65,535.
const RECORDS_OF_ONE_MAX: usize = 1400;

impl Journal {
    /// Puts records on legal hold. Those that are already get the new ground.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], [`Error::Erased`] (what is gone cannot be kept), [`Error::TooManyHeld`],
    /// [`Error::Statement`], and those of log and index. A hold of very many records is several statements, of which
    /// those before an error of the log stand.
    pub fn hold(&self, records: &[RecordId], authority: &Authority<'_>) -> Result<(), Error> {
        let core = &self.core;
        let _admin = core.admin();
        let known = core.statements().clone();
        let hits = core.find_all(records)?;
        for hit in &hits {
            let record = hit.record;
            if !matches!(hit.kind, RecordKind::Request | RecordKind::Event) {
                return Err(Error::NoSuchRecord { record });
            }
            if hit.erased || core.erasure_among(&record, &known.unfinished_of(&record))?.is_some() {
                return Err(Error::Erased { record });
            }
        }
        let new = hits.iter().filter(|hit| known.hold_of(&hit.record).is_none()).count();
        if known.held_count() + new > HELD_MAX {
            return Err(Error::TooManyHeld { max: HELD_MAX });
        }
        let records: Vec<RecordId> = hits.iter().map(|hit| hit.record).collect();
        self.say(Kind::Hold, &records, authority)
    }

    /// Lifts the hold on records.
    ///
    /// # Errors
    /// [`Error::NotOnHold`], [`Error::Statement`], and those of the log.
    pub fn release(&self, records: &[RecordId], authority: &Authority<'_>) -> Result<(), Error> {
        let _admin = self.core.admin();
        let known = self.core.statements().clone();
        if let Some(record) = records.iter().find(|record| known.hold_of(record).is_none()) {
            return Err(Error::NotOnHold { record: *record });
        }
        let mut records = records.to_vec();
        records.sort_unstable();
        records.dedup();
        self.say(Kind::Release, &records, authority)
    }

    fn say(&self, kind: Kind, records: &[RecordId], authority: &Authority<'_>) -> Result<(), Error> {
        for some in records.chunks(RECORDS_OF_ONE_MAX) {
            let statement = self.core.statement_of(kind, some.to_vec(), Vec::new(), authority);
            let index = self.append_statement(&statement, None)?;
            self.core.statements().add(index, &statement);
        }
        Ok(())
    }
}

impl Core {
    /// A statement of this log, at this time.
    pub(super) fn statement_of(
        &self,
        kind: Kind,
        records: Vec<RecordId>,
        destroyed: Vec<crate::leaf::Destroyed>,
        authority: &Authority<'_>,
    ) -> Statement {
        Statement {
            kind,
            origin: self.origin(),
            time_ms: self.clock.now_ms().min(crate::clock::TIME_MS_MAX),
            by: authority.by.to_owned(),
            ground: authority.ground.to_owned(),
            records,
            destroyed,
            class: None,
            vkey: None,
        }
    }
}
