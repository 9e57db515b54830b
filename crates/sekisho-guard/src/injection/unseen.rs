//! Characters without a picture: tags, variation selectors, zero width, directions.
//!
//! What people write is left alone: emoji joined by U+200D, flags made of tags, one variation selector behind a kanji (異体字
//! セレクタ) or a symbol, a byte order mark at the start, soft hyphens.

use super::{Findings, HOLD_CHARS_MAX, Injection};
use crate::View;

/// So many zero-width characters in a row are a message, not typography.
const ZERO_WIDTH_MIN: usize = 3;
/// How far an override of direction is followed, in characters.
const OVERRIDE_CHARS_MAX: usize = 128;

/// The rules for which this module finds something.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) tags: Option<usize>,
    pub(super) selectors: Option<usize>,
    pub(super) zero_width: Option<usize>,
    pub(super) invisible: Option<usize>,
    pub(super) bidi: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Tag,
    Selector,
    ZeroWidth,
    Invisible,
    Filler,
    Override,
}

fn class_of(character: char) -> Option<Class> {
    Some(match character {
        '\u{e0000}'..='\u{e007f}' => Class::Tag,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Class::Selector,
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{180e}' => Class::ZeroWidth,
        '\u{2061}'..='\u{2064}' | '\u{206a}'..='\u{206f}' => Class::Invisible,
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => Class::Filler,
        '\u{202d}' | '\u{202e}' => Class::Override,
        _ => return None,
    })
}

pub(super) fn look(injection: &Injection, view: &View<'_>, findings: &mut Findings) {
    let text = view.original;
    let mut before = None;
    let mut rest = text.char_indices();
    while let Some((start, character)) = rest.next() {
        let Some(class) = class_of(character) else {
            before = Some(character);
            continue;
        };
        // A byte order mark at the very start is not part of the text.
        if character == '\u{feff}' && start == 0 && view.at_start {
            continue;
        }
        let mut run = Run { class, start, end: start + character.len_utf8(), chars: 1, before };
        before = Some(character);
        while let Some(next) =
            rest.clone().next().map(|(_, next)| next).filter(|next| class_of(*next) == Some(class))
        {
            rest.next();
            if run.chars < HOLD_CHARS_MAX {
                run.end += next.len_utf8();
                run.chars += 1;
            }
            before = Some(next);
        }
        let next = rest.clone().next().map(|(_, next)| next);
        if next.is_none() && !view.at_end && run.chars < HOLD_CHARS_MAX {
            findings.hold(start);
        }
        if class == Class::Override {
            follow_override(injection, view, start, findings);
        } else {
            judge(injection, &run, next, findings);
        }
    }
}

/// A run of one class, and the character before it.
struct Run {
    class: Class,
    start: usize,
    end: usize,
    chars: usize,
    before: Option<char>,
}

fn judge(injection: &Injection, run: &Run, next: Option<char>, findings: &mut Findings) {
    let rules = &injection.unseen;
    let is_hangul = |character: Option<char>| {
        character
            .is_some_and(|c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '가'..='힣'))
    };
    let (rule, share) = match run.class {
        Class::Tag if run.before == Some('🏴') && run.chars <= 8 => return,
        Class::Tag => (rules.tags, 1.0),
        Class::Selector if run.chars >= 2 => (rules.selectors, 1.0),
        Class::Selector if takes_no_selector(run.before) => (rules.selectors, 0.6),
        Class::ZeroWidth if run.chars >= ZERO_WIDTH_MIN => (rules.zero_width, 1.0),
        Class::Invisible => (rules.invisible, 1.0),
        Class::Filler if !is_hangul(run.before) && !is_hangul(next) => (rules.invisible, 1.0),
        _ => return,
    };
    if let Some(rule) = rule {
        let note = spells_text(run).then_some("evidence-spells-text");
        findings.add(rule, run.start..run.end, injection.confidence(rule) * share, note);
    }
}

/// Letters and kana have no variants; digits have (keycaps), kanji and symbols too.
fn takes_no_selector(base: Option<char>) -> bool {
    base.is_some_and(|base| base.is_ascii_alphabetic() || base.is_whitespace() || matches!(base, 'ぁ'..='ヿ'))
}

/// Tags and selectors in a row can each stand for a byte.
fn spells_text(run: &Run) -> bool {
    matches!(run.class, Class::Tag | Class::Selector) && run.chars >= 4
}

fn follow_override(injection: &Injection, view: &View<'_>, start: usize, findings: &mut Findings) {
    let Some(rule) = injection.unseen.bidi else { return };
    let mut end = start;
    let mut chars = 0;
    for character in view.original[start..].chars() {
        if character == '\n' || chars == OVERRIDE_CHARS_MAX {
            findings.add(rule, start..end, injection.confidence(rule), None);
            return;
        }
        end += character.len_utf8();
        chars += 1;
        if character == '\u{202c}' {
            break;
        }
    }
    let is_closed = view.original[..end].ends_with('\u{202c}') || chars == OVERRIDE_CHARS_MAX;
    if !is_closed && !view.at_end {
        findings.hold(start);
    }
    findings.add(rule, start..end, injection.confidence(rule), None);
}
