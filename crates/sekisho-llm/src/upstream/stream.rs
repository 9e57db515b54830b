//! A streamed answer, from bytes to parts.

use std::{
    collections::{BTreeSet, VecDeque},
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::Stream;
use serde_json::Value;
use tokio::time::{Instant, Sleep, sleep_until};

use super::{
    answer::place,
    connection::Body,
    failure::{bounded, message_of},
};
use crate::{
    Chunk, Error, Phase, chat, completion,
    sse::{self, Decoder, Event},
};

/// Most answers of one request that are under way at once.
const ANSWERS_MAX: usize = 1 << 16;
/// How long the end of a body is awaited after the last event, so that its connection can serve again.
const DRAIN_MAX: Duration = Duration::from_millis(50);

/// Makes parts of events.
pub(super) trait Read: Send {
    /// What an event is.
    ///
    /// # Errors
    /// [`Fault`].
    fn event(&mut self, event: Event) -> Result<Step, Fault>;

    /// Whether the stream may end here without an event that says so.
    fn is_complete(&self) -> bool;
}

/// What an event is.
#[allow(clippy::large_enum_variant, reason = "made once and moved a few times; a box would cost more")]
pub(super) enum Step {
    /// A part of the answer.
    Part(Chunk),
    /// Several.
    Parts(Vec<Chunk>),
    /// Nothing for whoever reads.
    Nothing,
    /// The end.
    End,
    /// The last parts.
    LastParts(Vec<Chunk>),
}

/// Why an event is none of these.
pub(super) enum Fault {
    /// It is not in the format.
    Malformed(String),
    /// The upstream reports an error.
    Reported { status: u16, message: String },
}

impl Fault {
    pub(super) fn reported(status: u16, message: &str) -> Self {
        Self::Reported { status, message: bounded(message) }
    }
}

/// The parts of an answer. After an error, or the end, the connection is no longer held.
pub(super) struct Parts {
    body: Option<Body>,
    decoder: Decoder,
    reader: Box<dyn Read>,
    ready: VecDeque<Chunk>,
    /// An error that comes after the parts that are ready.
    failed: Option<Error>,
    timer: Pin<Box<Sleep>>,
    phase: Phase,
    idle: Duration,
    total_by: Instant,
    bytes_left: usize,
    is_draining: bool,
    provider: Arc<str>,
}

/// What the parts of an answer are read with.
pub(super) struct Opening {
    pub(super) body: Body,
    pub(super) reader: Box<dyn Read>,
    pub(super) provider: Arc<str>,
    pub(super) first_by: Instant,
    pub(super) idle: Duration,
    pub(super) total_by: Instant,
    pub(super) answer_bytes_max: usize,
    pub(super) event_bytes_max: usize,
}

impl Parts {
    /// Waits for the first part, so that whatever goes wrong before it is an error of the request and not of a stream
    /// that somebody has begun to show.
    ///
    /// # Errors
    /// As of the stream.
    pub(super) async fn open(opening: Opening) -> Result<Self, Error> {
        let max = opening.event_bytes_max;
        let (by, phase) = if opening.total_by <= opening.first_by {
            (opening.total_by, Phase::Total)
        } else {
            (opening.first_by, Phase::FirstByte)
        };
        let mut parts = Self {
            body: Some(opening.body),
            decoder: Decoder::new(sse::Limits { line_bytes_max: max, event_bytes_max: max }),
            reader: opening.reader,
            ready: VecDeque::new(),
            failed: None,
            timer: Box::pin(sleep_until(by)),
            phase,
            idle: opening.idle,
            total_by: opening.total_by,
            bytes_left: opening.answer_bytes_max,
            is_draining: false,
            provider: opening.provider,
        };
        match std::future::poll_fn(|context| Pin::new(&mut parts).poll_next(context)).await {
            Some(Ok(first)) => parts.ready.push_front(first),
            Some(Err(fault)) => return Err(fault),
            None => return Err(parts.malformed("a stream without parts")),
        }
        Ok(parts)
    }

    fn malformed(&self, cause: impl Into<String>) -> Error {
        Error::Malformed { provider: self.provider.to_string(), cause: cause.into() }
    }

    /// Ends with an error, which is told after the parts that came before it.
    fn fail(&mut self, fault: Error) {
        self.body = None;
        self.failed = Some(fault);
    }

    fn wait_for_more(&mut self) {
        let by = Instant::now() + self.idle;
        self.phase = if self.total_by <= by { Phase::Total } else { Phase::Idle };
        self.timer.as_mut().reset(by.min(self.total_by));
    }

    fn take_bytes(&mut self, mut bytes: &[u8]) {
        let Some(left) = self.bytes_left.checked_sub(bytes.len()) else {
            if self.is_draining {
                self.body = None;
            } else {
                self.fail(self.malformed("more bytes than an answer may have"));
            }
            return;
        };
        self.bytes_left = left;
        if self.is_draining {
            return;
        }
        self.wait_for_more();
        while self.body.is_some() && !self.is_draining {
            match self.decoder.next(&mut bytes) {
                Ok(None) => return,
                Ok(Some(event)) => self.take_event(event),
                Err(fault) => self.fail(self.malformed(fault.to_string())),
            }
        }
    }

    fn take_event(&mut self, event: Event) {
        match self.reader.event(event) {
            Ok(Step::Part(part)) => self.ready.push_back(part),
            Ok(Step::Parts(parts)) => self.ready.extend(parts),
            Ok(Step::Nothing) => {}
            Ok(Step::End) => self.drain(),
            Ok(Step::LastParts(parts)) => {
                self.ready.extend(parts);
                self.drain();
            }
            Err(Fault::Malformed(cause)) => self.fail(self.malformed(cause)),
            Err(Fault::Reported { status, message }) => {
                let provider = self.provider.to_string();
                self.fail(Error::Status { provider, status, message, retry_after: None });
            }
        }
    }

    fn drain(&mut self) {
        self.is_draining = true;
        self.timer.as_mut().reset(Instant::now() + DRAIN_MAX);
    }

    /// The body has ended, with or without the event that says so.
    fn end(&mut self) {
        if !self.is_draining {
            match std::mem::take(&mut self.decoder).finish() {
                Ok(Some(event)) => self.take_event(event),
                Ok(None) => {}
                Err(fault) => self.fail(self.malformed(fault.to_string())),
            }
        }
        if self.body.is_some() && !self.is_draining && !self.reader.is_complete() {
            self.fail(self.malformed("a stream that ends before its answer"));
        }
        self.body = None;
    }
}

impl Stream for Parts {
    type Item = Result<Chunk, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(part) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(part)));
            }
            let this = &mut *self;
            let Some(body) = &mut this.body else {
                return Poll::Ready(this.failed.take().map(Err));
            };
            match body.poll_data(context) {
                Poll::Ready(Some(Ok(bytes))) => this.take_bytes(&bytes),
                Poll::Ready(None) => this.end(),
                Poll::Ready(Some(Err(_))) if this.is_draining => this.body = None,
                Poll::Ready(Some(Err(cause))) => {
                    let provider = this.provider.to_string();
                    this.fail(Error::Unreachable { provider, cause, was_sent: true });
                }
                Poll::Pending => {
                    ready!(this.timer.as_mut().poll(context));
                    if this.is_draining {
                        this.body = None;
                    } else {
                        let provider = this.provider.to_string();
                        this.fail(Error::TimedOut { provider, phase: this.phase });
                    }
                }
            }
        }
    }
}

