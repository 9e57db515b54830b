//! Server-sent events: how every upstream and every client streams.
//!
//! Follows the event stream format of the WHATWG HTML standard (checked 2026-11-24) with two departures. Text that is not
//! UTF-8 is a [`Fault`] and not replaced: nobody should read an answer that its model did not give. `id` and `retry` are
//! read over: they are for reconnecting, which no model server does.

pub mod encode;

/// Most bytes of one line, where a reader sets no limit of its own.
pub const LINE_BYTES_MAX: usize = 1 << 20;
/// Most bytes of the data of one event, where a reader sets no limit of its own.
pub const EVENT_BYTES_MAX: usize = 4 << 20;
/// The data of the last event of an OpenAI stream.
pub const DONE: &str = "[DONE]";

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Its kind; empty where the stream gives none, as OpenAI streams do.
    pub name: String,
    /// Its data, several lines joined by line feeds.
    pub data: String,
}

/// How much a stream may make us hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one line.
    pub line_bytes_max: usize,
    /// Most bytes of the data of one event.
    pub event_bytes_max: usize,
}

/// Why a stream cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A line does not end.
    #[error("a line of more than {max} bytes")]
    LineTooLong {
        /// The limit.
        max: usize,
    },
    /// An event does not end.
    #[error("an event of more than {max} bytes")]
    EventTooLong {
        /// The limit.
        max: usize,
    },
    /// A field is not UTF-8.
    #[error("text that is not UTF-8")]
    Encoding,
}

/// Turns bytes into events, however the bytes are cut.
///
/// ```
/// use sekisho_llm::sse::Decoder;
///
/// # fn main() -> Result<(), sekisho_llm::sse::Fault> {
/// let mut decoder = Decoder::default();
/// let mut data = Vec::new();
/// for mut bytes in [&b"data: \xe3\x81"[..], &b"\x82\r\n\r"[..], &b"\n: a pause\n\ndata: [DONE]\n\n"[..]] {
///     while let Some(event) = decoder.next(&mut bytes)? {
///         data.push(event.data);
///     }
/// }
/// assert_eq!(data, ["あ", "[DONE]"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Decoder {
    limits: Limits,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    event: Event,
    /// Whether the event has a data field: an empty one counts.
    has_data: bool,
    /// A line ended with CR: a LF right after it belongs to it.
    after_cr: bool,
    at_start: bool,
    fault: Option<Fault>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { line_bytes_max: LINE_BYTES_MAX, event_bytes_max: EVENT_BYTES_MAX }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Decoder {
    /// A decoder at the beginning of a stream.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            line: Vec::new(),
            event: Event::default(),
            has_data: false,
            after_cr: false,
            at_start: true,
            fault: None,
        }
    }

    /// Takes bytes from the front of `bytes` until an event is complete or none are left. What has begun is kept: the
    /// next bytes of the stream go on from there.
    ///
    /// # Errors
    /// [`Fault`], now and at every later call: what follows a fault is not known to be an event.
    pub fn next(&mut self, bytes: &mut &[u8]) -> Result<Option<Event>, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let result = self.take_event(bytes);
        self.fault = result.as_ref().err().copied();
        result
    }

    /// Ends the stream. An event of which only the ending blank line is missing, as some servers leave it out, is
    /// returned; whether it was cut before that, its data must show.
    ///
    /// # Errors
    /// [`Fault`], as for [`Decoder::next`].
    pub fn finish(mut self) -> Result<Option<Event>, Fault> {
        let event = self.next(&mut &b"\n"[..])?;
        if event.is_some() { Ok(event) } else { self.next(&mut &b"\n"[..]) }
    }

    fn take_event(&mut self, bytes: &mut &[u8]) -> Result<Option<Event>, Fault> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                *bytes = &bytes[1..];
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let length = end.unwrap_or(bytes.len());
            if self.line.len() + length > self.limits.line_bytes_max {
                return Err(Fault::LineTooLong { max: self.limits.line_bytes_max });
            }
            let Some(end) = end else {
                self.line.extend_from_slice(bytes);
                *bytes = &[];
                break;
            };
            let line = &bytes[..end];
            self.after_cr = bytes[end] == b'\r';
            *bytes = &bytes[end + 1..];
            if self.end_line(line)? {
                self.has_data = false;
                return Ok(Some(std::mem::take(&mut self.event)));
            }
        }
        Ok(None)
    }

    /// Takes a line, of which `rest` is what came last, and says whether it completes an event.
    fn end_line(&mut self, rest: &[u8]) -> Result<bool, Fault> {
        if self.line.is_empty() {
            return self.take_line(rest); // nearly all lines: no copy
        }
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(rest);
        let is_complete = self.take_line(&line);
        line.clear();
        self.line = line; // its memory serves the next line
        is_complete
    }

    fn take_line(&mut self, mut line: &[u8]) -> Result<bool, Fault> {
        if std::mem::take(&mut self.at_start) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            if !self.has_data {
                self.event = Event::default(); // a name alone is no event
            }
            return Ok(self.has_data);
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => self.add_data(text(value)?)?,
            b"event" => text(value)?.clone_into(&mut self.event.name),
            _ => {}
        }
        Ok(false)
    }

    fn add_data(&mut self, value: &str) -> Result<(), Fault> {
        let data = &mut self.event.data;
        if data.len() + usize::from(self.has_data) + value.len() > self.limits.event_bytes_max {
            return Err(Fault::EventTooLong { max: self.limits.event_bytes_max });
        }
        if self.has_data {
            data.push('\n');
        }
        data.push_str(value);
        self.has_data = true;
        Ok(())
    }
}

fn text(value: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(value).map_err(|_| Fault::Encoding)
}

#[cfg(test)]
mod tests;
