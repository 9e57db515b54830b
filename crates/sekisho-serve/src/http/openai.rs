//! The OpenAI paths: one handler for each request, one way for all of them.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use sekisho_llm::{
    Answer, Error, Invalid, Request, Response as Whole, chat, completion, embedding, rerank, tokens,
    wire::{self, Body as Format},
};
use serde_json::{Map, Value};

use super::{
    Front, body,
    error::{insert, respond},
    head, sse,
};
use crate::{
    caller::Declared,
    stage::{Received, Refused},
};

/// The member of a body in which a client that cannot set headers declares.
const MEMBER: &str = "sekisho";

/// A request of one path.
trait Asked: Format {
    /// The wire format, for the record.
    const FORMAT: &'static str;

    fn other_mut(&mut self) -> &mut Map<String, Value>;

    fn into_request(self) -> Request;
}

macro_rules! asked {
    ($($request:ty, $format:literal, $wrap:path;)*) => {
        $(impl Asked for $request {
            const FORMAT: &'static str = $format;

            fn other_mut(&mut self) -> &mut Map<String, Value> {
                &mut self.other
            }

            fn into_request(self) -> Request {
                $wrap(self)
            }
        })*
    };
}

asked! {
    chat::Request, "openai.chat", Request::Chat;
    completion::Request, "openai.completion", Request::Completion;
    embedding::Request, "openai.embedding", Request::Embedding;
    rerank::Request, "rerank", Request::Rerank;
    tokens::TokenizeRequest, "tokenize", Request::Tokenize;
    tokens::DetokenizeRequest, "detokenize", Request::Detokenize;
}

pub(super) async fn chat(state: State<Front>, headers: HeaderMap, body: Body) -> Response {
    answer::<chat::Request>(state, headers, body).await
}

pub(super) async fn completion(state: State<Front>, headers: HeaderMap, body: Body) -> Response {
    answer::<completion::Request>(state, headers, body).await
}

pub(super) async fn embedding(state: State<Front>, headers: HeaderMap, body: Body) -> Response {
    answer::<embedding::Request>(state, headers, body).await
}

pub(super) async fn rerank(state: State<Front>, headers: HeaderMap, body: Body) -> Response {
    answer::<rerank::Request>(state, headers, body).await
}

pub(super) async fn tokenize(state: State<Front>, headers: HeaderMap, body: Body) -> Response {
    answer::<tokens::TokenizeRequest>(state, headers, body).await
}

pub(super) async fn detokenize(state: State<Front>, headers: HeaderMap, body: Body) -> Response {
    answer::<tokens::DetokenizeRequest>(state, headers, body).await
}

/// Reads a request, takes it through the gate, and writes the answer.
async fn answer<T: Asked>(State(front): State<Front>, headers: HeaderMap, body: Body) -> Response {
    let id = head::new_request_id();
    let lang = head::lang(&headers);
    let read = async {
        let bytes = body::read(&headers, body, &front.limits).await?;
        let mut request = wire::parse::<T>(&bytes)?;
        let declared = declared(&headers, request.other_mut())?;
        Ok((request.into_request(), declared))
    };
    let (request, declared) = match read.await {
        Ok(read) => read,
        // Nothing was asked yet, so there is nothing to record.
        Err(error) => return respond(&front, &Refused { error, record: None }, &id, lang),
    };
    let credential = head::credential(&headers);
    let received =
        Received::new(&front.gateway, std::sync::Arc::clone(&id), request, credential, declared, T::FORMAT);
    let passed = match front.gateway.pass(received).await {
        Ok(passed) => passed,
        Err(refused) => return respond(&front, &refused, &id, lang),
    };
    let mut response = match passed.answer {
        Answer::Whole(whole) => whole_body(whole),
        Answer::Stream(chunks) => sse::respond(front.clone(), chunks, std::sync::Arc::clone(&id), lang),
    };
    let headers = response.headers_mut();
    insert(headers, head::REQUEST_ID, &id);
    insert(headers, head::RECORD, &passed.record.to_string());
    insert(headers, head::LABEL, &passed.label);
    insert(headers, header::CACHE_CONTROL.as_str(), "no-store");
    response
}

fn whole_body(response: Whole) -> Response {
    match response {
        Whole::Chat(response) => Json(response).into_response(),
        Whole::Completion(response) => Json(response).into_response(),
        Whole::Embedding(response) => Json(response).into_response(),
        Whole::Rerank(response) => Json(response).into_response(),
        Whole::Tokenize(response) => Json(response).into_response(),
        Whole::Detokenize(response) => Json(response).into_response(),
    }
}

/// What headers declare, and what the body declares; what both declare must agree. The member of the body does not
/// travel on.
fn declared(headers: &HeaderMap, other: &mut Map<String, Value>) -> Result<Declared, Error> {
    let by_headers = head::declared(headers)?;
    let Some(member) = other.remove(MEMBER) else { return Ok(by_headers) };
    let by_body: Declared = serde_json::from_value(member).map_err(|error| Error::Invalid {
        param: MEMBER.to_owned(),
        problem: Invalid::Type { detail: error.to_string() },
    })?;
    let one = |header: Option<String>, body: Option<String>, name: &'static str| match (header, body) {
        (Some(header), Some(body)) if header != body => Err(Error::Invalid {
            param: format!("{MEMBER}.{name}"),
            problem: Invalid::Conflict { with: "x-sekisho-…" },
        }),
        (header, body) => Ok(header.or(body)),
    };
    Ok(Declared {
        label: one(by_headers.label, by_body.label, "label")?,
        purpose: one(by_headers.purpose, by_body.purpose, "purpose")?,
        tenant: one(by_headers.tenant, by_body.tenant, "tenant")?,
        documents: by_body.documents,
    })
}
