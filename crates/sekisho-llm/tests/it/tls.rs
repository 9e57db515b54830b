//! TLS with a certificate authority of our own.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use sekisho_llm::{
    Provider,
    upstream::{BaseUrl, SetupFault, TlsFault, Trust, Upstream},
};
use tokio_rustls::TlsAcceptor;

use crate::server::{Server, ask, hello, outcome};

/// A certificate authority, and a server certificate of it.
fn authority(host: &str) -> (Vec<u8>, TlsAcceptor) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = params.self_signed(&key).expect("a certificate").pem().into_bytes();
    let issuer = Issuer::new(params, key);
    let server_key = KeyPair::generate().expect("a key");
    let server = CertificateParams::new(vec![host.to_owned()]).expect("a name");
    let certificate = server.signed_by(&server_key, &issuer).expect("a certificate");
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .expect("a pair");
    (pem, TlsAcceptor::from(Arc::new(config)))
}

fn upstream(server: &Server, host: &str, trust: Trust) -> Upstream {
    server.upstream_with(|settings| {
        settings.base_url = BaseUrl::parse(&format!("https://{host}:{}/v1", server.port)).expect("a URL");
        settings.plain_http = false;
        settings.retry.tries_max = 1;
        settings.trust = trust;
    })
}

#[tokio::test]
async fn a_certificate_is_believed_by_its_authority_and_name_only() {
    let (pem, acceptor) = authority("127.0.0.1");
    let (other_pem, _) = authority("127.0.0.1");
    let server = Server::start_with(vec![hello()], Some(acceptor)).await;

    let good = upstream(&server, "127.0.0.1", Trust::Pem(pem.clone()));
    assert_eq!(outcome(good.ask(ask(false))).await, "はい");
    for (host, trust) in [("127.0.0.1", Trust::Pem(other_pem)), ("localhost", Trust::Pem(pem))] {
        let told = outcome(upstream(&server, host, trust).ask(ask(false))).await;
        assert!(told.contains("Unreachable") && told.contains("was_sent: false"), "{told}");
        assert!(told.contains("certificate"), "{told}");
    }
    assert_eq!(server.asked().len(), 1, "no request, and no key, went to whoever could not prove who it is");
}

#[tokio::test]
async fn plain_http_from_a_tls_upstream_is_no_answer() {
    let (pem, _) = authority("127.0.0.1");
    let server = Server::start(vec![hello()]).await;
    let mut settings = upstream(&server, "127.0.0.1", Trust::Pem(pem)).settings().clone();
    settings.timeouts.connect = std::time::Duration::from_millis(200);
    let told = outcome(Upstream::new(settings).expect("set up").ask(ask(false))).await;
    assert_eq!(told, r#"TimedOut { provider: "up", phase: Connect }"#);
    assert!(server.asked().is_empty());
}

#[test]
fn a_file_without_certificates_is_refused() {
    let server = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = server.block_on(Server::start(vec![]));
    for text in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let mut settings = server.settings();
        settings.base_url = BaseUrl::parse("https://localhost/v1").expect("a URL");
        settings.trust = Trust::Pem(text.as_bytes().to_vec());
        assert_eq!(Upstream::new(settings).err(), Some(SetupFault::Tls(TlsFault::BadPem)));
    }
}
