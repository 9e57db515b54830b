//! The words behind a candidate.

use super::{
    gap::{Gap, has_sibling},
    words::{Cues, OTHER_DIGITS, OTHER_NUMBER, SCENE, SIBLING, Strength, crossed, sense_of, weak},
};
use crate::pii::{cue::Hit, fit::Fit, scene::Look};

/// How far words behind a candidate without much of a form count.
const NEAR_BEHIND_CHARS_MAX: usize = 14;
/// A bracket between a number and a word that touches it.
const TOUCH_CHARS_MAX: usize = 2;

/// The words behind a candidate.
pub(super) struct Behind<'a> {
    hits: Vec<&'a Hit>,
}

impl<'a> Behind<'a> {
    /// Reads so many characters from the candidate's first at most.
    pub(super) fn read(look: &Look<'a>, chars_max: usize) -> Self {
        // The last character that may be read decides where a Latin word ends.
        let mut last = look.start;
        let mut at = look.start;
        for _ in 0..chars_max {
            let Some(letter) = look.peek(at) else { break };
            last = at;
            at += letter.len_utf8();
        }
        if look.is_end(at) {
            last = at;
        }
        Self { hits: look.cues_after(look.start, last).collect() }
    }

    /// Whether a strong word of the rule stands behind.
    pub(super) fn speaks_of(&self, look: &Look<'_>, rule: usize) -> bool {
        self.hits.iter().any(|hit| sense_of(look, hit, rule) == Some(Strength::Strong))
    }

    /// Whether any word of the rule stands behind.
    pub(super) fn names(&self, look: &Look<'_>, rule: usize) -> bool {
        self.hits.iter().any(|hit| sense_of(look, hit, rule).is_some())
    }

    /// Adds what the words say for the rule of `fit`.
    pub(super) fn cues(&self, look: &Look<'a>, fit: &Fit, cues: &mut Cues<'a>) {
        for hit in self.hits.iter().filter(|hit| hit.start() >= fit.end) {
            let Some(strength) = sense_of(look, hit, fit.rule) else { continue };
            if strength == Strength::Scene {
                cues.hear(SCENE, strength, hit);
                continue;
            }
            let between = &look.scene.text[fit.end..hit.start()];
            let gap = Gap::of(between);
            // 4471820(普通)
            let touches = strength == Strength::Touch && gap.is_joint && gap.chars <= TOUCH_CHARS_MAX;
            let strength = if touches { Strength::Strong } else { strength };
            let is_strong = strength == Strength::Strong;
            let crossings = gap.crossings + usize::from(between.contains('\n'));
            if owns_next(look, hit.end()) {
                continue;
            }
            if fit.near && (gap.chars > NEAR_BEHIND_CHARS_MAX || crossings > 0 || gap.digits > 0) {
                continue;
            }
            let mut points = if is_strong { strong_behind(gap.chars) } else { 0.6 * weak(gap.chars) };
            points += 0.7 * crossed(crossings);
            if gap.digits >= OTHER_DIGITS {
                points += if has_sibling(look, between, fit) { SIBLING } else { OTHER_NUMBER };
            }
            if points > 0.0 {
                cues.hear(points, strength, hit);
            }
        }
    }
}

/// Whether a cue behind a candidate speaks of a number behind itself: 「1234567、口座番号: …」, `"123","account":"…"`.
fn owns_next(look: &Look<'_>, at: usize) -> bool {
    const JOINT_MAX: usize = 6;
    let is_joint = |letter: char| {
        !letter.is_alphanumeric() && !matches!(letter, '。' | '、' | ')' | '」')
            || matches!(letter, 'は' | 'の' | 'が')
    };
    let next = look.skip(at, JOINT_MAX, is_joint);
    look.peek(next).is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '+')
}

/// A strong word behind is as good as one before only where nothing stands between.
fn strong_behind(chars: usize) -> f32 {
    match chars {
        0..=3 => 5.0,
        4..=NEAR_BEHIND_CHARS_MAX => 4.5,
        _ => 3.5,
    }
}
