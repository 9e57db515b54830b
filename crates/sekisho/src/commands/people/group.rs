//! `sekisho group`: who belongs together, and what they may do here.

use std::collections::BTreeSet;

use sekisho_store::{Group, GroupSpec, Role, Store};
use serde::Serialize;

use super::{failure, place::Place, tell};
use crate::{
    cli::{Data, GroupCommand, RoleName, Sure},
    commands::audit::{change::ask, time},
    failure::Outcome,
    table::Table,
    terminal::Terminal,
};

/// Runs one command.
pub(super) fn run(command: GroupCommand, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    match command {
        GroupCommand::Add { group, title, role } => add(&group, title, &role, data, terminal),
        GroupCommand::List => list(data, terminal),
        GroupCommand::Set { group, title, role, no_roles } => {
            let roles = (no_roles || !role.is_empty()).then(|| roles(&role));
            set(&group, title, roles, data, terminal)
        }
        GroupCommand::Retire { group, sure } => set_retired(&group, Some(sure), data, terminal),
        GroupCommand::Reopen { group } => set_retired(&group, None, data, terminal),
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Operator => Self::Operator,
            RoleName::Auditor => Self::Auditor,
            RoleName::Approver => Self::Approver,
        }
    }
}

fn roles(names: &[RoleName]) -> BTreeSet<Role> {
    names.iter().copied().map(Role::from).collect()
}

/// A group as programs read it.
#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    title: &'a str,
    roles: Vec<&'a str>,
    members: usize,
    created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired: Option<String>,
}

impl<'a> View<'a> {
    fn of(group: &'a Group, store: &Store) -> Self {
        let is_in = |one: &Group| one.id == group.id;
        let all = store.principals();
        Self {
            name: &group.name,
            title: &group.display_name,
            roles: group.roles.iter().map(|role| role.as_str()).collect(),
            members: all.iter().filter(|one| one.groups.iter().any(|other| is_in(other))).count(),
            created: time::exact(group.created_ms),
            retired: group.retired_ms.map(time::exact),
        }
    }
}

fn add(
    name: &str,
    title: Option<String>,
    role: &[RoleName],
    data: &Data,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let display_name = title.unwrap_or_else(|| name.to_owned());
    let spec = GroupSpec { name: name.to_owned(), display_name, roles: roles(role) };
    let tried = words.f("people-group-add-failed", &[("name", super::printable(name).into())]);
    place.store.add_group(&spec).map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    told("group.added", name, &place, terminal)
}

fn told(done: &str, name: &str, place: &Place, terminal: &mut Terminal<'_>) -> Outcome {
    if terminal.json {
        let group = super::group(&place.store, name, terminal.words)?;
        return terminal.print_json(&View::of(&group, &place.store));
    }
    tell(done, name, terminal)
}

fn list(data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let all = place.store.groups();
    let views: Vec<View<'_>> = all.iter().map(|group| View::of(group, &place.store)).collect();
    if terminal.json {
        return terminal.print_json(&views);
    }
    let titles = ["name", "title", "roles"].map(|title| words.t(&format!("people-title-{title}")));
    let more = [format!(">{}", words.t("people-title-members")), words.t("people-title-state")];
    let mut table = Table::new(titles.into_iter().chain(more));
    for view in views {
        let state = if view.retired.is_some() { "people-retired" } else { "people-enabled" };
        table.row([
            view.name.to_owned(),
            view.title.to_owned(),
            view.roles.join(", "),
            view.members.to_string(),
            words.t(state),
        ]);
    }
    terminal.print_table(&table)
}

fn set(
    name: &str,
    title: Option<String>,
    roles: Option<BTreeSet<Role>>,
    data: &Data,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let now = super::group(&place.store, name, words)?;
    let spec = GroupSpec {
        name: now.name.clone(),
        display_name: title.unwrap_or_else(|| now.display_name.clone()),
        roles: roles.unwrap_or_else(|| now.roles.clone()),
    };
    let tried = words.f("people-group-set-failed", &[("name", now.name.clone().into())]);
    place.store.change_group(now.id, &spec).map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    told("group.changed", &now.name, &place, terminal)
}

fn set_retired(name: &str, retire: Option<Sure>, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let group = super::group(&place.store, name, words)?;
    let members = View::of(&group, &place.store).members;
    let args = [("name", group.name.clone().into()), ("count", members.into())];
    if let Some(sure) = retire {
        ask(&words.f("people-group-retire-ask", &args), None, sure.yes, terminal)?;
    }
    let tried = words.f("people-group-set-failed", &args[..1]);
    let done = place.store.set_retired(group.id, retire.is_some());
    done.map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    told(if retire.is_some() { "group.retired" } else { "group.reopened" }, &group.name, &place, terminal)
}
