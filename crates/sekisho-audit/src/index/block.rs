//! A block: up to [`ROWS_MAX`](super::ROWS_MAX) rows as a file, in columns, with a summary in front that says what it cannot hold.
//!
//! Derived and local, so the form may change with the version: a file that is not understood is made again. Numbers are
//! little-endian. Every section has its checksum; rows have one for every 256, so that few hits cost few bytes.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    Coverage,
    bloom::{BLOOM_BYTES_MAX, Bloom},
    bytes::{Reader, put_word, take_word},
    column::{COLUMNS, RULE_END, Words},
    table::{OpenRow, OpenRows, Row, Table, WordColumn},
};
use crate::{
    leaf::{Kind, RecordId},
    vfs::{ReadAt, read_exact_at},
};

const MAGIC: &[u8; 16] = b"SEKISHO-IDX-1\n\0\0";
const ROW_BYTES: usize = 56;
const CHUNK_ROWS: usize = 256;
const CHUNK_BYTES: usize = CHUNK_ROWS * ROW_BYTES + 4;

/// Largest section: more than words of the longest kind in every row would take.
const SECTION_BYTES_MAX: usize = 512 << 20;

/// Whole-column sections in front of those of the words.
#[derive(Clone, Copy)]
pub(super) enum Section {
    Rows,
    Times,
    Kinds,
    Classes,
    Ids,
    Open,
}
const FIXED_SECTIONS: usize = 6;
const SECTIONS: usize = FIXED_SECTIONS + 2 * COLUMNS;
const HEADER_BYTES: usize = 32 + 8 + 8 + 32 + 4 + 4 + 8 + 8 + 16 + 16 + SECTIONS * 16 + 4;

/// Why a block cannot be used. It is made again from the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlockError {
    #[error("the block could not be read")]
    Io(#[from] io::Error),
    #[error("the block is damaged, or of another log or version")]
    Damaged,
}

/// What is kept in memory of a block: enough to pass it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Rows of erase, hold, release and key leaves.
    pub(crate) clear_rows: usize,
    /// When the first and the last of its records were opened; the other way round when there is none.
    pub(crate) open_ms: (u64, u64),
    /// The least and the greatest id; the other way round when there is none.
    pub(crate) ids: (RecordId, RecordId),
}

impl Summary {
    pub(crate) fn of(rows: &[Row]) -> Self {
        let times = || rows.iter().map(|row| row.open_ms);
        let ids = || rows.iter().map(|row| row.record);
        Self {
            clear_rows: rows.iter().filter(|row| !row.kind.is_sealed()).count(),
            open_ms: (times().min().unwrap_or(u64::MAX), times().max().unwrap_or(0)),
            ids: (ids().min().unwrap_or(RecordId([0xff; 16])), ids().max().unwrap_or(RecordId([0; 16]))),
        }
    }
}

/// What stands in front of the rows of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) coverage: Coverage,
    pub(crate) rows: usize,
    pub(crate) summary: Summary,
    pub(crate) bloom: Bloom,
    sections: Vec<(u64, u32, u32)>,
}

