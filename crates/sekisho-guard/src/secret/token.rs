//! Tokens that carry the prefix of their issuer.

use aho_corasick::AhoCorasick;

use super::{
    Candidate, HOLD_CHARS_MAX, Look, Rule, add_rule, automaton, beginnings,
    value::{Judge, entropy_bits},
};
use crate::{
    datafile::{ProblemKind, Reader, Table},
    lexicon::Beginnings,
};

/// The tokens of a file.
#[derive(Debug)]
pub(super) struct Tokens {
    automaton: AhoCorasick,
    beginnings: Beginnings,
    /// For each prefix of the automaton its form.
    of: Vec<usize>,
    forms: Vec<Shape>,
    prefix_bytes_max: usize,
}

/// What follows a prefix.
#[derive(Debug)]
struct Shape {
    rule: usize,
    letters: Letters,
    /// Characters behind the prefix.
    least: usize,
    most: usize,
    /// Least entropy, in bits for each character.
    entropy_bits_min: f32,
    /// Parts between dots, 0 when it does not matter.
    parts: usize,
}

#[derive(Debug, Clone, Copy)]
enum Letters {
    Alnum,
    Upper,
    Hex,
    Word,
    Dotted,
    Base64,
    Path,
}

const LETTERS: &[(&str, Letters)] = &[
    ("alnum", Letters::Alnum),
    ("upper", Letters::Upper),
    ("hex", Letters::Hex),
    ("word", Letters::Word),
    ("dotted", Letters::Dotted),
    ("base64", Letters::Base64),
    ("path", Letters::Path),
];

impl Letters {
    /// Whether a token cannot begin behind the byte, since that would be in the middle of a longer run.
    fn joins(self, byte: u8) -> bool {
        matches!(self, Self::Word | Self::Dotted) && self.accept(byte)
    }

    fn accept(self, byte: u8) -> bool {
        match self {
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-'),
            Self::Path => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'),
        }
    }
}

impl Tokens {
    pub(super) fn read(reader: &mut Reader, root: &mut Table<'_>, rules: &mut Vec<Rule>) -> Option<Self> {
        let mut prefixes = Vec::new();
        let mut of = Vec::new();
        let mut forms = Vec::new();
        for mut table in root.tables(reader, "token") {
            let rule = add_rule(reader, &mut table, rules);
            for prefix in table.texts(reader, "start") {
                if prefix.text.len() < 2 || !prefix.text.bytes().all(|byte| byte.is_ascii_graphic()) {
                    reader.note(prefix.at, ProblemKind::BadWord { word: prefix.text });
                    continue;
                }
                prefixes.push(prefix.text);
                of.push(forms.len());
            }
            let letters = table.required_text(reader, "letters");
            let found = LETTERS.iter().find(|(name, _)| *name == letters.text).map(|(_, letters)| *letters);
            if found.is_none() && !letters.text.is_empty() {
                let allowed = LETTERS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
                let (key, found) = ("letters".to_owned(), letters.text);
                reader.note(letters.at, ProblemKind::BadValue { key, found, allowed });
            }
            let mut count = |key: &str, default: usize| {
                let number = table.number(reader, key, (1.0, HOLD_CHARS_MAX as f64));
                number.map_or(default, |number| number as usize)
            };
            let (least, most) = (count("least", 16), count("most", HOLD_CHARS_MAX));
            let entropy_bits_min = table.number(reader, "entropy_bits_min", (0.0, 6.0)).unwrap_or(3.0) as f32;
            let parts = table.number(reader, "parts", (1.0, 8.0)).unwrap_or(0.0) as usize;
            table.finish(reader);
            forms.push(Shape {
                rule,
                letters: found.unwrap_or(Letters::Word),
                least,
                most,
                entropy_bits_min,
                parts,
            });
        }
        let prefix_bytes_max = prefixes.iter().map(String::len).max().unwrap_or(0);
        let automaton = automaton(&prefixes, false)?;
        Some(Self { automaton, beginnings: beginnings(&prefixes), of, forms, prefix_bytes_max })
    }

    pub(super) fn look(&self, look: &Look<'_>, values: &Judge, found: &mut Vec<Candidate>) {
        for hit in self.automaton.find_overlapping_iter(look.text) {
            let form = &self.forms[self.of[hit.pattern().as_usize()]];
            let is_edge =
                |byte: u8| !byte.is_ascii_alphanumeric() && byte != b'_' && !form.letters.joins(byte);
            if !look.byte_before(hit.start()).is_none_or(is_edge) {
                continue;
            }
            let bytes_max = (form.most + 1).min(HOLD_CHARS_MAX - (hit.end() - hit.start()));
            let (mut end, is_open) = look.run(hit.end(), bytes_max, |byte| form.letters.accept(byte));
            while end > hit.end() && matches!(look.byte_before(end), Some(b'.' | b'-' | b'/')) {
                end -= 1;
            }
            let body = &look.text[hit.end()..end];
            let is_whole = (form.least..=form.most).contains(&body.len())
                && (form.parts == 0 || has_parts(&look.text[hit.start()..end], form.parts))
                && entropy_bits(body) >= form.entropy_bits_min
                && !values.is_placeholder(body);
            let share = is_whole.then_some(1.0);
            found.push(Candidate { rule: form.rule, range: hit.start()..end, share, cue: None, is_open });
        }
    }

    /// Where the text may break off inside a prefix.
    pub(super) fn tail(&self, look: &Look<'_>) -> Option<usize> {
        let text = look.text;
        let first = text.len().saturating_sub(self.prefix_bytes_max);
        (first..text.len()).find(|at| {
            let is_edge =
                look.byte_before(*at).is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'_');
            is_edge && text.is_char_boundary(*at) && self.beginnings.goes_on(&text[*at..])
        })
    }
}

fn has_parts(token: &str, parts: usize) -> bool {
    token.split('.').count() == parts && token.split('.').all(|part| part.len() >= 4)
}
