//! Tokens that carry the prefix of their issuer.

use aho_corasick::AhoCorasick;

use super::{
    Candidate, HOLD_CHARS_MAX, LIST_MAX, Look, RULES_MAX, Rules, WORD_CHARS_MAX, automaton, beginnings,
    value::{Judge, entropy_bits},
};
use crate::{
    file::{ProblemKind, Reader, Table},
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
    pub(super) fn read(reader: &mut Reader, root: &mut Table<'_>, rules: &mut Rules) -> Option<Self> {
        let mut prefixes = Vec::new();
        let mut of = Vec::new();
        let mut forms = Vec::new();
        for value in root.take("token").map(|value| value.items(reader, RULES_MAX)).unwrap_or_default() {
            let Some(mut table) = value.table(reader) else { continue };
            let rule = rules.add(reader, &mut table);
            let starts =
                table.need(reader, "start").map(|value| value.texts(reader, LIST_MAX, WORD_CHARS_MAX));
            for prefix in starts.unwrap_or_default() {
                if prefix.text.len() < 2 || !prefix.text.bytes().all(|byte| byte.is_ascii_graphic()) {
                    reader.note(prefix.at, &prefix.path, ProblemKind::BadWord { found: prefix.text });
                    continue;
                }
                prefixes.push(prefix.text);
                of.push(forms.len());
            }
            let letters = table.need(reader, "letters").and_then(|value| value.word(reader, LETTERS));
            let mut count = |key, default: usize| {
                let number = table.take(key).and_then(|value| value.whole(reader, 1, HOLD_CHARS_MAX as u32));
                number.map_or(default, |number| number as usize)
            };
            let (least, most) = (count("least", 16), count("most", HOLD_CHARS_MAX));
            let entropy_bits_min =
                table.take("entropy_bits_min").and_then(|value| value.number(reader, 0.0, 6.0));
            let entropy_bits_min = entropy_bits_min.unwrap_or(3.0);
            let parts = table.take("parts").and_then(|value| value.whole(reader, 1, 8)).unwrap_or(0) as usize;
            table.finish(reader);
            let letters = letters.unwrap_or(Letters::Word);
            forms.push(Shape { rule, letters, least, most, entropy_bits_min, parts });
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
