//! Topics that an organisation has forbidden, as its own file says.
//!
//! ```
//! let text = r#"
//! version = 1
//! [[topic]]
//! id = "topic/merger"
//! title = { ja = "合併の検討", en = "merger talks" }
//! words = ["合併比率", "デューデリジェンス"]
//! except = ["合併比率の開示例"]
//! [[topic.near]]
//! one = ["関所銀行"]
//! other = ["合併", "統合"]
//! within = 20
//! "#;
//! let (topics, problems) = sekisho_guard::Topics::load(text);
//! assert!(topics.is_some() && problems.is_empty());
//! ```

use std::borrow::Cow;

use crate::{
    Detector, Error, Evidence, Kind, Problem, ProblemKind, Reach, RuleCard, Span, Unavailable, View,
    file::{Item, Reader, Table, Value},
    folded::{Folded, Form},
    lexicon::{self, Class, WORD_CHARS_MAX},
    phrase::{self, Phrases, Rule, Step},
    rule_card::{self, Cards, FILE_BYTES_MAX},
};

/// Most topics in one file.
pub const TOPICS_MAX: usize = 1_000;
/// Most words in one list of a topic, and most pairs of lists.
const WORDS_MAX: usize = 5_000;
const PAIRS_MAX: usize = 100;
/// Most characters between two words that make a topic together.
pub const WITHIN_CHARS_MAX: usize = 64;

/// Finds forbidden topics.
#[derive(Debug)]
pub struct Topics {
    phrases: Phrases,
}

impl Topics {
    /// Reads a file of topics; nothing when it makes no detector at all. All problems are listed with their lines.
    ///
    /// Words match in any spelling (width, kana, case, spaces, a long vowel at the end) and as part of longer words, so
    /// that a stem stands for all its inflections.
    pub fn load(text: &str) -> (Option<Self>, Vec<Problem>) {
        let (mut reader, mut root) = Reader::open(text, FILE_BYTES_MAX);
        root.version(&mut reader);
        let mut builder = phrase::Builder::new(Form::WORDS, true);
        let mut cards = Cards::default();
        let topics = root.need(&mut reader, "topic").map(|value| value.items(&mut reader, TOPICS_MAX));
        for value in topics.unwrap_or_default() {
            if let Some(table) = value.table(&mut reader) {
                read_topic(&mut reader, table, &mut builder, &mut cards);
            }
        }
        root.finish(&mut reader);
        let phrases = builder.build();
        if phrases.is_err() {
            reader.note(0, "", ProblemKind::TooMany { max: lexicon::WORDS_MAX });
        }
        (phrases.ok().map(|phrases| Self { phrases }), reader.into_problems())
    }

    /// Reads a file of topics whole, its own tests included, or not at all.
    ///
    /// # Errors
    /// [`Error::Topics`] with every problem.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match Self::load(text) {
            (Some(topics), problems) if problems.is_empty() => {
                let problems = topics.failed_tests();
                if problems.is_empty() { Ok(topics) } else { Err(Error::Topics { problems }) }
            }
            (_, problems) => Err(Error::Topics { problems }),
        }
    }

    /// What each topic says of itself; its title stands as the reason.
    pub fn cards(&self) -> impl Iterator<Item = &RuleCard> {
        self.phrases.rules().iter().map(|rule| &rule.card)
    }

    /// The tests inside the topics that fail.
    pub fn failed_tests(&self) -> Vec<Problem> {
        rule_card::failed_tests(self, self.cards())
    }
}

fn read_topic(reader: &mut Reader, mut table: Table<'_>, builder: &mut phrase::Builder, cards: &mut Cards) {
    let card = cards.read(reader, &mut table, &["topic/"], "title");
    let confidence = table.take("confidence").and_then(|value| value.share(reader)).unwrap_or(0.9);
    let except = table.take("except").map(|value| read_words(reader, value));
    let unless_inside = except.map(|except| {
        let longest = except.iter().map(|word| word.text.chars().count()).max().unwrap_or(0);
        (read_class(reader, &except, builder), longest.min(WORD_CHARS_MAX))
    });
    let rule = builder.rule(Rule { card, confidence, unless_inside, ..Rule::default() });
    let words = table.take("words").map(|value| read_words(reader, value));
    let pairs = table.take("near").map(|value| value.items(reader, PAIRS_MAX));
    if words.is_none() && pairs.is_none() {
        reader.note(table.at, &format!("{}.words", table.path), ProblemKind::Missing);
    }
    if let Some(words) = words {
        let class = read_class(reader, &words, builder);
        builder.sequence(rule, false, vec![Step { gap: 0, crosses: true, classes: vec![class] }]);
    }
    for value in pairs.unwrap_or_default() {
        if let Some(pair) = value.table(reader) {
            read_pair(reader, pair, rule, builder);
        }
    }
    table.finish(reader);
}

/// Two lists of words of which one each must stand near the other.
fn read_pair(reader: &mut Reader, mut pair: Table<'_>, rule: usize, builder: &mut phrase::Builder) {
    let mut class = |reader: &mut Reader, key| {
        let words = pair.need(reader, key).map(|value| read_words(reader, value));
        read_class(reader, &words.unwrap_or_default(), builder)
    };
    let (one, other) = (class(reader, "one"), class(reader, "other"));
    let within = pair.take("within").and_then(|value| value.whole(reader, 0, WITHIN_CHARS_MAX as u32));
    let within = within.unwrap_or(20) as usize;
    pair.finish(reader);
    for (first, second) in [(one, other), (other, one)] {
        let step = |gap, class| Step { gap, crosses: true, classes: vec![class] };
        builder.sequence(rule, false, vec![step(0, first), step(within, second)]);
    }
}

fn read_words(reader: &mut Reader, value: Value<'_>) -> Vec<Item> {
    value.texts(reader, WORDS_MAX, WORD_CHARS_MAX)
}

fn read_class(reader: &mut Reader, words: &[Item], builder: &mut phrase::Builder) -> Class {
    let class = builder.class();
    for word in words {
        // ユーザー and ユーザ are one word.
        let stem = word.text.strip_suffix('ー').filter(|stem| stem.chars().count() > 2).unwrap_or(&word.text);
        if !builder.word(stem, class) {
            reader.note(word.at, &word.path, ProblemKind::BadWord { found: word.text.clone() });
        }
    }
    class
}

impl Detector for Topics {
    fn name(&self) -> &'static str {
        "topic"
    }

    fn reach(&self) -> Reach {
        let hold_chars_max = phrase::SPAN_CHARS_MAX + phrase::AFTER_CHARS_MAX;
        Reach { behind_chars: phrase::BEHIND_CHARS, hold_chars_max }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let folded = Folded::of(view.original, self.phrases.form(), view.at_end);
        for one in self.phrases.matches(&folded, view.original, view.at_end) {
            found.push(Span {
                kind: Kind::Topic,
                range: folded.original(one.chars),
                confidence: one.confidence,
                rule: Cow::Owned(self.phrases.rules()[one.rule].card.id.clone()),
                evidence: Evidence::default(),
            });
        }
        Ok(if view.at_end { view.original.len() } else { self.phrases.settled(&folded, view.original) })
    }
}

#[cfg(test)]
mod tests;
