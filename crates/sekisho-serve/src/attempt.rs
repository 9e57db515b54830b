//! Attempts that never became a request: malformed bodies, unknown keys, addresses that are not there.
//!
//! Somebody must be able to read of them later, and anybody can make as many as they like. So they are events of the log,
//! a few each second; the next one says how many were left out before it.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use sekisho_audit::{journal::Journal, record::Event};
use sekisho_base::Coded;
use sekisho_llm::Error;
use serde_json::{Map, Value};

use crate::texts;

/// Events in a second, and at once.
const NOTED_PER_SECOND: f64 = 10.0;
const NOTED_AT_ONCE: f64 = 100.0;
/// Most bytes of what a stranger wrote.
const WORD_BYTES_MAX: usize = 256;
/// Who has done it, as far as anybody knows.
pub(crate) const ANONYMOUS: &str = "anonymous";

/// Notes attempts.
#[derive(Debug)]
pub(crate) struct Attempts(Mutex<State>);

#[derive(Debug)]
struct State {
    left: f64,
    filled: Instant,
    left_out: u64,
}

impl Default for Attempts {
    fn default() -> Self {
        Self(Mutex::new(State { left: NOTED_AT_ONCE, filled: Instant::now(), left_out: 0 }))
    }
}

impl Attempts {
    /// Writes an event, unless there were too many lately: then false.
    pub(crate) fn note<'a>(
        &self,
        journal: &Journal,
        error: &Error,
        facts: impl IntoIterator<Item = (&'static str, &'a str)>,
    ) -> bool {
        let Some(left_out) = self.take(Instant::now()) else { return false };
        let mut detail = Map::new();
        detail.insert("code".to_owned(), Value::from(error.code().to_string()));
        detail.insert("cause".to_owned(), Value::from(cause(error)));
        for (name, value) in facts {
            detail.insert(name.to_owned(), Value::from(cut(value)));
        }
        if left_out > 0 {
            detail.insert("left_out_before".to_owned(), Value::from(left_out));
        }
        let event = "request.refused".to_owned();
        let event = Event { principal: ANONYMOUS.to_owned(), event, detail, ..Event::default() };
        // What cannot be noted was refused all the same; a log that takes nothing shows as not ready.
        let _ = journal.event(&event, None).map(drop);
        true
    }

    /// How many were left out before this one; none when this one is left out too.
    fn take(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(state.filled).as_secs_f64();
        state.left = (state.left + passed * NOTED_PER_SECOND).min(NOTED_AT_ONCE);
        state.filled = now;
        if state.left < 1.0 {
            state.left_out += 1;
            return None;
        }
        state.left -= 1.0;
        Some(std::mem::take(&mut state.left_out))
    }
}

/// Why, for those who run it: also what the one who tried is not told.
fn cause(error: &Error) -> String {
    let text = match error {
        Error::Refused(refusal) => {
            let facts = refusal.facts.iter().map(|(name, value)| format!("{name}={value}"));
            facts.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    cut(&text)
}

fn cut(text: &str) -> String {
    texts::cut(text, WORD_BYTES_MAX).to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Attempts;

    #[test]
    fn a_flood_is_counted_and_not_written() {
        let attempts = Attempts::default();
        let start = Instant::now();
        let noted = (0..1000).filter(|_| attempts.take(start).is_some()).count();
        assert!((100..=101).contains(&noted), "{noted}");
        let later = start + Duration::from_secs(1);
        assert_eq!(attempts.take(later), Some(1000 - noted as u64));
        assert_eq!(attempts.take(later), Some(0));
    }
}
