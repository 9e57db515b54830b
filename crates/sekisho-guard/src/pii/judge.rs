//! What the words around a candidate make of it.

use super::{
    chain::Chain,
    cue::{Hit, Sense},
    data::Form,
    fit::{self, CUE_CHARS_MAX, CUE_CHARS_NEAR, Fit},
    plate,
    scene::Look,
};

/// A word that takes the number away stands at most so far before it.
const NOT_CHARS_MAX: usize = 14;
/// 番号 stands directly before its number, but for a colon or a bracket.
const LABEL_CHARS_MAX: usize = 4;
/// A number between a cue and the candidate with so many digits was what the cue meant.
const OTHER_DIGITS: usize = 5;
/// Words behind a candidate are looked for in so many characters.
const AFTER_CHARS_MAX: usize = 14;
/// A candidate as sure as this by its form yields only to a cue close by.
const EVIDENT: f32 = 0.9;

/// A candidate with its rule, and why.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) fit: Fit,
    pub(super) confidence: f32,
    /// Bytes of the normalised text.
    pub(super) cue: Option<std::ops::Range<usize>>,
    pub(super) column: bool,
}

impl Judgement {
    fn new(fit: Fit, confidence: f32, cue: Option<&Hit>) -> Self {
        let cue = cue.map(|hit| hit.start()..hit.end());
        Self { confidence: confidence.min(fit.cap), fit, cue, column: false }
    }
}

/// How strong a cue is, and what it makes of a check digit that holds, is absent, or fails.
#[derive(Clone, Copy)]
enum Strength {
    Strong,
    After,
    Weak { others: usize },
}

impl Strength {
    fn confidence(self, fit: &Fit) -> f32 {
        match (self, fit.check) {
            (Self::Strong, Some(true)) => 0.99,
            (Self::Strong, None) => 0.93,
            (Self::Strong, Some(false)) => 0.6,
            (Self::After, Some(true)) => 0.95,
            (Self::After, None) | (Self::Weak { .. }, Some(true)) => 0.85,
            (Self::After, Some(false)) => 0.55,
            (Self::Weak { others: 0 }, None) => fit.weak,
            (Self::Weak { .. }, None) => fit.weak.max(0.75),
            (Self::Weak { .. }, Some(false)) => 0.35,
        }
    }
}

/// Judges a candidate that has these forms, by the words before it, then by those behind, then by its form alone.
/// `numbers` is the candidate as a number, if it is one.
pub(super) fn judge(look: &Look<'_>, fits: Vec<Fit>, numbers: Option<&Chain>) -> Option<Judgement> {
    let mut before = Before::read(look, numbers, &fits);
    if let Some(column) = by_column(look, &fits, numbers) {
        return Some(column);
    }
    if let Some(found) = before.found.take() {
        return Some(found);
    }
    if before.taken {
        return None;
    }
    by_cue_after(look, &fits).or_else(|| {
        let alone = fits.into_iter().filter_map(|fit| Some((fit.alone?, fit)));
        let (confidence, best) = alone.max_by(|one, other| one.0.total_cmp(&other.0))?;
        // 番号 of an unknown sort claims the number, and its form claims otherwise.
        let doubt = if before.labelled { 0.65 } else { 1.0 };
        Some(Judgement::new(best, confidence * doubt, None))
    })
}

/// A plate of which only a word tells that it is one: 「車両番号 300 あ 12-34」.
pub(super) fn plate_by_cue(look: &Look<'_>) -> Option<Judgement> {
    let rule = look.scene.tables.rule_of(Form::Plate);
    let says = |sense: &Sense| matches!(sense, Sense::Rule { rule: of, strong: true } if *of == rule);
    let hit = look.cues_before().find(|hit| look.scene.tables.lexicon.senses(hit).iter().any(says))?;
    let gap = Gap::of(look.gap(hit));
    // With its area before it, the plate begins there.
    let head = look.gap(hit).trim_end_matches(' ');
    if look.scene.tables.plate.areas.iter().any(|area| head.ends_with(area.as_str())) {
        return None;
    }
    let end = (gap.chars <= CUE_CHARS_NEAR && gap.is_clear())
        .then(|| plate::read_behind_area(look, look.start))??;
    Some(Judgement::new(Fit::new(rule, end), 0.8, Some(hit)))
}

/// What the words before say.
#[derive(Default)]
struct Before {
    found: Option<Judgement>,
    /// The number is said to be something else.
    taken: bool,
    /// 番号 of an unknown sort stands directly before.
    labelled: bool,
}

