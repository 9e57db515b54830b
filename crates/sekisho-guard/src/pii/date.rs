//! Dates in western years and eras, as people write them: 昭和45年3月2日, S45.3.2, 1970/3/2, 昭和四十五年三月二日.

use sekisho_text::normal::is_hyphen;

use super::{chain::digit_of, scene::Look};

/// Space and line breaks between the parts of a date.
const GAP_MAX: usize = 3;
/// Stands for a year that is not known, so that no day is refused.
const LEAP_YEAR: u32 = 2000;
const YEARS: std::ops::RangeInclusive<u32> = 1860..=2100;
/// Characters of the other year in brackets: 1970年(昭和45年).
const OTHER_YEAR_MAX: usize = 10;

/// A date that exists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Date {
    pub(super) end: usize,
    /// Hardly more than digits: 19700302. Such a number is a date only where one is expected.
    pub(super) compact: bool,
    /// The western year, where the form tells it.
    pub(super) year: Option<u32>,
    /// The era stands elsewhere, or the century nowhere: only a word close by makes it a date of birth.
    pub(super) partial: bool,
}

impl Date {
    /// Reads a date that begins with the look.
    pub(super) fn parse(look: &Look<'_>) -> Option<Self> {
        let first = look.peek(look.start)?;
        if first.is_ascii_alphabetic() && look.peek(look.start + 1)?.is_ascii_alphabetic() {
            return parse_english(look);
        }
        let japanese = Self::parse_japanese(look);
        if japanese.is_some() || !first.is_ascii_digit() {
            return japanese;
        }
        parse_english(look).or_else(|| parse_coded(look)).or_else(|| parse_day_first(look))
    }

    fn of(end: usize, year: u32) -> Self {
        Self { end, compact: false, year: Some(year), partial: false }
    }

    /// 22年9月4日 without its era, 880614, 3630517 with a digit for the era.
    pub(super) fn parse_partial(look: &Look<'_>) -> Option<Self> {
        let first = look.peek(look.start)?.to_digit(10)?;
        let digits_end = look.skip(look.start, 8, |letter| letter.is_ascii_digit());
        let coded = digits_end == look.start + 7 && (1..=5).contains(&first);
        if digits_end == look.start + 6 || coded {
            let parts = |at: usize| look.scene.text[at..at + 2].parse().ok();
            let (month, day) = (parts(digits_end - 4)?, parts(digits_end - 2)?);
            let ends = look.peek(digits_end).is_none_or(|letter| !letter.is_ascii_alphanumeric());
            let date = Self { end: digits_end, compact: true, year: None, partial: true };
            // A leap year, so that no day is refused for a year that is not known.
            return (ends && exists(LEAP_YEAR, month, day)).then_some(date);
        }
        let (year, at) = number(look, look.start)?;
        let at = skip_gap(look, at);
        let at = look.reads(at, "年").then_some(at + "年".len())?;
        let date = Self::parse_worded(look, LEAP_YEAR, at).filter(|_| (1..=64).contains(&year))?;
        Some(Self { year: None, partial: true, ..date })
    }

    /// 50年7月26日 or 47/04/02 behind a choice of eras: 昭和・平成 50年7月26日.
    pub(super) fn parse_chosen(look: &Look<'_>) -> Option<Self> {
        let (year, at) = number(look, look.start)?;
        let spaced = skip_gap(look, at);
        let separator = look.peek(spaced)?;
        let next = spaced + separator.len_utf8();
        let date = if separator == '年' {
            Self::parse_worded(look, LEAP_YEAR, next)
        } else if is_separator(separator) {
            Self::parse_short(look, LEAP_YEAR, next, separator, true)
        } else {
            None
        };
        date.filter(|_| (1..=64).contains(&year)).map(|date| Self { year: None, ..date })
    }

