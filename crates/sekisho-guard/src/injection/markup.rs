//! Markup that hides text from people, and links that carry the conversation away.

use super::{Findings, Injection};
use crate::View;

/// Longest comment or hidden passage that is followed, in characters.
const HIDDEN_CHARS_MAX: usize = 2_048;
/// Longest HTML tag.
const TAG_CHARS_MAX: usize = 512;
/// Longest text of a link.
const LABEL_CHARS_MAX: usize = 96;
/// Longest address of a link.
const ADDRESS_CHARS_MAX: usize = 1_024;
/// A phrase this sure makes a hidden passage an attack: less than elsewhere, since hiding is a sign of its own.
const INNER_CONFIDENCE_MIN: f32 = 0.3;

/// Passages that are not shown: how they begin and end.
const PASSAGES: &[(&str, &str)] =
    &[("<!--", "-->"), ("[//]: # (", ")"), ("[comment]: # (", ")"), ("\\textcolor{white}{", "}")];

/// Ways to write text that nobody sees. Spaces are taken out of a tag before.
const HIDING: &[&str] = &[
    "color:white",
    "color:#fff",
    "color:rgb(255,255,255)",
    "color:transparent",
    "color=\"white",
    "color='white",
    "font-size:0",
    "font-size:1px",
    "opacity:0;",
    "opacity:0\"",
    "opacity:0'",
    "display:none",
    "visibility:hidden",
];

/// What stands in an address for something to be filled in.
const SLOTS: &[&str] = &[
    "{",
    "[",
    "<",
    "%7b",
    "$(",
    "…",
    "...",
    "会話",
    "履歴",
    "要約",
    "内容",
    "秘密",
    "プロンプト",
    "個人情報",
    "SECRET",
    "DATA",
    "HISTORY",
    "CONVERSATION",
    "SUMMARY",
    "PROMPT",
    "CONTENT",
    "USER_INFO",
];

/// The rules for which this module finds hidden text.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) comment: Option<usize>,
    pub(super) style: Option<usize>,
}

pub(super) fn look(injection: &Injection, view: &View<'_>, findings: &mut Findings) {
    let text = view.original;
    let mut at = 0;
    while let Some(found) = text[at..].find(['<', '[', '\\']) {
        let start = at + found;
        let rest = Rest { text: &text[start..], at_end: view.at_end };
        let mut open = look_for_passage(injection, start, &rest, findings);
        open |= match rest.text.as_bytes()[0] {
            b'<' => look_into_tag(injection, start, &rest, findings),
            b'[' => look_into_link(injection, start, &rest, findings),
            _ => false,
        };
        if open {
            findings.hold(start);
        }
        at = start + 1;
    }
}

/// The text from some place on.
struct Rest<'a> {
    text: &'a str,
    at_end: bool,
}

/// Where something ends.
enum End {
    /// At this byte.
    At(usize),
    /// Nowhere near.
    Nowhere,
    /// More text will tell.
    Later,
}

impl Rest<'_> {
    /// Where `wanted` first stands within `chars_max` characters from byte `from`. Where `again`, which opens what
    /// `wanted` closes, comes first, the inner one is the one to follow; so no text is read over and over.
    fn find(&self, from: usize, chars_max: usize, wanted: &str, again: &str) -> End {
        let most = self.text[from..].char_indices().nth(chars_max).map(|(at, _)| from + at);
        let near = &self.text[from..most.unwrap_or(self.text.len())];
        let end = near.find(wanted);
        match end {
            _ if near[..end.unwrap_or(near.len())].contains(again) => End::Nowhere,
            Some(at) => End::At(from + at),
            None if most.is_none() && !self.at_end => End::Later,
            None => End::Nowhere,
        }
    }

    /// Whether the text breaks off inside `wanted`.
    fn may_become(&self, wanted: &str) -> bool {
        !self.at_end && self.text.len() < wanted.len() && wanted.starts_with(self.text)
    }
}

