//! The fields that claims may speak about: name, type, unit and closed lists of words. Defined in `fields.toml`, so
//! that a new field is one entry in one file.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    claim::{Bilingual, words},
    entity::Class,
    reader::{FileReader, ProblemKind, TableReader},
};

words! {
    /// What the value of a field must be. Claims of the survey are exempt: they stand as printed.
    FieldType {
        /// Text, or a number with a unit.
        Any = "any",
        /// Text.
        Text = "text",
        /// A whole number that is not negative.
        Count = "count",
        /// A number.
        Number = "number",
        /// A benchmark score with its tag.
        Score = "score",
        /// A price with its tag.
        Price = "price",
        /// A date of any precision, with its kind.
        Date = "date",
    }
}

/// Definition of one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Id.
    pub id: String,
    /// Name for people.
    pub label: Bilingual,
    /// Classes it may be used in.
    pub class: Vec<Class>,
    /// Type of its values.
    #[serde(rename = "type")]
    pub value_type: FieldType,
    /// Unit that every number of the field has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Closed list of words for filters, with their names for people, in the order people expect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<(String, Bilingual)>,
}

impl Field {
    /// Name of a code for people.
    pub fn code_label(&self, code: &str) -> Option<&Bilingual> {
        self.codes.iter().find(|(known, _)| known == code).map(|(_, label)| label)
    }
}

/// Reads `fields.toml` into `fields`; a field that exists already is a duplicate.
pub(crate) fn read(reader: &mut FileReader<'_>, text: &str, fields: &mut BTreeMap<String, Field>) {
    let Some(tree) = reader.parse(text) else { return };
    let mut root = TableReader::new(reader, tree);
    root.version();
    let tables = root.tables("field");
    root.finish();
    for table in tables {
        let field = read_field(TableReader::new(reader, table.clone()));
        if fields.contains_key(&field.id) {
            let kind = ProblemKind::Duplicate {
                what: "field",
                id: field.id.clone(),
                first: "fields.toml".to_owned(),
            };
            reader.note_at(table.span().start, kind);
        }
        fields.insert(field.id.clone(), field);
    }
}

fn read_field(mut table: TableReader<'_, '_, '_>) -> Field {
    let id = table.required_text("id");
    let label = read_bilingual(&mut table, "label").unwrap_or_default();
    let names = table.texts("class");
    let mut class = Vec::new();
    for name in names {
        match Class::parse(&name) {
            Some(known) => class.push(known),
            None => {
                let allowed = Class::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ");
                let kind = ProblemKind::NotOneOf { key: "class".to_owned(), found: name, allowed };
                table.file.note_at(table.span.start, kind);
            }
        }
    }
    let value_type = table.word("type", FieldType::WORDS).unwrap_or(FieldType::Any);
    let unit = table.text("unit");
    let mut codes = Vec::new();
    for code in table.tables("code") {
        let mut code = TableReader::new(table.file, code);
        let id = code.required_text("id");
        let label = read_bilingual(&mut code, "label").unwrap_or_default();
        code.finish();
        codes.push((id, label));
    }
    table.finish();
    Field { id, label, class, value_type, unit, codes }
}

/// `key = { ja = "...", en = "..." }`.
pub(crate) fn read_bilingual(table: &mut TableReader<'_, '_, '_>, key: &str) -> Option<Bilingual> {
    let mut inner = table.table(key)?;
    let both = Bilingual { ja: inner.required_text("ja"), en: inner.required_text("en") };
    inner.finish();
    Some(both)
}
