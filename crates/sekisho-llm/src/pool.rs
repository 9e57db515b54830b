//! Several providers for one model: who is asked, and who is asked instead.
//!
//! Members of the lowest rank share the load; the next rank is asked when none of them can answer. Another member is only
//! asked while nothing of an answer has been handed on: after the first part, a broken stream stays broken, since two
//! models do not continue each other's sentences.

mod breaker;
mod file;
mod member;
mod verdict;

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

pub use breaker::{BreakerSettings, BreakerState};
pub use file::{File, MemberFile};
use futures_core::Stream;
use futures_util::{StreamExt, future::join_all, stream::FuturesUnordered};
pub use member::{CONCURRENCY_MAX, Health, Member, MemberState, Probing};
use serde::Deserialize;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};
pub use verdict::is_callers_fault;

use self::{
    member::{Turn, Working},
    verdict::Verdict,
};
use crate::{Answer, Answering, Ask, Chunk, Chunks, Error, Provider, chance::Chance};

/// How a pool chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Who of one rank is asked first.
    pub balance: Balance,
    /// When a member is left alone.
    pub breaker: BreakerSettings,
    /// How long a request waits for a place at a member, where all are taken.
    pub wait_max: Duration,
    /// Most requests that wait at once.
    pub waiting_max: usize,
    /// Most members that one request is sent to.
    pub tries_max: u32,
    /// Where the randomness of the choice starts.
    pub seed: u64,
}

/// Who of one rank is asked first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// Whoever has the fewest requests for its weight.
    #[default]
    LeastBusy,
    /// By chance, in proportion to the weights.
    Weighted,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            balance: Balance::default(),
            breaker: BreakerSettings::default(),
            wait_max: Duration::from_secs(10),
            waiting_max: 256,
            tries_max: 3,
            seed: 0,
        }
    }
}

/// Several providers for one model. Cheap to clone; all clones share its state.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    name: String,
    settings: Settings,
    /// In order of rank.
    members: Vec<Arc<Working>>,
    draws: AtomicU64,
    waiting: AtomicUsize,
}

/// How a pool is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its name.
    pub name: String,
    /// Requests that wait for a place.
    pub waiting: usize,
    /// Its members, in order of rank.
    pub members: Vec<MemberState>,
}

impl State {
    /// Whether at least one member would be asked.
    pub fn is_ready(&self) -> bool {
        self.members.iter().any(MemberState::is_ready)
    }
}

impl Pool {
    /// A pool. One without members answers every request with [`Error::Unavailable`].
    pub fn new(name: impl Into<String>, members: Vec<Member>, settings: Settings) -> Self {
        let mut members: Vec<_> =
            members.into_iter().map(|member| Arc::new(Working::new(member, settings.breaker))).collect();
        members.sort_by_key(|member| member.rank);
        Self(Arc::new(Inner {
            name: name.into(),
            settings,
            members,
            draws: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
        }))
    }

    /// How it is doing, for metrics and `readyz`.
    pub fn state(&self) -> State {
        State {
            name: self.0.name.clone(),
            waiting: self.0.waiting.load(Ordering::Relaxed),
            members: self.0.members.iter().map(|member| member.state()).collect(),
        }
    }

    /// Asks every member that can tell how it is, all at once, and goes by it from now on: one that is unwell is not
    /// asked again before a later probe finds it well. The caller decides how often.
    pub async fn probe(&self) {
        let probes = self.0.members.iter().filter_map(|member| {
            let health = member.health.as_ref()?;
            Some(async { member.note_health(health.probe().await.is_ok()) })
        });
        join_all(probes).await;
    }
}

impl Provider for Pool {
    fn ask(&self, ask: Ask) -> Answering {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { inner.ask(ask).await })
    }

    fn name(&self) -> &str {
        &self.0.name
    }
}

impl Inner {
    async fn ask(&self, ask: Ask) -> Result<Answer, Error> {
        let mut asked: Vec<usize> = Vec::new();
        let mut last = None;
        while asked.len() < self.settings.tries_max.max(1) as usize {
            let Some((index, turn)) = self.turn(&asked, ask.deadline).await else { break };
            asked.push(index);
            match attempt(&self.members[index], turn, ask.clone()).await {
                Ok(answer) => return Ok(answer),
                Err((fault, Verdict::Final)) => return Err(fault),
                Err((fault, _)) => last = Some(fault),
            }
        }
        // What the last member said is worth more than that nobody is left.
        Err(last.unwrap_or_else(|| self.unavailable()))
    }

    fn unavailable(&self) -> Error {
        let opens_in = self.members.iter().filter_map(|member| member.opens_in()).min();
        Error::Unavailable { provider: self.name.clone(), retry_after: opens_in }
    }

