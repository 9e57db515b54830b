//! `guard bench`: how long judging takes here, on this machine, on this text.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use sekisho_guard::{Context, Direction, STEP_CHARS};
use serde::Serialize;

use super::read;
use crate::{
    cli::{BenchArgs, GuardFiles},
    failure::Outcome,
    table::Table,
    terminal::Terminal,
};

/// A page as an office writes it: prose, a form, a table, an e-mail.
const SAMPLE: &str = include_str!("../../../../../data/sample/guard/page.txt");

#[derive(Serialize)]
struct Measured {
    name: String,
    ms_per_kb: f64,
    mb_per_s: f64,
    rounds: u32,
}

/// Each detector alone, all with the rules, and a stream in pieces of three characters as the gate screens it.
pub(super) fn run(args: &BenchArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let text = match &args.file {
        Some(path) => read(path, words)?,
        None => SAMPLE.to_owned(),
    };
    if text.is_empty() {
        terminal.say(&words.t("guard-bench-empty"));
        return Ok(());
    }
    let span = Duration::from_secs(args.seconds.clamp(1, 60));
    let mut rows = Vec::new();
    for detector in sekisho_guard::built_in_detectors() {
        let name = detector.name().to_owned();
        let alone = [detector];
        rows.push(measure(name, &text, span, &|text| {
            black_box(sekisho_guard::scan(&alone, text)).ok();
        }));
    }
    let guard = super::guard(&GuardFiles::default(), words)?;
    let highest = guard.policy().scheme().highest();
    let context = Context { label: highest, direction: Direction::Output };
    rows.push(measure(words.t("guard-bench-all"), &text, span, &|text| {
        black_box(guard.screen(text, &context, None));
    }));
    let pieces: Vec<String> =
        text.chars().collect::<Vec<_>>().chunks(3).map(|piece| piece.iter().collect()).collect();
    rows.push(measure(words.t("guard-bench-stream"), &text, span, &|_| {
        let mut stream = guard.stream(context.clone(), None).in_steps(STEP_CHARS);
        for piece in &pieces {
            black_box(stream.push(piece));
        }
        black_box(stream.finish());
    }));
    if terminal.json {
        return terminal.print_json(&rows);
    }
    let titles = ["name", "ms-per-kb", "mb-per-s"];
    let mut table = Table::new(titles.map(|title| words.t(&format!("guard-title-{title}"))));
    for row in rows {
        table.row([row.name, format!("{:.4}", row.ms_per_kb), format!("{:.1}", row.mb_per_s)]);
    }
    terminal.print_table(&table)?;
    let args = [("bytes", text.len().into()), ("seconds", span.as_secs().into())];
    terminal.say(&words.f("guard-bench-conditions", &args));
    Ok(())
}

fn measure(name: String, text: &str, span: Duration, work: &dyn Fn(&str)) -> Measured {
    work(text);
    let (start, mut rounds) = (Instant::now(), 0_u32);
    while start.elapsed() < span {
        work(text);
        rounds += 1;
    }
    let bytes = text.len() as f64 * f64::from(rounds);
    let seconds = start.elapsed().as_secs_f64();
    Measured { name, ms_per_kb: seconds * 1e3 / (bytes / 1024.0), mb_per_s: bytes / 1e6 / seconds, rounds }
}
