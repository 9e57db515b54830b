//! Whole answers, and everything that is none.

use std::time::Duration;

use expect_test::{Expect, expect};
use sekisho_llm::{
    Ask, Error, Phase, Provider, Request, completion, embedding, rerank, tokens,
    upstream::{Quirks, Secret, SetupFault, Upstream},
};

use crate::server::{Act, HELLO, Server, answer, ask, hello, json, outcome, within};

async fn check(script: Vec<Act>, expected: Expect) {
    let server = Server::start(vec![script]).await;
    expected.assert_eq(&outcome(server.upstream().ask(ask(false))).await);
}

#[tokio::test]
async fn an_answer_comes_back_and_its_connection_serves_again() {
    let server = Server::start(vec![hello()]).await;
    let upstream = server.upstream();
    for _ in 0..3 {
        assert_eq!(outcome(upstream.ask(ask(false))).await, "はい");
    }
    assert_eq!(server.connections(), 1);
    let asked = server.asked().remove(0);
    assert!(asked.contains("authorization: Bearer sk-test\r\n"), "{asked}");
    assert!(asked.contains("x-request-id: req-1\r\n"), "{asked}");
}

#[tokio::test]
async fn a_trace_goes_only_where_the_settings_say_so() {
    for traceparent in [false, true] {
        let server = Server::start(vec![hello()]).await;
        let mut settings = server.settings();
        settings.quirks.traceparent = traceparent;
        let mut ask = ask(false);
        ask.trace = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
        assert_eq!(outcome(Upstream::new(settings).unwrap().ask(ask)).await, "はい");
        let asked = server.asked().remove(0);
        assert_eq!(asked.contains("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa"), traceparent);
    }
}

#[tokio::test]
async fn an_old_connection_that_ended_is_replaced_unseen() {
    let mut closing = hello();
    closing.push(Act::Close);
    let server = Server::start(vec![closing.clone(), closing, hello()]).await;
    let upstream = server.upstream();
    for _ in 0..3 {
        assert_eq!(outcome(upstream.ask(ask(false))).await, "はい");
        tokio::time::sleep(Duration::from_millis(20)).await; // the end of the connection arrives
    }
    assert_eq!((server.asked().len(), server.connections()), (3, 3));
}

