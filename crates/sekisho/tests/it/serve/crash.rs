//! A gate that is killed in the middle of its work: after the next start the budgets say what the audit log says.

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use sekisho_audit::{
    journal::{Reading, Record},
    record::Outcome,
    retention::Retention,
    search::{Query, RecordKind},
};
use sekisho_store::{Amount, Budget, BudgetSpec, Limits, Subject};

use super::gate::{Gate, Installation};

const LIMIT: u64 = 50_000_000;
const KILLS: u64 = 4;
const CLIENTS: usize = 6;

#[test]
fn a_killed_gate_is_settled_to_the_token() {
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    let store = installation.store();
    let who = Subject::Principal(store.principal("somu-kakariin").unwrap().id);
    let group = Subject::Group(store.group("somu").unwrap().id);
    for subject in [who, group] {
        let limits = Limits { tokens_max: Some(LIMIT), micro_yen_max: Some(LIMIT * 100) };
        store.set_budget(&BudgetSpec { budget: Budget { subject, month: None }, limits }).unwrap();
    }
    let environment = [
        ("SEKISHO_LIMITS_REQUESTS_PER_MINUTE", "1000000"),
        ("SEKISHO_LIMITS_TOKENS_PER_MINUTE", "1000000000"),
    ];
    let mut unended = 0;
    for round in 0..KILLS {
        let gate = installation.start(&environment);
        let address = gate.address().to_owned();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (address, key) = (address.clone(), key.clone());
                thread::spawn(move || while ask(&address, &key, client % 2 == 0) {})
            })
            .collect();
        // Longer than the store waits between two bookings, and never the same phase of it.
        thread::sleep(Duration::from_millis(700 + round * 93));
        gate.kill();
        for client in clients {
            client.join().unwrap();
        }

        // What is left open is settled before anybody is let in, and no more of it comes.
        let log = installation.start(&environment).stop();
        assert!(
            log.contains("監査ログから精算しました") && log.contains("残りの仮押さえは戻しました"),
            "{log}"
        );
        let (spent, never_ended) = spent(&installation);
        unended += never_ended;
        for subject in [who, group] {
            let standing = store.standing(subject, store.month()).unwrap();
            assert_eq!((standing.used, standing.leased), (spent, Amount::default()), "round {round}: {log}");
        }
        assert!(spent.tokens > 0 && spent.micro_yen > 0);
    }
    assert!(unended > 0, "it was never killed while it answered");
    assert!(store.left_open().unwrap().is_empty());
    let audit = installation.data().join("audit");
    let search = ["--json", "audit", "search", audit.to_str().unwrap(), "--event", "budgets.settled"];
    let found = installation.run(&search);
    assert_eq!(found.stdout.matches("budgets.settled").count() as u64, KILLS, "{}", found.stdout);
}

/// Asks, and reads as much of the answer as comes. Whether the gate was there.
fn ask(address: &str, key: &str, stream: bool) -> bool {
    let body = serde_json::json!({
        "model": "kokunai", "stream": stream, "messages": [{ "role": "user", "content": "来月の予定" }],
    });
    let body = body.to_string();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let Ok(mut socket) = TcpStream::connect(address) else { return false };
    if socket.write_all((head + &body).as_bytes()).is_err() {
        return false;
    }
    let mut answer = Vec::new();
    // A connection that is cut ends here; the next one is refused.
    let _ = socket.read_to_end(&mut answer);
    true
}

/// What the log says was spent, and how many calls never ended: those count what was held for them.
fn spent(installation: &Installation) -> (Amount, u64) {
    let reading = Reading::open(&installation.data().join("audit"), Retention::built_in()).unwrap();
    let mut query = Query { kind: Some(RecordKind::Request), ..Query::default() };
    let (mut spent, mut unended) = (Amount::default(), 0);
    loop {
        let page = reading.search(&query).unwrap();
        for hit in &page.hits {
            let Record { open: Some(open), close: Some(close), .. } = reading.read_hit(hit).unwrap() else {
                panic!("a record without an end");
            };
            if close.outcome != Outcome::Aborted {
                spent.tokens += close.prompt_tokens.unwrap_or(0) + close.completion_tokens.unwrap_or(0);
                spent.micro_yen += (close.cost_yen.unwrap_or(0.0) * 1e6).round() as u64;
            } else if open.upstream.is_some() {
                let held = |name: &str| open.other["held"][name].as_u64().unwrap();
                spent.tokens += held("prompt_tokens") + held("completion_tokens");
                spent.micro_yen += held("micro_yen");
                unended += 1;
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return (spent, unended),
        }
    }
}
