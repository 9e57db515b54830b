//! The least that a proxy in Rust can do: pass requests and answers on, a piece at a time.

use std::net::SocketAddr;

use hyper::{Request, body::Incoming, client::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Mutex,
};

pub(crate) async fn serve(address: SocketAddr, upstream: SocketAddr) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(pass(stream, upstream));
    }
}

/// One connection to the upstream for each one from a client.
async fn pass(stream: TcpStream, upstream: SocketAddr) -> Option<()> {
    let to = TcpStream::connect(upstream).await.ok()?;
    to.set_nodelay(true).ok()?;
    let (sender, connection) = http1::handshake::<_, Incoming>(TokioIo::new(to)).await.ok()?;
    tokio::spawn(connection);
    let sender = Mutex::new(sender);
    let service = service_fn(|request: Request<Incoming>| async {
        let mut sender = sender.lock().await;
        sender.ready().await?;
        sender.send_request(request).await
    });
    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok()
}
