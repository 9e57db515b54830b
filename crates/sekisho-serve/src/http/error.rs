//! Errors on the wire: status, headers, and the shape that OpenAI clients read.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sekisho_base::{Code, Coded};
use sekisho_llm::{Error, Refusal};
use serde_json::{Value, json};

use super::{Front, Lang, call::Call, dress::Shape, head};
use crate::stage::Refused;

/// The status of a code, and what OpenAI calls its kind.
pub(super) fn status_and_type(error: &Error) -> (StatusCode, &'static str) {
    let (status, kind) = match error.code() {
        Code::RequestInvalid => match error {
            Error::Invalid { param, .. } if param == "content-encoding" || param == "content-type" => {
                (415, "invalid_request_error")
            }
            _ => (400, "invalid_request_error"),
        },
        Code::Unsupported => match error {
            // Not what was asked for but the address itself has nobody behind it.
            Error::Unsupported { what, .. } if is_of_tokens(what) => (501, "server_error"),
            _ => (400, "invalid_request_error"),
        },
        Code::NoSuchPath | Code::NoSuchModel | Code::TemplateUnusable => (404, "invalid_request_error"),
        Code::RequestTooLarge => (413, "invalid_request_error"),
        Code::Unauthenticated => (401, "authentication_error"),
        Code::Forbidden | Code::NotEnrolled | Code::NoRoute | Code::LabelTooLow | Code::GuardRefused => {
            (403, "permission_error")
        }
        Code::RateLimited => (429, "rate_limit_error"),
        Code::BudgetExceeded => (429, "insufficient_quota"),
        Code::ClientGone => (408, "invalid_request_error"),
        Code::UpstreamFailed => match error {
            // What the upstream says about the request itself goes on as it is.
            Error::Status { status: status @ (400 | 404 | 413 | 422), .. } => {
                (*status, "invalid_request_error")
            }
            Error::Status { status: 429, .. } => (429, "rate_limit_error"),
            _ => (502, "upstream_error"),
        },
        Code::UpstreamMalformed => (502, "upstream_error"),
        Code::UpstreamTimeout => (504, "upstream_error"),
        Code::UpstreamUnavailable => (503, "upstream_error"),
        Code::NotReady
        | Code::IssuerUnavailable
        | Code::LogStopped
        | Code::LogFull
        | Code::LogBusy
        | Code::StoreUnusable => (503, "server_error"),
        _ => (500, "server_error"),
    };
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), kind)
}

/// Whether it is cutting into tokens that an upstream does not do: by call, or by a member of one.
fn is_of_tokens(what: &str) -> bool {
    ["tokenize", "detokenize"].contains(&what.split('.').next().unwrap_or(what))
}

/// The word that OpenAI clients know for some codes; ours otherwise.
fn openai_code(error: &Error) -> String {
    let known = match error.code() {
        Code::Unauthenticated => "invalid_api_key",
        Code::NoSuchModel => "model_not_found",
        Code::RateLimited => "rate_limit_exceeded",
        Code::BudgetExceeded => "insufficient_quota",
        Code::GuardRefused => "content_filter",
        code => return code.to_string(),
    };
    known.to_owned()
}

/// The body of an error.
pub(super) fn body(front: &Front, error: &Error, id: &str, lang: Lang, shape: Shape) -> Value {
    let (status, kind) = status_and_type(error);
    let param = match error {
        Error::Invalid { param, .. } if !param.is_empty() => Some(param.as_str()),
        _ => None,
    };
    let mut ours = json!({ "code": error.code().to_string(), "request_id": id });
    // Who is nobody learns nothing more, and what is wrong on our side is for the log.
    let is_for_caller = error.code() != Code::Unauthenticated && !status.is_server_error();
    if let Error::Refused(refusal) = error
        && is_for_caller
    {
        for (name, value) in &refusal.facts {
            ours[*name] = value.clone();
        }
    }
    let told = json!({
        "message": front.phrases.of_error(error, lang),
        "type": kind,
        "param": param,
        "code": openai_code(error),
        "sekisho": ours,
    });
    shape.of_error(status, told, id)
}

/// A refusal as an answer.
pub(super) fn respond(call: &Call, refused: &Refused) -> Response {
    let (status, _) = status_and_type(&refused.error);
    let body = body(&call.front, &refused.error, &call.id, call.lang, call.shape);
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    insert(headers, head::REQUEST_ID, &call.id);
    if let Some(record) = &refused.record {
        insert(headers, head::RECORD, &record.to_string());
    }
    let retry_after = match &refused.error {
        Error::Refused(Refusal { retry_after, .. })
        | Error::Status { retry_after, .. }
        | Error::Unavailable { retry_after, .. } => *retry_after,
        _ => None,
    };
    if refused.error.code() == Code::BudgetExceeded || status == StatusCode::NOT_IMPLEMENTED {
        // OpenAI's clients ask again after any 429 and 5xx; a budget is not refilled, and nothing learned, in seconds.
        insert(headers, "x-should-retry", "false");
    }
    if let Some(wait) = retry_after {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
        insert(headers, header::RETRY_AFTER.as_str(), &seconds.to_string());
    }
    response
}

/// Adds a header whose value may come from outside; one that cannot be a header is left out.
pub(super) fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// There is nothing at that address, or not for that method.
pub(super) async fn no_such_path(call: Call) -> Response {
    let method = call.method.as_str();
    call.refuse(Refusal::new(Code::NoSuchPath).with("method", method).into())
}
