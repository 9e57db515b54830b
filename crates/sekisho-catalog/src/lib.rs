//! What is known of Japanese domestic LLMs (国産LLM), how well it is known, and what follows for a plan.
//!
//! The catalog is a set of entries ([`Entity`]) made of claims ([`Claim`]): each says one thing about one field, with
//! value, unit, scale, date, source, kind and verification status. Claims that disagree stand side by side.
//!
//! This crate is *not* for sentences or pictures: it returns facts, verdicts and numbers; the edge words and draws them.
//!
//! Read first: [`Catalog`], [`Entity`], [`Claim`].
//!
//! ```
//! use sekisho_catalog::{Catalog, Class, FactId};
//! let (catalog, problems) = Catalog::load(None);
//! assert!(problems.is_empty());
//! let (entry, claim) = catalog.fact(FactId(227)).expect("the survey's row on 中国電力");
//! assert_eq!(entry.class, Class::Adoption);
//! // The public record says something else; it stands beside, not instead.
//! assert!(entry.claims_on(&claim.field).any(|other| other.against.contains(&FactId(227))));
//! ```
mod check;
mod claim;
mod date;
mod entity;
mod field;
mod load;
pub mod plan;
mod query;
mod reader;
mod score;
mod timeline;

use std::{collections::BTreeMap, path::Path};

pub use claim::{
    Bilingual, Claim, DateKind, FactId, Kind, Origin, PriceTag, ScoreTag, Status, UNDISCLOSED, Value,
};
pub use date::PartialDate;
pub use entity::{Class, Entity, EntityFootnote, Reference};
pub use field::{Field, FieldType};
pub use load::OVERLAY_FILES_MAX;
pub use query::{Match, ModelFilter, Truth, adoptions_by, any_code};
pub use reader::{FILE_BYTES_MAX, Problem, ProblemKind};
pub use score::{Difference, Score, ScoreGroup, benchmark, differences, kept_apart, score_groups, unstated};
use sekisho_text::fold;
pub use timeline::{Moment, timeline};

/// Everything that is known, with its sources.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    entities: BTreeMap<(Class, String), Entity>,
    fields: BTreeMap<String, Field>,
}

impl Catalog {
    /// The catalog inside the binary, with the files of an organisation's own folder laid over it.
    ///
    /// Bad data is not an error of the program: what could be read is in the catalog, the rest is in the list, ordered
    /// by file and line.
    pub fn load(overlay: Option<&Path>) -> (Self, Vec<Problem>) {
        load::load(overlay)
    }

    /// Every entry, by class and id.
    pub fn all(&self) -> impl Iterator<Item = &Entity> {
        self.entities.values()
    }

    /// Every entry of a class, by id.
    pub fn of(&self, class: Class) -> impl Iterator<Item = &Entity> {
        self.entities.values().filter(move |entity| entity.class == class)
    }

    /// One entry by its id.
    pub fn get(&self, class: Class, id: &str) -> Option<&Entity> {
        self.entities.get(&(class, id.to_owned()))
    }

    /// Definition of a field.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.get(id)
    }

    /// Every field, by id.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.values()
    }

    /// The claim that carries a fact number of the survey.
    pub fn fact(&self, id: FactId) -> Option<(&Entity, &Claim)> {
        self.claims().find(|(_, claim)| claim.fact == Some(id))
    }

    /// Every claim with its entry.
    pub fn claims(&self) -> impl Iterator<Item = (&Entity, &Claim)> {
        self.all().flat_map(|entity| entity.claims.iter().map(move |claim| (entity, claim)))
    }

    /// The source that a reference number of the survey leads to.
    pub fn reference(&self, number: u8) -> Option<(&Entity, &Reference)> {
        self.of(Class::Source).find_map(|source| {
            source
                .references
                .iter()
                .find(|reference| reference.number == number)
                .map(|reference| (source, reference))
        })
    }

    /// Entries of a class whose id, name or alias a person may have meant: exact ones alone if there are any, else those
    /// that contain the words.
    pub fn find(&self, class: Class, wanted: &str) -> Vec<&Entity> {
        let key = fold::key(wanted);
        let exact = |entity: &&Entity| names(entity).any(|name| fold::key(name) == key);
        let found: Vec<_> = self.of(class).filter(exact).collect();
        if !found.is_empty() || key.is_empty() {
            return found;
        }
        self.of(class).filter(|entity| names(entity).any(|name| fold::key(name).contains(&key))).collect()
    }

    pub(crate) fn add(&mut self, entity: Entity, reader: &mut reader::FileReader<'_>) {
        let key = (entity.class, entity.id.clone());
        let overlay = entity.claims.first().is_none_or(|claim| claim.origin.overlay);
        match self.entities.get_mut(&key) {
            Some(known) if overlay => known.claims.extend(entity.claims),
            Some(known) => {
                let kind = ProblemKind::Duplicate { what: "entry", id: entity.id, first: known.id.clone() };
                reader.note(1, kind);
            }
            None => {
                // An overlay may leave the name to the entry it adds to; a new entry has nobody else to name it.
                if entity.name.ja.is_empty() {
                    reader.note(1, ProblemKind::MissingKey { key: "name".to_owned() });
                }
                self.entities.insert(key, entity);
            }
        }
    }
}

fn names(entity: &Entity) -> impl Iterator<Item = &str> {
    [&entity.id, &entity.name.ja, &entity.name.en]
        .into_iter()
        .chain(&entity.aliases)
        .map(String::as_str)
        .filter(|name| !name.is_empty())
}