impl Before {
    fn read(look: &Look<'_>, numbers: Option<&Chain>, fits: &[Fit]) -> Self {
        let mut read = Self::default();
        let evident = fits.iter().filter(|fit| fit.alone >= Some(EVIDENT)).map(|fit| fit.rule).next();
        let mut weak: Vec<(usize, &Hit, usize)> = Vec::new();
        let mut symbol = false;
        for hit in look.cues_before() {
            let gap = Gap::of(look.gap(hit));
            if gap.chars > CUE_CHARS_MAX {
                break;
            }
            for sense in look.scene.tables.lexicon.senses(hit) {
                match *sense {
                    Sense::NotNumber if gap.chars <= NOT_CHARS_MAX && gap.is_clear() => {
                        read.taken = read.found.is_none();
                        if read.taken {
                            return read;
                        }
                    }
                    Sense::Label if gap.chars <= LABEL_CHARS_MAX && gap.is_clear() => {
                        read.labelled |= is_compound(look, hit);
                        symbol |= !is_compound(look, hit);
                    }
                    Sense::Symbol if symbol || gap.chars <= LABEL_CHARS_MAX => {
                        if let Some(found) = by_symbol(look, hit, numbers, symbol) {
                            return Self { found: Some(found), ..read };
                        }
                    }
                    Sense::Rule { rule, strong } => {
                        if let Some(fit) = fit_of(look, rule, fits, numbers, gap.chars) {
                            read.hear(&fit, hit, strong, &gap, evident, &mut weak);
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
            read.found = by_weak(&weak, fits);
        }
        read
    }

    /// A cue of a rule whose form the candidate has.
    fn hear<'a>(
        &mut self,
        fit: &Fit,
        hit: &'a Hit,
        strong: bool,
        gap: &Gap,
        evident: Option<usize>,
        weak: &mut Vec<(usize, &'a Hit, usize)>,
    ) {
        // A card by form is no 住民票コード because of a word three clauses before.
        let yields = evident.is_none_or(|rule| rule == fit.rule || gap.chars <= CUE_CHARS_NEAR);
        if !yields || gap.chars > fit.near.max(if strong { 0 } else { CUE_CHARS_MAX }) {
            return;
        }
        let is_strong = strong && !gap.crosses && gap.digits < OTHER_DIGITS && gap.chars <= fit.near;
        if !is_strong {
            weak.push((fit.rule, hit, gap.chars));
            return;
        }
        let mut confidence = Strength::Strong.confidence(fit);
        if self.labelled && gap.chars > LABEL_CHARS_MAX {
            // マイナンバーカードの送達番号 123456789018
            confidence = if fit.check == Some(true) { 0.6 } else { 0.4 };
        }
        let better = self.found.as_ref().is_none_or(|found| {
            found.fit.check == Some(false) && fit.check == Some(true) && found.fit.rule != fit.rule
        });
        if better {
            self.found =
                Some(Judgement::new(fit.clone(), confidence.max(fit.alone.unwrap_or(0.0)), Some(hit)));
        }
    }
}

/// The form that the candidate has under this rule. Words for patients and staff take any word of letters and digits.
fn fit_of(look: &Look<'_>, rule: usize, fits: &[Fit], numbers: Option<&Chain>, chars: usize) -> Option<Fit> {
    if look.scene.tables.rules[rule].form != Form::Token {
        return fits.iter().find(|fit| fit.rule == rule).cloned();
    }
    let evident = fits.iter().any(|fit| fit.alone >= Some(EVIDENT));
    if chars > CUE_CHARS_NEAR || evident {
        return None;
    }
    let groups = numbers.and_then(|chain| fit::of_token_groups(look, chain, rule));
    let word = fit::of_token(look, rule);
    match (groups, word) {
        (Some(groups), Some(word)) => Some(if groups.end > word.end { groups } else { word }),
        (groups, word) => word.or(groups),
    }
}

/// 「記号 12345 番号 678」: which card it is say other words before, or the number itself.
fn by_symbol(look: &Look<'_>, hit: &Hit, numbers: Option<&Chain>, is_second: bool) -> Option<Judgement> {
    let chain = numbers?;
    let tables = look.scene.tables;
    let (insured, postal) = (tables.rule_of(Form::Insured), tables.rule_of(Form::PostalAccount));
    let says = |rule: usize| {
        look.cues_before().any(|other| {
            let senses = tables.lexicon.senses(other).iter();
            senses.into_iter().any(|sense| matches!(sense, Sense::Rule { rule: of, .. } if *of == rule))
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
    let fit = fit::of_half(look, chain, rule)?;
    Some(Judgement::new(fit, confidence, Some(hit)))
}

/// Weak cues count together.
fn by_weak(weak: &[(usize, &Hit, usize)], fits: &[Fit]) -> Option<Judgement> {
    let mut best: Option<Judgement> = None;
    for (index, (rule, hit, _)) in weak.iter().enumerate() {
        let is_first = weak[..index].iter().all(|other| other.0 != *rule);
        let Some(fit) = fits.iter().find(|fit| fit.rule == *rule).filter(|_| is_first) else { continue };
        let others = weak.iter().filter(|other| other.0 == *rule).count() - 1;
        let confidence = Strength::Weak { others }.confidence(fit).max(fit.alone.unwrap_or(0.0));
        let found = Judgement::new(fit.clone(), confidence, Some(hit));
        if best.as_ref().is_none_or(|best| best.confidence < found.confidence) {
            best = Some(found);
        }
    }
    let surest = fits.iter().filter_map(|fit| fit.alone).fold(0.0, f32::max);
    // Not worth telling: words of no weight, or less than the form says by itself.
    best.filter(|best| best.confidence > 0.3 && best.confidence >= surest)
}

/// The head of the column names the kind, and the candidate is the whole cell.
fn by_column(look: &Look<'_>, fits: &[Fit], numbers: Option<&Chain>) -> Option<Judgement> {
    let columns = look.scene.columns();
    if columns.is_empty() {
        return None;
    }
    let kind = columns.at(look.origin)?;
    let rules = &look.scene.tables.rules;
    let mut found: Option<Fit> = None;
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.kind == kind) {
        let fit = match rule.form {
            Form::Token => fit_of(look, index, &[], numbers, 0),
            _ => fits.iter().find(|fit| fit.rule == index).cloned(),
        };
        let better = found.as_ref().is_none_or(|found| found.check == Some(false));
        if let Some(fit) = fit.filter(|fit| better && is_cell(look, fit.end)) {
            found = Some(fit);
        }
    }
    let fit = found?;
    let confidence: f32 = match fit.check {
        Some(true) => 0.97,
        None => 0.95,
        Some(false) => 0.6,
    };
    Some(Judgement { confidence: confidence.min(fit.cap.max(0.6)), fit, cue: None, column: true })
}

/// Whether the candidate stands alone between two edges of a cell.
pub(super) fn is_cell(look: &Look<'_>, end: usize) -> bool {
    let is_edge = |letter: Option<char>| {
        letter.is_none_or(|letter| letter.is_whitespace() || ",;|\"'│┃║｜".contains(letter))
    };
    is_edge(look.before(look.start)) && (is_edge(look.peek(end)) || look.peek(end) == Some('('))
}

/// A word behind: 「123456789018（個人番号）」「…が私のマイナンバーです」.
fn by_cue_after(look: &Look<'_>, fits: &[Fit]) -> Option<Judgement> {
    let mut found: Option<Judgement> = None;
    for fit in fits.iter().filter(|fit| fit.cue_after) {
        let ceiling = reach_after(look, fit.end);
        for hit in look.cues_after(fit.end, ceiling) {
            let is_cue = look
                .scene
                .tables
                .lexicon
                .senses(hit)
                .iter()
                .any(|sense| matches!(sense, Sense::Rule { rule, strong: true } if *rule == fit.rule));
            if !is_cue || owns_next(look, hit.end()) {
                continue;
            }
            let confidence = Strength::After.confidence(fit).max(fit.alone.unwrap_or(0.0));
            let judged = Judgement::new(fit.clone(), confidence, Some(hit));
            if found.as_ref().is_none_or(|found| found.confidence < judged.confidence) {
                found = Some(judged);
            }
            break;
        }
    }
    let surest = fits.iter().filter_map(|fit| fit.alone).fold(0.0, f32::max);
    found.filter(|found| found.confidence >= surest)
}

/// How far the clause goes on behind a candidate, without another number.
pub(super) fn reach_after(look: &Look<'_>, end: usize) -> usize {
    let at = look.skip(end, AFTER_CHARS_MAX, |letter| {
        !letter.is_ascii_digit() && !matches!(letter, '。' | '、' | '\n' | ',' | '|' | '\t' | ';' | '/')
    });
    // The character behind decides where a Latin word ends.
    look.peek(at);
    at
}

/// Whether a cue behind a candidate speaks of a number behind itself: 「1234567、口座番号: …」.
fn owns_next(look: &Look<'_>, at: usize) -> bool {
    let next = look.skip(at, 4, |letter| " ::は=(の「が".contains(letter));
    look.peek(next).is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '+')
}

/// Whether a label is the end of a longer word: 送達番号 is, 「の番号」 is not.
fn is_compound(look: &Look<'_>, hit: &Hit) -> bool {
    let before = look.scene.text[..hit.start()].chars().next_back();
    before.is_some_and(|letter| matches!(letter, '一'..='龠' | 'ァ'..='ヺ' | 'ー' | 'A'..='Z' | 'a'..='z'))
}

/// What stands between a cue and its candidate.
struct Gap {
    chars: usize,
    /// The longest run of digits.
    digits: usize,
    /// A sentence ends.
    crosses: bool,
}

impl Gap {
    fn of(gap: &str) -> Self {
        let (mut chars, mut digits, mut run) = (0, 0, 0);
        for letter in gap.chars() {
            chars += 1;
            run = if letter.is_ascii_digit() { run + 1 } else { 0 };
            digits = digits.max(run);
        }
        Self { chars, digits, crosses: gap.contains('。') || gap.contains("\n\n") }
    }

    fn is_clear(&self) -> bool {
        self.digits == 0 && !self.crosses
    }
}
