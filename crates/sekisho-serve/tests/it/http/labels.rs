//! Labels: raised by anything, lowered by nothing; and where what may go.

use sekisho_store::Scope;
use serde_json::{Value, json};

use super::{Listening, Reply};
use crate::gate::{Gate, Person};

async fn ask(gate: &Listening, key: &str, model: &str, label: Option<&str>, text: &str) -> Reply {
    let header = label.map(|label| format!("x-sekisho-label: {label}\r\n")).unwrap_or_default();
    let body = json!({ "model": model, "messages": [{ "role": "user", "content": text }] });
    gate.post_with("/v1/chat/completions", key, &header, &body.to_string()).await
}

fn unlabelled() -> Person<'static> {
    Person { scope: Scope::default(), ..Person::default() }
}

fn upstream(gate: &Listening, reply: &Reply) -> String {
    let record = gate.gate.record(reply.header("x-sekisho-record").expect("every end is recorded"));
    record.close.unwrap().other.get("upstream").and_then(Value::as_str).unwrap_or("-").to_owned()
}

#[tokio::test]
async fn a_request_goes_where_the_clearance_covers_its_label_and_nowhere_else() {
    let gate = Gate::new();
    let key = gate.person(unlabelled());
    let gate = Listening::new(gate).await;
    let mut seen = String::new();
    for (model, label) in [
        ("kokunai", Some("1")),
        ("kokunai", Some("2")),
        ("kokunai", Some("3C")),
        ("kokunai", Some("3B")),
        ("kokunai", Some("3A")),
        ("kokunai", None),
        ("jinji", None),
        ("jinji", Some("3A")),
        ("jinji", Some("1")),
    ] {
        let reply = ask(&gate, &key, model, label, "x").await;
        let code =
            if reply.status == 200 { String::new() } else { reply.json()["error"]["code"].to_string() };
        seen += &format!(
            "{model} {} -> {} {} {code}\n",
            label.unwrap_or("none"),
            reply.header("x-sekisho-label").unwrap_or("-"),
            upstream(&gate, &reply)
        );
    }
    expect_test::expect![[r#"
        kokunai 1 -> 1 kokunai 
        kokunai 2 -> 2 kokunai 
        kokunai 3C -> 3C chonai 
        kokunai 3B -> 3B chonai 
        kokunai 3A -> - - "SK0507"
        kokunai none -> - - "SK0507"
        jinji none -> 3B chonai 
        jinji 3A -> - - "SK0507"
        jinji 1 -> - - "SK0508"
    "#]]
    .assert_eq(&seen);
}

#[tokio::test]
async fn what_stands_in_a_text_raises_its_label() {
    let gate = Gate::new();
    let key = gate.person(unlabelled());
    let gate = Listening::new(gate).await;
    let text = "【自治体機密性3B】\n人事異動の案です。";
    let reply = ask(&gate, &key, "kokunai", Some("1"), text).await;
    assert_eq!((reply.header("x-sekisho-label"), upstream(&gate, &reply).as_str()), (Some("3B"), "chonai"));
    assert_eq!(gate.gate.kokunai.asks().len(), 0);
}

#[tokio::test]
async fn documents_raise_the_label_and_stand_in_the_record() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    let body = |documents: Value| {
        json!({
            "model": "kokunai", "messages": [{ "role": "user", "content": "x" }],
            "sekisho": { "label": "1", "documents": documents },
        })
    };
    let reply = gate
        .post(
            "/v1/chat/completions",
            &key,
            &body(json!([{ "id": "reiki-12", "label": "2" }, { "id": "jinji-3", "label": "3B" }])),
        )
        .await;
    assert_eq!(reply.header("x-sekisho-label"), Some("3B"), "{reply:?}");
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    assert_eq!(record.open.unwrap().sources, ["reiki-12", "jinji-3"]);
    // A document without a label is as secret as can be.
    let reply = gate.post("/v1/chat/completions", &key, &body(json!([{ "id": "unknown" }]))).await;
    assert_eq!(reply.json()["error"]["code"], "SK0507", "{reply:?}");
}

#[tokio::test]
async fn a_ceiling_holds_for_principal_and_key() {
    let gate = Gate::new();
    let low = Scope { label: Some("1".into()), ..Scope::default() };
    let vendor =
        gate.person(Person { name: "vendor-dev", scope: low, label_max: Some("1"), ..Person::default() });
    let scope = Scope { label_max: Some("2".into()), ..Scope::default() };
    let clerk = gate.person(Person { name: "koho-kakariin", scope, ..Person::default() });
    let gate = Listening::new(gate).await;
    assert_eq!(ask(&gate, &vendor, "kokunai", None, "x").await.status, 200);
    for (key, label, text) in [
        (&vendor, Some("2"), "x"),
        (&vendor, None, "【機密性3】\n案です。"),
        (&clerk, Some("3C"), "x"),
        (&clerk, None, "x"),
    ] {
        let reply = ask(&gate, key, "chonai", label, text).await;
        assert_eq!(
            (reply.status, &reply.json()["error"]["code"]),
            (403, &json!("SK0505")),
            "{label:?} {text}"
        );
    }
    assert_eq!(gate.gate.chonai.asks().len(), 0);
}

#[tokio::test]
async fn the_policy_decides_who_may_use_which_tool() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    // As a function, and as a kind of tool of its own.
    let tools = [
        json!({ "type": "function", "function": { "name": "delete", "parameters": {} } }),
        json!({ "type": "delete" }),
    ];
    for tool in tools {
        let body = json!({
            "model": "kokunai", "messages": [{ "role": "user", "content": "x" }], "tools": [tool],
        });
        let reply = gate.post("/v1/chat/completions", &key, &body).await;
        let error = reply.json()["error"].clone();
        assert_eq!(
            (&error["code"], &error["sekisho"]["policies"]),
            (&json!("SK0505"), &json!(["nobody-deletes"])),
            "{error}"
        );
    }
}
