//! Phrases that are quoted to explain them: 「以前の指示を無視して」のような文言.

use std::ops::Range;

use super::{AFTER_CHARS_MAX, BEFORE_CHARS_MAX, Look, is_break};
use crate::{
    folded::Folded,
    lexicon::{Class, Lexicon},
};

/// What is left of the certainty of a phrase that is quoted in an explanation.
pub(super) const CERTAINTY: f32 = 0.4;
/// Most folded characters between a phrase and the marks around it.
const MARK_CHARS: usize = 24;
/// Most folded characters between the marks and the word that explains.
const WORD_CHARS: usize = 12;

const OPENING: &str = "「『\"'`(（“‘<《";
const CLOSING: &str = "」』\"'`)）”’>》";

/// The classes of words that say that something is quoted.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) before: Option<Class>,
    pub(super) after: Option<Class>,
    /// Most folded characters behind a phrase that are looked at.
    pub(super) after_chars: usize,
}

/// Where the mark stands that opens a quotation around `chars`.
pub(super) fn opening(chars: &Range<usize>, folded: &Folded) -> Option<usize> {
    let first = folded.index(chars.start).saturating_sub(BEFORE_CHARS_MAX);
    for char in (chars.start.saturating_sub(MARK_CHARS)..chars.start).rev() {
        let mark = folded.char(char)?;
        if folded.index(char) < first || is_break(mark) || mark == '」' || mark == '』' {
            return None;
        }
        if OPENING.contains(mark) {
            return Some(char);
        }
    }
    None
}

fn closing(chars: &Range<usize>, folded: &Folded) -> Option<usize> {
    let last = folded.index(chars.end - 1) + AFTER_CHARS_MAX;
    let until = folded.len().min(chars.end + MARK_CHARS);
    (chars.end..until)
        .take_while(|char| folded.index(*char) <= last)
        .find(|char| folded.char(*char).is_some_and(|mark| CLOSING.contains(mark)))
}

impl Words {
    /// `longest` is the length of the longest word of class `after`.
    pub(super) fn new(before: Option<Class>, after: Option<Class>, longest: usize) -> Self {
        Self { before, after, after_chars: MARK_CHARS + 1 + WORD_CHARS + longest }
    }

    /// Whether the phrase stands between quotation marks beside a word that explains.
    pub(super) fn explain(&self, chars: &Range<usize>, look: &Look<'_>, lexicon: &Lexicon) -> bool {
        let Some(open) = opening(chars, look.folded) else { return false };
        let Some(close) = closing(chars, look.folded) else { return false };
        look.near(chars).any(|hit| {
            let is_of = |class: Option<Class>| class.is_some_and(|class| lexicon.is_of(hit, class));
            let before = hit.end <= open && open - hit.end <= WORD_CHARS;
            let after = hit.start > close && hit.start - close <= WORD_CHARS;
            before && is_of(self.before) || after && is_of(self.after)
        })
    }
}
