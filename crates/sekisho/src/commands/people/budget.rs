//! `sekisho budget`: how much somebody may use in a month, and how that stands.

use std::collections::BTreeMap;

use sekisho_base::Code;
use sekisho_store::{Budget, BudgetSpec, Limits, Month, Standing, Store, Subject, Usage};
use sekisho_text::numeral;
use serde::Serialize;

use super::{failure, place::Place, principal, printable, tell};
use crate::{
    cli::{BudgetCommand, Data, Whose},
    commands::audit::{change::ask, export::csv_line},
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
    words::Words,
};

const MICRO: u64 = 1_000_000;

/// Runs one command.
pub(super) fn run(command: BudgetCommand, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    match command {
        BudgetCommand::Set { whose, tokens_per_month, yen_per_month, month } => {
            let words = terminal.words;
            let limits = Limits {
                tokens_max: tokens_per_month.map(|text| number(&text, 1, words)).transpose()?,
                micro_yen_max: yen_per_month.map(|text| number(&text, MICRO, words)).transpose()?,
            };
            set(&whose, limits, month.as_deref(), data, terminal)
        }
        BudgetCommand::Remove { whose, month, sure } => {
            remove(&whose, month.as_deref(), sure.yes, data, terminal)
        }
        BudgetCommand::Show { month, csv } => show(month.as_deref(), csv, data, terminal),
    }
}

/// `5000000`, `5,000,000`, `500万`: a whole number of units, in parts of which the store counts.
fn number(text: &str, parts: u64, words: &Words) -> Outcome<u64> {
    let bad = || {
        let args = [("value", printable(text).into())];
        Failure::new(Code::Usage, words.f("people-not-a-number", &args)).hint(words.t("people-hint-number"))
    };
    let plain: String = text.chars().filter(|&one| !matches!(one, ',' | '_' | ' ')).collect();
    let whole = plain.parse::<u64>().ok().or_else(|| {
        let read = numeral::parse_quantity(&plain).ok()?;
        // Above this not every whole number has a float of its own.
        (read >= 0.0 && read.fract() == 0.0 && read < 9e15).then_some(read as u64)
    });
    whole.and_then(|whole| whole.checked_mul(parts)).ok_or_else(bad)
}

fn month(text: Option<&str>, words: &Words) -> Outcome<Option<Month>> {
    let parse = |text: &str| {
        text.parse::<Month>().map_err(|_| {
            let args = [("month", printable(text).into())];
            Failure::new(Code::Usage, words.f("people-not-a-month", &args)).hint(words.t("people-hint-month"))
        })
    };
    text.map(parse).transpose()
}

fn subject(whose: &Whose, store: &Store, words: &Words) -> Outcome<(Subject, String)> {
    match (&whose.user, &whose.group) {
        (Some(user), _) => {
            let one = principal(store, user, words)?;
            Ok((Subject::Principal(one.id), one.name.clone()))
        }
        (None, group) => {
            let group = super::group(store, group.as_deref().unwrap_or_default(), words)?;
            Ok((Subject::Group(group.id), group.name.clone()))
        }
    }
}

fn set(
    whose: &Whose,
    limits: Limits,
    typed: Option<&str>,
    data: &Data,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let month = month(typed, words)?;
    let place = Place::open(data, words)?;
    let (subject, name) = subject(whose, &place.store, words)?;
    let spec = BudgetSpec { budget: Budget { subject, month }, limits };
    let tried = words.f("people-budget-failed", &[("name", name.clone().into())]);
    place.store.set_budget(&spec).map_err(|error| failure(&error, tried, words))?;
    place.record(terminal)?;
    tell("budget.set", &name, terminal)
}

fn remove(
    whose: &Whose,
    typed: Option<&str>,
    is_sure: bool,
    data: &Data,
    terminal: &mut Terminal<'_>,
) -> Outcome {
    let words = terminal.words;
    let month = month(typed, words)?;
    let place = Place::open(data, words)?;
    let (subject, name) = subject(whose, &place.store, words)?;
    let args = [("name", name.clone().into())];
    ask(&words.f("people-budget-remove-ask", &args), None, is_sure, terminal)?;
    let done = place.store.remove_budget(Budget { subject, month });
    done.map_err(|error| match error {
        sekisho_store::Error::NoSuch { .. } => {
            Failure::new(Code::NoSuchItem, words.f("people-no-budget", &args)).hint("sekisho budget show")
        }
        error => failure(&error, words.f("people-budget-failed", &args), words),
    })?;
    place.record(terminal)?;
    tell("budget.removed", &name, terminal)
}

