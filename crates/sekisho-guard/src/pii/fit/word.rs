//! Words of letters and digits: passports, residence cards, and what only its cue makes a number.

use super::{Fit, counts, ends, is_date, is_joined, log_odds, of_bare_invoice};
use crate::pii::{
    chain::{Chain, Group, Joint, digit_of},
    data::Rule,
    scene::Look,
};

/// T and thirteen digits: the number of a qualified invoice issuer is the corporate number.
pub(super) fn of_invoice(look: &Look<'_>, index: usize) -> Option<Fit> {
    if !matches!(look.peek(look.start), Some('T' | 't')) {
        return None;
    }
    let at = look.skip(look.start + 1, 1, |letter| letter == '-' || letter == ' ');
    look.peek(at)?.to_digit(10)?;
    let chain = Chain::parse(look, at)?;
    let mut fit = of_bare_invoice(look, &chain, index)?;
    fit.shape = log_odds(if fit.check == Some(true) { 0.95 } else { 0.4 });
    Some(fit)
}

/// Letters, digits, letters: TK1234567, AB12345678CD. The digits may be grouped or broken over a line, and all of it read
/// aloud: B、M、二九四〇七七一八、E、B.
pub(super) fn of_letters(look: &Look<'_>, index: usize, rule: &Rule) -> Option<Fit> {
    let joint = |at: usize| look.skip(at, 1, |letter| matches!(letter, ' ' | '-' | '、' | ','));
    let letters = |at: usize, count: usize| {
        let mut end = at;
        for place in 0..count {
            let next = if place == 0 { end } else { joint(end) };
            end = look.skip(next, 1, |letter| letter.is_ascii_alphabetic());
            if end == next {
                return None;
            }
        }
        Some(end)
    };
    let start = joint(letters(look.start, rule.letters.0)?);
    digit_of(look.peek(start)?)?;
    let chain = Chain::parse(look, start)?;
    let place = chain.groups().iter().position(|group| group.total == rule.digits[0])?;
    let groups = &chain.groups()[..=place];
    if !groups[1..].iter().all(|group| matches!(group.joint, Joint::Hyphen | Joint::Space | Joint::Line)) {
        return None;
    }
    let mut end = groups[place].end;
    if rule.letters.1 > 0 {
        let broken = look.skip(joint(end), 2, |letter| matches!(letter, '\r' | '\n'));
        end = letters(broken, rule.letters.1)?;
    }
    // The form is rare, but so are part numbers of that form.
    let shape = match (rule.letters.1 > 0, groups.len()) {
        (true, 1) => log_odds(0.55),
        (true, _) => log_odds(0.52),
        _ => -0.8,
    };
    ends_word(look, end).then_some(Fit::new(index, end, shape))
}

/// Much else has the form of a passport of another country.
const DIGITS_OF_PASSPORT: f32 = -3.8;

/// A passport of another country: a word of seven to nine letters and digits, most of them digits.
pub(super) fn of_foreign_passport(look: &Look<'_>, index: usize) -> Option<Fit> {
    let end = look.skip(look.start, 10, |letter| letter.is_ascii_alphanumeric());
    let word = &look.scene.text[look.start..end];
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let likely = (7..=9).contains(&word.len()) && digits >= 6 && ends_word(look, end);
    // TK12345O7: a digit of ours that was misread.
    let is_ours = word.len() == 9 && word.bytes().take(2).all(|byte| byte.is_ascii_alphabetic());
    likely.then_some(Fit::new(index, end, if is_ours { -2.4 } else { -3.6 }).near())
}

/// Only digits: of the United States, Taiwan and others in one piece, of Russia behind two of the series, 75 2048163.
pub(super) fn of_digits_of_passport(look: &Look<'_>, chain: &Chain, index: usize) -> Option<Fit> {
    let place = match chain.groups() {
        [series, number, ..] if series.len == 2 && number.len == 7 && number.joint == Joint::Space => 1,
        [number, ..] if number.len == 9 => 0,
        _ => return None,
    };
    let end = chain.groups()[place].end;
    ends(look, chain, place).then(|| Fit::new(index, end, DIGITS_OF_PASSPORT).near())
}

