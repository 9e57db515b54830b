//! A view as the rules read it: with bounds to both sides, and a note of who wanted to read past the end.
//!
//! Streaming rests on this file. A rule judges a candidate by what it reads through a [`Look`], which ends a fixed number
//! of characters before and behind the candidate's first one. A look that was not turned away by the end of the view has
//! therefore seen all it will ever see, and its verdict is final.

use std::{
    cell::{Cell, OnceCell},
    ops::Range,
};

use super::{
    cue::{self, Hit},
    data::{Tables, tables},
};
use crate::{View, table::Columns};

/// A candidate is read so many characters of the original text onward from its first.
pub(super) const AHEAD_CHARS: usize = 54;
/// And so many back.
pub(super) const BEHIND_CHARS: usize = 100;
/// The last character of a view may still take so many marks and selectors with it.
const CLUSTER_CHARS: usize = 8;
/// No start of a span is open longer than this.
pub(super) const HOLD_CHARS: usize = AHEAD_CHARS + CLUSTER_CHARS;

pub(super) struct Scene<'a> {
    /// Normalised.
    pub(super) text: &'a str,
    pub(super) view: &'a View<'a>,
    pub(super) tables: &'static Tables,
    /// What lies behind may still change.
    end: usize,
    hits: Vec<Hit>,
    columns: OnceCell<Columns>,
}

impl<'a> Scene<'a> {
    /// The view, with cue words from byte `from` of the normalised text on.
    pub(super) fn new(view: &'a View<'a>, from: usize) -> Self {
        let text = view.normal.text();
        let tables = tables();
        let hits = tables.lexicon.find(text, from);
        Self { text, view, tables, end: end_of(view), hits, columns: OnceCell::new() }
    }

    /// A look at the candidate that begins at `start`.
    pub(super) fn look(&'a self, start: usize) -> Look<'a> {
        let original = self.view.original;
        let origin = self.view.normal.to_original(start..start).start;
        let bound = forward(original, origin, AHEAD_CHARS);
        let floor = backward(original, origin, BEHIND_CHARS);
        Look {
            scene: self,
            start,
            origin,
            floor: floor.map_or(0, |at| self.view.normal.from_original(at)),
            bound: bound.map_or(usize::MAX, |at| self.view.normal.from_original(at)),
            touched: Cell::new(false),
        }
    }

    /// The first character of which the original lies at most `count` characters before that of `at`.
    pub(super) fn back(&self, at: usize, count: usize) -> usize {
        let origin = self.view.normal.to_original(at..at).start;
        backward(self.view.original, origin, count).map_or(0, |at| self.view.normal.from_original(at))
    }

    /// Where these bytes of the normalised text stand in the original, without spaces at the edges: of spaced-out text a
    /// character stands for the space before it, too.
    pub(super) fn original(&self, normal: Range<usize>) -> Range<usize> {
        let range = self.view.normal.to_original(normal);
        let written = self.view.original[range.clone()].trim_end();
        let start = range.start + written.len() - written.trim_start().len();
        start..range.start + written.len()
    }

    /// Whether the last character may still change.
    pub(super) fn last_is_open(&self) -> bool {
        self.end < self.text.len()
    }

    /// Characters before `end` are as they will be; the last one is not while marks may still come.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    pub(super) fn columns(&self) -> &Columns {
        self.columns.get_or_init(|| self.view.table.columns(self.view.original))
    }
}

fn end_of(view: &View<'_>) -> usize {
    let text = view.normal.text();
    let last = text.chars().next_back().map_or(0, char::len_utf8);
    let open = !view.at_end
        && last > 0
        && view.normal.to_original(text.len() - last..text.len()).end == view.original.len();
    if open { text.len() - last } else { text.len() }
}

/// The byte `count` characters after `at`, or none where the text ends before.
fn forward(text: &str, mut at: usize, count: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    for _ in 0..count {
        at += match bytes.get(at)? {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0.. => 4,
        };
    }
    Some(at)
}

/// The byte `count` characters before `at`, or none where the text begins after it.
pub(super) fn backward(text: &str, mut at: usize, count: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    for _ in 0..count {
        at = at.checked_sub(1)?;
        while bytes[at] & 0xc0 == 0x80 {
            at -= 1;
        }
    }
    Some(at)
}

/// One candidate and what lies around it. Positions are bytes of the normalised text.
pub(super) struct Look<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) start: usize,
    /// Where `start` lies in the original.
    pub(super) origin: usize,
    floor: usize,
    bound: usize,
    touched: Cell<bool>,
}

impl<'a> Look<'a> {
    /// The character at `at`; none beyond the bound, and none where the view ends, which is noted.
    pub(super) fn peek(&self, at: usize) -> Option<char> {
        if at >= self.bound {
            return None;
        }
        if at >= self.scene.end {
            self.touched.set(self.touched.get() || !self.scene.view.at_end);
            return None;
        }
        let byte = self.scene.text.as_bytes()[at];
        if byte < 0x80 { Some(char::from(byte)) } else { self.scene.text[at..].chars().next() }
    }

    /// Whether the whole text ends at `at`, and the look reaches so far.
    pub(super) fn is_end(&self, at: usize) -> bool {
        at < self.bound && at == self.scene.text.len() && self.scene.view.at_end
    }

    /// The character before `at`; none beyond the bound.
    pub(super) fn before(&self, at: usize) -> Option<char> {
        if at <= self.floor { None } else { self.scene.text[..at].chars().next_back() }
    }

    /// Whether what was read may still change.
    pub(super) fn touched(&self) -> bool {
        self.touched.get()
    }

    /// Behind at most `most` characters that are space.
    pub(super) fn skip_spaces(&self, at: usize, most: usize) -> usize {
        self.skip(at, most, |letter| letter == ' ')
    }

    /// Behind at most `most` characters that satisfy `takes`.
    pub(super) fn skip(&self, mut at: usize, most: usize, takes: impl Fn(char) -> bool) -> usize {
        for _ in 0..most {
            match self.peek(at) {
                Some(letter) if takes(letter) => at += letter.len_utf8(),
                _ => break,
            }
        }
        at
    }

    /// Whether `word` stands at `at`.
    pub(super) fn reads(&self, at: usize, word: &str) -> bool {
        let mut here = at;
        word.chars().all(|letter| {
            let same = self.peek(here) == Some(letter);
            here += letter.len_utf8();
            same
        })
    }

    /// Cue words before the candidate, the nearest first.
    pub(super) fn cues_before(&self) -> impl Iterator<Item = &'a Hit> + use<'a> {
        cue::before(&self.scene.hits, self.floor, self.start)
    }

    /// Cue words between `at` and `ceiling`, which must have been read.
    pub(super) fn cues_after(&self, at: usize, ceiling: usize) -> impl Iterator<Item = &'a Hit> + use<'a> {
        cue::after(&self.scene.hits, at, ceiling)
    }

    /// What stands between a cue before and the candidate.
    pub(super) fn gap(&self, hit: &Hit) -> &'a str {
        &self.scene.text[hit.end()..self.start]
    }
}
