//! The words around a candidate, and how much each one weighs.

use super::gap::{Gap, has_letters, has_sibling};
use crate::pii::{
    cue::{Hit, Sense},
    data::Form,
    fit::Fit,
    scene::Look,
};

/// A word that takes the number away stands at most so far before it.
const NOT_CHARS_MAX: usize = 14;
/// A label claims the number directly behind it.
const CLAIM_CHARS_MAX: usize = 4;
/// 番号 by itself stands directly before its number, but for a colon or a bracket.
const BARE_CHARS_MAX: usize = 5;
/// さん and a bracket between a holder and the number.
const HOLDER_CHARS_MAX: usize = 2;
/// Further away a word means only numbers that are hardly anything else.
const NEAR_CHARS_MAX: usize = 25;
/// A run of so many digits between a word and the candidate is another number.
pub(super) const OTHER_DIGITS: usize = 5;

/// The number is said to be something else: an order, a parcel.
const NOT_NUMBER: f32 = -6.0;
/// A label of an unknown sort, or of a rule that the number does not fit, stands directly before.
const UNKNOWN_LABEL: f32 = -2.4;
/// The same when a word further away would have had the number.
const UNKNOWN_LABEL_BETWEEN: f32 = -3.5;
/// A sentence ends between the word and the number.
const CROSSED: f32 = -1.2;
/// Another number stands between, which the word may have been for.
pub(super) const OTHER_NUMBER: f32 = -2.5;
/// Another number of the same form stands between: the word may be for both.
pub(super) const SIBLING: f32 = -0.3;
/// What further words for the same rule add, each.
const MORE: f32 = 0.35;
const MORE_MAX: f32 = 1.0;
const WEAK_MAX: f32 = 4.0;
/// The text is of a place where such numbers are in use.
pub(super) const SCENE: f32 = 1.0;
/// 「社員(12345)」「患者 12345」: the holder stands directly before a number of letters or some digits.
const HOLDER: f32 = 1.0;

/// What a strong word adds that stands so many characters before.
fn strong(chars: usize) -> f32 {
    let class = match chars {
        0..=4 => 6.0,
        5..=8 => 5.5,
        9..=NEAR_CHARS_MAX => 4.5,
        _ => 3.5,
    };
    // Of two words at about the same distance, the nearer one.
    class - chars as f32 * 0.005
}

/// What the ends of sentences between take: who has changed the subject once may be anywhere.
pub(super) fn crossed(sentences: usize) -> f32 {
    match sentences {
        0 => 0.0,
        1 => CROSSED,
        _ => 1.5 * CROSSED,
    }
}

/// And a weak one.
pub(super) fn weak(chars: usize) -> f32 {
    match chars {
        0..=4 => 2.5,
        5..=14 => 2.0,
        15..=NEAR_CHARS_MAX => 1.5,
        _ => 0.7,
    }
}

/// What sort of word for a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strength {
    Strong,
    /// As good as strong where it stands directly before: 当座 1234567.
    Touch,
    Weak,
    Scene,
}

/// What words say for one rule.
#[derive(Default)]
pub(super) struct Cues<'a> {
    pub(super) strong: f32,
    weak: [f32; 2],
    more: f32,
    scene: f32,
    pub(super) hit: Option<&'a Hit>,
}

impl<'a> Cues<'a> {
    pub(super) fn points(&self) -> f32 {
        let weak = (self.weak[0] + self.weak[1] + self.scene).min(WEAK_MAX);
        if self.strong > 0.0 { weak.max(self.strong + self.more.min(MORE_MAX)) } else { weak }
    }

    pub(super) fn hear(&mut self, points: f32, strength: Strength, hit: &'a Hit) {
        if strength == Strength::Scene {
            self.scene = if self.scene > 0.0 { SCENE + MORE } else { SCENE };
            self.hit = self.hit.or(Some(hit));
            return;
        }
        let is_strong = strength == Strength::Strong;
        if is_strong && points > self.strong {
            self.more += if self.strong > 0.0 { MORE } else { 0.0 };
            (self.strong, self.hit) = (points, Some(hit));
        } else {
            self.more += MORE;
        }
        if !is_strong {
            if self.hit.is_none() {
                self.hit = Some(hit);
            }
            let least = usize::from(self.weak[1] < self.weak[0]);
            self.weak[least] = self.weak[least].max(points);
        }
    }
}

/// A word with what stands between it and the candidate.
struct Heard<'a> {
    hit: &'a Hit,
    gap: Gap,
}

