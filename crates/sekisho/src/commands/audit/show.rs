//! `audit show`: one record, whole.

use sekisho_audit::{journal::Record, retention::Retention};
use serde_json::{Map, Value};

use super::{
    failure, place as place_of, printable, printable_lines, record_id, time,
    view::{self, line},
};
use crate::{cli::Place, failure::Outcome, table::Table, terminal::Terminal, words::Words};

/// Shows a record: what is in it, what became of it, and where it stands in the log.
pub(super) fn run(place: &Place, record: &str, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let id = record_id(record, words)?;
    let journal = place_of::reading(place, terminal)?;
    let record = journal.read(id).map_err(|error| {
        failure(&error, words.f("audit-show-failed", &[("record", id.to_string().into())]), place, words)
    })?;
    if terminal.json {
        return terminal.print_json(&view::Shown::of(&record).with_leaves(&record));
    }
    let mut text = head(&record, journal.retention(), words);
    text += &parts(&record, words);
    terminal.print(&text)?;
    terminal.print_line(&format!("\n{}", words.t("audit-leaves")))?;
    terminal.print_table(&leaves(&record, words))?;
    if record.erasure.is_some() {
        terminal.say(&words.t("audit-erased-still-proves"));
    }
    Ok(())
}

/// The members in the order in which people ask about them; what is not here comes after it, what was said comes last.
const ORDER: &[&str] = &[
    "principal",
    "tenant",
    "purpose",
    "by",
    "ground",
    "event",
    "scheme",
    "label",
    "model",
    "upstream",
    "outcome",
    "code",
    "verdict",
    "rules",
    "sources",
    "prompt_tokens",
    "completion_tokens",
    "cost_yen",
    "ttft_ms",
    "latency_ms",
];
const LAST: &[&str] = &["detail", "records", "input", "output"];

fn head(record: &Record, retention: &Retention, words: &Words) -> String {
    let hit = &record.hit;
    let label = |key: &str| words.t(&format!("audit-title-{key}"));
    let mut text = line(&label("record"), &hit.record.to_string());
    text += &line(&label("kind"), &words.t(&format!("audit-kind-{}", hit.kind.as_str())));
    text += &line(&label("time"), &time::shown(hit.time_ms));
    if let Some(end) = hit.end_ms.filter(|_| hit.open.is_some()) {
        text += &line(&label("end"), &time::shown(end));
    }
    let state = view::state(record, words);
    if !state.is_empty() {
        text += &line(&label("state"), &state);
    }
    if hit.class != 0 {
        text += &line(&label("class"), &view::class(hit, retention, words));
    }
    if let Some(erasure) = &record.erasure {
        let args = [
            ("time", time::shown(erasure.time_ms).into()),
            ("by", printable(&erasure.by).into()),
            ("ground", printable(&erasure.ground).into()),
            ("entry", erasure.index.into()),
        ];
        text += &line(&label("erased"), &words.f("audit-erased-by", &args));
    }
    if let Some(entry) = record.hold {
        text += &line(&label("held"), &words.f("audit-held-by", &[("entry", entry.into())]));
    }
    text
}

/// What was recorded, member by member; long texts stand below their names.
fn parts(record: &Record, words: &Words) -> String {
    let value = |part: Result<Value, serde_json::Error>| match part {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let mut text = String::new();
    if let Some(open) = &record.open {
        text += &section("open", value(serde_json::to_value(open)), words);
    }
    if let Some(close) = &record.close {
        let mut members = value(serde_json::to_value(close));
        if let Some(open) = &record.open {
            // A close repeats who asked; it is worth a line only where it says something else.
            let asked = [("principal", Some(&open.principal)), ("tenant", open.tenant.as_ref())];
            for (member, said) in asked {
                let is_same = members.get(member).and_then(Value::as_str) == said.map(String::as_str);
                if is_same {
                    members.remove(member);
                }
            }
        }
        text += &section("close", members, words);
    }
    if let Some(event) = &record.event {
        text += &section("event", value(serde_json::to_value(event)), words);
    }
    if let Some(statement) = &record.statement {
        let records: Vec<String> = statement.records.iter().map(ToString::to_string).collect();
        let mut members = Map::new();
        members.insert("by".to_owned(), statement.by.clone().into());
        members.insert("ground".to_owned(), statement.ground.clone().into());
        members.insert("records".to_owned(), records.join("\n").into());
        text += &section("statement", members, words);
    }
    text
}

fn section(name: &str, members: Map<String, Value>, words: &Words) -> String {
    let mut text = format!("\n{}\n", words.t(&format!("audit-part-{name}")));
    let place = |member: &str| match ORDER.iter().position(|known| *known == member) {
        Some(at) => at,
        None => ORDER.len() + LAST.iter().position(|last| *last == member).map_or(0, |at| at + 1),
    };
    let mut members: Vec<(String, Value)> = members.into_iter().collect();
    members.sort_by_key(|(member, _)| place(member));
    for (member, value) in members {
        let key = format!("audit-member-{}", member.replace('_', "-"));
        let label = if words.has(&key) { words.t(&key) } else { printable(&member) };
        let shown = shown(name, &member, &value, words);
        if shown.contains('\n') {
            text += &format!("  {label}\n");
            text.extend(shown.lines().map(|row| format!("    {row}\n")));
        } else {
            text += &format!("  {}", line(&label, &shown));
        }
    }
    text
}

fn shown(part: &str, member: &str, value: &Value, words: &Words) -> String {
    match value {
        Value::String(word) if member == "verdict" || (part == "close" && member == "outcome") => {
            let key = format!("audit-{member}-{word}");
            if words.has(&key) { words.t(&key) } else { printable(word) }
        }
        Value::String(text) => printable_lines(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(part, "", item, words)).collect();
            items.join(", ")
        }
        other => printable(&other.to_string()),
    }
}

fn leaves(record: &Record, words: &Words) -> Table {
    let titles = [">audit-title-entry", "audit-title-kind", ">audit-title-bytes", "audit-title-hash"];
    let mut table = Table::new(titles.map(|title| match title.strip_prefix('>') {
        Some(key) => format!(">{}", words.t(key)),
        None => words.t(title),
    }));
    for leaf in &record.leaves {
        table.row([
            leaf.index.to_string(),
            leaf.kind.as_str().to_owned(),
            leaf.bytes.len().to_string(),
            leaf.hash.to_string(),
        ]);
    }
    table
}
