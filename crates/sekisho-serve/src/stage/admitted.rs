//! Somebody who may ask, with a budget held.

use std::sync::Arc;

use sekisho_base::Code;
use sekisho_guard::{Label, Scheme};
use sekisho_llm::{Error, Invalid, Refusal};

use super::{Case, Stopped, grounded::Grounded};
use crate::{
    caller::{Caller, Declared},
    meter::Estimate,
    route::Offer,
};

/// A request of somebody who is known, for a model that is on offer, with a budget held.
pub(super) struct Admitted {
    pub(super) case: Case,
    pub(super) caller: Caller,
    pub(super) groups: Vec<String>,
    pub(super) declared: Declared,
    pub(super) offer: Arc<Offer>,
    pub(super) estimate: Estimate,
}

impl Admitted {
    /// Settles the label of what goes in: the highest of what is declared, what the model's route assigns, and the documents.
    pub(super) fn ground(self) -> Result<Grounded, Stopped> {
        let Self { mut case, caller, groups, declared, offer, estimate } = self;
        let scheme = &case.world.screen.scheme;
        let settled = settle_label(scheme, caller.label(), &declared, &offer)
            .and_then(|label| check_ceiling(&caller, &label).map(|()| label));
        let label = match settled {
            Ok(label) => label,
            Err(error) => return Err(case.stop(error)),
        };
        let open = &mut case.recorder.open;
        open.scheme = Some(label.scheme().id().to_owned());
        open.label = Some(label.id().to_owned());
        open.sources = declared.documents.iter().map(|document| document.id.clone()).collect();
        Ok(Grounded { case, caller, groups, purpose: declared.purpose, offer, estimate, label })
    }
}

/// What nobody has labelled has the highest label. What somebody declares may not lie below what is assigned.
pub(crate) fn settle_label(
    scheme: &Scheme,
    of_caller: Option<&str>,
    declared: &Declared,
    offer: &Offer,
) -> Result<Label, Error> {
    let parse = |written: &str, param: &str| {
        let invalid = || Error::Invalid { param: param.to_owned(), problem: Invalid::Value { allowed: &[] } };
        scheme.parse_label(written).ok_or_else(invalid)
    };
    let of_request = declared.label.as_deref().map(|written| parse(written, "sekisho.label")).transpose()?;
    // A label of another scheme counts as the highest of this one.
    let assigned = offer.label.as_ref().map(|label| label.in_scheme(scheme));
    if let (Some(of_request), Some(assigned)) = (&of_request, &assigned)
        && of_request < assigned
    {
        let refusal = Refusal::new(Code::LabelTooLow).with("declared", of_request.id());
        return Err(refusal.with("assigned", assigned.id()).into());
    }
    // A label that is in no scheme counts as the highest.
    let of_caller = of_caller.map(|written| scheme.parse_label(written).unwrap_or_else(|| scheme.highest()));
    let own = match (of_request, assigned, of_caller) {
        (None, None, None) => scheme.highest(),
        (Some(of_request), assigned, _) => {
            scheme.inherit([Some(&of_request), assigned.as_ref().or(Some(&of_request))])
        }
        (None, Some(assigned), Some(of_caller)) => scheme.inherit([Some(&assigned), Some(&of_caller)]),
        (None, Some(one), None) | (None, None, Some(one)) => one,
    };
    let mut label = own;
    for (index, document) in declared.documents.iter().enumerate() {
        let of_document = match &document.label {
            Some(written) => Some(parse(written, &format!("sekisho.documents[{index}].label"))?),
            None => None,
        };
        label = scheme.inherit([Some(&label), of_document.as_ref()]);
    }
    Ok(label)
}

/// A principal may not send what lies above its own ceiling, nor above that of its key.
pub(crate) fn check_ceiling(caller: &Caller, label: &Label) -> Result<(), Error> {
    for written in caller.ceilings() {
        // A ceiling that is in no scheme lets nothing pass.
        let is_below = label.scheme().parse_label(written).is_some_and(|ceiling| *label <= ceiling);
        if !is_below {
            let refusal = Refusal::new(Code::Forbidden).with("reason", "ceiling");
            return Err(refusal.with("label", label.id()).with("ceiling", written).into());
        }
    }
    Ok(())
}
