//! Traces: what a collector gets, what it must never get, and that nothing depends on it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use sekisho_llm::{
    scripted::{Fault, Rule, Script},
    upstream::{BaseUrl, Post, Trust},
};
use sekisho_serve::trace::{Sender, Tracer};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    gate::{Gate, Person},
    http::Listening,
};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A collector that keeps what it is sent.
#[derive(Clone)]
struct Collector {
    port: u16,
    status: Arc<AtomicU16>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let collector = Self { port, status: Arc::new(AtomicU16::new(200)), bodies: Arc::default() };
        let kept = collector.clone();
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let kept = kept.clone();
                tokio::spawn(async move {
                    let mut text = String::new();
                    let mut piece = vec![0; 65536];
                    while let Ok(count @ 1..) = socket.read(&mut piece).await {
                        text += &String::from_utf8_lossy(&piece[..count]);
                        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                        if body.len() < length.unwrap().parse().unwrap() {
                            continue;
                        }
                        assert!(head.starts_with("POST /otel/v1/traces HTTP/1.1"), "{head}");
                        assert!(head.contains("content-type: application/json"), "{head}");
                        let status = kept.status.load(Ordering::Relaxed);
                        kept.bodies.lock().unwrap().push(body.to_owned());
                        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\n{{}}");
                        socket.write_all(answer.as_bytes()).await.unwrap();
                        text.clear();
                    }
                });
            }
        });
        collector
    }

    fn post(&self) -> Post {
        post(self.port)
    }

    /// All spans that it was sent.
    fn spans(&self) -> Vec<Value> {
        let bodies = self.bodies.lock().unwrap().clone();
        let bodies = bodies.iter().map(|body| serde_json::from_str::<Value>(body).unwrap());
        let spans = bodies.flat_map(|body| {
            let resource = &body["resourceSpans"][0];
            assert_eq!(resource["resource"]["attributes"][0], attribute("service.name", "sekisho"));
            resource["scopeSpans"][0]["spans"].as_array().unwrap().clone()
        });
        spans.collect()
    }
}

fn post(port: u16) -> Post {
    let url = BaseUrl::parse(&format!("http://127.0.0.1:{port}/otel")).unwrap();
    Post::new(&url, "v1/traces", &Trust::System, Duration::from_secs(5)).unwrap()
}

fn attribute(name: &str, text: &str) -> Value {
    json!({ "key": name, "value": { "stringValue": text } })
}

fn tracer(ratio: f64) -> (Tracer, Sender) {
    Tracer::new(ratio, || {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        since.as_nanos() as u64
    })
}

fn script() -> Script {
    let fault = Rule::fault(Fault::Unreachable).for_question("壊れて");
    Script::new([fault, Rule::text("はい、そうです。")])
}

async fn ask(gate: &Listening, key: &str, model: &str, stream: bool, text: &str, parent: &str) -> u16 {
    let header = if parent.is_empty() { String::new() } else { format!("traceparent: {parent}\r\n") };
    let body = json!({ "model": model, "stream": stream, "messages": [{ "role": "user", "content": text }] });
    gate.post_with("/v1/chat/completions", key, &header, &body.to_string()).await.status
}

/// Ends the sender, and gives what came of it.
async fn finish(tracer: &Tracer, sending: tokio::task::JoinHandle<()>) {
    tracer.finish();
    tokio::time::timeout(Duration::from_secs(10), sending).await.expect("it ends").unwrap();
}

/// A span in one line: what the name and the attributes say, without what differs from run to run.
fn shown(span: &Value) -> String {
    let mut line = format!("{} kind={}", span["name"].as_str().unwrap(), span["kind"]);
    for attribute in span["attributes"].as_array().unwrap() {
        let value = &attribute["value"];
        let text = value["stringValue"].as_str().or(value["intValue"].as_str()).unwrap();
        match attribute["key"].as_str().unwrap() {
            "sekisho.request_id" | "sekisho.record" | "sekisho.ttft_ms" => {}
            key => line += &format!(" {key}={text}"),
        }
    }
    line + &format!(" status={}\n", span["status"])
}

