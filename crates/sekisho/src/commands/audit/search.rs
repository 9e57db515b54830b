//! `audit search`: which records there are.

use sekisho_audit::{
    journal::{Error, Reading},
    record::{Outcome as Ended, Verdict},
    search::{Cursor, Order, Page, Query, RecordKind},
};
use sekisho_base::Code;
use serde::Serialize;

use super::{
    failure, place, printable,
    time::{self, End},
    view::{self, Cells, Shown},
};
use crate::{
    cli::{Filter, Place, SearchArgs},
    failure::{Failure, Outcome},
    table::Table,
    terminal::Terminal,
    words::Words,
};

#[derive(Serialize)]
struct Found {
    records: Vec<Shown>,
    /// For `--after`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// One page of what matches.
pub(super) fn run(args: &SearchArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let mut query = query(&args.filter, words)?;
    query.limit = usize::from(args.limit);
    query.after = args.after.as_deref().map(|text| cursor(text, words)).transpose()?;
    let journal = place::reading(&args.place, terminal)?;
    let failed = |error: Error| search_failed(&error, &args.place, words);
    let (page, held_more) =
        if args.held { held(&journal, query.limit) } else { journal.search(&query).map(|page| (page, 0)) }
            .map_err(failed)?;
    if held_more > 0 {
        terminal.say(&words.f("audit-held-more", &[("count", held_more.into())]));
    }
    let next = page.next.map(|next| next.to_string());
    if args.ids {
        let ids: String =
            page.hits.iter().fold(String::new(), |ids, hit| ids + &hit.record.to_string() + "\n");
        terminal.print(&ids)?;
        tell_next(next.as_deref(), terminal);
        return Ok(());
    }
    let mut records = Vec::with_capacity(page.hits.len());
    for hit in &page.hits {
        records.push(journal.read_hit(hit).map_err(failed)?);
    }
    if terminal.json {
        let records = records.iter().map(|record| Shown::of(record).without_texts()).collect();
        return terminal.print_json(&Found { records, next });
    }
    if !records.is_empty() {
        terminal.print_table(&table(&records, words))?;
    }
    terminal.say(&words.f("audit-found", &[("count", records.len().into())]));
    tell_next(next.as_deref(), terminal);
    Ok(())
}

/// Records on hold, in the order of their ids, which is that of their times; and how many more there are.
fn held(journal: &Reading, limit: usize) -> Result<(Page, usize), Error> {
    let records = journal.held();
    let shown = limit.min(records.len());
    let mut hits = journal.find_all(&records[..shown])?;
    hits.sort_unstable_by_key(|hit| hit.record);
    Ok((Page { hits, ..Page::default() }, records.len() - shown))
}

/// The log could not be searched.
pub(super) fn search_failed(error: &Error, place: &Place, words: &Words) -> Failure {
    failure(error, words.t("audit-read-failed"), place, words)
}

fn tell_next(next: Option<&str>, terminal: &Terminal<'_>) {
    if let Some(next) = next {
        terminal.say(&terminal.words.f("audit-next", &[("cursor", next.to_owned().into())]));
    }
}

fn table(records: &[sekisho_audit::journal::Record], words: &Words) -> Table {
    let titles = ["time", "record", "kind", "principal", "purpose", "label", "model", "verdict", "state"];
    let mut table = Table::new(titles.map(|title| words.t(&format!("audit-title-{title}"))));
    for record in records {
        let cells = Cells::of(record);
        let what = if cells.event.is_empty() { cells.purpose } else { cells.event };
        table.row([
            time::shown(record.hit.time_ms),
            record.hit.record.to_string(),
            words.t(&format!("audit-kind-{}", record.hit.kind.as_str())),
            printable(&cells.principal),
            printable(&what),
            printable(&cells.label),
            printable(&cells.model),
            view::verdicts(&cells.verdicts, words),
            view::state(record, words),
        ]);
    }
    table
}

/// The conditions that were typed.
pub(super) fn query(filter: &Filter, words: &Words) -> Outcome<Query> {
    let erased = match (filter.erased, filter.kept) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    Ok(Query {
        from_ms: filter.from.as_deref().map(|text| instant(text, End::From, words)).transpose()?,
        until_ms: filter.to.as_deref().map(|text| instant(text, End::To, words)).transpose()?,
        principal: filter.principal.clone(),
        tenant: filter.tenant.clone(),
        purpose: filter.purpose.clone(),
        scheme: filter.label_scheme.clone(),
        label: filter.label.clone(),
        model: filter.model.clone(),
        upstream: filter.upstream.clone(),
        // The command line lets no other words through.
        verdict: filter.verdict.as_deref().and_then(Verdict::parse),
        outcome: filter.outcome.as_deref().and_then(Ended::parse),
        rule: filter.rule.clone(),
        code: filter.code.clone(),
        event: filter.event.clone(),
        kind: filter.kind.as_deref().and_then(RecordKind::parse),
        class: filter.class,
        record: None,
        erased,
        contains: filter.contains.clone(),
        order: if filter.oldest { Order::Oldest } else { Order::Newest },
        limit: 0,
        after: None,
    })
}

fn instant(text: &str, end: End, words: &Words) -> Outcome<u64> {
    time::parse(text, end).ok_or_else(|| {
        Failure::new(Code::Usage, words.f("audit-not-a-time", &[("text", printable(text).into())]))
            .hint(words.t("audit-hint-time"))
    })
}

fn cursor(text: &str, words: &Words) -> Outcome<Cursor> {
    text.parse().map_err(|_| {
        Failure::new(Code::Usage, words.f("audit-not-a-cursor", &[("text", printable(text).into())]))
            .hint(words.t("audit-hint-cursor"))
    })
}
