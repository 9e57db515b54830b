//! Reading a file forward without ever trusting it: each length is held against what is left before anything is
//! allocated or skipped.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use super::{
    error::{Error, Flaw, Part},
    limits::HEADER_BYTES_MAX,
};

/// A place in the header of a file.
pub(super) struct Cursor<'a> {
    reader: BufReader<File>,
    file: &'a Path,
    position: u64,
    file_bytes: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn open(file: &'a Path) -> Result<Self, Error> {
        let io = |error: io::Error| Error::of_file(file, error);
        // Asked before opening: opening a named pipe would wait for a writer.
        if !file.metadata().map_err(io)?.is_file() {
            return Err(Error::of_file(file, Flaw::NotAModelFile));
        }
        let handle = File::open(file).map_err(io)?;
        let file_bytes = handle.metadata().map_err(io)?.len();
        Ok(Self { reader: BufReader::with_capacity(64 << 10, handle), file, position: 0, file_bytes })
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    pub(super) fn left_bytes(&self) -> u64 {
        self.file_bytes.saturating_sub(self.position)
    }

    /// The error that names this place.
    pub(super) fn error(&self, flaw: impl Into<Flaw>) -> Error {
        self.error_at(self.position, flaw)
    }

    pub(super) fn error_at(&self, position: u64, flaw: impl Into<Flaw>) -> Error {
        Error { file: self.file.to_owned(), byte_offset: Some(position), flaw: flaw.into() }
    }

    /// A count or length that the file claims, if it is within its limit.
    pub(super) fn bounded(&self, part: Part, claimed: u64, max: u64) -> Result<u64, Error> {
        if claimed > max {
            return Err(self.error(Flaw::LengthTooLarge { part, claimed, max }));
        }
        Ok(claimed)
    }

    /// Refuses what the file does not hold or the header may not take.
    fn need(&self, part: Part, needed_bytes: u64) -> Result<(), Error> {
        let left_bytes = self.left_bytes();
        if needed_bytes > left_bytes {
            return Err(self.error(Flaw::Truncated { part, needed_bytes, left_bytes }));
        }
        self.bounded(Part::Header, self.position + needed_bytes, HEADER_BYTES_MAX).map(drop)
    }

    fn array<const N: usize>(&mut self, part: Part) -> Result<[u8; N], Error> {
        self.need(part, N as u64)?;
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(|error| self.error(error))?;
        self.position += N as u64;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self, part: Part) -> Result<u32, Error> {
        self.array(part).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, part: Part) -> Result<u64, Error> {
        self.array(part).map(u64::from_le_bytes)
    }

    /// The next bytes, allocated only after they are known to be there.
    pub(super) fn bytes(&mut self, part: Part, length: u64) -> Result<Vec<u8>, Error> {
        self.need(part, length)?;
        let mut bytes = vec![0; length as usize];
        self.reader.read_exact(&mut bytes).map_err(|error| self.error(error))?;
        self.position += length;
        Ok(bytes)
    }

    /// A string with its 64-bit length in front.
    pub(super) fn text(&mut self, part: Part, max: u64) -> Result<String, Error> {
        let claimed = self.u64(part)?;
        let length = self.bounded(part, claimed, max)?;
        let start = self.position;
        String::from_utf8(self.bytes(part, length)?).map_err(|_| self.error_at(start, Flaw::BadUtf8 { part }))
    }

    /// Passes over bytes; the reader seeks when they are not in its buffer.
    pub(super) fn skip(&mut self, part: Part, length: u64) -> Result<(), Error> {
        self.need(part, length)?;
        // `need` bounds the length by the header limit, far below the range of i64.
        self.reader.seek_relative(length.cast_signed()).map_err(|error| self.error(error))?;
        self.position += length;
        Ok(())
    }

    /// The next bytes without moving; fewer at the end of the file.
    pub(super) fn peek(&mut self, count: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::with_capacity(count);
        let wanted = count as u64;
        self.reader.by_ref().take(wanted).read_to_end(&mut bytes).map_err(|error| self.error(error))?;
        self.reader
            .seek_relative(-((bytes.len() as u64).cast_signed()))
            .map_err(|error| self.error(error))?;
        Ok(bytes)
    }
}

/// A small file as a whole, refused before it is read when it is larger than `max_bytes`.
pub(super) fn small_file(file: &Path, max_bytes: u64) -> Result<Vec<u8>, Error> {
    let mut cursor = Cursor::open(file)?;
    let length = cursor.bounded(Part::JsonFile, cursor.file_bytes(), max_bytes)?;
    cursor.bytes(Part::JsonFile, length)
}
