//! Addresses in Latin letters: Room 803, Park Heights, 2-14-9 Minami-Aoyama, Minato-ku, Tokyo.
//!
//! Between commas stand segments. One is the lot, with a number; before it may stand a building and a room, behind it the
//! municipality, the prefecture and the country. One segment must be known for a place.

use super::parse::Parser;
use crate::names::cells::Script;

/// Segments, and words in one.
const SEGMENTS_MAX: usize = 7;
const WORDS_MAX: usize = 6;
/// Segments before the lot, and behind the last one that is known for a place.
const UNITS_MAX: usize = 2;
const BEHIND_MAX: usize = 2;
const WORD_LETTERS_MAX: usize = 20;

/// What a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment {
    /// 2-14-9 Minami-Aoyama, Yamashita-cho 70-6
    Lot {
        is_street: bool,
        /// -ku, -cho, or three numbers
        is_formed: bool,
        /// Its form is enough.
        is_sure: bool,
    },
    /// Room 803, Park Heights
    Unit,
    /// Minato-ku
    Place,
    /// Tokyo
    Known,
    /// Words of which nothing is known
    Words,
}

/// What was seen in the words of a segment.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    words: usize,
    /// Which word is the first number of a lot.
    number: Option<usize>,
    /// In the numbers of the lot.
    hyphens: usize,
    /// The last word was Room or the like.
    number_is_of_unit: bool,
    is_unit: bool,
    is_street: bool,
    is_place: bool,
    is_known: bool,
}

impl Seen {
    fn segment(self) -> Option<Segment> {
        let begins = self.number == Some(0) && self.words > 1;
        let ends = self.number.is_some_and(|index| index > 0 && index + 1 == self.words);
        let is_street = self.is_street;
        Some(match self.number {
            _ if self.words == 0 => return None,
            Some(_) if !self.is_unit && (begins || ends && self.hyphens > 0) => Segment::Lot {
                is_street,
                is_formed: self.is_place || self.hyphens > 1,
                is_sure: self.is_place && self.hyphens > 0 && begins,
            },
            Some(_) if is_street && begins => Segment::Lot { is_street, is_formed: false, is_sure: false },
            Some(_) if self.is_unit => Segment::Unit,
            Some(0) => return None,
            _ if self.is_place => Segment::Place,
            _ if self.is_known => Segment::Known,
            _ if self.is_unit => Segment::Unit,
            _ => Segment::Words,
        })
    }
}

