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
