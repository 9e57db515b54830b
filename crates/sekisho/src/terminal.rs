//! The two streams: data on stdout, talk on stderr.

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use sekisho_base::Code;
use serde::Serialize;

use crate::{
    failure::{Failure, Outcome},
    table::Table,
    words::Words,
};

/// Where a command prints, and in which words.
pub(crate) struct Terminal<'w> {
    pub(crate) words: &'w Words,
    /// Whether `--json` was asked for.
    pub(crate) json: bool,
    /// Columns of the terminal; none when stdout is a pipe or file, where nothing is wrapped.
    columns: Option<usize>,
}

impl<'w> Terminal<'w> {
    pub(crate) fn new(words: &'w Words) -> Self {
        let columns = io::stdout()
            .is_terminal()
            .then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
            .flatten();
        Self { words, json: false, columns }
    }

    /// Prints data. A reader that has gone away (`| head`) is not an error.
    pub(crate) fn print(&mut self, text: &str) -> Outcome {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::new(Code::FileUnwritable, self.words.t("cli-stdout-failed"))
                    .cause(error.to_string()))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn print_line(&mut self, line: &str) -> Outcome {
        self.print(&format!("{line}\n"))
    }

    pub(crate) fn print_table(&mut self, table: &Table) -> Outcome {
        self.print(&table.render(self.columns))
    }

    /// Prints data as JSON, indented, keys in the order of their definition.
    pub(crate) fn print_json<T: Serialize + ?Sized>(&mut self, data: &T) -> Outcome {
        let text = serde_json::to_string_pretty(data)
            .map_err(|error| Failure::new(Code::Internal, "JSON").cause(error.to_string()))?;
        self.print_line(&text)
    }

    /// Talks: progress, notes, warnings. Nothing that a script would read.
    #[expect(
        clippy::unused_self,
        reason = "talking is the terminal's business, whatever it needs for it today"
    )]
    pub(crate) fn say(&self, line: &str) {
        // Nobody can be told that talking failed.
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    pub(crate) fn finish(&self, outcome: Outcome) -> ExitCode {
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                self.say(failure.lines(self.words).trim_end());
                ExitCode::from(failure.exit_status())
            }
        }
    }
}
