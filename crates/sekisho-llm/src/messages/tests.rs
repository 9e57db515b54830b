use expect_test::{Expect, expect, expect_file};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{chat, sse, wire, wire::tests::golden};

const CREATED: u64 = 1_774_969_200;

pub(crate) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

fn sse_events(text: &str) -> Vec<sse::Event> {
    let mut decoder = sse::Decoder::default();
    let mut bytes = text.as_bytes();
    let mut events = Vec::new();
    while let Some(event) = decoder.next(&mut bytes).unwrap() {
        events.push(event);
    }
    events
}

pub(crate) fn chunks(file: &str) -> Vec<chat::Chunk> {
    let events = sse_events(&golden(file));
    let chunks = events.iter().filter(|event| event.data != sse::DONE);
    chunks.map(|event| serde_json::from_str(&event.data).unwrap()).collect()
}

fn written(events: &[Event]) -> String {
    let mut out = Vec::new();
    for event in events {
        sse::encode::json(&mut out, event.name(), event).unwrap();
    }
    String::from_utf8(out).unwrap()
}

fn events_of(chunks: Vec<chat::Chunk>) -> Result<Vec<Event>, Error> {
    let mut machine = ToEvents::new();
    let mut events = Vec::new();
    for chunk in chunks {
        events.extend(machine.push(chunk)?);
    }
    events.extend(machine.finish()?);
    Ok(events)
}

fn chunks_of(events: Vec<Event>, include_usage: bool) -> Result<Vec<chat::Chunk>, Error> {
    let mut machine = ToChunks::new(CREATED, include_usage);
    let mut chunks = Vec::new();
    for event in events {
        chunks.extend(machine.push(event)?);
    }
    machine.finish()?;
    Ok(chunks)
}

#[test]
fn requests_to_chat_and_back() {
    let read = |file| wire::parse::<Request>(golden(file).as_bytes()).unwrap();
    let plain = read("messages/request_plain.json").into_chat().unwrap();
    expect_file!["../../testdata/wire/messages/request_plain.chat.json"].assert_eq(&pretty(&plain));
    let full = read("messages/request_full.json").into_chat().unwrap();
    expect_file!["../../testdata/wire/messages/request_full.chat.json"].assert_eq(&pretty(&full));
    full.check().unwrap();
    let back = Request::from_chat(full).unwrap();
    expect_file!["../../testdata/wire/messages/request_full.back.json"].assert_eq(&pretty(&back));
    let thinking = read("messages/request_thinking.json").into_chat().unwrap();
    expect_file!["../../testdata/wire/messages/request_thinking.chat.json"].assert_eq(&pretty(&thinking));
    // A thought of another model has no signature, and its server would not take it.
    let error = Request::from_chat(thinking).unwrap_err();
    assert_eq!(error.to_string(), "`/v1/messages` does not do messages[3].reasoning_content");
}

