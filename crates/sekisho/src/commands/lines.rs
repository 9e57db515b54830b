//! Lines from another program, one at a time, none longer than a limit.

use std::io::{self, BufRead, Read};

/// A line as it was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// With its end, if it has one.
    Whole(Vec<u8>),
    /// It is longer than the limit; none of it is kept.
    TooLong,
}

/// The next line of at most `bytes_max` bytes, its end included; none at the end of the input. Of a longer one the rest
/// is passed over, so that what comes next is a line again and not the middle of one.
pub(crate) fn next(reader: &mut impl BufRead, bytes_max: u64) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    if reader.by_ref().take(bytes_max + 1).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 <= bytes_max {
        return Ok(Some(Line::Whole(line)));
    }
    if !line.ends_with(b"\n") {
        reader.skip_until(b'\n')?;
    }
    Ok(Some(Line::TooLong))
}

#[cfg(test)]
mod tests {
    use super::{Line, next};

    #[test]
    fn behind_a_line_that_is_too_long_comes_the_next_line() {
        let mut reader = "12345\nabcdef{\"id\":1}\n123456\nend".as_bytes();
        let mut read = || next(&mut reader, 6).unwrap();
        let whole = |text: &str| Some(Line::Whole(text.as_bytes().to_vec()));
        assert_eq!(read(), whole("12345\n"));
        assert_eq!(read(), Some(Line::TooLong));
        assert_eq!(read(), Some(Line::TooLong));
        assert_eq!(read(), whole("end"));
        assert_eq!(read(), None);
    }
}
