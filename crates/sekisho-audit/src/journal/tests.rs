mod erasing;
mod faults;
mod records;
mod secrets;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{Authority, Journal, Limits, OpenReport, Parts, Receipt};
use crate::{
    clock::Clock,
    entropy::seeded::Seeded,
    keys::Refill,
    leaf::RecordId,
    record::{Close, Event, Open, Outcome, Verdict},
    retention::Retention,
    search::{Hit, Order, Query},
    vfs::Memory,
};

const ORIGIN: &str = "audit.example.lg.jp";
/// 2026-06-01 in Japan.
const START_MS: u64 = 1_780_239_600_000;
const BY: Authority<'static> = Authority { by: "記録管理者", ground: "個人情報保護法 第98条" };

/// A machine with a clock that goes on by a millisecond whenever somebody looks.
#[derive(Clone)]
struct Machine {
    fs: Memory,
    now_ms: Arc<AtomicU64>,
}

struct Ticking(Arc<AtomicU64>);

impl Clock for Ticking {
    fn now_ms(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl Machine {
    fn new(seed: u64) -> Self {
        Self { fs: Memory::new(seed), now_ms: Arc::new(AtomicU64::new(START_MS)) }
    }

    fn parts(&self) -> Parts<Memory> {
        Parts {
            fs: self.fs.clone(),
            private_fs: self.fs.clone(),
            origin: ORIGIN.to_owned(),
            retention: Retention::built_in(),
            clock: Arc::new(Ticking(Arc::clone(&self.now_ms))),
            entropy: Arc::new(Seeded::new(self.now_ms.load(Ordering::Relaxed))),
            limits: Limits { refill: Refill::Inline, ..Limits::default() },
            former: Vec::new(),
            cosign: None,
        }
    }

    fn start(&self) -> (Journal, OpenReport) {
        Journal::start(self.parts()).unwrap()
    }

    /// Pulls the plug.
    fn restart(&mut self) -> (Journal, OpenReport) {
        self.fs = self.fs.restart();
        self.start()
    }
}

fn open_of(number: u64) -> Open {
    Open {
        principal: format!("職員{}", number % 5),
        tenant: Some("市民課".to_owned()),
        purpose: Some("窓口案内の下書き".to_owned()),
        label: Some("2".to_owned()),
        model: Some("plamo".to_owned()),
        verdict: Some(Verdict::Pass),
        input: Some(format!("質問{number}").into()),
        ..Open::default()
    }
}

fn close_of(number: u64) -> Close {
    Close { output: Some(format!("回答{number}").into()), ..Close::new(Outcome::Answered) }
}

fn event_of(name: &str) -> Event {
    Event { principal: "管理者".to_owned(), event: name.to_owned(), ..Event::default() }
}

/// A request from beginning to end.
fn request(journal: &Journal, number: u64) -> RecordId {
    let opened = journal.open_record(&open_of(number), None).unwrap().wait().unwrap();
    let closed: Receipt = journal.close_record(opened.record, &close_of(number)).unwrap().wait().unwrap();
    assert_eq!(closed.record, opened.record);
    opened.record
}

fn oldest() -> Query {
    Query { order: Order::Oldest, ..Query::default() }
}

fn hits(journal: &Journal, query: &Query) -> Vec<Hit> {
    journal.search(query).unwrap().hits
}

fn records(hits: &[Hit]) -> Vec<RecordId> {
    hits.iter().map(|hit| hit.record).collect()
}