/// Reads OpenAI's streams.
pub(super) struct OpenAi {
    is_chat: bool,
    /// Answers that have begun and not ended.
    unfinished: BTreeSet<u32>,
    /// Those that have ended. More may be said of one: Azure tells of its content filter afterwards.
    ended: BTreeSet<u32>,
    has_begun: bool,
}

impl OpenAi {
    pub(super) fn new(is_chat: bool) -> Self {
        Self { is_chat, unfinished: BTreeSet::new(), ended: BTreeSet::new(), has_begun: false }
    }

    fn note(&mut self, index: u32, has_ended: bool) -> Result<(), Fault> {
        self.has_begun = true;
        if has_ended {
            self.unfinished.remove(&index);
            self.ended.insert(index);
        } else if !self.ended.contains(&index) {
            self.unfinished.insert(index);
        }
        if self.unfinished.len() + self.ended.len() > ANSWERS_MAX {
            return Err(Fault::Malformed("too many answers in one".to_owned()));
        }
        Ok(())
    }
}

impl Read for OpenAi {
    fn event(&mut self, event: Event) -> Result<Step, Fault> {
        if event.data == sse::DONE {
            // llama-cpp-python says so too when another request took the place of this one.
            return if self.unfinished.is_empty() {
                Ok(Step::End)
            } else {
                Err(Fault::Malformed("the end of a stream before the end of its answer".to_owned()))
            };
        }
        if event.name == "error" {
            return Err(reported(&serde_json::from_str(&event.data).unwrap_or(Value::String(event.data))));
        }
        let malformed = |fault: serde_json::Error| Fault::Malformed(place(&fault));
        if self.is_chat {
            let chunk: chat::Chunk = serde_json::from_str(&event.data).map_err(malformed)?;
            if chunk.other.contains_key("error") {
                return Err(reported(&Value::Object(chunk.other)));
            }
            for choice in &chunk.choices {
                self.note(choice.index, choice.finish_reason.is_some())?;
            }
            Ok(Step::Part(Chunk::Chat(chunk)))
        } else {
            let chunk: completion::Response = serde_json::from_str(&event.data).map_err(malformed)?;
            if chunk.other.contains_key("error") {
                return Err(reported(&Value::Object(chunk.other)));
            }
            for choice in &chunk.choices {
                self.note(choice.index, choice.finish_reason.is_some())?;
            }
            Ok(Step::Part(Chunk::Completion(chunk)))
        }
    }

