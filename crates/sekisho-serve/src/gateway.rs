//! The gate as others hold it: one value, cheap to clone.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sekisho_audit::journal::Journal;
use sekisho_base::Coded;
use sekisho_llm::{Answering, Ask, Error, Provider};
use sekisho_store::Store;

use crate::{
    attempt::Attempts,
    caller::{Caller, Credential, Declared},
    directory::Directory,
    limit::Limiter,
    metrics::Metrics,
    observe::{Ended, Observe},
    stage::{self, Passed, Received, Refused},
    trace::{Parent, Tracer},
    world::World,
};

/// How long the booking of budgets waits for the log.
const LOG_WAIT_MAX: Duration = Duration::from_secs(10);

/// Every request to a model passes here. Clones are the same gate.
#[derive(Clone)]
pub struct Gateway(Arc<Shared>);

/// What all requests share.
pub(crate) struct Shared {
    world: RwLock<Arc<World>>,
    pub(crate) journal: Journal,
    pub(crate) store: Store,
    pub(crate) directory: Directory,
    pub(crate) limits: Limiter,
    pub(crate) metrics: Metrics,
    pub(crate) attempts: Attempts,
    pub(crate) observer: Option<Arc<dyn Observe>>,
    pub(crate) tracer: Option<Tracer>,
}

/// What a gate is made of.
pub struct Parts {
    /// Settings, models, rules: what a reload replaces.
    pub world: World,
    /// Where everything is recorded.
    pub journal: Journal,
    /// Principals, keys, budgets.
    pub store: Store,
    /// Who may come in.
    pub directory: Directory,
}

/// The store outlives the gate at times, and then does not keep its log open.
impl Drop for Shared {
    fn drop(&mut self) {
        self.store.book_behind(|| {});
    }
}

impl Gateway {
    /// A gate, ready for requests.
    pub fn new(parts: Parts) -> Self {
        Self::build(parts, None, None)
    }

    /// A gate that tells somebody how each request ended, and sends traces where there is a collector.
    pub fn observed(parts: Parts, observer: Arc<dyn Observe>, tracer: Option<Tracer>) -> Self {
        Self::build(parts, Some(observer), tracer)
    }

    fn build(parts: Parts, observer: Option<Arc<dyn Observe>>, tracer: Option<Tracer>) -> Self {
        let Parts { world, journal, store, directory } = parts;
        let log = journal.clone();
        // A log that is stuck lets nobody pass anyway; what is booked then can be more than it says, and never less.
        store.book_behind(move || {
            let _ = log.wait_for(LOG_WAIT_MAX);
        });
        Self(Arc::new(Shared {
            world: RwLock::new(Arc::new(world)),
            journal,
            store,
            directory,
            limits: Limiter::default(),
            metrics: Metrics::new(tracer.as_ref()),
            attempts: Attempts::default(),
            observer,
            tracer,
        }))
    }

    /// Takes a request through all stages.
    ///
    /// # Errors
    /// [`Refused`], after that was recorded.
    pub async fn pass(&self, received: Received) -> Result<Passed, Refused> {
        stage::pass(received).await
    }

    /// The settings in force.
    pub fn world(&self) -> Arc<World> {
        Arc::clone(&self.0.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other settings in force, from one request to the next, and gives those before. Requests that have begun keep
    /// theirs.
    pub fn replace_world(&self, world: World) -> Arc<World> {
        let mut current = self.0.world.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, Arc::new(world))
    }

    /// The log behind it.
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// The store behind it.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What happened since the start, in numbers.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Notes an attempt that never became a request: in the log as an event, but not more of them than a disk should bear.
    pub(crate) fn note_attempt(&self, error: &Error, method: &str, path: &str, peer: &str, id: &str) {
        self.0.metrics.refused(error);
        let facts = [("method", method), ("path", path), ("peer", peer), ("request_id", id)];
        let is_noted = self.0.attempts.note(&self.0.journal, error, facts);
        if let Some(observer) = self.0.observer.as_ref().filter(|_| is_noted) {
            observer.ended(&Ended::attempt(id, error.code()));
        }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// The gate as one caller inside this program sees it: a model like any other.
    pub fn for_caller(&self, caller: Caller, declared: Declared) -> Session {
        let name = format!("gate for {}", caller.principal.name).into();
        Session { gateway: self.clone(), caller, declared, name }
    }
}

/// The gate in the hands of one caller.
#[derive(Clone)]
pub struct Session {
    gateway: Gateway,
    caller: Caller,
    declared: Declared,
    name: Arc<str>,
}

impl Provider for Session {
    fn ask(&self, ask: Ask) -> Answering {
        let Self { gateway, caller, declared, .. } = self.clone();
        Box::pin(async move {
            let request = Arc::unwrap_or_clone(ask.request);
            let credential = Credential::Known(caller);
            let mut received = Received::new(&gateway, ask.id, request, credential, declared, "internal");
            received.trace(ask.trace.as_deref().and_then(Parent::parse));
            match gateway.pass(received).await {
                Ok(passed) => Ok(passed.answer),
                Err(refused) => Err(refused.error),
            }
        })
    }

    fn name(&self) -> &str {
        &self.name
    }
}
