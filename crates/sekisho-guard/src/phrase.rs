//! Phrases: words of given classes that follow each other closely, found whatever their spelling.
//!
//! A pattern `scope ..6 target ..12 drop` is a word of class `scope`, then, at most six folded characters later and in
//! the same sentence, one of `target`, and so on. Because every gap is bounded, a phrase that can still be completed is
//! known from its beginning, and only such a beginning is held back in a stream.

mod build;
mod disguise;
mod pattern;
mod quotation;

use std::ops::Range;

pub(crate) use build::{Builder, read};
pub(crate) use disguise::Disguise;

use crate::{
    RuleCard,
    folded::{Folded, Form},
    lexicon::{Beginnings, Class, Hit, Lexicon},
};

/// Longest phrase, in characters of the original text.
pub(crate) const SPAN_CHARS_MAX: usize = 192;
/// How far behind its end a phrase depends on what follows (negation, quotation), in characters of the original.
pub(crate) const AFTER_CHARS_MAX: usize = 64;
/// How far before its start a phrase depends on what stands there.
pub(crate) const BEHIND_CHARS: usize = 128;
/// Looked back from the start of a phrase; the rest of [`BEHIND_CHARS`] is for what these words need themselves.
const BEFORE_CHARS_MAX: usize = 64;
/// A guarding word may stand so many folded characters from the phrase.
const GUARD_GAP: usize = 3;

/// One rule: its patterns are the [`Sequence`]s that name it.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    pub(crate) card: RuleCard,
    pub(crate) confidence: f32,
    /// Words right before the phrase that make it harmless: 上司の(指示を無視して), do not (ignore …).
    pub(crate) unless_before: Vec<Class>,
    /// The same right behind it.
    pub(crate) unless_after: Vec<Class>,
    /// Words inside the phrase that make it weak: システムプロンプトを(改善する方法を)教えて.
    pub(crate) weak_with: Vec<Class>,
    /// Longer phrases in which the words are harmless, with the most folded characters they have.
    pub(crate) unless_inside: Option<(Class, usize)>,
    /// Weak where it is quoted in an explanation.
    pub(crate) quotable: bool,
    /// Most folded characters behind the phrase that `unless_after` looks at.
    pub(crate) after_chars: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Most folded characters between the word before and this one.
    pub(crate) gap: usize,
    /// The gap may reach over the end of a sentence.
    pub(crate) crosses: bool,
    pub(crate) classes: Vec<Class>,
}

#[derive(Debug)]
pub(crate) struct Sequence {
    rule: usize,
    disguise: Disguise,
    at_line_start: bool,
    steps: Vec<Step>,
}

/// A phrase that was found. Characters are those of the folded text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Match {
    pub(crate) rule: usize,
    pub(crate) disguise: Disguise,
    pub(crate) chars: Range<usize>,
    pub(crate) confidence: f32,
    pub(crate) is_quoted: bool,
}

/// All phrases of a set of rules.
#[derive(Debug)]
pub(crate) struct Phrases {
    lexicon: Lexicon,
    rules: Vec<Rule>,
    sequences: Vec<Sequence>,
    /// The sequences that begin with a class.
    by_first: Vec<Vec<usize>>,
    firsts: Beginnings,
    quotes: quotation::Words,
}

/// One text being looked at.
struct Look<'a> {
    folded: &'a Folded,
    hits: Vec<Hit>,
    tails: Vec<usize>,
    /// Characters at which sentences end.
    breaks: Vec<usize>,
    at_end: bool,
}

/// What became of a sequence from one start.
struct Advance {
    /// Start and end of the last word.
    complete: Option<(usize, usize)>,
    /// More text could complete or change it.
    is_open: bool,
}