    /// A place at a member that was not asked yet: at once where one is free, else after waiting at the lowest rank that
    /// has a member left.
    async fn turn(&self, asked: &[usize], deadline: Option<std::time::Instant>) -> Option<(usize, Turn)> {
        let mut start = 0;
        while start < self.members.len() {
            let rank = self.members[start].rank;
            let end = self.members[start..].iter().take_while(|member| member.rank == rank).count() + start;
            let order = self.order(start..end, asked);
            for &index in &order {
                let member = &self.members[index];
                if let Ok(place) = Arc::clone(&member.places).try_acquire_owned()
                    && let Some(turn) = member.begin(place)
                {
                    return Some((index, turn));
                }
            }
            if !order.is_empty()
                && let Some(found) = self.wait(&order, deadline).await
            {
                return Some(found);
            }
            start = end;
        }
        None
    }

    /// Members of one rank that may be asked, the best first.
    fn order(&self, range: std::ops::Range<usize>, asked: &[usize]) -> Vec<usize> {
        let mut keyed: Vec<(f64, usize)> = range
            .filter(|index| !asked.contains(index) && self.members[*index].admits())
            .map(|index| {
                let member = &self.members[index];
                let weight = f64::from(member.weight);
                let draw =
                    Chance::new(self.settings.seed, self.draws.fetch_add(1, Ordering::Relaxed)).share();
                let key = match self.settings.balance {
                    // The smallest of such numbers is each with a chance in proportion to the weights.
                    Balance::Weighted => -(1.0 - draw).ln() / weight,
                    // A draw below 1 decides between equals only.
                    Balance::LeastBusy => (member.in_flight() as f64 + draw * 0.5) / weight,
                };
                (key, index)
            })
            .collect();
        keyed.sort_by(|left, right| left.0.total_cmp(&right.0));
        keyed.into_iter().map(|(_, index)| index).collect()
    }

    /// Waits for whichever of the members has a place first.
    async fn wait(&self, order: &[usize], deadline: Option<std::time::Instant>) -> Option<(usize, Turn)> {
        let _waiting = Waiting::enter(&self.waiting, self.settings.waiting_max)?;
        let mut by = Instant::now() + self.settings.wait_max;
        if let Some(deadline) = deadline {
            by = by.min(Instant::from_std(deadline));
        }
        let mut places: FuturesUnordered<_> = order
            .iter()
            .map(|&index| {
                let places = Arc::clone(&self.members[index].places);
                async move { (index, places.acquire_owned().await) }
            })
            .collect();
        while let Ok(Some((index, place))) = timeout_at(by, places.next()).await {
            let turn = place.ok().and_then(|place: OwnedSemaphorePermit| self.members[index].begin(place));
            if let Some(turn) = turn {
                return Some((index, turn));
            }
        }
        None
    }
}

/// Asks one member, and waits for the first part of a stream: until then another can be asked instead.
async fn attempt(member: &Working, mut turn: Turn, ask: Ask) -> Result<Answer, (Error, Verdict)> {
    let mut failed = |fault: Error| {
        let verdict = turn.failed(&fault);
        (fault, verdict)
    };
    let mut chunks = match member.provider.ask(ask).await.map_err(&mut failed)? {
        Answer::Whole(response) => {
            turn.answered();
            return Ok(Answer::Whole(response));
        }
        Answer::Stream(chunks) => chunks,
    };
    let first = match chunks.next().await {
        Some(first) => first,
        None => Err(Error::Malformed {
            provider: member.provider.name().to_owned(),
            cause: "a stream without parts".to_owned(),
        }),
    };
    let first = first.map_err(failed)?;
    Ok(Answer::Stream(Box::pin(Watched { first: Some(first), chunks: Some(chunks), turn: Some(turn) })))
}

/// A request among those that wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(waiting: &'a AtomicUsize, max: usize) -> Option<Self> {
        let entered = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) < max { Some(entered) } else { None }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream whose end is noted at its member, and which holds its place there until then.
struct Watched {
    first: Option<Chunk>,
    chunks: Option<Chunks>,
    turn: Option<Turn>,
}

impl Stream for Watched {
    type Item = Result<Chunk, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        let Some(chunks) = &mut self.chunks else { return Poll::Ready(None) };
        let next = ready!(chunks.as_mut().poll_next(context));
        if !matches!(next, Some(Ok(_))) {
            self.chunks = None;
            if let Some(mut turn) = self.turn.take() {
                match &next {
                    Some(Err(fault)) => _ = turn.failed(fault),
                    _ => turn.answered(),
                }
            }
        }
        Poll::Ready(next)
    }
}
