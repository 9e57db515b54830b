//! A text folded for finding words, with the way back to what was written.
//!
//! Unlike [`sekisho_text::normal::Normal`], which is what a person would call the same text, this form throws away what an
//! attacker can vary: width, kana, voicing marks, spaces inside words, escapes. It is computed from left to right, each
//! character by itself but for a few bounded units, so that a longer text folds to a longer form with the same beginning.

mod escape;
mod letters;

use std::ops::Range;

use letters::fold_letter;

/// Which differences are folded away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// `A` and `a` stay different.
    pub(crate) keep_case: bool,
    /// Spaces and line ends stay.
    pub(crate) keep_space: bool,
    /// が and か stay different.
    pub(crate) keep_voicing: bool,
    /// `1gn0re` is `ignore`; letters of other scripts and kanji that look like letters and kana are those.
    pub(crate) look_alikes: bool,
    /// `%E7%84%A1`, `\u7121` and `&#28961;` are the character they stand for, and `i.g.n.o.r.e` is `ignore`.
    pub(crate) disguises: bool,
}

impl Form {
    /// For sentences that somebody may have disguised.
    pub(crate) const DISGUISED: Self =
        Self { keep_case: false, keep_space: false, keep_voicing: false, look_alikes: true, disguises: true };
    /// For words as people spell them.
    pub(crate) const WORDS: Self = Self { look_alikes: false, disguises: false, ..Self::DISGUISED };
    /// As [`Form::WORDS`], with voicing: to tell ガス from カス where the other form found either.
    pub(crate) const VOICED: Self = Self { keep_voicing: true, ..Self::WORDS };
    /// For tokens, which have case and end at spaces.
    pub(crate) const TOKENS: Self = Self { keep_case: true, keep_space: true, ..Self::WORDS };
}

/// Where a folded character came from.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Its first byte in the folded text.
    at: u32,
    /// The bytes of the original that it stands for.
    start: u32,
    end: u32,
    /// How many characters of the original come before.
    index: u32,
    /// Space was dropped before it.
    gap: bool,
    /// It was written as an escape.
    escaped: bool,
    /// Nothing but marks stands before it on its line.
    line_start: bool,
}

/// A folded text. Positions called `char` count folded characters.
#[derive(Debug)]
pub(crate) struct Folded {
    text: String,
    places: Vec<Place>,
    original_len: usize,
    original_chars: usize,
    /// The byte of the original from which more text may change the form.
    pub(crate) unsure_from: usize,
}

/// Between letters these are dropped when they come in a series: `i.g.n.o.r.e`, 無・視.
const SEPARATORS: &str = ".-_*/|,+~:;、・･·•‧";

/// With these a line may begin before its first word: quotation, headings, lists, brackets.
const LINE_MARKS: &str = ">#-*+|`\"'<[(【[(（「『・■□◆●※";
/// Most characters before the first word of a line.
const LINE_MARKS_MAX: u8 = 8;

impl Folded {
    /// Folds. `at_end` says that no text follows.
    pub(crate) fn of(original: &str, form: Form, at_end: bool) -> Self {
        Folder::new(original, form, at_end).run()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How many folded characters there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The folded character that begins at byte `at` of [`Folded::text`].
    pub(crate) fn char_at(&self, at: usize) -> usize {
        self.places.partition_point(|place| (place.at as usize) < at)
    }

    /// The byte of [`Folded::text`] at which character `char` begins.
    pub(crate) fn byte(&self, char: usize) -> usize {
        self.places.get(char).map_or(self.text.len(), |place| place.at as usize)
    }

    pub(crate) fn slice(&self, chars: Range<usize>) -> &str {
        &self.text[self.byte(chars.start)..self.byte(chars.end)]
    }

    pub(crate) fn char(&self, char: usize) -> Option<char> {
        self.text.get(self.byte(char)..)?.chars().next()
    }

    /// The bytes of the original that the characters stand for, with what was dropped between them.
    pub(crate) fn original(&self, chars: Range<usize>) -> Range<usize> {
        let start = self.original_start(chars.start);
        let end = chars
            .end
            .checked_sub(1)
            .and_then(|last| self.places.get(last))
            .map_or(start, |place| place.end as usize);
        start..end.max(start)
    }

    /// The first byte of the original that `char` stands for.
    pub(crate) fn original_start(&self, char: usize) -> usize {
        self.places.get(char).map_or(self.original_len, |place| place.start as usize)
    }

    /// How many characters of the original lie before folded character `char`.
    pub(crate) fn index(&self, char: usize) -> usize {
        self.places.get(char).map_or(self.original_chars, |place| place.index as usize)
    }

    /// The first folded character with at least `index` characters of the original before it.
    pub(crate) fn char_with_index(&self, index: usize) -> usize {
        self.places.partition_point(|place| (place.index as usize) < index)
    }

    /// How many characters the original has.
    pub(crate) fn original_chars(&self) -> usize {
        self.original_chars
    }

    /// Whether any of the characters was written as an escape.
    pub(crate) fn is_escaped(&self, chars: Range<usize>) -> bool {
        self.places.get(chars).is_some_and(|places| places.iter().any(|place| place.escaped))
    }

    /// Whether only spaces and marks (`#`, `>`, `-`) stand before the character on its line.
    pub(crate) fn is_line_start(&self, char: usize) -> bool {
        self.places.get(char).is_some_and(|place| place.line_start)
    }

    /// Whether a Latin word can begin or end before `char`: space was dropped there, or no letter or digit meets another.
    pub(crate) fn is_edge(&self, char: usize) -> bool {
        let joins = |char: usize| {
            let at = self.byte(char);
            self.text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric)
        };
        match self.places.get(char) {
            _ if char == 0 => true,
            None => true,
            Some(place) => place.gap || !joins(char) || !joins(char - 1),
        }
    }
}

