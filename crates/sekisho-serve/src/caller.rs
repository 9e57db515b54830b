//! Who asks, and what the one who asks declares.

use std::{collections::BTreeMap, sync::Arc};

use sekisho_store::{Key, Principal};
use serde::{Deserialize, Serialize};

/// Somebody who has shown who they are. A program inside this one that asks for somebody makes one of these.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub principal: Arc<Principal>,
    /// With which key; none for who came another way.
    pub key: Option<Arc<Key>>,
}

impl Caller {
    /// The names of the groups it belongs to.
    pub(crate) fn groups(&self) -> Vec<String> {
        self.principal.groups.iter().map(|group| group.name.clone()).collect()
    }

    /// Whether the key is for that model.
    pub(crate) fn may_use(&self, model: &str) -> bool {
        self.key.as_ref().is_none_or(|key| key.scope.allows_model(model))
    }

    /// The purpose of its key, where that is for one only.
    pub(crate) fn only_purpose(&self) -> Option<&str> {
        match self.key.as_ref()?.scope.purposes.as_deref()? {
            [one] => Some(one),
            _ => None,
        }
    }

    /// The ids of the highest labels that it may send: its own, and that of its key.
    pub(crate) fn ceilings(&self) -> impl Iterator<Item = &str> {
        let of_key = self.key.as_ref().and_then(|key| key.scope.label_max.as_deref());
        self.principal.label_max.as_deref().into_iter().chain(of_key)
    }

    /// The id of the label that it declares when a request declares none.
    pub(crate) fn label(&self) -> Option<&str> {
        self.key.as_ref().and_then(|key| key.scope.label.as_deref())
    }
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
    /// The prompt template that is put in front.
    #[serde(default)]
    pub template: Option<Asked>,
}

/// A prompt template (ひな形) that is asked for, with what goes into its places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// Its name.
    pub name: Option<String>,
    /// The version; none for the newest that is approved.
    pub version: Option<u32>,
    /// By the names of the places.
    pub values: BTreeMap<String, String>,
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
