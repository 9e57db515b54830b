//! Requests of all formats, and the answers and streams that are turned from one into another. The first byte says which.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho_llm::{chat, completion, embedding, messages, rerank, responses, tokens, wire};
use serde::{Serialize, de::DeserializeOwned};

/// What is read is written so that it is read as the same again.
fn again<T: wire::Body + Serialize + PartialEq + std::fmt::Debug>(bytes: &[u8]) -> Option<T> {
    let body: T = wire::parse(bytes).ok()?;
    let written = serde_json::to_vec(&body).expect("what was read can be written");
    assert_eq!(wire::parse::<T>(&written).as_ref(), Ok(&body));
    Some(body)
}

/// One JSON value in each line.
fn lines<T: DeserializeOwned>(bytes: &[u8]) -> impl Iterator<Item = T> {
    bytes.split(|byte| *byte == b'\n').map_while(|line| serde_json::from_slice(line).ok())
}

fuzz_target!(|bytes: &[u8]| {
    let Some((format, bytes)) = bytes.split_first() else { return };
    match format % 9 {
        0 => drop(again::<chat::Request>(bytes).map(messages::Request::from_chat)),
        1 => drop(again::<completion::Request>(bytes)),
        2 => drop(again::<embedding::Request>(bytes)),
        3 => drop(again::<rerank::Request>(bytes)),
        4 => drop(again::<tokens::TokenizeRequest>(bytes)),
        5 => {
            let request = again::<messages::Request>(bytes).map(messages::Request::into_chat);
            if let Some(Ok(request)) = request {
                let written = serde_json::to_vec(&request).expect("a request");
                drop(wire::parse::<chat::Request>(&written));
            }
        }
        6 => drop(again::<responses::Request>(bytes).map(responses::Request::into_chat)),
        7 => {
            let (mut one, mut other) =
                (messages::ToEvents::new(), responses::ToEvents::new(responses::Echo::default()));
            for chunk in lines::<chat::Chunk>(bytes) {
                if one.push(chunk.clone()).is_err() || other.push(chunk).is_err() {
                    return;
                }
            }
            // Both end an answer that came to its end.
            let (one, other) = (one.finish(), other.finish());
            assert!(one.is_err() || other.is_ok());
        }
        _ => {
            let mut machine = messages::ToChunks::new(0, true);
            for event in lines::<messages::Event>(bytes) {
                if machine.push(event).is_err() {
                    return;
                }
            }
            drop(machine.finish());
        }
    }
});
