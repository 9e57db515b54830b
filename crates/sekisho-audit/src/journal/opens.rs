//! The requests that have not ended: what their close needs to know.

use std::collections::HashMap;

use crate::leaf::RecordId;

use super::{Error, pending::Waiting};

/// A request that has not ended.
#[derive(Debug, Clone)]
pub(super) struct OpenRequest {
    pub(super) class: u8,
    pub(super) principal: String,
    pub(super) tenant: Option<String>,
    /// Resolves when the open is durable; none when it was before the start.
    pub(super) waiting: Option<Waiting>,
    /// A close is on its way.
    pub(super) is_closing: bool,
}

/// All of them, up to a limit.
#[derive(Debug, Default)]
pub(super) struct Opens {
    requests: HashMap<RecordId, OpenRequest>,
    max: usize,
}

impl Opens {
    pub(super) fn new(max: usize) -> Self {
        Self { requests: HashMap::new(), max }
    }

    pub(super) fn has_class(&self, class: u8) -> Option<RecordId> {
        self.requests.iter().find(|(_, request)| request.class == class).map(|(record, _)| *record)
    }

    /// Takes a place for one more.
    pub(super) fn insert(&mut self, record: RecordId, request: OpenRequest) -> Result<(), Error> {
        if self.requests.len() >= self.max {
            return Err(Error::TooManyOpen { max: self.max });
        }
        self.requests.insert(record, request);
        Ok(())
    }

    pub(super) fn set_waiting(&mut self, record: &RecordId, waiting: Waiting) {
        if let Some(request) = self.requests.get_mut(record) {
            request.waiting = Some(waiting);
        }
    }

    /// Marks a request as closing, so that no second close is written.
    pub(super) fn begin_close(&mut self, record: RecordId) -> Result<OpenRequest, Error> {
        match self.requests.get_mut(&record) {
            Some(request) if !request.is_closing => {
                request.is_closing = true;
                Ok(request.clone())
            }
            _ => Err(Error::NotOpen { record }),
        }
    }

    /// The close was not written: another may be tried.
    pub(super) fn undo_close(&mut self, record: &RecordId) {
        if let Some(request) = self.requests.get_mut(record) {
            request.is_closing = false;
        }
    }

    pub(super) fn remove(&mut self, record: &RecordId) {
        self.requests.remove(record);
    }
}
