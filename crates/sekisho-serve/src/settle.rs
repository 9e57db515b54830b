//! Budgets after a crash: what a dead process held is settled from the audit log, to the token.
//!
//! Three things make it exact. A call is recorded as ended before its hold is settled, and the store books nothing before
//! that record is durable; so whatever is booked stands in the log. The store knows which holds it has booked; so each call
//! is booked once. And an open record says what was held: a call that was sent to an upstream and never ended counts all of
//! it, since nobody knows what it used.

use std::collections::BTreeMap;

use sekisho_audit::{
    journal::{self, Journal, Record},
    record::{Event, Open, Outcome},
    search::{Order, Query, RecordKind},
};
use sekisho_base::{Code, Coded};
use sekisho_store::{HoldTag, Rest, Settled, Store, Used};
use serde_json::{Map, Value, json};

/// Members of an open record: the tag of the hold, and what it holds.
pub(crate) const HOLD: &str = "hold";
pub(crate) const HELD: &str = "held";
/// What the log says of each process that was settled.
const SETTLED: &str = "budgets.settled";
/// Who does what nobody has asked for.
const OURSELVES: &str = "sekisho";
/// Calls that ended so long before the store last wrote are booked. It writes several times a second; this is for clocks
/// that are set back.
const SLACK_MS: u64 = 300_000;
/// Calls of dead processes that are looked at. With more, what nobody accounts for counts as spent.
const CALLS_MAX: usize = 1_000_000;
/// Records on a page.
const PAGE: usize = 1000;

/// What came of settling one dead process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledRun {
    /// The life of the process.
    pub run: i64,
    /// Calls that were booked now.
    pub booked: u64,
    /// Calls that it had booked itself.
    pub known: u64,
    /// Calls of somebody who is not known any more; nobody pays for them.
    pub foreign: u64,
    /// Of all these, calls that had been sent and never ended: they count what was held.
    pub unended: u64,
    /// Records that could not be read, erased ones for example.
    pub unreadable: u64,
    /// Whether what nobody accounts for counts as spent: there are such records, or more calls than are looked at, or the
    /// log is younger than the process.
    pub rest_is_spent: bool,
}

/// Why budgets were not settled. What the dead process had leased goes on counting as spent, and the next start tries again.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] sekisho_store::Error),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] journal::Error),
}

impl Coded for SettleError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Log(error) => error.code(),
        }
    }
}

/// Settles what processes left open that are no longer alive, and records that. Waits for the disk.
///
/// Reads the log backwards from its end, to what ended just before the store was last written: seconds of it, after a crash.
///
/// # Errors
/// [`SettleError`].
pub fn settle_left_open(store: &Store, journal: &Journal) -> Result<Vec<SettledRun>, SettleError> {
    let left = store.left_open()?;
    let Some(seen_ms) = left.iter().map(|one| one.seen_ms).min() else { return Ok(Vec::new()) };
    let mut found = Found::default();
    read_back(journal, seen_ms.saturating_sub(SLACK_MS), &mut found)?;
    let mut runs = Vec::with_capacity(left.len());
    for one in left {
        let calls = found.calls.remove(&one.run).unwrap_or_default();
        let rest_is_spent = found.unreadable > 0 || found.is_cut || !reaches_back(journal, one.started_ms)?;
        let rest = if rest_is_spent { Rest::CountAsSpent } else { Rest::GiveBack };
        let unended = calls.iter().filter(|call| call.1).count() as u64;
        let calls: Vec<Settled> = calls.into_iter().map(|call| call.0).collect();
        let outcome = store.reconcile(one.run, &calls, rest)?;
        let settled = SettledRun {
            run: one.run,
            booked: outcome.booked,
            known: outcome.known,
            foreign: outcome.foreign,
            unended,
            unreadable: found.unreadable,
            rest_is_spent,
        };
        journal.event(&event(&settled), None)?.wait()?;
        runs.push(settled);
    }
    Ok(runs)
}

/// Calls by the process that held for them, each with whether it never ended.
#[derive(Default)]
struct Found {
    calls: BTreeMap<i64, Vec<(Settled, bool)>>,
    count: usize,
    unreadable: u64,
    is_cut: bool,
}

