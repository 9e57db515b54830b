//! Documents as one HTML page that needs nothing else: no script, no request, no font; readable by keyboard, by screen
//! reader, on paper, light and dark.

mod span;
mod table;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{
    chart,
    document::{Block, Figure, Line, Section},
    words::Words,
};
use span::line;

/// Names of colours, sizes and spaces, light and dark.
const TOKENS: &str = include_str!("html/tokens.css");
/// How the components look, on screen and on paper.
const COMPONENTS: &str = include_str!("html/components.css");
/// Nothing is fetched and nothing runs, whatever the data says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
/// Deepest heading that HTML has.
const HEADING_MAX: usize = 6;

/// A whole page.
pub(crate) struct Page<'a> {
    /// Title of window and first heading.
    pub(crate) title: String,
    /// What stands beneath the title: dates, origin.
    pub(crate) lead: Vec<Line>,
    /// What stands at the foot of every sheet of paper.
    pub(crate) foot: String,
    /// Chapters; each has its line in the table of contents.
    pub(crate) chapters: &'a [Section],
}

/// The page as text.
pub(crate) fn page(words: &Words, page: &Page<'_>) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang=(words.lang.code()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content="Sekisho";
                title { (page.title) }
                style { (PreEscaped(TOKENS)) (PreEscaped(COMPONENTS)) (PreEscaped(foot(&page.foot))) }
            }
            body {
                a.skip href="#main" { (words.t("html-skip")) }
                (chart::patterns())
                header.top {
                    p.seal { "関所" span.latin { "Sekisho" } }
                    h1 { (page.title) }
                    @for lead in &page.lead { p { (line(words, lead)) } }
                }
                div.columns {
                    nav.contents aria-label=(words.t("html-contents")) {
                        h2 { (words.t("html-contents")) }
                        ol { @for chapter in page.chapters {
                            li { a href={ "#" (chapter.id) } { (chapter.title) } }
                        } }
                    }
                    main #main tabindex="-1" {
                        @for chapter in page.chapters { (section(words, chapter, 2)) }
                    }
                }
                footer { p { (words.t("html-footer")) " " a href="#main" { (words.t("html-top")) } } }
            }
        }
    };
    markup.into_string()
}

/// One sheet of paper: no contents and no chapters, its own style over the tokens.
pub(crate) fn sheet(words: &Words, title: &str, style: &PreEscaped<&str>, body: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang=(words.lang.code()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content="Sekisho";
                title { (title) }
                style { (PreEscaped(TOKENS)) (PreEscaped(COMPONENTS)) (style) }
            }
            body { (body) }
        }
    };
    markup.into_string()
}

/// The foot of a sheet as a rule of style. Every sign that is not a letter is escaped, so that no text can end the
/// string, the rule or the element.
fn foot(text: &str) -> String {
    let safe: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() || c == ' ' { c.to_string() } else { format!("\\{:x} ", c as u32) })
        .collect();
    format!(
        "@page {{ @bottom-left {{ content: \"{safe}\"; font: 8pt \"Hiragino Sans\", \"Noto Sans JP\", \"Noto Sans CJK JP\", sans-serif; }} }}"
    )
}

fn section(words: &Words, section: &Section, level: usize) -> Markup {
    html! {
        section id=(section.id) aria-labelledby={ (section.id) "-title" } {
            (heading(level, &format!("{}-title", section.id), &section.title))
            @for part in &section.blocks { (block(words, part, level)) }
        }
    }
}

/// A part of a page; headings within it start below `level`.
fn block(words: &Words, part: &Block, level: usize) -> Markup {
    html! {
        @match part {
            Block::Section(inner) => (section(words, inner, level + 1)),
            Block::Paragraph(text) => p { (line(words, text)) },
            Block::List(items) => ul { @for item in items { li { (line(words, item)) } } },
            Block::Definitions(pairs) => dl {
                @for (name, meaning) in pairs { div { dt { (line(words, name)) } dd { (line(words, meaning)) } } }
            },
            Block::Note(text) => p.note role="note" { (line(words, text)) },
            Block::Table(data) => (table::table(words, data)),
            Block::Figure(picture) => (figure(words, picture)),
        }
    }
}

/// The frame of a picture: finding, unit, period, source; picture; data beneath.
fn figure(words: &Words, frame: &Figure) -> Markup {
    html! {
        figure id=(frame.id) {
            figcaption {
                p.finding { (line(words, &frame.title)) }
                p.frame-facts {
                    span { (words.t("chart-unit")) (frame.unit) } " "
                    span { (words.t("chart-period")) (line(words, &frame.period)) } " "
                    span { (words.t("chart-source")) (line(words, &frame.source)) }
                }
            }
            div.picture { (frame.picture.markup) }
            @for note in &frame.notes { p.chart-note { (line(words, note)) } }
            details {
                summary { (words.t("chart-data")) }
                (table::table(words, &frame.table))
            }
        }
    }
}

fn heading(level: usize, id: &str, title: &str) -> Markup {
    html! {
        @match level.min(HEADING_MAX) {
            0..=2 => h2 id=(id) { (title) },
            3 => h3 id=(id) { (title) },
            4 => h4 id=(id) { (title) },
            _ => h5 id=(id) { (title) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::foot;

    #[test]
    fn no_text_ends_the_style() {
        let rule = foot("調査 \"}</style><script>");
        assert!(rule.contains(r"調査 \22 \7d \3c \2f style\3e "), "{rule}");
        assert!(!rule.contains('<'));
    }
}
