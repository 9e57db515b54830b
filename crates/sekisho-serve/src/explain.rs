//! How a request would be judged, without sending it: the same decisions that the stages take, for people to read. What
//! stands in the text of a request can raise its label further; that is known only when it is read.

use std::sync::Arc;

use sekisho_base::Code;
use sekisho_guard::Label;
use sekisho_llm::{Error, Refusal};

use crate::{
    access::{Ask, Deed, Explanation, Kind, PrincipalKind, Question},
    caller::{Caller, Declared},
    route::WayDecision,
    stage,
    world::World,
};

/// How a request would be judged.
#[derive(Debug)]
pub struct Explained {
    /// Its label before the text is read; none when it has none, for the reason in `error`.
    pub label: Option<Label>,
    /// What each policy says; none when nobody was named, or when it does not get so far.
    pub policy: Option<Explanation>,
    /// What was decided for each upstream of the model, the most wanted first.
    pub ways: Vec<WayDecision>,
    /// Who would be asked first; none when it is refused.
    pub chosen: Option<Arc<str>>,
    /// Why it would be refused.
    pub error: Option<Error>,
}

impl World {
    /// Judges a request of `caller`, or of nobody in particular: then ceilings and policies are not asked.
    pub fn explain(
        &self,
        caller: Option<&Caller>,
        declared: &Declared,
        model: &str,
        kind: Kind,
    ) -> Explained {
        let mut explained =
            Explained { label: None, policy: None, ways: Vec::new(), chosen: None, error: None };
        let offered = self.routes.offer(model).filter(|_| caller.is_none_or(|caller| caller.may_use(model)));
        let Some(offer) = offered else {
            explained.error = Some(Error::NoSuchModel { model: model.to_owned() });
            return explained;
        };
        let of_caller = caller.and_then(Caller::label);
        let label = match stage::settle_label(&self.screen.scheme, of_caller, declared, offer) {
            Ok(label) => label,
            Err(error) => {
                explained.error = Some(error);
                return explained;
            }
        };
        explained.ways = offer.decide(&label);
        explained.error = caller.and_then(|caller| stage::check_ceiling(caller, &label).err());
        if let Some(caller) = caller {
            let explanation = self.ask_policy(caller, declared, model, kind, &label);
            if !explanation.decision.allowed {
                let refusal = stage::policy_refusal(&self.access, &explanation.decision, model);
                explained.error.get_or_insert(refusal.into());
            }
            explained.policy = Some(explanation);
        }
        let chosen = offer.open_ways(&label).next().map(|way| Arc::clone(&way.upstream.name));
        if chosen.is_none() {
            let refusal = Refusal::new(Code::NoRoute).with("label", label.id()).with("model", model);
            explained.error.get_or_insert(refusal.into());
        }
        explained.chosen = chosen.filter(|_| explained.error.is_none());
        explained.label = Some(label);
        explained
    }

    fn ask_policy(
        &self,
        caller: &Caller,
        declared: &Declared,
        model: &str,
        kind: Kind,
        label: &Label,
    ) -> Explanation {
        let purpose = declared.purpose.as_deref();
        let template = declared.template.as_ref().and_then(|template| template.name.as_deref());
        let deed = Deed::Ask(Ask { model, kind, purpose, template, label, tools: &[], has_images: false });
        self.access.explain(&Question {
            principal: &caller.principal.name,
            principal_kind: PrincipalKind::of(caller.principal.kind),
            groups: &caller.groups(),
            deed,
        })
    }
}
