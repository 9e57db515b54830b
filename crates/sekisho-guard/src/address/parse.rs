//! Reading an address from its beginning.

use std::{borrow::Cow, cell::OnceCell, ops::Range};

use super::{
    ADDRESS_CHARS_MAX, OPEN_CHARS,
    sure::{Around, Town, confidence},
    words::Words,
};
use crate::names::cells::{Cell, Cells, Script};

/// Municipalities after each other: 郡 and 町, 市 and 区.
const MUNICIPALITIES_MAX: usize = 3;
/// Letters of the name of a municipality that is not in the list, without its ending.
const UNKNOWN_LETTERS: std::ops::RangeInclusive<usize> = 2..=5;
/// Letters of the name of a prefecture that there is not.
const INVENTED_LETTERS: std::ops::RangeInclusive<usize> = 2..=4;
/// What follows 市 and 町 in words that are no municipality: 市民, 町内, 市場.
const NO_TOWN_BEGINS: &str = "民議役営長場販況税債分画間域内外";

/// An address.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Found {
    /// Bytes of the original: one range, or one for each column that holds a part. A mask over the border of two columns
    /// would break the table or the JSON.
    pub(super) parts: Vec<Range<usize>>,
    /// Cells.
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
    cells: Cow<'p, [Cell]>,
    /// Whether the cells end because the text goes on unseen.
    goes_on: bool,
    /// The head of the column says that addresses stand here.
    pub(super) in_column: bool,
    looked_past_end: std::cell::Cell<bool>,
}

/// What stands before the number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) end: usize,
    pub(super) has_prefecture: bool,
    pub(super) has_municipality: bool,
    /// Something below the municipality was read, or its last part may be one.
    pub(super) town: Town,
    /// What looks like a municipality may be a town: 北本町3-5.
    pub(super) last_is_town: bool,
}

impl Place {
    /// Whether more than a town is written.
    pub(super) fn is_anchored(&self) -> bool {
        self.has_prefecture || self.has_municipality
    }
}

