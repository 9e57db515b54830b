//! From a record to the contents of its leaves, and back. Long texts are cut into parts, which stand directly in front.

use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Error, PARTS_MAX, RECORD_BYTES_MAX};
use crate::leaf::PLAINTEXT_BYTES_MAX;

const PARTS: &str = "parts";

/// What the leaves of one record hold, in the order of the leaves.
#[derive(Default)]
pub(crate) struct Contents {
    /// Pieces of text, each UTF-8 in itself.
    pub(crate) parts: Vec<Zeroizing<Vec<u8>>>,
    /// The record, as JSON.
    pub(crate) main: Zeroizing<Vec<u8>>,
}

/// For each text that was cut: its name, and how many entries before the record each of its parts stands.
///
/// A distance and not an index, because a record is sealed before the writer gives it a place.
pub(crate) type PartRefs = Vec<(String, Vec<u64>)>;

/// Writes a record as JSON, and cuts its longest texts away until the rest fits one leaf.
pub(super) fn cut(record: &impl Serialize) -> Result<Contents, Error> {
    let main = Zeroizing::new(serde_json::to_vec(record).map_err(|_| Error::Unreadable)?);
    if main.len() <= PLAINTEXT_BYTES_MAX {
        return Ok(Contents { parts: Vec::new(), main });
    }
    if main.len() > RECORD_BYTES_MAX {
        return Err(Error::TooLarge { bytes: main.len() });
    }
    let whole = main.len();
    let Ok(Value::Object(mut members)) = serde_json::to_value(record) else { return Err(Error::Unreadable) };
    let mut cut: Vec<(String, Vec<Zeroizing<Vec<u8>>>)> = Vec::new();
    let mut main = main;
    while main.len() > PLAINTEXT_BYTES_MAX {
        let longest = members
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.len())))
            .max_by_key(|(_, length)| *length);
        // A text shorter than the entry that would stand for it gains nothing.
        let Some((name, _)) = longest.filter(|(name, length)| *length > name.len() + 64) else {
            return Err(Error::NoRoom { bytes: main.len() });
        };
        let Some(Value::String(text)) = members.remove(&name) else { return Err(Error::Unreadable) };
        cut.push((name, pieces(Zeroizing::new(text).as_str())));
        let count: usize = cut.iter().map(|(_, pieces)| pieces.len()).sum();
        if count > PARTS_MAX {
            return Err(Error::TooLarge { bytes: whole });
        }
        members.insert(PARTS.to_owned(), distances(&cut, count as u64));
        main = Zeroizing::new(serde_json::to_vec(&members).map_err(|_| Error::Unreadable)?);
    }
    Ok(Contents { parts: cut.into_iter().flat_map(|(_, pieces)| pieces).collect(), main })
}

fn distances(cut: &[(String, Vec<Zeroizing<Vec<u8>>>)], count: u64) -> Value {
    let mut distance = count;
    let mut parts = Map::new();
    for (name, pieces) in cut {
        let first = distance;
        distance -= pieces.len() as u64;
        parts.insert(name.clone(), (distance + 1..=first).rev().collect::<Vec<u64>>().into());
    }
    Value::Object(parts)
}

/// Cuts between characters, into as few pieces as there can be.
fn pieces(text: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PLAINTEXT_BYTES_MAX));
        pieces.push(Zeroizing::new(piece.as_bytes().to_vec()));
        rest = after;
    }
    pieces
}

/// Reads the JSON of a record's own leaf, and takes the list of its parts out.
pub(crate) fn take_parts(main: &[u8]) -> Result<(Map<String, Value>, PartRefs), Error> {
    let mut members: Map<String, Value> = serde_json::from_slice(main).map_err(|_| Error::Unreadable)?;
    let Some(parts) = members.remove(PARTS) else { return Ok((members, Vec::new())) };
    let Value::Object(parts) = parts else { return Err(Error::Unreadable) };
    let mut refs = Vec::new();
    for (name, distances) in parts {
        let distances: Vec<u64> = serde_json::from_value(distances).map_err(|_| Error::Unreadable)?;
        let near = |distance: &u64| (1..=PARTS_MAX as u64).contains(distance);
        if distances.len() > PARTS_MAX || !distances.iter().all(near) || members.contains_key(&name) {
            return Err(Error::Unreadable);
        }
        refs.push((name, distances));
    }
    if refs.iter().map(|(_, distances)| distances.len()).sum::<usize>() > PARTS_MAX {
        return Err(Error::Unreadable);
    }
    Ok((members, refs))
}

/// Puts a text together from its parts, and back among the members.
pub(crate) fn join<'a>(
    members: &mut Map<String, Value>,
    name: String,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Result<(), Error> {
    let mut text = String::new();
    for piece in pieces {
        text.push_str(str::from_utf8(piece).map_err(|_| Error::Unreadable)?);
        if text.len() > RECORD_BYTES_MAX {
            return Err(Error::TooLarge { bytes: text.len() });
        }
    }
    members.insert(name, Value::String(text));
    Ok(())
}
