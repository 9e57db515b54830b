//! 丁目, 番地, 号: the number of an address in its forms.

use super::parse::Parser;
use crate::names::cells::Script;

/// A block has no more digits.
const DIGITS_MAX: usize = 5;
/// Numbers after each other.
const PARTS_MAX: usize = 5;
/// What follows a number that counts something.
const COUNTERS: &str =
    "円人件年月日回時分%個歳点倍名枚本冊台社校戸世票代割秒度位階条項億万千百線区地字番着杯頭匹色種";

/// What stands in the place of a number.
const NUMBERLESS: [&str; 3] = ["無番地", "番外地", "無番屋敷"];

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
    /// Space, a border or a line break stands before it.
    pub(super) apart: bool,
}

impl Number {
    const fn new(end: usize, strength: Strength, parts: usize) -> Self {
        Self { end, strength, parts, apart: false }
    }

    /// The number that begins at `at`. `has_town`: something stands before it that may be a town.
    pub(super) fn parse(parser: &Parser<'_>, at: usize, has_town: bool) -> Option<Self> {
        if let Some(end) = first_of(parser, at, &NUMBERLESS) {
            return Some(Self::new(end, Strength::Block, 2));
        }
        let first = digits(parser, at)?;
        if let Some(end) = first_of(parser, first, &["丁目", "街区"]) {
            return Some(Self::after_chome(parser, end));
        }
        // 茶山台二丁, and in Sakai only.
        if has_town
            && let Some(end) = word(parser, first, "丁")
            && (digits(parser, end).is_some()
                || !parser.script(end).may_be_named()
                || parser.letter(end) == 'の')
        {
            return Some(Self::after_chome(parser, end));
        }
        if let Some(block) = Self::block(parser, at, 0) {
            return (block.strength == Strength::Block || has_town).then_some(block);
        }
        if !has_town || parser.letter(at) == '0' {
            return None;
        }
        Self::hyphens(parser, at)
    }

    /// 3丁目, and what may follow: 5番1号, 5番地の1, 5-1, 5, 左1号.
    fn after_chome(parser: &Parser<'_>, end: usize) -> Self {
        let alone = Self::new(end, Strength::Block, 1);
        if let Some(end) = first_of(parser, end, &NUMBERLESS) {
            return Self::new(end, Strength::Block, 2);
        }
        if "左右".contains(parser.letter(end))
            && let Some(side) = digits(parser, end + 1)
        {
            return Self::new(word(parser, side, "号").unwrap_or(side), Strength::Block, 2);
        }
        let is_joined = matches!(parser.letter(end), 'の' | 'ノ' | '-') && digits(parser, end + 1).is_some();
        let spaces = (end..end + 2).take_while(|at| parser.script(*at) == Script::Space).count();
        let next = end + spaces.max(usize::from(is_joined));
        // 北5番22号
        let next = next + usize::from("北南東西".contains(parser.letter(next)));
        if let Some(block) = Self::block(parser, next, 1) {
            return Self { strength: Strength::Block, ..block };
        }
        let is_border = digits(parser, next).is_none();
        let next = if is_border { parser.behind_border(next) } else { next };
        // Another column may hold anything.
        match Self::hyphens(parser, next).filter(|tail| !is_border || tail.parts > 1) {
            Some(tail) => Self::new(tail.end, Strength::Block, tail.parts + 1),
            None => alone,
        }
    }

    /// 5番地, 5番地の1, 5番1号, 5番. A 番 that ends the number is no more than a bare number.
    fn block(parser: &Parser<'_>, at: usize, before: usize) -> Option<Self> {
        let first = digits(parser, at)?;
        let lot = first_of(parser, first, &["番地", "番戸", "番屋敷", "番邸"]);
        let from = lot.or_else(|| word(parser, first, "番").filter(|end| !goes_on(parser, *end)))?;
        let is_lot = lot.is_some();
        let joint = if is_joint(parser.letter(from)) { from + 1 } else { from };
        let joint = if joint == from && is_lot { parser.blank(from) } else { joint };
        let alone = if is_lot || before > 0 {
            Self::new(behind_iroha(parser, from), Strength::Block, before + 1 + usize::from(is_lot))
        } else {
            Self::new(from, Strength::Bare, 1)
        };
        let Some(second) = digits(parser, joint).filter(|end| !counts(parser, *end)) else {
            return Some(alone);
        };
        // 1番町2: a space, and no joint, before what is a room or something else.
        if joint > from && parser.script(from) == Script::Space && word(parser, second, "号").is_none() {
            return Some(alone);
        }
        let (mut end, mut parts) = (behind_number(parser, second), before + 2);
        while is_joint(parser.letter(end))
            && parts < PARTS_MAX
            && let Some(next) = digits(parser, end + 1)
        {
            end = behind_number(parser, next);
            parts += 1;
        }
        Some(Self::new(end, Strength::Block, parts))
    }