/// The state of folding one text.
struct Folder<'a> {
    original: &'a str,
    form: Form,
    at_end: bool,
    folded: Folded,
    index: u32,
    gap: bool,
    /// The last two characters of the original, seen ones only.
    before: [Option<char>; 2],
    /// Where the last of them begins.
    before_at: usize,
    /// Line ends since the last seen character.
    line_ends: u32,
    /// Spaces and marks since the line began; [`u8::MAX`] behind its first word.
    line_marks: u8,
}

impl<'a> Folder<'a> {
    fn new(original: &'a str, form: Form, at_end: bool) -> Self {
        let folded = Folded {
            text: String::with_capacity(original.len()),
            places: Vec::with_capacity(original.len() / 2),
            original_len: original.len(),
            original_chars: 0,
            unsure_from: original.len(),
        };
        Self {
            original,
            form,
            at_end,
            folded,
            index: 0,
            gap: false,
            before: [None; 2],
            before_at: 0,
            line_ends: 0,
            line_marks: 0,
        }
    }

    fn run(mut self) -> Folded {
        let mut at = 0;
        while let Some(character) = self.original[at..].chars().next() {
            if is_plain(character) {
                let end = at + character.len_utf8();
                self.take_letter(character, at, end, false);
                self.index += 1;
                at = end;
                continue;
            }
            let end = if self.form.disguises && matches!(character, '\\' | '%' | '&') {
                match escape::read(&self.original[at..], self.at_end) {
                    escape::Read::Unit { character, bytes } => {
                        self.take(character, at, at + bytes, true);
                        self.index += bytes as u32;
                        at += bytes;
                        continue;
                    }
                    escape::Read::Broken => {
                        self.stop(at, at);
                        break;
                    }
                    escape::Read::No => at + 1,
                }
            } else {
                at + character.len_utf8()
            };
            let is_separator = self.form.disguises && SEPARATORS.contains(character);
            match if is_separator { self.drops_separator(character, end) } else { Some(false) } {
                Some(false) => self.take(character, at, end, false),
                Some(true) => {}
                None => {
                    self.stop(at, self.before_at);
                    break;
                }
            }
            self.index += 1;
            at = end;
        }
        self.folded.original_chars = self.index as usize;
        self.folded
    }

    /// Folds nothing from byte `at` on, since what it is depends on text that has not come; what stands before is a
    /// beginning of every reading, so that a word which goes on here is seen to be open.
    fn stop(&mut self, at: usize, unsure_from: usize) {
        self.folded.unsure_from = self.folded.unsure_from.min(unsure_from);
        self.index += self.original[at..].chars().count() as u32;
    }

    /// Takes one character, written at `start..end`.
    fn take(&mut self, character: char, start: usize, end: usize, escaped: bool) {
        if character == '\n' {
            self.line_marks = 0;
        }
        if character.is_whitespace() && !self.form.keep_space {
            self.gap = true;
            if character == '\n' {
                self.line_ends += 1;
                if self.line_ends == 2 {
                    // A blank line ends a sentence; a single line end may stand inside one.
                    self.push('\n', start, end, escaped);
                }
            }
            self.line_marks = self.line_marks.saturating_add(u8::from(character != '\n'));
            self.before = [None; 2];
            return;
        }
        let is_mark = character.is_whitespace() || LINE_MARKS.contains(character);
        let line_marks = if is_mark { self.line_marks.saturating_add(1) } else { u8::MAX };
        if self.take_letter(character, start, end, escaped) {
            self.line_marks = line_marks;
        }
    }

    /// Takes one character that is no space; false when nothing is seen of it.
    fn take_letter(&mut self, character: char, start: usize, end: usize, escaped: bool) -> bool {
        let form = self.form;
        let mut seen = false;
        fold_letter(character, form, &mut |letter| {
            self.push(letter, start, end, escaped);
            seen = true;
        });
        if seen {
            self.line_ends = 0;
            self.gap = false;
            self.before = [self.before[1], Some(character)];
            self.before_at = start;
            self.line_marks = u8::MAX;
        }
        seen
    }

    fn push(&mut self, letter: char, start: usize, end: usize, escaped: bool) {
        self.folded.places.push(Place {
            at: self.folded.text.len() as u32,
            start: start as u32,
            end: end as u32,
            index: self.index,
            gap: self.gap,
            escaped,
            line_start: self.line_marks <= LINE_MARKS_MAX,
        });
        self.folded.text.push(letter);
    }

    /// Whether the separator that ends at `end` stands in a series `a.b.c`, which needs two more characters to know;
    /// none when they have not come.
    fn drops_separator(&mut self, separator: char, end: usize) -> Option<bool> {
        let [second_last, last] = self.before;
        let Some(last) = last.filter(|last| last.is_alphabetic()) else { return Some(false) };
        let mut after = self.original[end..].chars();
        let is_series = match (after.next(), after.next()) {
            (Some(next), _) if !next.is_alphabetic() => false,
            (Some(_), _) if second_last == Some(separator) => true,
            (Some(_), Some(second)) => second == separator,
            _ if self.at_end => false,
            _ => return None,
        };
        if is_series {
            self.before = [Some(last), Some(separator)];
        }
        Some(is_series)
    }
}

/// Letters, which need no second look: most of any text.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, 'ぁ'..='ゖ' | 'ァ'..='ヶ' | '一'..='鿿')
}

#[cfg(test)]
mod tests;
