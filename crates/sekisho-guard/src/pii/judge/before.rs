//! What the words before a candidate make of it: the nearest one that fits decides.

use super::{Judgement, Strength};
use crate::pii::{
    chain::{Chain, digit_of},
    cue::{Hit, Sense},
    data::Form,
    fit::{self, CUE_CHARS_MAX, CUE_CHARS_NEAR, Fit},
    scene::Look,
};

/// A word that takes the number away stands at most so far before it.
const NOT_CHARS_MAX: usize = 14;
/// 番号 stands directly before its number, but for a colon or a bracket.
const LABEL_CHARS_MAX: usize = 4;
/// A number between a cue and the candidate with so many digits was what the cue meant.
const OTHER_DIGITS: usize = 5;
/// A candidate as sure as this by its form yields only to a cue close by.
const EVIDENT: f32 = 0.9;

/// What the words before say.
#[derive(Default)]
pub(super) struct Before<'a> {
    pub(super) found: Option<Judgement>,
    /// The number is said to be something else.
    pub(super) taken: bool,
    /// 番号 of an unknown sort stands directly before.
    pub(super) labelled: bool,
    /// 番号 or ID by itself stands directly before.
    bare: bool,
    weak: Vec<(Fit, &'a Hit)>,
}

impl<'a> Before<'a> {
    pub(super) fn read(look: &Look<'a>, numbers: Option<&Chain>, fits: &[Fit]) -> Self {
        let mut read = Self::default();
        let evident = fits.iter().find(|fit| fit.alone >= Some(EVIDENT)).map(|fit| fit.rule);
        for hit in look.cues_before() {
            let gap = Gap::of(look.gap(hit));
            // Words further away speak of forms only.
            if fits.is_empty() && gap.chars > CUE_CHARS_MAX {
                break;
            }
            for sense in look.scene.tables.lexicon.senses(hit) {
                match *sense {
                    Sense::NotNumber
                        if gap.chars <= NOT_CHARS_MAX && gap.is_clear() && read.found.is_none() =>
                    {
                        return Self { taken: true, ..read };
                    }
                    Sense::Label if gap.chars <= LABEL_CHARS_MAX && gap.is_clear() => {
                        let compound = is_compound(look, hit);
                        read.labelled |= compound;
                        read.bare |= !compound;
                    }
                    Sense::Symbol if gap.chars <= if read.bare { CUE_CHARS_MAX } else { LABEL_CHARS_MAX } => {
                        if let Some(found) = by_symbol(look, hit, numbers, read.bare) {
                            return Self { found: Some(found), ..read };
                        }
                    }
                    Sense::Rule { rule, strong } => {
                        if let Some(fit) = read.fit_of(look, rule, strong, fits, numbers, gap.chars) {
                            read.hear(look, fit, hit, strong, &gap, evident);
                        }
                    }
                    _ => {}
                }
            }
            if read.found.as_ref().is_some_and(|found| found.fit.check != Some(false)) {
                return read;
            }
        }
        if read.found.is_none() {
            read.found = by_weak(&read.weak, fits);
        }
        read
    }