    /// 3-5-1, 3の5, 二の三, or 123 alone.
    fn hyphens(parser: &Parser<'_>, at: usize) -> Option<Self> {
        let mut end = digits(parser, at)?;
        let script = parser.script(at);
        let mut parts = 1;
        while parts < PARTS_MAX && is_joint(parser.letter(end)) {
            // A number may be broken over the line behind its hyphen.
            let from = if parser.letter(end) == '-' { parser.behind_break(end + 1) } else { end + 1 };
            let Some(next) = digits(parser, from).filter(|_| parser.script(from) == script) else {
                break;
            };
            // 3-0345 is the end of a telephone number, 2024-05 a month.
            if parser.letter(from) == '0' && parts < 3 {
                return None;
            }
            end = next;
            parts += 1;
        }
        // One numeral in kanji is a word.
        if counts(parser, end) || script != Script::Digit && parts == 1 {
            return None;
        }
        let goes_on = parser.script(end + 1) == Script::Digit;
        let is_grouped = parser.letter(end) == ',' && goes_on && digits(parser, end + 1) == Some(end + 4);
        if matches!(parser.letter(end), '.' | '/' | ':') && goes_on || is_grouped && parts == 1 {
            return None;
        }
        // 3-5-1号, but not 3-5-101号室, and not 第5号.
        let end = match word(parser, end, "号") {
            Some(_) if parts == 1 => return None,
            _ => behind_number(parser, end),
        };
        let strength = if parts > 1 { Strength::Hyphens } else { Strength::Bare };
        Some(Self::new(end, strength, parts))
    }
}

fn is_joint(letter: char) -> bool {
    matches!(letter, '-' | 'の' | 'ノ' | '之' | 'ー')
}

/// Whether what follows the number says that it counts something.
fn counts(parser: &Parser<'_>, end: usize) -> bool {
    let letter = parser.letter(end);
    COUNTERS.contains(letter) && letter != '\0'
}

/// Behind the 号 that may follow the last number.
fn behind_number(parser: &Parser<'_>, end: usize) -> usize {
    word(parser, end, "号").filter(|end| !"室館棟線車機".contains(parser.letter(*end))).unwrap_or(end)
}

/// 一番町 is a town, 4番打者 and 3番目 are none of ours.
fn goes_on(parser: &Parser<'_>, end: usize) -> bool {
    match parser.script(end) {
        Script::Kanji => digits(parser, end).is_none() && !"先付所宛之".contains(parser.letter(end)),
        Script::Katakana => parser.letter(end) != 'ノ',
        Script::Hiragana => parser.letter(end) == 'め',
        _ => false,
    }
}

/// 1234番地ロ: parts of a lot are counted in the order of いろは.
fn behind_iroha(parser: &Parser<'_>, end: usize) -> usize {
    let is_one = "イロハニホヘトチリヌ".contains(parser.letter(end))
        && !matches!(parser.script(end + 1), Script::Katakana | Script::Hiragana);
    if is_one { end + 1 } else { end }
}

/// Behind the number that begins at `at`: up to five digits, or kanji numerals.
pub(super) fn digits(parser: &Parser<'_>, at: usize) -> Option<usize> {
    let is_part: fn(&Parser<'_>, usize) -> bool = match parser.script(at) {
        Script::Digit => |parser, at| parser.script(at) == Script::Digit,
        Script::Kanji => |parser, at| "一二三四五六七八九十百千〇".contains(parser.letter(at)),
        _ => return None,
    };
    let most = if parser.script(at) == Script::Digit { DIGITS_MAX } else { 2 * DIGITS_MAX };
    let count = (at..=at + most).take_while(|index| is_part(parser, *index)).count();
    (1..=most).contains(&count).then_some(at + count)
}

/// Behind `word`, if it stands at `at`.
pub(super) fn word(parser: &Parser<'_>, at: usize, word: &str) -> Option<usize> {
    let stands = word.chars().enumerate().all(|(offset, letter)| parser.letter(at + offset) == letter);
    stands.then(|| at + word.chars().count())
}

/// Behind the first of `words` that stands at `at`.
pub(super) fn first_of(parser: &Parser<'_>, at: usize, words: &[&str]) -> Option<usize> {
    words.iter().find_map(|one| word(parser, at, one))
}
