//! One entry with all its claims, and the plain lists.

use sekisho_catalog::{Catalog, Class, Entity, Reference};
use serde::Serialize;

use super::one;
use crate::{
    failure::{Failure, Outcome},
    show,
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// Everything that is claimed about one entry; claims that disagree stand under each other with who says which.
pub(crate) fn show(catalog: &Catalog, class: Class, wanted: &str, terminal: &mut Terminal<'_>) -> Outcome {
    let entity = one(catalog, class, wanted, terminal.words)?;
    if terminal.json {
        return terminal.print_json(entity);
    }
    print_entity(catalog, entity, terminal)
}

/// The heading, relations and claims of an entry.
pub(crate) fn print_entity(catalog: &Catalog, entity: &Entity, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    terminal.print_line(&format!("{} ({})", words.pick(&entity.name), entity.id))?;
    for (relation, ids) in &entity.relations {
        let named: Vec<String> = ids
            .iter()
            .map(|id| {
                let related = Class::parse(relation).and_then(|class| catalog.get(class, id));
                related.map_or_else(|| id.clone(), |entity| words.pick(&entity.name).to_owned())
            })
            .collect();
        terminal.print_line(&format!(
            "{}: {}",
            words.t(&format!("relation-{relation}")),
            named.join(" / ")
        ))?;
    }
    if let Some(url) = &entity.url {
        terminal.print_line(url)?;
    }
    if let Some(note) = &entity.note {
        terminal.print_line(words.pick(note))?;
    }
    if entity.claims.is_empty() {
        return Ok(());
    }
    terminal.print_line("")?;
    let titles = ["field", "value", "kind", "status", "as-of", "voice", "source"];
    let mut table = Table::new(titles.map(|key| words.t(&format!("claim-{key}"))));
    let mut order: Vec<&str> = Vec::new();
    for claim in &entity.claims {
        if !order.contains(&claim.field.as_str()) {
            order.push(&claim.field);
        }
    }
    // What was looked for and not found is said once, so that it does not bury what was found.
    let silent =
        |field: &&str| entity.claims_on(field).all(|claim| !claim.value.is_known() && claim.fact.is_none());
    let (silent, told): (Vec<&str>, Vec<&str>) = order.into_iter().partition(silent);
    for field in told {
        for (at, claim) in entity.claims_on(field).enumerate() {
            let label =
                if at == 0 { show::field(words, catalog, field).to_owned() } else { "〃".to_owned() };
            table.row([
                label,
                score_or_value(words, catalog, claim),
                words.t(&format!("kind-{}", claim.kind.word())),
                show::status(words, &claim.status),
                claim.as_of.clone().unwrap_or_else(|| words.t("undisclosed")),
                show::voice(words, claim),
                show::sources(words, catalog, claim),
            ]);
        }
    }
    if !table.is_empty() {
        terminal.print_table(&table)?;
    }
    if let Some(first) = silent.first().and_then(|field| entity.best(field)) {
        let names: Vec<&str> = silent.iter().map(|field| show::field(words, catalog, field)).collect();
        let source = show::sources(words, catalog, first);
        terminal.print_line("")?;
        let args = [("fields", names.join(&words.t("list-separator")).into()), ("source", source.into())];
        terminal.print_line(&words.f("entry-silent", &args))?;
    }
    terminal.say(&words.t("entry-legend"));
    Ok(())
}

fn score_or_value(words: &Words, catalog: &Catalog, claim: &sekisho_catalog::Claim) -> String {
    let shown = show::value(words, claim);
    let Some(tag) = &claim.score else { return with_tier(words, claim, shown) };
    let benchmark = catalog.get(Class::Benchmark, &tag.benchmark);
    let name = benchmark.map_or(tag.benchmark.as_str(), |benchmark| words.pick(&benchmark.name));
    let scale = claim.scale.as_deref().unwrap_or_default();
    format!("{name} ({}): {shown} [{scale}]", show::word(words, &tag.part))
}

fn with_tier(words: &Words, claim: &sekisho_catalog::Claim, shown: String) -> String {
    match &claim.price {
        Some(tag) => format!(
            "{shown} ({}, {})",
            show::word(words, &tag.service_tier),
            show::word(words, &tag.context_tier)
        ),
        None => shown,
    }
}

/// `catalog products`.
pub(crate) fn products(catalog: &Catalog, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let products: Vec<&Entity> = catalog.of(Class::Product).collect();
    if terminal.json {
        return terminal.print_json(&products);
    }
    let mut table =
        Table::new(["id", "name", "by", "models", "access"].map(|key| words.t(&format!("products-{key}"))));
    for product in products {
        let names = |class: Class, relation: &str| {
            let related = product.related(relation).iter().filter_map(|id| catalog.get(class, id));
            related.map(|entity| words.pick(&entity.name)).collect::<Vec<_>>().join(" / ")
        };
        table.row([
            product.id.clone(),
            words.pick(&product.name).to_owned(),
            names(Class::Organisation, "organisation"),
            names(Class::Model, "model"),
            show::best(words, product, "access"),
        ]);
    }
    terminal.print_table(&table)
}

/// `catalog gpus`.
pub(crate) fn gpus(catalog: &Catalog, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let gpus: Vec<&Entity> = catalog.of(Class::Gpu).collect();
    if terminal.json {
        return terminal.print_json(&gpus);
    }
    const FIELDS: &[&str] =
        &["memory_gb", "bandwidth_gb_s", "dense_bf16_tflops", "dense_fp8_tflops", "dense_int8_tops", "tdp_w"];
    let titles = ["id".to_owned(), words.t("gpus-name")]
        .into_iter()
        .chain(FIELDS.iter().map(|field| format!(">{}", show::field(words, catalog, field))))
        .chain([words.t("gpus-note")]);
    let mut table = Table::new(titles);
    for gpu in gpus {
        let note = gpu.note.as_ref().map_or("", |note| words.pick(note));
        let cells = [gpu.id.clone(), gpu.name.en.clone()]
            .into_iter()
            .chain(FIELDS.iter().map(|field| {
                gpu.number(field).value().map_or_else(|| words.t("undisclosed"), |number| number.to_string())
            }))
            .chain([note.to_owned()]);
        table.row(cells);
    }
    terminal.print_table(&table)
}

#[derive(Serialize)]
struct ReferenceRow<'a> {
    source: &'a Entity,
    reference: &'a Reference,
}