    /// A cue of a rule whose form the candidate has.
    fn hear(
        &mut self,
        look: &Look<'_>,
        fit: Fit,
        hit: &'a Hit,
        strong: bool,
        gap: &Gap,
        evident: Option<usize>,
    ) {
        // A card by form is no 住民票コード because of a word three clauses before.
        if evident.is_some_and(|rule| rule != fit.rule && gap.chars > CUE_CHARS_NEAR) {
            return;
        }
        let reaches = !gap.crosses && gap.digits < OTHER_DIGITS && gap.chars <= fit.near;
        let strength = match strong {
            true if reaches => Strength::Strong,
            // 「住民票コード（20583910647）は…、86410295738に変更」: the word speaks of both.
            true if has_sibling(look, hit, &fit) => Strength::Sibling,
            // 「介護保険の番号を言います。0000…」: a long number in the next sentence.
            true if gap.digits == 0 && gap.chars <= fit.near && is_long(look, &fit) => Strength::Sibling,
            _ => {
                if gap.chars <= CUE_CHARS_MAX && (!strong || gap.chars <= fit.near) {
                    self.weak.push((fit, hit));
                }
                return;
            }
        };
        let mut confidence = strength.confidence(&fit);
        if self.labelled && gap.chars > LABEL_CHARS_MAX {
            // マイナンバーカードの送達番号 123456789018
            confidence = if fit.check == Some(true) { 0.6 } else { 0.4 };
        }
        let better = self.found.as_ref().is_none_or(|found| {
            found.fit.check == Some(false) && fit.check == Some(true) && found.fit.rule != fit.rule
        });
        if better {
            let confidence = confidence.max(fit.alone.unwrap_or(0.0));
            self.found = Some(Judgement::new(fit, confidence, Some(hit)));
        }
    }

    /// The form that the candidate has under this rule. Words for patients and staff take any word of letters and digits:
    /// 「患者番号 P-001」, and 「患者（ID 001）」, where it takes both.
    fn fit_of(
        &self,
        look: &Look<'_>,
        rule: usize,
        strong: bool,
        fits: &[Fit],
        numbers: Option<&Chain>,
        chars: usize,
    ) -> Option<Fit> {
        if look.scene.tables.rules[rule].form != Form::Token {
            return fits.iter().find(|fit| fit.rule == rule).cloned();
        }
        let near = if strong { chars <= CUE_CHARS_NEAR } else { self.bare && chars <= NOT_CHARS_MAX };
        let evident = fits.iter().any(|fit| fit.alone >= Some(EVIDENT));
        (near && !evident).then(|| fit::of_any_token(look, numbers, rule)).flatten()
    }
}

/// 「記号 12345 番号 678」: which card it is say other words before, or the number itself.
fn by_symbol(look: &Look<'_>, hit: &Hit, numbers: Option<&Chain>, is_second: bool) -> Option<Judgement> {
    // 東京01 is judged as a whole where it begins.
    let chain = numbers.filter(|_| is_second || !look.gap(hit).contains(is_symbol_letter))?;
    let tables = look.scene.tables;
    let (insured, postal) = (tables.rule_of(Form::Insured), tables.rule_of(Form::PostalAccount));
    let says = |rule: usize| {
        look.cues_before().any(|other| {
            let mut senses = tables.lexicon.senses(other).iter();
            senses.any(|sense| matches!(sense, Sense::Rule { rule: of, .. } if *of == rule))
        })
    };
    let first = chain.groups().first()?;
    let by_form = if is_second {
        // The 記号 between the words: 記号 12340 番号 …
        let digits: Vec<u8> = look.gap(hit).bytes().filter(u8::is_ascii_digit).map(|it| it - b'0').collect();
        digits.len() == 5 && digits[0] == 1 && digits[4] == 0 && chain.digits(first).last() == Some(&1)
    } else {
        fit::is_postal_symbol(first, chain.digits(first))
    };
    let (rule, confidence) = if says(postal) {
        (postal, 0.93)
    } else if says(insured) {
        (insured, 0.93)
    } else if by_form {
        (postal, 0.75)
    } else {
        return None;
    };
    let fit = fit::of_half(look, chain, rule, 2)?;
    Some(Judgement::new(fit, confidence, Some(hit)))
}

