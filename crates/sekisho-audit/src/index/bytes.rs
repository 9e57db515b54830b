//! Numbers and words in the files of the index.

/// Takes bytes from the front, and nothing when there are too few.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take().map(|bytes| u16::from_le_bytes(*bytes))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(|bytes| u32::from_le_bytes(*bytes))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(|bytes| u64::from_le_bytes(*bytes))
    }
}

/// A list of rules may be longer than a length of two bytes can say.
pub(super) fn put_word(to: &mut Vec<u8>, word: &str) {
    to.extend_from_slice(&(word.len() as u32).to_le_bytes());
    to.extend_from_slice(word.as_bytes());
}

pub(super) fn take_word<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let length = reader.u32()? as usize;
    let (word, rest) = reader.0.split_at_checked(length)?;
    reader.0 = rest;
    str::from_utf8(word).ok()
}