    fn is_complete(&self) -> bool {
        self.has_begun && self.unfinished.is_empty()
    }
}

/// An error inside a stream; its status where it names one.
pub(super) fn reported(json: &Value) -> Fault {
    let error = if json["error"].is_object() { &json["error"] } else { json };
    let named = [&error["code"], &error["status"]].into_iter().find_map(Value::as_u64);
    let named = named.and_then(|code| u16::try_from(code).ok()).filter(|code| (400..600).contains(code));
    let status = named.unwrap_or_else(|| match error["type"].as_str() {
        Some("overloaded_error") => 529,
        Some("rate_limit_error") => 429,
        Some("invalid_request_error") => 400,
        _ => 500,
    });
    Fault::Reported { status, message: message_of(json) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Fault, OpenAi, Read, Step};
    use crate::{Chunk, sse::Event, upstream::anthropic, upstream::cotomi};

    fn readers() -> Vec<Box<dyn Read>> {
        let stamp = cotomi::Stamp::new("1", &hyper::HeaderMap::new(), "m");
        vec![
            Box::new(OpenAi::new(true)),
            Box::new(OpenAi::new(false)),
            Box::new(cotomi::Reader::new(stamp)),
            Box::new(anthropic::Reader::new(0)),
        ]
    }

    /// Members that matter to some reader, with values of any type.
    fn data() -> impl Strategy<Value = String> {
        let value = prop_oneof![
            Just("null".to_owned()),
            Just("\"文\"".to_owned()),
            Just("[]".to_owned()),
            Just("[{\"index\":4294967295,\"delta\":{\"content\":\"文\"},\"text\":\"文\",\"finish_reason\":\"stop\"}]".to_owned()),
            Just("{\"message\":\"x\",\"code\":503,\"type\":\"overloaded_error\"}".to_owned()),
            Just("\"message_stop\"".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
        ];
        let name = prop_oneof![
            Just("choices"),
            Just("error"),
            Just("answer"),
            Just("usage"),
            Just("type"),
            Just("index"),
            Just("delta"),
        ];
        proptest::collection::btree_map(name, value, 0..4).prop_map(|members| {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    }

    proptest! {
        #[test]
        fn no_event_breaks_a_reader(
            events in proptest::collection::vec(
                ("(error|done|message)?", prop_oneof![data(), "\\PC{0,40}", Just("[DONE]".to_owned())]),
                1..8,
            ),
        ) {
            for mut reader in readers() {
                for (name, data) in &events {
                    match reader.event(Event { name: name.clone(), data: data.clone() }) {
                        Ok(Step::End | Step::LastParts(_)) | Err(_) => break,
                        Ok(_) => {}
                    }
                }
                let _ = reader.is_complete();
            }
        }
    }

    #[test]
    fn an_answer_that_did_not_end_is_not_whole_whatever_the_stream_says() {
        let mut reader = OpenAi::new(true);
        let mut told = |data: &str| reader.event(Event { name: String::new(), data: data.to_owned() });
        assert!(told(r#"{"choices":[{"delta":{"content":"春"},"finish_reason":null}]}"#).is_ok());
        assert!(matches!(told("[DONE]"), Err(Fault::Malformed(_))));
        assert!(told(r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#).is_ok());
        // What is said of an answer behind its end (Azure: of its content filter) does not begin it again.
        assert!(
            told(r#"{"choices":[{"finish_reason":null,"content_filter_offsets":{"end_offset":1}}]}"#).is_ok()
        );
        assert!(matches!(told("[DONE]"), Ok(Step::End)));
    }

    #[test]
    fn an_error_beside_choices_is_an_error() {
        let data = r#"{"choices":[],"error":{"message":"out of memory","code":"internal"}}"#.to_owned();
        let told = OpenAi::new(true).event(Event { name: String::new(), data });
        assert!(matches!(told, Err(Fault::Reported { status: 500, message }) if message == "out of memory"));
        let data = r#"{"choices":[{"delta":{"content":"は"}}]}"#.to_owned();
        let told = OpenAi::new(true).event(Event { name: String::new(), data });
        assert!(matches!(told, Ok(Step::Part(Chunk::Chat(_)))));
    }
}
