//! The last stage, which every end reaches: the audit record and the budget.
//!
//! A [`Recorder`] goes through all stages. Whoever ends a request ends it with the recorder; when it is dropped without an
//! end, the one who asked has gone away, and that is recorded too.

use std::{sync::Arc, time::Instant};

use sekisho_audit::{
    journal::{self, Journal, Ticket},
    leaf::RecordId,
    record::{Close, Open, Outcome},
};
use sekisho_base::{Code, Coded};
use sekisho_llm::{Error, Refusal};
use serde_json::Value;

use crate::{
    budget::Hold,
    meter::Used,
    observe::{Ended, Observe},
    route::{Price, Way},
    screen::Found,
    settle,
    trace::{Parent, Trace},
};

/// Keeps what the record of one request will say.
pub(crate) struct Recorder {
    journal: Journal,
    started: Instant,
    stage: Stage,
    /// What the open says; taken when it is appended.
    pub(crate) open: Open,
    /// What the close will say.
    pub(crate) close: Close,
    /// What is reserved of the budgets.
    hold: Option<Hold>,
    pub(crate) model: Arc<str>,
    pub(crate) price: Price,
    pub(crate) used: Option<Used>,
    /// Tokens of the prompt, once an upstream was asked: who goes away before the answer has used at least these.
    pub(crate) asked_tokens: Option<u64>,
    /// Who is told of the end.
    pub(crate) observer: Option<Arc<dyn Observe>>,
    /// Its trace, where there is a collector.
    pub(crate) trace: Option<Box<Trace>>,
    /// The trace of the one who asks.
    pub(crate) parent: Option<Parent>,
    id: Arc<str>,
    /// The code that the close says.
    said: Option<Code>,
    /// Why the log took nothing, where that is what ended it.
    unrecorded: Option<Code>,
    /// Its id in the log, also after the end.
    known_as: Option<RecordId>,
}

/// How far the record is.
enum Stage {
    /// Nothing is in the log.
    Before,
    /// The open is appended.
    Open(RecordId),
    /// The close is appended, or was given up with an error.
    Ended,
}

impl Recorder {
    pub(crate) fn new(journal: Journal, id: &Arc<str>, started: Instant) -> Self {
        let mut open = Open::default();
        open.other.insert("request_id".to_owned(), Value::from(&**id));
        Self {
            journal,
            started,
            stage: Stage::Before,
            open,
            close: Close::new(Outcome::Cancelled),
            hold: None,
            model: "-".into(),
            price: Price::default(),
            used: None,
            asked_tokens: None,
            observer: None,
            trace: None,
            parent: None,
            id: Arc::clone(id),
            said: None,
            unrecorded: None,
            known_as: None,
        }
    }

    /// Holds a part of the budgets until the end. Its tag and what is held are in the record, so that a crash in between
    /// can be settled.
    pub(crate) fn hold(&mut self, hold: Hold, held: sekisho_store::Used) {
        self.open.other.insert(settle::HOLD.to_owned(), Value::from(hold.tag().to_string()));
        self.open.other.insert(settle::HELD.to_owned(), settle::to_value(held));
        self.hold = Some(hold);
    }

    /// Appends the open. Nothing of an answer may go out before the ticket says that it is durable.
    ///
    /// # Errors
    /// The log takes nothing: then nothing may be asked of a model either.
    pub(crate) fn begin(&mut self) -> Result<Ticket, Error> {
        let ticket = self.journal.open_record(&self.open, None).map_err(|error| unrecorded(&error))?;
        self.stage = Stage::Open(ticket.record());
        self.known_as = Some(ticket.record());
        Ok(ticket)
    }

    /// The record's id, once it has one.
    pub(crate) fn record(&self) -> Option<RecordId> {
        match self.stage {
            Stage::Open(record) => Some(record),
            _ => None,
        }
    }

    /// Ends a request that was refused or failed before an answer began: open and close are durable when this returns.
    pub(crate) async fn refuse(mut self, error: &Error) -> Result<RecordId, Error> {
        match self.stage {
            Stage::Before => {
                let durable = match self.begin() {
                    Ok(ticket) => ticket.await.map_err(|error| unrecorded(&error)),
                    Err(error) => Err(error),
                };
                self.unrecorded = durable.as_ref().err().map(Coded::code);
                durable?;
            }
            Stage::Open(_) => {}
            // The log took the open and not the close: that is what the error says.
            Stage::Ended => return Err(error.clone()),
        }
        self.say(error);
        let record = self.record();
        if let Some(ticket) = self.append_close() {
            ticket?.await.map_err(|error| unrecorded(&error))?;
        }
        record.ok_or_else(|| Error::Refused(Refusal::new(Code::Internal)))
    }

