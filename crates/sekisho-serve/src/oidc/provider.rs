//! Getting the keys of an issuer, seldom enough that nobody can make us ask in a loop, and often enough that a key that was
//! withdrawn is soon forgotten.

use std::sync::{Arc, PoisonError, RwLock};

use serde::Deserialize;
use tokio::sync::Mutex;

use super::{DISCOVERY_BYTES_MAX, Fetch, JWKS_BYTES_MAX, KeysFault, Settings, keys::KeySet};

const DISCOVERY: &str = "/.well-known/openid-configuration";
/// A question whose asker went away may be asked again at once, so that one impatient client does not keep all others out;
/// but only so often.
const UNFINISHED_MAX: u32 = 3;
/// No address of an issuer is longer.
const URL_BYTES_MAX: usize = 1024;

pub(super) struct Provider {
    fetch: Arc<dyn Fetch>,
    current: RwLock<Option<Arc<KeySet>>>,
    /// Why the last question got no answer; none when it got one.
    fault: RwLock<Option<KeysFault>>,
    /// Held while the issuer is asked: all who wait are served by one answer.
    asking: Mutex<Asked>,
}

/// The last time that the issuer was asked.
#[derive(Default)]
struct Asked {
    at_s: Option<u64>,
    /// How often in a row whoever asked went away before the answer.
    unfinished: u32,
    sets: u64,
}

/// What is read of a discovery document.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Provider {
    pub(super) fn new(fetch: Arc<dyn Fetch>) -> Self {
        Self {
            fetch,
            current: RwLock::new(None),
            fault: RwLock::new(None),
            asking: Mutex::new(Asked::default()),
        }
    }

    /// The keys, asked for again when they are old or not `enough`. Old ones are better than none for a while, and those
    /// that are not enough are returned when it is too soon to ask: the token then finds no key.
    pub(super) async fn keys(
        &self,
        settings: &Settings,
        now_s: u64,
        enough: impl Fn(&KeySet) -> bool,
    ) -> Result<Arc<KeySet>, KeysFault> {
        // A clock that was set back makes keys old, not young for ever.
        let is_good = |keys: &KeySet| now_s.abs_diff(keys.got_s) <= settings.keys_age_s_max && enough(keys);
        if let Some(keys) = self.current().filter(|keys| is_good(keys)) {
            return Ok(keys);
        }
        let mut asked = match self.asking.try_lock() {
            Ok(asked) => asked,
            Err(_) => match self.usable(settings, now_s).filter(|keys| enough(keys)) {
                // Somebody asks already, and old keys do: nobody else has to wait.
                Some(keys) => return Ok(keys),
                None => self.asking.lock().await,
            },
        };
        if let Some(keys) = self.current().filter(|keys| is_good(keys)) {
            return Ok(keys);
        }
        let usable = self.usable(settings, now_s);
        if asked.at_s.is_none_or(|at_s| now_s.abs_diff(at_s) >= settings.refresh_s_min) {
            asked.unfinished = 0;
        } else if asked.unfinished == 0 || asked.unfinished >= UNFINISHED_MAX {
            return usable.ok_or_else(|| self.fault().unwrap_or(KeysFault::TooSoon));
        }
        // Before the answer: who goes away in the middle has asked too.
        asked.at_s = Some(now_s);
        asked.unfinished += 1;
        asked.sets += 1;
        let answer = self.ask(settings, now_s, asked.sets).await;
        asked.unfinished = 0;
        match answer {
            Ok(keys) => {
                let keys = Arc::new(keys);
                self.set_fault(None);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&keys));
                Ok(keys)
            }
            Err(fault) => {
                self.set_fault(Some(fault.clone()));
                usable.ok_or(fault)
            }
        }
    }

    /// The keys, as long as they are believed at all.
    pub(super) fn usable(&self, settings: &Settings, now_s: u64) -> Option<Arc<KeySet>> {
        self.current().filter(|keys| now_s.abs_diff(keys.got_s) <= settings.keys_stale_s_max)
    }

    /// Why the last question got no answer; none when it got one.
    pub(super) fn fault(&self) -> Option<KeysFault> {
        self.fault.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_fault(&self, fault: Option<KeysFault>) {
        *self.fault.write().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    fn current(&self) -> Option<Arc<KeySet>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(&self, settings: &Settings, now_s: u64, number: u64) -> Result<KeySet, KeysFault> {
        let url = match &settings.jwks_url {
            Some(url) => url.clone(),
            None => self.discover(settings).await?,
        };
        let body = self.fetch.fetch(&url, JWKS_BYTES_MAX).await.map_err(KeysFault::Fetch)?;
        // Whoever fetches was told; this does not rely on it.
        if body.len() > JWKS_BYTES_MAX {
            return Err(KeysFault::Malformed);
        }
        KeySet::parse(&body, now_s, number)
    }

    async fn discover(&self, settings: &Settings) -> Result<String, KeysFault> {
        let url = format!("{}{DISCOVERY}", settings.issuer.trim_end_matches('/'));
        let body = self.fetch.fetch(&url, DISCOVERY_BYTES_MAX).await.map_err(KeysFault::Discovery)?;
        if body.len() > DISCOVERY_BYTES_MAX {
            return Err(KeysFault::DiscoveryMalformed);
        }
        let found: Discovery = serde_json::from_slice(&body).map_err(|_| KeysFault::DiscoveryMalformed)?;
        if found.issuer != settings.issuer {
            return Err(KeysFault::DiscoveryIssuer);
        }
        // Only what the settings name is ever asked; keys on another host need `jwks_url`.
        let asked = origin(&found.jwks_uri);
        if asked.is_none() || asked != origin(&settings.issuer) {
            return Err(KeysFault::Elsewhere);
        }
        Ok(found.jwks_uri)
    }
}

/// Scheme, host and port of an address that may be asked: `https`, or `http` on this machine itself, without user, query and
/// fragment, in ASCII.
pub(super) fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_plain = url.len() <= URL_BYTES_MAX
        && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"@?#\\".contains(&byte))
        && !authority.is_empty();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse::<u16>().ok()?),
        _ => (authority.as_str(), if scheme == "https" { 443 } else { 80 }),
    };
    let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let is_allowed = scheme == "https" || scheme == "http" && is_here;
    (is_plain && is_allowed && !host.is_empty()).then(|| format!("{scheme}://{host}:{port}"))
}
