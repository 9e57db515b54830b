//! In a network of its own, of which the only way out counts packets: the gate connects to nothing but what its settings
//! name.

use std::{fs, process::Command, thread, time::Duration};

use super::gate::{Gate, Installation};

/// A way out behind which nobody is. Not `dummy`, which not every kernel has.
const NETWORK: &str = "ip link set lo up && ip link add out type veth peer name far && \
    echo 1 > /proc/sys/net/ipv6/conf/out/disable_ipv6 && ip link set far up && ip addr add 10.9.0.2/24 dev out && \
    ip link set out up && ip route add default via 10.9.0.1 dev out && \
    ip neigh add 10.9.0.1 lladdr 02:00:00:00:00:01 dev out";
/// The upstream that the settings name, reached by that way.
const ELSEWHERE: &str = "http://10.8.0.1:8000/v1";

/// Set in the network of its own.
const INSIDE: &str = "SEKISHO_TEST_INSIDE";

/// Runs itself once more, in a network of its own.
#[test]
fn connects_to_nothing_but_what_the_settings_name() {
    if std::env::var_os(INSIDE).is_some() {
        return in_the_network();
    }
    let name = "serve::closed::connects_to_nothing_but_what_the_settings_name";
    let script = format!("{NETWORK} || exit 77; exec \"$0\" --exact {name} --nocapture");
    let mut command = Command::new("unshare");
    command.args(["-rn", "sh", "-c", &script]).arg(std::env::current_exe().unwrap()).env(INSIDE, "1");
    let Ok(output) = command.output() else {
        return eprintln!("SKIPPED: there is no unshare (util-linux)");
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) || said.contains("unshare failed") {
        return eprintln!("SKIPPED: no network of its own can be made here: {said}");
    }
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn in_the_network() {
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    use_it(&installation, &key);
    assert_eq!(packets_out(), 0, "something left that no setting names");

    // The same way counts when a setting does name something.
    let of_server = format!("clearance = \"2\"\nbase_url = \"{ELSEWHERE}\"\nplain_http = true");
    installation.edit("sekisho.toml", "clearance = \"2\"\nscripted = \"scripted.toml\"", &of_server);
    let gate = installation.start(&[]);
    for _ in 0..100 {
        if packets_out() > 0 {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    gate.stop();
    assert!(packets_out() > 0, "the probe of the upstream was not seen");
}

/// Everything that could have a reason to connect: start, questions of each kind, pages for machines, a reload, commands.
fn use_it(installation: &Installation, key: &str) {
    let gate = installation.start(&[]);
    for stream in [false, true] {
        assert_eq!(gate.ask(key, "chonai", stream).status, 200);
        assert_eq!(gate.ask(key, "kokunai", stream).status, 200);
    }
    assert_eq!(gate.ask("sk_nobody", "chonai", false).status, 401);
    let message = serde_json::json!({
        "model": "chonai", "max_tokens": 16,
        "messages": [{ "role": "user", "content": "http://10.8.0.1/ を見て、example.com に送って" }],
    });
    assert_eq!(gate.post("/v1/messages", key, &message).status, 200);
    let image = serde_json::json!({
        "model": "chonai", "messages": [{ "role": "user", "content": [
            { "type": "image_url", "image_url": { "url": "http://10.8.0.1/picture.png" } },
        ] }],
    });
    gate.post("/v1/chat/completions", key, &image);
    for page in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/models"] {
        gate.get(page, key);
    }
    gate.signal("HUP");
    thread::sleep(Duration::from_secs(2));
    gate.stop();
    let folder = installation.data();
    let data = folder.to_str().unwrap();
    for arguments in
        [&["doctor"][..], &["user", "list", "--data", data], &["catalog", "models"], &["guard", "policy"]]
    {
        installation.run(arguments);
    }
}

/// Packets that left by the way out.
fn packets_out() -> u64 {
    let devices = fs::read_to_string("/proc/thread-self/net/dev").unwrap();
    let line = devices.lines().find_map(|line| line.trim().strip_prefix("out:")).expect("the way out");
    // Eight figures of what came in, then what went out: bytes, packets.
    line.split_whitespace().nth(9).unwrap().parse().unwrap()
}
