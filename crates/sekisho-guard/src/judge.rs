//! A classifier or a language model that judges, as a detector.
//!
//! It needs whole sentences, so it settles at the end of each: that is the release barrier of a stream. A reader then
//! waits for a sentence where rules alone would hold a few characters; use it where the label is worth the wait.
//!
//! ```
//! use std::{borrow::Cow, error::Error, sync::Arc};
//! use sekisho_guard::{Action, Context, Direction, Guard, Judge, Kind, Opinion, Policy, Scheme, Sentences};
//!
//! /// Stands for a call to a model.
//! struct Tone;
//! impl Judge for Tone {
//!     fn name(&self) -> &'static str { "tone" }
//!     fn judge(&self, sentence: &str) -> Result<Option<Opinion>, Box<dyn Error + Send + Sync>> {
//!         let is_bad = sentence.contains("ばか");
//!         Ok(is_bad.then(|| Opinion { kind: Kind::Topic, confidence: 0.7, rule: Cow::Borrowed("tone/insult") }))
//!     }
//! }
//!
//! let scheme = Scheme::built_in().remove(0);
//! let policy = Policy::parse(r#"
//! version = 1
//! id = "sample"
//! title = { ja = "例", en = "sample" }
//! [[rule]]
//! id = "insults"
//! version = 1
//! why = { ja = "例", en = "sample" }
//! detectors = ["tone/*"]
//! action = "mask"
//! "#, &scheme)?;
//! let guard = Guard::new(vec![Arc::new(Sentences::new(Tone, 400))], policy)?;
//! let context = Context { label: scheme.highest(), direction: Direction::Output };
//! let mut stream = guard.stream(context, None);
//! assert_eq!(stream.push("はい。ばかめ").text, "はい。");
//! assert_eq!(stream.push("。次").text, "[TOPIC]");
//! assert_eq!(stream.push("です。続").text, "次です。");
//! assert_eq!(stream.finish().text, "続");
//! # Ok::<(), sekisho_guard::Error>(())
//! ```

use std::{
    borrow::Cow,
    collections::VecDeque,
    error::Error,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use crate::{Detector, Evidence, Kind, Reach, Span, Unavailable, View};

/// Sentences whose opinions are kept: a window shows the last few again as context, and each call costs.
const REMEMBERED_MAX: usize = 64;

/// What ends a sentence.
const ENDS: &[char] = &['。', '！', '？', '!', '?', '．', '\n'];

/// Judges one sentence at a time.
pub trait Judge: Send + Sync {
    /// A short name for messages.
    fn name(&self) -> &'static str;

    /// What the sentence is, if anything. The same sentence must get the same opinion.
    ///
    /// # Errors
    /// Any reason why no judgement is possible; the text then does not pass.
    fn judge(&self, sentence: &str) -> Result<Option<Opinion>, Box<dyn Error + Send + Sync>>;
}

/// What a judge found a sentence to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// What it is.
    pub kind: Kind,
    /// How sure, 0 to 1.
    pub confidence: f32,
    /// The name under which rules of a policy know it, `tone/insult`.
    pub rule: Cow<'static, str>,
}

/// A sentence is longer than the judge is given.
#[derive(Debug, thiserror::Error)]
#[error("a sentence has more than {chars_max} characters")]
struct SentenceTooLong {
    chars_max: usize,
}

/// Shows a [`Judge`] the sentences of a text. One longer than the limit is not judged, and so does not pass: a limit of
/// some hundred characters fits prose, tables and code need more.
pub struct Sentences<J> {
    judge: J,
    chars_max: usize,
    remembered: Mutex<VecDeque<(String, Option<Opinion>)>>,
}

impl<J: Judge> Sentences<J> {
    /// Sentences of at most `chars_max` characters, their ends included.
    pub fn new(judge: J, chars_max: usize) -> Self {
        Self { judge, chars_max, remembered: Mutex::default() }
    }

    fn opinion(&self, sentence: &str) -> Result<Option<Opinion>, Box<dyn Error + Send + Sync>> {
        let remembered = || self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, opinion)) = remembered().iter().find(|(known, _)| known == sentence) {
            return Ok(opinion.clone());
        }
        let opinion = self.judge.judge(sentence)?;
        let mut remembered = remembered();
        remembered.truncate(REMEMBERED_MAX - 1);
        remembered.push_front((sentence.to_owned(), opinion.clone()));
        Ok(opinion)
    }
}

