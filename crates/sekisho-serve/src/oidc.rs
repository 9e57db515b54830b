//! Who somebody is by the word of an identity provider (OpenID Connect): bearer tokens, verified here.
//!
//! A token is believed when one key that the issuer publishes today has signed it, with an algorithm that the settings
//! allow, for one of our audiences, and its time is now. Nothing in a token chooses where keys come from: `jwk`, `jku`,
//! `x5u` and `x5c` are not looked at, and only the issuer in the settings is ever asked. Algorithms with a shared secret
//! are not implemented at all, so that a public key cannot be taken for a secret.
//!
//! Whoever builds an [`Oidc`] gives it a [`Fetch`]: [`Web`] for a real issuer. Time is an argument.

mod claims;
mod json;
mod keys;
mod provider;
mod recall;
mod token;
mod web;

use std::{collections::BTreeMap, fmt, future::Future, pin::Pin, sync::Arc};

use serde::{Deserialize, Serialize};

use provider::Provider;
use recall::Recall;
use token::Token;
pub use web::Web;

/// A longer token is not looked at. Those of Entra with 200 groups have some 8 kB.
pub const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Most bytes of a discovery document.
pub const DISCOVERY_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of a set of keys.
pub const JWKS_BYTES_MAX: usize = 256 * 1024;
/// Most keys of an issuer.
pub const KEYS_MAX: usize = 64;
/// Most bytes of a `kid`.
pub const KID_BYTES_MAX: usize = 256;
/// Most bytes of a subject.
pub const SUBJECT_BYTES_MAX: usize = 256;
/// Most values of the groups claim.
pub const GROUPS_MAX: usize = 1024;
/// Most values of the groups claim without a group of ours that are named to whoever reads the record.
pub const UNMAPPED_MAX: usize = 8;
/// Most bytes of each of them.
pub const UNMAPPED_BYTES_MAX: usize = 64;
/// Clocks that differ by more are to be set right, not allowed for.
pub const LEEWAY_S_MAX: u64 = 300;

/// What is to be known of an identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The issuer, exactly as it stands in tokens (`iss`).
    pub issuer: String,
    /// Ours: one of them must stand in a token (`aud`).
    pub audiences: Vec<String>,
    /// The algorithms that are believed.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<Algorithm>,
    /// The types of tokens (`typ`) that are taken, in any case and with or without `application/`; a token without one
    /// is taken too.
    #[serde(default = "default_types")]
    pub types: Vec<String>,
    /// How far clocks may differ, seconds.
    #[serde(default = "default_leeway_s")]
    pub leeway_s: u64,
    /// A token that lives longer from now is refused, seconds: nobody could take it back.
    #[serde(default = "default_lifetime_s_max")]
    pub lifetime_s_max: u64,
    /// The claim that names the principal for good.
    #[serde(default = "default_subject_claim")]
    pub subject_claim: String,
    /// The claim with the name under which somebody is enrolled who is not in the store yet.
    #[serde(default = "default_username_claim")]
    pub username_claim: String,
    /// The claim with the name to show.
    #[serde(default = "default_name_claim")]
    pub name_claim: String,
    /// Where the groups stand in a token, member by member: `["groups"]`, `["realm_access", "roles"]`.
    #[serde(default = "default_groups_claim")]
    pub groups_claim: Vec<String>,
    /// From a value of that claim to a group of ours. A value that does not stand here gives nothing.
    #[serde(default)]
    pub groups: BTreeMap<String, String>,
    /// Where the keys are, if not where the issuer's discovery says. Needed when they are on another host than the issuer.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The issuer is asked again no sooner than this, whatever tokens arrive, seconds.
    #[serde(default = "default_refresh_s_min")]
    pub refresh_s_min: u64,
    /// Keys are asked for again when they are older, seconds: so a key that was withdrawn is no longer believed.
    #[serde(default = "default_keys_age_s_max")]
    pub keys_age_s_max: u64,
    /// While the issuer does not answer, keys are believed up to this age, seconds.
    #[serde(default = "default_keys_stale_s_max")]
    pub keys_stale_s_max: u64,
}

fn default_algorithms() -> Vec<Algorithm> {
    vec![Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa]
}

