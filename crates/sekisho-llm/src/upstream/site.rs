//! Small documents of another service, such as what an identity provider publishes: over connections like those to a model
//! server, so that all that leaves leaves by one door.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, StatusCode, Uri,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, HOST, HeaderValue, USER_AGENT},
};

use super::{
    answer::{Reading, after},
    connection::{Connections, Outgoing, TlsFault},
    settings::{BaseUrl, Limits, Timeouts, Trust, URL_BYTES_MAX},
};
use crate::Error;

/// One host with its port, from which documents are read. It is the only address that is ever connected to: redirects are
/// errors, and no proxy is read from the surroundings.
#[derive(Clone)]
pub struct Site {
    connections: Connections,
    name: String,
    host: HeaderValue,
    timeouts: Timeouts,
}

impl Site {
    /// The host of an address. Nothing is connected yet, and no connection is kept: whoever reads here does so seldom.
    ///
    /// # Errors
    /// [`TlsFault`].
    pub fn new(url: &BaseUrl, trust: &Trust, timeouts: Timeouts) -> Result<Self, TlsFault> {
        let limits = Limits { idle_connections_max: 0, ..Limits::default() };
        Ok(Self {
            host: HeaderValue::from_str(&url.authority).map_err(|_| TlsFault::BadHost)?,
            name: url.authority.clone(),
            connections: Connections::new(url.clone(), trust, timeouts, &limits)?,
            timeouts,
        })
    }

    /// The document under a path from the root of the host, if the answer is 200 with at most `bytes_max`.
    ///
    /// # Errors
    /// As a request to a model server; [`Error::Malformed`] also for a longer or compressed one.
    pub async fn get(&self, path: &str, bytes_max: usize) -> Result<Bytes, Error> {
        let total_by = after(self.timeouts.total);
        let first_by = after(self.timeouts.connect.saturating_add(self.timeouts.first_byte));
        let reading = Reading {
            provider: &self.name,
            timeouts: &self.timeouts,
            answer_bytes_max: bytes_max,
            first_by,
            total_by,
        };
        let target = path.parse::<Uri>().ok();
        let target =
            target.filter(|uri| path.len() <= URL_BYTES_MAX && path.starts_with('/') && uri.host().is_none());
        let target = target.ok_or_else(|| reading.malformed("its path cannot stand in a request"))?;
        let mut request = Outgoing::new(Full::new(Bytes::new()));
        *request.method_mut() = Method::GET;
        *request.uri_mut() = target;
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, HeaderValue::from_static("sekisho"));
        let body = reading.send(&self.connections, request).await?;
        if body.head().status != StatusCode::OK {
            return Err(reading.failure(body).await);
        }
        if body.head().headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(reading.malformed("a compressed body"));
        }
        reading.document(body).await
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Site({})", self.name)
    }
}
