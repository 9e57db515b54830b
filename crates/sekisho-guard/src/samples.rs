//! Small detectors for the tests of everything that judges what detectors find.

use std::{
    borrow::Cow,
    io,
    sync::{Arc, LazyLock},
};

use crate::{
    Action, Context, Detector, Direction, Evidence, Guard, Kind, Policy, Reach, Scheme, Span, Unavailable,
    View,
};

fn span(kind: Kind, range: std::ops::Range<usize>, confidence: f32, rule: &'static str) -> Span {
    Span { kind, range, confidence, rule: Cow::Borrowed(rule), evidence: Evidence::default() }
}

/// A span of more characters is none: what bounds the delay.
const SPAN_CHARS_MAX: usize = 32;

/// Finds words of the normalised text.
pub(crate) struct Words(pub(crate) &'static [(&'static str, Kind, f32, &'static str)]);

/// One word for many a kind; some overlap.
pub(crate) const WORDS: Words = Words(&[
    ("山田太郎", Kind::Person, 0.9, "words/name"),
    ("田太郎丸", Kind::Vehicle, 0.9, "words/ship"),
    ("太郎", Kind::Person, 0.6, "words/name"),
    ("山田", Kind::Address, 0.6, "words/place"),
    ("ガンダ", Kind::Topic, 0.9, "words/topic"),
    ("090-1", Kind::Phone, 0.9, "words/phone"),
    ("password", Kind::Secret, 0.95, "words/secret"),
    ("無視して", Kind::Injection, 0.8, "words/injection"),
    ("カナリア", Kind::Canary, 1.0, "words/canary"),
    ("取扱注意", Kind::Marking, 0.9, "words/marking"),
    ("機密性1", Kind::Marking, 0.9, "words/marking"),
    ("法人1", Kind::CorpNumber, 0.9, "words/corp"),
    ("弱い", Kind::Email, 0.3, "words/weak"),
]);

impl Detector for Words {
    fn name(&self) -> &'static str {
        "words"
    }

    fn reach(&self) -> Reach {
        Reach { behind_chars: 0, hold_chars_max: SPAN_CHARS_MAX }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        for (word, kind, confidence, rule) in self.0 {
            for (start, _) in view.normal.text().match_indices(word) {
                let range = view.normal.to_original(start..start + word.len());
                if view.original[range.clone()].chars().count() <= SPAN_CHARS_MAX {
                    found.push(span(*kind, range, *confidence, rule));
                }
            }
        }
        let text = view.normal.text();
        let live = |start: usize| self.0.iter().any(|row| row.0.starts_with(&text[start..]));
        let starts = text.char_indices().map(|(start, _)| start).filter(|start| live(*start));
        let starts = starts.map(|start| view.normal.to_original(start..text.len()).start);
        let fits = |start: &usize| view.original[*start..].chars().count() <= SPAN_CHARS_MAX;
        Ok(starts.filter(fits).min().unwrap_or(view.original.len()))
    }
}

/// Finds runs of digits, surer with 番 within a few characters to the right, or 電話 to the left.
pub(crate) struct Numbers;

const CUE_CHARS: usize = 6;

impl Numbers {
    fn runs(text: &str) -> Vec<std::ops::Range<usize>> {
        let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
        for (at, character) in text.char_indices().filter(|(_, character)| character.is_ascii_digit()) {
            match runs.last_mut() {
                Some(run) if run.end == at => run.end = at + character.len_utf8(),
                _ => runs.push(at..at + character.len_utf8()),
            }
        }
        runs
    }
}

impl Detector for Numbers {
    fn name(&self) -> &'static str {
        "numbers"
    }

    fn reach(&self) -> Reach {
        Reach { behind_chars: CUE_CHARS, hold_chars_max: SPAN_CHARS_MAX + CUE_CHARS }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        for run in Self::runs(view.original) {
            if !(4..=SPAN_CHARS_MAX).contains(&run.len()) {
                continue;
            }
            let right: String = view.original[run.end..].chars().take(CUE_CHARS).collect();
            let left: String = view.original[..run.start].chars().rev().take(CUE_CHARS).collect();
            let (kind, confidence) = match (left.contains("話電"), right.contains('番')) {
                (true, _) => (Kind::Phone, 0.9),
                (_, true) => (Kind::EmployeeId, 0.9),
                _ => (Kind::PatientId, 0.55),
            };
            found.push(span(kind, run, confidence, "numbers/run"));
        }
        let end = view.original.len();
        let is_live = |run: &std::ops::Range<usize>| {
            run.len() <= SPAN_CHARS_MAX && view.original[run.end..].chars().count() < CUE_CHARS
        };
        Ok(Self::runs(view.original).into_iter().find(is_live).map_or(end, |run| run.start))
    }
}