fn default_types() -> Vec<String> {
    vec!["JWT".to_owned(), "at+jwt".to_owned()]
}

fn default_leeway_s() -> u64 {
    60
}

fn default_lifetime_s_max() -> u64 {
    24 * 60 * 60
}

fn default_subject_claim() -> String {
    "sub".to_owned()
}

fn default_username_claim() -> String {
    "preferred_username".to_owned()
}

fn default_name_claim() -> String {
    "name".to_owned()
}

fn default_groups_claim() -> Vec<String> {
    vec!["groups".to_owned()]
}

fn default_refresh_s_min() -> u64 {
    30
}

fn default_keys_age_s_max() -> u64 {
    60 * 60
}

fn default_keys_stale_s_max() -> u64 {
    24 * 60 * 60
}

/// An algorithm of signatures. All of them have a public key: there is no other kind here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSA with PKCS #1 v1.5 and SHA-256, of 2048 bits or more.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSA with PSS and SHA-256, of 2048 bits or more.
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// The algorithm of that name, as tokens and keys write it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// Something wrong in the settings of an identity provider. The edge puts it into words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum SettingsProblem {
    /// Not an address that can be asked: `https`, or `http` on this machine, without user, query and fragment.
    BadUrl { field: &'static str, url: String },
    /// A list or text that says nothing.
    Empty { field: &'static str },
    /// More seconds than are sensible.
    TooLong { field: &'static str, seconds_max: u64 },
    /// A group that does not exist: its policies would never match.
    UnknownGroup { value: String, group: String },
}

impl Settings {
    /// The usual settings for an issuer and one audience.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: vec![audience.into()],
            algorithms: default_algorithms(),
            types: default_types(),
            leeway_s: default_leeway_s(),
            lifetime_s_max: default_lifetime_s_max(),
            subject_claim: default_subject_claim(),
            username_claim: default_username_claim(),
            name_claim: default_name_claim(),
            groups_claim: default_groups_claim(),
            groups: BTreeMap::new(),
            jwks_url: None,
            refresh_s_min: default_refresh_s_min(),
            keys_age_s_max: default_keys_age_s_max(),
            keys_stale_s_max: default_keys_stale_s_max(),
        }
    }

    /// What is wrong with them. `is_group` says which groups exist.
    pub fn problems(&self, is_group: &dyn Fn(&str) -> bool) -> Vec<SettingsProblem> {
        let urls = [("issuer", Some(&self.issuer)), ("jwks_url", self.jwks_url.as_ref())];
        let urls = urls.into_iter().filter_map(|(field, url)| Some((field, url?)));
        let bad = urls.filter(|(_, url)| provider::origin(url).is_none());
        let bad = bad.map(|(field, url)| SettingsProblem::BadUrl { field, url: url.clone() });
        let empty = [
            ("audiences", self.audiences.is_empty() || self.audiences.iter().any(String::is_empty)),
            ("algorithms", self.algorithms.is_empty()),
            ("subject_claim", self.subject_claim.is_empty()),
            ("groups_claim", self.groups_claim.is_empty()),
        ];
        let empty = empty.into_iter().filter(|(_, is_empty)| *is_empty);
        let empty = empty.map(|(field, _)| SettingsProblem::Empty { field });
        let long = (self.leeway_s > LEEWAY_S_MAX)
            .then_some(SettingsProblem::TooLong { field: "leeway_s", seconds_max: LEEWAY_S_MAX });
        let unknown = self.groups.iter().filter(|(_, group)| !is_group(group));
        let unknown = unknown.map(|(value, group)| SettingsProblem::UnknownGroup {
            value: value.clone(),
            group: group.clone(),
        });
        bad.chain(empty).chain(long).chain(unknown).collect()
    }
}

/// Gets what an issuer publishes.
///
/// Follows no redirect, stops after a time of its own, and reads no more than it is told: the issuer may be anybody.
pub trait Fetch: Send + Sync {
    /// The body under `url`, if it answers 200 with at most `bytes_max`.
    fn fetch<'f>(&'f self, url: &'f str, bytes_max: usize) -> Fetched<'f>;
}

