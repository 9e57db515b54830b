//! Prompt templates (プロンプトのひな形) at work: an approved text with named places, into which a request puts values.
//!
//! `{{name}}` is a place. `{{{{` stands for two braces that are none. A value is put in as it is and never read again, so
//! that it cannot bring places of its own.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_base::Code;
use sekisho_llm::{Error, Invalid, Refusal, Request, chat};
use sekisho_store::{Store, TemplateId, TemplateRef};

use crate::{
    caller::{Asked, DECLARED_BYTES_MAX},
    texts,
};

/// Most places of one template.
pub const PLACES_MAX: usize = 64;
/// Longest name of a place, in characters.
pub const PLACE_CHARS_MAX: usize = 64;
/// Most bytes of a template with its values.
pub const FILLED_BYTES_MAX: usize = 1 << 20;

/// A text with places, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<'t> {
    pieces: Vec<Piece<'t>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Place(&'t str),
}

/// Why a text is not a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Braces that do not hold a name: letters of any script, digits, `_` and `-`.
    #[error("line {line} has braces that are not a place")]
    Place {
        /// Where, from 1.
        line: usize,
    },
    /// More than [`PLACES_MAX`].
    #[error("it has more than {PLACES_MAX} places")]
    TooMany,
}

/// Why values do not go into a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is no such place.
    #[error("there is no place `{name}`")]
    Unknown {
        /// Its name.
        name: String,
    },
    /// A place has no value.
    #[error("the place `{name}` has no value")]
    Missing {
        /// Its name.
        name: String,
    },
    /// Longer than [`FILLED_BYTES_MAX`].
    #[error("it is longer than {FILLED_BYTES_MAX} bytes with its values")]
    TooLong,
}

impl<'t> Template<'t> {
    /// Reads a text.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(text: &'t str) -> Result<Self, Malformed> {
        let malformed = |rest: &str| {
            let before = &text[..text.len() - rest.len()];
            Malformed::Place { line: 1 + before.bytes().filter(|byte| *byte == b'\n').count() }
        };
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find("{{") {
            pieces.push(Piece::Text(&rest[..at]));
            let braces = &rest[at..];
            if let Some(after) = braces.strip_prefix("{{{{") {
                pieces.push(Piece::Text("{{"));
                rest = after;
                continue;
            }
            let (name, after) = braces[2..].split_once("}}").ok_or_else(|| malformed(braces))?;
            let name = name.trim_matches(' ');
            if !is_place(name) {
                return Err(malformed(braces));
            }
            pieces.push(Piece::Place(name));
            rest = after;
        }
        pieces.push(Piece::Text(rest));
        let template = Self { pieces };
        if template.places().len() > PLACES_MAX { Err(Malformed::TooMany) } else { Ok(template) }
    }

    /// The names of its places.
    pub fn places(&self) -> BTreeSet<&'t str> {
        let place = |piece: &Piece<'t>| match *piece {
            Piece::Place(name) => Some(name),
            Piece::Text(_) => None,
        };
        self.pieces.iter().filter_map(place).collect()
    }

    /// The text with a value in each place.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Result<String, Unfit> {
        let places = self.places();
        if let Some(name) = values.keys().find(|name| !places.contains(name.as_str())) {
            return Err(Unfit::Unknown { name: name.clone() });
        }
        let mut filled = String::new();
        for piece in &self.pieces {
            let text = match *piece {
                Piece::Text(text) => text,
                Piece::Place(name) => {
                    values.get(name).ok_or_else(|| Unfit::Missing { name: name.to_owned() })?
                }
            };
            if filled.len() + text.len() > FILLED_BYTES_MAX {
                return Err(Unfit::TooLong);
            }
            filled.push_str(text);
        }
        Ok(filled)
    }
}

fn is_place(name: &str) -> bool {
    let is_fit =
        |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | 'ー' | '々');
    !name.is_empty() && name.chars().count() <= PLACE_CHARS_MAX && name.chars().all(is_fit)
}

