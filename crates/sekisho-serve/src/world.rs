//! What settings make: everything that a reload replaces at once.

use std::sync::Arc;

use crate::{access::Access, limit::Limits, route::Routes, screen::Screen, sign_in::SignIn};

/// Settings in the form in which requests use them.
pub struct World {
    /// Tells this state of settings from others, for the record.
    pub version: Arc<str>,
    /// Labels, detectors, rules.
    pub screen: Screen,
    /// Models and upstreams.
    pub routes: Routes,
    /// Who may use what.
    pub access: Access,
    /// Tokens of an identity provider; none where only keys are taken.
    pub sign_in: Option<Arc<SignIn>>,
    /// Limits of each principal.
    pub limits: Limits,
    /// What a record keeps.
    pub record: RecordPolicy,
}

/// Which texts a record keeps, encrypted. Everything else of a record is kept in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordPolicy {
    /// What was sent to the model.
    pub keeps_input: bool,
    /// What was answered.
    pub keeps_output: bool,
}
