//! What the gate costs, beside nginx and the least proxy in Rust: `cargo xtask bench gate_load -- overhead [ROUNDS]`,
//! `streams [COUNT]`, `soak [SECONDS]`.
//!
//! Everything is on: keys, policy, labels, detectors, budgets, and an audit log that is durable before the first byte of an
//! answer. Each program is a process of its own on this machine; the upstream answers at once. `overhead` goes over the
//! programs in turn, round after round, with one client; time on a processor is that of the measured process alone.
#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

mod load;
mod process;
mod proxy;
mod soak;
mod upstream;

use std::{
    collections::BTreeMap,
    error::Error,
    fs::File,
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use load::{Client, Question};
use process::{Gate, Process, nginx};

/// Requests of one kind to one program in a round.
const REQUESTS: usize = 400;
const STREAMS: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |default: u64| arguments.get(1).map_or(Ok(default), |text| text.parse());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match arguments.first().map(String::as_str) {
        Some("serve-upstream") => Ok(runtime.block_on(upstream::serve(arguments[1].parse()?))?),
        Some("serve-proxy") => {
            Ok(runtime.block_on(proxy::serve(arguments[1].parse()?, arguments[2].parse()?))?)
        }
        Some("overhead") => runtime.block_on(overhead(number(5)? as usize)),
        Some("streams") => runtime.block_on(streams(number(2_000)? as usize)),
        Some("soak") => runtime.block_on(soak::run(Duration::from_secs(number(1_800)?))),
        _ => Err("overhead [ROUNDS], streams [COUNT] or soak [SECONDS]".into()),
    }
}

/// A port of this machine that is free now.
fn free() -> std::io::Result<SocketAddr> {
    std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn start_upstream() -> Result<Process, Box<dyn Error>> {
    let address = free()?;
    Process::start(
        "upstream",
        address,
        Command::new(std::env::current_exe()?).args(["serve-upstream", &address.to_string()]),
    )
}

/// Where the logs and the store lie: on the disk, not in memory.
fn folder() -> std::io::Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("gate-load-")
        .tempdir_in(std::env::var_os("SEKISHO_BENCH_DIR").unwrap_or("/var/tmp".into()))
}

/// What was seen of one kind of question to one program.
#[derive(Default)]
struct Series {
    /// To the first byte of the answer, and to the last.
    first: Vec<Duration>,
    all: Vec<Duration>,
    /// Time on a processor for each, one value a round.
    cpu: Vec<Duration>,
}

impl Series {
    /// Asks the same question again and again.
    async fn ask(
        &mut self,
        client: &mut Client,
        program: &Process,
        question: &Question,
        count: usize,
    ) -> Result<(), Box<dyn Error>> {
        let before = program.cpu();
        for _ in 0..count {
            let seen = client.ask(question).await?;
            if seen.status != 200 {
                return Err(format!("{} answers {}", program.name, seen.status).into());
            }
            self.first.push(seen.first);
            self.all.push(seen.all);
        }
        self.cpu.push(program.cpu().saturating_sub(before) / count as u32);
        Ok(())
    }

    fn print(&mut self, name: &str) {
        let [first, all, late] = [at(&mut self.first, 50), at(&mut self.all, 50), at(&mut self.all, 99)];
        let cpu = at(&mut self.cpu, 50);
        println!("{name:<12} {first:>12} us {all:>9} us {late:>9} us {cpu:>9} us");
    }
}

