//! `sekisho plan choose`.

use std::collections::BTreeMap;

use sekisho_base::Code;
use sekisho_catalog::{
    Catalog,
    plan::{
        candidates,
        choose::{self, Decision, Error, Excluded, requirements::CANDIDATES_MAX},
    },
};

use crate::{
    cli::ChooseArgs,
    commands::files,
    failure::{Failure, Outcome},
    memo::{self, Phrases, blocks, percent, share},
    requirements,
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// Columns of the bar of the first-rank share.
const BAR: usize = 20;
/// Unknowns that are listed before the rest is counted.
const FLIPS_SHOWN: usize = 10;

/// Chooses by a requirements file; prints the ranking, and writes the memo where one is asked for.
pub(crate) fn run(catalog: &Catalog, args: &ChooseArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let opened = requirements::open(&args.file, words)?;
    let phrases = Phrases::new(words, catalog);
    let requirements = &opened.requirements;
    let decision = choose::choose(requirements, &candidates::of(catalog))
        .map_err(|error| refusal(&phrases, requirements, &error))?;
    if let Some(path) = &args.html {
        files::save(path, memo::html(&decision, catalog, words).as_bytes(), terminal)?;
    }
    if let Some(path) = &args.docx {
        let document = memo::docx(&decision, catalog, words)
            .map_err(|error| Failure::new(Code::Internal, "DOCX").cause(error.to_string()))?;
        files::save(path, &document, terminal)?;
    }
    if terminal.json {
        return terminal.print_json(&decision);
    }
    print_question(&phrases, &decision, terminal)?;
    print_ranking(&phrases, &decision, terminal)?;
    print_excluded(&phrases, &decision, terminal)?;
    print_questions(&phrases, &decision, terminal)?;
    print_flips(&phrases, &decision, terminal)?;
    if let Some(reason) = &decision.single_benchmark_reason {
        terminal.print_line(&phrases.f("choose-single-benchmark", &[("reason", reason)]))?;
    }
    let (seed, draws) = (decision.seed.to_string(), decision.draws.to_string());
    terminal.print_line(&phrases.f("choose-made-with", &[("seed", &seed), ("draws", &draws)]))?;
    terminal.say(&words.t("choose-legend"));
    Ok(())
}

/// Why there is no decision, and what to write into the file.
fn refusal(phrases: &Phrases<'_>, requirements: &choose::Requirements, error: &Error) -> Failure {
    let (key, args): (_, Vec<(&str, String)>) = match error {
        Error::SingleBenchmark { benchmark } => ("single-benchmark", vec![("benchmark", benchmark.clone())]),
        Error::NoCandidate { .. } => ("no-candidate", vec![]),
        Error::UnknownCandidates { ids } => ("unknown-candidates", vec![("ids", ids.join(" "))]),
        Error::TooManyCandidates { found } => {
            ("too-many", vec![("found", found.to_string()), ("max", CANDIDATES_MAX.to_string())])
        }
        Error::NoCriterion => ("no-criterion", vec![]),
        Error::RangeNeeded { criterion } => {
            let known = requirements.criteria.iter().find(|one| one.id == *criterion);
            let name = known.map_or_else(|| criterion.clone(), |known| phrases.measure(&known.measure));
            ("range-needed", vec![("criterion", name), ("id", criterion.clone())])
        }
        Error::WeightsExhausted => ("weights-exhausted", vec![]),
    };
    let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let code = sekisho_base::Coded::code(error);
    let mut failure = Failure::new(code, phrases.t("choose-cannot"))
        .cause(phrases.f(&format!("choose-error-{key}"), &args))
        .hint(phrases.f(&format!("choose-hint-{key}"), &args));
    if let Error::NoCandidate { excluded } = error {
        for constraint in &requirements.constraints {
            let fails = |one: &&Excluded| one.failed.iter().any(|failed| failed.constraint == constraint.id);
            let count = excluded.iter().filter(fails).count().to_string();
            let reasons = phrases.constraint(constraint);
            failure =
                failure.cause(phrases.f("choose-excluded-row", &[("reasons", &reasons), ("count", &count)]));
        }
    }
    failure
}

fn titles<const N: usize>(words: &Words, keys: [&str; N]) -> Table {
    Table::new(keys.map(|key| match key.strip_prefix('>') {
        Some(key) => format!(">{}", words.t(&format!("choose-{key}"))),
        None => words.t(&format!("choose-{key}")),
    }))
}

fn print_question(phrases: &Phrases<'_>, decision: &Decision, terminal: &mut Terminal<'_>) -> Outcome {
    let requirements = &decision.requirements;
    let mark = if requirements.fictional { phrases.t("choose-fictional") } else { String::new() };
    terminal.print_line(&format!("{}{mark}", requirements.title))?;
    terminal.print_line(&format!("{}\n", phrases.made_by(requirements)))?;
    terminal.print_line(&phrases.t("choose-constraints"))?;
    if requirements.constraints.is_empty() {
        return terminal.print_line(&format!("{}\n", phrases.t("choose-no-constraints")));
    }
    let mut table = titles(phrases.words, ["asked", "axis", ">met", ">open", ">failed"]);
    for (constraint, counts) in memo::constraint_counts(decision) {
        table.row([
            phrases.constraint(constraint),
            phrases.axis(constraint.axis),
            counts.met.to_string(),
            counts.open.to_string(),
            counts.failed.to_string(),
        ]);
    }
    terminal.print_table(&table)?;
    terminal.print_line("")
}

fn print_ranking(phrases: &Phrases<'_>, decision: &Decision, terminal: &mut Terminal<'_>) -> Outcome {
    terminal.print_line(&phrases.t("choose-ranking"))?;
    let mut table = titles(
        phrases.words,
        [">rank", "name", ">first", ">mean-rank", ">confidence", ">unknown-weight", "bar"],
    );
    for (index, ranked) in decision.ranking.iter().enumerate() {
        table.row([
            (index + 1).to_string(),
            phrases.model(&ranked.candidate),
            share(ranked.first),
            format!("{:.1}", ranked.mean_rank),
            ranked.confidence.map_or_else(|| phrases.t("choose-never-first"), |own| percent(own.share)),
            percent(ranked.weight_on_unknowns),
            blocks(ranked.first.share, BAR),
        ]);
    }
    terminal.print_table(&table)?;
    terminal.print_line("")
}

/// Models that fail the same constraints stand together.
fn print_excluded(phrases: &Phrases<'_>, decision: &Decision, terminal: &mut Terminal<'_>) -> Outcome {
    if decision.excluded.is_empty() {
        return Ok(());
    }
    let mut groups: BTreeMap<Vec<&str>, Vec<String>> = BTreeMap::new();
    for excluded in &decision.excluded {
        let reasons = excluded.failed.iter().map(|failed| failed.constraint.as_str()).collect();
        groups.entry(reasons).or_default().push(phrases.model(&excluded.candidate));
    }
    let count = decision.excluded.len().to_string();
    terminal.print_line(&phrases.f("choose-excluded", &[("count", &count)]))?;
    for (reasons, models) in groups {
        let reasons: Vec<_> = reasons.into_iter().map(|id| phrases.constraint_of(decision, id)).collect();
        let reasons = reasons.join(&phrases.t("choose-semicolon"));
        let count = models.len().to_string();
        terminal
            .print_line(&phrases.f("choose-excluded-row", &[("reasons", &reasons), ("count", &count)]))?;
        terminal.print_line(&format!("    {}", models.join(&phrases.t("choose-comma"))))?;
    }
    terminal.print_line("")
}

fn print_questions(phrases: &Phrases<'_>, decision: &Decision, terminal: &mut Terminal<'_>) -> Outcome {
    if decision.questions.is_empty() {
        return Ok(());
    }
    let count = decision.questions.len().to_string();
    terminal.print_line(&phrases.f("choose-questions", &[("count", &count)]))?;
    for questions in memo::questions_by_model(decision) {
        terminal.print_line(&format!("？ {}", phrases.model(&questions[0].candidate)))?;
        for question in questions {
            terminal.print_line(&format!("    {}", phrases.question(decision, question)))?;
        }
    }
    terminal.print_line("")
}

fn print_flips(phrases: &Phrases<'_>, decision: &Decision, terminal: &mut Terminal<'_>) -> Outcome {
    let changing: Vec<_> = decision.sensitivity.iter().filter(|flip| flip.changes_winner).collect();
    if changing.is_empty() {
        return terminal.print_line(&format!("{}\n", phrases.t("choose-flips-none")));
    }
    let count = changing.len().to_string();
    terminal.print_line(&phrases.f("choose-flips", &[("count", &count)]))?;
    for flip in changing.iter().take(FLIPS_SHOWN) {
        terminal.print_line(&format!("△ {}", phrases.flip(decision, flip)))?;
    }
    if let Some(more @ 1..) = changing.len().checked_sub(FLIPS_SHOWN) {
        let count = more.to_string();
        terminal.print_line(&format!("    {}", phrases.f("choose-more", &[("count", &count)])))?;
    }
    terminal.print_line("")
}
