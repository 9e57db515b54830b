//! Numbers as people write them in Japanese papers and on command lines: `4,600億`, `１０Ｂ`, `32k`, `三十`.

use unicode_normalization::UnicodeNormalization;

/// Why a text is not a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAQuantity {
    /// Nothing but space.
    Empty,
    /// A character that belongs to no number.
    Character(char),
    /// The number is not finite or not a number (`1.2.3`).
    Malformed,
}

/// Multipliers that stand behind a number. `k`, `M`, `B`/`G`, `T` count in thousands; 千, 万, 億, 兆 as in Japanese.
const SUFFIXES: &[(char, f64)] = &[
    ('k', 1e3),
    ('m', 1e6),
    ('b', 1e9),
    ('g', 1e9),
    ('t', 1e12),
    ('百', 1e2),
    ('千', 1e3),
    ('万', 1e4),
    ('億', 1e8),
    ('兆', 1e12),
];

/// Reads a quantity: digits (full or half width, grouped or not), a decimal point, and at most the multipliers above.
/// Sums Japanese groups, so `1億2000万` is 120,000,000.
///
/// # Errors
/// [`NotAQuantity`] when anything else stands in the text. Units (円, GB) must be cut off before.
pub fn parse_quantity(text: &str) -> Result<f64, NotAQuantity> {
    let plain: String = text.nfkc().filter(|c| !c.is_whitespace() && !",_".contains(*c)).collect();
    if plain.is_empty() {
        return Err(NotAQuantity::Empty);
    }
    let mut total = 0.0;
    let mut digits = String::new();
    for character in plain.chars() {
        if character.is_ascii_digit() || character == '.' {
            digits.push(character);
            continue;
        }
        let factor = SUFFIXES
            .iter()
            .find(|(suffix, _)| *suffix == character.to_ascii_lowercase())
            .ok_or(NotAQuantity::Character(character))?
            .1;
        total += parse_digits(&std::mem::take(&mut digits))? * factor;
    }
    if !digits.is_empty() {
        total += parse_digits(&digits)?;
    }
    if total.is_finite() { Ok(total) } else { Err(NotAQuantity::Malformed) }
}

fn parse_digits(digits: &str) -> Result<f64, NotAQuantity> {
    digits.parse().map_err(|_| NotAQuantity::Malformed)
}

/// `digits` grouped by three: `1818` to `1,818`. Text that is not a plain integer is returned as it is.
pub fn group(digits: &str) -> String {
    let (sign, body) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    if body.is_empty() || !body.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.to_owned();
    }
    let mut grouped = String::from(sign);
    for (index, digit) in body.chars().enumerate() {
        if index > 0 && (body.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NotAQuantity, group, parse_quantity};

    #[test]
    fn reads_what_people_write() {
        for (text, expected) in [
            ("10B", 10e9),
            ("32k", 32e3),
            ("４，６００億", 4.6e11),
            ("1億2000万", 1.2e8),
            ("1.75", 1.75),
            ("500万", 5e6),
            (" 8 192 ", 8192.0),
        ] {
            assert_eq!(parse_quantity(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(parse_quantity("  "), Err(NotAQuantity::Empty));
        assert_eq!(parse_quantity("10円"), Err(NotAQuantity::Character('円')));
        assert_eq!(parse_quantity("1.2.3"), Err(NotAQuantity::Malformed));
        assert_eq!(parse_quantity("億"), Err(NotAQuantity::Malformed));
        assert_eq!(parse_quantity(&"9".repeat(400)), Err(NotAQuantity::Malformed));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = parse_quantity(&text);
        }

        #[test]
        fn grouping_keeps_the_number(number in any::<i64>()) {
            prop_assert_eq!(group(&number.to_string()).replace(',', ""), number.to_string());
        }
    }
}
