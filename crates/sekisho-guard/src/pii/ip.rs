//! Addresses of machines, and what looks like them: versions, sections, times.

use std::{net::Ipv6Addr, ops::Range};

use super::{
    cue::{Hit, Sense},
    data::Form,
    scene::Look,
};

/// The longest IPv6 address has 39 characters, with an IPv4 tail 45.
const V6_CHARS_MAX: usize = 45;

/// Characters between a word for machines, or for versions, and the address.
const CUE_CHARS_MAX: usize = 12;
/// And between a word for versions and a second version.
const SIBLING_CHARS_MAX: usize = 30;

/// Judges the address that begins with the look, if one does: where it ends, how sure, and the word before.
pub(super) fn judge(look: &Look<'_>) -> Option<(usize, f32, Option<Range<usize>>)> {
    if look.before(look.start).is_some_and(|before| before.is_ascii_alphanumeric() || "._-:".contains(before))
    {
        // 「IP:192.0.2.1」: a colon is inside an address only behind another digit of it.
        let colon = look.before(look.start) == Some(':')
            && !look.before(look.start - 1).is_some_and(|it| it.is_ascii_hexdigit() || it == ':');
        let cue = look.cues_before().next().is_some_and(|hit| hit.end() + 1 == look.start);
        if !(colon || cue && look.before(look.start) == Some(':')) {
            return None;
        }
    }
    if let Some(end) = read_v6(look) {
        return Some((end, 0.95, None));
    }
    let dotted = read_v4(look, |letter| letter == '.');
    let spoken = dotted.is_none();
    let found = dotted.or_else(|| read_v4(look, |letter| "、・点の".contains(letter)))?;
    // http://192.0.2.1:8080/
    if look.scene.text[..look.start].ends_with("://") && look.before(look.start) == Some('/') && !spoken {
        return Some((found.end, 0.97, None));
    }
    if !spoken && is_sibling_of_version(look, &found) {
        return None;
    }
    let rule = look.scene.tables.rule_of(Form::Ip);
    for hit in look.cues_before() {
        let gap = look.gap(hit);
        if gap.chars().count() > CUE_CHARS_MAX || gap.contains(|letter: char| letter.is_ascii_digit()) {
            break;
        }
        for sense in look.scene.tables.lexicon.senses(hit) {
            match sense {
                Sense::NotIp => return None,
                Sense::Rule { rule: of, .. } if *of == rule => {
                    return Some((found.end, 0.97, Some(hit.start()..hit.end())));
                }
                _ => {}
            }
        }
    }
    if spoken {
        return None;
    }
    // 1.2.3.4版, 2.3.1.1項
    let counted = look.peek(found.end).is_some_and(|letter| "版項節章条号系".contains(letter));
    let confidence = if found.small { 0.4 } else { 0.92 };
    (!counted).then_some((found.end, confidence, None))
}

/// 「schema 2.0.1.7 differs from 2.0.1.6」: what was a version a few words ago still is.
fn is_sibling_of_version(look: &Look<'_>, found: &V4) -> bool {
    let address = &look.scene.text[look.start..found.end];
    let network = address.match_indices('.').nth(1).map_or(address, |(at, _)| &address[..=at]);
    let near = |hit: &&Hit| look.gap(hit).chars().count() <= SIBLING_CHARS_MAX;
    let is_not = |hit: &Hit| look.scene.tables.lexicon.senses(hit).contains(&Sense::NotIp);
    let is_alike = |hit: &&Hit| found.small || look.gap(hit).contains(network);
    look.cues_before().take_while(near).filter(is_alike).any(is_not)
}

/// An IPv4 address.
struct V4 {
    end: usize,
    /// It might as well be a version or a section: 1.2.3.4.
    small: bool,
}

/// Reads an IPv4 address that begins with the look; people who read one aloud make other marks of its dots.
fn read_v4(look: &Look<'_>, is_dot: impl Fn(char) -> bool) -> Option<V4> {
    let mut at = look.start;
    let mut octets = [0_u32; 4];
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            let dot = look.peek(at).filter(|letter| is_dot(*letter))?;
            at = look.skip_spaces(at + dot.len_utf8(), 1);
        }
        let begin = at;
        while let Some(digit) = look.peek(at).and_then(|letter| letter.to_digit(10)) {
            *octet = *octet * 10 + digit;
            at += 1;
            if at - begin > 3 {
                return None;
            }
        }
        let leading_zero = at - begin > 1 && look.scene.text.as_bytes()[begin] == b'0';
        if at == begin || *octet > 255 || leading_zero {
            return None;
        }
    }
    let goes_on = match look.peek(at) {
        Some('.') => look.peek(at + 1).is_some_and(|letter| letter.is_ascii_digit()),
        Some('-') => look.peek(at + 1).is_some_and(|letter| letter.is_ascii_alphanumeric()),
        Some(letter) => letter.is_ascii_alphanumeric() || letter == '_',
        None => false,
    };
    let alike = octets.iter().all(|octet| *octet == octets[0]);
    let small = (octets.iter().all(|octet| *octet < 30) || octets[0] < 10) && !alike && octets[0] != 10;
    (!goes_on && octets[0] != 0).then_some(V4 { end: at, small })
}

/// Where an IPv6 address ends that begins with the look.
fn read_v6(look: &Look<'_>) -> Option<usize> {
    let end = look.skip(look.start, V6_CHARS_MAX + 1, |letter| {
        letter.is_ascii_hexdigit() || letter == ':' || letter == '.'
    });
    if look.peek(end).is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
        return None;
    }
    let text = look.scene.text[look.start..end].trim_end_matches('.');
    if !text.contains(':') {
        return None;
    }
    // A sentence may put a colon behind an address, but never two.
    let text = if text.ends_with("::") { text } else { text.trim_end_matches(':') };
    let groups = text.split(':').filter(|group| !group.is_empty()).count();
    let plain =
        text.bytes().any(|byte| byte.is_ascii_digit()) && (groups >= 3 || text == "::1" || is_local(text));
    (plain && text.parse::<Ipv6Addr>().is_ok()).then_some(look.start + text.len())
}

/// fe80::1 and 2001:db8:: are short, but begin as only addresses do.
fn is_local(text: &str) -> bool {
    let small = text.to_ascii_lowercase();
    ["fe80:", "fd", "fc", "2001:", "2400:", "2404:", "2405:", "240"]
        .iter()
        .any(|start| small.starts_with(start))
}
