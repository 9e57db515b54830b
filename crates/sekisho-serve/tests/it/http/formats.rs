//! The formats of other houses, through the same stages.

use sekisho_llm::scripted::{Rule, Script};
use serde_json::{Value, json};

use super::{Listening, Reply};
use crate::gate::{Gate, Person};

async fn gate(script: Script) -> (Listening, String) {
    let gate = Gate::with(script);
    let key = gate.person(Person::default());
    (Listening::new(gate).await, key)
}

async fn messages(gate: &Listening, key: &str, body: &Value) -> Reply {
    let body = body.to_string();
    let request = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: gate\r\nx-api-key: {key}\r\nanthropic-version: 2023-06-01\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    gate.raw(request.as_bytes()).await
}

/// Names of the events of a stream.
fn names(reply: &Reply) -> Vec<&str> {
    reply.body.lines().filter_map(|line| line.strip_prefix("event: ")).collect()
}

#[tokio::test]
async fn anthropic_messages_pass_the_same_stages() {
    let (gate, key) = gate(Script::new([Rule::text("連絡は {last_user} です。")])).await;
    let body = json!({
        "model": "kokunai", "max_tokens": 100,
        "messages": [{ "role": "user", "content": "taro@example.jp" }],
    });
    let reply = messages(&gate, &key, &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let answer = reply.json();
    assert_eq!((&answer["type"], &answer["stop_reason"]), (&json!("message"), &json!("end_turn")));
    assert_eq!(answer["content"][0]["text"], "連絡は taro@example.jp です。");
    // The model saw a mask, and nothing else.
    let asked = format!("{:?}", gate.gate.kokunai.asks()[0].request);
    assert!(asked.contains("[EMAIL_1]") && !asked.contains("taro"), "{asked}");
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    assert_eq!(record.open.unwrap().other["format"], "anthropic.messages");
}

#[tokio::test]
async fn anthropic_streams_end_as_the_format_ends() {
    let (gate, key) = gate(Script::new([Rule::text("はい、そうです。")])).await;
    let body = json!({
        "model": "kokunai", "max_tokens": 100, "stream": true,
        "messages": [{ "role": "user", "content": "x" }],
    });
    let reply = messages(&gate, &key, &body).await;
    let names = names(&reply);
    assert_eq!((names.first(), names.last()), (Some(&"message_start"), Some(&"message_stop")), "{reply:?}");
    let text: String = reply
        .events()
        .iter()
        .filter_map(|event| event["delta"]["text"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(text, "はい、そうです。");
}

#[tokio::test]
async fn anthropic_clients_get_errors_in_their_shape() {
    let (gate, key) = gate(Script::default()).await;
    let reply = messages(
        &gate,
        "nobody",
        &json!({ "model": "kokunai", "max_tokens": 1, "messages": [{ "role": "user", "content": "x" }] }),
    )
    .await;
    assert_eq!(reply.status, 401);
    assert_eq!(
        (&reply.json()["type"], &reply.json()["error"]["type"]),
        (&json!("error"), &json!("authentication_error"))
    );
    let reply = messages(&gate, &key, &json!({ "model": "kokunai", "messages": [] })).await;
    assert_eq!(
        (reply.status, &reply.json()["error"]["type"]),
        (400, &json!("invalid_request_error")),
        "{reply:?}"
    );
}

#[tokio::test]
async fn openai_responses_pass_the_same_stages() {
    let (gate, key) = gate(Script::new([Rule::text("「{last_user}」ですね。")])).await;
    let body = json!({ "model": "kokunai", "input": "ごみの日は？", "instructions": "短く" });
    let reply = gate.post("/v1/responses", &key, &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let answer = reply.json();
    assert_eq!((&answer["object"], &answer["status"]), (&json!("response"), &json!("completed")));
    assert_eq!(answer["output"][0]["content"][0]["text"], "「ごみの日は？」ですね。");

    let mut streamed = body.clone();
    streamed["stream"] = json!(true);
    let reply = gate.post("/v1/responses", &key, &streamed).await;
    let names = names(&reply);
    assert_eq!(
        (names.first(), names.last()),
        (Some(&"response.created"), Some(&"response.completed")),
        "{reply:?}"
    );

    let mut stored = body;
    stored["previous_response_id"] = json!("resp_1");
    let reply = gate.post("/v1/responses", &key, &stored).await;
    assert_eq!(reply.status, 400, "{reply:?}");
}
