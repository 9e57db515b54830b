//! Posting to one address that is no model server: a collector of traces. The same connections, the same rules: only that
//! address, no redirect, no proxy.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Uri,
    header::{CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER, USER_AGENT},
};
use tokio::time::Instant;

use super::{
    BaseUrl, Limits, SetupFault, Timeouts, TlsFault, Trust,
    connection::{Connections, Outgoing, SendFault},
};

/// Most bytes of an answer that are read; the rest ends the connection.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Posts JSON to one address. Cheap to clone; all clones share its connections.
#[derive(Clone)]
pub struct Post {
    connections: Connections,
    target: Uri,
    host: HeaderValue,
    timeout: Duration,
}

/// What the other side said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// The status.
    pub status: u16,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
}

/// Why nothing was said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostFault {
    /// It cannot be reached, or the connection broke.
    #[error("{0}")]
    Broken(String),
    /// It took longer than it may.
    #[error("no answer in time")]
    TimedOut,
}

impl Post {
    /// To `path` below `url`. Nothing is connected yet. `timeout` is for each request, from beginning to end.
    ///
    /// # Errors
    /// [`SetupFault`].
    pub fn new(url: &BaseUrl, path: &str, trust: &Trust, timeout: Duration) -> Result<Self, SetupFault> {
        let bad_path = || SetupFault::BadPath { path: path.to_owned() };
        let target = url.target(path, None).parse::<Uri>().map_err(|_| bad_path())?;
        let limits = Limits { idle_connections_max: 1, ..Limits::default() };
        let host = HeaderValue::from_str(&url.authority).map_err(|_| SetupFault::Tls(TlsFault::BadHost))?;
        let connections = Connections::new(url.clone(), trust, Timeouts::default(), &limits)?;
        Ok(Self { connections, target, host, timeout })
    }

    /// Posts a body.
    ///
    /// # Errors
    /// [`PostFault`]; whatever status there is, is no error here.
    pub async fn send(&self, body: Vec<u8>) -> Result<Posted, PostFault> {
        let mut request = Outgoing::new(Full::new(Bytes::from(body)));
        *request.method_mut() = Method::POST;
        request.uri_mut().clone_from(&self.target);
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("sekisho"));
        let by = Instant::now() + self.timeout;
        let mut answer = match self.connections.send(request, by, by).await {
            Ok(answer) => answer,
            Err(SendFault::ConnectTimeout | SendFault::HeadTimeout) => return Err(PostFault::TimedOut),
            Err(SendFault::Connect(cause) | SendFault::Broken { cause, .. } | SendFault::NotHttp(cause)) => {
                return Err(PostFault::Broken(cause));
            }
        };
        let head = answer.head();
        let wait = head.headers.get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
        let posted = Posted { status: head.status.as_u16(), retry_after: wait.map(Duration::from_secs) };
        // Read to its end, so that the connection serves for the next one.
        let mut read = 0;
        while read < ANSWER_BYTES_MAX
            && let Ok(Some(Ok(data))) = tokio::time::timeout_at(by, answer.data()).await
        {
            read += data.len();
        }
        Ok(posted)
    }
}