#[test]
fn what_has_no_place_in_chat_is_named() {
    fn check(change: Value, expected: Expect) {
        let mut body: Value = serde_json::from_str(&golden("messages/request_plain.json")).unwrap();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let request: Request = wire::parse(body.to_string().as_bytes()).unwrap();
        expected.assert_eq(&request.into_chat().unwrap_err().to_string());
    }
    fn user(block: Value) -> Value {
        json!({ "messages": [{ "role": "user", "content": [block] }] })
    }
    check(json!({ "container": "c" }), expect!["`/v1/messages` does not do container"]);
    check(json!({ "metadata": { "team": "x" } }), expect!["`/v1/messages` does not do metadata.team"]);
    check(
        json!({ "tools": [{ "type": "web_search_20250305", "name": "web_search" }] }),
        expect!["`/v1/messages` does not do tools[0]: web_search_20250305"],
    );
    check(
        json!({ "tools": [{ "name": "a" }] }),
        expect!["`tools[0].input_schema` cannot be taken: expected it to be there"],
    );
    check(
        json!({ "tool_choice": { "type": "later" } }),
        expect!["`/v1/messages` does not do tool_choice: later"],
    );
    check(
        json!({ "tool_choice": { "type": "tool" } }),
        expect!["`tool_choice.name` cannot be taken: expected it to be there"],
    );
    check(
        json!({ "output_config": { "format": { "type": "grammar" } } }),
        expect![[r#"`/v1/messages` does not do output_config.format: "grammar""#]],
    );
    check(
        user(json!({ "type": "document", "source": { "type": "text" } })),
        expect!["`/v1/messages` does not do messages[0].content[0]: document"],
    );
    check(
        user(json!({ "type": "image", "source": { "type": "file", "file_id": "f" } })),
        expect!["`/v1/messages` does not do messages[0].content[0].source.file_id"],
    );
    check(
        user(json!({ "type": "image", "source": { "type": "base64", "data": "" } })),
        expect!["`messages[0].content[0].source.media_type` cannot be taken: expected it to be there"],
    );
    check(
        user(json!({ "type": "image" })),
        expect!["`messages[0].content[0].source` cannot be taken: expected it to be there"],
    );
    check(
        user(json!({ "type": "text", "text": "a", "citations": [{}] })),
        expect!["`/v1/messages` does not do messages[0].content[0].citations"],
    );
    check(
        user(json!({ "type": "text" })),
        expect!["`messages[0].content[0].text` cannot be taken: expected it to be there"],
    );
    check(
        user(json!({ "type": "tool_use", "id": "a", "name": "b", "input": {} })),
        expect!["`/v1/messages` does not do messages[0].content[0]: tool_use"],
    );
    check(
        user(json!({ "type": "tool_result", "content": [{ "type": "document" }], "tool_use_id": "a" })),
        expect!["`/v1/messages` does not do messages[0].content[0].content[0]: document"],
    );
}

#[test]
fn what_has_no_place_in_messages_is_named() {
    fn check(change: Value, expected: Expect) {
        let mut body: Value = serde_json::from_str(&golden("chat/request_plain.json")).unwrap();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let request: chat::Request = wire::parse(body.to_string().as_bytes()).unwrap();
        expected.assert_eq(&Request::from_chat(request).unwrap_err().to_string());
    }
    fn message(message: Value) -> Value {
        json!({ "messages": [message] })
    }
    check(json!({ "n": 2 }), expect!["`/v1/messages` does not do n"]);
    check(json!({ "seed": 1 }), expect!["`/v1/messages` does not do seed"]);
    check(json!({ "presence_penalty": 0.5 }), expect!["`/v1/messages` does not do presence_penalty"]);
    check(json!({ "logprobs": true }), expect!["`/v1/messages` does not do logprobs"]);
    check(json!({ "temperature": 1.5 }), expect!["`temperature` cannot be taken: must be between 0 and 1"]);
    check(
        json!({ "response_format": { "type": "json_object" } }),
        expect![[r#"`/v1/messages` does not do response_format: "json_object""#]],
    );
    check(json!({ "logit_bias": { "1": 1 } }), expect!["`/v1/messages` does not do logit_bias"]);
    check(json!({ "tools": [{ "type": "custom" }] }), expect!["`/v1/messages` does not do tools[0]: custom"]);
    check(
        json!({ "tool_choice": { "type": "allowed_tools" } }),
        expect!["`/v1/messages` does not do tool_choice"],
    );
    check(json!({ "top_k": "x" }), expect!["`top_k` cannot be taken: expected a whole number"]);
    check(
        message(json!({ "role": "user", "content": "a", "name": "b" })),
        expect!["`/v1/messages` does not do messages[0].name"],
    );
    check(
        message(json!({ "role": "function", "content": "a" })),
        expect!["`/v1/messages` does not do messages[0].role: function"],
    );
    check(
        message(json!({ "role": "tool", "content": "a" })),
        expect!["`messages[0].tool_call_id` cannot be taken: expected a string"],
    );
    check(
        message(json!({ "role": "user", "content": [{ "type": "input_audio", "input_audio": {} }] })),
        expect!["`/v1/messages` does not do messages[0].content[0].input_audio"],
    );
    check(
        message(
            json!({ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "data:image/png,x" } }] }),
        ),
        expect![[
            r#"`messages[0].content[0].image_url.url` cannot be taken: none of ["data:image/…;base64,…"]"#
        ]],
    );
    check(
        message(
            json!({ "role": "assistant", "tool_calls": [{ "id": "a", "type": "function", "function": { "name": "b", "arguments": "[1" } }] }),
        ),
        expect![
            "`messages[0].tool_calls[0].function.arguments` cannot be taken: expected the JSON of an object"
        ],
    );
}

#[test]
fn answers_to_chat_and_back() {
    let read = |file| serde_json::from_str::<Response>(&golden(file)).unwrap();
    let tools = read("messages/response_tools.json").into_chat(CREATED).unwrap();
    expect_file!["../../testdata/wire/messages/response_tools.chat.json"].assert_eq(&pretty(&tools));
    let back = Response::from_chat(tools).unwrap();
    expect_file!["../../testdata/wire/messages/response_tools.back.json"].assert_eq(&pretty(&back));
    let thinking = read("messages/response_thinking.json");
    let chat = thinking.clone().into_chat(CREATED).unwrap();
    expect_file!["../../testdata/wire/messages/response_thinking.chat.json"].assert_eq(&pretty(&chat));
    let back = Response::from_chat(chat).unwrap();
    assert_eq!(back, thinking);
}

#[test]
fn answers_that_cannot_be_told() {
    let chat = |choices: Value| serde_json::from_value(json!({ "choices": choices })).unwrap();
    let error = |choices| Response::from_chat(chat(choices)).unwrap_err().to_string();
    let choice = json!({ "message": { "role": "assistant", "content": "a" } });
    let broken = json!({ "message": { "role": "assistant", "tool_calls": [{ "function": { "name": "f", "arguments": "{" } }] } });
    expect![[r#"
        the answer of `/v1/messages` is not in its format: 0 answers, not one
        the answer of `/v1/messages` is not in its format: 2 answers, not one
        the answer of `/v1/messages` is not in its format: the arguments of a call of `f` are not the JSON of an object"#]]
        .assert_eq(&[error(json!([])), error(json!([choice, choice])), error(json!([broken]))].join("\n"));
    let server = json!({ "id": "m", "type": "message", "role": "assistant", "model": "m", "usage": {},
                         "content": [{ "type": "server_tool_use" }] });
    let error = serde_json::from_value::<Response>(server).unwrap().into_chat(CREATED).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the answer of `/v1/messages` is not in its format: a block of type `server_tool_use`"
    );
}

#[test]
fn streams_from_chat() {
    let check = |file: &str, expected: expect_test::ExpectFile| {
        expected.assert_eq(&written(&events_of(chunks(file)).unwrap()));
    };
    check("chat/stream_text.sse", expect_file!["../../testdata/wire/messages/stream_text.from_chat.sse"]);
    check("chat/stream_tools.sse", expect_file!["../../testdata/wire/messages/stream_tools.from_chat.sse"]);
    check("chat/stream_length.sse", expect_file!["../../testdata/wire/messages/stream_length.from_chat.sse"]);
    check(
        "chat/stream_refusal.sse",
        expect_file!["../../testdata/wire/messages/stream_refusal.from_chat.sse"],
    );
}

#[test]
fn streams_to_chat() {
    let events = |file: &str| -> Vec<Event> {
        let events = sse_events(&golden(file));
        let read = |event: &sse::Event| {
            let read: Event = serde_json::from_str(&event.data).unwrap();
            assert!(read.name() == event.name || read == Event::Unknown, "{}", event.name);
            read
        };
        events.iter().map(read).collect()
    };
    let check = |file: &str, expected: expect_test::ExpectFile| {
        let mut out = Vec::new();
        for chunk in chunks_of(events(file), true).unwrap() {
            sse::encode::json(&mut out, "", &chunk).unwrap();
        }
        expected.assert_eq(&String::from_utf8(out).unwrap());
    };
    check("messages/stream_text.sse", expect_file!["../../testdata/wire/messages/stream_text.chat.sse"]);
    check("messages/stream_tools.sse", expect_file!["../../testdata/wire/messages/stream_tools.chat.sse"]);
    let error = chunks_of(events("messages/stream_error.sse"), true).unwrap_err();
    assert_eq!(
        error,
        Error::Status {
            provider: "/v1/messages".to_owned(),
            status: 529,
            message: "混み合っています".to_owned(),
            retry_after: None
        }
    );
    let mut cut = events("messages/stream_text.sse");
    cut.pop();
    assert!(matches!(chunks_of(cut, false).unwrap_err(), Error::Malformed { .. }));
    let without = chunks_of(events("messages/stream_text.sse"), false).unwrap();
    assert!(without.iter().all(|chunk| chunk.usage.is_none()));
    // And back to events: what was told is told again.
    let told = events_of(chunks_of(events("messages/stream_tools.sse"), true).unwrap()).unwrap();
    expect_file!["../../testdata/wire/messages/stream_tools.back.sse"].assert_eq(&written(&told));
}

#[test]
fn events_out_of_order_are_refused() {
    let delta = |text: &str| BlockDelta::TextDelta { text: text.to_owned() };
    let start = |block| Event::ContentBlockStart { index: 0, content_block: block };
    let refused = |events: Vec<Event>| {
        let mut machine = ToChunks::new(CREATED, true);
        events.into_iter().any(|event| machine.push(event).is_err())
    };
    assert!(refused(vec![Event::ContentBlockDelta { index: 0, delta: delta("a") }]));
    assert!(refused(vec![Event::ContentBlockStop { index: 0 }]));
    assert!(refused(vec![start(Block::text("")), start(Block::text(""))]));
    assert!(refused(vec![start(Block { kind: "server_tool_use".to_owned(), ..Block::default() })]));
    let json = BlockDelta::InputJsonDelta { partial_json: "{}".to_owned() };
    assert!(refused(vec![start(Block::text("")), Event::ContentBlockDelta { index: 0, delta: json }]));
    assert!(refused(vec![
        start(Block::text("")),
        Event::ContentBlockDelta { index: 0, delta: BlockDelta::Unknown }
    ]));
    let many =
        (0..=BLOCKS_MAX).map(|index| Event::ContentBlockStart { index, content_block: Block::text("") });
    assert!(refused(many.collect()));
}

#[test]
fn calls_written_at_once_stay_apart() {
    let part = |index, id: Option<&str>, name: Option<&str>, arguments: &str| {
        let call = json!({ "index": index, "id": id, "function": { "name": name, "arguments": arguments } });
        serde_json::from_value::<chat::Chunk>(json!({ "choices": [{ "delta": { "tool_calls": [call] } }] }))
            .unwrap()
    };
    let end = serde_json::from_value(json!({ "choices": [{ "finish_reason": "tool_calls" }] })).unwrap();
    let chunks = vec![
        part(0, Some("a"), Some("f"), "{\"x\""),
        part(1, None, None, "{"),
        part(0, None, None, ":1}"),
        part(1, None, Some("g"), "}"),
        end,
    ];
    let answer = collect(&events_of(chunks).unwrap());
    expect![[r#"[{"type":"tool_use","id":"a","name":"f","input":{"x":1}},{"type":"tool_use","id":"toolu_1","name":"g","input":{}}]"#]].assert_eq(&serde_json::to_string(&answer.content).unwrap());
}

/// What a client makes of the events.
fn collect(events: &[Event]) -> Response {
    let mut answer = Response::default();
    let mut inputs: Vec<String> = Vec::new();
    for event in events.iter().cloned() {
        match event {
            Event::MessageStart { message } => answer = message,
            Event::ContentBlockStart { index, content_block } => {
                assert_eq!(index as usize, answer.content.len());
                answer.content.push(content_block);
                inputs.push(String::new());
            }
            Event::ContentBlockDelta { index, delta } => {
                let block = &mut answer.content[index as usize];
                let (member, more) = match delta {
                    BlockDelta::TextDelta { text } => (&mut block.text, text),
                    BlockDelta::ThinkingDelta { thinking } => (&mut block.thinking, thinking),
                    BlockDelta::SignatureDelta { signature } => (&mut block.signature, signature),
                    BlockDelta::InputJsonDelta { partial_json } => {
                        inputs[index as usize] += &partial_json;
                        continue;
                    }
                    BlockDelta::Unknown => panic!("never made"),
                };
                member.as_mut().expect("a block of that type").push_str(&more);
            }
            Event::MessageDelta { delta, usage } => {
                (answer.stop_reason, answer.stop_sequence) = (delta.stop_reason, delta.stop_sequence);
                answer.usage = usage;
            }
            _ => {}
        }
    }
    for (block, input) in answer.content.iter_mut().zip(inputs) {
        if block.kind == "tool_use" {
            block.input = response_from_chat::arguments_object(&input);
        }
    }
    answer
}

/// A whole answer, and the same cut into parts anywhere.
pub(crate) fn answer_in_parts() -> impl Strategy<Value = (chat::Response, Vec<chat::Chunk>)> {
    let texts = ("[あ-ん{}\"a-z ]{0,12}", "[あ-んa-z]{0,12}", prop::collection::vec("[a-zあ-ん]{0,8}", 0..3));
    let finish = prop::sample::select(vec!["stop", "length", "tool_calls", "content_filter"]);
    (texts, finish, 1usize..5).prop_map(|((text, reasoning, arguments), finish, size)| {
        let arguments: Vec<String> = arguments.iter().map(|text| json!({ "q": text }).to_string()).collect();
        let usage = json!({ "prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16 });
        let calls: Vec<Value> = arguments
            .iter()
            .enumerate()
            .map(|(index, arguments)| json!({ "id": format!("c{index}"), "type": "function", "function": { "name": "f", "arguments": arguments } }))
            .collect();
        let mut message = json!({ "role": "assistant", "content": text });
        if !reasoning.is_empty() {
            message["reasoning_content"] = json!(reasoning);
        }
        if !calls.is_empty() {
            message["tool_calls"] = json!(calls);
        }
        let whole = json!({ "id": "chatcmpl-1", "created": 5, "model": "m", "usage": usage,
                            "choices": [{ "index": 0, "message": message, "finish_reason": finish }] });
        let pieces = |text: &str| -> Vec<String> {
            let letters: Vec<char> = text.chars().collect();
            letters.chunks(size).map(|piece| piece.iter().collect()).collect()
        };
        let mut deltas = vec![json!({ "role": "assistant", "content": "" })];
        deltas.extend(pieces(&reasoning).iter().map(|piece| json!({ "reasoning_content": piece })));
        deltas.extend(pieces(&text).iter().map(|piece| json!({ "content": piece })));
        for (index, arguments) in arguments.iter().enumerate() {
            deltas.push(json!({ "tool_calls": [{ "index": index, "id": format!("c{index}"), "function": { "name": "f" } }] }));
            let more = |piece: &String| json!({ "tool_calls": [{ "index": index, "function": { "arguments": piece } }] });
            deltas.extend(pieces(arguments).iter().map(more));
        }
        let chunk = |choices: Value| json!({ "id": "chatcmpl-1", "created": 5, "model": "m", "choices": choices });
        let mut chunks: Vec<Value> =
            deltas.into_iter().map(|delta| chunk(json!([{ "index": 0, "delta": delta }]))).collect();
        chunks.push(chunk(json!([{ "index": 0, "delta": {}, "finish_reason": finish }])));
        let mut last = chunk(json!([]));
        last["usage"] = usage;
        chunks.push(last);
        let chunks = chunks.into_iter().map(|chunk| serde_json::from_value(chunk).unwrap()).collect();
        (serde_json::from_value(whole).unwrap(), chunks)
    })
}

proptest! {
    #[test]
    fn in_parts_as_whole((whole, chunks) in answer_in_parts()) {
        let expected = Response::from_chat(whole).unwrap();
        let mut told = collect(&events_of(chunks).unwrap());
        told.usage.input_tokens = expected.usage.input_tokens; // in a stream it comes twice
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn there_and_back((whole, chunks) in answer_in_parts()) {
        let events = events_of(chunks).unwrap();
        let again = events_of(chunks_of(events.clone(), true).unwrap()).unwrap();
        let (mut one, mut other) = (collect(&events), collect(&again));
        one.id.clear();
        other.id.clear();
        prop_assert_eq!(one, other);
        let mut back = Response::from_chat(whole.clone()).unwrap().into_chat(5).unwrap();
        back.id = whole.id;
        let has_calls = whole.choices[0].message.tool_calls.is_some();
        let finish = whole.choices[0].finish_reason.as_deref().map(|finish| match finish {
            "stop" if has_calls => "tool_calls",
            finish => finish,
        });
        prop_assert_eq!(back.choices[0].finish_reason.as_deref(), finish);
        prop_assert_eq!(back.usage, whole.usage);
        prop_assert_eq!(&back.choices[0].message.tool_calls, &whole.choices[0].message.tool_calls);
    }

    #[test]
    fn any_request_is_turned_or_refused(bytes in "\\{\"model\":\"m\",\"max_tokens\":1,\"messages\":\\[\\{\"role\":\"(user|assistant)\",\"content\":\\[\\{\"type\":\"(text|image|tool_use|tool_result|thinking|x)\"(,\"(text|id|name|thinking|content|tool_use_id)\":\"a\"){0,3}\\}\\]\\}\\]\\}") {
        if let Ok(request) = wire::parse::<Request>(bytes.as_bytes()) {
            let _ = request.into_chat().and_then(Request::from_chat);
        }
    }
}