#[tokio::test]
async fn errors_keep_status_message_and_retry_after() {
    check(
        answer(
            "422 Unprocessable",
            "content-type: application/json\r\n",
            r#"{"detail":[{"loc":["body","n"],"msg":"too big","input":"秘密"}]}"#,
        ),
        expect![[r#"Status { provider: "up", status: 422, message: "body.n: too big", retry_after: None }"#]],
    )
    .await;
    check(
        answer("429 Too Many", "retry-after: 60\r\n", r#"{"error":{"message":"slow down"}}"#),
        expect![[r#"Status { provider: "up", status: 429, message: "slow down", retry_after: Some(60s) }"#]],
    )
    .await;
    check(answer("502 Bad Gateway", "", &"x".repeat(100_000)), expect![[r#"Status { provider: "up", status: 502, message: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", retry_after: None }"#]]).await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(vec![hello()]).await;
    let location = format!("location: http://127.0.0.1:{}/v1/chat/completions\r\n", elsewhere.port);
    check(
        answer("307 Temporary Redirect", &location, ""),
        expect![[r#"Status { provider: "up", status: 307, message: "", retry_after: None }"#]],
    )
    .await;
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn what_is_not_the_format_is_malformed() {
    check(
        json(r#"{"choices":[{"message":"はい"}]}"#),
        expect![[
            r#"Malformed { provider: "up", cause: "another shape than expected, at line 1 column 31" }"#
        ]],
    )
    .await;
    check(json(r#"{"choices":[]}"#), expect![[r#"Malformed { provider: "up", cause: "no choices" }"#]]).await;
    check(
        json(r#"{"choices":["#),
        expect![[r#"Malformed { provider: "up", cause: "JSON that ends early, at line 1 column 12" }"#]],
    )
    .await;
    check(
        answer("200 OK", "content-type: text/html\r\n", HELLO),
        expect![[r#"Malformed { provider: "up", cause: "its content type is not application/json" }"#]],
    )
    .await;
    check(
        answer("200 OK", "", HELLO),
        expect![[
            r#"Malformed { provider: "up", cause: "it has no content type; application/json was expected" }"#
        ]],
    )
    .await;
    check(
        answer("200 OK", "content-type: application/json\r\ncontent-encoding: gzip\r\n", HELLO),
        expect![[r#"Malformed { provider: "up", cause: "a compressed body" }"#]],
    )
    .await;
    check(
        vec![Act::Send("SSH-2.0-OpenSSH_9.2\r\n".to_owned()), Act::Close],
        expect![[r#"Malformed { provider: "up", cause: "invalid HTTP version parsed" }"#]],
    )
    .await;
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_kept() {
    let server = Server::start(vec![hello()]).await;
    let upstream = server.upstream_with(|settings| settings.limits.answer_bytes_max = HELLO.len() - 1);
    let expected =
        format!("Malformed {{ provider: \"up\", cause: \"more than {} bytes\" }}", HELLO.len() - 1);
    assert_eq!(outcome(upstream.ask(ask(false))).await, expected);
    let exact = server.upstream_with(|settings| settings.limits.answer_bytes_max = HELLO.len());
    assert_eq!(outcome(exact.ask(ask(false))).await, "はい");
}

#[tokio::test]
async fn an_answer_that_breaks_off_was_sent() {
    let half = Act::Send(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{".to_owned(),
    );
    check(vec![half, Act::Close], expect![[r#"Unreachable { provider: "up", cause: "error reading a body from connection: end of file before message length reached", was_sent: true }"#]]).await;
    check(vec![Act::Close], expect![[r#"Unreachable { provider: "up", cause: "connection closed before message completed", was_sent: true }"#]]).await;
}

#[tokio::test]
async fn each_phase_has_its_limit() {
    let short = Duration::from_millis(50);
    let silent = Server::start(vec![vec![Act::UntilGone]]).await;
    let timed_out = |phase| format!("{:?}", Error::TimedOut { provider: "up".to_owned(), phase });

    let upstream = silent.upstream_with(|settings| {
        settings.timeouts.connect = short;
        settings.timeouts.first_byte = short;
    });
    assert_eq!(outcome(upstream.ask(ask(false))).await, timed_out(Phase::FirstByte));
    let upstream = silent.upstream_with(|settings| settings.timeouts.total = short);
    assert_eq!(outcome(upstream.ask(ask(false))).await, timed_out(Phase::Total));
    let upstream = silent.upstream();
    assert_eq!(outcome(upstream.ask(within(ask(false), short))).await, timed_out(Phase::Total));
    silent.wait_gone(3).await;

    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
    let slow = Server::start(vec![vec![Act::Send(format!("{head}{{")), Act::UntilGone]]).await;
    let upstream = slow.upstream_with(|settings| settings.timeouts.idle = short);
    assert_eq!(outcome(upstream.ask(ask(false))).await, timed_out(Phase::Idle));
    let bodiless = Server::start(vec![vec![Act::Send(head.to_owned()), Act::UntilGone]]).await;
    let upstream = bodiless.upstream_with(|settings| {
        settings.timeouts.connect = short;
        settings.timeouts.first_byte = short;
    });
    assert_eq!(outcome(upstream.ask(ask(false))).await, timed_out(Phase::FirstByte));
}

fn of(request: Request) -> Ask {
    Ask { request: request.into(), id: "req-2".into(), deadline: None, trace: None }
}

#[tokio::test]
async fn every_call_has_its_path_and_answer() {
    let server = Server::start(vec![
        json(r#"{"choices":[{"text":"続き"}]}"#),
        json(r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1]}]}"#),
        json(r#"{"results":[{"index":1,"relevance_score":0.9}]}"#),
        json(r#"{"tokens":[5,6]}"#),
        json(r#"{"content":"文"}"#),
    ])
    .await;
    let upstream = server.upstream_with(|settings| {
        let quirk = |call, from: &str, to: &str| ((call, from.to_owned()), to.to_owned());
        use sekisho_llm::upstream::Call::{Detokenize, Tokenize};
        settings.quirks = Quirks {
            rename: [quirk(Tokenize, "prompt", "content")].into(),
            rename_answer: [quirk(Detokenize, "content", "prompt")].into(),
            ..Quirks::default()
        };
    });
    let model = "m".to_owned();
    let requests = [
        Request::Completion(
            serde_json::from_str::<completion::Request>(
                r#"{"model":"m","prompt":[1,2],"echo":true,"logprobs":1}"#,
            )
            .expect("a request"),
        ),
        Request::Embedding(
            serde_json::from_str::<embedding::Request>(r#"{"model":"m","input":"文"}"#).expect("a request"),
        ),
        Request::Rerank(
            serde_json::from_str::<rerank::Request>(r#"{"model":"m","query":"問","documents":["甲","乙"]}"#)
                .expect("a request"),
        ),
        Request::Tokenize(tokens::TokenizeRequest {
            model: model.clone(),
            prompt: Some("文".to_owned()),
            ..Default::default()
        }),
        Request::Detokenize(tokens::DetokenizeRequest { model, tokens: vec![5], ..Default::default() }),
    ];
    let mut log = String::new();
    for request in requests {
        let answer = outcome(upstream.ask(of(request))).await;
        let asked = server.asked().pop().expect("asked");
        let (head, body) = asked.split_once("\r\n\r\n").expect("a body");
        log.push_str(&format!("{} {body}\n  {answer}\n", head.lines().next().unwrap_or_default()));
    }
    expect![[r#"
        POST /v1/completions HTTP/1.1 {"model":"m","prompt":[1,2],"echo":true,"logprobs":1}
          Completion(Response { id: "", object: "", created: 0, model: "", choices: [Choice { index: 0, text: "続き", logprobs: None, finish_reason: None, other: {} }], usage: None, other: {} })
        POST /v1/embeddings HTTP/1.1 {"model":"m","input":"文"}
          Embedding(Response { object: "list", data: [Embedding { object: "embedding", index: 0, embedding: Floats([0.5, -1.0]), other: {} }], model: "", usage: None, other: {} })
        POST /v1/rerank HTTP/1.1 {"model":"m","query":"問","documents":["甲","乙"]}
          Rerank(Response { id: None, model: None, results: [Ranked { index: 1, relevance_score: 0.9, document: None, other: {} }], usage: None, other: {} })
        POST /tokenize HTTP/1.1 {"model":"m","content":"文"}
          Tokenize(TokenizeResponse { count: 2, tokens: [5, 6], other: {} })
        POST /detokenize HTTP/1.1 {"model":"m","tokens":[5]}
          Detokenize(DetokenizeResponse { prompt: "文", other: {} })
    "#]].assert_eq(&log);
}

#[tokio::test]
async fn a_call_that_it_does_not_have_is_not_sent() {
    let server = Server::start(vec![hello()]).await;
    let upstream = server.upstream_with(|settings| settings.calls.clear());
    expect![[r#"Unsupported { provider: "up", what: "chat" }"#]]
        .assert_eq(&outcome(upstream.ask(ask(false))).await);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn models_and_health() {
    let server = Server::start(vec![
        json(r#"{"object":"list","data":[{"id":"a","object":"model"},{"id":"b"}]}"#),
        answer("503 Loading", "", r#"{"error":{"code":503,"message":"Loading model"}}"#),
        answer("200 OK", "", ""),
    ])
    .await;
    let upstream = server.upstream_with(|settings| settings.health_path = Some("/health".to_owned()));
    assert_eq!(upstream.models().await, Ok(vec!["a".to_owned(), "b".to_owned()]));
    expect![[r#"Err(Status { provider: "up", status: 503, message: "Loading model", retry_after: None })"#]]
        .assert_eq(&format!("{:?}", upstream.probe().await));
    assert_eq!(upstream.probe().await, Ok(()));
    let lines: Vec<_> =
        server.asked().iter().map(|asked| asked.lines().next().unwrap_or_default().to_owned()).collect();
    assert_eq!(lines, ["GET /v1/models HTTP/1.1", "GET /health HTTP/1.1", "GET /health HTTP/1.1"]);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_before_the_first_request() {
    let server = Server::start(vec![]).await;
    let refused = |change: fn(&mut sekisho_llm::upstream::Settings)| {
        let mut settings = server.settings();
        change(&mut settings);
        Upstream::new(settings).err()
    };
    assert_eq!(refused(|settings| settings.plain_http = false), Some(SetupFault::PlainHttp));
    assert_eq!(
        refused(
            |settings| settings.auth = sekisho_llm::upstream::Auth::Bearer(Secret::new("a\nb".to_owned()))
        ),
        Some(SetupFault::BadSecret)
    );
    for path in ["a b", "a\nb", "a\r\nhost: elsewhere"] {
        let mut settings = server.settings();
        settings.health_path = Some(path.to_owned());
        assert_eq!(Upstream::new(settings).err(), Some(SetupFault::BadPath { path: path.to_owned() }));
    }
}

#[tokio::test]
async fn no_path_leads_to_another_host() {
    let elsewhere = Server::start(vec![hello()]).await;
    let server = Server::start(vec![hello()]).await;
    for path in ["http://127.0.0.1:{}/", "//127.0.0.1:{}/", "@127.0.0.1:{}/", "/@127.0.0.1:{}/"] {
        let path = path.replace("{}", &elsewhere.port.to_string());
        let upstream = server.upstream_with(|settings| settings.health_path = Some(path));
        assert_eq!(upstream.probe().await, Ok(()));
    }
    assert_eq!((server.asked().len(), elsewhere.connections()), (4, 0));
}
