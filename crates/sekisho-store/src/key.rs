//! API keys: who is calling, and what that key may be used for.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    directory::KeyEntry,
    error::{Error, Item},
    key_text::{KeyId, KeySecret, SECRET_BYTES, parse_key},
    name::{check_display, check_word},
    principal::{Principal, PrincipalId, name_of, require},
    store::Store,
};

/// Most entries in each list of a scope.
const SCOPE_ENTRIES_MAX: usize = 256;
/// Most keys one principal can have that are neither revoked nor expired.
const KEYS_OF_PRINCIPAL_MAX: u64 = 1000;

/// What a key may be used for, narrower than what its principal may do. `None` sets no bound.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Models, by name; a trailing `*` stands for any ending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// Purposes, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purposes: Option<Vec<String>>,
    /// The id of the highest label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_max: Option<String>,
    /// The id of the label that a request with this key has when it declares none: clients that cannot say a label have it
    /// said for them by whoever makes the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A key as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The part of the key that names it.
    pub id: KeyId,
    /// Whose.
    pub principal: PrincipalId,
    /// What for, in words; need not be unique.
    pub name: String,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was made.
    pub created_ms: u64,
    /// From when it is not accepted any more.
    pub expires_ms: Option<u64>,
    /// Since when it is not accepted.
    pub revoked_ms: Option<u64>,
    /// Its last use that was written down; on the way to the disk for up to a minute.
    pub last_used_ms: Option<u64>,
    /// The key in whose place it came.
    pub replaces: Option<KeyId>,
}

/// What a key is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeySpec {
    /// See [`Key::name`].
    pub name: String,
    /// See [`Key::scope`].
    pub scope: Scope,
    /// See [`Key::expires_ms`].
    pub expires_ms: Option<u64>,
}

/// A key just made. The secret is nowhere else.
#[derive(Debug)]
pub struct NewKey {
    /// As it may be shown.
    pub key: Key,
    /// The text to hand over, once.
    pub secret: KeySecret,
}

/// Who is calling.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// Who.
    pub principal: Arc<Principal>,
    /// With which key.
    pub key: Arc<Key>,
}

/// Why a key is not accepted. For the log: outsiders learn only that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Not in the form of a key.
    #[error("not in the form of a key")]
    Malformed,
    /// No key has that id.
    #[error("no key has that id")]
    Unknown,
    /// The id is that of a key, the secret is not.
    #[error("the secret of key {id} is another one")]
    Secret {
        /// Which.
        id: KeyId,
    },
    /// Its time is over.
    #[error("key {id} has expired")]
    Expired {
        /// Which.
        id: KeyId,
    },
    /// Somebody revoked it.
    #[error("key {id} is revoked")]
    Revoked {
        /// Which.
        id: KeyId,
    },
    /// Nothing of its principal is accepted.
    #[error("the principal of key {id} is disabled")]
    Disabled {
        /// Which.
        id: KeyId,
    },
}

impl KeySpec {
    /// With nothing but a name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Whether a key can be made of it.
    ///
    /// # Errors
    /// [`Error::Name`], [`Error::TooLarge`].
    pub fn check(&self) -> Result<(), Error> {
        let named = |cause| Error::Name { item: Item::Key, cause };
        check_display(&self.name).map_err(named)?;
        for list in [&self.scope.models, &self.scope.purposes].into_iter().flatten() {
            if list.len() > SCOPE_ENTRIES_MAX {
                return Err(Error::TooLarge { item: Item::Key, max: SCOPE_ENTRIES_MAX as u64 });
            }
            list.iter().try_for_each(|word| check_word(word)).map_err(named)?;
        }
        let labels = [&self.scope.label_max, &self.scope.label].into_iter().flatten();
        labels.map(String::as_str).try_for_each(check_word).map_err(named)
    }
}

