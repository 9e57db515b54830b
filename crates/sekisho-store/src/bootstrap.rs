//! The first administrator: made once, by whoever installs.

use serde_json::json;

use crate::{
    error::{Error, Item},
    group::{self, GroupId, GroupSpec},
    key::{self, KeySpec, NewKey},
    principal::{self, PrincipalId, PrincipalSpec},
    setting,
    store::Store,
};

const DONE: &str = "store.bootstrap";

/// What was made.
#[derive(Debug)]
pub struct Administrator {
    /// Who.
    pub principal: PrincipalId,
    /// The group that gives the role.
    pub group: GroupId,
    /// The key to begin with.
    pub key: NewKey,
}

impl Store {
    /// Makes the first administrator, a group that gives the roles in `group`, and a key. Of several who try, in any number
    /// of processes, one succeeds; it never succeeds a second time, not even when the administrator has been disabled.
    ///
    /// # Errors
    /// [`Error::Exists`] when it has been done, [`Error::Name`], [`Error::Entropy`], or the store failed.
    pub fn bootstrap(
        &self,
        who: &PrincipalSpec,
        group: &GroupSpec,
        key: &KeySpec,
    ) -> Result<Administrator, Error> {
        who.check()?;
        group.check()?;
        key.check()?;
        let now_ms = self.now_ms();
        // The number of the principal is known only inside.
        let mut draft = self.draft_key(PrincipalId(0), key)?;
        let (principal, group) = self.change(|db| {
            if setting::read(db, DONE)?.is_some() {
                return Err(Error::exists(Item::Administrator, &who.name));
            }
            let principal = principal::insert(db, who, now_ms)?;
            let made = group::insert(db, group, now_ms)?;
            group::insert_membership(db, principal, made, "local")?;
            draft.key.principal = principal;
            key::insert(db, &draft)?;
            setting::write(db, DONE, &who.name, now_ms)?;
            self.note(db, "user.added", &who.name, &who.facts())?;
            self.note(db, "group.added", &group.name, &group.facts())?;
            self.note(db, "user.joined", &who.name, &json!({ "group": group.name }))?;
            self.note(db, "key.created", draft.key.id, &draft.facts(db)?)?;
            Ok((principal, made))
        })?;
        Ok(Administrator { principal, group, key: draft.into_new() })
    }

    /// Whether there has been a first administrator.
    ///
    /// # Errors
    /// The store failed.
    pub fn is_bootstrapped(&self) -> Result<bool, Error> {
        Ok(setting::read(&self.shared().reader(), DONE)?.is_some())
    }
}
