//! Words in Latin letters and in katakana: judged as a whole, and by the words beside them.

use std::ops::Range;

use super::{
    super::{
        cells::Script,
        lexicon::{Class, step},
    },
    Features, NOTHING, Out, PLACES,
};

impl Features<'_> {
    /// A word in Latin letters or katakana is judged as a whole: all its cells have the same features, but for the first.
    pub(super) fn word(&self, at: usize, word: &Range<usize>, out: &mut Out<'_>) {
        let before = self.word_before(word.start);
        let behind = self.word_behind(word.end);
        let first = u32::from(at == word.start);
        let (shape, known) = (self.shape_of(word), self.known(word));
        let (before_shape, behind_shape) = (self.shape_of(&before), self.shape_of(&behind));
        let (before_known, behind_known) = (self.known(&before), self.known(&behind));
        out.add(60, &[first, self.hash_of(word.clone())]);
        out.add(61, &[first, shape, known]);
        out.add(62, &[first, known, before_known, behind_known]);
        out.add(63, &[first, shape, before_shape, behind_shape]);
        out.add(64, &[first, known, shape, before_shape, behind_shape]);
        out.add(65, &[first, self.hash_of(before)]);
        out.add(66, &[first, self.hash_of(behind)]);
        let left: [u32; 4] = std::array::from_fn(|step| self.away(word.start, -1 - step as isize));
        let right: [u32; 4] = std::array::from_fn(|step| self.away(word.end, step as isize));
        for count in 1..=4 {
            out.add(66 + count as u32, &left[..count]);
            out.add(70 + count as u32, &right[..count]);
        }
        out.add(75, &[first, known, left[0]]);
        out.add(76, &[first, known, right[0]]);
        out.add(77, &[first, shape, left[0], left[1]]);
        out.add(78, &[first, shape, right[0], right[1]]);
        out.add(79, &[first, known, left[0], right[0]]);
        out.add(88, &[first, known, right[0], right[1]]);
        out.add(89, &[first, known, left[0], left[1]]);
        let next = self.begin(at, word.end)
            & (Class::Honorific.bit()
                | Class::Org.bit()
                | Class::Place.bit()
                | Class::Word.bit()
                | Class::Latin.bit());
        out.add(90, &[first, known, next]);
        out.add(91, &[first, shape, next]);
        let last = self.ends[word.start]
            & (Class::Honorific.bit() | Class::Org.bit() | Class::Label.bit() | Class::Word.bit() | PLACES);
        out.add(92, &[first, known, last]);
        out.add(93, &[known, last, next]);
        let letters: Vec<u32> = self.cells[word.clone()].iter().map(|cell| u32::from(cell.letter)).collect();
        out.add(94, &letters[..letters.len().min(2)]);
        out.add(95, &letters[letters.len().saturating_sub(2)..]);
        out.add(96, &letters[letters.len().saturating_sub(3)..]);
    }

    /// The letter so many cells away from `index`.
    fn away(&self, index: usize, offset: isize) -> u32 {
        index.checked_add_signed(offset).map_or(NOTHING, |index| self.absolute(index).0)
    }

    /// What stands between two words: space, ・, a hyphen. It belongs to a name when both sides do.
    pub(super) fn joint(&self, at: usize, out: &mut Out<'_>) {
        let before = if at > 0 && self.sight.contains(&(at - 1)) { self.word_around(at - 1) } else { at..at };
        let behind = if self.sight.contains(&(at + 1)) { self.word_around(at + 1) } else { at..at };
        let (before_known, behind_known) = (self.known(&before), self.known(&behind));
        let (before_shape, behind_shape) = (self.shape_of(&before), self.shape_of(&behind));
        let own = u32::from(self.cells[at].letter);
        out.add(30, &[own, before_known, behind_known]);
        out.add(31, &[own, before_shape, behind_shape]);
        out.add(32, &[own, before_known, behind_known, before_shape, behind_shape]);
        out.add(33, &[own, before_known, self.hash_of(behind.clone())]);
        out.add(34, &[own, behind_known, self.hash_of(before.clone())]);
        out.add(35, &[own, before_known, behind_known, self.away(behind.end, 0)]);
        out.add(36, &[own, before_known, behind_known, self.away(before.start, -1)]);
    }

    /// The letters of one kind, Latin or katakana, around a cell, as far as they are in sight.
    pub(super) fn word_around(&self, at: usize) -> Range<usize> {
        let is_katakana = self.cells[at].script == Script::Katakana;
        if !is_katakana && !self.cells[at].script.is_latin() {
            return at..at;
        }
        let same = |index: &usize| {
            let script = self.cells[*index].script;
            self.sight.contains(index)
                && if is_katakana { script == Script::Katakana } else { script.is_latin() }
        };
        let start = (0..at).rev().take_while(same).last().unwrap_or(at);
        let end = (at..self.cells.len()).take_while(same).last().map_or(at, |last| last + 1);
        start..end
    }

    fn word_before(&self, start: usize) -> Range<usize> {
        match start.checked_sub(2) {
            Some(last) if self.sight.contains(&last) && self.joins(start - 1) => self.word_around(last),
            _ => start..start,
        }
    }

    fn word_behind(&self, end: usize) -> Range<usize> {
        if self.sight.contains(&(end + 1)) && self.joins(end) { self.word_around(end + 1) } else { end..end }
    }

    fn joins(&self, index: usize) -> bool {
        self.sight.contains(&index) && matches!(self.cells[index].script, Script::Space | Script::Joint)
    }

    fn shape_of(&self, word: &Range<usize>) -> u32 {
        let cells = &self.cells[word.clone()];
        let Some(first) = cells.first() else { return 0 };
        let uppers = cells.iter().filter(|cell| cell.script == Script::Upper).count();
        let form = match (first.script, uppers) {
            (Script::Katakana, _) => return 6 * 16 + cells.len().min(10) as u32,
            (Script::Upper, 1) if word.len() == 1 => 1,
            (Script::Upper, 1) => 2,
            (_, 0) => 3,
            (_, uppers) if uppers == word.len() => 4,
            _ => 5,
        };
        form * 16 + if form == 2 || form == 4 { cells.len().min(3) } else { cells.len().min(2) } as u32
    }

    /// What is known of a word: its classes, or whether it could be Japanese by its syllables.
    fn known(&self, word: &Range<usize>) -> u32 {
        let Some(first) = self.cells[word.clone()].first() else { return 1 };
        if first.script != Script::Katakana {
            let is_name = self.romaji[word.start] as usize == word.end;
            let is_word = self.latin[word.start] as usize == word.end;
            return match (is_name, is_word) {
                (true, false) => 2,
                (false, false) => 3 + u32::from(self.is_syllabic(word)),
                (true, true) => 5,
                (false, true) => 6,
            };
        }
        let from = self.matches.partition_point(|found| (found.start as usize) < word.start);
        let classes = self.matches[from..]
            .iter()
            .take_while(|found| found.start as usize == word.start)
            .filter(|found| found.end as usize == word.end)
            .fold(0, |classes, found| classes | found.classes);
        let is_full = self.full[word.start]
            .is_some_and(|(before, behind, _)| before == 0 && behind as usize + 1 == word.len());
        classes << 3 | u32::from(is_full) << 2
    }

    /// Consonant, vowel, consonant, vowel: most Japanese names, few English words.
    fn is_syllabic(&self, word: &Range<usize>) -> bool {
        let mut consonants = 0;
        let mut last = ' ';
        for cell in &self.cells[word.clone()] {
            let letter = cell.letter.to_ascii_lowercase();
            if "aeiou".contains(letter) {
                consonants = 0;
            } else {
                consonants += 1;
                let pair_is_fine = matches!(letter, 'y' | 'h' | 's') || last == 'n' || last == letter;
                if "lqvxc".contains(letter) && letter != 'c' || consonants > 1 && !pair_is_fine {
                    return false;
                }
            }
            last = letter;
        }
        word.len() > 2 && "aeioun".contains(last)
    }

    fn hash_of(&self, word: Range<usize>) -> u32 {
        let hash = self.cells[word]
            .iter()
            .fold(7, |hash, cell| step(hash, u32::from(cell.letter.to_ascii_lowercase())));
        (hash >> 32) as u32
    }
}
