//! What a person reads when a command cannot do what was asked.

use std::{error::Error, fmt};

use sekisho_base::{Code, Coded, Fault};

use crate::words::Words;

/// A failed command: code, what was tried, causes from the outside in, and the next thing to type.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) tried: String,
    pub(crate) causes: Vec<String>,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: Code, tried: impl Into<String>) -> Self {
        Self { code, tried: tried.into(), causes: Vec::new(), hint: None }
    }

    /// From an error of a lower floor: its code, and its chain as causes.
    pub(crate) fn from_coded(error: &dyn Coded, tried: impl Into<String>) -> Self {
        Self::new(error.code(), tried).chain(error)
    }

    /// An error and what it comes from as causes, from the outside in.
    pub(crate) fn chain(mut self, error: &(impl Error + ?Sized)) -> Self {
        self = self.cause(error.to_string());
        let mut next = error.source();
        while let Some(cause) = next {
            self = self.cause(cause.to_string());
            next = cause.source();
        }
        self
    }

    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// 1: the answer is no, or the input is bad; 2: we failed.
    pub(crate) fn exit_status(&self) -> u8 {
        if self.code.fault() == Fault::Us { 2 } else { 1 }
    }

    /// The lines for a terminal.
    pub(crate) fn lines(&self, words: &Words) -> String {
        let mut text = format!("error[{}]: {}\n", self.code, self.tried);
        for cause in &self.causes {
            text += &format!("  {}: {cause}\n", words.t("cli-cause"));
        }
        if let Some(hint) = &self.hint {
            text += &format!("  hint: {hint}\n");
        }
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.tried)
    }
}

impl Error for Failure {}

/// What every command returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;
