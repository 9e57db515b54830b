//! For whoever runs it: alive, ready, numbers.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use sekisho_llm::pool::{BreakerState, State as PoolState};
use serde_json::{Map, Value, json};

use super::Front;
use crate::directory::now_s;

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// `GET /readyz`: requests can pass. 503 while the log or the store takes nothing.
pub(super) async fn readyz(State(front): State<Front>) -> Response {
    let journal = front.gateway.journal().status();
    let world = front.gateway.world();
    let is_ready = journal.is_ok();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let upstreams: Map<String, Value> =
        world.routes.pools().iter().map(|pool| state(&pool.state())).collect();
    let issuer = world.sign_in.as_ref().map(|sign_in| match sign_in.oidc() {
        oidc if !oidc.has_keys(now_s()) => "unavailable",
        // Its last keys hold, for a while.
        oidc if oidc.fault().is_some() => "stale",
        _ => "ok",
    });
    let body = json!({
        "status": if is_ready { "ok" } else { "unavailable" },
        "audit_log": if journal.is_ok() { "ok" } else { "stopped" },
        "models": world.routes.offers().count(),
        "upstreams": upstreams,
        // Keys of our own go on without it: that is no reason to be taken out of service.
        "identity_provider": issuer,
        "settings": &*world.version,
    });
    (status, Json(body)).into_response()
}

/// How a pool is doing. Its addresses are nobody's business here.
fn state(pool: &PoolState) -> (String, Value) {
    let servers: Vec<Value> = pool
        .members
        .iter()
        .map(|member| {
            let breaker = match member.breaker {
                BreakerState::Closed => "closed",
                BreakerState::Open => "open",
                BreakerState::HalfOpen => "half_open",
            };
            json!({ "healthy": member.is_healthy, "breaker": breaker, "in_flight": member.in_flight })
        })
        .collect();
    let status = if pool.is_ready() { "ok" } else { "unavailable" };
    (pool.name.clone(), json!({ "status": status, "waiting": pool.waiting, "servers": servers }))
}

/// `GET /metrics`, for Prometheus.
pub(super) async fn metrics(State(front): State<Front>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], front.gateway.metrics().to_text()).into_response()
}
