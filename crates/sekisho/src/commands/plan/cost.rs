//! `sekisho plan cost`.

use std::fs;

use sekisho_base::{Code, Known, Yen};
use sekisho_catalog::{
    Catalog, Class,
    plan::{
        cost::{
            Assumptions, Capacity, Cause, Comparison, End, Key, Missing, Offer, Origin, Preset, Range, Row,
            ServiceTier, Tornado, Total, Verdict,
        },
        size::{
            fit::{CONCURRENCY_MAX, Engine, Sizing, Workload, place},
            kv::KvType,
            quant::Quant,
            speed::{Speed, TokensPerSecond},
        },
        subject,
    },
};
use sekisho_text::{fold, numeral};
use serde::Serialize;

use super::{
    page,
    size::{bounded, failure, not_one_of},
};
use crate::{
    cli::{CostArgs, CostPreset},
    commands::{catalog::one, files},
    document::text,
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// Longest file of assumptions that is read.
const ASSUMPTIONS_BYTES_MAX: u64 = 1 << 20;
/// Columns of the tornado picture.
const TORNADO: usize = 40;

#[derive(Serialize)]
struct Answer<'a> {
    assumptions: &'a Assumptions,
    comparison: &'a Comparison,
    sensitivity: &'a [Tornado],
}

/// Compares a machine of one's own with the offers of the catalog.
pub(crate) fn run(catalog: &Catalog, args: &CostArgs, terminal: &mut Terminal<'_>) -> Outcome {
    if args.print_assumptions {
        return terminal.print(Assumptions::default_file());
    }
    let words = terminal.words;
    let mut assumptions = read(args, words)?;
    machine(catalog, args, &mut assumptions, words)?;
    let offers = offers(catalog, args, words)?;
    let comparison = Comparison::of(&assumptions, &offers, &Capacity::of(&assumptions));
    let sensitivity: Vec<Tornado> = offers.iter().map(|offer| Tornado::of(&assumptions, offer)).collect();
    if terminal.json {
        let answer = Answer { assumptions: &assumptions, comparison: &comparison, sensitivity: &sensitivity };
        return terminal.print_json(&answer);
    }
    if let Some(path) = &args.html {
        let drawn: Vec<(String, &Tornado)> =
            offers.iter().zip(&sensitivity).map(|(offer, tornado)| (offer.model.clone(), tornado)).collect();
        let total = words.f("cost-page-own", &[("total", total(words, &comparison.own.yearly).into())]);
        let page = page::cost(words, vec![text(total), text(words.t("cost-break-even-note"))], &drawn);
        return files::save(path, page.as_bytes(), terminal);
    }
    print_assumptions(&assumptions, terminal)?;
    print_own(&comparison, terminal)?;
    print_rows(&comparison, terminal)?;
    // A picture for each offer would bury the table; one is drawn when one is asked about.
    for tornado in sensitivity.iter().filter(|tornado| offers.len() == 1 && !tornado.bars.is_empty()) {
        print_tornado(tornado, &offers[0].model, terminal)?;
    }
    if offers.len() > 1 {
        terminal.say(&words.t("cost-hint-offer"));
    }
    Ok(())
}

fn read(args: &CostArgs, words: &Words) -> Outcome<Assumptions> {
    let preset = match args.preset {
        CostPreset::Default => Preset::Default,
        CostPreset::Minimal => Preset::Minimal,
    };
    let base = Assumptions::preset(preset);
    let Some(path) = &args.assumptions else { return Ok(base) };
    let shown = path.display().to_string();
    let unreadable = |cause: String| {
        let args = [("file", shown.clone().into())];
        Failure::new(Code::FileUnreadable, words.f("cli-unreadable", &args)).cause(cause)
    };
    let length = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if length > ASSUMPTIONS_BYTES_MAX {
        return Err(unreadable(
            words.f("cli-too-long", &[("max", ASSUMPTIONS_BYTES_MAX.to_string().into())]),
        ));
    }
    let text = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let (assumptions, problems) = base.overlay(&text, Origin::File);
    if problems.is_empty() {
        return Ok(assumptions);
    }
    let args = [("file", shown.clone().into()), ("count", problems.len().into())];
    let failure = Failure::new(Code::AssumptionsInvalid, words.f("cost-file-bad", &args));
    let failure = problems.iter().fold(failure, |failure, problem| {
        failure.cause(format!("{shown}:{}: {} — {}", problem.line, problem.path, problem.kind))
    });
    Err(failure.hint(words.t("cost-hint-file")))
}

