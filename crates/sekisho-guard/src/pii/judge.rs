//! What form, words, column and neighbours make of a candidate: one count of evidence for each rule it could fall under.
//!
//! Evidence is counted in log-odds. The form gives the ground ([`Fit::shape`]); words that say what the number is add to
//! it, the more the nearer they stand; words that say it is something else take away. The rule with most wins, and is
//! reported when more speaks for it than against it.

mod behind;
mod gap;
mod symbol;
mod words;

use behind::Behind;
pub(super) use symbol::by_lettered_symbol;
use words::Before;

use super::{
    chain::Chain,
    cue::{Hit, Sense},
    data::Form,
    fit::{self, Fit},
    plate,
    scene::{AHEAD_CHARS, Look},
};
use crate::{Kind, table::Heading};

/// With so much, words behind the candidate would change nothing, and are not waited for.
const SURE: f32 = 1.5;
/// With less, it is not worth telling.
const TOLD_MIN: f32 = -0.85;
/// The head of the column names the kind.
const COLUMN: f32 = 6.5;
const EXACTLY: f32 = 0.5;
/// It names something else.
const OTHER_COLUMN: f32 = -2.4;
/// Behind `/` or `=`, where numbers are rarely what they look like.
const JOINED: f32 = -2.4;
/// 番号 or ID by itself, before a number of a person or of a thing.
const BARE: f32 = 1.0;
/// The same before a number whose form says nothing, so that the scene must.
const BARE_TOKEN: f32 = 2.0;
/// 「ID 0012345 の有働さん」
const OWNED: f32 = 1.0;

/// Characters in which words behind a number of a patient or of staff are looked for, with the number itself.
const TOKEN_BEHIND_CHARS: usize = 26;
/// A form that hardly anything else has.
const OWN_FORM: f32 = -0.9;
/// A plate without its area, behind a word for plates.
const PLATE_BY_CUE: f32 = 1.4;

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
    /// The share that belongs to the log-odds, never quite one.
    fn new(fit: Fit, points: f32, cue: Option<&Hit>) -> Self {
        let cue = cue.map(|hit| hit.start()..hit.end());
        let confidence = 1.0 / (1.0 + (-points).exp());
        Self { confidence: confidence.min(0.99), fit, cue, column: false }
    }
}

/// Judges a candidate that has these forms. `numbers` is the candidate as a number, if it is one; `joined` says that it is
/// part of a path or a `key=value`.
pub(super) fn judge<'a>(
    look: &Look<'a>,
    mut fits: Vec<Fit>,
    numbers: Option<&Chain>,
    joined: bool,
) -> Option<Judgement> {
    let column = Column::of(look);
    let is_token = fit::of_any_token(look, numbers, 0).is_some();
    let is_short = !is_token && numbers.is_none_or(Chain::is_short);
    if fits.is_empty() && is_short && column.0 == Heading::None {
        return None;
    }
    let before = Before::read(look);
    add_by_words(look, &column, numbers, &mut fits, |rule| before.speaks_of(rule) || before.bare);
    let symbol = symbol::by_symbol(look, &before, numbers);
    let count =
        |fit: &Fit, behind: Option<&Behind<'a>>| Count::of(look, fit, &before, &column, joined, behind);
    let mut best = best_of(fits.iter().map(|fit| (fit, count(fit, None))));
    let is_sure = symbol.is_some() || best.as_ref().is_some_and(|best| best.1.points >= SURE);
    if !is_sure && (is_token || !fits.is_empty()) {
        let behind = Behind::read(look, if fits.is_empty() { TOKEN_BEHIND_CHARS } else { AHEAD_CHARS });
        add_by_words(look, &column, numbers, &mut fits, |rule| behind.speaks_of(look, rule));
        best = best_of(fits.iter().map(|fit| (fit, count(fit, Some(&behind)))));
    }
    let judged = best.filter(|best| best.1.points >= TOLD_MIN).map(|(fit, count)| {
        let mut judged = Judgement::new(fit.clone(), count.points, count.cue);
        judged.column = count.column;
        judged
    });
    match (judged, symbol) {
        (Some(judged), Some(symbol)) if judged.confidence > symbol.confidence => Some(judged),
        (judged, symbol) => symbol.or(judged),
    }
}

/// The most points; of equals the longest.
fn best_of<'f, 'h>(counted: impl Iterator<Item = (&'f Fit, Count<'h>)>) -> Option<(&'f Fit, Count<'h>)> {
    counted.max_by(|one, other| {
        one.1
            .points
            .total_cmp(&other.1.points)
            .then(one.0.end.cmp(&other.0.end))
            .then(other.0.rule.cmp(&one.0.rule))
    })
}

/// Forms that only a word or a column makes numbers: of patients and staff any word of letters and digits, and the parts
/// of an insurance card or a postal account.
fn add_by_words(
    look: &Look<'_>,
    column: &Column,
    numbers: Option<&Chain>,
    fits: &mut Vec<Fit>,
    spoken_of: impl Fn(usize) -> bool,
) {
    for (index, rule) in look.scene.tables.rules.iter().enumerate() {
        if !matches!(rule.form, Form::Token | Form::Insured | Form::PostalAccount)
            || fits.iter().any(|fit| fit.rule == index)
        {
            continue;
        }
        let fit = match rule.form {
            Form::Token if column.is(rule.kind) || spoken_of(index) => {
                fit::of_any_token(look, numbers, index)
            }
            Form::Insured | Form::PostalAccount if column.is(rule.kind) => {
                numbers.and_then(|chain| fit::of_half(look, chain, index, 1))
            }
            _ => None,
        };
        fits.extend(fit);
    }
}

