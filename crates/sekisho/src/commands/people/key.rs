//! `sekisho key`: API keys. A secret is printed once, alone on the standard output.

use sekisho_base::Code;
use sekisho_store::{Key, KeyId, KeySpec, NewKey, Scope, Store};
use serde::Serialize;

use super::{failure, place::Place, principal, printable, tell};
use crate::{
    cli::{Data, KeyCommand, KeyCreateArgs, Sure},
    commands::audit::{
        change::ask,
        place::now_ms,
        time::{self, End},
    },
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
    words::Words,
};

const HOUR_MS: u64 = 3_600_000;

/// Runs one command.
pub(super) fn run(command: KeyCommand, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    match command {
        KeyCommand::Create(args) => create(args, data, terminal),
        KeyCommand::List { user } => list(user.as_deref(), data, terminal),
        KeyCommand::Revoke { id, sure } => revoke(&id, sure, data, terminal),
        KeyCommand::Rotate { id, overlap_hours, expires, sure } => {
            rotate(&id, overlap_hours, expires.as_deref(), sure, data, terminal)
        }
    }
}

/// A key as programs read it. No secret is in it.
#[derive(Serialize)]
pub(super) struct View {
    id: String,
    user: String,
    name: String,
    state: &'static str,
    #[serde(flatten)]
    scope: Scope,
    created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
}

impl View {
    pub(super) fn of(key: &Key, store: &Store) -> Self {
        Self {
            id: key.id.to_string(),
            user: owner(key, store),
            name: key.name.clone(),
            state: state(key),
            scope: key.scope.clone(),
            created: time::exact(key.created_ms),
            expires: key.expires_ms.map(time::exact),
            revoked: key.revoked_ms.map(time::exact),
            last_used: key.last_used_ms.map(time::exact),
            replaces: key.replaces.map(|id| id.to_string()),
        }
    }
}

/// A key just made, with its secret.
#[derive(Serialize)]
struct Made<'a> {
    #[serde(flatten)]
    view: View,
    secret: &'a str,
}

fn owner(key: &Key, store: &Store) -> String {
    store.principal_by_id(key.principal).map(|one| one.name.clone()).unwrap_or_default()
}

fn state(key: &Key) -> &'static str {
    match key {
        key if key.revoked_ms.is_some() => "revoked",
        key if !key.is_valid_at(now_ms()) => "expired",
        _ => "valid",
    }
}

fn create(args: KeyCreateArgs, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let expires_ms = args.expires.as_deref().map(|date| expiry(date, words)).transpose()?;
    let place = Place::open(data, words)?;
    let who = principal(&place.store, &args.user, words)?;
    let some = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
    let spec = KeySpec {
        name: args.name,
        scope: Scope {
            models: some(args.models),
            purposes: some(args.purposes),
            label: args.label,
            label_max: args.label_max,
        },
        expires_ms,
    };
    let tried = words.f("people-key-create-failed", &[("name", who.name.clone().into())]);
    let new = place.store.create_key(who.id, &spec).map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    if who.disabled_ms.is_some() {
        terminal.say(&words.f("people-key-of-disabled", &[("name", who.name.clone().into())]));
    }
    hand_over(&new, &place.store, terminal)
}

/// Prints the secret, and says that this was the only time.
pub(super) fn hand_over(new: &NewKey, store: &Store, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let args = [("name", owner(&new.key, store).into()), ("id", new.key.id.to_string().into())];
    if terminal.json {
        let made = Made { view: View::of(&new.key, store), secret: new.secret.expose() };
        terminal.print_json(&made)?;
    } else {
        terminal.say(&words.f("people-key-created", &args));
        if let Some(end) = new.key.expires_ms {
            terminal.say(&words.f("people-key-until", &[("time", time::shown(end).into())]));
        }
        terminal.print_line(new.secret.expose())?;
    }
    terminal.say(&words.t("people-key-once"));
    Ok(())
}

/// The end of a day in Japan, or a moment, that is still to come.
fn expiry(text: &str, words: &Words) -> Outcome<u64> {
    let args = [("date", printable(text).into())];
    let bad = |key: &str| Failure::new(Code::Usage, words.f(key, &args)).hint(words.t("people-hint-date"));
    let end = time::parse(text, End::To).ok_or_else(|| bad("people-not-a-date"))?;
    if end <= now_ms() { Err(bad("people-date-is-past")) } else { Ok(end) }
}

