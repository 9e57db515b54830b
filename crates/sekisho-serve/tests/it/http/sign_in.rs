//! Tokens of an identity provider that listens on this machine, at a gate that listens beside it.

mod away;
mod issuer;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sekisho_llm::upstream::Trust;
use sekisho_serve::{
    SignIn, World,
    oidc::{Oidc, Settings, Web},
};
use sekisho_store::{
    Budget, BudgetSpec, ExternalId, GroupSpec, Kind, Limits as BudgetLimits, PrincipalId, PrincipalSpec,
    Subject,
};
use serde_json::{Value, json};

use super::{Listening, Reply};
use crate::gate::{Gate, Person, world};
use issuer::{DISCOVERY, Issuer, JWKS, Key, now_s, unsigned};

/// Who is in the group may ask; nobody else.
const POLICY: &str = r#"
@id("somu-asks")
permit (principal in Group::"somu", action == Action::"ask", resource);
"#;

/// A gate with that issuer, and the groups that its tokens can give.
async fn gate(issuer: &Issuer, enrols: bool, change: impl FnOnce(&mut Settings)) -> Listening {
    let gate = Gate::new();
    for group in ["somu", "johoseisaku"] {
        gate.store.add_group(&GroupSpec::new(group)).unwrap();
    }
    let mut settings = Settings::new(issuer.url(), "sekisho");
    settings.groups = BTreeMap::from([("/somu".to_owned(), "somu".to_owned())]);
    change(&mut settings);
    let web = Web::new(&settings, &Trust::System).unwrap();
    let oidc = Oidc::new(settings, &|group| group == "somu", web).unwrap();
    let sign_in = Some(Arc::new(SignIn::new(oidc, enrols)));
    gate.gateway.replace_world(World { sign_in, ..world(&gate.chonai, &gate.kokunai, POLICY, "oidc") });
    Listening::new(gate).await
}

/// Somebody whom the store knows by the issuer's word, without a group given by hand.
fn known(gate: &Listening, issuer: &Issuer, name: &str) -> PrincipalId {
    let external = Some(ExternalId { issuer: issuer.url(), subject: name.to_owned() });
    let spec = PrincipalSpec { external, ..PrincipalSpec::new(Kind::User, name) };
    gate.gate.store.add_principal(&spec).unwrap()
}

async fn ask(gate: &Listening, bearer: &str) -> Reply {
    let body = json!({ "model": "kokunai", "messages": [{ "role": "user", "content": "x" }] });
    gate.post_with("/v1/chat/completions", bearer, "x-sekisho-label: 1\r\n", &body.to_string()).await
}

fn code(reply: &Reply) -> String {
    format!("{} {}", reply.status, reply.json()["error"]["sekisho"]["code"].as_str().unwrap_or("-"))
}

fn open_of(gate: &Listening, reply: &Reply) -> Value {
    let record = gate.gate.record(reply.header("x-sekisho-record").expect("it is recorded"));
    let open = record.open.unwrap();
    json!({
        "principal": open.principal, "tenant": open.tenant, "groups": open.other["groups"],
        "issuer": open.other["issuer"], "unmapped": open.other.get("groups_unmapped"),
    })
}

#[tokio::test]
async fn a_token_comes_in_as_its_principal_with_the_groups_of_the_map() {
    let issuer = Issuer::start().await;
    let gate = gate(&issuer, false, |_| {}).await;
    known(&gate, &issuer, "kato");
    let reply = ask(&gate, &issuer.token("kato", &["/somu"])).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let url = issuer.url();
    assert_eq!(
        open_of(&gate, &reply),
        json!({"principal": "kato", "tenant": "somu", "groups": ["somu"], "issuer": url, "unmapped": null})
    );
    // Not in the group any more: at the next token, and nothing of it has stayed in the store.
    let reply = ask(&gate, &issuer.token("kato", &[])).await;
    assert_eq!(code(&reply), "403 SK0505");
    assert!(gate.gate.store.principal("kato").unwrap().groups.is_empty());
    // What is called like a group of ours, and is not in the map, gives nothing and is recorded.
    let reply = ask(&gate, &issuer.token("kato", &["somu", "johoseisaku", "/admin\u{1b}[2J"])).await;
    assert_eq!(code(&reply), "403 SK0505");
    let open = open_of(&gate, &reply);
    assert_eq!(
        (&open["groups"], &open["unmapped"]),
        (&json!([]), &json!(["somu", "johoseisaku", "/admin\u{fffd}[2J"]))
    );
    let models = gate.get("/v1/models", &issuer.token("kato", &["/somu"])).await;
    assert!(models.status == 200 && models.body.contains("kokunai"), "{models:?}");
    // Keys go on beside it.
    let key = gate.gate.person(Person { name: "sato", ..Person::default() });
    assert_eq!(ask(&gate, &key).await.status, 200);
    // All of that with one question each.
    assert_eq!((issuer.times_asked(DISCOVERY), issuer.times_asked(JWKS)), (1, 1));
}

