//! The facts of the survey by number, status and place.

use sekisho_base::Code;
use sekisho_catalog::{Catalog, Claim, Entity, FactId, Kind, Status};
use sekisho_text::fold;
use serde::Serialize;

use crate::{
    cli::FactsArgs,
    failure::{Failure, Outcome},
    show,
    table::Table,
    terminal::Terminal,
    words::Words,
};

#[derive(Serialize)]
struct FactRow<'a> {
    class: &'static str,
    entry: &'a str,
    name: &'a sekisho_catalog::Bilingual,
    #[serde(flatten)]
    claim: &'a Claim,
    /// Claims on the same field of the same entry: the other voices.
    beside: Vec<&'a Claim>,
}

fn row<'a>(entity: &'a Entity, claim: &'a Claim) -> FactRow<'a> {
    FactRow {
        class: entity.class.word(),
        entry: &entity.id,
        name: &entity.name,
        claim,
        beside: beside(entity, claim),
    }
}

/// What stands beside a claim: other claims on its field about the same subject, or claims that name it.
fn beside<'a>(entity: &'a Entity, claim: &'a Claim) -> Vec<&'a Claim> {
    let names = |other: &Claim| claim.fact.is_some_and(|fact| other.against.contains(&fact));
    let same = |other: &Claim| {
        other.field == claim.field && other.about == claim.about && other.score == claim.score
    };
    entity
        .claims
        .iter()
        .filter(|other| !std::ptr::eq(*other, claim) && (names(other) || same(other)))
        .collect()
}

/// `catalog facts [WORD] --status conflict`.
pub(crate) fn list(catalog: &Catalog, args: &FactsArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let status =
        parse(args.status.as_deref(), "--status", Status::parse, Status::WORDS.iter().map(|w| w.0), words)?;
    let kind = parse(args.kind.as_deref(), "--kind", Kind::parse, Kind::WORDS.iter().map(|w| w.0), words)?;
    let cites = parse(
        args.cites.as_deref(),
        "--cites",
        |text| text.trim_start_matches(['R', 'r']).parse::<u8>().ok(),
        ["R1 … R87"].into_iter(),
        words,
    )?;
    let wanted = |entity: &Entity, claim: &Claim| {
        claim.fact.is_some()
            && status.is_none_or(|status| claim.status.contains(&status))
            && kind.is_none_or(|kind| claim.kind == kind)
            && cites.is_none_or(|number| claim.cites == Some(number))
            && args.line.is_none_or(|line| claim.line == Some(line))
            && args.word.as_deref().is_none_or(|word| speaks_of(catalog, entity, claim, word))
    };
    let mut found: Vec<_> = catalog.claims().filter(|(entity, claim)| wanted(entity, claim)).collect();
    found.sort_by_key(|(_, claim)| claim.fact);
    if terminal.json {
        let rows: Vec<_> = found.iter().map(|(entity, claim)| row(entity, claim)).collect();
        return terminal.print_json(&rows);
    }
    let titles = ["fact", "line", "entry", "field", "value", "voice", "status"];
    let mut table = Table::new(titles.map(|key| words.t(&format!("facts-{key}"))));
    for (entity, claim) in &found {
        let about = claim.about.as_ref().map_or_else(|| words.pick(&entity.name), |about| words.pick(about));
        table.row([
            claim.fact.map(|fact| fact.to_string()).unwrap_or_default(),
            claim.line.map(|line| format!("L{line}")).unwrap_or_default(),
            about.to_owned(),
            show::field(words, catalog, &claim.field).to_owned(),
            show::value(words, claim),
            words.t("voice-survey"),
            show::status(words, &claim.status),
        ]);
        // The other side belongs under the claim it answers, on every list.
        let fact = claim.fact.unwrap_or(FactId(0));
        for other in entity.claims.iter().filter(|other| other.against.contains(&fact)) {
            table.row([
                "└",
                "",
                "",
                "",
                &show::value(words, other),
                &show::voice(words, other),
                &show::sources(words, catalog, other),
            ]);
        }
    }
    terminal.print_table(&table)?;
    terminal.say(&words.f("facts-count", &[("count", found.len().into())]));
    Ok(())
}

