//! Reading an address from its beginning.

use super::{
    ADDRESS_CHARS_MAX, OPEN_CHARS,
    number::{Number, Strength, word},
    words::Words,
};
use crate::names::cells::{Cell, Cells, Script};

/// Municipalities after each other: 郡 and 町, 市 and 区.
const MUNICIPALITIES_MAX: usize = 3;
/// Letters of the name of a municipality that is not in the list, without its ending.
const UNKNOWN_LETTERS: std::ops::RangeInclusive<usize> = 2..=5;
/// Letters of a town; in Kyoto it may be two streets and a direction.
const TOWN_LETTERS_MAX: usize = 11;
const TOWN_LETTERS_MAX_KYOTO: usize = 24;
/// What begins no town behind a municipality: 市は, 市で.
const PARTICLES: &str = "にでをへがもやはのと";

/// An address.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Found {
    /// Cells.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) cue: Option<(usize, usize)>,
    pub(super) has_prefecture: bool,
    pub(super) has_municipality: bool,
    pub(super) has_building: bool,
    pub(super) confidence: f32,
}

/// Reads forward and remembers whether it looked past the end of what there is.
pub(super) struct Parser<'p> {
    pub(super) words: &'p Words,
    /// From the start of the address to its limit.
    cells: &'p [Cell],
    start: usize,
    /// Whether the cells end because the text goes on unseen.
    goes_on: bool,
    pub(super) looked_past_end: std::cell::Cell<bool>,
}

/// What stands before the number.
#[derive(Debug, Clone, Copy)]
struct Place {
    end: usize,
    has_prefecture: bool,
    has_municipality: bool,
    /// Something below the municipality was read, or its last part may be one.
    town: Town,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Town {
    Missing,
    /// Letters of which only the neighbourhood says that they are a town.
    Unknown,
    /// By its ending, or from the list.
    Sure,
}

impl<'p> Parser<'p> {
    pub(super) fn new(words: &'p Words, cells: &'p Cells, start: usize, at_end: bool) -> Self {
        let all = cells.as_slice();
        let limit = all[start].at + ADDRESS_CHARS_MAX as u32;
        let within = all[start..].partition_point(|cell| cell.at < limit);
        let final_cells = if at_end { all.len() } else { cells.before_end(OPEN_CHARS) };
        let end = (start + within).min(final_cells.max(start));
        // Cut by the limit, the address ends for certain; cut by the end of the view, it may go on.
        let goes_on = !at_end && !cells.reaches(limit as usize + OPEN_CHARS);
        Self { words, cells: &all[start..end], start, goes_on, looked_past_end: std::cell::Cell::new(false) }
    }

    pub(super) fn looked_past_end(&self) -> bool {
        self.looked_past_end.get()
    }

    /// The cell at `at`, counted from the start of the address.
    pub(super) fn cell(&self, at: usize) -> Option<&Cell> {
        let cell = self.cells.get(at);
        if cell.is_none() && self.goes_on {
            self.looked_past_end.set(true);
        }
        cell
    }

    pub(super) fn letter(&self, at: usize) -> char {
        self.cell(at).map_or('\0', |cell| cell.letter)
    }

    pub(super) fn script(&self, at: usize) -> Script {
        self.cell(at).map_or(Script::Sign, |cell| cell.script)
    }

