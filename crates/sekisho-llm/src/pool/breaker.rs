//! Whether a member is asked at all.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// When a member is left alone, and when it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So many failures …
    pub failures_max: u32,
    /// … within this time open the breaker.
    pub window: Duration,
    /// How long it stays open before one request is let through.
    pub open_for: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self { failures_max: 5, window: Duration::from_secs(30), open_for: Duration::from_secs(10) }
    }
}

/// State of a breaker, as metrics show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// The member is asked.
    Closed,
    /// It is not.
    Open,
    /// One request shows whether it is well again.
    HalfOpen,
}

#[derive(Debug)]
pub(super) struct Breaker {
    settings: BreakerSettings,
    failures: VecDeque<Instant>,
    /// Until when it is open; half open from then on.
    open_until: Option<Instant>,
    /// A trial is under way.
    is_trying: bool,
    /// The upstream asked not to be asked before.
    busy_until: Option<Instant>,
}

/// A request that the breaker let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Usual,
    /// Its outcome closes or opens the breaker.
    Trial,
}

impl Breaker {
    pub(super) fn new(settings: BreakerSettings) -> Self {
        Self { settings, failures: VecDeque::new(), open_until: None, is_trying: false, busy_until: None }
    }

    /// Whether [`Breaker::pass`] would let a request through.
    pub(super) fn admits(&self, now: Instant) -> bool {
        if self.busy_until.is_some_and(|until| now < until) {
            return false;
        }
        self.open_until.is_none_or(|until| now >= until && !self.is_trying)
    }

    /// Lets a request through, or not.
    pub(super) fn pass(&mut self, now: Instant) -> Option<Pass> {
        if !self.admits(now) {
            return None;
        }
        if self.open_until.is_none() {
            return Some(Pass::Usual);
        }
        self.is_trying = true;
        Some(Pass::Trial)
    }

    pub(super) fn succeeded(&mut self, pass: Pass) {
        if pass == Pass::Trial {
            self.is_trying = false;
            self.open_until = None;
            self.failures.clear();
        }
    }

    pub(super) fn failed(&mut self, pass: Pass, now: Instant) {
        if pass == Pass::Trial {
            self.is_trying = false;
            self.open_until = Some(now + self.settings.open_for);
            return;
        }
        let window = self.settings.window;
        self.failures.push_back(now);
        while self.failures.front().is_some_and(|first| now.duration_since(*first) > window) {
            self.failures.pop_front();
        }
        if self.failures.len() >= self.settings.failures_max.max(1) as usize && self.open_until.is_none() {
            self.failures.clear();
            self.open_until = Some(now + self.settings.open_for);
        }
    }

    /// Nothing is known of how it ended: the one who asked went away, or asked for something impossible.
    pub(super) fn given_up(&mut self, pass: Pass) {
        if pass == Pass::Trial {
            self.is_trying = false;
        }
    }

    pub(super) fn busy(&mut self, until: Instant) {
        self.busy_until = Some(self.busy_until.map_or(until, |before| before.max(until)));
    }

    /// When it may let something through again; none if it does now.
    pub(super) fn opens_in(&self, now: Instant) -> Option<Duration> {
        let until = [self.busy_until, self.open_until].into_iter().flatten().max()?;
        Some(until.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }

    pub(super) fn state(&self, now: Instant) -> BreakerState {
        match self.open_until {
            None => BreakerState::Closed,
            Some(until) if now < until => BreakerState::Open,
            Some(_) => BreakerState::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Breaker, BreakerSettings, BreakerState, Pass};

    const SETTINGS: BreakerSettings = BreakerSettings {
        failures_max: 3,
        window: Duration::from_secs(10),
        open_for: Duration::from_secs(5),
    };

    #[test]
    fn opens_on_failures_within_the_window_and_tries_one() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut breaker = Breaker::new(SETTINGS);
        for seconds in [0, 6, 12] {
            breaker.failed(Pass::Usual, at(seconds)); // three, but never three within 10 s
        }
        assert_eq!(breaker.state(at(12)), BreakerState::Closed);
        breaker.failed(Pass::Usual, at(13));
        assert_eq!(breaker.state(at(13)), BreakerState::Open);
        assert_eq!(breaker.pass(at(17)), None);
        assert_eq!(breaker.opens_in(at(17)), Some(Duration::from_secs(1)));

        assert_eq!(breaker.pass(at(18)), Some(Pass::Trial));
        assert_eq!(breaker.pass(at(18)), None, "one trial at a time");
        breaker.failed(Pass::Trial, at(19));
        assert_eq!(breaker.pass(at(23)), None);
        assert_eq!(breaker.pass(at(24)), Some(Pass::Trial));
        breaker.given_up(Pass::Trial);
        assert_eq!(breaker.pass(at(24)), Some(Pass::Trial), "a trial without outcome is tried again");
        breaker.succeeded(Pass::Trial);
        assert_eq!(breaker.pass(at(24)), Some(Pass::Usual));
        assert_eq!(breaker.state(at(24)), BreakerState::Closed);
    }

    #[test]
    fn late_failures_of_earlier_requests_do_not_prolong_it() {
        let start = Instant::now();
        let mut breaker = Breaker::new(SETTINGS);
        for _ in 0..3 {
            breaker.failed(Pass::Usual, start);
        }
        for _ in 0..3 {
            breaker.failed(Pass::Usual, start + Duration::from_secs(4));
        }
        assert_eq!(breaker.pass(start + Duration::from_secs(5)), Some(Pass::Trial));
    }

    #[test]
    fn busy_is_not_broken() {
        let start = Instant::now();
        let mut breaker = Breaker::new(SETTINGS);
        breaker.busy(start + Duration::from_secs(2));
        breaker.busy(start + Duration::from_secs(1));
        assert_eq!(breaker.state(start), BreakerState::Closed);
        assert_eq!(breaker.pass(start + Duration::from_millis(1500)), None);
        assert_eq!(breaker.pass(start + Duration::from_secs(2)), Some(Pass::Usual));
    }
}
