//! 「記号 12345 番号 678」: the two numbers of an insurance card or a postal account.

use super::{Judgement, behind::Behind, words::Before};
use crate::pii::{
    chain::Chain,
    cue::{Hit, Sense},
    data::Form,
    fit::{self, Fit},
    scene::{AHEAD_CHARS, Look},
};

/// 記号 stands so far before its number at most, and before the 番号 that goes with it.
const CHARS_MAX: usize = 4;
const FAR_CHARS_MAX: usize = 25;
/// Words say which card it is.
const BY_WORDS: f32 = 2.6;
const BY_WORDS_BEHIND: f32 = 1.4;
/// Only the form of the number does.
const BY_FORM: f32 = 1.1;
/// Letters before the digits of a 記号: 東京01.
const LETTERS_MAX: usize = 3;

/// Which card it is say other words before, or the number itself.
pub(super) fn by_symbol(look: &Look<'_>, before: &Before<'_>, numbers: Option<&Chain>) -> Option<Judgement> {
    let hit = symbol_before(look)?;
    let gap = look.gap(hit);
    let chars = gap.chars().count();
    // 「、番号が」: between the two stands the first.
    let is_numbered = || gap.trim_end_matches([' ', ':', '「', '(', 'は', 'が', 'の']).ends_with("番号");
    let is_second = (before.bare || is_numbered()) && chars > 1;
    if chars > if is_second { FAR_CHARS_MAX } else { CHARS_MAX } {
        return None;
    }
    // 東京01 is judged as a whole where it begins.
    let chain = numbers.filter(|_| is_second || !gap.contains(is_symbol_letter))?;
    // 記号 八国 番号 0049127: only insurers put letters there.
    let lettered = is_second && is_lettered(gap);
    let tables = look.scene.tables;
    let (insured, postal) = (tables.rule_of(Form::Insured), tables.rule_of(Form::PostalAccount));
    let first = chain.groups().first()?;
    let by_form = if is_second {
        // The 記号 between the words: 記号 12340 番号 …
        let digits: Vec<u8> = gap.bytes().filter(u8::is_ascii_digit).map(|it| it - b'0').collect();
        digits.len() == 5 && digits[0] == 1 && digits[4] == 0 && chain.digits(first).last() == Some(&1)
    } else {
        fit::is_postal_symbol(first, chain.digits(first))
    };
    let (rule, points) = if lettered {
        (insured, BY_WORDS)
    } else if before.speaks_of(postal) && (by_form || !before.speaks_of(insured)) {
        (postal, BY_WORDS)
    } else if before.speaks_of(insured) {
        (insured, BY_WORDS)
    } else if by_form {
        (postal, BY_FORM)
    } else if Behind::read(look, AHEAD_CHARS).names(look, insured) {
        (insured, BY_WORDS_BEHIND)
    } else {
        return None;
    };
    let fit = fit::of_half(look, chain, rule, 2)?;
    Some(Judgement::new(fit, points, Some(hit)))
}

/// The nearest 記号 before.
fn symbol_before<'a>(look: &Look<'a>) -> Option<&'a Hit> {
    let is_symbol = |hit: &&Hit| look.scene.tables.lexicon.senses(hit).contains(&Sense::Symbol);
    let near = |hit: &&Hit| look.gap(hit).len() <= FAR_CHARS_MAX * 3;
    look.cues_before().take_while(near).find(is_symbol)
}

/// 「保険証 記号 東京01」: some associations put letters before the digits of 記号. The look begins at the word; says where
/// the number begins and how it is judged.
pub(in crate::pii) fn by_lettered_symbol(look: &Look<'_>) -> Option<(usize, Judgement)> {
    let insured = look.scene.tables.rule_of(Form::Insured);
    let behind = look.reads(look.start, "記号").then_some(look.start + "記号".len())?;
    // 「記号番号 練馬12・3456」: both in one piece.
    let behind_dot = look.skip(behind, 1, |letter| letter == '・');
    let both = look.reads(behind_dot, "番号");
    let behind = if both { behind_dot + "番号".len() } else { behind };
    let at = look.skip(behind, 3, |letter| " :・「『\"(=はがの、".contains(letter));
    let digits = look.skip(at, LETTERS_MAX, is_symbol_letter);
    if !both && digits > at && is_before_number(look, digits) {
        let mut judgement = Judgement::new(Fit::new(insured, digits, BY_WORDS), BY_WORDS, None);
        judgement.cue = Some(look.start..behind);
        return Some((at, judgement));
    }
    let joint = look.skip(digits, 1, |letter| matches!(letter, '-' | ' ' | '・'));
    let starts = digits > at && look.peek(joint)?.is_ascii_digit();
    let chain = starts.then(|| Chain::parse(look, joint)).flatten()?;
    let says = both
        || look.cues_before().any(|hit| {
            let mut senses = look.scene.tables.lexicon.senses(hit).iter();
            senses.any(|sense| matches!(sense, Sense::Rule { rule, .. } if *rule == insured))
        });
    let pair = || fit::of_insured(look, &chain, insured).filter(|_| both);
    let fit = pair().or_else(|| fit::of_half(look, &chain, insured, 1)).filter(|_| says)?;
    let mut judgement = Judgement::new(fit, BY_WORDS, None);
    judgement.cue = Some(look.start..behind);
    Some((at, judgement))
}

/// Whether only letters of a 記号 stand between the two words: 記号 八国 番号 0049127.
fn is_lettered(gap: &str) -> bool {
    let symbol = gap.trim_start_matches([' ', ':', '「', '"', '(', 'が', 'は', 'の']);
    let behind = symbol.trim_start_matches(is_symbol_letter);
    let letters = symbol[..symbol.len() - behind.len()].chars().count();
    let next =
        behind.trim_start_matches(|letter: char| !letter.is_alphanumeric() || "でのと".contains(letter));
    (1..=LETTERS_MAX).contains(&letters) && next.starts_with("番号")
}

/// 「記号 八国 番号 0049127」: letters alone are a 記号 where the 番号 follows.
fn is_before_number(look: &Look<'_>, at: usize) -> bool {
    const JOINT_MAX: usize = 4;
    let next = look.skip(at, JOINT_MAX, |letter| " 、。,・)」』\"\nでのと".contains(letter));
    if !look.reads(next, "番号") {
        return false;
    }
    let is_joint = |letter: char| " :・「『\"(=はがの、".contains(letter);
    let behind = look.skip(next + "番号".len(), JOINT_MAX, is_joint);
    look.peek(behind).is_some_and(|letter| letter.is_ascii_digit())
}

fn is_symbol_letter(letter: char) -> bool {
    matches!(letter, '一'..='龠' | 'ァ'..='ヺ') && !"番号".contains(letter)
}
