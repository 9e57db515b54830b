//! The one way of a request:
//! `Received -> Admitted -> Grounded -> Screened -> Routed -> Answered -> Recorded`.
//!
//! Each stage is a type that only the stage before makes, and takes it whole: skipping or reordering does not compile. A
//! stage that stops gives [`Stopped`], which only [`Stopped::record`] turns into an error for the one who asked. Grounding
//! stands before screening and routing, because a document can be more secret than the question.

mod admitted;
mod answered;
mod flow;
mod grounded;
mod received;
mod routed;
mod screened;

use std::sync::Arc;

use sekisho_audit::leaf::RecordId;
use sekisho_base::{Code, Coded};
use sekisho_llm::{Answer, Error, Request};
use serde_json::Value;

pub(crate) use admitted::{check_ceiling, settle_label};
pub use received::Received;
pub(crate) use screened::policy_refusal;

use crate::{gateway::Shared, limit::Permit, recorder::Recorder, world::World};

/// What goes through all stages.
pub(crate) struct Case {
    pub(crate) shared: Arc<Shared>,
    /// Settings as they were when the request came: a reload does not change them on the way.
    pub(crate) world: Arc<World>,
    pub(crate) id: Arc<str>,
    pub(crate) request: Request,
    pub(crate) recorder: Recorder,
    /// The name of the prompt template that was put in front.
    pub(crate) template: Option<String>,
    /// Held as long as the request runs.
    pub(crate) permit: Option<Permit>,
}

/// A request that goes no further.
pub(crate) struct Stopped {
    case: Box<Case>,
    error: Error,
}

/// What the one who asked gets.
#[derive(Debug)]
pub struct Passed {
    /// The answer.
    pub answer: Answer,
    /// The record that tells of it.
    pub record: RecordId,
    /// The label of the answer: the highest of all that went in.
    pub label: String,
    /// Who answers.
    pub upstream: Arc<str>,
}

/// Why there is no answer, after that was recorded.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub error: Error,
    /// The record that tells of it; none when the log took nothing, or when nobody keeps a record of it.
    pub record: Option<RecordId>,
}

impl Case {
    fn stop(self, error: Error) -> Stopped {
        Stopped { case: Box::new(self), error }
    }
}

impl Stopped {
    /// Makes the record durable, and then gives the error.
    pub(crate) async fn record(self) -> Refused {
        let mut case = *self.case;
        case.shared.metrics.refused(&self.error);
        if matches!(self.error.code(), Code::Unauthenticated | Code::NotEnrolled | Code::IssuerUnavailable) {
            // Anybody can send these, as many as they like: noted, and never more than the disk should bear.
            let other = &case.recorder.open.other;
            let word = |name| other.get(name).and_then(Value::as_str).unwrap_or("-");
            let facts = [("format", word("format")), ("peer", word("peer")), ("request_id", &case.id)];
            if case.shared.attempts.note(&case.shared.journal, &self.error, facts) {
                case.recorder.say(&self.error);
                case.recorder.tell();
            }
            case.recorder.forget();
            return Refused { error: self.error, record: None };
        }
        match case.recorder.refuse(&self.error).await {
            Ok(record) => Refused { error: self.error, record: Some(record) },
            // What cannot be recorded is answered with that: an operator must see it first.
            Err(error) => Refused { error, record: None },
        }
    }
}

/// Takes a request through all stages.
pub(crate) async fn pass(received: Received) -> Result<Passed, Refused> {
    match run(received).await {
        Ok(passed) => Ok(passed),
        Err(stopped) => Err(stopped.record().await),
    }
}

async fn run(received: Received) -> Result<Passed, Stopped> {
    let admitted = received.admit().await?;
    let grounded = admitted.ground()?;
    let screened = grounded.screen().await?;
    let routed = screened.route()?;
    routed.answer().await
}
