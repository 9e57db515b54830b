//! Dates of birth: a date with a word of birth before it, behind it, or at the head of its column.

mod owner;

use std::ops::Range;

use super::{cue::Sense, data::Form, date::Date, judge::is_cell, scene::Look};
use crate::Kind;

/// A word of birth stands at most so far from the date.
const CUE_CHARS_MAX: usize = 25;
/// 生年月日 stands so near that nothing else can be meant.
const CLOSE_CHARS: usize = 8;
/// And so near that even 880614 is a date.
const TOUCH_CHARS: usize = 3;
/// Between a label and its date.
const LABEL_BYTES_MAX: usize = 6;
/// Words behind are looked for in so many characters of the sentence.
const BEHIND_CHARS_MAX: usize = 30;
/// Whom a text of today speaks of was mostly born before this year, and what happened to a date of birth in this sentence or
/// the next mostly came later.
const GROWN_UP_YEAR: u32 = 2015;

/// Why a date is one of birth.
pub(super) struct Birth {
    pub(super) confidence: f32,
    /// Bytes of the normalised text.
    pub(super) cue: Option<Range<usize>>,
    pub(super) column: bool,
    /// A key of `evidence-…`, or nothing.
    pub(super) note: &'static str,
}

/// Judges the date that begins with the look, if one does, and says where it ends.
pub(super) fn judge(look: &Look<'_>) -> Option<(usize, Birth)> {
    if !begins_date(look) || is_choice(look) {
        return None;
    }
    let date = Date::parse(look).or_else(|| partial_date(look))?;
    let birth = |confidence, cue, note| Some((date.end, Birth { confidence, cue, column: false, note }));
    let before = if since_then(look, date.end) { WordBefore::Other } else { word_before(look, &date) };
    if let WordBefore::Birth { cue, chars } = &before
        && (*chars <= CLOSE_CHARS || !date.compact)
        && (*chars <= TOUCH_CHARS || !date.partial || !date.compact)
    {
        let confidence = if *chars <= CLOSE_CHARS { 0.97 } else { 0.85 };
        return birth(confidence, Some(cue.clone()), "");
    }
    let is_column = look.scene.columns().at(look.origin) == Some(Kind::DateOfBirth);
    if is_column && is_cell(look, date.end) {
        return Some((date.end, Birth { confidence: 0.95, cue: None, column: true, note: "" }));
    }
    if let Some(cue) = born_behind(look, date.end).filter(|_| !date.compact) {
        return birth(0.93, Some(cue), "evidence-cue-after");
    }
    // A word that says what else the date is takes it away: 発行日 2024年5月1日.
    if date.partial || matches!(before, WordBefore::Other) {
        return None;
    }
    let grown_up = date.year.is_some_and(|year| year < GROWN_UP_YEAR);
    if let Some(cue) =
        sex_behind(look, date.end).or_else(|| sex_before(look).filter(|_| grown_up && !date.compact))
    {
        return birth(0.75, Some(cue), "evidence-sex");
    }
    if date.compact {
        return None;
    }
    if let Some(cue) = by_word_behind(look, date.end) {
        return birth(0.85, Some(cue), "evidence-cue-after");
    }
    if let Some(cue) = age_behind(look, date.end) {
        return birth(0.6, Some(cue), "evidence-age");
    }
    if let Some(cue) = contact_behind(look, date.end).filter(|_| grown_up) {
        return birth(0.6, Some(cue), "evidence-contact");
    }
    let year = date.year.filter(|_| grown_up)?;
    owner::before(look, date.end, year).and_then(|cue| birth(0.7, Some(cue), "evidence-owner"))
}

/// A date without its era, unless the era stands before it. Of a choice of eras, the last does not.
fn partial_date(look: &Look<'_>) -> Option<Date> {
    let mut at = look.start;
    while look.before(at) == Some(' ') {
        at -= 1;
    }
    if !look.before(at).is_some_and(|before| ends_era(look, before)) {
        return Date::parse_partial(look);
    }
    if ends_choice(look, at) { Date::parse_chosen(look) } else { None }
}

/// Whether the look begins with the last of some eras to choose from: 昭和・平成 4年.
fn is_choice(look: &Look<'_>) -> bool {
    let named = look.scene.tables.eras.iter().find_map(|era| {
        let letter = (look.peek(look.start) == Some(era.letter)).then_some(1);
        letter.or_else(|| look.reads(look.start, &era.name).then_some(era.name.len()))
    });
    let end = named.map(|len| look.start + len).filter(|end| look.peek(*end) == Some(' '));
    end.is_some_and(|end| ends_choice(look, end))
}

