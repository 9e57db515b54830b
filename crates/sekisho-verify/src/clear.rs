//! The notes of clear leaves: erasures, holds, new keys. Read strictly: a line that does not belong makes the note unreadable.

use crate::{
    leaf::Slot,
    note::{VerifierKey, parse_decimal},
};

pub(crate) type Record = [u8; 16];

pub(crate) enum Clear {
    /// Records, and all their leaves, with the slots whose keys were destroyed.
    Erase(Vec<Record>, Vec<(u64, Slot)>),
    /// The key of a class, and every slot of it below this one.
    EraseClass(Slot),
    Hold(Vec<Record>),
    Release(Vec<Record>),
    /// The key that signs from the next commit on.
    Key(VerifierKey),
}

/// Reads the text of a note whose signature was verified.
pub(crate) fn read(text: &str, kind: &str, origin: &str) -> Option<Clear> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let head = lines.next()?.strip_prefix("sekisho-audit/1 ")?;
    if head != kind || lines.next()? != origin || !is_time(lines.next()?) {
        return None;
    }
    let says = |line: &str, word: &str| line.strip_prefix(word).is_some_and(|rest| !rest.is_empty());
    if !says(lines.next()?, "by ") || !says(lines.next()?, "ground ") {
        return None;
    }
    let (mut records, mut leaves, mut class, mut key) = (Vec::new(), Vec::new(), None, None);
    for line in lines {
        match line.split_once(' ')? {
            ("record", id) if leaves.is_empty() => records.push(record(id)?),
            ("leaf", rest) => {
                let (index, rest) = rest.split_once(' ')?;
                leaves.push((parse_decimal(index)?, slot(rest)?));
            }
            ("class", rest) if class.is_none() => class = Some(slot(rest)?),
            ("vkey", text) if key.is_none() => key = Some(VerifierKey::parse(text)?),
            _ => return None,
        }
    }
    match (kind, records.is_empty(), leaves.is_empty(), class, key) {
        ("erase", false, false, None, None) => Some(Clear::Erase(records, leaves)),
        ("erase", true, true, Some(class), None) => Some(Clear::EraseClass(class)),
        ("hold", false, true, None, None) => Some(Clear::Hold(records)),
        ("release", false, true, None, None) => Some(Clear::Release(records)),
        ("key", true, true, None, Some(key)) if key.name == origin && !key.is_witness() => {
            Some(Clear::Key(key))
        }
        _ => None,
    }
}

/// `2026-03-01T09:00:00.000Z`.
fn is_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000Z";
    text.len() == FORM.len()
        && text.bytes().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            form => byte == *form,
        })
}

fn record(digits: &str) -> Option<Record> {
    let is_hex = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
    let is_record = digits.len() == 32 && digits.bytes().all(is_hex);
    is_record.then(|| u128::from_str_radix(digits, 16).ok()).flatten().map(u128::to_be_bytes)
}

fn slot(words: &str) -> Option<Slot> {
    let (class, number) = words.split_once(' ')?;
    Some(Slot { class: u8::try_from(parse_decimal(class)?).ok()?, number: parse_decimal(number)? })
}