impl Phrases {
    pub(crate) fn form(&self) -> Form {
        self.lexicon.form()
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// All phrases in a text. `folded` is the text in [`Phrases::form`].
    pub(crate) fn matches(&self, folded: &Folded, original: &str, at_end: bool) -> Vec<Match> {
        let look = self.look(folded, original, at_end);
        let mut found = Vec::new();
        for (first, sequence) in self.starts(&look) {
            let Some((_, end)) = self.advance(sequence, first, &look).complete else { continue };
            let chars = first.start..end;
            if let Some((confidence, is_quoted)) = self.weigh(sequence, &chars, &look) {
                let (rule, disguise) = (sequence.rule, sequence.disguise);
                let known =
                    |other: &Match| other.chars == chars && other.rule == rule && other.disguise == disguise;
                if !found.iter().rev().take(16).any(known) {
                    found.push(Match { rule, disguise, chars, confidence, is_quoted });
                }
            }
        }
        found
    }

    /// The byte of the original before which no phrase can begin or change any more when text follows.
    pub(crate) fn settled(&self, folded: &Folded, original: &str) -> usize {
        let look = self.look(folded, original, false);
        let held = folded.original_chars().saturating_sub(SPAN_CHARS_MAX + AFTER_CHARS_MAX);
        let tails = self.lexicon.tails_among(folded, &self.firsts).into_iter();
        let unsure = look.hits.iter().filter(|hit| hit.is_unsure).map(|hit| hit.start);
        let open = self.starts(&look).filter(|(first, sequence)| {
            let outcome = self.advance(sequence, first, &look);
            outcome.is_open
                || outcome
                    .complete
                    .is_some_and(|(_, end)| !self.is_weighed(sequence, first.start..end, &look))
        });
        let starts = tails.chain(unsure).chain(open.map(|(first, _)| first.start));
        let first = starts.filter(|char| folded.index(*char) >= held).min();
        first.map_or(original.len(), |char| folded.original_start(char)).min(folded.unsure_from)
    }

    fn look<'a>(&self, folded: &'a Folded, original: &str, at_end: bool) -> Look<'a> {
        let hits = self.lexicon.hits(folded, original, at_end);
        let tails = if at_end { Vec::new() } else { self.lexicon.tails(folded) };
        let text = folded.text();
        let ends = text.char_indices().filter(|(_, character)| is_break(*character));
        let breaks =
            if hits.is_empty() { Vec::new() } else { ends.map(|(at, _)| folded.char_at(at)).collect() };
        Look { folded, hits, tails, breaks, at_end }
    }

    /// Every word with every sequence that it may begin.
    fn starts<'a>(&'a self, look: &'a Look<'_>) -> impl Iterator<Item = (&'a Hit, &'a Sequence)> {
        look.hits.iter().flat_map(move |hit| {
            let classes = self.lexicon.classes(hit).iter();
            let sequences = classes.flat_map(|class| &self.by_first[usize::from(*class)]);
            sequences
                .map(|index| &self.sequences[*index])
                .filter(move |sequence| !sequence.at_line_start || look.folded.is_line_start(hit.start))
                .map(move |sequence| (hit, sequence))
        })
    }

    fn advance(&self, sequence: &Sequence, first: &Hit, look: &Look<'_>) -> Advance {
        let folded = look.folded;
        let index_max = folded.index(first.start) + SPAN_CHARS_MAX;
        let fits = |hit: &Hit| folded.index(hit.end - 1) < index_max;
        let is_short = !look.at_end && folded.original_chars() < index_max;
        let mut is_open = is_short && first.is_unsure;
        let mut ends = vec![first.end];
        let mut last = fits(first).then_some((first.start, first.end));
        if sequence.steps.len() == 1 {
            let longest = look.hits.iter().filter(|hit| hit.start == first.start && fits(hit));
            let longest =
                longest.filter(|hit| self.is_step(hit, &sequence.steps[0])).map(|hit| hit.end).max();
            last = longest.map(|end| (first.start, end));
        }
        for step in &sequence.steps[1..] {
            is_open |= is_short && look.may_go_on(&ends, step);
            let (from, to) = (ends[0], ends[ends.len() - 1] + step.gap);
            let begin = look.hits.partition_point(|hit| hit.start < from);
            let near = look.hits[begin..].iter().take_while(|hit| hit.start <= to);
            let next: Vec<&Hit> = near
                .filter(|hit| {
                    self.is_step(hit, step) && fits(hit) && is_reached(hit.start, &ends, step, look)
                })
                .collect();
            is_open |= is_short && next.iter().any(|hit| hit.is_unsure);
            last = next.first().map(|hit| hit.start).map(|start| {
                (
                    start,
                    next.iter()
                        .take_while(|hit| hit.start == start)
                        .map(|hit| hit.end)
                        .max()
                        .unwrap_or(start),
                )
            });
            ends = next.iter().map(|hit| hit.end).collect();
            ends.sort_unstable();
            ends.dedup();
            if ends.is_empty() {
                return Advance { complete: None, is_open };
            }
        }
        if let Some((start, _)) = last {
            // Complete: only a word that begins no later than the last one can change it.
            is_open = is_short && look.may_change(first.start..start + 1);
        }
        Advance { complete: last, is_open }
    }

    fn is_step(&self, hit: &Hit, step: &Step) -> bool {
        step.classes.iter().any(|class| self.lexicon.is_of(hit, *class))
    }

    /// How sure a complete phrase is, and whether it is quoted; nothing where it is harmless.
    fn weigh(&self, sequence: &Sequence, chars: &Range<usize>, look: &Look<'_>) -> Option<(f32, bool)> {
        let rule = &self.rules[sequence.rule];
        if sequence.disguise != Disguise::None {
            return Some((rule.confidence * disguise::CERTAINTY, false));
        }
        let near = look.near(chars);
        let mut is_weak = false;
        let is_of =
            |hit: &Hit, classes: &[Class]| classes.iter().any(|class| self.lexicon.is_of(hit, *class));
        for hit in near {
            let before = hit.end <= chars.start && chars.start - hit.end <= GUARD_GAP;
            let after = hit.start >= chars.end && hit.start - chars.end <= GUARD_GAP;
            let inside = rule.unless_inside.is_some_and(|(class, _)| {
                hit.start <= chars.start && hit.end >= chars.end && self.lexicon.is_of(hit, class)
            });
            let within = hit.start >= chars.start && hit.end <= chars.end;
            is_weak |= within && is_of(hit, &rule.weak_with);
            if inside || before && is_of(hit, &rule.unless_before) || after && is_of(hit, &rule.unless_after)
            {
                return None;
            }
        }
        let is_quoted = rule.quotable && self.quotes.explain(chars, look, &self.lexicon);
        let share = if is_quoted || is_weak { quotation::CERTAINTY } else { 1.0 };
        Some((rule.confidence * share, is_quoted))
    }

    /// Whether enough text follows a complete phrase to weigh it for good.
    fn is_weighed(&self, sequence: &Sequence, chars: Range<usize>, look: &Look<'_>) -> bool {
        let rule = &self.rules[sequence.rule];
        let mut needed = 0;
        if sequence.disguise == Disguise::None {
            needed = rule.after_chars;
            if rule.quotable && quotation::opening(&chars, look.folded).is_some() {
                needed = needed.max(self.quotes.after_chars);
            }
            needed = needed.max(rule.unless_inside.map_or(0, |(_, most)| most.saturating_sub(chars.len())));
        }
        let folded = look.folded;
        folded.len() >= chars.end + needed
            || folded.original_chars() > folded.index(chars.end - 1) + AFTER_CHARS_MAX
    }
}

