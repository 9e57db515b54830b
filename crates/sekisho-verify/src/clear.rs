//! The notes of clear leaves: erasures, holds, new keys.

use crate::{
    leaf::Slot,
    note::{VerifierKey, parse_decimal},
};

pub(crate) enum Clear {
    /// Leaves whose keys were destroyed.
    Erase(Vec<(u64, Slot)>),
    /// The key that signs from the next commit on.
    Key(VerifierKey),
    /// Something that changes nothing for a verifier.
    Other,
}

/// Reads the text of a note whose signature was verified.
pub(crate) fn read(text: &str, kind: &str, origin: &str) -> Option<Clear> {
    let mut lines = text.lines();
    let head = lines.next()?.strip_prefix("sekisho-audit/1 ")?;
    if head != kind || lines.next()? != origin {
        return None;
    }
    let _time = lines.next()?;
    let rest: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(' ')).collect();
    match kind {
        "erase" => rest
            .iter()
            .filter(|row| row.0 == "leaf")
            .map(|row| slot(row.1))
            .collect::<Option<_>>()
            .map(Clear::Erase),
        "key" => {
            rest.iter().find(|row| row.0 == "vkey").and_then(|row| VerifierKey::parse(row.1)).map(Clear::Key)
        }
        _ => Some(Clear::Other),
    }
}

fn slot(words: &str) -> Option<(u64, Slot)> {
    let numbers: Vec<u64> = words.split(' ').map(parse_decimal).collect::<Option<_>>()?;
    let &[index, class, number] = numbers.as_slice() else { return None };
    Some((index, Slot { class: u8::try_from(class).ok()?, number }))
}