/// Writes a block. `open` are the requests that have not ended at its end.
pub(crate) fn encode(coverage: &Coverage, table: &Table, open: &OpenRows) -> Vec<u8> {
    let bloom = bloom_of(table);
    let mut sections = vec![
        rows_section(&table.rows),
        table.rows.iter().flat_map(|row| row.open_ms.to_le_bytes()).collect(),
        table.rows.iter().map(|row| row.kind as u8).collect(),
        table.rows.iter().flat_map(|row| [row.class, u8::from(row.erased)]).collect(),
        table.rows.iter().flat_map(|row| row.record.0).collect(),
        open_section(open),
    ];
    for column in &table.columns {
        let mut words = Vec::new();
        column.words.iter().for_each(|word| put_word(&mut words, word));
        sections.push(words);
    }
    for column in &table.columns {
        sections.push(column.codes.iter().flat_map(|code| code.to_le_bytes()).collect());
    }

    let mut header = Vec::with_capacity(HEADER_BYTES + bloom.0.len());
    header.extend_from_slice(&coverage.log);
    header.extend_from_slice(&coverage.first.to_le_bytes());
    header.extend_from_slice(&coverage.end.to_le_bytes());
    header.extend_from_slice(&coverage.last_leaf);
    header.extend_from_slice(&(table.rows.len() as u32).to_le_bytes());
    let Summary { clear_rows, open_ms, ids } = Summary::of(&table.rows);
    header.extend_from_slice(&(clear_rows as u32).to_le_bytes());
    header.extend_from_slice(&open_ms.0.to_le_bytes());
    header.extend_from_slice(&open_ms.1.to_le_bytes());
    header.extend_from_slice(&ids.0.0);
    header.extend_from_slice(&ids.1.0);
    let mut offset = (MAGIC.len() + 8 + HEADER_BYTES + bloom.0.len()) as u64;
    for section in &sections {
        header.extend_from_slice(&offset.to_le_bytes());
        header.extend_from_slice(&(section.len() as u32).to_le_bytes());
        header.extend_from_slice(&crc32c::crc32c(section).to_le_bytes());
        offset += section.len() as u64;
    }
    header.extend_from_slice(&(bloom.0.len() as u32).to_le_bytes());
    header.extend_from_slice(&bloom.0);

    let mut file = Vec::with_capacity(offset as usize);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&(header.len() as u32).to_le_bytes());
    file.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
    file.extend_from_slice(&header);
    for section in &sections {
        file.extend_from_slice(section);
    }
    file
}

fn bloom_of(table: &Table) -> Bloom {
    let words = || {
        table.columns.iter().enumerate().flat_map(|(at, column)| column.words.iter().map(move |w| (at, w)))
    };
    let single = |word: &Arc<str>| word.split_terminator(RULE_END).map(str::to_owned).collect::<Vec<_>>();
    let all: Vec<(usize, String)> =
        words().flat_map(|(at, word)| single(word).into_iter().map(move |word| (at, word))).collect();
    let mut bloom = Bloom::for_words(all.len());
    for (at, word) in &all {
        bloom.add(*at, word);
    }
    bloom
}

fn rows_section(rows: &[Row]) -> Vec<u8> {
    let mut section = Vec::with_capacity(rows.len().div_ceil(CHUNK_ROWS) * CHUNK_BYTES);
    for chunk in rows.chunks(CHUNK_ROWS) {
        let from = section.len();
        for row in chunk {
            for number in [row.index, row.open_index, row.time_ms, row.open_ms] {
                section.extend_from_slice(&number.to_le_bytes());
            }
            section.extend_from_slice(&row.record.0);
            section.extend_from_slice(&row.parts.to_le_bytes());
            section.extend_from_slice(&row.open_parts.to_le_bytes());
            section.extend_from_slice(&[row.kind as u8, row.class, u8::from(row.erased), 0]);
        }
        let crc = crc32c::crc32c(&section[from..]);
        section.extend_from_slice(&crc.to_le_bytes());
    }
    section
}

fn open_section(open: &OpenRows) -> Vec<u8> {
    let mut section = (open.len() as u32).to_le_bytes().to_vec();
    for (record, row) in open {
        section.extend_from_slice(&record.0);
        section.extend_from_slice(&row.index.to_le_bytes());
        section.extend_from_slice(&row.time_ms.to_le_bytes());
        section.push(row.class);
        section.extend_from_slice(&row.parts.to_le_bytes());
        for at in 0..COLUMNS {
            put_word(&mut section, row.words.get(at).map_or("", |word| word));
        }
    }
    section
}

/// A block file, of which only what is asked for is read.
pub(crate) struct Block {
    file: Box<dyn ReadAt>,
    pub(crate) header: Header,
    read_bytes: Arc<AtomicU64>,
}

impl Block {
    /// Reads the summary. `read_bytes` counts what this and later reads cost.
    pub(crate) fn open(file: Box<dyn ReadAt>, read_bytes: Arc<AtomicU64>) -> Result<Self, BlockError> {
        let mut front = [0; MAGIC.len() + 8];
        read_exact_at(&*file, &mut front, 0)?;
        let mut reader = Reader(&front);
        let magic = reader.take::<16>().ok_or(BlockError::Damaged)?;
        let length = reader.u32().ok_or(BlockError::Damaged)? as usize;
        let crc = reader.u32().ok_or(BlockError::Damaged)?;
        if magic != MAGIC || !(HEADER_BYTES..=HEADER_BYTES + BLOOM_BYTES_MAX).contains(&length) {
            return Err(BlockError::Damaged);
        }
        let mut header = vec![0; length];
        read_exact_at(&*file, &mut header, front.len() as u64)?;
        read_bytes.fetch_add((front.len() + length) as u64, Ordering::Relaxed);
        if crc32c::crc32c(&header) != crc {
            return Err(BlockError::Damaged);
        }
        let header = parse_header(&mut Reader(&header)).ok_or(BlockError::Damaged)?;
        Ok(Self { file, header, read_bytes })
    }

