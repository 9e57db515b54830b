//! From somebody by the word of an identity provider to somebody in the store.

use std::{sync::Arc, time::Duration};

use sekisho_base::{Code, Coded};
use sekisho_llm::{Error, Refusal};
use sekisho_store::{Error as StoreError, ExternalId, Kind, Principal, PrincipalSpec, Store};

use crate::{
    caller::Caller,
    directory::Known,
    oidc::{self, Identity, Oidc},
};

/// Who makes the principals that nobody made by hand, in the notes of the store.
const ENROLLING: &str = "oidc";

/// Signing in with tokens of an identity provider.
#[derive(Debug)]
pub struct SignIn {
    oidc: Oidc,
    /// Whether somebody with a group of ours, whom the store does not know yet, is taken into it.
    enrols: bool,
}

impl SignIn {
    /// With tokens of that issuer. Where it does not enrol, somebody must have made a principal with issuer and subject
    /// before the first token of them counts.
    pub fn new(oidc: Oidc, enrols: bool) -> Self {
        Self { oidc, enrols }
    }

    /// Who says who people are.
    pub fn oidc(&self) -> &Oidc {
        &self.oidc
    }

    /// Whose token that is.
    ///
    /// # Errors
    /// [`Code::Unauthenticated`], [`Code::NotEnrolled`], [`Code::IssuerUnavailable`], or the store failed.
    pub(crate) async fn identify(&self, store: &Store, token: &str, now_s: u64) -> Result<Known, Error> {
        let identity = self.oidc.verify(token, now_s).await.map_err(|refusal| self.refused(&refusal))?;
        let external = ExternalId { issuer: identity.issuer.to_string(), subject: identity.subject.clone() };
        let principal = match store.principal_of(&external) {
            Some(principal) => principal,
            None => self.enrol(store, &identity, external).await?,
        };
        if principal.disabled_ms.is_some() {
            let refusal = Refusal::new(Code::Unauthenticated).with("reason", "the principal is disabled");
            return Err(refusal.with("principal", principal.name.as_str()).into());
        }
        let principal = with_groups(store, principal, &identity.groups);
        Ok(Known { caller: Caller { principal, key: None }, identity: Some(identity) })
    }

    /// Takes somebody into the store, where the settings say so. Somebody without any group of ours stays out: an identity
    /// provider knows more people than may ask. A name that is there already is somebody else's, whatever the token says.
    async fn enrol(
        &self,
        store: &Store,
        identity: &Identity,
        external: ExternalId,
    ) -> Result<Arc<Principal>, Error> {
        let refuse = |reason: &'static str| -> Error {
            let refusal = Refusal::new(Code::NotEnrolled).with("reason", reason);
            refusal.with("subject", identity.subject.as_str()).with("issuer", &*identity.issuer).into()
        };
        if !self.enrols {
            return Err(refuse("not_enrolled"));
        }
        if identity.groups.is_empty() {
            return Err(refuse("no_group"));
        }
        let spec = spec(identity, &external).ok_or_else(|| refuse("no_name"))?;
        // A name that is taken is known without the disk; who asks again and again must not keep it busy.
        if store.principal(&spec.name).is_some() && store.principal_of(&external).is_none() {
            return Err(refuse("name_taken"));
        }
        let enrolling = store.acting_as(ENROLLING).map_err(|error| unusable(&error))?;
        // It waits for the disk, once in the life of a principal.
        let adding = tokio::task::spawn_blocking(move || enrolling.add_principal(&spec)).await;
        match adding {
            Ok(Ok(_)) => {}
            // Another request of the same person may have been first: then it is there now.
            Ok(Err(StoreError::Exists { .. })) if store.principal_of(&external).is_some() => {}
            Ok(Err(StoreError::Exists { .. })) => return Err(refuse("name_taken")),
            Ok(Err(error)) => return Err(unusable(&error)),
            Err(_) => return Err(Refusal::new(Code::Internal).into()),
        }
        store.principal_of(&external).ok_or_else(|| Refusal::new(Code::StoreUnusable).into())
    }

    fn refused(&self, refusal: &oidc::Refusal) -> Error {
        let oidc::Refusal::Keys(fault) = refusal else {
            return Refusal::new(Code::Unauthenticated).with("reason", refusal.to_string()).into();
        };
        let cause = chain(fault);
        let wait = Duration::from_secs(self.oidc.settings().refresh_s_min.max(1));
        let refusal = Refusal::new(Code::IssuerUnavailable).with("reason", cause);
        Refusal { retry_after: Some(wait), ..refusal }.into()
    }
}

/// What somebody is enrolled as; none without a name that the store can take.
fn spec(identity: &Identity, external: &ExternalId) -> Option<PrincipalSpec> {
    let mut spec = PrincipalSpec::new(Kind::User, identity.username.clone()?);
    spec.external = Some(external.clone());
    let plain = spec.clone();
    if let Some(name) = &identity.name {
        spec.display_name.clone_from(name);
    }
    [spec, plain].into_iter().find(|spec| spec.check().is_ok())
}

/// The same principal, with the groups of its token besides those that somebody gave it by hand. They hold for the request
/// alone: nothing of them stays when the token is gone, and no key of the principal gets them.
fn with_groups(store: &Store, principal: Arc<Principal>, groups: &[String]) -> Arc<Principal> {
    let is_new = |name: &&String| !principal.groups.iter().any(|group| group.name == **name);
    let new = groups.iter().filter(is_new).filter_map(|name| store.group(name));
    let new: Vec<_> = new.filter(|group| group.retired_ms.is_none()).collect();
    if new.is_empty() {
        return principal;
    }
    let mut principal = Arc::unwrap_or_clone(principal);
    principal.roles.extend(new.iter().flat_map(|group| group.roles.iter().copied()));
    principal.groups.extend(new);
    principal.groups.sort_by(|one, other| one.name.cmp(&other.name));
    principal.groups.dedup_by_key(|group| group.id);
    Arc::new(principal)
}

fn unusable(error: &StoreError) -> Error {
    Refusal::new(error.code()).with("cause", error.to_string()).into()
}

fn chain(fault: &dyn std::error::Error) -> String {
    let mut text = fault.to_string();
    let mut next = fault.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
