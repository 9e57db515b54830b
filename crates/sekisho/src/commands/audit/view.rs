//! A record as programs and people read it.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use sekisho_audit::{
    journal::{Erasure, Record, RecordLeaf},
    leaf::Statement,
    retention::{Class, Retention},
    search::{Hit, RecordKind},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{printable, time};
use crate::words::Words;

/// A record for programs; what is not there is left out.
#[derive(Serialize)]
pub(super) struct Shown {
    record: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "is_zero")]
    class: u8,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<ErasedShown>,
    /// The entry of the hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<StatementShown>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) leaves: Vec<LeafShown>,
}

#[derive(Serialize)]
struct ErasedShown {
    entry: u64,
    time: String,
    by: String,
    ground: String,
}

#[derive(Serialize)]
struct StatementShown {
    by: String,
    ground: String,
    records: Vec<String>,
    /// Leaves whose keys were destroyed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leaves: Vec<u64>,
}

/// A leaf, with what proves it where that was asked for.
#[derive(Serialize)]
pub(super) struct LeafShown {
    pub(super) entry: u64,
    pub(super) kind: &'static str,
    /// Its hash in the tree, base64.
    pub(super) hash: String,
    pub(super) bytes: usize,
    /// Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leaf: Option<String>,
    /// Its inclusion proof, base64, from the bottom of the tree up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proof: Option<Vec<String>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(class: &u8) -> bool {
    *class == 0
}

