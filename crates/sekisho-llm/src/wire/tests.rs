//! What holds for every format: nothing is lost, nothing panics, and what is wrong is named.

use std::{fs, path::PathBuf};

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{chat, completion, embedding, messages, model, rerank, responses, tokens};

pub(crate) fn golden(file: &str) -> String {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/wire")).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reads a body and writes it again.
type Again = fn(&[u8]) -> Result<Value, Error>;

fn request<T: Body + Serialize>(bytes: &[u8]) -> Result<Value, Error> {
    parse::<T>(bytes).map(|body| serde_json::to_value(body).unwrap())
}

fn answer<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<Value, Error> {
    let malformed = |error: serde_json::Error| crate::rest::malformed("", error.to_string());
    serde_json::from_slice::<T>(bytes).map_err(malformed).map(|body| serde_json::to_value(body).unwrap())
}

const FORMATS: &[(&str, Again)] = &[
    ("chat/request_", request::<chat::Request>),
    ("chat/response_", answer::<chat::Response>),
    ("completion/request_", request::<completion::Request>),
    ("completion/response", answer::<completion::Response>),
    ("embedding/request_", request::<embedding::Request>),
    ("embedding/response_", answer::<embedding::Response>),
    ("rerank/request", request::<rerank::Request>),
    ("rerank/response", answer::<rerank::Response>),
    ("tokens/tokenize_request_", request::<tokens::TokenizeRequest>),
    ("tokens/tokenize_response", answer::<tokens::TokenizeResponse>),
    ("tokens/detokenize_request", request::<tokens::DetokenizeRequest>),
    ("tokens/detokenize_response", answer::<tokens::DetokenizeResponse>),
    ("model/list", answer::<model::List>),
    ("model/model", answer::<model::Model>),
    ("messages/request_", request::<messages::Request>),
    ("messages/response_", answer::<messages::Response>),
    ("messages/error", answer::<messages::ErrorResponse>),
    ("responses/request_", request::<responses::Request>),
    ("responses/response_", answer::<responses::Response>),
];

fn folder(name: &str) -> Vec<String> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/wire")).join(name);
    let files = fs::read_dir(path).unwrap();
    files.map(|file| format!("{name}/{}", file.unwrap().file_name().to_str().unwrap())).collect()
}

/// The goldens of one row of [`FORMATS`]. `request_full.chat.json` is the work of a conversion, of another format.
fn goldens(prefix: &str) -> Vec<String> {
    let (name, _) = prefix.split_once('/').unwrap();
    let is_own = |file: &String| {
        file.starts_with(prefix) && file.split_once('.').is_some_and(|(_, ending)| ending == "json")
    };
    let files: Vec<String> = folder(name).into_iter().filter(is_own).collect();
    assert!(!files.is_empty(), "{prefix}");
    files
}

#[test]
fn goldens_come_out_as_they_went_in() {
    for (prefix, again) in FORMATS {
        for file in goldens(prefix) {
            let text = golden(&file);
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(again(text.as_bytes()).unwrap(), read, "{file}");
        }
    }
}

fn check<T: Body + std::fmt::Debug>(body: Value, expected: Expect) {
    let error = parse::<T>(body.to_string().as_bytes()).unwrap_err();
    expected.assert_eq(&error.to_string());
}

#[test]
fn what_is_wrong_in_chat_is_named() {
    let user = json!([{ "role": "user", "content": "?" }]);
    check::<chat::Request>(
        json!({ "messages": user }),
        expect!["`` cannot be taken: missing field `model` at line 1 column 44"],
    );
    check::<chat::Request>(
        json!({ "model": "", "messages": user }),
        expect!["`model` cannot be taken: empty"],
    );
    check::<chat::Request>(
        json!({ "model": "m", "messages": [] }),
        expect!["`messages` cannot be taken: empty"],
    );
    check::<chat::Request>(
        json!({ "model": "m", "messages": [{ "role": "king", "content": "?" }] }),
        expect![[
            r#"`messages[0].role` cannot be taken: none of ["system", "developer", "user", "assistant", "tool", "function"]"#
        ]],
    );
    check::<chat::Request>(
        json!({ "model": "m", "messages": [{ "role": "user", "content": 1 }] }),
        expect![
            "`messages[0].content` cannot be taken: a string or an array of parts, each with a `type` at line 1 column 52"
        ],
    );
    check::<chat::Request>(
        json!({ "model": "m", "messages": user, "temperature": 9 }),
        expect!["`temperature` cannot be taken: must be between 0 and 2"],
    );
    check::<chat::Request>(
        json!({ "model": "m", "messages": user, "n": 0 }),
        expect!["`n` cannot be taken: must be between 1 and 128"],
    );
    check::<chat::Request>(
        json!({ "model": "m", "messages": user, "top_logprobs": 1 }),
        expect!["`top_logprobs` cannot be taken: does not go together with `logprobs`"],
    );
    check::<chat::Request>(
        json!({ "model": "m", "messages": user, "stream_options": {} }),
        expect!["`stream_options` cannot be taken: does not go together with `stream`"],
    );
}