impl<J: Judge> Detector for Sentences<J> {
    fn name(&self) -> &'static str {
        self.judge.name()
    }

    fn reach(&self) -> Reach {
        // Whether a sentence begins is told by the one character before it.
        Reach { behind_chars: 1, hold_chars_max: self.chars_max }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let unavailable = |source| Unavailable { detector: self.judge.name(), source };
        for range in sentences(view).into_iter().filter(|range| range.start >= view.from) {
            let sentence = &view.original[range.clone()];
            if sentence.chars().nth(self.chars_max).is_some() {
                return Err(unavailable(Box::new(SentenceTooLong { chars_max: self.chars_max })));
            }
            let trimmed = sentence.trim();
            if trimmed.is_empty() {
                continue;
            }
            if let Some(Opinion { kind, confidence, rule }) = self.opinion(trimmed).map_err(unavailable)? {
                // Blanks before it belong to the span: where they begin is told by one character, where they end is not.
                let range = range.start..range.start + sentence.trim_end().len();
                found.push(Span { kind, range, confidence, rule, evidence: Evidence::default() });
            }
        }
        Ok(last_end(view.original).unwrap_or(0))
    }
}

/// The sentences that lie wholly in the view.
fn sentences(view: &View<'_>) -> Vec<Range<usize>> {
    let text = view.original;
    let first = if view.at_start { Some(0) } else { text.find(ENDS).map(|at| after(text, at)) };
    let last = if view.at_end { text.len() } else { last_end(text).unwrap_or(0) };
    let Some(mut start) = first.filter(|first| *first <= last) else { return Vec::new() };
    let mut sentences = Vec::new();
    for part in text[start..last].split_inclusive(ENDS) {
        sentences.push(start..start + part.len());
        start += part.len();
    }
    sentences
}

/// Behind the last end of a sentence.
fn last_end(text: &str) -> Option<usize> {
    text.rfind(ENDS).map(|at| after(text, at))
}

fn after(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use proptest::prelude::*;

    use super::{Cow, Error, Judge, Opinion, Sentences};
    use crate::{
        Action, Direction, End, Guard, Kind, promise,
        samples::{context, policy},
    };

    /// Dislikes sentences with an even number of characters, and fails when it sees 故障.
    struct Parity(Arc<AtomicUsize>);

    impl Judge for Parity {
        fn name(&self) -> &'static str {
            "parity"
        }

        fn judge(&self, sentence: &str) -> Result<Option<Opinion>, Box<dyn Error + Send + Sync>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            if sentence.contains("故障") {
                return Err("the model is down".into());
            }
            let opinion = Opinion { kind: Kind::Topic, confidence: 0.9, rule: Cow::Borrowed("parity/even") };
            Ok(sentence.chars().count().is_multiple_of(2).then_some(opinion))
        }
    }

    fn guard() -> (Guard, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let judge = Sentences::new(Parity(Arc::clone(&calls)), 30);
        let policy = policy("[[rule]]\nid = \"all\"\naction = \"mask\"\n");
        (Guard::new(vec![Arc::new(judge)], policy).unwrap(), calls)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn keeps_the_promises(text in "[あい。！ \n]{0,24}", cuts in prop::collection::vec(0_usize..70, 0..4)) {
            let judge = Sentences::new(Parity(Arc::default()), 30);
            prop_assert_eq!(promise::check(&judge, &text, &cuts), Ok(()));
        }

        #[test]
        fn a_stream_gives_what_the_whole_gives(text in "[あい。！ \n]{0,60}") {
            let (guard, _) = guard();
            let context = context("2", Direction::Output);
            let batch = guard.screen(&text, &context, None);
            let mut stream = guard.stream(context, None);
            let mut released: String = text.split("").map(|piece| stream.push(piece).text).collect();
            let last = stream.finish();
            released.push_str(&last.text);
            // A sentence that is too long ends both; the stream has let out what came before.
            prop_assert_eq!(matches!(last.end, Some(End::Refused(_))), batch.refusal().is_some());
            if batch.refusal().is_none() {
                prop_assert_eq!(batch.text(), Ok(released.as_str()));
            }
        }
    }

    #[test]
    fn each_sentence_is_judged_once() {
        let (guard, calls) = guard();
        let mut stream = guard.stream(context("2", Direction::Output), None);
        for piece in "一つ目。二つ目です。三つ目でした。".split("") {
            stream.push(piece);
        }
        stream.finish();
        assert_eq!(calls.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn a_judge_that_is_down_or_a_sentence_without_end_lets_nothing_pass() {
        let (guard, _) = guard();
        let mut stream = guard.stream(context("2", Direction::Output), None);
        assert_eq!(stream.push("よし。故障").text, "よし。");
        let stopped = stream.push("中。次");
        assert!(matches!(stopped.end, Some(End::Refused(_))) && stopped.text.is_empty());
        let long = "あ".repeat(31);
        assert_eq!(guard.screen(&long, &context("2", Direction::Output), None).action, Action::Refuse);
        let mut stream = guard.stream(context("2", Direction::Output), None);
        let released: String = long.split("").map(|piece| stream.push(piece).text).collect();
        assert_eq!((released.as_str(), stream.finish().end.is_some()), ("", true));
    }
}
