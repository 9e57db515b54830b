//! Whose date of birth it may be: a person directly before the date, with a bracket or a space between.

use std::ops::Range;

use crate::{
    names::lexicon::{Class, Classes, Lexicon},
    pii::{cue::Sense, scene::Look},
};

/// Between a person and the date.
const JOINTS_MAX: usize = 3;
/// A full name with its space.
const NAME_CHARS_MAX: usize = 10;
const SURNAME_CHARS_MAX: usize = 4;
const GIVEN_CHARS_MAX: usize = 5;
/// What happened on a day stands directly behind it: 入社, 付.
const BEHIND_CHARS: usize = 8;
const HONORIFICS: [&str; 7] = ["様", "さん", "さま", "氏", "殿", "くん", "ちゃん"];
const RELATIVES: [&str; 20] = [
    "本人",
    "妻",
    "夫",
    "父",
    "母",
    "子",
    "長男",
    "長女",
    "次男",
    "次女",
    "二男",
    "二女",
    "三男",
    "三女",
    "孫",
    "養子",
    "養女",
    "配偶者",
    "世帯主",
    "被相続人",
];
/// Who is spoken of in a form, and who only signs it with the day.
const SUBJECTS: [&str; 14] = [
    "本人",
    "氏名",
    "名前",
    "患者",
    "児童",
    "園児",
    "生徒",
    "受診者",
    "傷病者",
    "申請者",
    "対象者",
    "対象児",
    "被保険者",
    "利用者",
];
const SIGNERS: [&str; 20] = [
    "作成",
    "承認",
    "確認",
    "記入",
    "決裁",
    "起案",
    "検印",
    "検収",
    "受付",
    "査閲",
    "更新",
    "投稿",
    "著者",
    "撮影",
    "署名",
    "文責",
    "責任者",
    "議長",
    "作成者",
    "from",
];
/// A day behind a name with only a space between may be that of a signature, unless it lies further back.
const SIGNED_YEAR: u32 = 1996;
const SURNAMES: Classes = Class::Surname.bit() | Class::SurnameKana.bit() | Class::SurnameHiragana.bit();
const GIVEN: Classes = Class::Given.bit() | Class::GivenKana.bit() | Class::GivenHiragana.bit();

/// The person before, if one stands there and nothing behind the date says what else happened on it.
pub(super) fn before(look: &Look<'_>, end: usize, year: u32) -> Option<Range<usize>> {
    let mut at = look.start;
    for _ in 0..JOINTS_MAX {
        match look.before(at) {
            Some(letter) if " (,、|\t/:^".contains(letter) => at -= letter.len_utf8(),
            _ => break,
        }
    }
    let mut start = at;
    for _ in 0..NAME_CHARS_MAX {
        match look.before(start) {
            Some(letter) if is_letter(letter) || letter == ' ' => start -= letter.len_utf8(),
            _ => break,
        }
    }
    let name = &look.scene.text[start..at];
    let loose = look.scene.text[at..look.start].trim_matches(' ').is_empty();
    let found = at < look.start && is_person(name) && !is_event(look, end);
    (found && is_subject(look, start, name, loose && year >= SIGNED_YEAR))
        .then(|| at - name.trim_start().len()..at)
}

/// Whether the person is one of whom the text speaks rather than one who signs it.
fn is_subject(look: &Look<'_>, start: usize, name: &str, may_sign: bool) -> bool {
    const LABEL_CHARS_MAX: usize = 8;
    let mut from = start;
    for _ in 0..LABEL_CHARS_MAX {
        match look.before(from) {
            Some(letter) if letter != '\n' => from -= letter.len_utf8(),
            _ => break,
        }
    }
    let around = look.scene.text[from..start + name.len()].to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| around.contains(word));
    !has(&SIGNERS)
        && (!may_sign
            || has(&SUBJECTS)
            || RELATIVES.iter().any(|word| name.split(' ').any(|part| part == *word)))
}

fn is_letter(letter: char) -> bool {
    matches!(letter, '一'..='龠' | '々' | 'ぁ'..='ん' | 'ァ'..='ヶ' | 'ー')
}

/// Whether the last words are a person: with an honorific, by kinship, or a surname and a given name of which one at least
/// is known where a space parts them, and both are where none does.
fn is_person(text: &str) -> bool {
    let lexicon = crate::names::lexicon();
    let mut words = text.rsplit(' ').filter(|word| !word.is_empty());
    let Some(last) = words.next() else { return false };
    let addressed = HONORIFICS.iter().any(|title| last.len() > title.len() && last.ends_with(title));
    if addressed || RELATIVES.contains(&last) {
        return true;
    }
    let count = last.chars().count();
    if let Some(surname) = words.next()
        && RELATIVES.contains(&surname)
    {
        return true;
    }
    if let Some(surname) = text.rsplit(' ').filter(|word| !word.is_empty()).nth(1)
        && count <= GIVEN_CHARS_MAX
        && surname.chars().count() <= SURNAME_CHARS_MAX
        && (lexicon.is_word(surname, SURNAMES) || lexicon.is_word(last, GIVEN))
    {
        return true;
    }
    is_full_name(lexicon, last)
}

fn is_full_name(lexicon: &Lexicon, word: &str) -> bool {
    let splits = word.char_indices().skip(1).take(SURNAME_CHARS_MAX);
    splits
        .map(|(at, _)| word.split_at(at))
        .any(|(surname, given)| lexicon.is_word(surname, SURNAMES) && lexicon.is_word(given, GIVEN))
}

/// Whether something else happened on the day: 2010年4月1日入社, 2010/4/1 10:22, 2010年4月1日(木).
fn is_event(look: &Look<'_>, end: usize) -> bool {
    let behind = look.skip_spaces(end, 1);
    let time = look.skip(behind, 2, |letter| letter.is_ascii_digit());
    let weekday =
        look.peek(end) == Some('(') && look.peek(end + 1).is_some_and(|it| "月火水木金土日".contains(it));
    let ceiling = look.skip(end, BEHIND_CHARS, |letter| letter != '\n');
    // The character behind decides where a Latin word ends.
    look.peek(ceiling);
    let other = |sense: &Sense| matches!(sense, Sense::NotDate);
    let other_word = ["初版", "刊", "発売", "放送", "公開", "着任", "就任", "付"]
        .iter()
        .any(|word| look.reads(behind, word));
    weekday
        || other_word
        || time > behind && look.peek(time) == Some(':')
        || look.cues_after(end, ceiling).any(|hit| look.scene.tables.lexicon.senses(hit).iter().any(other))
}
