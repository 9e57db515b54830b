use expect_test::{Expect, expect, expect_file};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    chat,
    messages::tests::{answer_in_parts, chunks, pretty},
    sse, wire,
    wire::tests::golden,
};

fn read(file: &str) -> Request {
    wire::parse(golden(file).as_bytes()).unwrap()
}

fn events_of(chunks: Vec<chat::Chunk>, echo: Echo) -> Result<Vec<Event>, Error> {
    let mut machine = ToEvents::new(echo);
    let mut events = Vec::new();
    for chunk in chunks {
        events.extend(machine.push(chunk)?);
    }
    events.extend(machine.finish()?);
    Ok(events)
}

#[test]
fn requests_to_chat() {
    let (plain, echo) = read("responses/request_plain.json").into_chat().unwrap();
    expect_file!["../../testdata/wire/responses/request_plain.chat.json"].assert_eq(&pretty(&plain));
    assert_eq!(echo, Echo::default());
    let (full, _) = read("responses/request_full.json").into_chat().unwrap();
    expect_file!["../../testdata/wire/responses/request_full.chat.json"].assert_eq(&pretty(&full));
    full.check().unwrap();
}

#[test]
fn what_has_no_place_in_chat_is_named() {
    fn check(change: Value, expected: Expect) {
        let mut body: Value = serde_json::from_str(&golden("responses/request_plain.json")).unwrap();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let request: Request = wire::parse(body.to_string().as_bytes()).unwrap();
        expected.assert_eq(&request.into_chat().unwrap_err().to_string());
    }
    fn item(item: Value) -> Value {
        json!({ "input": [item] })
    }
    check(
        json!({ "previous_response_id": "resp_1" }),
        expect!["`/v1/responses` does not do previous_response_id"],
    );
    check(json!({ "store": true }), expect!["`/v1/responses` does not do store"]);
    check(json!({ "background": true }), expect!["`/v1/responses` does not do background"]);
    check(json!({ "conversation": "c" }), expect!["`/v1/responses` does not do conversation"]);
    check(json!({ "prompt": { "id": "p" } }), expect!["`/v1/responses` does not do prompt"]);
    check(json!({ "truncation": "auto" }), expect!["`/v1/responses` does not do truncation"]);
    check(
        json!({ "include": ["file_search_call.results"] }),
        expect!["`/v1/responses` does not do include[0]: file_search_call.results"],
    );
    check(
        json!({ "tools": [{ "type": "web_search" }] }),
        expect!["`/v1/responses` does not do tools[0]: web_search"],
    );
    check(
        json!({ "tools": [{ "type": "function" }] }),
        expect!["`tools[0].name` cannot be taken: expected it to be there"],
    );
    check(
        json!({ "tool_choice": { "type": "allowed_tools" } }),
        expect!["`/v1/responses` does not do tool_choice: allowed_tools"],
    );
    check(
        json!({ "tool_choice": 1 }),
        expect!["`tool_choice` cannot be taken: expected `auto`, `none`, `required` or a function by name"],
    );
    check(
        json!({ "text": { "format": { "type": "grammar" } } }),
        expect![[r#"`/v1/responses` does not do text.format: "grammar""#]],
    );
    check(json!({ "reasoning": { "mode": "x" } }), expect!["`/v1/responses` does not do reasoning.mode"]);
    check(
        item(json!({ "type": "item_reference", "id": "a" })),
        expect!["`/v1/responses` does not do input[0]: item_reference"],
    );
    check(
        item(json!({ "role": "user", "content": [{ "type": "input_file", "file_id": "a" }] })),
        expect!["`/v1/responses` does not do input[0].content[0].file_id"],
    );
    check(
        item(json!({ "role": "user", "content": [{ "type": "input_image", "file_id": "a" }] })),
        expect!["`/v1/responses` does not do input[0].content[0].file_id"],
    );
    check(
        item(json!({ "role": "user" })),
        expect!["`input[0].content` cannot be taken: expected it to be there"],
    );
    check(
        item(json!({ "type": "function_call", "call_id": "a", "name": "b" })),
        expect!["`input[0].arguments` cannot be taken: expected it to be there"],
    );
    check(
        item(json!({ "type": "function_call_output", "call_id": "a" })),
        expect!["`input[0].output` cannot be taken: expected it to be there"],
    );
    check(
        item(json!({ "type": "reasoning", "summary": [{ "type": "summary_text", "text": "a" }] })),
        expect!["`/v1/responses` does not do input[0]"],
    );
    check(
        item(json!({ "type": "reasoning", "summary": [], "encrypted_content": "a" })),
        expect!["`/v1/responses` does not do input[0].encrypted_content"],
    );
}

#[test]
fn answers_from_chat() {
    let check = |file: &str, echo: Echo, expected: expect_test::ExpectFile| {
        let chat: chat::Response = serde_json::from_str(&golden(file)).unwrap();
        expected.assert_eq(&pretty(&Response::from_chat(chat, echo).unwrap()));
    };
    let (_, echo) = read("responses/request_full.json").into_chat().unwrap();
    check(
        "chat/response_tools.json",
        echo,
        expect_file!["../../testdata/wire/responses/response_tools.json"],
    );
    let plain = Echo::default();
    check(
        "chat/response_logprobs.json",
        plain,
        expect_file!["../../testdata/wire/responses/response_logprobs.json"],
    );
}

#[test]
fn streams_from_chat() {
    let check = |file: &str, expected: expect_test::ExpectFile| {
        let mut out = Vec::new();
        for event in events_of(chunks(file), Echo::default()).unwrap() {
            sse::encode::json(&mut out, event.name(), &event).unwrap();
            let again: Event = serde_json::from_value(serde_json::to_value(&event).unwrap()).unwrap();
            assert_eq!(again, event);
        }
        expected.assert_eq(&String::from_utf8(out).unwrap());
    };
    check("chat/stream_text.sse", expect_file!["../../testdata/wire/responses/stream_text.from_chat.sse"]);
    check("chat/stream_tools.sse", expect_file!["../../testdata/wire/responses/stream_tools.from_chat.sse"]);
    check(
        "chat/stream_length.sse",
        expect_file!["../../testdata/wire/responses/stream_length.from_chat.sse"],
    );
    check(
        "chat/stream_refusal.sse",
        expect_file!["../../testdata/wire/responses/stream_refusal.from_chat.sse"],
    );
}

#[test]
fn an_answer_that_breaks_off() {
    let mut machine = ToEvents::new(Echo::default());
    machine.push(chunks("chat/stream_text.sse").swap_remove(3)).unwrap();
    let events = machine.fail("server_error", "上流が切れました");
    let EventKind::Failed { response } = &events[0].kind else { panic!() };
    assert_eq!((events.len(), response.status.as_str()), (1, "failed"));
    assert_eq!(response.error, Some(json!({ "code": "server_error", "message": "上流が切れました" })));
    // Before the first part: created, in progress, failed.
    assert_eq!(ToEvents::new(Echo::default()).fail("server_error", "").len(), 3);
    let cut = chunks("chat/stream_text.sse").into_iter().take(4).collect();
    assert!(matches!(events_of(cut, Echo::default()), Err(Error::Malformed { .. })));
    assert!(matches!(events_of(Vec::new(), Echo::default()), Err(Error::Malformed { .. })));
}

/// Every item and part is added before it grows, and done once, in the order of the numbers.
fn check_order(events: &[Event]) {
    let (mut items, mut parts) = (Vec::new(), Vec::new());
    for (number, event) in events.iter().enumerate() {
        assert_eq!(event.sequence_number, number as u64);
        match &event.kind {
            EventKind::ItemAdded { output_index, item } => {
                assert_eq!(*output_index, items.len());
                assert_eq!(item.status.as_deref(), Some("in_progress"));
                items.push((item.id.clone().unwrap(), true));
            }
            EventKind::ItemDone { output_index, item } => {
                assert_eq!(items[*output_index], (item.id.clone().unwrap(), true));
                items[*output_index].1 = false;
            }
            EventKind::PartAdded { item_id, output_index, content_index, .. } => {
                assert_eq!(items[*output_index], (item_id.clone(), true));
                assert!(!parts.contains(&(*output_index, *content_index)));
                parts.push((*output_index, *content_index));
            }
            EventKind::PartDone { output_index, content_index, .. } => {
                assert_eq!(parts.pop(), Some((*output_index, *content_index)));
            }
            EventKind::TextDelta { item_id, output_index, content_index, .. }
            | EventKind::ReasoningDelta { item_id, output_index, content_index, .. } => {
                assert_eq!(items[*output_index], (item_id.clone(), true));
                assert_eq!(parts.last(), Some(&(*output_index, *content_index)));
            }
            EventKind::ArgumentsDelta { item_id, output_index, .. } => {
                assert_eq!(items[*output_index], (item_id.clone(), true));
            }
            _ => {}
        }
    }
    assert!(items.iter().all(|item| !item.1) && parts.is_empty());
}

proptest! {
    #[test]
    fn in_parts_as_whole((whole, chunks) in answer_in_parts()) {
        let expected = Response::from_chat(whole, Echo::default()).unwrap();
        let events = events_of(chunks, Echo::default()).unwrap();
        check_order(&events);
        let last = events.last().unwrap();
        let (EventKind::Completed { response } | EventKind::Incomplete { response }) = &last.kind else { panic!() };
        prop_assert_eq!(&**response, &expected);
    }
}
