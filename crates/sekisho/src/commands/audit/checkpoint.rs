//! `audit checkpoint`: the three lines that fix what the log is now, for paper.

use std::{
    io::{self, IsTerminal},
    path::Path,
};

use maud::{Markup, PreEscaped, html};
use sekisho_audit::{checkpoint::Checkpoint, note::Note};
use sekisho_base::Code;
use serde::Serialize;

use super::{
    place::{self, now_ms},
    qr, time,
};
use crate::{
    cli::Place,
    commands::files,
    failure::{Failure, Outcome},
    html as page,
    terminal::Terminal,
    words::Words,
};

/// How the sheet looks.
const SHEET: &str = include_str!("checkpoint/sheet.css");

#[derive(Serialize)]
struct Shown<'a> {
    origin: &'a str,
    size: u64,
    root: String,
    verifier_key: String,
    /// The signed checkpoint.
    note: String,
}

/// Prints the newest published checkpoint, also while another process writes to the log.
pub(super) fn run(place: &Place, file: Option<&Path>, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let (keys, reader) = place::reader(place, words)?;
    let note = reader.snapshot().checkpoint().to_owned();
    let unreadable = || Failure::new(Code::LogDamaged, words.t("audit-read-failed"));
    let note = Note::parse(&note).map_err(|_| unreadable())?;
    let checkpoint: Checkpoint = note.text().parse().map_err(|_| unreadable())?;
    let key = keys.of_size(checkpoint.size()).to_string();
    if let Some(file) = file {
        let sheet = sheet(&key, &checkpoint, words);
        files::save(file, sheet.as_bytes(), terminal)?;
    }
    if terminal.json {
        return terminal.print_json(&Shown {
            origin: checkpoint.origin(),
            size: checkpoint.size(),
            root: checkpoint.root().to_string(),
            verifier_key: key,
            note: note.to_string(),
        });
    }
    terminal.print(&checkpoint.to_string())?;
    if file.is_none() {
        if let Some(code) = qr::encode(&checkpoint.to_string()) {
            terminal.say(qr::for_terminal(&code, is_coloured()).trim_end_matches('\n'));
        }
        terminal.say(&words.t("audit-checkpoint-next"));
    }
    Ok(())
}

/// Whether the terminal may be told colours.
fn is_coloured() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty())
}

/// One sheet of A4 that says what the log was, and what to do with the sheet.
fn sheet(key: &str, checkpoint: &Checkpoint, words: &Words) -> String {
    let at = time::shown(now_ms());
    let title = words.t("audit-sheet-title");
    let three = [
        ("origin", checkpoint.origin().to_owned()),
        ("size", checkpoint.size().to_string()),
        ("root", checkpoint.root().to_string()),
    ];
    let body = html! {
        main.sheet {
            p.seal { "関所" span.latin { "Sekisho" } }
            h1 { (title) }
            p { (words.f("audit-sheet-lead", &[("time", at.clone().into()), ("origin", checkpoint.origin().to_owned().into())])) }
            div.lines {
                dl { @for (key, value) in &three {
                    div { dt { (words.t(&format!("audit-sheet-{key}"))) } dd { (value) } }
                } }
                @if let Some(code) = qr::encode(&checkpoint.to_string()) {
                    figure { (qr::for_page(&code, &words.t("audit-sheet-qr"))) figcaption { (words.t("audit-sheet-qr")) } }
                }
            }
            dl.key { div { dt { (words.t("audit-sheet-key")) } dd { (key) } } }
            h2 { (words.t("audit-sheet-what")) }
            ol { @for step in 1..=4 { li { (words.t(&format!("audit-sheet-step-{step}"))) } } }
            (signatures(words))
        }
    };
    let style = PreEscaped(SHEET);
    page::sheet(words, &format!("{title} {at}"), &style, &body)
}

/// Where those who put the sheet away sign.
fn signatures(words: &Words) -> Markup {
    let cell = |key: &str| words.t(&format!("audit-sheet-{key}"));
    html! {
        table.signatures {
            thead { tr { th scope="col" { (cell("role")) } th scope="col" { (cell("day")) } th scope="col" { (cell("name")) } th scope="col" { (cell("stamp")) } } }
            tbody {
                @for role in ["printed-by", "checked-by"] {
                    tr { th scope="row" { (cell(role)) } td {} td {} td {} }
                }
            }
        }
    }
}
