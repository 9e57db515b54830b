//! Answers that flow.

use std::time::Duration;

use sekisho_audit::record::Outcome;
use sekisho_llm::scripted::{Fault, Pace, Rule, Script};
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, io::AsyncWriteExt, net::TcpStream};

use super::{Listening, post_bytes, read};
use crate::gate::{Gate, Person, world};

fn question(text: &str) -> Value {
    json!({ "model": "kokunai", "stream": true, "messages": [{ "role": "user", "content": text }] })
}

fn says(text: &str, chunk_chars: usize) -> Script {
    let pace =
        Pace { first_byte: Duration::ZERO, chunk: Duration::ZERO, jitter: Duration::ZERO, chunk_chars };
    Script::new([Rule::text(text).pace(pace)])
}

async fn gate(script: Script) -> (Listening, String) {
    let gate = Gate::with(script);
    let key = gate.person(Person::default());
    (Listening::new(gate).await, key)
}

#[tokio::test]
async fn a_stream_says_the_same_as_a_whole_answer() {
    let text = "市民課の窓口は午前8時半からです。持ち物は本人確認書類です。";
    for chunk_chars in [1, 3, 100] {
        let (gate, key) = gate(says(text, chunk_chars)).await;
        let reply = gate.post("/v1/chat/completions", &key, &question("x")).await;
        assert_eq!(reply.streamed(0), text);
        assert!(reply.body.ends_with("data: [DONE]\n\n"), "{reply:?}");
        let events = reply.events();
        assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
        let names_of = |event: &Value| (event["id"].clone(), event["created"].clone());
        assert!(events.iter().all(|event| names_of(event) == names_of(&events[0])), "{reply:?}");
        assert_eq!(events.last().unwrap()["choices"][0]["finish_reason"], "stop");
        assert!(events.iter().all(|event| event["usage"].is_null()), "usage was not asked for");
        let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
        let close = record.close.unwrap();
        assert_eq!((close.outcome, close.output.unwrap().0.as_str()), (Outcome::Answered, text));
        assert!(close.completion_tokens.unwrap() > 0);
    }
}

