//! Addresses in Latin letters: 2-14-9 Minami-Aoyama, Minato-ku, Tokyo.

use super::{number::digits, parse::Parser};
use crate::names::cells::Script;

/// Words behind the number, hyphens counted as part of a word.
const WORDS_MAX: usize = 8;
/// Behind the word that names the municipality: the prefecture and the country.
const WORDS_BEHIND_MAX: usize = 2;
const WORD_LETTERS_MAX: usize = 20;
/// What a municipality or a town ends with.
const ENDINGS: [&str; 8] = ["-ku", "-shi", "-cho", "-machi", "-gun", "-mura", "-chome", "-son"];

impl Parser<'_> {
    /// Behind the address in Latin letters that begins here with its number.
    pub(super) fn western(&self) -> Option<usize> {
        let mut at = digits(self, 0)?;
        let mut parts = 1;
        while self.letter(at) == '-' && self.script(at + 1) == Script::Digit && parts < 4 {
            at = digits(self, at + 1)?;
            parts += 1;
        }
        let (mut end, mut behind) = (None, 0);
        for _ in 0..WORDS_MAX {
            let Some((start, stop)) = self.next_word(at) else { break };
            if self.is_place_word(start, stop) {
                (end, behind) = (Some(stop), 0);
            } else if end.is_some() {
                behind += 1;
                if behind > WORDS_BEHIND_MAX || self.letter(at) != ',' {
                    break;
                }
                end = Some(stop);
            }
            at = stop;
        }
        end
    }

    /// The capitalised word behind a comma or a space.
    fn next_word(&self, at: usize) -> Option<(usize, usize)> {
        let mut start = if self.letter(at) == ',' { at + 1 } else { at };
        if self.script(start) == Script::Space {
            start += 1;
        }
        if start == at || self.script(start) != Script::Upper {
            return None;
        }
        let is_part = |at: &usize| {
            self.script(*at).is_latin() || self.letter(*at) == '-' && self.script(at + 1).is_latin()
        };
        let count = (start..start + WORD_LETTERS_MAX).take_while(is_part).count();
        Some((start, start + count))
    }

    fn is_place_word(&self, start: usize, stop: usize) -> bool {
        let word: String = self.slice(start, stop).iter().map(|cell| cell.letter).collect();
        ENDINGS.iter().any(|ending| word.len() > ending.len() + 1 && word.ends_with(ending))
    }
}
