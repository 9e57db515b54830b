//! Streamed answers as server-sent events.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use futures_core::Stream;
use sekisho_llm::{Chunk, Chunks};
use tokio::time::{Instant, Interval};

use super::{Front, Lang, error};

/// How often a line that says nothing keeps a quiet connection open: proxies close those that are silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A response whose body is the stream.
pub(super) fn respond(front: Front, chunks: Chunks, id: Arc<str>, lang: Lang) -> Response {
    let mut quiet = tokio::time::interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    quiet.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let events = Events { front, chunks: Some(chunks), id, lang, quiet };
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // nginx would collect the parts otherwise.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

struct Events {
    front: Front,
    chunks: Option<Chunks>,
    id: Arc<str>,
    lang: Lang,
    quiet: Interval,
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let events = &mut *self;
        let Some(chunks) = &mut events.chunks else { return Poll::Ready(None) };
        match chunks.as_mut().poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                events.quiet.reset();
                Poll::Ready(Some(Ok(event(&chunk))))
            }
            Poll::Ready(Some(Err(error))) => {
                events.chunks = None;
                let body = error::body(&events.front, &error, &events.id, events.lang);
                Poll::Ready(Some(Ok(Bytes::from(format!("data: {body}\n\n")))))
            }
            Poll::Ready(None) => {
                events.chunks = None;
                Poll::Ready(Some(Ok(Bytes::from_static(b"data: [DONE]\n\n"))))
            }
            Poll::Pending => match events.quiet.poll_tick(context) {
                Poll::Ready(_) => {
                    // The next tick must wake us too.
                    let _ = events.quiet.poll_tick(context);
                    Poll::Ready(Some(Ok(Bytes::from_static(b": keep-alive\n\n"))))
                }
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

fn event(chunk: &Chunk) -> Bytes {
    let mut event = b"data: ".to_vec();
    let written = match chunk {
        Chunk::Chat(chunk) => serde_json::to_writer(&mut event, chunk),
        Chunk::Completion(chunk) => serde_json::to_writer(&mut event, chunk),
    };
    // Our own types have no keys that JSON cannot write, and memory takes every byte.
    debug_assert!(written.is_ok());
    event.extend_from_slice(b"\n\n");
    event.into()
}
