//! Pools: who is asked, and who is asked instead.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use sekisho_llm::{
    Answer, Answering, Ask, Chunk, Error, Provider, Response, chat,
    pool::{Balance, BreakerState, Health, Member, Pool, Probing, Settings},
};

use crate::server::{Server, answer, ask, hello, outcome, within};

/// Answers with its name, or with whatever the test put in.
struct Fake {
    name: &'static str,
    next: Mutex<Vec<Outcome>>,
    asked: AtomicUsize,
    is_well: Mutex<bool>,
}

enum Outcome {
    Fault(Error),
    Never,
    BreaksOff,
    EmptyStream,
    FaultFirst(Error),
}

impl Fake {
    fn new(name: &'static str, mut outcomes: Vec<Outcome>) -> Arc<Self> {
        outcomes.reverse();
        Arc::new(Self {
            name,
            next: Mutex::new(outcomes),
            asked: AtomicUsize::new(0),
            is_well: Mutex::new(true),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn member(self: &Arc<Self>) -> Member {
        let health: Arc<dyn Health> = Arc::clone(self) as Arc<dyn Health>;
        Member { health: Some(health), ..Member::new(Arc::clone(self) as Arc<dyn Provider>) }
    }
}

fn text(text: &str) -> Chunk {
    let delta = chat::Delta { content: Some(text.to_owned()), ..Default::default() };
    let choices = vec![chat::ChunkChoice { delta, ..Default::default() }];
    Chunk::Chat(chat::Chunk { choices, ..Default::default() })
}

impl Provider for Fake {
    fn ask(&self, ask: Ask) -> Answering {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let name = self.name;
        let outcome = self.next.lock().expect("no panic").pop();
        let is_streaming = ask.request.is_streaming();
        let stream = |chunks: Vec<Result<Chunk, Error>>| Ok(Answer::Stream(Box::pin(stream::iter(chunks))));
        Box::pin(async move {
            match outcome {
                Some(Outcome::Fault(fault)) => Err(fault),
                Some(Outcome::Never) => pending().await,
                Some(Outcome::EmptyStream) => stream(vec![]),
                Some(Outcome::FaultFirst(fault)) => stream(vec![Err(fault)]),
                Some(Outcome::BreaksOff) => stream(vec![Ok(text(name)), Err(broken())]),
                None if is_streaming => stream(vec![Ok(text(name)), Ok(text("。"))]),
                None => {
                    let choice = chat::Choice {
                        message: chat::Message::text("assistant", name),
                        ..Default::default()
                    };
                    Ok(Answer::Whole(Response::Chat(chat::Response {
                        choices: vec![choice],
                        ..Default::default()
                    })))
                }
            }
        })
    }

    fn name(&self) -> &str {
        self.name
    }
}

impl Health for Fake {
    fn probe(&self) -> Probing {
        let is_well = *self.is_well.lock().expect("no panic");
        Box::pin(async move { if is_well { Ok(()) } else { Err(broken()) } })
    }
}

fn broken() -> Error {
    Error::Unreachable { provider: "fake".to_owned(), cause: "reset".to_owned(), was_sent: true }
}

fn status(status: u16, retry_after: Option<Duration>) -> Error {
    Error::Status { provider: "fake".to_owned(), status, message: String::new(), retry_after }
}

/// The first of rank 0, the others after it.
fn chain(fakes: &[&Arc<Fake>], settings: Settings) -> Pool {
    let members = fakes.iter().zip(0..).map(|(fake, rank)| Member { rank, ..fake.member() }).collect();
    Pool::new("pool", members, settings)
}

#[tokio::test]
async fn the_next_is_asked_when_one_fails_before_its_first_part() {
    for fault in [
        broken(),
        status(500, None),
        status(401, None),
        status(404, None),
        status(429, None),
        Error::Unsupported { provider: "fake".to_owned(), what: "tools".to_owned() },
    ] {
        for is_streaming in [false, true] {
            let outcome_of =
                if is_streaming { Outcome::FaultFirst(fault.clone()) } else { Outcome::Fault(fault.clone()) };
            let (first, second) = (Fake::new("甲", vec![outcome_of]), Fake::new("乙", vec![]));
            let pool = chain(&[&first, &second], Settings::default());
            let told = outcome(pool.ask(ask(is_streaming))).await;
            assert!(told.starts_with('乙'), "{fault:?}: {told}");
        }
    }
    let (first, second) = (Fake::new("甲", vec![Outcome::EmptyStream]), Fake::new("乙", vec![]));
    assert_eq!(outcome(chain(&[&first, &second], Settings::default()).ask(ask(true))).await, "乙。");
}

#[tokio::test]
async fn nobody_else_is_asked_for_the_callers_fault_or_after_the_first_part() {
    for code in [400, 413, 422] {
        let (first, second) =
            (Fake::new("甲", vec![Outcome::Fault(status(code, None))]), Fake::new("乙", vec![]));
        let told = outcome(chain(&[&first, &second], Settings::default()).ask(ask(false))).await;
        assert!(told.contains(&code.to_string()), "{told}");
        assert_eq!(second.asked(), 0);
    }
    let (first, second) = (Fake::new("甲", vec![Outcome::BreaksOff]), Fake::new("乙", vec![]));
    let pool = chain(&[&first, &second], Settings::default());
    let told = outcome(pool.ask(ask(true))).await;
    assert!(told.starts_with("甲 | Unreachable"), "{told}");
    assert_eq!(second.asked(), 0);
    assert_eq!(pool.state().members[0].failed, 1);
}

#[tokio::test]
async fn tries_are_counted_and_the_last_fault_is_told() {
    let fakes: Vec<_> = ["甲", "乙", "丙"]
        .map(|name| Fake::new(name, vec![Outcome::Fault(broken()), Outcome::Fault(broken())]))
        .into();
    let settings = Settings { tries_max: 2, ..Settings::default() };
    let pool = chain(&[&fakes[0], &fakes[1], &fakes[2]], settings);
    assert!(outcome(pool.ask(ask(false))).await.contains("Unreachable"));
    assert_eq!((fakes[0].asked(), fakes[1].asked(), fakes[2].asked()), (1, 1, 0));

    let empty = Pool::new("pool", vec![], Settings::default());
    assert!(outcome(empty.ask(ask(false))).await.contains("Unavailable"));
    assert!(!empty.state().is_ready());
}

#[tokio::test(start_paused = true)]
async fn a_member_that_fails_often_is_left_alone_and_tried_again() {
    let faults = (0..6).map(|_| Outcome::Fault(broken())).collect();
    let (first, second) = (Fake::new("甲", faults), Fake::new("乙", vec![]));
    let pool = chain(&[&first, &second], Settings::default());
    for _ in 0..8 {
        assert_eq!(outcome(pool.ask(ask(false))).await, "乙");
    }
    assert_eq!(first.asked(), 5);
    assert_eq!(pool.state().members[0].breaker, BreakerState::Open);
    assert!(pool.state().is_ready());

    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(outcome(pool.ask(ask(false))).await, "乙", "the trial fails");
    assert_eq!(outcome(pool.ask(ask(false))).await, "乙");
    assert_eq!(first.asked(), 6);
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(outcome(pool.ask(ask(false))).await, "甲", "the trial succeeds");
    assert_eq!(pool.state().members[0].breaker, BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_busy_member_is_left_alone_as_long_as_it_says() {
    let busy = Outcome::Fault(status(429, Some(Duration::from_secs(3))));
    let only = Fake::new("甲", vec![busy]);
    let pool = chain(&[&only], Settings::default());
    assert!(outcome(pool.ask(ask(false))).await.contains("429"));
    let told = outcome(pool.ask(ask(false))).await;
    assert_eq!(told, r#"Unavailable { provider: "pool", retry_after: Some(3s) }"#);
    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(outcome(pool.ask(ask(false))).await, "甲");
    assert_eq!(pool.state().members[0].busy, 1);
}

#[tokio::test(start_paused = true)]
async fn places_are_limited_and_waiting_is_bounded() {
    let only = Fake::new("甲", vec![Outcome::Never]);
    let member = Member { concurrency_max: 1, ..only.member() };
    let settings = Settings { wait_max: Duration::from_secs(2), waiting_max: 1, ..Settings::default() };
    let pool = Pool::new("pool", vec![member], settings);
    let holding = tokio::spawn(pool.ask(ask(false)));
    tokio::task::yield_now().await;
    assert_eq!(pool.state().members[0].in_flight, 1);

    let waiting = tokio::spawn(outcome(pool.ask(ask(false))));
    tokio::task::yield_now().await;
    assert_eq!(pool.state().waiting, 1);
    assert!(outcome(pool.ask(ask(false))).await.contains("Unavailable"), "the queue is full");
    assert!(waiting.await.expect("no panic").contains("Unavailable"), "the wait is over");

    let waiting = tokio::spawn(outcome(pool.ask(ask(false))));
    tokio::task::yield_now().await;
    holding.abort();
    assert_eq!(waiting.await.expect("no panic"), "甲", "a place that is given up serves the next");
    let state = pool.state();
    assert_eq!((state.waiting, state.members[0].in_flight), (0, 0));
    assert_eq!((state.members[0].answered, state.members[0].given_up), (1, 1));
    assert_eq!(only.asked(), 2);
}

#[tokio::test]
async fn a_stream_holds_its_place_until_its_end() {
    let only = Fake::new("甲", vec![]);
    let pool = Pool::new("pool", vec![only.member()], Settings::default());
    let in_flight = || pool.state().members[0].in_flight;
    let Ok(Answer::Stream(mut chunks)) = pool.ask(ask(true)).await else { panic!("a stream") };
    assert_eq!(in_flight(), 1);
    while chunks.next().await.is_some() {}
    assert_eq!(in_flight(), 0);
    let Ok(Answer::Stream(chunks)) = pool.ask(ask(true)).await else { panic!("a stream") };
    drop(chunks);
    assert_eq!(in_flight(), 0);
    let state = &pool.state().members[0];
    assert_eq!((state.answered, state.given_up), (1, 1));
}

#[tokio::test]
async fn load_is_spread_by_weight_and_by_who_is_busy() {
    let (light, heavy) = (Fake::new("軽", vec![]), Fake::new("重", vec![]));
    let members = vec![light.member(), Member { weight: 3, ..heavy.member() }];
    let pool = Pool::new("pool", members, Settings { balance: Balance::Weighted, ..Settings::default() });
    for _ in 0..400 {
        outcome(pool.ask(ask(false))).await;
    }
    assert!((250..350).contains(&heavy.asked()), "{} of 400", heavy.asked());

    let (busy, free) = (Fake::new("忙", vec![Outcome::Never]), Fake::new("閑", vec![]));
    let pool = Pool::new("pool", vec![busy.member(), free.member()], Settings::default());
    // One of them gets a request that never ends; all others then go to the other one, unless it was the free one.
    let holding = tokio::spawn(pool.ask(ask(false)));
    tokio::task::yield_now().await;
    if busy.asked() == 1 {
        for _ in 0..10 {
            assert_eq!(outcome(pool.ask(ask(false))).await, "閑");
        }
    }
    holding.abort();
}

#[tokio::test]
async fn a_probe_decides_who_is_asked() {
    let (first, second) = (Fake::new("甲", vec![]), Fake::new("乙", vec![]));
    let pool = chain(&[&first, &second], Settings::default());
    assert_eq!(pool.state().members[0].is_healthy, None);
    *first.is_well.lock().expect("no panic") = false;
    pool.probe().await;
    assert_eq!(outcome(pool.ask(ask(false))).await, "乙");
    assert_eq!(pool.state().members[0].is_healthy, Some(false));
    *first.is_well.lock().expect("no panic") = true;
    pool.probe().await;
    assert_eq!(outcome(pool.ask(ask(false))).await, "甲");
}

#[tokio::test]
async fn real_upstreams_in_a_chain() {
    let ill = Server::start(vec![answer("500 Internal Server Error", "", "")]).await;
    let well = Server::start(vec![hello()]).await;
    let members =
        vec![Member::upstream(ill.upstream()), Member { rank: 1, ..Member::upstream(well.upstream()) }];
    let pool = Pool::new("pool", members, Settings::default());
    assert_eq!(outcome(pool.ask(within(ask(false), Duration::from_secs(10)))).await, "はい");
    pool.probe().await;
    let state = pool.state();
    assert_eq!(state.members[0].is_healthy, Some(false));
    assert_eq!(state.members[1].is_healthy, Some(true));
}
