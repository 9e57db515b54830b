//! The gate over HTTP, spoken to byte by byte, so that a test can be as rude as the network.

mod around;
mod errors;
mod formats;
mod labels;
mod openai;
mod openapi;
mod sign_in;
mod streams;
mod templates;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use sekisho_base::Coded;
use sekisho_llm::Error;
use sekisho_serve::http::{Front, Lang, Limits, Phrases, router, serve};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::gate::Gate;

/// Words for the tests: the code, and the language that was asked for.
struct Codes;

impl Phrases for Codes {
    fn of_error(&self, error: &Error, lang: Lang) -> String {
        format!("{} {lang:?}", error.code())
    }
}

/// A gate that listens.
pub(crate) struct Listening {
    pub(crate) gate: Gate,
    pub(crate) address: SocketAddr,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) served: tokio::task::JoinHandle<usize>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Listening {
    pub(crate) async fn new(gate: Gate) -> Self {
        Self::limited(gate, Limits::default()).await
    }

    pub(crate) async fn limited(gate: Gate, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let front = Front { gateway: gate.gateway.clone(), phrases: Arc::new(Codes), limits };
        let (stop, stopped) = watch::channel(false);
        let served = tokio::spawn(serve(listener, router(front), None, limits, stopped));
        Self { gate, address, stop, served }
    }

    /// Sends bytes as they are, and reads until the other side ends.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Reply {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        read(&mut socket).await
    }

    /// Posts JSON with a key.
    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Reply {
        self.post_with(path, key, "", &body.to_string()).await
    }

    /// Posts a body with a key and more header lines.
    pub(crate) async fn post_with(&self, path: &str, key: &str, headers: &str, body: &str) -> Reply {
        self.raw(post_bytes(path, key, headers, body).as_bytes()).await
    }

    pub(crate) async fn get(&self, path: &str, key: &str) -> Reply {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
        );
        self.raw(request.as_bytes()).await
    }
}

pub(crate) fn post_bytes(path: &str, key: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}

pub(crate) async fn read(socket: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let reading = socket.read_to_end(&mut bytes);
    // A connection that is reset after the answer has still answered.
    let _ = tokio::time::timeout(Duration::from_secs(20), reading).await.expect("the gate answers in time");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    let is_chunked = head.contains("transfer-encoding: chunked");
    let body = if is_chunked { join_chunks(body) } else { body.to_owned() };
    Reply { status, head: head.to_owned(), body }
}

fn join_chunks(body: &str) -> String {
    let mut joined = Vec::new();
    let mut rest = body.as_bytes();
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap_or_default();
        let start = end + 2;
        if size == 0 || rest.len() < start + size {
            break;
        }
        joined.extend_from_slice(&rest[start..start + size]);
        rest = &rest[(start + size + 2).min(rest.len())..];
    }
    String::from_utf8(joined).unwrap()
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The data of its events, without the one that ends it.
    pub(crate) fn events(&self) -> Vec<Value> {
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
    }

    /// The text that its events add up to, of one choice.
    pub(crate) fn streamed(&self, choice: u64) -> String {
        let choices = self
            .events()
            .into_iter()
            .flat_map(|event| event["choices"].as_array().cloned().unwrap_or_default());
        choices
            .filter(|one| one["index"] == choice)
            .filter_map(|one| one["delta"]["content"].as_str().or(one["text"].as_str()).map(str::to_owned))
            .collect()
    }
}
