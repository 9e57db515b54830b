//! How answers are written: one form for each wire format that clients speak.

use axum::http::StatusCode;
use sekisho_llm::{
    Chunk, Error, Response as Whole, messages,
    responses::{self, Echo},
};
use serde::Serialize;
use serde_json::{Value, json};

/// The form of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `{"error": {...}}`
    OpenAi,
    /// `{"type": "error", "error": {...}}`
    Anthropic,
}

impl Shape {
    pub(super) fn of_path(path: &str) -> Self {
        if path.starts_with("/v1/messages") { Self::Anthropic } else { Self::OpenAi }
    }

    /// Puts an error, as OpenAI tells it, into the form.
    pub(super) fn of_error(self, status: StatusCode, error: Value, id: &str) -> Value {
        match self {
            Self::OpenAi => json!({ "error": error }),
            Self::Anthropic => json!({
                "type": "error",
                "error": {
                    "type": messages::error_kind(status.as_u16()),
                    "message": error["message"],
                    "sekisho": error["sekisho"],
                },
                "request_id": id,
            }),
        }
    }
}

/// Writes one answer.
#[allow(clippy::large_enum_variant, reason = "one for each answer, which is far larger")]
pub(super) enum Dress {
    /// As the stages have it: chat, completions and everything else of OpenAI.
    OpenAi,
    /// Anthropic Messages.
    Messages(Option<messages::ToEvents>),
    /// The number of tokens, as Anthropic tells it.
    Count,
    /// OpenAI Responses.
    Responses(Option<Echo>, Option<Box<responses::ToEvents>>),
}

impl Dress {
    pub(super) fn messages() -> Self {
        Self::Messages(Some(messages::ToEvents::new()))
    }

    pub(super) fn responses(echo: Echo) -> Self {
        Self::Responses(Some(echo), None)
    }

    /// An answer that came at once.
    pub(super) fn whole(self, response: Whole) -> Result<Vec<u8>, Error> {
        match (self, response) {
            (Self::Messages(_), Whole::Chat(response)) => Ok(json(&messages::Response::from_chat(response)?)),
            (Self::Responses(echo, _), Whole::Chat(response)) => {
                Ok(json(&responses::Response::from_chat(response, echo.unwrap_or_default())?))
            }
            (Self::Count, Whole::Tokenize(response)) => Ok(json(&messages::CountResponse::from(response))),
            (_, Whole::Chat(response)) => Ok(json(&response)),
            (_, Whole::Completion(response)) => Ok(json(&response)),
            (_, Whole::Embedding(response)) => Ok(json(&response)),
            (_, Whole::Rerank(response)) => Ok(json(&response)),
            (_, Whole::Tokenize(response)) => Ok(json(&response)),
            (_, Whole::Detokenize(response)) => Ok(json(&response)),
        }
    }

    /// The events of one part.
    pub(super) fn chunk(&mut self, chunk: Chunk, out: &mut Vec<u8>) -> Result<(), Error> {
        match (self, chunk) {
            (Self::Messages(Some(events)), Chunk::Chat(chunk)) => {
                for event in events.push(chunk)? {
                    named(out, event.name(), &event);
                }
            }
            (Self::Responses(echo, events), Chunk::Chat(chunk)) => {
                let events = events.get_or_insert_with(|| {
                    Box::new(responses::ToEvents::new(echo.take().unwrap_or_default()))
                });
                for event in events.push(chunk)? {
                    named(out, event.name(), &event);
                }
            }
            (_, Chunk::Chat(chunk)) => data(out, &chunk),
            (_, Chunk::Completion(chunk)) => data(out, &chunk),
        }
        Ok(())
    }

    /// What ends a stream that came to its end.
    pub(super) fn done(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        match self {
            Self::OpenAi | Self::Count => out.extend_from_slice(b"data: [DONE]\n\n"),
            Self::Messages(events) => {
                for event in events.take().unwrap_or_default().finish()? {
                    named(out, event.name(), &event);
                }
            }
            Self::Responses(echo, events) => {
                let events = events.take().map_or_else(
                    || responses::ToEvents::new(echo.take().unwrap_or_default()),
                    |events| *events,
                );
                for event in events.finish()? {
                    named(out, event.name(), &event);
                }
            }
        }
        Ok(())
    }

    /// What ends a stream that broke; `body` is the error in its shape.
    pub(super) fn broken(&mut self, body: &Value, out: &mut Vec<u8>) {
        match self {
            Self::OpenAi | Self::Count => data(out, body),
            Self::Messages(_) => named(out, "error", body),
            Self::Responses(echo, events) => {
                let events = events.take().map_or_else(
                    || responses::ToEvents::new(echo.take().unwrap_or_default()),
                    |events| *events,
                );
                let word = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
                for event in events.fail(&word("code"), &word("message")) {
                    named(out, event.name(), &event);
                }
            }
        }
    }
}

/// An event without a name.
fn data(out: &mut Vec<u8>, value: &impl Serialize) {
    out.extend_from_slice(b"data: ");
    out.append(&mut json(value));
    out.extend_from_slice(b"\n\n");
}

/// An event with a name.
fn named(out: &mut Vec<u8>, name: &str, value: &impl Serialize) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.push(b'\n');
    data(out, value);
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("our own types have no keys that JSON cannot write")
}
