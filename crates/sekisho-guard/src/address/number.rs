//! 丁目, 番地, 号: the number of an address in its forms.

use super::parse::Parser;
use crate::names::cells::Script;

/// A block has no more digits.
const DIGITS_MAX: usize = 5;
/// What follows a number that counts something.
const COUNTERS: &str = "円人件年月日回時分%個歳点倍名枚本冊台社校戸世票代割秒度位階条項億万千百線区地";

/// How much a number says by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    /// 丁目, 番地, 番…号
    Block,
    /// 3-5-1
    Hyphens,
    /// 123
    Bare,
    /// None at all, only a town
    Town,
}

/// The number of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) end: usize,
    pub(super) strength: Strength,
    /// How many numbers it is made of.
    pub(super) parts: usize,
}

impl Number {
    /// The number that begins at `at`. `has_town`: something stands before it that may be a town.
    pub(super) fn parse(parser: &Parser<'_>, at: usize, has_town: bool) -> Option<Self> {
        if let Some(end) = word(parser, at, "無番地").or_else(|| word(parser, at, "番外地")) {
            return Some(Self { end, strength: Strength::Block, parts: 2 });
        }
        let first = digits(parser, at)?;
        if let Some(end) = word(parser, first, "丁目") {
            return Some(Self::after_chome(parser, end));
        }
        if let Some(block) = Self::block(parser, at, 0) {
            return Some(block);
        }
        let is_latin = parser.script(at) == Script::Digit;
        if !has_town || !is_latin || parser.letter(at) == '0' {
            return None;
        }
        Self::hyphens(parser, at)
    }

    /// 3丁目, and what may follow: 5番1号, 5番地の1, 5-1, 5.
    fn after_chome(parser: &Parser<'_>, end: usize) -> Self {
        let alone = Self { end, strength: Strength::Block, parts: 1 };
        let is_joined = parser.script(end) == Script::Space
            || parser.letter(end) == 'の' && digits(parser, end + 1).is_some();
        let next = end + usize::from(is_joined);
        if let Some(block) = Self::block(parser, next, 1) {
            return block;
        }
        match Self::hyphens(parser, next) {
            Some(tail) => Self { end: tail.end, strength: Strength::Block, parts: tail.parts + 1 },
            None => Self::spoken(parser, next).unwrap_or(alone),
        }
    }

    /// 二十八の六, behind 丁目.
    fn spoken(parser: &Parser<'_>, at: usize) -> Option<Self> {
        let first = digits(parser, at)?;
        let end = digits(parser, word(parser, first, "の")?)?;
        Some(Self { end, strength: Strength::Block, parts: 3 })
    }

    /// 5番地, 5番地の1, 5番1号, 5番.
    fn block(parser: &Parser<'_>, at: usize, before: usize) -> Option<Self> {
        let first = digits(parser, at)?;
        let from = word(parser, first, "番地").or_else(|| {
            let end = word(parser, first, "番")?;
            // 一番町 is a town.
            let goes_on = matches!(parser.script(end), Script::Kanji | Script::Hiragana | Script::Katakana)
                && parser.letter(end) != '地'
                && digits(parser, end).is_none()
                && !"のにでへがを".contains(parser.letter(end));
            (!goes_on).then_some(end)
        })?;
        let is_lot = parser.letter(from - 1) == '地';
        let joint = if "の-ノ之".contains(parser.letter(from)) { from + 1 } else { from };
        let alone = Self { end: from, strength: Strength::Block, parts: before + 1 + usize::from(is_lot) };
        let Some(second) = digits(parser, joint) else {
            // 3番 alone may be anything.
            return (is_lot || before > 0).then_some(alone);
        };
        if !is_lot && joint == from && word(parser, second, "号").is_none() && parser.letter(second) != '-' {
            return (before > 0).then_some(alone);
        }
        let mut end = word(parser, second, "号")
            .filter(|end| !"室館棟".contains(parser.letter(*end)))
            .unwrap_or(second);
        let mut parts = before + 2;
        while parser.letter(end) == '-' && parser.script(end + 1) == Script::Digit && parts < 5 {
            end = digits(parser, end + 1)?;
            parts += 1;
        }
        if parser.letter(end) == 'の'
            && let Some(third) = digits(parser, end + 1)
        {
            end = third;
        }
        Some(Self { end, strength: Strength::Block, parts })
    }

    /// 3-5-1, 3の5, or 123 alone.
    fn hyphens(parser: &Parser<'_>, at: usize) -> Option<Self> {
        let mut end = digits(parser, at)?;
        let mut parts = 1;
        while parts < 5 && "-のノ".contains(parser.letter(end)) && parser.letter(end) != '\0' {
            // A number may be broken over the line behind its hyphen.
            let from = if parser.letter(end) == '-' { parser.behind_break(end + 1) } else { end + 1 };
            let Some(next) = digits(parser, from).filter(|_| parser.script(from) == Script::Digit) else {
                break;
            };
            end = next;
            parts += 1;
        }
        if parser.script(at) != Script::Digit
            || COUNTERS.contains(parser.letter(end)) && parser.letter(end) != '\0'
        {
            return None;
        }
        let goes_on = parser.script(end + 1) == Script::Digit;
        let is_grouped = parser.letter(end) == ',' && goes_on && digits(parser, end + 1) == Some(end + 4);
        if matches!(parser.letter(end), '.' | '/' | ':') && goes_on || is_grouped && parts == 1 {
            return None;
        }
        // 3-5-1号, but not 3-5-101号室.
        let end = match word(parser, end, "号") {
            Some(behind) if !"室館棟線車機".contains(parser.letter(behind)) => behind,
            Some(_) if parts == 1 => return None,
            _ => end,
        };
        let strength = if parts > 1 { Strength::Hyphens } else { Strength::Bare };
        Some(Self { end, strength, parts })
    }
}

/// Behind the number that begins at `at`: up to five digits, or kanji numerals.
pub(super) fn digits(parser: &Parser<'_>, at: usize) -> Option<usize> {
    let is_part: fn(&Parser<'_>, usize) -> bool = match parser.script(at) {
        Script::Digit => |parser, at| parser.script(at) == Script::Digit,
        Script::Kanji => |parser, at| "一二三四五六七八九十百〇".contains(parser.letter(at)),
        _ => return None,
    };
    let count = (at..=at + DIGITS_MAX).take_while(|index| is_part(parser, *index)).count();
    (1..=DIGITS_MAX).contains(&count).then_some(at + count)
}

/// Behind `word`, if it stands at `at`.
pub(super) fn word(parser: &Parser<'_>, at: usize, word: &str) -> Option<usize> {
    let stands = word.chars().enumerate().all(|(offset, letter)| parser.letter(at + offset) == letter);
    stands.then(|| at + word.chars().count())
}
