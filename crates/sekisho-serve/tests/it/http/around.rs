//! Attempts to go around the gate. Each is refused, and somebody can read of it later.

use sekisho_store::Scope;
use serde_json::json;

use super::Listening;
use crate::gate::{Gate, Person};

fn question() -> String {
    json!({ "model": "kokunai", "messages": [{ "role": "user", "content": "x" }] }).to_string()
}

#[tokio::test]
async fn a_picture_by_address_makes_nobody_fetch_it() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    for url in [
        "http://169.254.169.254/latest",
        "https://example.jp/a.png",
        "file:///etc/passwd",
        "DATA:text/html,x",
        " //x",
    ] {
        let body = json!({ "model": "kokunai", "messages": [{ "role": "user", "content": [
            { "type": "text", "text": "何？" }, { "type": "image_url", "image_url": { "url": url } },
        ] }] });
        let reply = gate.post("/v1/chat/completions", &key, &body).await;
        let error = reply.json()["error"].clone();
        assert_eq!(
            (reply.status, &error["param"]),
            (400, &json!("messages[0].content[1].image_url.url")),
            "{url}"
        );
        assert!(reply.header("x-sekisho-record").is_some());
    }
    let body = json!({ "model": "kokunai", "messages": [{ "role": "user", "content": [
        { "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } },
    ] }] });
    let reply = gate.post("/v1/chat/completions", &key, &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    assert_eq!(record.open.unwrap().other["not_judged"], json!(["messages[0].content[0].image_url:image"]));
    assert_eq!(gate.gate.kokunai.asks().len(), 1);
}

#[tokio::test]
async fn two_credentials_or_two_labels_are_none() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    let twice = format!("authorization: Bearer {key}\r\n");
    assert_eq!(gate.post_with("/v1/chat/completions", &key, &twice, &question()).await.status, 401);
    let labels = "x-sekisho-label: 1\r\nx-sekisho-label: 2\r\n";
    assert_eq!(gate.post_with("/v1/chat/completions", &key, labels, &question()).await.status, 400);
    let mut body: serde_json::Value = serde_json::from_str(&question()).unwrap();
    body["sekisho"] = json!({ "label": "1" });
    let reply =
        gate.post_with("/v1/chat/completions", &key, "x-sekisho-label: 2\r\n", &body.to_string()).await;
    assert_eq!(reply.json()["error"]["param"], "sekisho.label");
}

#[tokio::test]
async fn smuggled_requests_do_not_get_in() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    let inner = format!("GET /v1/models HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {key}\r\n\r\n");
    for head in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "content-length: 5\r\ncontent-length: 6\r\n",
        "transfer-encoding: xchunked\r\n",
        "content-length: +5\r\n",
        " content-length: 5\r\n",
    ] {
        let request =
            format!("POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\n{head}\r\n0\r\n\r\n{inner}");
        let reply = gate.raw(request.as_bytes()).await;
        assert!(matches!(reply.status, 400 | 401 | 0), "{head}: {reply:?}");
        assert!(!reply.body.contains("\"object\":\"list\""), "{head}: {reply:?}");
    }
}

#[tokio::test]
async fn paths_are_taken_as_they_are_written() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    for path in [
        "/v1/../metrics",
        "//metrics",
        "/v1/models/../../metrics",
        "/v1/%63hat/completions",
        "/v1/chat/completions/",
    ] {
        let reply = gate.get(path, &key).await;
        assert_eq!(reply.status, 404, "{path}: {reply:?}");
    }
}