#[tokio::test]
async fn usage_comes_last_and_without_choices_where_it_is_asked_for() {
    let (gate, key) = gate(says("はい", 1)).await;
    let mut body = question("x");
    body["stream_options"] = json!({ "include_usage": true });
    let reply = gate.post("/v1/chat/completions", &key, &body).await;
    let events = reply.events();
    let last = events.last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert!(last["usage"]["completion_tokens"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn what_the_model_lets_slip_is_masked_wherever_the_stream_is_cut() {
    let text = "担当は taro@example.jp です。個人番号は123456789018です。";
    for chunk_chars in 1..=12 {
        let (gate, key) = gate(says(text, chunk_chars)).await;
        let reply = gate.post("/v1/chat/completions", &key, &question("x")).await;
        assert_eq!(reply.streamed(0), "担当は [EMAIL] です。個人番号は[MY_NUMBER]です。", "{chunk_chars}");
    }
}

#[tokio::test]
async fn what_must_not_come_out_ends_the_stream() {
    let text = "鍵は AKIAIOSFODNN7EXAMPLQ と wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY です。以上です。";
    let (gate, key) = gate(says(text, 2)).await;
    let reply = gate.post("/v1/chat/completions", &key, &question("x")).await;
    let text = reply.streamed(0);
    assert!(!reply.body.contains("AKIA"), "{reply:?}");
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    let close = record.close.unwrap();
    if close.outcome == Outcome::Refused {
        let events = reply.events();
        let choice = &events.last().unwrap()["choices"][0];
        assert_eq!(
            (&choice["finish_reason"], &choice["sekisho"]["code"]),
            (&json!("content_filter"), &json!("SK0205"))
        );
        assert!(!text.contains("以上"));
    } else {
        assert!(text.contains("[SECRET]"), "{text}");
    }
}

#[tokio::test]
async fn log_probabilities_come_only_with_a_text_that_stays_as_it_is() {
    for (text, has_logprobs) in [("天気は晴れです。", true), ("担当は taro@example.jp です。", false)]
    {
        let (gate, key) = gate(says(text, 3)).await;
        let mut body = question("x");
        body["logprobs"] = json!(true);
        let reply = gate.post("/v1/chat/completions", &key, &body).await;
        let events = reply.events();
        let some = events.iter().any(|event| event["choices"][0]["logprobs"].is_object());
        assert_eq!(some, has_logprobs, "{reply:?}");
        assert!(!reply.body.contains("taro"));
    }
}

#[tokio::test]
async fn completions_flow_too() {
    let (gate, key) = gate(says("昔々、あるところに", 2)).await;
    let body = json!({ "model": "kokunai", "stream": true, "prompt": "むかし" });
    let reply = gate.post("/v1/completions", &key, &body).await;
    assert_eq!(reply.streamed(0), "昔々、あるところに", "{reply:?}");
}

#[tokio::test]
async fn a_stream_that_breaks_says_so_and_is_recorded() {
    let rule = Rule {
        fault: Some(Fault::Drop { after: Some(3) }),
        ..Rule::text("長い長い長い長い答えです。")
    };
    let (gate, key) = gate(Script::new([rule])).await;
    let reply = gate.post("/v1/chat/completions", &key, &question("x")).await;
    let events = reply.events();
    assert_eq!(events.last().map(|event| &event["error"]["code"]), Some(&json!("SK0602")), "{reply:?}");
    assert!(!reply.body.contains("[DONE]"));
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    assert_eq!(record.close.unwrap().outcome, Outcome::Failed);
}

#[tokio::test]
async fn who_goes_away_is_recorded_and_the_upstream_is_told() {
    let pace = Pace {
        first_byte: Duration::ZERO,
        chunk: Duration::from_millis(50),
        jitter: Duration::ZERO,
        chunk_chars: 1,
    };
    let (gate, key) = gate(Script::new([Rule::text("とても長い話です。".repeat(50)).pace(pace)])).await;
    let mut socket = TcpStream::connect(gate.address).await.unwrap();
    let body = question("x").to_string();
    socket.write_all(post_bytes("/v1/chat/completions", &key, "", &body).as_bytes()).await.unwrap();
    let mut head = vec![0; 65536];
    let mut length = 0;
    // One character comes with each part.
    while String::from_utf8_lossy(&head[..length]).matches("\"content\":\"").count() < 5 {
        let read = socket.read(&mut head[length..]).await.unwrap();
        assert!(read > 0, "the stream ended early");
        length += read;
    }
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    let record =
        head.lines().find_map(|line| line.strip_prefix("x-sekisho-record: ")).unwrap().trim().to_owned();
    drop(socket);
    let close = tokio::task::spawn_blocking(move || gate.gate.record(&record).close.unwrap()).await.unwrap();
    assert_eq!((close.outcome, close.code.as_deref()), (Outcome::Cancelled, Some("SK0514")));
    assert!(close.output.unwrap().0.starts_with("とても"));
    assert!(close.completion_tokens.unwrap() > 0);
}

/// A gate in the middle of an answer, and the socket on which it flows.
async fn slow_answer(text: &str) -> (Listening, String, TcpStream) {
    let pace = Pace {
        first_byte: Duration::ZERO,
        chunk: Duration::from_millis(20),
        jitter: Duration::ZERO,
        chunk_chars: 1,
    };
    let (gate, key) = gate(Script::new([Rule::text(text).pace(pace)])).await;
    let mut socket = TcpStream::connect(gate.address).await.unwrap();
    let body = question("x").to_string();
    socket.write_all(post_bytes("/v1/chat/completions", &key, "", &body).as_bytes()).await.unwrap();
    while gate.gate.kokunai.asks().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    (gate, key, socket)
}

#[tokio::test]
async fn a_stop_lets_answers_end_and_takes_no_more() {
    let text = "最後まで話します。";
    let (gate, _, mut socket) = slow_answer(text).await;
    gate.stop.send(true).unwrap();
    let reply = read(&mut socket).await;
    assert_eq!(reply.streamed(0), text);
    assert!(reply.body.ends_with("data: [DONE]\n\n"));
    assert_eq!(gate.served.await.unwrap(), 0, "nothing was cut off");
    assert!(TcpStream::connect(gate.address).await.is_err());
}

#[tokio::test]
async fn new_settings_hold_from_the_next_request_on() {
    let text = "前の設定のまま終わります。";
    let (gate, key, mut socket) = slow_answer(text).await;
    let nobody = r#"@id("nobody-asks") forbid (principal, action == Action::"ask", resource);"#;
    gate.gate.gateway.replace_world(world(&gate.gate.chonai, &gate.gate.kokunai, nobody, "2"));
    let reply = gate.post("/v1/chat/completions", &key, &question("x")).await;
    assert_eq!(reply.json()["error"]["sekisho"]["policies"], json!(["nobody-asks"]), "{reply:?}");
    assert_eq!(read(&mut socket).await.streamed(0), text);
}
