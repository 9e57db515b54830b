//! `audit export`: records with their proofs, for an auditor, another program, or Excel.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use sekisho_audit::{
    journal::{ProofBundle, Prover, Record},
    log::KeyChain,
    search::HITS_MAX,
};
use sekisho_base::Code;
use serde::Serialize;

use super::{
    place, prove, search, time,
    view::{Cells, Shown},
};
use crate::{
    cli::{AuditFormat, ExportArgs},
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// Records that are looked up at once.
const PAGE_RECORDS: usize = 1_000;
const _: () = assert!(PAGE_RECORDS <= HITS_MAX);

/// The first line: all proofs lead to this checkpoint.
#[derive(Serialize)]
struct CheckpointLine {
    checkpoint: String,
    verifier_key: String,
}

/// Columns of CSV: English names, which scripts rely on.
const COLUMNS: &[&str] = &[
    "record",
    "kind",
    "time",
    "end",
    "class",
    "erased",
    "held",
    "principal",
    "tenant",
    "purpose",
    "label",
    "answer_label",
    "model",
    "upstream",
    "verdict_in",
    "verdict_out",
    "outcome",
    "code",
    "rules",
    "event",
    "prompt_tokens",
    "completion_tokens",
    "cost_yen",
    "latency_ms",
    "input",
    "output",
    "entries",
];

/// Writes everything that matches.
pub(super) fn run(args: &ExportArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let mut query = search::query(&args.filter, words)?;
    query.limit = PAGE_RECORDS;
    let journal = place::reading(&args.place, terminal)?;
    let failed = |error| search::search_failed(&error, &args.place, words);
    let prover = journal.prover().map_err(failed)?;
    let keys = journal.verifier_keys();
    let mut writer = Exporter::open(args, prover, &keys, words)?;
    loop {
        let page = journal.search(&query).map_err(failed)?;
        for hit in &page.hits {
            let record = journal.read_hit(hit).map_err(failed)?;
            writer.write(&record, args)?;
        }
        if writer.reader_is_gone {
            return Ok(());
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let count = writer.finish()?;
    terminal.say(&words.f("audit-exported", &[("count", count.into())]));
    if args.out != Path::new("-") {
        let file = args.out.display().to_string();
        terminal.say(&words.f("cli-written", &[("file", file.into())]));
    }
    Ok(())
}

/// Where it goes, and what has gone there.
struct Exporter<'w> {
    words: &'w Words,
    out: Box<dyn Write>,
    /// The file while it grows, and what it is called in the end.
    files: Option<(PathBuf, PathBuf)>,
    shown: PathBuf,
    prover: Prover,
    count: u64,
    reader_is_gone: bool,
}

impl<'w> Exporter<'w> {
    fn open(args: &ExportArgs, prover: Prover, keys: &KeyChain, words: &'w Words) -> Outcome<Self> {
        let shown = args.out.clone();
        if let Some(folder) = &args.proofs {
            place::create_folder(folder, words)?;
        }
        let (out, files): (Box<dyn Write>, _) = if shown == Path::new("-") {
            (Box::new(BufWriter::new(io::stdout())), None)
        } else {
            if let Some(folder) = shown.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                place::create_folder(folder, words)?;
            }
            let mut beside = shown.as_os_str().to_owned();
            beside.push(".part");
            let beside = PathBuf::from(beside);
            let file = File::create(&beside).map_err(|error| place::unwritable(&beside, &error, words))?;
            (Box::new(BufWriter::new(file)), Some((beside, shown.clone())))
        };
        let mut exporter = Self { words, out, files, shown, prover, count: 0, reader_is_gone: false };
        if args.format == AuditFormat::Csv {
            let titles: Vec<String> = COLUMNS.iter().map(ToString::to_string).collect();
            // With a byte order mark: Excel in Japan takes a file without one for Shift_JIS.
            exporter.put(&format!("\u{feff}{}", csv_line(&titles)))?;
        } else {
            let checkpoint = exporter.prover.checkpoint().to_string();
            let verifier_key = keys.of_size(exporter.prover.size()).to_string();
            exporter.put_json(&CheckpointLine { checkpoint, verifier_key })?;
        }
        Ok(exporter)
    }

    fn put(&mut self, text: &str) -> Outcome {
        match self.out.write_all(text.as_bytes()) {
            Err(error) if self.files.is_none() && error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader_is_gone = true;
                Ok(())
            }
            Err(error) => Err(place::unwritable(&self.shown, &error, self.words)),
            Ok(()) => Ok(()),
        }
    }

    fn put_json(&mut self, line: &impl Serialize) -> Outcome {
        let text = serde_json::to_string(line)
            .map_err(|error| Failure::new(Code::Internal, "JSON").cause(error.to_string()))?;
        self.put(&format!("{text}\n"))
    }

    fn write(&mut self, record: &Record, args: &ExportArgs) -> Outcome {
        let words = self.words;
        self.count += 1;
        let is_csv = args.format == AuditFormat::Csv;
        if is_csv && args.proofs.is_none() {
            return self.put(&csv_line(&row(record)));
        }
        let bundle =
            self.prover.prove(record).map_err(|error| search::search_failed(&error, &args.place, words))?;
        if let Some(folder) = &args.proofs {
            save_proofs(folder, &bundle, words)?;
        }
        if is_csv {
            return self.put(&csv_line(&row(record)));
        }
        let mut shown = Shown::of(record).with_leaves(record);
        let leaves = std::mem::take(&mut shown.leaves).into_iter().zip(&bundle.leaves);
        shown.leaves = leaves.map(|(shown, leaf)| shown.proved(&leaf.leaf, &leaf.hashes)).collect();
        self.put_json(&shown)
    }

    fn finish(mut self) -> Outcome<u64> {
        match self.out.flush() {
            Err(error) if self.files.is_none() && error.kind() == io::ErrorKind::BrokenPipe => {}
            flushed => flushed.map_err(|error| place::unwritable(&self.shown, &error, self.words))?,
        }
        if let Some((beside, shown)) = &self.files {
            fs::rename(beside, shown).map_err(|error| place::unwritable(shown, &error, self.words))?;
            self.files = None;
        }
        Ok(self.count)
    }
}

