//! What an upstream says when it does not answer.

use std::time::Duration;

use hyper::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use serde_json::Value;

/// Most bytes of an error's body that are read.
pub(super) const ERROR_BYTES_MAX: usize = 16 << 10;
/// Most characters of its message that are kept.
pub(super) const MESSAGE_CHARACTERS_MAX: usize = 512;
/// Longest `retry-after` that is believed.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Most faults of a `detail` list that are told.
const DETAILS_MAX: usize = 4;

/// The message in an error's body, in whichever of the usual shapes: `{"error": {"message": …}}` (OpenAI, Anthropic,
/// Azure; Gemini puts it into a list), `{"error": "…"}`, `{"message": "…"}`, FastAPI's `{"detail": …}`, or a text.
pub(super) fn message(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(json) => in_json(&json).unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    bounded(&text)
}

/// Of an error that came as JSON, as inside a stream.
pub(super) fn message_of(json: &Value) -> String {
    bounded(&in_json(json).unwrap_or_default())
}

fn in_json(json: &Value) -> Option<String> {
    let json = match json {
        Value::Array(items) => items.first()?,
        other => other,
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let error = &json["error"];
    text(&error["message"])
        .or_else(|| text(error))
        .or_else(|| text(&json["message"]))
        .or_else(|| text(&json["errorMsg"]))
        .or_else(|| detail(&json["detail"]))
        .or_else(|| text(json))
}

/// FastAPI's faults: where and what. Its `input` is left out: it repeats the prompt.
fn detail(detail: &Value) -> Option<String> {
    match detail {
        Value::String(text) => Some(text.clone()),
        Value::Array(faults) => Some(
            faults
                .iter()
                .take(DETAILS_MAX)
                .map(|fault| {
                    let place: Vec<String> = fault["loc"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
                        .collect();
                    format!("{}: {}", place.join("."), fault["msg"].as_str().unwrap_or_default())
                })
                .collect::<Vec<_>>()
                .join("; "),
        ),
        _ => None,
    }
}

/// On one line, and not longer than the limit. Faults of pydantic that a server has written into a text end before
/// their `input`, which repeats the prompt.
pub(super) fn bounded(text: &str) -> String {
    let end = ["'input':", "\"input\":"].iter().filter_map(|name| text.find(name)).min();
    let text = &text[..end.unwrap_or(text.len())];
    let line = text.trim().chars().map(|character| if character.is_control() { ' ' } else { character });
    let mut kept: String = line.take(MESSAGE_CHARACTERS_MAX + 1).collect();
    if kept.chars().count() > MESSAGE_CHARACTERS_MAX {
        kept.pop();
        kept.push('…');
    }
    kept
}

/// When the upstream asks to be tried again: OpenAI's milliseconds, seconds, or a date, which is read against the date
/// of the answer itself, so that neither clock has to be right.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let milliseconds = HeaderName::from_static("retry-after-ms");
    let wait = if let Some(number) = text(&milliseconds).and_then(number) {
        Duration::try_from_secs_f64(number / 1000.0).ok()?
    } else {
        let after = text(&RETRY_AFTER)?;
        match number(after) {
            Some(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
            None => {
                let then = httpdate::parse_http_date(after).ok()?;
                let now = httpdate::parse_http_date(text(&DATE)?).ok()?;
                then.duration_since(now).unwrap_or_default()
            }
        }
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use hyper::header::{HeaderMap, HeaderValue};
    use proptest::prelude::*;

    use super::{MESSAGE_CHARACTERS_MAX, message, retry_after};

    #[test]
    fn every_usual_shape_is_read() {
        let told: Vec<String> = [
            r#"{"error": {"message": "no such model", "type": "invalid_request_error"}}"#,
            r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
            r#"[{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}]"#,
            r#"{"error": "model not loaded"}"#,
            r#"{"object": "error", "message": "too long", "code": 400}"#,
            r#"{"detail": "Not Found"}"#,
            r#"{"detail": [{"loc": ["body", "messages", 0], "msg": "field required", "input": "氏名は…"}]}"#,
            r#"{"error":{"message":"2 validation errors:\n {'type': 'string_type', 'input': '氏名は…'}"}}"#,
            "<html>\n502 Bad Gateway</html>",
            r#"{"unknown": true}"#,
            "",
        ]
        .iter()
        .map(|body| message(body.as_bytes()))
        .collect();
        expect![[r#"
            [
                "no such model",
                "Overloaded",
                "bad",
                "model not loaded",
                "too long",
                "Not Found",
                "body.messages.0: field required",
                "2 validation errors:  {'type': 'string_type',",
                "<html> 502 Bad Gateway</html>",
                "",
                "",
            ]
        "#]]
        .assert_debug_eq(&told);
    }

    #[test]
    fn retry_after_in_every_form() {
        let wait = |pairs: &[(&'static str, &'static str)]| {
            let headers: HeaderMap = pairs
                .iter()
                .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
                .collect();
            retry_after(&headers).map(|wait| wait.as_millis())
        };
        assert_eq!(wait(&[("retry-after", "2")]), Some(2000));
        assert_eq!(wait(&[("retry-after", "0.5")]), Some(500));
        assert_eq!(wait(&[("retry-after-ms", "250"), ("retry-after", "2")]), Some(250));
        let date =
            [("date", "Tue, 24 Nov 2026 09:00:00 GMT"), ("retry-after", "Tue, 24 Nov 2026 09:00:07 GMT")];
        assert_eq!(wait(&date), Some(7000));
        assert_eq!(wait(&date[1..]), None);
        assert_eq!(wait(&[("retry-after", "-1")]), None);
        assert_eq!(wait(&[("retry-after", "1e300")]), None);
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[]), None);
    }

    proptest! {
        #[test]
        fn no_body_breaks_the_reader(body in proptest::collection::vec(any::<u8>(), 0..2048)) {
            prop_assert!(message(&body).chars().count() <= MESSAGE_CHARACTERS_MAX + 1);
        }
    }
}
