//! `sekisho user`: who there is, and in which groups.

use std::collections::BTreeSet;

use sekisho_base::Code;
use sekisho_store::{
    ExternalId, GroupSpec, KeySpec, Kind, NewUser, Principal, PrincipalSpec, Role, Roster, Store,
};
use serde::Serialize;

use super::{failure, import, key, place::Place, principal, tell};
use crate::{
    cli::{Data, Sure, UserAddArgs, UserCommand, UserSetArgs},
    commands::audit::{change::ask, time},
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
};

/// The group that the first administrator gets.
const ADMIN_GROUP: &str = "admin";

/// Runs one command.
pub(super) fn run(command: UserCommand, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    match command {
        UserCommand::Add(args) => add(args, data, terminal),
        UserCommand::List { group } => list(group.as_deref(), data, terminal),
        UserCommand::Show { user } => show(&user, data, terminal),
        UserCommand::Set(args) => set(args, data, terminal),
        UserCommand::Disable { user, sure } => set_disabled(&user, Some(sure), data, terminal),
        UserCommand::Enable { user } => set_disabled(&user, None, data, terminal),
        UserCommand::Join { user, group } => join(&user, &group, data, terminal),
        UserCommand::Leave { user, group } => leave(&user, &group, data, terminal),
        UserCommand::Import { file } => import::run(&file, data, terminal),
        UserCommand::Bootstrap { user, title } => bootstrap(&user, title, data, terminal),
    }
}

/// Somebody as programs read it.
#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    title: &'a str,
    kind: &'a str,
    groups: Vec<&'a str>,
    roles: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_max: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled: Option<String>,
}

impl<'a> View<'a> {
    fn of(one: &'a Principal) -> Self {
        let external = one.external.as_ref();
        Self {
            name: &one.name,
            title: &one.display_name,
            kind: one.kind.as_str(),
            groups: one.groups.iter().map(|group| group.name.as_str()).collect(),
            roles: one.roles.iter().map(|role| role.as_str()).collect(),
            label_max: one.label_max.as_deref(),
            issuer: external.map(|id| id.issuer.as_str()),
            subject: external.map(|id| id.subject.as_str()),
            created: time::exact(one.created_ms),
            disabled: one.disabled_ms.map(time::exact),
        }
    }
}

fn add(args: UserAddArgs, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let name = args.user;
    let tried = words.f("people-user-add-failed", &[("name", super::printable(&name).into())]);
    if place.store.principal(&name).is_some() {
        return Err(Failure::new(Code::ItemExists, tried)
            .cause(words.f("people-user-exists", &[("name", name.into())]))
            .hint(words.t("people-hint-user-set")));
    }
    for group in &args.group {
        super::group(&place.store, group, words)?;
    }
    let kind = if args.system { Kind::System } else { Kind::User };
    let spec = PrincipalSpec {
        display_name: args.title.unwrap_or_else(|| name.clone()),
        external: external(args.issuer, args.subject),
        label_max: args.label_max,
        ..PrincipalSpec::new(kind, &name)
    };
    // A group that was named twice is joined once.
    let groups: BTreeSet<String> = args.group.iter().map(|group| group.to_ascii_lowercase()).collect();
    let user = NewUser { spec, groups: groups.into_iter().collect(), limits: None, key: None };
    let roster = Roster { groups: Vec::new(), users: vec![user] };
    place.store.enrol(&roster).map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    if terminal.json {
        return terminal.print_json(&View::of(&*principal(&place.store, &name, words)?));
    }
    tell("user.added", &name, terminal)?;
    terminal.say(&words.f("people-hint-key", &[("name", name.into())]));
    Ok(())
}

fn external(issuer: Option<String>, subject: Option<String>) -> Option<ExternalId> {
    Some(ExternalId { issuer: issuer?, subject: subject? })
}

fn list(group: Option<&str>, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let mut all = place.store.principals();
    if let Some(group) = group {
        let group = super::group(&place.store, group, words)?;
        all.retain(|one| one.groups.iter().any(|other| other.id == group.id));
    }
    if terminal.json {
        let views: Vec<View<'_>> = all.iter().map(|one| View::of(one)).collect();
        return terminal.print_json(&views);
    }
    let titles = ["name", "title", "kind", "groups", "roles", "label-max", "state"];
    let mut table = Table::new(titles.map(|title| words.t(&format!("people-title-{title}"))));
    for one in &all {
        let view = View::of(one);
        let state = if one.disabled_ms.is_some() { "people-disabled" } else { "people-enabled" };
        table.row([
            view.name.to_owned(),
            view.title.to_owned(),
            words.t(&format!("people-kind-{}", view.kind)),
            view.groups.join(", "),
            view.roles.join(", "),
            view.label_max.unwrap_or_default().to_owned(),
            words.t(state),
        ]);
    }
    terminal.print_table(&table)
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    view: View<'a>,
    keys: Vec<key::View>,
}

