//! One member of a pool: what it is, and how it is doing.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use super::{
    breaker::{Breaker, BreakerSettings, BreakerState, Pass},
    verdict::{Verdict, verdict},
};
use crate::{Error, Provider, upstream::Upstream};

/// Longest time that a member's own `retry-after` keeps it out of the choice.
const BUSY_MAX: Duration = Duration::from_secs(300);
/// How long a member is left out that is busy and does not say for how long.
const BUSY_USUAL: Duration = Duration::from_secs(1);

/// Whoever can say how it is, without being asked for an answer.
pub trait Health: Send + Sync {
    /// Asks.
    fn probe(&self) -> Probing;
}

/// A probe that is under way.
pub type Probing = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

impl Health for Upstream {
    fn probe(&self) -> Probing {
        let upstream = self.clone();
        Box::pin(async move { Upstream::probe(&upstream).await })
    }
}

/// A member, as it is put into a pool.
#[derive(Clone)]
pub struct Member {
    /// Who answers.
    pub provider: Arc<dyn Provider>,
    /// Who tells how it is; without one it counts as well until requests say otherwise.
    pub health: Option<Arc<dyn Health>>,
    /// Its part of the load beside members of the same rank; at least 1.
    pub weight: u32,
    /// Its place in the fallback chain: members of a higher number are asked when those of a lower one cannot answer.
    pub rank: u32,
    /// Most requests that it is given at once.
    pub concurrency_max: usize,
}

/// Most requests that a member is given at once, where nothing is said.
pub const CONCURRENCY_MAX: usize = 256;

impl Member {
    /// A member of weight 1 and rank 0.
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Self { provider, health: None, weight: 1, rank: 0, concurrency_max: CONCURRENCY_MAX }
    }

    /// The same, of an upstream, which tells of its own health where its settings say how.
    pub fn upstream(upstream: Upstream) -> Self {
        let tells = upstream.settings().health_path.is_some();
        let health = tells.then(|| Arc::new(upstream.clone()) as Arc<dyn Health>);
        Self { health, ..Self::new(Arc::new(upstream)) }
    }
}

/// How a member is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberState {
    /// Its name.
    pub name: String,
    /// Its rank.
    pub rank: u32,
    /// Whether it is asked.
    pub breaker: BreakerState,
    /// What its last probe said; none before the first.
    pub is_healthy: Option<bool>,
    /// Requests that it is answering now.
    pub in_flight: usize,
    /// Requests that it answered to the end.
    pub answered: u64,
    /// Requests that it failed.
    pub failed: u64,
    /// Requests that it refused for being busy.
    pub busy: u64,
    /// Requests that were given up by the one who asked, or that no server would take.
    pub given_up: u64,
}

impl MemberState {
    /// Whether a request would be sent to it.
    pub fn is_ready(&self) -> bool {
        self.breaker != BreakerState::Open && self.is_healthy != Some(false)
    }
}

/// A member at work.
pub(super) struct Working {
    pub(super) provider: Arc<dyn Provider>,
    pub(super) health: Option<Arc<dyn Health>>,
    pub(super) weight: u32,
    pub(super) rank: u32,
    pub(super) places: Arc<Semaphore>,
    concurrency_max: usize,
    breaker: Mutex<Breaker>,
    /// 0 unknown, 1 well, 2 unwell.
    healthy: AtomicU8,
    answered: AtomicU64,
    failed: AtomicU64,
    busy: AtomicU64,
    given_up: AtomicU64,
}

impl Working {
    pub(super) fn new(member: Member, breaker: BreakerSettings) -> Self {
        let concurrency_max = member.concurrency_max.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            provider: member.provider,
            health: member.health,
            weight: member.weight.max(1),
            rank: member.rank,
            places: Arc::new(Semaphore::new(concurrency_max)),
            concurrency_max,
            breaker: Mutex::new(Breaker::new(breaker)),
            healthy: AtomicU8::new(0),
            answered: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            busy: AtomicU64::new(0),
            given_up: AtomicU64::new(0),
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn in_flight(&self) -> usize {
        self.concurrency_max - self.places.available_permits().min(self.concurrency_max)
    }

    pub(super) fn admits(&self) -> bool {
        self.healthy.load(Ordering::Relaxed) != 2 && self.breaker().admits(Instant::now())
    }

    pub(super) fn opens_in(&self) -> Option<Duration> {
        self.breaker().opens_in(Instant::now())
    }

    /// Begins a request, if the breaker lets it through.
    pub(super) fn begin(self: &Arc<Self>, place: OwnedSemaphorePermit) -> Option<Turn> {
        let pass = self.breaker().pass(Instant::now())?;
        Some(Turn { member: Arc::clone(self), pass, is_settled: false, _place: place })
    }

    pub(super) fn note_health(&self, is_healthy: bool) {
        self.healthy.store(if is_healthy { 1 } else { 2 }, Ordering::Relaxed);
    }

    pub(super) fn state(&self) -> MemberState {
        MemberState {
            name: self.provider.name().to_owned(),
            rank: self.rank,
            breaker: self.breaker().state(Instant::now()),
            is_healthy: match self.healthy.load(Ordering::Relaxed) {
                0 => None,
                known => Some(known == 1),
            },
            in_flight: self.in_flight(),
            answered: self.answered.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            busy: self.busy.load(Ordering::Relaxed),
            given_up: self.given_up.load(Ordering::Relaxed),
        }
    }
}

/// One request at one member. Whatever becomes of it is noted once: what nobody noted before it is dropped was given up.
pub(super) struct Turn {
    member: Arc<Working>,
    pass: Pass,
    is_settled: bool,
    _place: OwnedSemaphorePermit,
}

impl Turn {
    pub(super) fn answered(&mut self) {
        if !std::mem::replace(&mut self.is_settled, true) {
            self.member.answered.fetch_add(1, Ordering::Relaxed);
            self.member.breaker().succeeded(self.pass);
        }
    }

    /// Notes a fault, and says what follows from it.
    pub(super) fn failed(&mut self, fault: &Error) -> Verdict {
        let verdict = verdict(fault);
        if std::mem::replace(&mut self.is_settled, true) {
            return verdict;
        }
        let member = &self.member;
        let now = Instant::now();
        match verdict {
            Verdict::Failed => {
                member.failed.fetch_add(1, Ordering::Relaxed);
                member.breaker().failed(self.pass, now);
            }
            Verdict::Busy { retry_after } => {
                member.busy.fetch_add(1, Ordering::Relaxed);
                let mut breaker = member.breaker();
                breaker.given_up(self.pass);
                breaker.busy(now + retry_after.unwrap_or(BUSY_USUAL).min(BUSY_MAX));
            }
            Verdict::Elsewhere | Verdict::Final => {
                member.given_up.fetch_add(1, Ordering::Relaxed);
                member.breaker().given_up(self.pass);
            }
        }
        verdict
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.is_settled {
            self.member.given_up.fetch_add(1, Ordering::Relaxed);
            self.member.breaker().given_up(self.pass);
        }
    }
}
