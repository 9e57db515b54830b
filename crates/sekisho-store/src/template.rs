//! Prompt templates under version (プロンプト運用): draft, approved by somebody else, retired. What was approved never changes.

use std::{fmt, str::FromStr, sync::Arc};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

use crate::{
    error::{Error, Item},
    name::check_name,
    principal::{PrincipalId, name_of},
    store::Store,
};

/// Longest text, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 256 * 1024;
/// Most versions of one template.
const VERSIONS_MAX: u32 = 100_000;

/// How far a version has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Being written; nobody can use it.
    Draft,
    /// In use.
    Approved,
    /// No longer, or never, in use.
    Retired,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TemplateId {
    /// The name.
    pub name: String,
    /// From 1.
    pub version: u32,
}

/// `name` for the newest approved version, `name@3` for that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRef {
    /// The name.
    pub name: String,
    /// `None`: the newest approved one.
    pub version: Option<u32>,
}

/// A version with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The name.
    pub name: String,
    /// From 1.
    pub version: u32,
    /// How far it has come.
    pub state: State,
    /// Counts the changes of the draft, from 1: who approves says which one they read.
    pub revision: u64,
    /// The text.
    pub text: String,
    /// Who began it.
    pub author: PrincipalId,
    /// When.
    pub created_ms: u64,
    /// Who approved it.
    pub approved_by: Option<PrincipalId>,
    /// When.
    pub approved_ms: Option<u64>,
    /// Who retired it.
    pub retired_by: Option<PrincipalId>,
    /// When.
    pub retired_ms: Option<u64>,
}

impl State {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "draft" => Some(Self::Draft),
            "approved" => Some(Self::Approved),
            "retired" => Some(Self::Retired),
            _ => None,
        }
    }
}

impl Store {
    /// The approved version that a name stands for. From memory.
    pub fn approved_template(&self, reference: &TemplateRef) -> Option<Arc<Template>> {
        let directory = self.directory();
        let versions = directory.templates_named(&reference.name);
        match reference.version {
            None => versions.last().cloned(),
            Some(version) => versions.iter().find(|template| template.version == version).cloned(),
        }
    }

    /// One version, in any state.
    ///
    /// # Errors
    /// [`Error::NoSuch`], or the store failed.
    pub fn template(&self, id: &TemplateId) -> Result<Template, Error> {
        read(&self.shared().reader(), id)
    }

    /// All versions, or those of one name; by name and version.
    ///
    /// # Errors
    /// The store failed.
    pub fn templates(&self, name: Option<&str>) -> Result<Vec<Template>, Error> {
        let reader = self.shared().reader();
        let sql = format!("{SELECT} WHERE ?1 IS NULL OR name = ?1 ORDER BY name, version");
        let mut statement = reader.prepare_cached(&sql)?;
        collect(statement.query([name])?)
    }

    /// Begins the next version of a template, or the first of a new one.
    ///
    /// # Errors
    /// [`Error::NoSuch`] author, [`Error::Name`], [`Error::TooLarge`], or the store failed.
    pub fn draft_template(&self, name: &str, text: &str, author: PrincipalId) -> Result<TemplateId, Error> {
        check_name(name, &[]).map_err(|cause| Error::Name { item: Item::Template, cause })?;
        check_text(text)?;
        let now_ms = self.now_ms();
        self.change(|db| {
            let by = name_of(db, author)?;
            let sql = "SELECT coalesce(max(version), 0) FROM template WHERE name = ?1";
            let version: u32 = db.query_row(sql, [name], |row| row.get(0))?;
            if version >= VERSIONS_MAX {
                return Err(Error::TooLarge { item: Item::Template, max: u64::from(VERSIONS_MAX) });
            }
            let id = TemplateId { name: name.to_owned(), version: version + 1 };
            db.execute(
                "INSERT INTO template (name, version, state, revision, text, author, created_ms)
                 VALUES (?1, ?2, 'draft', 1, ?3, ?4, ?5)",
                params![id.name, id.version, text, author.0, now_ms],
            )?;
            note_writer(db, &id, author)?;
            self.note(db, "template.drafted", &id, &json!({ "by": by }))?;
            Ok(id)
        })
    }

    /// Changes the text of a draft that is still as the editor saw it. Returns the new revision.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::TemplateState`], [`Error::DraftChanged`], [`Error::TooLarge`], or the store failed.
    pub fn edit_draft(
        &self,
        id: &TemplateId,
        seen: u64,
        text: &str,
        editor: PrincipalId,
    ) -> Result<u64, Error> {
        check_text(text)?;
        self.change(|db| {
            let by = name_of(db, editor)?;
            require_draft(&read(db, id)?, seen)?;
            db.execute(
                "UPDATE template SET text = ?3, revision = revision + 1 WHERE name = ?1 AND version = ?2",
                params![id.name, id.version, text],
            )?;
            note_writer(db, id, editor)?;
            let revision = seen + 1;
            self.note(db, "template.edited", id, &json!({ "by": by, "revision": revision }))?;
            Ok(revision)
        })
    }