/// The second machine-readable line of a passport: TR44718205JPN9001014F, and with fill characters G44718203<1CHN900101.
pub(super) fn of_machine_line(look: &Look<'_>, index: usize) -> Option<Fit> {
    const NUMBER: usize = 9;
    const CERTAIN: f32 = 3.0;
    let is_number = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '<';
    let number = look.skip(look.start, NUMBER, is_number);
    let check = look.skip(number, 1, |letter| letter.is_ascii_digit() || letter == '<');
    let check = look.skip(check, 1, |letter| letter.is_ascii_digit());
    let country = look.skip(check, 3, |letter| letter.is_ascii_uppercase() || letter == '<');
    let birth = look.skip(country, 6, |letter| letter.is_ascii_digit());
    let whole =
        number == look.start + NUMBER && check > number && country == check + 3 && birth == country + 6;
    let written = look.scene.text[look.start..number].trim_end_matches('<');
    (whole && written.len() > 6).then(|| Fit::new(index, look.start + written.len(), CERTAIN))
}

/// Letters and digits apart: GB 440 918.
pub(super) fn of_apart_passport(look: &Look<'_>, index: usize) -> Option<Fit> {
    let letters = look.skip(look.start, 3, |letter| letter.is_ascii_uppercase());
    let digits = look.skip(letters, 1, |letter| letter == ' ' || letter == '-');
    let starts = (1..=2).contains(&(letters - look.start)) && digits > letters;
    let chain = starts.then(|| Chain::parse(look, digits)).flatten()?;
    let goes_on = |group: &&Group| matches!(group.joint, Joint::First | Joint::Space | Joint::Hyphen);
    let place = chain.groups().iter().take_while(goes_on).position(|group| (6..=8).contains(&group.total))?;
    let end = chain.groups()[place].end;
    ends(look, &chain, place).then(|| Fit::new(index, end, DIGITS_OF_PASSPORT).near())
}

fn ends_word(look: &Look<'_>, end: usize) -> bool {
    match look.peek(end) {
        Some('-') => look.peek(end + 1).is_none_or(|letter| !letter.is_ascii_alphanumeric()),
        Some('_') => !is_joined(look, end),
        Some(letter) => !letter.is_ascii_alphanumeric() && letter != '@',
        None => true,
    }
}

/// A word of letters and digits, or digits in groups, that only its cue makes a number.
pub(in crate::pii) fn of_any_token(look: &Look<'_>, numbers: Option<&Chain>, rule: usize) -> Option<Fit> {
    let groups = numbers.and_then(|chain| of_token_groups(look, chain, rule));
    let word = of_token(look, rule);
    match (groups, word) {
        (Some(groups), Some(word)) => Some(if groups.end > word.end { groups } else { word }),
        (groups, word) => word.or(groups),
    }
}

/// P-00123.
fn of_token(look: &Look<'_>, rule: usize) -> Option<Fit> {
    const CHARS_MAX: usize = 20;
    let mut end = look.skip(look.start, CHARS_MAX, |letter| letter.is_ascii_alphanumeric() || letter == '-');
    if look.peek(end).is_some_and(|letter| {
        letter.is_ascii_alphanumeric() || "-@_.".contains(letter) && is_joined(look, end)
    }) {
        return None;
    }
    let text = &look.scene.text[look.start..end];
    end -= text.len() - text.trim_end_matches('-').len();
    let text = &look.scene.text[look.start..end];
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let mixed = digits < text.len();
    (digits >= 3 && !counts(look, end)).then_some(Fit::new(rule, end, shape_of_token(digits, mixed)).near())
}

/// The same in groups apart, over the end of a line, or read aloud: 1234 5678, 八八の四〇一七.
fn of_token_groups(look: &Look<'_>, chain: &Chain, rule: usize) -> Option<Fit> {
    let groups = chain.groups();
    let apart = |group: &Group| matches!(group.joint, Joint::First | Joint::Hyphen | Joint::Space);
    // 00 481 9276: nothing else stands in the line.
    let last = groups.last().filter(|last| groups.iter().all(apart) && (5..=12).contains(&last.total));
    let is_line = last.is_some_and(|last| look.peek(last.end).is_none_or(|letter| letter == '\n'));
    let goes_on = |group: &&Group| match group.joint {
        Joint::First | Joint::Hyphen => true,
        Joint::Space => is_line || group.len == groups[0].len,
        _ => false,
    };
    let count = groups.iter().take_while(goes_on).count();
    let last = groups.get(count.checked_sub(1)?)?;
    if last.total < 3 || !ends(look, chain, count - 1) || is_date(&groups[..count], chain.digits(last)) {
        return None;
    }
    Some(Fit::new(rule, last.end, shape_of_token(last.total, count > 1)).near())
}

/// Five digits, or fewer with letters, are a number rather than a year or a count.
fn shape_of_token(digits: usize, mixed: bool) -> f32 {
    if digits >= 5 || mixed { -3.2 } else { -4.6 }
}
