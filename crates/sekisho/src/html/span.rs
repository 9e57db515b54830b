//! Running text: cited values, marks, badges, links.

use maud::{Markup, html};

use crate::{
    document::{Cited, Mark, Span},
    words::Words,
};

/// A line of text.
pub(super) fn line(words: &Words, line: &[Span]) -> Markup {
    html! { @for part in line { (span(words, part)) } }
}

fn span(words: &Words, part: &Span) -> Markup {
    html! {
        @match part {
            Span::Text(text) => (text),
            Span::Japanese(text) => span lang="ja" { (text) },
            Span::Strong(text) => strong { (text) },
            Span::Small(text) => small { (text) },
            Span::Cited(value) => (cited(words, value)),
            Span::Badge(text) => span.badge { (text) },
            Span::Verdict(mark) => (verdict(mark)),
            Span::Link { href, text } => (link(href, text)),
            Span::Break => br;,
        }
    }
}

/// A value that leads to its source, with the marks of checking behind it.
fn cited(words: &Words, value: &Cited) -> Markup {
    let body = html! {
        @if value.undisclosed {
            span.undisclosed { span aria-hidden="true" { "？" } (shown(value)) }
        } @else {
            (shown(value))
        }
    };
    html! {
        @match &value.cite {
            Some(cite) => a.value href=(cite.href) title=(cite.title) data-label=(cite.label) { (body) },
            None => (body),
        }
        @for mark in &value.marks { (small_mark(words, mark)) }
    }
}

fn shown(value: &Cited) -> Markup {
    html! { @if value.japanese { span lang="ja" { (value.text) } } @else { (value.text) } }
}

/// The sign alone, with its word for those who point at it or hear the page.
fn small_mark(words: &Words, mark: &Mark) -> Markup {
    html! {
        span class={ "mark " (mark.verdict.class()) } title=(mark.word) {
            span aria-hidden="true" { (mark.verdict.sign()) }
            span.unseen { (words.t("html-open")) (mark.word) (words.t("html-close")) }
        }
    }
}

/// Sign and word.
fn verdict(mark: &Mark) -> Markup {
    html! {
        span class={ "verdict " (mark.verdict.class()) } {
            span aria-hidden="true" { (mark.verdict.sign()) } " " (mark.word)
        }
    }
}

/// A link to a place of the page, or to the web; any other address (`javascript:`) is shown as text.
fn link(href: &str, text: &str) -> Markup {
    html! {
        @if href.starts_with('#') {
            a href=(href) { (text) }
        } @else if href.starts_with("https://") || href.starts_with("http://") {
            a.out href=(href) rel="noreferrer" { (text) }
        } @else {
            (text)
        }
    }
}