    fn parse_japanese(look: &Look<'_>) -> Option<Self> {
        let (year, at, is_era) = year(look)?;
        let spaced = skip_gap(look, at);
        let separator = look.peek(spaced)?;
        let next = spaced + separator.len_utf8();
        if separator == '年' {
            return Self::parse_worded(look, year, next);
        }
        if is_separator(separator) {
            return Self::parse_short(look, year, next, separator, is_era);
        }
        if is_era && spaced > at && separator.is_ascii_digit() {
            return Self::parse_apart(look, year, spaced);
        }
        if at == spaced && separator.is_ascii_digit() { Self::parse_compact(look, year, at) } else { None }
    }

    fn parse_worded(look: &Look<'_>, year: u32, at: usize) -> Option<Self> {
        let at = skip_gap(look, skip_other_year(look, skip_gap(look, at)));
        // 「昭和三年の八月十七日」, as people say it.
        let at = look.skip(at, 1, |letter| letter == 'の');
        let (month, at) = number(look, at)?;
        if look.peek(at) == Some('/') {
            let (day, end) = number(look, at + 1)?;
            return exists(year, month, day).then_some(Self::of(end, year));
        }
        let at = skip_gap(look, at);
        let at = look.reads(at, "月").then(|| skip_gap(look, at + "月".len()))?;
        let (day, at) = number(look, at)?;
        let at = skip_gap(look, at);
        let end = look.reads(at, "日").then_some(at + "日".len())?;
        exists(year, month, day).then_some(Self::of(end, year))
    }

    fn parse_short(look: &Look<'_>, year: u32, at: usize, separator: char, is_era: bool) -> Option<Self> {
        let (month, at) = number(look, look.skip_spaces(at, 2))?;
        let at = look.skip_spaces(at, 1);
        let second = look.peek(at)?;
        let same = second == separator || (is_hyphen(second) && is_hyphen(separator));
        let at = same.then_some(look.skip_spaces(at + second.len_utf8(), 2))?;
        let (day, end) = number(look, at)?;
        let goes_on = look.peek(end).is_some_and(|letter| {
            let joins = letter == separator && letter != '.' || (letter == '.' && !is_era);
            letter.is_ascii_alphanumeric()
                || (joins && look.peek(end + letter.len_utf8()).is_some_and(|it| it.is_ascii_digit()))
        });
        (!goes_on && exists(year, month, day)).then_some(Self::of(end, year))
    }

    /// Month and day behind the year with only space between, as in the boxes of a form: 昭和 54 7 26.
    fn parse_apart(look: &Look<'_>, year: u32, at: usize) -> Option<Self> {
        let (month, at) = number(look, at)?;
        let next = skip_gap(look, at);
        let (day, end) = number(look, (next > at).then_some(next)?)?;
        let ends = look.peek(end).is_none_or(|letter| !letter.is_alphanumeric() && !"-./:".contains(letter));
        (ends && exists(year, month, day)).then_some(Self::of(end, year))
    }

