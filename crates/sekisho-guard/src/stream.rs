//! Screening of a text that is still flowing.

use std::sync::Arc;

use crate::{
    Action, Finding, Policy, Refusal, Replacement,
    screen::{Engine, Output},
    window,
};

/// A long piece is taken in parts, so that the window stays small.
const PART_BYTES_MAX: usize = 64 * 1024;

/// A step ([`Stream::in_steps`]) for answers of models: at 30 tokens a second, looks are a quarter of a second apart.
pub const STEP_CHARS: usize = 12;

/// Something that happened in the stretch of text that went out.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Something was found.
    Found(Finding),
    /// Something else stands in its place.
    Masked(Replacement),
}

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The whole text went through; the strongest action that was taken.
    Complete(Action),
    /// Nothing goes on from here.
    Refused(Refusal),
}

/// What may go on now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Released {
    /// Masked text.
    pub text: String,
    /// What happened in it, in order.
    pub events: Vec<Event>,
    /// Set once the stream has ended; nothing comes after.
    pub end: Option<End>,
}

/// Screens text in pieces. However it is cut, the text, events and end together are those of the whole text.
///
/// It holds back only what is not settled: at most the largest [`Reach::hold_chars_max`](crate::Reach) of its
/// detectors, and the last character, which may yet get a mark. (At most 64 characters more in text that is no writing
/// of any language: long runs of marks or of characters that nobody sees.)
///
/// A refusal stops it: nothing that starts after the refused part goes out; what went out before stays out. When a
/// detector fails, what is held is dropped.
///
/// Pieces are `&str`: whoever receives bytes keeps the last incomplete character until its rest arrives
/// ([`std::str::from_utf8`] tells how much is complete).
pub struct Stream {
    engine: Engine,
    step_chars: usize,
}

impl Stream {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, step_chars: 1 }
    }

    /// Looks only once that many characters have come since the last look, or the end. Models write one or two at a time,
    /// and a look costs nearly the same for one as for a dozen. Up to `chars` - 1 more are held back for it, for as long as no
    /// more text comes.
    #[must_use]
    pub fn in_steps(self, chars: usize) -> Self {
        Self { step_chars: chars, ..self }
    }

    /// Takes the next piece, of any length, and gives what may go on.
    pub fn push(&mut self, piece: &str) -> Released {
        let mut output = Output::default();
        let mut rest = piece;
        while !rest.is_empty() && self.engine.refusal().is_none() {
            let end = window::floor_boundary(rest, PART_BYTES_MAX);
            self.engine.take(&rest[..end]);
            if self.engine.unseen_chars() >= self.step_chars {
                self.engine.advance(false, &mut output);
            }
            rest = &rest[end..];
        }
        self.released(output, false)
    }

    /// The text has ended: gives the rest.
    pub fn finish(mut self) -> Released {
        let mut output = Output::default();
        self.engine.advance(true, &mut output);
        self.released(output, true)
    }

    /// The strongest action so far.
    pub fn action(&self) -> Action {
        self.engine.action()
    }

    /// Characters that were pushed and have not gone out.
    pub fn held_chars(&self) -> usize {
        self.engine.held_chars()
    }

    /// The policy it began with, and keeps when the guard gets another.
    pub fn policy(&self) -> &Arc<Policy> {
        self.engine.policy()
    }

    fn released(&self, output: Output, finished: bool) -> Released {
        let refused = self.engine.refusal().cloned().map(End::Refused);
        let end = refused.or_else(|| finished.then(|| End::Complete(self.engine.action())));
        Released { text: output.text, events: output.events, end }
    }
}

#[cfg(test)]
mod tests;
