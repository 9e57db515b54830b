//! Everything a request asks about people and keys, in memory, as it was at one moment. Read by all, replaced as a whole.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::{Connection, Row};

use crate::{
    amount::Limits,
    clock::Month,
    error::Error,
    group::{Group, GroupId, Role},
    hold::Subject,
    key::{Key, Scope},
    key_text::KeyId,
    principal::{ExternalId, Kind, Principal, PrincipalId},
    template::{self, Template},
};

/// As it was at one moment.
#[derive(Default)]
pub(crate) struct Directory {
    principals: HashMap<PrincipalId, Arc<Principal>>,
    principals_by_name: HashMap<String, PrincipalId>,
    principals_by_external: HashMap<ExternalId, PrincipalId>,
    groups: HashMap<GroupId, Arc<Group>>,
    external_groups: HashMap<PrincipalId, BTreeSet<GroupId>>,
    keys: HashMap<KeyId, KeyEntry>,
    budgets: HashMap<Subject, HashMap<Option<Month>, Limits>>,
    /// Approved ones, the newest version last.
    templates: HashMap<String, Vec<Arc<Template>>>,
}

/// A key with what only the store may see.
pub(crate) struct KeyEntry {
    pub(crate) key: Arc<Key>,
    pub(crate) mac: [u8; 32],
    pub(crate) last_use: Arc<LastUse>,
}

/// The last use of a key; outlives the directory in which it stands.
#[derive(Default)]
pub(crate) struct LastUse {
    noted_ms: AtomicU64,
    written_ms: AtomicU64,
}

impl LastUse {
    pub(crate) fn note(&self, now_ms: u64) {
        // Not `fetch_max`: a plain store is cheaper, and a second's difference between threads means nothing here.
        if self.noted_ms.load(Ordering::Relaxed) < now_ms {
            self.noted_ms.store(now_ms, Ordering::Relaxed);
        }
    }

    /// What is to be written, if anything.
    pub(crate) fn unwritten_ms(&self) -> Option<u64> {
        let noted_ms = self.noted_ms.load(Ordering::Relaxed);
        (noted_ms > self.written_ms.load(Ordering::Relaxed)).then_some(noted_ms)
    }

    pub(crate) fn set_written(&self, ms: u64) {
        self.written_ms.fetch_max(ms, Ordering::Relaxed);
    }
}

impl KeyEntry {
    /// With its last use up to now.
    pub(crate) fn to_key(&self) -> Key {
        let noted_ms = Some(self.last_use.noted_ms.load(Ordering::Relaxed)).filter(|&ms| ms > 0);
        Key { last_used_ms: self.key.last_used_ms.max(noted_ms), ..(*self.key).clone() }
    }
}

impl Directory {
    /// Reads all of it; the caller holds a transaction. The last uses of `before` go on.
    pub(crate) fn load(db: &Connection, before: Option<&Self>) -> Result<Self, Error> {
        let mut directory = Self::default();
        directory.load_groups(db)?;
        directory.load_principals(db)?;
        directory.load_keys(db, before)?;
        directory.load_budgets(db)?;
        for template in template::load_approved(db)? {
            directory.templates.entry(template.name.clone()).or_default().push(Arc::new(template));
        }
        Ok(directory)
    }

    fn load_groups(&mut self, db: &Connection) -> Result<(), Error> {
        let mut roles: HashMap<GroupId, BTreeSet<Role>> = HashMap::new();
        for (group, role) in rows(db, "SELECT user_group, role FROM group_role", |row| {
            Ok((GroupId(row.get(0)?), row.get::<_, String>(1)?))
        })? {
            let role = Role::parse(&role).ok_or(Error::Damaged { what: "group_role.role" })?;
            roles.entry(group).or_default().insert(role);
        }
        let sql = "SELECT id, name, display_name, created_ms, retired_ms FROM user_group";
        let groups = rows(db, sql, |row| {
            Ok(Group {
                id: GroupId(row.get(0)?),
                name: row.get(1)?,
                display_name: row.get(2)?,
                roles: BTreeSet::new(),
                created_ms: row.get(3)?,
                retired_ms: row.get(4)?,
            })
        })?;
        for mut group in groups {
            group.roles = roles.remove(&group.id).unwrap_or_default();
            self.groups.insert(group.id, Arc::new(group));
        }
        Ok(())
    }

    fn load_principals(&mut self, db: &Connection) -> Result<(), Error> {
        let mut groups: HashMap<PrincipalId, BTreeSet<GroupId>> = HashMap::new();
        for (principal, group, source) in
            rows(db, "SELECT principal, user_group, source FROM membership", |row| {
                Ok((PrincipalId(row.get(0)?), GroupId(row.get(1)?), row.get::<_, String>(2)?))
            })?
        {
            groups.entry(principal).or_default().insert(group);
            if source == "external" {
                self.external_groups.entry(principal).or_default().insert(group);
            }
        }
        let sql = "SELECT id, name, kind, display_name, issuer, subject, label_max, created_ms, disabled_ms
                   FROM principal";
        let principals = rows(db, sql, |row| {
            let external = match (row.get(4)?, row.get(5)?) {
                (Some(issuer), Some(subject)) => Some(ExternalId { issuer, subject }),
                _ => None,
            };
            let principal = Principal {
                id: PrincipalId(row.get(0)?),
                name: row.get(1)?,
                kind: Kind::User,
                display_name: row.get(3)?,
                external,
                label_max: row.get(6)?,
                created_ms: row.get(7)?,
                disabled_ms: row.get(8)?,
                groups: Vec::new(),
                roles: BTreeSet::new(),
            };
            Ok((principal, row.get::<_, String>(2)?))
        })?;
        for (mut principal, kind) in principals {
            principal.kind = Kind::parse(&kind)?;
            let ids = groups.remove(&principal.id).unwrap_or_default();
            let live =
                ids.iter().filter_map(|id| self.groups.get(id)).filter(|group| group.retired_ms.is_none());
            principal.groups = live.cloned().collect();
            principal.groups.sort_by(|one, other| one.name.cmp(&other.name));
            principal.roles = principal.groups.iter().flat_map(|group| group.roles.iter().copied()).collect();
            self.principals_by_name.insert(principal.name.to_ascii_lowercase(), principal.id);
            if let Some(external) = &principal.external {
                self.principals_by_external.insert(external.clone(), principal.id);
            }
            self.principals.insert(principal.id, Arc::new(principal));
        }
        Ok(())
    }

