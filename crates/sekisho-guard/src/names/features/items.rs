//! Lists: what stands between delimiters, and what the items beside it are. 音無、久保、田村: where the neighbours are
//! names, a word that is in no list is one too.

use std::ops::Range;

use super::{
    super::{
        cells::{Cell, Script},
        lexicon::{Class, Classes, Match},
    },
    Features, Out, PLACES,
};

/// A longer stretch between two delimiters is no item of a list of names, in cells.
const ITEM_CELLS: usize = 9;
/// Items further apart are no neighbours: a sign and a space or two part them, in cells.
const APART_CELLS: usize = 3;
/// There is none, or it is too long or not in sight as a whole.
const NONE: u32 = 0;

/// What stands between two delimiters.
#[derive(Debug, Clone)]
pub(super) struct Item {
    cells: Range<usize>,
    kind: u32,
}

/// The items of a text, and for each cell which one holds it or comes next.
pub(super) fn items_of(cells: &[Cell], matches: &[Match]) -> (Vec<Item>, Vec<u32>) {
    let (mut items, mut holds): (Vec<Item>, _) = (Vec::new(), Vec::with_capacity(cells.len()));
    let mut start = 0;
    for index in 0..=cells.len() {
        if cells.get(index).is_none_or(parts) {
            if start < index {
                let item = start..index;
                let kind = if item.len() <= ITEM_CELLS { kind_of(&item, cells, matches) } else { NONE };
                items.push(Item { cells: item, kind });
            }
            start = index + 1;
        }
        holds.push(items.len() as u32);
    }
    (items, holds)
}

/// Whether a cell parts items.
fn parts(cell: &Cell) -> bool {
    match cell.script {
        Script::Break | Script::Space => true,
        Script::Joint => cell.letter == '・',
        Script::Sign => !matches!(cell.letter, '%' | '+' | '_' | '\u{fffd}'),
        _ => false,
    }
}

/// What an item is by the lexicon, or by its letters.
fn kind_of(item: &Range<usize>, cells: &[Cell], matches: &[Match]) -> u32 {
    const KANA: Classes = Class::SurnameKana.bit()
        | Class::GivenKana.bit()
        | Class::SurnameHiragana.bit()
        | Class::GivenHiragana.bit();
    const FORMS: [(u32, Classes); 7] = [
        (4, Class::Given.bit()),
        (5, KANA),
        (6, Class::Foreign.bit()),
        (7, Class::Word.bit() | Class::Latin.bit()),
        (8, Class::Romaji.bit()),
        (9, PLACES),
        (10, Class::Label.bit() | Class::Honorific.bit()),
    ];
    let from = matches.partition_point(|found| (found.start as usize) < item.start);
    let to = matches.partition_point(|found| (found.start as usize) < item.end);
    let inside = || matches[from..to].iter().filter(|found| found.end as usize <= item.end);
    let between = |start: usize, end: usize| {
        inside()
            .filter(|found| found.start as usize == start && found.end as usize == end)
            .fold(0, |classes, found| classes | found.classes)
    };
    let whole = between(item.start, item.end);
    if whole & Class::Surname.bit() != 0 {
        return 2 + u32::from(whole & (Class::Given.bit() | PLACES | Class::Word.bit()) != 0);
    }
    if let Some((kind, _)) = FORMS.iter().find(|(_, classes)| whole & classes != 0) {
        return *kind;
    }
    let splits =
        (item.start + 1..item.end).map(|split| (between(item.start, split), between(split, item.end)));
    let kinds = splits.filter_map(|(first, second)| kind_of_two(first, second));
    if let Some(kind) = kinds.min() {
        return kind;
    }
    let cells = &cells[item.clone()];
    let (first, last) = (cells[0].script, cells[cells.len() - 1].script);
    let is_one = cells.iter().all(|cell| cell.script == first);
    let script = if is_one { first as u32 } else { 11 + last as u32 };
    20 + script * 8 + cells.len().min(6) as u32
}

/// What two words together are, if they say it: a full name, a name with an honorific, a place or a company.
fn kind_of_two(first: Classes, second: Classes) -> Option<u32> {
    const SURNAMES: Classes = Class::Surname.bit() | Class::SurnameKana.bit() | Class::SurnameHiragana.bit();
    const GIVEN: Classes = Class::Given.bit() | Class::GivenKana.bit() | Class::GivenHiragana.bit();
    if first & SURNAMES != 0 && second & GIVEN != 0 {
        Some(11)
    } else if first & (SURNAMES | GIVEN | Class::Foreign.bit()) != 0 && second & Class::Honorific.bit() != 0 {
        Some(12)
    } else if second & (Class::Org.bit() | Class::Place.bit()) != 0 {
        Some(13)
    } else {
        (second & Class::Honorific.bit() != 0).then_some(14)
    }
}

