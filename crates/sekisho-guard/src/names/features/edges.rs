//! What stands at the edges of a name, and whether it names something else.

use std::ops::Range;

use super::{
    super::{cells::Script, lexicon::Class},
    Features, GROUPS, NAMES,
};

impl Features<'_> {
    /// How well the edges of a name are told from what stands beside it: false when it begins or ends in the middle of a
    /// stretch of kanji, and no word is known to end before it or to begin behind it.
    pub(in crate::names) fn has_edges(&self, name: &Range<usize>) -> bool {
        let script = |index: usize| self.cells.get(index).map(|cell| cell.script);
        let before = name.start.checked_sub(1).and_then(script);
        let (first, last) = (script(name.start), script(name.end - 1));
        let joined_before = before == first && matches!(first, Some(Script::Kanji | Script::Hiragana));
        let joined_behind = script(name.end) == last && last == Some(Script::Kanji);
        !(joined_before && self.ends[name.start] == 0 || joined_behind && self.begins[name.end] == 0)
    }

    /// Whether a name is a part of the name of something else: of a work (『宮本武蔵』), or of the shop, maker or place that
    /// the word behind makes of it (田代建材), or its own last word (小林橋).
    pub(in crate::names) fn names_a_thing(&self, name: &Range<usize>) -> bool {
        let things = Class::Org.bit() | Class::Place.bit();
        let people =
            NAMES | GROUPS[2..6].iter().fold(0, |set, group| set | group.1) | Class::SurnameHiragana.bit();
        let letter = |index: usize| self.cells.get(index).map(|cell| cell.letter);
        let is_title = name.start > 0 && letter(name.start - 1) == Some('『') && !self.is_addressed(name);
        let starts = |at: usize| {
            let from = self.matches.partition_point(|found| (found.start as usize) < at);
            self.matches[from..].iter().take_while(move |found| found.start as usize == at)
        };
        let behind =
            starts(name.end).max_by_key(|found| found.end).filter(|found| found.end - found.start > 1);
        let makes_thing =
            behind.is_some_and(|found| found.classes & things != 0 && found.classes & !things == 0);
        // 大内山 and 梁川 are persons more often than a mountain and a river; 小林橋 is a bridge.
        let last = letter(name.end - 1).is_some_and(|letter| "橋駅寺組".contains(letter));
        let is_known = |range: Range<usize>| {
            starts(range.start).any(|found| found.end as usize == range.end && found.classes & people != 0)
        };
        let is_thing = last && is_known(name.start..name.end - 1) && !is_known(name.clone());
        is_title || makes_thing || is_thing
    }

    /// Whether words that go with persons stand beside a name: an honorific behind it, or a label before it.
    pub(in crate::names) fn is_addressed(&self, name: &Range<usize>) -> bool {
        self.begins[name.end] & Class::Honorific.bit() != 0 || self.ends[name.start] & Class::Label.bit() != 0
    }

    /// Behind the given name of one letter that stands alone a space apart from a known surname (海老原 定); else where the
    /// name ends. One letter by itself says too little to the tagger.
    pub(in crate::names) fn behind_given(&self, name: &Range<usize>) -> usize {
        /// What forms put in the next cell.
        const MARKS: &str = "男女印済可否有無要欠計他未";
        let classes_of = |from: usize, end: usize| {
            let first = self.matches.partition_point(|found| (found.start as usize) < from);
            let words = self.matches[first..].iter().take_while(|found| found.start as usize == from);
            words.filter(|found| found.end as usize == end).fold(0, |set, found| set | found.classes)
        };
        let script = |index: usize| self.cells.get(index).map(|cell| cell.script);
        let given = name.end + 1;
        let is_apart = script(name.end) == Some(Script::Space)
            && script(given) == Some(Script::Kanji)
            && self.cells[given].at - self.cells[name.end].at == 1
            && matches!(script(given + 1), None | Some(Script::Break | Script::Sign));
        let is_name = is_apart
            && name.len() > 1
            && classes_of(name.start, name.end) & Class::Surname.bit() != 0
            && classes_of(given, given + 1) & !NAMES == 0
            && !MARKS.contains(self.cells[given].letter);
        if is_name { given + 1 } else { name.end }
    }
}
