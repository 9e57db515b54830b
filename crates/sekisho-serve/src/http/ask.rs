//! What is asked: a body of one of the formats, taken through the gate, and the answer in the same format.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use sekisho_llm::{
    Answer, Error, Invalid, Request, chat, completion, embedding, messages, rerank, responses, tokens,
    wire::{self, Body as Format},
};
use serde_json::{Map, Value};

use super::{
    body,
    call::Call,
    dress::Dress,
    error::insert,
    head,
    sse::{self, Telling},
};
use crate::{
    caller::{Asked as Template, Declared},
    stage::Received,
};

/// The member of a body in which a client that cannot set headers declares.
const MEMBER: &str = "sekisho";

/// A body of one path.
pub(super) trait Asked: Format + Send {
    /// The wire format, for the record.
    const FORMAT: &'static str;

    fn other_mut(&mut self) -> &mut Map<String, Value>;

    /// The request in the form of the stages, and how its answer is written.
    fn into_request(self) -> Result<(Request, Dress), Error>;
}

macro_rules! asked {
    ($($request:ty, $format:literal, $into:expr;)*) => {
        $(impl Asked for $request {
            const FORMAT: &'static str = $format;

            fn other_mut(&mut self) -> &mut Map<String, Value> {
                &mut self.other
            }

            fn into_request(self) -> Result<(Request, Dress), Error> {
                let into: fn(Self) -> Result<(Request, Dress), Error> = $into;
                into(self)
            }
        })*
    };
}

asked! {
    chat::Request, "openai.chat", |request| Ok((Request::Chat(request), Dress::OpenAi));
    completion::Request, "openai.completion", |request| Ok((Request::Completion(request), Dress::OpenAi));
    embedding::Request, "openai.embedding", |request| Ok((Request::Embedding(request), Dress::OpenAi));
    rerank::Request, "rerank", |request| Ok((Request::Rerank(request), Dress::OpenAi));
    tokens::TokenizeRequest, "tokenize", |request| Ok((Request::Tokenize(request), Dress::OpenAi));
    tokens::DetokenizeRequest, "detokenize", |request| Ok((Request::Detokenize(request), Dress::OpenAi));
    messages::Request, "anthropic.messages", |request| {
        Ok((Request::Chat(request.into_chat()?), Dress::messages()))
    };
    messages::CountRequest, "anthropic.count_tokens", |request| {
        Ok((Request::Tokenize(request.into_tokenize()?), Dress::Count))
    };
    responses::Request, "openai.responses", |request| {
        let (request, echo) = request.into_chat()?;
        Ok((Request::Chat(request), Dress::responses(echo)))
    };
}

/// Reads a request, takes it through the gate, and writes the answer.
pub(super) async fn ask<T: Asked>(call: Call, body: Body) -> Response {
    let read = async {
        let bytes = body::read(&call.headers, body, &call.front.limits).await?;
        let mut request = wire::parse::<T>(&bytes)?;
        let declared = declared(&call.headers, request.other_mut())?;
        let (request, dress) = request.into_request()?;
        Ok((request, dress, declared))
    };
    let (request, dress, declared) = match read.await {
        Ok(read) => read,
        Err(error) => return call.refuse(error),
    };
    let credential = head::credential(&call.headers);
    let gateway = &call.front.gateway;
    let mut received = Received::new(gateway, Arc::clone(&call.id), request, credential, declared, T::FORMAT);
    received.trace(head::parent(&call.headers));
    if let Some(peer) = &call.peer {
        received.note("peer", peer);
    }
    let passed = match gateway.pass(received).await {
        Ok(passed) => passed,
        Err(refused) => return call.answer(&refused),
    };
    let mut response = match passed.answer {
        Answer::Whole(whole) => match dress.whole(whole) {
            Ok(json) => {
                let mut response = Response::new(Body::from(json));
                let kind = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
                response
            }
            Err(error) => return call.refuse(error),
        },
        Answer::Stream(chunks) => {
            let Call { front, id, lang, shape, .. } = &call;
            let (front, id) = (front.clone(), Arc::clone(id));
            sse::respond(Telling { front, id, lang: *lang, shape: *shape, dress }, chunks)
        }
    };
    let headers = response.headers_mut();
    insert(headers, head::REQUEST_ID, &call.id);
    insert(headers, head::RECORD, &passed.record.to_string());
    insert(headers, head::LABEL, &passed.label);
    insert(headers, header::CACHE_CONTROL.as_str(), "no-store");
    response
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
    Ok(Declared {
        label: one(by_headers.label, by_body.label, "label")?,
        purpose: one(by_headers.purpose, by_body.purpose, "purpose")?,
        tenant: one(by_headers.tenant, by_body.tenant, "tenant")?,
        documents: by_body.documents,
        template: template(by_headers.template, by_body.template)?,
    })
}

/// What a header or the body declares.
fn one<T: PartialEq>(header: Option<T>, body: Option<T>, name: &'static str) -> Result<Option<T>, Error> {
    match (header, body) {
        (Some(header), Some(body)) if header != body => Err(Error::Invalid {
            param: format!("{MEMBER}.{name}"),
            problem: Invalid::Conflict { with: "x-sekisho-…" },
        }),
        (header, body) => Ok(header.or(body)),
    }
}

/// A header can name a template whose values are in the body.
fn template(header: Option<Template>, body: Option<Template>) -> Result<Option<Template>, Error> {
    let (Some(header), Some(body)) = (&header, &body) else { return Ok(header.or(body)) };
    Ok(Some(Template {
        name: one(header.name.clone(), body.name.clone(), "template.name")?,
        version: one(header.version, body.version, "template.version")?,
        values: body.values.clone(),
    }))
}
