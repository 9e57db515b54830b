//! A request as the upstream wants to read it.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::settings::{Call, Quirks, Settings};
use crate::{Error, Invalid, Request};

/// What has to be done to requests of one kind, and to their answers. Empty for a server without quirks, whose requests
/// are then written directly.
#[derive(Debug, Default)]
pub(super) struct Mends {
    drop: Vec<String>,
    refuse: Vec<String>,
    rename: Vec<(String, String)>,
    rename_answer: Vec<(String, String)>,
}

impl Mends {
    pub(super) fn of(quirks: &Quirks, call: Call) -> Self {
        let members = |set: &std::collections::BTreeSet<(Call, String)>| {
            set.iter().filter(|(of, _)| *of == call).map(|(_, name)| name.clone()).collect::<Vec<_>>()
        };
        let pairs = |map: &std::collections::BTreeMap<(Call, String), String>| {
            map.iter()
                .filter(|((of, _), _)| *of == call)
                .map(|((_, from), to)| (from.clone(), to.clone()))
                .collect::<Vec<_>>()
        };
        let mut mends = Self {
            drop: members(&quirks.drop),
            refuse: members(&quirks.refuse),
            rename: pairs(&quirks.rename),
            rename_answer: pairs(&quirks.rename_answer),
        };
        if !quirks.stream_usage && matches!(call, Call::Chat | Call::Completion) {
            mends.drop.push("stream_options".to_owned());
        }
        mends
    }

    fn touches_requests(&self) -> bool {
        !(self.drop.is_empty() && self.refuse.is_empty() && self.rename.is_empty())
    }

    pub(super) fn touches_answers(&self) -> bool {
        !self.rename_answer.is_empty()
    }

    /// Gives the members of an answer our names.
    pub(super) fn mend_answer(&self, answer: &mut Map<String, Value>) {
        for (from, to) in &self.rename_answer {
            if let Some(value) = answer.remove(from) {
                answer.insert(to.clone(), value);
            }
        }
    }
}

/// The body of `request` in OpenAI's format with the upstream's quirks.
///
/// # Errors
/// [`Error::Unsupported`] for a member that the upstream cannot do.
pub(super) fn body(settings: &Settings, mends: &Mends, request: &Request) -> Result<Bytes, Error> {
    let quirks = &settings.quirks;
    let model = settings.models.get(request.model());
    let asks_usage = quirks.stream_usage && lacks_usage(request);
    let mends_roles = (quirks.merge_system || quirks.developer_as_system) && Call::of(request) == Call::Chat;
    let mends_schema = quirks.schema_in_json_object && Call::of(request) == Call::Chat;
    let checks_prompt = quirks.one_text_prompt && Call::of(request) == Call::Completion;
    let is_left_alone = !(asks_usage || mends_roles || mends_schema || checks_prompt);
    if model.is_none() && is_left_alone && !mends.touches_requests() {
        return Ok(Bytes::from(match request {
            Request::Chat(request) => written(request),
            Request::Completion(request) => written(request),
            Request::Embedding(request) => written(request),
            Request::Rerank(request) => written(request),
            Request::Tokenize(request) => written(request),
            Request::Detokenize(request) => written(request),
        }));
    }
    let mut members = members(request);
    if let Some(model) = model {
        members.insert("model".to_owned(), Value::String(model.clone()));
    }
    if asks_usage {
        let options = members.entry("stream_options").or_insert_with(|| json!({}));
        if !options.is_object() {
            *options = json!({});
        }
        options["include_usage"] = Value::Bool(true);
    }
    for name in &mends.refuse {
        if members.remove(name).is_some_and(|value| asks_something(name, &value)) {
            // Who cannot cut a conversation into tokens cannot do the call; the name of the call says so.
            let what = match Call::of(request) {
                Call::Tokenize => format!("tokenize.{name}"),
                Call::Detokenize => format!("detokenize.{name}"),
                _ => name.clone(),
            };
            return Err(Error::Unsupported { provider: settings.name.clone(), what });
        }
    }
    if checks_prompt && let Some(what) = members.get("prompt").and_then(more_than_one_text) {
        return Err(Error::Unsupported { provider: settings.name.clone(), what: what.to_owned() });
    }
    if mends_schema {
        mend_schema(&mut members)?;
    }
    for name in &mends.drop {
        members.remove(name);
    }
    for (from, to) in &mends.rename {
        if let Some(value) = members.remove(from)
            && !value.is_null()
        {
            members.entry(to.clone()).or_insert(value);
        }
    }
    if mends_roles && let Some(Value::Array(messages)) = members.get_mut("messages") {
        mend_roles(quirks, messages);
    }
    Ok(Bytes::from(written(&members)))
}

