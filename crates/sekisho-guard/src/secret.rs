//! Secrets: keys, tokens, passwords.
//!
//! Three ways to know one: a token carries its issuer's prefix; a block or an address has a form of its own; anything else
//! needs a word that says what it is (パスワード：, `api_key =`), since a random-looking text alone may be a hash, a
//! commit or an image.

mod assigned;
mod block;
mod token;
mod value;

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use aho_corasick::AhoCorasick;

use crate::{
    Detector, Evidence, Kind, Problem, ProblemKind, Reach, RuleCard, Span, Unavailable, View,
    file::{Reader, Table},
    folded::{Folded, Form},
    lexicon::Beginnings,
    rule_card::{self, Cards, FILE_BYTES_MAX},
};

/// Longest secret that is followed, in characters. An RSA key of 8,192 bits fits, as PEM inside a JSON string too.
pub const HOLD_CHARS_MAX: usize = 8_192;
/// How far before a secret the word stands that says what it is, in characters.
const CUE_CHARS_MAX: usize = 96;

/// Most rules of one kind in a file, and most words in one of its lists.
const RULES_MAX: usize = 500;
const LIST_MAX: usize = 2_000;
/// Longest word in a list, in characters.
const WORD_CHARS_MAX: usize = 64;

/// The rules that travel with the program.
const BUILT_IN: &str = include_str!("../../../data/guard/secret.toml");

/// Finds secrets.
#[derive(Debug)]
pub struct Secrets {
    rules: Vec<Rule>,
    tokens: token::Tokens,
    cues: assigned::Cues,
    values: value::Judge,
    key_block: Option<usize>,
    url: Option<usize>,
    header: Option<usize>,
}

#[derive(Debug)]
struct Rule {
    card: RuleCard,
    confidence: f32,
}

/// A secret, or what may become one. Bytes of the folded text.
struct Candidate {
    rule: usize,
    range: Range<usize>,
    /// How sure, as a share of the certainty of the rule; nothing when it is no secret as far as it can be seen.
    share: Option<f32>,
    cue: Option<Range<usize>>,
    /// More text could change it.
    is_open: bool,
}

/// The text being looked at, folded but for case and space.
struct Look<'a> {
    text: &'a str,
    at_end: bool,
}

impl Look<'_> {
    /// The end of the run of bytes from `from` that `accepts` takes, at most `bytes_max` long; and whether it touches the
    /// end of a text that goes on.
    fn run(&self, from: usize, bytes_max: usize, accepts: impl Fn(u8) -> bool) -> (usize, bool) {
        let bytes = &self.text.as_bytes()[from..];
        let length = bytes.iter().take(bytes_max).take_while(|byte| accepts(**byte)).count();
        (from + length, length == bytes.len() && length < bytes_max && !self.at_end)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn byte_before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).and_then(|at| self.byte(at))
    }
}

impl Secrets {
    /// The rules that travel with the program.
    pub fn built_in() -> Self {
        let (secrets, problems) = Self::load(BUILT_IN);
        secrets.filter(|_| problems.is_empty()).expect("a test loads the built-in rules")
    }

    /// Reads a file of rules; nothing when it makes no detector at all. All problems are listed.
    pub fn load(text: &str) -> (Option<Self>, Vec<Problem>) {
        let (mut reader, mut root) = Reader::open(text, FILE_BYTES_MAX);
        root.version(&mut reader);
        let mut rules = Rules::default();
        for value in root.take("rule").map(|value| value.items(&mut reader, RULES_MAX)).unwrap_or_default() {
            let Some(mut table) = value.table(&mut reader) else { continue };
            rules.add(&mut reader, &mut table);
            table.finish(&mut reader);
        }
        let tokens = token::Tokens::read(&mut reader, &mut root, &mut rules);
        let rules = rules.all;
        let cues = assigned::Cues::read(&mut reader, &mut root, &rules);
        let values = value::Judge::read(&mut reader, &mut root);
        root.finish(&mut reader);
        let (Some(tokens), Some(cues)) = (tokens, cues) else {
            reader.note(0, "", ProblemKind::TooMany { max: crate::lexicon::WORDS_MAX });
            return (None, reader.into_problems());
        };
        let rule = |id: &str| rules.iter().position(|rule: &Rule| rule.card.id == id);
        let (key_block, url, header) =
            (rule("secret/private-key"), rule("secret/url-password"), rule("secret/authorization"));
        (Some(Self { rules, tokens, cues, values, key_block, url, header }), reader.into_problems())
    }

