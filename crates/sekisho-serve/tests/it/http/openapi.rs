//! The OpenAPI document and the gate say the same: its examples are answered, and answers and errors have its shapes.

use sekisho_llm::scripted::{Rule, Script};
use serde_json::{Value, json};

use super::{Listening, Reply};
use crate::gate::{Gate, Person};

/// Looks whether a value has a schema: those words of JSON Schema that the document uses.
struct Schemas(Value);

impl Schemas {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{at}: {what}: {value}"));
        if let Some(reference) = schema["$ref"].as_str() {
            return self.check(self.0.pointer(&reference[1..]).expect("it is there"), value, at);
        }
        for word in schema.as_object().expect("a schema").keys() {
            let known = [
                "type",
                "properties",
                "required",
                "additionalProperties",
                "items",
                "oneOf",
                "enum",
                "const",
                "description",
                "minimum",
                "maximum",
                "minItems",
                "maxItems",
            ];
            assert!(known.contains(&word.as_str()), "{at}: this test does not know {word:?}");
        }
        if let Some(one_of) = schema["oneOf"].as_array() {
            let fitting = one_of.iter().filter(|schema| self.check(schema, value, at).is_ok()).count();
            // An empty list is one of texts and one of numbers.
            return if fitting >= 1 { Ok(()) } else { wrong("fits nothing") };
        }
        if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
            return wrong("is not in the list");
        }
        if schema.get("const").is_some_and(|only| only != value) {
            return wrong("is another");
        }
        let types = match &schema["type"] {
            Value::Array(types) => types.clone(),
            Value::Null => return Ok(()),
            one => vec![one.clone()],
        };
        let is_type = |name: &Value| match name.as_str().unwrap() {
            "string" => value.is_string(),
            "integer" => value.is_u64() || value.is_i64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "object" => value.is_object(),
            "array" => value.is_array(),
            "null" => value.is_null(),
            other => panic!("{other}"),
        };
        if !types.iter().any(is_type) {
            return wrong("has another type");
        }
        for required in schema["required"].as_array().into_iter().flatten() {
            if value.get(required.as_str().unwrap()).is_none() {
                return wrong(&format!("has no {required}"));
            }
        }
        for (name, member) in value.as_object().into_iter().flatten() {
            match schema["properties"].get(name) {
                Some(schema) => self.check(schema, member, &format!("{at}.{name}"))?,
                None if schema["additionalProperties"] == false => return wrong(&format!("has {name}")),
                None => {}
            }
        }
        value.as_array().into_iter().flatten().try_for_each(|item| match schema.get("items") {
            Some(schema) => self.check(schema, item, &format!("{at}[]")),
            None => Ok(()),
        })
    }

    /// Whether a reply has the shape that the operation says for its status.
    fn check_reply(&self, operation: &Value, reply: &Reply, at: &str) {
        let status = reply.status.to_string();
        let mut response = &operation["responses"][&status];
        if let Some(reference) = response["$ref"].as_str() {
            response = self.0.pointer(&reference[1..]).unwrap();
        }
        let kind = reply.header("content-type").expect("a type").split(';').next().unwrap().to_owned();
        let content = &response["content"][&kind];
        assert!(content.is_object(), "{at} says nothing of {status} {kind}: {reply:?}");
        if kind == "application/json"
            && let Err(wrong) = self.check(&content["schema"], &reply.json(), at)
        {
            panic!("{at} {status}: {wrong}");
        }
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            assert!(header["$ref"].is_string());
            let may_lack = ["retry-after", "x-sekisho-record"].contains(&name.as_str()) && status != "200";
            assert!(may_lack || reply.header(name).is_some(), "{at} {status} has no {name}");
        }
    }
}

async fn gate() -> (Listening, String, Schemas) {
    let gate = Gate::with(Script::new([Rule::text("はい。")]));
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    let document = gate.get("/openapi.json", "").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    (gate, key, Schemas(document))
}

#[tokio::test]
async fn its_examples_are_answered_in_its_shapes() {
    let (gate, key, schemas) = gate().await;
    for (path, item) in schemas.0["paths"].as_object().unwrap() {
        let (operation, reply) = match &item["post"] {
            Value::Null => (&item["get"], gate.get(&path.replace("{model}", "chonai"), &key).await),
            operation => {
                let body = &operation["requestBody"]["content"]["application/json"];
                schemas.check(&body["schema"], &body["example"], path).unwrap();
                (operation, gate.post(path, &key, &body["example"]).await)
            }
        };
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        schemas.check_reply(operation, &reply, path);
        let mut streaming = operation["requestBody"]["content"]["application/json"]["example"].clone();
        if operation["responses"]["200"]["content"]["text/event-stream"].is_object() {
            streaming["stream"] = true.into();
            let reply = gate.post(path, &key, &streaming).await;
            assert_eq!(
                (reply.status, reply.header("content-type")),
                (200, Some("text/event-stream; charset=utf-8"))
            );
        }
    }
}

#[tokio::test]
async fn errors_have_its_shapes() {
    let (gate, key, schemas) = gate().await;
    for (path, item) in schemas.0["paths"].as_object().unwrap() {
        let operation = &item["post"];
        if operation.is_null() {
            continue;
        }
        let example = &operation["requestBody"]["content"]["application/json"]["example"];
        let mut other = example.clone();
        other["model"] = "nobody".into();
        let mut secret = example.clone();
        secret["sekisho"] = json!({ "label": "3A" });
        let plain = example.to_string();
        let replies = [
            (400, gate.post_with(path, &key, "", "{").await),
            (401, gate.post(path, "sk-nobody", example).await),
            (403, gate.post(path, &key, &secret).await),
            (404, gate.post(path, &key, &other).await),
            (415, gate.post_with(path, &key, "content-encoding: gzip\r\n", &plain).await),
        ];
        for (status, reply) in replies {
            assert_eq!(reply.status, status, "{path}: {reply:?}");
            schemas.check_reply(operation, &reply, path);
        }
    }
    let models = &schemas.0["paths"]["/v1/models/{model}"]["get"];
    schemas.check_reply(models, &gate.get("/v1/models/nobody", &key).await, "a model");
    schemas.check_reply(models, &gate.get("/v1/models/chonai", "sk-nobody").await, "a model");
}