/// Sets count and speeds from a sizing when a model and a card are named.
fn machine(catalog: &Catalog, args: &CostArgs, assumptions: &mut Assumptions, words: &Words) -> Outcome {
    let (Some(model), Some(card)) = (&args.model, &args.gpu) else { return Ok(()) };
    let model = one(catalog, Class::Model, model, words)?;
    let card = one(catalog, Class::Gpu, card, words)?;
    let quant = Quant::parse(&args.quant).ok_or_else(|| {
        not_one_of("--quant", &args.quant, &Quant::all().map(Quant::id).collect::<Vec<_>>(), words)
    })?;
    let subject = subject::of_model(model);
    let workload = Workload {
        quant,
        kv_type: KvType::F16,
        context_tokens: bounded("--context", &args.context, 100_000_000, words)?,
        concurrency: bounded("--concurrency", &args.concurrency, u64::from(CONCURRENCY_MAX), words)?,
        engine: Engine::usual_for(quant),
    };
    let sizing = Sizing::of(&subject, workload, &subject::known_shapes(catalog))
        .map_err(|error| failure(words, &subject, &error))?;
    let gpus = subject::gpus(catalog);
    let Some(gpu) = gpus.iter().find(|gpu| gpu.id == card.id) else {
        return Err(Failure::new(Code::SizeUndisclosed, words.t("cost-no-memory")));
    };
    let fit = place(&sizing, gpu);
    let active = subject.params_active.value().map_or(subject.params_total, Known::Value);
    let speed = Speed::of(&sizing, &fit, active);
    let source = format!("plan size {} {} {}", model.id, gpu.id, quant.id());
    let range = |speed: Known<TokensPerSecond>| {
        speed.map(|speed| Range {
            low: speed.low,
            value: f64::midpoint(speed.low, speed.high),
            high: speed.high,
        })
    };
    let settings = [
        (Key::GpuCount, Known::Value(Range::point(f64::from(fit.count)))),
        (Key::DecodeSpeed, range(speed.decode_all)),
        (Key::PrefillSpeed, range(speed.prefill)),
    ];
    for (key, amount) in settings {
        assumptions.set(key, amount, &source).map_err(|problem| {
            Failure::new(Code::AssumptionsInvalid, key.to_string()).cause(problem.to_string())
        })?;
    }
    Ok(())
}

fn offers(catalog: &Catalog, args: &CostArgs, words: &Words) -> Outcome<Vec<Offer>> {
    let all = subject::offers(catalog);
    if args.offer.is_empty() {
        return Ok(all);
    }
    let named = |text: &str| args.offer.iter().any(|word| fold::contains(text, word));
    let chosen: Vec<Offer> =
        all.iter().filter(|offer| named(&offer.id) || named(&offer.model)).cloned().collect();
    if chosen.is_empty() {
        let ids: Vec<&str> = all.iter().map(|offer| offer.id.as_str()).collect();
        return Err(not_one_of("--offer", &args.offer.join(" "), &ids, words));
    }
    Ok(chosen)
}

/// The public word of a value, as in JSON, for keys of the locale.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn key_label(words: &Words, key: Key) -> String {
    words.t(&format!("cost-key-{}", key.name()))
}

fn number(value: f64) -> String {
    let text = if value.abs() >= 1_000.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        numeral::group(&text)
    }
}

