//! `sekisho-verify`: whether an audit log, or one proof out of it, holds.
//!
//! A program apart, for the auditor's own machine. It shares no code with the writer; what it knows stands in
//! docs/audit-format.md. The way of a call: [`arguments`] are read here, [`walk`] reads the log once, [`secrets`] a
//! second time where that is needed, [`words`] says what was found.
mod arguments;
mod clear;
mod files;
mod finding;
mod leaf;
mod meaning;
mod merkle;
mod note;
mod proof;
mod secrets;
mod segment;
mod tiles;
mod walk;
mod words;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use arguments::{Arguments, Task};
use files::TEXT_BYTES_MAX;
use finding::{Finding, Report};
use words::{Lang, printable};

fn main() -> ExitCode {
    let all: Vec<String> = std::env::args().skip(1).collect();
    let environment = std::env::var("SEKISHO_LANG").unwrap_or_default();
    let (lang, arguments) = arguments::parse(&all, &environment);
    let arguments = match arguments {
        Ok(Arguments { task: Task::Help, .. }) => return say(lang, "help", &[], true, ExitCode::SUCCESS),
        Ok(arguments) => arguments,
        Err(wrong) => return say(lang, wrong.what, &wrong.fields, false, ExitCode::from(1)),
    };
    let report = match &arguments.task {
        Task::Log(question) => verify_log(question, arguments.keys.as_deref()),
        Task::Proof(file) => files::read(file, TEXT_BYTES_MAX)
            .map(|bytes| proof::verify(&bytes, &arguments.log_keys, &arguments.witnesses)),
        Task::Help => Ok(Report::default()),
    };
    match report {
        Ok(report) => show(&report, lang, arguments.json),
        Err(error) => say(lang, "unreadable", &[("cause", error.to_string())], false, ExitCode::from(2)),
    }
}

fn verify_log(question: &walk::Question, keys: Option<&std::path::Path>) -> io::Result<Report> {
    let walk = walk::walk(question)?;
    let (mut report, erased) = (walk.report, walk.meaning.erased);
    if keys.is_some() || !erased.records.is_empty() {
        let origin = report.origin.clone();
        secrets::walk(&question.log, &origin, keys, &erased, &mut report)?;
    }
    Ok(report)
}

fn say(
    lang: Lang,
    key: &str,
    fields: &[(&'static str, String)],
    is_answer: bool,
    status: ExitCode,
) -> ExitCode {
    let text = lang.say(key, fields);
    // Nobody can be told that talking failed.
    let _ = if is_answer {
        writeln!(io::stdout().lock(), "{text}")
    } else {
        writeln!(io::stderr().lock(), "{text}")
    };
    status
}

/// The answer: findings, remarks, the figures, and one line that says whether it holds.
fn show(report: &Report, lang: Lang, json: bool) -> ExitCode {
    let holds = report.findings.is_empty();
    let mut text = String::new();
    if json {
        text = serde_json::to_string_pretty(report).unwrap_or_default() + "\n";
    } else {
        let line = |mark: &str, finding: &Finding| {
            format!("{mark} {} [{}]\n", lang.say(finding.what, &finding.fields), finding.what)
        };
        text.extend(report.findings.iter().map(|finding| line("×", finding)));
        if report.findings_more > 0 {
            text += &lang.say("more", &[("count", report.findings_more.to_string())]);
            text.push('\n');
        }
        text.extend(report.remarks.iter().map(|remark| line("△", remark)));
        let kinds: Vec<String> = report.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        for (key, value) in [
            ("origin", printable(&report.origin)),
            ("entries", report.entries.to_string()),
            ("root", report.root.clone()),
            ("kinds", kinds.join(", ")),
            ("segments", report.segments.to_string()),
            ("commits", report.commits.to_string()),
            ("signatures", report.signatures_checked.to_string()),
            ("erased", report.erased.to_string()),
            ("unclosed", report.unclosed.to_string()),
            ("opened", report.opened.to_string()),
        ] {
            text += &format!("  {}: {value}\n", lang.say(&format!("label-{key}"), &[]));
        }
        let verdict = if holds { ("○", "holds") } else { ("×", "does-not-hold") };
        text += &format!("{} {}\n", verdict.0, lang.say(verdict.1, &[]));
    }
    let written = io::stdout().lock().write_all(text.as_bytes());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(2),
        _ if holds => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    }
}
