//! An issuer of our own: its keys are made here, and its pages are answered without a network.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
        RSA_PSS_SHA256, RsaKeyPair,
    },
};
use serde_json::{Value, json};

use crate::oidc::{Fetch, FetchFault, Fetched};

pub(super) const ISSUER: &str = "https://idp.sekino.example/realms/sekino";
pub(super) const DISCOVERY: &str =
    "https://idp.sekino.example/realms/sekino/.well-known/openid-configuration";
pub(super) const JWKS: &str = "https://idp.sekino.example/realms/sekino/certs";
/// When the tests take place, seconds since 1970.
pub(super) const NOW: u64 = 1_800_000_100;

/// A key pair of each kind. The RSA one is kept in `testdata`, since `ring` makes none.
pub(super) struct Keys {
    rsa: RsaKeyPair,
    pub(super) rsa_public: Value,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
    random: SystemRandom,
}

impl Keys {
    pub(super) fn make() -> Self {
        let random = SystemRandom::new();
        let kept: Value = serde_json::from_str(include_str!("../../../testdata/oidc/rsa.json")).unwrap();
        let rsa = STANDARD.decode(kept["pkcs8"].as_str().unwrap()).unwrap();
        let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        Self {
            rsa: RsaKeyPair::from_pkcs8(&rsa).unwrap(),
            rsa_public: kept["public"].clone(),
            ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &random).unwrap(),
            ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap(),
            random,
        }
    }

    /// The public keys, called `rsa`, `ec` and `ed`.
    pub(super) fn public(&self) -> Vec<Value> {
        let point = self.ec.public_key().as_ref();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        vec![
            json!({"kid": "rsa", "kty": "RSA", "use": "sig", "n": self.rsa_public["n"], "e": "AQAB"}),
            json!({"kid": "ec", "kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..])}),
            json!({"kid": "ed", "kty": "OKP", "crv": "Ed25519", "x": text(self.ed.public_key().as_ref())}),
        ]
    }

    pub(super) fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let mut rsa = vec![0; self.rsa.public().modulus_len()];
        match algorithm {
            "RS256" => self.rsa.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut rsa).unwrap(),
            "PS256" => self.rsa.sign(&RSA_PSS_SHA256, &self.random, message, &mut rsa).unwrap(),
            "ES256" => return self.ec.sign(&self.random, message).unwrap().as_ref().to_vec(),
            "EdDSA" | "Ed25519" => return self.ed.sign(message).as_ref().to_vec(),
            other => panic!("{other}"),
        }
        rsa
    }

    /// A token with that header and those claims, signed as `algorithm` does, whatever the header says.
    pub(super) fn token(&self, algorithm: &str, header: &Value, claims: &Value) -> String {
        self.token_of_texts(algorithm, &header.to_string(), &claims.to_string())
    }

    pub(super) fn token_of_texts(&self, algorithm: &str, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(algorithm, signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// Claims that hold.
pub(super) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": ["account", "sekisho"], "sub": "f3a1c0de", "name": "関野 花子",
        "iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 290, "groups": ["/somu", "/somu", "/admin"],
    })
}

/// Those claims, but for some.
pub(super) fn claims_with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

/// Pages by address, and who asked for what.
#[derive(Default)]
pub(super) struct Pages {
    pages: Mutex<HashMap<String, Result<String, FetchFault>>>,
    pub(super) asked: Mutex<Vec<String>>,
}

impl Pages {
    /// The pages of an issuer with those keys.
    pub(super) fn of(keys: &[Value]) -> Arc<Self> {
        let pages = Arc::new(Self::default());
        pages.put(DISCOVERY, &json!({"issuer": ISSUER, "jwks_uri": JWKS, "other": [1]}));
        pages.put(JWKS, &json!({"keys": keys}));
        pages
    }

    pub(super) fn put(&self, url: &str, page: &Value) {
        self.answer(url, Ok(page.to_string()));
    }

    pub(super) fn answer(&self, url: &str, answer: Result<String, FetchFault>) {
        self.pages.lock().unwrap().insert(url.to_owned(), answer);
    }

    pub(super) fn times_asked(&self, url: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|one| *one == url).count()
    }
}

impl Fetch for Pages {
    fn fetch<'f>(&'f self, url: &'f str, _: usize) -> Fetched<'f> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(url.to_owned());
            // Others get their turn while the answer is on its way.
            tokio::task::yield_now().await;
            let page = self.pages.lock().unwrap().get(url).cloned();
            page.unwrap_or(Err(FetchFault::Status { status: 404 })).map(String::into_bytes)
        })
    }
}