/// Whether the era that ends at `at` stands behind another one, with no more than marks between.
fn ends_choice(look: &Look<'_>, at: usize) -> bool {
    let is_mark = |letter: char| " ・/、,☑□■○●レ✓()".contains(letter);
    let era = look.scene.text[..at].chars().rev().take_while(|letter| !is_mark(*letter));
    let start = at - era.take(2).map(char::len_utf8).sum::<usize>();
    let mut other = start;
    while look.before(other).is_some_and(is_mark) {
        other -= look.before(other).map_or(0, char::len_utf8);
    }
    other < start && look.before(other).is_some_and(|before| ends_era(look, before))
}

fn ends_era(look: &Look<'_>, last: char) -> bool {
    look.scene.tables.eras.iter().any(|era| era.name.ends_with(last) || era.letter == last)
}

/// Not inside a word, a longer number or an amount.
fn begins_date(look: &Look<'_>) -> bool {
    let Some(before) = look.before(look.start) else { return true };
    let is_wide_start = look.peek(look.start).is_some_and(|letter| !letter.is_ascii());
    if is_wide_start && !before.is_ascii() {
        return super::chain::digit_of(before).is_none();
    }
    // 海老原 定／昭和20年9月9日
    let ends_name = |at: usize| look.before(at).is_some_and(|letter| !letter.is_ascii());
    !before.is_ascii_alphanumeric()
        && !"-_./¥$".contains(before) | (before == '/' && ends_name(look.start - 1))
}

/// 「令和6年4月1日から」: something happens from then on, and nobody is born.
fn since_then(look: &Look<'_>, end: usize) -> bool {
    ["から", "まで", "以降", "以前", "付", "現在", "時点", "施行", "改正", "開始"]
        .iter()
        .any(|word| look.reads(end, word))
}

/// The nearest word before that speaks of dates.
enum WordBefore {
    None,
    Birth { cue: Range<usize>, chars: usize },
    Other,
}

fn word_before(look: &Look<'_>, date: &Date) -> WordBefore {
    let rule = look.scene.tables.rule_of(Form::Date);
    for hit in look.cues_before() {
        let gap = look.gap(hit);
        let chars = gap.chars().count();
        // 「お生まれはいつですか。昭和三年…」
        let answers = date.year.is_some_and(|year| year < GROWN_UP_YEAR) && !date.compact;
        if chars > CUE_CHARS_MAX || (gap.contains('。') && !(answers && gap.matches('。').count() == 1)) {
            break;
        }
        for sense in look.scene.tables.lexicon.senses(hit) {
            match sense {
                // Another date stands between: the word was for that one.
                Sense::Rule { rule: of, .. } if *of == rule && has_date(gap) => return WordBefore::None,
                // 出生数, 誕生日会
                Sense::Rule { rule: of, .. } if *of == rule && gap.starts_with(['数', '率', '会', '祝']) =>
                {
                    return WordBefore::Other;
                }
                Sense::Rule { rule: of, .. } if *of == rule => {
                    // 「生年月日 3:昭和 4:平成 3-451107」: what the digits mean is no distance.
                    let explains = gap.contains("昭和") || gap.contains("平成");
                    let chars = if explains { chars.min(CLOSE_CHARS) } else { chars };
                    return WordBefore::Birth { cue: hit.start()..hit.end(), chars };
                }
                Sense::NotDate if !gap.contains('\n') || chars <= CLOSE_CHARS => return WordBefore::Other,
                _ => {}
            }
        }
    }
    let text = look.scene.text;
    // 「／生 1990-01-05」
    let label = text[..look.start].trim_end_matches([' ', ':', '=']);
    let is_wide = |letter: char| letter.is_alphanumeric();
    if let Some(rest) = label.strip_suffix('生')
        && label.len() + TOUCH_CHARS >= look.start
        && look.before(rest.len()).is_none_or(|letter| !is_wide(letter))
    {
        return WordBefore::Birth { cue: rest.len()..label.len(), chars: 1 };
    }
    // 手術日, 納品年月日: a day of an unknown sort.
    let label = look.scene.text[..look.start].trim_end_matches([' ', ':', '(', '=', '・', '\t']);
    let of_what = label.strip_suffix("年月日").or_else(|| label.strip_suffix('日'));
    let is_label = label.len() + LABEL_BYTES_MAX >= look.start
        && of_what.is_some_and(|it| it.ends_with(|letter| matches!(letter, '一'..='龠' | 'ァ'..='ヺ')));
    if is_label { WordBefore::Other } else { WordBefore::None }
}

fn has_date(gap: &str) -> bool {
    gap.contains('年') || gap.bytes().filter(u8::is_ascii_digit).count() > 4
}

