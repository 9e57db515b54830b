//! What becomes of a text: findings, what stands in their place, and the end.
//!
//! One engine serves a whole text and a stream. A whole text is one look at everything; a stream is the same look at a
//! window that moves along. Neither has rules of its own, which is why they agree.

mod engine;
mod sweep;

use std::{ops::Range, sync::Arc};

use crate::{Action, Context, Detector, Kind, Policy, Rule, Span, Vault};

pub use engine::scan;
pub(crate) use engine::{Engine, Output};
pub use sweep::disjoint;

/// Bytes of a text that is screened as a whole; longer ones go through a stream.
pub const TEXT_BYTES_MAX: usize = 64 << 20;

/// What was found, and what the rules make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What and where, in bytes of the original text from its beginning.
    pub span: Span,
    /// What happens to it.
    pub action: Action,
    /// The rules that ask for that action, or that exempt; none when no rule matches.
    pub rules: Vec<Arc<Rule>>,
}

/// A part of the original, and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Bytes of the original text.
    pub original: Range<usize>,
    /// Bytes of the masked text.
    pub masked: Range<usize>,
    /// What it was; none for text that only looked like a placeholder.
    pub kind: Option<Kind>,
    /// What stands there now, `[PERSON_1]`.
    pub placeholder: String,
}

/// Why nothing goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A rule refuses what was found.
    Rule {
        /// Its id.
        rule: String,
        /// What was found.
        kind: Kind,
        /// Where, in bytes of the original text.
        range: Range<usize>,
    },
    /// A detector failed. What it did not judge does not pass.
    Detector {
        /// Its name.
        detector: &'static str,
        /// How it failed.
        failure: Failure,
    },
    /// The label belongs to another scheme than the policy, and that scheme says nothing of this one.
    UnknownLabel,
    /// The text is longer than [`TEXT_BYTES_MAX`]; a stream takes it.
    TooLong,
}

/// How a detector failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It said that it could not judge.
    Unavailable {
        /// The error and its sources, for the log.
        causes: Vec<String>,
    },
    /// It panicked.
    Panicked,
    /// It reported a span outside the text, across a character, empty, or with a confidence that is no number.
    BadSpan,
    /// It held back more characters than it had stated.
    HeldTooLong,
}

/// Where things of the original stand in the masked text, and the way back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OffsetMap {
    replacements: Vec<Replacement>,
}

impl OffsetMap {
    /// The replacements in order.
    pub fn replacements(&self) -> &[Replacement] {
        &self.replacements
    }

    /// The byte of the masked text for a byte of the original; inside a replaced part, the start of what stands there.
    pub fn to_masked(&self, original: usize) -> usize {
        self.shift(original, |one| (&one.original, &one.masked))
    }

    /// The byte of the original for a byte of the masked text; inside a placeholder, the start of what it stands for.
    pub fn to_original(&self, masked: usize) -> usize {
        self.shift(masked, |one| (&one.masked, &one.original))
    }

    fn shift(&self, at: usize, sides: impl Fn(&Replacement) -> (&Range<usize>, &Range<usize>)) -> usize {
        let count = self.replacements.partition_point(|one| sides(one).0.start <= at);
        let Some(last) = self.replacements[..count].last() else { return at };
        let (from, to) = sides(last);
        if at < from.end { to.start } else { to.end + (at - from.end) }
    }
}

/// In the order of the text, as a stream reports them ([`Event::Masked`](crate::Event)).
impl FromIterator<Replacement> for OffsetMap {
    fn from_iter<I: IntoIterator<Item = Replacement>>(replacements: I) -> Self {
        Self { replacements: replacements.into_iter().collect() }
    }
}

/// What becomes of a whole text.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The strongest action of all findings; refuse also when a detector failed.
    pub action: Action,
    /// What was found, from the left; after a refusal nothing more is listed.
    pub findings: Vec<Finding>,
    /// Where the masked text differs from the original.
    pub map: OffsetMap,
    released: String,
    refusal: Option<Refusal>,
}

impl Verdict {
    /// The text that may go on, masked.
    ///
    /// # Errors
    /// [`Refusal`] when none may.
    pub fn text(&self) -> Result<&str, &Refusal> {
        self.refusal.as_ref().map_or(Ok(&self.released), Err)
    }

    /// Why nothing may go on, if so.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// What a stream of the same text would have let out before its end, refused or not. For tests and comparisons;
    /// what goes on is [`Verdict::text`].
    pub fn released(&self) -> &str {
        &self.released
    }
}

/// Screens a whole text.
pub(crate) fn screen(
    policy: &Arc<Policy>,
    detectors: &Arc<[Arc<dyn Detector>]>,
    context: &Context,
    vault: Option<&Vault>,
    text: &str,
) -> Verdict {
    let mut output = Output::default();
    let mut engine = Engine::new(Arc::clone(policy), Arc::clone(detectors), context.clone(), vault.cloned());
    if text.len() > TEXT_BYTES_MAX {
        engine.refuse(Refusal::TooLong);
    }
    engine.take(text);
    engine.advance(true, &mut output);
    Verdict {
        action: engine.action(),
        findings: output.findings().cloned().collect(),
        map: output.replacements().cloned().collect(),
        released: output.text,
        refusal: engine.refusal().cloned(),
    }
}

#[cfg(test)]
mod tests;
