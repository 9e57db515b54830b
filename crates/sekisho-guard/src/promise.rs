//! For tests: holds a detector to the promises that make streaming equal to batch.
//!
//! Call [`check`] from the property test of each detector, with texts that begin, end and break off what it looks for.
//!
//! ```
//! use sekisho_guard::{Detector, Reach, Span, Unavailable, View, promise};
//!
//! struct Silent;
//! impl Detector for Silent {
//!     fn name(&self) -> &'static str { "silent" }
//!     fn reach(&self) -> Reach { Reach { behind_chars: 0, hold_chars_max: 0 } }
//!     fn look(&self, view: &View<'_>, _: &mut Vec<Span>) -> Result<usize, Unavailable> {
//!         Ok(view.original.len())
//!     }
//! }
//! assert_eq!(promise::check(&Silent, "本日は晴天なり", &[3, 9]), Ok(()));
//! ```

use std::ops::Range;

use sekisho_text::normal::Normal;

use crate::{Detector, Span, View, table::Tracker, window};

/// What may follow a text that was cut: things that continue, end or change many kinds of match. None begins with a
/// mark, since a stream cuts before the character that may yet get one.
const CONTINUATIONS: &[&str] = &[
    "",
    "0",
    "123456789012",
    "-5678",
    "−１",
    "ー2",
    "山",
    "さん",
    "号室",
    "ｶﾞ",
    "a",
    "@example.jp",
    "。",
    "\n",
    " ",
    "\t個人番号\n",
];

/// A broken promise of [`Detector`], with the texts that show it.
#[derive(Debug, Clone, PartialEq)]
pub enum Broken {
    /// No judgement, so nothing to hold to.
    Unavailable {
        /// The text that was looked at.
        text: String,
    },
    /// Promise 1: with the text before `cut` gone, spans from `from` on differ.
    Memory {
        /// The byte at which the text was cut.
        cut: usize,
        /// The byte from which nothing should differ.
        from: usize,
        /// Found in the whole text.
        whole: Vec<Span>,
        /// Found in the rest, moved to the places of the whole text.
        rest: Vec<Span>,
    },
    /// Promise 5: asked for spans from byte `from` on, it finds others there.
    From {
        /// The view.
        shown: String,
        /// The byte.
        from: usize,
        /// Found there when all spans are asked for.
        all: Vec<Span>,
        /// Found there now.
        asked: Vec<Span>,
    },
    /// Promise 2: `shown` was settled up to byte `settled`, and yet changes when `continuation` follows.
    Settled {
        /// The view that did not end the text.
        shown: String,
        /// What followed.
        continuation: String,
        /// What was given back.
        settled: usize,
        /// Found before `settled` in `shown`.
        before: Vec<Span>,
        /// Found before `settled` in `shown` with `continuation`.
        after: Vec<Span>,
    },
    /// Promise 3: more is held back than was stated, or what was given back is no character boundary of the view.
    Delay {
        /// The view.
        shown: String,
        /// What was given back.
        settled: usize,
    },
    /// Promise 4: a span outside the view, across a character, or empty.
    Place {
        /// The view.
        shown: String,
        /// Where the span lies.
        range: Range<usize>,
        /// Its rule.
        rule: String,
    },
}

/// Looks at `text` whole, and at the parts that a stream would show when it is cut near the bytes `cuts`; compares.
/// Cuts may lie anywhere; they are moved to where a stream would cut. The work grows with the square of their number.
///
/// # Errors
/// The first promise that is broken.
pub fn check(detector: &dyn Detector, text: &str, cuts: &[usize]) -> Result<(), Broken> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| window::floor_boundary(text, *cut)).collect();
    cuts.push(text.len());
    cuts.sort_unstable();
    cuts.dedup();
    let whole = find(detector, text, 0..text.len(), true)?;
    for (index, cut) in cuts.iter().enumerate() {
        let begins = std::iter::once(0).chain(cuts[..index].iter().copied());
        for begin in begins {
            let begin = if begin == 0 { 0 } else { window::clean_start(text, begin, 0) };
            check_memory(detector, text, begin, &whole)?;
            let end = begin + window::final_end(&text[begin..*cut]);
            check_settled(detector, text, begin..end)?;
        }
    }
    Ok(())
}

