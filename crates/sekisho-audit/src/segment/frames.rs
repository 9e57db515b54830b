//! Reading a segment frame by frame.

use std::io;

use super::{Broken, FRAME_BYTES, HEADER, Head, Reason, Tag};
use crate::vfs::{ReadAt, read_up_to};

/// Bytes that are read at once; also the most memory a reader takes, beside one frame.
const CHUNK_BYTES: usize = 256 * 1024;

/// A frame that is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Entry or commit.
    pub tag: Tag,
    /// Of an entry, its index; of a commit, the number of entries.
    pub index: u64,
    /// The leaf, or the checkpoint.
    pub payload: &'a [u8],
    /// Where the frame begins in the segment, in bytes.
    pub offset: u64,
}

/// Reads frames in order, and checks that their numbers go on.
#[derive(Debug)]
pub struct Frames<R> {
    file: R,
    segment: u64,
    /// The end of what is read.
    end: u64,
    buffer: Vec<u8>,
    /// Where in the file the buffer begins.
    buffer_offset: u64,
    /// The next frame, within the buffer.
    at: usize,
    next_index: u64,
    /// Entries since the last commit; none known when reading began in the middle.
    in_group: Option<u64>,
    has_header: bool,
}

/// Why the next frame could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The file is not as it must be.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The disk says no.
    #[error("segment {segment:020} could not be read")]
    Io {
        /// The segment.
        segment: u64,
        /// What the disk says.
        #[source]
        source: io::Error,
    },
}

impl<R: ReadAt> Frames<R> {
    /// Reads a segment from its beginning to `end` (no further than the file goes). `segment` is the index of its first
    /// entry.
    pub fn new(file: R, segment: u64, end: u64) -> Self {
        let mut frames = Self::from_entry(file, segment, end, 0, segment);
        frames.has_header = false;
        frames.in_group = Some(0);
        frames
    }

    /// Reads on from a frame in the middle, which must be entry `index` or the commit before it.
    pub fn from_entry(file: R, segment: u64, end: u64, offset: u64, index: u64) -> Self {
        Self {
            file,
            segment,
            end,
            buffer: Vec::new(),
            buffer_offset: offset,
            at: 0,
            next_index: index,
            in_group: None,
            has_header: true,
        }
    }

    /// Where the next frame begins, in bytes.
    pub fn offset(&self) -> u64 {
        self.buffer_offset + self.at as u64
    }

    /// Whether reading has come to where the segment may end: behind a commit.
    pub fn is_committed(&self) -> bool {
        self.in_group == Some(0)
    }

    /// The next frame; none at the end.
    ///
    /// # Errors
    /// [`FrameError`]; the same one again when asked again.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        if !self.has_header {
            self.read_header()?;
        }
        let rest = self.fill(FRAME_BYTES)?;
        if rest == 0 {
            return Ok(None);
        }
        let Some(head) = self.buffer[self.at..].first_chunk() else { return Err(self.broken(Reason::Cut)) };
        let head = Head::parse(head).map_err(|reason| self.broken(reason))?;
        if self.fill(head.frame_len())? < head.frame_len() {
            return Err(self.broken(Reason::Cut));
        }
        if !head.holds(&self.buffer[self.at..self.at + head.frame_len()]) {
            return Err(self.broken(Reason::Crc));
        }
        self.check_order(head)?;
        let offset = self.offset();
        let payload = &self.buffer[self.at + FRAME_BYTES..self.at + head.frame_len()];
        self.at += head.frame_len();
        Ok(Some(Frame { tag: head.tag, index: head.index, payload, offset }))
    }

    fn check_order(&mut self, head: Head) -> Result<(), FrameError> {
        if head.index != self.next_index {
            return Err(self.broken(Reason::Index { expected: self.next_index, found: head.index }));
        }
        match head.tag {
            Tag::Entry => {
                self.next_index += 1;
                self.in_group = self.in_group.map(|count| count + 1);
            }
            Tag::Commit if self.in_group == Some(0) => return Err(self.broken(Reason::EmptyGroup)),
            Tag::Commit => self.in_group = Some(0),
        }
        Ok(())
    }

    fn read_header(&mut self) -> Result<(), FrameError> {
        self.fill(HEADER.len())?;
        if !self.buffer[self.at..].starts_with(HEADER) {
            return Err(self.broken(Reason::Header));
        }
        self.at += HEADER.len();
        self.has_header = true;
        Ok(())
    }

    /// Makes sure that the buffer holds `wanted` bytes from the next frame on, as far as the file goes, and says how
    /// many it holds.
    fn fill(&mut self, wanted: usize) -> Result<usize, FrameError> {
        let held = self.buffer.len() - self.at;
        if held >= wanted {
            return Ok(held);
        }
        self.buffer.drain(..self.at);
        self.buffer_offset += self.at as u64;
        self.at = 0;
        let left = self.end.saturating_sub(self.buffer_offset + held as u64);
        let more = left.min(CHUNK_BYTES.max(wanted) as u64) as usize;
        self.buffer.resize(held + more, 0);
        let read = read_up_to(&self.file, &mut self.buffer[held..], self.buffer_offset + held as u64);
        self.buffer.truncate(held + *read.as_ref().unwrap_or(&0));
        read.map_err(|source| FrameError::Io { segment: self.segment, source })?;
        Ok(self.buffer.len())
    }

    fn broken(&self, reason: Reason) -> FrameError {
        Broken { segment: self.segment, offset: self.offset(), reason }.into()
    }
}
