//! The gate as an operator runs it: started, asked, reloaded, drained.

mod closed;
mod crash;
mod gate;
mod look;
mod settings;
mod sign_in;
mod traces;

use std::{
    io::{Read, Write},
    thread,
    time::Duration,
};

use gate::{Gate, QUESTION};
use sekisho_store::{KeySpec, Scope};
use serde_json::Value;

#[test]
fn answers_who_has_a_key_and_logs_no_words() {
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    let gate = installation.start(&[]);
    let answer = gate.ask(&key, "chonai", false);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let content = body["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(content.contains("代役"), "{content}");
    let refused = gate.ask("sk-nobody", "chonai", false);
    assert_eq!(refused.status, 401);
    assert!(refused.body.contains("鍵を確認できません"), "{}", refused.body);
    let log = gate.stop();
    assert!(log.contains("somu-kakariin chonai 2 answered -"), "{log}");
    assert!(log.contains("anonymous chonai - refused SK0504"), "{log}");
    assert!(!log.contains(QUESTION) && !log.contains(&key), "{log}");
}

#[test]
fn logs_as_json_when_asked_to() {
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    let gate = installation.start(&[("SEKISHO_LOG_FORMAT", "json")]);
    gate.ask(&key, "kokunai", false);
    let log = gate.stop();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["listening", "request", "stopping", "stopped"]);
    let request = &lines[1];
    assert_eq!((&request["principal"], &request["label"]), (&"somu-kakariin".into(), &"2".into()));
    assert_eq!((&request["outcome"], &request["upstream"]), (&"answered".into(), &"kokunai".into()));
    assert!(request["completion_tokens"].as_u64().unwrap() > 0);
}

#[test]
fn a_key_made_beside_it_works_within_a_second_and_a_revoked_one_does_not() {
    let installation = Gate::install();
    installation.person("somu-kakariin");
    let gate = installation.start(&[]);
    let store = installation.store();
    let who = store.principal("somu-kakariin").unwrap().id;
    let scope = Scope { label: Some("1".into()), ..Scope::default() };
    let made = store.create_key(who, &KeySpec { name: "later".into(), scope, expires_ms: None }).unwrap();
    thread::sleep(Duration::from_secs(1));
    let secret = made.secret.expose();
    assert_eq!(gate.ask(secret, "chonai", false).status, 200);
    store.revoke_key(made.key.id).unwrap();
    thread::sleep(Duration::from_secs(1));
    assert_eq!(gate.ask(secret, "chonai", false).status, 401);
    gate.stop();
}

#[test]
fn settings_that_do_not_validate_leave_the_old_ones_in_force() {
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    let gate = installation.start(&[("SEKISHO_RELOAD_ON_CHANGE", "false")]);
    installation.edit("sekisho.toml", "completion_tokens_max = 2048", "completion_tokens_max = \"many\"");
    gate.signal("HUP");
    let refused = gate.wait_for("新しい設定は使いません");
    assert!(refused.contains("model[0].completion_tokens_max"), "{refused}");
    assert_eq!(gate.ask(&key, "chonai", false).status, 200);

    installation.edit("sekisho.toml", "completion_tokens_max = \"many\"", "completion_tokens_max = 16");
    installation.edit("sekisho.toml", "name = \"embedding\"", "name = \"umekomi\"");
    gate.signal("HUP");
    gate.wait_for("に切り替えました");
    let models = gate.get("/v1/models", &key);
    assert!(models.body.contains("umekomi") && !models.body.contains("embedding\""), "{}", models.body);
    gate.stop();

    let audit = installation.data().join("audit");
    let found = installation.run(&["--json", "audit", "search", audit.to_str().unwrap()]);
    // What was made in the store is in the log, too.
    assert!(found.stdout.contains("somu-kakariin"), "{}", found.stdout);
    assert_eq!(found.stdout.matches("settings.loaded").count(), 2, "{}{}", found.stdout, found.stderr);
    assert_eq!(found.stdout.matches("settings.refused").count(), 1, "{}", found.stdout);
}

