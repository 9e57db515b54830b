//! One call over HTTP: what its head says, and the answers that need nothing more.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
    response::Response,
};
use sekisho_llm::Error;

use super::{Front, Lang, dress::Shape, error, head, listen::Peer};
use crate::stage::Refused;

/// A call whose head has been read.
pub(super) struct Call {
    pub(super) front: Front,
    pub(super) headers: HeaderMap,
    pub(super) id: Arc<str>,
    pub(super) lang: Lang,
    /// Where the connection comes from; none inside a test without one.
    pub(super) peer: Option<String>,
    pub(super) method: String,
    pub(super) path: String,
    /// How errors are told.
    pub(super) shape: Shape,
}

impl FromRequestParts<Front> for Call {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, front: &Front) -> Result<Self, Infallible> {
        let path = parts.uri.path().to_owned();
        Ok(Self {
            front: front.clone(),
            lang: head::lang(&parts.headers),
            headers: std::mem::take(&mut parts.headers),
            id: head::new_request_id(),
            peer: parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_string()),
            method: parts.method.to_string(),
            shape: Shape::of_path(&path),
            path,
        })
    }
}

impl Call {
    /// Refuses a call that never became a request. There is no record of a request that was none, so that it was tried is
    /// noted as an event.
    pub(super) fn refuse(&self, error: Error) -> Response {
        let peer = self.peer.as_deref().unwrap_or("-");
        self.front.gateway.note_attempt(&error, &self.method, &self.path, peer, &self.id);
        self.answer(&Refused { error, record: None })
    }

    /// The answer for a request that was refused, and recorded as such.
    pub(super) fn answer(&self, refused: &Refused) -> Response {
        error::respond(self, refused)
    }
}
