//! Instructions to a model where data should be, and text that people do not see.
//!
//! Phrases are data (`data/guard/injection.toml`): words by class and the order in which they come, looked for in a form of
//! the text in which disguises have fallen away. What is no phrase is looked for here: encoded runs are decoded and read
//! again, unseen characters are counted, markup that hides or sends away is followed.

mod encoded;
mod markup;
mod unseen;

pub(crate) use encoded::decode_base64;

use std::{borrow::Cow, ops::Range};

use crate::{
    Detector, Evidence, Kind, Problem, ProblemKind, Reach, RuleCard, Span, Unavailable, View,
    file::Reader,
    folded::{Folded, Form},
    phrase::{self, Disguise, Phrases},
    rule_card::{self, FILE_BYTES_MAX},
};

/// Longest encoded run, comment or run of unseen characters, in characters.
pub const HOLD_CHARS_MAX: usize = 4_096;

/// The rules that travel with the program.
const BUILT_IN: &str = include_str!("../../../data/guard/injection.toml");

/// Confidence from which a phrase inside something encoded or hidden makes that an injection.
const INNER_CONFIDENCE_MIN: f32 = 0.5;

/// Finds prompt injection and hidden text.
#[derive(Debug)]
pub struct Injection {
    phrases: Phrases,
    /// The rules that are found by code, by the end of their id.
    encoded: Option<usize>,
    link: Option<usize>,
    hidden: markup::Rules,
    unseen: unseen::Rules,
}

/// Something found by code: which rule, where, how sure.
struct Found {
    rule: usize,
    range: Range<usize>,
    confidence: f32,
    note: Option<&'static str>,
}

/// Adds findings, and remembers the first place that more text could change.
struct Findings {
    found: Vec<Found>,
    open_from: usize,
}

impl Findings {
    fn hold(&mut self, at: usize) {
        self.open_from = self.open_from.min(at);
    }

    fn add(&mut self, rule: usize, range: Range<usize>, confidence: f32, note: Option<&'static str>) {
        self.found.push(Found { rule, range, confidence, note });
    }
}

impl Injection {
    /// The rules that travel with the program.
    pub fn built_in() -> Self {
        let (injection, problems) = Self::load(BUILT_IN);
        injection.filter(|_| problems.is_empty()).expect("a test loads the built-in rules")
    }

    /// Reads a file of rules; nothing when it makes no detector at all. All problems are listed.
    pub fn load(text: &str) -> (Option<Self>, Vec<Problem>) {
        let (mut reader, mut root) = Reader::open(text, FILE_BYTES_MAX);
        root.version(&mut reader);
        let builder = phrase::read(&mut reader, &mut root, Form::DISGUISED, &["injection/", "hidden/"]);
        root.finish(&mut reader);
        let Ok(phrases) = builder.build() else {
            reader.note(0, "", ProblemKind::TooMany { max: crate::lexicon::WORDS_MAX });
            return (None, reader.into_problems());
        };
        let rule = |id: &str| phrases.rules().iter().position(|rule| rule.card.id == id);
        let (encoded, link) = (rule("injection/encoded"), rule("injection/exfil-link"));
        let hidden = markup::Rules { comment: rule("hidden/comment"), style: rule("hidden/style") };
        let unseen = unseen::Rules {
            tags: rule("hidden/tag-characters"),
            selectors: rule("hidden/variation-selectors"),
            zero_width: rule("hidden/zero-width"),
            invisible: rule("hidden/invisible"),
            bidi: rule("hidden/bidi"),
        };
        (Some(Self { phrases, encoded, link, hidden, unseen }), reader.into_problems())
    }

    /// What each rule says of itself.
    pub fn cards(&self) -> impl Iterator<Item = &RuleCard> {
        self.phrases.rules().iter().map(|rule| &rule.card)
    }

    /// The tests inside the rules that fail.
    pub fn failed_tests(&self) -> Vec<Problem> {
        rule_card::failed_tests(self, self.cards())
    }

    /// How sure the strongest phrase in a whole text is; 0 when there is none.
    fn strongest_phrase(&self, text: &str) -> f32 {
        let folded = Folded::of(text, self.phrases.form(), true);
        let matches = self.phrases.matches(&folded, text, true);
        matches.iter().map(|found| found.confidence).fold(0.0, f32::max)
    }

    fn confidence(&self, rule: usize) -> f32 {
        self.phrases.rules()[rule].confidence
    }

    /// What code finds, and from where it is not settled.
    fn by_code(&self, view: &View<'_>) -> Findings {
        let mut findings = Findings { found: Vec::new(), open_from: view.original.len() };
        encoded::look(self, view, &mut findings);
        markup::look(self, view, &mut findings);
        unseen::look(self, view, &mut findings);
        findings
    }
}

impl Detector for Injection {
    fn name(&self) -> &'static str {
        "injection"
    }

    fn reach(&self) -> Reach {
        Reach { behind_chars: phrase::BEHIND_CHARS, hold_chars_max: HOLD_CHARS_MAX }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let folded = Folded::of(view.original, self.phrases.form(), view.at_end);
        for one in self.phrases.matches(&folded, view.original, view.at_end) {
            let mut notes = Vec::new();
            match one.disguise {
                Disguise::None if folded.is_escaped(one.chars.clone()) => notes.push("evidence-escaped"),
                Disguise::None => {}
                Disguise::Rot13 => notes.push("evidence-rot13"),
                Disguise::Rot47 => notes.push("evidence-rot47"),
                Disguise::Reversed => notes.push("evidence-reversed"),
            }
            if one.is_quoted {
                notes.push("evidence-quoted");
            }
            let range = folded.original(one.chars);
            found.push(self.span(one.rule, range, one.confidence, notes));
        }
        let findings = self.by_code(view);
        for one in findings.found {
            found.push(self.span(one.rule, one.range, one.confidence, one.note.into_iter().collect()));
        }
        if view.at_end {
            return Ok(view.original.len());
        }
        Ok(self.phrases.settled(&folded, view.original).min(findings.open_from))
    }
}

impl Injection {
    fn span(&self, rule: usize, range: Range<usize>, confidence: f32, notes: Vec<&'static str>) -> Span {
        let id = &self.phrases.rules()[rule].card.id;
        let kind = if id.starts_with("hidden/") { Kind::HiddenText } else { Kind::Injection };
        Span {
            kind,
            range,
            confidence,
            rule: Cow::Owned(id.clone()),
            evidence: Evidence { notes, ..Evidence::default() },
        }
    }
}

#[cfg(test)]
mod tests;