fn list(user: Option<&str>, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let of = user.map(|name| principal(&place.store, name, words)).transpose()?;
    let keys = place.store.keys(of.map(|one| one.id));
    if terminal.json {
        let views: Vec<View> = keys.iter().map(|key| View::of(key, &place.store)).collect();
        return terminal.print_json(&views);
    }
    print(&keys, &place.store, terminal)
}

/// The table of keys.
pub(super) fn print(keys: &[Key], store: &Store, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let titles = ["key-id", "user", "key-name", "scope", "expires", "last-used", "state"];
    let mut table = Table::new(titles.map(|title| words.t(&format!("people-title-{title}"))));
    for key in keys {
        table.row([
            key.id.to_string(),
            owner(key, store),
            key.name.clone(),
            scope(&key.scope, words),
            key.expires_ms.map_or_else(|| words.t("people-never-expires"), time::shown),
            key.last_used_ms.map_or_else(|| words.t("people-never-used"), time::shown),
            words.t(&format!("people-key-state-{}", state(key))),
        ]);
    }
    terminal.print_table(&table)
}

/// `区分 2、上限 3B、モデル kokunai`: what a key is bound to.
fn scope(scope: &Scope, words: &Words) -> String {
    let list = |list: &Option<Vec<String>>| list.as_ref().map(|items| items.join(" "));
    let bounds = [
        ("label", scope.label.clone()),
        ("label-max", scope.label_max.clone()),
        ("models", list(&scope.models)),
        ("purposes", list(&scope.purposes)),
    ];
    let said = bounds.into_iter().filter_map(|(key, value)| {
        Some(words.f(&format!("people-scope-{key}"), &[("value", value?.into())]))
    });
    said.collect::<Vec<_>>().join("\n")
}

/// The key that somebody named: by its id, with or without `sk_`.
fn find(text: &str, store: &Store, words: &Words) -> Outcome<Key> {
    // A whole key is never repeated: what is typed goes to histories, what is printed to logs.
    let id = text.strip_prefix("sk_").unwrap_or(text).split('_').next().unwrap_or_default();
    if text.len() > id.len() + 4 {
        return Err(
            Failure::new(Code::Usage, words.t("people-whole-key")).hint(words.t("people-hint-whole-key"))
        );
    }
    let key = id.parse::<KeyId>().ok().and_then(|id| store.key(id));
    key.ok_or_else(|| {
        Failure::new(Code::NoSuchItem, words.f("people-no-key", &[("id", printable(text).into())]))
            .hint("sekisho key list")
    })
}

fn revoke(text: &str, sure: Sure, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let key = find(text, &place.store, words)?;
    let (id, user) = (key.id.to_string(), owner(&key, &place.store));
    let args = [("id", id.clone().into()), ("name", key.name.clone().into()), ("user", user.into())];
    ask(&words.f("people-key-revoke-ask", &args), None, sure.yes, terminal)?;
    let tried = words.f("people-key-revoke-failed", &args[..1]);
    place.store.revoke_key(key.id).map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    tell("key.revoked", &id, terminal)
}

fn rotate(
    text: &str,
    overlap_hours: u32,
    expires: Option<&str>,
    sure: Sure,
    data: &Data,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let expires_ms = expires.map(|date| expiry(date, words)).transpose()?;
    let place = Place::open(data, words)?;
    let key = find(text, &place.store, words)?;
    let now_ms = now_ms();
    let args = [
        ("id", key.id.to_string().into()),
        ("user", owner(&key, &place.store).into()),
        ("hours", overlap_hours.into()),
    ];
    ask(&words.f("people-key-rotate-ask", &args), None, sure.yes, terminal)?;
    // The new one lasts as long as the old one was made to last.
    let same = key.expires_ms.map(|end| now_ms + end.saturating_sub(key.created_ms));
    let old_end_ms = now_ms + u64::from(overlap_hours) * HOUR_MS;
    let tried = words.f("people-key-rotate-failed", &args[..1]);
    let new = place.store.rotate_key(key.id, old_end_ms, expires_ms.or(same));
    let new = new.map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    let old_end_ms = place.store.key(key.id).and_then(|key| key.expires_ms).unwrap_or(old_end_ms);
    let args = [("id", key.id.to_string().into()), ("time", time::shown(old_end_ms).into())];
    terminal.say(&words.f("people-key-rotated", &args));
    hand_over(&new, &place.store, terminal)
}
