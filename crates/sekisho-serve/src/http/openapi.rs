//! What the gate speaks, for programs: `GET /openapi.json`.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// The document (OpenAPI 3.1). Written by hand; tests walk every address, code and shape of the gate and find them in it.
pub const OPENAPI: &str = include_str!("../../../../data/gate/openapi.json");

pub(super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sekisho_base::Code;
    use sekisho_llm::{Error, Invalid, Phase, Refusal};
    use serde_json::Value;

    use super::{super::error::status_and_type, OPENAPI};

    /// Codes of other parts that an answer of the gate can have; all of the gate and of upstreams come on top.
    const OTHERS: [Code; 9] = [
        Code::Internal,
        Code::GuardRefused,
        Code::LogDamaged,
        Code::LogStopped,
        Code::LogFull,
        Code::KeysUnusable,
        Code::RecordInvalid,
        Code::LogBusy,
        Code::StoreUnusable,
    ];

    fn document() -> Value {
        serde_json::from_str(OPENAPI).unwrap()
    }

    fn methods(document: &Value) -> BTreeSet<(String, String)> {
        let paths = document["paths"].as_object().unwrap().iter();
        let each = paths.flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(|method| (method.clone(), path.clone()))
        });
        each.collect()
    }

    #[test]
    fn every_address_is_described_and_no_other() {
        let routes = crate::http::routes();
        let of_routes: BTreeSet<_> = routes
            .iter()
            .map(|(method, path, _)| ((*method).to_owned(), path.replace("{*model}", "{model}")))
            .collect();
        assert_eq!(methods(&document()), of_routes);
    }

    /// Every error that has a status of its own, and one for each code.
    fn errors() -> Vec<Error> {
        let of_gate = Code::all().filter(|code| (501..700).contains(&code.number()));
        let apart = [Code::SettingsInvalid, Code::AccessInvalid];
        let codes = of_gate.filter(|code| !apart.contains(code)).chain(OTHERS);
        let mut errors: Vec<Error> = codes.map(|code| Refusal::new(code).into()).collect();
        let provider = || "p".to_owned();
        for status in [400, 404, 413, 422, 429, 500] {
            let (provider, message) = (provider(), String::new());
            errors.push(Error::Status { provider, status, message, retry_after: None });
        }
        for param in ["content-type", "content-encoding", "messages"] {
            errors.push(Error::Invalid { param: param.to_owned(), problem: Invalid::Empty });
        }
        for what in ["rerank", "tokenize", "tokenize.messages", "detokenize"] {
            errors.push(Error::Unsupported { provider: provider(), what: what.to_owned() });
        }
        errors.push(Error::TimedOut { provider: provider(), phase: Phase::Total });
        errors
    }

    #[test]
    fn every_code_stands_under_its_status_in_both_shapes() {
        use sekisho_base::Coded;
        let document = document();
        let known: Vec<&str> =
            document["components"]["schemas"]["Code"]["enum"].as_array().unwrap().iter().map(text).collect();
        let mut used = BTreeSet::new();
        for error in errors() {
            let (status, _) = status_and_type(&error);
            let code = error.code().to_string();
            assert!(known.contains(&code.as_str()), "{code} is not in the list of codes");
            used.insert(code.clone());
            for shape in ["", "Messages"] {
                let response = &document["components"]["responses"][format!("{shape}{}", status.as_u16())];
                let codes = response["x-sekisho-codes"].as_array().map(Vec::as_slice).unwrap_or_default();
                assert!(codes.iter().any(|one| *one == code), "{code} with {status} {shape}: {response}");
            }
        }
        assert_eq!(known.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), used);
    }

    #[test]
    fn every_way_to_ask_tells_every_status_that_it_can_have() {
        let document = document();
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(responses) = item["post"]["responses"].as_object() else { continue };
            let shape = if path.starts_with("/v1/messages") { "Messages" } else { "" };
            for error in errors() {
                let status = status_and_type(&error).0.as_u16();
                let is_told = responses.get(&status.to_string()).is_some_and(|response| {
                    response["$ref"] == format!("#/components/responses/{shape}{status}")
                });
                let is_of_tokens = status == 501 && !path.contains("token");
                assert!(is_told || is_of_tokens, "{path} does not tell {status}");
            }
        }
    }

    #[test]
    fn every_reference_points_at_something_and_everything_is_referred_to() {
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for reference in &found {
            let pointer = reference.strip_prefix('#').expect("within the document");
            assert!(document.pointer(pointer).is_some(), "{reference} points at nothing");
        }
        for (kind, named) in document["components"].as_object().unwrap() {
            for name in named.as_object().unwrap().keys().filter(|_| kind != "securitySchemes") {
                assert!(found.contains(&format!("#/components/{kind}/{name}")), "{kind} {name} is not used");
            }
        }
    }

    fn text(value: &Value) -> &str {
        value.as_str().unwrap()
    }

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").map(|reference| text(reference).to_owned()));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
}
