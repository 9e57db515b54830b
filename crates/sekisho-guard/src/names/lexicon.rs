//! The words that the tagger knows, and where they stand in a text.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::{cells::Cell, romaji};

/// Longer words are not kept: a match must fit into the sight of each of its letters.
const WORD_CHARS_MAX: usize = 12;
/// Characters of the original that a match may have beside its own letters, unseen ones.
const HIDDEN_CHARS_MAX: u32 = 4;

/// Bits of the filter: a power of two, about sixteen for each word and beginning.
const FILTER_BITS: usize = 1 << 20;

/// A set of [`Class`]es.
pub(crate) type Classes = u32;

/// What a word is. The order is that of [`CLASSES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// 姓
    Surname,
    /// 名
    Given,
    /// 姓, in katakana
    SurnameKana,
    /// 名, in katakana
    GivenKana,
    /// 名, in hiragana
    GivenHiragana,
    /// A foreign name in katakana
    Foreign,
    /// A name in Latin letters, in lower case
    Romaji,
    /// 都道府県
    Prefecture,
    /// 市区町村
    Municipality,
    /// 町名, 地区
    District,
    /// 地方, mountains and rivers
    Region,
    /// What makes a company or an institution of the word before it
    Org,
    /// What makes a place of the word before it
    Place,
    /// What follows a person: 様, 課長
    Honorific,
    /// What stands before one: 氏名, 担当
    Label,
    /// Words that are no names, above all those that look like some
    Word,
    /// What says that an address follows
    Cue,
    /// What makes a building of the word before it
    Building,
    /// What no name of a town ends with
    NotTown,
    /// What is no municipality before 市 or 町
    NotMunicipality,
    /// 姓, in hiragana
    SurnameHiragana,
    /// A word in Latin letters that is no name by itself, in lower case
    Latin,
}

/// The names of the classes in the vocabulary files.
const CLASSES: [&str; 22] = [
    "surname",
    "given",
    "surname-kana",
    "given-kana",
    "given-hiragana",
    "foreign",
    "romaji",
    "prefecture",
    "municipality",
    "district",
    "region",
    "org",
    "place",
    "honorific",
    "label",
    "word",
    "cue",
    "building",
    "not-town",
    "not-municipality",
    "surname-hiragana",
    "latin",
];

impl Class {
    /// The set that holds only this class.
    pub(crate) const fn bit(self) -> Classes {
        1 << self as u8
    }
}

/// A word of the lexicon in a text: cells `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) classes: Classes,
}

/// The vocabulary.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// Every word and every beginning of a word, by hash. A beginning that is no word has no class. Two words with one
    /// hash among 2^64 would be taken for each other; the effect is a feature, not an error.
    words: HashMap<u64, Classes, BuildHasherDefault<AsIs>>,
    /// A bit for each of them by the lowest bits of its hash: most places in a text begin nothing, and this stays in the cache
    /// of a core, which the words do not.
    filter: Vec<u64>,
    lists: Vec<(usize, String)>,
}

