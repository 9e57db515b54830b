//! The text of a clear leaf: who destroyed, held or released which records, and on what ground; or which key comes next.

use super::{Envelope, Kind, RecordId, Slot};
use crate::clock;

/// Most lines of one statement. An erasure of more records takes several leaves.
pub const STATEMENT_LINES_MAX: usize = 2048;
/// Most bytes of the one line that names who or why.
pub const STATEMENT_TEXT_BYTES_MAX: usize = 1024;

/// Bytes of the lines of records and keys: what a leaf holds, less the lines in front and the signature.
const SUBJECT_BYTES_MAX: usize = 60_000;

const TITLE: &str = "sekisho-audit/1 ";

/// A record key that was destroyed, and the leaf it belonged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destroyed {
    /// Index of the leaf in the log.
    pub index: u64,
    /// Where its key lay.
    pub slot: Slot,
}

/// What a clear leaf says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Erase, hold, release or key.
    pub kind: Kind,
    /// Name of the log.
    pub origin: String,
    /// Milliseconds since 1970-01-01T00:00:00Z; the same as in the envelope.
    pub time_ms: u64,
    /// Who did it.
    pub by: String,
    /// On what ground, one line.
    pub ground: String,
    /// Erased, held or released records.
    pub records: Vec<RecordId>,
    /// Erase only: the keys destroyed.
    pub destroyed: Vec<Destroyed>,
    /// Erase only, and then alone: a whole class. Its key was destroyed, and all in slots below this one.
    pub class: Option<Slot>,
    /// Key only: the verifier key from the next commit on.
    pub vkey: Option<String>,
}

/// What is wrong with a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Line `line` is not what belongs there.
    #[error("line {line} is not what belongs there")]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// No blank line ends the text, or no signature follows.
    #[error("the signature is missing")]
    Unsigned,
    /// More than [`STATEMENT_LINES_MAX`].
    #[error("more than {STATEMENT_LINES_MAX} lines")]
    TooManyLines,
    /// Who or why is empty, too long, or not one line of printable text.
    #[error("`{field}` is empty, too long or not one line")]
    Text {
        /// `by`, `ground`, `origin`, `time` or `vkey`.
        field: &'static str,
    },
    /// An erasure without keys, a hold without records, a key statement without a key.
    #[error("it says nothing")]
    Empty,
}

impl Statement {
    /// The text, without the blank line and the signature.
    ///
    /// # Errors
    /// When a field cannot stand on its line, or there is too much for one leaf.
    pub fn to_text(&self) -> Result<String, StatementError> {
        self.check()?;
        let mut text = format!(
            "{TITLE}{}\n{}\n{}\nby {}\nground {}\n",
            self.kind.as_str(),
            self.origin,
            clock::to_rfc3339(self.time_ms),
            self.by,
            self.ground
        );
        self.records.iter().for_each(|record| text.push_str(&record_line(record)));
        self.destroyed.iter().for_each(|key| text.push_str(&destroyed_line(key)));
        if let Some(Slot { class, number }) = self.class {
            text.push_str(&format!("class {class} {number}\n"));
        }
        if let Some(vkey) = &self.vkey {
            text.push_str(&format!("vkey {vkey}\n"));
        }
        Ok(text)
    }

    fn check(&self) -> Result<(), StatementError> {
        let texts = [("origin", &self.origin), ("by", &self.by), ("ground", &self.ground)];
        for (field, text) in texts.into_iter().chain(self.vkey.iter().map(|vkey| ("vkey", vkey))) {
            if !is_line(text) {
                return Err(StatementError::Text { field });
            }
        }
        if self.time_ms > clock::TIME_MS_MAX {
            return Err(StatementError::Text { field: "time" });
        }
        let subjects =
            (!self.records.is_empty(), !self.destroyed.is_empty(), self.class.is_some(), self.vkey.is_some());
        let says = match self.kind {
            Kind::Erase => matches!(subjects, (true, true, false, false) | (false, false, true, false)),
            Kind::Hold | Kind::Release => subjects == (true, false, false, false),
            Kind::Key => subjects == (false, false, false, true),
            Kind::Open | Kind::Close | Kind::Event | Kind::Part => false,
        };
        if !says {
            return Err(StatementError::Empty);
        }
        if self.records.len() + self.destroyed.len() > STATEMENT_LINES_MAX {
            return Err(StatementError::TooManyLines);
        }
        Ok(())
    }