/// What a [`Fetch`] gets, in time.
pub type Fetched<'f> = Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchFault>> + Send + 'f>>;

/// Why an issuer's page was not got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum FetchFault {
    /// No answer, or none in time.
    #[error("no answer: {detail}")]
    Unreachable { detail: String },
    /// An answer other than 200.
    #[error("answered with status {status}")]
    Status { status: u16 },
    /// More than was to be read.
    #[error("the answer is longer than {bytes_max} bytes")]
    TooLong { bytes_max: usize },
    /// Something that is no answer to the question, or too much of it.
    #[error("no usable answer: {detail}")]
    Malformed { detail: String },
    /// Neither the host of the issuer nor that of its keys in the settings.
    #[error("not a host that may be asked")]
    Elsewhere,
}

/// Somebody, by the word of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The issuer.
    pub issuer: Arc<str>,
    /// Who, for that issuer. The same text at two issuers is two principals.
    pub subject: String,
    /// The name to show; none when there is none, or none that can be shown.
    pub name: Option<String>,
    /// The name under which it may be enrolled, unchecked but for its size; none when there is none.
    pub username: Option<String>,
    /// The groups of ours that the settings give, sorted, each once.
    pub groups: Vec<String>,
    /// What the token calls groups besides, and what gives nothing: the first few, each cut. For the record.
    pub unmapped: Vec<String>,
    /// Until when the issuer's word holds, seconds since 1970.
    pub expires_s: u64,
}

/// Why a token is not believed. Each is a fact for the log; outsiders hear no more than that it is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum Refusal {
    #[error("the token is longer than {bytes_max} bytes")]
    TooLong { bytes_max: usize },
    #[error("this is no signed token")]
    Malformed,
    #[error("the token is encrypted")]
    Encrypted,
    #[error("the token is not signed")]
    Unsigned,
    #[error("the token is signed with a shared secret")]
    Symmetric,
    #[error("the algorithm of the token is not allowed")]
    Algorithm,
    #[error("the token demands something that is not understood")]
    Critical,
    #[error("the token is of a type that is not taken")]
    Type,
    #[error("the kid of the token is none")]
    Kid,
    #[error("the token is of another issuer")]
    Issuer,
    #[error("no key of the issuer fits the token")]
    KeyUnknown,
    #[error("more than one key of the issuer fits the token")]
    KeyAmbiguous,
    #[error("the signature does not hold")]
    Signature,
    #[error("the token is for somebody else")]
    Audience,
    #[error("the claim {name} is missing")]
    Missing { name: String },
    #[error("the claim {name} cannot be read")]
    Claim { name: String },
    #[error("the token has expired")]
    Expired,
    #[error("the token does not hold yet")]
    NotYet,
    #[error("the token was issued in the future")]
    Future,
    #[error("the token lives longer than is taken")]
    LivesTooLong,
    #[error("the keys of the issuer could not be got")]
    Keys(#[source] KeysFault),
}

