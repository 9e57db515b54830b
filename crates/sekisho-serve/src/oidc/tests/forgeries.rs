//! Every way around that is known to us, with the reason for which each is refused.

use std::{fmt::Write as _, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{
    issuer::{DISCOVERY, JWKS, Keys, NOW, Pages, claims},
    oidc, settings, told,
};
use crate::oidc::{KID_BYTES_MAX, Oidc, TOKEN_BYTES_MAX};

/// An issuer, and one token of it that is believed.
struct Scene {
    keys: Keys,
    pages: Arc<Pages>,
    oidc: Oidc,
    good: String,
}

impl Scene {
    fn new() -> Self {
        let keys = Keys::make();
        let mut public = keys.public();
        // What an issuer may publish and what must not be used: a secret, keys for other things, a key whose private half is
        // there too, a short key, two keys with one name.
        public.extend([
            json!({"kid": "secret", "kty": "oct", "k": "AAAA", "alg": "HS256"}),
            json!({"kid": "short", "kty": "RSA", "n": "AQAB", "e": "AQAB"}),
            json!("not a key"),
        ]);
        for (kid, member, value) in [
            ("enc", "use", json!("enc")),
            ("ops", "key_ops", json!(["encrypt"])),
            ("only-ps", "alg", json!("PS256")),
            ("only-rs512", "alg", json!("RS512")),
            ("leaked", "d", json!("AQAB")),
            ("twice", "use", json!("sig")),
            ("twice", "use", json!("sig")),
        ] {
            public.push(
                json!({"kid": kid, "kty": "RSA", "n": keys.rsa_public["n"], "e": "AQAB", member: value}),
            );
        }
        let pages = Pages::of(&public);
        let oidc = oidc(settings(), &pages);
        let good = keys.token("RS256", &json!({"alg": "RS256", "kid": "rsa"}), &claims());
        Self { keys, pages, oidc, good }
    }

    /// Signed with the RSA key of the issuer.
    fn rs(&self, header: Value) -> String {
        self.keys.token("RS256", &header, &claims())
    }

    /// The good token's header, claims and signature.
    fn parts(&self) -> [&str; 3] {
        self.good.split('.').collect::<Vec<_>>().try_into().unwrap()
    }

    fn check(&self, forged: &[(&str, String)], expected: &Expect) {
        let mut all = String::new();
        for (name, token) in forged {
            writeln!(all, "{name}: {}", told(&self.oidc, token, NOW)).unwrap();
        }
        expected.assert_eq(&all);
        assert_eq!(told(&self.oidc, &self.good, NOW), r#"f3a1c0de ["somu"]"#);
        // No token chose an address; and of all the unknown names none made us ask twice.
        assert_eq!(*self.pages.asked.lock().unwrap(), [DISCOVERY, JWKS]);
    }
}

#[test]
fn algorithms_and_keys_that_do_not_belong_together() {
    let scene = Scene::new();
    let rs = |alg: &str, kid: &str| scene.rs(json!({"alg": alg, "kid": kid}));
    let [header, body, _] = scene.parts();
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |alg: Value| format!("{}.{body}.", encode(json!({"alg": alg, "kid": "rsa"})));
    // The oldest trick: the public key as the secret of an HMAC.
    let hmac = format!("{}.{body}", encode(json!({"alg": "HS256", "kid": "rsa"})));
    let secret = scene.keys.rsa_public["n"].as_str().unwrap();
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let hmac = format!("{hmac}.{}", URL_SAFE_NO_PAD.encode(ring::hmac::sign(&secret, hmac.as_bytes())));
    let es = scene.keys.token("ES256", &json!({"alg": "ES256", "kid": "ec"}), &claims());
    let (es_signed, es_signature) = es.rsplit_once('.').unwrap();
    let zeros = format!("{es_signed}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
    let pss = scene.keys.token("PS256", &json!({"alg": "RS256", "kid": "rsa"}), &claims());
    let forged = [
        ("alg none", unsigned(json!("none"))),
        ("alg NoNe", unsigned(json!("NoNe"))),
        ("alg empty", unsigned(json!(""))),
        ("alg missing", scene.rs(json!({"kid": "rsa"}))),
        ("alg a list", unsigned(json!(["RS256"]))),
        ("signature left out", format!("{header}.{body}.")),
        ("public key as secret", hmac),
        ("HS512", rs("hs512", "secret")),
        ("RS512", rs("RS512", "rsa")),
        ("alg rs256", rs("rs256", "rsa")),
        ("key of another kind", rs("RS256", "ec")),
        ("PSS said to be PKCS1", pss),
        ("key for PS256 only", rs("RS256", "only-ps")),
        ("key for RS512 only", rs("RS256", "only-rs512")),
        ("key for encryption", rs("RS256", "enc")),
        ("key that does not verify", rs("RS256", "ops")),
        ("key whose private half is public", rs("RS256", "leaked")),
        ("short key", rs("RS256", "short")),
        ("another's signature", format!("{header}.{body}.{es_signature}")),
        ("ECDSA of zeros", zeros),
    ];
    scene.check(
        &forged,
        &expect![[r#"
            alg none: Unsigned
            alg NoNe: Unsigned
            alg empty: Unsigned
            alg missing: Unsigned
            alg a list: Malformed
            signature left out: Signature
            public key as secret: Symmetric
            HS512: Symmetric
            RS512: Algorithm
            alg rs256: Algorithm
            key of another kind: KeyUnknown
            PSS said to be PKCS1: Signature
            key for PS256 only: KeyUnknown
            key for RS512 only: KeyUnknown
            key for encryption: KeyUnknown
            key that does not verify: KeyUnknown
            key whose private half is public: KeyUnknown
            short key: KeyUnknown
            another's signature: Signature
            ECDSA of zeros: Signature
        "#]],
    );
}

#[test]
fn headers_that_choose_a_key() {
    let (scene, attacker) = (Scene::new(), Keys::make());
    let kid = |kid: Value| scene.rs(json!({"alg": "RS256", "kid": kid}));
    let with = |member: &str, value: Value| scene.rs(json!({"alg": "RS256", "kid": "rsa", member: value}));
    let by_attacker = |extra: Value| {
        let mut header = json!({"alg": "EdDSA", "kid": "ed"});
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        attacker.token("EdDSA", &header, &claims())
    };
    let forged = [
        ("two keys with one kid", kid(json!("twice"))),
        ("no kid, several keys", scene.rs(json!({"alg": "RS256"}))),
        ("kid a path", kid(json!("../../../../dev/null"))),
        ("kid SQL", kid(json!("x' UNION SELECT 'AAAA"))),
        ("kid with a NUL", kid(json!("rsa\0"))),
        ("kid empty", kid(json!(""))),
        ("kid a number", kid(json!(0))),
        ("kid without end", kid(json!("k".repeat(KID_BYTES_MAX + 1)))),
        ("another's key in jwk", by_attacker(json!({"jwk": attacker.public()[2]}))),
        ("another's keys in jku", by_attacker(json!({"jku": "https://attacker.example/keys"}))),
        ("another's in x5u, x5c", by_attacker(json!({"x5u": "https://attacker.example/c", "x5c": ["AA"]}))),
        ("crit", with("crit", json!(["exp"]))),
        ("b64", with("b64", json!(false))),
        ("zip", with("zip", json!("DEF"))),
        ("typ of a logout token", with("typ", json!("logout+jwt"))),
        ("typ a number", with("typ", json!(1))),
    ];
    scene.check(
        &forged,
        &expect![[r#"
            two keys with one kid: KeyAmbiguous
            no kid, several keys: KeyAmbiguous
            kid a path: KeyUnknown
            kid SQL: KeyUnknown
            kid with a NUL: Kid
            kid empty: Kid
            kid a number: Kid
            kid without end: Kid
            another's key in jwk: Signature
            another's keys in jku: Signature
            another's in x5u, x5c: Signature
            crit: Critical
            b64: Critical
            zip: Critical
            typ of a logout token: Type
            typ a number: Malformed
        "#]],
    );
}

#[test]
fn forms_that_two_programs_read_differently() {
    let scene = Scene::new();
    let [header, body, signature] = scene.parts();
    let good = &scene.good;
    let texts = |header: &str, body: &str| scene.keys.token_of_texts("RS256", header, body);
    let (plain, holds) = (r#"{"alg":"RS256","kid":"rsa"}"#, claims().to_string());
    let forged = [
        ("encrypted", "e30.e30.e30.e30.e30".to_owned()),
        ("two parts", format!("{header}.{body}")),
        ("four parts", format!("{good}.{signature}")),
        ("six parts", "a.b.c.d.e.f".to_owned()),
        ("padding", format!("{good}==")),
        ("a space", format!("{good} ")),
        ("other letters", format!("{header}.{body}.+/{}", &signature[2..])),
        ("header a list", texts("[]", &holds)),
        ("claims a list", texts(plain, "[]")),
        ("claim twice", texts(plain, &holds.replacen('{', r#"{"sub":"admin","#, 1))),
        ("kid twice", texts(r#"{"alg":"RS256","kid":"ec","kid":"rsa"}"#, &holds)),
        ("escaped twice", texts(r#"{"alg":"none","al\u0067":"RS256","kid":"rsa"}"#, &holds)),
        ("deep", texts(plain, &format!(r#"{{"iss":{}"#, "[".repeat(5000)))),
        ("too long", format!("{good}{}", "A".repeat(TOKEN_BYTES_MAX))),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
    ];
    scene.check(
        &forged,
        &expect![[r#"
            encrypted: Encrypted
            two parts: Malformed
            four parts: Malformed
            six parts: Malformed
            padding: Malformed
            a space: Malformed
            other letters: Malformed
            header a list: Malformed
            claims a list: Malformed
            claim twice: Malformed
            kid twice: Malformed
            escaped twice: Malformed
            deep: Malformed
            too long: TooLong { bytes_max: 16384 }
            nothing: Malformed
            dots: Malformed
        "#]],
    );
}
