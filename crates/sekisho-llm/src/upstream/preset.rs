//! What is known of the usual model servers and services, as data: `data/llm/providers.toml`.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::Deserialize;

use super::{
    file::{AuthFile, QuirksFile},
    settings::{Call, Format},
};

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/llm/providers.toml"));

/// A kind of server or service. An upstream's own settings stand over it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What settings call it; its page is `docs/providers/<id>.ja.md`.
    pub id: String,
    /// What its makers call it.
    pub title: String,
    /// Which wire format it speaks.
    pub format: Format,
    /// Its address, where everybody's is the same.
    #[serde(default)]
    pub base_url: Option<String>,
    /// How it knows us.
    pub auth: AuthFile,
    /// What it can be asked.
    pub calls: Vec<Call>,
    /// Where a call goes, if not to OpenAI's path.
    #[serde(default)]
    pub paths: BTreeMap<Call, String>,
    /// What is asked to see whether it is well, where that is documented.
    #[serde(default)]
    pub health_path: Option<String>,
    /// What follows the `?` of every address.
    #[serde(default)]
    pub query: Option<String>,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Where it departs from its format.
    #[serde(default)]
    pub quirks: QuirksFile,
    /// Whether somebody has talked to one through this program.
    pub verified: Verified,
    /// Where all this is from.
    pub sources: Vec<Source>,
}

/// Whether a preset was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// 未検証: written from documents alone.
    Untried,
    /// Talked to; the provider's page says when and how.
    Tried,
}

/// Where facts of a preset are from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its address.
    pub url: String,
    /// When it was read, `2026-11-24`.
    pub checked: String,
}

/// All presets, ordered as in their file.
pub fn presets() -> &'static [Preset] {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table {
        preset: Vec<Preset>,
    }
    static PRESETS: OnceLock<Vec<Preset>> = OnceLock::new();
    PRESETS.get_or_init(|| {
        let table: Table = toml::from_str(TEXT).expect("the built-in table is read by a test");
        table.preset
    })
}
