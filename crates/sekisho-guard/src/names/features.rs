//! What the tagger looks at: for each cell a list of features, each a number below [`FEATURES`].
//!
//! Everything here is a function of the cells in sight (see [`super::cells::SIGHT_CHARS`]) and of nothing else. That is
//! what makes a decision final once the sight is filled.

mod edges;
mod items;
mod whole;

use std::ops::Range;

use items::{Item, items_of};

use super::{
    cells::{Cell, Cells, SIGHT_CHARS, Script},
    lexicon::{Class, Classes, Lexicon, Match, step},
};

/// Features are hashed to numbers below this. Only some have weights, so that one that was never met is seldom taken for
/// another that says something.
pub const FEATURES: usize = 1 << 23;

/// Cells to both sides of which single letters are looked at.
const NEAR: isize = 6;
/// Stands for a place outside of the text or out of sight.
const NOTHING: u32 = 1;
/// A full name of the lexicon is at most this long, in characters of the original, so that it lies in sight of all of it.
const FULL_CHARS: u32 = 14;
/// A word behind a cell is seen when it is at most this long and begins at least this much before the end of the sight.
const SHORT_CHARS: u32 = 7;
/// A word in katakana or in Latin letters that is longer is no part of a name, in characters of the original.
const WORD_CHARS: u32 = 16;
const NAMES: Classes = Class::Surname.bit() | Class::Given.bit();
const PLACES: Classes =
    Class::Prefecture.bit() | Class::Municipality.bit() | Class::District.bit() | Class::Region.bit();
/// Classes of which a cell is told its place in the longest word, each with the number of its feature.
const GROUPS: [(u32, Classes); 12] = [
    (0, Class::Surname.bit()),
    (1, Class::Given.bit()),
    (2, Class::SurnameKana.bit()),
    (3, Class::GivenKana.bit()),
    (4, Class::GivenHiragana.bit()),
    (5, Class::Foreign.bit()),
    (6, PLACES),
    (7, Class::Org.bit()),
    (8, Class::Place.bit()),
    (9, Class::Word.bit()),
    (10, Class::Honorific.bit() | Class::Label.bit()),
    (11, Class::SurnameHiragana.bit()),
];

/// What decides over a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// It is no part of a name.
    Never,
    /// Its own features.
    Own,
    /// It goes with the cell before it: words in katakana and in Latin letters are judged as a whole.
    AsBefore,
}

/// A text prepared for looking: its cells and the words of the lexicon in it.
#[derive(Debug)]
pub struct Features<'a> {
    cells: &'a [Cell],
    index: &'a Cells,
    /// For each cell and group the longest word that holds it: cells before it in the word, and behind it.
    inside: Vec<[Option<(u8, u8)>; GROUPS.len()]>,
    /// Classes of the short words that begin with this cell, and of all words that end before it.
    begins: Vec<Classes>,
    ends: Vec<Classes>,
    /// Behind a name in Latin letters that begins with this cell, else 0.
    romaji: Vec<u32>,
    /// Behind a word in Latin letters that is no name and begins with this cell, else 0.
    latin: Vec<u32>,
    /// All words, by where they begin.
    matches: Vec<Match>,
    /// The longest surname with a given name behind it that holds the cell: cells before, cells behind, and where the
    /// given name begins.
    full: Vec<Option<(u8, u8, u8)>>,
    /// What stands between delimiters, and for each cell which of them holds it or comes next.
    items: Vec<Item>,
    holds: Vec<u32>,
    /// What the cell asked for last can see.
    sight: Range<usize>,
}

impl<'a> Features<'a> {
    /// Prepares a text. Words for which `keep` says no are treated as unknown; training uses that.
    pub fn of(index: &'a Cells, lexicon: &Lexicon, keep: impl Fn(u64) -> bool) -> Self {
        let cells = index.as_slice();
        let matches = lexicon.matches(cells, keep);
        let mut features = Self {
            cells,
            index,
            inside: vec![[None; GROUPS.len()]; cells.len()],
            begins: vec![0; cells.len() + 1],
            ends: vec![0; cells.len() + 1],
            romaji: vec![0; cells.len()],
            latin: vec![0; cells.len()],
            full: vec![None; cells.len()],
            matches: Vec::new(),
            items: Vec::new(),
            holds: Vec::new(),
            sight: 0..0,
        };
        for found in &matches {
            features.mark(*found);
        }
        features.mark_full_names(&matches);
        (features.items, features.holds) = items_of(cells, &matches);
        features.matches = matches;
        features
    }

