//! Groups: who belongs together, what they may do here.

use std::{collections::BTreeSet, fmt, sync::Arc};

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use crate::{
    error::{Error, Item},
    name::{check_display, check_name},
    principal::{self, PrincipalId, require},
    store::Store,
};

/// Most groups one principal can be in: each is charged with every request.
const GROUPS_OF_PRINCIPAL_MAX: u64 = 64;

/// The number of a group; never given to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub(crate) i64);

/// `g3`.
impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{}", self.0)
    }
}

/// What somebody may do with the installation itself. Which models may be used is a matter of policy, not of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Principals, groups, keys, budgets, settings.
    Admin,
    /// Runs the installation: health, drain, reload, backup.
    Operator,
    /// Reads the audit log and all reports.
    Auditor,
    /// Approves prompt templates (プロンプト承認者).
    Approver,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Operator, Self::Auditor, Self::Approver];

    /// As in commands, policies and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Approver => "approver",
        }
    }

    /// The role of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A group: 課, 係, project, class of systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The number.
    pub id: GroupId,
    /// The name in commands, policies and records; unique for ever, without regard to ASCII case.
    pub name: String,
    /// The name for people to read.
    pub display_name: String,
    /// What its members may do here.
    pub roles: BTreeSet<Role>,
    /// When it was made.
    pub created_ms: u64,
    /// Since when it counts no more.
    pub retired_ms: Option<u64>,
}

/// What a group is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSpec {
    /// See [`Group::name`].
    pub name: String,
    /// See [`Group::display_name`].
    pub display_name: String,
    /// See [`Group::roles`].
    pub roles: BTreeSet<Role>,
}

impl GroupSpec {
    /// With nothing but a name.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { display_name: name.clone(), name, roles: BTreeSet::new() }
    }
}

impl Store {
    /// Makes a group.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Name`], or the store failed.
    pub fn add_group(&self, spec: &GroupSpec) -> Result<GroupId, Error> {
        spec.check()?;
        let now_ms = self.now_ms();
        self.change(|db| {
            let id = insert(db, spec, now_ms)?;
            self.note(db, "group.added", &spec.name, &spec.facts())?;
            Ok(id)
        })
    }

    /// The group of that name, also a retired one.
    pub fn group(&self, name: &str) -> Option<Arc<Group>> {
        self.directory().group_named(name)
    }

    /// The group of that number, also a retired one.
    pub fn group_by_id(&self, id: GroupId) -> Option<Arc<Group>> {
        self.directory().group(id)
    }

    /// All of them, by name.
    pub fn groups(&self) -> Vec<Arc<Group>> {
        let mut all = self.directory().groups();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// Changes name for people and roles of a group; the name stays.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Name`], or the store failed.
    pub fn change_group(&self, id: GroupId, spec: &GroupSpec) -> Result<(), Error> {
        spec.check()?;
        self.change(|db| {
            let name = name_of(db, id)?;
            db.execute(
                "UPDATE user_group SET display_name = ?2 WHERE id = ?1",
                params![id.0, spec.display_name],
            )?;
            db.execute("DELETE FROM group_role WHERE user_group = ?1", [id.0])?;
            insert_roles(db, id, &spec.roles)?;
            self.note(db, "group.changed", name, &spec.facts())
        })
    }

    /// A retired group gives no roles, has no budget and is in no principal any more; its usage stays.
    ///
    /// # Errors
    /// [`Error::NoSuch`], or the store failed.
    pub fn set_retired(&self, id: GroupId, is_retired: bool) -> Result<(), Error> {
        let retired_ms = is_retired.then(|| self.now_ms());
        self.change(|db| {
            let name = name_of(db, id)?;
            let sql =
                "UPDATE user_group SET retired_ms = ?2 WHERE id = ?1 AND (retired_ms IS NULL) <> (?2 IS NULL)";
            if db.execute(sql, params![id.0, retired_ms])? == 0 {
                return Ok(());
            }
            let what = if is_retired { "group.retired" } else { "group.restored" };
            self.note(db, what, name, &Value::Null)
        })
    }

    /// Puts somebody into a group, by hand.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Exists`], [`Error::TooLarge`], or the store failed.
    pub fn join(&self, principal: PrincipalId, group: GroupId) -> Result<(), Error> {
        self.change(|db| {
            insert_membership(db, principal, group, "local")?;
            let group = name_of(db, group)?;
            self.note(db, "user.joined", principal::name_of(db, principal)?, &json!({ "group": group }))
        })
    }

    /// Takes somebody out of a group into which somebody put them by hand.
    ///
    /// # Errors
    /// [`Error::NoSuch`], or the store failed.
    pub fn leave(&self, principal: PrincipalId, group: GroupId) -> Result<(), Error> {
        self.change(|db| {
            let sql = "DELETE FROM membership WHERE principal = ?1 AND user_group = ?2 AND source = 'local'";
            match db.execute(sql, [principal.0, group.0])? {
                0 => Err(Error::no_such(Item::Membership, format_args!("{principal} {group}"))),
                _ => {
                    let group = name_of(db, group)?;
                    self.note(db, "user.left", principal::name_of(db, principal)?, &json!({ "group": group }))
                }
            }
        })
    }

    /// Takes over the groups that an identity provider names for somebody; groups given by hand stay. Writes nothing when
    /// they are the same as before.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::TooLarge`], or the store failed.
    pub fn set_external_groups(&self, principal: PrincipalId, groups: &[GroupId]) -> Result<(), Error> {
        let wanted: BTreeSet<GroupId> = groups.iter().copied().collect();
        let directory = self.directory();
        if directory.external_groups(principal).map_or(wanted.is_empty(), |now| *now == wanted) {
            return Ok(());
        }
        self.change(|db| {
            require(db, principal)?;
            db.execute("DELETE FROM membership WHERE principal = ?1 AND source = 'external'", [principal.0])?;
            let mut names = Vec::with_capacity(wanted.len());
            for &group in &wanted {
                insert_membership(db, principal, group, "external")?;
                names.push(name_of(db, group)?);
            }
            let detail = json!({ "groups": names });
            self.note(db, "user.external-groups", principal::name_of(db, principal)?, &detail)
        })
    }
}

impl GroupSpec {
    /// Whether a group can be made of it.
    ///
    /// # Errors
    /// [`Error::Name`].
    pub fn check(&self) -> Result<(), Error> {
        let named = |cause| Error::Name { item: Item::Group, cause };
        check_name(&self.name, &[]).and_then(|()| check_display(&self.display_name)).map_err(named)
    }