async fn overhead(rounds: usize) -> Result<(), Box<dyn Error>> {
    let folder = folder()?;
    let upstream = start_upstream()?;
    let (proxy_at, nginx_at, gate_at) = (free()?, free()?, free()?);
    let mut proxy = Command::new(std::env::current_exe()?);
    proxy.args(["serve-proxy", &proxy_at.to_string(), &upstream.address.to_string()]);
    let proxy = Process::start("bare proxy", proxy_at, &mut proxy)?;
    let nginx = nginx(folder.path(), nginx_at, upstream.address);
    let gate = Gate::start(folder.path(), gate_at, upstream.address)?;
    let idle = gate.process.resident_kib();
    let programs: Vec<&Process> =
        [Some(&upstream), Some(&proxy), nginx.as_ref(), Some(&gate.process)].into_iter().flatten().collect();
    let questions = [false, true].map(|stream| Question::new(&gate.key, "fast", stream, 1024));
    let mut kinds =
        questions.each_ref().map(|_| programs.iter().map(|_| Series::default()).collect::<Vec<_>>());
    for round in 0..=rounds {
        for (index, program) in programs.iter().enumerate() {
            let mut client = Client::connect(program.address).await?;
            for (kind, (question, count)) in questions.iter().zip([REQUESTS, STREAMS]).enumerate() {
                let mut warm_up = Series::default();
                let series = if round == 0 { &mut warm_up } else { &mut kinds[kind][index] };
                series.ask(&mut client, program, question, count).await?;
            }
        }
    }
    for (kind, count) in kinds.iter_mut().zip([REQUESTS, STREAMS]) {
        let what = if count == REQUESTS {
            "requests of 1 KiB".to_owned()
        } else {
            format!("streams of {} pieces", upstream::PIECES)
        };
        println!("{rounds} rounds of {count} {what}, one client");
        println!(
            "{:<12} {:>15} {:>12} {:>12} {:>12}",
            "", "first byte p50", "all p50", "all p99", "CPU each"
        );
        for (series, program) in kind.iter_mut().zip(&programs) {
            series.print(program.name);
        }
    }
    if nginx.is_none() {
        println!("nginx is not installed and is left out");
    }
    let mut syncs = syncs(folder.path())?;
    println!("fdatasync of 4 KiB on that disk: p50 {} us, p99 {} us", at(&mut syncs, 50), at(&mut syncs, 99));
    println!(
        "memory of sekisho: {} MiB idle, {} MiB behind",
        idle / 1024,
        gate.process.resident_kib() / 1024
    );
    Ok(())
}

/// The percentile, in microseconds.
fn at(times: &mut [Duration], percent: usize) -> u128 {
    times.sort_unstable();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).map_or(0, Duration::as_micros)
}

fn syncs(folder: &Path) -> std::io::Result<Vec<Duration>> {
    let mut file = File::create(folder.join("sync"))?;
    let mut times = Vec::new();
    for _ in 0..500 {
        file.write_all(&[7; 4096])?;
        let begin = Instant::now();
        file.sync_data()?;
        times.push(begin.elapsed());
    }
    Ok(times)
}

/// Many streams at once, each a piece in 200 ms.
async fn streams(count: usize) -> Result<(), Box<dyn Error>> {
    let folder = folder()?;
    let upstream = start_upstream()?;
    let gate = Gate::start(folder.path(), free()?, upstream.address)?;
    let question = Question::new(&gate.key, "slow", true, 1024);
    let (idle, cpu, begin) = (gate.process.resident_kib(), gate.process.cpu(), Instant::now());
    let mut tasks = Vec::with_capacity(count);
    for _ in 0..count {
        let (address, question) = (gate.process.address, question.clone());
        tasks.push(tokio::spawn(async move { Client::connect(address).await?.ask(&question).await }));
    }
    let mut most = 0;
    while tasks.iter().any(|task| !task.is_finished()) {
        most = most.max(gate.process.resident_kib());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let (mut whole, mut times, mut others) = (0, Vec::new(), BTreeMap::<String, usize>::new());
    for task in tasks {
        match task.await? {
            Ok(seen) if seen.status == 200 && seen.done => {
                whole += 1;
                times.push(seen.all);
            }
            Ok(seen) => *others.entry(format!("status {}", seen.status)).or_default() += 1,
            Err(error) => *others.entry(error.to_string()).or_default() += 1,
        }
    }
    if !others.is_empty() {
        println!("the others: {others:?}");
    }
    println!("{whole} of {count} streams of {} pieces came whole, a piece each 200 ms", upstream::PIECES);
    println!(
        "from question to end: p50 {} ms, p99 {} ms (10,000 ms without a gate)",
        at(&mut times, 50) / 1000,
        at(&mut times, 99) / 1000
    );
    println!(
        "memory of sekisho: {} MiB idle, {} MiB at most; processor: {:.1} s in {:.1} s",
        idle / 1024,
        most / 1024,
        gate.process.cpu().saturating_sub(cpu).as_secs_f64(),
        begin.elapsed().as_secs_f64()
    );
    if whole == count { Ok(()) } else { Err("streams were lost".into()) }
}
