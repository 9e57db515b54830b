//! `sekisho template`: prompt templates under version. One writes, another approves, nothing that was approved changes.

use std::{path::Path, sync::Arc};

use sekisho_base::Code;
use sekisho_serve::template::{Malformed, PLACES_MAX, Template as Places};
use sekisho_store::{Principal, Role, State, Store, TEMPLATE_BYTES_MAX, Template, TemplateId, TemplateRef};
use serde::Serialize;

use super::{failure, place::Place, principal, printable, tell};
use crate::{
    cli::{Data, PromptCommand, Sure},
    commands::audit::{
        change::ask,
        place::{read_text, unreadable},
        printable_lines, time,
    },
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// Runs one command.
pub(super) fn run(command: PromptCommand, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    match command {
        PromptCommand::Add { template, file, by } => add(&template, &file, &by, data, terminal),
        PromptCommand::Edit { template, file, by } => edit(&template, &file, &by, data, terminal),
        PromptCommand::List { template } => list(template.as_deref(), data, terminal),
        PromptCommand::Show { template } => show(&template, data, terminal),
        PromptCommand::Approve { template, by, revision } => {
            approve(&template, &by, revision, data, terminal)
        }
        PromptCommand::Retire { template, by, sure } => retire(&template, &by, sure, data, terminal),
    }
}

/// A version as programs read it.
#[derive(Serialize)]
struct View {
    name: String,
    version: u32,
    state: &'static str,
    revision: u64,
    author: String,
    created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    places: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl View {
    fn of(template: &Template, store: &Store) -> Self {
        let name = |id| store.principal_by_id(id).map(|one| one.name.clone());
        Self {
            name: template.name.clone(),
            version: template.version,
            state: match template.state {
                State::Draft => "draft",
                State::Approved => "approved",
                State::Retired => "retired",
            },
            revision: template.revision,
            author: name(template.author).unwrap_or_default(),
            created: time::exact(template.created_ms),
            approved_by: template.approved_by.and_then(name),
            approved: template.approved_ms.map(time::exact),
            retired_by: template.retired_by.and_then(name),
            retired: template.retired_ms.map(time::exact),
            places: places(&template.text),
            text: None,
        }
    }
}

/// Who does it: somebody who is not disabled.
fn actor(store: &Store, name: &str, words: &Words) -> Outcome<Arc<Principal>> {
    let one = principal(store, name, words)?;
    if one.disabled_ms.is_none() {
        return Ok(one);
    }
    let args = [("name", one.name.clone().into())];
    Err(Failure::new(Code::Forbidden, words.f("people-by-disabled", &args)))
}

fn id(text: &str, words: &Words) -> Outcome<TemplateId> {
    text.parse().map_err(|_| {
        Failure::new(Code::Usage, words.f("people-not-a-version", &[("text", printable(text).into())]))
            .hint(words.t("people-hint-version"))
    })
}

/// A text whose places can be filled: the gate refuses any other, and an approver should not have to see that.
fn text(file: &Path, words: &Words) -> Outcome<String> {
    let text = read_text(file, TEMPLATE_BYTES_MAX as u64).map_err(|error| unreadable(file, &error, words))?;
    let cause = match Places::parse(&text) {
        Ok(_) => return Ok(text),
        Err(Malformed::Place { line }) => words.f("people-template-braces", &[("line", line.into())]),
        Err(Malformed::TooMany) => words.f("people-template-places-max", &[("max", PLACES_MAX.into())]),
    };
    let file = file.display().to_string();
    Err(Failure::new(Code::Usage, words.f("people-template-malformed", &[("file", file.into())]))
        .cause(cause)
        .hint(words.t("people-hint-places")))
}

/// The names of the places of a text; none where it is from before they were looked at, and cannot be used.
fn places(text: &str) -> Vec<String> {
    let places = Places::parse(text).map(|places| places.places().into_iter().map(str::to_owned).collect());
    places.unwrap_or_default()
}

fn found(store: &Store, id: &TemplateId, words: &Words) -> Outcome<Template> {
    store.template(id).map_err(|error| match error {
        sekisho_store::Error::NoSuch { .. } => {
            Failure::new(Code::NoSuchItem, words.f("people-no-template", &[("id", id.to_string().into())]))
                .hint("sekisho template list")
        }
        error => failure(&error, words.t("people-template-failed"), words),
    })
}

fn add(name: &str, file: &Path, by: &str, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let text = text(file, words)?;
    let place = Place::open(data, words)?;
    let by = actor(&place.store, by, words)?;
    let made = place.store.draft_template(name, &text, by.id);
    let id = made.map_err(|error| failure(&error, words.t("people-template-failed"), words))?;
    place.record(terminal);
    told("template.drafted", &id, &place, terminal)?;
    terminal.say(&words.f("people-hint-approve", &[("id", id.to_string().into())]));
    Ok(())
}

fn told(done: &str, id: &TemplateId, place: &Place, terminal: &mut Terminal<'_>) -> Outcome {
    if terminal.json {
        let template = found(&place.store, id, terminal.words)?;
        return terminal.print_json(&View::of(&template, &place.store));
    }
    tell(done, &id.to_string(), terminal)
}

fn edit(typed: &str, file: &Path, by: &str, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let id = id(typed, words)?;
    let text = text(file, words)?;
    let place = Place::open(data, words)?;
    let by = actor(&place.store, by, words)?;
    let seen = found(&place.store, &id, words)?.revision;
    let edited = place.store.edit_draft(&id, seen, &text, by.id);
    edited.map_err(|error| failure(&error, words.t("people-template-failed"), words))?;
    place.record(terminal);
    told("template.edited", &id, &place, terminal)
}

fn list(name: Option<&str>, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let all = place.store.templates(name);
    let all = all.map_err(|error| failure(&error, words.t("people-template-failed"), words))?;
    let views: Vec<View> = all.iter().map(|one| View::of(one, &place.store)).collect();
    if terminal.json {
        return terminal.print_json(&views);
    }
    let titles = ["template", "state", "author", "created", "approved-by", "retired-by"];
    let mut table = Table::new(titles.map(|title| words.t(&format!("people-title-{title}"))));
    for (one, view) in all.iter().zip(views) {
        table.row([
            format!("{}@{}", view.name, view.version),
            words.t(&format!("people-template-state-{}", view.state)),
            view.author,
            time::shown(one.created_ms),
            view.approved_by.unwrap_or_default(),
            view.retired_by.unwrap_or_default(),
        ]);
    }
    terminal.print_table(&table)
}

/// The text goes to the standard output, and what is known of it to the other stream.
fn show(typed: &str, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(data, words)?;
    let reference: TemplateRef = typed.parse().map_err(|_| {
        Failure::new(Code::Usage, words.f("people-not-a-version", &[("text", printable(typed).into())]))
            .hint(words.t("people-hint-version"))
    })?;
    let template = match reference.version {
        Some(version) => found(&place.store, &TemplateId { name: reference.name, version }, words)?,
        None => {
            let approved = place.store.approved_template(&reference);
            approved.map(|one| (*one).clone()).ok_or_else(|| {
                let args = [("name", reference.name.clone().into())];
                Failure::new(Code::TemplateUnusable, words.f("people-none-approved", &args))
                    .hint(format!("sekisho template list {}", reference.name))
            })?
        }
    };
    let view = View::of(&template, &place.store);
    if terminal.json {
        return terminal.print_json(&View { text: Some(template.text), ..view });
    }
    let args = [
        ("id", format!("{}@{}", view.name, view.version).into()),
        ("state", words.t(&format!("people-template-state-{}", view.state)).into()),
        ("revision", view.revision.to_string().into()),
        ("author", view.author.into()),
    ];
    terminal.say(&words.f("people-template-head", &args));
    if !view.places.is_empty() {
        terminal.say(&words.f("people-template-places", &[("places", view.places.join(", ").into())]));
    }
    terminal.print_line(printable_lines(&template.text).trim_end_matches('\n'))
}

fn approve(
    typed: &str,
    by: &str,
    revision: Option<u64>,
    data: &Data,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let id = id(typed, words)?;
    let place = Place::open(data, words)?;
    let by = actor(&place.store, by, words)?;
    let args = [("id", id.to_string().into()), ("name", by.name.clone().into())];
    if !by.roles.contains(&Role::Approver) {
        return Err(Failure::new(Code::Forbidden, words.f("people-approve-failed", &args))
            .cause(words.f("people-not-an-approver", &args))
            .hint(words.t("people-hint-approver")));
    }
    let seen = revision.unwrap_or(found(&place.store, &id, words)?.revision);
    let approved = place.store.approve_template(&id, seen, by.id);
    approved.map_err(|error| failure(&error, words.f("people-approve-failed", &args), words))?;
    place.record(terminal);
    told("template.approved", &id, &place, terminal)
}

fn retire(typed: &str, by: &str, sure: Sure, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let id = id(typed, words)?;
    let place = Place::open(data, words)?;
    let by = actor(&place.store, by, words)?;
    found(&place.store, &id, words)?;
    let args = [("id", id.to_string().into())];
    ask(&words.f("people-template-retire-ask", &args), None, sure.yes, terminal)?;
    let retired = place.store.retire_template(&id, by.id);
    retired.map_err(|error| failure(&error, words.t("people-template-failed"), words))?;
    place.record(terminal);
    told("template.retired", &id, &place, terminal)
}