/// The words before a candidate.
pub(super) struct Before<'a> {
    heard: Vec<Heard<'a>>,
    /// The nearest label that claims the number.
    claim: Option<Claim>,
    /// 番号 or ID by itself stands directly before.
    pub(super) bare: bool,
    /// Rules of which any word was heard, and of which a strong one, as bits.
    rules: u64,
    strong: u64,
    /// Rules whose numbers are not in use where such words are, as bits.
    elsewhere: u64,
}

struct Claim {
    /// What it takes from a number without a strong word, and from one with a strong word further away.
    points: f32,
    between: f32,
    /// Rules that the label belongs to, as bits.
    rules: u64,
}

impl<'a> Before<'a> {
    pub(super) fn read(look: &Look<'a>) -> Self {
        let is_numbered = look.before(look.start) == Some('#');
        // 病床数は 12345: an amount, whatever of.
        let amount = look.before(amount_end(look)).is_some_and(|letter| "数額量率".contains(letter));
        let claim = amount.then_some(Claim { points: NOT_NUMBER, between: UNKNOWN_LABEL_BETWEEN, rules: 0 });
        let claim = claim.or_else(|| {
            let unknown = Claim { points: 0.0, between: UNKNOWN_LABEL_BETWEEN, rules: 0 };
            is_of_unknown_key(look).then_some(unknown)
        });
        let mut read =
            Self { heard: Vec::new(), claim, bare: is_numbered, rules: 0, strong: 0, elsewhere: 0 };
        for hit in look.cues_before() {
            // </tag> ends what it names.
            if look.scene.text[..hit.start()].ends_with("</") {
                continue;
            }
            let gap = Gap::of(look.gap(hit));
            let senses = look.scene.tables.lexicon.senses(hit);
            let (mut strong, mut any, mut scene) = (0, 0, 0_u64);
            for sense in senses {
                match *sense {
                    Sense::Rule { rule, strong: is_strong } => {
                        any |= 1 << rule;
                        strong |= u64::from(is_strong) << rule;
                    }
                    Sense::Touch { rule } => any |= 1 << rule,
                    Sense::Scene { rule } => scene |= 1 << rule,
                    Sense::Unless { rule } => read.elsewhere |= 1 << rule,
                    _ => {}
                }
            }
            read.take_label(look, hit, senses, &gap, strong, any);
            any |= scene;
            read.rules |= any;
            read.strong |= if gap.crossings == 0 && gap.digits < OTHER_DIGITS { strong } else { 0 };
            if any != 0 {
                read.heard.push(Heard { hit, gap });
            }
        }
        read
    }

    fn take_label(&mut self, look: &Look<'_>, hit: &Hit, senses: &[Sense], gap: &Gap, strong: u64, any: u64) {
        let is_clear = gap.digits == 0 && gap.crossings == 0;
        if !is_clear || self.claim.is_some() {
            return;
        }
        let has = |sense: Sense| senses.contains(&sense);
        let (points, between, rules) = if has(Sense::NotNumber) && gap.chars <= NOT_CHARS_MAX {
            (NOT_NUMBER, NOT_NUMBER, any)
        } else if strong != 0 && gap.chars <= CLAIM_CHARS_MAX {
            (UNKNOWN_LABEL, UNKNOWN_LABEL, any)
        } else if has(Sense::Label) && gap.chars <= BARE_CHARS_MAX && gap.is_joint {
            match compound(look, hit) {
                Some(rules) => (UNKNOWN_LABEL, UNKNOWN_LABEL_BETWEEN, rules | any),
                None => {
                    self.bare |= strong == 0;
                    return;
                }
            }
        } else {
            return;
        };
        self.claim = Some(Claim { points, between, rules: rules | self.strong });
    }

    /// What words of another place take away.
    pub(super) fn elsewhere(&self, fit: &Fit) -> f32 {
        if self.elsewhere & 1 << fit.rule != 0 { NOT_NUMBER } else { 0.0 }
    }

    /// Whether a word of the rule stands anywhere before.
    pub(super) fn speaks_of(&self, rule: usize) -> bool {
        self.rules & 1 << rule != 0
    }