/// A month as programs read it.
#[derive(Serialize)]
struct Report {
    month: String,
    budgets: Vec<Line>,
}

/// How somebody stands.
#[derive(Serialize)]
struct Line {
    of: &'static str,
    name: String,
    used: Use,
    reserved: Counts<u64>,
    limit: Counts<Option<u64>>,
    left: Counts<Option<u64>>,
    models: Vec<Model>,
}

/// Money is in millionths of a yen, as it is counted.
#[derive(Serialize)]
struct Counts<T> {
    tokens: T,
    micro_yen: T,
}

#[derive(Serialize)]
struct Use {
    requests: u64,
    prompt_tokens: u64,
    completion_tokens: u64,
    unaccounted_tokens: u64,
    tokens: u64,
    micro_yen: u64,
}

#[derive(Serialize)]
struct Model {
    /// None for what was written off after a crash.
    model: Option<String>,
    #[serde(flatten)]
    used: Use,
}

impl From<Usage> for Use {
    fn from(usage: Usage) -> Self {
        Self {
            requests: usage.requests,
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            unaccounted_tokens: usage.unaccounted_tokens,
            tokens: usage.tokens(),
            micro_yen: usage.micro_yen,
        }
    }
}

fn show(typed: Option<&str>, is_csv: bool, data: &Data, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let month = month(typed, words)?;
    let place = Place::open(data, words)?;
    let report = report(&place.store, month.unwrap_or_else(|| place.store.month()))
        .map_err(|error| failure(&error, words.t("people-budget-unread"), words))?;
    if terminal.json {
        return terminal.print_json(&report);
    }
    if is_csv {
        // With a byte order mark: Excel in Japan takes a file without one for Shift_JIS.
        return terminal.print(&format!("\u{feff}{}", csv(&report)));
    }
    terminal.say(&words.f("people-budget-month", &[("month", report.month.clone().into())]));
    print(&report, terminal)
}

/// Everybody who has a limit or has used something: people first, each by name.
fn report(store: &Store, month: Month) -> Result<Report, sekisho_store::Error> {
    let mut models: BTreeMap<Subject, Vec<(Option<String>, Usage)>> = BTreeMap::new();
    for spec in store.budgets() {
        if spec.budget.month.is_none_or(|only| only == month) {
            models.entry(spec.budget.subject).or_default();
        }
    }
    for row in store.usage(None, month, month)? {
        models.entry(row.subject).or_default().push((row.model, row.usage));
    }
    let mut budgets = Vec::with_capacity(models.len());
    for (subject, models) in models {
        let (of, name) = match subject {
            Subject::Principal(id) => ("user", store.principal_by_id(id).map(|one| one.name.clone())),
            Subject::Group(id) => ("group", store.group_by_id(id).map(|group| group.name.clone())),
        };
        let standing = store.standing(subject, month)?;
        budgets.push(line(of, name.unwrap_or_else(|| subject.to_string()), standing, models));
    }
    budgets.sort_by(|one, other| other.of.cmp(one.of).then_with(|| one.name.cmp(&other.name)));
    Ok(Report { month: month.to_string(), budgets })
}

fn line(of: &'static str, name: String, standing: Standing, models: Vec<(Option<String>, Usage)>) -> Line {
    let Standing { limits, used, leased } = standing;
    let left = |limit: Option<u64>, used: u64, leased: u64| {
        limit.map(|limit| limit.saturating_sub(used.saturating_add(leased)))
    };
    let mut sum = Usage::default();
    for (_, usage) in &models {
        sum.add(*usage);
    }
    Line {
        of,
        name,
        used: sum.into(),
        reserved: Counts { tokens: leased.tokens, micro_yen: leased.micro_yen },
        limit: Counts { tokens: limits.tokens_max, micro_yen: limits.micro_yen_max },
        left: Counts {
            tokens: left(limits.tokens_max, used.tokens, leased.tokens),
            micro_yen: left(limits.micro_yen_max, used.micro_yen, leased.micro_yen),
        },
        models: models.into_iter().map(|(model, usage)| Model { model, used: usage.into() }).collect(),
    }
}