/// The keys are hashes already.
#[derive(Debug, Clone, Copy, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = step(self.0, u32::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// One more letter of a hash that grows with the word.
pub(super) fn step(hash: u64, value: u32) -> u64 {
    let mixed = (hash ^ u64::from(value)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

impl Lexicon {
    /// Reads vocabulary files: `[class]` begins a list, `#` a comment, words stand between spaces. Lists of a class that
    /// is unknown are passed over, so that a newer file still reads.
    pub fn parse(files: &[&str]) -> Self {
        let mut lexicon = Self { filter: vec![0; FILTER_BITS / 64], ..Self::default() };
        lexicon.words.reserve(48_000);
        for file in files {
            let mut class = None;
            for line in file.lines().filter(|line| !line.starts_with('#')) {
                if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                    class = CLASSES.iter().position(|known| *known == name);
                } else if let Some(class) = class {
                    lexicon.lists.push((class, line.to_owned()));
                    for word in line.split_whitespace() {
                        lexicon.insert(word, class);
                        lexicon.insert_spellings(word, class);
                    }
                }
            }
        }
        lexicon
    }

    /// A reading is known in the other kana and in Latin letters too. Short ones are left out in hiragana: they are also
    /// endings of verbs.
    fn insert_spellings(&mut self, word: &str, class: usize) {
        const SHORT: usize = 2;
        let (kana, other) = if class == Class::SurnameKana as usize {
            (word.to_owned(), Class::SurnameHiragana)
        } else if class == Class::GivenKana as usize {
            (word.to_owned(), Class::GivenHiragana)
        } else if class == Class::GivenHiragana as usize {
            let katakana = romaji::katakana(word);
            self.insert(&katakana, Class::GivenKana as usize);
            (katakana, Class::GivenHiragana)
        } else {
            return;
        };
        for spelled in romaji::spellings(&kana) {
            self.insert(&spelled, Class::Romaji as usize);
        }
        if kana.chars().count() > SHORT {
            self.insert(&romaji::hiragana(&kana), other as usize);
        }
    }

    /// The words of a class, in the order of the files.
    pub fn words(&self, class: Class) -> impl Iterator<Item = &str> {
        self.lists
            .iter()
            .filter(move |list| list.0 == class as usize)
            .flat_map(|list| list.1.split_whitespace())
    }

    /// The classes of a word or of a beginning of one, by its hash.
    fn get(&self, hash: u64) -> Option<Classes> {
        let bit = hash as usize % FILTER_BITS;
        let may_be = self.filter.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1);
        if may_be { self.words.get(&hash).copied() } else { None }
    }

    fn insert(&mut self, word: &str, class: usize) {
        let class = 1 << class;
        let mut letters = word.chars().peekable();
        let mut hash = 0;
        let mut count = 0;
        while let Some(letter) = letters.next() {
            count += 1;
            if count > WORD_CHARS_MAX {
                return;
            }
            hash = step(hash, u32::from(letter.to_ascii_lowercase()));
            let bit = hash as usize % FILTER_BITS;
            self.filter[bit / 64] |= 1 << (bit % 64);
            let classes = self.words.entry(hash).or_default();
            if letters.peek().is_none() {
                *classes |= class;
            }
        }
    }

    /// Every word in `cells` for which `keep` says yes, by its first cell.
    pub(super) fn matches(&self, cells: &[Cell], keep: impl Fn(u64) -> bool) -> Vec<Match> {
        let mut found = Vec::new();
        for start in 0..cells.len() {
            if !cells[start].script.may_be_named() {
                continue;
            }
            let mut hash = 0;
            for (offset, cell) in cells[start..].iter().take(WORD_CHARS_MAX).enumerate() {
                hash = step(hash, u32::from(cell.letter.to_ascii_lowercase()));
                let Some(classes) = self.get(hash) else { break };
                let hidden = cell.at - cells[start].at > offset as u32 + HIDDEN_CHARS_MAX;
                if classes != 0 && !hidden && keep(hash) && whole_if_latin(cells, start, start + offset + 1) {
                    found.push(Match { start: start as u32, end: (start + offset + 1) as u32, classes });
                }
            }
        }
        found
    }

    /// The length of the longest word of one of these classes with which `cells` begin.
    pub fn longest_of(&self, cells: &[Cell], classes: &[Class]) -> Option<usize> {
        self.longest(cells, classes.iter().fold(0, |set, class| set | class.bit()))
    }

    /// The length of the longest word of a set of classes with which `cells` begin.
    pub(crate) fn longest(&self, cells: &[Cell], classes: Classes) -> Option<usize> {
        let mut hash = 0;
        let mut longest = None;
        for (offset, cell) in cells.iter().take(WORD_CHARS_MAX).enumerate() {
            hash = step(hash, u32::from(cell.letter.to_ascii_lowercase()));
            let Some(found) = self.get(hash) else { break };
            if found & classes != 0 {
                longest = Some(offset + 1);
            }
        }
        longest
    }

    /// Whether a text is a word of one of these classes.
    pub(crate) fn is_word(&self, text: &str, classes: Classes) -> bool {
        let hash = text.chars().fold(0, |hash, letter| step(hash, u32::from(letter.to_ascii_lowercase())));
        self.get(hash).is_some_and(|found| found & classes != 0)
    }

    /// Whether `cells` end with a word of one of these classes.
    pub(crate) fn ends_with(&self, cells: &[Cell], classes: Classes) -> bool {
        (1..=WORD_CHARS_MAX.min(cells.len())).any(|count| {
            let word = &cells[cells.len() - count..];
            self.longest(word, classes) == Some(count)
        })
    }

    /// How many words and beginnings of words are kept.
    pub fn entries(&self) -> usize {
        self.words.len()
    }
}

/// A Latin word counts only when it is a word of the text: `Ann` is not in `Announce`.
fn whole_if_latin(cells: &[Cell], start: usize, end: usize) -> bool {
    if !cells[start].script.is_latin() {
        return true;
    }
    // Behind many unseen characters a letter is no neighbour; otherwise the next one could be out of every sight.
    let joined = |first: usize, second: usize| {
        cells
            .get(second)
            .is_some_and(|cell| cell.script.is_latin() && cell.at - cells[first].at <= HIDDEN_CHARS_MAX)
            && cells[first].script.is_latin()
    };
    let is_part = joined(end - 1, end) || start > 0 && joined(start - 1, start);
    !is_part
}