    /// Approves a draft that is still as the approver read it. Whoever wrote on it cannot (四つの目).
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::TemplateState`], [`Error::DraftChanged`], [`Error::OwnTemplate`], or the store failed.
    pub fn approve_template(&self, id: &TemplateId, seen: u64, approver: PrincipalId) -> Result<(), Error> {
        let now_ms = self.now_ms();
        self.change(|db| {
            let by = name_of(db, approver)?;
            require_draft(&read(db, id)?, seen)?;
            let sql = "SELECT 1 FROM template_writer WHERE name = ?1 AND version = ?2 AND principal = ?3";
            let wrote = db.query_row(sql, params![id.name, id.version, approver.0], |_| Ok(())).optional()?;
            if wrote.is_some() {
                return Err(Error::OwnTemplate);
            }
            db.execute(
                "UPDATE template SET state = 'approved', approved_by = ?3, approved_ms = ?4
                 WHERE name = ?1 AND version = ?2",
                params![id.name, id.version, approver.0, now_ms],
            )?;
            self.note(db, "template.approved", id, &json!({ "by": by, "revision": seen }))
        })
    }

    /// Takes a version out of use, or gives up a draft. It stays readable.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::TemplateState`] when it is retired already, or the store failed.
    pub fn retire_template(&self, id: &TemplateId, by: PrincipalId) -> Result<(), Error> {
        let now_ms = self.now_ms();
        self.change(|db| {
            let name = name_of(db, by)?;
            if read(db, id)?.state == State::Retired {
                return Err(Error::TemplateState);
            }
            db.execute(
                "UPDATE template SET state = 'retired', retired_by = ?3, retired_ms = ?4
                 WHERE name = ?1 AND version = ?2",
                params![id.name, id.version, by.0, now_ms],
            )?;
            self.note(db, "template.retired", id, &json!({ "by": name }))
        })
    }
}

const SELECT: &str =
    "SELECT name, version, state, revision, text, author, created_ms, approved_by, approved_ms,
                      retired_by, retired_ms FROM template";

/// All approved versions, each name's in ascending order.
pub(crate) fn load_approved(db: &Connection) -> Result<Vec<Template>, Error> {
    let sql = format!("{SELECT} WHERE state = 'approved' ORDER BY name, version");
    let mut statement = db.prepare_cached(&sql)?;
    collect(statement.query([])?)
}

fn read(db: &Connection, id: &TemplateId) -> Result<Template, Error> {
    let sql = format!("{SELECT} WHERE name = ?1 AND version = ?2");
    let mut statement = db.prepare_cached(&sql)?;
    let found = collect(statement.query(params![id.name, id.version])?)?;
    found.into_iter().next().ok_or_else(|| Error::no_such(Item::Template, id))
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Template>, Error> {
    let mut templates = Vec::new();
    while let Some(row) = rows.next()? {
        templates.push(of_row(row)?);
    }
    Ok(templates)
}

fn of_row(row: &Row<'_>) -> Result<Template, Error> {
    let state: String = row.get(2)?;
    let principal = |column| Ok::<_, Error>(row.get::<_, Option<i64>>(column)?.map(PrincipalId));
    Ok(Template {
        name: row.get(0)?,
        version: row.get(1)?,
        state: State::parse(&state).ok_or(Error::Damaged { what: "template.state" })?,
        revision: row.get(3)?,
        text: row.get(4)?,
        author: PrincipalId(row.get(5)?),
        created_ms: row.get(6)?,
        approved_by: principal(7)?,
        approved_ms: row.get(8)?,
        retired_by: principal(9)?,
        retired_ms: row.get(10)?,
    })
}

fn check_text(text: &str) -> Result<(), Error> {
    if text.len() > TEMPLATE_BYTES_MAX {
        return Err(Error::TooLarge { item: Item::Template, max: TEMPLATE_BYTES_MAX as u64 });
    }
    Ok(())
}

fn require_draft(template: &Template, seen: u64) -> Result<(), Error> {
    if template.state != State::Draft {
        return Err(Error::TemplateState);
    }
    let found = template.revision;
    if found == seen { Ok(()) } else { Err(Error::DraftChanged { seen, found }) }
}

fn note_writer(db: &Connection, id: &TemplateId, writer: PrincipalId) -> Result<(), Error> {
    db.execute(
        "INSERT OR IGNORE INTO template_writer (name, version, principal) VALUES (?1, ?2, ?3)",
        params![id.name, id.version, writer.0],
    )?;
    Ok(())
}

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// Not `name` or `name@version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not of the form name or name@version")]
pub struct NotATemplate;

impl FromStr for TemplateRef {
    type Err = NotATemplate;

    fn from_str(text: &str) -> Result<Self, NotATemplate> {
        let (name, version) = match text.split_once('@') {
            None => (text, None),
            Some((name, version)) => {
                let is_plain = !version.starts_with(['0', '+']);
                let version = version.parse().ok().filter(|_| is_plain);
                (name, Some(version.ok_or(NotATemplate)?))
            }
        };
        check_name(name, &[]).map_err(|_| NotATemplate)?;
        Ok(Self { name: name.to_owned(), version })
    }
}

impl FromStr for TemplateId {
    type Err = NotATemplate;

    fn from_str(text: &str) -> Result<Self, NotATemplate> {
        let TemplateRef { name, version } = text.parse()?;
        Ok(Self { name, version: version.ok_or(NotATemplate)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::TemplateRef;

    #[test]
    fn references() {
        let read = |text: &str| text.parse::<TemplateRef>().map(|read| (read.name, read.version));
        assert_eq!(read("要約"), Ok(("要約".to_owned(), None)));
        assert_eq!(read("要約@12"), Ok(("要約".to_owned(), Some(12))));
        for text in ["", "@1", "a@", "a@0", "a@01", "a@+1", "a@-1", "a@1@2", "a@4294967296", "a b@1", "a@１"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>()) {
            let _ = text.parse::<TemplateRef>();
        }
    }
}
