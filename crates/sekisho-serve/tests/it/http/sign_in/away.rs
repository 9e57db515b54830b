//! An issuer that does not answer, or not as it should: nothing opens by that.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing::get};
use sekisho_llm::upstream::Trust;
use sekisho_serve::{
    http::{Limits, Tls, serve},
    oidc::{Fetch as _, JWKS_BYTES_MAX, Settings, Web},
};
use serde_json::json;
use tokio::{net::TcpListener, sync::watch};

use super::{
    ask, code, gate,
    issuer::{DISCOVERY, Issuer, JWKS},
};
use crate::gate::Person;

#[tokio::test]
async fn while_the_issuer_is_away_its_last_keys_hold_and_without_any_nothing_opens() {
    let issuer = Issuer::start().await;
    let gate = gate(&issuer, true, |settings| {
        (settings.refresh_s_min, settings.keys_age_s_max) = (1, 1);
    })
    .await;
    let key = gate.gate.person(Person { name: "sato", ..Person::default() });
    let token = issuer.token("kato", &["/somu"]);
    issuer.set_gone(true);
    let reply = ask(&gate, &token).await;
    assert_eq!((code(&reply).as_str(), reply.header("retry-after")), ("503 SK0518", Some("1")), "{reply:?}");
    assert!(!reply.body.contains("127.0.0.1"), "where it is, is nobody's business: {reply:?}");
    assert_eq!(gate.get("/v1/models", &token).await.status, 503);
    assert_eq!(ask(&gate, &key).await.status, 200, "keys need no issuer");
    let ready = gate.get("/readyz", "").await;
    assert_eq!((ready.status, &ready.json()["identity_provider"]), (200, &json!("unavailable")));
    assert!(gate.gate.attempts(2).contains("SK0518 reason=the discovery document was not got"));

    issuer.set_gone(false);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(ask(&gate, &token).await.status, 200);
    issuer.set_gone(true);
    let asked = issuer.times_asked(DISCOVERY);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(ask(&gate, &token).await.status, 200, "the last keys go on");
    assert!(issuer.times_asked(DISCOVERY) > asked, "it was asked");
    assert_eq!(gate.get("/readyz", "").await.json()["identity_provider"], "stale");
}

#[tokio::test]
async fn what_is_no_page_of_the_issuer_is_not_read() {
    let elsewhere = Issuer::start().await;
    let long = format!("{{\"keys\":[],\"padding\":\"{}\"}}", "x".repeat(JWKS_BYTES_MAX));
    let moved = format!("location: {}/certs\r\n", elsewhere.url());
    let other_host = json!({"issuer": "", "jwks_uri": format!("{}/certs", elsewhere.url())});
    for (path, status, headers, body) in [
        (JWKS, "302 Found", moved.as_str(), ""),
        (JWKS, "204 No Content", "", ""),
        (JWKS, "200 OK", "content-encoding: gzip\r\n", "{\"keys\":[]}"),
        (JWKS, "200 OK", "", &long),
        (DISCOVERY, "307 Temporary Redirect", &moved, ""),
        (DISCOVERY, "200 OK", "", "<html>"),
        (DISCOVERY, "200 OK", "", &other_host.to_string()),
    ] {
        let issuer = Issuer::start().await;
        let body = body.replace("\"issuer\":\"\"", &format!("\"issuer\":\"{}\"", issuer.url()));
        issuer.answer(path, status, headers, &body);
        let gate = gate(&issuer, true, |_| {}).await;
        let reply = ask(&gate, &issuer.token("kato", &["/somu"])).await;
        assert_eq!(code(&reply), "503 SK0518", "{path} {status} {reply:?}");
        assert_eq!(reply.header("retry-after"), Some("30"));
    }
    assert_eq!((elsewhere.times_asked(JWKS), elsewhere.times_asked(DISCOVERY)), (0, 0));
}

/// A page under TLS, with a certificate that nobody has signed, and that certificate.
async fn under_tls() -> (SocketAddr, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("idp.pem"), folder.path().join("idp.key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = Tls::load(&certificate, &key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/keys", get(|| async { "{\"keys\":[]}" }));
    tokio::spawn(async move {
        // Held for as long as it serves: a sender that is gone means the end.
        let (_go_on, stop) = watch::channel(false);
        serve(listener, router, Some(tls), Limits::default(), stop).await
    });
    (address, made.cert.pem().into_bytes())
}

#[tokio::test]
async fn a_certificate_authority_of_the_organisation_is_believed_where_it_is_named() {
    let (address, certificate) = under_tls().await;
    let site = format!("https://localhost:{}", address.port());
    let settings = Settings::new(site.clone(), "sekisho");
    let web = Web::new(&settings, &Trust::Pem(certificate)).unwrap();
    assert_eq!(web.fetch(&format!("{site}/keys"), 100).await.unwrap(), b"{\"keys\":[]}");
    assert!(web.fetch("https://127.0.0.1/keys", 100).await.is_err(), "only the host of the settings");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let web = Web::new(&settings, &Trust::Pem(other.cert.pem().into_bytes())).unwrap();
    let fault = web.fetch(&format!("{site}/keys"), 100).await.unwrap_err().to_string();
    assert!(fault.contains("certificate"), "{fault}");
}