impl Scope {
    /// Whether it may be used for a model of that name.
    pub fn allows_model(&self, model: &str) -> bool {
        let is_meant = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => model.starts_with(start),
            None => model == pattern,
        };
        self.models.as_ref().is_none_or(|models| models.iter().any(is_meant))
    }

    /// Whether it may be used for a purpose of that name.
    pub fn allows_purpose(&self, purpose: &str) -> bool {
        self.purposes.as_ref().is_none_or(|purposes| purposes.iter().any(|one| one == purpose))
    }
}

impl Key {
    /// Whether it would be accepted at that time, as far as the key goes.
    pub fn is_valid_at(&self, now_ms: u64) -> bool {
        self.revoked_ms.is_none() && self.expires_ms.is_none_or(|end| now_ms < end)
    }
}

impl Store {
    /// Who presents that key. Touches no disk, and takes as long for a key that is not known as for a wrong secret.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub fn authenticate(&self, presented: &str) -> Result<Authenticated, Denied> {
        let (id, secret) = parse_key(presented).map_err(|_| Denied::Malformed)?;
        let directory = self.directory();
        let entry = directory.key(id);
        let is_right = self.pepper().verifies(id, &secret, entry.map_or(&[0; 32], |entry| &entry.mac));
        let entry = entry.ok_or(Denied::Unknown)?;
        if !is_right {
            return Err(Denied::Secret { id });
        }
        let now_ms = self.now_ms();
        if entry.key.revoked_ms.is_some() {
            return Err(Denied::Revoked { id });
        }
        if !entry.key.is_valid_at(now_ms) {
            return Err(Denied::Expired { id });
        }
        let principal = directory.principal(entry.key.principal).ok_or(Denied::Unknown)?;
        if principal.disabled_ms.is_some() {
            return Err(Denied::Disabled { id });
        }
        entry.last_use.note(now_ms);
        Ok(Authenticated { principal, key: Arc::clone(&entry.key) })
    }

    /// Makes a key for somebody.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::Name`], [`Error::TooLarge`], [`Error::Entropy`], or the store failed.
    pub fn create_key(&self, principal: PrincipalId, spec: &KeySpec) -> Result<NewKey, Error> {
        spec.check()?;
        let draft = self.draft_key(principal, spec)?;
        self.change(|db| {
            insert(db, &draft)?;
            self.note(db, "key.created", draft.key.id, &draft.facts(db)?)
        })?;
        Ok(draft.into_new())
    }

    /// Makes a key with the name and scope of another one, which is accepted only until `old_expires_ms`, so that programs
    /// can change over in between.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::KeyEnded`], [`Error::Entropy`], or the store failed.
    pub fn rotate_key(
        &self,
        old: KeyId,
        old_expires_ms: u64,
        new_expires_ms: Option<u64>,
    ) -> Result<NewKey, Error> {
        let now = self.key(old).ok_or_else(|| Error::no_such(Item::Key, old))?;
        let spec = KeySpec { name: now.name, scope: now.scope, expires_ms: new_expires_ms };
        let mut draft = self.draft_key(now.principal, &spec)?;
        draft.key.replaces = Some(old);
        let now_ms = draft.key.created_ms;
        self.change(|db| {
            let ended = db.execute(
                "UPDATE api_key SET expires_ms = min(coalesce(expires_ms, ?2), ?2)
                 WHERE id = ?1 AND revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > ?3)",
                params![old.to_string(), old_expires_ms, now_ms],
            )?;
            if ended == 0 {
                return Err(Error::KeyEnded);
            }
            insert(db, &draft)?;
            self.note(db, "key.rotated", old, &json!({ "old_expires_ms": old_expires_ms }))?;
            self.note(db, "key.created", draft.key.id, &draft.facts(db)?)
        })?;
        Ok(draft.into_new())
    }

    /// Accepts a key no more, from now on and for ever. A second time changes nothing.
    ///
    /// # Errors
    /// [`Error::NoSuch`], or the store failed.
    pub fn revoke_key(&self, id: KeyId) -> Result<(), Error> {
        let now_ms = self.now_ms();
        self.change(|db| {
            let sql = "SELECT principal, name, revoked_ms IS NOT NULL FROM api_key WHERE id = ?1";
            let row = |row: &Row<'_>| Ok((PrincipalId(row.get(0)?), row.get::<_, String>(1)?, row.get(2)?));
            let found = db.query_row(sql, [id.to_string()], row).optional()?;
            let (principal, name, is_revoked) = found.ok_or_else(|| Error::no_such(Item::Key, id))?;
            if is_revoked {
                return Ok(());
            }
            let sql = "UPDATE api_key SET revoked_ms = ?2 WHERE id = ?1";
            db.execute(sql, params![id.to_string(), now_ms])?;
            let detail = json!({ "user": name_of(db, principal)?, "name": name });
            self.note(db, "key.revoked", id, &detail)
        })
    }

    /// The key of that id, also one that is not accepted any more.
    pub fn key(&self, id: KeyId) -> Option<Key> {
        self.directory().key(id).map(KeyEntry::to_key)
    }

    /// All keys, or those of one principal, also those not accepted any more; the newest first.
    pub fn keys(&self, of: Option<PrincipalId>) -> Vec<Key> {
        let directory = self.directory();
        let mut keys: Vec<Key> = directory
            .keys()
            .filter(|entry| of.is_none_or(|of| entry.key.principal == of))
            .map(KeyEntry::to_key)
            .collect();
        keys.sort_by(|one, other| other.created_ms.cmp(&one.created_ms).then(one.id.cmp(&other.id)));
        keys
    }

    pub(crate) fn draft_key(&self, principal: PrincipalId, spec: &KeySpec) -> Result<DraftKey, Error> {
        let mut id = [0; KeyId::BYTES];
        self.entropy().fill(&mut id)?;
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        self.entropy().fill(&mut *secret)?;
        let id = KeyId::from_bytes(id);
        let key = Key {
            id,
            principal,
            name: spec.name.clone(),
            scope: spec.scope.clone(),
            created_ms: self.now_ms(),
            expires_ms: spec.expires_ms,
            revoked_ms: None,
            last_used_ms: None,
            replaces: None,
        };
        Ok(DraftKey { key, mac: self.pepper().mac(id, &secret), secret: KeySecret::new(id, &secret) })
    }
}

