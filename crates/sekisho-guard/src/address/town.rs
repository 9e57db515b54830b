//! The town of an address: everything between the municipality and the number.

use super::{
    number::{Number, Strength, digits, first_of, word},
    parse::{Parser, Place},
    sure::Town,
};
use crate::names::cells::Script;

/// Letters of a town; in Kyoto it may be two streets and a direction.
const TOWN_LETTERS_MAX: usize = 14;
const TOWN_LETTERS_MAX_KYOTO: usize = 26;
/// What no town and no part of one in hiragana begins with.
const PARTICLES: &str = "にでをへがもやはのと";

impl Parser<'_> {
    /// The town is as short as the number behind it allows.
    pub(super) fn town_and_number(&self, place: Place) -> Option<(Number, Place)> {
        let anchored = place.is_anchored();
        // Spoken: 練馬区の貫井三丁目.
        if anchored && self.letter(place.end) == 'の' && digits(self, place.end + 1).is_none() {
            let from = place.end + 1 + usize::from(self.letter(place.end + 1) == '、');
            return self
                .town_and_number_from(Place { end: from, ..place })
                .filter(|(number, _)| number.strength == Strength::Block || number.parts > 1);
        }
        self.town_and_number_from(place)
    }

    fn town_and_number_from(&self, place: Place) -> Option<(Number, Place)> {
        let (from, anchored) = (place.end, place.is_anchored());
        if anchored && self.script(from) == Script::Hiragana && self.letter(from) != 'の' {
            self.hiragana(from, from)?;
        }
        let (mut at, mut limit, mut wrapped) = (from, TOWN_LETTERS_MAX, false);
        let mut best = None;
        loop {
            let is_spoken = self.letter(at) == 'の' && at > 0 && "町台丘".contains(self.letter(at - 1));
            let may_part = anchored && (at > from || place.last_is_town) || is_spoken;
            let behind = if may_part { self.before_number(at) } else { at };
            if let Some(number) = Number::parse(self, behind, at > from || place.last_is_town) {
                let number = Number { apart: behind > at && self.letter(at) != 'の', ..number };
                let found = self.judged(place, at, behind, number, wrapped);
                // 四条下る4丁目小松町11-2: the number may be one of a street.
                let is_street = limit == TOWN_LETTERS_MAX_KYOTO
                    && number.parts == 1
                    && number.strength == Strength::Block
                    && self.script(number.end) == Script::Kanji;
                if !is_street || found.is_none() {
                    return found.or(best);
                }
                (best, at) = (found, number.end);
            }
            if matches!(self.letter(at), '通' | 'ル' | '入' | 'る') && place.has_municipality {
                limit = TOWN_LETTERS_MAX_KYOTO;
            }
            match self.town_letter(at, from, anchored) {
                Some(next) if next - from <= limit => at = next,
                _ if anchored && !wrapped && self.behind_break(at) > at => {
                    (at, wrapped) = (self.behind_break(at), true);
                }
                _ => return best,
            }
        }
    }

    /// Whether the letters before a number are a town.
    fn judged(
        &self,
        place: Place,
        at: usize,
        behind: usize,
        number: Number,
        wrapped: bool,
    ) -> Option<(Number, Place)> {
        let town = self.slice(place.end, at);
        let known = self.words.district(town).is_some_and(|count| count == town.len());
        let is_whole = place.has_prefecture && place.has_municipality;
        let shortest = if is_whole || place.is_anchored() && number.parts > 2 { 2 } else { 1 };
        // き 30-72 is a plate, and 二 in 二十の一 no town.
        let is_word = town.is_empty()
            || town.iter().any(|cell| !is_numeral(cell.letter))
                && (town.len() > 1
                    || town[0].script != Script::Hiragana && !"場民議役営".contains(town[0].letter));
        let is_town = is_word
            && (number.strength == Strength::Block || known || !self.words.is_no_town(town, shortest));
        // Over the end of a line or a cell only what is no other number.
        let is_border =
            behind > at && !matches!(self.script(at), Script::Space | Script::Break | Script::Hiragana);
        let needs_form = wrapped || is_border;
        let has_form = number.strength == Strength::Block
            || number.parts > if is_border { 1 } else { 2 }
            || wrapped && self.town(place.end, at, place) == Town::Sure;
        let town = self.town(place.end, at, place);
        (is_town && (!needs_form || has_form)).then_some((number, Place { end: behind, town, ..place }))
    }

    /// A town without a number, which ends where the line or the cell ends. `cue` says whether an address is meant.
    pub(super) fn town_alone(&self, place: Place, cue: impl Fn() -> bool) -> Option<(Number, Place)> {
        const BEHIND: [&str; 9] = ["在住", "在勤", "出身", "地内", "地先", "付近", "周辺", "所在", "方面"];
        let from = place.end;
        let mut end = from;
        if !place.is_anchored() && !self.in_column {
            return None;
        }
        while end < from + TOWN_LETTERS_MAX_KYOTO
            && first_of(self, end, &BEHIND).is_none()
            && !self.lives_there(end)
            && let Some(next) = self.town_letter(end, from, place.is_anchored())
            && self.script(end) != Script::Space
        {
            end = next;
        }
        let count = end - from;
        if count == 1 || count == 0 && !place.last_is_town || self.letter(from) == '\0' && count > 0 {
            return None;
        }
        let town = self.town(from, end, place);
        let is_told = self.in_column || cue();
        let is_said = self.is_said(end) && town == Town::Sure;
        let ends = self.ends(end) || self.lives_there(end) || is_told && is_said;
        let is_place = !self.words.is_no_town(self.slice(from, end), 2);
        let is_meant = is_told
            || place.has_municipality && self.lives_there(end)
            || place.is_anchored() && count > 0 && self.is_written_out(from, end);
        let number = Number { end, strength: Strength::Town, parts: 0, apart: false };
        (ends && is_place && is_meant).then_some((number, Place { end, town, ..place }))
    }

    /// 実家は鯖江市神明町にあります.
    fn is_said(&self, at: usize) -> bool {
        ["に", "で", "だ", "へ", "から", "と", "の"].iter().any(|particle| word(self, at, particle).is_some())
    }

    /// Behind the next letter of a town. A number is part of it in 北3条 and 西2線.
    fn town_letter(&self, at: usize, from: usize, anchored: bool) -> Option<usize> {
        let letter = self.letter(at);
        match self.script(at) {
            Script::Kanji if letter == '第' => self.counted(at + 1, &["地割", "区", "号"]),
            Script::Kanji if "年億円".contains(letter) && at > from && is_numeral(self.letter(at - 1)) => {
                None
            }
            Script::Kanji | Script::Katakana => Some(at + 1),
            Script::Hiragana if anchored => self.hiragana(at, from),
            Script::Hiragana if "がのつケ".contains(letter) && self.is_joint(at) => Some(at + 1),
            Script::Space if at > from && anchored && self.script(at + 1) == Script::Kanji => Some(at + 1),
            Script::Digit if at > 0 => self.counted(at, &["条", "線", "号", "字", "番町", "番丁"]),
            _ => None,
        }
    }

    /// が and の join the name of a hill or a village: 美しが丘, 桜の里.
    fn is_joint(&self, at: usize) -> bool {
        at > 0
            && self.script(at - 1) != Script::Hiragana
            && "丘台里森原浜崎町宮井".contains(self.letter(at + 1))
    }

    /// Behind a run of hiragana in the town that begins at `from`, or `None` where it is grammar.
    fn hiragana(&self, at: usize, from: usize) -> Option<usize> {
        const GRAMMAR: [&str; 10] =
            ["から", "まで", "より", "など", "です", "では", "には", "ます", "した", "という"];
        const RUN_MAX: usize = 8;
        let run = (at..at + RUN_MAX).take_while(|at| self.script(*at) == Script::Hiragana).count();
        let letter = self.letter(at);
        let next = self.script(at + run);
        let is_grammar = run == RUN_MAX
            || GRAMMAR.iter().any(|words| word(self, at, words).is_some())
            || (at..at + run).any(|at| self.letter(at) == 'を')
            || PARTICLES.contains(letter)
                && match run {
                    // 桜が丘, 上の原; but 市が3-2.
                    1 | 2 => !"がの".contains(letter) || !matches!(next, Script::Kanji | Script::Katakana),
                    _ => at > from || next != Script::Kanji,
                };
        (!is_grammar).then_some(at + run)
    }

    /// Behind digits and one of these words.
    fn counted(&self, at: usize, words: &[&str]) -> Option<usize> {
        let digits = (at..at + 4).take_while(|index| self.script(*index) == Script::Digit).count();
        let behind = at + digits;
        let end = words.iter().find_map(|counted| word(self, behind, counted))?;
        (digits > 0).then_some(end)
    }

    /// Whether 大字, 字, 丁目 or a street of Kyoto says that this is an address.
    fn is_written_out(&self, from: usize, end: usize) -> bool {
        let holds =
            |words: &str| (from..end).any(|at| word(self, at, words).is_some_and(|behind| behind <= end));
        let is_lot = (from..end.saturating_sub(1)).any(|at| self.letter(at) == '字');
        let is_street =
            holds("通") && ["入", "上る", "下る", "上ル", "下ル"].iter().any(|words| holds(words));
        is_lot || is_street || self.is_grid(from, end)
    }

    /// 北5条西: the crossing of two numbered lines.
    fn is_grid(&self, from: usize, end: usize) -> bool {
        (from..end).any(|at| {
            self.letter(at) == '条'
                && "北南東西".contains(self.letter(at + 1))
                && at > from
                && (self.script(at - 1) == Script::Digit || is_numeral(self.letter(at - 1)))
        })
    }

    fn town(&self, from: usize, to: usize, place: Place) -> Town {
        if from >= to {
            return if place.last_is_town { Town::Sure } else { Town::Missing };
        }
        if self.is_grid(from, to) && "北南東西".contains(self.letter(from)) {
            return Town::Grid;
        }
        let town = self.slice(from, to);
        let ends = "町丁台丘通条目線割字郷".contains(town[town.len() - 1].letter);
        let holds = town.len() > 2 && town[1..].iter().any(|cell| "字町".contains(cell.letter));
        let begins = town[0].letter == '字';
        let known = self.words.district(town).is_some_and(|count| count == town.len());
        if town.len() > 1 && (begins || ends || holds) || known { Town::Sure } else { Town::Unknown }
    }
}

fn is_numeral(letter: char) -> bool {
    "一二三四五六七八九十百千〇万".contains(letter)
}
