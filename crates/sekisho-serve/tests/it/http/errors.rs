//! Every error in the shape that clients read.

use std::time::Duration;

use sekisho_llm::scripted::{Fault, Rule, Script};
use sekisho_serve::http::Limits;
use serde_json::{Value, json};

use super::Listening;
use crate::gate::{Gate, Person};

fn question() -> Value {
    json!({ "model": "kokunai", "messages": [{ "role": "user", "content": "x" }] })
}

#[tokio::test]
async fn bodies_that_cannot_be_taken_say_where_and_why() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    let mut seen = String::new();
    for body in [
        "{",
        "[]",
        r#"{"model":"kokunai"}"#,
        r#"{"model":"kokunai","messages":[]}"#,
        r#"{"model":"kokunai","messages":[{"role":"user","content":7}]}"#,
        r#"{"model":"kokunai","messages":[{"role":"king","content":"x"}]}"#,
        r#"{"model":"kokunai","messages":[{"role":"user","content":"x"}],"temperature":9}"#,
        r#"{"model":"kokunai","messages":[{"role":"user","content":"x"}],"n":0}"#,
        r#"{"model":"kokunai","messages":[{"role":"user","content":"x"}],"max_tokens":5000}"#,
        r#"{"model":"kokunai","messages":[{"role":"user","content":"x"}],"stream_options":{}}"#,
        r#"{"model":"kokunai","messages":[{"role":"user","content":"x"}],"sekisho":{"labl":"2"}}"#,
        r#"{"model":"kokunai","messages":[{"role":"user","content":"x"}],"sekisho":{"label":"極秘"}}"#,
        r#"{"model":"none","messages":[{"role":"user","content":"x"}]}"#,
    ] {
        let reply = gate.post_with("/v1/chat/completions", &key, "", body).await;
        let error = &reply.json()["error"];
        seen += &format!("{} {} {} {}\n", reply.status, error["type"], error["param"], error["code"]);
    }
    expect_test::expect![[r#"
        400 "invalid_request_error" null "SK0501"
        400 "invalid_request_error" null "SK0501"
        400 "invalid_request_error" null "SK0501"
        400 "invalid_request_error" "messages" "SK0501"
        400 "invalid_request_error" "messages[0].content" "SK0501"
        400 "invalid_request_error" "messages[0].role" "SK0501"
        400 "invalid_request_error" "temperature" "SK0501"
        400 "invalid_request_error" "n" "SK0501"
        400 "invalid_request_error" "max_tokens" "SK0501"
        400 "invalid_request_error" "stream_options" "SK0501"
        400 "invalid_request_error" "sekisho" "SK0501"
        403 "permission_error" null "SK0507"
        404 "invalid_request_error" null "model_not_found"
    "#]]
    .assert_eq(&seen);
}

#[tokio::test]
async fn who_is_nobody_gets_no_reason() {
    let gate = Listening::new(Gate::new()).await;
    for key in
        ["", "sk_none", "Bearer", "sk_aaaaaaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
    {
        let reply = gate.post("/v1/chat/completions", key, &question()).await;
        assert_eq!(reply.status, 401, "{key}");
        let error = reply.json()["error"].clone();
        assert_eq!(
            (&error["code"], &error["type"]),
            (&json!("invalid_api_key"), &json!("authentication_error"))
        );
        assert!(error["sekisho"]["reason"].is_null(), "{error}");
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there() {
    let gate = Listening::new(Gate::new()).await;
    for (method, path) in
        [("GET", "/"), ("POST", "/v1/chat"), ("GET", "/v1/chat/completions"), ("DELETE", "/v1/models")]
    {
        let request = format!("{method} {path} HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n\r\n");
        let reply = gate.raw(request.as_bytes()).await;
        assert_eq!(reply.json()["error"]["code"], "SK0502", "{method} {path}");
        assert_eq!(reply.status, 404);
    }
}

#[tokio::test]
async fn the_language_is_that_of_the_reader() {
    let gate = Listening::new(Gate::new()).await;
    for (accepted, said) in [("", "SK0504 Ja"), ("en-US,ja;q=0.5", "SK0504 En"), ("fr, ja", "SK0504 Ja")] {
        let header = format!("accept-language: {accepted}\r\n");
        let reply = gate.post_with("/v1/chat/completions", "no", &header, &question().to_string()).await;
        assert_eq!(reply.json()["error"]["message"], said);
    }
}

#[tokio::test]
async fn large_packed_and_slow_bodies_are_refused() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let limits = Limits {
        request_body_bytes_max: 10_000,
        body_timeout: Duration::from_millis(300),
        header_timeout: Duration::from_millis(300),
        ..Limits::default()
    };
    let gate = Listening::limited(gate, limits).await;
    let large =
        json!({ "model": "kokunai", "messages": [{ "role": "user", "content": "x".repeat(20_000) }] });
    let reply = gate.post("/v1/chat/completions", &key, &large).await;
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (413, &json!("SK0503")));

    // Without a length, in pieces.
    let piece = format!("2710\r\n{}\r\n", "x".repeat(10_000));
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n{piece}{piece}0\r\n\r\n"
    );
    assert_eq!(gate.raw(request.as_bytes()).await.status, 413);

    let reply = gate
        .post_with("/v1/chat/completions", &key, "content-encoding: gzip\r\n", &question().to_string())
        .await;
    assert_eq!((reply.status, &reply.json()["error"]["param"]), (415, &json!("content-encoding")));

    let slow = "POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\ncontent-length: 10\r\nconnection: close\r\n\r\n{";
    assert_eq!(gate.raw(slow.as_bytes()).await.status, 408);
    let never = gate.raw(b"POST /v1/chat/completions HTTP/1.1\r\nhost: ga").await;
    assert!(matches!(never.status, 0 | 408), "{never:?}");
}

#[tokio::test]
async fn limits_say_when_to_come_again() {
    let gate = Gate::new();
    let key = gate.person(Person { tokens_per_month: Some(1100), ..Person::default() });
    let gate = Listening::new(gate).await;
    let small =
        json!({ "model": "kokunai", "max_tokens": 1000, "messages": [{ "role": "user", "content": "x" }] });
    assert_eq!(gate.post("/v1/chat/completions", &key, &small).await.status, 200);
    let reply = gate.post("/v1/chat/completions", &key, &question()).await;
    // The first has used few of its thousand tokens, and the rest was given back.
    assert_eq!(reply.status, 200, "{reply:?}");
    let many = json!({ "model": "kokunai", "max_tokens": 1000, "n": 2, "messages": [{ "role": "user", "content": "x" }] });
    let reply = gate.post("/v1/chat/completions", &key, &many).await;
    let error = reply.json()["error"].clone();
    assert_eq!((reply.status, &error["code"]), (429, &json!("insufficient_quota")), "{error}");
}

#[tokio::test]
async fn a_fault_of_the_upstream_is_told_as_such_and_recorded() {
    for (fault, status, code) in [
        (Rule::status(500, None), 502, "SK0601"),
        (Rule::status(400, None), 400, "SK0601"),
        (Rule::status(429, Some(Duration::from_secs(7))), 429, "SK0601"),
        (Rule::fault(Fault::Malformed { after: None }), 502, "SK0604"),
        (Rule::fault(Fault::Unreachable), 503, "SK0602"),
    ] {
        let gate = Gate::with(Script::new([fault]));
        let key = gate.person(Person::default());
        let gate = Listening::new(gate).await;
        let reply = gate.post("/v1/chat/completions", &key, &question()).await;
        assert_eq!((reply.status, &reply.json()["error"]["code"]), (status, &json!(code)), "{reply:?}");
        assert_eq!(reply.header("retry-after"), (status == 429).then_some("7"));
        let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
        let close = record.close.unwrap();
        assert_eq!(close.code.as_deref(), Some(code));
        // Nothing was used, so nothing is booked.
        assert_eq!(close.cost_yen, None);
    }
}
