//! The identity provider whose tokens are taken, settled but for the groups of the store and the file of certificates.

use std::{collections::BTreeMap, path::PathBuf};

use sekisho_serve::oidc::{self, Algorithm, LEEWAY_S_MAX, SettingsProblem};

use super::{file::OidcFile, origin::Layers, problem::ProblemKind};

/// Groups of ours that values of a claim can stand for.
const GROUPS_MAX: usize = 1000;
/// Audiences, types of tokens, algorithms, and members on the way to a claim.
const LIST_MAX: usize = 32;
/// A day and a week, in seconds.
const DAY_S: u64 = 24 * 60 * 60;
const WEEK_S: u64 = 7 * DAY_S;

/// Who says who people are.
#[derive(Debug, Clone)]
pub(crate) struct OidcSettings {
    pub(crate) provider: oidc::Settings,
    /// Whether people with a group of ours are taken into the store at their first token.
    pub(crate) enrols: bool,
    /// Whose certificates are believed, where it is not those that the machine believes.
    pub(crate) ca: Option<PathBuf>,
    /// The line of each entry of `oidc.groups`.
    lines: BTreeMap<String, Option<usize>>,
}

impl OidcSettings {
    /// The key of an entry of the map of groups, and its line.
    pub(super) fn place_of(&self, value: &str) -> (String, Option<usize>) {
        (format!("oidc.groups.{value}"), self.lines.get(value).copied().flatten())
    }
}

/// Settles `[oidc]`.
pub(super) fn settle(file: &OidcFile, layers: &mut Layers) -> OidcSettings {
    let issuer = layers.need("oidc.issuer", file.issuer.as_deref());
    let audiences = list("oidc.audiences", file.audiences.as_ref(), &[], layers);
    if audiences.is_empty() || audiences.iter().any(String::is_empty) {
        layers.note("oidc.audiences", ProblemKind::Missing);
    }
    let usual = oidc::Settings::new(issuer, String::new());
    let algorithms = algorithms(file, layers);
    let types = list("oidc.types", file.types.as_ref(), &["JWT", "at+jwt"], layers);
    let mut word = |key: &str, written: &Option<String>, default: &str| {
        let word = written.as_deref().map_or(default, str::trim).to_owned();
        layers.show(key, word.as_str());
        if word.is_empty() {
            layers.note(key, ProblemKind::Missing);
        }
        word
    };
    let subject_claim = word("oidc.subject_claim", &file.subject_claim, &usual.subject_claim);
    let username_claim = word("oidc.username_claim", &file.username_claim, &usual.username_claim);
    let name_claim = word("oidc.name_claim", &file.name_claim, &usual.name_claim);
    let groups_claim = list("oidc.groups_claim", file.groups_claim.as_ref(), &["groups"], layers);
    if groups_claim.is_empty() {
        layers.note("oidc.groups_claim", ProblemKind::Missing);
    }
    let lines = groups(file, layers);
    let enrols = layers.flag("oidc.enrol", file.enrol, false);
    let jwks_url = file.jwks_url.clone();
    if let Some(url) = &jwks_url {
        layers.show("oidc.jwks_url", url.as_str());
    }
    let ca = layers.path("oidc.ca_file", file.ca_file.as_deref());
    let mut number = |key: &str, written, default, low, high| {
        layers.number(&format!("oidc.{key}"), written, default, low, high)
    };
    let leeway_s = number("leeway_s", file.leeway_s, usual.leeway_s, 0, LEEWAY_S_MAX);
    let lifetime_s_max = number("lifetime_s_max", file.lifetime_s_max, usual.lifetime_s_max, 60, WEEK_S);
    let refresh_s_min = number("refresh_s_min", file.refresh_s_min, usual.refresh_s_min, 1, DAY_S);
    let keys_age_s_max = number("keys_age_s_max", file.keys_age_s_max, usual.keys_age_s_max, 1, DAY_S);
    // Keys that are still believed are at least as old as those that are asked for again.
    let stale = usual.keys_stale_s_max.max(keys_age_s_max);
    let keys_stale_s_max =
        number("keys_stale_s_max", file.keys_stale_s_max, stale, keys_age_s_max.min(WEEK_S), WEEK_S);
    let provider = oidc::Settings {
        audiences,
        algorithms,
        types,
        leeway_s,
        lifetime_s_max,
        subject_claim,
        username_claim,
        name_claim,
        groups_claim,
        groups: file.groups.clone(),
        jwks_url,
        refresh_s_min,
        keys_age_s_max,
        keys_stale_s_max,
        ..usual
    };
    for problem in provider.problems(&|_| true) {
        // The others are told above, each at its key.
        if let SettingsProblem::BadUrl { field, url } = problem
            && !url.is_empty()
        {
            layers.note(&format!("oidc.{field}"), ProblemKind::BadIssuerUrl { found: url });
        }
    }
    OidcSettings { provider, enrols, ca, lines }
}

fn list(key: &str, written: Option<&Vec<String>>, default: &[&str], layers: &mut Layers) -> Vec<String> {
    let list = written.cloned().unwrap_or_else(|| default.iter().map(|&word| word.to_owned()).collect());
    layers.show(key, list.clone());
    if list.len() > LIST_MAX {
        layers.note(key, ProblemKind::OutOfBounds { low: 1, high: LIST_MAX as u64 });
    }
    list
}

fn algorithms(file: &OidcFile, layers: &mut Layers) -> Vec<Algorithm> {
    const KEY: &str = "oidc.algorithms";
    const ALL: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];
    let written = list(KEY, file.algorithms.as_ref(), &ALL, layers);
    if written.is_empty() {
        layers.note(KEY, ProblemKind::Missing);
    }
    let mut algorithms = Vec::new();
    for (index, name) in written.iter().enumerate() {
        match Algorithm::parse(name) {
            Some(algorithm) => algorithms.push(algorithm),
            None => {
                let allowed = ALL.map(str::to_owned).to_vec();
                let key = format!("{KEY}[{index}]");
                layers.note(&key, ProblemKind::NotOneOf { found: name.clone(), allowed });
            }
        }
    }
    algorithms
}

/// Shows the map of groups, and gives the line of each entry.
fn groups(file: &OidcFile, layers: &mut Layers) -> BTreeMap<String, Option<usize>> {
    if file.groups.len() > GROUPS_MAX {
        layers.note("oidc.groups", ProblemKind::OutOfBounds { low: 0, high: GROUPS_MAX as u64 });
    }
    let mut lines = BTreeMap::new();
    for (value, group) in &file.groups {
        let key = format!("oidc.groups.{value}");
        layers.show(&key, group.as_str());
        lines.insert(value.clone(), layers.source.line_of(&key));
    }
    lines
}
