//! From the claims of a token whose signature holds to somebody.

use std::sync::Arc;

use serde_json::Value;

use super::{
    GROUPS_MAX, Identity, Refusal, SUBJECT_BYTES_MAX, Settings, UNMAPPED_BYTES_MAX, UNMAPPED_MAX,
    json::Members,
};
use crate::texts;

/// A longer name is not shown.
const NAME_CHARS_MAX: usize = 200;

/// # Errors
/// What does not hold. Every claim that decides must be there, but for `nbf` and `iat`.
pub(super) fn check(
    claims: &Members,
    settings: &Settings,
    issuer: &Arc<str>,
    now_s: u64,
) -> Result<Identity, Refusal> {
    check_audience(claims, settings)?;
    let expires_s = seconds(claims, "exp")?.ok_or_else(|| missing("exp"))?;
    if now_s >= expires_s.saturating_add(settings.leeway_s) {
        return Err(Refusal::Expired);
    }
    let latest_s = now_s.saturating_add(settings.leeway_s);
    if seconds(claims, "nbf")?.is_some_and(|from_s| from_s > latest_s) {
        return Err(Refusal::NotYet);
    }
    if seconds(claims, "iat")?.is_some_and(|issued_s| issued_s > latest_s) {
        return Err(Refusal::Future);
    }
    if expires_s.saturating_sub(latest_s) > settings.lifetime_s_max {
        return Err(Refusal::LivesTooLong);
    }
    let name = &settings.subject_claim;
    let subject = claims.text(name)?.ok_or_else(|| missing(name))?;
    if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX || subject.chars().any(char::is_control) {
        return Err(unreadable(name));
    }
    let shown = claims.get(&settings.name_claim).and_then(Value::as_str);
    let shown = shown.filter(|name| is_showable(name)).map(str::to_owned);
    let username = claims.get(&settings.username_claim).and_then(Value::as_str);
    let username = username.filter(|name| name.len() <= SUBJECT_BYTES_MAX).map(str::to_owned);
    let (groups, unmapped) = groups(claims, settings)?;
    let (issuer, subject) = (Arc::clone(issuer), subject.to_owned());
    Ok(Identity { issuer, subject, name: shown, username, groups, unmapped, expires_s })
}

fn check_audience(claims: &Members, settings: &Settings) -> Result<(), Refusal> {
    let is_ours = |one: &Value| settings.audiences.iter().any(|ours| one == ours.as_str());
    let holds = match claims.get("aud").ok_or_else(|| missing("aud"))? {
        one @ Value::String(_) => is_ours(one),
        Value::Array(several) if several.iter().all(Value::is_string) => several.iter().any(is_ours),
        _ => return Err(unreadable("aud")),
    };
    if holds { Ok(()) } else { Err(Refusal::Audience) }
}

/// A time in seconds since 1970. May have a fraction, which is dropped: a token is never taken for longer than it says.
fn seconds(claims: &Members, name: &str) -> Result<Option<u64>, Refusal> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let whole = value.as_u64();
    // The cast saturates; what is not finite cannot be written in JSON.
    let float = || value.as_f64().filter(|float| *float >= 0.0).map(|float| float as u64);
    whole.or_else(float).map(Some).ok_or_else(|| unreadable(name))
}

/// The groups of ours that the settings give for the values in the token, and the first values for which they give none.
fn groups(claims: &Members, settings: &Settings) -> Result<(Vec<String>, Vec<String>), Refusal> {
    let unreadable = || unreadable(&settings.groups_claim.join("."));
    let mut path = settings.groups_claim.iter();
    let mut value = path.next().and_then(|name| claims.get(name));
    for name in path {
        value = value.and_then(|value| value.get(name));
    }
    let several = match value {
        None | Some(Value::Null) => return Ok((Vec::new(), Vec::new())),
        Some(Value::String(_)) => std::slice::from_ref(value.ok_or_else(unreadable)?),
        Some(Value::Array(several)) if several.len() <= GROUPS_MAX => several,
        Some(_) => return Err(unreadable()),
    };
    let (mut groups, mut unmapped) = (Vec::new(), Vec::new());
    for one in several {
        let one = one.as_str().ok_or_else(unreadable)?;
        match settings.groups.get(one) {
            Some(group) => groups.push(group.clone()),
            None if unmapped.len() < UNMAPPED_MAX => unmapped.push(texts::line(one, UNMAPPED_BYTES_MAX)),
            None => {}
        }
    }
    groups.sort_unstable();
    groups.dedup();
    Ok((groups, unmapped))
}

/// Not empty, not endless, and nothing in it that moves what stands around it.
fn is_showable(name: &str) -> bool {
    let moves = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !name.is_empty() && name.chars().nth(NAME_CHARS_MAX).is_none() && !name.chars().any(moves)
}

fn missing(name: &str) -> Refusal {
    Refusal::Missing { name: name.to_owned() }
}

fn unreadable(name: &str) -> Refusal {
    Refusal::Claim { name: name.to_owned() }
}
