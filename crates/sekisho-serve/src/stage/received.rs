//! A request as it came in.

use std::{sync::Arc, time::Instant};

use sekisho_base::Code;
use sekisho_llm::{Error, Invalid, Refusal, Request};
use sekisho_store::Key;
use serde_json::Value;

use super::{Case, Stopped, admitted::Admitted};
use crate::{
    budget,
    caller::{Caller, Credential, DECLARED_BYTES_MAX, DOCUMENTS_MAX, Declared},
    directory::Known,
    gateway::{Gateway, Shared},
    meter,
    recorder::Recorder,
    template,
    texts::line,
    trace::Parent,
};

/// Who is named in the record of somebody who did not say who they are.
const ANONYMOUS: &str = "anonymous";

/// A request that has come in. Nothing about it has been checked but its form.
pub struct Received {
    case: Case,
    credential: Credential,
    declared: Declared,
}

impl Received {
    /// Takes a request in. `format` is the wire format in which it came, for the record.
    pub fn new(
        gateway: &Gateway,
        id: Arc<str>,
        request: Request,
        credential: Credential,
        declared: Declared,
        format: &'static str,
    ) -> Self {
        let started = Instant::now();
        let shared: Arc<Shared> = Arc::clone(gateway.shared());
        let mut recorder = Recorder::new(shared.journal.clone(), &id, started);
        recorder.observer.clone_from(&shared.observer);
        ANONYMOUS.clone_into(&mut recorder.open.principal);
        recorder.open.model = Some(line(request.model(), DECLARED_BYTES_MAX));
        recorder.open.other.insert("format".to_owned(), Value::from(format));
        let world = gateway.world();
        recorder.open.other.insert("settings".to_owned(), Value::from(&*world.version));
        Self {
            case: Case { shared, world, id, request, recorder, template: None, permit: None },
            credential,
            declared,
        }
    }

    /// Adds something that the edge knows to the record.
    pub(crate) fn note(&mut self, name: &'static str, value: &str) {
        self.case.recorder.open.other.insert(name.to_owned(), Value::from(line(value, DECLARED_BYTES_MAX)));
    }

    /// Begins its trace, where there is a collector.
    pub(crate) fn trace(&mut self, parent: Option<Parent>) {
        let Self { case: Case { shared, id, request, recorder, .. }, .. } = self;
        recorder.parent = parent;
        recorder.trace = shared.tracer.as_ref().and_then(|tracer| {
            let format = recorder.open.other.get("format").and_then(Value::as_str).unwrap_or_default();
            tracer.begin(parent.as_ref(), id, request, format, recorder.started())
        });
    }

    /// Finds out who asks, what they may use at all, and holds what it may cost.
    pub(super) async fn admit(self) -> Result<Admitted, Stopped> {
        let Self { mut case, credential, mut declared } = self;
        let Known { caller, identity } = match identify(&case, credential).await {
            Ok(known) => known,
            Err(error) => return Err(case.stop(error)),
        };
        let groups = caller.groups();
        let open = &mut case.recorder.open;
        open.principal.clone_from(&caller.principal.name);
        if let Some(key) = &caller.key {
            open.other.insert("key".to_owned(), Value::from(key.id.to_string()));
        }
        if let Some(identity) = &identity {
            open.other.insert("issuer".to_owned(), Value::from(&*identity.issuer));
            if !identity.unmapped.is_empty() {
                open.other.insert("groups_unmapped".to_owned(), Value::from(identity.unmapped.clone()));
            }
        }
        open.other.insert("groups".to_owned(), Value::from(groups.clone()));
        open.tenant = groups.first().cloned();
        // A key that is for one purpose says it for clients that cannot.
        if declared.purpose.is_none() {
            declared.purpose = caller.only_purpose().map(str::to_owned);
        }
        if let Err(error) = check_declared(&declared, &caller, &groups) {
            return Err(case.stop(error));
        }
        let open = &mut case.recorder.open;
        open.purpose.clone_from(&declared.purpose);
        if let Some(tenant) = &declared.tenant {
            open.tenant = Some(tenant.clone());
        }
        let model = case.request.model();
        let offer = case.world.routes.offer(model).filter(|_| caller.may_use(model)).cloned();
        let Some(offer) = offer else {
            let model = model.to_owned();
            return Err(case.stop(Error::NoSuchModel { model }));
        };
        if let Some(asked) = &declared.template {
            match template::apply(&case.shared.store, asked, &mut case.request) {
                Ok(id) => {
                    case.recorder.open.other.insert("template".to_owned(), Value::from(id.to_string()));
                    case.template = Some(id.name);
                }
                Err(error) => return Err(case.stop(error)),
            }
        }
        let estimate = meter::estimate(&case.request, offer.completion_tokens_max);
        if estimate.completion_tokens > 0
            && estimate_per_answer(&case.request) > Some(offer.completion_tokens_max)
        {
            let problem = Invalid::Range { min: 0.0, max: offer.completion_tokens_max as f64 };
            return Err(case.stop(Error::Invalid { param: "max_tokens".to_owned(), problem }));
        }
        let name = &caller.principal.name;
        match case.shared.limits.admit(name, &case.world.limits, estimate.total()) {
            Ok(permit) => case.permit = Some(permit),
            Err(refusal) => return Err(case.stop(refusal.into())),
        }
        case.recorder.price = offer.price;
        case.recorder.model = Arc::clone(&offer.model);
        let cost = offer.price.of(estimate.prompt_tokens, estimate.completion_tokens);
        match budget::reserve(&case.shared.store, &caller, &offer.model, estimate.total(), cost).await {
            Ok(hold) => case.recorder.hold(hold, estimate.with_cost(cost)),
            Err(error) => return Err(case.stop(error)),
        }
        bound_answer(&mut case.request, offer.completion_tokens_max);
        Ok(Admitted { case, caller, groups, declared, offer, estimate })
    }
}

