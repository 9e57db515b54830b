//! Who asks: people and programs.

use std::{collections::BTreeSet, fmt, sync::Arc};

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use crate::{
    error::{Error, Item},
    group::{Group, Role},
    name::{check_display, check_name, check_word},
    store::Store,
};

/// The number of a principal; never given to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalId(pub(crate) i64);

/// `p12`.
impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}", self.0)
    }
}

/// A person or a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person.
    User,
    /// A program.
    System,
}

/// Who somebody is for an identity provider (OIDC): unique only as a pair.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExternalId {
    /// The `iss` claim.
    pub issuer: String,
    /// The `sub` claim.
    pub subject: String,
}

/// `issuer|sub`.
impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.issuer, self.subject)
    }
}

/// Who asks; for whom the budget counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The number.
    pub id: PrincipalId,
    /// The name in commands, policies and records; unique for ever, without regard to ASCII case.
    pub name: String,
    /// A person or a program.
    pub kind: Kind,
    /// The name for people to read.
    pub display_name: String,
    /// Who it is for an identity provider.
    pub external: Option<ExternalId>,
    /// The id of the highest label whose data it may send. `None`: the policy alone decides.
    pub label_max: Option<String>,
    /// When it was made.
    pub created_ms: u64,
    /// Since when nothing of it is accepted.
    pub disabled_ms: Option<u64>,
    /// Groups in which it is, without retired ones, by name.
    pub groups: Vec<Arc<Group>>,
    /// What its groups let it do here.
    pub roles: BTreeSet<Role>,
}

/// What a principal is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalSpec {
    /// See [`Principal::name`].
    pub name: String,
    /// See [`Principal::kind`].
    pub kind: Kind,
    /// See [`Principal::display_name`].
    pub display_name: String,
    /// See [`Principal::external`].
    pub external: Option<ExternalId>,
    /// See [`Principal::label_max`].
    pub label_max: Option<String>,
}

impl PrincipalSpec {
    /// With nothing but a name.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { display_name: name.clone(), name, kind, external: None, label_max: None }
    }
}

impl Kind {
    /// As in files, notes and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::System => "system",
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "user" => Ok(Self::User),
            "system" => Ok(Self::System),
            _ => Err(Error::Damaged { what: "principal.kind" }),
        }
    }
}

impl Store {
    /// Makes a principal.
    ///
    /// # Errors
    /// [`Error::Exists`] by name or external id, [`Error::Name`], or the store failed.
    pub fn add_principal(&self, spec: &PrincipalSpec) -> Result<PrincipalId, Error> {
        spec.check()?;
        let now_ms = self.now_ms();
        self.change(|db| {
            let id = insert(db, spec, now_ms)?;
            self.note(db, "user.added", &spec.name, &spec.facts())?;
            Ok(id)
        })
    }

    /// The principal of that name, also a disabled one.
    pub fn principal(&self, name: &str) -> Option<Arc<Principal>> {
        self.directory().principal_named(name)
    }

    /// The principal of that number, also a disabled one.
    pub fn principal_by_id(&self, id: PrincipalId) -> Option<Arc<Principal>> {
        self.directory().principal(id)
    }

    /// Who that is for an identity provider, also a disabled one.
    pub fn principal_of(&self, external: &ExternalId) -> Option<Arc<Principal>> {
        self.directory().principal_of(external)
    }

