//! Connections to the one address of an upstream, kept for later requests.
//!
//! We keep them ourselves, and not by a general client, for three things that such a client does not give: whether any
//! byte of a failed request can have left us, a limit on connecting that includes the name and TLS, and the end of the
//! connection at the moment when its request is given up. There is no proxy and no redirect here to be turned off.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response,
    body::{Body as _, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    net::{TcpStream, lookup_host},
    task::AbortHandle,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;

use super::settings::{BaseUrl, Limits, Timeouts, Trust};

/// Most addresses of one name that are tried.
const ADDRESSES_MAX: usize = 8;
/// Most bytes of the head of an answer.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Most headers of an answer.
const HEADERS_MAX: usize = 100;

/// A request as it goes out.
pub(super) type Outgoing = hyper::Request<Full<Bytes>>;

/// The connections to one upstream.
#[derive(Clone)]
pub(super) struct Connections(Arc<Inner>);

struct Inner {
    url: BaseUrl,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    idle: Mutex<VecDeque<Idle>>,
    idle_max: usize,
    timeouts: Timeouts,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// One connection. Dropping it closes it at once, whatever is on its way.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: AbortHandle,
}

/// Why a request did not get an answer.
#[derive(Debug)]
pub(super) enum SendFault {
    /// No connection.
    Connect(String),
    /// No connection in time.
    ConnectTimeout,
    /// The connection broke.
    Broken { cause: String, was_sent: bool },
    /// What came is not HTTP.
    NotHttp(String),
    /// No head of an answer in time.
    HeadTimeout,
}

/// Why the trust of an upstream cannot be set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// The operating system has no certificates that we could read.
    #[error("no certificates of the operating system")]
    NoSystemRoots,
    /// A file of certificates holds none, or something else.
    #[error("no certificates in the PEM")]
    BadPem,
    /// The host of the base URL cannot be the name in a certificate.
    #[error("not a host name")]
    BadHost,
    /// The TLS library refused its settings.
    #[error("TLS cannot be set up")]
    Refused,
}

impl Connections {
    pub(super) fn new(
        url: BaseUrl,
        trust: &Trust,
        timeouts: Timeouts,
        limits: &Limits,
    ) -> Result<Self, TlsFault> {
        let tls = if url.is_tls { Some(tls(&url, trust)?) } else { None };
        let idle = Mutex::new(VecDeque::new());
        Ok(Self(Arc::new(Inner { url, tls, idle, idle_max: limits.idle_connections_max, timeouts })))
    }

    /// Sends a request and waits for the head of the answer. `connect_by` and `head_by` are the last moments for a new
    /// connection and for the head.
    pub(super) async fn send(
        &self,
        mut request: Outgoing,
        connect_by: Instant,
        head_by: Instant,
    ) -> Result<Body, SendFault> {
        loop {
            let (mut connection, is_new) = match self.take_idle() {
                Some(connection) => (connection, false),
                None => match timeout_at(connect_by, self.connect(connect_by)).await {
                    Ok(Ok(connection)) => (connection, true),
                    Ok(Err(cause)) => return Err(SendFault::Connect(cause.to_string())),
                    Err(_) => return Err(SendFault::ConnectTimeout),
                },
            };
            let Ok(answer) = timeout_at(head_by, connection.sender.try_send_request(request)).await else {
                return Err(SendFault::HeadTimeout);
            };
            match answer {
                Ok(head) => return Ok(Body::new(head, connection, self.clone())),
                Err(mut fault) => match fault.take_message() {
                    // An old connection had ended before the request was on it: a new one tells whether that is all.
                    Some(unsent) if !is_new => request = unsent,
                    unsent => {
                        let cause = chain(fault.error());
                        if fault.error().is_parse() {
                            return Err(SendFault::NotHttp(cause));
                        }
                        return Err(SendFault::Broken { cause, was_sent: unsent.is_none() });
                    }
                },
            }
        }
    }

