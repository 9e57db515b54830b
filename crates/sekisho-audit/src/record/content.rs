//! From a record to the contents of its leaves, and back. Long texts are cut into parts, which stand directly in front.

use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Error, PARTS_MAX, RECORD_BYTES_MAX};
use crate::leaf::PLAINTEXT_BYTES_MAX;

const PARTS: &str = "parts";

/// What the leaves of one record hold, in the order of the leaves.
pub(crate) struct Contents {
    /// Pieces of text, each UTF-8 in itself.
    pub(crate) parts: Vec<Zeroizing<Vec<u8>>>,
    main: Main,
}

enum Main {
    /// The whole record, as JSON.
    Whole(Zeroizing<Vec<u8>>),
    /// The record without the texts that were cut: for each its name, and how many of the parts are its.
    Cut { members: Map<String, Value>, texts: Vec<(String, u64)> },
}

/// For each text that was cut: its name, and the entries that hold its parts.
pub(crate) type PartRefs = Vec<(String, Vec<u64>)>;

impl Contents {
    /// The record's own content, when its first leaf is entry `first`. Without parts the place makes no difference.
    pub(crate) fn main_at(&self, first: u64) -> Zeroizing<Vec<u8>> {
        match &self.main {
            Main::Whole(main) => main.clone(),
            Main::Cut { members, texts } => {
                let mut members = members.clone();
                members.insert(PARTS.to_owned(), refs(texts, first));
                Zeroizing::new(serde_json::to_vec(&members).expect("what was read as JSON can be written"))
            }
        }
    }
}

/// Writes a record as JSON, and cuts its longest texts away until the rest fits one leaf.
///
/// Of the members with these `names`, only what was said is cut; the others must be found without putting texts together.
pub(super) fn cut(record: &impl Serialize, names: &[&str]) -> Result<Contents, Error> {
    let main = Zeroizing::new(serde_json::to_vec(record).map_err(|_| Error::Unreadable)?);
    if main.len() <= PLAINTEXT_BYTES_MAX {
        return Ok(Contents { parts: Vec::new(), main: Main::Whole(main) });
    }
    let whole = main.len();
    if whole > RECORD_BYTES_MAX {
        return Err(Error::TooLarge { bytes: whole });
    }
    let Ok(Value::Object(mut members)) = serde_json::to_value(record) else { return Err(Error::Unreadable) };
    let (mut parts, mut texts) = (Vec::new(), Vec::new());
    loop {
        let longest = members
            .iter()
            .filter(|(name, _)| {
                matches!(name.as_str(), "input" | "output") || !names.contains(&name.as_str())
            })
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.len())))
            .max_by_key(|(_, length)| *length);
        // A text shorter than the entry that would stand for it gains nothing.
        let Some((name, _)) = longest.filter(|(name, length)| *length > name.len() + 64) else {
            return Err(Error::NoRoom { bytes: length_at_most(&members, &texts) });
        };
        let Some(Value::String(text)) = members.remove(&name) else { return Err(Error::Unreadable) };
        let pieces = pieces(Zeroizing::new(text).as_str());
        texts.push((name, pieces.len() as u64));
        parts.extend(pieces);
        if parts.len() > PARTS_MAX {
            return Err(Error::TooLarge { bytes: whole });
        }
        if length_at_most(&members, &texts) <= PLAINTEXT_BYTES_MAX {
            return Ok(Contents { parts, main: Main::Cut { members, texts } });
        }
    }
}

/// Length of the record's own content wherever it will stand.
fn length_at_most(members: &Map<String, Value>, texts: &[(String, u64)]) -> usize {
    let refs = refs(texts, u64::MAX - PARTS_MAX as u64);
    let length = |value: &Value| value.to_string().len();
    members.iter().map(|(name, value)| length(&name.as_str().into()) + length(value) + 2).sum::<usize>()
        + length(&refs)
        + PARTS.len()
        + 8
}

fn refs(texts: &[(String, u64)], first: u64) -> Value {
    let mut next = first;
    let mut parts = Map::new();
    for (name, count) in texts {
        parts.insert(name.clone(), (next..next + count).collect::<Vec<u64>>().into());
        next += count;
    }
    Value::Object(parts)
}

/// Cuts between characters, into as few pieces as there can be.
fn pieces(text: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let most = PLAINTEXT_BYTES_MAX.min(rest.len());
        let end = (0..=most).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(most);
        let (piece, after) = rest.split_at(end);
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
    for (name, indices) in parts {
        let indices: Vec<u64> = serde_json::from_value(indices).map_err(|_| Error::Unreadable)?;
        if indices.len() > PARTS_MAX || members.contains_key(&name) {
            return Err(Error::Unreadable);
        }
        refs.push((name, indices));
    }
    if refs.iter().map(|(_, indices)| indices.len()).sum::<usize>() > PARTS_MAX {
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
