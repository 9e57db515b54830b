//! Dates of birth: a date with a word of birth before it, behind it, or at the head of its column.

use std::ops::Range;

use super::{
    cue::Sense,
    data::Form,
    date::Date,
    fit::CUE_CHARS_MAX,
    judge::{is_cell, reach_after},
    scene::Look,
};
use crate::Kind;

/// 生年月日 stands so near that nothing else can be meant.
const CLOSE_CHARS: usize = 8;

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
    if !begins_date(look) {
        return None;
    }
    let date = Date::parse(look)?;
    let birth = |confidence, cue, note| Some((date.end, Birth { confidence, cue, column: false, note }));
    let before = if since_then(look, date.end) { WordBefore::Other } else { word_before(look) };
    if let WordBefore::Birth { cue, chars } = &before
        && (*chars <= CLOSE_CHARS || !date.compact)
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
    if date.compact || matches!(before, WordBefore::Other) {
        return None;
    }
    if let Some(cue) = by_word_behind(look, date.end) {
        return birth(0.85, Some(cue), "evidence-cue-after");
    }
    age_behind(look, date.end).and_then(|cue| birth(0.6, Some(cue), "evidence-age"))
}

/// Not inside a word, a longer number or an amount.
fn begins_date(look: &Look<'_>) -> bool {
    let Some(before) = look.before(look.start) else { return true };
    let is_wide_start = look.peek(look.start).is_some_and(|letter| !letter.is_ascii());
    if is_wide_start && !before.is_ascii() {
        return super::chain::digit_of(before).is_none();
    }
    !before.is_ascii_alphanumeric() && !"-_./¥$".contains(before)
}

/// 「令和6年4月1日から」: something happens from then on, and nobody is born.
fn since_then(look: &Look<'_>, end: usize) -> bool {
    ["から", "以降", "付", "現在", "時点", "施行", "改正", "開始"].iter().any(|word| look.reads(end, word))
}

/// The nearest word before that speaks of dates.
enum WordBefore {
    None,
    Birth { cue: Range<usize>, chars: usize },
    Other,
}

fn word_before(look: &Look<'_>) -> WordBefore {
    let rule = look.scene.tables.rule_of(Form::Date);
    for hit in look.cues_before() {
        let gap = look.gap(hit);
        let chars = gap.chars().count();
        if chars > CUE_CHARS_MAX || gap.contains('。') {
            break;
        }
        for sense in look.scene.tables.lexicon.senses(hit) {
            match sense {
                // Another date stands between: the word was for that one.
                Sense::Rule { rule: of, .. } if *of == rule && has_date(gap) => return WordBefore::None,
                Sense::Rule { rule: of, .. } if *of == rule => {
                    return WordBefore::Birth { cue: hit.start()..hit.end(), chars };
                }
                Sense::NotDate if !gap.contains('\n') || chars <= CLOSE_CHARS => return WordBefore::Other,
                _ => {}
            }
        }
    }
    WordBefore::None
}

fn has_date(gap: &str) -> bool {
    gap.contains('年') || gap.bytes().filter(u8::is_ascii_digit).count() > 4
}

/// 「昭和45年3月2日生」, 「…生まれ」 directly behind; 生 begins many other words.
fn born_behind(look: &Look<'_>, end: usize) -> Option<Range<usize>> {
    let at = look.skip(end, 2, |letter| matches!(letter, ' ' | ')'));
    let at = if look.peek(at) == Some('生') { at } else { return None };
    let behind = at + '生'.len_utf8();
    let other =
        look.peek(behind).is_some_and(|letter| "年日産徒活命物存態涯育理成鮮演放誕前後".contains(letter));
    (!other).then_some(at..behind)
}

fn by_word_behind(look: &Look<'_>, end: usize) -> Option<Range<usize>> {
    let rule = look.scene.tables.rule_of(Form::Date);
    let says = |sense: &Sense| matches!(sense, Sense::Rule { rule: of, .. } if *of == rule);
    // 「3月2日、東京都で生まれた」: only the verb reaches over a comma.
    let comma = look.skip(end, 1, |letter| letter == '、');
    let ceiling = reach_after(look, comma);
    let hit = look.cues_after(comma, ceiling).next()?;
    let is_birth = look.scene.tables.lexicon.senses(hit).iter().any(says);
    let is_verb = comma == end || look.scene.text[hit.start()..].starts_with("生まれ");
    // 「…、誕生日:」 speaks of the date behind it.
    let next = look.skip(hit.end(), 2, |letter| " :=は".contains(letter));
    let owns_next =
        look.peek(next).is_some_and(|letter| letter.is_ascii_digit() || "明大昭平令".contains(letter));
    (is_birth && is_verb && !owns_next).then(|| hit.start()..hit.end())
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
