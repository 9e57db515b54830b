//! Documents as Markdown: the same chapters, tables and links as in HTML; pictures are given as their data.

use crate::{
    document::{Block, Cited, Figure, Line, Section, Span, Table},
    words::Words,
};

/// Deepest heading that Markdown has.
const HEADING_MAX: usize = 6;

/// The whole document.
pub(crate) fn page(words: &Words, title: &str, lead: &[Line], chapters: &[Section]) -> String {
    let mut out = format!("# {}\n\n", escape(title));
    for line in lead {
        out.push_str(&format!("{}\n\n", inline(words, line)));
    }
    for chapter in chapters {
        out.push_str(&format!("- [{}](#{})\n", escape(&chapter.title), chapter.id));
    }
    out.push('\n');
    for chapter in chapters {
        section(words, &mut out, chapter, 2);
    }
    out
}

fn section(words: &Words, out: &mut String, section: &Section, level: usize) {
    let signs = "#".repeat(level.min(HEADING_MAX));
    out.push_str(&format!("{}\n\n{signs} {}\n\n", anchor(&section.id), escape(&section.title)));
    for part in &section.blocks {
        block(words, out, part, level);
    }
}

fn block(words: &Words, out: &mut String, part: &Block, level: usize) {
    match part {
        Block::Section(inner) => section(words, out, inner, level + 1),
        Block::Paragraph(line) => out.push_str(&format!("{}\n\n", inline(words, line))),
        Block::Note(line) => out.push_str(&format!("> {}\n\n", inline(words, line))),
        Block::List(items) => {
            for item in items {
                out.push_str(&format!("- {}\n", inline(words, item)));
            }
            out.push('\n');
        }
        Block::Definitions(pairs) => {
            for (name, meaning) in pairs {
                out.push_str(&format!(
                    "- **{}**{}{}\n",
                    inline(words, name),
                    words.t("html-colon"),
                    inline(words, meaning)
                ));
            }
            out.push('\n');
        }
        Block::Table(data) => table(words, out, data),
        Block::Figure(frame) => figure(words, out, frame),
    }
}

fn figure(words: &Words, out: &mut String, frame: &Figure) {
    out.push_str(&format!("{}\n\n**{}**\n\n", anchor(&frame.id), inline(words, &frame.title)));
    out.push_str(&format!(
        "{}{} / {}{} / {}{}\n\n",
        words.t("chart-unit"),
        escape(&frame.unit),
        words.t("chart-period"),
        inline(words, &frame.period),
        words.t("chart-source"),
        inline(words, &frame.source)
    ));
    for note in &frame.notes {
        out.push_str(&format!("{}\n\n", inline(words, note)));
    }
    table(words, out, &frame.table);
}

fn table(words: &Words, out: &mut String, table: &Table) {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    out.push_str(&format!("{}\n{}\n\n", anchor(&table.id), escape(&table.caption)));
    out.push_str(&row(&table.columns.iter().map(|column| escape(&column.label)).collect::<Vec<_>>()));
    out.push_str(&row(&vec!["---".to_owned(); table.columns.len()]));
    for entry in &table.rows {
        let mut cells: Vec<String> = entry.cells.iter().map(|cell| inline(words, cell)).collect();
        let anchors: String = entry.ids.iter().map(|id| anchor(id)).collect();
        if let Some(first) = cells.first_mut() {
            first.insert_str(0, &anchors);
        }
        out.push_str(&row(&cells));
    }
    out.push('\n');
}

fn anchor(id: &str) -> String {
    format!("<a id=\"{}\"></a>", escape(id))
}

fn inline(words: &Words, line: &[Span]) -> String {
    line.iter().map(|span| piece(words, span)).collect()
}

fn piece(words: &Words, span: &Span) -> String {
    match span {
        Span::Text(text) | Span::Japanese(text) | Span::Small(text) => escape(text),
        Span::Strong(text) => format!("**{}**", escape(text)),
        Span::Badge(text) => format!("{}{}", escape(text), words.t("html-colon")),
        Span::Verdict(mark) => format!("{} {}", mark.verdict.sign(), escape(&mark.word)),
        Span::Link { href, text } => link(href, text),
        Span::Cited(value) => cited(value),
        Span::Break => "<br>".to_owned(),
    }
}

fn cited(value: &Cited) -> String {
    let sign = if value.undisclosed { "？" } else { "" };
    let shown = format!("{sign}{}", value.text);
    let mut out = match &value.cite {
        Some(cite) => link(&cite.href, &shown),
        None => escape(&shown),
    };
    for mark in &value.marks {
        out.push_str(mark.verdict.sign());
    }
    out
}

/// A link to a place of the document or of the web; any other address is shown as text.
fn link(href: &str, text: &str) -> String {
    let known = href.starts_with('#') || href.starts_with("https://") || href.starts_with("http://");
    let breaks =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '(' | ')' | '<' | '>' | '|' | '\\');
    if known && !href.contains(breaks) { format!("[{}]({href})", escape(text)) } else { escape(text) }
}

/// Text that Markdown must not read as marks.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '|' | '[' | ']' | '`' | '*' | '_' | '\\' | '~' | '!' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{escape, link};

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(escape("<script>|[x](y)"), r"&lt;script&gt;\|\[x\](y)");
        assert_eq!(link("javascript:alert(1)", "x"), "x");
        assert_eq!(link("https://example.jp/a)b", "x"), "x");
        assert_eq!(link("#F213", "F213"), "[F213](#F213)");
    }
}