    fn mark(&mut self, found: Match) {
        let (start, end) = (found.start as usize, found.end as usize);
        if self.cells[end - 1].at - self.cells[start].at < SHORT_CHARS {
            self.begins[start] |= found.classes;
        }
        if found.classes & Class::Romaji.bit() != 0 {
            self.romaji[start] = found.end;
        }
        if found.classes & Class::Latin.bit() != 0 {
            self.latin[start] = found.end;
        }
        self.ends[end] |= found.classes;
        for (group, (_, classes)) in GROUPS.iter().enumerate() {
            if found.classes & classes == 0 {
                continue;
            }
            for cell in start..end {
                let place = ((cell - start) as u8, (end - 1 - cell) as u8);
                let kept = &mut self.inside[cell][group];
                if kept.is_none_or(|kept| kept.0 + kept.1 < place.0 + place.1) {
                    *kept = Some(place);
                }
            }
        }
    }

    fn mark_full_names(&mut self, matches: &[Match]) {
        const SURNAMES: Classes =
            Class::Surname.bit() | Class::SurnameKana.bit() | Class::SurnameHiragana.bit();
        const GIVEN: Classes = Class::Given.bit() | Class::GivenKana.bit() | Class::GivenHiragana.bit();
        // Matches are in the order of their starts, so those that begin at a cell are one stretch.
        for surname in matches.iter().filter(|found| found.classes & SURNAMES != 0) {
            let mut from = surname.end;
            if self.cells.get(from as usize).is_some_and(|cell| cell.script == Script::Space) {
                from += 1;
            }
            let first = matches.partition_point(|found| found.start < from);
            let given = matches[first..]
                .iter()
                .take_while(|found| found.start == from)
                .filter(|found| found.classes & GIVEN != 0)
                .filter(|found| {
                    self.cells[found.end as usize - 1].at - self.cells[surname.start as usize].at < FULL_CHARS
                })
                .max_by_key(|found| found.end);
            let Some(given) = given else { continue };
            let (start, end) = (surname.start as usize, given.end as usize);
            for cell in start..end {
                let place = ((cell - start) as u8, (end - 1 - cell) as u8, (from as usize - start) as u8);
                let kept = &mut self.full[cell];
                if kept.is_none_or(|kept| kept.0 + kept.1 < place.0 + place.1) {
                    *kept = Some(place);
                }
            }
        }
    }

    /// The cells.
    pub fn cells(&self) -> &[Cell] {
        self.cells
    }

    /// What decides over cell `at`. Cells are to be asked for in order.
    pub fn stand(&mut self, at: usize) -> Stand {
        let script = self.cells[at].script;
        if !script.may_be_named() {
            return Stand::Never;
        }
        if !script.is_latin() && script != Script::Katakana {
            return Stand::Own;
        }
        self.sight = self.index.sight(at, &self.sight);
        let word = self.word_around(at);
        let extent = self.cells[word.end - 1].at - self.cells[word.start].at;
        if extent > WORD_CHARS || script.is_latin() && self.is_beside_digit(&word) {
            Stand::Never
        } else if word.start == at {
            Stand::Own
        } else {
            Stand::AsBefore
        }
    }

    /// Whether a digit touches the word: it is a piece of a number or of a code then.
    fn is_beside_digit(&self, word: &Range<usize>) -> bool {
        let is_digit = |index: usize| {
            self.sight.contains(&index)
                && self.cells.get(index).is_some_and(|cell| cell.script == Script::Digit)
        };
        is_digit(word.end) || word.start.checked_sub(1).is_some_and(is_digit)
    }

    /// Puts the features of cell `at` into `list`. Cells are to be asked for in order.
    pub fn list(&mut self, at: usize, list: &mut Vec<u32>) {
        list.clear();
        self.sight = self.index.sight(at, &self.sight);
        let mut out = Out { list };
        let script = self.cells[at].script;
        if script.is_latin() || script == Script::Katakana {
            let word = self.word_around(at);
            self.word(at, &word, &mut out);
            self.cue(word.start, &mut out);
            self.items(word.start, &mut out);
            return;
        }
        if matches!(script, Script::Space | Script::Joint) {
            self.joint(at, &mut out);
        }
        self.letters(at, &mut out);
        self.scripts(at, &mut out);
        self.words(at, &mut out);
        self.neighbours(at, &mut out);
        self.cue(at, &mut out);
        self.items(at, &mut out);
    }

