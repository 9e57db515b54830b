//! The building and the room behind a number.

use super::{
    number::{digits, first_of, word},
    parse::Parser,
};
use crate::names::cells::Script;

/// A building with its room is not longer.
const BUILDING_LETTERS_MAX: usize = 32;
/// What no building begins with, behind a number.
const PARTICLES: &str = "にでをへはがのともやかよ";

/// How far the reading of a building has come.
#[derive(Debug, Clone, Copy, Default)]
struct Read {
    /// The last place where a building may end.
    best: Option<usize>,
    /// A word such as ビル was read.
    named: bool,
    /// Digits that may be a room were read.
    roomed: bool,
    /// They had a word such as 号室.
    worded: bool,
}

impl Parser<'_> {
    /// The end of an address whose number ends at `end`, with its building, and whether there is one.
    pub(super) fn with_building(&self, end: usize) -> (usize, bool) {
        let mut from = end;
        while from < end + 2 && self.script(from) == Script::Space {
            from += 1;
        }
        let is_broken = self.script(from) == Script::Break;
        if is_broken {
            let behind = self.behind_break(end);
            from = behind;
            // An empty line ends an address, and the next line of a table is another row.
            let is_place = self.words.municipality(self.rest(behind)).is_some_and(|count| count > 2);
            if self.in_column || behind == end || self.script(behind) == Script::Break || is_place {
                return (end, false);
            }
        } else if from == end && !self.script(end).may_be_named() && self.script(end) != Script::Digit {
            return self.behind_sign(end);
        }
        let read = self.building(from, from > end);
        // What begins another line must say that it is a building: A774 may be anything.
        match read.best.filter(|_| !is_broken || read.named || read.worded) {
            Some(building) => (building, true),
            None => (end, false),
        }
    }

    /// 1-1-2、スカイハイツ301, 3-2-1（本郷ハイツ205）, and the next column of a table: only with its word and its room.
    fn behind_sign(&self, end: usize) -> (usize, bool) {
        let is_bracket = self.letter(end) == '(';
        let border = self.behind_border(end);
        let from = if is_bracket || self.letter(end) == '、' {
            end + 1
        } else if border > end {
            border
        } else if self.letter(end) == '#' {
            end
        } else {
            return (end, false);
        };
        let from = self.blank(from);
        let read = self.building(from, true);
        match read.best.filter(|_| read.named && read.roomed || self.letter(end) == '#') {
            Some(building) if is_bracket && self.letter(building) == ')' => (building + 1, true),
            Some(building) if !is_bracket => (building, true),
            _ => (end, false),
        }
    }

    /// The building that begins at `from`. `apart`: space stands before it.
    fn building(&self, from: usize, apart: bool) -> Read {
        let mut read = Read::default();
        // 富山県…: another address follows.
        if self.words.prefecture(self.rest(from)).is_some_and(|end| self.letter(from + end) != '営') {
            return read;
        }
        if self.script(from) == Script::Hiragana && PARTICLES.contains(self.letter(from)) {
            return read;
        }
        // サンライズ 203 without a word for it.
        let is_foreign =
            apart && matches!(self.script(from), Script::Katakana) && self.letter(from + 1) != ' ';
        let mut at = from;
        while at < from + BUILDING_LETTERS_MAX {
            let letter = self.letter(at);
            match self.script(at) {
                Script::Upper if read.best == Some(at) && self.lettered_room(at).is_some() => {
                    at = self.lettered_room(at).unwrap_or(at + 1);
                    read = Read { best: Some(at), roomed: true, worded: true, ..read };
                    continue;
                }
                Script::Kanji | Script::Katakana | Script::Lower | Script::Upper => at += 1,
                Script::Hiragana if !"をはにでへ".contains(letter) => at += 1,
                Script::Digit => {
                    at = self.digits_of_building(from, at, is_foreign, &mut read);
                    continue;
                }
                Script::Space if at > from && self.may_go_on(at + 1) => at += 1,
                Script::Break if read.named && read.best == Some(at) && self.room_follows(at) => {
                    at = self.behind_break(at);
                }
                Script::Joint if at > from && letter != '.' && letter != '=' => at += 1,
                Script::Sign if letter == '#' && self.script(at + 1) == Script::Digit => at += 1,
                _ => break,
            }
            if self.words.building_ends(self.slice(from, at)) {
                read.named = true;
                if self.is_word_end(at) {
                    let room = self.kanji_room(at);
                    read.roomed |= room.is_some();
                    at = room.unwrap_or(at);
                    read.best = Some(at);
                }
            }
        }
        read
    }

    /// Behind the digits at `at`, with what makes a room of them.
    fn digits_of_building(&self, from: usize, at: usize, is_foreign: bool, read: &mut Read) -> usize {
        let digits = (at..at + 6).take_while(|at| self.script(*at) == Script::Digit).count();
        let end = at + digits;
        if let Some(room) = self.room(end, digits, read.named || at == from) {
            *read = Read { best: Some(room), roomed: true, worded: true, ..*read };
            return room;
        }
        if !self.is_numbered(from, end, digits, read.named || is_foreign) {
            return end;
        }
        let has_wing = self.letter(end) == '-' && self.script(end + 1) == Script::Upper;
        let end = if has_wing { end + 2 } else { end };
        *read = Read { best: Some(end), roomed: true, ..*read };
        end
    }

    /// Behind 号室 or 階 after digits; behind 号, 室, 棟 or F only where a building is known to be meant.
    fn room(&self, at: usize, digits: usize, named: bool) -> Option<usize> {
        if digits > 4 {
            return None;
        }
        let sure = first_of(self, at, &["号室", "号棟", "号館", "階"]);
        let short = || first_of(self, at, &["号", "室", "棟"]);
        let floor = matches!(self.letter(at), 'F' | 'f') && !self.script(at + 1).is_latin();
        let end = sure.or_else(|| short().filter(|_| named)).or_else(|| floor.then_some(at + 1));
        // 2F-B
        let wing = end.filter(|end| self.letter(*end) == '-' && self.script(end + 1) == Script::Upper);
        wing.filter(|end| !self.script(end + 2).is_latin())
            .map(|end| end + 2)
            .or(end)
            .filter(|end| self.letter(*end) != '建')
    }

    /// B室 behind a storey.
    fn lettered_room(&self, at: usize) -> Option<usize> {
        first_of(self, at + 1, &["号室", "室", "棟"])
    }

    /// The room in kanji numerals behind the word of a building: 南山荘三〇一号, いずみ荘の一〇二.
    fn kanji_room(&self, at: usize) -> Option<usize> {
        let from = at + usize::from(self.letter(at) == 'の' || self.script(at) == Script::Space);
        let end = digits(self, from).filter(|_| self.script(from) == Script::Kanji)?;
        let room = first_of(self, end, &["号室", "号", "室", "階"]);
        let spelled = (from..end).any(|at| self.letter(at) == '〇') && end - from < 5;
        room.or(spelled.then_some(end))
    }

    /// On the next line a room stands, with its word.
    fn room_follows(&self, at: usize) -> bool {
        let from = self.behind_break(at);
        let from = from + usize::from(self.script(from) == Script::Upper);
        digits(self, from).is_some_and(|end| first_of(self, end, &["号", "階", "F"]).is_some())
    }

    /// グリーンハイツ203, ハイム駒場202, A-305: digits that end a building without a word for room.
    fn is_numbered(&self, from: usize, end: usize, digits: usize, named: bool) -> bool {
        let before = end - digits;
        let is_wing = self.letter(end) == '-' && self.script(end + 1) == Script::Upper && named;
        if before == from
            || !(2..=4).contains(&digits) && !is_wing
            || self.letter(end) == '-' && !is_wing
            || self.letter(before) == '0'
        {
            return false;
        }
        let script = self.script(before - 1);
        let one_letter = script == Script::Upper && before == from + 1;
        let is_lettered = script == Script::Joint && self.script(from) == Script::Upper && before == from + 2;
        (named || one_letter || is_lettered || self.letter(before - 1) == '#')
            && (!matches!(self.script(end), Script::Kanji | Script::Katakana) || self.letter(end) == '様')
    }

    /// After a space a room may follow, or the rest of the building.
    fn may_go_on(&self, at: usize) -> bool {
        const PART_MAX: usize = 8;
        if matches!(self.script(at), Script::Digit | Script::Upper | Script::Katakana)
            || matches!(self.letter(at), '第' | '#')
        {
            return true;
        }
        let part = (at..at + PART_MAX)
            .take_while(|at| matches!(self.script(*at), Script::Kanji | Script::Katakana))
            .count();
        (at + 1..=at + part).any(|end| self.words.building_ends(self.slice(at, end)) && self.is_word_end(end))
    }

    /// 内, 本館 and the like end a building only where the word ends.
    fn is_word_end(&self, at: usize) -> bool {
        match self.script(at) {
            Script::Katakana => !matches!(self.script(at - 1), Script::Katakana),
            Script::Lower | Script::Upper => !self.script(at - 1).is_latin(),
            _ => word(self, at, "様").is_none(),
        }
    }
}
