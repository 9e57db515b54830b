//! Words of many classes found in one pass, and the beginnings of words at the end of a text that breaks off.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use unicode_normalization::UnicodeNormalization;

use crate::folded::{Folded, Form};

/// Most words in one lexicon.
pub(crate) const WORDS_MAX: usize = 60_000;
/// Longest word, in folded characters.
pub(crate) const WORD_CHARS_MAX: usize = 64;
/// Most classes: each has a word of its own as a rule.
pub(crate) const CLASSES_MAX: usize = WORDS_MAX;

/// A class of words, by number.
pub(crate) type Class = u16;
const _: () = assert!(CLASSES_MAX <= Class::MAX as usize);

/// A word where it stands. Positions count folded characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Which word.
    pub(crate) word: u32,
    /// More text may show that the word does not end here.
    pub(crate) is_unsure: bool,
}

#[derive(Debug)]
struct Word {
    chars: usize,
    starts_at_edge: bool,
    ends_at_edge: bool,
    /// With voicing, where the lexicon tells it apart.
    voiced: Option<Box<str>>,
    /// In ascending order.
    classes: Vec<Class>,
}

/// Finds words.
#[derive(Debug)]
pub(crate) struct Lexicon {
    form: Form,
    automaton: AhoCorasick,
    words: Vec<Word>,
    beginnings: Beginnings,
    chars_max: usize,
}

/// Why words make no lexicon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unbuildable {
    /// Too many words or classes, or too long words, for the automaton.
    #[error("the words make an automaton that is too large")]
    TooLarge,
}

/// Collects words for a [`Lexicon`].
#[derive(Debug)]
pub(crate) struct Builder {
    form: Form,
    is_voiced: bool,
    patterns: Vec<String>,
    words: Vec<Word>,
    known: HashMap<(String, Option<Box<str>>, bool), usize>,
}

impl Builder {
    /// A lexicon over texts folded to `form`; `is_voiced` tells ガス from カス although `form` does not.
    pub(crate) fn new(form: Form, is_voiced: bool) -> Self {
        Self { form, is_voiced, patterns: Vec::new(), words: Vec::new(), known: HashMap::new() }
    }

    /// Adds a word of `class`. A Latin word stands alone unless it ends with `*`. Returns false when nothing is left of
    /// it after folding, or it is too long.
    pub(crate) fn add(&mut self, word: &str, class: Class) -> bool {
        let (word, is_open) = match word.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (word, false),
        };
        let folded = Folded::of(word, self.form, true).text().to_owned();
        let voiced = self.is_voiced.then(|| voiced(word).into_boxed_str());
        self.add_folded(folded, voiced, is_open, class)
    }

    /// Adds what is folded already.
    pub(crate) fn add_folded(
        &mut self,
        folded: String,
        voiced: Option<Box<str>>,
        is_open: bool,
        class: Class,
    ) -> bool {
        let chars = folded.chars().count();
        if chars == 0 || chars > WORD_CHARS_MAX {
            return false;
        }
        let is_latin =
            |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
        let ends_at_edge = !is_open && is_latin(folded.chars().next_back());
        let key = (folded, voiced, ends_at_edge);
        if let Some(found) = self.known.get(&key) {
            let classes = &mut self.words[*found].classes;
            if let Err(at) = classes.binary_search(&class) {
                classes.insert(at, class);
            }
            return true;
        }
        let (folded, voiced, _) = key.clone();
        self.known.insert(key, self.words.len());
        let starts_at_edge = is_latin(folded.chars().next());
        self.words.push(Word { chars, starts_at_edge, ends_at_edge, voiced, classes: vec![class] });
        self.patterns.push(folded);
        true
    }

    /// # Errors
    /// [`Unbuildable`] when the automaton would be too large.
    pub(crate) fn build(self) -> Result<Lexicon, Unbuildable> {
        if self.words.len() > WORDS_MAX {
            return Err(Unbuildable::TooLarge);
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&self.patterns)
            .map_err(|_| Unbuildable::TooLarge)?;
        let chars_max = self.words.iter().map(|word| word.chars).max().unwrap_or(0);
        let beginnings = Beginnings::of(self.patterns);
        Ok(Lexicon { form: self.form, automaton, words: self.words, beginnings, chars_max })
    }
}

impl Lexicon {
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    pub(crate) fn is_of(&self, hit: &Hit, class: Class) -> bool {
        self.words[hit.word as usize].classes.binary_search(&class).is_ok()
    }

    pub(crate) fn classes(&self, hit: &Hit) -> &[Class] {
        &self.words[hit.word as usize].classes
    }