#[tokio::test]
async fn a_key_opens_what_it_is_for_and_no_longer_than_it_is_for() {
    let gate = Gate::new();
    let scope = Scope {
        label: Some("1".into()),
        models: Some(vec!["kokunai".into()]),
        purposes: Some(vec!["窓口".into(), "審査".into()]),
        ..Scope::default()
    };
    let key = gate.person(Person { scope, ..Person::default() });
    let gate = Listening::new(gate).await;
    let purpose = "x-sekisho-purpose: %E7%AA%93%E5%8F%A3\r\n";
    assert_eq!(gate.post_with("/v1/chat/completions", &key, purpose, &question()).await.status, 200);
    assert_eq!(gate.post_with("/v1/chat/completions", &key, "", &question()).await.status, 403);
    let other = question().replace("kokunai", "chonai");
    assert_eq!(gate.post_with("/v1/chat/completions", &key, purpose, &other).await.status, 404);
    // A group that somebody is not in is nobody's to charge.
    let tenant = format!("{purpose}x-sekisho-tenant: kansa\r\n");
    assert_eq!(gate.post_with("/v1/chat/completions", &key, &tenant, &question()).await.status, 403);

    // A key for one purpose says it for clients that cannot.
    let scope = Scope { label: Some("1".into()), purposes: Some(vec!["窓口".into()]), ..Scope::default() };
    let one = gate.gate.person(Person { name: "madoguchi", scope, ..Person::default() });
    let reply = gate.post_with("/v1/chat/completions", &one, "", &question()).await;
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    assert_eq!(record.open.unwrap().purpose.as_deref(), Some("窓口"));

    let keys = gate.gate.store.keys(None);
    let id = keys.iter().find(|known| known.scope.models.is_some()).unwrap().id;
    gate.gate.store.revoke_key(id).unwrap();
    assert_eq!(gate.post_with("/v1/chat/completions", &key, purpose, &question()).await.status, 401);
}

#[tokio::test]
async fn nothing_hides_beside_the_messages() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    let secret = "連絡先は taro@example.jp です";
    let base = json!({ "model": "kokunai", "messages": [{ "role": "user", "content": "x" }] });
    let with = |member: &str, value: serde_json::Value| {
        let mut body = base.clone();
        body[member] = value;
        body
    };
    // Members with names that look harmless, at any depth.
    for body in [
        with("id", json!(secret)),
        with("metadata", json!({ "detail": [{ "type": secret }] })),
        with("tool_choice", json!({ "type": "function", "function": { "name": secret } })),
        with(
            "tools",
            json!([{ "type": "function", "function": { "name": "f", "parameters": {
            "properties": { "id": { "type": "string", "description": secret } } } } }]),
        ),
    ] {
        let reply = gate.post("/v1/chat/completions", &key, &body).await;
        assert_eq!(reply.status, 200, "{body}: {reply:?}");
    }
    // A name cannot be masked, so it is refused.
    let named = json!([{ "type": "function", "function": { "name": "taro@example.jp", "parameters": {} } }]);
    let reply = gate.post("/v1/chat/completions", &key, &with("tools", named)).await;
    let error = reply.json()["error"].clone();
    let told = (&error["sekisho"]["code"], &error["sekisho"]["param"]);
    assert_eq!(told, (&json!("SK0205"), &json!("tools[0].function.name")), "{error}");
    let asked = gate.gate.kokunai.asks();
    assert_eq!(asked.len(), 4);
    assert!(!format!("{asked:?}").contains("taro"), "{asked:?}");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_or_cut_and_never_lost() {
    let gate = Gate::new();
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    let mut body: serde_json::Value = serde_json::from_str(&question()).unwrap();
    for id in ["", "a\nb", &"x".repeat(300)] {
        body["sekisho"] = json!({ "label": "2", "documents": [{ "id": id, "label": "1" }] });
        let reply = gate.post("/v1/chat/completions", &key, &body).await;
        assert_eq!(reply.json()["error"]["param"], "sekisho.documents", "{reply:?}");
        assert!(reply.header("x-sekisho-record").is_some());
    }
    let long = json!({ "model": "kokunai", "prompt": vec![1_u32; 1_200_000], "max_tokens": 1 });
    let reply = gate.post("/v1/completions", &key, &long).await;
    let record = gate.gate.record(reply.header("x-sekisho-record").unwrap());
    let open = record.open.unwrap();
    assert_eq!(open.input.unwrap().0.len(), 2 << 20);
    assert_eq!(open.other["input_bytes"], 2_400_001);
}
