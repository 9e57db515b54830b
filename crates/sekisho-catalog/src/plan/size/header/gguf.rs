//! GGUF versions 2 and 3, little-endian.
//!
//! Layout: magic `GGUF`, version, number of tensors, number of metadata entries, the entries, the tensor entries,
//! padding to the alignment, the weights. Source: ggml-org/ggml, `docs/gguf.md` at 01f0d4d; what a reader refuses
//! follows ggml-org/llama.cpp, `ggml/src/gguf.cpp` at 067d44f.

use std::{collections::BTreeMap, path::Path};

use super::{
    ElementType, Tensor,
    cursor::Cursor,
    error::{Error, Flaw, Part},
    limits::{
        ARRAY_KEPT_MAX, ARRAY_LENGTH_MAX, ARRAY_NESTING_MAX, DIMS_MAX, KEY_BYTES_MAX, METADATA_ENTRIES_MAX,
        NAME_BYTES_MAX, STRING_BYTES_MAX, TENSORS_MAX,
    },
    tensor::{Contents, Placed},
};

mod keys;

pub(super) use keys::{Metadata, model};

/// Magic of a file whose 32-bit words are swapped as a whole.
const MAGIC_SWAPPED: [u8; 4] = *b"FUGG";
/// The first four bytes of every GGUF file.
pub(super) const MAGIC: [u8; 4] = *b"GGUF";
/// Where tensors begin unless `general.alignment` says otherwise.
const ALIGNMENT_DEFAULT: u64 = 32;
/// Bytes of the smallest tensor entry: empty name, no dimensions, type, offset.
const TENSOR_ENTRY_BYTES_MIN: u64 = 8 + 4 + 4 + 8;
/// Bytes of the smallest metadata entry: empty key, type, one byte.
const METADATA_ENTRY_BYTES_MIN: u64 = 8 + 4 + 1;

/// A metadata value, as far as it is of use; what belongs to the tokenizer is passed over.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Integer(i128),
    Float(f64),
    Bool(bool),
    Text(String),
    /// A short array of integers or booleans: one for each layer. Kept as stored, so that it takes no more memory here
    /// than in the file.
    Integers {
        id: u32,
        bytes: Vec<u8>,
    },
    /// An array of which only the length was kept.
    Array(u64),
    Skipped,
}

/// The header of one GGUF file.
pub(super) struct Gguf {
    pub(super) version: u32,
    pub(super) metadata: Metadata,
    pub(super) contents: Contents,
}

/// Reads the header of one file.
pub(super) fn read(file: &Path) -> Result<Gguf, Error> {
    let mut cursor = Cursor::open(file)?;
    let version = read_version(&mut cursor)?;
    let tensor_count = cursor.u64(Part::Tensors)?;
    if tensor_count > TENSORS_MAX {
        return Err(cursor.error(Flaw::TooManyTensors { claimed: tensor_count, max: TENSORS_MAX }));
    }
    let claimed = cursor.u64(Part::MetadataEntries)?;
    let entry_count = cursor.bounded(Part::MetadataEntries, claimed, METADATA_ENTRIES_MAX)?;
    // Cannot overflow: both counts are below their limits.
    let needed_bytes = tensor_count * TENSOR_ENTRY_BYTES_MIN + entry_count * METADATA_ENTRY_BYTES_MIN;
    let left_bytes = cursor.left_bytes();
    if needed_bytes > left_bytes {
        return Err(cursor.error(Flaw::Truncated { part: Part::Header, needed_bytes, left_bytes }));
    }
    let metadata = read_metadata(&mut cursor, entry_count)?;
    let contents = read_tensors(&mut cursor, tensor_count, &metadata)?;
    Ok(Gguf { version, metadata, contents })
}

