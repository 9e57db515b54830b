//! Labels of sensitivity (機密性): which exist is data, since organisations differ and guidelines change.

mod load;

use std::{cmp::Ordering, fmt, sync::Arc};

use sekisho_text::fold;
use serde::Serialize;

use crate::{Error, file::Words};

/// The schemes that come with the program.
const BUILT_IN: &[&str] = &[
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/labels/jichitai-2024.toml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/labels/seifu.toml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/guard/labels/kaisha.toml")),
];

/// No label and no marking is longer.
const LABEL_CHARS_MAX: usize = 64;

/// A set of labels in order, for example 自治体機密性 3A, 3B, 3C, 2, 1. Cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Scheme(Arc<Content>);

#[derive(Debug, PartialEq)]
struct Content {
    id: String,
    title: Words,
    source: Source,
    /// From the lowest to the highest.
    levels: Vec<Level>,
}

/// Where a scheme comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The document.
    pub name: String,
    /// Its date, `2024-10-02`; none when it is our own.
    pub date: Option<String>,
    /// How far we have seen it.
    pub checked: Checked,
    /// What to know before relying on it.
    pub note: Words,
}

/// How far a statement was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// Read in the document itself.
    Primary,
    /// Read in what others write about it.
    Secondary,
    /// From memory: to be confirmed.
    Unverified,
    /// Made by us; there is nothing to check.
    Own,
}

/// One level of a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Level {
    /// Short, `3A`.
    pub id: String,
    /// As people say it.
    pub name: Words,
    /// What belongs there, in our own words.
    pub meaning: Words,
    /// How far the meaning was checked.
    pub checked: Checked,
    /// Other ways of writing it, which a person may give as a label.
    pub aliases: Vec<String>,
    /// What stands on documents of this level (「取扱注意」).
    pub markings: Vec<String>,
    /// Scheme id and level id of what we treat as the same elsewhere.
    pub elsewhere: Vec<(String, String)>,
}

impl Scheme {
    /// Reads a scheme of an organisation, or one of ours.
    ///
    /// # Errors
    /// [`Error::Labels`] with all problems of the file, by line.
    pub fn parse(text: &str) -> Result<Self, Error> {
        load::parse(text).map_err(|problems| Error::Labels { problems })
    }

    /// The schemes that come with the program: 自治体 (2024), 政府, and one for companies.
    pub fn built_in() -> Vec<Self> {
        let parsed =
            BUILT_IN.iter().map(|text| Self::parse(text).expect("a test reads every built-in scheme"));
        parsed.collect()
    }

    /// Its id, `jichitai-2024`.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Its title.
    pub fn title(&self) -> &Words {
        &self.0.title
    }

    /// Where it comes from.
    pub fn source(&self) -> &Source {
        &self.0.source
    }

    /// Its labels, from the lowest to the highest.
    pub fn labels(&self) -> impl Iterator<Item = Label> + '_ {
        (0..self.0.levels.len()).map(|rank| Label { scheme: self.clone(), rank })
    }

    /// The highest label: what a text without one has.
    pub fn highest(&self) -> Label {
        Label { scheme: self.clone(), rank: self.0.levels.len() - 1 }
    }

    /// The label that a person means: id, name, alias or marking, in any width, case and spacing, in brackets or not.
    pub fn parse_label(&self, written: &str) -> Option<Label> {
        let key = label_key(written)?;
        let rank = self
            .0
            .levels
            .iter()
            .position(|level| level.spellings().any(|one| label_key(one).as_ref() == Some(&key)))?;
        Some(Label { scheme: self.clone(), rank })
    }

    /// Everything that stands on documents, with the label it means.
    pub fn markings(&self) -> impl Iterator<Item = (&str, Label)> {
        self.0.levels.iter().zip(self.labels()).flat_map(|(level, label)| {
            level.markings.iter().map(move |marking| (marking.as_str(), label.clone()))
        })
    }

    /// The label of what is made from several texts: the highest of theirs. A text without a label, or with one of
    /// another scheme that says nothing of this one, counts as the highest; so does nothing at all.
    pub fn inherit<'l>(&self, labels: impl IntoIterator<Item = Option<&'l Label>>) -> Label {
        let known =
            labels.into_iter().map(|label| label.map_or(self.highest(), |label| label.in_scheme(self)));
        let highest = known.reduce(|one, other| if other.rank > one.rank { other } else { one });
        highest.unwrap_or_else(|| self.highest())
    }

    /// Whether both are the same labels in the same order.
    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self == other
    }
}

impl fmt::Debug for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scheme").field(&self.0.id).finish()
    }
}

impl Level {
    /// Every way of writing it.
    fn spellings(&self) -> impl Iterator<Item = &str> {
        let names = [&self.id, &self.name.ja, &self.name.en];
        names.into_iter().chain(&self.aliases).chain(&self.markings).map(String::as_str)
    }
}

/// A label of one scheme. Labels of different schemes do not compare.
#[derive(Clone)]
pub struct Label {
    scheme: Scheme,
    rank: usize,
}

impl Label {
    /// Its scheme.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// Its level.
    pub fn level(&self) -> &Level {
        &self.scheme.0.levels[self.rank]
    }

    /// Its id, `3A`.
    pub fn id(&self) -> &str {
        &self.level().id
    }

    /// Its place in the scheme, the lowest 0.
    pub(crate) fn rank(&self) -> usize {
        self.rank
    }

    /// The same label in another scheme, as far as the data of this one says; otherwise the highest there.
    #[must_use]
    pub fn in_scheme(&self, other: &Scheme) -> Self {
        self.known_in(other).unwrap_or_else(|| other.highest())
    }

    /// The same label in another scheme, if the data of this one says which.
    pub fn known_in(&self, other: &Scheme) -> Option<Self> {
        if self.scheme.is_same(other) {
            return Some(Self { scheme: other.clone(), rank: self.rank });
        }
        let named = self.level().elsewhere.iter().find(|(scheme, _)| scheme == other.id());
        named.and_then(|(_, level)| other.parse_label(level))
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank && self.scheme.is_same(&other.scheme)
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.scheme.is_same(&other.scheme).then(|| self.rank.cmp(&other.rank))
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme.id(), self.id())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// The form under which two spellings of a label are the same; nothing when it cannot be one.
fn label_key(written: &str) -> Option<String> {
    if written.chars().nth(LABEL_CHARS_MAX).is_some() {
        return None;
    }
    let key = fold::key(written);
    let key = key.trim_matches(|character| "()[]<>{}「」『』【】〔〕《》〈〉".contains(character));
    (!key.is_empty()).then(|| key.to_owned())
}

#[cfg(test)]
mod tests;
