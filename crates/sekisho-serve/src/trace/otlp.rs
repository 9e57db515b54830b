//! Spans as OTLP writes them in JSON: ids in hexadecimal digits, whole numbers as strings.

use serde_json::{Value, json};

use super::{Attribute, Kind, Span, parent::Hex};

/// The body of one export.
pub(super) fn body(spans: &[Span]) -> Vec<u8> {
    let spans: Vec<Value> = spans.iter().map(span).collect();
    let version = env!("CARGO_PKG_VERSION");
    let resource =
        [attribute("service.name", &"sekisho".into()), attribute("service.version", &version.into())];
    let body = json!({
        "resourceSpans": [{
            "resource": { "attributes": resource },
            "scopeSpans": [{ "scope": { "name": "sekisho", "version": version }, "spans": spans }],
        }],
    });
    body.to_string().into_bytes()
}

fn span(span: &Span) -> Value {
    let kind = match span.kind {
        Kind::Server => 2,
        Kind::Client => 3,
    };
    let attributes: Vec<Value> = span.attributes.iter().map(|(name, value)| attribute(name, value)).collect();
    let mut written = json!({
        "traceId": Hex(&span.trace).to_string(),
        "spanId": Hex(&span.id).to_string(),
        "name": span.name,
        "kind": kind,
        "startTimeUnixNano": span.start_ns.to_string(),
        "endTimeUnixNano": span.end_ns.to_string(),
        "attributes": attributes,
        "status": if span.has_failed { json!({ "code": 2 }) } else { json!({}) },
    });
    if let Some(parent) = span.parent {
        written["parentSpanId"] = Hex(&parent).to_string().into();
    }
    written
}

fn attribute(name: &str, value: &Attribute) -> Value {
    let value = match value {
        Attribute::Text(text) => json!({ "stringValue": text }),
        Attribute::Number(number) => json!({ "intValue": number.to_string() }),
    };
    json!({ "key": name, "value": value })
}
