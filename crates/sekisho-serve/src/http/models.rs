//! The models on offer.

use axum::{
    Json,
    extract::Path,
    response::{IntoResponse, Response},
};
use sekisho_base::Code;
use sekisho_llm::{Error, Refusal};
use serde_json::{Value, json};

use super::{call::Call, head};
use crate::{
    caller::{Caller, Credential},
    route::Offer,
};

/// `GET /v1/models`: those that the key is for.
pub(super) async fn list(call: Call) -> Response {
    let caller = match identify(&call).await {
        Ok(caller) => caller,
        Err(error) => return call.refuse(error),
    };
    let world = call.front.gateway.world();
    let models: Vec<Value> = world
        .routes
        .offers()
        .filter(|offer| caller.may_use(&offer.model))
        .map(|offer| shape(offer))
        .collect();
    Json(json!({ "object": "list", "data": models })).into_response()
}

/// `GET /v1/models/{model}`
pub(super) async fn retrieve(Path(model): Path<String>, call: Call) -> Response {
    let caller = match identify(&call).await {
        Ok(caller) => caller,
        Err(error) => return call.refuse(error),
    };
    let world = call.front.gateway.world();
    match world.routes.offer(&model).filter(|offer| caller.may_use(&offer.model)) {
        Some(offer) => Json(shape(offer)).into_response(),
        None => call.refuse(Error::NoSuchModel { model }),
    }
}

async fn identify(call: &Call) -> Result<Caller, Error> {
    let gateway = &call.front.gateway;
    match head::credential(&call.headers) {
        Credential::Bearer(bearer) => {
            Ok(gateway.shared().directory.identify(&gateway.world(), &bearer).await?.caller)
        }
        _ => Err(Refusal::new(Code::Unauthenticated).with("reason", "missing").into()),
    }
}

fn shape(offer: &Offer) -> Value {
    let label = offer.label.as_ref().map(sekisho_guard::Label::id);
    json!({
        "id": &*offer.model,
        "object": "model",
        "created": offer.created,
        "owned_by": "sekisho",
        "sekisho": { "label": label },
    })
}
