//! Reading while another process holds the log.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Stdio},
    thread,
};

use super::desk::{Desk, RECORDS};

/// A process that holds the log as its one writer, and records what it is given.
struct Writer {
    child: Child,
    input: ChildStdin,
    /// Ids that it has acknowledged.
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Writer {
    fn start(desk: &Desk) -> Self {
        let mut child = desk
            .command(&["audit", "record", "log"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, input, lines }
    }

    /// Records a line, and waits for its id.
    fn record(&mut self, line: &str) -> String {
        writeln!(self.input, "{line}").unwrap();
        self.lines.next().unwrap().unwrap()
    }

    fn stop(mut self) {
        drop(self.input);
        assert!(self.child.wait().unwrap().success());
    }
}

fn event(n: u32) -> String {
    format!(r#"{{"event":{{"principal":"kikai-{n}","event":"b.c"}}}}"#)
}

#[test]
fn the_auditor_reads_while_another_process_writes() {
    let desk = Desk::with_log();
    let mut writer = Writer::start(&desk);
    for n in 0..10 {
        // What was acknowledged is found at once, whatever the writer does next.
        let record = writer.record(&event(n));
        assert_eq!(desk.record_of(&format!("kikai-{n}")), record);
        let shown = desk.json(&["audit", "show", "log", &record]);
        assert_eq!(shown["event"]["principal"], format!("kikai-{n}"));
    }
    assert_eq!(desk.json(&["audit", "status", "log"])["entries"], 17);
    assert_eq!(desk.ok(&["audit", "checkpoint", "log"]).lines().count(), 3);
    assert_eq!(
        desk.ok(&["audit", "export", "log"]).lines().filter(|line| line.contains("kikai-")).count(),
        10
    );
    let record = desk.record_of("kikai-3");
    desk.ok(&["audit", "prove", "log", &record, "--out", "proofs"]);
    let proof = std::fs::read_dir(desk.path("proofs")).unwrap().next().unwrap().unwrap().path();
    let answer = desk.verify(&["proof", &proof.display().to_string(), "--key", &desk.key()]);
    assert_eq!(answer.status, 0, "{}", answer.stdout);
    assert_eq!(desk.ok(&["audit", "search", "log", "--contains", "花子", "--ids"]).lines().count(), 1);
    // Writing stays with the one writer.
    let answer = desk.run(&["audit", "hold", "log", &record, "--by", "a", "--ground", "b"]);
    assert!(answer.stderr.starts_with("error[SK0411]"), "{}", answer.stderr);
    writer.stop();
    assert_eq!(desk.run(&["audit", "verify", "log"]).status, 0);
}

#[test]
fn a_reader_sees_a_beginning_of_the_log_at_any_moment() {
    let desk = Desk::with_log();
    let Writer { mut child, mut input, mut lines } = Writer::start(&desk);
    let feeding = thread::spawn(move || {
        for n in 0..3000 {
            writeln!(input, "{}", event(n)).unwrap();
        }
    });
    let mut acknowledged = 0;
    let mut before = 0;
    while acknowledged < 3000 {
        for _ in 0..300 {
            lines.next().unwrap().unwrap();
            acknowledged += 1;
        }
        let entries = desk.json(&["audit", "status", "log"])["entries"].as_u64().unwrap();
        assert!(entries >= 7 + acknowledged && entries >= before, "{entries} after {acknowledged}");
        before = entries;
        let ids = desk.ok(&["audit", "search", "log", "--event", "b.c", "--limit", "10000", "--ids"]);
        assert!(ids.lines().count() as u64 >= acknowledged);
        let found = desk.json(&["audit", "search", "log", "--limit", "40"]);
        // The newest first, without a gap.
        let names: Vec<u64> = found["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["event"]["principal"].as_str().unwrap()[6..].parse().unwrap())
            .collect();
        assert!(names.windows(2).all(|pair| pair[0] == pair[1] + 1), "{names:?}");
    }
    feeding.join().unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(desk.run(&["audit", "verify", "log"]).status, 0);
}

/// A process that was killed has left acknowledged records that were never published.
#[test]
fn what_a_killed_writer_has_acknowledged_is_read_before_the_next_start() {
    let desk = Desk::with_log();
    let mut writer = Writer::start(&desk);
    let records: Vec<String> = (0..5).map(|n| writer.record(&event(n))).collect();
    writer.child.kill().unwrap();
    writer.child.wait().unwrap();
    for record in &records {
        desk.ok(&["audit", "show", "log", record]);
    }
    desk.run_with(&["audit", "record", "log"], RECORDS);
    assert_eq!(desk.json(&["audit", "status", "log"])["entries"], 19);
    assert_eq!(desk.run(&["audit", "verify", "log"]).status, 0);
}