fn read_version(cursor: &mut Cursor) -> Result<u32, Error> {
    match cursor.peek(4)?.as_slice() {
        magic if magic == MAGIC => {}
        magic if magic == MAGIC_SWAPPED => return Err(cursor.error(Flaw::BigEndian)),
        _ => return Err(cursor.error(Flaw::NotAModelFile)),
    }
    cursor.skip(Part::Header, 4)?;
    let version = cursor.u32(Part::Header)?;
    match version {
        2 | 3 => Ok(version),
        // A small number written by a big-endian machine, as llama.cpp recognises it.
        _ if version != 0 && version.trailing_zeros() >= 16 => Err(cursor.error(Flaw::BigEndian)),
        _ => Err(cursor.error(Flaw::UnsupportedVersion { version })),
    }
}

fn read_metadata(cursor: &mut Cursor, entry_count: u64) -> Result<Metadata, Error> {
    let mut entries = BTreeMap::new();
    for _ in 0..entry_count {
        let key = cursor.text(Part::MetadataKey, KEY_BYTES_MAX)?;
        let id = cursor.u32(Part::MetadataValue)?;
        let value = read_value(cursor, &key, id)?;
        if entries.contains_key(&key) {
            return Err(cursor.error(Flaw::Duplicate { part: Part::MetadataKey, name: key }));
        }
        entries.insert(key, value);
    }
    Ok(Metadata(entries))
}

fn read_value(cursor: &mut Cursor, key: &str, id: u32) -> Result<Value, Error> {
    match id {
        STRING if key.starts_with("tokenizer.") => skip_text(cursor).map(|()| Value::Skipped),
        STRING => cursor.text(Part::MetadataValue, STRING_BYTES_MAX).map(Value::Text),
        ARRAY => read_array(cursor, key, 1),
        _ => {
            let width = scalar_width(cursor, key, id)?;
            Ok(scalar(id, &cursor.bytes(Part::MetadataValue, width)?))
        }
    }
}

const FLOAT32: u32 = 6;
const BOOL: u32 = 7;
const STRING: u32 = 8;
const ARRAY: u32 = 9;
const FLOAT64: u32 = 12;

/// Bytes of a scalar of that type number.
fn width(id: u32) -> Option<u64> {
    match id {
        0 | 1 | BOOL => Some(1),
        2 | 3 => Some(2),
        4 | 5 | FLOAT32 => Some(4),
        10 | 11 | FLOAT64 => Some(8),
        _ => None,
    }
}

fn scalar_width(cursor: &Cursor, key: &str, id: u32) -> Result<u64, Error> {
    width(id).ok_or_else(|| cursor.error(Flaw::UnknownValueType { key: key.to_owned(), id }))
}

impl Value {
    /// The numbers of a short array; booleans as 0 and 1.
    fn integers(&self) -> Option<impl ExactSizeIterator<Item = i128>> {
        let Self::Integers { id, bytes } = self else { return None };
        let step = width(*id).expect("only arrays of scalars are kept") as usize;
        Some(bytes.chunks_exact(step).map(|one| match scalar(*id, one) {
            Self::Integer(number) => number,
            other => i128::from(other == Self::Bool(true)),
        }))
    }
}

fn scalar(id: u32, bytes: &[u8]) -> Value {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    let bits = u64::from_le_bytes(wide);
    match id {
        1 => Value::Integer((bits as u8).cast_signed().into()),
        3 => Value::Integer((bits as u16).cast_signed().into()),
        5 => Value::Integer((bits as u32).cast_signed().into()),
        11 => Value::Integer(bits.cast_signed().into()),
        FLOAT32 => Value::Float(f32::from_bits(bits as u32).into()),
        FLOAT64 => Value::Float(f64::from_bits(bits)),
        BOOL => Value::Bool(bits != 0),
        _ => Value::Integer(bits.into()),
    }
}

fn skip_text(cursor: &mut Cursor) -> Result<(), Error> {
    let claimed = cursor.u64(Part::MetadataValue)?;
    let length = cursor.bounded(Part::MetadataValue, claimed, STRING_BYTES_MAX)?;
    cursor.skip(Part::MetadataValue, length)
}

