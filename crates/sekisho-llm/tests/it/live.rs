//! A real server, if there is one: `SEKISHO_LIVE=<base url> SEKISHO_LIVE_PRESET=<preset> SEKISHO_LIVE_MODEL=<model>`, with
//! `SEKISHO_LIVE_KEY_FILE` where it wants a key. What a provider's page calls verified is what passed here.

use std::{env, sync::Arc};

use sekisho_llm::{
    Ask, Provider, Request, chat, completion, tokens,
    upstream::{Call, File, Secret, Upstream},
};
use serde_json::json;

use crate::server::{ask_for, outcome};

#[tokio::test]
async fn a_real_server_answers_everything_that_its_preset_promises() {
    let Ok(url) = env::var("SEKISHO_LIVE") else {
        eprintln!("skipped: SEKISHO_LIVE is not set");
        return;
    };
    let model = env::var("SEKISHO_LIVE_MODEL").expect("SEKISHO_LIVE_MODEL");
    let key = env::var("SEKISHO_LIVE_KEY_FILE").ok();
    let key = key.map(|path| Secret::new(std::fs::read_to_string(path).expect("the key file")));
    let file = File {
        name: "live".to_owned(),
        preset: env::var("SEKISHO_LIVE_PRESET").ok(),
        base_url: Some(url),
        plain_http: true,
        ..File::default()
    };
    let upstream = Upstream::new(file.settle(key, None).expect("settled")).expect("set up");
    let calls = &upstream.settings().calls;

    upstream.probe().await.expect("well");
    if upstream.settings().health_path.is_some() {
        eprintln!("models: {:?}", upstream.models().await.expect("a list"));
    }
    for is_streaming in [false, true] {
        let request = chat::Request {
            model: model.clone(),
            messages: vec![
                chat::Message::text("developer", "短く答える"),
                chat::Message::text("user", "関所とは何ですか"),
            ],
            max_completion_tokens: Some(16),
            stream: is_streaming,
            ..Default::default()
        };
        tell("chat", outcome(upstream.ask(ask_for(request))).await);
    }
    if calls.contains(&Call::Completion) {
        let request: completion::Request = serde_json::from_value(
            json!({ "model": model, "prompt": "関所とは", "max_tokens": 8, "logprobs": 2, "echo": true }),
        )
        .expect("a request");
        tell("completion", outcome(upstream.ask(of(Request::Completion(request)))).await);
    }
    if calls.contains(&Call::Tokenize) {
        let request = tokens::TokenizeRequest {
            model: model.clone(),
            prompt: Some("関所".to_owned()),
            ..Default::default()
        };
        tell("tokenize", outcome(upstream.ask(of(Request::Tokenize(request)))).await);
        let request = tokens::DetokenizeRequest { model, tokens: vec![300, 301], ..Default::default() };
        tell("detokenize", outcome(upstream.ask(of(Request::Detokenize(request)))).await);
    }
}

fn of(request: Request) -> Ask {
    Ask { request: Arc::new(request), id: "live-1".into(), deadline: None, trace: None }
}

#[expect(clippy::print_stderr, reason = "whoever starts this by hand reads what came back")]
fn tell(what: &str, told: String) {
    eprintln!("{what}: {told}");
    for fault in ["Status {", "Unreachable {", "TimedOut {", "Malformed {", "Unsupported {", "Invalid {"] {
        assert!(!told.contains(fault), "{what} failed");
    }
}
