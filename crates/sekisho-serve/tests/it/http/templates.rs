//! Prompt templates: approved ones only, values in their places, and what was used in the record.

use sekisho_llm::{
    Request,
    scripted::{Rule, Script},
};
use sekisho_store::{Kind, PrincipalId, PrincipalSpec, TemplateId};
use serde_json::{Value, json};

use super::{Listening, Reply};
use crate::gate::{Gate, Person};

/// A gate with a template, its first version approved and its second a draft; and a key.
async fn gate() -> (Listening, String) {
    let gate = Gate::with(Script::new([Rule::text("はい。")]));
    let key = gate.person(Person::default());
    let store = &gate.store;
    let writer = store.principal("somu-kakariin").unwrap().id;
    let approver = store.add_principal(&PrincipalSpec::new(Kind::User, "shusa")).unwrap();
    let approve = |name: &str, text: &str, by: PrincipalId| {
        let id = store.draft_template(name, text, by).unwrap();
        store.approve_template(&id, 1, approver).unwrap();
    };
    approve("要約", "{{行数}}行で、{{課}}のために要約する。", writer);
    approve("挨拶", "丁寧に。", writer);
    approve("古い", "{{こわれた", writer);
    store.draft_template("要約", "草案 {{行数}}", writer).unwrap();
    (Listening::new(gate).await, key)
}

fn body(template: &Value) -> Value {
    json!({
        "model": "chonai", "sekisho": { "template": template },
        "messages": [{ "role": "system", "content": "利用者の決まり" }, { "role": "user", "content": "x" }],
    })
}

async fn ask(gate: &Listening, key: &str, template: Value) -> Reply {
    gate.post("/v1/chat/completions", key, &body(&template)).await
}

/// The conversation that the model was sent last.
fn sent(gate: &Listening) -> String {
    let asks = gate.gate.chonai.asks();
    let Request::Chat(request) = &*asks.last().expect("it was asked").request else { panic!("not a chat") };
    let text = |message: &sekisho_llm::chat::Message| {
        let content = serde_json::to_value(&message.content).unwrap();
        format!("{}: {}\n", message.role, content.as_str().unwrap())
    };
    request.messages.iter().map(text).collect()
}

#[tokio::test]
async fn values_stand_in_their_places_before_everything_else() {
    let (gate, key) = gate().await;
    let values = json!({ "行数": "3", "課": "{{行数}}総務課 taro@example.jp" });
    let reply = ask(&gate, &key, json!({ "name": "要約", "values": values })).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    // A value brings no places, and is screened like everything else.
    expect_test::expect![[r#"
        system: 3行で、{{行数}}総務課 [EMAIL_1]のために要約する。
        system: 利用者の決まり
        user: x
    "#]]
    .assert_eq(&sent(&gate));
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    assert_eq!(record.open.unwrap().other["template"], "要約@1");

    // By header, with the values in the body; and for the other formats of conversations.
    let header = "x-sekisho-template: %E6%8C%A8%E6%8B%B6@1\r\n";
    let plain = json!({
        "model": "chonai", "max_tokens": 10, "system": "s", "messages": [{ "role": "user", "content": "x" }],
    });
    let reply = gate.post_with("/v1/messages", &key, header, &plain.to_string()).await;
    assert_eq!((reply.status, sent(&gate).as_str()), (200, "system: 丁寧に。\nsystem: s\nuser: x\n"));
    let with_values = body(&json!({ "values": { "行数": "1", "課": "a" } }));
    let header = "x-sekisho-template: %E8%A6%81%E7%B4%84\r\n";
    let reply = gate.post_with("/v1/chat/completions", &key, header, &with_values.to_string()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(sent(&gate).starts_with("system: 1行で、aのために"));
}

#[tokio::test]
async fn what_is_not_approved_or_does_not_fit_is_refused() {
    let (gate, key) = gate().await;
    let mut seen = String::new();
    let both = json!({ "行数": "3", "課": "総務課" });
    for template in [
        json!({ "name": "要約", "version": 2, "values": { "行数": "3" } }),
        json!({ "name": "要約", "version": 0, "values": both }),
        json!({ "name": "無い" }),
        json!({ "name": "古い" }),
        json!({ "name": "要約", "values": { "行数": "3" } }),
        json!({ "name": "要約", "values": { "行数": "3", "課": "a", "係": "b" } }),
        json!({ "name": "要約", "values": { "行数": 3, "課": "a" } }),
        json!({ "name": "挨拶", "values": { "": "" } }),
        json!({ "name": "要約", "values": { "行数": "3", "課": "x".repeat(1 << 20) } }),
        json!({ "values": both }),
        json!({ "name": "挨拶", "valuse": {} }),
    ] {
        let reply = ask(&gate, &key, template).await;
        let error = &reply.json()["error"];
        let ours = &error["sekisho"];
        seen += &format!("{} {} {} {}\n", reply.status, ours["code"], error["param"], ours["template"]);
    }
    expect_test::expect![[r#"
        404 "SK0511" null "要約@2"
        404 "SK0511" null "要約@0"
        404 "SK0511" null "無い"
        404 "SK0511" null "古い@1"
        400 "SK0501" "sekisho.template.values.課" null
        400 "SK0501" "sekisho.template.values.係" null
        400 "SK0501" "sekisho" null
        400 "SK0501" "sekisho.template.values." null
        400 "SK0501" "sekisho.template.values" null
        400 "SK0501" "sekisho.template.name" null
        400 "SK0501" "sekisho" null
    "#]]
    .assert_eq(&seen);
    assert!(gate.gate.chonai.asks().is_empty(), "nothing of it was sent");

    // A version that is retired is gone at once.
    let id = TemplateId { name: "挨拶".to_owned(), version: 1 };
    let who = gate.gate.store.principal("shusa").unwrap().id;
    assert_eq!(ask(&gate, &key, json!({ "name": "挨拶" })).await.status, 200);
    gate.gate.store.retire_template(&id, who).unwrap();
    assert_eq!(ask(&gate, &key, json!({ "name": "挨拶" })).await.status, 404);

    let other = json!({ "model": "chonai", "input": "x", "sekisho": { "template": { "name": "要約" } } });
    let reply = gate.post("/v1/embeddings", &key, &other).await;
    assert_eq!((reply.status, &reply.json()["error"]["code"]), (400, &json!("SK0512")));
    let header = "x-sekisho-template: other\r\n";
    let differs = body(&json!({ "name": "挨拶" })).to_string();
    let reply = gate.post_with("/v1/chat/completions", &key, header, &differs).await;
    assert_eq!((reply.status, &reply.json()["error"]["param"]), (400, &json!("sekisho.template.name")));
}