    /// The connection that was used last, as it is the most likely to stand. One that is not yet done with its last
    /// answer is left for another time.
    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let keep_alive = self.0.timeouts.keep_alive;
        idle.retain(|kept| !kept.connection.sender.is_closed() && kept.since.elapsed() < keep_alive);
        let place = idle.iter().rposition(|kept| kept.connection.sender.is_ready())?;
        idle.remove(place).map(|kept| kept.connection)
    }

    fn give_back(&self, connection: Connection) {
        if connection.sender.is_closed() || self.0.idle_max == 0 {
            return;
        }
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= self.0.idle_max {
            idle.pop_front();
        }
        idle.push_back(Idle { connection, since: Instant::now() });
    }

    async fn connect(&self, by: Instant) -> io::Result<Connection> {
        let tcp = dial(&self.0.url, by).await?;
        tcp.set_nodelay(true)?;
        match &self.0.tls {
            None => handshake(TokioIo::new(tcp)).await,
            Some((connector, host)) => {
                handshake(TokioIo::new(connector.connect(host.clone(), tcp).await?)).await
            }
        }
    }
}

/// Tries the addresses of the host one after the other; each gets its share of the time that is left.
async fn dial(url: &BaseUrl, by: Instant) -> io::Result<TcpStream> {
    let addresses: Vec<_> = lookup_host((url.host.as_str(), url.port)).await?.take(ADDRESSES_MAX).collect();
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for (tried, address) in addresses.iter().enumerate() {
        let share = by.saturating_duration_since(Instant::now()) / (addresses.len() - tried) as u32;
        match timeout_at(Instant::now() + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(fault)) => last = fault,
            Err(_) => last = io::Error::new(io::ErrorKind::TimedOut, "no answer from the address"),
        }
    }
    Err(last)
}

async fn handshake<T>(io: TokioIo<T>) -> io::Result<Connection>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .handshake(io)
        .await
        .map_err(|fault| io::Error::other(chain(&fault)))?;
    // Owned by the connection, whose drop ends it.
    let driver = tokio::spawn(async move {
        let _ = connection.await; // the one who sent the request learns the fault
    });
    Ok(Connection { sender, driver: driver.abort_handle() })
}

fn tls(url: &BaseUrl, trust: &Trust) -> Result<(TlsConnector, ServerName<'static>), TlsFault> {
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::System => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(TlsFault::NoSystemRoots);
            }
        }
        Trust::Pem(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|_| TlsFault::BadPem)?;
                roots.add(certificate).map_err(|_| TlsFault::BadPem)?;
            }
            if roots.is_empty() {
                return Err(TlsFault::BadPem);
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| TlsFault::Refused)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let host = ServerName::try_from(url.host.clone()).map_err(|_| TlsFault::BadHost)?;
    Ok((TlsConnector::from(Arc::new(config)), host))
}

/// A fault with its causes, in one line.
fn chain(fault: &(dyn std::error::Error + 'static)) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// The body of an answer, with the connection that it comes over: read to its end, the connection is kept for the next
/// request; dropped before, it is closed, and so the upstream learns that nobody waits.
pub(super) struct Body {
    head: hyper::http::response::Parts,
    incoming: Incoming,
    connection: Option<Connection>,
    home: Connections,
}

impl Body {
    fn new(head: Response<Incoming>, connection: Connection, home: Connections) -> Self {
        let (head, incoming) = head.into_parts();
        Self { head, incoming, connection: Some(connection), home }
    }

    /// Status and headers.
    pub(super) fn head(&self) -> &hyper::http::response::Parts {
        &self.head
    }

    /// The next bytes, never none; then `None`.
    pub(super) fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, String>>> {
        loop {
            match ready!(Pin::new(&mut self.incoming).poll_frame(context)) {
                None => {
                    if let Some(connection) = self.connection.take() {
                        self.home.give_back(connection);
                    }
                    return Poll::Ready(None);
                }
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data()
                        && !data.is_empty()
                    {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Some(Err(fault)) => {
                    self.connection = None;
                    return Poll::Ready(Some(Err(chain(&fault))));
                }
            }
        }
    }

    /// The next bytes, never none; then `None`.
    pub(super) async fn data(&mut self) -> Option<Result<Bytes, String>> {
        std::future::poll_fn(|context| self.poll_data(context)).await
    }
}
