//! Who uses what, where and how far along.

use sekisho_base::Code;
use sekisho_catalog::{Catalog, Class, Entity, Truth, adoptions_by, any_code};

use crate::{
    cli::{AdoptionField, AdoptionsArgs},
    failure::{Failure, Outcome},
    show,
    table::Table,
    terminal::Terminal,
    words::Words,
};

const FIELDS: &[&str] = &["sector", "purpose", "extent", "period", "stage", "environment", "model"];

/// `catalog adoptions`, filtered, or counted `--by` one field.
pub(crate) fn run(catalog: &Catalog, args: &AdoptionsArgs, terminal: &mut Terminal<'_>) -> Outcome {
    if let Some(field) = args.by {
        return counted(catalog, field, terminal);
    }
    let words = terminal.words;
    let filters = [("sector", &args.sector), ("environment", &args.environment), ("stage", &args.stage)];
    let mut wanted = Vec::new();
    for (field, word) in filters {
        if let Some(word) = word {
            wanted.push((field, code(catalog, field, word, words)?));
        }
    }
    let judged: Vec<(&Entity, Truth)> = catalog
        .of(Class::Adoption)
        .map(|adoption| {
            let worst = wanted.iter().map(|(field, code)| any_code(adoption, field, &[code])).max();
            (adoption, worst.unwrap_or(Truth::Yes))
        })
        .filter(|(_, verdict)| *verdict != Truth::No)
        .collect();
    if terminal.json {
        let rows: Vec<_> = judged
            .iter()
            .map(|(adoption, verdict)| serde_json::json!({ "verdict": verdict, "adoption": adoption }))
            .collect();
        return terminal.print_json(&rows);
    }
    let mut titles = vec![words.t("adoptions-organisation")];
    titles.extend(FIELDS.iter().map(|field| show::field(words, catalog, field).to_owned()));
    titles.push(words.t("adoptions-voice"));
    let mut table = Table::new(titles);
    for (adoption, verdict) in &judged {
        rows(adoption, *verdict, &mut table, words);
    }
    terminal.print_table(&table)?;
    let unsure = judged.iter().filter(|(_, verdict)| *verdict == Truth::Unknown).count();
    terminal.say(&words.f("adoptions-counts", &[("count", judged.len().into()), ("unknown", unsure.into())]));
    terminal.say(&words.t("models-legend"));
    Ok(())
}

/// One row for what the survey says, one below for what the public record says.
fn rows(adoption: &Entity, verdict: Truth, table: &mut Table, words: &Words) {
    let name = words.pick(&adoption.name);
    let name = if verdict == Truth::Unknown { format!("？ {name}") } else { name.to_owned() };
    for survey in [true, false] {
        let cell = |field: &&str| {
            let claims = adoption.claims_on(field).filter(|claim| claim.is_survey() == survey);
            claims
                .map(|claim| {
                    let disputed = claim.status.iter().any(|status| status.is_disputed());
                    let mark =
                        if disputed { format!(" {}", words.t("cli-disputed-mark")) } else { String::new() };
                    format!("{}{mark}", show::value(words, claim))
                })
                .collect::<Vec<_>>()
                .join(" / ")
        };
        let cells: Vec<String> = FIELDS.iter().map(cell).collect();
        if !survey && cells.iter().all(String::is_empty) {
            continue;
        }
        let first = if survey { name.clone() } else { "└".to_owned() };
        let voice = words.t(if survey { "voice-survey" } else { "voice-public" });
        table.row(std::iter::once(first).chain(cells).chain([voice]));
    }
}

/// A code by its id or its name in either language.
fn code(catalog: &Catalog, field: &str, word: &str, words: &Words) -> Outcome<String> {
    let definition = catalog.field(field);
    let codes = definition.map_or(&[][..], |field| &field.codes);
    let key = sekisho_text::fold::key(word);
    let found = codes.iter().find(|(id, label)| {
        [id.as_str(), &label.ja, &label.en].iter().any(|name| sekisho_text::fold::key(name) == key)
    });
    found.map(|(id, _)| id.clone()).ok_or_else(|| {
        let args = [("flag", format!("--{field}").into()), ("value", word.to_owned().into())];
        let allowed: Vec<_> =
            codes.iter().map(|(id, label)| format!("{id} ({})", words.pick(label))).collect();
        Failure::new(Code::BadFilter, words.f("cli-bad-word", &args))
            .hint(words.f("cli-hint-allowed", &[("words", allowed.join(", ").into())]))
    })
}

fn counted(catalog: &Catalog, field: AdoptionField, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let id = match field {
        AdoptionField::Sector => "sector",
        AdoptionField::Environment => "environment",
        AdoptionField::Stage => "stage",
    };
    let groups = adoptions_by(catalog, id);
    if terminal.json {
        let rows: Vec<_> = groups
            .iter()
            .map(|(code, members)| {
                let ids: Vec<_> = members.iter().map(|member| &member.id).collect();
                serde_json::json!({ "code": code, "count": members.len(), "adoptions": ids })
            })
            .collect();
        return terminal.print_json(&rows);
    }
    let definition = catalog.field(id);
    let mut table = Table::new([
        show::field(words, catalog, id).to_owned(),
        format!(">{}", words.t("adoptions-count")),
        words.t("adoptions-organisations"),
    ]);
    for (code, members) in groups {
        let label = code.map_or_else(
            || words.t("undisclosed"),
            |code| {
                let label = definition.and_then(|field| field.code_label(code));
                label.map_or_else(|| code.to_owned(), |label| words.pick(label).to_owned())
            },
        );
        let names: Vec<&str> = members.iter().map(|member| words.pick(&member.name)).collect();
        table.row([label, members.len().to_string(), names.join(" / ")]);
    }
    terminal.print_table(&table)
}
