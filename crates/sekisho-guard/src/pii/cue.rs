//! Words that say what a number is, or what it is not, and where they stand in a text.

use std::collections::HashMap;

use aho_corasick::{
    Anchored,
    automaton::{Automaton, StateID},
    nfa::contiguous,
};

/// What a word says about the number near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// That it falls under a rule: surely, or together with something else.
    Rule { rule: usize, strong: bool },
    /// As a weak word, and as a strong one directly before the number.
    Touch { rule: usize },
    /// That the number is none of the rule, where such words are.
    Unless { rule: usize },
    /// That the text is of a place where such numbers are in use: a ward, an office.
    Scene { rule: usize },
    /// That it is another number: an order, a parcel, a product.
    NotNumber,
    /// That a date is not of birth.
    NotDate,
    /// That dotted numbers are a version or a section.
    NotIp,
    /// 番号 or コード: the word before it decides.
    Label,
    /// 記号: the first of two numbers of an insurance card or a postal account.
    Symbol,
}

/// All words with their senses.
pub(super) struct Lexicon {
    automaton: contiguous::NFA,
    start: StateID,
    words: Vec<Word>,
}

struct Word {
    senses: Vec<Sense>,
    /// Bytes without the spaces in it.
    len: usize,
    /// A Latin word must not begin or end inside a longer one: `tel` is not in `hotel`.
    latin_start: bool,
    latin_end: bool,
}

impl Lexicon {
    pub(super) fn new(senses: Vec<(String, Sense)>) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut patterns = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        // The name of a field is also written as one word: kojin_bango, kojinBango.
        let joined =
            |(text, sense): &(String, Sense)| text.contains('_').then(|| (text.replace('_', ""), *sense));
        let fields: Vec<_> = senses.iter().filter_map(joined).collect();
        for (text, sense) in senses.into_iter().chain(fields) {
            let key: String =
                text.chars().filter(|it| *it != ' ').map(|it| it.to_ascii_lowercase()).collect();
            let index = *known.entry(key.clone()).or_insert_with(|| {
                let is_latin = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
                words.push(Word {
                    senses: Vec::new(),
                    len: key.len(),
                    latin_start: is_latin(key.as_bytes().first()),
                    latin_end: key.as_bytes().last().is_some_and(u8::is_ascii_alphabetic),
                });
                patterns.push(key);
                words.len() - 1
            });
            if !words[index].senses.contains(&sense) {
                words[index].senses.push(sense);
            }
        }
        let automaton = contiguous::NFA::new(&patterns).expect("a test builds the built-in words");
        let start = automaton.start_state(Anchored::No).expect("the automaton is built unanchored");
        Self { automaton, start, words }
    }

    pub(super) fn senses(&self, hit: &Hit) -> &[Sense] {
        &self.words[usize::from(hit.word)].senses
    }

    /// All words in `text` from byte `from` on, by their end, of one end the longest last. Spaces and line breaks
    /// inside a word do not count, since headings are spaced out and lines are wrapped.
    pub(super) fn find(&self, text: &str, from: usize) -> Vec<Hit> {
        let bytes = text.as_bytes();
        let mut hits = Vec::new();
        let (mut state, mut spaced) = (self.start, from);
        for (at, &byte) in bytes.iter().enumerate().skip(from) {
            if matches!(byte, b' ' | b'\n' | b'\r') {
                spaced = at + 1;
                continue;
            }
            state = self.automaton.next_state(Anchored::No, state, byte.to_ascii_lowercase());
            if self.automaton.is_special(state) && self.automaton.is_match(state) {
                self.take(state, bytes, at + 1, spaced, &mut hits);
            }
        }
        hits
    }

    fn take(&self, state: StateID, bytes: &[u8], end: usize, spaced: usize, hits: &mut Vec<Hit>) {
        let first = hits.len();
        for index in 0..self.automaton.match_len(state) {
            let id = self.automaton.match_pattern(state, index).as_usize();
            let word = &self.words[id];
            let start = match end.checked_sub(word.len).filter(|start| *start >= spaced) {
                Some(start) => start,
                None => start_of(bytes, end, word.len),
            };
            let inside_start = word.latin_start
                && start > 0
                && bytes[start - 1].is_ascii_alphanumeric()
                && !is_camel(bytes, start);
            let inside_end = word.latin_end
                && bytes.get(end).is_some_and(u8::is_ascii_alphabetic)
                && !is_camel(bytes, end);
            if !inside_start && !inside_end {
                hits.push(Hit { start: start as u32, end: end as u32, word: id as u16 });
            }
        }
        hits[first..].sort_unstable_by_key(|hit| std::cmp::Reverse(hit.start));
    }
}

/// Whether a new word of a field name begins at `at`: kisoNenkin|No.
fn is_camel(bytes: &[u8], at: usize) -> bool {
    bytes[at - 1].is_ascii_lowercase() && bytes[at].is_ascii_uppercase()
}

/// Where a word of `len` bytes begins that ends at `end` and has spaces inside.
fn start_of(bytes: &[u8], end: usize, len: usize) -> usize {
    let (mut at, mut left) = (end, len);
    while left > 0 && at > 0 {
        at -= 1;
        left -= usize::from(!matches!(bytes[at], b' ' | b'\n' | b'\r'));
    }
    at
}

/// A word in a text, in bytes of the normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    start: u32,
    end: u32,
    word: u16,
}

impl Hit {
    pub(super) fn start(&self) -> usize {
        self.start as usize
    }

    pub(super) fn end(&self) -> usize {
        self.end as usize
    }
}

/// Words that begin at or after `floor` and end before `at`, the nearest first; of words inside words the longest.
pub(super) fn before(hits: &[Hit], floor: usize, at: usize) -> impl Iterator<Item = &Hit> {
    let last = hits.partition_point(|hit| hit.end() <= at);
    let mut lowest = usize::MAX;
    // No word is longer than this many bytes with a few spaces; further left nothing can begin at or after `floor`.
    hits[..last].iter().rev().take_while(move |hit| hit.end() > floor).filter(move |hit| {
        let visible = hit.start() >= floor && hit.start() < lowest;
        if visible {
            lowest = hit.start();
        }
        visible
    })
}

/// Words wholly between `at` and `ceiling`, in their order; of words inside words the longest.
pub(super) fn after(hits: &[Hit], at: usize, ceiling: usize) -> impl Iterator<Item = &Hit> {
    let first = hits.partition_point(|hit| hit.end() <= at);
    let last = hits.partition_point(|hit| hit.end() <= ceiling);
    let inside = &hits[first..last];
    inside.iter().filter(move |hit| {
        let covers = |other: &&Hit| {
            other.start <= hit.start
                && other.end >= hit.end
                && (other.start, other.end) != (hit.start, hit.end)
        };
        hit.start() >= at && !inside.iter().any(|other| other.start() >= at && covers(&other))
    })
}
