//! safetensors: eight bytes with the length of a JSON header, the header, the weights.
//!
//! Source: huggingface/safetensors, `README.md` (format) and `safetensors/src/tensor.rs` (what its reader refuses).

use std::{fmt, path::Path};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    ElementType, Tensor,
    cursor::Cursor,
    error::{Error, Flaw, Part},
    limits::{DIMS_MAX, HEADER_BYTES_MAX, NAME_BYTES_MAX, TENSORS_MAX},
    tensor::{Contents, Placed},
};

/// Bytes of the length in front of the header.
const LENGTH_BYTES: u64 = 8;
/// Characters of an unknown type that an error repeats.
const DTYPE_SHOWN_MAX: usize = 32;

/// Reads the header of one file.
pub(super) fn read(file: &Path) -> Result<Contents, Error> {
    let mut cursor = Cursor::open(file)?;
    let claimed = cursor.u64(Part::Header)?;
    let length = cursor.bounded(Part::Header, claimed, HEADER_BYTES_MAX - LENGTH_BYTES)?;
    let bytes = cursor.bytes(Part::Header, length)?;
    let text = str::from_utf8(&bytes).map_err(|error| {
        cursor.error_at(LENGTH_BYTES + error.valid_up_to() as u64, Flaw::BadUtf8 { part: Part::Header })
    })?;
    let data_start = cursor.position();
    let file_bytes = cursor.file_bytes();

    let mut entries = Entries::default();
    if let Err(error) = parse(text, &mut entries) {
        // Headers are written on one line, so the column is the byte.
        let column = if error.line() == 1 { error.column() as u64 } else { 0 };
        let flaw = entries.refused.unwrap_or(Flaw::BadJson(error));
        return Err(cursor.error_at(LENGTH_BYTES + column, flaw));
    }
    let tensors = entries
        .list
        .into_iter()
        .map(|(name, entry)| {
            entry.place(name, data_start, file_bytes).map_err(|flaw| Error::of_file(file, flaw))
        })
        .collect::<Result<_, _>>()?;
    Ok(Contents { tensors, data_start, file_bytes, alignment: 1 })
}

fn parse(text: &str, entries: &mut Entries) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    entries.deserialize(&mut json)?;
    json.end()
}

/// One tensor of the header.
#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Shape,
    data_offsets: (u64, u64),
}

impl Entry {
    fn place(self, name: String, data_start: u64, file_bytes: u64) -> Result<Placed, Flaw> {
        if self.shape.rank > DIMS_MAX {
            return Err(Flaw::LengthTooLarge { part: Part::Dims, claimed: self.shape.rank, max: DIMS_MAX });
        }
        let Some(element_type) = ElementType::from_safetensors(&self.dtype) else {
            let id = self.dtype.chars().take(DTYPE_SHOWN_MAX).flat_map(char::escape_debug).collect();
            return Err(Flaw::UnknownElementType { tensor: name, id });
        };
        let (start, end) = self.data_offsets;
        let Some(claimed_bytes) = end.checked_sub(start) else {
            return Err(Flaw::Reversed { tensor: name, start, end });
        };
        let tensor = Tensor::sized(name, self.shape.dims, element_type)?;
        if tensor.bytes.0 != claimed_bytes {
            let shape_bytes = tensor.bytes.0;
            return Err(Flaw::SizeMismatch { tensor: tensor.name, claimed_bytes, shape_bytes });
        }
        Placed::at(tensor, data_start, start, file_bytes)
    }
}

/// Dimensions, of which only as many are kept as a tensor may have.
struct Shape {
    dims: Vec<u64>,
    rank: u64,
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Dims;
        impl<'de> Visitor<'de> for Dims {
            type Value = Shape;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of dimensions")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
                let mut shape = Shape { dims: Vec::new(), rank: 0 };
                while shape.rank < DIMS_MAX
                    && let Some(dim) = list.next_element()?
                {
                    shape.dims.push(dim);
                    shape.rank += 1;
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    shape.rank += 1;
                }
                Ok(shape)
            }
        }
        deserializer.deserialize_seq(Dims)
    }
}

/// The tensors of a header in their order, or the limit at which reading stopped.
#[derive(Default)]
struct Entries {
    list: Vec<(String, Entry)>,
    refused: Option<Flaw>,
}

impl Entries {
    fn refuse<E: serde::de::Error>(&mut self, flaw: Flaw) -> E {
        self.refused = Some(flaw);
        E::custom("a limit was reached")
    }
}

impl<'de> DeserializeSeed<'de> for &mut Entries {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Entries {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from tensor names to their entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let length = name.len() as u64;
            if length > NAME_BYTES_MAX {
                let part = Part::TensorName;
                return Err(self.refuse(Flaw::LengthTooLarge { part, claimed: length, max: NAME_BYTES_MAX }));
            }
            let count = self.list.len() as u64 + 1;
            if count > TENSORS_MAX {
                return Err(self.refuse(Flaw::TooManyTensors { claimed: count, max: TENSORS_MAX }));
            }
            let entry = map.next_value()?;
            self.list.push((name, entry));
        }
        Ok(())
    }
}
