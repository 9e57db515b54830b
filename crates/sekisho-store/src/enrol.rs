//! Many people and groups at once: all of a list, or nothing.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

use crate::{
    amount::Limits,
    budget::{self, Budget, BudgetSpec},
    error::{Error, Item},
    group::{self, GroupId, GroupSpec},
    hold::Subject,
    key::{self, DraftKey, KeySpec, NewKey},
    principal::{self, PrincipalId, PrincipalSpec},
    store::Store,
};

/// Groups and people that should be there.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Made before the people.
    pub groups: Vec<NewGroup>,
    /// In the order in which they are made.
    pub users: Vec<NewUser>,
}

/// A group that should be there.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// What it is made of.
    pub spec: GroupSpec,
    /// What its members may use together in a month.
    pub limits: Option<Limits>,
}

/// Somebody who should be there.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What the principal is made of.
    pub spec: PrincipalSpec,
    /// Names of groups, of the roster or there before.
    pub groups: Vec<String>,
    /// What they may use in a month.
    pub limits: Option<Limits>,
    /// The key they should have.
    pub key: Option<KeySpec>,
}

/// What was made; all else was there and is as it was.
#[derive(Debug, Default)]
pub struct Enrolled {
    /// Names of groups that were made.
    pub groups: Vec<String>,
    /// Names of people that were made.
    pub users: Vec<String>,
    /// Keys that were made, each with the name of its principal.
    pub keys: Vec<(String, NewKey)>,
}

impl Store {
    /// Makes what is not there yet, in one transaction. Whoever and whatever is there is left alone, but that somebody who
    /// never had a key, and is not disabled, gets the one of the roster.
    ///
    /// # Errors
    /// [`Error::NoSuch`] group, [`Error::Name`], [`Error::Exists`] by external id, [`Error::TooLarge`],
    /// [`Error::Entropy`], or the store failed. Nothing was made then.
    pub fn enrol(&self, roster: &Roster) -> Result<Enrolled, Error> {
        for group in &roster.groups {
            group.spec.check()?;
            group.limits.map_or(Ok(()), |limits| limits.check())?;
        }
        let mut drafts = Vec::with_capacity(roster.users.len());
        for user in &roster.users {
            user.spec.check()?;
            user.limits.map_or(Ok(()), |limits| limits.check())?;
            // Whose it is, is known only inside.
            let draft = user.key.as_ref().map(|spec| {
                spec.check()?;
                self.draft_key(PrincipalId(0), spec)
            });
            drafts.push(draft.transpose()?);
        }
        let (enrolled, keys) = self.change(|db| {
            let mut enrolled = Enrolled::default();
            for group in &roster.groups {
                if self.enrol_group(db, group)? {
                    enrolled.groups.push(group.spec.name.clone());
                }
            }
            let mut keys = HashSet::new();
            for (place, user) in roster.users.iter().enumerate() {
                let draft = drafts.get_mut(place).and_then(Option::as_mut);
                let (is_new, has_key) = self.enrol_user(db, user, draft)?;
                if is_new {
                    enrolled.users.push(user.spec.name.clone());
                }
                if has_key {
                    keys.insert(place);
                }
            }
            Ok((enrolled, keys))
        })?;
        let made = roster.users.iter().zip(drafts).enumerate().filter(|(place, _)| keys.contains(place));
        let keys = made.filter_map(|(_, (user, draft))| Some((user.spec.name.clone(), draft?.into_new())));
        Ok(Enrolled { keys: keys.collect(), ..enrolled })
    }

    /// Whether it was made.
    fn enrol_group(&self, db: &Connection, group: &NewGroup) -> Result<bool, Error> {
        if group_named(db, &group.spec.name, true)?.is_some() {
            return Ok(false);
        }
        let id = group::insert(db, &group.spec, self.now_ms())?;
        self.note(db, "group.added", &group.spec.name, &group.spec.facts())?;
        self.limit(db, Subject::Group(id), &group.spec.name, group.limits)?;
        Ok(true)
    }

