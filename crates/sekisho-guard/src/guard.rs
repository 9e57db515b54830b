//! Detectors and a policy, at work.

use std::sync::{Arc, PoisonError, RwLock};

use crate::{
    Context, Detector, Error, Policy, Stream, Vault, Verdict,
    screen::{self, Engine},
};

/// Screens texts with a set of detectors and a policy. Clones share both; the policy can be replaced while others use it.
#[derive(Clone)]
pub struct Guard {
    detectors: Arc<[Arc<dyn Detector>]>,
    policy: Arc<RwLock<Arc<Policy>>>,
}

impl Guard {
    /// A guard with the tests of its policy passed.
    ///
    /// # Errors
    /// [`Error::Policy`] when a test of a rule comes out differently with these detectors.
    pub fn new(detectors: Vec<Arc<dyn Detector>>, policy: Policy) -> Result<Self, Error> {
        let detectors = Arc::from(detectors);
        let policy = Arc::new(policy);
        policy.run_trials(&detectors)?;
        Ok(Self { detectors, policy: Arc::new(RwLock::new(policy)) })
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another policy in force for all clones, from one text to the next, and gives the one before. Streams that
    /// have begun keep the policy they began with.
    ///
    /// # Errors
    /// [`Error::Policy`] when a test of a rule comes out differently; the policy before stays in force.
    pub fn replace_policy(&self, policy: Policy) -> Result<Arc<Policy>, Error> {
        let policy = Arc::new(policy);
        policy.run_trials(&self.detectors)?;
        let mut current = self.policy.write().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::replace(&mut *current, policy))
    }

    /// Screens a whole text. With the `vault` of its conversation, masks can be put back where the policy allows.
    pub fn screen(&self, text: &str, context: &Context, vault: Option<&Vault>) -> Verdict {
        screen::screen(&self.policy(), &self.detectors, context, vault, text)
    }

    /// Screens a text that is still flowing.
    pub fn stream(&self, context: Context, vault: Option<Vault>) -> Stream {
        Stream::new(Engine::new(self.policy(), Arc::clone(&self.detectors), context, vault))
    }
}
