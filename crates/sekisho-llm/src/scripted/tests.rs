use std::sync::atomic::AtomicU64;

use expect_test::{Expect, expect};
use futures_util::StreamExt;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Chunk, Response, chat, completion, embedding, rerank, tokens, wire};

fn ask(request: Request) -> Ask {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Ask { request: Arc::new(request), id: format!("r{number}").into(), deadline: None, trace: None }
}

fn chat_ask(body: serde_json::Value) -> Ask {
    let mut body = body;
    body["model"] = json!("demo");
    if body.get("messages").is_none() {
        body["messages"] = json!([{ "role": "user", "content": "国の川はどこ?" }]);
    }
    let request: chat::Request = wire::parse(body.to_string().as_bytes()).unwrap();
    Ask { id: "r".into(), ..ask(Request::Chat(request)) }
}

fn completion_ask(body: serde_json::Value) -> Ask {
    let request: completion::Request = wire::parse(body.to_string().as_bytes()).unwrap();
    Ask { id: "r".into(), ..ask(Request::Completion(request)) }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(work)
}

/// Everything that comes, as lines of JSON; an error as its text.
async fn transcript(model: &Scripted, ask: Ask) -> Vec<String> {
    let response = |response: &Response| match response {
        Response::Chat(it) => serde_json::to_string(it),
        Response::Completion(it) => serde_json::to_string(it),
        Response::Embedding(it) => serde_json::to_string(it),
        Response::Rerank(it) => serde_json::to_string(it),
        Response::Tokenize(it) => serde_json::to_string(it),
        Response::Detokenize(it) => serde_json::to_string(it),
    };
    match model.ask(ask).await {
        Err(error) => vec![format!("error: {error}")],
        Ok(Answer::Whole(whole)) => vec![response(&whole).unwrap()],
        Ok(Answer::Stream(stream)) => {
            let line = |chunk: Result<Chunk, Error>| match chunk {
                Ok(Chunk::Chat(chunk)) => serde_json::to_string(&chunk.choices).unwrap(),
                Ok(Chunk::Completion(chunk)) => serde_json::to_string(&chunk.choices).unwrap(),
                Err(error) => format!("error: {error}"),
            };
            stream.map(line).collect().await
        }
    }
}

