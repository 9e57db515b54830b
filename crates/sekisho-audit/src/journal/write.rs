//! Records in.

use std::{
    pin::Pin,
    sync::{Arc, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use super::{Core, Error, Journal, leaves::Group, opens::OpenRequest, pending::Waiting};
use crate::{
    index::{Entry, Words},
    leaf::{Clear, Envelope, Kind, LEAF_BYTES_MAX, RecordId},
    note::SigningKey,
    record::{Close, Contents, Event, Open, Record},
    retention::Subject,
    seal::seal,
};

/// A record that was appended. It is durable when [`Ticket::wait`] returns, and not before: a request must not go on
/// until then.
#[derive(Debug)]
#[must_use = "the record is durable when the ticket resolves, and not before"]
pub struct Ticket {
    record: RecordId,
    parts: u16,
    waiting: Waiting,
}

/// Where a durable record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// The record.
    pub record: RecordId,
    /// The entry.
    pub index: u64,
}

impl Ticket {
    /// The record.
    pub fn record(&self) -> RecordId {
        self.record
    }

    /// Blocks until the record is durable.
    ///
    /// # Errors
    /// That of the log; then the record is not in it.
    pub fn wait(&self) -> Result<Receipt, Error> {
        let first = self.waiting.wait()?;
        Ok(Receipt { record: self.record, index: first + u64::from(self.parts) })
    }
}

impl Journal {
    /// Opens the record of a request. `class` is its retention class; none for the one of the retention file.
    ///
    /// # Errors
    /// [`Error::Record`], [`Error::NoSuchClass`], [`Error::TooManyOpen`], and those of keys and log.
    pub fn open_record(&self, open: &Open, class: Option<u8>) -> Result<Ticket, Error> {
        let core = &self.core;
        let contents = open.to_contents()?;
        let subject = Subject::Request { scheme: open.scheme.as_deref(), label: open.label.as_deref() };
        let class = core.class(class, subject)?;
        let envelope = core.new_envelope(Kind::Open)?;
        let request = OpenRequest {
            class,
            principal: open.principal.clone(),
            tenant: open.tenant.clone(),
            waiting: None,
            is_closing: false,
        };
        core.opens().insert(envelope.record, request)?;
        match self.append(envelope, class, contents, Words::of_open(open)) {
            Ok(ticket) => {
                core.opens().set_waiting(&envelope.record, ticket.waiting.clone());
                Ok(ticket)
            }
            Err(cause) => {
                core.opens().remove(&envelope.record);
                Err(cause)
            }
        }
    }

    /// Closes it. Who asked and for whom is taken from the open when the close does not say. Waits until the open is durable.
    ///
    /// # Errors
    /// [`Error::NotOpen`], [`Error::Record`], and those of keys and log; the record is then still open.
    pub fn close_record(&self, record: RecordId, close: &Close) -> Result<Ticket, Error> {
        let core = &self.core;
        close.check()?;
        let request = core.opens().begin_close(record)?;
        let append = || {
            if let Some(waiting) = &request.waiting {
                waiting.wait()?;
            }
            let mut close = close.clone();
            close.principal.get_or_insert_with(|| request.principal.clone());
            close.tenant = close.tenant.take().or_else(|| request.tenant.clone());
            let contents = close.to_contents()?;
            let envelope = Envelope { kind: Kind::Close, time_ms: core.clock.now_ms(), record };
            self.append(envelope, request.class, contents, Words::of_close(&close))
        };
        append().inspect_err(|_| core.opens().undo_close(&record))
    }

    /// Records something done to the system.
    ///
    /// # Errors
    /// [`Error::Record`], [`Error::NoSuchClass`], and those of keys and log.
    pub fn event(&self, event: &Event, class: Option<u8>) -> Result<Ticket, Error> {
        let contents = event.to_contents()?;
        let class = self.core.class(class, Subject::Event { event: &event.event })?;
        let envelope = self.core.new_envelope(Kind::Event)?;
        self.append(envelope, class, contents, Words::of_event(event))
    }

    /// Waits until everything that was appended before is durable, or was refused by the log; for so long at most, should
    /// the disk not answer. Whether it came to that. Not for tasks.
    pub fn wait_for(&self, max: Duration) -> bool {
        self.core.backlog.wait_for(max)
    }

    /// Seals the leaves of a record on this thread, and appends them.
    ///
    /// A record with parts says in which entries they stand, so its own leaf is sealed when the writer knows its place.
    pub(super) fn append(
        &self,
        envelope: Envelope,
        class: u8,
        contents: Contents,
        words: Words,
    ) -> Result<Ticket, Error> {
        let core = &self.core;
        let _gate = core.class_gate.read().unwrap_or_else(PoisonError::into_inner);
        let count = contents.parts.len() + 1;
        let mut keys = core.keys.take(class, count)?;
        let sealed = |source| Error::Seal { index: core.leaves.head().size, source };
        let (slot, key) = keys.pop().ok_or(Error::NoSuchClass { class })?;
        let mut leaves = Vec::with_capacity(count);
        let part = Envelope { kind: Kind::Part, ..envelope };
        for ((slot, key), text) in keys.into_iter().zip(&contents.parts) {
            leaves.push(seal(&part, slot, key, &*core.entropy, text).map_err(sealed)?);
        }
        let mut bytes: usize = leaves.iter().map(Vec::len).sum();
        let group = if leaves.is_empty() {
            let leaf = seal(&envelope, slot, key, &*core.entropy, &contents.main_at(0)).map_err(sealed)?;
            bytes = leaf.len();
            Group::Ready(vec![leaf])
        } else {
            bytes += LEAF_BYTES_MAX;
            let entropy = Arc::clone(&core.entropy);
            let make = move |first| {
                let main = contents.main_at(first);
                leaves.push(seal(&envelope, slot, key, &*entropy, &main).ok()?);
                Some(leaves)
            };
            Group::Placed { count, bytes, make: Box::new(make) }
        };
        let entry = Entry {
            kind: envelope.kind,
            record: envelope.record,
            time_ms: envelope.time_ms,
            index: 0,
            parts: (count - 1) as u16,
            class,
            log_bytes: bytes as u64,
            words: Some(words),
        };
        let parts = entry.parts;
        let waiting = self.indexer.append(core, group, entry)?;
        Ok(Ticket { record: envelope.record, parts, waiting })
    }

    /// Appends a leaf in clear; durable when it returns.
    /// With a key, that key signs from the next group on.
    pub(super) fn append_clear(
        &self,
        envelope: &Envelope,
        note: &str,
        next: Option<SigningKey>,
    ) -> Result<u64, Error> {
        let core = &self.core;
        let malformed = |source| Error::Leaf { index: core.leaves.head().size, source };
        let leaf = Clear::encode(envelope, note).map_err(malformed)?;
        let entry = Entry {
            kind: envelope.kind,
            record: envelope.record,
            time_ms: envelope.time_ms,
            index: 0,
            parts: 0,
            class: 0,
            log_bytes: leaf.len() as u64,
            words: None,
        };
        let group = match next {
            Some(next) => Group::Key(leaf, Box::new(next)),
            None => Group::Ready(vec![leaf]),
        };
        self.indexer.append(core, group, entry)?.wait()
    }
}

/// For tasks: the same as [`Ticket::wait`], without a thread that blocks. One task may wait for one ticket.
impl Future for Ticket {
    type Output = Result<Receipt, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (record, parts) = (self.record, self.parts);
        self.waiting.poll(context).map_ok(|first| Receipt { record, index: first + u64::from(parts) })
    }
}

impl Core {
    fn class(&self, asked: Option<u8>, subject: Subject<'_>) -> Result<u8, Error> {
        let class = asked.unwrap_or_else(|| self.retention.class_for(subject));
        if self.retention.class(class).is_some() { Ok(class) } else { Err(Error::NoSuchClass { class }) }
    }

    /// An envelope for a new record, at this time.
    pub(super) fn new_envelope(&self, kind: Kind) -> Result<Envelope, Error> {
        let time_ms = self.clock.now_ms();
        let mut random = [0; 10];
        self.entropy.fill(&mut random).map_err(crate::keys::Error::from)?;
        Ok(Envelope { kind, time_ms, record: RecordId::new(time_ms, random) })
    }
}
