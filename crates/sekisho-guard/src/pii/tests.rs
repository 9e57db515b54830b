use sekisho_text::normal::Normal;

use super::Pii;
use crate::{Detector, Span, View, table::Tracker};

mod corpus;
mod evidence;
mod stream;

/// All spans of a whole text.
fn spans(text: &str) -> Vec<Span> {
    let normal = Normal::of(text);
    let table = Tracker::default();
    let view = View { original: text, normal: &normal, at_start: true, at_end: true, table: &table, from: 0 };
    let mut found = Vec::new();
    Pii.look(&view, &mut found).unwrap();
    found
}

/// The spans of a whole text that are sure, without overlaps, from left to right.
fn sure_spans(text: &str) -> Vec<Span> {
    let mut found = spans(text);
    found.retain(|span| span.confidence >= 0.5);
    found.sort_by(|one, other| {
        (one.range.start, other.range.end)
            .cmp(&(other.range.start, one.range.end))
            .then(other.confidence.total_cmp(&one.confidence))
    });
    let mut end = 0;
    found.retain(|span| {
        let free = span.range.start >= end;
        if free {
            end = span.range.end;
        }
        free
    });
    found
}

/// The text with its sure spans marked: `電話【PHONE:03-1234-5678】`.
fn mark(text: &str) -> String {
    let mut marked = String::new();
    let mut at = 0;
    for span in sure_spans(text) {
        marked += &format!("{}【{}:{}】", &text[at..span.range.start], span.kind, &text[span.range.clone()]);
        at = span.range.end;
    }
    marked + &text[at..]
}