/// Takes every request that ended at that time or later; a request that never ended was closed when the log was opened.
fn read_back(journal: &Journal, from_ms: u64, found: &mut Found) -> Result<(), journal::Error> {
    let mut query =
        Query { kind: Some(RecordKind::Request), order: Order::Newest, limit: PAGE, ..Query::default() };
    loop {
        let page = journal.search(&query)?;
        for hit in &page.hits {
            if hit.end_ms.is_some_and(|end_ms| end_ms < from_ms) {
                return Ok(());
            }
            match journal.read_hit(hit) {
                Ok(record) if record.erasure.is_none() => found.take(&record),
                _ => found.unreadable += 1,
            }
            if found.count >= CALLS_MAX {
                found.is_cut = true;
                return Ok(());
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Whether the log is older than the process. A store that came back without its log has one that knows nothing of its calls.
fn reaches_back(journal: &Journal, started_ms: u64) -> Result<bool, journal::Error> {
    let before = Query { until_ms: Some(started_ms + 1), order: Order::Oldest, limit: 1, ..Query::default() };
    Ok(!journal.search(&before)?.hits.is_empty())
}

impl Found {
    fn take(&mut self, record: &Record) {
        let Some(open) = &record.open else { return };
        // A request that was refused before anything was held has none.
        let Some(tag) = open.other.get(HOLD) else { return };
        let Some(tag) = tag.as_str().and_then(|tag| tag.parse::<HoldTag>().ok()) else {
            self.unreadable += 1;
            return;
        };
        let ended = record.close.as_ref().filter(|close| close.outcome != Outcome::Aborted);
        let used = match ended {
            Some(close) => Used {
                prompt_tokens: close.prompt_tokens.unwrap_or(0),
                completion_tokens: close.completion_tokens.unwrap_or(0),
                // Written as millionths of a yen divided by a million: exact up to nine billion yen.
                micro_yen: (close.cost_yen.unwrap_or(0.0) * 1e6).round().max(0.0) as u64,
            },
            None => match held(open) {
                Some(used) => used,
                None => {
                    self.unreadable += 1;
                    return;
                }
            },
        };
        let model = open.model.clone().unwrap_or_default();
        self.count += 1;
        self.calls.entry(tag.run()).or_default().push((Settled { tag, model, used }, ended.is_none()));
    }
}

/// What a call held that was sent; one that was not sent has used nothing. None when the record does not say it: those of
/// earlier versions do not.
fn held(open: &Open) -> Option<Used> {
    if open.upstream.is_none() {
        return Some(Used::default());
    }
    let number = |name| open.other.get(HELD)?.get(name)?.as_u64();
    Some(Used {
        prompt_tokens: number("prompt_tokens")?,
        completion_tokens: number("completion_tokens")?,
        micro_yen: number("micro_yen")?,
    })
}

/// What a hold holds, as [`held`] reads it.
pub(crate) fn to_value(held: Used) -> Value {
    let Used { prompt_tokens, completion_tokens, micro_yen } = held;
    json!({ "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens, "micro_yen": micro_yen })
}

fn event(settled: &SettledRun) -> Event {
    let mut detail = Map::new();
    for (name, value) in [
        ("booked", settled.booked),
        ("known", settled.known),
        ("foreign", settled.foreign),
        ("unended", settled.unended),
        ("unreadable", settled.unreadable),
    ] {
        detail.insert(name.to_owned(), value.into());
    }
    detail.insert("run".to_owned(), settled.run.into());
    detail.insert("rest_is_spent".to_owned(), settled.rest_is_spent.into());
    let (principal, event) = (OURSELVES.to_owned(), SETTLED.to_owned());
    Event { principal, event, detail, ..Event::default() }
}

#[cfg(test)]
mod tests {
    use sekisho_audit::record::Open;
    use serde_json::json;

    use super::{HELD, Used, held, to_value};

    #[test]
    fn what_a_record_does_not_say_is_not_nothing() {
        let said = |upstream: Option<&str>, held: Option<serde_json::Value>| {
            let mut open = Open { upstream: upstream.map(str::to_owned), ..Open::default() };
            open.other.extend(held.map(|held| (HELD.to_owned(), held)));
            open
        };
        let used = Used { prompt_tokens: 3, completion_tokens: 40, micro_yen: 7 };
        assert_eq!(held(&said(Some("chonai"), Some(to_value(used)))), Some(used));
        assert_eq!(held(&said(None, None)), Some(Used::default()), "it was not sent");
        assert_eq!(held(&said(Some("chonai"), None)), None);
        assert_eq!(held(&said(Some("chonai"), Some(json!({ "prompt_tokens": 3 })))), None);
    }
}