    fn read(&self, offset: u64, length: usize) -> Result<Vec<u8>, BlockError> {
        let mut bytes = vec![0; length];
        read_exact_at(&*self.file, &mut bytes, offset)?;
        self.read_bytes.fetch_add(length as u64, Ordering::Relaxed);
        Ok(bytes)
    }

    fn section(&self, at: usize) -> Result<Vec<u8>, BlockError> {
        let (offset, length, crc) = self.header.sections[at];
        let bytes = self.read(offset, length as usize)?;
        if crc32c::crc32c(&bytes) == crc { Ok(bytes) } else { Err(BlockError::Damaged) }
    }

    fn column(&self, section: Section, width: usize) -> Result<Vec<u8>, BlockError> {
        let bytes = self.section(section as usize)?;
        if bytes.len() == self.header.rows * width { Ok(bytes) } else { Err(BlockError::Damaged) }
    }

    /// When each row was opened, in milliseconds.
    pub(crate) fn times(&self) -> Result<Vec<u64>, BlockError> {
        let bytes = self.column(Section::Times, 8)?;
        Ok(bytes.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect())
    }

    /// The kind of each row, as its number.
    pub(crate) fn kinds(&self) -> Result<Vec<u8>, BlockError> {
        self.column(Section::Kinds, 1)
    }

    /// Class of each row, and whether it is erased.
    pub(crate) fn classes(&self) -> Result<Vec<(u8, bool)>, BlockError> {
        let bytes = self.column(Section::Classes, 2)?;
        Ok(bytes.as_chunks::<2>().0.iter().map(|[class, erased]| (*class, *erased == 1)).collect())
    }

    /// The record of each row.
    pub(crate) fn ids(&self) -> Result<Vec<RecordId>, BlockError> {
        let bytes = self.column(Section::Ids, 16)?;
        Ok(bytes.as_chunks::<16>().0.iter().map(|bytes| RecordId(*bytes)).collect())
    }

    /// Only the distinct words of a column; the codes are read when one of them fits.
    pub(crate) fn words(&self, column: usize) -> Result<Vec<Arc<str>>, BlockError> {
        let bytes = self.section(FIXED_SECTIONS + column)?;
        let mut reader = Reader(&bytes);
        let mut words = Vec::new();
        while !reader.0.is_empty() {
            words.push(Arc::from(take_word(&mut reader).ok_or(BlockError::Damaged)?));
        }
        if words.len() > self.header.rows {
            return Err(BlockError::Damaged);
        }
        Ok(words)
    }

    /// The number of each row's word, from 1; 0 is none.
    pub(crate) fn codes(&self, column: usize) -> Result<Vec<u16>, BlockError> {
        let bytes = self.section(FIXED_SECTIONS + COLUMNS + column)?;
        let codes: Vec<u16> =
            bytes.as_chunks::<2>().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
        if codes.len() == self.header.rows { Ok(codes) } else { Err(BlockError::Damaged) }
    }

    /// The rows of these numbers, which must ascend.
    pub(crate) fn rows(&self, numbers: &[usize]) -> Result<Vec<Row>, BlockError> {
        let mut rows = Vec::with_capacity(numbers.len());
        let mut chunk: Option<(usize, Vec<u8>)> = None;
        for number in numbers {
            let at = number / CHUNK_ROWS;
            if chunk.as_ref().is_none_or(|(held, _)| *held != at) {
                chunk = Some((at, self.chunk(at)?));
            }
            let bytes = chunk.as_ref().map_or(&[][..], |(_, bytes)| bytes);
            let bytes = bytes.get(number % CHUNK_ROWS * ROW_BYTES..).ok_or(BlockError::Damaged)?;
            rows.push(parse_row(&mut Reader(bytes)).ok_or(BlockError::Damaged)?);
        }
        Ok(rows)
    }