fn speaks_of(catalog: &Catalog, entity: &Entity, claim: &Claim, word: &str) -> bool {
    let about = claim.about.iter().flat_map(|about| [about.ja.as_str(), about.en.as_str()]);
    let field = catalog
        .field(&claim.field)
        .into_iter()
        .flat_map(|field| [field.label.ja.as_str(), field.label.en.as_str()]);
    let english = claim.value_en.iter().map(String::as_str);
    let names = [entity.id.as_str(), &entity.name.ja, &entity.name.en];
    let value = claim.value.to_string();
    let mut texts: Vec<&str> = names.to_vec();
    texts.extend(about.chain(field).chain(english));
    texts.push(&value);
    texts.into_iter().any(|text| fold::contains(text, word))
}

fn parse<T>(
    text: Option<&str>,
    flag: &str,
    read: impl Fn(&str) -> Option<T>,
    allowed: impl Iterator<Item = &'static str>,
    words: &Words,
) -> Outcome<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    match read(text) {
        Some(value) => Ok(Some(value)),
        None => {
            let args = [("flag", flag.to_owned().into()), ("value", text.to_owned().into())];
            let allowed = allowed.collect::<Vec<_>>().join(" ");
            Err(Failure::new(Code::BadFilter, words.f("cli-bad-word", &args))
                .hint(words.f("cli-hint-allowed", &[("words", allowed.into())])))
        }
    }
}

/// `catalog fact F213 F227`: each with everything that stands beside it.
pub(crate) fn show(catalog: &Catalog, numbers: &[String], terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let mut found = Vec::new();
    for number in numbers {
        let fact = FactId::parse(number).and_then(|id| catalog.fact(id));
        let missing = || {
            Failure::new(Code::NoSuchEntry, words.f("fact-missing", &[("number", number.clone().into())]))
                .hint(words.t("fact-hint"))
        };
        found.push(fact.ok_or_else(missing)?);
    }
    if terminal.json {
        let rows: Vec<_> = found.iter().map(|(entity, claim)| row(entity, claim)).collect();
        return terminal.print_json(&rows);
    }
    for (at, (entity, claim)) in found.iter().enumerate() {
        if at > 0 {
            terminal.print_line("")?;
        }
        print_claim(catalog, entity, claim, terminal)?;
        for other in beside(entity, claim) {
            terminal.print_line("")?;
            terminal.print_line(&format!("── {}", words.t("fact-beside")))?;
            print_claim(catalog, entity, other, terminal)?;
        }
    }
    Ok(())
}

fn print_claim(catalog: &Catalog, entity: &Entity, claim: &Claim, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let about = claim.about.as_ref().map_or_else(|| words.pick(&entity.name), |about| words.pick(about));
    terminal.print_line(&format!(
        "{}  {about} — {}",
        show::voice(words, claim),
        show::field(words, catalog, &claim.field)
    ))?;
    let mut table = Table::new(["field", "value"].map(|key| words.t(&format!("claim-{key}"))));
    let mut line = |key: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            table.row([words.t(&format!("claim-{key}")), text]);
        }
    };
    line("value", Some(show::value(words, claim)));
    line("printed", claim.printed.clone());
    line("scale", claim.scale.clone());
    line("as-of", claim.as_of.clone());
    line("date-kind", claim.date_kind.map(|kind| words.t(&format!("date-{}", kind.word()))));
    line("kind", Some(words.t(&format!("kind-{}", claim.kind.word()))));
    line("status", Some(show::status(words, &claim.status)));
    line("source", Some(show::sources(words, catalog, claim)));
    line("locator", claim.locator.clone());
    line("line", claim.line.map(|line| format!("L{line}")));
    if let Some(tag) = &claim.price {
        line(
            "tier",
            Some(format!(
                "{} / {}",
                show::word(words, &tag.service_tier),
                show::word(words, &tag.context_tier)
            )),
        );
    }
    if let Some(tag) = &claim.score {
        for (key, text) in [
            ("benchmark", &tag.benchmark),
            ("part", &tag.part),
            ("harness", &tag.harness),
            ("version", &tag.version),
            ("composition", &tag.composition),
            ("judge", &tag.judge),
        ] {
            line(key, Some(show::word(words, text)));
        }
    }
    line("checked-against", claim.checked_against.clone());
    line("against", Some(claim.against.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")));
    line("note", claim.note.as_ref().map(|note| words.pick(note).to_owned()));
    if let Some(reference) = claim.cites.and_then(|number| catalog.reference(number)) {
        line("cited-page", reference.0.url.clone());
        line("mismatch", reference.1.mismatch.as_ref().map(|text| words.pick(text).to_owned()));
    }
    line("place", Some(format!("{}:{}", claim.origin.file, claim.origin.line)));
    terminal.print_table(&table)
}
