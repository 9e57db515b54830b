//! Personal data in the form of numbers and addresses of the net: what has a form, perhaps a check digit, and a word near
//! it that says what it is. Names and addresses of streets are another detector's.
//!
//! One pass finds where candidates could begin; each is then judged by itself through a [`scene::Look`], whose bounds make
//! streaming equal to batch.

mod birth;
mod chain;
mod check;
mod cue;
pub(crate) mod data;
mod date;
mod email;
mod fit;
mod ip;
mod judge;
mod phone;
mod plate;
mod scene;
mod start;

use std::borrow::Cow;

use chain::{Chain, Joint};
use data::Form;
use judge::Judgement;
use phone::Before;
use scene::{AHEAD_CHARS, BEHIND_CHARS, HOLD_CHARS, Look, Scene, backward};
use sekisho_text::normal::is_hyphen;
use start::{Start, Starts};

use crate::{Detector, Evidence, Reach, Span, Unavailable, View};

/// Room for a character at the edge of a cut text that lost its marks.
const EDGE_CHARS: usize = 12;

/// The rules of `data/guard/pii.toml`. Costs nothing to make.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pii;

impl Detector for Pii {
    fn name(&self) -> &'static str {
        "pii"
    }

    fn reach(&self) -> Reach {
        Reach { behind_chars: BEHIND_CHARS + EDGE_CHARS, hold_chars_max: HOLD_CHARS }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let (original, normal) = (view.original, view.normal);
        // 記号 stands before the number that it begins.
        let first = backward(original, view.from, AHEAD_CHARS).unwrap_or(0);
        let held = backward(original, original.len(), HOLD_CHARS).unwrap_or(0);
        let first = first.min(held);
        let known = backward(original, first, BEHIND_CHARS + EDGE_CHARS).unwrap_or(0);
        let scene = Scene::new(view, normal.from_original(known));
        let starts = Starts::new(&scene, normal.from_original(first));
        let mut open = None;
        for start in starts {
            open = open.into_iter().chain(judge_start(&scene, start, found)).min();
        }
        if view.at_end {
            return Ok(original.len());
        }
        let open = open.into_iter().chain(start::open_at_end(&scene)).min();
        let settled = open.map_or(original.len(), |at| view.normal.to_original(at..at).start);
        Ok(settled.max(held))
    }
}

/// Judges the candidates that begin at a place, and says where they begin if more text could change the verdict.
fn judge_start(scene: &Scene<'_>, start: Start, found: &mut Vec<Span>) -> Option<usize> {
    let look = scene.look(start.at());
    match start {
        Start::Digit(_) => judge_number(&look, found),
        Start::Letter(_) => judge_word(&look, found),
        Start::Sign(_) => judge_sign(&look, found),
        Start::Era(_) => judge_date(&look, found),
        Start::Area(_) => {
            if let Some(end) = plate::read(&look) {
                found.push(look.span(Form::Plate, end, 0.95, "evidence-plate-area"));
            }
        }
        Start::Town(_) => {
            if let Some(end) = plate::read_small(&look) {
                found.push(look.span(Form::Plate, end, 0.8, "evidence-plate-area"));
            }
        }
        Start::Symbol(_) => {
            if let Some((start, judgement)) = judge::by_lettered_symbol(&look) {
                push_from(&look, start, judgement, found);
            }
        }
        Start::Colon(_) => judge_ip(&look, found),
        Start::Mail { at, .. } => {
            if let Some(end) = email::read(&look, at) {
                found.push(look.span(Form::Email, end, 0.97, ""));
            }
        }
    }
    look.touched().then_some(look.start)
}

fn judge_number(look: &Look<'_>, found: &mut Vec<Span>) {
    judge_date(look, found);
    judge_ip(look, found);
    let Some(chain) = Chain::parse(look, look.start) else { return };
    let beginning = beginning(look);
    if beginning == Beginning::Inside || continues(look, &chain) {
        return;
    }
    let plate = judge::plate_by_cue(look);
    let fits = fit::of_number(look, &chain, Before::Nothing);
    push(
        look,
        plate.or_else(|| judge::judge(look, fits, Some(&chain), beginning == Beginning::Joined)),
        found,
    );
}

fn judge_word(look: &Look<'_>, found: &mut Vec<Span>) {
    judge_date(look, found);
    judge_ip(look, found);
    if let Some(end) = plate::read_latin(look) {
        found.push(look.span(Form::Plate, end, 0.9, ""));
    }
    let beginning = beginning(look);
    if beginning != Beginning::Inside {
        let judged = judge::judge(look, fit::of_word(look), None, beginning == Beginning::Joined);
        push(look, judged, found);
    }
}

