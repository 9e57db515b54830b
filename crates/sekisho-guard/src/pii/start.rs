//! Where candidates may begin. Everything else is passed over at the speed of a table.

use std::{cell::Cell, sync::LazyLock};

use sekisho_text::normal::is_hyphen;

use super::{chain::digit_of, data::tables, email, plate, scene::Scene};

/// A place where a candidate may begin, in bytes of the normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// The first of some digits.
    Digit(usize),
    /// The first of some letters.
    Letter(usize),
    /// `+` or `(` before a number.
    Sign(usize),
    /// The first character of 明治 to 令和.
    Era(usize),
    /// The first character of an area on a plate.
    Area(usize),
    /// The first character of a town on the plate of a small motorcycle.
    Town(usize),
    /// The first character of 記号.
    Symbol(usize),
    /// `::`
    Colon(usize),
    /// A mail address with its @.
    Mail { start: usize, at: usize },
}

impl Start {
    pub(super) fn at(self) -> usize {
        match self {
            Self::Digit(at)
            | Self::Letter(at)
            | Self::Sign(at)
            | Self::Era(at)
            | Self::Area(at)
            | Self::Town(at)
            | Self::Symbol(at)
            | Self::Colon(at)
            | Self::Mail { start: at, .. } => at,
        }
    }
}

const KANJI_DIGIT: u8 = 1;
const ERA: u8 = 2;
const AREA: u8 = 4;
const SYMBOL: u8 = 8;
const MAIL: u8 = 16;

/// For each character of the basic plane what may begin with it.
static CLASSES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut classes = vec![0; 0x10000];
    let mut mark = |letter: char, class: u8| classes[letter as usize & 0xffff] |= class;
    ('\u{3000}'..'\u{ffff}')
        .filter(|letter| digit_of(*letter).is_some())
        .for_each(|it| mark(it, KANJI_DIGIT));
    for era in &tables().eras {
        era.name.chars().take(1).for_each(|letter| mark(letter, ERA));
    }
    mark('記', SYMBOL);
    email::SPOKEN.chars().take(1).for_each(|letter| mark(letter, MAIL));
    tables().areas.keys().for_each(|letter| mark(*letter, AREA));
    classes
});

/// All starts from a byte on, in order, but for those of mail addresses, which are found at their @.
pub(super) struct Starts<'a> {
    scene: &'a Scene<'a>,
    at: usize,
    classes: &'static [u8],
    /// A character may begin several things: 三 a number and 三河 a plate.
    also: [Option<Start>; 2],
}

impl<'a> Starts<'a> {
    pub(super) fn new(scene: &'a Scene<'a>, from: usize) -> Self {
        Self { scene, at: from, classes: &CLASSES, also: [None; 2] }
    }

    fn of_ascii(&self, at: usize, byte: u8) -> Option<Start> {
        let bytes = self.scene.text.as_bytes();
        let before = at.checked_sub(1).map_or(0, |at| bytes[at]);
        let next = || bytes.get(at + 1).copied();
        match byte {
            b'0'..=b'9' => (!before.is_ascii_digit()).then_some(Start::Digit(at)),
            b'A'..=b'Z' | b'a'..=b'z' => (!before.is_ascii_alphanumeric()).then_some(Start::Letter(at)),
            b'@' => self.of_mail(at),
            b'(' | b'[' => {
                let is_mail = email::MARKS.iter().any(|mark| bytes[at..].starts_with(mark.as_bytes()));
                let number = next().is_none_or(|next| next == b'0') && byte == b'(';
                if is_mail { self.of_mail(at) } else { number.then_some(Start::Sign(at)) }
            }
            b'+' => next().is_none_or(|next| next.is_ascii_digit()).then_some(Start::Sign(at)),
            b':' => {
                let outside = !before.is_ascii_hexdigit() && before != b':';
                (outside && next().is_none_or(|next| next == b':')).then_some(Start::Colon(at))
            }
            _ => None,
        }
    }

    fn of_mail(&self, at: usize) -> Option<Start> {
        email::start_of(self.scene, at).map(|start| Start::Mail { start, at })
    }