    fn load_keys(&mut self, db: &Connection, before: Option<&Self>) -> Result<(), Error> {
        let sql = "SELECT id, principal, name, mac, scope, created_ms, expires_ms, revoked_ms, last_used_ms, replaces
                   FROM api_key";
        let keys = rows(db, sql, |row| {
            let (id, scope): (String, String) = (row.get(0)?, row.get(4)?);
            let (mac, replaces): ([u8; 32], Option<String>) = (row.get(3)?, row.get(9)?);
            let key = Key {
                id: KeyId::from_bytes([0; KeyId::BYTES]),
                principal: PrincipalId(row.get(1)?),
                name: row.get(2)?,
                scope: Scope::default(),
                created_ms: row.get(5)?,
                expires_ms: row.get(6)?,
                revoked_ms: row.get(7)?,
                last_used_ms: row.get(8)?,
                replaces: None,
            };
            Ok((key, mac, id, scope, replaces))
        })?;
        for (mut key, mac, id, scope, replaces) in keys {
            let parse = |id: &str| id.parse::<KeyId>().map_err(|_| Error::Damaged { what: "api_key.id" });
            key.id = parse(&id)?;
            key.replaces = replaces.as_deref().map(parse).transpose()?;
            // A scope that cannot be read must not become one without bounds.
            key.scope = serde_json::from_str(&scope).map_err(|_| Error::Damaged { what: "api_key.scope" })?;
            let kept = before.and_then(|before| before.keys.get(&key.id));
            let last_use = kept.map(|entry| Arc::clone(&entry.last_use)).unwrap_or_default();
            last_use.set_written(key.last_used_ms.unwrap_or(0));
            self.keys.insert(key.id, KeyEntry { key: Arc::new(key), mac, last_use });
        }
        Ok(())
    }

    fn load_budgets(&mut self, db: &Connection) -> Result<(), Error> {
        let sql = "SELECT subject_kind, subject, month, tokens_max, micro_yen_max FROM budget";
        let budgets = rows(db, sql, |row| {
            let limits = Limits { tokens_max: row.get(3)?, micro_yen_max: row.get(4)? };
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, limits))
        })?;
        for (kind, id, month, limits) in budgets {
            let subject = Subject::from_row(&kind, id)?;
            let month = match month {
                0 => None,
                number => Some(Month::of_number(number).ok_or(Error::Damaged { what: "budget.month" })?),
            };
            self.budgets.entry(subject).or_default().insert(month, limits);
        }
        Ok(())
    }

    pub(crate) fn principal(&self, id: PrincipalId) -> Option<Arc<Principal>> {
        self.principals.get(&id).cloned()
    }

    pub(crate) fn principal_named(&self, name: &str) -> Option<Arc<Principal>> {
        self.principal(*self.principals_by_name.get(&name.to_ascii_lowercase())?)
    }

    pub(crate) fn principal_of(&self, external: &ExternalId) -> Option<Arc<Principal>> {
        self.principal(*self.principals_by_external.get(external)?)
    }

    pub(crate) fn principals(&self) -> Vec<Arc<Principal>> {
        self.principals.values().cloned().collect()
    }

    pub(crate) fn group(&self, id: GroupId) -> Option<Arc<Group>> {
        self.groups.get(&id).cloned()
    }

    pub(crate) fn group_named(&self, name: &str) -> Option<Arc<Group>> {
        self.groups.values().find(|group| group.name.eq_ignore_ascii_case(name)).cloned()
    }

    pub(crate) fn groups(&self) -> Vec<Arc<Group>> {
        self.groups.values().cloned().collect()
    }

    pub(crate) fn external_groups(&self, id: PrincipalId) -> Option<&BTreeSet<GroupId>> {
        self.external_groups.get(&id)
    }

    pub(crate) fn key(&self, id: KeyId) -> Option<&KeyEntry> {
        self.keys.get(&id)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &KeyEntry> {
        self.keys.values()
    }

    /// The limits of a month: its own, or else those of every month. A retired group has none.
    pub(crate) fn limits(&self, subject: Subject, month: Month) -> Limits {
        let of = self.budgets.get(&subject);
        let limits = of.and_then(|of| of.get(&Some(month)).or_else(|| of.get(&None)));
        limits.copied().unwrap_or_default()
    }

    pub(crate) fn budgets(&self) -> &HashMap<Subject, HashMap<Option<Month>, Limits>> {
        &self.budgets
    }

    pub(crate) fn templates_named(&self, name: &str) -> &[Arc<Template>] {
        self.templates.get(name).map_or(&[], Vec::as_slice)
    }
}

/// All rows of a query.
pub(crate) fn rows<T>(
    db: &Connection,
    sql: &str,
    each: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Error> {
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([], each)?.collect::<Result<_, _>>()?;
    Ok(rows)
}
