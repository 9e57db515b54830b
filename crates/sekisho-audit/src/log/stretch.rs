//! Reading one entry: with it come its neighbours, since whoever reads one asks for another near it as a rule.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use super::{ReadError, segment_path, view::Shared};
use crate::{
    segment::{Broken, Frames, OFFSET_EVERY, Reason, Tag},
    vfs::{Open, ReadAt, Vfs},
};

/// Stretches that are kept.
const STRETCHES_MAX: usize = 8;
/// Bytes of a stretch, but for its last entry.
const STRETCH_BYTES_MAX: usize = 1 << 20;

/// Some entries in a row, of one segment.
#[derive(Debug)]
struct Stretch {
    segment: u64,
    first: u64,
    /// Where each entry ends.
    ends: Vec<usize>,
    bytes: Vec<u8>,
}

/// The stretches that were read last, the newest first.
#[derive(Debug, Default)]
pub(crate) struct Stretches(Mutex<VecDeque<Arc<Stretch>>>);

impl Stretch {
    fn entry(&self, index: u64) -> Option<&[u8]> {
        let at = usize::try_from(index.checked_sub(self.first)?).ok()?;
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }

    fn end(&self) -> u64 {
        self.first + self.ends.len() as u64
    }

    fn push(&mut self, index: u64, payload: &[u8], wanted: u64) {
        // So large that not even what lies in front of the wanted one can be kept.
        if self.bytes.len() > STRETCH_BYTES_MAX && index <= wanted {
            (self.first, self.ends, self.bytes) = (index, Vec::new(), Vec::new());
        }
        self.bytes.extend_from_slice(payload);
        self.ends.push(self.bytes.len());
    }
}

impl Stretches {
    fn entry(&self, segment: u64, index: u64) -> Option<Vec<u8>> {
        let stretches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stretches
            .iter()
            .filter(|stretch| stretch.segment == segment)
            .find_map(|stretch| stretch.entry(index).map(<[u8]>::to_vec))
    }

    fn keep(&self, stretch: Stretch) {
        let mut stretches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_part = |kept: &Arc<Stretch>| kept.first >= stretch.first && kept.end() <= stretch.end();
        stretches.retain(|kept| kept.segment != stretch.segment || !is_part(kept));
        stretches.truncate(STRETCHES_MAX - 1);
        stretches.push_front(Arc::new(stretch));
    }
}

impl<V: Vfs> Shared<V> {
    /// Entry `index`, which lies in this segment.
    pub(crate) fn entry(&self, segment: u64, index: u64) -> Result<Vec<u8>, ReadError> {
        if let Some(entry) = self.stretches.entry(segment, index) {
            return Ok(entry);
        }
        let table = self.offsets_of(segment, index)?;
        // The table ends where the segment is broken.
        let missing = |found| Broken { segment, offset: 0, reason: Reason::Index { expected: index, found } };
        let (near, offset) = table.before(index).ok_or(missing(table.end()))?;
        let file = self.fs.open(&segment_path(segment), Open::Read)?;
        let end = file.len()?;
        let mut frames = Frames::from_entry(file, segment, end, offset, near);
        let mut stretch = Stretch { segment, first: near, ends: Vec::new(), bytes: Vec::new() };
        loop {
            let next = stretch.end();
            let has_it = next > index;
            if has_it && (next >= near + OFFSET_EVERY || stretch.bytes.len() > STRETCH_BYTES_MAX) {
                break;
            }
            let at = frames.offset();
            match frames.next_frame() {
                Ok(Some(frame)) if frame.tag == Tag::Entry => stretch.push(frame.index, frame.payload, index),
                Ok(Some(_)) => {}
                // What comes behind is for whoever asks for it.
                Ok(None) | Err(_) if has_it => break,
                Ok(None) => return Err(Broken { segment, offset: at, reason: Reason::Cut }.into()),
                Err(error) => return Err(error.into()),
            }
        }
        let entry = stretch.entry(index).map(<[u8]>::to_vec).ok_or(missing(stretch.end()))?;
        self.stretches.keep(stretch);
        Ok(entry)
    }
}