fn print(report: &Report, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let title = |key: &str| words.t(&format!("people-title-{key}"));
    let numbers = ["tokens-used", "tokens-reserved", "tokens-left", "yen-used", "yen-reserved", "yen-left"];
    let numbers = numbers.map(|key| format!(">{}", title(key)));
    let mut table = Table::new([title("of"), title("name")].into_iter().chain(numbers));
    let count = |tokens: u64| numeral::group(&tokens.to_string());
    let unlimited = || words.t("people-unlimited");
    for line in &report.budgets {
        table.row([
            words.t(&format!("people-of-{}", line.of)),
            line.name.clone(),
            count(line.used.tokens),
            count(line.reserved.tokens),
            line.left.tokens.map_or_else(unlimited, count),
            yen(line.used.micro_yen),
            yen(line.reserved.micro_yen),
            line.left.micro_yen.map_or_else(unlimited, yen),
        ]);
    }
    terminal.print_table(&table)?;
    let numbers = ["requests", "prompt-tokens", "completion-tokens", "unaccounted-tokens", "yen-used"];
    let numbers = numbers.map(|key| format!(">{}", title(key)));
    let mut table = Table::new([title("of"), title("name"), title("model")].into_iter().chain(numbers));
    for line in &report.budgets {
        for Model { model, used } in &line.models {
            table.row([
                words.t(&format!("people-of-{}", line.of)),
                line.name.clone(),
                model.clone().unwrap_or_else(|| words.t("people-written-off")),
                count(used.requests),
                count(used.prompt_tokens),
                count(used.completion_tokens),
                count(used.unaccounted_tokens),
                yen(used.micro_yen),
            ]);
        }
    }
    if table.is_empty() {
        return Ok(());
    }
    terminal.print("\n")?;
    terminal.print_table(&table)
}

/// One line for all of somebody, whose model is empty, and one for each model.
fn csv(report: &Report) -> String {
    let line = |cells: &[String]| csv_line(cells);
    let mut text = line(&COLUMNS.map(str::to_owned));
    for one in &report.budgets {
        let optional = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let optional_yen = |micro: Option<u64>| micro.map(plain_yen).unwrap_or_default();
        let start = |model: &str, used: &Use| {
            vec![
                report.month.clone(),
                one.of.to_owned(),
                one.name.clone(),
                model.to_owned(),
                used.requests.to_string(),
                used.prompt_tokens.to_string(),
                used.completion_tokens.to_string(),
                used.unaccounted_tokens.to_string(),
                used.tokens.to_string(),
                plain_yen(used.micro_yen),
            ]
        };
        let mut whole = start("", &one.used);
        whole.extend([
            one.reserved.tokens.to_string(),
            optional(one.limit.tokens),
            optional(one.left.tokens),
            plain_yen(one.reserved.micro_yen),
            optional_yen(one.limit.micro_yen),
            optional_yen(one.left.micro_yen),
        ]);
        text += &line(&whole);
        for Model { model, used } in &one.models {
            // What was written off has no model; it must not look like the sum.
            let mut cells = start(model.as_deref().unwrap_or("(unaccounted)"), used);
            cells.resize(COLUMNS.len(), String::new());
            text += &line(&cells);
        }
    }
    text
}

const COLUMNS: [&str; 16] = [
    "month",
    "of",
    "name",
    "model",
    "requests",
    "prompt_tokens",
    "completion_tokens",
    "unaccounted_tokens",
    "tokens",
    "yen",
    "tokens_reserved",
    "tokens_limit",
    "tokens_left",
    "yen_reserved",
    "yen_limit",
    "yen_left",
];

/// `1,234.5`: millionths of a yen as yen, exactly.
fn yen(micro: u64) -> String {
    let (whole, rest) = (micro / MICRO, micro % MICRO);
    let whole = numeral::group(&whole.to_string());
    if rest == 0 {
        return whole;
    }
    format!("{whole}.{}", format!("{rest:06}").trim_end_matches('0'))
}

/// The same for programs.
fn plain_yen(micro: u64) -> String {
    yen(micro).replace(',', "")
}

#[cfg(test)]
mod tests {
    use super::{MICRO, number, yen};
    use crate::words::{Lang, Words};

    #[test]
    fn yen_are_exact() {
        let all = [0, 1, 500_000, 1_000_000, 1_234_567_890_000].map(yen);
        assert_eq!(all, ["0", "0.000001", "0.5", "1", "1,234,567.89"]);
    }

    #[test]
    fn numbers_as_people_write_them() {
        let words = Words::new(Lang::Ja);
        let read = |text: &str| number(text, MICRO, &words).map(|micro| micro / MICRO).ok();
        for text in ["5000000", "5,000,000", "5_000_000", "500万", "5M"] {
            assert_eq!(read(text), Some(5_000_000), "{text}");
        }
        for text in ["", "-1", "1.5", "many", "99999999999999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
