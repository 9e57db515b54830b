//! `sekisho plan size`.

use sekisho_base::{ByteCount, Code, Coded, Known};
use sekisho_catalog::{
    Catalog, Class,
    plan::{
        size::{
            fit::{
                CONCURRENCY_MAX, Engine, GpuFit, Part, Reason, SizeError, Sizing, Span, Subject, Verdict,
                Workload, place,
            },
            kv::KvType,
            preset::{Preset, presets},
            quant::Quant,
            speed::{Speed, TokensPerSecond},
        },
        subject,
    },
};
use sekisho_text::{fold, width};
use serde::Serialize;

use super::{model_file, page};
use crate::{
    cli::SizeArgs,
    commands::{
        catalog::{models::count, one},
        files,
    },
    failure::{Failure, Outcome},
    show,
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// Longest context that a plan may ask for, in tokens.
const CONTEXT_MAX: u64 = 100_000_000;
/// Columns of the memory bar.
const BAR: usize = 40;

/// One card type with everything that is said of it.
#[derive(Serialize)]
pub(super) struct Placed {
    #[serde(flatten)]
    pub(super) fit: GpuFit,
    pub(super) speed: Speed,
}

#[derive(Serialize)]
struct Answer<'a> {
    subject: &'a str,
    #[serde(flatten)]
    sizing: &'a Sizing,
    gpus: &'a [Placed],
}

/// Sizes a model of the catalog, a bare number of parameters, or prints a preset.
pub(crate) fn run(catalog: &Catalog, args: &SizeArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    if let Some(id) = &args.preset {
        return preset(id, terminal);
    }
    let subject = subject_of(catalog, args, words)?;
    let workload = workload(args, words)?;
    let known = subject::known_shapes(catalog);
    let sizing = Sizing::of(&subject, workload, &known).map_err(|error| failure(words, &subject, &error))?;
    let active = match (&subject.params_active, &subject.params_total) {
        (Known::Value(active), _) => Known::Value(*active),
        (_, total) => *total,
    };
    let placed: Vec<Placed> = cards(catalog, args, words)?
        .iter()
        .map(|gpu| {
            let fit = place(&sizing, gpu);
            let speed = Speed::of(&sizing, &fit, active);
            Placed { fit, speed }
        })
        .collect();
    if terminal.json {
        return terminal.print_json(&Answer { subject: &subject.name, sizing: &sizing, gpus: &placed });
    }
    if let Some(path) = &args.html {
        let text = page::size(words, &heading(words, &subject, &sizing.workload), &sizing, &placed);
        return files::save(path, text.as_bytes(), terminal);
    }
    print_need(&subject, &sizing, terminal)?;
    print_cards(&placed, terminal)?;
    for reason in &sizing.reasons {
        terminal.print_line(&format!("・{}", reason_line(words, reason)))?;
    }
    terminal.say(&words.t("size-legend"));
    Ok(())
}

/// What keeps a size from being told, in the reader's words.
pub(super) fn failure(words: &Words, subject: &Subject, error: &SizeError) -> Failure {
    let cause = match error {
        SizeError::ParametersUndisclosed { .. } => words.t("size-cause-params"),
        SizeError::NoKnownShape => words.t("size-cause-shapes"),
    };
    Failure::new(error.code(), words.f("size-cannot", &[("name", subject.name.clone().into())]))
        .cause(cause)
        .hint(words.t("size-hint-params"))
}

fn subject_of(catalog: &Catalog, args: &SizeArgs, words: &Words) -> Outcome<Subject> {
    if let Some(id) = &args.model {
        let model = one(catalog, Class::Model, id, words)?;
        let subject = subject::of_model(model);
        return Ok(Subject { name: words.pick(&model.name).to_owned(), ..subject });
    }
    if let Some(params) = count("--params", args.params.as_deref(), words)? {
        let name = words.f("size-params-name", &[("params", show::parameters(params).into())]);
        return Ok(Subject { name, params_total: Known::Value(params), ..Subject::default() });
    }
    if let Some(path) = &args.file {
        return model_file::subject(path, words);
    }
    Err(Failure::new(Code::Usage, words.t("size-what")).hint(words.t("size-hint-what")))
}

fn workload(args: &SizeArgs, words: &Words) -> Outcome<Workload> {
    let quant = Quant::parse(&args.quant).ok_or_else(|| {
        let allowed: Vec<_> = Quant::all().map(Quant::id).collect();
        not_one_of("--quant", &args.quant, &allowed, words)
    })?;
    let kv_type = KvType::parse(&args.kv)
        .ok_or_else(|| not_one_of("--kv", &args.kv, &KvType::ALL.map(KvType::id), words))?;
    let engine = match &args.engine {
        None => Engine::usual_for(quant),
        Some(id) => Engine::parse(id).ok_or_else(|| {
            let allowed: Vec<_> = Engine::all().iter().map(|engine| engine.id.as_str()).collect();
            not_one_of("--engine", id, &allowed, words)
        })?,
    };
    let context = bounded("--context", &args.context, CONTEXT_MAX, words)?;
    let concurrency = bounded("--concurrency", &args.concurrency, u64::from(CONCURRENCY_MAX), words)?;
    Ok(Workload { quant, kv_type, context_tokens: context, concurrency, engine })
}