/// Why there are no keys. Not the fault of who sent the token; trying later may help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "keys", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum KeysFault {
    #[error("the discovery document was not got")]
    Discovery(#[source] FetchFault),
    #[error("the discovery document cannot be read")]
    DiscoveryMalformed,
    #[error("the discovery document is of another issuer")]
    DiscoveryIssuer,
    #[error("the discovery document names keys on another host")]
    Elsewhere,
    #[error("the keys were not got")]
    Fetch(#[source] FetchFault),
    #[error("the keys cannot be read")]
    Malformed,
    #[error("there are more than {max} keys")]
    TooMany { max: usize },
    /// None has been got yet, and it is too soon to ask again.
    #[error("it is too soon to ask again")]
    TooSoon,
}

/// An identity provider whose tokens are believed.
pub struct Oidc {
    settings: Settings,
    issuer: Arc<str>,
    provider: Arc<Provider>,
    recall: Recall,
}

impl Oidc {
    /// Nothing is asked before the first token arrives.
    ///
    /// # Errors
    /// What is wrong with the settings; `is_group` says which groups exist.
    pub fn new(
        settings: Settings,
        is_group: &dyn Fn(&str) -> bool,
        fetch: Arc<dyn Fetch>,
    ) -> Result<Self, Vec<SettingsProblem>> {
        Self::build(settings, is_group, Arc::new(Provider::new(fetch)))
    }

    /// The same issuer under other settings: its keys stay, so that a reload needs no answer of it. For an issuer whose
    /// address, keys' address or trust has changed, [`Oidc::new`] is right.
    ///
    /// # Errors
    /// As of [`Oidc::new`].
    pub fn with_settings(
        &self,
        settings: Settings,
        is_group: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Vec<SettingsProblem>> {
        Self::build(settings, is_group, Arc::clone(&self.provider))
    }

    fn build(
        settings: Settings,
        is_group: &dyn Fn(&str) -> bool,
        provider: Arc<Provider>,
    ) -> Result<Self, Vec<SettingsProblem>> {
        let problems = settings.problems(is_group);
        if !problems.is_empty() {
            return Err(problems);
        }
        let issuer = Arc::from(settings.issuer.as_str());
        Ok(Self { provider, recall: Recall::new(), issuer, settings })
    }

    /// Who sent `token`, at `now_s` seconds since 1970.
    ///
    /// # Errors
    /// Why it is not believed.
    pub async fn verify(&self, token: &str, now_s: u64) -> Result<Arc<Identity>, Refusal> {
        let token = Token::parse(token)?;
        let algorithm = self.algorithm(&token)?;
        // Before any key is asked for: a stranger's token must not make us ask.
        if token.claims.text("iss")? != Some(&*self.issuer) {
            return Err(Refusal::Issuer);
        }
        let keys = self.provider.keys(&self.settings, now_s, |keys| keys.knows(token.kid.as_deref())).await;
        let keys = keys.map_err(Refusal::Keys)?;
        let key = keys.find(token.kid.as_deref(), algorithm)?;
        let is_known = self.recall.holds(&token, &keys);
        if !is_known {
            key.verify(algorithm, token.signed.as_bytes(), &token.signature)?;
        }
        // On every sight of a token: time passes.
        let identity = claims::check(&token.claims, &self.settings, &self.issuer, now_s)?;
        if !is_known {
            self.recall.note(&token, &keys);
        }
        Ok(Arc::new(identity))
    }

    /// Gets the keys ahead of the first token, for whoever checks a machine before it starts.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn prepare(&self, now_s: u64) -> Result<usize, KeysFault> {
        Ok(self.provider.keys(&self.settings, now_s, |_| true).await?.len())
    }

    /// Whether there are keys that are still believed, without asking for any.
    pub fn has_keys(&self, now_s: u64) -> bool {
        self.provider.usable(&self.settings, now_s).is_some()
    }

    /// Why the issuer gave no keys when it was last asked; none when it did. Its keys from before may still be believed.
    pub fn fault(&self) -> Option<KeysFault> {
        self.provider.fault()
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    fn algorithm(&self, token: &Token<'_>) -> Result<Algorithm, Refusal> {
        let name = token.algorithm.as_str();
        match Algorithm::parse(name) {
            Some(algorithm) if self.settings.algorithms.contains(&algorithm) => {}
            None if name.eq_ignore_ascii_case("none") || name.is_empty() => return Err(Refusal::Unsigned),
            None if name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("HS")) => {
                return Err(Refusal::Symmetric);
            }
            _ => return Err(Refusal::Algorithm),
        }
        let bare = |name: &str| {
            let name = name.to_ascii_lowercase();
            name.strip_prefix("application/").map(str::to_owned).unwrap_or(name)
        };
        let is_taken = |found: &str| self.settings.types.iter().any(|one| bare(one) == bare(found));
        if !token.kind.as_deref().is_none_or(is_taken) {
            return Err(Refusal::Type);
        }
        Algorithm::parse(name).ok_or(Refusal::Algorithm)
    }
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oidc({})", self.issuer)
    }
}

/// Whether a bearer has the shape of a token, and not that of a key of ours.
pub fn looks_like_token(bearer: &str) -> bool {
    bearer.starts_with("ey") && bearer.bytes().filter(|byte| *byte == b'.').count() == 2
}

#[cfg(test)]
mod tests;
