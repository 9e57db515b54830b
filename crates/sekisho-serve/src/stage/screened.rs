//! A request whose texts may go on.

use std::sync::Arc;

use sekisho_base::Code;
use sekisho_llm::{Refusal, Request};
use serde_json::Value;

use super::{Case, Stopped, routed::Routed};
use crate::{
    access::{self, Access, Decision, Deed, Kind, PrincipalKind, Question},
    caller::Caller,
    meter::Estimate,
    route::Offer,
    screen,
};

/// A request that was read and judged; its texts are those that may go on.
pub(super) struct Screened {
    pub(super) case: Case,
    pub(super) caller: Caller,
    pub(super) groups: Vec<String>,
    pub(super) purpose: Option<String>,
    pub(super) offer: Arc<Offer>,
    pub(super) estimate: Estimate,
    pub(super) screened: screen::Screened,
}

impl Screened {
    /// Asks the policy whether this may be asked at all, and chooses where it may go.
    pub(super) fn route(self) -> Result<Routed, Stopped> {
        let Self { mut case, caller, groups, purpose, offer, estimate, screened } = self;
        let ask = access::Ask {
            model: &offer.model,
            kind: kind(&case.request),
            purpose: purpose.as_deref(),
            template: case.template.as_deref(),
            label: &screened.label,
            tools: &tools(&case.request),
            has_images: screened.found.opaque.iter().any(|one| one.ends_with(":image")),
        };
        let question = Question {
            principal: &caller.principal.name,
            principal_kind: PrincipalKind::of(caller.principal.kind),
            groups: &groups,
            deed: Deed::Ask(ask),
        };
        let decision = case.world.access.decide(&question);
        let policies: Vec<Value> = decision.policies.iter().map(|id| Value::from(&**id)).collect();
        case.recorder.open.other.insert("policies".to_owned(), Value::from(policies));
        if !decision.allowed {
            let refusal = policy_refusal(&case.world.access, &decision, &offer.model);
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

/// The refusal by a policy, with the reason that the first of those which decided gives.
pub(crate) fn policy_refusal(access: &Access, decision: &Decision, model: &str) -> Refusal {
    let policies: Vec<Value> = decision.policies.iter().map(|id| Value::from(&**id)).collect();
    let mut refusal = Refusal::new(Code::Forbidden).with("reason", "policy");
    refusal = refusal.with("policies", policies).with("model", model);
    if let Some(policy) = access.reasons(decision).next() {
        let whys = [("why_ja", &policy.why_ja), ("why_en", &policy.why_en)];
        let whys = whys.into_iter().filter_map(|(name, why)| Some((name, Value::from(why.clone()?))));
        refusal.facts.extend(whys);
    }
    refusal
}

/// The names of the tools that a request offers to the model; a tool that is no function is named by its type.
fn tools(request: &Request) -> Vec<&str> {
    let tools = match request {
        Request::Chat(request) => request.tools.as_deref().unwrap_or_default(),
        _ => &[],
    };
    tools.iter().map(|tool| tool.function.as_ref().map_or(&*tool.kind, |function| &*function.name)).collect()
}

fn kind(request: &Request) -> Kind {
    match request {
        Request::Chat(_) => Kind::Chat,
        Request::Completion(_) => Kind::Completion,
        Request::Embedding(_) => Kind::Embedding,
        Request::Rerank(_) => Kind::Rerank,
        Request::Tokenize(_) | Request::Detokenize(_) => Kind::Tokenize,
    }
}
