//! Reading and writing of wire formats.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Error, Invalid};

/// A body of a wire format: what a type cannot say about it is said by [`Body::check`].
pub trait Body: DeserializeOwned {
    /// Checks ranges and what must go together.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the first member that is wrong.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Reads a request.
///
/// # Errors
/// [`Error::Invalid`] with the member that is wrong and how.
pub fn parse<T: Body>(body: &[u8]) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let parsed: T = serde_path_to_error::deserialize(&mut reader).map_err(|fault| {
        let path = fault.path().to_string();
        // `.` is the body as a whole, `?` a place before the first member.
        let param = if path == "." || path == "?" { String::new() } else { path };
        let cause = fault.into_inner();
        let detail = cause.to_string();
        let problem = match cause.classify() {
            serde_json::error::Category::Data => Invalid::Type { detail },
            _ => Invalid::Json { detail },
        };
        Error::Invalid { param, problem }
    })?;
    reader.end().map_err(|cause| Error::Invalid {
        param: String::new(),
        problem: Invalid::Json { detail: cause.to_string() },
    })?;
    parsed.check()?;
    Ok(parsed)
}

/// Within a range, or not given.
///
/// # Errors
/// [`Invalid::Range`].
pub(crate) fn check_range(param: &str, value: Option<f64>, min: f64, max: f64) -> Result<(), Error> {
    match value {
        Some(value) if !(min..=max).contains(&value) => {
            Err(Error::Invalid { param: param.to_owned(), problem: Invalid::Range { min, max } })
        }
        _ => Ok(()),
    }
}

/// One text or several: `stop`, `input`, `prompt`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a string or an array of strings")]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }

    /// All of them, to change in place.
    pub fn as_mut_slice(&mut self) -> &mut [String] {
        match self {
            Self::One(text) => std::slice::from_mut(text),
            Self::Many(texts) => texts,
        }
    }
}

/// Tokens of a request and its answer, as counted by whoever ran the model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_tokens: Option<u64>,
    /// Both.
    #[serde(default)]
    pub total_tokens: u64,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: serde_json::Map<String, Value>,
}

/// `null` where a default is meant, as several clients send it.
pub(crate) fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
pub(crate) mod tests;