impl Features<'_> {
    /// What kind of item holds the cell, and of what kind its neighbours are.
    pub(super) fn items(&self, at: usize, out: &mut Out<'_>) {
        let script = self.cells[at].script as u32;
        let index = self.holds[at] as usize;
        let Some(own) = self.item(index).filter(|own| own.cells.contains(&at)) else {
            self.between_items(at, index, out);
            return;
        };
        let place = [(at - own.cells.start).min(3) as u32, (own.cells.end - 1 - at).min(3) as u32];
        let (first, kind) = (place[0].min(1), own.kind);
        let open = self.letter_before(own.cells.start);
        let close = self.absolute(own.cells.end).0;
        let before = self.beside(own, index.checked_sub(1));
        let behind = self.beside(own, Some(index + 1));
        let (before_kind, opened) =
            before.map_or((NONE, NONE), |it| (it.kind, self.letter_before(it.cells.start)));
        let (behind_kind, closed) =
            behind.map_or((NONE, NONE), |it| (it.kind, self.absolute(it.cells.end).0));
        out.add(261, &[kind, script, place[0], place[1]]);
        out.add(262, &[kind, before_kind, open, first]);
        out.add(263, &[kind, behind_kind, close, first]);
        out.add(264, &[kind, before_kind, behind_kind, first]);
        out.add(265, &[before_kind, behind_kind, open, close, script, first]);
        out.add(266, &[before_kind, open, place[0], place[1]]);
        out.add(267, &[behind_kind, close, place[0], place[1]]);
        out.add(268, &[kind, open, close, first]);
        out.add(269, &[kind, before_kind, opened, open, close, first]);
        out.add(270, &[kind, behind_kind, open, close, closed, first]);
        let last = u32::from(self.cells[own.cells.end - 1].letter);
        let length = own.cells.len() as u32;
        out.add(271, &[kind, last, first]);
        out.add(272, &[last, length, open, close]);
        out.add(273, &[u32::from(self.cells[own.cells.start].letter), length, first]);
    }

    /// Whether a space between two items joins a surname and a given name.
    fn between_items(&self, at: usize, index: usize, out: &mut Out<'_>) {
        let own = u32::from(self.cells[at].letter);
        out.add(260, &[own]);
        if !matches!(self.cells[at].script, Script::Space | Script::Joint) {
            return;
        }
        let before = index.checked_sub(1).and_then(|it| self.item(it)).filter(|it| it.cells.end == at);
        let behind = self.item(index).filter(|it| it.cells.start == at + 1);
        let (Some(before), Some(behind)) = (before, behind) else { return };
        let open = self.letter_before(before.cells.start);
        let close = self.absolute(behind.cells.end).0;
        let lengths = [before.cells.len() as u32, behind.cells.len() as u32];
        out.add(274, &[own, before.kind, behind.kind]);
        out.add(275, &[own, before.kind, behind.kind, open]);
        out.add(276, &[own, before.kind, behind.kind, close]);
        out.add(277, &[own, before.kind, lengths[0], lengths[1], close]);
        out.add(278, &[own, behind.kind, lengths[0], lengths[1], open]);
        out.add(279, &[own, open, close, lengths[0], lengths[1]]);
    }

    fn letter_before(&self, index: usize) -> u32 {
        index.checked_sub(1).map_or(NONE, |before| self.absolute(before).0)
    }

    /// The item with this index, if it stands beside another.
    fn beside(&self, own: &Item, index: Option<usize>) -> Option<&Item> {
        let other = self.item(index?)?;
        let gap = if other.cells.start < own.cells.start {
            own.cells.start - other.cells.end
        } else {
            other.cells.start - own.cells.end
        };
        (gap <= APART_CELLS).then_some(other)
    }

    /// An item that is short and in sight with what parts it from others.
    fn item(&self, index: usize) -> Option<&Item> {
        let item = self.items.get(index)?;
        let (start, end) = (item.cells.start, item.cells.end);
        let begun = start > self.sight.start || start == 0 && self.sight.start == 0;
        let ended = end < self.sight.end || end == self.cells.len() && end == self.sight.end;
        (item.kind != NONE && begun && ended).then_some(item)
    }
}