fn check_memory(detector: &dyn Detector, text: &str, cut: usize, whole: &[Span]) -> Result<(), Broken> {
    let from = forward(text, cut, detector.reach().behind_chars);
    if cut == 0 || from > text.len() {
        return Ok(());
    }
    let later = |spans: &[Span]| -> Vec<Span> {
        spans.iter().filter(|span| span.range.start >= from).cloned().collect()
    };
    let rest = later(&find(detector, text, cut..text.len(), true)?);
    let whole = later(whole);
    if whole.len() == rest.len() && whole.iter().zip(&rest).all(|(one, other)| same_kind(one, other)) {
        return Ok(());
    }
    Err(Broken::Memory { cut, from, whole, rest })
}

fn check_settled(detector: &dyn Detector, text: &str, shown: Range<usize>) -> Result<(), Broken> {
    let table = table_at(text, shown.start);
    let part = &text[shown.clone()];
    let normal = Normal::of(part);
    let at_start = shown.start == 0;
    let view = View { original: part, normal: &normal, at_start, at_end: false, table: &table, from: 0 };
    let (found, settled) = find_in(detector, &view)?;
    let held = part.get(settled..).map(|held| held.chars().count());
    if held.is_none_or(|held| held > detector.reach().hold_chars_max) {
        return Err(Broken::Delay { shown: part.to_owned(), settled });
    }
    // The beginning of a window is context: what starts there was settled when more could be seen.
    let from = if shown.start == 0 { 0 } else { forward(part, 0, detector.reach().behind_chars) };
    let kept = |spans: Vec<Span>| -> Vec<Span> {
        spans.into_iter().filter(|span| (from..settled).contains(&span.range.start)).collect()
    };
    check_from(detector, &view, &found)?;
    let before = kept(found);
    let own = &text[shown.end..];
    for continuation in std::iter::once(own).chain(CONTINUATIONS.iter().copied()) {
        let longer = format!("{part}{continuation}");
        for at_end in [true, false] {
            let end = if at_end { longer.len() } else { window::final_end(&longer).max(part.len()) };
            let normal = Normal::of(&longer[..end]);
            let view = View { original: &longer[..end], normal: &normal, at_end, ..view };
            if at_end && continuation == own {
                check_from(detector, &view, &find_in(detector, &view)?.0)?;
            }
            let after = kept(find_in(detector, &view)?.0);
            if before != after {
                let (shown, continuation) = (part.to_owned(), continuation.to_owned());
                return Err(Broken::Settled { shown, continuation, settled, before, after });
            }
        }
    }
    Ok(())
}

/// Asks for the spans of the last third only, and for those from where the last ones start, and a character beside.
fn check_from(detector: &dyn Detector, view: &View<'_>, all: &[Span]) -> Result<(), Broken> {
    let text = view.original;
    let starts = all.iter().rev().take(2).map(|span| span.range.start);
    let beside =
        starts.flat_map(|start| [window::chars_back(text, start, 1), start, forward(text, start, 1)]);
    for from in beside.chain([text.len() / 3 * 2]) {
        let from = window::floor_boundary(text, from);
        let asked = find_in(detector, &View { from, ..*view })?.0;
        let late = |spans: &[Span]| -> Vec<Span> {
            spans.iter().filter(|span| span.range.start >= from).cloned().collect()
        };
        let (all, asked) = (late(all), late(&asked));
        if all != asked {
            return Err(Broken::From { shown: text.to_owned(), from, all, asked });
        }
    }
    Ok(())
}

/// The spans of one part of `text` in a fixed order, with places in `text`.
fn find(detector: &dyn Detector, text: &str, part: Range<usize>, at_end: bool) -> Result<Vec<Span>, Broken> {
    let table = table_at(text, part.start);
    let normal = Normal::of(&text[part.clone()]);
    let original = &text[part.clone()];
    let at_start = part.start == 0;
    let view = View { original, normal: &normal, at_start, at_end, table: &table, from: 0 };
    let (mut spans, _) = find_in(detector, &view)?;
    for span in &mut spans {
        *span = moved(span.clone(), part.start);
    }
    Ok(spans)
}

