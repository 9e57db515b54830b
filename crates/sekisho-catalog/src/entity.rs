//! Entries of the catalog, and how a typed value is read out of their claims.

use std::collections::BTreeMap;

use sekisho_base::Known;
use serde::Serialize;

use crate::claim::{Bilingual, Claim, Value, words};

words! {
    /// The classes of entries; each is a folder under the catalog directory.
    Class {
        /// A model that can be chosen or compared.
        Model = "model",
        /// A family of models that a source speaks of as one.
        Series = "series",
        /// An organisation's use of a model.
        Adoption = "adoption",
        /// A benchmark or leaderboard.
        Benchmark = "benchmark",
        /// A service, platform or appliance.
        Product = "product",
        /// A company, body or project.
        Organisation = "organisation",
        /// Something that happened on a date.
        Event = "event",
        /// A price offer.
        Price = "price",
        /// A GPU or accelerator.
        Gpu = "gpu",
        /// A document or page that claims rest on.
        Source = "source",
        /// A statement about the field as a whole.
        Topic = "topic",
    }
}

/// A use of a source by the survey: its footnote number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// Number in the survey, from 1.
    pub number: u8,
    /// Line of the survey's list.
    pub line: u32,
    /// Whether it hangs on an organisation's name instead of a statement.
    pub on_entity: Option<EntityFootnote>,
    /// What does not fit between the cited page and the place that cites it.
    pub mismatch: Option<Bilingual>,
}

/// A footnote that the survey sets behind a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntityFootnote {
    /// The name.
    pub entity: String,
    /// Line of the survey.
    pub line: u32,
}

/// One entry with everything that is claimed about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entity {
    /// Class.
    pub class: Class,
    /// Id, unique within its class; also the file name.
    pub id: String,
    /// Name.
    pub name: Bilingual,
    /// Other spellings to find it by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Ids of other entries, by relation: `series`, `organisation`, `model`, `product`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub relations: BTreeMap<String, Vec<String>>,
    /// Address, for sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Sort of source: `vendor`, `government`, `model_page`, `third_party`, `media`, `paper`, `community`, `own`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_kind: Option<String>,
    /// Footnotes of the survey that lead here, for sources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// For models that stand here only to be compared with: not counted as domestic.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub comparison: bool,
    /// Remark on the entry as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Bilingual>,
    /// What is claimed.
    #[serde(rename = "claims")]
    pub claims: Vec<Claim>,
}

impl Entity {
    /// Every claim on one field, in file order.
    pub fn claims_on<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a Claim> {
        self.claims.iter().filter(move |claim| claim.field == field)
    }

    /// The claim that computations use. The others stay visible beside it.
    pub fn best(&self, field: &str) -> Option<&Claim> {
        self.claims.iter().filter(|claim| claim.field == field).min_by(|left, right| left.preference(right))
    }

    /// The best value as a number.
    pub fn number(&self, field: &str) -> Known<f64> {
        self.best(field).and_then(|claim| claim.value.as_f64()).into()
    }

    /// The best value as a whole number that is not negative.
    pub fn count(&self, field: &str) -> Known<u64> {
        self.best(field)
            .and_then(|claim| match claim.value {
                Value::Integer(number) => u64::try_from(number).ok(),
                _ => None,
            })
            .into()
    }

    /// The best value as text.
    pub fn text(&self, field: &str) -> Known<&str> {
        self.best(field)
            .and_then(|claim| match &claim.value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .into()
    }

    /// Codes of the best claim of a field with a closed list.
    pub fn codes(&self, field: &str) -> &[String] {
        self.best(field).map_or(&[], |claim| &claim.codes)
    }

    /// Ids that stand in a relation.
    pub fn related(&self, relation: &str) -> &[String] {
        self.relations.get(relation).map_or(&[], Vec::as_slice)
    }

    /// Whether two claims on the field differ, or one is marked as disputed.
    pub fn is_disputed(&self, field: &str) -> bool {
        self.claims_on(field).any(|claim| claim.status.iter().any(|status| status.is_disputed()))
    }
}
