//! Members that have no place in another format: refused by name, so that nothing is lost in silence.

use serde_json::{Map, Value};

use crate::{Error, Invalid, chat};

/// Refuses what is left of an object after its known members were taken, but for `null` and the members in `hints`:
/// those that change cost or speed and never the answer.
///
/// # Errors
/// [`Error::Unsupported`] with the path of the first member that is left.
pub(crate) fn refuse_rest(
    format: &str,
    at: &str,
    rest: &Map<String, Value>,
    hints: &[&str],
) -> Result<(), Error> {
    let left = rest.iter().find(|(name, value)| !value.is_null() && !hints.contains(&name.as_str()));
    match left {
        None => Ok(()),
        Some((name, _)) => Err(unsupported(format, path(at, name))),
    }
}

pub(crate) fn unsupported(format: &str, what: impl Into<String>) -> Error {
    Error::Unsupported { provider: format.to_owned(), what: what.into() }
}

pub(crate) fn malformed(format: &str, cause: impl Into<String>) -> Error {
    Error::Malformed { provider: format.to_owned(), cause: cause.into() }
}

pub(crate) fn wrong_type(param: impl Into<String>, expected: &str) -> Error {
    let problem = Invalid::Type { detail: format!("expected {expected}") };
    Error::Invalid { param: param.into(), problem }
}

pub(crate) fn path(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// A text as what is said, several texts and pictures as parts.
pub(crate) fn content(mut parts: Vec<chat::Part>) -> Option<chat::Content> {
    match parts.as_mut_slice() {
        [] => None,
        [part] if part.kind == "text" => Some(chat::Content::Text(part.text.take().unwrap_or_default())),
        _ => Some(chat::Content::Parts(parts)),
    }
}

pub(crate) fn text_part(text: String) -> chat::Part {
    chat::Part { kind: "text".to_owned(), text: Some(text), ..chat::Part::default() }
}

pub(crate) fn image_part(url: String) -> chat::Part {
    let image_url = Some(chat::ImageUrl { url, other: Map::new() });
    chat::Part { kind: "image_url".to_owned(), image_url, ..chat::Part::default() }
}

/// What a model thought, under either of the names that servers use.
pub(crate) fn take_reasoning(other: &mut Map<String, Value>) -> Option<String> {
    let mut take = |name| match other.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    let (long, short) = (take("reasoning_content"), take("reasoning"));
    long.or(short)
}

/// As [`take_reasoning`], to look at.
pub(crate) fn reasoning(other: &Map<String, Value>) -> Option<&str> {
    let text = |name| other.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text("reasoning_content").or_else(|| text("reasoning"))
}
