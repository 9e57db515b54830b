//! A whole answer, from bytes to a response.

use std::time::{Duration, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::{
    connection::{Body, Connections, Outgoing, SendFault},
    encode::Mends,
    failure::{ERROR_BYTES_MAX, message, retry_after},
    settings::{Call, Timeouts},
};
use crate::{Error, Phase, Response};

/// Name of an upstream and the limits of one request to it: what every step of reading needs.
pub(super) struct Reading<'a> {
    pub(super) provider: &'a str,
    pub(super) timeouts: &'a Timeouts,
    pub(super) answer_bytes_max: usize,
    /// Last moment for the first byte of the body.
    pub(super) first_by: Instant,
    /// Last moment for everything.
    pub(super) total_by: Instant,
}

impl Reading<'_> {
    pub(super) fn malformed(&self, cause: impl Into<String>) -> Error {
        Error::Malformed { provider: self.provider.to_owned(), cause: cause.into() }
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn send(&self, connections: &Connections, request: Outgoing) -> Result<Body, Error> {
        let total_by = self.total_by;
        let connect_by = after(self.timeouts.connect).min(total_by);
        let head_by = self.first_by.min(total_by);
        let timed_out = |by: Instant, phase: Phase| Error::TimedOut {
            provider: self.provider.to_owned(),
            phase: if by == total_by { Phase::Total } else { phase },
        };
        let unreachable =
            |cause, was_sent| Error::Unreachable { provider: self.provider.to_owned(), cause, was_sent };
        connections.send(request, connect_by, head_by).await.map_err(|fault| match fault {
            SendFault::Connect(cause) => unreachable(cause, false),
            SendFault::NotHttp(cause) => self.malformed(cause),
            SendFault::Broken { cause, was_sent } => unreachable(cause, was_sent),
            SendFault::ConnectTimeout => timed_out(connect_by, Phase::Connect),
            SendFault::HeadTimeout => timed_out(head_by, Phase::FirstByte),
        })
    }

    /// When to give up waiting for the next bytes, and what to call it.
    fn wait(&self, is_first: bool) -> (Instant, Phase) {
        let (by, phase) = if is_first {
            (self.first_by, Phase::FirstByte)
        } else {
            (Instant::now() + self.timeouts.idle, Phase::Idle)
        };
        if self.total_by <= by { (self.total_by, Phase::Total) } else { (by, phase) }
    }

    /// Reads at most `bytes_max` bytes; one more is an error, unless `cut`.
    async fn read(&self, body: &mut Body, bytes_max: usize, cut: bool) -> Result<Bytes, Error> {
        let mut whole = Bytes::new();
        let mut more = BytesMut::new();
        let mut is_first = true;
        loop {
            let (by, phase) = self.wait(is_first);
            let provider = || self.provider.to_owned();
            let data = match timeout_at(by, body.data()).await {
                Err(_) => return Err(Error::TimedOut { provider: provider(), phase }),
                Ok(Some(Err(cause))) => {
                    return Err(Error::Unreachable { provider: provider(), cause, was_sent: true });
                }
                Ok(None) => break,
                Ok(Some(Ok(data))) => data,
            };
            let held = whole.len() + more.len();
            if held + data.len() > bytes_max {
                if !cut {
                    return Err(self.malformed(format!("more than {bytes_max} bytes")));
                }
                more.extend_from_slice(&whole);
                more.extend_from_slice(&data[..bytes_max - held]);
                return Ok(more.freeze());
            }
            if is_first {
                whole = data; // most answers are one piece: no copy
                is_first = false;
            } else {
                if more.is_empty() {
                    more.extend_from_slice(&whole);
                    whole = Bytes::new();
                }
                more.extend_from_slice(&data);
            }
        }
        Ok(if more.is_empty() { whole } else { more.freeze() })
    }

    /// The error that an answer with another status than success is.
    pub(super) async fn failure(&self, mut body: Body) -> Error {
        let status = body.head().status.as_u16();
        let retry_after = retry_after(&body.head().headers);
        // What the error says is worth a try, not another error.
        let text = self.read(&mut body, ERROR_BYTES_MAX, true).await.unwrap_or_default();
        Error::Status { provider: self.provider.to_owned(), status, message: message(&text), retry_after }
    }

    /// Reads a body of JSON.
    pub(super) async fn json(&self, mut body: Body) -> Result<Bytes, Error> {
        self.check_type(&body.head().headers, is_json, "application/json")?;
        self.read(&mut body, self.answer_bytes_max, false).await
    }

    /// Reads a body of whatever type.
    pub(super) async fn document(&self, mut body: Body) -> Result<Bytes, Error> {
        self.read(&mut body, self.answer_bytes_max, false).await
    }

    /// Whether a body is of the type that was asked for, and not compressed, which nobody asked for.
    pub(super) fn check_type(
        &self,
        headers: &HeaderMap,
        is_right: fn(&str) -> bool,
        wanted: &str,
    ) -> Result<(), Error> {
        if headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(self.malformed("a compressed body"));
        }
        match headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default()) {
            Some(kind) if is_right(kind.split(';').next().unwrap_or_default().trim()) => Ok(()),
            Some(_) => Err(self.malformed(format!("its content type is not {wanted}"))),
            None => Err(self.malformed(format!("it has no content type; {wanted} was expected"))),
        }
    }

    pub(super) fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Error> {
        serde_json::from_slice(body).map_err(|fault| self.malformed(place(&fault)))
    }

    /// Reads the answer to a call in OpenAI's format.
    pub(super) fn response(&self, call: Call, mends: &Mends, body: &[u8]) -> Result<Response, Error> {
        let mended = match call {
            // Servers differ most here, and nobody counts microseconds.
            Call::Tokenize | Call::Detokenize => Some(self.mended(call, mends, body)?),
            _ if mends.touches_answers() => Some(self.mended(call, mends, body)?),
            _ => None,
        };
        let body = mended.as_deref().unwrap_or(body);
        Ok(match call {
            Call::Chat => {
                let response: crate::chat::Response = self.parse(body)?;
                if response.choices.is_empty() {
                    return Err(self.malformed("no choices"));
                }
                Response::Chat(response)
            }
            Call::Completion => {
                let response: crate::completion::Response = self.parse(body)?;
                if response.choices.is_empty() {
                    return Err(self.malformed("no choices"));
                }
                Response::Completion(response)
            }
            Call::Embedding => Response::Embedding(self.parse(body)?),
            Call::Rerank => Response::Rerank(self.parse(body)?),
            Call::Tokenize => Response::Tokenize(self.parse(body)?),
            Call::Detokenize => Response::Detokenize(self.parse(body)?),
        })
    }

    fn mended(&self, call: Call, mends: &Mends, body: &[u8]) -> Result<Vec<u8>, Error> {
        let mut members: serde_json::Map<String, Value> = self.parse(body)?;
        mends.mend_answer(&mut members);
        if call == Call::Tokenize && !members.contains_key("count") {
            let count = members.get("tokens").and_then(Value::as_array).map_or(0, Vec::len);
            members.insert("count".to_owned(), Value::from(count));
        }
        serde_json::to_vec(&members).map_err(|fault| self.malformed(place(&fault)))
    }
}

fn is_json(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("application/json")
        || kind.rsplit_once('+').is_some_and(|(_, suffix)| suffix.eq_ignore_ascii_case("json"))
}

/// Where JSON is wrong, without a word of it: what stands there may be somebody's data.
pub(super) fn place(fault: &serde_json::Error) -> String {
    let what = match fault.classify() {
        serde_json::error::Category::Data => "another shape than expected",
        serde_json::error::Category::Eof => "JSON that ends early",
        _ => "not JSON",
    };
    format!("{what}, at line {} column {}", fault.line(), fault.column())
}

/// When an answer was made, in seconds since 1970, for formats that do not say it themselves: the date of its head.
pub(super) fn created(headers: &HeaderMap) -> u64 {
    let date = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    date.and_then(|date| date.duration_since(UNIX_EPOCH).ok()).map_or(0, |time| time.as_secs())
}

/// The moment after `wait`, far in the future where the sum is none.
pub(super) fn after(wait: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    Instant::now() + wait.min(FAR)
}
