//! The building and the room behind a number.

use super::{number::word, parse::Parser};
use crate::names::cells::Script;

/// A building with its room is not longer.
const BUILDING_LETTERS_MAX: usize = 26;
/// What no building begins with, behind a number.
const PARTICLES: &str = "にでをへはがのともやかよ";

impl Parser<'_> {
    /// The end of an address whose number ends at `end`, with its building, and whether there is one.
    pub(super) fn with_building(&self, end: usize) -> (usize, bool) {
        let mut from = end;
        while from < end + 2 && self.script(from) == Script::Space {
            from += 1;
        }
        let breaks = self.script(from) == Script::Break;
        if breaks {
            from += 1;
            while from < end + 5 && matches!(self.script(from), Script::Space | Script::Break) {
                if self.script(from) == Script::Break
                    && self.letter(from) == '\n'
                    && self.letter(from - 1) == '\n'
                {
                    return (end, false);
                }
                from += 1;
            }
        }
        match self.building(from, from > end) {
            Some(building) => (building, true),
            None => (end, false),
        }
    }

    /// Behind the building that begins at `from`: the last place where one may end. `apart`: space stands before it.
    fn building(&self, from: usize, apart: bool) -> Option<usize> {
        if self.script(from) == Script::Hiragana && PARTICLES.contains(self.letter(from)) {
            return None;
        }
        let mut best = None;
        let mut named = false;
        let mut at = from;
        while at < from + BUILDING_LETTERS_MAX {
            let letter = self.letter(at);
            match self.script(at) {
                Script::Kanji | Script::Katakana | Script::Lower | Script::Upper => at += 1,
                Script::Hiragana if !"をはにで".contains(letter) => at += 1,
                Script::Digit => {
                    let digits = (at..at + 6).take_while(|at| self.script(*at) == Script::Digit).count();
                    at += digits;
                    if let Some(end) = self.room(at, digits, named || at - digits == from) {
                        best = Some(end);
                        at = end;
                    } else if self.is_numbered(
                        from,
                        at,
                        digits,
                        named
                            || apart
                                && self.script(from) == Script::Katakana
                                && self.script(from + 1) == Script::Katakana,
                    ) {
                        let has_wing = self.letter(at) == '-' && self.script(at + 1) == Script::Upper;
                        at += if has_wing { 2 } else { 0 };
                        best = Some(at);
                    }
                    continue;
                }
                Script::Space if best.is_some() && self.may_go_on(at + 1) => at += 1,
                Script::Space if at > from && self.may_go_on(at + 1) => at += 1,
                Script::Joint if at > from && letter != '.' && letter != '=' => at += 1,
                _ => break,
            }
            if self.words.building_ends(self.slice(from, at)) {
                named = true;
                best = if self.is_word_end(at) { Some(at) } else { best };
            }
        }
        best
    }

    /// Behind 号室 or 階 after digits; behind 号, 室, 棟 or F only where a building is known to be meant.
    fn room(&self, at: usize, digits: usize, named: bool) -> Option<usize> {
        if digits > 4 {
            return None;
        }
        let sure = ["号室", "号棟", "号館", "階"].iter().find_map(|room| word(self, at, room));
        let short = || ["号", "室", "棟"].iter().find_map(|room| word(self, at, room));
        let floor = matches!(self.letter(at), 'F' | 'f') && !self.script(at + 1).is_latin();
        let end = sure.or_else(|| short().filter(|_| named)).or_else(|| floor.then_some(at + 1));
        end.filter(|end| self.letter(*end) != '建')
    }

    /// グリーンハイツ203, ハイム駒場202, A-305: digits that end a building without a word for room.
    fn is_numbered(&self, from: usize, end: usize, digits: usize, named: bool) -> bool {
        let before = end - digits;
        if before == from
            || !(2..=4).contains(&digits)
            || self.letter(end) == '-'
            || self.letter(before) == '0'
        {
            return false;
        }
        let script = self.script(before - 1);
        let one_letter = script == Script::Upper && before == from + 1;
        (named || one_letter) && !matches!(self.script(end), Script::Kanji | Script::Katakana)
    }

    /// After a space a room may follow, or the rest of the building.
    fn may_go_on(&self, at: usize) -> bool {
        matches!(self.script(at), Script::Digit | Script::Upper | Script::Katakana)
            || self.words.building_ends(self.slice(at, at + 2))
    }

    /// 内, 本館 and the like end a building only where the word ends.
    fn is_word_end(&self, at: usize) -> bool {
        match self.script(at) {
            Script::Katakana => !matches!(self.script(at - 1), Script::Katakana),
            Script::Lower | Script::Upper => !self.script(at - 1).is_latin(),
            _ => true,
        }
    }
}
