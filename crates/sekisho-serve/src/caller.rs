//! Who asks, and what the one who asks declares.

use std::sync::Arc;

use sekisho_guard::Label;
use serde::{Deserialize, Serialize};

/// Somebody who has shown who they are, as far as the stages need to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// The principal's id.
    pub principal: Arc<str>,
    /// The groups it belongs to; a budget of a group counts what its members use.
    pub groups: Arc<[String]>,
    /// The highest label that it may send; none for no limit of its own.
    pub ceiling: Option<Label>,
    /// The label that it declares when a request declares none.
    pub label: Option<Label>,
    /// The key that was shown, for the record; none for who came another way.
    pub key: Option<Arc<str>>,
    /// The only models that the key is for; empty for all.
    pub models: Arc<[String]>,
    /// The only purposes that the key is for; empty for all.
    pub purposes: Arc<[String]>,
}

/// What came along as proof of who asks.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Nothing.
    Missing,
    /// A key or a token, as it was sent. Not shown.
    Bearer(Bearer),
    /// Somebody inside this program, who was checked before.
    Known(Caller),
}

/// A key or a token. Shown by its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer(pub String);

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bearer({} bytes)", self.0.len())
    }
}

/// What the one who asks says about the request: by headers, or in the member `sekisho` of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The label of what is sent. It may be raised by anything, and is never lowered.
    #[serde(default)]
    pub label: Option<String>,
    /// What it is for (業務目的).
    #[serde(default)]
    pub purpose: Option<String>,
    /// For which of the caller's groups it counts in reports.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The documents that stand in the prompt.
    #[serde(default)]
    pub documents: Vec<Document>,
}

/// A document that stands in the prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its id in the caller's system, for the record.
    pub id: String,
    /// Its label; none counts as the highest.
    #[serde(default)]
    pub label: Option<String>,
}

/// Most documents of one request.
pub const DOCUMENTS_MAX: usize = 256;
/// Most bytes of a declared word.
pub const DECLARED_BYTES_MAX: usize = 256;