    fn of_wide(&mut self, at: usize, letter: char) -> Option<Start> {
        let class = *self.classes.get(letter as usize)?;
        let before = self.scene.text[..at].chars().next_back();
        if class == 0 {
            return self.may_be_town(at, letter, before).then_some(Start::Town(at));
        }
        if class & MAIL != 0 {
            return self.scene.text[at..].starts_with(email::SPOKEN).then(|| self.of_mail(at)).flatten();
        }
        let inside = before.and_then(digit_of).is_some();
        let number = (class & KANJI_DIGIT != 0 && !inside).then_some(Start::Digit(at));
        let area = (class & AREA != 0 && self.may_be_area(at, letter)).then_some(Start::Area(at));
        let era = (class & ERA != 0).then_some(Start::Era(at));
        let symbol = (class & SYMBOL != 0).then_some(Start::Symbol(at));
        let town = self.may_be_town(at, letter, before).then_some(Start::Town(at));
        let mut found = [number, area, era, symbol, town].into_iter().flatten();
        let first = found.next();
        self.also = [found.next(), found.next()];
        first
    }

    /// Whether a town with a kana behind it stands here, or the text ends before that is known.
    fn may_be_town(&self, at: usize, first: char, before: Option<char>) -> bool {
        // A last character that may still get a mark is no kanji before and none after.
        let text = self.scene.text;
        if !is_kanji(first) || before.is_some_and(is_kanji) {
            return false;
        }
        let ended = Cell::new(false);
        let peek = |at: usize| {
            let letter = text[at..].chars().next();
            ended.set(ended.get() || letter.is_none());
            letter
        };
        let Some(mut end) = plate::town_end(peek, at) else { return ended.get() };
        while let Some(' ' | '、') = peek(end) {
            end += peek(end).map_or(0, char::len_utf8);
        }
        peek(end).is_none_or(plate::is_kana)
    }

    /// Whether an area stands here, or the text ends before that is known.
    fn may_be_area(&self, at: usize, first: char) -> bool {
        let rest = &self.scene.text[at..];
        let areas = self.scene.tables.areas.get(&first);
        // 石 川
        if rest[first.len_utf8()..].starts_with(' ') {
            return areas.is_some();
        }
        areas.is_some_and(|areas| {
            areas.iter().any(|area| rest.starts_with(area.as_str()) || area.starts_with(rest))
        })
    }
}

impl Iterator for Starts<'_> {
    type Item = Start;

    fn next(&mut self) -> Option<Start> {
        if let Some(also) = self.also.iter_mut().find_map(Option::take) {
            return Some(also);
        }
        let bytes = self.scene.text.as_bytes();
        while self.at < self.scene.end() {
            let (at, byte) = (self.at, bytes[self.at]);
            let found = if byte < 0x80 {
                self.at += 1;
                self.of_ascii(at, byte)
            } else {
                let letter = self.scene.text[at..].chars().next()?;
                self.at += letter.len_utf8();
                self.of_wide(at, letter)
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// What may begin in the last characters although no start was seen there: a mail address whose @ has not come, or not
/// wholly, and whatever the last character begins.
pub(super) fn open_at_end(scene: &Scene<'_>) -> Option<usize> {
    let text = scene.text;
    let parts =
        email::MARKS.iter().flat_map(|mark| mark.char_indices().map(|(len, _)| &mark[..len]).chain([*mark]));
    let mails = parts
        .filter(|part| text.ends_with(part))
        .filter_map(|part| local_start(text, text.len() - part.len()));
    // 「12−」 becomes `12-` when a digit follows, and then it may stand before an @.
    let folds = text.chars().next_back().filter(|last| is_hyphen(*last)).map_or(0, char::len_utf8);
    let folded = local_start(text, text.len() - folds);
    let last = text.chars().next_back().filter(|last| scene.last_is_open() && begins(*last));
    mails.chain(folded).chain(last.map(|last| text.len() - last.len_utf8())).min()
}

/// Where the letters before `at` begin that may be the first part of a mail address.
fn local_start(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut start = at;
    while start > 0 && at - start < email::LOCAL_CHARS_MAX && email::is_local(bytes[start - 1]) {
        start -= 1;
    }
    (start < at).then_some(start)
}

fn is_kanji(letter: char) -> bool {
    matches!(letter, '一'..='龠' | '々')
}

fn begins(letter: char) -> bool {
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric() || "+(:".contains(letter);
    }
    is_kanji(letter) || CLASSES.get(letter as usize).is_some_and(|class| *class != 0)
}