fn print_assumptions(assumptions: &Assumptions, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    terminal.print_line(&words.t("cost-assumptions"))?;
    let titles = ["item", ">amount", "unit", "range", "kind", "origin", "source"];
    let mut table = Table::new(titles.map(|key| match key.strip_prefix('>') {
        Some(key) => format!(">{}", words.t(&format!("cost-{key}"))),
        None => words.t(&format!("cost-{key}")),
    }));
    for entry in assumptions.iter() {
        let (amount, range) = match entry.amount {
            Known::Value(range) if range.has_spread() => {
                (number(range.value), format!("{}〜{}", number(range.low), number(range.high)))
            }
            Known::Value(range) => (number(range.value), String::new()),
            Known::Undisclosed => (words.t("undisclosed"), String::new()),
        };
        let kind = if entry.amount.is_known() {
            words.t(&format!("kind-{}", word(&entry.kind)))
        } else {
            String::new()
        };
        let dated = if entry.as_of.is_empty() {
            entry.source.clone()
        } else {
            format!("{} ({})", entry.source, entry.as_of)
        };
        table.row([
            key_label(words, entry.key),
            amount,
            entry.unit.to_owned(),
            range,
            kind,
            words.t(&format!("cost-origin-{}", word(&entry.origin))),
            dated,
        ]);
    }
    terminal.print_table(&table)?;
    terminal.print_line("")
}

fn yen(words: &Words, amount: Range<Yen>) -> String {
    let one = |yen: Yen| yen.to_string();
    let unit = words.t("cost-yen");
    if amount.low == amount.high {
        format!("{} {unit}", one(amount.value))
    } else {
        format!("{} {unit} ({}〜{})", one(amount.value), one(amount.low), one(amount.high))
    }
}

fn total(words: &Words, total: &Total) -> String {
    let shown = yen(words, total.yen);
    if total.at_least { format!("{} {shown}", words.t("cost-at-least")) } else { shown }
}

fn print_own(comparison: &Comparison, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let own = &comparison.own;
    terminal.print_line(&words.f("cost-own", &[("years", own.years.to_string().into())]))?;
    let mut table = Table::new([
        words.t("cost-item"),
        format!(">{}", words.t("cost-yearly")),
        format!(">{}", words.t("cost-cash")),
    ]);
    let cell = |amount: Known<Range<Yen>>| {
        amount.value().map_or_else(|| words.t("undisclosed"), |amount| yen(words, amount))
    };
    for line in &own.lines {
        let label = words.t(&format!("cost-item-{}", word(&line.item)));
        table.row([label, cell(line.yearly_yen), cell(line.cash_yen)]);
    }
    table.row([words.t("cost-total"), total(words, &own.yearly), total(words, &own.cash)]);
    terminal.print_table(&table)?;
    if !own.missing.is_empty() {
        let names: Vec<String> = own.missing.iter().map(|key| key_label(words, *key)).collect();
        terminal.print_line(
            &words.f("cost-missing", &[("items", names.join(&words.t("list-separator")).into())]),
        )?;
    }
    if let Known::Value(servable) = comparison.servable.tokens_per_month {
        let args = [("low", millions(servable.low).into()), ("high", millions(servable.high).into())];
        terminal.print_line(&words.f("cost-servable", &args))?;
    }
    terminal.print_line("")
}

/// Tokens in millions, as prices are quoted.
pub(super) fn millions(tokens: f64) -> String {
    numeral::group(&format!("{:.0}", tokens / 1e6))
}

fn print_rows(comparison: &Comparison, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    terminal.print_line(&words.t("cost-break-even"))?;
    let titles = ["model", "voice", "tier", ">input", ">output", ">mixed", ">tokens", "verdict", "lacks"];
    let mut table = Table::new(titles.map(|key| match key.strip_prefix('>') {
        Some(key) => format!(">{}", words.t(&format!("cost-{key}"))),
        None => words.t(&format!("cost-{key}")),
    }));
    for row in &comparison.rows {
        table.row(cells(words, row));
    }
    terminal.print_table(&table)?;
    terminal.print_line(&words.t("cost-break-even-note"))
}