/// The evidence for one rule, added up.
struct Count<'a> {
    points: f32,
    cue: Option<&'a Hit>,
    column: bool,
}

impl<'a> Count<'a> {
    fn of(
        look: &Look<'a>,
        fit: &Fit,
        before: &Before<'a>,
        column: &Column,
        joined: bool,
        behind: Option<&Behind<'a>>,
    ) -> Self {
        let rule = &look.scene.tables.rules[fit.rule];
        let mut cues = before.cues(look, fit);
        let strong_before = cues.strong;
        if let Some(behind) = behind {
            behind.cues(look, fit, &mut cues);
        }
        let mut points = fit.shape + cues.points();
        let is_cell = is_cell(look, fit.end) && !look.scene.text[look.start..fit.end].contains('\n');
        let in_column = is_cell && column.is(rule.kind);
        if in_column {
            // Of two kinds that a head may mean, the one it names.
            let exact = if column.0 == Heading::Of(rule.kind) { EXACTLY } else { 0.0 };
            points = points.max(fit.shape + COLUMN + exact);
        } else {
            points += before.claim(fit, strong_before) + before.elsewhere(fit);
            if is_cell && column.is_other() {
                points += OTHER_COLUMN;
            }
            if joined && cues.points() < -JOINED {
                points += JOINED;
            }
        }
        let is_bare = before.bare || is_cell && column.is_bare();
        if is_bare && (cues.points() > 0.0 || fit.shape > OWN_FORM) {
            points += match rule.form {
                Form::Token if is_owned(look, fit.end) => BARE_TOKEN + OWNED,
                Form::Token => BARE_TOKEN,
                Form::Phone | Form::Postal => 0.0,
                _ => BARE,
            };
        }
        Self { points, cue: cues.hit, column: in_column }
    }
}

/// Whether a person follows whose number it is: 「ID【0012345】の有働さん」.
fn is_owned(look: &Look<'_>, end: usize) -> bool {
    const NAME_CHARS_MAX: usize = 8;
    let at = look.skip(end, 2, |letter| letter == ' ' || ")】」]".contains(letter));
    let name = look.skip(at, 1, |letter| letter == 'の');
    let is_name =
        |letter: char| matches!(letter, '一'..='龠' | 'ぁ'..='ん' | 'ァ'..='ヺ' | 'ー' | '々' | ' ');
    let behind = look.skip(name, NAME_CHARS_MAX, is_name);
    let name = if name > at { &look.scene.text[name..behind] } else { return false };
    ["さん", "様", "さま", "氏", "殿", "ちゃん", "くん"].iter().any(|title| name.contains(title))
}

/// What the head of the column says.
struct Column(Heading);

impl Column {
    fn of(look: &Look<'_>) -> Self {
        let columns = look.scene.columns();
        Self(if columns.is_empty() { Heading::None } else { columns.heading(look.origin) })
    }

    /// 被保険者番号 alone heads columns of three kinds of insurance, which their forms tell apart.
    fn is(&self, kind: Kind) -> bool {
        let is_insured =
            |kind| matches!(kind, Kind::HealthInsurance | Kind::CareInsurance | Kind::EmploymentInsurance);
        // 旅券/在留カード
        let is_travel = |kind| matches!(kind, Kind::Passport | Kind::ResidenceCard);
        let are = |head, group: &dyn Fn(Kind) -> bool| group(head) && group(kind);
        matches!(self.0, Heading::Of(head) if head == kind || are(head, &is_insured) || are(head, &is_travel))
    }

    fn is_other(&self) -> bool {
        matches!(self.0, Heading::Of(_) | Heading::Plain)
    }

    fn is_bare(&self) -> bool {
        self.0 == Heading::Number
    }
}

/// A plate of which only a word tells that it is one: 「車両番号 300 あ 12-34」.
pub(super) fn plate_by_cue(look: &Look<'_>) -> Option<Judgement> {
    let hit = plate_cue(look)?;
    let head = look.gap(hit);
    let end = plate::read_behind_area(look, look.start)?;
    // With its area before it, the plate begins there.
    let head = head.trim_end_matches(' ');
    if look.scene.tables.areas.values().flatten().any(|area| head.ends_with(area.as_str())) {
        return None;
    }
    Some(Judgement::new(
        Fit::new(look.scene.tables.rule_of(Form::Plate), end, PLATE_BY_CUE),
        PLATE_BY_CUE,
        Some(hit),
    ))
}

/// A word for plates close by, with nothing else between.
pub(super) fn plate_cue<'a>(look: &Look<'a>) -> Option<&'a Hit> {
    const CHARS_MAX: usize = 12;
    let rule = look.scene.tables.rule_of(Form::Plate);
    let says = |sense: &Sense| matches!(sense, Sense::Rule { rule: of, strong: true } if *of == rule);
    let near = |hit: &&Hit| look.gap(hit).chars().count() <= CHARS_MAX;
    let mut hits = look.cues_before().take_while(near);
    let hit = hits.find(|hit| look.scene.tables.lexicon.senses(hit).iter().any(says))?;
    let is_clear = !look.gap(hit).contains(|letter: char| letter.is_ascii_digit() || letter == '。');
    is_clear.then_some(hit)
}

/// Whether the candidate stands alone between two edges of a cell.
pub(super) fn is_cell(look: &Look<'_>, end: usize) -> bool {
    let is_edge = |letter: Option<char>| {
        letter.is_none_or(|letter| letter.is_whitespace() || ",;|\"'│┃║｜".contains(letter))
    };
    is_edge(look.before(look.start)) && (is_edge(look.peek(end)) || look.peek(end) == Some('('))
}
