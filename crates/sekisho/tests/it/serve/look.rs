//! Looking before anything starts: `route explain` and `doctor`.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt};

use expect_test::expect;
use serde_json::Value;

use super::gate::{Gate, Installation};

const FILES: [&str; 4] = ["--config", "sekisho.toml", "--data", "data"];

fn explain(installation: &Installation, arguments: &[&str]) -> String {
    let all = [&["route", "explain"], arguments, &FILES].concat();
    let answer = installation.run(&all);
    format!("{}--- {}\n{}", answer.stdout, answer.status, answer.stderr)
}

#[test]
fn a_decision_is_explained_step_by_step() {
    let installation = Gate::install();
    installation.person("somu-kakariin");
    let all = ["--model", "kokunai", "--label", "3B", "--principal", "somu-kakariin"];
    expect![[r#"
        区分: 3B (自治体機密性3B) (申告: 3B)。文章の中の表示により、さらに上がることがあります
        ポリシー: ○ 許可
          everybody-asks (2 行目): 
        上流     場所  格付け上限  判断
        ───────  ────  ──────────  ──────────────────────
        kokunai  国内  2           × 区分が上限を超えます
        chonai   庁内  3B          ○ 送れます
        ○ chonai に送ります
        --- 0
    "#]]
    .assert_eq(&explain(&installation, &all));
    let above = explain(&installation, &["--model", "kokunai", "--label", "3A"]);
    expect![[r#"
        区分: 3A (自治体機密性3A) (申告: 3A)。文章の中の表示により、さらに上がることがあります
        上流     場所  格付け上限  判断
        ───────  ────  ──────────  ──────────────────────
        kokunai  国内  2           × 区分が上限を超えます
        chonai   庁内  3B          × 区分が上限を超えます
        --- 1
        error[SK0507]: この要求は通りません
          原因: 区分 3A の内容を送ってよい先が、モデル「kokunai」にはありません。別のモデルを選んでください。
    "#]]
    .assert_eq(&above);
    let lowered = explain(&installation, &["--model", "gpt"]);
    assert!(lowered.contains("SK0506"), "{lowered}");
    let nobody = explain(&installation, &["--model", "chonai", "--principal", "nobody"]);
    assert!(nobody.contains("SK0702"), "{nobody}");
}

#[test]
fn a_policy_that_forbids_is_named_with_its_reason() {
    let installation = Gate::install();
    installation.person("somu-kakariin");
    let forbid = "\n@id(\"not-kokunai\")\n@why_ja(\"庁内のモデルを使います。\")\n@why_en(\"Use the model inside.\")\n\
                  forbid (principal, action == Action::\"ask\", resource == Model::\"kokunai\");\n";
    let policy = fs::read_to_string(installation.path("access.cedar")).unwrap() + forbid;
    fs::write(installation.path("access.cedar"), policy).unwrap();
    let told =
        explain(&installation, &["--model", "kokunai", "--label", "1", "--principal", "somu-kakariin"]);
    assert!(told.contains("not-kokunai") && told.contains("庁内のモデルを使います。"), "{told}");
    assert!(told.contains("SK0505"), "{told}");
}

fn doctor(installation: &Installation) -> (i32, Vec<Value>) {
    let answer =
        installation.run(&[&["--json", "doctor"], FILES.as_slice(), &["--listen", "127.0.0.1:0"]].concat());
    (answer.status, serde_json::from_str(&answer.stdout).unwrap())
}

fn mark<'l>(lines: &'l [Value], check: &str) -> Vec<&'l str> {
    let of = lines.iter().filter(|line| line["check"] == check);
    of.map(|line| line["mark"].as_str().unwrap()).collect()
}

#[test]
fn doctor_finds_nothing_bad_in_an_installation_that_is_well() {
    let installation = Gate::install();
    installation.person("somu-kakariin");
    fs::set_permissions(installation.data(), fs::Permissions::from_mode(0o700)).unwrap();
    let (_, lines) = doctor(&installation);
    for check in ["settings", "port", "data", "clock", "store", "audit", "access", "guard"] {
        assert_eq!(mark(&lines, check), ["good"], "{check}: {lines:#?}");
    }
    // Stand-ins are no model servers, and nobody may receive 3A.
    assert_eq!(mark(&lines, "upstreams"), ["warning", "warning", "good"]);
    assert_eq!(mark(&lines, "labels"), ["warning"]);
    assert!(lines.iter().all(|line| line["mark"] == "good" || line["todo"].is_string()));
}

#[test]
fn doctor_says_what_is_bad_and_what_to_do() {
    let installation = Gate::install();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    installation.edit("sekisho.toml", "enabled = false", "enabled = true");
    // A port at which nobody listens any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    installation.edit(
        "sekisho.toml",
        "\"https://api.example.com/v1\"",
        &format!("\"http://{gone}/v1\"\nplain_http = true"),
    );
    let key = installation.path("kaigai.key");
    fs::write(&key, "sk-secret").unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(installation.data(), fs::Permissions::from_mode(0o755)).unwrap();
    let answer = installation.run(&[&["doctor"], FILES.as_slice(), &["--listen", &address]].concat());
    assert_eq!(answer.status, 1);
    for found in [
        "で待ち受けられません",
        "chmod 700 ",
        "に利用者がいません",
        "上流「kaigai」につながりません",
        "× が 2 件あります",
    ] {
        let all = format!("{}{}", answer.stdout, answer.stderr);
        assert!(all.contains(found), "{found}: {all}");
    }
    assert!(!answer.stdout.contains("sk-secret"));
}

#[test]
fn doctor_reads_certificates() {
    let installation = Gate::install();
    let certified = rcgen::generate_simple_self_signed(["gate.sekino.example".to_owned()]).unwrap();
    fs::write(installation.path("gate.pem"), certified.cert.pem()).unwrap();
    let key = installation.path("gate.key");
    fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    installation.edit(
        "sekisho.toml",
        "# tls = { certificate = \"gate.pem\", key = \"gate.key\" }",
        "tls = { certificate = \"gate.pem\", key = \"gate.key\" }",
    );
    let (_, lines) = doctor(&installation);
    assert_eq!(mark(&lines, "certificate"), ["good"], "{lines:#?}");
    // Another key: it does not go with the certificate.
    let other = rcgen::generate_simple_self_signed(["other.example".to_owned()]).unwrap();
    fs::write(&key, other.signing_key.serialize_pem()).unwrap();
    let (status, lines) = doctor(&installation);
    assert_eq!((status, mark(&lines, "certificate").contains(&"bad")), (1, true), "{lines:#?}");
}
