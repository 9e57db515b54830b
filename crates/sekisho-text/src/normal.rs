//! Normalised text that remembers where each character came from.

use std::ops::Range;

use unicode_normalization::{
    IsNormalized, UnicodeNormalization,
    char::{canonical_combining_class, compose},
    is_nfkc_quick,
};

/// So many unseen characters in a row are dropped.
const UNSEEN_RUN_MAX: usize = 32;

/// A text in the form in which it is judged, with the way back to what was written.
///
/// NFKC, without characters that nobody sees (zero-width, variation selectors, soft hyphen, directions), and with
/// hyphen-like characters between digits as `-`. ー (U+30FC) is folded only between digits, since everywhere else it
/// is a vowel: マイナンバー must stay itself. Numbers in circles stay themselves too: they count items, and 「①03-1234-5678」
/// is no number that begins with 1. Of many unseen characters in a row a space is left, so that they hide a word at most
/// from its neighbours and not from who looks only so far.
///
/// Marks are composed with the character before them and not reordered, so that every character depends on its
/// neighbours only: a text cut in two normalises to the same two halves, but for the characters at the cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Normal {
    text: String,
    /// In order, without gaps in [`Normal::text`].
    stretches: Vec<Stretch>,
    original_len: usize,
}

/// Neighbouring characters that map back by one formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    /// First byte in the normalised text. The stretch ends where the next one begins.
    normal: u32,
    /// First byte in the original.
    original: u32,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Every character takes as many bytes as it took in the original.
    Even,
    /// Every character takes so many bytes, and took so many in the original: `１` is 3 there and 1 here.
    Scaled { normal: u8, original: u8 },
    /// All characters together stand for so many bytes of the original: `㌔` became キロ.
    Whole { original: u16 },
}

impl Normal {
    /// Normalises. Texts over 4 GiB are the caller's error.
    pub fn of(original: &str) -> Self {
        let mut builder = Builder::new(original);
        let mut at = 0;
        while at < original.len() {
            at = builder.take_even(at);
            at = builder.take_character(at);
        }
        builder.normal
    }

    /// The normalised text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The smallest part of the original that covers `range` (bytes of [`Normal::text`]).
    pub fn to_original(&self, range: Range<usize>) -> Range<usize> {
        let first = self.ceil(range.start);
        let after = self.ceil(range.end);
        let start = if first < self.text.len() { self.origin(first).start } else { self.original_len };
        if after <= first {
            return start..start;
        }
        start..self.origin(self.floor(after - 1)).end
    }

    /// The first byte of [`Normal::text`] that stands for the original at or after byte `at`.
    pub fn from_original(&self, at: usize) -> usize {
        let behind = self.stretches.partition_point(|stretch| (stretch.original as usize) < at);
        let next = |index: usize| self.stretches.get(index).map_or(self.text.len(), |it| it.normal as usize);
        let Some(index) = behind.checked_sub(1) else { return next(0) };
        let stretch = self.stretches[index];
        let inside = at - stretch.original as usize;
        let found = match stretch.form {
            Form::Even => self.ceil((stretch.normal as usize + inside).min(self.text.len())),
            Form::Scaled { normal, original } => {
                stretch.normal as usize + inside.div_ceil(usize::from(original)) * usize::from(normal)
            }
            Form::Whole { .. } => return next(behind),
        };
        found.min(next(behind))
    }

    /// The part of the original for which the character beginning at `at` stands.
    fn origin(&self, at: usize) -> Range<usize> {
        let index = self.stretches.partition_point(|stretch| stretch.normal as usize <= at) - 1;
        let stretch = self.stretches[index];
        let (start, inside) = (stretch.original as usize, at - stretch.normal as usize);
        match stretch.form {
            Form::Even => start + inside..start + inside + len_utf8(self.text.as_bytes()[at]),
            Form::Scaled { normal, original } => {
                let start = start + inside / usize::from(normal) * usize::from(original);
                start..start + usize::from(original)
            }
            Form::Whole { original } => start..start + usize::from(original),
        }
    }

    fn ceil(&self, mut at: usize) -> usize {
        while at < self.text.len() && !self.text.is_char_boundary(at) {
            at += 1;
        }
        at.min(self.text.len())
    }