/// 「昭和45年3月2日生」, 「…生まれ」 directly behind; 生 begins many other words.
fn born_behind(look: &Look<'_>, end: usize) -> Option<Range<usize>> {
    let at = look.skip(end, 2, |letter| matches!(letter, ' ' | ')'));
    let at = if look.peek(at) == Some('生') { at } else { return None };
    let behind = at + '生'.len_utf8();
    let other = look
        .peek(behind)
        .is_some_and(|letter| "年日産徒活命物存態涯育理成鮮演放誕前後効計協保還花息体長来".contains(letter));
    (!other).then_some(at..behind)
}

fn by_word_behind(look: &Look<'_>, end: usize) -> Option<Range<usize>> {
    let rule = look.scene.tables.rule_of(Form::Date);
    let ends = |letter: char| matches!(letter, '。' | '\n' | '|' | '\t' | ';');
    let ceiling = look.skip(end, BEHIND_CHARS_MAX, |letter| !ends(letter));
    // The character behind decides where a Latin word ends.
    look.peek(ceiling);
    for hit in look.cues_after(end, ceiling) {
        let senses = look.scene.tables.lexicon.senses(hit);
        if senses.contains(&Sense::NotDate) {
            return None;
        }
        if !senses.iter().any(|sense| matches!(sense, Sense::Rule { rule: of, .. } if *of == rule)) {
            continue;
        }
        let gap = &look.scene.text[end..hit.start()];
        // 「3月2日、東京都で生まれた」「…に、二女は…に出生した」: only the verb reaches over a comma.
        let is_verb = ["生まれ", "出生し", "出生の", "誕生し"]
            .iter()
            .any(|verb| look.scene.text[hit.start()..].starts_with(verb));
        let near =
            !gap.contains(['、', ',', '/']) && gap.chars().count() <= CUE_CHARS_MAX / 2 && !has_date(gap);
        // 「…、誕生日:」 speaks of the date behind it.
        let next = look.skip(hit.end(), 4, |letter| " :=は\"'".contains(letter));
        let owns_next =
            look.peek(next).is_some_and(|letter| letter.is_ascii_digit() || "明大昭平令".contains(letter));
        return ((near || is_verb) && !owns_next).then(|| hit.start()..hit.end());
    }
    None
}

/// 男, 女, M or F in the next cell: 「19510317|F」「1951/3/17 男」. Of people one notes sex and birth side by side.
fn sex_behind(look: &Look<'_>, end: usize) -> Option<Range<usize>> {
    let is_joint = |letter: char| " \t,|/、・^(".contains(letter);
    let next = look.skip(end, 3, is_joint);
    let sex = look.peek(next).filter(|letter| "男女MF".contains(*letter) && next > end)?;
    let behind = next + sex.len_utf8();
    let behind = look.skip(behind, 1, |letter| letter == '性');
    let ends = look.peek(behind).is_none_or(|letter| !letter.is_alphanumeric());
    ends.then_some(next..behind)
}

/// 男, 女 in the cell before: 「山田太郎 男 昭和45年3月2日」.
fn sex_before(look: &Look<'_>) -> Option<Range<usize>> {
    let mut at = look.start;
    while at > look.start.saturating_sub(6) && look.before(at).is_some_and(|it| " \t,|/、・:)".contains(it))
    {
        at -= look.before(at).map_or(0, char::len_utf8);
    }
    let end = at;
    if look.before(at) == Some('性') {
        at -= '性'.len_utf8();
    }
    let sex = look.before(at).filter(|letter| "男女".contains(*letter) && end < look.start)?;
    let start = at - sex.len_utf8();
    let begins = look.before(start).is_none_or(|letter| !letter.is_alphabetic());
    begins.then_some(start..end)
}

/// A telephone number in the next cell: rows of name, birth and telephone.
fn contact_behind(look: &Look<'_>, end: usize) -> Option<Range<usize>> {
    let next = look.skip(end, 3, |letter| " \t,|、".contains(letter));
    let area = look.skip(next, 5, |letter| letter.is_ascii_digit());
    let is_phone =
        next > end && look.peek(next) == Some('0') && area > next + 1 && look.peek(area) == Some('-');
    is_phone.then_some(next..area)
}

/// 「(55歳)」 behind.
fn age_behind(look: &Look<'_>, end: usize) -> Option<Range<usize>> {
    let at = look.skip_spaces(end, 1);
    let open = look.skip(at, 1, |letter| letter == '(');
    let open = look.skip(open, 1, |letter| letter == '満');
    let digits = look.skip(open, 3, |letter| letter.is_ascii_digit());
    let is_age = open > at && digits > open && (look.reads(digits, "歳") || look.reads(digits, "才"));
    is_age.then_some(open..digits)
}
