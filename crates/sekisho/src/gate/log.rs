//! What the gate says while it runs: a line for each end of a request, and for what happens to itself. On standard error,
//! as text or as JSON; never a prompt, an answer or a key.

use std::{
    io::{self, Write},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use sekisho_audit::clock::to_rfc3339;
use sekisho_serve::{Ended, Observe};
use serde_json::{Map, Value, json};

use super::settings::LogFormat;

/// Lines that wait for a slow reader of the log; more are dropped, and counted, since requests must not wait for it.
const LINES_MAX: usize = 8192;

/// The log of one process.
pub(super) struct Log {
    format: LogFormat,
    /// None once it has ended.
    lines: Mutex<Option<SyncSender<String>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    dropped: AtomicU64,
}

impl Log {
    pub(super) fn start(format: LogFormat) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(LINES_MAX);
        let writer = thread::Builder::new().name("sekisho-log".to_owned()).spawn(move || write(&receiver))?;
        Ok(Self {
            format,
            lines: Mutex::new(Some(sender)),
            writer: Mutex::new(Some(writer)),
            dropped: AtomicU64::new(0),
        })
    }

    /// Says what happened to the gate itself: `text` to people, the event with its fields to programs.
    pub(super) fn say(&self, event: &str, fields: Value, text: &str) {
        let line = match self.format {
            LogFormat::Text => text.to_owned(),
            LogFormat::Json => {
                let mut line = json!({ "time": now(), "event": event });
                if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
                    line.extend(fields);
                }
                line.to_string()
            }
        };
        self.send(line);
    }

    fn send(&self, line: String) {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let is_sent = lines.as_ref().is_some_and(|lines| lines.try_send(line).is_ok());
        if !is_sent {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lines that a slow reader has cost.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Writes what is left.
    pub(super) fn finish(&self) {
        drop(self.lines.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(writer) = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // It only writes; there is nothing to do about one that has panicked.
            let _ = writer.join();
        }
    }
}

impl Observe for Log {
    fn ended(&self, ended: &Ended<'_>) {
        let outcome = ended.outcome.as_str();
        let code = ended.code.map(|code| code.to_string());
        let line = match self.format {
            LogFormat::Json => {
                let mut line = Map::new();
                line.insert("time".to_owned(), now().into());
                line.insert("event".to_owned(), "request".into());
                line.insert("id".to_owned(), ended.id.into());
                line.insert("record".to_owned(), ended.record.map(|record| record.to_string()).into());
                line.insert("principal".to_owned(), ended.principal.into());
                for (name, value) in
                    [("model", ended.model), ("label", ended.label), ("upstream", ended.upstream)]
                {
                    line.insert(name.to_owned(), value.into());
                }
                line.insert("outcome".to_owned(), outcome.into());
                line.insert("code".to_owned(), code.into());
                line.insert("ms".to_owned(), ended.latency_ms.into());
                if let Some((prompt, completion)) = ended.tokens {
                    line.insert("prompt_tokens".to_owned(), prompt.into());
                    line.insert("completion_tokens".to_owned(), completion.into());
                }
                Value::Object(line).to_string()
            }
            LogFormat::Text => {
                let or = |word: Option<&'_ str>| word.unwrap_or("-").to_owned();
                format!(
                    "{} {} {} {} {} {outcome} {} {}ms",
                    now(),
                    ended.id,
                    ended.principal,
                    or(ended.model),
                    or(ended.label),
                    or(code.as_deref()),
                    ended.latency_ms,
                )
            }
        };
        self.send(line);
    }
}

fn write(lines: &Receiver<String>) {
    while let Ok(line) = lines.recv() {
        let mut out = io::stderr().lock();
        // Nobody can be told that telling failed.
        let _ = writeln!(out, "{line}");
        // What came meanwhile goes out under the same lock.
        while let Ok(line) = lines.try_recv() {
            let _ = writeln!(out, "{line}");
        }
    }
}

/// `2026-11-24T10:15:00.123Z`: logs of several machines are merged by it.
fn now() -> String {
    to_rfc3339(super::now_ms())
}
