//! Request bodies: bounded in size and time, never decompressed.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use sekisho_base::Code;
use sekisho_llm::{Error, Invalid, Refusal};

use super::Limits;

/// Reads a whole body.
pub(super) async fn read(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Bytes, Error> {
    check_head(headers, limits)?;
    let max = limits.request_body_bytes_max;
    let reading = Limited::new(body, max).collect();
    match tokio::time::timeout(limits.body_timeout, reading).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(max)),
        Ok(Err(_)) => Err(Refusal::new(Code::ClientGone).into()),
        Err(_) => Err(slow(limits.body_timeout)),
    }
}

fn check_head(headers: &HeaderMap, limits: &Limits) -> Result<(), Error> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    // A small body can unpack to a large one, and what is packed cannot be judged as it comes.
    if let Some(encoding) = text(header::CONTENT_ENCODING)
        && !encoding.eq_ignore_ascii_case("identity")
    {
        return Err(invalid("content-encoding", Invalid::Value { allowed: &["identity"] }));
    }
    if let Some(kind) = text(header::CONTENT_TYPE) {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(invalid("content-type", Invalid::Value { allowed: &["application/json"] }));
        }
    }
    // Said before it is sent: nothing of it need be read.
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > limits.request_body_bytes_max as u64) {
        return Err(too_large(limits.request_body_bytes_max));
    }
    Ok(())
}

fn invalid(param: &str, problem: Invalid) -> Error {
    Error::Invalid { param: param.to_owned(), problem }
}

fn too_large(max: usize) -> Error {
    Refusal::new(Code::RequestTooLarge).with("max_bytes", max).into()
}

fn slow(timeout: Duration) -> Error {
    Refusal::new(Code::ClientGone).with("seconds", timeout.as_secs()).into()
}
