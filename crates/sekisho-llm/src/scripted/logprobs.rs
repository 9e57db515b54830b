//! Log probabilities without a model. The token that was given is always the most probable.

use serde_json::{Map, Value, json};

use crate::chance::{hash, mix};

/// Of a part of a chat answer, with `top` alternatives for each token, the token itself among them.
pub(super) fn chat(text: &str, top: u32) -> Value {
    let tokens = text.bytes().enumerate().map(|(at, byte)| {
        let entry = |(byte, logprob): (u8, f64)| {
            let token = ascii(byte).unwrap_or_else(|| format!("\\x{byte:02x}"));
            json!({ "token": token, "logprob": logprob, "bytes": [byte] })
        };
        let mut token = entry((byte, logprob(text, at)));
        token["top_logprobs"] = alternatives(text, at, byte, top).map(entry).collect();
        token
    });
    json!({ "content": tokens.collect::<Vec<_>>() })
}

/// Of a completion whose text begins at the character `offset` of what comes back.
pub(super) fn completion(text: &str, top: u32, offset: usize, is_start: bool) -> Value {
    let name = |byte: u8| ascii(byte).unwrap_or_else(|| format!("bytes:\\x{byte:02x}"));
    let (mut tokens, mut logprobs, mut tops, mut offsets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut characters = offset;
    for (at, byte) in text.bytes().enumerate() {
        // Nothing comes before the first token of a prompt, so nothing says how probable it is.
        let is_first = is_start && at == 0;
        if at > 0 && text.is_char_boundary(at) {
            characters += 1;
        }
        tokens.push(Value::from(name(byte)));
        offsets.push(Value::from(characters));
        logprobs.push(if is_first { Value::Null } else { logprob(text, at).into() });
        let alternatives = alternatives(text, at, byte, top.max(1));
        let alternatives: Map<String, Value> =
            alternatives.map(|(byte, logprob)| (name(byte), logprob.into())).collect();
        tops.push(if is_first { Value::Null } else { alternatives.into() });
    }
    json!({ "tokens": tokens, "token_logprobs": logprobs, "top_logprobs": tops, "text_offset": offsets })
}

/// Between -1 and -0.001, the same for the same bytes before it.
fn logprob(text: &str, at: usize) -> f64 {
    let start = at.saturating_sub(8);
    let thousandths = 1 + hash(text.as_bytes()[start..=at].iter().copied()) % 1_000;
    -(thousandths as f64) / 1_000.0
}

/// The token itself and then bytes chosen by chance, each less probable than the one before.
fn alternatives(text: &str, at: usize, byte: u8, top: u32) -> impl Iterator<Item = (u8, f64)> {
    let most = logprob(text, at);
    let step = mix(hash([byte]) ^ at as u64) as u8 | 1; // odd: 256 steps meet every byte once
    (0..top.min(256)).map(move |rank| {
        let other = byte.wrapping_add(step.wrapping_mul(rank as u8));
        (other, most - 0.75 * f64::from(rank))
    })
}

fn ascii(byte: u8) -> Option<String> {
    byte.is_ascii().then(|| char::from(byte).to_string())
}
