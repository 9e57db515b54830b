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
    Detector, Evidence, Kind, Reach, RuleCard, Span, Unavailable, View,
    datafile::{Placed, Problem, ProblemKind, Reader, Table},
    folded::{Folded, Form},
    lexicon::{self, Class, WORD_CHARS_MAX},
    phrase::{self, Phrases, Rule, Step},
    rule_card::{self, FailedTest},
};

/// Most topics in one file.
pub const TOPICS_MAX: usize = 1_000;
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
        let (mut reader, root) = Reader::open(text);
        let Some(mut root) = root else { return (None, reader.into_problems()) };
        let mut builder = phrase::Builder::new(Form::WORDS, true);
        let mut ids = Vec::new();
        for (number, table) in root.tables(&mut reader, "topic").into_iter().enumerate() {
            let at = table.span.start;
            if number == TOPICS_MAX {
                let (found, allowed) = ("more".to_owned(), TOPICS_MAX.to_string());
                reader.note(at, ProblemKind::BadValue { key: "topic".to_owned(), found, allowed });
                break;
            }
            let id = read_topic(&mut reader, table, &mut builder);
            if ids.contains(&id) {
                reader.note(at, ProblemKind::Duplicate { id: id.clone() });
            }
            ids.push(id);
        }
        root.finish(&mut reader);
        match builder.build() {
            Ok(phrases) => (Some(Self { phrases }), reader.into_problems()),
            Err(_) => {
                let words_max = lexicon::WORDS_MAX;
                reader.problems.push(Problem { line: 0, kind: ProblemKind::TooManyWords { words_max } });
                (None, reader.into_problems())
            }
        }
    }

    /// Reads a file of topics whole, its own tests included, or not at all.
    ///
    /// # Errors
    /// [`crate::Error::Topics`] with every problem.
    pub fn parse(text: &str) -> Result<Self, crate::Error> {
        let (topics, problems) = Self::load(text);
        match topics {
            Some(topics) if problems.is_empty() => Ok(topics),
            _ => Err(crate::Error::Topics { problems: problems.into_iter().map(Into::into).collect() }),
        }
    }

    /// What each topic says of itself; its title stands as the reason.
    pub fn cards(&self) -> impl Iterator<Item = &RuleCard> {
        self.phrases.rules().iter().map(|rule| &rule.card)
    }

    /// The tests inside the topics that fail.
    pub fn failed_tests(&self) -> Vec<FailedTest> {
        rule_card::failed_tests(self, &self.cards().collect::<Vec<_>>())
    }
}

fn read_topic(reader: &mut Reader, mut table: Table<'_>, builder: &mut phrase::Builder) -> String {
    let card = RuleCard::read_titled(reader, &mut table, "title", &["topic/"]);
    let id = card.id.clone();
    let confidence = table.number(reader, "confidence", (0.0, 1.0)).unwrap_or(0.9) as f32;
    let except = table.texts(reader, "except");
    let unless_inside = (!except.is_empty()).then(|| {
        let longest = except.iter().map(|word| word.text.chars().count()).max().unwrap_or(0);
        (read_class(reader, &except, builder), longest.min(WORD_CHARS_MAX))
    });
    let rule = builder.rule(Rule { card, confidence, unless_inside, ..Rule::default() });
    let words = table.texts(reader, "words");
    let pairs = table.tables(reader, "near");
    if words.is_empty() && pairs.is_empty() {
        reader.note(table.span.start, ProblemKind::MissingKey { key: "words".to_owned() });
    }
    if !words.is_empty() {
        let class = read_class(reader, &words, builder);
        builder.sequence(rule, false, vec![Step { gap: 0, crosses: true, classes: vec![class] }]);
    }
    for mut pair in pairs {
        let mut class = |reader: &mut Reader, key: &str| {
            let words = pair.texts(reader, key);
            if words.is_empty() {
                reader.note(pair.span.start, ProblemKind::MissingKey { key: key.to_owned() });
            }
            read_class(reader, &words, builder)
        };
        let (one, other) = (class(reader, "one"), class(reader, "other"));
        let within = pair.number(reader, "within", (0.0, WITHIN_CHARS_MAX as f64)).unwrap_or(20.0) as usize;
        pair.finish(reader);
        for (first, second) in [(one, other), (other, one)] {
            let step = |gap, class| Step { gap, crosses: true, classes: vec![class] };
            builder.sequence(rule, false, vec![step(0, first), step(within, second)]);
        }
    }
    table.finish(reader);
    id
}

fn read_class(reader: &mut Reader, words: &[Placed], builder: &mut phrase::Builder) -> Class {
    let class = builder.class();
    for word in words {
        // ユーザー and ユーザ are one word.
        let stem = word.text.strip_suffix('ー').filter(|stem| stem.chars().count() > 2).unwrap_or(&word.text);
        if !builder.word(stem, class) {
            reader.note(word.at, ProblemKind::BadWord { word: word.text.clone() });
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

    fn detect(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<(), Unavailable> {
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
        Ok(())
    }

    fn settled(&self, view: &View<'_>) -> usize {
        let folded = Folded::of(view.original, self.phrases.form(), false);
        self.phrases.settled(&folded, view.original)
    }
}

#[cfg(test)]
mod tests;
