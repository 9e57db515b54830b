//! The header `traceparent` of W3C Trace Context: which trace a request belongs to.

use std::fmt;

/// The trace of the one who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(crate) trace: [u8; 16],
    pub(crate) span: [u8; 8],
    pub(crate) is_sampled: bool,
}

impl Parent {
    /// Reads the header; none for anything that is not one, which counts as no header.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let [version] = hex::<1>(version)?;
        // Later versions may have more behind; this one has not, and the last version is none.
        if version == 0xff || (version == 0 && parts.next().is_some()) {
            return None;
        }
        let (trace, span, [flags]) = (hex::<16>(trace)?, hex::<8>(span)?, hex::<1>(flags)?);
        let is_there = trace != [0; 16] && span != [0; 8];
        is_there.then_some(Self { trace, span, is_sampled: flags & 1 == 1 })
    }
}

/// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`
impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-0{}", Hex(&self.trace), Hex(&self.span), u8::from(self.is_sampled))
    }
}

/// So many bytes from small hexadecimal digits, and nothing else.
pub(super) fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// Bytes as small hexadecimal digits.
pub(super) struct Hex<'b>(pub(super) &'b [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Parent;

    const SAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_that_is_none_counts_as_no_header() {
        assert_eq!(Parent::parse(SAMPLE).unwrap().to_string(), SAMPLE);
        assert!(!Parent::parse(&SAMPLE.replace("-01", "-02")).unwrap().is_sampled);
        assert!(Parent::parse(&SAMPLE.replace("00-4b", "cc-4b").replace("-01", "-01-x")).is_some());
        for wrong in [
            "",
            "00",
            &SAMPLE.replace("00-4b", "ff-4b"),
            &SAMPLE.replace("-01", "-01-x"),
            &SAMPLE.replace("4bf9", "4BF9"),
            &SAMPLE.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &SAMPLE.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &SAMPLE.replace("00f067aa0ba902b7", "00f067aa0ba902b"),
        ] {
            assert_eq!(Parent::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "[0-9a-f-]{0,70}|.{0,20}") {
            let _ = Parent::parse(&text);
        }
    }
}
