//! What it costs to judge who may do what, and to verify a bearer token.
//!
//! `cargo xtask bench gate_access -- [ROUNDS]`: the policy of the sample city, tokens of 2048 to 3072 bits (RSA) and of
//! P-256 and Ed25519 signed by another program, one thread. "judged" and "verified" are the first time, "remembered" every
//! further one.
#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    future::Future,
    hint::black_box,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Instant,
};

use sekisho_guard::Scheme;
use sekisho_serve::{
    Place,
    access::{Access, Ask, Deed, Kind, Model, PrincipalKind, Question, Vocabulary},
    oidc::{Fetch, FetchFault, Fetched, Oidc, Settings},
};

const POLICY: &str = include_str!("../../../data/sample/gate/access.cedar");
const TOKENS: &str = include_str!("../../../crates/sekisho-serve/testdata/oidc/tokens.json");
const JWKS: &str = include_str!("../../../crates/sekisho-serve/testdata/oidc/jwks.json");
/// The tokens hold then, seconds since 1970.
const NOW_S: u64 = 1_800_000_100;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: u32 = std::env::args().nth(1).map_or(Ok(20_000), |text| text.parse())?;
    println!("{rounds} rounds of each, one thread");
    access(rounds)?;
    tokens(rounds)
}

fn line(name: &str, rounds: u32, mut one: impl FnMut(u32)) {
    one(0);
    let start = Instant::now();
    (1..=rounds).for_each(&mut one);
    println!("{name:<34} {:>9.0} ns", start.elapsed().as_nanos() as f64 / f64::from(rounds));
}

fn access(rounds: u32) -> Result<(), Box<dyn Error>> {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let model = |name: &str, place| Model { name: name.to_owned(), places: vec![place] };
    let vocabulary = Vocabulary {
        groups: words(&["johoseisaku", "somu", "fukushi", "kansa", "koho", "vendor"]),
        models: vec![
            model("chonai", Place::OnPrem),
            model("embedding", Place::OnPrem),
            model("kokunai", Place::Domestic),
        ],
        purposes: Vec::new(),
        scheme: Scheme::built_in().remove(0),
    };
    let before = resident_kib();
    let start = Instant::now();
    let access = Access::parse(POLICY, &vocabulary).map_err(|problems| format!("{problems:?}"))?;
    println!("{:<34} {:>9.1} ms", "policy read and validated", start.elapsed().as_secs_f64() * 1e3);
    println!("{:<34} {:>9} KiB", "resident memory for it", resident_kib().saturating_sub(before));
    let label = vocabulary.scheme.labels().nth(1).ok_or("a scheme has two labels")?;
    let groups = words(&["somu"]);
    let ask = |purpose: &str| {
        let ask = Ask {
            model: "kokunai",
            kind: Kind::Chat,
            purpose: Some(purpose),
            template: None,
            label: &label,
            tools: &["search", "calculate"],
            has_images: false,
        };
        let principal_kind = PrincipalKind::Person;
        let question = Question { principal: "sato", principal_kind, groups: &groups, deed: Deed::Ask(ask) };
        assert!(black_box(access.decide(&question)).allowed);
    };
    line("decide, judged", rounds, |round| ask(&format!("業務 {round}")));
    line("decide, remembered", rounds, |_| ask("議事録要約"));
    println!("{:<34} {:>9} KiB", "resident memory after", resident_kib().saturating_sub(before));
    Ok(())
}

fn tokens(rounds: u32) -> Result<(), Box<dyn Error>> {
    let tokens: BTreeMap<String, String> = serde_json::from_str(TOKENS)?;
    for (algorithm, token) in tokens {
        let mut settings = Settings::new("https://idp.sekino.example", "sekisho");
        settings.jwks_url = Some("https://idp.sekino.example/keys".to_owned());
        // One for each round, since each remembers.
        let fresh = || {
            let oidc = Oidc::new(settings.clone(), &|_| true, Arc::new(Published)).expect("they are fixed");
            ready(oidc.prepare(NOW_S)).expect("the keys are fixed");
            oidc
        };
        let few = (rounds / 20).max(1);
        let all: Vec<_> = (0..=few).map(|_| fresh()).collect();
        let verify = |oidc: &Oidc| assert!(black_box(ready(oidc.verify(&token, NOW_S))).is_ok());
        line(&format!("{algorithm}, verified"), few, |round| verify(&all[round as usize]));
        line(&format!("{algorithm}, remembered"), rounds, |_| verify(&all[0]));
    }
    Ok(())
}

/// The keys, at once.
struct Published;

impl Fetch for Published {
    fn fetch<'f>(&'f self, _: &'f str, _: usize) -> Fetched<'f> {
        Box::pin(std::future::ready(Ok::<_, FetchFault>(JWKS.as_bytes().to_vec())))
    }
}

/// What a future gives that has nothing to wait for.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the keys are there at once"),
    }
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}