    /// The cell `offset` away, if it is in sight.
    fn cell(&self, at: usize, offset: isize) -> Option<&Cell> {
        let index = at.checked_add_signed(offset)?;
        if self.sight.contains(&index) { self.cells.get(index) } else { None }
    }

    fn letter(&self, at: usize, offset: isize) -> u32 {
        self.cell(at, offset).map_or(NOTHING, |cell| match cell.script {
            Script::Digit => u32::from('0'),
            Script::Upper => u32::from('A'),
            Script::Lower => u32::from('a'),
            _ => u32::from(cell.letter),
        })
    }

    fn script(&self, at: usize, offset: isize) -> u32 {
        self.cell(at, offset).map_or(0, |cell| cell.script as u32)
    }

    fn letters(&self, at: usize, out: &mut Out<'_>) {
        let mut near = [NOTHING; 2 * NEAR as usize + 1];
        for (index, kept) in near.iter_mut().enumerate() {
            *kept = self.letter(at, index as isize - NEAR);
        }
        for (index, letter) in near.iter().enumerate() {
            out.add(1 + index as u32, &[*letter]);
        }
        for start in 2..=9 {
            out.add(20 + start as u32, &near[start..start + 2]);
        }
        for start in 3..=7 {
            out.add(40 + start as u32, &near[start..start + 3]);
        }
        out.add(50, &near[2..6]);
        out.add(51, &near[7..11]);
        out.add(52, &near[5..9]);
    }

    fn scripts(&self, at: usize, out: &mut Out<'_>) {
        let near: [u32; 7] = std::array::from_fn(|index| self.script(at, index as isize - 3));
        out.add(80, &near);
        out.add(81, &near[1..6]);
        out.add(82, &near[2..5]);
        let own = self.cells[at].script;
        let left = self.run(at, -1, own);
        let right = self.run(at, 1, own);
        let before = self.letter(at, -(left as isize) - 1);
        let behind = self.letter(at, right as isize + 1);
        out.add(83, &[own as u32, left, right]);
        out.add(84, &[own as u32, left, right, before]);
        out.add(85, &[own as u32, left, right, behind]);
        out.add(86, &[own as u32, before, behind]);
        out.add(87, &[left.min(3), right.min(3), before, behind]);
        // The last letter of a stretch says what it is: 資材課, 初版本.
        let last = self.letter(at, right as isize);
        out.add(53, &[own as u32, right, left.min(3), last]);
        out.add(54, &[own as u32, left, right.min(3), self.letter(at, -(left as isize))]);
        out.add(55, &[own as u32, left.min(4), right, last, behind]);
        let second = self.letter(at, right as isize + 2);
        out.add(39, &[own as u32, left.min(5), behind, second]);
    }

    /// How many cells of the same script stand to one side, up to nine.
    fn run(&self, at: usize, direction: isize, script: Script) -> u32 {
        (1..=9)
            .take_while(|count| self.cell(at, direction * count).is_some_and(|cell| cell.script == script))
            .count() as u32
    }

    fn words(&self, at: usize, out: &mut Out<'_>) {
        let mut picture = 0_u64;
        for ((number, _), place) in GROUPS.iter().zip(&self.inside[at]) {
            let Some((before, behind)) = place else { continue };
            let place = [u32::from(*before), u32::from(*behind)];
            out.add(100 + number, &place);
            picture = step(picture, *number * 256 + place[0].min(1) * 2 + place[1].min(1));
            if *number < 6 || *number == 9 {
                let start = at - place[0] as usize;
                let end = at + place[1] as usize + 1;
                self.around(at, *number, &place, start..end, out);
            }
        }
        out.add(120, &[(picture >> 32) as u32]);
        if let Some((before, behind, split)) = self.full[at] {
            let place = [u32::from(before), u32::from(behind), u32::from(split)];
            out.add(121, &place);
            let (start, end) = (at - before as usize, at + behind as usize + 1);
            self.around(at, 11, &[place[0].min(1), place[1].min(1)], start..end, out);
        } else {
            out.add(122, &[(picture >> 32) as u32, self.letter(at, 1)]);
            out.add(123, &[(picture >> 32) as u32, self.letter(at, -1)]);
        }
    }

