//! What was changed in the store, by commands and screens, into the audit log.

use sekisho_audit::{journal::Journal, record::Event};
use sekisho_base::{Code, Coded};
use sekisho_store::{Change, Store};
use serde_json::{Map, Value};

/// Changes that are recorded together.
const BATCH_MAX: usize = 256;

/// Why changes were not recorded. The store has kept them.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sekisho_store::Error),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] sekisho_audit::journal::Error),
}

impl Coded for ChangesError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Log(error) => error.code(),
        }
    }
}

/// Records all changes that wait in the store, and lets the store forget them once they are durable in the log. How many
/// that were. Waits for the disk.
///
/// A process that dies between the two records some a second time: the number of the change in the event tells.
///
/// # Errors
/// The store or the log failed; what was not recorded is kept.
pub fn record_changes(store: &Store, journal: &Journal) -> Result<u64, ChangesError> {
    let mut count = 0;
    loop {
        let changes = store.take_changes(BATCH_MAX)?;
        let Some(last) = changes.last().map(|change| change.number) else { return Ok(count) };
        let tickets: Vec<_> = changes.iter().map(|change| journal.event(&event(change), None)).collect();
        for ticket in tickets {
            ticket?.wait()?;
        }
        store.forget_changes(last)?;
        count += changes.len() as u64;
    }
}

fn event(change: &Change) -> Event {
    let mut detail = Map::new();
    detail.insert("change".to_owned(), change.number.into());
    detail.insert("time_ms".to_owned(), change.at_ms.into());
    detail.insert("subject".to_owned(), change.subject.clone().into());
    if !change.detail.is_empty() {
        detail.insert("fields".to_owned(), Value::Object(change.detail.clone()));
    }
    Event {
        principal: change.actor.clone(),
        tenant: None,
        event: change.what.clone(),
        detail,
        other: Map::new(),
    }
}