async fn identify(case: &Case, credential: Credential) -> Result<Known, Error> {
    match credential {
        Credential::Missing => Err(Refusal::new(Code::Unauthenticated).with("reason", "missing").into()),
        Credential::Known(caller) => Ok(Known { caller, identity: None }),
        Credential::Bearer(bearer) => case.shared.directory.identify(&case.world, &bearer).await,
    }
}

/// Purpose and tenant are words of the record and of the policy: bounded, and of those that the caller has.
fn check_declared(declared: &Declared, caller: &Caller, groups: &[String]) -> Result<(), Error> {
    let words = [("purpose", &declared.purpose), ("tenant", &declared.tenant), ("label", &declared.label)];
    let words = words.into_iter().filter_map(|(param, word)| Some((param, word.as_ref()?)));
    let ids = declared.documents.iter().take(DOCUMENTS_MAX).map(|document| ("documents", &document.id));
    for (param, word) in words.chain(ids) {
        let problem = match () {
            () if word.len() > DECLARED_BYTES_MAX => Invalid::TooMany { max: DECLARED_BYTES_MAX },
            () if word.is_empty() || word.chars().any(char::is_control) => Invalid::Empty,
            () => continue,
        };
        return Err(Error::Invalid { param: format!("sekisho.{param}"), problem });
    }
    if declared.documents.len() > DOCUMENTS_MAX {
        let problem = Invalid::TooMany { max: DOCUMENTS_MAX };
        return Err(Error::Invalid { param: "sekisho.documents".to_owned(), problem });
    }
    if let Some(tenant) = &declared.tenant
        && !groups.contains(tenant)
    {
        return Err(Refusal::new(Code::Forbidden).with("reason", "tenant").with("tenant", &**tenant).into());
    }
    let purpose = declared.purpose.as_deref();
    let is_for_it = |key: &Key| match purpose {
        Some(purpose) => key.scope.allows_purpose(purpose),
        None => key.scope.purposes.is_none(),
    };
    if !caller.key.as_ref().is_none_or(|key| is_for_it(key)) {
        return Err(Refusal::new(Code::Forbidden).with("reason", "purpose_of_key").into());
    }
    Ok(())
}

/// Most tokens that the request allows for one answer; none when it says nothing.
fn estimate_per_answer(request: &Request) -> Option<u64> {
    match request {
        Request::Chat(request) => request.completion_tokens_max(),
        Request::Completion(request) => request.max_tokens,
        _ => None,
    }
}

/// An answer without a bound would be one without a budget.
fn bound_answer(request: &mut Request, completion_tokens_max: u64) {
    match request {
        Request::Chat(request) if request.completion_tokens_max().is_none() => {
            request.max_tokens = Some(completion_tokens_max);
        }
        Request::Completion(request) => {
            request.max_tokens.get_or_insert(completion_tokens_max);
        }
        _ => {}
    }
}