/// A key on its way into the database.
pub(crate) struct DraftKey {
    pub(crate) key: Key,
    mac: [u8; 32],
    secret: KeySecret,
}

impl DraftKey {
    /// What the note of a change says of it.
    pub(crate) fn facts(&self, db: &Connection) -> Result<Value, Error> {
        let Key { scope, .. } = &self.key;
        Ok(json!({
            "user": name_of(db, self.key.principal)?,
            "name": self.key.name,
            "models": scope.models,
            "purposes": scope.purposes,
            "label": scope.label,
            "label_max": scope.label_max,
            "expires_ms": self.key.expires_ms,
            "replaces": self.key.replaces.map(|id| id.to_string()),
        }))
    }

    pub(crate) fn into_new(self) -> NewKey {
        NewKey { key: self.key, secret: self.secret }
    }
}

pub(crate) fn insert(db: &Connection, draft: &DraftKey) -> Result<(), Error> {
    let key = &draft.key;
    require(db, key.principal)?;
    let sql = "SELECT count(*) FROM api_key WHERE principal = ?1 AND revoked_ms IS NULL
               AND (expires_ms IS NULL OR expires_ms > ?2)";
    let count: u64 = db.query_row(sql, params![key.principal.0, key.created_ms], |row| row.get(0))?;
    if count >= KEYS_OF_PRINCIPAL_MAX {
        return Err(Error::TooLarge { item: Item::Key, max: KEYS_OF_PRINCIPAL_MAX });
    }
    let scope = serde_json::to_string(&key.scope).map_err(|_| Error::Damaged { what: "api_key.scope" })?;
    db.execute(
        "INSERT INTO api_key (id, principal, name, mac, scope, created_ms, expires_ms, replaces)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            key.id.to_string(),
            key.principal.0,
            key.name,
            draft.mac,
            scope,
            key.created_ms,
            key.expires_ms,
            key.replaces.map(|id| id.to_string())
        ],
    )?;
    Ok(())
}