    /// What stands before and behind a word that may be a name.
    fn around(&self, at: usize, number: u32, place: &[u32], word: Range<usize>, out: &mut Out<'_>) {
        const BEHIND: Classes = Class::Org.bit()
            | Class::Place.bit()
            | Class::Honorific.bit()
            | Class::Word.bit()
            | NAMES
            | Class::GivenKana.bit();
        const BEFORE: Classes =
            PLACES | Class::Org.bit() | Class::Label.bit() | Class::Honorific.bit() | NAMES;
        let position = place[0].min(1) * 2 + place[1].min(1);
        let size = word.len() as u32;
        let next = self.begin(at, word.end) & BEHIND;
        let last = if self.sight.contains(&word.start) { self.ends[word.start] & BEFORE } else { 0 };
        let at_next = self.absolute(word.end);
        let at_last = word.start.checked_sub(1).map_or((NOTHING, 0), |index| self.absolute(index));
        let base = 130 + number * 8;
        out.add(base, &[position, size, next]);
        out.add(base + 1, &[position, size, last]);
        out.add(base + 2, &[position, size, at_next.0]);
        out.add(base + 3, &[position, size, at_last.0]);
        out.add(base + 4, &[position, next, at_next.1, last, at_last.1]);
        let second = self.absolute(word.end + 1);
        out.add(base + 5, &[position, at_next.0, second.0]);
        let second = word.start.checked_sub(2).map_or((NOTHING, 0), |index| self.absolute(index));
        out.add(base + 6, &[position, at_last.0, second.0]);
        out.add(base + 7, &[position, at_next.0, at_last.0]);
    }

    /// Classes of the short words that begin at `index` and lie in sight of `at` as a whole.
    fn begin(&self, at: usize, index: usize) -> Classes {
        match self.cells.get(index) {
            Some(cell) if cell.at + SHORT_CHARS <= self.cells[at].at + SIGHT_CHARS as u32 => {
                self.begins[index]
            }
            _ => 0,
        }
    }

    fn absolute(&self, index: usize) -> (u32, u32) {
        if !self.sight.contains(&index) {
            return (NOTHING, 0);
        }
        self.cells.get(index).map_or((NOTHING, 0), |cell| (u32::from(cell.letter), cell.script as u32))
    }

    fn neighbours(&self, at: usize, out: &mut Out<'_>) {
        let begins = |index: usize| self.begin(at, index);
        let ends = |index: usize| if self.sight.contains(&index) { self.ends[index] } else { 0 };
        out.add(240, &[begins(at + 1)]);
        out.add(241, &[ends(at)]);
        out.add(242, &[self.begins[at], ends(at)]);
        out.add(243, &[begins(at + 1), self.ends[at + 1]]);
        out.add(244, &[begins(at + 2), begins(at + 1) & NAMES]);
        out.add(245, &[at.checked_sub(1).map_or(0, ends), ends(at) & NAMES]);
    }

    /// The nearest label before the cell on its line, how far away, and what stands between.
    fn cue(&self, at: usize, out: &mut Out<'_>) {
        const CUES: Classes = Class::Label.bit();
        let mut between = 0;
        for distance in 0..12 {
            let Some(index) = at.checked_sub(distance).filter(|index| self.sight.contains(index)) else {
                break;
            };
            if self.ends[index] & CUES != 0 {
                let script = self.cells[at].script as u32;
                out.add(250, &[(distance as u32).min(6), between, script]);
                out.add(251, &[between, self.letter(at, -(distance as isize)), script]);
                return;
            }
            match index.checked_sub(1).map(|before| self.cells[before].script) {
                Some(Script::Break) | None => break,
                Some(Script::Sign | Script::Joint) => between |= 1,
                Some(Script::Space) => between |= 2,
                Some(Script::Hiragana) => between |= 4,
                Some(Script::Digit) => between |= 8,
                Some(_) => {}
            }
        }
        out.add(252, &[self.cells[at].script as u32]);
    }
}

/// Collects features.
#[derive(Debug)]
struct Out<'l> {
    list: &'l mut Vec<u32>,
}

impl Out<'_> {
    fn add(&mut self, template: u32, values: &[u32]) {
        let hash = values.iter().fold(u64::from(template) + 1, |hash, value| step(hash, *value));
        // The high half times the size: an even spread without a division.
        self.list.push((((step(hash, 0) >> 32) * FEATURES as u64) >> 32) as u32);
    }
}