pub(super) fn not_one_of(flag: &str, value: &str, allowed: &[&str], words: &Words) -> Failure {
    let args = [("flag", flag.to_owned().into()), ("value", value.to_owned().into())];
    Failure::new(Code::BadFilter, words.f("cli-bad-word", &args))
        .hint(words.f("cli-hint-allowed", &[("words", allowed.join(" ").into())]))
}

pub(super) fn bounded(flag: &str, text: &str, max: u64, words: &Words) -> Outcome<u32> {
    let number = count(flag, Some(text), words)?.unwrap_or(1);
    if (1..=max).contains(&number) {
        return Ok(u32::try_from(number).unwrap_or(u32::MAX));
    }
    let args = [("flag", flag.to_owned().into()), ("low", "1".into()), ("high", max.to_string().into())];
    Err(Failure::new(Code::BadFilter, words.f("cli-out-of-bounds", &args)))
}

fn cards(
    catalog: &Catalog,
    args: &SizeArgs,
    words: &Words,
) -> Outcome<Vec<sekisho_catalog::plan::size::fit::Gpu>> {
    let all = subject::gpus(catalog);
    if args.gpu.is_empty() {
        return Ok(all);
    }
    let wanted = |name: &str| args.gpu.iter().any(|word| fold::contains(name, word));
    let chosen: Vec<_> = all.iter().filter(|gpu| wanted(&gpu.name) || wanted(&gpu.id)).cloned().collect();
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|gpu| gpu.id.as_str()).collect();
        return Err(not_one_of("--gpu", &args.gpu.join(" "), &names, words));
    }
    Ok(chosen)
}

pub(super) fn span(span: Span) -> String {
    if span.low == span.high { span.high.to_string() } else { format!("{} 〜 {}", span.low, span.high) }
}

fn print_need(subject: &Subject, sizing: &Sizing, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let work = &sizing.workload;
    terminal.print_line(&heading(words, subject, work))?;
    let mut table =
        Table::new([words.t("size-part"), format!(">{}", words.t("size-bytes")), words.t("size-how")]);
    let params = subject.params_total.map(show::parameters).value().unwrap_or_else(|| words.t("undisclosed"));
    let bits = match sizing.bits_per_weight {
        Known::Value((low, high)) if (low - high).abs() < 1e-9 => format!("{high:.2}"),
        Known::Value((low, high)) => format!("{low:.2}〜{high:.2}"),
        Known::Undisclosed => words.t("undisclosed"),
    };
    table.row([
        words.t("size-weights"),
        span(sizing.weights),
        words.f("size-weights-how", &[("params", params.into()), ("bits", bits.into())]),
    ]);
    table.row([
        words.t("size-kv"),
        span(sizing.kv),
        words.f("size-kv-how", &[("bytes", span(sizing.kv_per_token).into())]),
    ]);
    table.row([
        words.t("size-overhead"),
        span(sizing.overhead_per_gpu),
        words.f("size-overhead-how", &[("source", work.engine.source.clone().into())]),
    ]);
    table.row([words.t("size-total"), span(sizing.total()), words.t("size-total-how")]);
    terminal.print_table(&table)?;
    terminal.print_line("")
}

fn heading(words: &Words, subject: &Subject, work: &Workload) -> String {
    words.f(
        "size-heading",
        &[
            ("name", subject.name.clone().into()),
            // What a file holds is what it holds, whatever `--quant` says.
            ("quant", quant_name(words, subject, work).into()),
            ("kv", work.kv_type.id().into()),
            ("context", work.context_tokens.to_string().into()),
            ("concurrency", work.concurrency.to_string().into()),
            ("engine", work.engine.id.clone().into()),
        ],
    )
}

fn quant_name(words: &Words, subject: &Subject, work: &Workload) -> String {
    if subject.file_weights.is_known() { words.t("size-as-in-file") } else { work.quant.id().to_owned() }
}

fn print_cards(placed: &[Placed], terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let titles = ["gpu", ">count", "verdict", "bar", "limit", ">concurrency", ">one", ">all", ">prefill"];
    let mut table = Table::new(titles.map(|key| match key.strip_prefix('>') {
        Some(key) => format!(">{}", words.t(&format!("size-{key}"))),
        None => words.t(&format!("size-{key}")),
    }));
    for Placed { fit, speed } in placed {
        let limit = match fit.limit {
            Part::Weights => "size-weights",
            Part::Kv => "size-kv",
            Part::Overhead => "size-overhead",
        };
        let mark = |replicated: bool| if replicated { "*" } else { "" };
        let fits = fit.verdict != Verdict::DoesNotFit;
        let rate = |speed: Known<TokensPerSecond>| if fits { rate(words, speed) } else { "—".to_owned() };
        table.row([
            fit.gpu.name.clone(),
            if fits { format!("{}{}", counts(fit), mark(fit.kv_replicated)) } else { "—".to_owned() },
            verdict(words, fit),
            bar(fit),
            words.t(limit),
            if fits { format!("{}〜{}", fit.concurrency.0, fit.concurrency.1) } else { "—".to_owned() },
            rate(speed.decode_one),
            rate(speed.decode_all),
            rate(speed.prefill),
        ]);
    }
    terminal.print_table(&table)?;
    terminal.print_line("")
}

