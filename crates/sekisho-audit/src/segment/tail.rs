//! Finding commits without reading all that stands before them.

use std::io;

use super::{COMMIT_BYTES_MAX, FRAME_BYTES, Head, Tag};
use crate::vfs::{ReadAt, read_exact_at, read_up_to};

/// Bytes that are searched at once for a commit.
const SEARCH_BYTES: usize = 1024 * 1024;
const COMMIT_FRAME_BYTES_MAX: usize = FRAME_BYTES + COMMIT_BYTES_MAX;

/// A commit frame that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommitFrame {
    /// Number of entries.
    pub(crate) size: u64,
    /// The checkpoint; nobody has looked at it yet.
    pub(crate) payload: Vec<u8>,
    /// Where the frame ends, in bytes.
    pub(crate) end: u64,
}

/// The commit that a segment of `end` bytes ends with, if `is_ours` says so of it; none when it ends with anything else.
pub(crate) fn last_commit<R: ReadAt + ?Sized>(
    file: &R,
    end: u64,
    is_ours: impl Fn(&CommitFrame) -> bool,
) -> io::Result<Option<CommitFrame>> {
    let start = end.saturating_sub(COMMIT_FRAME_BYTES_MAX as u64);
    let mut bytes = vec![0; (end - start) as usize];
    read_exact_at(file, &mut bytes, start)?;
    let frames = (0..bytes.len()).filter_map(|at| commit_at(&bytes[at..], start + at as u64));
    Ok(frames.filter(|frame| frame.end == end).find(is_ours))
}

/// The first commit that begins at `from` or behind it and that `is_ours` says yes to, at whatever byte. What was torn
/// may hold anything, so the caller must not be deceived by a leaf that looks like a frame: `is_ours` asks for the
/// signature.
pub(crate) fn commit_after<R: ReadAt + ?Sized>(
    file: &R,
    from: u64,
    is_ours: impl Fn(&CommitFrame) -> bool,
) -> io::Result<Option<CommitFrame>> {
    let mut start = from;
    let mut bytes = vec![0; SEARCH_BYTES + COMMIT_FRAME_BYTES_MAX];
    loop {
        let count = read_up_to(file, &mut bytes, start)?;
        let frames = (0..count.min(SEARCH_BYTES))
            .filter_map(|at| commit_at(&bytes[at..count], start + at as u64))
            .find(&is_ours);
        if frames.is_some() || count <= SEARCH_BYTES {
            return Ok(frames);
        }
        start += SEARCH_BYTES as u64;
    }
}

/// The commit frame that begins with these bytes, which stand at `offset` in the file.
fn commit_at(bytes: &[u8], offset: u64) -> Option<CommitFrame> {
    // The tag first: it turns nearly every place away.
    if *bytes.get(8)? != 2 {
        return None;
    }
    let head = Head::parse(bytes.first_chunk()?).ok().filter(|head| head.tag == Tag::Commit)?;
    let frame = bytes.get(..head.frame_len())?;
    head.holds(frame).then(|| CommitFrame {
        size: head.index,
        payload: frame[FRAME_BYTES..].to_vec(),
        end: offset + frame.len() as u64,
    })
}
