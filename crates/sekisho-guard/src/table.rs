//! Columns of tables: a number under the head 「個人番号」 needs no cue of its own.

use crate::Kind;

/// Follows the text from its beginning, character by character, and knows which column of which table comes next.
/// Its memory is bounded, so that a stream can carry it on when earlier text is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracker {}

impl Tracker {
    /// Takes the next characters of the original text.
    pub fn advance(&mut self, _text: &str) {}

    /// What the head of the column says in which the next character stands.
    pub fn column(&self) -> Option<Kind> {
        None
    }
}
