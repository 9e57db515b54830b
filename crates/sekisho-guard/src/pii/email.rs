//! Mail addresses.

use super::scene::{Look, Scene};

/// Characters of the original text before the @ that are looked at; what is longer is cut there.
pub(super) const LOCAL_CHARS_MAX: usize = 40;

/// How people write the @, also to hide it from programs.
pub(super) const MARKS: [&str; 4] = ["@", "[at]", "(at)", "[@]"];

/// Where an address begins whose @ (or opening bracket of `[at]`) stands at `at`.
pub(super) fn start_of(scene: &Scene<'_>, at: usize) -> Option<usize> {
    let bytes = scene.text.as_bytes();
    let floor = scene.back(at, LOCAL_CHARS_MAX);
    let mut start = at;
    while start > floor && is_local(bytes[start - 1]) {
        start -= 1;
    }
    // A dot, a hyphen or an apostrophe does not begin an address.
    while start < at && !is_edge(bytes[start]) {
        start += 1;
    }
    (start < at).then_some(start)
}

/// Where the address ends that begins with the look and has its @ (or `[at]`) at `at`.
pub(super) fn read(look: &Look<'_>, at: usize) -> Option<usize> {
    let domain = MARKS.iter().find(|mark| look.reads(at, mark)).map(|mark| at + mark.len())?;
    let mut end = domain;
    let mut label = domain;
    let mut last = None;
    loop {
        let letter = look.peek(end);
        match letter {
            Some(letter) if letter.is_ascii_alphanumeric() || letter == '-' => end += 1,
            _ => {
                let text = look.scene.text[label..end].trim_end_matches('-');
                if text.is_empty() || text.starts_with('-') {
                    break;
                }
                if label > domain && is_last_label(text, look) {
                    last = Some(label + text.len());
                }
                if letter != Some('.') || text.len() < end - label {
                    break;
                }
                end += 1;
                label = end;
            }
        }
    }
    let end = last?;
    // git@host.example:path is an address of a repository.
    let is_remote = &look.scene.text[look.start..at] == "git" && look.peek(end) == Some(':');
    (!is_remote).then_some(end)
}

fn is_last_label(label: &str, look: &Look<'_>) -> bool {
    let small = label.to_ascii_lowercase();
    label.len() >= 2
        && (label.bytes().all(|byte| byte.is_ascii_alphabetic()) || small.starts_with("xn--"))
        && !look.scene.tables.not_last.contains(&small)
}

/// Whether a byte may stand before the @. Fewer than the standard allows: slashes and equal signs join addresses to
/// other things far more often than they stand in one.
pub(super) fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-'".contains(&byte)
}

fn is_edge(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
