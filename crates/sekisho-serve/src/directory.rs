//! Who may come in: keys of the store, and tokens of an identity provider where one is set.

use sekisho_base::Code;
use sekisho_llm::{Error, Refusal};
use sekisho_store::Store;

use crate::caller::{Bearer, Caller};

/// Finds out who shows a key or a token.
#[derive(Clone)]
pub struct Directory {
    store: Store,
}

impl Directory {
    /// Those of a store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Who that is. Why somebody is nobody is for the record; the one who asks learns only that it is so.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`].
    pub(crate) fn identify(&self, bearer: &Bearer) -> Result<Caller, Error> {
        match self.store.authenticate(&bearer.0) {
            Ok(known) => Ok(Caller { principal: known.principal, key: Some(known.key) }),
            Err(denied) => Err(Refusal::new(Code::Unauthenticated).with("reason", denied.to_string()).into()),
        }
    }
}
