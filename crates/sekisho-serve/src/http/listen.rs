//! Connections: accepted, bounded in number and time, drained at the end.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tokio_rustls::{TlsAcceptor, rustls};

use super::Limits;

/// Bytes of all headers of a request.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Headers of a request.
const HEADERS_MAX: usize = 100;
/// What accepting waits after an error that is not about one connection: no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Encryption with the organisation's own certificate.
#[derive(Clone)]
pub struct Tls(Arc<RwLock<Arc<rustls::ServerConfig>>>);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// A file cannot be read, or is not PEM.
    #[error("{} cannot be read", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Certificate and key do not go together.
    #[error("certificate and key cannot be used")]
    Certificate(#[source] rustls::Error),
}

impl Tls {
    /// From PEM files: the certificate with its chain, and its key.
    ///
    /// # Errors
    /// [`ListenError`].
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, ListenError> {
        Ok(Self(Arc::new(RwLock::new(config(certificate, key)?))))
    }

    /// Takes the files as they are now for connections that begin from now on. What cannot be used changes nothing.
    ///
    /// # Errors
    /// [`ListenError`].
    pub fn reload(&self, certificate: &Path, key: &Path) -> Result<(), ListenError> {
        let config = config(certificate, key)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn config(certificate: &Path, key: &Path) -> Result<Arc<rustls::ServerConfig>, ListenError> {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ListenError::File { path, source: Box::new(source) }
    };
    let chain = CertificateDer::pem_file_iter(certificate).map_err(failed(certificate))?;
    let chain: Vec<_> = chain.collect::<Result<_, _>>().map_err(failed(certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(failed(key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(ListenError::Certificate)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Serves connections until `stop` says true; then lets running requests end, for as long as the limits allow.
/// Returns how many were cut off.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Tls>,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) -> usize {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let mut connections = JoinSet::new();
    loop {
        // What has ended is let go of, so that the set does not grow with time.
        while connections.try_join_next().is_some() {}
        let place = tokio::select! {
            () = stopped(&mut stop) => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Parts of a stream are small and must not wait for more.
        let _ = socket.set_nodelay(true);
        let (router, tls, stop) = (router.clone(), tls.clone(), stop.clone());
        connections.spawn(async move {
            let _place = place;
            let Some(tls) = tls else { return connection(socket, peer, router, limits, stop).await };
            let shaking = tokio::time::timeout(limits.header_timeout, tls.acceptor().accept(socket)).await;
            if let Ok(Ok(socket)) = shaking {
                connection(socket, peer, router, limits, stop).await;
            }
        });
    }
    drop(listener);
    drain(connections, limits.drain_timeout).await
}

async fn connection(
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) {
    let router = router.layer(axum::Extension(Peer(peer)));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(router));
    let mut serving = pin!(serving);
    // An error is the end of one connection, of which the other side knows.
    tokio::select! {
        _ = serving.as_mut() => {}
        () = stopped(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            let _ = serving.await;
        }
    }
}

/// Waits until `stop` says true, or until nobody is left who could say it.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn drain(mut connections: JoinSet<()>, timeout: Duration) -> usize {
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(timeout, all).await.is_ok() {
        return 0;
    }
    let left = connections.len();
    connections.shutdown().await;
    left
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);
