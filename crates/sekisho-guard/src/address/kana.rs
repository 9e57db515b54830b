//! An address in kana, as beside the reading of a name: フクシマケン スカガワシ ナカジュク 214-7.

use super::{
    number::{Number, Strength, word},
    parse::Parser,
};
use crate::names::cells::Script;

/// Letters before the number, spaces counted.
const LETTERS_MAX: usize = 40;
/// What municipalities and towns end with, read out.
const ENDINGS: [&str; 7] = ["シ", "ク", "グン", "チョウ", "マチ", "ムラ", "ソン"];

impl Parser<'_> {
    /// Behind the address in kana that begins here with a prefecture, or behind a cue with a municipality.
    pub(super) fn kana(&self, cue: impl Fn() -> Option<(usize, usize)>) -> Option<usize> {
        let script = self.script(0);
        if !matches!(script, Script::Katakana | Script::Hiragana) {
            return None;
        }
        let prefecture = self.words.prefecture(self.rest(0));
        if prefecture.is_none() && script == Script::Hiragana {
            return None;
        }
        let mut at = prefecture.unwrap_or(0);
        let (mut is_named, mut begin) = (prefecture.is_some(), at);
        while at < LETTERS_MAX {
            let next = self.script(at);
            if next == Script::Space || next != script && at > begin {
                is_named |= ENDINGS.iter().any(|ending| self.word_ends(begin, at, ending));
                begin = at + usize::from(next == Script::Space);
            }
            if next != script && next != Script::Space {
                break;
            }
            at += 1;
        }
        let enough = at >= prefecture.unwrap_or(0) + 3;
        let number = Number::parse(self, at, true)
            .filter(|number| enough && is_named && number.strength != Strength::Bare)?;
        (prefecture.is_some() || cue().is_some()).then(|| self.with_building(number.end).0)
    }

    fn word_ends(&self, begin: usize, end: usize, ending: &str) -> bool {
        let count = ending.chars().count();
        end > begin + count && word(self, end - count, ending).is_some()
    }
}
