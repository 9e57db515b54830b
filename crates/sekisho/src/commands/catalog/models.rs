//! Lists and comparisons of models.

use sekisho_base::Code;
use sekisho_catalog::{Catalog, Class, Entity, ModelFilter, Truth, score_groups};
use sekisho_text::numeral::{self, NotAQuantity};

use super::{one, scores};
use crate::{
    cli::ModelsArgs,
    failure::{Failure, Outcome},
    show,
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// `catalog models`: those that match, then those to ask about; what does not match is counted aloud.
pub(crate) fn list(catalog: &Catalog, args: &ModelsArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let filter = filter(args, words)?;
    let matches = filter.apply(catalog);
    if terminal.json {
        return terminal.print_json(&matches);
    }
    let mut titles = ["id", "name", ">params", ">context", "licence", "commercial", "access"]
        .map(|key| column(words, "models", key))
        .to_vec();
    if !filter.is_empty() {
        titles.push(words.t("models-verdict"));
    }
    let mut table = Table::new(titles);
    for wanted in [Truth::Yes, Truth::Unknown] {
        for found in matches.iter().filter(|found| found.verdict == wanted) {
            let mut cells = cells(words, catalog, found.model);
            if !filter.is_empty() {
                cells.push(verdict(words, catalog, found.verdict, &found.to_confirm));
            }
            table.row(cells);
        }
    }
    terminal.print_table(&table)?;
    let count = |verdict| matches.iter().filter(|found| found.verdict == verdict).count();
    if !filter.is_empty() {
        terminal.say(&words.f(
            "models-counts",
            &[
                ("yes", count(Truth::Yes).into()),
                ("unknown", count(Truth::Unknown).into()),
                ("no", count(Truth::No).into()),
            ],
        ));
    }
    terminal.say(&words.t("models-legend"));
    Ok(())
}

/// `>key` marks a column of numbers; the title comes from the locale.
fn column(words: &Words, table: &str, key: &str) -> String {
    match key.strip_prefix('>') {
        Some(key) => format!(">{}", words.t(&format!("{table}-{key}"))),
        None => words.t(&format!("{table}-{key}")),
    }
}

fn cells(words: &Words, catalog: &Catalog, model: &Entity) -> Vec<String> {
    let name = words.pick(&model.name);
    let name =
        if model.comparison { format!("{name} {}", words.t("models-comparison")) } else { name.to_owned() };
    vec![
        model.id.clone(),
        name,
        show::best(words, model, "params_total"),
        model
            .count("context")
            .value()
            .map_or_else(|| words.t("undisclosed"), |n| numeral::group(&n.to_string())),
        show::best(words, model, "licence"),
        show::codes(words, catalog, model, "commercial_use"),
        show::codes(words, catalog, model, "access"),
    ]
}

fn verdict(words: &Words, catalog: &Catalog, verdict: Truth, to_confirm: &[&str]) -> String {
    match verdict {
        Truth::Yes => format!("○ {}", words.t("models-match")),
        Truth::No => format!("× {}", words.t("models-no-match")),
        Truth::Unknown => {
            let fields: Vec<&str> = to_confirm.iter().map(|id| show::field(words, catalog, id)).collect();
            format!("？ {}: {}", words.t("to-confirm"), fields.join(&words.t("list-separator")))
        }
    }
}

fn filter(args: &ModelsArgs, words: &Words) -> Outcome<ModelFilter> {
    Ok(ModelFilter {
        open_weights: args.open_weights,
        commercial: args.commercial,
        on_prem: args.on_prem,
        api: args.api,
        gguf: args.gguf,
        max_params: count("--max-params", args.max_params.as_deref(), words)?,
        min_params: count("--min-params", args.min_params.as_deref(), words)?,
        min_context: count("--min-context", args.min_context.as_deref(), words)?,
        licence: args.licence.clone(),
        developer: args.developer.clone(),
        series: args.series.clone(),
        name: args.name.clone(),
    })
}

/// A count as people type it: `10B`, `130億`, `32k`.
pub(crate) fn count(flag: &str, text: Option<&str>, words: &Words) -> Outcome<Option<u64>> {
    let Some(text) = text else { return Ok(None) };
    match numeral::parse_quantity(text) {
        Ok(number) if (0.0..9e18).contains(&number) => Ok(Some(number.round() as u64)),
        outcome => {
            let args = [("flag", flag.to_owned().into()), ("value", text.to_owned().into())];
            let mut failure = Failure::new(Code::BadFilter, words.f("cli-bad-count", &args));
            if let Err(NotAQuantity::Character(character)) = outcome {
                failure = failure
                    .cause(words.f("cli-bad-character", &[("character", character.to_string().into())]));
            }
            Err(failure.hint(words.t("cli-hint-count")))
        }
    }
}

const COMPARED: &[&str] = &[
    "developer",
    "release_date",
    "params_total",
    "params_active",
    "context",
    "licence",
    "commercial_use",
    "access",
    "origin",
    "base_model",
    "architecture",
    "layers",
    "hidden",
    "heads",
    "kv_heads",
    "head_dim",
    "vocab",
    "tokenizer",
    "chat_template",
];

/// `catalog compare A B C`: fields down, models across; scores only where they may be compared.
pub(crate) fn compare(catalog: &Catalog, ids: &[String], terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let models = ids.iter().map(|id| one(catalog, Class::Model, id, words)).collect::<Outcome<Vec<_>>>()?;
    if terminal.json {
        return terminal.print_json(&models);
    }
    let titles = std::iter::once(words.t("compare-field"))
        .chain(models.iter().map(|model| words.pick(&model.name).to_owned()));
    let mut table = Table::new(titles);
    for field in COMPARED {
        let label = show::field(words, catalog, field).to_owned();
        table.row(std::iter::once(label).chain(models.iter().map(|model| show::best(words, model, field))));
    }
    terminal.print_table(&table)?;
    let groups: Vec<_> = score_groups(catalog)
        .into_iter()
        .filter(|group| {
            group.scores.iter().any(|score| models.iter().any(|model| model.id == score.entity.id))
        })
        .collect();
    if !groups.is_empty() {
        terminal.print_line("")?;
        scores::print_groups(catalog, &groups, terminal)?;
    }
    terminal.say(&words.t("models-legend"));
    Ok(())
}