fn find_in(detector: &dyn Detector, view: &View<'_>) -> Result<(Vec<Span>, usize), Broken> {
    let mut spans = Vec::new();
    let Ok(settled) = detector.look(view, &mut spans) else {
        return Err(Broken::Unavailable { text: view.original.to_owned() });
    };
    if let Some(span) =
        spans.iter().find(|span| view.original.get(span.range.clone()).is_none_or(str::is_empty))
    {
        let (range, rule) = (span.range.clone(), span.rule.to_string());
        return Err(Broken::Place { shown: view.original.to_owned(), range, rule });
    }
    Span::sort(&mut spans);
    Ok((spans, settled))
}

/// Places in a view become places in the text that it was cut from.
pub(crate) fn moved(mut span: Span, by: usize) -> Span {
    span.range = span.range.start + by..span.range.end + by;
    span.evidence.cue = span.evidence.cue.map(|cue| cue.start + by..cue.end + by);
    span
}

/// Equal but for where the cue stands.
fn same_kind(one: &Span, other: &Span) -> bool {
    let without_place = |span: &Span| {
        let mut span = span.clone();
        span.evidence.cue = span.evidence.cue.map(|_| 0..0);
        span
    };
    without_place(one) == without_place(other)
}

fn table_at(text: &str, at: usize) -> Tracker {
    let mut table = Tracker::default();
    table.advance(&text[..at]);
    table
}

/// The byte `count` characters after `at`; beyond the end when there are fewer.
fn forward(text: &str, at: usize, count: usize) -> usize {
    let mut rest = text[at..].char_indices();
    match count {
        0 => at,
        _ => rest.nth(count).map_or(text.len() + 1, |(offset, _)| at + offset),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Broken, check};
    use crate::{Detector, Evidence, Kind, Reach, Span, Unavailable, View};

    /// Finds runs of digits, and breaks one promise on demand.
    struct Digits {
        settles_at_once: bool,
        wants_cue: bool,
        forgets_at_end: bool,
        hold_chars_max: usize,
    }

    const FAITHFUL: Digits =
        Digits { settles_at_once: false, wants_cue: false, forgets_at_end: false, hold_chars_max: 64 };

    impl Detector for Digits {
        fn name(&self) -> &'static str {
            "digits"
        }

        fn reach(&self) -> Reach {
            Reach { behind_chars: 1, hold_chars_max: self.hold_chars_max }
        }

        fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
            if self.forgets_at_end && view.at_end {
                return Ok(view.original.len());
            }
            let mut rest = 0;
            for part in view.original.split_inclusive(|character: char| !character.is_ascii_digit()) {
                let digits = part.trim_end_matches(|character: char| !character.is_ascii_digit()).len();
                if digits > 0 && (!self.wants_cue || view.original[..rest].contains('番')) {
                    found.push(Span {
                        kind: Kind::EmployeeId,
                        range: rest..rest + digits,
                        confidence: 1.0,
                        rule: Cow::Borrowed("test/digits"),
                        evidence: Evidence::default(),
                    });
                }
                rest += part.len();
            }
            if self.settles_at_once {
                return Ok(view.original.len());
            }
            Ok(view.original.trim_end_matches(|character: char| character.is_ascii_digit()).len())
        }
    }

    #[test]
    fn finds_the_broken_promise() {
        let text = "番 12と34と5678";
        let cuts: Vec<usize> = (0..text.len()).collect();
        assert_eq!(check(&FAITHFUL, text, &cuts), Ok(()));
        let hasty = Digits { settles_at_once: true, ..FAITHFUL };
        assert!(matches!(check(&hasty, text, &cuts), Err(Broken::Settled { .. })));
        let forgetful = Digits { forgets_at_end: true, ..FAITHFUL };
        assert!(matches!(check(&forgetful, text, &cuts), Err(Broken::Settled { .. })));
        let far = Digits { wants_cue: true, ..FAITHFUL };
        assert!(matches!(check(&far, text, &cuts), Err(Broken::Memory { .. })));
        let slow = Digits { hold_chars_max: 2, ..FAITHFUL };
        assert!(matches!(check(&slow, text, &cuts), Err(Broken::Delay { .. })));
    }
}
