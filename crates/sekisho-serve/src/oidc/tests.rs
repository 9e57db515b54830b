mod forgeries;
mod issuer;

use std::{
    fmt::Write as _,
    task::{Context, Waker},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use issuer::{DISCOVERY, ISSUER, JWKS, Keys, NOW, Pages, claims, claims_with};

fn settings() -> Settings {
    let groups = [("/somu", "somu"), ("/johoseisaku", "johoseisaku"), ("nested", "koho")];
    let groups = groups.map(|(value, group)| (value.to_owned(), group.to_owned()));
    Settings { groups: groups.into(), ..Settings::new(ISSUER, "sekisho") }
}

fn oidc(settings: Settings, pages: &Arc<Pages>) -> Oidc {
    Oidc::new(settings, &|_| true, Arc::clone(pages) as Arc<dyn Fetch>).unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// What becomes of a token, in a line.
fn told(oidc: &Oidc, token: &str, now_s: u64) -> String {
    match wait(oidc.verify(token, now_s)) {
        Ok(identity) => format!("{} {:?}", identity.subject, identity.groups),
        Err(Refusal::Keys(fault)) => format!("{:?}", Refusal::Keys(fault)),
        Err(refusal) => format!("{refusal:?}"),
    }
}

#[test]
fn tokens_signed_by_another_program() {
    let tokens: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../../testdata/oidc/tokens.json")).unwrap();
    let pages = Arc::new(Pages::default());
    let url = "https://idp.sekino.example/keys";
    pages.answer(url, Ok(include_str!("../../testdata/oidc/jwks.json").to_owned()));
    let settings = Settings {
        issuer: "https://idp.sekino.example".to_owned(),
        jwks_url: Some(url.to_owned()),
        ..settings()
    };
    let oidc = oidc(settings, &pages);
    assert_eq!(tokens.len(), 4);
    for (algorithm, token) in tokens {
        let identity =
            wait(oidc.verify(&token, NOW)).unwrap_or_else(|refusal| panic!("{algorithm}: {refusal}"));
        assert_eq!((&*identity.issuer, &*identity.subject), ("https://idp.sekino.example", "f3a1c0de"));
        assert_eq!(identity.name.as_deref(), Some("関野 花子"));
        assert_eq!((&identity.groups[..], identity.expires_s), (&["somu".to_owned()][..], 1_800_000_300));
        assert_eq!(told(&oidc, &token, 1_800_000_300 + 60), "Expired", "{algorithm}");
        assert!(looks_like_token(&token));
    }
    assert_eq!(*pages.asked.lock().unwrap(), [url]);
}

#[test]
fn a_token_of_each_algorithm() {
    let keys = Keys::make();
    let pages = Pages::of(&keys.public());
    let believing = oidc(settings(), &pages);
    for (algorithm, kid) in
        [("RS256", "rsa"), ("PS256", "rsa"), ("ES256", "ec"), ("EdDSA", "ed"), ("Ed25519", "ed")]
    {
        let token = keys.token(algorithm, &json!({"alg": algorithm, "kid": kid, "typ": "at+JWT"}), &claims());
        assert_eq!(told(&believing, &token, NOW), r#"f3a1c0de ["somu"]"#, "{algorithm}");
        let name = Algorithm::parse(algorithm).unwrap();
        let algorithms = default_algorithms().into_iter().filter(|one| *one != name).collect();
        let strict = oidc(Settings { algorithms, ..settings() }, &pages);
        assert_eq!(told(&strict, &token, NOW), "Algorithm");
    }
}

#[test]
fn claims_that_do_not_hold() {
    let keys = Keys::make();
    let oidc = oidc(settings(), &Pages::of(&keys.public()));
    let changes = [
        json!({"iss": null}),
        json!({"iss": format!("{ISSUER}/")}),
        json!({"iss": [ISSUER]}),
        json!({"aud": null}),
        json!({"aud": "account"}),
        json!({"aud": "sekisho"}),
        json!({"aud": []}),
        json!({"aud": ["sekisho", 1]}),
        json!({"aud": "sekisho-test"}),
        json!({"exp": null}),
        json!({"exp": "1800000300"}),
        json!({"exp": -1}),
        json!({"exp": NOW - 60}),
        json!({"exp": NOW - 59}),
        json!({"exp": NOW as f64 - 59.5}),
        json!({"exp": NOW + 60 + 24 * 60 * 60 + 1}),
        json!({"exp": u64::MAX}),
        json!({"exp": 1e300}),
        json!({"nbf": NOW + 60}),
        json!({"nbf": NOW + 61}),
        json!({"nbf": true}),
        json!({"iat": NOW + 61}),
        json!({"iat": null, "nbf": null}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 1}),
        json!({"sub": "a\nb"}),
        json!({"sub": "s".repeat(SUBJECT_BYTES_MAX + 1)}),
        json!({"groups": null}),
        json!({"groups": "/johoseisaku"}),
        json!({"groups": "johoseisaku"}),
        json!({"groups": ["admin", "somu", "/somu/kakari", "/SOMU"]}),
        json!({"groups": ["/somu", 1]}),
        json!({"groups": {"/somu": true}}),
        json!({"groups": vec!["/somu"; GROUPS_MAX]}),
        json!({"groups": vec!["/somu"; GROUPS_MAX + 1]}),
    ];
    let mut all = String::new();
    for change in changes {
        let token = keys.token("EdDSA", &json!({"alg": "EdDSA", "kid": "ed"}), &claims_with(change.clone()));
        let mut change = change.to_string();
        change.truncate(60);
        writeln!(all, "{change}: {}", told(&oidc, &token, NOW)).unwrap();
    }
    expect![[r#"
        {"iss":null}: Issuer
        {"iss":"https://idp.sekino.example/realms/sekino/"}: Issuer
        {"iss":["https://idp.sekino.example/realms/sekino"]}: Claim { name: "iss" }
        {"aud":null}: Missing { name: "aud" }
        {"aud":"account"}: Audience
        {"aud":"sekisho"}: f3a1c0de ["somu"]
        {"aud":[]}: Audience
        {"aud":["sekisho",1]}: Claim { name: "aud" }
        {"aud":"sekisho-test"}: Audience
        {"exp":null}: Missing { name: "exp" }
        {"exp":"1800000300"}: Claim { name: "exp" }
        {"exp":-1}: Claim { name: "exp" }
        {"exp":1800000040}: Expired
        {"exp":1800000041}: f3a1c0de ["somu"]
        {"exp":1800000040.5}: Expired
        {"exp":1800086561}: LivesTooLong
        {"exp":18446744073709551615}: LivesTooLong
        {"exp":1e+300}: LivesTooLong
        {"nbf":1800000160}: f3a1c0de ["somu"]
        {"nbf":1800000161}: NotYet
        {"nbf":true}: Claim { name: "nbf" }
        {"iat":1800000161}: Future
        {"iat":null,"nbf":null}: f3a1c0de ["somu"]
        {"sub":null}: Missing { name: "sub" }
        {"sub":""}: Claim { name: "sub" }
        {"sub":1}: Claim { name: "sub" }
        {"sub":"a\nb"}: Claim { name: "sub" }
        {"sub":"ssssssssssssssssssssssssssssssssssssssssssssssssssss: Claim { name: "sub" }
        {"groups":null}: f3a1c0de []
        {"groups":"/johoseisaku"}: f3a1c0de ["johoseisaku"]
        {"groups":"johoseisaku"}: f3a1c0de []
        {"groups":["admin","somu","/somu/kakari","/SOMU"]}: f3a1c0de []
        {"groups":["/somu",1]}: Claim { name: "groups" }
        {"groups":{"/somu":true}}: Claim { name: "groups" }
        {"groups":["/somu","/somu","/somu","/somu","/somu","/somu",": f3a1c0de ["somu"]
        {"groups":["/somu","/somu","/somu","/somu","/somu","/somu",": Claim { name: "groups" }
    "#]]
    .assert_eq(&all);

    let name = |name: &str| {
        let token =
            keys.token("EdDSA", &json!({"alg": "EdDSA", "kid": "ed"}), &claims_with(json!({"name": name})));
        wait(oidc.verify(&token, NOW)).unwrap().name.clone()
    };
    assert_eq!(name("関野 花子").as_deref(), Some("関野 花子"));
    assert_eq!(
        (name(""), name("a\u{202e}b"), name("a\u{1b}[2J"), name(&"名".repeat(201))),
        (None, None, None, None)
    );
}

#[test]
fn groups_may_stand_deeper() {
    let keys = Keys::make();
    let path = ["realm_access", "roles"].map(str::to_owned).to_vec();
    let oidc = oidc(Settings { groups_claim: path, ..settings() }, &Pages::of(&keys.public()));
    for (roles, expected) in [
        (json!({"roles": ["nested", "x"]}), r#"f3a1c0de ["koho"]"#),
        (json!({}), "f3a1c0de []"),
        (json!("roles"), "f3a1c0de []"),
        (json!({"roles": 1}), r#"Claim { name: "realm_access.roles" }"#),
    ] {
        let claims = claims_with(json!({"realm_access": roles}));
        let token = keys.token("EdDSA", &json!({"alg": "EdDSA", "kid": "ed"}), &claims);
        assert_eq!(told(&oidc, &token, NOW), expected);
    }
}

#[test]
fn keys_change() {
    let (old, new) = (Keys::make(), Keys::make());
    let renamed = |keys: &Keys, kid: &str| {
        let mut key = keys.public().remove(2);
        key["kid"] = json!(kid);
        key
    };
    let pages = Pages::of(&[renamed(&old, "1")]);
    let oidc = oidc(settings(), &pages);
    let token = |keys: &Keys, kid: &str| {
        let claims = claims_with(json!({"exp": NOW + 80_000}));
        keys.token("EdDSA", &json!({"alg": "EdDSA", "kid": kid}), &claims)
    };
    let (one, two) = (token(&old, "1"), token(&new, "2"));
    let good = r#"f3a1c0de ["somu"]"#;
    assert_eq!(told(&oidc, &one, NOW), good);
    // The new key is published; the first token that it signed brings it in, but not too soon after the last question.
    pages.put(JWKS, &json!({"keys": [renamed(&old, "1"), renamed(&new, "2")]}));
    assert_eq!(told(&oidc, &two, NOW + 29), "KeyUnknown");
    assert_eq!(pages.times_asked(JWKS), 1);
    assert_eq!(told(&oidc, &two, NOW + 30), good);
    assert_eq!(pages.times_asked(JWKS), 2);
    // The old one is withdrawn: believed until the keys are an hour old, remembered or not.
    pages.put(JWKS, &json!({"keys": [renamed(&new, "2")]}));
    assert_eq!(told(&oidc, &one, NOW + 30 + 3600), good);
    assert_eq!(told(&oidc, &one, NOW + 30 + 3601), "KeyUnknown");
    assert_eq!(told(&oidc, &two, NOW + 30 + 3601), good);
    // Another key under a name that is known: what the former one signed does not hold any more.
    pages.put(JWKS, &json!({"keys": [renamed(&old, "2")]}));
    assert_eq!(told(&oidc, &two, NOW + 2 * 3601 + 31), "Signature");
    // The issuer is gone: its last keys hold for a day, and it is not asked with every token.
    pages.answer(JWKS, Err(FetchFault::Unreachable { detail: "refused".to_owned() }));
    let token = token(&old, "2");
    let asked = pages.times_asked(JWKS);
    for later in [20_000, 20_010, 20_020, 20_029] {
        assert_eq!(told(&oidc, &token, NOW + later), good);
    }
    assert_eq!(pages.times_asked(JWKS), asked + 1);
    let last = told(&oidc, &token, NOW + 2 * 3601 + 31 + 24 * 3600 + 1);
    assert_eq!(last, r#"Keys(Fetch(Unreachable { detail: "refused" }))"#);
}

#[test]
fn an_issuer_that_cannot_be_believed() {
    let keys = Keys::make();
    let token = keys.token("EdDSA", &json!({"alg": "EdDSA", "kid": "ed"}), &claims());
    let many = vec![json!({}); KEYS_MAX + 1];
    let page = |value: Value| Ok(value.to_string());
    let discovery = |uri: &str| (DISCOVERY, page(json!({"issuer": ISSUER, "jwks_uri": uri})));
    let mut all = String::new();
    for (url, answer) in [
        (DISCOVERY, Err(FetchFault::Status { status: 302 })),
        (DISCOVERY, Ok("<html>".to_owned())),
        (DISCOVERY, Ok(" ".repeat(DISCOVERY_BYTES_MAX + 1))),
        (DISCOVERY, page(json!({"issuer": format!("{ISSUER}/"), "jwks_uri": JWKS}))),
        discovery("https://attacker.example/certs"),
        discovery("https://idp.sekino.example:8443/certs"),
        discovery("https://idp.sekino.example@attacker.example/certs"),
        discovery("https://idp.sekino.example\\@attacker.example/certs"),
        discovery("http://idp.sekino.example/certs"),
        discovery("file:///etc/passwd"),
        discovery("https://IDP.sekino.example:443/realms/../certs"),
        (JWKS, Err(FetchFault::TooLong { bytes_max: JWKS_BYTES_MAX })),
        (JWKS, Ok("[]".to_owned())),
        (JWKS, page(json!({"keys": {}}))),
        (JWKS, page(json!({"keys": many}))),
        (JWKS, page(json!({"keys": []}))),
    ] {
        let pages = Pages::of(&keys.public());
        pages.answer(url, answer);
        let oidc = oidc(settings(), &pages);
        let first = told(&oidc, &token, NOW);
        // Too soon to ask again: the same fault.
        assert_eq!(told(&oidc, &token, NOW + 1), first);
        writeln!(all, "{first} after {} questions", pages.asked.lock().unwrap().len()).unwrap();
    }
    expect![[r#"
        Keys(Discovery(Status { status: 302 })) after 1 questions
        Keys(DiscoveryMalformed) after 1 questions
        Keys(DiscoveryMalformed) after 1 questions
        Keys(DiscoveryIssuer) after 1 questions
        Keys(Elsewhere) after 1 questions
        Keys(Elsewhere) after 1 questions
        Keys(Elsewhere) after 1 questions
        Keys(Elsewhere) after 1 questions
        Keys(Elsewhere) after 1 questions
        Keys(Elsewhere) after 1 questions
        Keys(Fetch(Status { status: 404 })) after 2 questions
        Keys(Fetch(TooLong { bytes_max: 262144 })) after 2 questions
        Keys(Malformed) after 2 questions
        Keys(Malformed) after 2 questions
        Keys(TooMany { max: 64 }) after 2 questions
        KeyUnknown after 2 questions
    "#]]
    .assert_eq(&all);
}

#[test]
fn all_who_wait_are_served_by_one_answer() {
    let keys = Keys::make();
    let pages = Pages::of(&keys.public());
    let oidc = Arc::new(oidc(settings(), &pages));
    let token = keys.token("ES256", &json!({"alg": "ES256", "kid": "ec"}), &claims());
    wait(async {
        let verify = || {
            let (oidc, token) = (Arc::clone(&oidc), token.clone());
            tokio::spawn(async move { oidc.verify(&token, NOW).await.is_ok() })
        };
        let all: Vec<_> = (0..20).map(|_| verify()).collect();
        for one in all {
            assert!(one.await.unwrap());
        }
    });
    assert_eq!(*pages.asked.lock().unwrap(), [DISCOVERY, JWKS]);
    // A stranger's token asks nobody.
    let pages = Pages::of(&keys.public());
    let other = keys.token(
        "ES256",
        &json!({"alg": "ES256", "kid": "x"}),
        &claims_with(json!({"iss": "https://x.example"})),
    );
    assert_eq!(told(&self::oidc(settings(), &pages), &other, NOW), "Issuer");
    assert!(pages.asked.lock().unwrap().is_empty());
    assert_eq!(wait(oidc.prepare(NOW)), Ok(3));
}

#[test]
fn who_goes_away_keeps_nobody_out() {
    let keys = Keys::make();
    let pages = Pages::of(&keys.public());
    let oidc = oidc(settings(), &pages);
    let token = keys.token("EdDSA", &json!({"alg": "EdDSA", "kid": "ed"}), &claims());
    let go_away = || {
        let mut asking = Box::pin(oidc.verify(&token, NOW));
        let mut context = Context::from_waker(Waker::noop());
        assert!(asking.as_mut().poll(&mut context).is_pending());
    };
    go_away();
    go_away();
    assert_eq!(told(&oidc, &token, NOW), r#"f3a1c0de ["somu"]"#);

    let pages = Pages::of(&keys.public());
    let oidc = self::oidc(settings(), &pages);
    for _ in 0..3 {
        let mut asking = Box::pin(oidc.verify(&token, NOW));
        assert!(asking.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(told(&oidc, &token, NOW + 29), "Keys(TooSoon)");
    assert_eq!(told(&oidc, &token, NOW + 30), r#"f3a1c0de ["somu"]"#);
}

#[test]
fn settings_that_cannot_be_used() {
    let written = json!({
        "issuer": "http://idp.sekino.example", "audiences": [], "algorithms": [], "leeway_s": 301,
        "subject_claim": "", "groups_claim": [], "groups": {"/soumu": "soumu", "/somu": "somu"},
        "jwks_url": "https://u:p@idp.sekino.example/",
    });
    let settings: Settings = serde_json::from_value(written).unwrap();
    let mut all = String::new();
    for problem in settings.problems(&|group| group == "somu") {
        writeln!(all, "{problem:?}").unwrap();
    }
    expect![[r#"
        BadUrl { field: "issuer", url: "http://idp.sekino.example" }
        BadUrl { field: "jwks_url", url: "https://u:p@idp.sekino.example/" }
        Empty { field: "audiences" }
        Empty { field: "algorithms" }
        Empty { field: "subject_claim" }
        Empty { field: "groups_claim" }
        TooLong { field: "leeway_s", seconds_max: 300 }
        UnknownGroup { value: "/soumu", group: "soumu" }
    "#]]
    .assert_eq(&all);
    let least: Settings =
        serde_json::from_value(json!({"issuer": ISSUER, "audiences": ["sekisho"]})).unwrap();
    assert_eq!(least, Settings::new(ISSUER, "sekisho"));
    for algorithm in ["HS256", "none", "RS1", "rs256"] {
        let written = json!({"issuer": ISSUER, "audiences": ["a"], "algorithms": [algorithm]});
        assert!(serde_json::from_value::<Settings>(written).is_err(), "{algorithm}");
    }
    for (url, expected) in [
        ("https://a.example", Some("https://a.example:443")),
        ("https://A.example:8443/x", Some("https://a.example:8443")),
        ("http://127.0.0.1:8080/x", Some("http://127.0.0.1:8080")),
        ("http://[::1]:80", Some("http://[::1]:80")),
        ("https://[::1]/x", Some("https://[::1]:443")),
        ("http://localhost.attacker.example", None),
        ("http://127.0.0.1.attacker.example/", None),
        ("https://", None),
        ("https://:443", None),
        ("https://a.example:0x50", None),
        ("https://a.example/?q", None),
        ("https://a.example/#f", None),
        ("https://a.example/関", None),
        ("HTTPS://a.example", None),
        ("ftp://a.example", None),
    ] {
        assert_eq!(provider::origin(url).as_deref(), expected, "{url}");
    }
}

#[test]
fn a_key_of_ours_is_no_token() {
    for bearer in ["sk-sekisho-0123456789abcdef", "", "a.b.c", "eyJhbGciOiJIUzI1NiJ9"] {
        assert!(!looks_like_token(bearer));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_token_that_was_touched_never_verifies(
        algorithm in 0..4usize, at in any::<prop::sample::Index>(), cut in 0..3usize, put in "[ -~]{0,3}",
    ) {
        let keys = Keys::make();
        let oidc = oidc(settings(), &Pages::of(&keys.public()));
        let (algorithm, kid) = [("RS256", "rsa"), ("PS256", "rsa"), ("ES256", "ec"), ("EdDSA", "ed")][algorithm];
        let token = keys.token(algorithm, &json!({"alg": algorithm, "kid": kid}), &claims());
        prop_assert!(wait(oidc.verify(&token, NOW)).is_ok());
        let start = at.index(token.len());
        let end = (start + cut).min(token.len());
        let touched = format!("{}{put}{}", &token[..start], &token[end..]);
        prop_assert!(touched == token || wait(oidc.verify(&touched, NOW)).is_err());
    }

    #[test]
    fn nothing_is_too_odd_to_read(
        header in ".{0,60}", claims in any::<Vec<u8>>(), signature in any::<Vec<u8>>(), page in ".{0,60}", raw in ".{0,200}",
    ) {
        let keys = Keys::make();
        let pages = Pages::of(&keys.public());
        let oidc = oidc(settings(), &pages);
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        for header in [header.as_str(), r#"{"alg":"RS256","kid":"rsa"}"#] {
            let token = format!("{}.{}.{}", part(header.as_bytes()), part(&claims), part(&signature));
            prop_assert!(wait(oidc.verify(&token, NOW)).is_err());
        }
        prop_assert!(wait(oidc.verify(&raw, NOW)).is_err());
        pages.answer(JWKS, Ok(page));
        let token = keys.token("EdDSA", &json!({"alg": "EdDSA", "kid": "ed"}), &issuer::claims());
        prop_assert!(wait(oidc.verify(&token, NOW)).is_err());
    }
}
