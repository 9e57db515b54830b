//! Records in files for others: JSONL and CSV, each record with its leaves, their hashes and inclusion proofs under one
//! signed checkpoint, so that the file can be checked by itself.
//!
//! JSONL: the first line names the log and holds the checkpoint, every other line is a record. CSV: the first row behind the
//! header holds the checkpoint. Written record by record; memory holds one page of hits and one record.

mod csv;
mod json;
#[cfg(test)]
mod tests;
mod verify;

use std::io::{self, Write};

pub use verify::{Verified, VerifyError, verify};

use crate::{
    journal::{Error as JournalError, Journal, Record, View},
    merkle::Hash,
    search::Query,
};

/// The form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JSON object on each line.
    Jsonl,
    /// Comma-separated, RFC 4180, safe to open in a spreadsheet.
    Csv {
        /// Begin with the mark by which Excel knows UTF-8.
        bom: bool,
    },
}

/// How much a record proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// That its leaves are in the log.
    Leaves,
    /// Also that its content is what the leaves were made from: with the leaves themselves, and the salts. JSONL only; in
    /// CSV the same as [`Evidence::Leaves`].
    Contents,
}

/// What to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The form.
    pub format: Format,
    /// How much is proved.
    pub evidence: Evidence,
    /// Inputs and outputs too, and not only who, when and what became of it. [`Evidence::Contents`] holds them anyway.
    pub texts: bool,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Records.
    pub records: u64,
    /// Of them, erased.
    pub erased: u64,
    /// Entries that the checkpoint covers.
    pub entries: u64,
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A record could not be found, read or proved.
    #[error("the records could not be read")]
    Journal(#[from] JournalError),
    /// The file could not be written.
    #[error("the file could not be written")]
    Write(#[from] io::Error),
}

impl sekisho_base::Coded for Error {
    fn code(&self) -> sekisho_base::Code {
        match self {
            Self::Journal(cause) => cause.code(),
            Self::Write(_) => sekisho_base::Code::FileUnwritable,
        }
    }
}

/// A record about to be written, and the proofs of its leaves in their order.
struct Proved {
    record: Record,
    proofs: Vec<Vec<Hash>>,
}

/// Writes everything that matches, and that was in the log when this was called.
///
/// # Errors
/// [`Error`]; what was written by then is not a whole file.
pub fn export(
    journal: &Journal,
    query: &Query,
    options: &Options,
    to: &mut dyn Write,
) -> Result<Summary, Error> {
    let view = journal.view_for_export()?;
    let mut summary = Summary { entries: view.size(), ..Summary::default() };
    let checkpoint = view.checkpoint().to_string();
    let vkey = journal.verifier_key().to_string();
    match options.format {
        Format::Jsonl => json::write_head(to, &journal.origin(), &vkey, &checkpoint)?,
        Format::Csv { bom } => csv::write_head(to, bom, &checkpoint)?,
    }
    let mut query = Query { limit: 1000, ..query.clone() };
    loop {
        let page = journal.search(&query)?;
        for hit in &page.hits {
            // What came behind the checkpoint is for the next export.
            if hit.indices().any(|index| index >= view.size()) {
                continue;
            }
            let record = journal.read_hit(hit)?;
            let proofs = prove(&*view, &record)?;
            summary.records += 1;
            summary.erased += u64::from(record.hit.erased);
            let proved = Proved { record, proofs };
            match options.format {
                Format::Jsonl => json::write_record(to, &proved, options)?,
                Format::Csv { .. } => csv::write_record(to, &proved, options)?,
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    to.flush()?;
    Ok(summary)
}

fn prove(view: &dyn View, record: &Record) -> Result<Vec<Vec<Hash>>, JournalError> {
    record.leaves.iter().map(|leaf| view.inclusion(leaf.index)).collect()
}
