//! The grammar of the training sentences: `data/guard/names/sentences.txt`.

use std::{collections::HashMap, ops::Range};

use super::{
    draw::{Stream, Words},
    worn::worn,
};

/// Of the sentences so many in a hundred are of `scenes.txt`.
const SCENES_PERCENT: usize = 50;

/// Rules call each other at most this deep; the grammar has no loops, and this keeps it so.
const DEPTH_MAX: usize = 12;

/// One text and the persons in it.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) written: String,
    /// Bytes of `written`, in order.
    pub(crate) persons: Vec<Range<usize>>,
}

/// What a line is made of.
#[derive(Debug)]
enum Part {
    Literal(String),
    /// A rule, or a kind of word that is drawn.
    Slot(String),
    Choice(Vec<Vec<Part>>),
}

pub(crate) struct Grammar {
    rules: HashMap<String, Vec<Vec<Part>>>,
    words: Words,
}

impl Grammar {
    pub(crate) fn parse(text: &str) -> Self {
        let mut rules: HashMap<String, Vec<Vec<Part>>> = HashMap::new();
        let mut name = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let head = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            match head.filter(|head| head.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
                Some(head) => head.clone_into(&mut name),
                None => rules.entry(name.clone()).or_default().push(parse_parts(&unescaped(line))),
            }
        }
        Self { rules, words: Words::new() }
    }

    /// One to four sentences, as they come after each other in a document.
    pub(crate) fn text(&self, stream: &mut Stream) -> Text {
        let count = [1, 1, 1, 2, 2, 3, 4][stream.below(7)];
        let mut text = Text::default();
        for number in 0..count {
            if number > 0 {
                text.written += ["\n", "\n", "", "", " ", "　", "\n\n", "\n　"][stream.below(8)];
            }
            self.sentence(stream, &mut text);
        }
        worn(text, stream)
    }

    fn sentence(&self, stream: &mut Stream, text: &mut Text) {
        let rule = if stream.percent(SCENES_PERCENT) { "scene" } else { "sentence" };
        self.rule(rule, stream, text, 0);
        if stream.percent(12) {
            text.written += ["。", "。", "！", "？", "」", "…"][stream.below(6)];
        }
    }

    fn rule(&self, name: &str, stream: &mut Stream, text: &mut Text, depth: usize) {
        if let Some((word, is_person)) = self.words.draw(name, stream) {
            let start = text.written.len();
            text.written += &word;
            if is_person {
                text.persons.push(start..text.written.len());
            }
        } else if let (Some(lines), true) = (self.rules.get(name), depth < DEPTH_MAX) {
            let line = &lines[stream.below(lines.len())];
            self.parts(line, stream, text, depth + 1);
        } else {
            panic!("the grammar knows no {{{name}}}");
        }
    }

    fn parts(&self, parts: &[Part], stream: &mut Stream, text: &mut Text, depth: usize) {
        for part in parts {
            match part {
                Part::Literal(literal) => text.written += literal,
                Part::Slot(name) => self.rule(name, stream, text, depth),
                Part::Choice(choices) => {
                    let choice = &choices[stream.below(choices.len())];
                    self.parts(choice, stream, text, depth);
                }
            }
        }
    }
}

fn unescaped(line: &str) -> String {
    line.replace("\\n", "\n").replace("\\t", "\t").replace("\\s", " ").replace("\\z", "　")
}

fn parse_parts(line: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let special = rest.find(['{', '[']).unwrap_or(rest.len());
        if special > 0 {
            parts.push(Part::Literal(rest[..special].to_owned()));
            rest = &rest[special..];
            continue;
        }
        let (open, close) = if rest.starts_with('{') { ('{', '}') } else { ('[', ']') };
        let Some(end) = rest.find(close) else {
            parts.push(Part::Literal(open.to_string()));
            rest = &rest[1..];
            continue;
        };
        let inner = &rest[1..end];
        parts.push(if open == '{' {
            Part::Slot(inner.to_owned())
        } else {
            Part::Choice(inner.split('|').map(parse_parts).collect())
        });
        rest = &rest[end + 1..];
    }
    parts
}
