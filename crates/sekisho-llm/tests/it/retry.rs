//! When a request is sent again, and when it must not be.

use std::time::{Duration, Instant};

use sekisho_llm::{
    Provider,
    upstream::{File, Retry, Settings, Upstream},
};

use crate::server::{Act, Server, answer, ask, hello, outcome, within};

fn quick(settings: &mut Settings) {
    settings.retry =
        Retry { tries_max: 3, pause: Duration::from_millis(1), pause_max: Duration::from_secs(2), seed: 1 };
}

fn busy(after: &str) -> Vec<Act> {
    answer("429 Too Many Requests", &format!("retry-after: {after}\r\n"), "")
}

#[tokio::test]
async fn a_busy_upstream_is_asked_again_when_it_says() {
    let server = Server::start(vec![busy("0.05"), busy("0"), hello()]).await;
    let started = Instant::now();
    assert_eq!(outcome(server.upstream_with(quick).ask(ask(false))).await, "はい");
    assert!(started.elapsed() >= Duration::from_millis(50));
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn tries_are_counted() {
    let server = Server::start(vec![busy("0")]).await;
    assert!(outcome(server.upstream_with(quick).ask(ask(false))).await.contains("status: 429"));
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn too_long_a_wait_is_not_waited() {
    for (after, deadline) in [("60", Duration::from_secs(20)), ("1.5", Duration::from_secs(1))] {
        let server = Server::start(vec![busy(after), hello()]).await;
        let started = Instant::now();
        let told = outcome(server.upstream_with(quick).ask(within(ask(false), deadline))).await;
        assert!(told.contains("status: 429"), "{told}");
        assert!(started.elapsed() < Duration::from_secs(1));
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn what_may_have_arrived_is_not_sent_again() {
    for script in [
        vec![Act::Close],
        answer("500 Internal Server Error", "", ""),
        answer("503 Service Unavailable", "", ""),
        answer("400 Bad Request", "retry-after: 0\r\n", ""),
    ] {
        let server = Server::start(vec![script, hello()]).await;
        outcome(server.upstream_with(quick).ask(ask(false))).await;
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_connection_is_tried_again() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let upstream = |tries_max| {
        let file = File {
            name: "up".to_owned(),
            base_url: Some(format!("http://127.0.0.1:{port}")),
            plain_http: true,
            ..File::default()
        };
        let mut settings = file.settle(None, None).expect("settled");
        quick(&mut settings);
        settings.retry.tries_max = tries_max;
        settings.retry.pause_max = Duration::from_millis(50);
        Upstream::new(settings).expect("set up")
    };
    let told = outcome(upstream(2).ask(ask(false))).await;
    assert!(told.contains("Unreachable") && told.contains("was_sent: false"), "{told}");

    let asking = tokio::spawn(upstream(10_000).ask(ask(false)));
    tokio::time::sleep(Duration::from_millis(30)).await;
    let server = Server::start_on(port, vec![hello()], None).await;
    assert!(asking.await.expect("no panic").is_ok());
    assert_eq!(server.asked().len(), 1);
}
