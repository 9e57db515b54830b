//! What a request costs in the store: who is calling (`authenticate`), and a budget reserved and settled.
//!
//! `cargo xtask bench store_requests -- [FOLDER] [SECONDS] [KEYS]`: a folder on the disk to be measured (here when not
//! given), seconds for each line, keys in the store. What is written there is removed at the end.
#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::{
    error::Error,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use sekisho_store::{
    Amount, Budget, BudgetSpec, Charge, GroupSpec, KeySpec, Kind, Limits, NewKey, Principal, PrincipalSpec,
    Settings, Store, Subject, Used,
};

const MODEL: &str = "sarashina2.2-3b";
/// Enough that no line uses it up.
const TOKENS_MAX: u64 = 1_000_000_000_000_000;
const GROUPS: usize = 3;
const RESERVED: Amount = Amount { tokens: 4096, micro_yen: 2_000_000 };
const USED: Used = Used { prompt_tokens: 600, completion_tokens: 50, micro_yen: 130_000 };
/// Between two looks at the clock.
const ROUND: u32 = 256;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let seconds: u64 = arguments.next().map_or(Ok(2), |text| text.parse())?;
    let keys: usize = arguments.next().map_or(Ok(300), |text| text.parse())?;
    let folder = tempfile::tempdir_in(Path::new(&folder))?;
    let store = Store::create(&Settings::at(folder.path().join("sekisho.db")))?;
    let keys = fill(&store, keys)?;
    let time = Duration::from_secs(seconds);
    let cores = thread::available_parallelism().map_or(0, usize::from);
    println!("{} keys, {seconds} s a line, {cores} cores, the store's thread writing beside it", keys.len());
    println!("{:<52} {:>9} {:>9}", "", "ns/call", "max us");
    for threads in [1, 2] {
        line("authenticate", threads, time, &|count| {
            let key = &keys[count as usize % keys.len()];
            drop(std::hint::black_box(store.authenticate(key.secret.expose())));
        });
    }
    let bare = named(&store, "nobody")?;
    let alone = named(&store, "someone")?;
    let member = named(&store, "member")?;
    for (name, principal) in [
        ("reserve + settle, no limit", &bare),
        ("reserve + settle, own limit", &alone),
        ("reserve + settle, own limit and 3 groups with theirs", &member),
    ] {
        for threads in [1, 2] {
            line(name, threads, time, &|_| {
                let hold = store.reserve_blocking(Charge::to(principal, MODEL), RESERVED);
                hold.expect("the limit is far").settle(MODEL, USED);
            });
        }
    }
    store.close()?;
    Ok(())
}

fn named(store: &Store, name: &str) -> Result<Arc<Principal>, Box<dyn Error>> {
    Ok(store.principal(name).ok_or("it was made before")?)
}

fn fill(store: &Store, keys: usize) -> Result<Vec<NewKey>, Box<dyn Error>> {
    let add = |name: &str| store.add_principal(&PrincipalSpec::new(Kind::System, name));
    let limits = Limits { tokens_max: Some(TOKENS_MAX), micro_yen_max: Some(TOKENS_MAX) };
    let limit = |subject| store.set_budget(&BudgetSpec { budget: Budget { subject, month: None }, limits });
    add("nobody")?;
    limit(Subject::Principal(add("someone")?))?;
    let member = add("member")?;
    limit(Subject::Principal(member))?;
    for number in 0..GROUPS {
        let group = store.add_group(&GroupSpec::new(format!("group-{number}")))?;
        store.join(member, group)?;
        limit(Subject::Group(group))?;
    }
    let made = (0..keys).map(|number| {
        let who = add(&format!("p{number}"))?;
        Ok(store.create_key(who, &KeySpec::named("key"))?)
    });
    made.collect()
}

/// Calls from so many threads; the mean time of a call as its thread sees it, and the longest of all.
fn line(name: &str, threads: usize, time: Duration, call: &(dyn Fn(u32) + Sync)) {
    let start = Instant::now();
    let (mut calls, mut longest) = (0_u64, Duration::ZERO);
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let (mut calls, mut longest) = (0_u64, Duration::ZERO);
                    while start.elapsed() < time {
                        // One call by itself, for the longest; the others without a clock between them.
                        let before = Instant::now();
                        call(0);
                        longest = longest.max(before.elapsed());
                        (1..ROUND).for_each(call);
                        calls += u64::from(ROUND);
                    }
                    (calls, longest)
                })
            })
            .collect();
        for thread in running {
            let (one, wait) = thread.join().unwrap_or_default();
            calls += one;
            longest = longest.max(wait);
        }
    });
    let each = start.elapsed().as_nanos() as f64 * threads as f64 / calls.max(1) as f64;
    let name = format!("{name}, {threads} thread{}", if threads == 1 { "" } else { "s" });
    println!("{name:<52} {each:>9.0} {:>9.1}", longest.as_secs_f64() * 1e6);
}
