//! `guard score`: recall and precision on a labelled set, by the written rule of data/guard/pii.

use std::{collections::BTreeMap, path::Path};

use sekisho_base::Code;
use sekisho_guard::{
    Kind,
    score::{Labelled, Score, Share, Tally},
};
use serde::{Deserialize, Serialize};

use super::{CodePoints, read, scan::Scanner};
use crate::{
    cli::ScoreArgs,
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
    words::Words,
};

#[derive(Deserialize)]
struct Passage {
    id: serde_json::Value,
    #[serde(default)]
    text: String,
    spans: Vec<Marked>,
}

#[derive(Deserialize)]
struct Marked {
    r#type: String,
    start: usize,
    end: usize,
}

/// Scores our own detectors, or the predictions of another program.
pub(super) fn run(args: &ScoreArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let set = passages(&args.set, words)?;
    let mut given = match &args.predictions {
        Some(path) => Some(by_id(path, passages(path, words)?, words)?),
        None => None,
    };
    let scanner = Scanner::built_in();
    let mut score = Score::default();
    let mut misses = String::new();
    for passage in &set {
        let characters: Vec<char> = passage.text.chars().collect();
        let predicted = match &mut given {
            None => scan(&scanner, &passage.text, words)?,
            Some(given) => {
                let found = given.remove(&passage.id.to_string()).ok_or_else(|| {
                    let args = [("id", passage.id.to_string().into())];
                    Failure::new(Code::Usage, words.f("guard-score-missing", &args))
                })?;
                labelled(&found, characters.len(), words)?
            }
        };
        for miss in score.add(&labelled(passage, characters.len(), words)?, &predicted) {
            let what = if miss.is_prediction { "guard-score-wrong" } else { "guard-score-missed" };
            let text: String = characters[miss.span.range.clone()].iter().collect();
            misses += &format!(
                "{}\t{}\t{}\t{}\n",
                passage.id,
                words.t(what),
                miss.span.kind,
                super::scan::one_line(&text)
            );
        }
    }
    if let Some(left) = given.and_then(|given| given.into_keys().next()) {
        return Err(Failure::new(Code::Usage, words.f("guard-score-surplus", &[("id", left.into())])));
    }
    if args.misses {
        terminal.say(misses.trim_end());
    }
    show(&score, terminal)
}

/// Spans with the kinds of the contract. Another program may know kinds that we do not; those are not counted.
fn labelled(passage: &Passage, length: usize, words: &Words) -> Outcome<Vec<Labelled>> {
    let mut spans = Vec::new();
    for span in &passage.spans {
        if span.start >= span.end || span.end > length {
            let args = [("id", passage.id.to_string().into())];
            return Err(Failure::new(Code::Usage, words.f("guard-score-bad-span", &args)));
        }
        spans.extend(
            Kind::parse_name(&span.r#type).map(|kind| Labelled { kind, range: span.start..span.end }),
        );
    }
    Ok(spans)
}

fn scan(scanner: &Scanner, text: &str, words: &Words) -> Outcome<Vec<Labelled>> {
    let mut points = CodePoints::new(text);
    let spans = scanner.scan(text, words)?;
    Ok(spans
        .iter()
        .map(|span| Labelled {
            kind: span.kind,
            range: points.before(span.range.start)..points.before(span.range.end),
        })
        .collect())
}

fn passages(path: &Path, words: &Words) -> Outcome<Vec<Passage>> {
    let text = read(path, words)?;
    let mut passages = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|row| !row.1.trim().is_empty()) {
        passages.push(serde_json::from_str(line).map_err(|error| {
            let args = [("line", (number + 1).into()), ("cause", error.to_string().into())];
            Failure::new(Code::Usage, words.f("guard-line-bad", &args)).hint(words.t("guard-hint-set"))
        })?);
    }
    Ok(passages)
}

fn by_id(path: &Path, passages: Vec<Passage>, words: &Words) -> Outcome<BTreeMap<String, Passage>> {
    let mut map = BTreeMap::new();
    for passage in passages {
        if let Some(twice) = map.insert(passage.id.to_string(), passage) {
            let args = [("id", twice.id.to_string().into()), ("file", path.display().to_string().into())];
            return Err(Failure::new(Code::Usage, words.f("guard-score-twice", &args)));
        }
    }
    Ok(map)
}

#[derive(Serialize)]
struct Row {
    name: String,
    #[serde(flatten)]
    counts: Counts,
    recall: Option<[f64; 3]>,
    precision: Option<[f64; 3]>,
}

#[derive(Serialize)]
struct Counts {
    spans: u64,
    found: u64,
    right: u64,
    wrong: u64,
    leaked: u64,
}

fn show(score: &Score, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let free = |kind| matches!(kind, Kind::Person | Kind::Address);
    let mut rows: Vec<(String, Tally)> =
        score.kinds().map(|(kind, tally)| (kind.name().to_owned(), tally)).collect();
    rows.push((words.t("guard-score-all"), score.total(|_| true)));
    rows.push((words.t("guard-score-structured"), score.total(|kind| !free(kind))));
    rows.push((words.t("guard-score-free"), score.total(free)));
    let flagged = Share::of(score.flagged, score.negative);
    if terminal.json {
        let share = |share: Option<Share>| share.map(|share| [share.value, share.low, share.high]);
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|(name, tally)| Row {
                name,
                counts: Counts {
                    spans: tally.labelled,
                    found: tally.found,
                    right: tally.right,
                    wrong: tally.wrong,
                    leaked: tally.leaked,
                },
                recall: share(tally.recall()),
                precision: share(tally.precision()),
            })
            .collect();
        return terminal.print_json(&serde_json::json!({
            "rows": rows, "negative": score.negative, "flagged": score.flagged, "flagged_share": share(flagged),
        }));
    }
    let titles = ["kind", ">spans", ">found", "recall", ">right", ">wrong", "precision", ">leaked"];
    let mut table = Table::new(titles.map(|title| {
        let (side, name) = title.strip_prefix('>').map_or(("", title), |name| (">", name));
        format!("{side}{}", words.t(&format!("guard-title-{name}")))
    }));
    for (name, tally) in rows {
        table.row([
            name,
            tally.labelled.to_string(),
            tally.found.to_string(),
            shown(tally.recall()),
            tally.right.to_string(),
            tally.wrong.to_string(),
            shown(tally.precision()),
            tally.leaked.to_string(),
        ]);
    }
    terminal.print_table(&table)?;
    let args = [
        ("flagged", score.flagged.into()),
        ("negative", score.negative.into()),
        ("share", shown(flagged).into()),
    ];
    terminal.print_line(&words.f("guard-score-negative", &args))
}

/// `0.981 [0.942, 0.994]`; a dash where there is nothing to count.
fn shown(share: Option<Share>) -> String {
    share.map_or_else(
        || "-".to_owned(),
        |share| format!("{:.3} [{:.3}, {:.3}]", share.value, share.low, share.high),
    )
}
