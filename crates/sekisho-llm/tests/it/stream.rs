//! Streamed answers.

use std::time::Duration;

use expect_test::{Expect, expect};
use sekisho_llm::Provider;

use crate::server::{Act, HELLO, Server, ask, done, end, events, json, outcome, part, piece, stream_of};

async fn check(acts: Vec<Act>, expected: Expect) {
    let server = Server::start(vec![acts]).await;
    let upstream = server.upstream_with(|settings| {
        settings.timeouts.idle = Duration::from_millis(200);
        settings.limits.event_bytes_max = 2000;
        settings.limits.answer_bytes_max = 8000;
    });
    expected.assert_eq(&outcome(upstream.ask(ask(true))).await);
}

#[tokio::test]
async fn parts_arrive_and_usage_is_always_asked() {
    let usage = piece(
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}\n\n",
    );
    let mut acts = vec![events(), part("は", None), part("い", Some("stop")), usage];
    acts.extend(done());
    let server = Server::start(vec![acts]).await;
    let upstream = server.upstream();
    for _ in 0..2 {
        assert_eq!(outcome(upstream.ask(ask(true))).await, "はい[stop][5 tokens]");
    }
    assert_eq!(server.connections(), 1, "a stream read to its end gives its connection back");
    let asked = server.asked().remove(0);
    assert!(asked.contains("accept: text/event-stream"), "{asked}");
    assert!(asked.contains(r#""stream_options":{"include_usage":true}"#), "{asked}");
}

#[tokio::test]
async fn bytes_may_be_cut_anywhere() {
    let text = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"霞が関\"},\"finish_reason\":\"stop\"}]}\r\n\r\n: pause\n\ndata: [DONE]\n\n";
    let mut acts = vec![events()];
    acts.extend(text.bytes().map(|byte| Act::SendBytes([&b"1\r\n"[..], &[byte], b"\r\n"].concat())));
    acts.push(end());
    check(acts, expect![[r#"霞が関[stop]"#]]).await;
}

#[tokio::test]
async fn a_stream_may_end_without_done_if_its_answer_has_ended() {
    check(stream_of(vec![part("はい", Some("stop")), end()]), expect![[r#"はい[stop]"#]]).await;
    // The last event lacks its blank line.
    let unfinished = piece("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n");
    check(stream_of(vec![part("はい", None), unfinished, end()]), expect![[r#"はい[stop]"#]]).await;
}

#[tokio::test]
async fn a_stream_that_ends_early_says_so_after_what_came() {
    check(
        stream_of(vec![part("は", None), end()]),
        expect![[r#"は | Malformed { provider: "up", cause: "a stream that ends before its answer" }"#]],
    )
    .await;
    check(stream_of(vec![part("は", None), Act::Close]), expect![[r#"は | Unreachable { provider: "up", cause: "error reading a body from connection: unexpected EOF during chunk size line", was_sent: true }"#]]).await;
    check(
        stream_of(vec![part("は", None), Act::UntilGone]),
        expect![[r#"は | TimedOut { provider: "up", phase: Idle }"#]],
    )
    .await;
}

#[tokio::test]
async fn a_fault_before_the_first_part_is_a_fault_of_the_request() {
    check(
        stream_of(vec![end()]),
        expect![[r#"Malformed { provider: "up", cause: "a stream that ends before its answer" }"#]],
    )
    .await;
    check(stream_of(done()), expect![[r#"Malformed { provider: "up", cause: "a stream without parts" }"#]])
        .await;
    check(
        stream_of(vec![piece("data: {\"error\":{\"message\":\"out of memory\",\"code\":503}}\n\n"), end()]),
        expect![[r#"Status { provider: "up", status: 503, message: "out of memory", retry_after: None }"#]],
    )
    .await;
    check(
        stream_of(vec![piece("event: error\ndata: overloaded\n\n"), end()]),
        expect![[r#"Status { provider: "up", status: 500, message: "overloaded", retry_after: None }"#]],
    )
    .await;
    check(
        stream_of(vec![piece("data: {\"choices\":[\n\n"), end()]),
        expect![[r#"Malformed { provider: "up", cause: "JSON that ends early, at line 1 column 12" }"#]],
    )
    .await;
    check(
        json(HELLO),
        expect![[r#"Malformed { provider: "up", cause: "its content type is not text/event-stream" }"#]],
    )
    .await;
}

#[tokio::test]
async fn an_error_inside_a_stream_comes_after_what_came() {
    let error = piece("data: {\"error\":{\"message\":\"worker died\",\"type\":\"InternalServerError\"}}\n\n");
    check(
        stream_of(vec![part("は", None), error, end()]),
        expect![[
            r#"は | Status { provider: "up", status: 500, message: "worker died", retry_after: None }"#
        ]],
    )
    .await;
}

#[tokio::test]
async fn limits_hold_for_events_and_for_the_whole() {
    let long = "あ".repeat(700);
    check(
        stream_of(vec![part("は", None), part(&long, None)]),
        expect![[r#"は | Malformed { provider: "up", cause: "a line of more than 2000 bytes" }"#]],
    )
    .await;
    let endless = piece(&format!("data: {}", "x".repeat(3000)));
    check(
        stream_of(vec![part("は", None), endless]),
        expect![[r#"は | Malformed { provider: "up", cause: "a line of more than 2000 bytes" }"#]],
    )
    .await;
    let mut acts = vec![events()];
    acts.extend((0..60).map(|_| part("は", None)));
    let server = Server::start(vec![acts]).await;
    let upstream = server.upstream_with(|settings| settings.limits.answer_bytes_max = 8000);
    let told = outcome(upstream.ask(ask(true))).await;
    assert!(told.starts_with("ははは") && told.ends_with("more bytes than an answer may have\" }"), "{told}");
}

#[tokio::test]
async fn several_answers_end_one_by_one() {
    let of = |index: u32, text: &str, finish: &str| {
        piece(&format!(
            "data: {{\"choices\":[{{\"index\":{index},\"delta\":{{\"content\":{text:?}}},\"finish_reason\":{finish}}}]}}\n\n"
        ))
    };
    let complete = vec![of(0, "甲", "null"), of(1, "乙", "\"stop\""), of(0, "。", "\"stop\""), end()];
    check(stream_of(complete), expect![[r#"甲乙[stop]。[stop]"#]]).await;
    let half = vec![of(0, "甲", "null"), of(1, "乙", "\"stop\""), end()];
    check(
        stream_of(half),
        expect![[
            r#"甲乙[stop] | Malformed { provider: "up", cause: "a stream that ends before its answer" }"#
        ]],
    )
    .await;
}