    /// Month and day in four digits behind the year.
    fn parse_compact(look: &Look<'_>, year: u32, at: usize) -> Option<Self> {
        let mut value = 0;
        for place in 0..4 {
            value = value * 10 + look.peek(at + place)?.to_digit(10)?;
        }
        let ends = look.peek(at + 4).is_none_or(|letter| !letter.is_ascii_alphanumeric());
        let date = exists(year, value / 100, value % 100);
        (ends && date).then_some(Self { compact: true, ..Self::of(at + 4, year) })
    }
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `12 APR 1991`, `April 12, 1991`.
fn parse_english(look: &Look<'_>) -> Option<Date> {
    let is_joint = |letter: char| " -.,\n".contains(letter);
    let month_at = |at: usize| {
        let end = look.skip(at, 9, |letter| letter.is_ascii_alphabetic());
        let word = look.scene.text[at..end].to_ascii_lowercase();
        let month = MONTHS.iter().position(|month| word.starts_with(month))? as u32 + 1;
        Some((month, look.skip(end, 2, is_joint)))
    };
    let day_at = |at: usize| {
        let (day, at) = number(look, at)?;
        let at =
            ["st", "nd", "rd", "th"].iter().find(|end| look.reads(at, end)).map_or(at, |end| at + end.len());
        let next = look.skip(at, 2, is_joint);
        (next > at).then_some((day, next))
    };
    let is_digit = look.peek(look.start)?.is_ascii_digit();
    let (day, month, at) = if is_digit {
        let (day, at) = day_at(look.start)?;
        let (month, at) = month_at(at)?;
        (day, month, at)
    } else {
        let (month, at) = month_at(look.start)?;
        let (day, at) = day_at(at)?;
        (day, month, at)
    };
    let (year, end) = western_year(look, at)?;
    let ends = look.peek(end).is_none_or(|letter| !letter.is_ascii_alphanumeric());
    (ends && exists(year, month, day)).then_some(Date::of(end, year))
}

/// `07/11/1985`, in which either of the first two may be the month.
fn parse_day_first(look: &Look<'_>) -> Option<Date> {
    let (one, at) = number(look, look.start)?;
    let separator = look.peek(at).filter(|letter| "/.-".contains(*letter))?;
    let (other, at) = number(look, at + 1)?;
    let (year, end) = western_year(look, (look.peek(at) == Some(separator)).then_some(at + 1)?)?;
    let ends = look.peek(end).is_none_or(|letter| !letter.is_ascii_alphanumeric() && !"/-".contains(letter));
    let is_date = exists(year, one, other) || exists(year, other, one);
    (ends && is_date).then_some(Date::of(end, year))
}

/// `3-48.06.19`: the form of pension offices, with a digit for the era. Which digit stands for which differs from form to
/// form, so that only month and day can be wrong.
fn parse_coded(look: &Look<'_>) -> Option<Date> {
    look.peek(look.start)?.to_digit(10)?;
    // 3 45 11 07: in the boxes of a form.
    let is_joint = |letter: &char| matches!(letter, '-' | ' ') || is_hyphen(*letter);
    let hyphen = look.peek(look.start + 1).filter(is_joint)?;
    let at = look.start + 1 + hyphen.len_utf8();
    // 3-630517
    let digits_end = look.skip(at, 7, |letter| letter.is_ascii_digit());
    if digits_end == at + 6 {
        let parts = |at: usize| look.scene.text[at..at + 2].parse().ok();
        let (month, day) = (parts(at + 2)?, parts(at + 4)?);
        let ends =
            look.peek(digits_end).is_none_or(|letter| !letter.is_ascii_alphanumeric() && letter != '-');
        let date = Date { end: digits_end, compact: true, year: None, partial: false };
        return (ends && exists(LEAP_YEAR, month, day)).then_some(date);
    }
    let (year, at) = number(look, at)?;
    let separator = look.peek(at).filter(|letter| *letter == '.' || *letter == hyphen)?;
    let (month, at) = number(look, at + separator.len_utf8())?;
    let (day, end) = number(look, (look.peek(at) == Some(separator)).then_some(at + separator.len_utf8())?)?;
    let ends = look.peek(end).is_none_or(|letter| !letter.is_ascii_alphanumeric() && letter != '-');
    // A leap year, so that no day is refused for a year that is not known.
    (ends && (1..=64).contains(&year) && exists(LEAP_YEAR, month, day)).then_some(Date {
        end,
        compact: true,
        year: None,
        partial: hyphen == ' ',
    })
}

/// The western year with which the look begins, where it ends, and whether it was told by era.
fn year(look: &Look<'_>) -> Option<(u32, usize, bool)> {
    let first = look.peek(look.start)?;
    if digit_of(first).is_some() {
        return western_year(look, look.start).map(|(year, at)| (year, at, false));
    }
    for era in &look.scene.tables.eras {
        let behind = if first == era.letter {
            // H 03-01-28
            look.skip(look.start + 1, 1, |letter| letter == '.' || letter == ' ')
        } else if era.name.starts_with(first) {
            // 昭和, 昭 和, and 昭 for short
            let second = era.name.chars().nth(1)?;
            let at = look.start + first.len_utf8();
            let apart = look.skip_spaces(at, 1);
            let named = look.peek(apart) == Some(second);
            skip_gap(look, if named { apart + second.len_utf8() } else { at })
        } else {
            continue;
        };
        let (number, at) = match look.peek(behind) {
            Some('元') => (1, behind + '元'.len_utf8()),
            // S480711
            _ if first == era.letter && look.skip(behind, 7, |it| it.is_ascii_digit()) == behind + 6 => {
                (look.scene.text[behind..behind + 2].parse().ok()?, behind + 2)
            }
            _ => number(look, behind)?,
        };
        return (1..=era.years).contains(&number).then_some((era.first + number - 1, at, true));
    }
    None
}

fn western_year(look: &Look<'_>, mut at: usize) -> Option<(u32, usize)> {
    let is_kanji = !look.peek(at)?.is_ascii();
    let mut year = 0;
    for _ in 0..4 {
        let letter = look.peek(at)?;
        let digit = match letter {
            '○' | '◯' if is_kanji => 0,
            _ if letter.is_ascii() == is_kanji => return None,
            _ => digit_of(letter)?,
        };
        year = year * 10 + u32::from(digit);
        at += letter.len_utf8();
    }
    YEARS.contains(&year).then_some((year, at))
}

/// Behind the other year in brackets, if there is one.
fn skip_other_year(look: &Look<'_>, at: usize) -> usize {
    if look.peek(at) != Some('(') {
        return at;
    }
    let inner = look.skip(at + 1, OTHER_YEAR_MAX, |letter| letter != ')' && letter != '\n');
    if look.peek(inner) == Some(')') { inner + 1 } else { at }
}

/// A number of one or two digits, or up to 九十九 in kanji.
fn number(look: &Look<'_>, start: usize) -> Option<(u32, usize)> {
    let (mut at, mut value, mut tens, mut count) = (start, 0, 0, 0);
    let is_kanji = !look.peek(at)?.is_ascii();
    while let Some(letter) = look.peek(at) {
        match digit_of(letter).or_else(|| formal_digit_of(letter)) {
            Some(digit) if letter.is_ascii() != is_kanji => value = value * 10 + u32::from(digit),
            None if is_kanji && matches!(letter, '十' | '拾') && tens == 0 => {
                tens = value.max(1) * 10;
                value = 0;
            }
            _ => break,
        }
        count += 1;
        at += letter.len_utf8();
        if count > 3 {
            return None;
        }
    }
    if let Some((second, next)) = apart_digit(look, at).filter(|_| count == 1 && !is_kanji) {
        (value, at) = (value * 10 + second, next);
    }
    let digits_max = if is_kanji { 3 } else { 2 };
    (count > 0 && count <= digits_max && value < 100).then_some((tens + value, at))
}

/// The second digit of a number in boxes: 6 3 年.
fn apart_digit(look: &Look<'_>, at: usize) -> Option<(u32, usize)> {
    let second = look.skip_spaces(at, 1);
    let digit = look.peek(second).filter(|_| second > at)?.to_digit(10)?;
    let unit = look.peek(look.skip_spaces(second + 1, 1))?;
    "年月日".contains(unit).then_some((digit, second + 1))
}

/// 大字, as old registers have them.
fn formal_digit_of(letter: char) -> Option<u8> {
    "壱弐参肆伍陸漆捌玖".chars().position(|digit| digit == letter).map(|place| place as u8 + 1)
}

fn is_separator(letter: char) -> bool {
    "./-・".contains(letter) || is_hyphen(letter)
}

fn exists(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day) && YEARS.contains(&year)
}

fn skip_gap(look: &Look<'_>, at: usize) -> usize {
    look.skip(at, GAP_MAX, |letter| matches!(letter, ' ' | '\n' | '\r'))
}