/// The members of a record in the order of the type.
fn members<T: Serialize>(part: Option<&T>) -> Option<Map<String, Value>> {
    match serde_json::to_value(part?) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

impl Shown {
    pub(super) fn of(record: &Record) -> Self {
        let hit = &record.hit;
        Self {
            record: hit.record.to_string(),
            kind: hit.kind.as_str(),
            class: hit.class,
            time: time::exact(hit.time_ms),
            end: hit.end_ms.map(time::exact),
            erased: record.erasure.as_ref().map(|Erasure { index, time_ms, by, ground }| ErasedShown {
                entry: *index,
                time: time::exact(*time_ms),
                by: by.clone(),
                ground: ground.clone(),
            }),
            hold: record.hold,
            open: members(record.open.as_ref()),
            close: members(record.close.as_ref()),
            event: members(record.event.as_ref()),
            statement: record.statement.as_ref().map(|statement| StatementShown {
                by: statement.by.clone(),
                ground: statement.ground.clone(),
                records: statement.records.iter().map(ToString::to_string).collect(),
                leaves: statement.destroyed.iter().map(|leaf| leaf.index).collect(),
            }),
            leaves: Vec::new(),
        }
    }

    /// With its leaves, without their bytes.
    pub(super) fn with_leaves(mut self, record: &Record) -> Self {
        self.leaves = record.leaves.iter().map(LeafShown::of).collect();
        self
    }

    /// Without what was said: a list is read by more eyes than a record.
    pub(super) fn without_texts(mut self) -> Self {
        for (part, text) in [(&mut self.open, "input"), (&mut self.close, "output")] {
            if let Some(members) = part {
                members.remove(text);
            }
        }
        self
    }
}

impl LeafShown {
    fn of(leaf: &RecordLeaf) -> Self {
        Self {
            entry: leaf.index,
            kind: leaf.kind.as_str(),
            hash: leaf.hash.to_string(),
            bytes: leaf.bytes.len(),
            leaf: None,
            proof: None,
        }
    }

    /// With its bytes and its proof.
    pub(super) fn proved(mut self, leaf: &[u8], hashes: &[sekisho_audit::merkle::Hash]) -> Self {
        self.leaf = Some(BASE64.encode(leaf));
        self.proof = Some(hashes.iter().map(ToString::to_string).collect());
        self
    }
}

/// A line of a list for people: what it is, and its value.
pub(super) fn line(label: &str, value: &str) -> String {
    const LABEL_COLUMNS: usize = 18;
    format!("{} {value}\n", sekisho_text::width::pad_right(label, LABEL_COLUMNS))
}

/// The cells of a record that every list has.
pub(super) struct Cells {
    pub(super) principal: String,
    pub(super) tenant: String,
    pub(super) purpose: String,
    pub(super) label: String,
    pub(super) answer_label: String,
    pub(super) model: String,
    pub(super) upstream: String,
    /// Word of the verdict on the way in, and on the way out.
    pub(super) verdicts: [Option<&'static str>; 2],
    pub(super) outcome: Option<&'static str>,
    pub(super) code: String,
    pub(super) rules: Vec<String>,
    pub(super) event: String,
}

impl Cells {
    pub(super) fn of(record: &Record) -> Self {
        let (open, close, event) = (record.open.as_ref(), record.close.as_ref(), record.event.as_ref());
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let said = |of: fn(&Statement) -> &String| record.statement.as_ref().map(of);
        let principal = open
            .map(|open| &open.principal)
            .or(event.map(|event| &event.principal))
            .or(said(|statement| &statement.by));
        let tenant = open.and_then(|open| open.tenant.as_ref());
        let mut rules: Vec<String> = open.map(|open| open.rules.clone()).unwrap_or_default();
        for rule in close.map(|close| close.rules.as_slice()).unwrap_or_default() {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
        Self {
            principal: text(principal),
            tenant: text(tenant.or(event.and_then(|event| event.tenant.as_ref()))),
            purpose: text(
                open.and_then(|open| open.purpose.as_ref()).or(said(|statement| &statement.ground)),
            ),
            label: text(open.and_then(|open| open.label.as_ref())),
            answer_label: text(close.and_then(|close| close.label.as_ref())),
            model: text(open.and_then(|open| open.model.as_ref())),
            upstream: text(open.and_then(|open| open.upstream.as_ref())),
            verdicts: [open.and_then(|open| open.verdict), close.and_then(|close| close.verdict)]
                .map(|verdict| verdict.map(sekisho_audit::record::Verdict::as_str)),
            outcome: close.map(|close| close.outcome.as_str()),
            code: text(close.and_then(|close| close.code.as_ref())),
            rules,
            event: text(event.map(|event| &event.event)),
        }
    }
}

/// The verdicts with their marks: never by the word of the data alone.
pub(super) fn verdicts(verdicts: &[Option<&'static str>; 2], words: &Words) -> String {
    let shown: Vec<String> =
        verdicts.iter().flatten().map(|verdict| words.t(&format!("audit-verdict-{verdict}"))).collect();
    match shown.as_slice() {
        [one, other] if one == other => one.clone(),
        _ => shown.join(" → "),
    }
}

/// What became of a record: how it ended, that it is gone, that it must stay.
pub(super) fn state(record: &Record, words: &Words) -> String {
    let hit = &record.hit;
    let mut shown = Vec::new();
    if record.erasure.is_some() {
        shown.push(words.t("audit-state-erased"));
    } else if let Some(close) = &record.close {
        shown.push(words.t(&format!("audit-outcome-{}", close.outcome.as_str())));
    } else if hit.kind == RecordKind::Request {
        shown.push(words.t("audit-state-open"));
    }
    if record.hold.is_some() {
        shown.push(words.t("audit-state-held"));
    }
    shown.join(" ")
}

/// The name of a retention class.
pub(super) fn name_of_class(class: &Class, words: &Words) -> String {
    printable(if words.lang == crate::words::Lang::Ja { &class.name_ja } else { &class.name_en })
}

/// The name of a retention class, and the day from which its record need not be kept.
pub(super) fn class(hit: &Hit, retention: &Retention, words: &Words) -> String {
    let Some(class) = retention.class(hit.class) else {
        return words.f("audit-class-unknown", &[("class", hit.class.into())]);
    };
    let name = name_of_class(class, words);
    match retention.ends_ms(hit.class, hit.time_ms) {
        Some(end) => {
            // The last day on which it must be there.
            let day = time::shown(end.saturating_sub(1))[..10].to_owned();
            words.f("audit-class-until", &[("name", name.into()), ("day", day.into())])
        }
        None => words.f("audit-class-forever", &[("name", name.into())]),
    }
}