    fn chunk(&self, at: usize) -> Result<Vec<u8>, BlockError> {
        let from = at * CHUNK_ROWS;
        let count = self.header.rows.checked_sub(from).ok_or(BlockError::Damaged)?.min(CHUNK_ROWS);
        let offset = self.header.sections[Section::Rows as usize].0 + (at * CHUNK_BYTES) as u64;
        let mut bytes = self.read(offset, count * ROW_BYTES + 4)?;
        let crc = bytes.split_off(count * ROW_BYTES);
        if crc32c::crc32c(&bytes).to_le_bytes()[..] == crc[..] { Ok(bytes) } else { Err(BlockError::Damaged) }
    }

    /// The requests that had not ended at the end of the block.
    pub(crate) fn open_rows(&self) -> Result<OpenRows, BlockError> {
        let bytes = self.section(Section::Open as usize)?;
        parse_open(&mut Reader(&bytes)).ok_or(BlockError::Damaged)
    }

    /// Everything, as it was before it was written.
    pub(crate) fn table(&self) -> Result<Table, BlockError> {
        let all: Vec<usize> = (0..self.header.rows).collect();
        let rows = self.rows(&all)?;
        let mut columns: [WordColumn; COLUMNS] = Default::default();
        for (at, column) in columns.iter_mut().enumerate() {
            *column = WordColumn { words: self.words(at)?, codes: self.codes(at)? };
            if column.codes.iter().any(|code| usize::from(*code) > column.words.len()) {
                return Err(BlockError::Damaged);
            }
        }
        Ok(Table::of(rows, columns))
    }
}

fn parse_header(reader: &mut Reader<'_>) -> Option<Header> {
    let log = *reader.take::<32>()?;
    let (first, end) = (reader.u64()?, reader.u64()?);
    let last_leaf = *reader.take::<32>()?;
    let (rows, clear_rows) = (reader.u32()? as usize, reader.u32()? as usize);
    let open_ms = (reader.u64()?, reader.u64()?);
    let ids = (RecordId(*reader.take()?), RecordId(*reader.take()?));
    let mut sections = Vec::with_capacity(SECTIONS);
    for _ in 0..SECTIONS {
        let section = (reader.u64()?, reader.u32()?, reader.u32()?);
        if section.1 as usize > SECTION_BYTES_MAX {
            return None;
        }
        sections.push(section);
    }
    let bloom_bytes = reader.u32()? as usize;
    if bloom_bytes == 0 || bloom_bytes != reader.0.len() || rows > super::ROWS_IN_MEMORY_MAX || first > end {
        return None;
    }
    Some(Header {
        coverage: Coverage { log, first, end, last_leaf },
        rows,
        summary: Summary { clear_rows, open_ms, ids },
        bloom: Bloom(reader.0.to_vec()),
        sections,
    })
}

fn parse_row(reader: &mut Reader<'_>) -> Option<Row> {
    let (index, open_index) = (reader.u64()?, reader.u64()?);
    let (time_ms, open_ms) = (reader.u64()?, reader.u64()?);
    let record = RecordId(*reader.take()?);
    let (parts, open_parts) = (reader.u16()?, reader.u16()?);
    let [kind, class, erased, _] = *reader.take::<4>()?;
    let kind = Kind::parse(kind)?;
    Some(Row {
        index,
        record,
        kind,
        class,
        erased: erased == 1,
        time_ms,
        parts,
        open_index,
        open_ms,
        open_parts,
    })
}

fn parse_open(reader: &mut Reader<'_>) -> Option<OpenRows> {
    let count = reader.u32()?;
    let mut open = OpenRows::new();
    for _ in 0..count {
        let record = RecordId(*reader.take()?);
        let (index, time_ms) = (reader.u64()?, reader.u64()?);
        let [class] = *reader.take::<1>()?;
        let parts = reader.u16()?;
        let mut words = Words::default();
        for at in 0..COLUMNS {
            let word = take_word(reader)?;
            words.set(at, (!word.is_empty()).then_some(word));
        }
        open.insert(record, OpenRow { index, time_ms, class, parts, words });
    }
    Some(open)
}
