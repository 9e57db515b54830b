//! A value that is published, or the fact that it is not.

use serde::{Deserialize, Serialize};

/// A value, or the fact that its owner has not published it (未指定).
///
/// Not an `Option`: absent means "nobody asked", undisclosed means "asked, and not published". An undisclosed value is
/// never zero, never blank and never guessed; arithmetic on it stays undisclosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known<T> {
    /// Somebody published it; who, when and how well checked stands beside it in the catalog.
    Value(T),
    /// 未指定: not published.
    #[default]
    Undisclosed,
}

impl<T> Known<T> {
    /// The value if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Undisclosed => None,
        }
    }

    /// A view that borrows the value.
    pub fn as_ref(&self) -> Known<&T> {
        match self {
            Self::Value(value) => Known::Value(value),
            Self::Undisclosed => Known::Undisclosed,
        }
    }

    /// Applies `change` to a known value; the unknown stays unknown.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Value(value) => Known::Value(change(value)),
            Self::Undisclosed => Known::Undisclosed,
        }
    }

    /// Chains a step that may itself end in the unknown.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Known<U>) -> Known<U> {
        match self {
            Self::Value(value) => next(value),
            Self::Undisclosed => Known::Undisclosed,
        }
    }

    /// Both, or unknown when either is.
    pub fn zip<U>(self, other: Known<U>) -> Known<(T, U)> {
        self.and_then(|left| other.map(|right| (left, right)))
    }

    /// Whether the value is published.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Value(_))
    }
}

impl<T> From<Option<T>> for Known<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Undisclosed, Self::Value)
    }
}

#[cfg(test)]
mod tests {
    use super::Known;

    #[test]
    fn unknown_is_contagious() {
        let known = Known::Value(4);
        assert_eq!(known.zip(Known::Value(2)).map(|(a, b)| a * b), Known::Value(8));
        assert_eq!(known.zip(Known::<i32>::Undisclosed), Known::Undisclosed);
        assert_eq!(Known::from(None::<i32>).and_then(Known::Value), Known::Undisclosed);
    }
}
