//! What stands between a word and a candidate.

use sekisho_text::normal::is_hyphen;

use crate::pii::{chain::digit_of, fit::Fit, scene::Look};

/// What stands between a word and the candidate.
pub(super) struct Gap {
    pub(super) chars: usize,
    /// The longest run of digits, hyphens and spaces between them or not.
    pub(super) digits: usize,
    /// How many sentences end.
    pub(super) crossings: usize,
    /// Only marks, spaces and particles.
    pub(super) is_joint: bool,
}

impl Gap {
    pub(super) fn of(gap: &str) -> Self {
        let (mut chars, mut digits, mut run, mut crossings, mut is_joint) = (0, 0, 0, 0, true);
        let mut last = '\0';
        for letter in gap.chars() {
            // The blanks and dotted lines of a form are no distance.
            let fills = |letter: char| matches!(letter, ' ' | '.' | '_' | '─' | '━' | '-' | '=');
            chars += usize::from(!fills(letter) || !fills(last));
            run = match letter {
                _ if digit_of(letter).is_some() => run + 1,
                // 0005-7712-93, 9711 0427 3810
                ' ' | '-' => run,
                _ if is_hyphen(letter) => run,
                _ => 0,
            };
            digits = digits.max(run);
            crossings += usize::from(letter == '。' || (letter == '\n' && last == '\n'));
            is_joint &= !letter.is_alphanumeric() || "のはがをで欄".contains(letter);
            last = letter;
        }
        Self { chars, digits, crossings, is_joint }
    }
}

/// Whether a number of the same form stands in `gap`.
pub(super) fn has_sibling(look: &Look<'_>, gap: &str, fit: &Fit) -> bool {
    let wanted = form_of(&look.scene.text[look.start..fit.end]);
    let splits =
        |letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && digit_of(letter).is_none();
    // 9711 0427 3810, in groups apart, second.
    let joins = |letter: char| splits(letter) && letter != ' ';
    gap.split(splits).chain(gap.split(joins)).any(|part| form_of(part) == wanted)
}

/// How many letters and digits; a letter among digits may be a digit misread.
fn form_of(text: &str) -> (usize, bool) {
    let count =
        text.chars().filter(|letter| letter.is_ascii_alphanumeric() || digit_of(*letter).is_some()).count();
    (count, text.starts_with(|letter: char| letter.is_ascii_alphabetic()))
}

pub(super) fn has_letters(look: &Look<'_>, fit: &Fit) -> bool {
    look.scene.text[look.start..fit.end].contains(|letter: char| letter.is_ascii_alphabetic())
}