/// `+81-90-…` and `(03)1234-5678`.
fn judge_sign(look: &Look<'_>, found: &mut Vec<Span>) {
    let (before, at) = if look.reads(look.start, "+81") {
        let at = look.skip(look.start + 3, 1, |letter| " -".contains(letter));
        // +81(0)3 and +81 (0) 3
        let zero = ["(0)", "(0) ", "(0)-"].iter().rev().find(|zero| look.reads(at, zero));
        (Before::Country, at + zero.map_or(0, |zero| zero.len()))
    } else if look.peek(look.start) == Some('+') {
        (Before::Abroad, look.start + 1)
    } else if look.peek(look.start) == Some('(') {
        (Before::Bracket, look.start + 1)
    } else {
        return;
    };
    let starts = look.peek(at).is_some_and(|letter| letter.is_ascii_digit());
    let Some(chain) = starts.then(|| Chain::parse(look, at)).flatten() else { return };
    let beginning = beginning(look);
    if beginning != Beginning::Inside {
        let fits = fit::of_number(look, &chain, before);
        push(look, judge::judge(look, fits, Some(&chain), beginning == Beginning::Joined), found);
    }
}

fn judge_date(look: &Look<'_>, found: &mut Vec<Span>) {
    if let Some((end, judged)) = birth::judge(look) {
        let mut span = look.span(Form::Date, end, judged.confidence, judged.note);
        span.evidence.cue = judged.cue.map(|cue| look.scene.view.normal.to_original(cue));
        span.evidence.column = judged.column;
        found.push(span);
    }
}

fn judge_ip(look: &Look<'_>, found: &mut Vec<Span>) {
    if let Some((end, confidence, cue)) = ip::judge(look) {
        let mut span = look.span(Form::Ip, end, confidence, "");
        span.evidence.cue = cue.map(|cue| look.scene.view.normal.to_original(cue));
        found.push(span);
    }
}

/// How a candidate stands to what is written directly before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beginning {
    Free,
    /// Behind `/` or `=`: a path or a `key=value`, in which numbers are rarely what they look like.
    Joined,
    /// Inside a longer number, a word of letters and digits or an amount.
    Inside,
}

fn beginning(look: &Look<'_>) -> Beginning {
    let Some(before) = look.before(look.start) else { return Beginning::Free };
    let second = look.before(look.start - before.len_utf8());
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    let inside = match before {
        '-' | '_' | '+' | '~' => is_part(second),
        '.' => second.is_some_and(|letter| letter.is_ascii_digit()),
        '¥' | '$' | '€' | '£' | '@' => true,
        _ if is_hyphen(before) => second.and_then(chain::digit_of).is_some(),
        _ => before.is_ascii_alphanumeric() || chain::digit_of(before).is_some(),
    };
    // TEL03-…, phone-03-…: the cue itself may stand there.
    let by_cue =
        || look.cues_before().next().is_some_and(|hit| look.gap(hit).chars().all(|it| "-=#/.".contains(it)));
    let is_joint = matches!(before, '/' | '=' | '?' | '&' | '#' | '\\' | '%');
    if inside {
        if by_cue() { Beginning::Free } else { Beginning::Inside }
    } else if is_joint && second.is_some_and(|letter| letter.is_ascii_alphabetic() || "/=".contains(letter)) {
        Beginning::Joined
    } else {
        Beginning::Free
    }
}

/// Whether the number is the rest of one that began before: behind a hyphen that stands apart or ends the line before,
/// or behind a group of the same length.
fn continues(look: &Look<'_>, chain: &Chain) -> bool {
    let mut at = look.start;
    while let Some(letter) = look.before(at).filter(|letter| matches!(letter, ' ' | '\r' | '\n')) {
        at -= letter.len_utf8();
    }
    let Some(last) = look.before(at).filter(|_| at < look.start) else { return false };
    if last == '-' || is_hyphen(last) {
        return look.before(at - last.len_utf8()).and_then(chain::digit_of).is_some();
    }
    let [first, second, ..] = chain.groups() else { return false };
    let mut digits = 0;
    let mut group = at;
    while digits <= first.len && look.before(group).is_some_and(|letter| letter.is_ascii_digit()) {
        digits += 1;
        group -= 1;
    }
    let apart = look.start - at == 1 && look.before(look.start) == Some(' ');
    apart && second.joint == Joint::Space && second.len == first.len && digits == first.len
}

fn push(look: &Look<'_>, judgement: Option<Judgement>, found: &mut Vec<Span>) {
    if let Some(judgement) = judgement {
        push_from(look, look.start, judgement, found);
    }
}

fn push_from(look: &Look<'_>, start: usize, judgement: Judgement, found: &mut Vec<Span>) {
    let rule = &look.scene.tables.rules[judgement.fit.rule];
    let normal = look.scene.view.normal;
    found.push(Span {
        kind: rule.kind,
        range: look.scene.original(start..judgement.fit.end),
        confidence: judgement.confidence,
        rule: Cow::Borrowed(rule.id),
        evidence: Evidence {
            cue: judgement.cue.map(|cue| normal.to_original(cue)),
            check_digit: judgement.fit.check,
            column: judgement.column,
            notes: judgement.fit.notes,
        },
    });
}

impl Look<'_> {
    fn span(&self, form: Form, end: usize, confidence: f32, note: &'static str) -> Span {
        let rule = &self.scene.tables.rules[self.scene.tables.rule_of(form)];
        let notes = if note.is_empty() { Vec::new() } else { vec![note] };
        Span {
            kind: rule.kind,
            range: self.scene.original(self.start..end),
            confidence,
            rule: Cow::Borrowed(rule.id),
            evidence: Evidence { notes, ..Evidence::default() },
        }
    }
}

#[cfg(test)]
mod tests;