#[test]
fn a_changed_file_is_noticed() {
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    let gate = installation.start(&[]);
    installation.edit("scripted.toml", "（代役の答え）", "（直した代役の答え）");
    gate.wait_for("に切り替えました");
    assert!(gate.ask(&key, "chonai", false).body.contains("直した代役"));
    gate.stop();
}

#[test]
fn an_answer_that_flows_ends_by_itself_when_the_gate_is_told_to_stop() {
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    installation.edit("scripted.toml", "chunk_ms = 15", "chunk_ms = 100");
    let gate = installation.start(&[]);
    let mut stream = gate.begin(&key, "chonai", true);
    let first = stream.read_until("data: ");
    assert!(first.starts_with("HTTP/1.1 200"), "{first}");
    gate.signal("TERM");
    gate.wait_for("SIGTERM");
    // Nobody new comes in.
    thread::sleep(Duration::from_millis(100));
    assert!(std::net::TcpStream::connect(gate.address()).is_err());
    let rest = stream.read_to_end();
    assert!(rest.contains("data: [DONE]"), "{rest}");
    let (status, log) = gate.wait();
    assert_eq!(status, 0, "{log}");
    assert!(log.contains("somu-kakariin chonai 2 answered"), "{log}");
}

#[test]
fn what_is_not_over_in_time_is_cut_off_and_recorded() {
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    installation.edit("scripted.toml", "chunk_ms = 15", "chunk_ms = 5000");
    let gate = installation.start(&[("SEKISHO_LIMITS_DRAIN_TIMEOUT_MS", "200")]);
    let mut stream = gate.begin(&key, "chonai", true);
    stream.read_until("data: ");
    let log = gate.stop();
    assert!(log.contains("somu-kakariin chonai 2 cancelled SK0514"), "{log}");
    let audit = installation.data().join("audit");
    let status = installation.run(&["--json", "audit", "status", audit.to_str().unwrap()]);
    let status: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["open_records"], 0);
}

#[test]
fn readiness_shows_the_upstreams() {
    let installation = Gate::install();
    let gate = installation.start(&[]);
    let ready: Value = serde_json::from_str(&gate.get("/readyz", "").body).unwrap();
    assert_eq!(ready["status"], "ok");
    assert_eq!(ready["upstreams"]["chonai"]["status"], "ok");
    assert!(ready["upstreams"]["kaigai"].is_null(), "it is not in use");
    gate.stop();
}

#[test]
fn tokens_are_counted_where_a_server_can_and_else_it_is_said() {
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    // A server that is well and has no tokenizer to offer.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = listener.local_addr().unwrap();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let count = socket.read(&mut [0; 4096]).unwrap();
            assert!(count > 0);
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").unwrap();
        }
    });
    let of_server = format!("base_url = \"http://{server}/v1\"\nplain_http = true\ncalls = [\"chat\"]");
    installation.edit(
        "sekisho.toml",
        "clearance = \"2\"\nscripted = \"scripted.toml\"",
        &format!("clearance = \"2\"\n{of_server}"),
    );
    let ways = "{ name = \"kokunai\", model = \"scripted\" }, { name = \"chonai\", model = \"scripted\" }";
    installation.edit("sekisho.toml", ways, "{ name = \"kokunai\", model = \"scripted\" }");
    let gate = installation.start(&[]);
    let ask = |model: &str| {
        let body =
            serde_json::json!({ "model": model, "messages": [{ "role": "user", "content": QUESTION }] });
        gate.post("/v1/messages/count_tokens", &key, &body)
    };
    let counted: Value = serde_json::from_str(&ask("chonai").body).unwrap();
    assert_eq!(counted, serde_json::json!({ "input_tokens": QUESTION.len() }));
    let refused = ask("kokunai");
    let body: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!(
        (refused.status, &body["type"], &body["error"]["type"]),
        (501, &"error".into(), &"api_error".into())
    );
    assert_eq!(body["error"]["sekisho"]["code"], "SK0512");
    gate.stop();
}
