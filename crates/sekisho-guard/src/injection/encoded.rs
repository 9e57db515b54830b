//! Runs of base64 and hexadecimal digits: decoded, and read again.

use super::{Findings, HOLD_CHARS_MAX, INNER_CONFIDENCE_MIN, Injection};
use crate::View;

/// Shorter runs are words, numbers and names.
const RUN_BYTES_MIN: usize = 24;
/// A line of a wrapped run has at least this many characters.
const LINE_BYTES_MIN: usize = 56;
/// How often something encoded may be encoded again.
const DEPTH_MAX: usize = 3;

/// A run in a text; whether it could go on.
struct Run<'a> {
    start: usize,
    text: &'a str,
    is_open: bool,
}

pub(super) fn look(injection: &Injection, view: &View<'_>, findings: &mut Findings) {
    let Some(rule) = injection.encoded else { return };
    for run in runs(view.original, view.at_end) {
        // Where the window cuts a run, it is no beginning.
        if run.start == 0 && !view.at_start {
            continue;
        }
        if run.is_open {
            findings.hold(run.start);
        }
        if let Some(note) = judge(injection, run.text, DEPTH_MAX) {
            let range = run.start..run.start + run.text.len();
            findings.add(rule, range, injection.confidence(rule), Some(note));
        }
    }
}

/// What the run is encoded in, if there are instructions inside.
fn judge(injection: &Injection, run: &str, depth: usize) -> Option<&'static str> {
    if run.len() < RUN_BYTES_MIN {
        return None;
    }
    let hex = decode_hex(run).map(|bytes| (bytes, "evidence-hex"));
    let base64 = decode_base64(run).map(|bytes| (bytes, "evidence-base64"));
    for (bytes, note) in hex.into_iter().chain(base64) {
        let Some(text) = as_text(&bytes) else { continue };
        let is_inside = injection.strongest_phrase(&text) >= INNER_CONFIDENCE_MIN
            || depth > 1 && runs(&text, true).any(|run| judge(injection, run.text, depth - 1).is_some());
        if is_inside {
            return Some(note);
        }
    }
    None
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The longest runs of base64 digits, lines that are wrapped taken together, at most [`HOLD_CHARS_MAX`] of each.
fn runs(text: &str, at_end: bool) -> impl Iterator<Item = Run<'_>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && !is_digit(bytes[at]) {
            at += 1;
        }
        if at >= bytes.len() {
            return None;
        }
        let start = at;
        let mut line_start = at;
        while at < bytes.len() {
            let is_wrapped = at - line_start >= LINE_BYTES_MIN && matches!(bytes[at], b'\n' | b'\r')
                || bytes[at] == b'\n' && bytes[at - 1] == b'\r';
            if is_wrapped {
                line_start = at + 1;
            } else if bytes[at] == b'\r' || !is_digit(bytes[at]) {
                break;
            }
            at += 1;
        }
        let padding = bytes[at..].iter().take(2).take_while(|byte| **byte == b'=').count();
        let end = (at + padding).min(start + HOLD_CHARS_MAX);
        let is_open = !at_end && at + padding >= bytes.len() && at + padding - start < HOLD_CHARS_MAX;
        at += padding;
        Some(Run { start, text: text[start..end].trim_end(), is_open })
    })
}

fn decode_hex(run: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = run.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
    Some(digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect())
}

/// Decodes either alphabet. Broken ends are dropped: what stands before them is still read by a model.
pub(crate) fn decode_base64(run: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(run.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in run.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count) as u8);
            // Most runs are no text; the first bytes show it.
            if decoded.len() == 12 && as_text(&decoded).is_none() {
                return None;
            }
        }
    }
    Some(decoded)
}

/// The text that the bytes are, in UTF-8 or UTF-16; nothing when they are no text. A character cut at the end is dropped.
fn as_text(bytes: &[u8]) -> Option<String> {
    let is_readable =
        |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_control() && !c.is_whitespace());
    if bytes.len() >= 4 && bytes[1] == 0 && bytes[3] == 0 {
        let units: Vec<u16> =
            bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        return Some(String::from_utf16_lossy(&units)).filter(|text| is_readable(text));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    is_readable(text).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{as_text, decode_base64, decode_hex, runs};

    #[test]
    fn runs_are_wrapped_or_end() {
        let line = "QUJD".repeat(19);
        let text = format!("次：{line}\r\n{line}\nQUI=\nend");
        let found: Vec<(&str, bool)> = runs(&text, false).map(|run| (run.text, run.is_open)).collect();
        assert_eq!(found, [(&*format!("{line}\r\n{line}\nQUI="), false), ("end", true)]);
        assert_eq!(runs("、。", true).count(), 0);
    }

    #[test]
    fn decodes_what_is_text() {
        let text = |run: &str| decode_base64(run).and_then(|bytes| as_text(&bytes));
        assert_eq!(text("aWdub3JlIGFsbA==").as_deref(), Some("ignore all"));
        assert_eq!(text("54Sh6KaWMQ").as_deref(), Some("無視1"));
        assert_eq!(text("54Sh6Ka").as_deref(), Some("無"));
        assert_eq!(text("aQBnAG4AbwByAGUA").as_deref(), Some("ignore"));
        assert_eq!(text("dGhpcw==AA").as_deref(), None);
        assert_eq!(text("authentication_middleware_name"), None);
        assert_eq!(decode_hex("69676e6f7265").and_then(|bytes| as_text(&bytes)).as_deref(), Some("ignore"));
    }
}