    /// Ends it with what the close says by now. The open must be durable; the close becomes so in its turn.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        self.append_close().map_or(Ok(()), |ticket| ticket.map(drop))
    }

    /// Keeps no record: somebody who is nobody has asked, which is noted elsewhere.
    pub(crate) fn forget(&mut self) {
        self.stage = Stage::Ended;
    }

    /// Fills the close for an error.
    pub(crate) fn say(&mut self, error: &Error) {
        let code = error.code();
        self.close.outcome = match error {
            Error::Refused(_)
            | Error::Invalid { .. }
            | Error::NoSuchModel { .. }
            | Error::Unsupported { .. } => Outcome::Refused,
            _ => Outcome::Failed,
        };
        self.said = Some(code);
        self.close.code = Some(code.to_string());
        if let Error::Refused(refusal) = error {
            let facts = refusal.facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
            self.close.other.insert("facts".to_owned(), Value::Object(facts.collect()));
        } else {
            self.close.other.insert("cause".to_owned(), Value::from(error.to_string()));
        }
    }

    /// Fills open or close with what screening found.
    pub(crate) fn say_found(
        found: &Found,
        rules: &mut Vec<String>,
        other: &mut serde_json::Map<String, Value>,
    ) {
        rules.clone_from(&found.rules);
        if !found.kinds.is_empty() {
            let kinds = found.kinds.iter().map(|(kind, count)| ((*kind).to_owned(), Value::from(*count)));
            other.insert("found".to_owned(), Value::Object(kinds.collect()));
        }
        if !found.opaque.is_empty() {
            other.insert("not_judged".to_owned(), Value::from(found.opaque.clone()));
        }
    }

    /// When the request came.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// Milliseconds since the request came.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// An upstream is about to be asked: its `traceparent`, if there is any trace.
    pub(crate) fn ask(&mut self, way: &Way) -> Option<Arc<str>> {
        match (&mut self.trace, &self.parent) {
            (Some(trace), _) => trace.ask(way),
            (None, Some(parent)) => Some(parent.to_string().into()),
            (None, None) => None,
        }
    }

    /// It could not answer.
    pub(crate) fn failed(&mut self, error: &Error) {
        if let Some(trace) = &mut self.trace {
            trace.failed(error);
        }
    }

    /// Tells whoever wants to know how it ended.
    pub(crate) fn tell(&mut self) {
        let trace = self.trace.take();
        if self.observer.is_none() && trace.is_none() {
            return;
        }
        let close = &self.close;
        let ended = Ended {
            id: &self.id,
            record: self.known_as,
            principal: &self.open.principal,
            model: self.open.model.as_deref(),
            label: close.label.as_deref().or(self.open.label.as_deref()),
            upstream: close.other.get("upstream").and_then(Value::as_str).or(self.open.upstream.as_deref()),
            outcome: if self.unrecorded.is_some() { Outcome::Failed } else { close.outcome },
            code: self.unrecorded.or(self.said),
            latency_ms: close.latency_ms.unwrap_or_else(|| self.elapsed_ms()),
            tokens: close.prompt_tokens.zip(close.completion_tokens),
        };
        if let Some(observer) = &self.observer {
            observer.ended(&ended);
        }
        if let Some(trace) = trace {
            trace.end(&ended, &self.model, close.ttft_ms);
        }
    }

    /// Appends the close and settles the budget, once; none when that has happened.
    fn append_close(&mut self) -> Option<Result<Ticket, Error>> {
        let Stage::Open(record) = std::mem::replace(&mut self.stage, Stage::Ended) else { return None };
        let booking = self.account();
        self.close.latency_ms = Some(self.elapsed_ms());
        let closing = self.journal.close_record(record, &self.close).map_err(|error| unrecorded(&error));
        // Behind its record: the store books nothing that the log does not know.
        booking.settle();
        self.unrecorded = closing.as_ref().err().map(Coded::code);
        self.tell();
        Some(closing)
    }

    /// Says what was used and what it cost. What an upstream refused or failed to answer has used nothing.
    fn account(&mut self) -> Booking {
        let used = self.used.take();
        let cost = used.map_or(0, |used| self.price.of(used.prompt_tokens, used.completion_tokens));
        if let Some(used) = used {
            self.close.prompt_tokens = Some(used.prompt_tokens);
            self.close.completion_tokens = Some(used.completion_tokens);
            self.close.cost_yen = Some(cost as f64 / 1e6);
            if used.is_estimated {
                self.close.other.insert("usage".to_owned(), Value::from("estimated"));
            }
        }
        Booking { hold: self.hold.take(), model: Arc::clone(&self.model), used, cost }
    }
}

/// What is to be booked of the budgets once the close is appended. Dropped without that, all that is held counts as spent,
/// as it does for a record that is found open.
struct Booking {
    hold: Option<Hold>,
    model: Arc<str>,
    used: Option<Used>,
    cost: u64,
}

impl Booking {
    /// Books what was used, and gives back the rest.
    fn settle(self) {
        if let Some(hold) = self.hold {
            hold.settle(&self.model, self.used, self.cost);
        }
    }
}

/// The one who asked has gone away: the future or the stream was dropped.
impl Drop for Recorder {
    fn drop(&mut self) {
        if matches!(self.stage, Stage::Ended) {
            return;
        }
        self.close.outcome = Outcome::Cancelled;
        self.said = Some(Code::ClientGone);
        self.close.code = Some(Code::ClientGone.to_string());
        let journal = self.journal.clone();
        let open = match self.stage {
            Stage::Before => Some(self.open.clone()),
            _ => None,
        };
        let record = self.record();
        self.used = self.used.or(self.asked_tokens.map(|prompt_tokens| Used::estimated(prompt_tokens, 0)));
        let booking = self.account();
        self.close.latency_ms = Some(self.elapsed_ms());
        self.tell();
        self.stage = Stage::Ended;
        let close = std::mem::replace(&mut self.close, Close::new(Outcome::Cancelled));
        // The log may wait for a disk, and this runs wherever a connection ends: on a thread that may wait.
        let work = move || {
            let record = match open {
                Some(open) => journal.open_record(&open, None).map(|ticket| ticket.record()),
                None => record.ok_or(journal::Error::NotOpen { record: RecordId([0; 16]) }),
            };
            // When the log takes nothing, its own error stands in its state: readiness shows it, and the next start
            // closes the record as aborted.
            let _ = record.and_then(|record| journal.close_record(record, &close)).map(drop);
            booking.settle();
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(work)),
            Err(_) => work(),
        }
    }
}

/// The log did not take a record: nothing may pass.
pub(crate) fn unrecorded(error: &journal::Error) -> Error {
    Error::Refused(Refusal::new(error.code()).with("cause", error.to_string()))
}
