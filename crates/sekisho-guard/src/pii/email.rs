//! Mail addresses.

use super::scene::{Look, Scene};

/// Characters of the original text before the @ that are looked at; what is longer is cut there.
pub(super) const LOCAL_CHARS_MAX: usize = 40;

/// The longest part of a domain.
const LABEL_CHARS_MAX: usize = 63;

/// How people write the @, also to hide it from programs.
pub(super) const MARKS: [&str; 8] =
    ["@", "[at]", "(at)", "[@]", "(アットマーク)", "[アットマーク]", "(アット)", SPOKEN];
/// As it is read aloud.
pub(super) const SPOKEN: &str = "アットマーク";

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
    let end = read_domain(look, domain)?;
    // git@host.example:path is an address of a repository.
    let is_remote = &look.scene.text[look.start..at] == "git" && look.peek(end) == Some(':');
    (!is_remote).then_some(end)
}

/// Where the domain ends that begins at `domain`: with the last label that may be one.
fn read_domain(look: &Look<'_>, domain: usize) -> Option<usize> {
    let is_label = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let (mut at, mut last, mut broken) = (domain, None, false);
    loop {
        let label = at;
        at = look.skip(at, LABEL_CHARS_MAX, is_label);
        if label == domain
            && let Some(next) = line_behind(look, at).filter(|_| !broken)
        {
            // exam⏎ple.jp
            broken = true;
            at = look.skip(next, LABEL_CHARS_MAX, is_label);
        }
        let text = look.scene.text[label..at].trim_end_matches('-');
        if text.is_empty() || text.starts_with('-') {
            return last;
        }
        if label > domain && is_last_label(text, look) {
            last = Some(label + text.len());
        }
        // example⏎.jp
        let dot = line_behind(look, at).filter(|next| !broken && look.peek(*next) == Some('.')).unwrap_or(at);
        broken |= dot > at;
        if look.peek(dot) != Some('.') || text.len() < at - label {
            return last;
        }
        at = dot + 1;
        // example.⏎jp, unless what stands before is whole and ends a sentence.
        let whole = matches!(text, "jp" | "com" | "net" | "org");
        if let Some(next) = line_behind(look, at).filter(|_| !broken && !whole) {
            broken = true;
            at = next;
        }
    }
}

/// Where the next line begins, if a line ends at `at` and the next one begins as a domain could go on.
fn line_behind(look: &Look<'_>, at: usize) -> Option<usize> {
    let at = look.skip(at, 1, |letter| letter == '\r');
    let next = look.skip(at, 1, |letter| letter == '\n');
    let goes_on = look.peek(next)?.is_ascii_lowercase() || look.peek(next) == Some('.');
    (next > at && goes_on).then_some(next)
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