#[tokio::test]
async fn a_token_that_does_not_hold_gets_no_reason_and_the_log_does() {
    let issuer = Issuer::start().await;
    let gate = gate(&issuer, true, |_| {}).await;
    known(&gate, &issuer, "kato");
    let good = issuer.token("kato", &["/somu"]);
    assert_eq!(ask(&gate, &good).await.status, 200);
    let changed = |changes: Value| issuer.key().token(&issuer.claims("kato", &["/somu"], changes));
    let kid = |kid: &str| {
        let header = json!({"alg": "EdDSA", "kid": kid});
        issuer.key().token_with(&header, &issuer.claims("kato", &["/somu"], json!({})))
    };
    let parts: Vec<&str> = good.split('.').collect();
    let forged = unsigned(&json!({}), &issuer.claims("kato", &["/somu", "/admin"], json!({})));
    let forged = format!("{}.{}.{}", parts[0], forged.split('.').nth(1).unwrap(), parts[2]);
    let claims = issuer.claims("kato", &["/somu"], json!({}));
    // The public key as the secret of an HMAC.
    let hmac = unsigned(&json!({"alg": "HS256", "kid": "one"}), &claims);
    let secret = issuer.key().public()["x"].as_str().unwrap().to_owned();
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(ring::hmac::sign(&secret, hmac.as_bytes()));
    for token in [
        changed(json!({"exp": now_s() - 61})),
        changed(json!({"aud": "account"})),
        changed(json!({"iss": "https://idp.attacker.example"})),
        changed(json!({"nbf": now_s() + 600})),
        changed(json!({"exp": null})),
        format!("{}.", unsigned(&json!({"alg": "none"}), &claims)),
        format!("{hmac}.{tag}"),
        kid("../../../../dev/null"),
        kid("http://127.0.0.1/keys"),
        Key::make("one").token(&claims),
        forged,
        "eyJh.eyJh.".to_owned(),
    ] {
        let reply = ask(&gate, &token).await;
        assert_eq!(code(&reply), "401 SK0504", "{reply:?}");
        assert_eq!(reply.json()["error"]["sekisho"]["reason"], Value::Null);
    }
    expect_test::expect![[r#"
        SK0504 reason=the token has expired
        SK0504 reason=the token is for somebody else
        SK0504 reason=the token is of another issuer
        SK0504 reason=the token does not hold yet
        SK0504 reason=the claim exp is missing
        SK0504 reason=the token is not signed
        SK0504 reason=the token is signed with a shared secret
        SK0504 reason=no key of the issuer fits the token
        SK0504 reason=no key of the issuer fits the token
        SK0504 reason=the signature does not hold
        SK0504 reason=the signature does not hold
        SK0504 reason=this is no signed token
    "#]]
    .assert_eq(&gate.gate.attempts(12));
    assert_eq!(gate.gate.store.principals().len(), 1, "nobody was enrolled by a forged token");
    assert_eq!((issuer.times_asked(DISCOVERY), issuer.times_asked(JWKS)), (1, 1));
}

#[tokio::test]
async fn a_flood_of_unknown_kids_does_not_reach_the_issuer() {
    let issuer = Issuer::start().await;
    let gate = gate(&issuer, false, |_| {}).await;
    for number in 0..80 {
        let header = json!({"alg": "EdDSA", "kid": format!("k{number}")});
        let token = issuer.key().token_with(&header, &issuer.claims("kato", &[], json!({})));
        assert_eq!(ask(&gate, &token).await.status, 401);
    }
    assert_eq!((issuer.times_asked(DISCOVERY), issuer.times_asked(JWKS)), (1, 1));
}

#[tokio::test]
async fn keys_change_at_the_issuer() {
    let issuer = Issuer::start().await;
    let gate = gate(&issuer, false, |settings| settings.refresh_s_min = 1).await;
    known(&gate, &issuer, "kato");
    assert_eq!(ask(&gate, &issuer.token("kato", &["/somu"])).await.status, 200);
    let new = Key::make("two");
    issuer.publish(&[issuer.key().public(), new.public()]);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let token = new.token(&issuer.claims("kato", &["/somu"], json!({})));
    assert_eq!(ask(&gate, &token).await.status, 200);
    // The old one is withdrawn. It is forgotten when the new set is read, which any unknown name brings about.
    issuer.publish(&[new.public()]);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let unknown = Key::make("three").token(&issuer.claims("kato", &["/somu"], json!({})));
    assert_eq!(ask(&gate, &unknown).await.status, 401);
    assert_eq!(ask(&gate, &issuer.token("kato", &["/somu"])).await.status, 401);
    assert_eq!(ask(&gate, &token).await.status, 200);
}

#[tokio::test]
async fn who_is_not_registered_stays_out_unless_the_settings_say_otherwise() {
    let issuer = Issuer::start().await;
    let strict = gate(&issuer, false, |_| {}).await;
    let reply = ask(&strict, &issuer.token("kato", &["/somu"])).await;
    assert_eq!(code(&reply), "403 SK0517");
    assert_eq!(reply.json()["error"]["sekisho"]["subject"], "kato");
    let noted = strict.gate.attempts(1);
    assert!(noted.starts_with("SK0517 reason=not_enrolled subject=kato issuer=http://127.0.0.1"), "{noted}");
    assert!(strict.gate.store.principals().is_empty());

    let open = gate(&issuer, true, |_| {}).await;
    open.gate.person(Person { name: "sato", ..Person::default() });
    let token = issuer.token("kato", &["/somu"]);
    let (one, two) = tokio::join!(ask(&open, &token), ask(&open, &token));
    assert_eq!((one.status, two.status), (200, 200));
    let kato = open.gate.store.principal("kato").unwrap();
    assert_eq!((kato.display_name.as_str(), kato.groups.len()), ("関野 花子", 0));
    assert_eq!(open.gate.store.principals().len(), 2);
    let mut seen = String::new();
    for (subject, groups, changes) in [
        ("ito", &["/other"][..], json!({})),
        ("ito", &["/somu"], json!({"preferred_username": "sato"})),
        ("ito", &["/somu"], json!({"preferred_username": "KATO"})),
        ("ito", &["/somu"], json!({"preferred_username": "a b"})),
        ("ito", &["/somu"], json!({"preferred_username": null})),
        ("ito", &["/somu"], json!({"preferred_username": ["ito"]})),
    ] {
        let reply = ask(&open, &issuer.key().token(&issuer.claims(subject, groups, changes))).await;
        seen += &format!("{} {}\n", code(&reply), reply.json()["error"]["sekisho"]["reason"]);
    }
    expect_test::expect![[r#"
        403 SK0517 "no_group"
        403 SK0517 "name_taken"
        403 SK0517 "name_taken"
        403 SK0517 "no_name"
        403 SK0517 "no_name"
        403 SK0517 "no_name"
    "#]]
    .assert_eq(&seen);
    assert_eq!(open.gate.store.principals().len(), 2);
}

#[tokio::test]
async fn who_is_disabled_stays_out_and_budgets_hold_as_for_keys() {
    let issuer = Issuer::start().await;
    let gate = gate(&issuer, false, |_| {}).await;
    let kato = known(&gate, &issuer, "kato");
    let token = issuer.token("kato", &["/somu"]);
    assert_eq!(ask(&gate, &token).await.status, 200);
    let store = &gate.gate.store;
    store.set_disabled(kato, true).unwrap();
    assert_eq!(code(&ask(&gate, &token).await), "401 SK0504");
    assert!(gate.gate.attempts(1).contains("reason=the principal is disabled principal=kato"));
    store.set_disabled(kato, false).unwrap();
    // The budget of a group in which only the token puts somebody.
    let somu = Subject::Group(store.group("somu").unwrap().id);
    let limits = BudgetLimits { tokens_max: Some(10), micro_yen_max: None };
    store.set_budget(&BudgetSpec { budget: Budget { subject: somu, month: None }, limits }).unwrap();
    assert_eq!(code(&ask(&gate, &token).await), "429 SK0510");
}
