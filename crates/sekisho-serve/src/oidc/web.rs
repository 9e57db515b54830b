//! Asking a real issuer: its own host, and that of its keys where the settings name another. Nobody else.

use std::{sync::Arc, time::Duration};

use sekisho_llm::{
    Error,
    upstream::{BaseUrl, Site, Timeouts, TlsFault, Trust},
};

use super::{Fetch, FetchFault, Fetched, Settings, provider::origin};

/// A request waits for the answer when it is the first that needs the keys: no longer than a person does.
const CONNECT: Duration = Duration::from_secs(3);
const FIRST_BYTE: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(8);

/// Gets pages of the issuer in the settings.
#[derive(Debug)]
pub struct Web {
    /// With the origin of each.
    sites: Vec<(String, Site)>,
}

impl Web {
    /// For an issuer, whose certificate is believed by `trust`. Connects to nobody yet. An address that cannot be asked is a
    /// problem of the settings, which [`Oidc::new`](super::Oidc::new) tells.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(settings: &Settings, trust: &Trust) -> Result<Arc<Self>, TlsFault> {
        let timeouts = Timeouts {
            connect: CONNECT,
            first_byte: FIRST_BYTE,
            idle: FIRST_BYTE,
            total: TOTAL,
            ..Timeouts::default()
        };
        let mut sites: Vec<(String, Site)> = Vec::new();
        for url in std::iter::once(&settings.issuer).chain(&settings.jwks_url) {
            let Some((origin, base)) = origin(url).zip(base(url)) else { continue };
            if !sites.iter().any(|site| site.0 == origin) {
                sites.push((origin, Site::new(&base, trust, timeouts)?));
            }
        }
        Ok(Arc::new(Self { sites }))
    }
}

impl Fetch for Web {
    fn fetch<'f>(&'f self, url: &'f str, bytes_max: usize) -> Fetched<'f> {
        Box::pin(async move {
            let origin = origin(url).ok_or(FetchFault::Elsewhere)?;
            let site = self.sites.iter().find(|site| site.0 == origin).ok_or(FetchFault::Elsewhere)?;
            let page = site.1.get(path(url), bytes_max).await.map_err(|error| match error {
                Error::Status { status, .. } => FetchFault::Status { status },
                Error::Malformed { cause, .. } => FetchFault::Malformed { detail: cause },
                other => FetchFault::Unreachable { detail: other.to_string() },
            })?;
            Ok(page.into())
        })
    }
}

/// The host of an address, without its path.
fn base(url: &str) -> Option<BaseUrl> {
    BaseUrl::parse(url.strip_suffix(path(url)).unwrap_or(url)).ok()
}

/// What follows the host; the root where nothing does.
fn path(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + "://".len());
    url[after..].find('/').map_or("/", |at| &url[after + at..])
}

#[cfg(test)]
mod tests {
    use super::{base, path};

    #[test]
    fn addresses_come_apart() {
        for (url, host, rest) in [
            ("https://idp.example/a/certs/", "idp.example", "/a/certs/"),
            ("https://idp.example:8443", "idp.example", "/"),
            ("http://[::1]:80/", "::1", "/"),
        ] {
            assert_eq!((base(url).unwrap().host(), path(url)), (host, rest));
        }
    }
}