/// `4`, or `1〜4` where the lower bound asks for fewer.
pub(super) fn counts(fit: &GpuFit) -> String {
    match fit.count_low {
        Known::Value(low) if low != fit.count => format!("{low}〜{}", fit.count),
        _ => fit.count.to_string(),
    }
}

fn rate(words: &Words, speed: Known<TokensPerSecond>) -> String {
    match speed {
        Known::Value(speed) => format!("{:.0}〜{:.0}", speed.low, speed.high),
        Known::Undisclosed => words.t("undisclosed"),
    }
}

pub(super) fn verdict(words: &Words, fit: &GpuFit) -> String {
    match fit.verdict {
        Verdict::Fits => format!("○ {}", words.t("size-fits")),
        Verdict::MayFit => format!("△ {}", words.t("size-may-fit")),
        Verdict::DoesNotFit => format!("× {}", words.t("size-does-not-fit")),
    }
}

/// The memory of one card: weights █, KV cache ▓, engine ▒, what only the upper bound takes ░, free ·.
fn bar(fit: &GpuFit) -> String {
    let scale = |bytes: ByteCount| {
        let share = bytes.0 as f64 / fit.gpu.memory.0.max(1) as f64;
        (share * BAR as f64).round() as usize
    };
    let low = [(fit.weights.low, '█'), (fit.kv.low, '▓'), (fit.overhead.low, '▒')];
    let mut drawn = String::new();
    for (bytes, mark) in low {
        drawn.extend(std::iter::repeat_n(mark, scale(bytes)));
    }
    let high = scale(fit.weights.high + fit.kv.high + fit.overhead.high);
    let used = drawn.chars().count();
    drawn.extend(std::iter::repeat_n('░', high.saturating_sub(used)));
    let over = drawn.chars().count() > BAR;
    let cut: String = drawn.chars().take(BAR).collect();
    let filled = format!("{cut}{}", "·".repeat(BAR.saturating_sub(cut.chars().count())));
    let end = if over { "▶" } else { "│" };
    debug_assert!(width::of(&filled) >= BAR);
    format!("│{filled}{end}")
}

pub(super) fn reason_line(words: &Words, reason: &Reason) -> String {
    let say = |key: &str, args: &[(&str, String)]| {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        words.f(&format!("size-reason-{key}"), &args)
    };
    match reason {
        Reason::WeightsFromFile => say("file", &[]),
        Reason::WeightsFromShape => say("shape", &[]),
        Reason::WeightsFromParams { low_model, high_model } => {
            say("params", &[("low", low_model.clone()), ("high", high_model.clone())])
        }
        Reason::KvFromSimilarModels { low_model, high_model } => {
            say("similar", &[("low", low_model.clone()), ("high", high_model.clone())])
        }
        Reason::HybridLayers => say("hybrid", &[]),
        Reason::SlidingWindow { tokens } => say("window", &[("tokens", tokens.to_string())]),
        Reason::OverheadNotCalibrated => say("overhead", &[]),
        Reason::ContextUndisclosed => say("context-undisclosed", &[]),
        Reason::ContextBeyondPublished { published } => {
            say("context", &[("published", published.to_string())])
        }
    }
}

fn preset(id: &str, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let all = presets();
    let Some(preset) = all.iter().find(|preset| preset.id == id) else {
        let ids: Vec<&str> = all.iter().map(|preset| preset.id.as_str()).collect();
        return Err(not_one_of("--preset", id, &ids, words));
    };
    if terminal.json {
        return terminal.print_json(preset);
    }
    print_preset(preset, terminal)
}

fn print_preset(preset: &Preset, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    terminal.print_line(&words.f(
        "preset-rule",
        &[
            ("bits", preset.bits_per_weight.to_string().into()),
            ("memory", preset.gpu_memory.to_string().into()),
            ("price", preset.gpu_price.to_string().into()),
        ],
    ))?;
    let titles = ["row", ">params", ">weights", ">gpus", ">computed", ">printed", "facts", "remark-title"];
    let mut table = Table::new(titles.map(|key| match key.strip_prefix('>') {
        Some(key) => format!(">{}", words.t(&format!("preset-{key}"))),
        None => words.t(&format!("preset-{key}")),
    }));
    for row in &preset.rows {
        let printed = row.printed.map_or_else(|| words.t("preset-not-printed"), |yen| yen.to_string());
        let remark = if row.differs { format!("△ {}", words.t("preset-differs")) } else { String::new() };
        table.row([
            words.pick(&row.label).to_owned(),
            show::parameters(row.params),
            row.weights.to_string(),
            row.gpus.to_string(),
            row.computed.to_string(),
            printed,
            row.facts.join(" "),
            remark,
        ]);
    }
    terminal.print_table(&table)?;
    terminal.print_line(&words.t("preset-remark"))
}