    /// All words in `folded` (of `original`), by start. `at_end` says that no text follows.
    pub(crate) fn hits(&self, folded: &Folded, original: &str, at_end: bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        for found in self.automaton.find_overlapping_iter(folded.text()) {
            let word = &self.words[found.pattern().as_usize()];
            let end = folded.char_at(found.end());
            let start = end - word.chars;
            let is_last = end == folded.len() && !at_end;
            if (word.starts_at_edge && !folded.is_edge(start)) || (word.ends_at_edge && !folded.is_edge(end))
            {
                continue;
            }
            if let Some(spelling) = &word.voiced {
                let range = folded.original(start..end);
                let mark =
                    original[range.end..].chars().next().filter(|next| "\u{3099}\u{309a}ﾞﾟ".contains(*next));
                let range = range.start..range.end + mark.map_or(0, char::len_utf8);
                if *voiced(&original[range]) != **spelling {
                    continue;
                }
            }
            let is_unsure = is_last && (word.ends_at_edge || word.voiced.is_some());
            hits.push(Hit { start, end, word: found.pattern().as_u32(), is_unsure });
        }
        hits.sort_unstable_by_key(|hit| (hit.start, hit.end, hit.word));
        hits
    }

    /// The folded characters at which the text, which breaks off, may be in the middle of a word.
    pub(crate) fn tails(&self, folded: &Folded) -> Vec<usize> {
        self.tails_among(folded, &self.beginnings)
    }

    /// The same for some of the words only.
    pub(crate) fn tails_among(&self, folded: &Folded, beginnings: &Beginnings) -> Vec<usize> {
        let first = folded.len().saturating_sub(self.chars_max);
        (first..folded.len())
            .filter(|char| {
                let rest = folded.slice(*char..folded.len());
                beginnings.goes_on(rest)
                    && (folded.is_edge(*char)
                        || !rest.starts_with(|first: char| first.is_ascii_alphanumeric()))
            })
            .collect()
    }

    /// The words of the classes that `wanted` accepts, for [`Lexicon::tails_among`].
    pub(crate) fn beginnings_of(&self, wanted: impl Fn(Class) -> bool) -> Beginnings {
        let texts = self.beginnings.texts.iter();
        Beginnings::of(
            texts
                .filter(|text| {
                    let mut exact = self.automaton.find_overlapping_iter(text.as_ref());
                    exact.any(|found| {
                        found.start() == 0
                            && found.end() == text.len()
                            && self.words[found.pattern().as_usize()]
                                .classes
                                .iter()
                                .any(|class| wanted(*class))
                    })
                })
                .map(ToString::to_string)
                .collect(),
        )
    }
}

/// What voicing a word is spelled with.
fn voiced(text: &str) -> String {
    let composed: String = text.nfkc().collect();
    Folded::of(&composed, Form::VOICED, true).text().to_owned()
}

/// Texts that can be asked whether one of them goes on after a given beginning.
#[derive(Debug)]
pub(crate) struct Beginnings {
    texts: Vec<Box<str>>,
}

impl Beginnings {
    pub(crate) fn of(texts: Vec<String>) -> Self {
        let mut texts: Vec<Box<str>> = texts.into_iter().map(String::into_boxed_str).collect();
        texts.sort_unstable();
        texts.dedup();
        Self { texts }
    }

    /// Whether a text begins with `beginning` and is longer.
    pub(crate) fn goes_on(&self, beginning: &str) -> bool {
        let at = self.texts.partition_point(|text| **text <= *beginning);
        self.texts.get(at).is_some_and(|text| text.starts_with(beginning))
    }
}

#[cfg(test)]
mod tests {
    use super::{Builder, Lexicon};
    use crate::folded::{Folded, Form};

    fn found(lexicon: &Lexicon, text: &str) -> Vec<(String, bool)> {
        let folded = Folded::of(text, lexicon.form(), false);
        let hits = lexicon.hits(&folded, text, false);
        hits.iter().map(|hit| (text[folded.original(hit.start..hit.end)].to_owned(), hit.is_unsure)).collect()
    }

    #[test]
    fn words_keep_their_edges_and_their_voice() {
        let mut builder = Builder::new(Form::WORDS, true);
        for word in ["ガス", "dan", "instruct*", "指示"] {
            assert!(builder.add(word, 0));
        }
        assert!(!builder.add(" ", 0) && !builder.add(&"長".repeat(65), 0));
        let lexicon = builder.build().unwrap();
        let sure = |text: &str| vec![(text.to_owned(), false)];
        assert_eq!(found(&lexicon, "都市ガス料金"), sure("ガス"));
        assert_eq!(found(&lexicon, "都市ｶﾞｽ料金"), sure("ｶﾞｽ"));
        assert_eq!(found(&lexicon, "かすを捨てる"), []);
        assert_eq!(found(&lexicon, "ガズを"), []);
        assert_eq!(found(&lexicon, "dance dan."), sure("dan"));
        assert_eq!(found(&lexicon, "dan"), [("dan".to_owned(), true)]);
        assert_eq!(found(&lexicon, "instructions"), sure("instruct"));
        let folded = Folded::of("次の指", Form::WORDS, false);
        assert_eq!(lexicon.tails(&folded), [2]);
        assert!(lexicon.tails(&Folded::of("abroad", Form::WORDS, false)).is_empty());
    }
}
