//! Settings: what is wrong with them, all at once, and where each value is from.

use expect_test::expect;

use super::gate::Gate;

#[test]
fn every_problem_of_a_file_is_told_at_once() {
    let installation = Gate::install();
    let bad = r#"
version = 1
dat = "/x"
[listen]
address = "localhost"
[audit]
origin = "a b"
[limits]
requests_per_minute = 0
[[upstream]]
name = "a"
place = "moon"
clearance = "9"
preset = "opennai"
[[upstream]]
name = "a"
place = "abroad"
clearance = "1"
base_url = "https://api.example.com/v1"
key = { inline = "sk-secret" }
[[model]]
name = "m"
upstreams = [{ name = "b" }]
"#;
    std::fs::write(installation.path("bad.toml"), bad).unwrap();
    let answer = installation.run(&["--lang", "en", "serve", "--config", "bad.toml", "--data", "data"]);
    assert_eq!(answer.status, 1);
    expect![[r#"
        error[SK0515]: bad.toml and the files it names have 11 problems
          cause: line 3: dat: there is no such key; a slip? (keys here: `version`, `data`, `listen`, `labels`, `guard`, `access`, `oidc`, `audit`, `limits`, `health`, `reload`, `log`, `traces`, `upstream`, `model`)
          cause: line 5: listen.address: "localhost" is no address; write one like 127.0.0.1:7100
          cause: line 7: audit.origin: "a b" cannot name a log; begin with a domain name of yours, without spaces and +
          cause: line 9: limits.requests_per_minute: must be from 1 to 4294967295
          cause: line 12: upstream[0].place: "moon" cannot be used; one of: on-prem, domestic, abroad
          cause: line 13: upstream[0].clearance: the scheme has no label "9"; it has: 1, 2, 3C, 3B, 3A
          cause: line 14: upstream[0].preset: "opennai" cannot be used; one of: vllm, llama-server, llama-cpp-python, sakura-ai-engine, plamo, cotomi, cotomi-native, azure-ai-inference, nutanix-ai, sarashina, openai, anthropic, gemini
          cause: line 16: upstream[1].name: "a" stands here twice
          cause: line 20: upstream[1].key: one of file, env must be there
          cause: line 20: upstream[1].key.inline: there is no such key; a slip? (keys here: `file` or `env`)
          cause: line 23: model[0].upstreams[0].name: there is no upstream "b"; there are: a, a
          hint: when all are mended, `sekisho doctor` checks everything before the start
    "#]].assert_eq(&answer.stderr);
}

#[test]
fn files_that_settings_name_are_told_with_their_lines() {
    let installation = Gate::install();
    installation.edit("access.cedar", "permit (principal", "permit (princpal");
    installation.edit("scripted.toml", "format = \"completion\"", "format = \"compleition\"");
    let answer = installation.run(&["--lang", "en", "serve", "--config", "sekisho.toml", "--data", "data"]);
    assert_eq!(answer.status, 1);
    expect![[r#"
        error[SK0515]: sekisho.toml and the files it names have 2 problems
          cause: scripted.toml: line 31: rule[3].format: the script cannot be used (none of ["chat", "completion", "embedding", "rerank", "tokenize", "detokenize"])
          cause: access.cedar: line 3: not Cedar (found an invalid variable in the policy scope: princpal)
          hint: when all are mended, `sekisho doctor` checks everything before the start
    "#]].assert_eq(&answer.stderr);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let installation = Gate::install();
    installation.edit("sekisho.toml", "enabled = false", "enabled = true");
    let key = installation.path("kaigai.key");
    std::fs::write(&key, "sk-secret").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let answer = installation.run(&["serve", "--config", "sekisho.toml", "--data", "data"]);
    assert!(answer.stderr.contains("chmod 600"), "{}", answer.stderr);
    assert!(!answer.stderr.contains("sk-secret"));
}

#[test]
fn values_are_shown_with_where_they_are_from() {
    let installation = Gate::install();
    let arguments =
        ["--lang", "en", "config", "show", "--origin", "--config", "sekisho.toml", "--listen", "127.0.0.1:0"];
    let environment = [
        ("SEKISHO_LIMITS_DRAIN_TIMEOUT_MS", "5000"),
        ("SEKISHO_LOG_FORMAT", "json"),
        ("SEKISHO_DATA", "/srv/s"),
    ];
    let answer = installation.run_with(&arguments, &environment);
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    let wanted = ["data", "listen.address", "labels.scheme", "limits.", "log.", "upstream[2]"];
    let shown: Vec<String> = answer
        .stdout
        .lines()
        .filter(|line| wanted.iter().any(|key| line.starts_with(key)))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .map(|line| line.replace(installation.path("").to_str().unwrap(), "DIR/"))
        .collect();
    expect![[r#"
        data "/srv/s" variable SEKISHO_DATA
        listen.address "127.0.0.1:0" flag --listen
        labels.scheme "jichitai-2024" line 13 of the file
        limits.requests_per_minute 120 line 29 of the file
        limits.tokens_per_minute 200000 line 30 of the file
        limits.concurrent_requests 8 line 31 of the file
        limits.request_body_bytes_max 16777216 default
        limits.connections_max 8192 default
        limits.header_timeout_ms 10000 default
        limits.body_timeout_ms 60000 default
        limits.drain_timeout_ms 5000 variable SEKISHO_LIMITS_DRAIN_TIMEOUT_MS
        log.format "json" variable SEKISHO_LOG_FORMAT
        upstream[2].name "kaigai" line 49 of the file
        upstream[2].title "海外 API" line 50 of the file
        upstream[2].place "abroad" line 51 of the file
        upstream[2].clearance "1" line 52 of the file
        upstream[2].enabled false line 56 of the file
        upstream[2].pool.balance "least-busy" default
        upstream[2].pool.wait_max_ms 10000 default
        upstream[2].pool.waiting_max 256 default
        upstream[2].pool.tries_max 3 default
        upstream[2].pool.failures_max 5 default
        upstream[2].pool.window_ms 30000 default
        upstream[2].pool.open_for_ms 10000 default
        upstream[2].preset "openai" line 53 of the file
        upstream[2].calls ["chat","completion","embedding"] kind of upstream openai
        upstream[2].plain_http false default
        upstream[2].timeouts.connect_ms 5000 default
        upstream[2].timeouts.first_byte_ms 120000 default
        upstream[2].timeouts.idle_ms 120000 default
        upstream[2].timeouts.total_ms 600000 default
        upstream[2].timeouts.probe_ms 5000 default
        upstream[2].timeouts.keep_alive_ms 4000 default
        upstream[2].base_url "https://api.example.com/v1" line 54 of the file
        upstream[2].key.file "kaigai.key" line 55 of the file"#]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn a_variable_that_cannot_be_read_is_told_by_its_name() {
    let installation = Gate::install();
    let arguments = ["--lang", "en", "config", "show", "--config", "sekisho.toml"];
    let answer = installation.run_with(&arguments, &[("SEKISHO_LIMITS_CONNECTIONS_MAX", "many")]);
    assert_eq!(answer.status, 1);
    assert!(
        answer.stderr.contains("SEKISHO_LIMITS_CONNECTIONS_MAX: a value of another type"),
        "{}",
        answer.stderr
    );
}
