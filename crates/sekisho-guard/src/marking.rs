//! Classification markings: 「機密性3」, 【部外秘】, 取扱注意, TLP:RED.
//!
//! The same words stand in documents that are marked and in documents about marking. What tells them apart is the place:
//! alone on a line, in brackets, at the edge of a header line, behind 「取扱区分：」. Elsewhere a marking is weak.

use std::{borrow::Cow, ops::Range};

use crate::{
    Detector, Evidence, Kind, Problem, ProblemKind, Reach, RuleCard, Span, Unavailable, View,
    file::{Reader, Table},
    folded::{Folded, Form},
    lexicon::{self, Class, Hit, Lexicon},
    rule_card::{self, Cards, FILE_BYTES_MAX},
};

/// The markings that travel with the program.
const BUILT_IN: &str = include_str!("../../../data/guard/marking.toml");

/// Most markings in one file, and most words in one of its lists.
const MARKINGS_MAX: usize = 500;
const WORDS_MAX: usize = 500;
/// Longest word, in characters.
const WORD_CHARS_MAX: usize = 40;
/// Longest marking as written, in characters.
const SPAN_CHARS_MAX: usize = 48;
/// How far around a marking its place is judged, in characters.
const AROUND_CHARS: usize = 32;

/// Finds markings.
#[derive(Debug)]
pub struct Markings {
    lexicon: Lexicon,
    markings: Vec<Marking>,
    /// Words that stand before a marking as its label: 取扱区分.
    labels: Vec<String>,
    /// Words behind a marking that say that the document has it: です, に指定.
    statements: Vec<String>,
    /// Words behind a marking that talk about it: とは, の場合.
    explanations: Vec<String>,
}

#[derive(Debug)]
struct Marking {
    card: RuleCard,
    /// What it says, normalised.
    text: String,
    confidence: f32,
    /// Counts only alone or in brackets: 秘 is part of many words.
    only_marked: bool,
}

/// Where a marking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Alone,
    Bracketed,
    Labelled,
    HeaderEdge,
    Stated,
    Prose,
    Explained,
}

impl Place {
    /// How sure a marking in this place is, as a share of the certainty of the marking.
    fn share(self) -> f32 {
        match self {
            Self::Alone | Self::Bracketed => 1.0,
            Self::Labelled => 0.97,
            Self::HeaderEdge => 0.9,
            Self::Stated => 0.75,
            Self::Prose => 0.35,
            Self::Explained => 0.2,
        }
    }

    fn note(self) -> &'static str {
        match self {
            Self::Alone => "evidence-marking-alone",
            Self::Bracketed => "evidence-marking-bracketed",
            Self::Labelled => "evidence-marking-labelled",
            Self::HeaderEdge => "evidence-marking-header",
            Self::Stated => "evidence-marking-stated",
            Self::Prose => "evidence-marking-prose",
            Self::Explained => "evidence-marking-explained",
        }
    }
}

impl Markings {
    /// The markings that travel with the program.
    pub fn built_in() -> Self {
        let (markings, problems) = Self::load(BUILT_IN);
        markings.filter(|_| problems.is_empty()).expect("a test loads the built-in markings")
    }

    /// Reads a file of markings; nothing when it makes no detector at all. All problems are listed.
    pub fn load(text: &str) -> (Option<Self>, Vec<Problem>) {
        let (mut reader, mut root) = Reader::open(text, FILE_BYTES_MAX);
        root.version(&mut reader);
        let mut words = |key| -> Vec<String> {
            let texts = root.take(key).map(|value| value.texts(&mut reader, WORDS_MAX, WORD_CHARS_MAX));
            texts.unwrap_or_default().iter().map(|item| normal(&item.text)).collect()
        };
        let (labels, statements, explanations) =
            (words("labels"), words("statements"), words("explanations"));
        let mut builder = lexicon::Builder::new(Form::WORDS, false);
        let mut markings: Vec<Marking> = Vec::new();
        let mut cards = Cards::default();
        for value in
            root.take("marking").map(|value| value.items(&mut reader, MARKINGS_MAX)).unwrap_or_default()
        {
            let Some(table) = value.table(&mut reader) else { continue };
            let class = markings.len() as Class;
            markings.push(read_marking(&mut reader, table, class, &mut builder, &mut cards));
        }
        root.finish(&mut reader);
        let Ok(lexicon) = builder.build() else {
            reader.note(0, "", ProblemKind::TooMany { max: lexicon::WORDS_MAX });
            return (None, reader.into_problems());
        };
        (Some(Self { lexicon, markings, labels, statements, explanations }), reader.into_problems())
    }