#[test]
fn what_is_wrong_elsewhere_is_named() {
    let user = json!([{ "role": "user", "content": "?" }]);
    check::<completion::Request>(
        json!({ "model": "m", "prompt": [] }),
        expect!["`prompt` cannot be taken: empty"],
    );
    check::<completion::Request>(
        json!({ "model": "m", "prompt": ["a", 1] }),
        expect![
            "`prompt` cannot be taken: a string, an array of strings, an array of token ids or an array of arrays of token ids at line 1 column 30"
        ],
    );
    check::<completion::Request>(
        json!({ "model": "m", "prompt": vec!["a"; 2049] }),
        expect!["`prompt` cannot be taken: more than 2048"],
    );
    check::<embedding::Request>(
        json!({ "model": "m", "input": "a", "encoding_format": "hex" }),
        expect![[r#"`encoding_format` cannot be taken: none of ["float", "base64"]"#]],
    );
    check::<rerank::Request>(
        json!({ "model": "m", "query": "a", "documents": [{ "title": "b" }] }),
        expect!["`documents[0]` cannot be taken: a string or an object with `text` at line 1 column 52"],
    );
    check::<tokens::TokenizeRequest>(
        json!({ "model": "m", "prompt": "a", "messages": user }),
        expect!["`prompt` cannot be taken: does not go together with `messages`"],
    );
    check::<messages::Request>(
        json!({ "model": "m", "messages": user }),
        expect!["`` cannot be taken: missing field `max_tokens` at line 1 column 56"],
    );
    check::<messages::Request>(
        json!({ "model": "m", "messages": user, "max_tokens": 0 }),
        expect!["`max_tokens` cannot be taken: must be between 1 and 1000000000"],
    );
    check::<messages::Request>(
        json!({ "model": "m", "messages": [{ "role": "tool", "content": "" }], "max_tokens": 1 }),
        expect![[r#"`messages[0].role` cannot be taken: none of ["user", "assistant", "system"]"#]],
    );
    check::<messages::Request>(
        json!({ "model": "m", "messages": user, "max_tokens": 1, "temperature": 1.5 }),
        expect!["`temperature` cannot be taken: must be between 0 and 1"],
    );
    check::<responses::Request>(
        json!({ "model": "m", "input": [] }),
        expect!["`input` cannot be taken: empty"],
    );
    check::<responses::Request>(
        json!({ "model": "m", "input": [{ "role": "tool", "content": "" }] }),
        expect![[r#"`input[0].role` cannot be taken: none of ["user", "assistant", "system", "developer"]"#]],
    );
    check::<responses::Request>(
        json!({ "model": "m", "input": "?", "top_logprobs": 21 }),
        expect!["`top_logprobs` cannot be taken: must be between 0 and 20"],
    );
}

#[test]
fn no_json_and_more_than_json() {
    for body in ["", "{", "{} {}", "[]", "{\"model\":\"m\",\"messages\":[]}x", "\u{0}"] {
        let error = parse::<chat::Request>(body.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{body}: {error:?}");
    }
    let deep = "[".repeat(100_000);
    assert!(parse::<chat::Request>(deep.as_bytes()).is_err());
}

#[test]
fn the_largest_batches_are_taken() {
    let prompts = vec!["a"; completion::PROMPTS_MAX];
    parse::<completion::Request>(json!({ "model": "m", "prompt": prompts }).to_string().as_bytes()).unwrap();
    let inputs = vec!["a"; embedding::INPUTS_MAX];
    parse::<embedding::Request>(json!({ "model": "m", "input": inputs }).to_string().as_bytes()).unwrap();
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A golden request with one member somewhere in it replaced or added.
fn changed_golden() -> impl Strategy<Value = (usize, Value, String, Value, Vec<usize>)> {
    let files: Vec<(usize, Value)> = FORMATS
        .iter()
        .enumerate()
        .flat_map(|(index, (prefix, _))| {
            goldens(prefix)
                .into_iter()
                .map(move |file| (index, serde_json::from_str(&golden(&file)).unwrap()))
        })
        .collect();
    let names =
        prop_oneof!["zz_[a-z]{1,5}", "(content|role|type|text|input|stop|tools|usage|id|index|stream|n)"];
    let way = prop::collection::vec(0usize..6, 0..6);
    (prop::sample::select(files), names, any_json(), way)
        .prop_map(|((index, golden), name, value, way)| (index, golden, name, value, way))
}

/// The object at the end of a way through arrays and objects.
fn object_at<'v>(value: &'v mut Value, way: &[usize]) -> Option<&'v mut serde_json::Map<String, Value>> {
    let [first, rest @ ..] = way else { return value.as_object_mut() };
    let next = match value {
        Value::Array(values) if !values.is_empty() => {
            let index = first % values.len();
            &mut values[index]
        }
        Value::Object(map) if !map.is_empty() => {
            let index = first % map.len();
            map.values_mut().nth(index)?
        }
        _ => return None,
    };
    object_at(next, rest)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), value in any_json()) {
        for (_, again) in FORMATS {
            let _ = again(&bytes);
            let _ = again(value.to_string().as_bytes());
        }
    }

    #[test]
    fn members_that_we_do_not_know_travel_on((index, golden, name, value, way) in changed_golden()) {
        let mut changed = golden;
        if let Some(object) = object_at(&mut changed, &way) {
            object.insert(name.clone(), value);
        }
        let result = FORMATS[index].1(changed.to_string().as_bytes());
        if name.starts_with("zz_") {
            prop_assert_eq!(result.unwrap(), changed);
        }
    }
}
