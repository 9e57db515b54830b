//! What each kind of provider is sent, and what its documented answers become. A new provider starts here: its golden
//! files are under `testdata/wire/<preset>/`.

use std::path::PathBuf;

use expect_test::expect_file;
use sekisho_llm::{
    Ask, Provider, Request, chat,
    upstream::{AuthFile, File, Secret, Upstream, presets},
};
use serde_json::json;

use crate::server::{Act, Server, ask_for, hello, outcome};

const PAIR: &str = "00000000-1111-4222-8333-444444444444:test-secret";

fn folder(id: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/wire")).join(id)
}

/// An upstream of a preset, with the test server in the place of its host.
fn upstream(id: &str, server: &Server) -> Upstream {
    let preset = presets().iter().find(|preset| preset.id == id).expect("a preset");
    let path = preset.base_url.as_deref().map_or("/v1", |url| &url[url.find("://").expect("a scheme") + 3..]);
    let path = path.find('/').map_or("", |start| &path[start..]);
    let file = File {
        name: id.to_owned(),
        preset: Some(id.to_owned()),
        base_url: Some(format!("http://127.0.0.1:{}{path}", server.port)),
        plain_http: true,
        models: [("sarashina".to_owned(), "their-name".to_owned())].into(),
        ..File::default()
    };
    let key = if preset.auth == AuthFile::None { None } else { Some(Secret::new(PAIR.to_owned())) };
    Upstream::new(file.settle(key, None).expect("settled")).expect("set up")
}

/// What a careful client asks: members that some providers call otherwise, or do not know.
fn full(is_streaming: bool) -> chat::Request {
    serde_json::from_value(json!({
        "model": "sarashina",
        "messages": [
            { "role": "developer", "content": "短く答える" },
            { "role": "user", "content": "関所とは" },
        ],
        "max_completion_tokens": 64,
        "temperature": 0.25,
        "n": 1,
        "stream": is_streaming,
    }))
    .expect("a request")
}

#[tokio::test]
async fn requests() {
    for preset in presets() {
        let server = Server::start(vec![hello()]).await;
        for (name, is_streaming) in [("chat", false), ("chat-stream", true)] {
            outcome(upstream(&preset.id, &server).ask(ask_for(full(is_streaming)))).await;
            let asked = server.asked().pop().expect("asked");
            let asked = asked.replace(&server.port.to_string(), "PORT").replace("\r\n", "\n");
            let file = folder(&preset.id).join(format!("{name}.request.txt"));
            expect_file![file].assert_eq(&format!("{asked}\n"));
        }
    }
}

/// Answers written after the documents of the providers, as far as these describe them.
#[tokio::test]
async fn answers() {
    let mut log = String::new();
    for preset in presets() {
        for (name, kind) in [("chat.json", "application/json"), ("chat.sse", "text/event-stream")] {
            let Ok(body) = std::fs::read_to_string(folder(&preset.id).join(name)) else { continue };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ndate: Tue, 24 Nov 2026 09:00:00 GMT\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let server = Server::start(vec![vec![Act::Send(head + &body)]]).await;
            let request = full(kind == "text/event-stream");
            let told = outcome(upstream(&preset.id, &server).ask(ask_for(request))).await;
            log.push_str(&format!("{} {name}: {told}\n", preset.id));
        }
    }
    expect_file![folder("").join("answers.txt")].assert_eq(&log);
}

