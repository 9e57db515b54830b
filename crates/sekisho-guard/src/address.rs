//! 住所: a place down to town or block, with a number or a building.
//!
//! # What counts as an address
//! It begins at the prefecture or municipality where that is written, and ends behind the building and its room. It needs
//! a town, 大字 or block with a number, or a building with a room. A municipality alone is none, nor are roads, schools,
//! and stations; a town and two numbers (本町3-5) are one only beside a word such as 住所, or with a municipality.
//!
//! # How it works
//! A parser is set to every place where an address may begin, and reads forward: prefecture, municipalities, town, number,
//! building. It notes when it looks past the end of the text, and then nothing from its start on is settled. Municipalities
//! need not be known: 関野市本町3-5-1 is an address by its form.

mod building;
mod gap;
mod kana;
mod number;
mod parse;
mod sure;
mod town;
mod western;
mod words;

use std::collections::HashSet;

use parse::{Found, Parser};
use words::Words;

use crate::{
    Detector, Evidence, Kind, Reach, Span, Unavailable, View,
    names::cells::{Cell, Cells, Script},
};

/// A longer address ends here, in characters of the original.
const ADDRESS_CHARS_MAX: usize = 110;
/// So many characters before the end a character may still change: combining marks may follow.
const OPEN_CHARS: usize = 6;
/// How far before an address a word is looked for that says that one follows.
const CUE_CHARS: usize = 16;
/// What is in a later column of an address is found from where the address begins.
const REACH: Reach = Reach {
    behind_chars: ADDRESS_CHARS_MAX + 2 * CUE_CHARS,
    hold_chars_max: ADDRESS_CHARS_MAX + 2 * OPEN_CHARS,
};

/// Finds addresses.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    words: &'static Words,
}

impl Default for Addresses {
    fn default() -> Self {
        Self::new()
    }
}

impl Addresses {
    /// With the words that are built in.
    pub fn new() -> Self {
        Self { words: Words::built_in() }
    }

    /// Every address in the view that is asked for, and the first start from which one may still come.
    fn search(self, view: &View<'_>) -> (Cells, Vec<Found>, Option<usize>) {
        let cells = Cells::of(view.original, view.normal);
        let mut found = Vec::new();
        let mut open = None;
        let columns = view.table.columns(view.original);
        // A part in a later column is found from where its address begins.
        let from = cells.behind(view.from);
        let before = from - cells.before(from, ADDRESS_CHARS_MAX).len();
        let has_border = cells.as_slice()[before..].iter().any(|cell| gap::BORDERS.contains(&cell.letter));
        let first = if has_border { before } else { from };
        for start in first..cells.as_slice().len() {
            if !self.may_begin(cells.as_slice(), start) {
                continue;
            }
            let in_column = columns.at(cells.as_slice()[start].start as usize) == Some(Kind::Address);
            let parser = Parser::new(self.words, &cells, start, view.at_end, in_column);
            found.extend(parser.address(|| self.cue(cells.as_slice(), start)));
            if parser.looked_past_end() && open.is_none() {
                open = Some(start);
            }
        }
        (cells, found, open)
    }

    /// Whether an address may begin with this cell.
    fn may_begin(self, cells: &[Cell], start: usize) -> bool {
        let script = cells[start].script;
        if !script.may_be_named() && script != Script::Digit && cells[start].letter != '#'
            || matches!(script, Script::Lower | Script::Space | Script::Joint)
        {
            return false;
        }
        let Some(before) = start.checked_sub(1).map(|index| cells[index]) else { return true };
        if cells[start].at - before.at > OPEN_CHARS as u32 {
            return true;
        }
        if matches!(script, Script::Digit | Script::Upper | Script::Sign) {
            // Only an address in Latin letters begins with these.
            return !matches!(before.script, Script::Digit | Script::Joint)
                && !before.script.is_latin()
                && before.letter != '#';
        }
        match before.script {
            Script::Kanji => {
                !"都道府県郡市区町村".contains(before.letter)
                    && (self.words.prefecture(&cells[start..]).is_some()
                        || self.words.municipality(&cells[start..]).is_some_and(|count| count > 2)
                        || self.words.cue_ends(&cells[..start]))
            }
            Script::Katakana => script == Script::Kanji && self.words.prefecture(&cells[start..]).is_some(),
            Script::Hiragana => script != Script::Hiragana || self.words.is_place(&cells[start..]),
            Script::Digit => false,
            Script::Lower | Script::Upper => self.words.cue_ends(&cells[..start]),
            _ => true,
        }
    }

    /// A word shortly before `start` on its line, or at the end of the line before, that says that an address follows.
    fn cue(self, cells: &[Cell], start: usize) -> Option<(usize, usize)> {
        let at = cells[start].at as usize;
        let mut breaks = 0;
        let mut first = start;
        while first > 0 && cells[first - 1].at as usize + CUE_CHARS >= at {
            breaks += usize::from(cells[first - 1].script == Script::Break);
            if breaks > 1 || cells[first - 1].letter == '。' {
                break;
            }
            first -= 1;
        }
        (first..start).find_map(|index| {
            let count = self.words.cue(&cells[index..start])?;
            Some((index, index + count))
        })
    }
}

impl Detector for Addresses {
    fn name(&self) -> &'static str {
        "address"
    }

    fn reach(&self) -> Reach {
        REACH
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let (cells, addresses, open) = self.search(view);
        let last = cells.before_end(OPEN_CHARS);
        let limit = cells.before_end(REACH.hold_chars_max - 1);
        let settled = cells.byte_of(open.map_or(last, |open| open.min(last)).max(limit));
        let cells = cells.as_slice();
        // What begins in a later column ends where the whole address does.
        let mut told = HashSet::new();
        for address in addresses {
            let range = |start: usize, end: usize| cells[start].start as usize..cells[end - 1].end as usize;
            let mut notes = Vec::new();
            if address.has_prefecture {
                notes.push("evidence-prefecture");
            }
            if address.has_municipality {
                notes.push("evidence-municipality");
            }
            if address.has_building {
                notes.push("evidence-building");
            }
            let evidence = Evidence {
                cue: address.cue.map(|(start, end)| range(start, end)),
                notes,
                ..Evidence::default()
            };
            let parts = address.parts.into_iter().filter(|range| told.insert(range.clone()));
            found.extend(parts.map(|range| Span {
                kind: Kind::Address,
                range,
                confidence: address.confidence,
                rule: "address/form".into(),
                evidence: evidence.clone(),
            }));
        }
        Ok(settled)
    }
}

#[cfg(test)]
mod tests;
