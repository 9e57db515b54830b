//! Hours of use in short: clients that ask all kinds of things of an upstream that fails in all kinds of ways, and some that
//! go away in the middle. At the end nothing may be missing.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use serde_json::Value;
use tokio::time::timeout;

use super::{
    folder, free,
    load::{Client, Question},
    process::{Data, Gate},
    start_upstream,
};

const CLIENTS: u64 = 12;
/// Clients rest so long between questions, so that the log of half an hour stays of a size to be counted.
const REST: Duration = Duration::from_millis(100);
/// One in so many goes away in the middle of an answer.
const LEAVES: u32 = 16;

pub(crate) async fn run(time: Duration) -> Result<(), Box<dyn Error>> {
    let folder = folder()?;
    let upstream = start_upstream()?;
    let gate = Gate::start(folder.path(), free()?, upstream.address)?;
    let asked = Arc::new(AtomicU64::new(0));
    let end = Instant::now() + time;
    let mut clients = Vec::new();
    for seed in 0..CLIENTS {
        let (address, key, asked) = (gate.process.address, gate.key.clone(), Arc::clone(&asked));
        clients.push(tokio::spawn(async move { client(seed, address, &key, end, &asked).await }));
    }
    let mut memory = Vec::new();
    while Instant::now() < end {
        tokio::time::sleep(
            (time / 12).max(Duration::from_secs(1)).min(end.saturating_duration_since(Instant::now())),
        )
        .await;
        memory.push(gate.process.resident_kib() / 1024);
    }
    let mut statuses: BTreeMap<String, u64> = BTreeMap::new();
    for client in clients {
        for (status, count) in client.await? {
            *statuses.entry(status).or_default() += count;
        }
    }
    let asked = asked.load(Ordering::Relaxed);
    println!("{} s, {CLIENTS} clients, {asked} requests: {statuses:?}", time.as_secs());
    println!("memory of sekisho in MiB, over time: {memory:?}");
    let audit = gate.data.join("audit");
    let data = gate.stop()?;
    let books = Books::of(&data, &audit.display().to_string())?;
    println!(
        "audit log: {} requests, {} without end, outcomes {:?}",
        books.requests, books.open, books.outcomes
    );
    println!(
        "tokens in the log {}, in the budget {} (reserved {})",
        books.tokens, books.budget, books.reserved
    );
    if books.requests != asked || books.open > 0 || books.tokens != books.budget || books.reserved > 0 {
        return Err("the books do not agree".into());
    }
    Ok(())
}

async fn client(
    seed: u64,
    address: std::net::SocketAddr,
    key: &str,
    end: Instant,
    asked: &AtomicU64,
) -> BTreeMap<String, u64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut statuses: BTreeMap<String, u64> = BTreeMap::new();
    let mut connection = None;
    while Instant::now() < end {
        let model = if random.next_u32().is_multiple_of(2) { "fast" } else { "faulty" };
        let stream = random.next_u32().is_multiple_of(2);
        let question = Question::new(key, model, stream, 300 + random.next_u32() as usize % 4_000);
        let mut client = match connection.take() {
            Some(client) => client,
            None => match Client::connect(address).await {
                Ok(client) => client,
                Err(_) => continue,
            },
        };
        asked.fetch_add(1, Ordering::Relaxed);
        let leaves = random.next_u32().is_multiple_of(LEAVES);
        let patience =
            Duration::from_millis(if leaves { u64::from(random.next_u32() % 8) + 3 } else { 60_000 });
        let word = match timeout(patience, client.ask(&question)).await {
            Err(_) => "left".to_owned(),
            Ok(Err(_)) => "cut".to_owned(),
            Ok(Ok(seen)) => {
                connection = Some(client);
                format!(
                    "{}{}",
                    seen.status,
                    if stream && seen.status == 200 && !seen.done { " without end" } else { "" }
                )
            }
        };
        *statuses.entry(word).or_default() += 1;
        tokio::time::sleep(REST).await;
    }
    statuses
}

/// What the audit log and the budget say.
#[derive(Default)]
struct Books {
    requests: u64,
    open: u64,
    outcomes: BTreeMap<String, u64>,
    tokens: u64,
    budget: u64,
    reserved: u64,
}

impl Books {
    fn of(data: &Data, audit: &str) -> Result<Self, Box<dyn Error>> {
        let mut books = Self::default();
        let mut after: Option<String> = None;
        loop {
            let mut arguments = vec!["audit", "search", audit, "--kind", "request", "--limit", "10000"];
            if let Some(after) = &after {
                arguments.extend(["--after", after]);
            }
            let page = data.tell(&arguments)?;
            for record in page["records"].as_array().into_iter().flatten() {
                books.take(record);
            }
            match page["next"].as_str() {
                Some(next) => after = Some(next.to_owned()),
                None => break,
            }
        }
        let budgets = data.tell(&["budget", "show"])?;
        for user in budgets["budgets"].as_array().into_iter().flatten().filter(|one| one["of"] == "user") {
            books.budget += user["used"]["tokens"].as_u64().unwrap_or(0);
            books.reserved += user["reserved"]["tokens"].as_u64().unwrap_or(0);
        }
        Ok(books)
    }

    fn take(&mut self, record: &Value) {
        self.requests += 1;
        let close = &record["close"];
        let Some(outcome) = close["outcome"].as_str() else {
            self.open += 1;
            return;
        };
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
        let tokens = |name: &str| close[name].as_u64().unwrap_or(0);
        self.tokens += tokens("prompt_tokens") + tokens("completion_tokens");
    }
}
