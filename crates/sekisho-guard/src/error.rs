//! What can go wrong when the guard is set up. What happens to a text is no error but a verdict.

use sekisho_base::{Code, Coded};

use crate::Problem;

/// Why labels or rules were not taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A file of labels has problems; nothing of it is used.
    #[error("the label scheme has {} problems", problems.len())]
    Labels {
        /// All of them, by line.
        problems: Vec<Problem>,
    },
    /// A file of rules has problems, or its own tests fail; nothing of it is used.
    #[error("the policy has {} problems", problems.len())]
    Policy {
        /// All of them, by line.
        problems: Vec<Problem>,
    },
    /// A file of forbidden topics has problems; nothing of it is used.
    #[error("the topics have {} problems", problems.len())]
    Topics {
        /// All of them, by line.
        problems: Vec<Problem>,
    },
}

impl Error {
    /// Everything that is to be mended, by line.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Labels { problems } | Self::Policy { problems } | Self::Topics { problems } => problems,
        }
    }
}

impl Coded for Error {
    fn code(&self) -> Code {
        match self {
            Self::Labels { .. } => Code::LabelsInvalid,
            Self::Policy { .. } => Code::PolicyInvalid,
            Self::Topics { .. } => Code::TopicsInvalid,
        }
    }
}
