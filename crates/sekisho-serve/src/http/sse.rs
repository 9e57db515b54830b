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
use sekisho_llm::{Chunks, Error};
use tokio::time::{Instant, Interval};

use super::{
    Front, Lang,
    dress::{Dress, Shape},
    error,
};

/// How often a line that says nothing keeps a quiet connection open: proxies close those that are silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Parts that are ready at once go out together, up to so many bytes.
const BATCH_BYTES_MAX: usize = 16 * 1024;

/// Everything that a stream needs to the end.
pub(super) struct Telling {
    pub(super) front: Front,
    pub(super) id: Arc<str>,
    pub(super) lang: Lang,
    pub(super) shape: Shape,
    pub(super) dress: Dress,
}

/// A response whose body is the stream.
pub(super) fn respond(telling: Telling, chunks: Chunks) -> Response {
    let mut quiet = tokio::time::interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    quiet.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let events = Events { telling, chunks: Some(chunks), quiet };
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // nginx would collect the parts otherwise.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

struct Events {
    telling: Telling,
    chunks: Option<Chunks>,
    quiet: Interval,
}

impl Events {
    /// The stream ends here, with an error.
    fn break_off(&mut self, error: &Error, out: &mut Vec<u8>) {
        self.chunks = None;
        let Telling { front, id, lang, shape, dress } = &mut self.telling;
        dress.broken(&error::body(front, error, id, *lang, *shape), out);
    }
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let events = &mut *self;
        let mut out = Vec::new();
        while out.len() < BATCH_BYTES_MAX
            && let Some(chunks) = &mut events.chunks
        {
            let told = match chunks.as_mut().poll_next(context) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(chunk))) => events.telling.dress.chunk(chunk, &mut out),
                Poll::Ready(Some(Err(error))) => Err(error),
                Poll::Ready(None) => {
                    events.chunks = None;
                    events.telling.dress.done(&mut out)
                }
            };
            if let Err(error) = told {
                events.break_off(&error, &mut out);
            }
        }
        if !out.is_empty() {
            events.quiet.reset();
            return Poll::Ready(Some(Ok(out.into())));
        }
        if events.chunks.is_none() {
            return Poll::Ready(None);
        }
        match events.quiet.poll_tick(context) {
            Poll::Ready(_) => {
                // The next tick must wake us too.
                let _ = events.quiet.poll_tick(context);
                Poll::Ready(Some(Ok(Bytes::from_static(b": keep-alive\n\n"))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
