//! Upstreams that speak Anthropic Messages, by the conversions of [`crate::messages`].

use bytes::Bytes;

use super::{
    answer::place,
    settings::Settings,
    stream::{Fault, Read, Step},
};
use crate::{
    Chunk, Error, Request,
    messages::{self, ToChunks},
    sse::Event,
};

/// Writes a chat request as Messages.
///
/// # Errors
/// [`Error::Unsupported`] for what Messages has no place for, [`Error::Invalid`] for what is out of its range.
pub(super) fn body(settings: &Settings, request: &Request) -> Result<Bytes, Error> {
    let Request::Chat(request) = request else {
        return Err(Error::Unsupported {
            provider: settings.name.clone(),
            what: "anything but chat".to_owned(),
        });
    };
    let mut request = messages::Request::from_chat(request.clone()).map_err(|fault| match fault {
        Error::Unsupported { what, .. } => Error::Unsupported { provider: settings.name.clone(), what },
        other => other,
    })?;
    if let Some(model) = settings.models.get(&request.model) {
        request.model.clone_from(model);
    }
    Ok(Bytes::from(serde_json::to_vec(&request).expect("a wire type has text keys")))
}

/// Reads the events of Messages.
pub(super) struct Reader(ToChunks);

impl Reader {
    pub(super) fn new(created: u64) -> Self {
        Self(ToChunks::new(created, true))
    }
}

impl Read for Reader {
    fn event(&mut self, event: Event) -> Result<Step, Fault> {
        let event: messages::Event =
            serde_json::from_str(&event.data).map_err(|fault| Fault::Malformed(place(&fault)))?;
        let is_last = matches!(event, messages::Event::MessageStop);
        let parts = self.0.push(event).map_err(|fault| match fault {
            Error::Status { status, message, .. } => Fault::reported(status, &message),
            Error::Malformed { cause, .. } => Fault::Malformed(cause),
            other => Fault::Malformed(other.to_string()),
        })?;
        let parts = parts.into_iter().map(Chunk::Chat).collect();
        Ok(if is_last { Step::LastParts(parts) } else { Step::Parts(parts) })
    }

    fn is_complete(&self) -> bool {
        false
    }
}