    /// Reads the text in front of the blank line of a signed note.
    pub(super) fn parse(envelope: &Envelope, note: &str) -> Result<Self, StatementError> {
        let (text, signatures) = note.split_once("\n\n").ok_or(StatementError::Unsigned)?;
        if signatures.is_empty() {
            return Err(StatementError::Unsigned);
        }
        let mut statement = Self {
            kind: envelope.kind,
            origin: String::new(),
            time_ms: envelope.time_ms,
            by: String::new(),
            ground: String::new(),
            records: Vec::new(),
            destroyed: Vec::new(),
            class: None,
            vkey: None,
        };
        let mut count = 0;
        for (at, line) in text.split('\n').enumerate() {
            count = at + 1;
            if count > STATEMENT_LINES_MAX + 6 {
                return Err(StatementError::TooManyLines);
            }
            statement.take(at, line).ok_or(StatementError::Line { line: count })?;
        }
        if count < 5 {
            return Err(StatementError::Line { line: count + 1 });
        }
        // What was read must be what would be written: then no two texts are read as one statement.
        if statement.to_text()?.trim_end_matches('\n') != text {
            return Err(StatementError::Line { line: count });
        }
        Ok(statement)
    }

    fn take(&mut self, at: usize, line: &str) -> Option<()> {
        match at {
            0 => (line.strip_prefix(TITLE)? == self.kind.as_str()).then_some(()),
            1 => {
                line.clone_into(&mut self.origin);
                Some(())
            }
            2 => (clock::parse_rfc3339(line)? == self.time_ms).then_some(()),
            3 => {
                line.strip_prefix("by ")?.clone_into(&mut self.by);
                Some(())
            }
            4 => {
                line.strip_prefix("ground ")?.clone_into(&mut self.ground);
                Some(())
            }
            _ => self.take_subject(line),
        }
    }

    fn take_subject(&mut self, line: &str) -> Option<()> {
        match line.split_once(' ')? {
            ("record", id) => self.records.push(id.parse().ok()?),
            ("leaf", rest) => {
                let mut words = rest.split(' ');
                let index = words.next()?.parse().ok()?;
                self.destroyed.push(Destroyed { index, slot: slot(words)? });
            }
            ("class", rest) if self.class.is_none() => self.class = Some(slot(rest.split(' '))?),
            ("vkey", vkey) if self.vkey.is_none() => self.vkey = Some(vkey.to_owned()),
            _ => return None,
        }
        Some(())
    }
}

fn record_line(record: &RecordId) -> String {
    format!("record {record}\n")
}

fn destroyed_line(Destroyed { index, slot }: &Destroyed) -> String {
    format!("leaf {index} {} {}\n", slot.class, slot.number)
}

/// What one statement has room for: so much that, with the longest lines in front and the signature, it fits a leaf.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    lines: usize,
    bytes: usize,
}

impl Room {
    /// Of a statement that says nothing yet.
    pub(crate) const WHOLE: Self = Self { lines: STATEMENT_LINES_MAX, bytes: SUBJECT_BYTES_MAX };

    /// Takes the room of a record and the keys destroyed with it. False, and nothing taken, when there is not enough.
    pub(crate) fn take(&mut self, record: &RecordId, destroyed: &[Destroyed]) -> bool {
        let bytes = destroyed.iter().map(|key| destroyed_line(key).len()).sum::<usize>();
        let lines = self.lines.checked_sub(1 + destroyed.len());
        let bytes = self.bytes.checked_sub(record_line(record).len() + bytes);
        let (Some(lines), Some(bytes)) = (lines, bytes) else { return false };
        *self = Self { lines, bytes };
        true
    }
}

/// `<class> <number>`, and nothing behind it.
fn slot<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<Slot> {
    let class = words.next()?.parse().ok()?;
    let number = words.next()?.parse().ok()?;
    words.next().is_none().then_some(Slot { class, number })
}

/// Whether a text can stand on a line of a statement: not empty, not too long, no control characters, no space at an end.
pub(crate) fn is_line(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= STATEMENT_TEXT_BYTES_MAX
        && text.trim() == text
        && !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}
