//! Digits in groups: `090-1234-5678`, `1234 5678 9018`, `〇三―一二三四―五六七八`, also over the end of a line.

use sekisho_text::normal::is_hyphen;

use super::scene::Look;

/// No number that we know has more digits, so a longer one is none.
pub(super) const DIGITS_MAX: usize = 24;
const GROUPS_MAX: usize = 20;
/// Spaces within one joint, and before a number that goes on in the next line.
const SPACES_MAX: usize = 3;
const INDENT_MAX: usize = 6;
/// So many digits one by one are meant as one number.
const BOXES_MIN: usize = 4;
/// の and 、 between two groups of a number that was read aloud.
const SPOKEN_MAX: usize = 3;

/// A number in groups, as far as it goes. Rules take as many groups from its beginning as they need.
pub(super) struct Chain {
    digits: [u8; DIGITS_MAX],
    groups: [Group; GROUPS_MAX],
    len: usize,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Group {
    pub(super) end: usize,
    /// How many digits.
    pub(super) len: usize,
    /// Digits up to and with this group.
    pub(super) total: usize,
    /// What stands before it.
    pub(super) joint: Joint,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Joint {
    /// Nothing: the first group.
    #[default]
    First,
    Hyphen,
    Space,
    Dot,
    Slash,
    /// ・ or `_`
    Middle,
    Open,
    Close,
    /// A line break, which people do not write but programs do.
    Line,
    /// ` / `
    Between,
    /// `|`, the boxes of a form with a digit in each.
    Box,
}

impl Chain {
    /// Reads from `start`, where a group begins.
    pub(super) fn parse(look: &Look<'_>, start: usize) -> Option<Self> {
        let mut chain = Self::parse_groups(look, start)?;
        chain.merge_boxes();
        Some(chain)
    }

    fn parse_groups(look: &Look<'_>, start: usize) -> Option<Self> {
        let mut chain = Self { digits: [0; DIGITS_MAX], groups: [Group::default(); GROUPS_MAX], len: 0 };
        let (mut at, mut joint) = (start, Joint::First);
        loop {
            let before = chain.total();
            let Some((end, total)) = chain.read_group(look, at, before) else {
                // A run without end is no number at all; one behind a number only ends it.
                return (chain.len > 0).then_some(chain);
            };
            if total == before || chain.len == GROUPS_MAX {
                return (chain.len > 0).then_some(chain);
            }
            chain.groups[chain.len] = Group { end, len: total - before, total, joint };
            chain.len += 1;
            let Some(next) = read_joint(look, end) else { return Some(chain) };
            (joint, at) = next;
        }
    }

    /// Digits that stand one by one are one group up to a joint that means something: 0 8 2 - 2 4 1 - 7 7 0 5. Boxes with
    /// more in them are cells of a table.
    fn merge_boxes(&mut self) {
        let single = self.groups().iter().take_while(|group| group.len == 1).count();
        let is_box = |group: &Group| group.joint == Joint::Box;
        if single < BOXES_MIN {
            self.len = self.groups().iter().position(is_box).unwrap_or(self.len);
            return;
        }
        let old = self.groups;
        let mut merged = 0;
        for (place, group) in old[..self.len].iter().enumerate() {
            if place >= single && is_box(group) {
                break;
            }
            // The boxes of a form go on in the next line.
            if place > 0 && place < single && matches!(group.joint, Joint::Space | Joint::Box | Joint::Line) {
                let last = &mut self.groups[merged - 1];
                (last.end, last.len, last.total) = (group.end, last.len + 1, group.total);
            } else {
                self.groups[merged] = *group;
                merged += 1;
            }
        }
        self.len = merged;
    }

    /// Whether the number has but one digit, which is no number of anybody.
    pub(super) fn is_short(&self) -> bool {
        self.total() < 2
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups[..self.len]
    }

    /// All digits up to the end of a group.
    pub(super) fn digits(&self, group: &Group) -> &[u8] {
        &self.digits[..group.total]
    }

    fn total(&self) -> usize {
        self.groups().last().map_or(0, |group| group.total)
    }

    /// Reads the digits of a group; none when there are too many.
    fn read_group(&mut self, look: &Look<'_>, mut at: usize, mut total: usize) -> Option<(usize, usize)> {
        let is_kanji = look.peek(at).is_some_and(|letter| !letter.is_ascii());
        while let Some(letter) = look.peek(at) {
            let digit = match digit_of(letter) {
                Some(digit) if letter.is_ascii() != is_kanji => digit,
                None if is_kanji && matches!(letter, '○' | '◯') => 0,
                _ => break,
            };
            *self.digits.get_mut(total)? = digit;
            total += 1;
            at += letter.len_utf8();
        }
        Some((at, total))
    }
}

/// What joins a group that ends at `at` to a next one, and where that begins.
fn read_joint(look: &Look<'_>, at: usize) -> Option<(Joint, usize)> {
    if let Some(next) = read_spoken_joint(look, at) {
        return Some((Joint::Hyphen, next));
    }
    let spaced = look.skip_spaces(at, SPACES_MAX);
    let letter = look.peek(spaced)?;
    let (joint, next) = match letter {
        '\n' | '\r' => return read_line_joint(look, spaced),
        '-' => (Joint::Hyphen, spaced + 1),
        _ if is_hyphen(letter) => (Joint::Hyphen, spaced + letter.len_utf8()),
        '(' => (Joint::Open, spaced + 1),
        '/' if spaced > at => {
            let next = look.skip_spaces(spaced + 1, SPACES_MAX);
            return digit_of(look.peek(next)?).map(|_| (Joint::Between, next));
        }
        '|' if spaced == at => (Joint::Box, at + 1),
        _ if spaced > at => (Joint::Space, spaced),
        '.' => (Joint::Dot, at + 1),
        '/' => (Joint::Slash, at + 1),
        ')' => (Joint::Close, at + 1),
        // 7710_228604: a hyphen misread, or one that a program would not take.
        '・' | '_' => (Joint::Middle, at + letter.len_utf8()),
        _ => return None,
    };
    let next = match joint {
        Joint::Hyphen => look.skip_spaces(next, SPACES_MAX),
        // (03) 1234 and (03)-1234
        Joint::Close => look.skip(next, 1, |letter| letter == ' ' || letter == '-'),
        _ => next,
    };
    if joint == Joint::Hyphen && matches!(look.peek(next), Some('\n' | '\r')) {
        return read_line_joint(look, next).map(|(_, next)| (Joint::Hyphen, next));
    }
    digit_of(look.peek(next)?).map(|_| (joint, next))
}

/// Numbers that were read aloud: 四〇七一の二二八五、の、九三六六, 03の1234の5678.
fn read_spoken_joint(look: &Look<'_>, at: usize) -> Option<usize> {
    let is_kanji = |letter: char| !letter.is_ascii() && digit_of(letter).is_some();
    let next = look.skip(at, SPOKEN_MAX, |letter| matches!(letter, 'の' | '、'));
    if next == at {
        return None;
    }
    if look.before(at).is_some_and(|letter| letter.is_ascii_digit()) {
        // 「1234567の2件」 counts.
        let digits = look.skip(next, 7, |letter| letter.is_ascii_digit()) - next;
        return (&look.scene.text[at..next] == "の" && (3..=6).contains(&digits)).then_some(next);
    }
    let joins = look.before(at).is_some_and(is_kanji) && look.peek(next).is_some_and(is_kanji);
    // 、 may also end the number: 「…〇〇八五、四日市市」.
    let is_said = || look.scene.text[at..next].contains('の') || look.skip(next, 2, is_kanji) > next + 3;
    (joins && is_said()).then_some(next)
}

fn read_line_joint(look: &Look<'_>, at: usize) -> Option<(Joint, usize)> {
    let at = look.skip(at, 1, |letter| letter == '\r');
    let broken = look.skip(at, 1, |letter| letter == '\n');
    if broken == at {
        return None;
    }
    let next = look.skip_spaces(broken, INDENT_MAX);
    let letter = look.peek(next)?;
    if letter == '-' || is_hyphen(letter) {
        let next = next + letter.len_utf8();
        return digit_of(look.peek(next)?).map(|_| (Joint::Hyphen, next));
    }
    digit_of(letter).map(|_| (Joint::Line, next))
}

/// A digit, also in kanji where numbers are written place by place.
pub(super) fn digit_of(letter: char) -> Option<u8> {
    match letter {
        '0'..='9' => Some(letter as u8 - b'0'),
        '〇' | '零' => Some(0),
        '一' => Some(1),
        '二' => Some(2),
        '三' => Some(3),
        '四' => Some(4),
        '五' => Some(5),
        '六' => Some(6),
        '七' => Some(7),
        '八' => Some(8),
        '九' => Some(9),
        _ => None,
    }
}
