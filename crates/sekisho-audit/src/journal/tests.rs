mod erasing;
mod faults;
mod reading;
mod records;
mod rotating;
mod secrets;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{
    Authority, Journal, Parts, Receipt,
    testing::{Machine, ORIGIN, START_MS, Ticking},
};
use crate::{
    leaf::RecordId,
    record::{Close, Event, Open, Outcome, Verdict},
    retention::Retention,
    search::{Hit, Order, Query},
};

const BY: Authority<'static> = Authority { by: "記録管理者", ground: "個人情報保護法 第98条" };

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
