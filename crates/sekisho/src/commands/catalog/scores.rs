//! Benchmark scores, never across scales.

use sekisho_catalog::{
    Catalog, Class, Difference, ScoreGroup, benchmark, kept_apart, score_groups, unstated,
};

use super::one;
use crate::{failure::Outcome, show, table::Table, terminal::Terminal, words::Words};

/// `catalog benchmarks [NAME]`.
pub(crate) fn run(catalog: &Catalog, wanted: Option<&str>, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let only = wanted.map(|wanted| one(catalog, Class::Benchmark, wanted, words)).transpose()?;
    let groups: Vec<_> = score_groups(catalog)
        .into_iter()
        .filter(|group| only.is_none_or(|benchmark| group.tag.benchmark == benchmark.id))
        .collect();
    if terminal.json {
        return terminal.print_json(&groups);
    }
    print_groups(catalog, &groups, terminal)?;
    let scored: Vec<&str> = groups.iter().map(|group| group.tag.benchmark.as_str()).collect();
    let silent: Vec<&str> = catalog
        .of(Class::Benchmark)
        .filter(|entry| only.is_none_or(|only| only.id == entry.id) && !scored.contains(&entry.id.as_str()))
        .map(|entry| words.pick(&entry.name))
        .collect();
    if !silent.is_empty() {
        terminal.say(&words.f("scores-without", &[("names", silent.join(" / ").into())]));
    }
    Ok(())
}

/// One table for each group of scores that were taken the same way.
pub(crate) fn print_groups(
    catalog: &Catalog,
    groups: &[ScoreGroup<'_>],
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    for (at, group) in groups.iter().enumerate() {
        if at > 0 {
            terminal.print_line("")?;
        }
        terminal.print_line(&heading(words, catalog, group))?;
        let silent = unstated(group.tag);
        if !silent.is_empty() {
            terminal.print_line(&format!("  {}: {}", words.t("scores-unstated"), named(words, &silent)))?;
        }
        let titles = [
            words.t("scores-model"),
            format!(">{}", words.t("scores-score")),
            words.t("scores-fact"),
            words.t("claim-status"),
        ];
        let mut table = Table::new(titles);
        for score in &group.scores {
            table.row([
                words.pick(&score.entity.name).to_owned(),
                show::value(words, score.claim).trim_end_matches(" score").to_owned(),
                show::voice(words, score.claim),
                show::status(words, &score.claim.status),
            ]);
        }
        terminal.print_table(&table)?;
    }
    for (group, reasons) in kept_apart(groups) {
        let name =
            benchmark(catalog, group).map_or(group.tag.benchmark.as_str(), |entry| words.pick(&entry.name));
        let args = [("name", name.to_owned().into()), ("reasons", named(words, &reasons).into())];
        terminal.print_line("")?;
        terminal.print_line(&words.f("scores-not-comparable", &args))?;
    }
    Ok(())
}

/// `JGLUE（average、尺度 0-1、…）`.
fn heading(words: &Words, catalog: &Catalog, group: &ScoreGroup<'_>) -> String {
    let name =
        benchmark(catalog, group).map_or(group.tag.benchmark.as_str(), |entry| words.pick(&entry.name));
    words.f(
        "scores-heading",
        &[
            ("name", name.to_owned().into()),
            ("part", show::word(words, &group.tag.part).into()),
            ("scale", group.scale.map_or_else(|| words.t("undisclosed"), str::to_owned).into()),
            ("version", show::word(words, &group.tag.version).into()),
        ],
    )
}

fn named(words: &Words, differences: &[Difference]) -> String {
    let name = |difference: &Difference| {
        words.t(match difference {
            Difference::Scale => "difference-scale",
            Difference::Part => "difference-part",
            Difference::Harness => "difference-harness",
            Difference::Version => "difference-version",
            Difference::Composition => "difference-composition",
            Difference::Judge => "difference-judge",
        })
    };
    differences.iter().map(name).collect::<Vec<_>>().join(&words.t("list-separator"))
}
