//! From leaves in the log back to rows of the index, for what the index has not seen or has lost.

use super::{Error, Reading};
use crate::{
    index::{Entry, Words},
    keys::{self, Looked},
    leaf::{Kind, Leaf, RecordId, Sealed},
    record::{Close, Event, Open, Record, take_parts},
    seal,
};

impl Reading {
    /// Reads the entries from `from` to `to` and gives those that stand for records, each with what can be searched for.
    pub(super) fn replay(&self, from: u64, to: u64, each: &mut dyn FnMut(Entry)) -> Result<(), Error> {
        let mut front = Front::default();
        self.leaves.each(from, to, &mut |index, bytes| {
            let leaf = Leaf::parse(bytes).map_err(|source| Error::Leaf { index, source })?;
            let envelope = leaf.envelope();
            front.bytes += bytes.len() as u64;
            if envelope.kind == Kind::Part {
                front.count_part(envelope.record);
                return Ok(());
            }
            let parts = if front.record == Some(envelope.record) { front.parts } else { 0 };
            let (class, words) = match &leaf {
                Leaf::Sealed(sealed) => (sealed.slot.class, self.words_of(index, sealed)?),
                Leaf::Clear(_) => (0, None),
            };
            each(Entry {
                kind: envelope.kind,
                record: envelope.record,
                time_ms: envelope.time_ms,
                index,
                parts,
                class,
                log_bytes: front.bytes,
                words,
            });
            front = Front::default();
            Ok(())
        })
    }

    /// The words of a record leaf; none when its key is gone.
    fn words_of(&self, index: u64, sealed: &Sealed<'_>) -> Result<Option<Words>, Error> {
        // The log knows a key from this block, so it must not be made again, whatever the folder of keys says.
        self.keys.skip_past(sealed.slot)?;
        let key = match self.keys.look(sealed.slot) {
            Ok(Looked::Key(key)) => key,
            // A slot half overwritten when the machine stopped: the erasure is finished later in this start. If no erasure
            // names it, whoever reads the record is told.
            Ok(Looked::Destroyed | Looked::Missing) | Err(keys::Error::Damaged { .. }) => return Ok(None),
            Err(cause) => return Err(cause.into()),
        };
        let opened = seal::open(sealed, &key).map_err(|source| Error::Seal { index, source })?;
        let content = || -> Result<Words, crate::record::Error> {
            let (members, _) = take_parts(&opened.content)?;
            Ok(match sealed.envelope.kind {
                Kind::Open => Words::of_open(&Open::parse(members)?),
                Kind::Close => Words::of_close(&Close::parse(members)?),
                _ => Words::of_event(&Event::parse(members)?),
            })
        };
        content().map(Some).map_err(|_| Error::Content { index })
    }
}

/// What stands in front of a record leaf.
#[derive(Default)]
struct Front {
    record: Option<RecordId>,
    parts: u16,
    bytes: u64,
}

impl Front {
    fn count_part(&mut self, record: RecordId) {
        if self.record != Some(record) {
            (self.record, self.parts) = (Some(record), 0);
        }
        self.parts = self.parts.saturating_add(1);
    }
}
