//! Writings that change every letter alike, so that a phrase keeps its shape: its words are disguised, not the text read.

/// How a phrase was disguised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Disguise {
    None,
    Rot13,
    Rot47,
    Reversed,
}

/// A disguised phrase is as sure as a plain one times this: the letters may come together by chance.
pub(super) const CERTAINTY: f32 = 0.9;

impl Disguise {
    pub(super) const ALL: [Self; 3] = [Self::Rot13, Self::Rot47, Self::Reversed];

    /// The writings of a word; none when this disguise leaves it as it is.
    pub(super) fn of(self, word: &str) -> Vec<String> {
        let is_latin = word
            .chars()
            .all(|character| character.is_ascii_alphabetic() || matches!(character, ' ' | '*' | '\''));
        let (word, star) = word.strip_suffix('*').map_or((word, ""), |stem| (stem, "*"));
        match self {
            Self::None => vec![format!("{word}{star}")],
            // Short words would meet others by chance.
            Self::Rot13 | Self::Rot47 if !is_latin || word.len() < 3 => Vec::new(),
            Self::Rot13 => vec![word.chars().map(rot13).chain(star.chars()).collect()],
            Self::Rot47 => {
                let mut capital = word.to_owned();
                capital[..1].make_ascii_uppercase();
                [word, &capital, &word.to_uppercase()]
                    .map(|word| word.chars().map(rot47).chain(star.chars()).collect())
                    .to_vec()
            }
            Self::Reversed => {
                let reversed: String = word.chars().rev().collect();
                if reversed == word { Vec::new() } else { vec![reversed] }
            }
        }
    }
}

fn rot13(letter: char) -> char {
    match letter {
        'a'..='m' | 'A'..='M' => char::from(letter as u8 + 13),
        'n'..='z' | 'N'..='Z' => char::from(letter as u8 - 13),
        other => other,
    }
}

fn rot47(letter: char) -> char {
    match letter {
        '!'..='~' => char::from((letter as u8 - b'!' + 47) % 94 + b'!'),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::Disguise;

    #[test]
    fn words_in_disguise() {
        assert_eq!(Disguise::Rot13.of("ignore"), ["vtaber"]);
        assert_eq!(Disguise::Rot47.of("ignore"), [":8?@C6", "x8?@C6", "xv}~#t"]);
        assert_eq!(Disguise::Reversed.of("指示"), ["示指"]);
        assert!(Disguise::Rot13.of("指示").is_empty() && Disguise::Reversed.of("を").is_empty());
    }
}
