//! From spans that overlap to one line of text, from left to right.
//!
//! What starts first comes first; of what starts together, the surer, then the longer. What is covered in part keeps
//! its remainder, so that nothing found is left uncovered. Nothing needs to be known beyond the start of what is next:
//! so the order never waits for text that no detector waits for.

use std::{borrow::Cow, cmp::Reverse, collections::BTreeMap, ops::Range};

use crate::{Action, Finding, Kind, Span, mask::Stands};

/// What comes next.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Text that goes out as it is.
    Raw(Range<usize>),
    /// A placeholder goes out for this part.
    Replace { range: Range<usize>, stands: Stands, reversible: bool },
    /// A finding is told.
    Report(Box<Finding>),
    /// The placeholder that went out last covers part of what has no way back, so it has none either.
    Forget,
}

/// Orders findings and covers by where they start. Everything that starts before the `settled` of [`Sweep::next`] must
/// have been added.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    queue: BTreeMap<Key, Entry>,
    /// The byte up to which the text is out.
    out: usize,
    /// What went out last was a placeholder with a way back.
    out_is_reversible: bool,
    serial: usize,
}

#[derive(Debug)]
enum Entry {
    Report(Box<Finding>),
    /// A placeholder of this conversation, which stays.
    Keep(Range<usize>),
    Cover {
        range: Range<usize>,
        stands: Stands,
        reversible: bool,
    },
}

/// The order. Of what starts together, reports come before covers, and the stricter before the milder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    start: usize,
    phase: Phase,
    action: Reverse<Action>,
    reversible: bool,
    sureness: Sureness,
    /// Detectors report in any order; this makes the same findings come in the same order.
    kind: Option<Kind>,
    rule: Cow<'static, str>,
    serial: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Report,
    Keep,
    Mask,
    LookAlike,
}

/// Confidence in steps, then length, then confidence: 0.95 is not surer than 0.9 when the other covers more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sureness {
    step: Reverse<u8>,
    bytes: Reverse<usize>,
    confidence_bits: Reverse<u32>,
}

impl Sureness {
    fn of(span: &Span) -> Self {
        let step = match span.confidence {
            sure if sure >= 0.8 => 2,
            likely if likely >= 0.5 => 1,
            _ => 0,
        };
        // From 0 on, floats are in the order of their bits; adding 0 makes -0 to 0.
        let bits = (span.confidence.clamp(0.0, 1.0) + 0.0).to_bits();
        Self { step: Reverse(step), bytes: Reverse(span.range.len()), confidence_bits: Reverse(bits) }
    }

    fn none(bytes: usize) -> Self {
        Self { step: Reverse(0), bytes: Reverse(bytes), confidence_bits: Reverse(0) }
    }
}

impl Sweep {
    /// A finding, which covers its span when it masks.
    pub(super) fn add(&mut self, finding: Finding, reversible: bool) {
        let span = &finding.span;
        let key = Key {
            start: span.range.start,
            phase: Phase::Report,
            action: Reverse(finding.action),
            reversible,
            sureness: Sureness::of(span),
            kind: Some(span.kind),
            rule: span.rule.clone(),
            serial: self.next_serial(),
        };
        if finding.action == Action::Mask {
            let entry =
                Entry::Cover { range: span.range.clone(), stands: Stands::For(span.kind), reversible };
            self.queue.insert(Key { phase: Phase::Mask, ..key.clone() }, entry);
        }
        self.queue.insert(key, Entry::Report(Box::new(finding)));
    }

    /// A placeholder of this conversation: it stays, and nothing that starts in it covers it.
    pub(super) fn keep(&mut self, range: Range<usize>) {
        let key = self.plain_key(&range, Phase::Keep);
        self.queue.insert(key, Entry::Keep(range));
    }

    /// Text that looks like a placeholder and is none.
    pub(super) fn cover_look_alike(&mut self, range: Range<usize>) {
        let key = self.plain_key(&range, Phase::LookAlike);
        self.queue.insert(key, Entry::Cover { range, stands: Stands::ForText, reversible: true });
    }

    /// The byte up to which the text is out.
    pub(super) fn out(&self) -> usize {
        self.out
    }

    /// The next step before byte `settled`, or nothing for now.
    pub(super) fn next(&mut self, settled: usize) -> Option<Step> {
        loop {
            let start = self.queue.keys().next().map(|key| key.start).filter(|start| *start < settled);
            let raw_end = start.unwrap_or(settled);
            if self.out < raw_end {
                let from = std::mem::replace(&mut self.out, raw_end);
                self.out_is_reversible = false;
                return Some(Step::Raw(from..raw_end));
            }
            start?;
            let (key, entry) = self.queue.pop_first()?;
            match entry {
                Entry::Report(finding) => return Some(Step::Report(finding)),
                Entry::Keep(range) if range.start == self.out => {
                    (self.out, self.out_is_reversible) = (range.end, false);
                    return Some(Step::Raw(range));
                }
                // What is left of a placeholder or of its look-alike is none.
                Entry::Keep(_) => {}
                Entry::Cover { ref range, reversible: false, .. }
                    if range.start < self.out && self.out_is_reversible =>
                {
                    self.out_is_reversible = false;
                    self.queue.insert(key, entry);
                    return Some(Step::Forget);
                }
                Entry::Cover { range, .. } if range.end <= self.out => {}
                Entry::Cover { stands: Stands::ForText, range, .. } if range.start < self.out => {}
                Entry::Cover { range, stands, reversible } if range.start < self.out => {
                    let range = self.out..range.end;
                    let sureness = Sureness { bytes: Reverse(range.len()), ..key.sureness };
                    let key = Key { start: self.out, sureness, ..key };
                    self.queue.insert(key, Entry::Cover { range, stands, reversible });
                }
                Entry::Cover { range, stands, reversible } => {
                    (self.out, self.out_is_reversible) = (range.end, reversible);
                    return Some(Step::Replace { range, stands, reversible });
                }
            }
        }
    }

    fn plain_key(&mut self, range: &Range<usize>, phase: Phase) -> Key {
        Key {
            start: range.start,
            phase,
            action: Reverse(Action::Pass),
            reversible: false,
            sureness: Sureness::none(range.len()),
            kind: None,
            rule: Cow::Borrowed(""),
            serial: self.next_serial(),
        }
    }

    fn next_serial(&mut self) -> usize {
        self.serial += 1;
        self.serial
    }
}

/// The spans without overlaps, in the order of the text and by the order in which masks are laid: what to show when
/// each character should have one kind at most.
pub fn disjoint(spans: Vec<Span>) -> Vec<Span> {
    let mut queue: BTreeMap<(usize, Sureness, Kind, usize), Span> = BTreeMap::new();
    for (index, span) in spans.into_iter().enumerate() {
        queue.insert((span.range.start, Sureness::of(&span), span.kind, index), span);
    }
    let mut kept = Vec::new();
    let mut out = 0;
    while let Some(((start, _, kind, index), mut span)) = queue.pop_first() {
        if start >= out {
            out = span.range.end;
            kept.push(span);
        } else if span.range.end > out {
            span.range.start = out;
            queue.insert((out, Sureness::of(&span), kind, index), span);
        }
    }
    kept
}
