//! `guard test`: what would become of a text under a label, in a direction.

use sekisho_base::Code;
use sekisho_guard::{
    Action, Context, Direction, End, Event, Failure as DetectorFailure, Finding, Guard, Label, Refusal, Vault,
};
use serde::Serialize;

use super::{
    guard, kind, read,
    scan::{one_line, place},
};
use crate::{
    cli::{TestArgs, Way},
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// What came of a text.
struct Screened {
    action: Action,
    text: String,
    findings: Vec<Finding>,
    refusal: Option<Refusal>,
}

/// Exit status 1 when the text does not pass.
pub(super) fn run(args: &TestArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let guard = guard(&args.files, words)?;
    let text = read(&args.file, words)?;
    let direction = match args.direction {
        Way::Input => Direction::Input,
        Way::Document => Direction::Document,
        Way::Output => Direction::Output,
        Way::Tool => Direction::Tool,
    };
    let context = Context { label: label(&guard, args.label.as_deref(), words)?, direction };
    let result = match args.chunk {
        None => at_once(&guard, &text, &context),
        Some(chunk) => in_chunks(&guard, &text, &context, chunk.max(1)),
    };
    if terminal.json {
        terminal.print_json(&told(&text, &result, &context))?;
    } else {
        show(&text, &result, &context, terminal)?;
    }
    match &result.refusal {
        None => Ok(()),
        Some(why) => {
            let failure = Failure::new(Code::GuardRefused, words.t("guard-refused"));
            Err(failure.cause(refusal(why, words)).hint(words.t("guard-hint-explain")))
        }
    }
}

/// Without a label a text counts as the highest.
fn label(guard: &Guard, wanted: Option<&str>, words: &Words) -> Outcome<Label> {
    let policy = guard.policy();
    let scheme = policy.scheme();
    let Some(wanted) = wanted else { return Ok(scheme.highest()) };
    scheme.parse_label(wanted).ok_or_else(|| {
        let known: Vec<String> = scheme.labels().map(|label| label.id().to_owned()).collect();
        let args = [
            ("label", wanted.to_owned().into()),
            ("scheme", words.pick_pair(scheme.title()).to_owned().into()),
        ];
        Failure::new(Code::Usage, words.f("guard-no-such-label", &args))
            .hint(words.f("cli-hint-allowed", &[("words", known.join(", ").into())]))
    })
}

fn at_once(guard: &Guard, text: &str, context: &Context) -> Screened {
    let verdict = guard.screen(text, context, Some(&Vault::new()));
    Screened {
        action: verdict.action,
        text: verdict.released().to_owned(),
        refusal: verdict.refusal().cloned(),
        findings: verdict.findings,
    }
}

/// The same as it would flow from a model, so many characters at a time.
fn in_chunks(guard: &Guard, text: &str, context: &Context, chunk: usize) -> Screened {
    let mut stream = guard.stream(context.clone(), Some(Vault::new()));
    let mut result =
        Screened { action: Action::Pass, text: String::new(), findings: Vec::new(), refusal: None };
    let characters: Vec<char> = text.chars().collect();
    let mut take = |released: sekisho_guard::Released| {
        result.text += &released.text;
        result.findings.extend(released.events.into_iter().filter_map(|event| match event {
            Event::Found(finding) => Some(finding),
            Event::Masked(_) => None,
        }));
        match released.end {
            Some(End::Complete(action)) => result.action = action,
            Some(End::Refused(refusal)) => {
                result.action = Action::Refuse;
                result.refusal = Some(refusal);
            }
            None => {}
        }
    };
    for piece in characters.chunks(chunk) {
        take(stream.push(&piece.iter().collect::<String>()));
    }
    take(stream.finish());
    result
}

fn show(text: &str, result: &Screened, context: &Context, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let mark = match result.action {
        Action::Pass => "○",
        Action::Flag | Action::Mask => "△",
        Action::Refuse => "×",
    };
    let args = [
        ("action", words.t(&format!("guard-action-{}", result.action)).into()),
        ("label", words.pick_pair(&context.label.level().name).to_owned().into()),
        ("direction", words.t(&format!("guard-direction-{}", context.direction.name())).into()),
    ];
    terminal.say(&format!("{mark} {}", words.f("guard-verdict", &args)));
    let titles = ["place", "kind", "text", "action", "rule"];
    let mut table = Table::new(titles.map(|title| words.t(&format!("guard-title-{title}"))));
    for finding in &result.findings {
        let rules: Vec<&str> = finding.rules.iter().map(|rule| rule.id.as_str()).collect();
        table.row([
            place(text, finding.span.range.start),
            kind(finding.span.kind, words),
            one_line(&text[finding.span.range.clone()]),
            words.t(&format!("guard-action-{}", finding.action)),
            rules.join(", "),
        ]);
    }
    if !table.is_empty() {
        terminal.say(table.render(None).trim_end());
    }
    terminal.print(&result.text)?;
    if result.text.is_empty() || result.text.ends_with('\n') { Ok(()) } else { terminal.print("\n") }
}

#[derive(Serialize)]
struct Told<'a> {
    action: Action,
    label: &'a str,
    direction: Direction,
    /// What goes on; up to the refused part where it is refused.
    text: &'a str,
    refused: bool,
    findings: Vec<ToldFinding<'a>>,
}

#[derive(Serialize)]
struct ToldFinding<'a> {
    #[serde(flatten)]
    found: super::scan::Found<'a>,
    action: Action,
    rules: Vec<&'a str>,
}

fn told<'a>(text: &'a str, result: &'a Screened, context: &'a Context) -> Told<'a> {
    let findings = result.findings.iter().map(|finding| ToldFinding {
        found: super::scan::found(text, std::slice::from_ref(&finding.span)).remove(0),
        action: finding.action,
        rules: finding.rules.iter().map(|rule| rule.id.as_str()).collect(),
    });
    Told {
        action: result.action,
        label: context.label.id(),
        direction: context.direction,
        text: &result.text,
        refused: result.refusal.is_some(),
        findings: findings.collect(),
    }
}

/// Why nothing goes on, in a sentence.
pub(super) fn refusal(refusal: &Refusal, words: &Words) -> String {
    match refusal {
        Refusal::Rule { rule, kind: found, .. } => words
            .f("guard-refusal-rule", &[("rule", rule.clone().into()), ("kind", kind(*found, words).into())]),
        Refusal::Detector { detector, failure } => {
            let why = match failure {
                DetectorFailure::Unavailable { causes } => causes.join(": "),
                DetectorFailure::Panicked => words.t("guard-failure-panicked"),
                DetectorFailure::BadSpan => words.t("guard-failure-bad-span"),
                DetectorFailure::HeldTooLong => words.t("guard-failure-held"),
            };
            words.f("guard-refusal-detector", &[("detector", (*detector).into()), ("why", why.into())])
        }
        Refusal::UnknownLabel => words.t("guard-refusal-label"),
        Refusal::TooLong => words.t("guard-refusal-too-long"),
    }
}