/// `catalog sources`: all, one by id or words, or one by its number in the survey (`R52`).
pub(crate) fn sources(catalog: &Catalog, wanted: Option<&str>, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let Some(wanted) = wanted else { return all_sources(catalog, terminal) };
    let number = wanted.trim().strip_prefix(['R', 'r']).and_then(|digits| digits.parse::<u8>().ok());
    let Some(number) = number else { return show(catalog, Class::Source, wanted, terminal) };
    let Some((source, reference)) = catalog.reference(number) else {
        let tried = words.f("sources-no-reference", &[("number", wanted.to_owned().into())]);
        return Err(Failure::new(sekisho_base::Code::NoSuchEntry, tried).hint(words.t("sources-hint")));
    };
    if terminal.json {
        return terminal.print_json(&ReferenceRow { source, reference });
    }
    terminal.print_line(&format!("R{number:02}: {}", reference_line(words, reference)))?;
    print_entity(catalog, source, terminal)?;
    let cited = catalog.claims().filter(|(_, claim)| claim.cites == Some(number));
    let mut table =
        Table::new(["fact", "entry", "field", "value"].map(|key| words.t(&format!("facts-{key}"))));
    for (entity, claim) in cited {
        let fact = claim.fact.map(|fact| fact.to_string()).unwrap_or_default();
        table.row([
            fact,
            words.pick(&entity.name).to_owned(),
            show::field(words, catalog, &claim.field).to_owned(),
            show::value(words, claim),
        ]);
    }
    if table.is_empty() {
        return Ok(());
    }
    terminal.print_line("")?;
    terminal.print_line(&words.t("sources-cited-for"))?;
    terminal.print_table(&table)
}

fn reference_line(words: &Words, reference: &Reference) -> String {
    let role = match &reference.on_entity {
        Some(note) => words.f(
            "sources-on-entity",
            &[("entity", note.entity.clone().into()), ("line", note.line.to_string().into())],
        ),
        None => words.t("sources-citation"),
    };
    let line = words.f("sources-line", &[("line", reference.line.to_string().into())]);
    match &reference.mismatch {
        Some(mismatch) => format!("{role}, {line} × {}", words.pick(mismatch)),
        None => format!("{role}, {line}"),
    }
}

fn all_sources(catalog: &Catalog, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let sources: Vec<&Entity> = catalog.of(Class::Source).collect();
    if terminal.json {
        return terminal.print_json(&sources);
    }
    let titles =
        ["id", "name", "kind", "references", ">claims", "url"].map(|key| match key.strip_prefix('>') {
            Some(key) => format!(">{}", words.t(&format!("sources-{key}"))),
            None => words.t(&format!("sources-{key}")),
        });
    let mut table = Table::new(titles);
    for source in sources {
        let numbers: Vec<String> = source
            .references
            .iter()
            .map(|reference| {
                let mark = if reference.mismatch.is_some() { "×" } else { "" };
                format!("R{:02}{mark}", reference.number)
            })
            .collect();
        let used = catalog.claims().filter(|(_, claim)| claim.source.contains(&source.id)).count();
        let kind =
            source.source_kind.as_deref().map_or_else(String::new, |kind| words.t(&format!("source-{kind}")));
        table.row([
            source.id.clone(),
            words.pick(&source.name).to_owned(),
            kind,
            numbers.join(" "),
            used.to_string(),
            source.url.clone().unwrap_or_default(),
        ]);
    }
    terminal.print_table(&table)?;
    terminal.say(&words.t("sources-legend"));
    Ok(())
}
