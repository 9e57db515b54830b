//! Whoever stops waiting is noticed by the upstream.

use std::time::Duration;

use futures_util::StreamExt;
use sekisho_llm::{Answer, Provider};

use crate::server::{Act, Server, ask, events, part};

#[tokio::test]
async fn dropping_a_request_that_waits_ends_its_connection() {
    let server = Server::start(vec![vec![Act::UntilGone]]).await;
    let upstream = server.upstream();
    let asking = tokio::spawn(upstream.ask(ask(false)));
    while server.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    asking.abort();
    server.wait_gone(1).await;
}

#[tokio::test]
async fn dropping_a_stream_ends_its_connection() {
    let server = Server::start(vec![vec![events(), part("は", None), Act::UntilGone]]).await;
    let Ok(Answer::Stream(mut chunks)) = server.upstream().ask(ask(true)).await else { panic!("a stream") };
    assert!(chunks.next().await.is_some_and(|chunk| chunk.is_ok()));
    drop(chunks);
    server.wait_gone(1).await;
}

#[tokio::test]
async fn dropping_the_upstream_ends_what_it_kept() {
    let server = Server::start(vec![crate::server::hello()]).await;
    let upstream = server.upstream();
    assert!(upstream.ask(ask(false)).await.is_ok());
    drop(upstream);
    server.wait_gone(1).await;
}