fn check(script: Script, ask: Ask, expected: Expect) {
    let model = Scripted::new("demo", script);
    let lines = run(transcript(&model, ask));
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn a_chat_answer_whole() {
    check(
        Script::new([Rule::text("{number}: 「{last_user}」{unknown}")]),
        chat_ask(json!({ "logprobs": false })),
        expect![[
            r#"{"id":"chatcmpl-r","object":"chat.completion","created":1774969200,"model":"demo","choices":[{"index":0,"message":{"role":"assistant","content":"1: 「国の川はどこ?」{unknown}"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":37,"total_tokens":56}}"#
        ]],
    );
}

#[test]
fn a_chat_answer_in_parts() {
    let mut rule = Rule::text("山と川{choice}");
    rule.say.reasoning = Some("考える".to_owned());
    rule.pace.chunk_chars = 2;
    check(
        Script::new([rule]),
        chat_ask(
            json!({ "stream": true, "n": 2, "max_tokens": 18, "stream_options": { "include_usage": true } }),
        ),
        expect![[r#"
            [{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]
            [{"index":1,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]
            [{"index":0,"delta":{"reasoning_content":"考え"},"logprobs":null,"finish_reason":null}]
            [{"index":1,"delta":{"reasoning_content":"考え"},"logprobs":null,"finish_reason":null}]
            [{"index":0,"delta":{"reasoning_content":"る"},"logprobs":null,"finish_reason":null}]
            [{"index":1,"delta":{"reasoning_content":"る"},"logprobs":null,"finish_reason":null}]
            [{"index":0,"delta":{"content":"山と"},"logprobs":null,"finish_reason":null}]
            [{"index":1,"delta":{"content":"山と"},"logprobs":null,"finish_reason":null}]
            [{"index":0,"delta":{"content":"川"},"logprobs":null,"finish_reason":null}]
            [{"index":1,"delta":{"content":"川"},"logprobs":null,"finish_reason":null}]
            [{"index":0,"delta":{},"logprobs":null,"finish_reason":"length"}]
            [{"index":1,"delta":{},"logprobs":null,"finish_reason":"length"}]
            []"#]],
    );
}

#[test]
fn tools_are_called_and_their_results_answered() {
    let mut call = Rule::call("weather", r#"{"city":"東京"}"#);
    call.say.calls.push(Call { name: "time".to_owned(), arguments: "{}".to_owned() });
    call.when.last_role = Some("user".to_owned());
    call.pace.chunk_chars = 9;
    let script = Script::new([call, Rule::text("結果は{last}")]);
    check(
        script.clone(),
        chat_ask(json!({ "stream": true })),
        expect![[r#"
        [{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_r_0_0","type":"function","function":{"name":"weather","arguments":""}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":\""}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"東京\"}"}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_r_0_1","type":"function","function":{"name":"time","arguments":""}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]"#]],
    );
    check(
        script.clone(),
        chat_ask(json!({})),
        expect![[
            r#"{"id":"chatcmpl-r","object":"chat.completion","created":1774969200,"model":"demo","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_r_0_0","type":"function","function":{"name":"weather","arguments":"{\"city\":\"東京\"}"}},{"id":"call_r_0_1","type":"function","function":{"name":"time","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":19,"completion_tokens":30,"total_tokens":49}}"#
        ]],
    );
    let messages = json!([
        { "role": "user", "content": "東京の天気は?" },
        { "role": "assistant", "content": null, "tool_calls": [] },
        { "role": "tool", "content": "晴れ", "tool_call_id": "1" },
    ]);
    check(
        script,
        chat_ask(json!({ "messages": messages })),
        expect![[
            r#"{"id":"chatcmpl-r","object":"chat.completion","created":1774969200,"model":"demo","choices":[{"index":0,"message":{"role":"assistant","content":"結果は晴れ"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":25,"completion_tokens":15,"total_tokens":40}}"#
        ]],
    );
}

#[test]
fn stop_and_length() {
    let script = Script::new([Rule::text("一二三四")]);
    let model = Scripted::new("demo", script);
    let end = |body| {
        let Answer::Whole(Response::Chat(answer)) = run(model.ask(chat_ask(body))).unwrap() else { panic!() };
        let usage = answer.usage.unwrap();
        let choice = &answer.choices[0];
        let text: String = choice.message.content.as_ref().unwrap().texts().collect();
        (text, choice.finish_reason.clone().unwrap(), usage.completion_tokens.unwrap())
    };
    assert_eq!(end(json!({ "stop": "三" })), ("一二".to_owned(), "stop".to_owned(), 6));
    assert_eq!(end(json!({ "stop": ["四", "二", ""] })), ("一".to_owned(), "stop".to_owned(), 3));
    assert_eq!(end(json!({ "max_tokens": 7 })), ("一二".to_owned(), "length".to_owned(), 6));
    assert_eq!(end(json!({ "max_tokens": 1 })), (String::new(), "length".to_owned(), 0));
    assert_eq!(end(json!({ "max_tokens": 12 })), ("一二三四".to_owned(), "stop".to_owned(), 12));
}

#[test]
fn json_after_a_schema() {
    let schema = json!({
        "type": "object",
        "properties": {
            "form": { "type": "string", "maxLength": 3 },
            "kind": { "enum": ["転入届", "転出届"] },
            "pages": { "type": ["integer", "null"], "minimum": 2 },
            "urgent": { "type": "boolean" },
            "lines": { "type": "array", "items": { "$ref": "#/$defs/line" }, "minItems": 2 },
            "next": { "anyOf": [{ "type": "null" }, { "$ref": "#" }] },
        },
        "$defs": { "line": { "type": "object", "properties": { "text": { "type": "string" } } } },
    });
    let model = Scripted::new("demo", Script::new([Rule::text("様式第3号")]));
    let said = |format: serde_json::Value| {
        let Answer::Whole(Response::Chat(answer)) =
            run(model.ask(chat_ask(json!({ "response_format": format })))).unwrap()
        else {
            panic!()
        };
        answer.choices[0].message.content.as_ref().unwrap().texts().collect::<String>()
    };
    let format = |schema| json!({ "type": "json_schema", "json_schema": { "name": "n", "schema": schema } });
    expect![[r#"{"form":"様式第","kind":"転入届","pages":2,"urgent":true,"lines":[{"text":"様式第3号"},{"text":"様式第3号"}],"next":null}"#]].assert_eq(&said(format(schema)));
    assert_eq!(said(json!({ "type": "json_object" })), r#"{"answer":"様式第3号"}"#);
    assert_eq!(said(json!({ "type": "text" })), "様式第3号");
    // Schemas without an end, or with very many values, end somewhere.
    said(format(json!({ "$ref": "#" })));
    let wide = json!({ "type": "array", "minItems": 1_000_000, "items": { "$ref": "#" } });
    assert!(said(format(wide)).len() < 100_000);
}

#[test]
fn log_probabilities() {
    check(
        Script::new([Rule::text("aあ")]),
        chat_ask(json!({ "logprobs": true, "top_logprobs": 2, "max_tokens": 1 })),
        expect![[
            r#"{"id":"chatcmpl-r","object":"chat.completion","created":1774969200,"model":"demo","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"logprobs":{"content":[{"token":"a","logprob":-0.737,"bytes":[97],"top_logprobs":[{"token":"a","logprob":-0.737,"bytes":[97]},{"token":"F","logprob":-1.487,"bytes":[70]}]}]},"finish_reason":"length"}],"usage":{"prompt_tokens":19,"completion_tokens":1,"total_tokens":20}}"#
        ]],
    );
    check(
        Script::new([Rule::text("b")]),
        completion_ask(
            json!({ "model": "m", "prompt": "あa", "echo": true, "logprobs": 1, "max_tokens": 1 }),
        ),
        expect![[
            r#"{"id":"cmpl-r","object":"text_completion","created":1774969200,"model":"m","choices":[{"index":0,"text":"あab","logprobs":{"tokens":["bytes:\\xe3","bytes:\\x81","bytes:\\x82","a","b"],"token_logprobs":[null,-0.392,-0.955,-0.479,-0.675],"top_logprobs":[null,{"bytes:\\x81":-0.392},{"bytes:\\x82":-0.955},{"a":-0.479},{"b":-0.675}],"text_offset":[0,0,0,1,2]},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5}}"#
        ]],
    );
    check(
        Script::new([Rule::text("b")]),
        completion_ask(
            json!({ "model": "m", "prompt": [[97], [98]], "echo": true, "logprobs": 1, "max_tokens": 0 }),
        ),
        expect![[
            r#"{"id":"cmpl-r","object":"text_completion","created":1774969200,"model":"m","choices":[{"index":0,"text":"a","logprobs":{"tokens":["a"],"token_logprobs":[null],"top_logprobs":[null],"text_offset":[0]},"finish_reason":"length"},{"index":1,"text":"b","logprobs":{"tokens":["b"],"token_logprobs":[null],"top_logprobs":[null],"text_offset":[0]},"finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":0,"total_tokens":2}}"#
        ]],
    );
}

#[test]
fn a_completion_in_parts_says_what_the_whole_says() {
    let body = json!({ "model": "m", "prompt": ["あい", "b"], "n": 2, "echo": true, "logprobs": 2, "max_tokens": 9 });
    let model = Scripted::new(
        "demo",
        Script::new([Rule::text("川と山").pace(Pace { chunk_chars: 1, ..Pace::default() })]),
    );
    let Answer::Whole(Response::Completion(whole)) = run(model.ask(completion_ask(body.clone()))).unwrap()
    else {
        panic!()
    };
    let mut body = body;
    body["stream"] = json!(true);
    let chunks: Vec<Chunk> = run(async {
        let Answer::Stream(stream) = model.ask(completion_ask(body)).await.unwrap() else { panic!() };
        stream.map(Result::unwrap).collect().await
    });
    let mut texts = vec![String::new(); 4];
    let mut offsets = vec![Vec::new(); 4];
    for chunk in chunks {
        let Chunk::Completion(chunk) = chunk else { panic!() };
        for choice in chunk.choices {
            texts[choice.index as usize] += &choice.text;
            if let Some(logprobs) = choice.logprobs {
                offsets[choice.index as usize].extend(logprobs["text_offset"].as_array().unwrap().clone());
            }
        }
    }
    for choice in whole.choices {
        let index = choice.index as usize;
        assert_eq!(choice.text, texts[index]);
        assert_eq!(choice.logprobs.unwrap()["text_offset"].as_array().unwrap(), &offsets[index]);
    }
}

#[test]
fn faults() {
    let stream = || chat_ask(json!({ "stream": true }));
    let check = |fault: Fault, expected: Expect| {
        let model = Scripted::new("demo", Script::new([Rule::fault(fault)]));
        let lines = run(async {
            let mut lines = transcript(&model, stream()).await;
            lines.push("whole".to_owned());
            lines.extend(transcript(&model, chat_ask(json!({}))).await);
            lines
        });
        expected.assert_eq(&lines.join("\n"));
    };
    let retry_after = Some(Duration::from_secs(2));
    check(
        Fault::Status { status: 429, retry_after, message: "busy".to_owned() },
        expect![[r#"
        error: `demo` answered with status 429
        whole
        error: `demo` answered with status 429"#]],
    );
    check(
        Fault::Unreachable,
        expect![[r#"
        error: `demo` cannot be reached: connection refused
        whole
        error: `demo` cannot be reached: connection refused"#]],
    );
    check(
        Fault::Unsupported,
        expect![[r#"
        error: `demo` does not do chat
        whole
        error: `demo` does not do chat"#]],
    );
    check(
        Fault::Drop { after: Some(2) },
        expect![[r#"
        [{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]
        [{"index":0,"delta":{"content":"国の川は"},"logprobs":null,"finish_reason":null}]
        error: `demo` cannot be reached: connection closed
        whole
        error: `demo` cannot be reached: connection closed"#]],
    );
    check(
        Fault::Cut { after: Some(1) },
        expect![[r#"
        [{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]
        whole
        error: the answer of `demo` is not in its format: expected value at line 1 column 1"#]],
    );
    check(
        Fault::Malformed { after: Some(0) },
        expect![[r#"
        error: the answer of `demo` is not in its format: expected value at line 1 column 1
        whole
        error: the answer of `demo` is not in its format: expected value at line 1 column 1"#]],
    );
    check(
        Fault::Malformed { after: None },
        expect![[r#"
        error: the answer of `demo` is not in its format: expected value at line 1 column 1
        whole
        error: the answer of `demo` is not in its format: expected value at line 1 column 1"#]],
    );
}

#[test]
fn time_passes_and_runs_out() {
    let pace = Pace {
        first_byte: Duration::from_millis(80),
        chunk: Duration::from_millis(20),
        jitter: Duration::ZERO,
        chunk_chars: 1,
    };
    let model = Scripted::new("demo", Script::new([Rule::text("一二三四").pace(pace)]));
    run(async {
        for body in [json!({}), json!({ "stream": true })] {
            let start = tokio::time::Instant::now();
            assert!(!transcript(&model, chat_ask(body.clone())).await.join("").contains("error"));
            // Role, four letters and the end: five pauses.
            assert_eq!(start.elapsed().as_millis(), 180);
            let deadline = Some((tokio::time::Instant::now() + Duration::from_millis(100)).into_std());
            let lines = transcript(&model, Ask { deadline, ..chat_ask(body) }).await;
            assert_eq!(lines.last().unwrap(), "error: `demo` took too long (total)");
        }
        let hang = Scripted::new("demo", Script::new([Rule::fault(Fault::Hang { after: Some(3) })]));
        let deadline = Some((tokio::time::Instant::now() + Duration::from_secs(3_600)).into_std());
        let lines = transcript(&hang, Ask { deadline, ..chat_ask(json!({ "stream": true })) }).await;
        assert_eq!((lines.len(), lines[3].as_str()), (4, "error: `demo` took too long (total)"));
    });
    assert_eq!(model.counts(), Counts { asked: 4, answered: 2, failed: 2, cancelled: 0 });
}

#[test]
fn whoever_goes_away_is_noticed() {
    let script = Script::new([Rule::fault(Fault::Hang { after: None }).times(1), Rule::text("一二三四五六")]);
    let model = Scripted::new("demo", script);
    run(async {
        let patience = Duration::from_secs(1);
        assert!(tokio::time::timeout(patience, model.ask(chat_ask(json!({})))).await.is_err());
        let Answer::Stream(mut stream) = model.ask(chat_ask(json!({ "stream": true }))).await.unwrap() else {
            panic!()
        };
        stream.next().await.unwrap().unwrap();
        assert_eq!(model.counts(), Counts { asked: 2, answered: 0, failed: 0, cancelled: 1 });
        drop(stream);
    });
    drop(model.ask(chat_ask(json!({})))); // never even begun
    assert_eq!(model.counts(), Counts { asked: 3, answered: 0, failed: 0, cancelled: 3 });
    assert_eq!(model.asks().len(), 3);
}

#[test]
fn the_first_rule_that_fits() {
    let script = Script::new([
        Rule::text("天気").for_question("天気"),
        Rule::text("別").for_model("other"),
        Rule::text("続き").for_format(Format::Completion),
        Rule::status(503, None).times(2),
    ]);
    let model =
        Scripted::new("demo", Script { models: vec!["demo".to_owned(), "other".to_owned()], ..script });
    let said = |ask| run(transcript(&model, ask)).join("");
    let messages = json!([{ "role": "user", "content": [{ "type": "text", "text": "天気は" }] },
                          { "role": "assistant", "content": "?" }]);
    assert!(said(chat_ask(json!({ "messages": messages }))).contains(r#""天気""#));
    assert!(said(completion_ask(json!({ "model": "demo", "prompt": "x" }))).contains("続き"));
    assert!(said(completion_ask(json!({ "model": "other", "prompt": "x" }))).contains("別"));
    assert_eq!(said(completion_ask(json!({ "model": "third", "prompt": "x" }))), "error: no model `third`");
    let outcomes: Vec<bool> = (0..4).map(|_| said(chat_ask(json!({}))).contains("503")).collect();
    assert_eq!(outcomes, [true, true, false, false]);
}

#[test]
fn chance_follows_from_the_seed() {
    let faults = |seed| {
        let mut rule = Rule::status(500, None);
        rule.when.chance = Some(0.3);
        let model = Scripted::new("demo", Script { seed, ..Script::new([rule]) });
        let failed = |_| run(model.ask(chat_ask(json!({})))).is_err();
        (0..200).map(failed).collect::<Vec<bool>>()
    };
    assert_eq!(faults(1), faults(1));
    assert_ne!(faults(1), faults(2));
    let count = faults(1).iter().filter(|failed| **failed).count();
    assert!((40..80).contains(&count), "{count} of 200");
}

#[test]
fn vectors_of_length_one_nearer_where_texts_share_letters() {
    let model = Scripted::new("demo", Script::default());
    let embed = |mut body: serde_json::Value| {
        body["model"] = json!("m");
        let request: embedding::Request = wire::parse(body.to_string().as_bytes()).unwrap();
        match run(model.ask(ask(Request::Embedding(request)))) {
            Ok(Answer::Whole(Response::Embedding(response))) => Ok(response),
            Err(error) => Err(error.to_string()),
            other => panic!("{other:?}"),
        }
    };
    let inputs = ["住民票の写しを請求する", "住民票の写しの請求", "粗大ごみの収集日", "", "あ"];
    let response = embed(json!({ "input": inputs })).unwrap();
    let vectors: Vec<Vec<f32>> = response
        .data
        .iter()
        .map(|embedding| match &embedding.embedding {
            embedding::Vector::Floats(floats) => floats.clone(),
            embedding::Vector::Base64(_) => panic!(),
        })
        .collect();
    let dot = |one: usize, other: usize| -> f32 {
        vectors[one].iter().zip(&vectors[other]).map(|(a, b)| a * b).sum()
    };
    for (index, vector) in vectors.iter().enumerate() {
        assert_eq!(vector.len(), 256);
        assert!((dot(index, index) - 1.0).abs() < 1e-5);
    }
    assert!(dot(0, 1) > 0.6 && dot(0, 2).abs() < 0.3, "{} {}", dot(0, 1), dot(0, 2));
    assert_eq!(response.usage.unwrap().prompt_tokens, 33 + 27 + 24 + 3);

    let response = embed(json!({ "input": "あ", "dimensions": 2, "encoding_format": "base64" })).unwrap();
    let vector = vectors::vector("あ", 2);
    let embedding::Vector::Base64(text) = &response.data[0].embedding else { panic!() };
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap();
    assert_eq!(bytes, [vector[0].to_le_bytes(), vector[1].to_le_bytes()].concat());
    assert_eq!(
        embed(json!({ "input": "x", "dimensions": 5000 })).unwrap_err(),
        "`dimensions` cannot be taken: must be between 1 and 4096"
    );
    assert_eq!(
        embed(json!({ "input": [256] })).unwrap_err(),
        "`input` cannot be taken: must be between 0 and 255"
    );
}

#[test]
fn rerank_by_shared_letters() {
    let documents = json!(["ごみの収集日", { "text": "住民票の写し" }, "写しの請求と住民票", ""]);
    let body = json!({ "model": "m", "query": "住民票の写し", "documents": documents, "top_n": 3, "return_documents": true });
    let request: rerank::Request = wire::parse(body.to_string().as_bytes()).unwrap();
    check(
        Script::default(),
        Ask { id: "r".into(), ..ask(Request::Rerank(request)) },
        expect![[
            r#"{"id":"rerank-r","model":"m","results":[{"index":1,"relevance_score":1.0,"document":{"text":"住民票の写し"}},{"index":2,"relevance_score":0.46153846153846156,"document":{"text":"写しの請求と住民票"}},{"index":0,"relevance_score":0.0,"document":{"text":"ごみの収集日"}}],"usage":{"prompt_tokens":135,"total_tokens":135}}"#
        ]],
    );
}

#[test]
fn a_script_file() {
    let text = r#"
version = 1
seed = 7
models = ["demo"]
dimensions = 8

[[rule]]
format = "chat"
model = "demo"
contains = "天気"
last_role = "user"
tool_calls = [{ name = "weather", arguments = '{"city":"東京"}' }]

[[rule]]
chance = 0.01
times = 3
fault = { kind = "status", status = 503, retry_after_ms = 2000 }

[[rule]]
text = ["一", "二"]
reasoning = "考える"
first_byte_ms = 80
chunk_ms = 20
jitter_ms = 10
chunk_chars = 3
finish_reason = "content_filter"
fault = { kind = "drop", after_chunks = 5 }

[[rule]]
text = "一つ"
fault = { kind = "unreachable" }
"#;
    let script = Script::parse_toml(text).unwrap();
    let mut call = Rule::call("weather", r#"{"city":"東京"}"#)
        .for_model("demo")
        .for_question("天気")
        .for_format(Format::Chat);
    call.when.last_role = Some("user".to_owned());
    let mut status = Rule::fault(Fault::Status {
        status: 503,
        retry_after: Some(Duration::from_secs(2)),
        message: String::new(),
    })
    .times(3);
    status.when.chance = Some(0.01);
    let ms = Duration::from_millis;
    let mut drop = Rule::fault(Fault::Drop { after: Some(5) }).pace(Pace {
        first_byte: ms(80),
        chunk: ms(20),
        jitter: ms(10),
        chunk_chars: 3,
    });
    drop.say.texts = vec!["一".to_owned(), "二".to_owned()];
    drop.say.reasoning = Some("考える".to_owned());
    drop.say.finish_reason = Some("content_filter".to_owned());
    let mut unreachable = Rule::fault(Fault::Unreachable);
    unreachable.say.texts = vec!["一つ".to_owned()];
    let rules = vec![call, status, drop, unreachable];
    assert_eq!(script, Script { seed: 7, models: vec!["demo".to_owned()], dimensions: 8, rules });
}

#[test]
fn what_is_wrong_in_a_script_file() {
    let check = |text: &str, expected: Expect| {
        let problems: Vec<String> =
            Script::parse_toml(text).unwrap_err().iter().map(ToString::to_string).collect();
        expected.assert_eq(&problems.join("\n"));
    };
    check(
        "version = 1\nx = 1",
        expect![
            "line 2, ``: unknown field `x`, expected one of `version`, `seed`, `models`, `dimensions`, `rule`"
        ],
    );
    check("version = ", expect!["line 1, ``: string values must be quoted, expected literal string"]);
    check(
        "version = 2\ndimensions = 5000\n[[rule]]\nformat = 'talk'\nchance = 2.0\nchunk_chars = 0\n\n[[rule]]\n\
         fault = { kind = 'status', status = 700 }\n[[rule]]\nfault = { kind = 'drop', after = 1 }\n[[rule]]\ntext = 1\n\
         [[rule]]\nfault = { kind = 'flood' }\n[[rule]]\nchunk_ms = 999999999",
        expect![[r#"
            line 1, `version`: version 2, not 1
            line 1, `dimensions`: must be between 1 and 4096
            line 3, `rule[0].chance`: must be between 0 and 1
            line 3, `rule[0].chunk_chars`: must be between 1 and 1000000
            line 3, `rule[0].format`: none of ["chat", "completion", "embedding", "rerank", "tokenize", "detokenize"]
            line 8, `rule[1].fault.status`: must be between 100 and 599
            line 10, `rule[2].fault`: unknown field `after`, expected `after_chunks`
            line 12, `rule[3].text`: a string or an array of strings
            line 14, `rule[4].fault.kind`: unknown variant `flood`, expected one of `status`, `unreachable`, `unsupported`, `drop`, `cut`, `malformed`, `hang`
            line 16, `rule[5].chunk_ms`: must be between 0 and 86400000"#]],
    );
}

proptest! {
    #[test]
    fn tokens_round_trip(text in "\\PC{0,40}") {
        let model = Scripted::new("demo", Script::default());
        let request = tokens::TokenizeRequest { model: "m".into(), prompt: Some(text.clone()), ..Default::default() };
        let Answer::Whole(Response::Tokenize(cut)) = run(model.ask(ask(Request::Tokenize(request)))).unwrap() else { panic!() };
        prop_assert_eq!(cut.count as usize, cut.tokens.len());
        let request = tokens::DetokenizeRequest { model: "m".into(), tokens: cut.tokens, ..Default::default() };
        let Answer::Whole(Response::Detokenize(back)) = run(model.ask(ask(Request::Detokenize(request)))).unwrap() else { panic!() };
        prop_assert_eq!(back.prompt, text);
    }

    #[test]
    fn a_script_file_never_panics(text in "(version = 1\n|\\[\\[rule\\]\\]\n|[a-z_]{1,9} = [0-9a-z'{}\" ]{1,9}\n){0,9}") {
        let _ = Script::parse_toml(&text);
    }
}
