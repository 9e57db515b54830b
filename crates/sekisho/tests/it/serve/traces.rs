//! Traces, as an operator sets them up: to the one endpoint, the last ones at the end, and looked at before the start.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use super::gate::{Gate, QUESTION};

/// A collector that takes everything; its address, and what it was sent.
fn collector() -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let got = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&got);
    thread::spawn(move || {
        for socket in listener.incoming() {
            let (mut socket, kept) = (socket.unwrap(), Arc::clone(&kept));
            thread::spawn(move || {
                let (mut text, mut piece) = (String::new(), [0; 8192]);
                while let Ok(count @ 1..) = socket.read(&mut piece) {
                    text += &String::from_utf8_lossy(&piece[..count]);
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
                    if body.len() >= length.parse().unwrap() {
                        kept.lock().unwrap().push_str(&text);
                        text.clear();
                        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
                    }
                }
            });
        }
    });
    (endpoint, got)
}

#[test]
fn spans_reach_the_collector_before_the_gate_has_stopped() {
    let (endpoint, got) = collector();
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    let gate = installation.start(&[("SEKISHO_TRACES_ENDPOINT", &endpoint)]);
    assert_eq!(gate.ask(&key, "chonai", false).status, 200);
    assert_eq!(gate.ask(&key, "chonai", true).status, 200);
    let log = gate.stop();
    let got = got.lock().unwrap().clone();
    assert!(got.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{got}{log}");
    assert_eq!(got.matches(r#""name":"chat chonai""#).count(), 2, "{got}");
    assert_eq!(got.matches(r#""gen_ai.usage.output_tokens""#).count(), 2, "{got}");
    assert!(!got.contains(QUESTION) && !got.contains(&key) && !got.contains("somu"), "{got}");
}

#[test]
fn a_collector_that_is_not_there_is_told_before_and_while() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    let environment = [("SEKISHO_TRACES_ENDPOINT", endpoint.as_str())];
    let files = ["doctor", "--config", "sekisho.toml", "--data", "data"];
    let answer = installation.run_with(&files, &environment);
    assert!(answer.stdout.contains(&format!("△ トレースの収集先 {endpoint}")), "{}", answer.stdout);
    let (there, _) = collector();
    let answer = installation.run_with(&files, &[("SEKISHO_TRACES_ENDPOINT", &there)]);
    assert!(answer.stdout.contains(&format!("○ トレースの収集先 {there}")), "{}", answer.stdout);

    let gate = installation.start(&environment);
    assert_eq!(gate.ask(&key, "chonai", false).status, 200);
    let log = gate.stop();
    assert!(log.contains("トレースの収集先が受け取りません"), "{log}");
}

#[test]
fn settings_of_traces_are_checked_and_shown() {
    let installation = Gate::install();
    let show = ["config", "show", "--origin", "--config", "sekisho.toml"];
    let environment = |endpoint: &'static str, ratio: &'static str| {
        [("SEKISHO_TRACES_ENDPOINT", endpoint), ("SEKISHO_TRACES_RATIO", ratio)]
    };
    let answer = installation.run_with(&show, &environment("https://collector.example", "0.25"));
    let line = |key: &str| answer.stdout.lines().find(|line| line.starts_with(key)).unwrap_or("").to_owned();
    assert!(line("traces.endpoint").contains("https://collector.example"), "{}", answer.stdout);
    assert!(line("traces.ratio").contains("0.25"), "{}", answer.stdout);
    for (endpoint, ratio) in
        [("collector:4318", "1"), ("http://user@collector", "1"), ("http://c", "1.5"), ("", "0.5")]
    {
        let answer = installation.run_with(&show, &environment(endpoint, ratio));
        assert_eq!(answer.status, 1, "{endpoint} {ratio}: {}", answer.stdout);
        assert!(answer.stderr.contains("SEKISHO_TRACES"), "{}", answer.stderr);
    }
}