    /// What the words say for the rule of `fit`.
    pub(super) fn cues(&self, look: &Look<'a>, fit: &Fit) -> Cues<'a> {
        let mut cues = Cues::default();
        for Heard { hit, gap } in &self.heard {
            let Some(strength) = sense_of(look, hit, fit.rule) else { continue };
            if strength == Strength::Scene {
                cues.hear(SCENE, strength, hit);
                continue;
            }
            let touches = strength == Strength::Touch && gap.is_joint && gap.chars <= CLAIM_CHARS_MAX;
            let strength = if touches { Strength::Strong } else { strength };
            let is_strong = strength == Strength::Strong;
            let is_other = gap.digits >= OTHER_DIGITS;
            let is_sibling = is_other && has_sibling(look, look.gap(hit), fit);
            // A word that is for two numbers stands further from the second.
            let chars = if is_sibling { gap.chars.min(NEAR_CHARS_MAX) } else { gap.chars };
            let mut points = if is_strong { strong(chars) } else { weak(chars) };
            if is_other {
                points += if is_sibling { SIBLING } else { OTHER_NUMBER };
            }
            if is_strong {
                points += crossed(gap.crossings);
            }
            let is_close = gap.chars <= NEAR_CHARS_MAX && gap.crossings <= 1;
            if fit.near && !is_close && !(is_sibling && has_letters(look, fit)) {
                continue;
            }
            let is_token = look.scene.tables.rules[fit.rule].form == Form::Token;
            if is_token && !is_strong && gap.is_joint && gap.chars <= HOLDER_CHARS_MAX {
                points += HOLDER;
            }
            if points > 0.0 {
                cues.hear(points, strength, hit);
            }
        }
        cues
    }

    /// What a label that claims the number takes from a rule it does not belong to.
    pub(super) fn claim(&self, fit: &Fit, strong: f32) -> f32 {
        match &self.claim {
            Some(claim) if claim.rules & 1 << fit.rule != 0 => 0.0,
            Some(claim) if strong > 0.0 => claim.between,
            Some(claim) => claim.points,
            None => 0.0,
        }
    }
}

/// `printer=PRN-3F-02`: a value whose key is no word that we know.
fn is_of_unknown_key(look: &Look<'_>) -> bool {
    const KEY_CHARS_MAX: usize = 20;
    let is_part = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
    let quoted = usize::from(matches!(look.before(look.start), Some('"' | '\'')));
    let Some(equals) = (look.start - quoted).checked_sub(1).filter(|at| look.before(at + 1) == Some('='))
    else {
        return false;
    };
    let key = look.scene.text[..equals].chars().rev().take(KEY_CHARS_MAX).take_while(is_part).count();
    key > 0 && !look.cues_before().any(|hit| hit.end() == equals)
}

/// Behind the noun that a number directly belongs to: 病床数は, 金額:.
fn amount_end(look: &Look<'_>) -> usize {
    const JOINT_MAX: usize = 3;
    let mut at = look.start;
    for _ in 0..JOINT_MAX {
        match look.before(at) {
            Some(letter) if " :=はが".contains(letter) => at -= letter.len_utf8(),
            _ => break,
        }
    }
    at
}

/// Whether the word speaks of the rule, and how surely.
pub(super) fn sense_of(look: &Look<'_>, hit: &Hit, rule: usize) -> Option<Strength> {
    look.scene.tables.lexicon.senses(hit).iter().find_map(|sense| match *sense {
        Sense::Rule { rule: of, strong: true } if of == rule => Some(Strength::Strong),
        Sense::Touch { rule: of } if of == rule => Some(Strength::Touch),
        Sense::Rule { rule: of, .. } if of == rule => Some(Strength::Weak),
        Sense::Scene { rule: of } if of == rule => Some(Strength::Scene),
        _ => None,
    })
}

/// Whether a label is the end of a longer word (送達番号 is, 「の番号」 is not), and of which rules that word speaks.
fn compound(look: &Look<'_>, label: &Hit) -> Option<u64> {
    const CHARS_MAX: usize = 12;
    let text = look.scene.text;
    let is_part = |letter: &char| matches!(letter, '一'..='龠' | '々' | 'ァ'..='ヺ' | 'ー' | 'A'..='Z' | 'a'..='z' | '_');
    let letters = text[..label.start()].chars().rev().take(CHARS_MAX).take_while(is_part);
    let start = label.start() - letters.map(char::len_utf8).sum::<usize>();
    // 旧番号, 新コード: old and new ones of whatever the text speaks of. ID番号 is no more than ID.
    let says_nothing = ["旧", "新", "現", "本", "同", "ID"].contains(&&text[start..label.start()]);
    if start == label.start() || says_nothing {
        return None;
    }
    // Of 介護保険事業者番号, 介護保険 is only the field.
    let inside = look.cues_before().filter(|hit| hit.end() == label.start());
    let rules =
        inside.flat_map(|hit| look.scene.tables.lexicon.senses(hit)).fold(0, |rules, sense| match sense {
            Sense::Rule { rule, strong: true } => rules | 1 << rule,
            _ => rules,
        });
    Some(rules)
}