fn show(name: &str, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let one = principal(&place.store, name, words)?;
    let keys = place.store.keys(Some(one.id));
    if terminal.json {
        let keys = keys.iter().map(|key| key::View::of(key, &place.store)).collect();
        return terminal.print_json(&Shown { view: View::of(&one), keys });
    }
    let view = View::of(&one);
    let external = one.external.as_ref().map(|id| format!("{} {}", id.issuer, id.subject));
    let lines = [
        ("name", Some(view.name.to_owned())),
        ("title", Some(view.title.to_owned())),
        ("kind", Some(words.t(&format!("people-kind-{}", view.kind)))),
        ("groups", Some(view.groups.join(", ")).filter(|text| !text.is_empty())),
        ("roles", Some(view.roles.join(", ")).filter(|text| !text.is_empty())),
        ("label-max", one.label_max.clone()),
        ("external", external),
        ("created", Some(time::shown(one.created_ms))),
        ("disabled-at", one.disabled_ms.map(time::shown)),
    ];
    let mut text = String::new();
    for (key, value) in lines {
        let Some(value) = value else { continue };
        let label = words.t(&format!("people-title-{key}"));
        text += &format!("{} {value}\n", sekisho_text::width::pad_right(&label, LABEL_COLUMNS));
    }
    terminal.print(&text)?;
    if keys.is_empty() {
        return Ok(());
    }
    terminal.print("\n")?;
    key::print(&keys, &place.store, terminal)
}

/// Columns of the labels of [`show`].
const LABEL_COLUMNS: usize = 14;

fn set(args: UserSetArgs, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let now = principal(&place.store, &args.user, words)?;
    let spec = PrincipalSpec {
        name: now.name.clone(),
        kind: now.kind,
        display_name: args.title.unwrap_or_else(|| now.display_name.clone()),
        external: match external(args.issuer, args.subject) {
            None if args.no_external => None,
            None => now.external.clone(),
            new => new,
        },
        label_max: if args.no_label_max { None } else { args.label_max.or_else(|| now.label_max.clone()) },
    };
    let tried = words.f("people-user-set-failed", &[("name", now.name.clone().into())]);
    place.store.change_principal(now.id, &spec).map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    if terminal.json {
        return terminal.print_json(&View::of(&*principal(&place.store, &now.name, words)?));
    }
    tell("user.changed", &now.name, terminal)
}

/// Asks before somebody is shut out, not before they are let in again.
fn set_disabled(name: &str, disable: Option<Sure>, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let one = principal(&place.store, name, words)?;
    let args = [("name", one.name.clone().into())];
    if let Some(sure) = disable {
        ask(&words.f("people-user-disable-ask", &args), None, sure.yes, terminal)?;
    }
    let tried = words.f("people-user-set-failed", &args);
    let done = place.store.set_disabled(one.id, disable.is_some());
    done.map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    tell(if disable.is_some() { "user.disabled" } else { "user.enabled" }, &one.name, terminal)
}

fn join(name: &str, group: &str, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let (one, group) = (principal(&place.store, name, words)?, super::group(&place.store, group, words)?);
    let args = [("name", one.name.clone().into()), ("group", group.name.clone().into())];
    if group.retired_ms.is_some() {
        return Err(Failure::new(Code::NoSuchItem, words.f("people-join-failed", &args))
            .cause(words.t("people-group-is-retired"))
            .hint(format!("sekisho group reopen {}", group.name)));
    }
    if one.groups.iter().any(|other| other.id == group.id) {
        terminal.say(&words.f("people-join-already", &args));
    } else {
        let tried = words.f("people-join-failed", &args);
        place.store.join(one.id, group.id).map_err(|error| failure(&error, tried, words))?;
    }
    place.record(terminal)?;
    tell("user.joined", &one.name, terminal)
}

fn leave(name: &str, group: &str, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let (one, group) = (principal(&place.store, name, words)?, super::group(&place.store, group, words)?);
    let args = [("name", one.name.clone().into()), ("group", group.name.clone().into())];
    place.store.leave(one.id, group.id).map_err(|error| match error {
        sekisho_store::Error::NoSuch { .. } => {
            Failure::new(Code::NoSuchItem, words.f("people-leave-failed", &args))
                .cause(words.t("people-not-in-group"))
                .hint(words.t("people-hint-external-groups"))
        }
        error => failure(&error, words.f("people-leave-failed", &args), words),
    })?;
    place.record(terminal)?;
    tell("user.left", &one.name, terminal)
}

/// The first administrator, once.
fn bootstrap(name: &str, title: Option<String>, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open_or_create(data, terminal)?;
    let who = PrincipalSpec {
        display_name: title.unwrap_or_else(|| name.to_owned()),
        ..PrincipalSpec::new(Kind::User, name)
    };
    let group = GroupSpec {
        display_name: words.t("people-admin-group"),
        roles: BTreeSet::from([Role::Admin]),
        ..GroupSpec::new(free_group(&place.store))
    };
    let key = KeySpec::named(words.t("people-first-key"));
    let tried = words.f("people-bootstrap-failed", &[("name", super::printable(name).into())]);
    let made = place.store.bootstrap(&who, &group, &key).map_err(|error| match error {
        sekisho_store::Error::Exists { item: sekisho_store::Item::Administrator, .. } => {
            Failure::new(Code::ItemExists, tried)
                .cause(words.t("people-bootstrapped"))
                .hint(words.t("people-hint-bootstrapped"))
        }
        error => failure(&error, tried, words),
    })?;
    place.record(terminal)?;
    if !terminal.json {
        tell("user.added", name, terminal)?;
    }
    key::hand_over(&made.key, &place.store, terminal)
}

/// `admin`, unless there is a group of that name already.
fn free_group(store: &Store) -> String {
    let is_free = |name: &String| store.group(name).is_none();
    let numbered = (2..).map(|number| format!("{ADMIN_GROUP}-{number}"));
    let mut names = std::iter::once(ADMIN_GROUP.to_owned()).chain(numbered);
    names.find(is_free).unwrap_or_else(|| ADMIN_GROUP.to_owned())
}
