//! `guard scan` and `guard explain`: which characters are what, and why.

use std::{
    io::{self, Write},
    sync::Arc,
};

use sekisho_base::Code;
use sekisho_guard::{Detector, SURE_FROM, Span, disjoint};
use serde::{Deserialize, Serialize};

use super::{CodePoints, TEXT_BYTES_MAX, detectors, kind, read};
use crate::{
    cli::ScanArgs,
    commands::lines::{self, Line},
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
    words::Words,
};

/// One line of the machine contract, in.
#[derive(Deserialize)]
struct Asked {
    id: serde_json::Value,
    text: String,
}

/// One line of the machine contract, out. Offsets are code points of the text as it came.
#[derive(Serialize)]
struct Answered<'a> {
    id: &'a serde_json::Value,
    spans: Vec<Found<'a>>,
}

#[derive(Serialize)]
pub(super) struct Found<'a> {
    r#type: &'static str,
    start: usize,
    end: usize,
    text: &'a str,
    confidence: f32,
    rule: &'a str,
}

/// Reads lines `{"id","text"}` and writes a line for each. A line that cannot be read is told, and does not stop the rest.
pub(super) fn lines(args: &ScanArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let scanner = Scanner::new(args, words)?;
    let mut input = io::stdin().lock();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut bad = 0_usize;
    for number in 1_usize.. {
        let line = lines::next(&mut input, TEXT_BYTES_MAX);
        let line = line.map_err(|error| broken(words.t("guard-stdin-failed"), &error))?;
        let Some(line) = line else { break };
        let asked = match parse(&line, words) {
            Ok(None) => continue,
            Ok(Some(asked)) => asked,
            Err(cause) => {
                bad += 1;
                let args = [("line", number.into()), ("cause", cause.into())];
                terminal.say(&words.f("guard-line-bad", &args));
                continue;
            }
        };
        let spans = scanner.scan(&asked.text, words)?;
        let answered = Answered { id: &asked.id, spans: found(&asked.text, &spans) };
        let written = serde_json::to_writer(&mut out, &answered).map_err(io::Error::from);
        match written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(broken(words.t("cli-stdout-failed"), &error)),
            Ok(()) => {}
        }
    }
    if bad == 0 {
        return Ok(());
    }
    Err(Failure::new(Code::Usage, words.f("guard-lines-bad", &[("count", bad.into())]))
        .hint(words.t("guard-hint-lines")))
}

fn broken(tried: String, error: &io::Error) -> Failure {
    Failure::new(Code::FileUnwritable, tried).cause(error.to_string())
}

/// None for an empty line.
fn parse(line: &Line, words: &Words) -> Result<Option<Asked>, String> {
    let Line::Whole(line) = line else {
        return Err(words.f("guard-too-long", &[("mib", (TEXT_BYTES_MAX >> 20).to_string().into())]));
    };
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(line).map(Some).map_err(|error| error.to_string())
}

/// The spans of one text, in a table.
pub(super) fn text(args: &ScanArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let text = read(&args.file, words)?;
    let spans = Scanner::new(args, words)?.scan(&text, words)?;
    if terminal.json {
        return terminal.print_json(&found(&text, &spans));
    }
    let titles = ["place", "kind", "text", "confidence", "rule"];
    let mut table = Table::new(titles.map(|title| words.t(&format!("guard-title-{title}"))));
    for span in &spans {
        table.row([
            place(&text, span.range.start),
            kind(span.kind, words),
            one_line(&text[span.range.clone()]),
            format!("{:.2}", span.confidence),
            span.rule.to_string(),
        ]);
    }
    if !table.is_empty() {
        terminal.print_table(&table)?;
    }
    terminal.say(&words.f("guard-found", &[("count", spans.len().into())]));
    Ok(())
}

