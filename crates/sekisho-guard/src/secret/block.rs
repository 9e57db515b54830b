//! Private keys as blocks of text (PEM, OpenSSH, PuTTY), on lines of their own or with `\n` inside a JSON string.

use super::{Candidate, HOLD_CHARS_MAX, Look};

const PEM: &str = "-----BEGIN ";
const PUTTY: &str = "Private-Lines: ";
const END: &str = "-----END ";

/// Longest line `-----BEGIN … PRIVATE KEY-----`.
const LABEL_BYTES_MAX: usize = 64;
/// A block has at least one line of so many digits; shorter ones count only at its end.
const LINE_BYTES_MIN: usize = 16;
/// Most lines (`Proc-Type: …`) before the first line of digits.
const HEADERS_MAX: usize = 8;

pub(super) fn look(look: &Look<'_>, rule: usize, found: &mut Vec<Candidate>) {
    for opening in [PEM, PUTTY] {
        for (start, _) in look.text.match_indices(opening) {
            found.extend(block(look, rule, start, opening));
        }
        // The text may break off inside the opening.
        let tail = (1..opening.len()).rev().find(|length| look.text.ends_with(&opening[..*length]));
        if let Some(length) = tail.filter(|_| !look.at_end) {
            let range = look.text.len() - length..look.text.len();
            found.push(Candidate { rule, range, share: None, cue: None, is_open: true });
        }
    }
}

fn block(look: &Look<'_>, rule: usize, start: usize, opening: &str) -> Option<Candidate> {
    let most = ceil_boundary(look.text, start + HOLD_CHARS_MAX);
    let text = &look.text[start..most];
    let touches = most == look.text.len() && !look.at_end && text.len() < HOLD_CHARS_MAX;
    let open = |share| Some(Candidate { rule, range: start..most, share, cue: None, is_open: true });
    let head = if opening == PEM {
        let label = &text[..ceil_boundary(text, LABEL_BYTES_MAX)];
        match label[PEM.len()..].find("-----") {
            Some(at) if label[..PEM.len() + at].contains("PRIVATE KEY") => PEM.len() + at + 5,
            None if touches && text.len() < LABEL_BYTES_MAX && !text.contains('\n') => return open(None),
            _ => return None,
        }
    } else {
        opening.len() + text[opening.len()..].bytes().take_while(u8::is_ascii_digit).count()
    };
    let body = body(&text[head..]);
    let is_open = touches && head + body.scanned == text.len();
    let share = body.has_line.then_some(1.0);
    Some(Candidate { rule, range: start..start + head + body.end, share, cue: None, is_open })
}

/// The part of a text that belongs to a key.
#[derive(Default)]
struct Body {
    end: usize,
    /// How far the text had to be read to know.
    scanned: usize,
    has_line: bool,
}

fn body(text: &str) -> Body {
    let mut body = Body::default();
    let mut rest = text;
    let mut held = None;
    let mut headers = 0;
    loop {
        let skipped = text.len() - rest.trim_start().len();
        rest = &text[skipped..];
        let length =
            rest.find(|character: char| character.is_whitespace() || character == '"').unwrap_or(rest.len());
        let chunk = &rest[..length];
        if let Some(at) = chunk.find(END).or_else(|| chunk.ends_with("-----END").then(|| chunk.len() - 8)) {
            let from = skipped + at + 8;
            body.has_line |= at >= LINE_BYTES_MIN && chunk[..at].bytes().all(is_key_byte);
            let near = &text[from..text.len().min(ceil_boundary(text, from + LABEL_BYTES_MAX))];
            match near.find("-----") {
                Some(closing) => {
                    body.end = from + closing + 5;
                    body.scanned = body.end;
                }
                None => body.scanned = text.len().min(from + LABEL_BYTES_MAX),
            }
            return body;
        }
        body.scanned = skipped + length;
        let is_header = !body.has_line && headers < HEADERS_MAX && chunk.ends_with(':') && chunk.len() > 1;
        if is_header {
            headers += 1;
            let line = rest.find('\n').unwrap_or(rest.len());
            body.scanned = skipped + line;
            rest = &rest[line..];
            continue;
        }
        let is_digits = !chunk.is_empty() && chunk.bytes().all(is_key_byte);
        if is_digits && length >= LINE_BYTES_MIN {
            body.has_line = true;
            body.end = skipped + length;
            held = None;
        } else if is_digits && body.has_line && held.is_none() && !chunk.starts_with('-') {
            // The last line may be short, when the end follows.
            held = Some(skipped + length);
            if chunk.ends_with('=') {
                body.end = skipped + length;
            }
        } else {
            return body;
        }
        if length == rest.len() {
            return body;
        }
        rest = &rest[length..];
        if rest.starts_with('"') {
            return body;
        }
    }
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\\' | b'-')
}

fn ceil_boundary(text: &str, at: usize) -> usize {
    (at.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}