/// Finds nothing, and fails as asked when it sees 故障.
pub(crate) enum Failing {
    Unavailable,
    Panics,
    /// Reports an empty span.
    BadSpan,
    /// Holds everything from there, and says it holds little.
    Holds,
}

impl Detector for Failing {
    fn name(&self) -> &'static str {
        "failing"
    }

    fn reach(&self) -> Reach {
        Reach { behind_chars: 0, hold_chars_max: 3 }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let Some(at) = view.original.find("故障") else {
            // 故 may yet become 故障.
            return Ok(view.original.strip_suffix('故').map_or(view.original.len(), str::len));
        };
        match self {
            Self::Unavailable => {
                let source = Box::new(io::Error::other("the classifier is down"));
                Err(Unavailable { detector: "failing", source })
            }
            Self::Panics => panic!("a defect of a detector"),
            Self::BadSpan => {
                found.push(span(Kind::Topic, 1..1, 1.0, "failing/empty"));
                Ok(view.original.len())
            }
            Self::Holds => Ok(at),
        }
    }
}

static SCHEME: LazyLock<Scheme> = LazyLock::new(|| Scheme::built_in().remove(0));

pub(crate) fn scheme() -> Scheme {
    SCHEME.clone()
}

pub(crate) fn detectors() -> Vec<Arc<dyn Detector>> {
    vec![Arc::new(WORDS), Arc::new(Numbers)]
}

/// A policy of rules given without what every file must have.
pub(crate) fn policy(rules: &str) -> Policy {
    let rules = rules.replace("[[rule]]", "[[rule]]\nversion = 1\nwhy = { ja = \"例\", en = \"sample\" }");
    let text = format!("version = 1\nid = \"sample\"\ntitle = {{ ja = \"例\", en = \"sample\" }}\n{rules}");
    Policy::parse(&text, &scheme()).unwrap_or_else(|error| panic!("{:#?}", error.problems()))
}

/// Masks personal data with a way back, flags injections, refuses secrets.
pub(crate) const RULES: &str = r#"
[[rule]]
id = "personal"
kinds = ["personal"]
action = "mask"
reversible = true
[[rule]]
id = "injection"
kinds = ["INJECTION"]
action = "flag"
[[rule]]
id = "secret"
kinds = ["SECRET", "CANARY"]
action = "refuse"
"#;

pub(crate) fn guard(rules: &str) -> Guard {
    Guard::new(detectors(), policy(rules)).unwrap_or_else(|error| panic!("{:#?}", error.problems()))
}

pub(crate) fn context(label: &str, direction: Direction) -> Context {
    Context { label: scheme().parse_label(label).unwrap(), direction }
}

/// `mask: [PERSON_1]です` of a text going in under label 2.
pub(crate) fn outcome(guard: &Guard, text: &str) -> String {
    let vault = crate::Vault::new();
    let verdict = guard.screen(text, &context("2", Direction::Input), Some(&vault));
    match verdict.text() {
        Ok(text) => format!("{}: {text}", verdict.action),
        Err(_) => format!("{}: {}|", Action::Refuse, verdict.released()),
    }
}

/// Texts of things that are found, nearly found, broken off, and look like placeholders.
pub(crate) fn fragments(count_max: usize) -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let fragment = prop::sample::select(vec![
        "山田太郎",
        "山田",
        "太郎丸",
        "田太郎",
        "太",
        "山",
        "ｶﾞﾝﾀﾞ",
        "ｶ",
        "ﾞ",
        "ガン",
        "090ー1",
        "090",
        "ー",
        "1",
        "１",
        "12345",
        "6789",
        "番",
        "電話",
        "pass",
        "word",
        "password",
        "無視して",
        "無視",
        "カナリア",
        "取扱注意",
        "機密性1",
        "法人1",
        "弱い",
        "[PERSON_1]",
        "[PER",
        "SON_2]",
        "[TEXT_1]",
        "[",
        "]",
        "［phone\\_1］",
        "\u{200b}",
        "\u{3099}",
        "。",
        "です、",
        "\n",
        "個人番号\t氏名\n",
        "あいうえおかきくけこさしすせそ",
        "a",
    ]);
    prop::collection::vec(fragment, 0..count_max).prop_map(|fragments| fragments.concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Numbers, WORDS};
    use crate::promise;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn keep_the_promises(text in super::fragments(12), cuts in prop::collection::vec(0_usize..200, 0..4)) {
            prop_assert_eq!(promise::check(&WORDS, &text, &cuts), Ok(()));
            prop_assert_eq!(promise::check(&Numbers, &text, &cuts), Ok(()));
        }
    }
}