    /// What the note of a change says of it.
    pub(crate) fn facts(&self) -> Value {
        let roles: Vec<_> = self.roles.iter().map(|role| role.as_str()).collect();
        json!({ "display_name": self.display_name, "roles": roles })
    }
}

pub(crate) fn insert(db: &Connection, spec: &GroupSpec, now_ms: u64) -> Result<GroupId, Error> {
    let same = db
        .query_row("SELECT name FROM user_group WHERE name = ?1", [&spec.name], |row| row.get::<_, String>(0))
        .optional()?;
    if let Some(name) = same {
        return Err(Error::exists(Item::Group, name));
    }
    db.execute(
        "INSERT INTO user_group (name, display_name, created_ms) VALUES (?1, ?2, ?3)",
        params![spec.name, spec.display_name, now_ms],
    )?;
    let id = GroupId(db.last_insert_rowid());
    insert_roles(db, id, &spec.roles)?;
    Ok(id)
}

fn insert_roles(db: &Connection, id: GroupId, roles: &BTreeSet<Role>) -> Result<(), Error> {
    for role in roles {
        db.execute(
            "INSERT INTO group_role (user_group, role) VALUES (?1, ?2)",
            params![id.0, role.as_str()],
        )?;
    }
    Ok(())
}

pub(crate) fn insert_membership(
    db: &Connection,
    principal: PrincipalId,
    group: GroupId,
    source: &str,
) -> Result<(), Error> {
    require(db, principal)?;
    require_group(db, group)?;
    let sql = "INSERT OR IGNORE INTO membership (principal, user_group, source) VALUES (?1, ?2, ?3)";
    if db.execute(sql, params![principal.0, group.0, source])? == 0 {
        return Err(Error::exists(Item::Membership, format_args!("{principal} {group}")));
    }
    let sql = "SELECT count(DISTINCT user_group) FROM membership WHERE principal = ?1";
    let count: u64 = db.query_row(sql, [principal.0], |row| row.get(0))?;
    if count > GROUPS_OF_PRINCIPAL_MAX {
        return Err(Error::TooLarge { item: Item::Membership, max: GROUPS_OF_PRINCIPAL_MAX });
    }
    Ok(())
}

/// The name of a group, for the note of a change.
pub(crate) fn name_of(db: &Connection, id: GroupId) -> Result<String, Error> {
    let found =
        db.query_row("SELECT name FROM user_group WHERE id = ?1", [id.0], |row| row.get(0)).optional()?;
    found.ok_or_else(|| Error::no_such(Item::Group, id))
}

pub(crate) fn require_group(db: &Connection, id: GroupId) -> Result<(), Error> {
    let found = db.query_row("SELECT 1 FROM user_group WHERE id = ?1", [id.0], |_| Ok(())).optional()?;
    found.ok_or_else(|| Error::no_such(Item::Group, id))
}
