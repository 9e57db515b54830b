//! Limits of each principal: requests and tokens for each minute, requests at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sekisho_base::Code;
use sekisho_llm::Refusal;

/// Principals whose state is kept at once; beyond that, those that have nothing running and a full allowance go.
const PRINCIPALS_MAX: usize = 100_000;
/// What a caller waits when too many of its requests run: how long one takes is not known.
const BUSY_RETRY: Duration = Duration::from_secs(1);

/// How much one principal may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests in a minute; as many may come at once.
    pub requests_per_minute: u32,
    /// Tokens in a minute, as estimated before the call.
    pub tokens_per_minute: u64,
    /// Requests that run at the same time.
    pub concurrent_requests: u32,
}

/// Counts for all principals.
#[derive(Default, Clone)]
pub(crate) struct Limiter(Arc<Mutex<HashMap<Arc<str>, State>>>);

struct State {
    requests: Bucket,
    tokens: Bucket,
    running: u32,
}

/// An allowance that fills with time.
struct Bucket {
    left: f64,
    filled: Instant,
}

/// Held as long as a request runs.
pub(crate) struct Permit {
    limiter: Limiter,
    principal: Arc<str>,
}

impl Limiter {
    /// Lets a request begin.
    ///
    /// # Errors
    /// [`Code::RateLimited`], with the time after which it is worth trying again.
    pub(crate) fn admit(&self, principal: &str, limits: &Limits, tokens: u64) -> Result<Permit, Refusal> {
        self.admit_at(principal, limits, tokens, Instant::now())
    }

    fn admit_at(
        &self,
        principal: &str,
        limits: &Limits,
        tokens: u64,
        now: Instant,
    ) -> Result<Permit, Refusal> {
        let requests_max = f64::from(limits.requests_per_minute);
        let tokens_max = limits.tokens_per_minute as f64;
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= PRINCIPALS_MAX {
            states.retain(|_, state| {
                state.running > 0 || now.duration_since(state.requests.filled) < Duration::from_secs(60)
            });
        }
        let full = |left| Bucket { left, filled: now };
        let state = states.entry(Arc::from(principal)).or_insert_with(|| State {
            requests: full(requests_max),
            tokens: full(tokens_max),
            running: 0,
        });
        let refused = |limit: &'static str, wait| Refusal {
            retry_after: Some(wait),
            ..Refusal::new(Code::RateLimited).with("limit", limit)
        };
        if state.running >= limits.concurrent_requests {
            return Err(refused("concurrent_requests", BUSY_RETRY));
        }
        // One request may be larger than a minute's allowance: it then waits for a full one.
        let tokens = (tokens as f64).min(tokens_max);
        if let Some(wait) = state.requests.wait(1.0, requests_max, now) {
            return Err(refused("requests_per_minute", wait));
        }
        if let Some(wait) = state.tokens.wait(tokens, tokens_max, now) {
            return Err(refused("tokens_per_minute", wait));
        }
        state.requests.left -= 1.0;
        state.tokens.left -= tokens;
        state.running += 1;
        Ok(Permit { limiter: self.clone(), principal: Arc::from(principal) })
    }
}

impl Bucket {
    /// Fills up, and says how long to wait for `amount`; none when it is there.
    fn wait(&mut self, amount: f64, max: f64, now: Instant) -> Option<Duration> {
        let per_second = max / 60.0;
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.left = (self.left + passed * per_second).min(max);
        self.filled = now;
        if self.left >= amount {
            return None;
        }
        let seconds = if per_second > 0.0 { (amount - self.left) / per_second } else { 60.0 };
        Some(Duration::from_secs_f64(seconds.clamp(0.001, 60.0)))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut states = self.limiter.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = states.get_mut(&self.principal) {
            state.running = state.running.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Limiter, Limits};

    const LIMITS: Limits = Limits { requests_per_minute: 6, tokens_per_minute: 600, concurrent_requests: 2 };

    fn who() -> &'static str {
        "somu"
    }

    #[test]
    fn only_so_many_run_at_once() {
        let limiter = Limiter::default();
        let first = limiter.admit(who(), &LIMITS, 1).unwrap();
        let _second = limiter.admit(who(), &LIMITS, 1).unwrap();
        let refusal = limiter.admit(who(), &LIMITS, 1).err().unwrap();
        assert_eq!(refusal.facts[0].1, "concurrent_requests");
        assert!(limiter.admit("other", &LIMITS, 1).is_ok());
        drop(first);
        assert!(limiter.admit(who(), &LIMITS, 1).is_ok());
    }

    #[test]
    fn an_allowance_fills_with_time() {
        let limiter = Limiter::default();
        let start = Instant::now();
        for _ in 0..6 {
            drop(limiter.admit_at(who(), &LIMITS, 1, start).unwrap());
        }
        let refusal = limiter.admit_at(who(), &LIMITS, 1, start).err().unwrap();
        assert_eq!(refusal.retry_after, Some(Duration::from_secs(10)));
        assert!(limiter.admit_at(who(), &LIMITS, 1, start + Duration::from_secs(10)).is_ok());
    }

    #[test]
    fn tokens_count_too_and_one_large_request_is_not_refused_for_ever() {
        let limiter = Limiter::default();
        let start = Instant::now();
        drop(limiter.admit_at(who(), &LIMITS, 100_000, start).unwrap());
        let refusal = limiter.admit_at(who(), &LIMITS, 300, start).err().unwrap();
        assert_eq!(refusal.facts[0].1, "tokens_per_minute");
        assert_eq!(refusal.retry_after, Some(Duration::from_secs(30)));
    }
}
