//! A server that does what a script says, and remembers what it was asked.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sekisho_llm::{
    Ask, Request, chat,
    upstream::{self, Secret, Settings, Upstream},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// Longer than any test waits on purpose.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// One step of an answer.
#[derive(Clone)]
pub(crate) enum Act {
    Send(String),
    SendBytes(Vec<u8>),
    /// Ends the connection.
    Close,
    /// Waits until the other side ends the connection.
    UntilGone,
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    asked: Mutex<Vec<String>>,
    connections: AtomicUsize,
    gone: AtomicUsize,
}

impl Server {
    /// Answers the first request by the first script and so on, all further ones by the last.
    pub(crate) async fn start(scripts: Vec<Vec<Act>>) -> Self {
        Self::start_with(scripts, None).await
    }

    pub(crate) async fn start_with(scripts: Vec<Vec<Act>>, tls: Option<TlsAcceptor>) -> Self {
        Self::start_on(0, scripts, tls).await
    }

    pub(crate) async fn start_on(port: u16, scripts: Vec<Vec<Act>>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let server = Self { port, shared: Arc::clone(&shared) };
        let scripts = Arc::new(scripts);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (shared, scripts, tls) = (Arc::clone(&shared), Arc::clone(&scripts), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => talk(socket, &shared, &scripts).await,
                        Some(tls) => match tls.accept(socket).await {
                            Ok(socket) => talk(socket, &shared, &scripts).await,
                            Err(_) => return,
                        },
                    }
                    shared.gone.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().expect("no panic").clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Waits until so many connections have ended.
    pub(crate) async fn wait_gone(&self, count: usize) {
        let until = async {
            while self.shared.gone.load(Ordering::SeqCst) < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LONG, until).await.expect("the connection ends");
    }

    pub(crate) fn file(&self) -> upstream::File {
        upstream::File {
            name: "up".to_owned(),
            base_url: Some(format!("http://127.0.0.1:{}/v1", self.port)),
            plain_http: true,
            ..Default::default()
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        let key = Secret::new("sk-test".to_owned());
        let mut settings = self.file().settle(Some(key), None).expect("settled");
        settings.calls = upstream::Call::ALL.into_iter().collect();
        settings
    }

    pub(crate) fn upstream(&self) -> Upstream {
        self.upstream_with(|_| {})
    }

    pub(crate) fn upstream_with(&self, change: impl FnOnce(&mut Settings)) -> Upstream {
        let mut settings = self.settings();
        change(&mut settings);
        Upstream::new(settings).expect("set up")
    }
}

async fn talk(mut socket: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared, scripts: &[Vec<Act>]) {
    while let Some(request) = read_request(&mut socket).await {
        let number = {
            let mut asked = shared.asked.lock().expect("no panic");
            asked.push(request);
            asked.len() - 1
        };
        let Some(script) = scripts.get(number).or(scripts.last()) else { return };
        for act in script {
            match act {
                Act::Send(text) => write(&mut socket, text.as_bytes()).await,
                Act::SendBytes(bytes) => write(&mut socket, bytes).await,
                Act::Close => return,
                Act::UntilGone => {
                    let mut rest = [0; 256];
                    while socket.read(&mut rest).await.is_ok_and(|count| count > 0) {}
                    return;
                }
            }
        }
    }
}

/// Whoever went away is noticed by the next read.
async fn write(socket: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) {
    if socket.write_all(bytes).await.is_ok() {
        let _ = socket.flush().await;
    }
}

async fn read_request(socket: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .map_or(0, |length| length.trim().parse().expect("a length"));
            if bytes.len() >= end + 4 + length {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        match socket.read(&mut piece).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&piece[..count]),
            _ => return None,
        }
    }
}

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> Vec<Act> {
    let length = body.len();
    vec![Act::Send(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}"))]
}

pub(crate) fn json(body: &str) -> Vec<Act> {
    answer("200 OK", "content-type: application/json\r\n", body)
}

pub(crate) const HELLO: &str = r#"{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"はい"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}"#;

pub(crate) fn hello() -> Vec<Act> {
    json(HELLO)
}

/// The head of a stream.
pub(crate) fn events() -> Act {
    Act::Send(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_owned(),
    )
}

/// Bytes of a stream.
pub(crate) fn piece(text: &str) -> Act {
    Act::Send(format!("{:x}\r\n{text}\r\n", text.len()))
}

/// A part of an answer.
pub(crate) fn part(content: &str, finish: Option<&str>) -> Act {
    let finish = finish.map_or("null".to_owned(), |reason| format!("{reason:?}"));
    piece(&format!(
        "data: {{\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{content:?}}},\"logprobs\":null,\"finish_reason\":{finish}}}]}}\n\n"
    ))
}

pub(crate) fn done() -> Vec<Act> {
    vec![piece("data: [DONE]\n\n"), end()]
}

/// The end of a chunked body.
pub(crate) fn end() -> Act {
    Act::Send("0\r\n\r\n".to_owned())
}

pub(crate) fn stream_of(acts: Vec<Act>) -> Vec<Act> {
    std::iter::once(events()).chain(acts).collect()
}

pub(crate) fn ask(is_streaming: bool) -> Ask {
    ask_for(chat::Request {
        model: "sarashina".to_owned(),
        messages: vec![chat::Message::text("user", "元気ですか")],
        stream: is_streaming,
        ..Default::default()
    })
}

pub(crate) fn ask_for(request: chat::Request) -> Ask {
    Ask { request: Arc::new(Request::Chat(request)), id: "req-1".into(), deadline: None, trace: None }
}

pub(crate) fn within(mut ask: Ask, time: Duration) -> Ask {
    ask.deadline = Some(Instant::now() + time);
    ask
}

/// What came of a request, in one line for each part.
pub(crate) async fn outcome(answering: sekisho_llm::Answering) -> String {
    use futures_util::StreamExt;
    use sekisho_llm::{Answer, Chunk, Response};
    match timeout(LONG, answering).await.expect("an end") {
        Err(fault) => format!("{fault:?}"),
        Ok(Answer::Whole(Response::Chat(response))) => {
            let content = response.choices[0].message.content.as_ref();
            content.map(|content| content.texts().collect::<String>()).unwrap_or_default()
        }
        Ok(Answer::Whole(other)) => format!("{other:?}"),
        Ok(Answer::Stream(mut chunks)) => {
            let mut text = String::new();
            while let Some(chunk) = timeout(LONG, chunks.next()).await.expect("an end") {
                match chunk {
                    Ok(Chunk::Chat(chunk)) => {
                        for choice in &chunk.choices {
                            text.push_str(choice.delta.content.as_deref().unwrap_or_default());
                            if let Some(reason) = &choice.finish_reason {
                                text.push_str(&format!("[{reason}]"));
                            }
                        }
                        if let Some(usage) = chunk.usage {
                            text.push_str(&format!("[{} tokens]", usage.total_tokens));
                        }
                    }
                    Ok(Chunk::Completion(chunk)) => text.push_str(&chunk.choices[0].text),
                    Err(fault) => text.push_str(&format!(" | {fault:?}")),
                }
            }
            text
        }
    }
}
