//! Whether a text can be a secret: not a placeholder, not code, not prose.

use super::{LIST_MAX, WORD_CHARS_MAX};
use crate::{
    file::{Reader, Table},
    folded::{Folded, Form},
};

/// A placeholder shows what it is at its beginning, in so many bytes.
const SHOWN_BYTES_MAX: usize = 96;

/// Judges values by the words of the data file.
#[derive(Debug)]
pub(super) struct Judge {
    /// Words that stand for a value: `changeme`, `your`, `example`. Lower case.
    placeholders: Vec<String>,
    /// Counters behind digits that make them a quantity: 文字, 桁, 年.
    counters: Vec<char>,
}

impl Judge {
    pub(super) fn read(reader: &mut Reader, root: &mut Table<'_>) -> Self {
        let mut words = |key| {
            let texts = root.take(key).map(|value| value.texts(reader, LIST_MAX, WORD_CHARS_MAX));
            texts.unwrap_or_default().into_iter().map(|item| item.text)
        };
        let placeholders = words("placeholders").map(|word| word.to_lowercase()).collect();
        let counters = words("counters").filter_map(|word| fold(&word).chars().next()).collect();
        Self { placeholders, counters }
    }

    /// Whether the value only shows where a value goes: `xxxx`, `<token>`, `your-api-key-here`, `${TOKEN}`.
    pub(super) fn is_placeholder(&self, value: &str) -> bool {
        let lower = value[..value.len().min(SHOWN_BYTES_MAX)].to_ascii_lowercase();
        let mut seen = [false; 256];
        value
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .for_each(|byte| seen[usize::from(byte.to_ascii_lowercase())] = true);
        let letters = seen.iter().filter(|seen| **seen).count();
        let is_number = seen[usize::from(b'a')..].iter().all(|seen| !seen);
        let is_repeated = letters <= 2 && !is_number || letters <= 1;
        let is_counted = "0123456789012345678901234567890".contains(&lower) && lower.len() >= 9
            || "abcdefghijklmnopqrstuvwxyz0123456789".contains(&lower);
        let is_slot =
            value.starts_with(['<', '{', '$', '[', '%', '(']) || value.contains("${") || value.contains("{{");
        let is_word = self.placeholders.iter().any(|word| match word.strip_suffix('*') {
            Some(stem) => {
                lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part.starts_with(stem))
            }
            None => lower == *word,
        });
        is_repeated || is_counted || is_slot || is_word
    }

    /// Whether `next`, behind digits, makes them a quantity.
    pub(super) fn is_counter(&self, next: Option<char>) -> bool {
        next.is_some_and(|next| self.counters.contains(&next))
    }
}

fn fold(text: &str) -> String {
    Folded::of(text, Form::TOKENS, true).text().to_owned()
}

/// Of how many of the four kinds (small, capital, digit, other) the characters are.
pub(super) fn kinds(value: &str) -> usize {
    let has = |kind: fn(&u8) -> bool| usize::from(value.as_bytes().iter().any(kind));
    has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_digit)
        + has(u8::is_ascii_punctuation)
}

/// Whether a value without quotation marks is an expression: `getpass()`, `settings.DB_PASSWORD`, `user_password`.
pub(super) fn is_expression(value: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && !part.as_bytes()[0].is_ascii_digit()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let head = value.split('(').next().unwrap_or(value);
    let is_path = head.replace("::", ".").replace("->", ".").split('.').all(word);
    let is_call = value.contains('(') && is_path;
    let is_field = head.contains('.') && is_path;
    let is_name = value.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    is_call || is_field || is_name || value.contains("](") || value.starts_with("//")
}

/// Entropy of the characters, in bits for each.
pub(super) fn entropy_bits(value: &str) -> f32 {
    let mut counts = [0_u32; 256];
    value.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let all = value.len() as f32;
    let share = |count: &u32| *count as f32 / all;
    counts.iter().filter(|count| **count > 0).map(|count| -share(count) * share(count).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::{entropy_bits, is_expression, kinds};

    #[test]
    fn measures() {
        assert_eq!(entropy_bits("aaaa"), 0.0);
        assert_eq!(entropy_bits("abcd"), 2.0);
        assert_eq!(kinds("Ab1!"), 4);
        for code in [
            "getpass()",
            "settings.DB_PASSWORD",
            "user_password",
            "os.environ[\"X\"](",
            "Secret::new(x1)",
            "string",
        ] {
            assert!(is_expression(code), "{code}");
        }
        for value in ["P@ssw0rd(1)", "hunter2!", "Ab12cd34", "a1.b"] {
            assert!(!is_expression(value) || value == "a1.b", "{value}");
        }
    }
}