    /// All of them, by name.
    pub fn principals(&self) -> Vec<Arc<Principal>> {
        let mut all = self.directory().principals();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// Changes name for people, external id and ceiling of a principal; the name and kind stay.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Exists`] by external id, [`Error::Name`], or the store failed.
    pub fn change_principal(&self, id: PrincipalId, spec: &PrincipalSpec) -> Result<(), Error> {
        spec.check()?;
        self.change(|db| {
            refuse_same_external(db, spec, Some(id))?;
            let external = spec.external.as_ref();
            let changed = db.execute(
                "UPDATE principal SET display_name = ?2, issuer = ?3, subject = ?4, label_max = ?5 WHERE id = ?1",
                params![
                    id.0,
                    spec.display_name,
                    external.map(|id| &id.issuer),
                    external.map(|id| &id.subject),
                    spec.label_max
                ],
            )?;
            if changed == 0 {
                return Err(Error::no_such(Item::Principal, id));
            }
            self.note(db, "user.changed", name_of(db, id)?, &spec.facts())
        })
    }

    /// Accepts nothing more of a principal, or accepts it again. Its keys stay as they are.
    ///
    /// # Errors
    /// [`Error::NoSuch`], or the store failed.
    pub fn set_disabled(&self, id: PrincipalId, is_disabled: bool) -> Result<(), Error> {
        let disabled_ms = is_disabled.then(|| self.now_ms());
        self.change(|db| {
            let name = name_of(db, id)?;
            // A second call does not move the first date, and is no change.
            let sql =
                "UPDATE principal SET disabled_ms = ?2 WHERE id = ?1 AND (disabled_ms IS NULL) <> (?2 IS NULL)";
            if db.execute(sql, params![id.0, disabled_ms])? == 0 {
                return Ok(());
            }
            let what = if is_disabled { "user.disabled" } else { "user.enabled" };
            self.note(db, what, name, &Value::Null)
        })
    }
}

impl PrincipalSpec {
    /// Whether a principal can be made of it, as far as it alone says.
    ///
    /// # Errors
    /// [`Error::Name`].
    pub fn check(&self) -> Result<(), Error> {
        let named = |cause| Error::Name { item: Item::Principal, cause };
        check_name(&self.name, &['@', '+']).map_err(named)?;
        check_display(&self.display_name).map_err(named)?;
        if let Some(external) = &self.external {
            check_word(&external.issuer).and_then(|()| check_word(&external.subject)).map_err(named)?;
        }
        self.label_max.as_deref().map_or(Ok(()), check_word).map_err(named)
    }

    /// What the note of a change says of it.
    pub(crate) fn facts(&self) -> Value {
        let external = self.external.as_ref();
        json!({
            "kind": self.kind.as_str(),
            "display_name": self.display_name,
            "issuer": external.map(|id| &id.issuer),
            "subject": external.map(|id| &id.subject),
            "label_max": self.label_max,
        })
    }
}

pub(crate) fn insert(db: &Connection, spec: &PrincipalSpec, now_ms: u64) -> Result<PrincipalId, Error> {
    let same = db
        .query_row("SELECT name FROM principal WHERE name = ?1", [&spec.name], |row| row.get::<_, String>(0))
        .optional()?;
    if let Some(name) = same {
        return Err(Error::exists(Item::Principal, name));
    }
    refuse_same_external(db, spec, None)?;
    let external = spec.external.as_ref();
    db.execute(
        "INSERT INTO principal (name, kind, display_name, issuer, subject, label_max, created_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            spec.name,
            spec.kind.as_str(),
            spec.display_name,
            external.map(|id| &id.issuer),
            external.map(|id| &id.subject),
            spec.label_max,
            now_ms
        ],
    )?;
    Ok(PrincipalId(db.last_insert_rowid()))
}

fn refuse_same_external(
    db: &Connection,
    spec: &PrincipalSpec,
    but: Option<PrincipalId>,
) -> Result<(), Error> {
    let Some(external) = &spec.external else { return Ok(()) };
    let other = db
        .query_row(
            "SELECT name FROM principal WHERE issuer = ?1 AND subject = ?2 AND id IS NOT ?3",
            params![external.issuer, external.subject, but.map(|id| id.0)],
            |row| row.get::<_, String>(0),
        )
        .optional()?;
    other.map_or(Ok(()), |name| Err(Error::exists(Item::Principal, name)))
}

/// The name of a principal, for the note of a change.
pub(crate) fn name_of(db: &Connection, id: PrincipalId) -> Result<String, Error> {
    let found =
        db.query_row("SELECT name FROM principal WHERE id = ?1", [id.0], |row| row.get(0)).optional()?;
    found.ok_or_else(|| Error::no_such(Item::Principal, id))
}

pub(crate) fn require(db: &Connection, id: PrincipalId) -> Result<(), Error> {
    let found = db.query_row("SELECT 1 FROM principal WHERE id = ?1", [id.0], |_| Ok(())).optional()?;
    found.ok_or_else(|| Error::no_such(Item::Principal, id))
}