/// 「保険証 記号 東京01」: some associations put letters before the digits of 記号. The look begins at the word; says where
/// the number begins and how it is judged.
pub(in crate::pii) fn by_lettered_symbol(look: &Look<'_>) -> Option<(usize, Judgement)> {
    const LETTERS_MAX: usize = 3;
    let insured = look.scene.tables.rule_of(Form::Insured);
    let behind = look.reads(look.start, "記号").then_some(look.start + "記号".len())?;
    let at = look.skip(behind, 3, |letter| " :・「(=は".contains(letter));
    let digits = look.skip(at, LETTERS_MAX, is_symbol_letter);
    let joint = look.skip(digits, 1, |letter| letter == '-' || letter == ' ');
    let starts = digits > at && look.peek(joint)?.is_ascii_digit();
    let chain = starts.then(|| Chain::parse(look, joint)).flatten()?;
    let says = look.cues_before().any(|hit| {
        let mut senses = look.scene.tables.lexicon.senses(hit).iter();
        senses.any(|sense| matches!(sense, Sense::Rule { rule, .. } if *rule == insured))
    });
    let fit = fit::of_half(look, &chain, insured, 1).filter(|_| says)?;
    let mut judgement = Judgement::new(fit, 0.93, None);
    judgement.cue = Some(look.start..behind);
    Some((at, judgement))
}

fn is_symbol_letter(letter: char) -> bool {
    matches!(letter, '一'..='龠' | 'ァ'..='ヺ') && !"番号".contains(letter)
}

/// Weak cues count together.
fn by_weak(weak: &[(Fit, &Hit)], fits: &[Fit]) -> Option<Judgement> {
    let mut best: Option<Judgement> = None;
    for (index, (fit, hit)) in weak.iter().enumerate() {
        if weak[..index].iter().any(|other| other.0.rule == fit.rule) {
            continue;
        }
        let others = weak.iter().filter(|other| other.0.rule == fit.rule).count() - 1;
        let confidence = Strength::Weak { others }.confidence(fit).max(fit.alone.unwrap_or(0.0));
        if best.as_ref().is_none_or(|best| best.confidence < confidence.min(fit.cap)) {
            best = Some(Judgement::new(fit.clone(), confidence, Some(hit)));
        }
    }
    let surest = fits.iter().filter_map(|fit| fit.alone).fold(0.0, f32::max);
    // Not worth telling: words of no weight, or less than the form says by itself.
    best.filter(|best| best.confidence > 0.3 && best.confidence >= surest)
}

/// Whether the candidate has so many digits that hardly another number is meant.
fn is_long(look: &Look<'_>, fit: &Fit) -> bool {
    const DIGITS: usize = 10;
    let is_digit = |letter: &char| digit_of(*letter).is_some();
    fit.check != Some(false)
        && look.scene.text[look.start..fit.end].chars().filter(is_digit).count() >= DIGITS
}

/// Whether a number of as many digits stands between the cue and the candidate.
fn has_sibling(look: &Look<'_>, hit: &Hit, fit: &Fit) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let wanted = digits(&look.scene.text[look.start..fit.end]);
    let splits = |letter: char| !letter.is_ascii_alphanumeric() && letter != '-';
    wanted >= 7 && look.gap(hit).split(splits).any(|part| digits(part) == wanted)
}

/// Whether a label is the end of a longer word: 送達番号 is, 「の番号」 is not.
fn is_compound(look: &Look<'_>, hit: &Hit) -> bool {
    let before = look.scene.text[..hit.start()].chars().next_back();
    before.is_some_and(|letter| matches!(letter, '一'..='龠' | 'ァ'..='ヺ' | 'ー' | 'A'..='Z' | 'a'..='z'))
}

/// What stands between a cue and its candidate.
pub(super) struct Gap {
    pub(super) chars: usize,
    /// The longest run of digits.
    digits: usize,
    /// A sentence ends.
    crosses: bool,
}

impl Gap {
    pub(super) fn of(gap: &str) -> Self {
        let (mut chars, mut digits, mut run) = (0, 0, 0);
        for letter in gap.chars() {
            chars += 1;
            run = if letter.is_ascii_digit() { run + 1 } else { 0 };
            digits = digits.max(run);
        }
        Self { chars, digits, crosses: gap.contains('。') || gap.contains("\n\n") }
    }

    pub(super) fn is_clear(&self) -> bool {
        self.digits == 0 && !self.crosses
    }
}