/// Each span with everything it was judged by.
pub(super) fn explain(args: &ScanArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let text = read(&args.file, words)?;
    let weak = ScanArgs { weak: true, topics: args.topics.clone(), file: args.file.clone(), jsonl: false };
    let spans = Scanner::new(&weak, words)?.scan(&text, words)?;
    if terminal.json {
        return terminal.print_json(&spans.iter().map(|span| explained(&text, span)).collect::<Vec<_>>());
    }
    let mut out = String::new();
    for span in &spans {
        let value = one_line(&text[span.range.clone()]);
        out += &format!("{}  {}  {value}\n", place(&text, span.range.start), kind(span.kind, words));
        let args = [
            ("confidence", format!("{:.2}", span.confidence).into()),
            ("rule", span.rule.to_string().into()),
        ];
        out += &format!("  {}\n", words.f("guard-why-rule", &args));
        for reason in reasons(&text, span, words) {
            out += &format!("  {reason}\n");
        }
    }
    terminal.print(&out)?;
    terminal.say(&words.f("guard-found", &[("count", spans.len().into())]));
    Ok(())
}

/// What a span rests on, a sentence each.
fn reasons(text: &str, span: &Span, words: &Words) -> Vec<String> {
    let evidence = &span.evidence;
    let mut reasons = Vec::new();
    if let Some(cue) = &evidence.cue {
        let cue = one_line(&text[cue.clone()]);
        reasons.push(words.f("guard-why-cue", &[("cue", cue.into())]));
    }
    match evidence.check_digit {
        Some(true) => reasons.push(words.t("guard-why-check-digit")),
        Some(false) => reasons.push(words.t("guard-why-check-digit-failed")),
        None => {}
    }
    if evidence.column {
        reasons.push(words.t("guard-why-column"));
    }
    reasons.extend(evidence.notes.iter().map(|note| words.t(&format!("guard-{note}"))));
    if span.confidence < SURE_FROM {
        reasons.push(words.t("guard-why-weak"));
    }
    reasons
}

#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    found: Found<'a>,
    /// The word that says what it is.
    cue: Option<&'a str>,
    check_digit: Option<bool>,
    column: bool,
    notes: &'a [&'static str],
}

fn explained<'a>(text: &'a str, span: &'a Span) -> Explained<'a> {
    let found = found(text, std::slice::from_ref(span)).remove(0);
    let evidence = &span.evidence;
    Explained {
        found,
        cue: evidence.cue.clone().map(|cue| &text[cue]),
        check_digit: evidence.check_digit,
        column: evidence.column,
        notes: &evidence.notes,
    }
}

pub(super) fn found<'a>(text: &'a str, spans: &'a [Span]) -> Vec<Found<'a>> {
    let mut points = CodePoints::new(text);
    spans
        .iter()
        .map(|span| Found {
            r#type: span.kind.name(),
            start: points.before(span.range.start),
            end: points.before(span.range.end),
            text: &text[span.range.clone()],
            confidence: (span.confidence * 1000.0).round() / 1000.0,
            rule: &span.rule,
        })
        .collect()
}

/// `3:12`: line and column, both from 1.
pub(super) fn place(text: &str, at: usize) -> String {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{line}:{column}")
}

/// Line ends and characters without a picture as `␤` and `·`, so that a table stays a table.
pub(super) fn one_line(text: &str) -> String {
    let shown = |character: char| match character {
        '\n' => '␤',
        character if character.is_control() || sekisho_text::normal::is_unseen(character) => '·',
        character => character,
    };
    text.chars().map(shown).collect()
}

/// Detectors without rules.
pub(super) struct Scanner {
    detectors: Vec<Arc<dyn Detector>>,
    confidence_min: f32,
}

impl Scanner {
    pub(super) fn new(args: &ScanArgs, words: &Words) -> Outcome<Self> {
        let confidence_min = if args.weak { 0.0 } else { SURE_FROM };
        Ok(Self { detectors: detectors(args.topics.as_deref(), words)?, confidence_min })
    }

    /// The built-in detectors with what they are sure of.
    pub(super) fn built_in() -> Self {
        Self { detectors: sekisho_guard::built_in_detectors(), confidence_min: SURE_FROM }
    }

    /// The spans in order, none over another.
    pub(super) fn scan(&self, text: &str, words: &Words) -> Outcome<Vec<Span>> {
        let spans = sekisho_guard::scan(&self.detectors, text)
            .map_err(|why| Failure::new(Code::GuardRefused, super::test::refusal(&why, words)))?;
        Ok(disjoint(spans.into_iter().filter(|span| span.confidence >= self.confidence_min).collect()))
    }
}