/// Puts the template that was asked for in front of a conversation, as its system message. Which version that is.
///
/// # Errors
/// [`Code::TemplateUnusable`] when no such version is approved, [`Error::Invalid`] for values that do not fit, and
/// [`Error::Unsupported`] where there is no conversation.
pub(crate) fn apply(store: &Store, asked: &Asked, request: &mut Request) -> Result<TemplateId, Error> {
    let invalid = |at: &str, problem| Error::Invalid { param: format!("sekisho.template{at}"), problem };
    let missing = || Invalid::Type { detail: "missing".to_owned() };
    let Request::Chat(request) = request else {
        let what = "sekisho.template".to_owned();
        return Err(Error::Unsupported { provider: "sekisho".to_owned(), what });
    };
    let name = asked.name.clone().ok_or_else(|| invalid(".name", missing()))?;
    if name.len() > DECLARED_BYTES_MAX {
        return Err(invalid(".name", Invalid::TooMany { max: DECLARED_BYTES_MAX }));
    }
    let reference = TemplateRef { name, version: asked.version };
    let Some(approved) = store.approved_template(&reference) else {
        let version = reference.version.map(|version| format!("@{version}")).unwrap_or_default();
        return Err(unusable(&(reference.name + &version)).into());
    };
    let id = TemplateId { name: approved.name.clone(), version: approved.version };
    // Texts from before places were looked at may hold what is none.
    let template = Template::parse(&approved.text)
        .map_err(|_| Error::from(unusable(&id.to_string()).with("reason", "malformed")))?;
    let filled = template.fill(&asked.values).map_err(|unfit| match unfit {
        Unfit::Unknown { name } => {
            let name = texts::cut(&name, DECLARED_BYTES_MAX);
            invalid(&format!(".values.{name}"), Invalid::Value { allowed: &[] })
        }
        Unfit::Missing { name } => invalid(&format!(".values.{name}"), missing()),
        Unfit::TooLong => invalid(".values", Invalid::TooMany { max: FILLED_BYTES_MAX }),
    })?;
    let content = Some(chat::Content::Text(filled));
    request.messages.insert(0, chat::Message { role: "system".to_owned(), content, ..Default::default() });
    Ok(id)
}

fn unusable(template: &str) -> Refusal {
    Refusal::new(Code::TemplateUnusable).with("template", template)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{FILLED_BYTES_MAX, Malformed, Template, Unfit};

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn fill(text: &str, pairs: &[(&str, &str)]) -> Result<String, Unfit> {
        Template::parse(text).unwrap().fill(&values(pairs))
    }

    #[test]
    fn values_go_into_their_places_and_bring_none() {
        let filled = fill("{{課}}の{{ 文書 }}を{{課}}へ", &[("課", "総務課"), ("文書", "{{課}}{{{{")]);
        assert_eq!(filled.as_deref(), Ok("総務課の{{課}}{{{{を総務課へ"));
        assert_eq!(fill("{{{{x}} {a} }}", &[]).as_deref(), Ok("{{x}} {a} }}"));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        assert_eq!(fill("{{a}}", &[]), Err(Unfit::Missing { name: "a".into() }));
        assert_eq!(fill("{{a}}", &[("a", ""), ("b", "")]), Err(Unfit::Unknown { name: "b".into() }));
        let long = "x".repeat(FILLED_BYTES_MAX / 2);
        assert_eq!(fill("{{a}}{{a}}", &[("a", &long)]).map(|text| text.len()), Ok(FILLED_BYTES_MAX));
        assert_eq!(fill("{{a}}{{a}}-", &[("a", &long)]), Err(Unfit::TooLong));
    }

    #[test]
    fn braces_that_are_no_place_are_told_with_their_line() {
        for text in ["\n{{}}", "\n{{a b}}", "\n{{a", "\n{{ {{a}} }}", "\n{{a\n}}", "\n{{{a}}}"] {
            assert_eq!(Template::parse(text), Err(Malformed::Place { line: 2 }), "{text}");
        }
        let many: Vec<String> = (0..65).map(|number| format!("{{{{p{number}}}}}")).collect();
        let many = many.concat();
        assert_eq!(Template::parse(&many), Err(Malformed::TooMany));
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_text_without_places_stays(text in "[{}a あ\n]{0,24}", value in ".{0,8}") {
            if let Ok(template) = Template::parse(&text) {
                let places = template.places();
                let given = places.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
                let filled = template.fill(&given).unwrap();
                if !text.contains("{{") {
                    prop_assert_eq!(filled, text);
                }
            }
        }
    }
}
