//! `sekisho catalog`: looking up what is known, and how well.

mod adoptions;
mod entries;
pub(crate) mod export;
mod facts;
pub(crate) mod models;
mod money_and_time;
mod scores;

use std::path::Path;

use sekisho_base::Code;
use sekisho_catalog::{Catalog, Class, Entity};

use crate::{
    cli::CatalogCommand,
    commands::open,
    failure::{Failure, Outcome},
    show,
    terminal::Terminal,
    words::Words,
};

/// Runs one catalog command.
pub(crate) fn run(command: CatalogCommand, overlay: Option<&Path>, terminal: &mut Terminal<'_>) -> Outcome {
    if matches!(command, CatalogCommand::Check) {
        return check(overlay, terminal);
    }
    let catalog = open(overlay, terminal);
    match command {
        CatalogCommand::Models(args) => models::list(&catalog, &args, terminal),
        CatalogCommand::Model { id } => entries::show(&catalog, Class::Model, &id, terminal),
        CatalogCommand::Compare { ids } => models::compare(&catalog, &ids, terminal),
        CatalogCommand::Adoptions(args) => adoptions::run(&catalog, &args, terminal),
        CatalogCommand::Benchmarks { benchmark } => scores::run(&catalog, benchmark.as_deref(), terminal),
        CatalogCommand::Prices { offer } => money_and_time::prices(&catalog, offer.as_deref(), terminal),
        CatalogCommand::Timeline { releases, from, to } => {
            money_and_time::timeline(&catalog, releases, from.as_deref(), to.as_deref(), terminal)
        }
        CatalogCommand::Products { product } => match product {
            Some(wanted) => entries::show(&catalog, Class::Product, &wanted, terminal),
            None => entries::products(&catalog, terminal),
        },
        CatalogCommand::Gpus => entries::gpus(&catalog, terminal),
        CatalogCommand::Sources { source } => entries::sources(&catalog, source.as_deref(), terminal),
        CatalogCommand::Facts(args) => facts::list(&catalog, &args, terminal),
        CatalogCommand::Fact { numbers } => facts::show(&catalog, &numbers, terminal),
        CatalogCommand::Check => Ok(()),
        CatalogCommand::Export { format, out } => export::run(&catalog, format, out.as_deref(), terminal),
    }
}

/// Every problem of every file; exit status 1 when there is one.
fn check(overlay: Option<&Path>, terminal: &mut Terminal<'_>) -> Outcome {
    let (catalog, problems) = Catalog::load(overlay);
    let words = terminal.words;
    if terminal.json {
        terminal.print_json(&problems)?;
    } else {
        for problem in &problems {
            terminal.print_line(&format!(
                "{}:{}: {}",
                problem.file,
                problem.line,
                show::problem(words, problem)
            ))?;
        }
    }
    let (entries, claims) = (catalog.all().count(), catalog.claims().count());
    terminal.say(&words.f("check-size", &[("entries", entries.into()), ("claims", claims.into())]));
    if problems.is_empty() {
        terminal.say(&words.t("check-clean"));
        return Ok(());
    }
    let tried = words.f("check-found", &[("count", problems.len().into())]);
    Err(Failure::new(Code::CatalogProblems, tried).hint(words.t("check-hint")))
}

/// The one entry that a person meant, or a failure that names the candidates.
pub(crate) fn one<'a>(
    catalog: &'a Catalog,
    class: Class,
    wanted: &str,
    words: &Words,
) -> Outcome<&'a Entity> {
    let found = catalog.find(class, wanted);
    if let [only] = found.as_slice() {
        return Ok(only);
    }
    let key = if found.is_empty() { "cli-no-such-entry" } else { "cli-several-entries" };
    let class_name = words.t(&format!("class-{}", class.word()));
    let failure = Failure::new(
        Code::NoSuchEntry,
        words.f(key, &[("wanted", wanted.to_owned().into()), ("class", class_name.into())]),
    );
    let candidates: Vec<&str> = if found.is_empty() {
        nearest(catalog, class, wanted)
    } else {
        found.iter().take(12).map(|entity| entity.id.as_str()).collect()
    };
    Err(if candidates.is_empty() {
        failure.hint(words.t("cli-hint-list"))
    } else {
        failure.hint(words.f("cli-hint-candidates", &[("ids", candidates.join(", ").into())]))
    })
}

/// Ids that share the longest beginning with what was typed.
fn nearest<'a>(catalog: &'a Catalog, class: Class, wanted: &str) -> Vec<&'a str> {
    let key = sekisho_text::fold::key(wanted);
    let shared = |id: &str| {
        let id = sekisho_text::fold::key(id);
        id.chars().zip(key.chars()).take_while(|(left, right)| left == right).count()
    };
    let best = catalog.of(class).map(|entity| shared(&entity.id)).max().unwrap_or(0);
    if best < 2 {
        return Vec::new();
    }
    catalog.of(class).map(|entity| entity.id.as_str()).filter(|id| shared(id) == best).take(8).collect()
}