    /// What a marking says, normalised (`自治体機密性3B`), by the rule of its span: for mapping to a label.
    pub fn text_of(&self, rule: &str) -> Option<&str> {
        self.markings.iter().find(|marking| marking.card.id == rule).map(|marking| marking.text.as_str())
    }

    /// What each rule says of itself.
    pub fn cards(&self) -> impl Iterator<Item = &RuleCard> {
        self.markings.iter().map(|marking| &marking.card)
    }

    /// The tests inside the rules that fail.
    pub fn failed_tests(&self) -> Vec<Problem> {
        rule_card::failed_tests(self, self.cards())
    }

    /// The markings in a text, the longest where they overlap.
    fn hits(&self, folded: &Folded, view: &View<'_>) -> Vec<Hit> {
        let mut hits = self.lexicon.hits(folded, view.original, view.at_end);
        hits.retain(|hit| folded.index(hit.end - 1) - folded.index(hit.start) < SPAN_CHARS_MAX);
        let longer = |index: usize| {
            let hit = hits[index];
            let before =
                hits[..index].iter().rev().take_while(|other| other.start + SPAN_CHARS_MAX > hit.start);
            let after = hits[index + 1..].iter().take_while(|other| other.start == hit.start);
            before
                .chain(after)
                .any(|other| other.end >= hit.end && other.end - other.start > hit.end - hit.start)
        };
        (0..hits.len()).filter(|index| !longer(*index)).map(|index| hits[index]).collect()
    }

    fn place(&self, text: &str, range: &Range<usize>, at_end: bool) -> Place {
        let before = near_before(text, range.start);
        let after = near_after(text, range.end);
        let sees_end = at_end && range.end + after.len() == text.len();
        let line_before = before.rsplit('\n').next().unwrap_or(before);
        let line_after = after.split('\n').next().unwrap_or(after);
        let begins_line = line_before.chars().all(is_blank_or_mark)
            && (line_before.len() < before.len() || range.start == before.len());
        let ends_line =
            line_after.chars().all(is_blank_or_mark) && (line_after.len() < after.len() || sees_end);
        let bracketed = matches!(last_seen(line_before), Some(opening) if OPENING.contains(opening))
            && matches!(line_after.trim_start().chars().next(), Some(closing) if CLOSING.contains(closing));
        let whole = normal(line_before);
        let label = whole.trim_end_matches([':', '=', '/', '|', '[', '(', '【', '「']);
        let is_cut = label.len() < whole.len() || line_before.ends_with(char::is_whitespace);
        let following = normal(line_after);
        let starts = |words: &[String]| words.iter().any(|word| following.starts_with(word.as_str()));
        if starts(&self.explanations) {
            Place::Explained
        } else if text[range.clone()].contains('㊙') || begins_line && ends_line {
            Place::Alone
        } else if bracketed {
            Place::Bracketed
        } else if is_cut && self.labels.iter().any(|word| label.ends_with(word.as_str())) {
            Place::Labelled
        } else if begins_line && is_far(line_after)
            || ends_line && is_far(&line_before.chars().rev().collect::<String>())
        {
            Place::HeaderEdge
        } else if starts(&self.statements) {
            Place::Stated
        } else {
            Place::Prose
        }
    }
}