    /// Cells from `at` on. A list is asked with them, so that a word may go on behind their end.
    pub(super) fn rest(&self, at: usize) -> &[Cell] {
        const LONGEST: usize = 12;
        if at + LONGEST > self.cells.len() && self.goes_on {
            let is_word =
                self.cells[at.min(self.cells.len())..].iter().all(|cell| cell.script.may_be_named());
            if is_word {
                self.looked_past_end.set(true);
            }
        }
        &self.cells[at.min(self.cells.len())..]
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &[Cell] {
        &self.cells[start..end.min(self.cells.len())]
    }

    /// Behind one line break and the spaces around it; `at` when none stands there.
    pub(super) fn behind_break(&self, at: usize) -> usize {
        const SPACES_MAX: usize = 4;
        let spaces = |from: usize| {
            from + (0..SPACES_MAX).take_while(|step| self.script(from + step) == Script::Space).count()
        };
        let end = spaces(at);
        let behind = if self.letter(end) == '\r' { end + 1 } else { end };
        if self.letter(behind) == '\n' { spaces(behind + 1) } else { at }
    }

    /// The address that begins here. `cue` looks for a word before it and is asked only when it matters.
    pub(super) fn address(&mut self, cue: impl Fn() -> Option<(usize, usize)>) -> Option<Found> {
        if self.script(0) == Script::Digit {
            let end = self.start + self.western()?;
            return Some(Found { start: self.start, end, confidence: 0.9, ..Found::default() });
        }
        let prefecture = self.words.prefecture(self.rest(0));
        let mut at = prefecture.unwrap_or(0);
        at = self.blank(at);
        let (mut count, mut unsure) = (0, None);
        while count < MUNICIPALITIES_MAX
            && let Some((end, is_known)) = self.municipality(at)
        {
            unsure = (!is_known && !"市区郡".contains(self.letter(end - 1))).then_some((at, end));
            at = self.blank(end);
            // An address may be broken over the line behind a municipality.
            let behind = self.behind_break(end);
            if behind > end && self.municipality(behind).is_some() {
                at = behind;
            }
            count += 1;
        }
        // 北本町3-5: what looks like a 町 alone may be the town itself.
        let last_is_town = unsure.is_some() || count > 1;
        let has_municipality = count > 0 && !(count == 1 && unsure.is_some() && prefecture.is_none());
        let place =
            Place { end: at, has_prefecture: prefecture.is_some(), has_municipality, town: Town::Missing };
        let anchored = place.has_prefecture || place.has_municipality;
        let (from, found_cue) = (place.end, std::cell::OnceCell::new());
        let cue = || *found_cue.get_or_init(&cue);
        let (number, place) = match self.town_and_number(place, last_is_town) {
            Ok(found) => found,
            // Only a town, and that only beside a word that says so.
            Err(place) => {
                let end = self.town_alone(from, last_is_town).filter(|_| anchored)?;
                if cue().is_none() && !(place.has_municipality && self.lives_there(end)) {
                    return None;
                }
                let number = Number { end, strength: Strength::Town, parts: 0 };
                let town = self.town(from, end, last_is_town);
                (number, Place { end, town, ..place })
            }
        };
        let cue = cue();
        let (end, has_building) = self.with_building(number.end);
        let confidence = confidence(&place, &number, anchored, cue.is_some(), has_building)?;
        Some(Found {
            start: self.start,
            end: self.start + end,
            cue,
            has_prefecture: place.has_prefecture,
            has_municipality: place.has_municipality,
            has_building,
            confidence,
        })
    }

    /// Behind one space.
    fn blank(&self, at: usize) -> usize {
        if at > 0 && self.script(at) == Script::Space { at + 1 } else { at }
    }

    /// Behind the municipality that begins at `at`, and whether it is in the list.
    fn municipality(&self, at: usize) -> Option<(usize, bool)> {
        if let Some(count) = self.words.municipality(self.rest(at)) {
            return Some((at + count, true));
        }
        for count in 1..=UNKNOWN_LETTERS.end() + 1 {
            match self.script(at + count - 1) {
                Script::Kanji => {}
                Script::Katakana if self.letter(at + count - 1) == 'ノ' => {}
                _ => return None,
            }
            let ends = "市区町村郡".contains(self.letter(at + count - 1));
            if ends && UNKNOWN_LETTERS.contains(&(count - 1)) {
                let name = self.slice(at, at + count - 1);
                return (!self.words.is_no_municipality(name)).then_some((at + count, false));
            }
            if ends && count > 1 {
                return None;
            }
        }
        None
    }

    /// The town is as short as the number behind it allows.
    fn town_and_number(&self, place: Place, last_is_town: bool) -> Result<(Number, Place), Place> {
        let from = place.end;
        let anchored = place.has_prefecture || place.has_municipality;
        if anchored && self.script(from) == Script::Hiragana && PARTICLES.contains(self.letter(from)) {
            let run = (from..from + 4).take_while(|at| self.script(*at) == Script::Hiragana).count();
            let is_spoken = self.letter(from) == 'の' && super::number::digits(self, from + 1).is_some();
            if run < 3 && !is_spoken {
                return Err(place);
            }
        }
        let mut at = from;
        let mut limit = TOWN_LETTERS_MAX;
        loop {
            let mut behind = if anchored && (at > from || last_is_town) { self.behind_break(at) } else { at };
            // Spoken: 諏訪町の六番三号.
            if anchored
                && behind == at
                && self.letter(at) == 'の'
                && super::number::digits(self, at + 1).is_some()
            {
                behind = at + 1;
            }
            if let Some(number) = Number::parse(self, behind, at > from || last_is_town) {
                let is_town =
                    number.strength == Strength::Block || !self.words.is_no_town(self.slice(from, at));
                let town = self.town(from, at, last_is_town);
                return if is_town { Ok((number, Place { end: behind, town, ..place })) } else { Err(place) };
            }
            let is_street = matches!(self.letter(at), '通' | 'ル' | '入') && place.has_municipality;
            if is_street {
                limit = TOWN_LETTERS_MAX_KYOTO;
            }
            match self.town_letter(at, anchored) {
                Some(next) if next - from <= limit => at = next,
                _ => return Err(place),
            }
        }
    }

    /// Behind a town without a number, which ends where the line or the cell ends.
    fn town_alone(&self, from: usize, last_is_town: bool) -> Option<usize> {
        let count = (0..TOWN_LETTERS_MAX)
            .take_while(|step| matches!(self.script(from + step), Script::Kanji | Script::Katakana))
            .count();
        let end = from + count;
        let ends = match self.cell(end) {
            None => true,
            Some(cell) => {
                matches!(cell.script, Script::Break | Script::Space)
                    || ",|)」、。".contains(cell.letter)
                    || self.lives_there(end)
            }
        };
        ((count > 1 || count == 0 && last_is_town) && ends).then_some(end)
    }

    /// Words behind a town that make it somebody's: の自宅, に住む.
    fn lives_there(&self, at: usize) -> bool {
        const WORDS: [&str; 16] = [
            "の自宅",
            "の実家",
            "の家",
            "の団地",
            "の事務所",
            "の倉庫",
            "のアパート",
            "のマンション",
            "のビル",
            "の土地",
            "の物件",
            "の工場",
            "に住",
            "に転",
            "へ転",
            "に引",
        ];
        WORDS.iter().any(|words| word(self, at, words).is_some())
    }

    /// Behind the next letter of a town. A number is part of it in 北3条 and 西2線.
    fn town_letter(&self, at: usize, anchored: bool) -> Option<usize> {
        match self.script(at) {
            Script::Kanji | Script::Katakana if !"年億円第".contains(self.letter(at)) => Some(at + 1),
            Script::Hiragana if anchored && !"をはに".contains(self.letter(at)) => Some(at + 1),
            Script::Hiragana if "がのつケ".contains(self.letter(at)) && self.is_joint(at) => Some(at + 1),
            Script::Space if at > 0 && anchored && self.script(at + 1) == Script::Kanji => Some(at + 1),
            Script::Kanji if self.letter(at) == '第' => self.counted(at + 1, &["地割", "区"]),
            Script::Digit if at > 0 => self.counted(at, &["条", "線"]),
            _ => None,
        }
    }

    /// が and の join the name of a hill or a village: 美しが丘, 桜の里.
    fn is_joint(&self, at: usize) -> bool {
        at > 0
            && self.script(at - 1) != Script::Hiragana
            && "丘台里森原浜崎町宮井".contains(self.letter(at + 1))
    }

    /// Behind digits and one of these words.
    fn counted(&self, at: usize, words: &[&str]) -> Option<usize> {
        let digits = (at..at + 4).take_while(|index| self.script(*index) == Script::Digit).count();
        let behind = at + digits;
        let word = words.iter().find(|word| {
            word.chars().enumerate().all(|(offset, letter)| self.letter(behind + offset) == letter)
        })?;
        (digits > 0).then_some(behind + word.chars().count())
    }

    fn town(&self, from: usize, to: usize, last_is_town: bool) -> Town {
        if from == to {
            return if last_is_town { Town::Sure } else { Town::Missing };
        }
        let town = self.slice(from, to);
        let begins = self.letter(from) == '字' || self.letter(from) == '大' && self.letter(from + 1) == '字';
        let ends = "町丁台丘通条目線割字".contains(town[town.len() - 1].letter);
        let known = self.words.district(town).is_some_and(|count| count == town.len());
        if town.len() > 1 && (begins || ends) || known { Town::Sure } else { Town::Unknown }
    }
}

/// How sure it is; `None` when it is no address.
fn confidence(place: &Place, number: &Number, anchored: bool, cue: bool, building: bool) -> Option<f32> {
    let sure_town = place.town == Town::Sure;
    let has_town = place.town != Town::Missing;
    match number.strength {
        Strength::Block if anchored => Some(0.97),
        Strength::Block if has_town && (cue || building) => Some(0.95),
        Strength::Block if sure_town && number.parts > 1 => Some(0.9),
        Strength::Block if number.parts > 2 => Some(0.85),
        Strength::Hyphens if anchored && has_town => Some(if number.parts > 1 { 0.96 } else { 0.8 }),
        Strength::Hyphens if has_town && cue => Some(0.9),
        Strength::Hyphens if sure_town && (number.parts > 2 || building) => Some(0.85),
        Strength::Bare if anchored && has_town && (cue || building || sure_town || place.has_prefecture) => {
            Some(0.8)
        }
        Strength::Bare if sure_town && cue => Some(0.7),
        Strength::Town if anchored && has_town => Some(0.6),
        _ => None,
    }
}