/// Half an export is no export, and what stands in it was said in confidence.
impl Drop for Exporter<'_> {
    fn drop(&mut self) {
        if let Some((beside, _)) = &self.files {
            // What went wrong has been told; there is nothing to add.
            let _ = fs::remove_file(beside);
        }
    }
}

fn save_proofs(folder: &Path, bundle: &ProofBundle, words: &Words) -> Outcome {
    for (name, proof) in prove::proof_files(bundle)? {
        let path = folder.join(name);
        fs::write(&path, proof).map_err(|error| place::unwritable(&path, &error, words))?;
    }
    Ok(())
}

/// The cells of a record, in the order of [`COLUMNS`].
fn row(record: &Record) -> Vec<String> {
    let (hit, cells) = (&record.hit, Cells::of(record));
    let close = record.close.as_ref();
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let word = |word: Option<&'static str>| word.unwrap_or_default().to_owned();
    let text = |text: Option<&sekisho_audit::record::PromptText>| {
        text.map(|text| text.0.clone()).unwrap_or_default()
    };
    let entries: Vec<String> = hit.indices().map(|index| index.to_string()).collect();
    vec![
        hit.record.to_string(),
        hit.kind.as_str().to_owned(),
        time::exact(hit.time_ms),
        hit.end_ms.map(time::exact).unwrap_or_default(),
        if hit.class == 0 { String::new() } else { hit.class.to_string() },
        record.erasure.as_ref().map(|erasure| erasure.ground.clone()).unwrap_or_default(),
        number(record.hold),
        cells.principal,
        cells.tenant,
        cells.purpose,
        cells.label,
        cells.answer_label,
        cells.model,
        cells.upstream,
        word(cells.verdicts[0]),
        word(cells.verdicts[1]),
        word(cells.outcome),
        cells.code,
        cells.rules.join(" "),
        cells.event,
        number(close.and_then(|close| close.prompt_tokens)),
        number(close.and_then(|close| close.completion_tokens)),
        close.and_then(|close| close.cost_yen).map(|yen| yen.to_string()).unwrap_or_default(),
        number(close.and_then(|close| close.latency_ms)),
        text(record.open.as_ref().and_then(|open| open.input.as_ref())),
        text(close.and_then(|close| close.output.as_ref())),
        entries.join(" "),
    ]
}

/// One line of RFC 4180.
pub(in crate::commands) fn csv_line(cells: &[String]) -> String {
    let quoted: Vec<String> =
        cells.iter().map(|cell| crate::commands::catalog::export::quote(cell)).collect();
    quoted.join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, csv_line};

    #[test]
    fn what_was_asked_does_not_run_in_a_spreadsheet() {
        let cells = ["=HYPERLINK(\"http://example.jp\")", "-1", "二\n行"].map(str::to_owned);
        assert_eq!(csv_line(&cells), "\"'=HYPERLINK(\"\"http://example.jp\"\")\",-1,\"二\n行\"\r\n");
        assert_eq!(COLUMNS.len(), 27);
    }
}