fn read_marking(
    reader: &mut Reader,
    mut table: Table<'_>,
    class: Class,
    builder: &mut lexicon::Builder,
    cards: &mut Cards,
) -> Marking {
    let card = cards.read(reader, &mut table, &["marking/"], "why");
    let text = table.need(reader, "text").and_then(|value| value.item(reader, WORD_CHARS_MAX));
    let words = table.need(reader, "words").map(|value| value.texts(reader, WORDS_MAX, WORD_CHARS_MAX));
    for word in words.unwrap_or_default() {
        if !builder.add(&word.text, class) {
            reader.note(word.at, &word.path, ProblemKind::BadWord { found: word.text });
        }
    }
    let confidence = table.take("confidence").and_then(|value| value.share(reader)).unwrap_or(0.95);
    let only_marked = table.take("only_marked").and_then(|value| value.flag(reader)).unwrap_or(false);
    table.finish(reader);
    Marking { card, text: text.map(|item| item.text).unwrap_or_default(), confidence, only_marked }
}

impl Detector for Markings {
    fn name(&self) -> &'static str {
        "marking"
    }

    fn reach(&self) -> Reach {
        Reach { behind_chars: 2 * SPAN_CHARS_MAX, hold_chars_max: SPAN_CHARS_MAX + AROUND_CHARS }
    }

    fn look(&self, view: &View<'_>, found: &mut Vec<Span>) -> Result<usize, Unavailable> {
        let folded = Folded::of(view.original, self.lexicon.form(), view.at_end);
        let hits = self.hits(&folded, view);
        for hit in &hits {
            let range = folded.original(hit.start..hit.end);
            let place = self.place(view.original, &range, view.at_end);
            for class in self.lexicon.classes(hit) {
                let marking = &self.markings[usize::from(*class)];
                if marking.only_marked && !matches!(place, Place::Alone | Place::Bracketed | Place::Labelled)
                {
                    continue;
                }
                found.push(Span {
                    kind: Kind::Marking,
                    range: range.clone(),
                    confidence: marking.confidence * place.share(),
                    rule: Cow::Owned(marking.card.id.clone()),
                    evidence: Evidence { notes: vec![place.note()], ..Evidence::default() },
                });
            }
        }
        if view.at_end {
            return Ok(view.original.len());
        }
        let count = folded.original_chars();
        let tails = self.lexicon.tails(&folded).into_iter();
        let tails = tails.filter(|tail| count - folded.index(*tail) < SPAN_CHARS_MAX);
        // What follows a marking tells its place; a line end closes it.
        let open = hits.into_iter().filter(|hit| {
            let end = folded.original(hit.start..hit.end).end;
            count < folded.index(hit.end - 1) + AROUND_CHARS && !near_after(view.original, end).contains('\n')
        });
        let first = tails.chain(open.map(|hit| hit.start)).min();
        Ok(first.map_or(view.original.len(), |char| folded.original_start(char)).min(folded.unsure_from))
    }
}

const OPENING: &str = "【[［(（〔《〈＜<｟〖";
const CLOSING: &str = "】]］)）〕》〉＞>｠〗";
/// Ornaments around a marking that is alone on its line.
const ORNAMENTS: &str = "【】[]［］()（）〔〕《》〈〉＜＞<>「」*＊#＃※★☆■□◆●・-ー―—_|｜:：";

fn is_blank_or_mark(character: char) -> bool {
    character.is_whitespace() || ORNAMENTS.contains(character)
}

fn last_seen(text: &str) -> Option<char> {
    text.chars().rev().find(|character| !character.is_whitespace())
}

/// Whether space wide enough for a column lies at the beginning of `text`.
fn is_far(text: &str) -> bool {
    let width = |character: char| if character == '\u{3000}' || character == '\t' { 2 } else { 1 };
    text.chars().take_while(|character| character.is_whitespace()).map(width).sum::<usize>() >= 3
}

fn normal(text: &str) -> String {
    Folded::of(text, Form::VOICED, true).text().to_owned()
}

fn near_before(text: &str, at: usize) -> &str {
    let start = text[..at].char_indices().rev().take(AROUND_CHARS).last().map_or(at, |(start, _)| start);
    &text[start..at]
}

/// One character less than is waited for, so that what is seen here is all there when a marking is settled.
fn near_after(text: &str, at: usize) -> &str {
    let end = text[at..].char_indices().nth(AROUND_CHARS - 1).map_or(text.len(), |(end, _)| at + end);
    &text[at..end]
}

#[cfg(test)]
mod tests;