impl Look<'_> {
    fn has_break(&self, chars: Range<usize>) -> bool {
        let at = self.breaks.partition_point(|end| *end < chars.start);
        self.breaks.get(at).is_some_and(|end| *end < chars.end)
    }

    /// Whether more text may show another word that begins among `chars`.
    fn may_change(&self, chars: Range<usize>) -> bool {
        let mut unsure = self.hits.iter().filter(|hit| hit.is_unsure).map(|hit| hit.start);
        self.tails.iter().any(|tail| chars.contains(tail)) || unsure.any(|start| chars.contains(&start))
    }

    /// Whether a word for `step` may yet come behind one of `ends`.
    fn may_go_on(&self, ends: &[usize], step: &Step) -> bool {
        ends.iter().any(|end| {
            let may_begin =
                |start: usize| start <= end + step.gap && (step.crosses || !self.has_break(*end..start));
            may_begin(self.folded.len()) || self.tails.iter().any(|tail| tail >= end && may_begin(*tail))
        })
    }

    /// The words around a phrase that may bear on it.
    fn near(&self, chars: &Range<usize>) -> impl Iterator<Item = &Hit> {
        let folded = self.folded;
        let first = folded.index(chars.start).saturating_sub(BEFORE_CHARS_MAX);
        let last = folded.index(chars.end - 1) + AFTER_CHARS_MAX;
        let begin = folded.char_with_index(first);
        let begin = self.hits.partition_point(|hit| hit.start < begin);
        self.hits[begin..]
            .iter()
            .take_while(move |hit| folded.index(hit.start) <= last)
            .filter(move |hit| folded.index(hit.end - 1) <= last)
    }
}

/// Whether a word that starts at `start` follows one of `ends` closely enough.
fn is_reached(start: usize, ends: &[usize], step: &Step, look: &Look<'_>) -> bool {
    let before = ends.partition_point(|end| *end <= start);
    let Some(end) = before.checked_sub(1).map(|index| ends[index]) else { return false };
    start - end <= step.gap && (step.crosses || !look.has_break(end..start))
}

fn is_break(character: char) -> bool {
    matches!(character, '。' | '!' | '?' | '\n')
}

#[cfg(test)]
mod tests;