/// Whether a passage that is not shown is open here.
fn look_for_passage(injection: &Injection, start: usize, rest: &Rest<'_>, findings: &mut Findings) -> bool {
    let Some(rule) = injection.hidden.comment else { return false };
    for (opening, closing) in PASSAGES {
        if rest.may_become(opening) {
            return true;
        }
        if !rest.text.starts_with(opening) {
            continue;
        }
        match rest.find(opening.len(), HIDDEN_CHARS_MAX, closing, opening) {
            End::Later => return true,
            End::Nowhere => {}
            End::At(end) => {
                if injection.strongest_phrase(&rest.text[opening.len()..end]) >= INNER_CONFIDENCE_MIN {
                    let range = start..start + end + closing.len();
                    findings.add(rule, range, injection.confidence(rule), None);
                }
            }
        }
        return false;
    }
    false
}

/// Whether a tag, or what it hides, is open here.
fn look_into_tag(injection: &Injection, start: usize, rest: &Rest<'_>, findings: &mut Findings) -> bool {
    let Some(rule) = injection.hidden.style else { return false };
    if rest.text.len() == 1 {
        return !rest.at_end;
    }
    if !rest.text.as_bytes()[1].is_ascii_alphabetic() {
        return false;
    }
    let end = match rest.find(1, TAG_CHARS_MAX, ">", "<") {
        End::At(end) => end + 1,
        End::Later => return true,
        End::Nowhere => return false,
    };
    let tag: String =
        rest.text[..end].chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    if tag.starts_with("<img") {
        let query = rest.text[..end].split_once('?').map_or("", |(_, query)| query.trim_end_matches('>'));
        if let Some(rule) = injection.link.filter(|_| has_slot(query)) {
            findings.add(rule, start..start + end, injection.confidence(rule), None);
        }
        return false;
    }
    if !HIDING.iter().any(|hiding| tag.contains(hiding)) || tag.contains("background") {
        return false;
    }
    // Up to the next tag.
    match rest.find(end, HIDDEN_CHARS_MAX, "<", ">") {
        End::Later => return true,
        End::Nowhere => {}
        End::At(close) => {
            let inside = &rest.text[end..close];
            let is_attack = injection.strongest_phrase(inside) >= INNER_CONFIDENCE_MIN;
            // Pages hide menus too; only text of some length is worth a word.
            if is_attack || inside.chars().count() >= 12 {
                let confidence = injection.confidence(rule) * if is_attack { 1.0 } else { 0.4 };
                findings.add(rule, start..start + close, confidence, None);
            }
        }
    }
    false
}

/// Whether a link `[label](address)` is open here.
fn look_into_link(injection: &Injection, start: usize, rest: &Rest<'_>, findings: &mut Findings) -> bool {
    let Some(rule) = injection.link else { return false };
    let label = match rest.find(1, LABEL_CHARS_MAX, "]", "[") {
        End::At(end) => end,
        // A label has no line end.
        End::Later => return !rest.text.contains('\n'),
        End::Nowhere => return false,
    };
    let from = label + 1;
    match rest.text.as_bytes().get(from) {
        Some(b'(') if !rest.text[..label].contains('\n') => {}
        None => return !rest.at_end && !rest.text[..label].contains('\n'),
        _ => return false,
    }
    match rest.find(from, ADDRESS_CHARS_MAX, ")", "\n") {
        End::Later => !rest.text[from..].contains('\n'),
        End::Nowhere => false,
        End::At(end) => {
            let address = &rest.text[from + 1..end];
            let is_sent = address.starts_with("http") && !address.contains('\n');
            if is_sent && address.split_once('?').is_some_and(|(_, query)| has_slot(query)) {
                findings.add(rule, start..start + end + 1, injection.confidence(rule), None);
            }
            false
        }
    }
}

fn has_slot(query: &str) -> bool {
    let lower = query.to_ascii_lowercase();
    SLOTS.iter().any(|slot| query.contains(slot) || slot.starts_with('%') && lower.contains(slot))
}