#[tokio::test]
async fn cotomi_takes_one_question_and_keeps_no_history() {
    let server = Server::start(vec![hello()]).await;
    let cotomi = upstream("cotomi-native", &server);
    for (member, value) in [
        (
            "messages",
            json!([{ "role": "user", "content": "一" }, { "role": "assistant", "content": "二" }, { "role": "user", "content": "三" }]),
        ),
        ("messages", json!([{ "role": "system", "content": "一" }])),
        (
            "messages",
            json!([{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "data:," } }] }]),
        ),
        ("tools", json!([{ "type": "function", "function": { "name": "f" } }])),
        ("response_format", json!({ "type": "json_object" })),
        ("n", json!(2)),
        ("stop", json!("。")),
    ] {
        let mut request = serde_json::to_value(full(false)).expect("JSON");
        request[member] = value;
        let request = serde_json::from_value(request).expect("a request");
        let told = outcome(cotomi.ask(ask_for(request))).await;
        assert!(told.starts_with("Unsupported"), "{member}: {told}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn quirks_never_change_what_was_asked_in_silence() {
    let server = Server::start(vec![hello()]).await;
    let python = upstream("llama-cpp-python", &server);
    let mut request = full(false);
    request.n = Some(2);
    assert!(outcome(python.ask(ask_for(request))).await.contains(r#"what: "n""#));
    assert!(server.asked().is_empty());

    for (prompt, what) in [
        (json!([[1, 2]]), "prompt (token ids)"),
        (json!([1]), "prompt (token ids)"),
        (json!(["a", "b"]), "prompt[1]"),
    ] {
        let request =
            serde_json::from_value(json!({ "model": "sarashina", "prompt": prompt })).expect("a request");
        let request = std::sync::Arc::new(Request::Completion(request));
        let told = outcome(python.ask(Ask { request, ..ask_for(full(false)) })).await;
        assert!(told.contains(&format!("what: {what:?}")), "{told}");
    }
    assert!(server.asked().is_empty());

    let mut request = full(false);
    let schema = json!({ "name": "city", "strict": true, "schema": { "type": "object" } });
    let format = json!({ "type": "json_schema", "json_schema": schema });
    request.response_format = format.as_object().cloned();
    outcome(python.ask(ask_for(request))).await;
    let asked = server.asked().pop().expect("asked");
    assert!(
        asked.contains(r#""response_format":{"type":"json_object","schema":{"type":"object"}}"#),
        "{asked}"
    );

    for schema in [json!("city"), json!(1), json!([])] {
        let format = json!({ "type": "json_schema", "json_schema": schema });
        let mut hostile = full(false);
        hostile.response_format = format.as_object().cloned();
        let told = outcome(python.ask(ask_for(hostile))).await;
        assert!(told.starts_with("Invalid") && told.contains("response_format.json_schema"), "{told}");
    }
    let conversation = json!({ "model": "sarashina", "messages": [{ "role": "user", "content": "春" }] });
    let request = serde_json::from_value(conversation).expect("a request");
    let request = std::sync::Arc::new(Request::Tokenize(request));
    let told = outcome(python.ask(Ask { request, ..ask_for(full(false)) })).await;
    assert!(told.contains(r#"what: "tokenize.messages""#), "{told}");
    assert_eq!(server.asked().len(), 1, "nothing more was asked");

    let server = Server::start(vec![hello()]).await;
    let mut merging = File {
        quirks: sekisho_llm::upstream::QuirksFile { merge_system: Some(true), ..Default::default() },
        ..server.file()
    };
    merging.preset = Some("vllm".to_owned());
    let merging = Upstream::new(merging.settle(None, None).expect("settled")).expect("set up");
    let mut request = full(false);
    request.messages.push(chat::Message::text("system", "敬語で"));
    outcome(merging.ask(ask_for(request))).await;
    let asked = server.asked().pop().expect("asked");
    assert!(asked.contains(r#""messages":[{"role":"system","content":"短く答える\n\n敬語で"},{"role":"user","content":"関所とは"}]"#), "{asked}");
}

#[test]
fn every_preset_settles_and_has_its_pages() {
    let docs = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/providers"));
    for preset in presets() {
        let file = File {
            name: preset.id.clone(),
            preset: Some(preset.id.clone()),
            base_url: preset.base_url.is_none().then(|| "https://llm.example.jp/v1".to_owned()),
            ..File::default()
        };
        let settings = file.settle(Some(Secret::new(PAIR.to_owned())), None).expect("settled");
        assert!(settings.base_url.is_tls());
        for language in ["ja", "en"] {
            let page = docs.join(format!("{}.{language}.md", preset.id));
            let text = std::fs::read_to_string(&page).unwrap_or_default();
            assert!(text.contains(&preset.id), "{} names its preset", page.display());
            for source in &preset.sources {
                assert!(text.contains(&source.url), "{} gives {}", page.display(), source.url);
            }
        }
    }
}

#[test]
fn problems_come_all_at_once() {
    let file: File = toml::from_str(
        r#"
        name = ""
        preset = "vllmm"
        base_url = "http://user@10.0.0.1/v1"
        auth = { kind = "bearer" }
        headers = { "Host" = "elsewhere", "x y" = "1", "x-team" = "ok" }
        quirks = { drop = ["n", "chat.n", "char.n"] }
        timeouts = { idle_ms = 0 }
        retry = { tries_max = 0 }
        "#,
    )
    .expect("TOML");
    let problems = file.settle(None, None).expect_err("problems");
    let told: Vec<String> =
        problems.iter().map(|problem| format!("{}: {:?}", problem.field, problem.kind)).collect();
    expect_test::expect![[r#"
        preset: NoSuchPreset("vllmm")
        name: Missing
        base_url: Url(Extra)
        key_file: Missing
        headers: NotAHeader("Host")
        headers: NotAHeader("x y")
        quirks.drop: NotAMember("n")
        quirks.drop: NotAMember("char.n")
        timeouts.idle_ms: Zero
        retry.tries_max: Zero"#]]
    .assert_eq(&told.join("\n"));
}
