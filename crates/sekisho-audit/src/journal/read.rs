//! Records out, one at a time.

use std::sync::Arc;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Error, Reading};
use crate::{
    keys::Looked,
    leaf::{Kind, Leaf, RecordId, Statement},
    merkle::{Hash, leaf_hash},
    record::{Close, Event, Open, Record as _, join, take_parts},
    seal::{self, Opened},
    search::{Hit, Place},
};

/// How and why a record was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// The entry that says so.
    pub index: u64,
    /// When, milliseconds since 1970.
    pub time_ms: u64,
    /// Who did it.
    pub by: String,
    /// On what ground.
    pub ground: String,
}

/// One leaf of a record.
#[derive(Debug, Clone)]
pub struct RecordLeaf {
    /// Index in the log.
    pub index: u64,
    /// What it is.
    pub kind: Kind,
    /// Its hash in the tree.
    pub hash: Hash,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Salt and content, when it is sealed and not erased: they prove the content against the leaf without the key.
    pub opened: Option<Opened>,
}

/// A record, read.
#[derive(Debug, Clone)]
pub struct Record {
    /// What the index knows of it.
    pub hit: Hit,
    /// How the request came.
    pub open: Option<Open>,
    /// How it ended.
    pub close: Option<Close>,
    /// What was done to the system.
    pub event: Option<Event>,
    /// What a statement in clear says.
    pub statement: Option<Statement>,
    /// How it was erased; its content is gone then.
    pub erasure: Option<Erasure>,
    /// The entry of the legal hold on it.
    pub hold: Option<u64>,
    /// Its leaves, in the order of the log.
    pub leaves: Vec<RecordLeaf>,
}

impl Reading {
    /// Reads a record. An erased one comes back without content and with the ground of its erasure.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], [`Error::KeyLost`], and those of log, keys and index.
    pub fn read(&self, record: RecordId) -> Result<Record, Error> {
        let hit = self.find(record)?;
        self.read_hit(&hit)
    }

    /// Reads a record that was found.
    ///
    /// # Errors
    /// As [`Reading::read`].
    pub fn read_hit(&self, hit: &Hit) -> Result<Record, Error> {
        match self.read_here(hit) {
            // A writer beside us may have erased the record since we opened the log; then the log says so by now.
            Err(error) if error.is_of_key() => self.read_later(hit, error),
            read => read,
        }
    }

    pub(super) fn read_here(&self, hit: &Hit) -> Result<Record, Error> {
        match self.read_as(hit, hit.erased) {
            // Erased since it was found.
            Err(error) if error.is_of_key() && !hit.erased => self.read_as(hit, true),
            read => read,
        }
    }

    /// Reads a record which the index says is erased or not. If not, only erasures that the index does not know yet are
    /// looked at: there may be thousands of others that might name it.
    fn read_as(&self, hit: &Hit, erased: bool) -> Result<Record, Error> {
        let (spans, hold) = {
            let (statements, record) = (self.statements(), &hit.record);
            let spans =
                if erased { statements.erasures_of(record) } else { statements.unfinished_of(record) };
            (spans, statements.hold_of(record))
        };
        let erasure = self.erasure_among(&hit.record, &spans)?;
        let mut record = Record {
            hit: Hit { erased: erasure.is_some(), ..*hit },
            open: None,
            close: None,
            event: None,
            statement: None,
            erasure,
            hold,
            leaves: Vec::new(),
        };
        for place in hit.open.into_iter().chain(hit.last) {
            self.read_place(place, &mut record)?;
        }
        Ok(record)
    }

    /// How the record was erased, if it was. `spans` are the entries that may say so.
    pub(super) fn erasure_among(&self, record: &RecordId, spans: &[u64]) -> Result<Option<Erasure>, Error> {
        for &index in spans {
            let statement = self.statement(index)?;
            if statement.records.contains(record) {
                let Statement { time_ms, by, ground, .. } = &*statement;
                let (by, ground) = (by.clone(), ground.clone());
                return Ok(Some(Erasure { index, time_ms: *time_ms, by, ground }));
            }
        }
        Ok(None)
    }

    /// The statement of a clear entry.
    pub(super) fn statement(&self, index: u64) -> Result<Arc<Statement>, Error> {
        if let Some(statement) = self.recent.get(index) {
            return Ok(statement);
        }
        let bytes = self.leaves.read(index)?;
        match Leaf::parse(&bytes).map_err(|source| Error::Leaf { index, source })? {
            Leaf::Clear(clear) => Ok(self.recent.keep(index, clear.statement)),
            Leaf::Sealed(_) => Err(Error::Content { index }),
        }
    }

    fn read_place(&self, place: Place, record: &mut Record) -> Result<(), Error> {
        let from = record.leaves.len();
        for index in place.indices() {
            let leaf = self.read_leaf(index, record)?;
            record.leaves.push(leaf);
        }
        let leaves = &record.leaves[from..];
        let Some(main) = leaves.last() else { return Ok(()) };
        let Some(opened) = &main.opened else { return Ok(()) };
        let index = main.index;
        let members = members(opened, leaves).map_err(|_| Error::Content { index })?;
        let content = |_| Error::Content { index };
        match main.kind {
            Kind::Open => record.open = Some(Open::parse(members).map_err(content)?),
            Kind::Close => record.close = Some(Close::parse(members).map_err(content)?),
            _ => record.event = Some(Event::parse(members).map_err(content)?),
        }
        Ok(())
    }

    fn read_leaf(&self, index: u64, record: &mut Record) -> Result<RecordLeaf, Error> {
        let bytes = self.leaves.read(index)?;
        let leaf = Leaf::parse(&bytes).map_err(|source| Error::Leaf { index, source })?;
        let kind = leaf.envelope().kind;
        if leaf.envelope().record != record.hit.record {
            return Err(Error::Content { index });
        }
        let opened = match leaf {
            Leaf::Clear(clear) => {
                record.statement = Some(clear.statement);
                None
            }
            // Named in an erasure is erased, whether or not the key is gone yet.
            Leaf::Sealed(_) if record.erasure.is_some() => None,
            Leaf::Sealed(sealed) => {
                let Looked::Key(key) = self.keys.look(sealed.slot)? else {
                    return Err(Error::KeyLost { index });
                };
                Some(seal::open(&sealed, &key).map_err(|source| Error::Seal { index, source })?)
            }
        };
        Ok(RecordLeaf { index, kind, hash: leaf_hash(&bytes), bytes, opened })
    }
}

/// The members of a record, its parts put together.
fn members(main: &Opened, leaves: &[RecordLeaf]) -> Result<Map<String, Value>, crate::record::Error> {
    let (mut members, refs) = take_parts(&main.content)?;
    for (name, indices) in refs {
        let mut pieces: Vec<&Zeroizing<Vec<u8>>> = Vec::with_capacity(indices.len());
        for index in indices {
            let part = leaves.iter().find(|leaf| leaf.index == index && leaf.kind == Kind::Part);
            let opened =
                part.and_then(|part| part.opened.as_ref()).ok_or(crate::record::Error::Unreadable)?;
            pieces.push(&opened.content);
        }
        join(&mut members, name, pieces.into_iter().map(|piece| piece.as_slice()))?;
    }
    Ok(members)
}
