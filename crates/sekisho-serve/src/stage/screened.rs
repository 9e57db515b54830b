//! A request whose texts may go on.

use std::{collections::BTreeSet, sync::Arc};

use sekisho_base::Code;
use sekisho_llm::{Refusal, Request, chat};
use serde_json::Value;

use super::{Case, Stopped, routed::Routed};
use crate::{
    access::{Action, Question},
    caller::Caller,
    meter::Estimate,
    route::Offer,
    screen,
};

/// A request that was read and judged; its texts are those that may go on.
pub(super) struct Screened {
    pub(super) case: Case,
    pub(super) caller: Caller,
    pub(super) purpose: Option<String>,
    pub(super) offer: Arc<Offer>,
    pub(super) estimate: Estimate,
    pub(super) screened: screen::Screened,
}

impl Screened {
    /// Asks the policy whether this may be asked at all, and chooses where it may go.
    pub(super) fn route(self) -> Result<Routed, Stopped> {
        let Self { mut case, caller, purpose, offer, estimate, screened } = self;
        let tools = tools(&case.request);
        let question = Question {
            principal: &caller.principal,
            groups: &caller.groups,
            action: Action::Ask,
            model: &offer.model,
            purpose: purpose.as_deref(),
            label: &screened.label,
            tools: &tools,
            kind: kind(&case.request),
            has_images: screened.found.opaque.iter().any(|one| one.ends_with(":image")),
        };
        let decision = case.world.access.decide(&question);
        let other = &mut case.recorder.open.other;
        if !decision.policies.is_empty() {
            other.insert("policies".to_owned(), Value::from(decision.policies.clone()));
        }
        if !decision.allowed {
            let refusal = Refusal::new(Code::Forbidden).with("reason", "policy");
            let refusal = refusal.with("policies", decision.policies).with("model", &*offer.model);
            return Err(case.stop(refusal.into()));
        }
        if !offer.open_ways(&screened.label).any(|_| true) {
            let ways = serde_json::to_value(offer.decide(&screened.label)).unwrap_or_default();
            let refusal = Refusal::new(Code::NoRoute).with("label", screened.label.id());
            let refusal = refusal.with("model", &*offer.model).with("ways", ways);
            return Err(case.stop(refusal.into()));
        }
        Ok(Routed { case, offer, estimate, screened })
    }
}

/// The names of the tools that a request offers to the model.
fn tools(request: &Request) -> BTreeSet<String> {
    let tools = match request {
        Request::Chat(chat::Request { tools, .. }) => tools.iter().flatten(),
        _ => return BTreeSet::new(),
    };
    tools.filter_map(|tool| Some(tool.function.as_ref()?.name.clone())).collect()
}

/// What is asked for, in one word.
pub(crate) fn kind(request: &Request) -> &'static str {
    match request {
        Request::Chat(_) => "chat",
        Request::Completion(_) => "completion",
        Request::Embedding(_) => "embedding",
        Request::Rerank(_) => "rerank",
        Request::Tokenize(_) | Request::Detokenize(_) => "tokenize",
    }
}
