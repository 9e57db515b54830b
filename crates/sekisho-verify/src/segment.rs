//! The frames of a segment file, one after the other.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use crate::files;

const MAGIC: &[u8; 16] = b"SEKISHO-SEG-1\n\0\0";
/// length, CRC, tag, index.
const HEAD_BYTES: usize = 17;
const ENTRY_BYTES_MAX: usize = 65_535;
const COMMIT_BYTES_MAX: usize = 4_096;
const BUFFER_BYTES: usize = 1 << 20;
/// Bytes of the entries of one group, which are kept until their commit. Writers stay far below.
pub(crate) const GROUP_BYTES_MAX: usize = 256 << 20;
/// The longest rest of a group that was never finished, frames included.
const TORN_BYTES_MAX: u64 = 2 * GROUP_BYTES_MAX as u64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Entry,
    Commit,
}

/// Why no frame can be read where one should begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The file does not begin as a segment does.
    Magic,
    /// The frame is longer than the rest of the file.
    Short,
    /// A length or tag that no frame has.
    Head,
    /// The CRC does not match.
    Crc,
    /// A group without end: more bytes of entries than any writer puts before a commit.
    Group,
}

pub(crate) struct Frames {
    file: BufReader<File>,
    /// Where the next frame begins.
    pub(crate) offset: u64,
    pub(crate) length: u64,
    payload: Vec<u8>,
}

pub(crate) struct Frame<'a> {
    pub(crate) tag: Tag,
    pub(crate) index: u64,
    pub(crate) payload: &'a [u8],
}

impl Frames {
    pub(crate) fn open(path: &Path) -> io::Result<Result<Self, Broken>> {
        let file = File::open(path).map_err(files::of(path))?;
        let length = file.metadata()?.len();
        let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
        let mut magic = [0; MAGIC.len()];
        if length < MAGIC.len() as u64 {
            return Ok(Err(Broken::Magic));
        }
        file.read_exact(&mut magic)?;
        let frames = Self { file, offset: MAGIC.len() as u64, length, payload: Vec::new() };
        Ok(if magic == *MAGIC { Ok(frames) } else { Err(Broken::Magic) })
    }

    /// The next frame; none at the end. After a broken frame nothing more is read.
    pub(crate) fn next(&mut self) -> io::Result<Option<Result<Frame<'_>, Broken>>> {
        let left = self.length - self.offset;
        if left == 0 {
            return Ok(None);
        }
        if left < HEAD_BYTES as u64 {
            return Ok(Some(Err(Broken::Short)));
        }
        let mut head = [0; HEAD_BYTES];
        self.file.read_exact(&mut head)?;
        let Some((tag, index, length)) = read_head(&head) else { return Ok(Some(Err(Broken::Head))) };
        if left - (HEAD_BYTES as u64) < length as u64 {
            return Ok(Some(Err(Broken::Short)));
        }
        self.payload.resize(length, 0);
        self.file.read_exact(&mut self.payload)?;
        if !crc_matches(&head, &self.payload) {
            return Ok(Some(Err(Broken::Crc)));
        }
        self.offset += (HEAD_BYTES + length) as u64;
        Ok(Some(Ok(Frame { tag, index, payload: &self.payload })))
    }
}

fn read_head(head: &[u8]) -> Option<(Tag, u64, usize)> {
    let length = u32::from_le_bytes(head[..4].try_into().ok()?) as usize;
    let index = u64::from_le_bytes(head[9..17].try_into().ok()?);
    match head[8] {
        1 if (1..=ENTRY_BYTES_MAX).contains(&length) => Some((Tag::Entry, index, length)),
        2 if (1..=COMMIT_BYTES_MAX).contains(&length) => Some((Tag::Commit, index, length)),
        _ => None,
    }
}

fn crc_matches(head: &[u8], payload: &[u8]) -> bool {
    let crc = u32::from_le_bytes(head[4..8].try_into().expect("four bytes"));
    crc32c::crc32c_append(crc32c::crc32c(&head[8..HEAD_BYTES]), payload) == crc
}

/// Whether what begins at `offset` can be the rest of one group that was never finished: no whole commit of more than the
/// `entries` in front lies behind it, or only one that ends the file. (One `fdatasync` does not order what it writes, so
/// after a power cut the commit of a group may be there without all of the group.) Otherwise something behind was
/// acknowledged.
pub(crate) fn is_torn_end(path: &Path, offset: u64, entries: u64) -> io::Result<bool> {
    let mut file = File::open(path).map_err(files::of(path))?;
    let length = file.metadata()?.len();
    if length.saturating_sub(offset) > TORN_BYTES_MAX {
        return Ok(false);
    }
    let mut start = file.seek(SeekFrom::Start(offset))?;
    // Behind each place that is looked at in turn, a whole commit frame has room.
    let window_bytes = BUFFER_BYTES + HEAD_BYTES + COMMIT_BYTES_MAX;
    let mut window = Vec::with_capacity(window_bytes);
    loop {
        file.by_ref().take((window_bytes - window.len()) as u64).read_to_end(&mut window)?;
        let is_last = window.len() < window_bytes;
        let places = if is_last { window.len() } else { BUFFER_BYTES };
        let is_acknowledged = |at: usize| {
            let (index, bytes) = commit(&window[at..])?;
            (index > entries && start + (at + bytes) as u64 != length).then_some(())
        };
        if (0..places).any(|at| is_acknowledged(at).is_some()) {
            return Ok(false);
        }
        if is_last {
            return Ok(true);
        }
        window.drain(..BUFFER_BYTES);
        start += BUFFER_BYTES as u64;
    }
}

/// The number of entries of the whole commit frame that begins here, and its length; none when there is none.
fn commit(bytes: &[u8]) -> Option<(u64, usize)> {
    // The tag first: it turns nearly every place away.
    if *bytes.get(8)? != 2 {
        return None;
    }
    let (head, after) = bytes.split_at_checked(HEAD_BYTES)?;
    let (_, index, length) = read_head(head)?;
    let is_whole = after.len() >= length && crc_matches(head, &after[..length]);
    is_whole.then_some((index, HEAD_BYTES + length))
}

#[cfg(test)]
mod tests {
    use super::{BUFFER_BYTES, HEAD_BYTES, is_torn_end};

    fn frame() -> Vec<u8> {
        let mut frame = [&7_u32.to_le_bytes()[..], &[0; 4], &[2], &9_u64.to_le_bytes(), b"a note\n"].concat();
        let crc = crc32c::crc32c(&frame[8..]);
        frame[4..8].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(frame.len(), HEAD_BYTES + 7);
        frame
    }

    #[test]
    fn a_commit_behind_a_break_is_found_wherever_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("segment");
        let is_torn = |before: usize, after: usize| {
            std::fs::write(&path, [vec![0; 5 + before], frame(), vec![0; after]].concat()).unwrap();
            // What was there before, in a place that was used again, says nothing.
            assert!(is_torn_end(&path, 5, 9).unwrap());
            is_torn_end(&path, 5, 8).unwrap()
        };
        for before in [0, 1, BUFFER_BYTES - 1, BUFFER_BYTES, 2 * BUFFER_BYTES - 10] {
            assert!(is_torn(before, 0), "{before}: it ends the file");
            assert!(!is_torn(before, 1), "{before}: something is behind it");
            assert!(!is_torn(before, 3 * BUFFER_BYTES), "{before}: much is behind it");
        }
    }
}