impl<'p> Parser<'p> {
    pub(super) fn new(
        words: &'p Words,
        cells: &'p Cells,
        start: usize,
        at_end: bool,
        in_column: bool,
    ) -> Self {
        let all = cells.as_slice();
        let limit = all[start].at + ADDRESS_CHARS_MAX as u32;
        let within = all[start..].partition_point(|cell| cell.at < limit);
        let final_cells = if at_end { all.len() } else { cells.before_end(OPEN_CHARS) };
        let end = (start + within).min(final_cells.max(start));
        // Cut by the limit, the address ends for certain; cut by the end of the view, it may go on.
        let goes_on = !at_end && !cells.reaches(limit as usize + OPEN_CHARS);
        let (cells, is_undecided) = without_spacing(&all[start..end]);
        let looked_past_end = std::cell::Cell::new(goes_on && is_undecided);
        Self { words, cells, goes_on, in_column, looked_past_end }
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

    /// The bytes of these cells.
    fn bytes(&self, cells: Range<usize>) -> Range<usize> {
        self.cells[cells.start].start as usize..self.cells[cells.end.min(self.cells.len()) - 1].end as usize
    }

    /// The address up to `end`, column by column. A prefecture or a municipality alone is no address.
    fn parts(&self, end: usize) -> Vec<Range<usize>> {
        let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
        while at < end {
            let behind = self.behind_border(at);
            // What stands behind the last part is no border within.
            if behind > at && behind < end {
                if start < at && !"都道府県市区郡".contains(self.letter(at - 1)) {
                    parts.push(self.bytes(start..at));
                }
                (start, at) = (behind, behind);
            } else {
                at += 1;
            }
        }
        parts.push(self.bytes(start..end));
        parts
    }

    /// The address that begins here. `cue` looks for a word before it and is asked only when it matters.
    pub(super) fn address(&self, cue: impl Fn() -> Option<(usize, usize)>) -> Option<Found> {
        let found_cue = OnceCell::new();
        let cue = || *found_cue.get_or_init(&cue);
        if matches!(self.script(0), Script::Digit | Script::Upper) || self.letter(0) == '#' {
            let parts = vec![self.bytes(0..self.western()?)];
            return Some(Found { parts, cue: cue(), confidence: 0.9, ..Found::default() });
        }
        if let Some(end) = self.kana(cue) {
            let parts = vec![self.bytes(0..end)];
            return Some(Found { parts, cue: cue(), confidence: 0.8, ..Found::default() });
        }
        let place = self.place();
        let (number, place) = match self.town_and_number(place) {
            Some(found) => found,
            None => self.town_alone(place, || cue().is_some())?,
        };
        let (end, has_building) = self.with_building(number.end);
        let around = Around {
            cue: cue().is_some() || self.in_column,
            building: has_building,
            lived_in: self.lives_there(end),
            ended: self.ends(end),
        };
        Some(Found {
            parts: self.parts(end),
            cue: cue(),
            has_prefecture: place.has_prefecture,
            has_municipality: place.has_municipality,
            has_building,
            confidence: confidence(&place, &number, around)?,
        })
    }

    /// Prefecture and municipalities.
    fn place(&self) -> Place {
        let prefecture = self.words.prefecture(self.rest(0)).or_else(|| self.invented_prefecture());
        let mut at = prefecture.map_or(0, |end| self.between(end));
        let (mut count, mut unsure, mut sure) = (0, None, 0);
        while count < MUNICIPALITIES_MAX
            && let Some((end, is_known)) = self.municipality(at)
        {
            // 熊谷市,川口市 are two places.
            if count > 0 && at > sure + 1 && self.letter(end - 1) == '市' {
                break;
            }
            unsure = (!is_known && !"市区郡".contains(self.letter(end - 1))).then_some(at);
            sure = end;
            at = self.between(end);
            count += 1;
        }
        // Only a municipality may stand behind a border or a break here; a town is looked for from its end.
        if count > 0 {
            at = self.blank(sure);
        } else if let Some(end) = prefecture {
            at = self.blank(end);
        }
        let is_written_out =
            self.letter(at) == '字' || self.letter(at) == '大' && self.letter(at + 1) == '字';
        let alone = count == 1 && unsure.is_some() && prefecture.is_none() && !is_written_out;
        Place {
            end: at,
            has_prefecture: prefecture.is_some(),
            has_municipality: count > 0 && !alone,
            town: Town::Missing,
            last_is_town: unsure.is_some() || count > 1,
        }
    }

    /// Behind what may stand between a prefecture or a municipality and the next one.
    fn between(&self, end: usize) -> usize {
        let blank = self.blank(end);
        if self.municipality(blank).is_some() {
            return blank;
        }
        let broken = self.behind_break(end);
        let behind = if broken > end { broken } else { self.behind_border(end) };
        if behind > end && self.municipality(behind).is_some() { behind } else { blank }
    }

    /// 霧ヶ原県, before a municipality.
    fn invented_prefecture(&self) -> Option<usize> {
        let end = (0..=*INVENTED_LETTERS.end())
            .take_while(|at| self.script(*at) == Script::Kanji)
            .find(|at| self.letter(*at) == '県')?;
        let is_name = INVENTED_LETTERS.contains(&end) && !self.words.is_no_municipality(self.slice(0, end));
        (is_name && self.municipality(self.blank(end + 1)).is_some()).then_some(end + 1)
    }

    /// Behind the municipality that begins at `at`, and whether it is in the list.
    fn municipality(&self, at: usize) -> Option<(usize, bool)> {
        if let Some(count) = self.words.municipality(self.rest(at)) {
            return Some((at + count, true));
        }
        for count in 1..=UNKNOWN_LETTERS.end() + 1 {
            let letter = self.letter(at + count - 1);
            match self.script(at + count - 1) {
                Script::Kanji => {}
                Script::Katakana if letter == 'ノ' => {}
                // みどり市, あおぞら市: in hiragana from the beginning.
                Script::Hiragana if self.script(at) == Script::Hiragana && !"をはにでへ".contains(letter) =>
                    {}
                _ => return None,
            }
            let ends = "市区町村郡".contains(letter);
            if ends && UNKNOWN_LETTERS.contains(&(count - 1)) {
                let name = self.slice(at, at + count - 1);
                let is_name = !self.words.is_no_municipality(name)
                    && !NO_TOWN_BEGINS.contains(self.letter(at + count))
                    && !self.holds_known(at, at + count);
                return is_name.then_some((at + count, false));
            }
            if ends && count > 1 {
                return None;
            }
        }
        None
    }

    /// 現場平塚市: a municipality with a word before it.
    fn holds_known(&self, at: usize, end: usize) -> bool {
        (at + 1..end).any(|inner| {
            let known = self.words.municipality(self.slice(inner, end));
            known.is_some_and(|count| count > 2 && inner + count == end)
                || self.words.prefecture(self.slice(inner, end)).is_some()
        })
    }
}

/// Without the spaces of 東 京 都 新 宿 区, which come from OCR or from a form; and whether the cells are too few to say.
fn without_spacing(cells: &[Cell]) -> (Cow<'_, [Cell]>, bool) {
    const SEEN: [bool; 5] = [false, true, false, true, false];
    let fits = |(cell, is_space): (&Cell, bool)| {
        if is_space { cell.script == Script::Space } else { cell.script == Script::Kanji }
    };
    if !cells.iter().zip(SEEN).all(fits) {
        return (Cow::Borrowed(cells), false);
    }
    if cells.len() < SEEN.len() {
        return (Cow::Borrowed(cells), true);
    }
    let mut is_behind_space = false;
    let kept = cells.iter().filter(|cell| {
        let is_space = cell.script == Script::Space;
        let keeps = !is_space || is_behind_space;
        is_behind_space = is_space;
        keeps
    });
    (Cow::Owned(kept.copied().collect()), false)
}