#[tokio::test]
async fn a_collector_gets_spans_and_no_words() {
    let collector = Collector::start().await;
    let (tracer, sender) = tracer(1.0);
    let sending = tokio::spawn(sender.run(collector.post(), |failing| panic!("{failing:?}")));
    let gate = Gate::traced(script(), tracer.clone());
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    assert_eq!(ask(&gate, &key, "kokunai", false, "秘密の質問", PARENT).await, 200);
    assert_eq!(ask(&gate, &key, "kokunai", true, "秘密の質問", "").await, 200);
    assert_eq!(ask(&gate, &key, "kokunai", false, "壊れて", "").await, 503);
    assert_eq!(ask(&gate, &key, "秘密のモデル", false, "x", "").await, 404);
    assert_eq!(ask(&gate, &key, "kokunai", false, "x", &PARENT.replace("-01", "-00")).await, 200);
    let asked = gate.gate.kokunai.asks();
    finish(&tracer, sending).await;

    let spans = collector.spans();
    let mut seen: Vec<String> = spans.iter().map(shown).collect();
    seen.sort();
    expect_test::expect![[r#"
        chat kind=2 gen_ai.operation.name=chat sekisho.format=openai.chat sekisho.outcome=refused error.type=SK0506 status={}
        chat kokunai kind=2 gen_ai.operation.name=chat sekisho.format=openai.chat sekisho.outcome=answered gen_ai.request.model=kokunai sekisho.label=2 sekisho.upstream=kokunai status={}
        chat kokunai kind=2 gen_ai.operation.name=chat sekisho.format=openai.chat sekisho.outcome=answered gen_ai.request.model=kokunai sekisho.label=2 sekisho.upstream=kokunai status={}
        chat kokunai kind=2 gen_ai.operation.name=chat sekisho.format=openai.chat sekisho.outcome=failed gen_ai.request.model=kokunai sekisho.label=2 sekisho.upstream=kokunai error.type=SK0602 status={"code":2}
        chat scripted kind=3 gen_ai.operation.name=chat gen_ai.provider.name=chonai gen_ai.request.model=scripted error.type=SK0602 status={"code":2}
        chat scripted kind=3 gen_ai.operation.name=chat gen_ai.provider.name=kokunai gen_ai.request.model=scripted error.type=SK0602 status={"code":2}
        chat scripted kind=3 gen_ai.operation.name=chat gen_ai.provider.name=kokunai gen_ai.request.model=scripted gen_ai.usage.input_tokens=15 gen_ai.usage.output_tokens=24 status={}
        chat scripted kind=3 gen_ai.operation.name=chat gen_ai.provider.name=kokunai gen_ai.request.model=scripted gen_ai.usage.input_tokens=15 gen_ai.usage.output_tokens=24 status={}
    "#]].assert_eq(&seen.concat());

    let of = |name: &str, kind: u8| {
        spans.iter().filter(|span| span["name"] == name && span["kind"] == kind).collect::<Vec<_>>()
    };
    // The first belongs to the trace of its client, and the upstream is sent the span that asked it.
    let root = of("chat kokunai", 2)[0];
    assert_eq!(root["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(root["parentSpanId"], "00f067aa0ba902b7");
    let child = of("chat scripted", 3)[0];
    assert_eq!((&child["traceId"], &child["parentSpanId"]), (&root["traceId"], &root["spanId"]));
    let sent = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", child["spanId"].as_str().unwrap());
    assert_eq!(asked[0].trace.as_deref(), Some(&*sent));
    // Of a trace that is not kept, it is still told.
    assert_eq!(asked.last().unwrap().trace.as_deref(), Some(&*PARENT.replace("-01", "-00")));
    for span in &spans {
        let time = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
        assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"), "{span}");
        assert_eq!(span["traceId"].as_str().unwrap().len(), 32);
        assert_eq!(span["spanId"].as_str().unwrap().len(), 16);
    }
    let all = collector.bodies.lock().unwrap().concat();
    for word in ["秘密", "はい", "壊れて", "somu-kakariin", &key] {
        assert!(!all.contains(word), "{word} in {all}");
    }
    let metrics = gate.get("/metrics", "").await.body;
    assert!(metrics.contains(&format!("sekisho_trace_spans_sent_total {}", spans.len())), "{metrics}");
    assert!(metrics.contains("sekisho_trace_spans_dropped_total 0"), "{metrics}");
}

#[tokio::test]
async fn only_a_part_is_kept_but_whole_traces_of_clients() {
    let collector = Collector::start().await;
    let (tracer, sender) = tracer(0.0);
    let sending = tokio::spawn(sender.run(collector.post(), |_| {}));
    let gate = Gate::traced(script(), tracer.clone());
    let key = gate.person(Person::default());
    let gate = Listening::new(gate).await;
    for parent in ["", "not a parent", PARENT] {
        assert_eq!(ask(&gate, &key, "chonai", false, "x", parent).await, 200);
    }
    finish(&tracer, sending).await;
    assert_eq!(collector.spans().len(), 2, "{:?}", collector.spans());
}

#[tokio::test]
async fn a_collector_that_is_not_there_or_refuses_costs_nothing_but_spans() {
    let refusing = Collector::start().await;
    refusing.status.store(400, Ordering::Relaxed);
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = nobody.local_addr().unwrap().port();
    drop(nobody);
    for port in [refusing.port, closed] {
        let (tracer, sender) = tracer(1.0);
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = Arc::clone(&told);
        let sending = tokio::spawn(sender.run(post(port), move |failing| tell.lock().unwrap().push(failing)));
        let gate = Gate::traced(script(), tracer.clone());
        let key = gate.person(Person::default());
        let gate = Listening::new(gate).await;
        let start = Instant::now();
        for _ in 0..20 {
            assert_eq!(ask(&gate, &key, "chonai", false, "x", "").await, 200);
        }
        let (asked, ending) = (start.elapsed(), Instant::now());
        finish(&tracer, sending).await;
        assert!(ending.elapsed() < Duration::from_secs(8), "asking {asked:?}, ending {:?}", ending.elapsed());
        assert_eq!(tracer.dropped(), 40);
        // Told once, however often it fails.
        assert!(matches!(told.lock().unwrap().as_slice(), [Some(_)]), "{told:?}");
    }
}