fn cells(words: &Words, row: &Row) -> [String; 9] {
    let prices = &row.prices;
    let price = |price: Known<f64>| {
        price
            .value()
            .map_or_else(|| words.t("undisclosed"), |price| format!("{} {}", number(price), prices.currency))
    };
    let voice = if prices.by_report {
        let facts: Vec<&str> = prices.claims.iter().map(|claim| claim.fact_id.as_str()).collect();
        format!("{} {}", words.t("voice-survey"), facts.join(" "))
    } else {
        words.t("voice-public")
    };
    let tier = [tier(words, prices.service_tier), prices.context_tier.clone()].join(" ");
    let tokens = row.tokens_per_month.value().map_or_else(
        || "—".to_owned(),
        |range| {
            let least = if row.at_least { format!("{} ", words.t("cost-at-least")) } else { String::new() };
            format!("{least}{} ({}〜{})", millions(range.value), millions(range.low), millions(range.high))
        },
    );
    let mark = match row.verdict {
        Verdict::Valid => "○",
        Verdict::OnlyAtHighEnd | Verdict::CostIncomplete => "△",
        Verdict::BeyondCapacity => "×",
        Verdict::CapacityUnknown | Verdict::PriceMissing | Verdict::PriceZero => "？",
    };
    [
        row.model.clone(),
        voice,
        tier.trim().to_owned(),
        price(prices.input_per_million),
        price(prices.output_per_million),
        row.yen_per_million_tokens
            .value()
            .map_or_else(|| "—".to_owned(), |range| number(range.value.round())),
        tokens,
        format!("{mark} {}", words.t(&format!("cost-verdict-{}", word(&row.verdict)))),
        lacking(words, row),
    ]
}

fn lacking(words: &Words, row: &Row) -> String {
    let name = |missing: &Missing| match missing {
        Missing::Assumption(key) => key_label(words, *key),
        Missing::Price { field, .. } => words.t(&format!("cost-price-{}", word(field))),
        Missing::ExchangeRate { currency } => words.f("cost-rate", &[("currency", currency.clone().into())]),
    };
    let mut names: Vec<String> = row.missing.iter().map(name).collect();
    names.dedup();
    names.join(&words.t("list-separator"))
}

fn tier(words: &Words, tier: ServiceTier) -> String {
    match tier {
        ServiceTier::Unstated => words.t("undisclosed"),
        other => words.t(&format!("tier-{}", word(&other))),
    }
}

pub(super) fn cause_label(words: &Words, cause: Cause) -> String {
    match cause {
        Cause::Assumption(key) => key_label(words, key),
        Cause::PriceConflict => words.t("cost-price-conflict"),
    }
}

fn print_tornado(tornado: &Tornado, model: &str, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let tokens = |end: &End| end.break_even_tokens_per_month.value();
    let Some(base) = tokens(&tornado.base) else { return Ok(()) };
    let ends: Vec<(f64, f64)> = tornado
        .bars
        .iter()
        .map(|bar| (tokens(&bar.at_low).unwrap_or(base), tokens(&bar.at_high).unwrap_or(base)))
        .collect();
    let low = ends.iter().map(|end| end.0.min(end.1)).fold(base, f64::min);
    let high = ends.iter().map(|end| end.0.max(end.1)).fold(base, f64::max);
    terminal.print_line("")?;
    terminal.print_line(
        &words.f("cost-tornado", &[("model", model.to_owned().into()), ("tokens", millions(base).into())]),
    )?;
    let mut table = Table::new([
        words.t("cost-item"),
        format!(">{}", words.t("cost-low")),
        words.t("cost-picture"),
        format!(">{}", words.t("cost-high")),
    ]);
    let column =
        |tokens: f64| (((tokens - low) / (high - low).max(1.0)) * (TORNADO - 1) as f64).round() as usize;
    for (bar, (at_low, at_high)) in tornado.bars.iter().zip(&ends).filter(|(_, ends)| ends.0 != ends.1) {
        let label = cause_label(words, bar.cause);
        let (left, right) = (at_low.min(*at_high), at_low.max(*at_high));
        let mut drawn = vec![' '; TORNADO];
        drawn[column(left)..=column(right)].fill('█');
        drawn[column(base)] = '┃';
        table.row([label, millions(left), drawn.into_iter().collect(), millions(right)]);
    }
    terminal.print_table(&table)?;
    terminal.print_line(&words.t("cost-tornado-note"))
}