    fn floor(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

struct Builder<'a> {
    original: &'a str,
    normal: Normal,
    /// A hyphen-like character was taken last, behind a digit.
    folds: bool,
    /// How many unseen characters were dropped last.
    unseen: usize,
    /// Where the last character ends that took a variation selector with it; a second one is dropped.
    selected: usize,
}

impl<'a> Builder<'a> {
    fn new(original: &'a str) -> Self {
        let text = String::with_capacity(original.len());
        Self {
            original,
            normal: Normal { text, stretches: Vec::new(), original_len: original.len() },
            folds: false,
            unseen: 0,
            selected: usize::MAX,
        }
    }

    /// Takes the characters from `at` on that are themselves and touch nothing, and says where they end.
    fn take_even(&mut self, at: usize) -> usize {
        let bytes = self.original.as_bytes();
        let mut end = at;
        while let Some(&lead) = bytes.get(end) {
            match lead {
                0..0x80 => end += 1,
                0xe4..=0xe9 => end += 3,
                // Hiragana, katakana and the common punctuation. ー behind a digit may be a hyphen.
                0xe3 if is_even_kana(bytes[end + 1], bytes[end + 2]) => {
                    let behind_digit =
                        if end == at { self.ends_in_digit() } else { bytes[end - 1].is_ascii_digit() };
                    if behind_digit && bytes[end + 1..end + 3] == [0x83, 0xbc] {
                        break;
                    }
                    end += 3;
                }
                _ => break,
            }
        }
        if end > at {
            self.fold_before(bytes[at]);
            self.open_stretch(at, Form::Even);
            self.normal.text.push_str(&self.original[at..end]);
            self.folds = false;
        }
        end
    }

    /// Takes the character at `at`, whatever it is, and says where it ends.
    fn take_character(&mut self, at: usize) -> usize {
        let Some(character) = self.original[at..].chars().next() else { return at };
        let end = at + character.len_utf8();
        if let '\u{ff01}'..='\u{ff5e}' | '\u{3000}' = character {
            let plain = if character == '\u{3000}' { b' ' } else { (character as u32 - 0xfee0) as u8 };
            self.fold_before(plain);
            self.push(at, end, char::from(plain));
        } else if is_unseen(character) {
            self.unseen += 1;
            if self.unseen > UNSEEN_RUN_MAX {
                self.push(at, end, ' ');
            } else {
                self.keep_selector(character, at, end);
            }
        } else if is_circled_number(character)
            || is_nfkc_quick(std::iter::once(character)) == IsNormalized::Yes
                && canonical_combining_class(character) == 0
        {
            self.push(at, end, character);
        } else {
            self.take_unstable(character, at, end);
        }
        end
    }

    /// A character that has another form, or that melts into the one before it.
    fn take_unstable(&mut self, character: char, at: usize, end: usize) {
        let mut forms = std::iter::once(character).nfkc().filter(|form| !is_unseen(*form)).peekable();
        let Some(&first) = forms.peek() else { return };
        let (mut start, mut whole) = (at, false);
        if let Some((last_start, melted)) = self.melt(first, at) {
            forms.next();
            self.pop();
            start = last_start;
            whole = true;
            self.open_whole(start, end);
            self.normal.text.push(melted);
            self.folds = false;
        }
        let mut forms = forms.peekable();
        while let Some(form) = forms.next() {
            if !whole && forms.peek().is_some() {
                self.fold_before(form as u8);
                self.open_whole(start, end);
                whole = true;
            }
            if whole {
                self.normal.text.push(form);
                self.folds = false;
            } else {
                self.fold_before(if form.is_ascii() { form as u8 } else { 0 });
                self.push(start, end, form);
            }
        }
    }

    /// What the last character and this mark become together, and where the last one begins. It must stand directly
    /// before: marks from afar would make a character depend on text without bound.
    fn melt(&self, mark: char, at: usize) -> Option<(usize, char)> {
        let last = self.normal.text.chars().next_back()?;
        let melted = compose(last, mark)?;
        let origin = self.normal.origin(self.normal.text.len() - last.len_utf8());
        (origin.end == at).then_some((origin.start, melted))
    }

