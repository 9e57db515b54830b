//! Tokens of an identity provider, which this test is, at the real binary.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use expect_test::expect;
use rcgen::{KeyPair, PKCS_ED25519, SigningKey as _};
use serde_json::{Value, json};

use super::gate::{Gate, Installation};

/// An identity provider, until it is told to be gone.
struct Issuer {
    address: SocketAddr,
    key: Arc<KeyPair>,
    is_gone: Arc<AtomicBool>,
}

impl Issuer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let key = Arc::new(KeyPair::generate_for(&PKCS_ED25519).unwrap());
        let issuer = Self { address: listener.local_addr().unwrap(), key, is_gone: Arc::default() };
        let jwks = format!("http://{}/realms/sekino/certs", issuer.address);
        let discovery = json!({"issuer": issuer.url(), "jwks_uri": jwks}).to_string();
        let x = URL_SAFE_NO_PAD.encode(issuer.key.public_key_raw());
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x}]}).to_string();
        let is_gone = Arc::clone(&issuer.is_gone);
        // Ends with the process of the test.
        thread::spawn(move || {
            for socket in listener.incoming().filter_map(Result::ok) {
                if !is_gone.load(Ordering::Relaxed) {
                    answer(socket, &discovery, &keys);
                }
            }
        });
        issuer
    }

    fn url(&self) -> String {
        format!("http://{}/realms/sekino", self.address)
    }

    fn token(&self, subject: &str, groups: &[&str]) -> String {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims = json!({
            "iss": self.url(), "aud": ["account", "sekisho"], "sub": subject, "exp": now_s + 300,
            "preferred_username": subject, "groups": groups,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": "EdDSA", "kid": "one"})), part(&claims));
        let signature = self.key.sign(signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Puts it into the settings of an installation.
    fn write_into(&self, installation: &Installation) {
        let settings = format!(
            "[oidc]\nissuer = \"{}\"\naudiences = [\"sekisho\"]\nenrol = false\n\n\
             [oidc.groups]\n\"/somu\" = \"somu\"\n\n[audit]\n",
            self.url()
        );
        installation.edit("sekisho.toml", "[audit]\n", &settings);
    }
}

fn answer(mut socket: TcpStream, discovery: &str, keys: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && socket.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    let asked_for_keys = String::from_utf8_lossy(&head).starts_with("GET /realms/sekino/certs ");
    let body = if asked_for_keys { keys } else { discovery };
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    // Whoever has gone away does not want it.
    let _ = socket.write_all((head + body).as_bytes());
}

fn oidc_lines(installation: &Installation) -> Vec<(String, String)> {
    let all = ["--json", "doctor", "--config", "sekisho.toml", "--data", "data", "--listen", "127.0.0.1:0"];
    let lines: Vec<Value> = serde_json::from_str(&installation.run(&all).stdout).unwrap();
    let of_issuer = lines.iter().filter(|line| line["check"] == "oidc");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    of_issuer.map(|line| (text(&line["mark"]), text(&line["text"]))).collect()
}

#[test]
fn people_sign_in_with_tokens_of_the_organisation() {
    let issuer = Issuer::start();
    let installation = Gate::install();
    let key = installation.person("somu-kakariin");
    issuer.write_into(&installation);
    let policy =
        "@id(\"somu-asks\")\npermit (principal in Group::\"somu\", action == Action::\"ask\", resource);\n";
    std::fs::write(installation.path("access.cedar"), policy).unwrap();
    let url = issuer.url();
    let added = ["user", "add", "kato", "--issuer", &url, "--subject", "0412", "--data", "data"];
    assert_eq!(installation.run(&added).status, 0);
    assert_eq!(oidc_lines(&installation).iter().map(|line| &*line.0).collect::<Vec<_>>(), ["good"]);

    let gate = installation.start(&[
        ("SEKISHO_RELOAD_ON_CHANGE", "false"),
        ("SEKISHO_OIDC_KEYS_AGE_S_MAX", "1"),
        ("SEKISHO_OIDC_REFRESH_S_MIN", "1"),
        ("SEKISHO_HEALTH_PROBE_INTERVAL_MS", "500"),
    ]);
    let answer = gate.ask(&issuer.token("0412", &["/somu", "/other"]), "kokunai", false);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let refused = gate.ask(&issuer.token("0412", &["somu"]), "kokunai", false);
    assert!(refused.status == 403 && refused.body.contains("SK0505"), "{}", refused.body);
    let stranger = gate.ask(&issuer.token("9999", &["/somu"]), "kokunai", false);
    assert_eq!(stranger.status, 403);
    assert!(
        stranger.body.contains("登録されていません") && stranger.body.contains("SK0517"),
        "{}",
        stranger.body
    );
    assert_eq!(gate.ask(&key, "kokunai", false).status, 200);

    // Other settings for the same issuer, which is away: its keys go on, and now it enrols.
    issuer.is_gone.store(true, Ordering::Relaxed);
    gate.wait_for("から鍵を得られません");
    installation.edit("sekisho.toml", "enrol = false", "enrol = true");
    gate.signal("HUP");
    gate.wait_for("に切り替えました");
    let enrolled = gate.ask(&issuer.token("9999", &["/somu"]), "kokunai", false);
    assert_eq!(enrolled.status, 200, "{}", enrolled.body);

    issuer.is_gone.store(false, Ordering::Relaxed);
    gate.wait_for("から鍵を得られるようになりました");

    // A group that nobody has made: the settings until then stay.
    installation.edit("sekisho.toml", "\"/somu\" = \"somu\"", "\"/somu\" = \"soumu\"");
    gate.signal("HUP");
    let log = gate.wait_for("新しい設定は使いません");
    assert!(log.contains("oidc.groups./somu") && log.contains("soumu"), "{log}");
    assert_eq!(gate.ask(&issuer.token("0412", &["/somu"]), "kokunai", false).status, 200);
    let log = gate.stop();
    assert!(log.contains("kato kokunai 1 answered") && log.contains("9999 kokunai 1 answered"), "{log}");
    assert!(log.contains("anonymous kokunai - refused SK0517"), "{log}");
    assert!(!log.contains("eyJ"), "no token is in a log: {log}");
}

#[test]
fn doctor_says_what_is_wrong_with_an_issuer() {
    let issuer = Issuer::start();
    let installation = Gate::install();
    installation.person("somu-kakariin");
    issuer.write_into(&installation);
    let url = issuer.url();
    // Its document says the name without the slash.
    installation.edit("sekisho.toml", &format!("\"{url}\""), &format!("\"{url}/\""));
    let lines = oidc_lines(&installation);
    assert!(lines[0].0 == "bad" && lines[0].1.contains("別の issuer"), "{lines:?}");
    issuer.is_gone.store(true, Ordering::Relaxed);
    let lines = oidc_lines(&installation);
    assert!(lines[0].0 == "bad" && lines[0].1.contains("つながりません"), "{lines:?}");
}

#[test]
fn problems_and_origins_of_the_issuer_are_told_with_their_lines() {
    let installation = Gate::install();
    let bad = "[oidc]\nissuer = \"http://idp.sekino.example\"\naudiences = []\nalgorithms = [\"HS256\"]\n\
               leeway_s = 301\nclient_secret = \"x\"\n\n[audit]\n";
    installation.edit("sekisho.toml", "[audit]\n", bad);
    let start = ["--lang", "en", "serve", "--config", "sekisho.toml", "--data", "data"];
    let answer = installation.run(&start);
    expect![[r#"
        error[SK0515]: sekisho.toml and the files it names have 5 problems
          cause: line 23: oidc.issuer: "http://idp.sekino.example" cannot be asked; write an https URL (http on this machine only), without a user name, ? and #
          cause: line 24: oidc.audiences: must be there, and is not
          cause: line 25: oidc.algorithms[0]: "HS256" cannot be used; one of: RS256, PS256, ES256, EdDSA
          cause: line 26: oidc.leeway_s: must be from 0 to 300
          cause: line 27: oidc.client_secret: there is no such key; a slip? (keys here: `issuer`, `audiences`, `algorithms`, `types`, `subject_claim`, `username_claim`, `name_claim`, `groups_claim`, `groups`, `enrol`, `jwks_url`, `ca_file`, `leeway_s`, `lifetime_s_max`, `refresh_s_min`, `keys_age_s_max`, `keys_stale_s_max`)
          hint: when all are mended, `sekisho doctor` checks everything before the start
    "#]]
    .assert_eq(&answer.stderr);
    let good = "[oidc]\nissuer = \"https://idp.sekino.example\"\naudiences = [\"sekisho\"]\n\n\
                [oidc.groups]\n\"/soumu\" = \"soumu\"\n\n[audit]\n";
    installation.edit("sekisho.toml", bad, good);
    let answer = installation.run(&start);
    expect![[r#"
        error[SK0515]: sekisho.toml and the files it names have 1 problems
          cause: line 27: oidc.groups./soumu: there is no group "soumu"; make it first, with `sekisho group add`
          hint: make the groups that the policies and oidc.groups speak of first, with `sekisho group add` or `sekisho user import`
    "#]]
    .assert_eq(&answer.stderr);
    let show = ["--lang", "en", "config", "show", "--origin", "--config", "sekisho.toml"];
    let shown = installation.run_with(&show, &[("SEKISHO_OIDC_LEEWAY_S", "5")]).stdout;
    let shown: Vec<String> = shown
        .lines()
        .filter(|line| line.starts_with("oidc."))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    expect![[r#"
        oidc.issuer "https://idp.sekino.example" line 23 of the file
        oidc.audiences ["sekisho"] line 24 of the file
        oidc.algorithms ["RS256","PS256","ES256","EdDSA"] default
        oidc.types ["JWT","at+jwt"] default
        oidc.subject_claim "sub" default
        oidc.username_claim "preferred_username" default
        oidc.name_claim "name" default
        oidc.groups_claim ["groups"] default
        oidc.groups./soumu "soumu" line 27 of the file
        oidc.enrol false default
        oidc.leeway_s 5 variable SEKISHO_OIDC_LEEWAY_S
        oidc.lifetime_s_max 86400 default
        oidc.refresh_s_min 30 default
        oidc.keys_age_s_max 3600 default
        oidc.keys_stale_s_max 86400 default
    "#]]
    .assert_eq(&(shown.join("\n") + "\n"));
}
