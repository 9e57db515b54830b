//! What the words around a candidate make of it.

mod before;

pub(super) use before::by_lettered_symbol;
use before::{Before, Gap};

use super::{
    chain::Chain,
    cue::{Hit, Sense},
    data::Form,
    fit::{self, CUE_CHARS_NEAR, Fit},
    plate,
    scene::Look,
};
use crate::Kind;

/// Words behind a candidate are looked for in so many characters.
const AFTER_CHARS_MAX: usize = 14;
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
    /// Before another number of the same form.
    Sibling,
    After,
    Weak {
        others: usize,
    },
}

impl Strength {
    fn confidence(self, fit: &Fit) -> f32 {
        match (self, fit.check) {
            (Self::Strong, Some(true)) => 0.99,
            (Self::Strong, None) => 0.93,
            (Self::Strong, Some(false)) => 0.6,
            (Self::Sibling, None) => 0.7,
            (Self::Sibling, Some(false)) => 0.5,
            (Self::After, Some(true)) => 0.95,
            (Self::After, None) | (Self::Sibling | Self::Weak { .. }, Some(true)) => 0.85,
            (Self::After, Some(false)) => 0.55,
            (Self::Weak { others: 0 }, None) => fit.weak,
            (Self::Weak { .. }, None) => fit.weak.max(0.75),
            (Self::Weak { .. }, Some(false)) => 0.35,
        }
    }
}

/// Judges a candidate that has these forms, by the words before it, then by those behind, then by its form alone.
/// `numbers` is the candidate as a number, if it is one; `joined` says that it is part of a path or a `key=value`.
pub(super) fn judge(
    look: &Look<'_>,
    fits: Vec<Fit>,
    numbers: Option<&Chain>,
    joined: bool,
) -> Option<Judgement> {
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
        let doubt = if before.labelled || joined { 0.65 } else { 1.0 };
        Some(Judgement::new(best, confidence * doubt, None))
    })
}

/// A plate of which only a word tells that it is one: 「車両番号 300 あ 12-34」.
pub(super) fn plate_by_cue(look: &Look<'_>) -> Option<Judgement> {
    let rule = look.scene.tables.rule_of(Form::Plate);
    let says = |sense: &Sense| matches!(sense, Sense::Rule { rule: of, strong: true } if *of == rule);
    let near = |hit: &&Hit| look.gap(hit).chars().count() <= CUE_CHARS_NEAR;
    let mut hits = look.cues_before().take_while(near);
    let hit = hits.find(|hit| look.scene.tables.lexicon.senses(hit).iter().any(says))?;
    let end = Gap::of(look.gap(hit)).is_clear().then(|| plate::read_behind_area(look, look.start))??;
    // With its area before it, the plate begins there.
    let head = look.gap(hit).trim_end_matches(' ');
    if look.scene.tables.areas.values().flatten().any(|area| head.ends_with(area.as_str())) {
        return None;
    }
    Some(Judgement::new(Fit::new(rule, end), 0.8, Some(hit)))
}

/// The head of the column names the kind, and the candidate is the whole cell.
fn by_column(look: &Look<'_>, fits: &[Fit], numbers: Option<&Chain>) -> Option<Judgement> {
    let columns = look.scene.columns();
    if columns.is_empty() {
        return None;
    }
    let kind = columns.at(look.origin)?;
    // 被保険者番号 alone heads columns of three kinds of insurance, which their forms tell apart.
    let is_insured =
        |kind| matches!(kind, Kind::HealthInsurance | Kind::CareInsurance | Kind::EmploymentInsurance);
    let belongs = |other: Kind| other == kind || (is_insured(kind) && is_insured(other));
    let rules = &look.scene.tables.rules;
    let mut found: Option<Fit> = None;
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| belongs(rule.kind)) {
        let fit = match rule.form {
            Form::Token => fit::of_any_token(look, numbers, index),
            _ => fits.iter().find(|fit| fit.rule == index).cloned(),
        };
        let half = || numbers.and_then(|chain| fit::of_half(look, chain, index, 1));
        let fit =
            fit.or_else(|| matches!(rule.form, Form::Insured | Form::PostalAccount).then(half).flatten());
        let better = found.as_ref().is_none_or(|found| found.check == Some(false));
        // A number goes on over the end of a line, but not over the end of a row.
        let row = |fit: &Fit| !look.scene.text[look.start..fit.end].contains('\n');
        if let Some(fit) = fit.filter(|fit| better && row(fit) && is_cell(look, fit.end)) {
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