fn written(body: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("a wire type has text keys and nothing that fails to be written")
}

fn members(request: &Request) -> Map<String, Value> {
    let value = match request {
        Request::Chat(request) => serde_json::to_value(request),
        Request::Completion(request) => serde_json::to_value(request),
        Request::Embedding(request) => serde_json::to_value(request),
        Request::Rerank(request) => serde_json::to_value(request),
        Request::Tokenize(request) => serde_json::to_value(request),
        Request::Detokenize(request) => serde_json::to_value(request),
    };
    match value {
        Ok(Value::Object(members)) => members,
        _ => unreachable!("a wire type is an object and nothing in it fails to be written"),
    }
}

/// Whether it is a stream of which the usage is not yet asked.
fn lacks_usage(request: &Request) -> bool {
    let options = match request {
        Request::Chat(request) if request.stream => &request.stream_options,
        Request::Completion(request) if request.stream => &request.stream_options,
        _ => return false,
    };
    !options.as_ref().is_some_and(|options| options.include_usage)
}

/// Whether a member that the upstream cannot do really asks for something: `n: 1` and `logprobs: false` do not.
fn asks_something(name: &str, value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => !(name == "n" && number.as_u64() == Some(1)),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !(name == "response_format" && members.get("type") == Some(&json!("text"))),
        _ => true,
    }
}

/// What a prompt is besides one text.
fn more_than_one_text(prompt: &Value) -> Option<&'static str> {
    match prompt.as_array().map(Vec::as_slice) {
        None | Some([Value::String(_)]) => None,
        Some([Value::String(_), ..]) => Some("prompt[1]"),
        Some(_) => Some("prompt (token ids)"),
    }
}

/// OpenAI's way to ask for JSON of a schema, in the words of llama.cpp.
fn mend_schema(members: &mut Map<String, Value>) -> Result<(), Error> {
    let Some(format) = members.get_mut("response_format").filter(|format| format["type"] == "json_schema")
    else {
        return Ok(());
    };
    let Some(named) = format.get_mut("json_schema").and_then(Value::as_object_mut) else {
        let param = "response_format.json_schema".to_owned();
        return Err(Error::Invalid { param, problem: Invalid::Type { detail: "an object".to_owned() } });
    };
    let schema = named.remove("schema");
    *format = json!({ "type": "json_object" });
    if let Some(schema) = schema {
        format["schema"] = schema;
    }
    Ok(())
}

fn mend_roles(quirks: &Quirks, messages: &mut Vec<Value>) {
    for message in messages.iter_mut().filter(|message| message["role"] == "developer") {
        message["role"] = Value::from("system");
    }
    if !quirks.merge_system || messages.iter().filter(|message| message["role"] == "system").count() == 0 {
        return;
    }
    let (system, mut others): (Vec<_>, Vec<_>) =
        std::mem::take(messages).into_iter().partition(|message| message["role"] == "system");
    let texts: Vec<String> = system.iter().flat_map(|message| texts(&message["content"])).collect();
    messages.push(json!({ "role": "system", "content": texts.join("\n\n") }));
    messages.append(&mut others);
}

/// The texts of a message's content.
fn texts(content: &Value) -> Vec<String> {
    match content {
        Value::String(text) => vec![text.clone()],
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}
