//! The frames of a segment file, one after the other.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

const MAGIC: &[u8; 16] = b"SEKISHO-SEG-1\n\0\0";
/// length, CRC, tag, index.
const HEAD_BYTES: usize = 17;
const ENTRY_BYTES_MAX: usize = 65_535;
const COMMIT_BYTES_MAX: usize = 4_096;
const BUFFER_BYTES: usize = 1 << 20;

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
        let file = File::open(path)?;
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

/// Whether what begins at `offset` can be the rest of one group that was never finished: no whole commit frame lies
/// behind it, or only one that ends the file. (One `fdatasync` does not order what it writes, so after a power cut the
/// commit of a group may be there without all of the group.) Otherwise something behind was acknowledged.
pub(crate) fn is_torn_end(path: &Path, offset: u64) -> io::Result<bool> {
    let bytes = std::fs::read(path)?;
    let rest = bytes.get(offset as usize..).unwrap_or_default();
    let mut ends = (0..rest.len().saturating_sub(HEAD_BYTES)).filter_map(|at| {
        let (head, after) = rest[at..].split_at(HEAD_BYTES);
        let Some((Tag::Commit, _, length)) = read_head(head) else { return None };
        let is_whole = after.len() >= length && crc_matches(head, &after[..length]);
        is_whole.then_some(at + HEAD_BYTES + length)
    });
    Ok(ends.all(|end| end == rest.len()))
}
