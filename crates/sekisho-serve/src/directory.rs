//! Who may come in: keys of the store, and tokens of an identity provider where one is set.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use sekisho_base::Code;
use sekisho_llm::{Error, Refusal};
use sekisho_store::Store;

use crate::{
    caller::{Bearer, Caller},
    oidc::{Identity, looks_like_token},
    world::World,
};

/// Finds out who shows a key or a token.
#[derive(Clone)]
pub struct Directory {
    store: Store,
}

/// Somebody who has shown who they are, and how.
pub(crate) struct Known {
    pub(crate) caller: Caller,
    /// What the token says; none for a key.
    pub(crate) identity: Option<Arc<Identity>>,
}

impl Directory {
    /// Those of a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Who that is. Why somebody is nobody is for the record; the one who asks learns only that it is so.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`]; for tokens also what [`SignIn`](crate::SignIn) has to say.
    pub(crate) async fn identify(&self, world: &World, bearer: &Bearer) -> Result<Known, Error> {
        if let Some(sign_in) = world.sign_in.as_ref().filter(|_| looks_like_token(&bearer.0)) {
            return sign_in.identify(&self.store, &bearer.0, now_s()).await;
        }
        match self.store.authenticate(&bearer.0) {
            Ok(known) => {
                let caller = Caller { principal: known.principal, key: Some(known.key) };
                Ok(Known { caller, identity: None })
            }
            Err(denied) => Err(Refusal::new(Code::Unauthenticated).with("reason", denied.to_string()).into()),
        }
    }
}

/// Seconds since 1970. A clock before that lets every token wait for its time.
pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
