//! `sekisho user import`: a file of groups and people. What is there is left alone; keys are shown once.

use std::path::Path;

use sekisho_base::Code;
use sekisho_store::Roster;
use serde::Serialize;

use super::{failure, place::Place, roster};
use crate::{
    cli::Data,
    commands::audit::place::{read_text, unreadable},
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
};

/// Bytes of the file: ten thousand people with all that can be said of them.
const FILE_BYTES_MAX: u64 = 8 << 20;

#[derive(Serialize)]
struct Imported<'a> {
    groups_added: &'a [String],
    users_added: &'a [String],
    keys: Vec<NewKey<'a>>,
}

#[derive(Serialize)]
struct NewKey<'a> {
    user: &'a str,
    title: String,
    id: String,
    secret: &'a str,
}

/// Makes what is not there yet: all of it, or after a mistake nothing.
pub(super) fn run(file: &Path, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let text = read_text(file, FILE_BYTES_MAX).map_err(|error| unreadable(file, &error, words))?;
    let (roster, mut problems) = roster::parse(&text);
    let shown = file.display().to_string();
    let refuse = |problems: &[roster::Problem]| {
        let args = [("file", shown.clone().into()), ("count", problems.len().into())];
        let failure = Failure::new(Code::Usage, words.f("people-import-invalid", &args));
        let failure = problems.iter().fold(failure, |failure, one| failure.cause(one.worded(words)));
        failure.hint(words.t("people-hint-import"))
    };
    if roster.is_empty() && !problems.is_empty() {
        return Err(refuse(&problems));
    }
    // Before a store is made: a file with mistakes makes none.
    let there = Place::open(data, words).ok();
    problems.extend(roster.missing_groups(there.as_ref().map(|place| &place.store)));
    problems.sort_by_key(|problem| problem.line);
    if !problems.is_empty() {
        return Err(refuse(&problems));
    }
    drop(there);
    let place = Place::open_or_create(data, terminal)?;
    let roster: Roster = roster.into();
    let tried = words.f("people-import-failed", &[("file", shown.clone().into())]);
    let made = place.store.enrol(&roster).map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    let title = |name: &str| place.store.principal(name).map(|one| one.display_name.clone());
    let keys: Vec<NewKey<'_>> = made
        .keys
        .iter()
        .map(|(user, new)| NewKey {
            user,
            title: title(user).unwrap_or_default(),
            id: new.key.id.to_string(),
            secret: new.secret.expose(),
        })
        .collect();
    let counts = [
        ("groups", made.groups.len().into()),
        ("users", made.users.len().into()),
        ("keys", keys.len().into()),
        ("there", (roster.groups.len() + roster.users.len() - made.groups.len() - made.users.len()).into()),
    ];
    let has_keys = !keys.is_empty();
    if terminal.json {
        let imported = Imported { groups_added: &made.groups, users_added: &made.users, keys };
        terminal.print_json(&imported)?;
    } else if has_keys {
        let titles = ["name", "title", "key"];
        let mut table = Table::new(titles.map(|title| words.t(&format!("people-title-{title}"))));
        for key in keys {
            table.row([key.user.to_owned(), key.title, key.secret.to_owned()]);
        }
        // Never wrapped: a key in two lines could not be copied.
        terminal.print(&table.render(None))?;
    }
    terminal.say(&words.f("people-imported", &counts));
    if has_keys {
        terminal.say(&words.t("people-keys-once"));
    }
    Ok(())
}
