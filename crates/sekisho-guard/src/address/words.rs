//! The words that addresses are told by.

use std::sync::LazyLock;

use crate::names::{
    cells::Cell,
    lexicon::{Class, Lexicon},
};

const FILES: [&str; 2] = [
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/names/places.txt")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/names/address.txt")),
];

/// Places, and words around addresses.
#[derive(Debug)]
pub(super) struct Words(Lexicon);

impl Words {
    pub(super) fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Words> = LazyLock::new(|| Words(Lexicon::parse(&FILES)));
        &BUILT_IN
    }

    /// The length of the prefecture that begins here.
    pub(super) fn prefecture(&self, cells: &[Cell]) -> Option<usize> {
        self.0.longest(cells, Class::Prefecture.bit())
    }

    /// The length of the municipality that begins here, if it is one that is known.
    pub(super) fn municipality(&self, cells: &[Cell]) -> Option<usize> {
        self.0.longest(cells, Class::Municipality.bit())
    }

    /// The length of the district that begins here, if it is one that is known.
    pub(super) fn district(&self, cells: &[Cell]) -> Option<usize> {
        self.0.longest(cells, Class::District.bit())
    }

    /// Whether a place that is known begins here, by a name of some length.
    pub(super) fn is_place(&self, cells: &[Cell]) -> bool {
        self.municipality(cells).is_some() || self.district(cells).is_some_and(|count| count > 2)
    }

    /// The length of the word that begins here and says that an address follows.
    pub(super) fn cue(&self, cells: &[Cell]) -> Option<usize> {
        self.0.longest(cells, Class::Cue.bit())
    }

    pub(super) fn cue_ends(&self, cells: &[Cell]) -> bool {
        self.0.ends_with(cells, Class::Cue.bit())
    }

    pub(super) fn building_ends(&self, cells: &[Cell]) -> bool {
        self.0.ends_with(cells, Class::Building.bit())
    }

    /// Whether the town ends with a word of at least `shortest` letters that ends none.
    pub(super) fn is_no_town(&self, town: &[Cell], shortest: usize) -> bool {
        (shortest..=town.len()).any(|count| {
            let word = &town[town.len() - count..];
            self.0.longest(word, Class::NotTown.bit()) == Some(count)
        })
    }

    pub(super) fn is_no_municipality(&self, name: &[Cell]) -> bool {
        self.0.longest(name, Class::NotMunicipality.bit()) == Some(name.len())
    }
}
