//! JSON lines.

use std::io::{self, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{Evidence, Options, Proved};
use crate::{clock::to_rfc3339, merkle::Hash};

/// Says what the file is, in its first line.
pub(super) const TYPE: &str = "sekisho-audit-export/1";

pub(super) fn write_head(to: &mut dyn Write, origin: &str, vkey: &str, checkpoint: &str) -> io::Result<()> {
    write_line(to, &json!({"type": TYPE, "origin": origin, "vkey": vkey, "checkpoint": checkpoint}))
}

fn write_line(to: &mut dyn Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer(&mut *to, value)?;
    to.write_all(b"\n")
}

pub(super) fn write_record(to: &mut dyn Write, proved: &Proved, options: &Options) -> io::Result<()> {
    let record = &proved.record;
    let hit = &record.hit;
    let mut line = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            line.insert(name.to_owned(), value);
        }
    };
    put("record", hit.record.to_string().into());
    put("kind", hit.kind.as_str().into());
    put("time", to_rfc3339(hit.time_ms).into());
    put("end", hit.end_ms.map(to_rfc3339).into());
    if hit.class != 0 {
        put("class", hit.class.into());
    }
    put("erased", hit.erased.into());
    put("hold", record.hold.into());
    let said = |value: serde_json::Result<Value>, text: &str| -> io::Result<Value> {
        let mut value = value?;
        if let (false, Value::Object(members)) = (options.texts, &mut value) {
            members.remove(text);
        }
        Ok(value)
    };
    if let Some(open) = &record.open {
        put("open", said(serde_json::to_value(open), "input")?);
    }
    if let Some(close) = &record.close {
        put("close", said(serde_json::to_value(close), "output")?);
    }
    put("event", serde_json::to_value(&record.event)?);
    put(
        "erasure",
        record.erasure.as_ref().map_or(Value::Null, |erasure| {
            json!({
                "entry": erasure.index,
                "time": to_rfc3339(erasure.time_ms),
                "by": erasure.by,
                "ground": erasure.ground,
            })
        }),
    );
    if let Some(statement) = &record.statement {
        let records: Vec<String> = statement.records.iter().map(ToString::to_string).collect();
        put("statement", json!({"by": statement.by, "ground": statement.ground, "records": records}));
    }
    put("leaves", leaves(proved, options));
    write_line(to, &Value::Object(line))
}

fn leaves(proved: &Proved, options: &Options) -> Value {
    let leaves = proved.record.leaves.iter().zip(&proved.proofs).map(|(leaf, proof)| {
        let proof: Vec<String> = proof.iter().map(Hash::to_string).collect();
        let mut shown = json!({
            "entry": leaf.index,
            "kind": leaf.kind.as_str(),
            "hash": leaf.hash.to_string(),
            "proof": proof,
        });
        if options.evidence == Evidence::Contents {
            shown["leaf"] = STANDARD.encode(&leaf.bytes).into();
            if let Some(opened) = &leaf.opened {
                shown["salt"] = STANDARD.encode(opened.salt).into();
                // Contents are UTF-8: JSON, or a piece of text cut between characters.
                shown["content"] = String::from_utf8_lossy(&opened.content).into();
            }
        }
        shown
    });
    leaves.collect()
}