    /// Whether the principal was made, and whether the key was.
    fn enrol_user(
        &self,
        db: &Connection,
        user: &NewUser,
        draft: Option<&mut DraftKey>,
    ) -> Result<(bool, bool), Error> {
        let name = &user.spec.name;
        let sql = "SELECT id, disabled_ms IS NOT NULL, EXISTS (SELECT 1 FROM api_key WHERE principal = principal.id)
                   FROM principal WHERE name = ?1";
        let found = db
            .query_row(sql, [name], |row| {
                Ok((PrincipalId(row.get(0)?), row.get::<_, bool>(1)?, row.get::<_, bool>(2)?))
            })
            .optional()?;
        let (id, gets_key) = match found {
            Some((id, is_disabled, has_key)) => (id, !is_disabled && !has_key),
            None => {
                let id = principal::insert(db, &user.spec, self.now_ms())?;
                self.note(db, "user.added", name, &user.spec.facts())?;
                for group in &user.groups {
                    let found = group_named(db, group, false)?;
                    let found = found.ok_or_else(|| Error::no_such(Item::Group, group))?;
                    group::insert_membership(db, id, found, "local")?;
                    self.note(db, "user.joined", name, &json!({ "group": group }))?;
                }
                self.limit(db, Subject::Principal(id), name, user.limits)?;
                (id, true)
            }
        };
        let Some(draft) = draft.filter(|_| gets_key) else { return Ok((found.is_none(), false)) };
        draft.key.principal = id;
        key::insert(db, draft)?;
        self.note(db, "key.created", draft.key.id, &draft.facts(db)?)?;
        Ok((found.is_none(), true))
    }

    fn limit(
        &self,
        db: &Connection,
        subject: Subject,
        name: &str,
        limits: Option<Limits>,
    ) -> Result<(), Error> {
        let Some(limits) = limits else { return Ok(()) };
        let budget = Budget { subject, month: None };
        budget::insert(db, &BudgetSpec { budget, limits }, self.now_ms())?;
        self.note(db, "budget.set", name, &budget::facts(budget, limits))
    }
}

fn group_named(db: &Connection, name: &str, also_retired: bool) -> Result<Option<GroupId>, Error> {
    let sql = "SELECT id FROM user_group WHERE name = ?1 AND (?2 OR retired_ms IS NULL)";
    Ok(db.query_row(sql, params![name, also_retired], |row| row.get(0).map(GroupId)).optional()?)
}

#[cfg(test)]
mod tests {
    use super::{NewGroup, NewUser, Roster};
    use crate::{Error, GroupSpec, KeySpec, Kind, Limits, PrincipalSpec, Settings, Store};

    fn user(name: &str, groups: &[&str]) -> NewUser {
        NewUser {
            spec: PrincipalSpec::new(Kind::User, name),
            groups: groups.iter().map(|&name| name.to_owned()).collect(),
            limits: None,
            key: Some(KeySpec::named("first")),
        }
    }

    #[test]
    fn all_is_made_once_or_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { tick: None, ..Settings::at(folder.path().join("sekisho.db")) };
        let store = Store::create(&settings).unwrap();
        let limits = Limits { tokens_max: Some(7), micro_yen_max: None };
        let mut roster = Roster {
            groups: vec![NewGroup { spec: GroupSpec::new("somu"), limits: Some(limits) }],
            users: vec![user("yamada", &["somu"]), user("kato", &["no-such"])],
        };
        assert!(matches!(store.enrol(&roster), Err(Error::NoSuch { .. })));
        assert!(store.principals().is_empty() && store.groups().is_empty());
        assert!(store.take_changes(9).unwrap().is_empty());

        roster.users[1].groups.clear();
        let made = store.enrol(&roster).unwrap();
        assert_eq!((made.groups.len(), made.users.len(), made.keys.len()), (1, 2, 2));
        let caller = store.authenticate(made.keys[0].1.secret.expose()).unwrap();
        assert_eq!((caller.principal.name.as_str(), caller.principal.groups.len()), ("yamada", 1));
        assert_eq!(store.budgets()[0].limits, limits);

        store.revoke_key(made.keys[1].1.key.id).unwrap();
        let again = store.enrol(&roster).unwrap();
        assert_eq!((again.groups.len(), again.users.len(), again.keys.len()), (0, 0, 0));
    }
}