    /// What each rule says of itself.
    pub fn cards(&self) -> impl Iterator<Item = &RuleCard> {
        self.rules.iter().map(|rule| &rule.card)
    }

    /// The tests inside the rules that fail.
    pub fn failed_tests(&self) -> Vec<Problem> {
        rule_card::failed_tests(self, self.cards())
    }

    fn candidates(&self, look: &Look<'_>) -> Vec<Candidate> {
        let mut found = Vec::new();
        self.tokens.look(look, &self.values, &mut found);
        if let Some(rule) = self.key_block {
            block::look(look, rule, &mut found);
        }
        if let Some(rule) = self.url {
            assigned::look_for_urls(look, rule, &self.values, &mut found);
        }
        self.cues.look(look, self.header, &self.values, &mut found);
        found
    }
}

/// Rules as they are read.
#[derive(Default)]
struct Rules {
    all: Vec<Rule>,
    cards: Cards,
}

impl Rules {
    /// Reads the common keys of a rule. Tells its number.
    fn add(&mut self, reader: &mut Reader, table: &mut Table<'_>) -> usize {
        let card = self.cards.read(reader, table, &["secret/"], "why");
        let confidence = table.take("confidence").and_then(|value| value.share(reader)).unwrap_or(0.9);
        self.all.push(Rule { card, confidence });
        self.all.len() - 1
    }
}

impl Detector for Secrets {
    fn name(&self) -> &'static str {
        "secret"
    }

    fn reach(&self) -> Reach {
        Reach { behind_chars: CUE_CHARS_MAX + 8, hold_chars_max: HOLD_CHARS_MAX }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let folded = Folded::of(view.original, Form::TOKENS, view.at_end);
        let look = Look { text: folded.text(), at_end: view.at_end };
        let original =
            |range: Range<usize>| folded.original(folded.char_at(range.start)..folded.char_at(range.end));
        // One place may be known by several rules; the surest speaks.
        let mut best: BTreeMap<(usize, usize), (f32, Candidate)> = BTreeMap::new();
        let candidates = self.candidates(&look);
        let settled = self.settled(view, &folded, &look, &candidates);
        for candidate in candidates {
            let Some(share) = candidate.share else { continue };
            if !is_near(&folded, &candidate) {
                continue;
            }
            let confidence = self.rules[candidate.rule].confidence * share;
            let place = (candidate.range.start, candidate.range.end);
            if best.get(&place).is_none_or(|other| other.0 < confidence) {
                best.insert(place, (confidence, candidate));
            }
        }
        for (confidence, candidate) in best.into_values() {
            let cue = candidate.cue.map(original);
            found.push(Span {
                kind: Kind::Secret,
                range: original(candidate.range),
                confidence,
                rule: Cow::Owned(self.rules[candidate.rule].card.id.clone()),
                evidence: Evidence { cue, ..Evidence::default() },
            });
        }
        Ok(settled)
    }
}

impl Secrets {
    fn settled(&self, view: &View<'_>, folded: &Folded, look: &Look<'_>, candidates: &[Candidate]) -> usize {
        if view.at_end {
            return view.original.len();
        }
        let held = folded.original_chars().saturating_sub(HOLD_CHARS_MAX);
        let open = candidates.iter().filter(|candidate| candidate.is_open);
        let starts = open.map(|candidate| candidate.range.start).chain(self.tokens.tail(look));
        let chars = starts.map(|at| folded.char_at(at)).filter(|char| folded.index(*char) >= held);
        chars.min().map_or(view.original.len(), |char| folded.original_start(char)).min(folded.unsure_from)
    }
}

/// Whether the secret and its cue lie within the stated reach, unseen characters included.
fn is_near(folded: &Folded, candidate: &Candidate) -> bool {
    let index = |at: usize| folded.index(folded.char_at(at));
    let (start, end) = (index(candidate.range.start), index(candidate.range.end - 1));
    let cue = candidate.cue.as_ref().map_or(start, |cue| index(cue.start));
    end - start < HOLD_CHARS_MAX && start - cue <= CUE_CHARS_MAX
}

/// An automaton over words, in any case or as written; nothing when it would be too large.
fn automaton(words: &[String], any_case: bool) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(any_case).build(words).ok()
}

fn beginnings(words: &[String]) -> Beginnings {
    Beginnings::of(words.to_vec())
}

#[cfg(test)]
mod tests;