/// Reads an array at nesting `depth`, keeping it only if it can be one number for each layer.
fn read_array(cursor: &mut Cursor, key: &str, depth: u64) -> Result<Value, Error> {
    cursor.bounded(Part::ArrayNesting, depth, ARRAY_NESTING_MAX)?;
    let id = cursor.u32(Part::MetadataValue)?;
    let claimed = cursor.u64(Part::ArrayLength)?;
    let length = cursor.bounded(Part::ArrayLength, claimed, ARRAY_LENGTH_MAX)?;
    match id {
        STRING => (0..length).try_for_each(|_| skip_text(cursor))?,
        ARRAY => (0..length).try_for_each(|_| read_array(cursor, key, depth + 1).map(drop))?,
        _ => {
            let width = scalar_width(cursor, key, id)?;
            if depth == 1 && length <= ARRAY_KEPT_MAX && !matches!(id, FLOAT32 | FLOAT64) {
                let bytes = cursor.bytes(Part::MetadataValue, length * width)?;
                return Ok(Value::Integers { id, bytes });
            }
            cursor.skip(Part::MetadataValue, length * width)?;
        }
    }
    Ok(Value::Array(length))
}

fn read_tensors(cursor: &mut Cursor, tensor_count: u64, metadata: &Metadata) -> Result<Contents, Error> {
    let alignment = match metadata.0.get("general.alignment") {
        None => ALIGNMENT_DEFAULT,
        Some(Value::Integer(number)) => u32::try_from(*number)
            .ok()
            .filter(|number| number.is_power_of_two())
            .map(u64::from)
            .ok_or_else(|| cursor.error(Flaw::BadAlignment))?,
        Some(_) => return Err(cursor.error(Flaw::BadAlignment)),
    };
    let mut entries = Vec::new();
    for _ in 0..tensor_count {
        let (tensor, offset) = read_tensor(cursor)?;
        if !offset.is_multiple_of(alignment) {
            return Err(cursor.error(Flaw::Misaligned { tensor: tensor.name, start: offset, alignment }));
        }
        entries.push((cursor.position(), tensor, offset));
    }
    // Cannot overflow: the position is below the limit of the header, the alignment below 2^32.
    let data_start = cursor.position().next_multiple_of(alignment);
    let file_bytes = cursor.file_bytes();
    let tensors = entries
        .into_iter()
        .map(|(position, tensor, offset)| {
            Placed::at(tensor, data_start, offset, file_bytes).map_err(|flaw| cursor.error_at(position, flaw))
        })
        .collect::<Result<_, _>>()?;
    Ok(Contents { tensors, data_start: data_start.min(file_bytes), file_bytes, alignment })
}

/// Reads one tensor entry: the tensor, and where its weights begin behind the header.
fn read_tensor(cursor: &mut Cursor) -> Result<(Tensor, u64), Error> {
    let name = cursor.text(Part::TensorName, NAME_BYTES_MAX)?;
    let claimed = cursor.u32(Part::Dims)?;
    let rank = cursor.bounded(Part::Dims, claimed.into(), DIMS_MAX)?;
    let mut dims = Vec::with_capacity(rank as usize);
    for _ in 0..rank {
        dims.push(cursor.u64(Part::TensorEntry)?);
    }
    dims.reverse();
    let id = cursor.u32(Part::TensorEntry)?;
    let Some(element_type) = ElementType::from_gguf(id) else {
        return Err(cursor.error(match ElementType::removed(id) {
            Some(old) => Flaw::RemovedElementType { tensor: name, id, name: old },
            None => Flaw::UnknownElementType { tensor: name, id: id.to_string() },
        }));
    };
    let tensor = Tensor::sized(name, dims, element_type).map_err(|flaw| cursor.error(flaw))?;
    let offset = cursor.u64(Part::TensorEntry)?;
    Ok((tensor, offset))
}