    /// A variation selector belongs to the character before it: who masks 葛 masks its selector too.
    fn keep_selector(&mut self, character: char, at: usize, end: usize) {
        let is_selector = matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
        if !is_selector || self.selected == at || self.normal.text.is_empty() {
            return;
        }
        let last = self.normal.floor(self.normal.text.len() - 1);
        if self.normal.origin(last).end != at {
            return;
        }
        let folds = self.folds;
        let (origin, character) = self.pop();
        self.open_whole(origin.start, end);
        self.normal.text.push(character);
        self.folds = folds;
        self.selected = end;
    }

    fn push(&mut self, at: usize, end: usize, form: char) {
        let (normal, original) = (form.len_utf8(), end - at);
        let form_of = if normal == original {
            Form::Even
        } else {
            Form::Scaled { normal: normal as u8, original: original as u8 }
        };
        self.open_stretch(at, form_of);
        self.folds = is_hyphen(form) && self.ends_in_digit();
        self.normal.text.push(form);
    }

    /// The next character begins at `at` of the original and has this form: a new stretch, unless the last one goes on.
    fn open_stretch(&mut self, at: usize, form: Form) {
        self.unseen = 0;
        let normal = self.normal.text.len();
        if let Some(last) = self.normal.stretches.last().filter(|last| last.form == form) {
            let len = normal - last.normal as usize;
            let end = match form {
                Form::Even => last.original as usize + len,
                Form::Scaled { normal, original } => {
                    last.original as usize + len / usize::from(normal) * usize::from(original)
                }
                Form::Whole { .. } => usize::MAX,
            };
            if end == at {
                return;
            }
        }
        self.normal.stretches.push(Stretch { normal: normal as u32, original: at as u32, form });
    }

    fn open_whole(&mut self, start: usize, end: usize) {
        // No character takes more than a few marks with it, so the length fits; a longer one would be cut, not wrong.
        let original = u16::try_from(end - start).unwrap_or(u16::MAX);
        self.open_stretch(start, Form::Whole { original });
    }

    /// A digit comes: the hyphen-like character before it, itself behind a digit, is a hyphen.
    fn fold_before(&mut self, next: u8) {
        if self.folds && next.is_ascii_digit() {
            let (origin, _) = self.pop();
            self.push(origin.start, origin.end, '-');
        }
        self.folds = false;
    }

    /// Takes the last character back, and says for which part of the original it stood.
    fn pop(&mut self) -> (Range<usize>, char) {
        let last = self.normal.floor(self.normal.text.len() - 1);
        let origin = self.normal.origin(last);
        let character = self.normal.text.pop().expect("callers look at the last character first");
        if self.normal.stretches.last().is_some_and(|stretch| stretch.normal as usize == last) {
            self.normal.stretches.pop();
        }
        (origin, character)
    }

    fn ends_in_digit(&self) -> bool {
        self.normal.text.as_bytes().last().is_some_and(u8::is_ascii_digit)
    }
}

/// Whether the three-byte character 0xe3 with these two bytes is its own NFKC form and melts into nothing: 、。「」 and so
/// on up to U+3020, hiragana and katakana without combining marks and ligatures.
fn is_even_kana(second: u8, third: u8) -> bool {
    match second {
        0x80 => (0x81..=0xa0).contains(&third),
        0x81 => third >= 0x81,
        0x82 => third <= 0x96 || third >= 0xa0 || matches!(third, 0x9d | 0x9e),
        0x83 => third <= 0xbe,
        _ => false,
    }
}

/// Characters that people write for a hyphen between digits, besides `-` itself.
pub fn is_hyphen(character: char) -> bool {
    matches!(
        character,
        '‐' | '‑'
            | '‒'
            | '–'
            | '—'
            | '―'
            | '−'
            | 'ー'
            | '－'
            | '﹣'
            | 'ｰ'
            | '─'
            | '━'
            | '⁃'
            | '˗'
    )
}

/// ① to ㊿, and ⓪.
fn is_circled_number(character: char) -> bool {
    matches!(character, '①'..='⑳' | '㉑'..='㉟' | '㊱'..='㊿' | '⓪')
}

/// Characters without a picture of their own.
pub fn is_unseen(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// How many bytes the character with this first byte takes.
fn len_utf8(lead: u8) -> usize {
    match lead {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests;
