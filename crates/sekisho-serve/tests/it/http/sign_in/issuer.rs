//! An identity provider that listens: its pages over HTTP on this machine, its keys made here.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub(super) const DISCOVERY: &str = "/realms/sekino/.well-known/openid-configuration";
pub(super) const JWKS: &str = "/realms/sekino/certs";

/// A provider that answers until it is told not to.
pub(super) struct Issuer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    key: Key,
}

#[derive(Default)]
struct State {
    /// Whole answers by path.
    answers: HashMap<String, String>,
    asked: Vec<String>,
    is_gone: bool,
}

/// A key pair with its name.
pub(super) struct Key {
    pair: Ed25519KeyPair,
    kid: String,
}

impl Key {
    pub(super) fn make(kid: &str) -> Self {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self { pair: Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap(), kid: kid.to_owned() }
    }

    pub(super) fn public(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref());
        json!({"kid": self.kid, "kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig"})
    }

    pub(super) fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({"alg": "EdDSA", "kid": self.kid, "typ": "JWT"}), claims)
    }

    /// Signed with this key, whatever the header says.
    pub(super) fn token_with(&self, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// Header and claims of a token, without a signature.
pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

pub(super) fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

impl Issuer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let issuer = Self { address, state: Arc::clone(&state), key: Key::make("one") };
        let jwks = format!("http://{address}{JWKS}");
        issuer.put(DISCOVERY, &json!({"issuer": issuer.url(), "jwks_uri": jwks}));
        issuer.publish(&[issuer.key.public()]);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                answer(socket, &state).await;
            }
        });
        issuer
    }

    /// What stands in tokens as `iss`.
    pub(super) fn url(&self) -> String {
        format!("http://{}/realms/sekino", self.address)
    }

    pub(super) fn put(&self, path: &str, page: &Value) {
        self.answer(path, "200 OK", "", &page.to_string());
    }

    /// Another answer than a page, with more header lines.
    pub(super) fn answer(&self, path: &str, status: &str, headers: &str, body: &str) {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n");
        self.state.lock().unwrap().answers.insert(path.to_owned(), format!("{head}{headers}\r\n{body}"));
    }

    pub(super) fn publish(&self, keys: &[Value]) {
        self.put(JWKS, &json!({"keys": keys}));
    }

    /// From now on connections are closed without a word, or not any more.
    pub(super) fn set_gone(&self, is_gone: bool) {
        self.state.lock().unwrap().is_gone = is_gone;
    }

    /// How often it was asked for that.
    pub(super) fn times_asked(&self, path: &str) -> usize {
        self.state.lock().unwrap().asked.iter().filter(|one| *one == path).count()
    }

    /// Claims that hold, for that subject and those groups, but for some changes; `null` leaves a claim out.
    pub(super) fn claims(&self, subject: &str, groups: &[&str], changes: Value) -> Value {
        let now = now_s();
        let mut claims = json!({
            "iss": self.url(), "aud": "sekisho", "sub": subject, "iat": now - 10, "exp": now + 300,
            "preferred_username": subject, "name": "関野 花子", "groups": groups,
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims
    }

    /// A token that holds.
    pub(super) fn token(&self, subject: &str, groups: &[&str]) -> String {
        self.key.token(&self.claims(subject, groups, json!({})))
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }
}

async fn answer(mut socket: TcpStream, state: &Mutex<State>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && socket.read(&mut byte).await.unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let whole = {
        let mut state = state.lock().unwrap();
        state.asked.push(path.clone());
        if state.is_gone {
            return;
        }
        state.answers.get(&path).cloned()
    };
    let whole = whole.unwrap_or_else(|| "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned());
    // Whoever has gone away does not want it.
    let _ = socket.write_all(whole.as_bytes()).await;
}
