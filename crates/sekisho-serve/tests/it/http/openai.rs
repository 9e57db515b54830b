//! What works, format by format.

use expect_test::expect;
use sekisho_llm::scripted::{Rule, Script};
use serde_json::json;

use super::Listening;
use crate::gate::{Gate, Person};

async fn gate() -> (Listening, String) {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    (Listening::new(gate).await, key)
}

#[tokio::test]
async fn a_question_is_answered_and_recorded() {
    let (gate, key) = gate().await;
    let question =
        json!({ "model": "kokunai", "messages": [{ "role": "user", "content": "住民票の取り方は？" }] });
    let reply = gate.post("/v1/chat/completions", &key, &question).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let answer = reply.json();
    assert_eq!(answer["choices"][0]["message"]["content"], "「住民票の取り方は？」ですね。");
    assert_eq!(answer["model"], "kokunai");
    assert_eq!(reply.header("x-sekisho-label"), Some("2"));
    assert!(reply.header("x-request-id").is_some());
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    let seen = json!({
        "principal": record.open.as_ref().map(|open| &open.principal),
        "model": record.open.as_ref().and_then(|open| open.model.as_ref()),
        "upstream": record.open.as_ref().and_then(|open| open.upstream.as_ref()),
        "label": record.open.as_ref().and_then(|open| open.label.as_ref()),
        "outcome": record.close.as_ref().map(|close| close.outcome),
        "output": record.close.as_ref().and_then(|close| close.output.as_ref()).map(|text| &text.0),
        "policies": record.open.as_ref().map(|open| &open.other["policies"]),
    });
    expect![[r#"
        {
          "principal": "somu-kakariin",
          "model": "kokunai",
          "upstream": "kokunai",
          "label": "2",
          "outcome": "answered",
          "output": "「住民票の取り方は？」ですね。",
          "policies": [
            "everybody-asks"
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&seen).unwrap());
}

#[tokio::test]
async fn what_the_gate_does_not_know_travels_on() {
    let (gate, key) = gate().await;
    let question = json!({
        "model": "kokunai",
        "messages": [{ "role": "user", "content": "x", "name": "a" }],
        "chat_template_kwargs": { "enable_thinking": false },
        "sekisho": { "purpose": "窓口" },
    });
    let reply = gate.post("/v1/chat/completions", &key, &question).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let asked = gate.gate.kokunai.asks();
    let sekisho_llm::Request::Chat(asked) = &*asked[0].request else { panic!("a chat") };
    assert_eq!(asked.other["chat_template_kwargs"]["enable_thinking"], false);
    assert_eq!(asked.messages[0].other["name"], "a");
    assert!(!asked.other.contains_key("sekisho"));
    assert_eq!(asked.model, "scripted");
    // An answer without a bound would be one without a budget.
    assert_eq!(asked.max_tokens, Some(1000));
}

#[tokio::test]
async fn every_other_request_passes_too() {
    let (gate, key) = gate().await;
    let completion =
        json!({ "model": "kokunai", "prompt": "むかし", "max_tokens": 0, "echo": true, "logprobs": 1 });
    let reply = gate.post("/v1/completions", &key, &completion).await;
    assert_eq!((reply.status, &reply.json()["choices"][0]["text"]), (200, &json!("むかし")), "{reply:?}");
    assert!(reply.json()["choices"][0]["logprobs"]["token_logprobs"].is_array(), "{reply:?}");

    let embedding = json!({ "model": "kokunai", "input": ["一", "二"], "dimensions": 4 });
    let reply = gate.post("/v1/embeddings", &key, &embedding).await;
    assert_eq!(reply.json()["data"][1]["embedding"].as_array().map(Vec::len), Some(4), "{reply:?}");

    let rerank = json!({ "model": "kokunai", "query": "ごみ", "documents": ["ごみの日", "税"], "top_n": 1 });
    let reply = gate.post("/v1/rerank", &key, &rerank).await;
    assert_eq!(reply.json()["results"][0]["index"], 0, "{reply:?}");

    let reply = gate.post("/tokenize", &key, &json!({ "model": "kokunai", "prompt": "あ" })).await;
    let tokens = reply.json()["tokens"].clone();
    let reply = gate.post("/detokenize", &key, &json!({ "model": "kokunai", "tokens": tokens })).await;
    assert_eq!(reply.json()["prompt"], "あ", "{reply:?}");
}

#[tokio::test]
async fn models_are_those_of_the_key() {
    let (gate, key) = gate().await;
    let reply = gate.get("/v1/models", &key).await;
    let models: Vec<_> =
        reply.json()["data"].as_array().unwrap().iter().map(|model| model["id"].clone()).collect();
    assert_eq!(models, ["chonai", "jinji", "kokunai"]);
    assert_eq!(gate.get("/v1/models/chonai", &key).await.json()["id"], "chonai");
    assert_eq!(gate.get("/v1/models/none", &key).await.status, 404);
    assert_eq!(gate.get("/v1/models", "nobody").await.status, 401);
}

#[tokio::test]
async fn personal_data_is_masked_for_the_model_and_put_back_for_the_reader() {
    let (gate, key) = gate().await;
    let text = "連絡先は taro@example.jp です。";
    let question = json!({ "model": "kokunai", "messages": [{ "role": "user", "content": text }] });
    let reply = gate.post("/v1/chat/completions", &key, &question).await;
    assert_eq!(
        reply.json()["choices"][0]["message"]["content"],
        "「連絡先は taro@example.jp です。」ですね。"
    );
    let asked = gate.gate.kokunai.asks();
    let asked = format!("{:?}", asked[0].request);
    assert!(asked.contains("[EMAIL_1]") && !asked.contains("taro"), "{asked}");
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    assert_eq!(record.open.as_ref().unwrap().verdict, Some(sekisho_audit::record::Verdict::Mask));
}

#[tokio::test]
async fn several_answers_and_tool_calls_come_through() {
    let script = Script::new([Rule::call("search", r#"{"q":"ごみ"}"#)]);
    let gate = Gate::with(script);
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    let question = json!({
        "model": "kokunai", "n": 2,
        "messages": [{ "role": "user", "content": "x" }],
        "tools": [{ "type": "function", "function": { "name": "search", "parameters": { "type": "object" } } }],
    });
    let reply = gate.post("/v1/chat/completions", &key, &question).await;
    let answer = reply.json();
    assert_eq!(answer["choices"].as_array().map(Vec::len), Some(2), "{answer}");
    assert_eq!(answer["choices"][1]["message"]["tool_calls"][0]["function"]["name"], "search");
}
