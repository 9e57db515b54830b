//! What was changed, by whom: kept from the transaction of the change until somebody has put it into the audit log.

use std::{fmt, sync::Arc};

use rusqlite::{Connection, params};
use serde_json::{Map, Value};

use crate::{
    error::Error,
    name::{check_display, check_word},
    store::Store,
};

/// One change of people, groups, keys, limits, templates or settings, or a copy of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Counts up; never given to another, also after it was forgotten. Whoever records changes records it too, so that one
    /// that was recorded twice around a crash is known as one.
    pub number: u64,
    /// When.
    pub at_ms: u64,
    /// Who: see [`Store::acting_as`].
    pub actor: String,
    /// What was done, `key.created`.
    pub what: String,
    /// To whom or what, by name or id.
    pub subject: String,
    /// Its fields. No secret is ever among them.
    pub detail: Map<String, Value>,
}

impl Store {
    /// The same store, whose changes are noted as made by somebody else.
    ///
    /// # Errors
    /// [`Error::Name`] when the name is not one line of visible text.
    pub fn acting_as(&self, actor: &str) -> Result<Self, Error> {
        check_actor(actor)?;
        let mut store = self.clone();
        store.actor = Arc::from(actor);
        Ok(store)
    }

    /// The oldest changes that nobody has forgotten, at most `max`, in their order. They stay until
    /// [`Store::forget_changes`], so that none is lost between here and the audit log.
    ///
    /// # Errors
    /// The store failed.
    pub fn take_changes(&self, max: usize) -> Result<Vec<Change>, Error> {
        let reader = self.shared().reader();
        let sql = "SELECT id, at_ms, actor, what, subject, detail FROM change ORDER BY id LIMIT ?1";
        let mut statement = reader.prepare_cached(sql)?;
        let mut rows = statement.query([i64::try_from(max).unwrap_or(i64::MAX)])?;
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            let detail: String = row.get(5)?;
            changes.push(Change {
                number: row.get(0)?,
                at_ms: row.get(1)?,
                actor: row.get(2)?,
                what: row.get(3)?,
                subject: row.get(4)?,
                detail: serde_json::from_str(&detail)
                    .map_err(|_| Error::Damaged { what: "change.detail" })?,
            });
        }
        Ok(changes)
    }

    /// Drops the changes up to a number, that one included, which now stand durably somewhere else.
    ///
    /// # Errors
    /// The store failed; they are all still there then.
    pub fn forget_changes(&self, up_to: u64) -> Result<(), Error> {
        let database = self.shared().database();
        let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
        database.connection.execute("DELETE FROM change WHERE id <= ?1", [up_to])?;
        Ok(())
    }

    /// Notes a change in its own transaction.
    pub(crate) fn note(
        &self,
        db: &Connection,
        what: &'static str,
        subject: impl fmt::Display,
        detail: &Value,
    ) -> Result<(), Error> {
        // Fields that say nothing are left out.
        let said = detail.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let said: Map<String, Value> = said.map(|(key, value)| (key.clone(), value.clone())).collect();
        let sql = "INSERT INTO change (at_ms, actor, what, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
        db.prepare_cached(sql)?.execute(params![
            self.now_ms(),
            &*self.actor,
            what,
            subject.to_string(),
            Value::Object(said).to_string()
        ])?;
        Ok(())
    }
}

/// An actor goes into the audit log, as one line.
pub(crate) fn check_actor(actor: &str) -> Result<(), Error> {
    let checked = check_word(actor).and_then(|()| check_display(actor));
    checked.map_err(|cause| Error::Name { item: crate::error::Item::Principal, cause })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use crate::{
        Budget, BudgetSpec, Error, GroupSpec, KeySpec, Kind, Limits, PrincipalSpec, Role, Settings, Store,
        Subject,
    };

    fn store(folder: &tempfile::TempDir) -> Store {
        let path = folder.path().join("sekisho.db");
        let settings = Settings { tick: None, ..Settings::at(&path) };
        if path.exists() { Store::open(&settings).unwrap() } else { Store::create(&settings).unwrap() }
    }

    fn told(store: &Store) -> Vec<String> {
        let changes = store.take_changes(100).unwrap();
        changes
            .into_iter()
            .map(|change| format!("{} {} {}", change.actor, change.what, change.subject))
            .collect()
    }

    #[test]
    fn each_change_is_noted_with_who_made_it_and_stays_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let first = store(&folder);
        let store = first.acting_as("os:joho").unwrap();
        let who = store.add_principal(&PrincipalSpec::new(Kind::User, "yamada")).unwrap();
        let spec = GroupSpec { roles: BTreeSet::from([Role::Admin]), ..GroupSpec::new("somu") };
        let group = store.add_group(&spec).unwrap();
        store.join(who, group).unwrap();
        let key = store.create_key(who, &KeySpec::named("first")).unwrap();
        let limits = Limits { tokens_max: Some(5), micro_yen_max: None };
        let budget = Budget { subject: Subject::Group(group), month: None };
        store.set_budget(&BudgetSpec { budget, limits }).unwrap();
        first.set_disabled(who, true).unwrap();
        first.set_disabled(who, true).unwrap();
        let id = key.key.id.to_string();
        let all = [
            "os:joho user.added yamada".to_owned(),
            "os:joho group.added somu".to_owned(),
            "os:joho user.joined yamada".to_owned(),
            format!("os:joho key.created {id}"),
            "os:joho budget.set somu".to_owned(),
            "sekisho user.disabled yamada".to_owned(),
        ];
        assert_eq!(told(&store), all);
        let changes = store.take_changes(5).unwrap();
        assert_eq!(changes.len(), 5);
        assert_eq!(changes[1].detail["roles"], json!(["admin"]));
        assert_eq!(changes[4].detail, *json!({ "of": "group", "tokens_max": 5 }).as_object().unwrap());
        let text = format!("{changes:?}");
        assert!(!text.contains(key.secret.expose()) && !text.contains(&key.secret.expose()[20..]));
        drop((first, store));

        let again = self::store(&folder);
        again.forget_changes(changes[4].number).unwrap();
        assert_eq!(told(&again), all[5..]);
        again.forget_changes(u64::MAX).unwrap();
        again.set_disabled(who, false).unwrap();
        let last = again.take_changes(9).unwrap();
        assert_eq!((last.len(), last[0].number), (1, changes[4].number + 2));
    }

    #[test]
    fn what_did_not_happen_is_not_noted() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let spec = PrincipalSpec::new(Kind::User, "yamada");
        store.add_principal(&spec).unwrap();
        assert!(matches!(store.add_principal(&spec), Err(Error::Exists { .. })));
        assert_eq!(told(&store).len(), 1);
        assert!(matches!(store.acting_as("a\nb"), Err(Error::Name { .. })));
    }
}
