//! From the queue to the collector, beside the requests.

use std::{sync::atomic::Ordering, time::Duration};

use sekisho_llm::upstream::Post;
use tokio::{
    sync::mpsc::Receiver,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{Counts, Span, Tracer, otlp};

/// How often spans are sent.
const EVERY: Duration = Duration::from_secs(1);
/// Spans of one export.
const BATCH_MAX: usize = 512;
/// Tries for one export, and the pause after the first; it doubles.
const TRIES_MAX: u32 = 3;
const PAUSE: Duration = Duration::from_secs(2);
/// Longest pause that a collector can ask for.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How long the last spans have at the end.
const FINISH_MAX: Duration = Duration::from_secs(5);

/// Sends spans for as long as a gate runs.
pub struct Sender {
    tracer: Tracer,
    spans: Receiver<Span>,
}

/// Spans on their way. Dropped before they are sent, they count as dropped.
struct Batch {
    counts: Counts,
    spans: Vec<Span>,
    is_sent: bool,
}

impl Drop for Batch {
    fn drop(&mut self) {
        let counter = if self.is_sent { &self.counts.sent } else { &self.counts.dropped };
        counter.inc_by(self.spans.len() as u64);
    }
}

impl Sender {
    pub(super) fn new(tracer: Tracer, spans: Receiver<Span>) -> Self {
        Self { tracer, spans }
    }

    /// Sends until [`Tracer::finish`]. What the collector does not take after a few tries is dropped, and counted. `tell` is
    /// told when it begins to fail, with the cause, and when it takes spans again.
    pub async fn run(mut self, post: Post, mut tell: impl FnMut(Option<String>) + Send) {
        let mut due = interval(EVERY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_failing = false;
        loop {
            tokio::select! {
                _ = due.tick() => {}
                () = self.tracer.0.ending.notified() => {}
            }
            if !self.is_ending() {
                self.send_all(&post, &mut is_failing, &mut tell).await;
            }
            if self.is_ending() {
                let rest = self.send_all(&post, &mut is_failing, &mut tell);
                let _ = timeout(FINISH_MAX, rest).await; // what is left then is counted below
                self.spans.close();
                while let Ok(_span) = self.spans.try_recv() {
                    self.tracer.counts().dropped.inc();
                }
                return;
            }
        }
    }

    fn is_ending(&self) -> bool {
        self.tracer.0.is_ending.load(Ordering::Acquire)
    }

    /// Sends what is in the queue.
    async fn send_all(
        &mut self,
        post: &Post,
        is_failing: &mut bool,
        tell: &mut (dyn FnMut(Option<String>) + Send),
    ) {
        loop {
            let spans: Vec<Span> =
                std::iter::from_fn(|| self.spans.try_recv().ok()).take(BATCH_MAX).collect();
            if spans.is_empty() {
                return;
            }
            let mut batch = Batch { counts: self.tracer.counts().clone(), spans, is_sent: false };
            let failed = self.send(post, &batch.spans).await.err();
            batch.is_sent = failed.is_none();
            drop(batch);
            if failed.is_some() != *is_failing {
                *is_failing = failed.is_some();
                tell(failed);
            }
        }
    }

    /// Sends one batch, a few times if need be. Why it was not taken.
    async fn send(&self, post: &Post, batch: &[Span]) -> Result<(), String> {
        let body = otlp::body(batch);
        let mut pause = PAUSE;
        for tries in 1.. {
            let (cause, asked) = match post.send(body.clone()).await {
                Ok(posted) if (200..300).contains(&posted.status) => return Ok(()),
                Ok(posted) => {
                    let cause = format!("status {}", posted.status);
                    if !matches!(posted.status, 429 | 502 | 503 | 504) {
                        return Err(cause);
                    }
                    (cause, posted.retry_after)
                }
                Err(fault) => (fault.to_string(), None),
            };
            if tries >= TRIES_MAX || self.is_ending() {
                return Err(cause);
            }
            tokio::select! {
                () = sleep(asked.unwrap_or(pause).min(PAUSE_MAX)) => {}
                () = self.tracer.0.ending.notified() => {}
            }
            pause *= 2;
        }
        Ok(())
    }
}
