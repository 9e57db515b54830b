//! A client: one connection, one request after the other.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is asked.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) bytes: Vec<u8>,
}

impl Question {
    /// A chat request whose body has `bytes` bytes, more or less a character.
    pub(crate) fn new(key: &str, model: &str, stream: bool, bytes: usize) -> Self {
        const PROSE: &str = "市民の方から、来年度の文化祭の会場と日程について問い合わせがありました。担当の部署では、広報紙の原稿を今週のうちに\
            まとめる予定です。これまでの経緯と決まったことを、分かりやすい文章で三つの段落に整理してください。";
        let (head, tail) = (
            format!(r#"{{"model":"{model}","stream":{stream},"messages":[{{"role":"user","content":""#),
            r#""}]}"#,
        );
        let room = bytes.saturating_sub(head.len() + tail.len());
        let text: String = PROSE.chars().cycle().take(room / 3).collect();
        Self::with_body(key, &format!("{head}{text}{tail}"))
    }

    fn with_body(key: &str, body: &str) -> Self {
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\nx-sekisho-purpose: test\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Self { bytes: [head.as_bytes(), body.as_bytes()].concat() }
    }
}

/// An answer as the client saw it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    /// To the first byte, and to the last.
    pub(crate) first: Duration,
    pub(crate) all: Duration,
    /// Whether a stream ended with `[DONE]`.
    pub(crate) done: bool,
}

/// A connection that stays open.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    pub(crate) async fn ask(&mut self, question: &Question) -> std::io::Result<Seen> {
        timeout(PATIENCE, self.ask_now(question)).await.map_err(std::io::Error::from)?
    }

    async fn ask_now(&mut self, question: &Question) -> std::io::Result<Seen> {
        self.buffer.clear();
        let begin = Instant::now();
        self.stream.write_all(&question.bytes).await?;
        let head = loop {
            self.read().await?;
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
        };
        let first = begin.elapsed();
        let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
        let status = text.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        match length.and_then(|length| length.trim().parse::<usize>().ok()) {
            Some(length) => {
                while self.buffer.len() < head + length {
                    self.read().await?;
                }
            }
            None => {
                while !self.buffer.ends_with(b"\r\n0\r\n\r\n") {
                    self.read().await?;
                }
            }
        }
        let done = find(&self.buffer[head..], b"data: [DONE]").is_some();
        Ok(Seen { status, first, all: begin.elapsed(), done })
    }

    async fn read(&mut self) -> std::io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
