//! The commands over the store: people, groups, keys, budgets, templates, copies. Each change is noted in its own transaction
//! and then put into the audit log, by the command or by the gate that runs: [`record`].

mod budget;
mod copy;
mod group;
mod import;
mod key;
mod place;
mod record;
mod roster;
mod template;
mod user;

use std::sync::Arc;

use sekisho_base::{Code, Coded};
use sekisho_store::{Error, Group, Item, NameError, Principal, Store};
use serde::Serialize;

use super::audit::printable;
use crate::{
    cli::PeopleCommand,
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// Runs one command.
pub(crate) fn run(command: PeopleCommand, terminal: &mut Terminal<'_>) -> Outcome {
    match command {
        PeopleCommand::User { data, command } => user::run(command, &data, terminal),
        PeopleCommand::Group { data, command } => group::run(command, &data, terminal),
        PeopleCommand::Key { data, command } => key::run(command, &data, terminal),
        PeopleCommand::Budget { data, command } => budget::run(command, &data, terminal),
        PeopleCommand::Template { data, command } => template::run(command, &data, terminal),
        PeopleCommand::Backup(args) => copy::backup(&args, terminal),
        PeopleCommand::Restore(args) => copy::restore(&args, terminal),
    }
}

/// What was done, for a program.
#[derive(Serialize)]
struct Done<'a> {
    done: &'a str,
    name: &'a str,
}

/// Tells what was done: a sentence for people, of the key `people-` and the word; a line of JSON for programs.
fn tell(done: &str, name: &str, terminal: &mut Terminal<'_>) -> Outcome {
    if terminal.json {
        return terminal.print_json(&Done { done, name });
    }
    let key = format!("people-{}", done.replace('.', "-"));
    terminal.say(&terminal.words.f(&key, &[("name", printable(name).into())]));
    Ok(())
}

/// The principal of that name, or who there is.
fn principal(store: &Store, name: &str, words: &Words) -> Outcome<Arc<Principal>> {
    store.principal(name).ok_or_else(|| {
        let known: Vec<String> = store.principals().iter().map(|one| one.name.clone()).collect();
        no_such("people-no-user", name, &known, words)
    })
}

/// The group of that name, or which there are.
fn group(store: &Store, name: &str, words: &Words) -> Outcome<Arc<Group>> {
    store.group(name).ok_or_else(|| {
        let known: Vec<String> = store.groups().iter().map(|one| one.name.clone()).collect();
        no_such("people-no-group", name, &known, words)
    })
}

/// Most names of a hint.
const HINTED_MAX: usize = 12;

fn no_such(key: &str, name: &str, known: &[String], words: &Words) -> Failure {
    let failure = Failure::new(Code::NoSuchItem, words.f(key, &[("name", printable(name).into())]));
    if known.is_empty() {
        return failure.hint(words.t("people-hint-none"));
    }
    let mut shown = known[..known.len().min(HINTED_MAX)].join(", ");
    if known.len() > HINTED_MAX {
        shown += " …";
    }
    failure.hint(words.f("people-hint-known", &[("names", shown.into())]))
}

/// What the store refused or failed at, in the reader's language where a person can do something about it.
fn failure(error: &Error, tried: String, words: &Words) -> Failure {
    let with = |code, key: &str, args: &[(&str, String)]| {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        Failure::new(code, tried.clone()).cause(words.f(key, &args))
    };
    let item = |item: Item| words.t(item_key(item));
    match error {
        Error::NoSuch { item: what, name } => {
            with(error.code(), "people-why-no-such", &[("item", item(*what)), ("name", printable(name))])
        }
        Error::Exists { item: what, name } => {
            with(error.code(), "people-why-exists", &[("item", item(*what)), ("name", printable(name))])
        }
        Error::Name { item: what, cause } => {
            let args = [("item", item(*what)), ("why", name_problem(*cause, words))];
            with(Code::Usage, "people-why-name", &args)
        }
        Error::TooLarge { item: what, max } => {
            with(Code::Usage, "people-why-too-large", &[("item", item(*what)), ("max", max.to_string())])
        }
        Error::OwnTemplate => with(error.code(), "people-why-own-template", &[]),
        Error::DraftChanged { seen, found } => {
            let args = [("seen", seen.to_string()), ("found", found.to_string())];
            with(error.code(), "people-why-draft-changed", &args)
        }
        Error::TemplateState => with(error.code(), "people-why-template-state", &[]),
        Error::KeyEnded => with(error.code(), "people-why-key-ended", &[]),
        Error::NotAStore => with(error.code(), "people-why-not-a-store", &[]),
        Error::Pepper => with(error.code(), "people-why-pepper", &[]),
        Error::TooOpen { path, mode } => {
            let args = [("file", path.display().to_string()), ("mode", format!("{mode:03o}"))];
            let failure = with(error.code(), "people-why-too-open", &args);
            failure.hint(format!("chmod 600 {}", path.display()))
        }
        _ => Failure::from_coded(error, tried),
    }
}

fn item_key(item: Item) -> &'static str {
    match item {
        Item::Principal => "people-item-principal",
        Item::Group => "people-item-group",
        Item::Membership => "people-item-membership",
        Item::Key => "people-item-key",
        Item::Model => "people-item-model",
        Item::Budget => "people-item-budget",
        Item::Template => "people-item-template",
        Item::Setting => "people-item-setting",
        Item::Run => "people-item-run",
        Item::Database => "people-item-database",
        Item::Administrator => "people-item-administrator",
    }
}

/// Why a name cannot be one.
fn name_problem(problem: NameError, words: &Words) -> String {
    match problem {
        NameError::Empty => words.t("people-name-empty"),
        NameError::Long { max } => words.f("people-name-long", &[("max", max.to_string().into())]),
        NameError::Character { position, character } => {
            let shown = char::from_u32(character).map_or_else(String::new, |one| printable(&one.to_string()));
            let args = [
                ("position", position.to_string().into()),
                ("character", shown.into()),
                ("number", format!("U+{character:04X}").into()),
            ];
            words.f("people-name-character", &args)
        }
        NameError::Spelling => words.t("people-name-spelling"),
    }
}