impl Parser<'_> {
    /// Behind the address in Latin letters that begins here.
    pub(super) fn western(&self) -> Option<usize> {
        let (mut at, mut lot, mut end, mut behind) = (0, None, None, 0);
        let (mut is_formed, mut known) = (false, 0);
        for count in 0..SEGMENTS_MAX {
            let start = if count == 0 { Some(0) } else { self.next_segment(at) };
            let Some((segment, stop)) = start.and_then(|start| self.segment(start)) else { break };
            match (segment, lot) {
                (Segment::Lot { is_sure, is_formed: formed, .. }, None) => {
                    is_formed = formed;
                    lot = Some(segment);
                    end = is_sure.then_some(stop);
                }
                (Segment::Unit, None) if count < UNITS_MAX => {}
                (_, None) => return None,
                (Segment::Place, Some(_)) => (end, behind, is_formed) = (Some(stop), 0, true),
                (Segment::Known, Some(_)) => (end, behind, known) = (Some(stop), 0, known + 1),
                (_, Some(Segment::Lot { is_street: true, .. })) if behind <= BEHIND_MAX => {
                    (end, behind) = (Some(stop), behind + 1);
                }
                (Segment::Lot { .. }, Some(_)) => break,
                (Segment::Unit | Segment::Words, Some(_)) => {
                    behind += 1;
                    if behind > BEHIND_MAX {
                        break;
                    }
                    end = end.map(|_| stop);
                }
            }
            at = stop;
        }
        // 3-2 Beta, Tokyo
        end.filter(|_| is_formed || known > 1 || matches!(lot, Some(Segment::Lot { is_street: true, .. })))
    }

    /// Behind a comma and space, or one line break.
    fn next_segment(&self, at: usize) -> Option<usize> {
        let comma = (self.letter(at) == ',').then_some(at + 1)?;
        let behind = self.behind_break(comma);
        let start = if behind > comma { behind } else { self.blank(comma) };
        (start > comma).then_some(start)
    }

    /// The words up to a comma, or up to one that is in lower case.
    fn segment(&self, start: usize) -> Option<(Segment, usize)> {
        let (mut at, mut stop, mut seen) = (start, start, Seen::default());
        while seen.words < WORDS_MAX
            && let Some(end) = self.latin_word(at)
            && self.see(at, end, &mut seen)
        {
            stop = end;
            if self.script(end) != Script::Space || self.latin_word(end + 1).is_none() {
                break;
            }
            at = end + 1;
        }
        seen.segment().map(|segment| (segment, stop))
    }

    /// Takes one more word of a segment; a postal code is none.
    fn see(&self, at: usize, end: usize, seen: &mut Seen) -> bool {
        let name = self.latin_name(at, end);
        let hyphens = name.matches('-').count();
        // 221B at the beginning, 2-14-9, 2-chome-14-9.
        let last = if seen.words == 0 && self.script(end - 1) == Script::Upper { end - 1 } else { end };
        let is_number = self.script(at) == Script::Digit
            && (seen.words == 0 && name.contains("-chome-")
                || (at..last).all(|at| self.script(at) == Script::Digit || self.letter(at) == '-'));
        if is_number && end - at == 8 && self.letter(at + 3) == '-' && hyphens == 1 {
            return false;
        }
        if is_number && seen.number_is_of_unit {
            seen.is_unit = true;
        } else if is_number {
            seen.number = seen.number.or(Some(seen.words));
            seen.hyphens += hyphens;
        }
        seen.number_is_of_unit = is_unit_word(&name) && seen.words == 0 || name.starts_with('#');
        seen.is_unit |= seen.number_is_of_unit || is_building_word(&name) || is_floor(&name);
        seen.is_street |= seen.number.is_some() && seen.words > 1 && is_street_word(&name);
        seen.is_place |= is_place_name(&name) || seen.words > 0 && is_place_word(&name);
        seen.is_known |= self.is_known(at, end);
        seen.words += 1;
        true
    }

    /// Behind the capitalised word or the number that begins at `at`.
    fn latin_word(&self, at: usize) -> Option<usize> {
        let is_sign = self.letter(at) == '#' && self.script(at + 1) == Script::Digit;
        if !is_sign && !matches!(self.script(at), Script::Upper | Script::Digit) {
            return None;
        }
        let is_part = |index: &usize| {
            let script = self.script(*index);
            let next = self.script(index + 1);
            script.is_latin()
                || script == Script::Digit
                || is_sign && *index == at
                || matches!(self.letter(*index), '-' | '\'') && (next.is_latin() || next == Script::Digit)
        };
        let count = (at..at + WORD_LETTERS_MAX).take_while(is_part).count();
        let end = at + count;
        let is_short = self.letter(end) == '.'
            && (self.script(end + 1) == Script::Space || self.letter(end + 1) == ',')
            && count < 5;
        Some(if is_short && self.script(at) == Script::Upper { end + 1 } else { end })
    }

    fn latin_name(&self, at: usize, end: usize) -> String {
        self.slice(at, end).iter().map(|cell| cell.letter.to_ascii_lowercase()).collect()
    }

    /// Tokyo, Yokohama.
    fn is_known(&self, at: usize, end: usize) -> bool {
        let name = self.slice(at, end);
        let known = |count: Option<usize>| count == Some(name.len());
        known(self.words.prefecture(name)) || known(self.words.municipality(name))
    }
}

fn is_place_name(name: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["-ku", "-shi", "-cho", "-machi", "-gun", "-mura", "-chome", "-son", "-ken", "-fu", "-to", "-jo"];
    ENDINGS
        .iter()
        .any(|ending| name.len() > ending.len() + 1 && name.ends_with(ending) || name[..] == ending[1..])
        && !name.starts_with('-')
        && name.len() > 3
}

fn is_place_word(name: &str) -> bool {
    matches!(
        name,
        "ward" | "city" | "prefecture" | "pref." | "pref" | "town" | "village" | "district" | "county"
    )
}

fn is_street_word(name: &str) -> bool {
    const WORDS: [&str; 18] = [
        "street",
        "st",
        "st.",
        "avenue",
        "ave",
        "ave.",
        "road",
        "rd",
        "rd.",
        "lane",
        "ln",
        "drive",
        "dr",
        "dr.",
        "boulevard",
        "blvd",
        "blvd.",
        "way",
    ];
    WORDS.contains(&name)
}

fn is_unit_word(name: &str) -> bool {
    matches!(name, "room" | "rm" | "rm." | "apt" | "apt." | "unit" | "suite" | "no" | "no." | "apartment")
}

fn is_building_word(name: &str) -> bool {
    const WORDS: [&str; 22] = [
        "building",
        "bldg",
        "bldg.",
        "heights",
        "mansion",
        "mansions",
        "court",
        "house",
        "tower",
        "towers",
        "hills",
        "plaza",
        "residence",
        "residences",
        "maison",
        "park",
        "coop",
        "corpo",
        "haitsu",
        "terrace",
        "center",
        "floor",
    ];
    WORDS.contains(&name)
}

/// 3F
fn is_floor(name: &str) -> bool {
    name.strip_suffix('f')
        .is_some_and(|digits| (1..3).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit()))
}
