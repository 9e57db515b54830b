//! What the headers of a request say: who asks, what is declared, in which language to answer.

use std::{fmt::Write, sync::Arc};

use axum::http::{HeaderMap, header};
use sekisho_llm::{Error, Invalid};
use sekisho_store::TemplateRef;

use crate::{
    caller::{Asked, Bearer, Credential, Declared},
    trace::Parent,
};

/// The label that is declared.
pub(super) const LABEL: &str = "x-sekisho-label";
/// The purpose that is declared, percent-encoded where it is not ASCII.
pub(super) const PURPOSE: &str = "x-sekisho-purpose";
/// The group for which it counts.
pub(super) const TENANT: &str = "x-sekisho-tenant";
/// The prompt template, percent-encoded where it is not ASCII.
pub(super) const TEMPLATE: &str = "x-sekisho-template";
/// Identifies a request in answers, records and logs.
pub(super) const REQUEST_ID: &str = "x-request-id";
/// The audit record of a request.
pub(super) const RECORD: &str = "x-sekisho-record";

/// A language that answers can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// 日本語
    Ja,
    /// English
    En,
}

/// The first language of `accept-language` that we have; Japanese otherwise.
pub(super) fn lang(headers: &HeaderMap) -> Lang {
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = accepted.split(',').find_map(|one| {
        let tag = one.split(';').next().unwrap_or_default().trim();
        match tag.get(..2) {
            Some(tag) if tag.eq_ignore_ascii_case("ja") => Some(Lang::Ja),
            Some(tag) if tag.eq_ignore_ascii_case("en") => Some(Lang::En),
            _ => None,
        }
    });
    known.unwrap_or(Lang::Ja)
}

/// `Authorization: Bearer`, as OpenAI clients send it, or one of the headers of other clients.
pub(super) fn credential(headers: &HeaderMap) -> Credential {
    let bearer = headers.get_all(header::AUTHORIZATION).iter().collect::<Vec<_>>();
    let text = match bearer.as_slice() {
        [one] => {
            let Some((scheme, rest)) = one.to_str().ok().and_then(|value| value.split_once(' ')) else {
                return Credential::Missing;
            };
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Credential::Missing;
            }
            Some(rest.trim())
        }
        // Two are a trick: one for us and one for somebody behind us.
        [_, ..] => return Credential::Missing,
        [] => ["x-api-key", "api-key"].iter().find_map(|name| headers.get(*name)?.to_str().ok()),
    };
    match text {
        Some(text) if !text.is_empty() => Credential::Bearer(Bearer(text.to_owned())),
        _ => Credential::Missing,
    }
}

/// What headers declare.
pub(super) fn declared(headers: &HeaderMap) -> Result<Declared, Error> {
    Ok(Declared {
        label: word(headers, LABEL)?,
        purpose: word(headers, PURPOSE)?,
        tenant: word(headers, TENANT)?,
        documents: Vec::new(),
        template: template(headers)?,
    })
}

/// `name`, or `name@3` for that version. Values of its places do not go into headers.
fn template(headers: &HeaderMap) -> Result<Option<Asked>, Error> {
    let Some(word) = word(headers, TEMPLATE)? else { return Ok(None) };
    let reference: TemplateRef = word.parse().map_err(|_| Error::Invalid {
        param: TEMPLATE.to_owned(),
        problem: Invalid::Type { detail: "not of the form name or name@version".to_owned() },
    })?;
    let TemplateRef { name, version } = reference;
    Ok(Some(Asked { name: Some(name), version, ..Asked::default() }))
}

/// The trace of the one who asks; a header that is none, or that stands there twice, counts as none.
pub(super) fn parent(headers: &HeaderMap) -> Option<Parent> {
    let mut values = headers.get_all("traceparent").iter();
    let parent = Parent::parse(values.next()?.to_str().ok()?);
    parent.filter(|_| values.next().is_none())
}

fn word(headers: &HeaderMap, name: &'static str) -> Result<Option<String>, Error> {
    let invalid = |problem| Error::Invalid { param: name.to_owned(), problem };
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid(Invalid::TooMany { max: 1 }));
    }
    let decoded = decode_percent(value.as_bytes());
    decoded.map(Some).ok_or_else(|| invalid(Invalid::Type { detail: "not UTF-8".to_owned() }))
}

/// Headers are ASCII by custom, labels and purposes are not: `%E8%AA%BF` stands for 調. UTF-8 as such is taken too.
fn decode_percent(bytes: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.filter(|_| byte == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &after[2..];
            }
            None => {
                decoded.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

/// A new request id: 128 random bits.
pub(super) fn new_request_id() -> Arc<str> {
    let mut bytes = [0; 16];
    // Without entropy two requests could share an id in logs; the record has an id of its own.
    let _ = getrandom::fill(&mut bytes);
    let mut id = String::with_capacity(36);
    id.push_str("req_");
    for byte in bytes {
        let _ = write!(id, "{byte:02x}");
    }
    id.into()
}
