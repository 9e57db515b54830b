//! Writing of events.

use serde::Serialize;

/// Appends an event. `name` is left out where it is empty; line breaks in it are dropped.
pub fn event(out: &mut Vec<u8>, name: &str, data: &str) {
    write_name(out, name);
    let mut rest = data;
    while let Some(end) = rest.find(['\n', '\r']) {
        write_line(out, &rest[..end]);
        let width = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = &rest[end + width..];
    }
    write_line(out, rest);
    out.push(b'\n');
}

/// Appends an event whose data is `value` as JSON, written straight into `out`.
///
/// # Errors
/// What `value` cannot say in JSON; `out` is then as it was.
pub fn json(out: &mut Vec<u8>, name: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
    let start = out.len();
    write_name(out, name);
    out.extend_from_slice(b"data: ");
    // JSON on one line holds no line break: they are escaped in strings.
    if let Err(error) = serde_json::to_writer(&mut *out, value) {
        out.truncate(start);
        return Err(error);
    }
    out.extend_from_slice(b"\n\n");
    Ok(())
}

/// Appends a comment, which every reader reads over: it keeps a quiet connection open.
pub fn comment(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b": ");
    out.extend(text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')));
    out.extend_from_slice(b"\n\n");
}

fn write_name(out: &mut Vec<u8>, name: &str) {
    if !name.is_empty() {
        out.extend_from_slice(b"event: ");
        out.extend(name.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')));
        out.push(b'\n');
    }
}

fn write_line(out: &mut Vec<u8>, line: &str) {
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(line.as_bytes());
    out.push(b'\n');
}
