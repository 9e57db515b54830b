//! OpenAI models, `/v1/models` and `/v1/models/{id}`. Members that we do not know travel on unchanged.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The models that whoever asks may use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct List {
    /// `list`
    #[serde(default)]
    pub object: String,
    /// One for each.
    pub data: Vec<Model>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One model; the whole answer where one is asked for by its id.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// By which it is asked for.
    pub id: String,
    /// `model`
    #[serde(default)]
    pub object: String,
    /// Seconds since 1970.
    #[serde(default)]
    pub created: u64,
    /// Who runs it.
    #[serde(default)]
    pub owned_by: String,
    /// Tokens of prompt and answer together, as vLLM tells them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_model_len: Option<u64>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl List {
    /// A list of these.
    pub fn new(models: impl IntoIterator<Item = Model>) -> Self {
        Self { object: "list".to_owned(), data: models.into_iter().collect(), other: Map::new() }
    }
}

impl Model {
    /// A model.
    pub fn new(id: impl Into<String>, created: u64, owned_by: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            object: "model".to_owned(),
            created,
            owned_by: owned_by.into(),
            ..Self::default()
        }
    }
}
