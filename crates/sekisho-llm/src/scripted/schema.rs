//! An answer after a JSON schema, without a model: the smallest value that fits, with the text wherever a text is wanted.

use serde_json::{Map, Value, json};

/// Levels of one answer at most.
const DEPTH_MAX: usize = 32;
/// Bytes of one answer, about, at most: a small schema can ask for very many values.
const BYTES_MAX: usize = 1 << 16;

/// What is said where the request wants JSON; none where it does not. A text that is JSON already stays as it is.
pub(super) fn answer(format: Option<&Map<String, Value>>, text: &str) -> Option<String> {
    let format = format?;
    let kind = format.get("type").and_then(Value::as_str)?;
    if kind == "text" || serde_json::from_str::<Map<String, Value>>(text).is_ok() {
        return None;
    }
    let schema = format.get("json_schema").and_then(|described| described.get("schema"));
    let value = match (kind, schema) {
        ("json_schema", Some(root)) => Writer { root, text, left: BYTES_MAX }.value(root, DEPTH_MAX),
        _ => json!({ "answer": text }),
    };
    Some(value.to_string())
}

struct Writer<'a> {
    root: &'a Value,
    text: &'a str,
    left: usize,
}

impl Writer<'_> {
    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        if depth == 0 || !self.spend(8) {
            return Value::Null;
        }
        if let Some(value) = schema.get("const").or_else(|| schema["enum"].get(0)) {
            return if self.spend(value.to_string().len()) { value.clone() } else { Value::Null };
        }
        let root = self.root;
        if let Some(found) = schema["$ref"].as_str().and_then(|at| root.pointer(at.strip_prefix('#')?)) {
            return self.value(found, depth - 1);
        }
        let first = ["anyOf", "oneOf", "allOf"].iter().find_map(|name| schema[*name].get(0));
        if let Some(first) = first {
            return self.value(first, depth - 1);
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
            kind => kind.as_str(),
        };
        match kind {
            Some("string") => self.string(schema).into(),
            Some("integer" | "number") => {
                let least = ["minimum", "maximum"].iter().find_map(|name| schema[*name].as_number());
                least.map_or_else(|| 0.into(), |least| Value::Number(least.clone()))
            }
            Some("boolean") => true.into(),
            Some("array") => {
                let count = schema["minItems"].as_u64().unwrap_or(1);
                let item = |_| (self.left > 0).then(|| self.value(&schema["items"], depth - 1));
                (0..count).map_while(item).collect()
            }
            Some("null") => Value::Null,
            None if schema.get("properties").is_none() => Value::Null,
            _ => {
                let members = schema["properties"].as_object().into_iter().flatten();
                let member = |(name, schema): (&String, &Value)| {
                    self.spend(name.len()).then(|| (name.clone(), self.value(schema, depth - 1)))
                };
                members.map_while(member).collect()
            }
        }
    }

    fn string(&mut self, schema: &Value) -> String {
        let chars_max = schema["maxLength"].as_u64().and_then(|count| usize::try_from(count).ok());
        let end = self.text.char_indices().nth(chars_max.unwrap_or(usize::MAX));
        let text = &self.text[..end.map_or(self.text.len(), |(at, _)| at)];
        if self.spend(text.len()) { text.to_owned() } else { String::new() }
    }

    /// Whether so much may still be said. Nothing may, once anything was too long.
    fn spend(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}
