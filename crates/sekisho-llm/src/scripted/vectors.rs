//! Vectors and ranks without a model: texts that share letters are near.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::chance::{Chance, hash};
use crate::{
    embedding::{self, Embedding, Vector},
    rerank::{self, Ranked},
    wire::Usage,
};

/// Length of vectors at most: 2,048 of them must fit into memory.
pub(super) const DIMENSIONS_MAX: u32 = 4_096;
/// How much of a vector comes from the text as a whole, so that no two texts, not even empty ones, have none.
const WHOLE_SHARE: f32 = 0.05;

/// A vector of length 1: each pair of letters adds to one place, chosen by its hash.
pub(super) fn vector(text: &str, dimensions: u32) -> Vec<f32> {
    let mut whole = Chance::new(hash(text.bytes()), 0);
    let mut vector: Vec<f32> = (0..dimensions).map(|_| (whole.share() as f32 - 0.5) * WHOLE_SHARE).collect();
    for pair in pairs(text) {
        let hash = hash(pair.into_iter().flat_map(|letter| (letter as u32).to_le_bytes()));
        let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
        vector[(hash % u64::from(dimensions)) as usize] += sign;
    }
    let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
    if length == 0.0 {
        vector[0] = 1.0; // only where chance gave a zero in the one place there is
    } else {
        for part in &mut vector {
            *part /= length;
        }
    }
    vector
}

pub(super) fn embed(request: &embedding::Request, texts: &[String], dimensions: u32) -> embedding::Response {
    let dimensions = request.dimensions.unwrap_or(dimensions).max(1);
    let is_base64 = request.encoding_format.as_deref() == Some("base64");
    let data = texts.iter().zip(0..).map(|(text, index)| {
        let vector = vector(text, dimensions);
        let embedding = if is_base64 {
            let bytes: Vec<u8> = vector.iter().flat_map(|part| part.to_le_bytes()).collect();
            Vector::Base64(STANDARD.encode(bytes))
        } else {
            Vector::Floats(vector)
        };
        Embedding { object: "embedding".to_owned(), index, embedding, other: serde_json::Map::new() }
    });
    embedding::Response {
        object: "list".to_owned(),
        data: data.collect(),
        model: request.model.clone(),
        usage: Some(prompt_usage(texts.iter().map(String::len).sum())),
        ..Default::default()
    }
}

/// Orders documents by the pairs of letters that they share with the query (twice what is shared, by what both have).
pub(super) fn rank(request: &rerank::Request, id: &str) -> rerank::Response {
    let query: HashSet<[char; 2]> = pairs(&request.query).collect();
    let shows_documents = request.other.get("return_documents").and_then(serde_json::Value::as_bool);
    let mut results: Vec<Ranked> = request
        .documents
        .iter()
        .zip(0..)
        .map(|(document, index)| {
            let has: HashSet<[char; 2]> = pairs(document.text()).collect();
            let both = query.len() + has.len();
            let shared = query.intersection(&has).count();
            Ranked {
                index,
                relevance_score: if both == 0 { 0.0 } else { 2.0 * shared as f64 / both as f64 },
                document: (shows_documents == Some(true))
                    .then(|| serde_json::json!({ "text": document.text() })),
                other: serde_json::Map::default(),
            }
        })
        .collect();
    results.sort_by(|one, other| other.relevance_score.total_cmp(&one.relevance_score)); // stable
    results.truncate(request.top_n.map_or(usize::MAX, |count| count as usize));
    let bytes = request.documents.iter().map(|document| request.query.len() + document.text().len()).sum();
    rerank::Response {
        id: Some(format!("rerank-{id}")),
        model: Some(request.model.clone()),
        results,
        usage: Some(prompt_usage(bytes)),
        ..Default::default()
    }
}

fn prompt_usage(tokens: usize) -> Usage {
    Usage { prompt_tokens: tokens as u64, total_tokens: tokens as u64, ..Usage::default() }
}

/// Each letter with the next; of a single letter the letter twice.
fn pairs(text: &str) -> impl Iterator<Item = [char; 2]> {
    let only = text.chars().next().filter(|_| text.chars().nth(1).is_none());
    text.chars().zip(text.chars().skip(1)).map(|(one, next)| [one, next]).chain(only.map(|one| [one, one]))
}
