//! A document before it is HTML or Markdown: sections, tables, figures and running text, with every value tied to the
//! place that it comes from. Chapters are written once in these types; [`crate::html`] and [`crate::markdown`] print
//! them.

use fluent_bundle::FluentValue;

use crate::{chart::Picture, words::Words};

/// Running text.
pub(crate) type Line = Vec<Span>;

/// A piece of running text. Nothing in it is markup; the printers escape.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Span {
    /// Text in the language of the document.
    Text(String),
    /// Words that only exist in Japanese, as their source prints them.
    Japanese(String),
    /// Text that leads.
    Strong(String),
    /// A remark, set smaller.
    Small(String),
    /// A value with the place that it comes from.
    Cited(Cited),
    /// A short label in a frame.
    Badge(String),
    /// A verdict by itself: mark and word.
    Verdict(Mark),
    /// A link to a place of this document (`#F213`) or of the web.
    Link {
        /// Address.
        href: String,
        /// What is shown.
        text: String,
    },
    /// A new line within a cell.
    Break,
}

/// A value and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cited {
    /// As shown.
    pub(crate) text: String,
    /// Whether the text only exists in Japanese on a page in another language.
    pub(crate) japanese: bool,
    /// Whether this is 未指定: shown in a frame with its own mark.
    pub(crate) undisclosed: bool,
    /// Where it comes from.
    pub(crate) cite: Option<Cite>,
    /// Results of checking.
    pub(crate) marks: Vec<Mark>,
}

/// A place that a value leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cite {
    /// Address within the document, with `#`.
    pub(crate) href: String,
    /// Short name, also printed on paper: `F213`, `S12`.
    pub(crate) label: String,
    /// Whole name: who says it, and where.
    pub(crate) title: String,
}

/// How a check came out, from best to worst but for what nobody has checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Holds.
    Pass,
    /// Holds with a reservation.
    Mask,
    /// Does not hold.
    Refuse,
    /// Cannot be told.
    Unknown,
    /// Nobody has looked.
    Unchecked,
}

impl Verdict {
    /// The sign that stands beside the word, so that colour is never alone.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Pass => "○",
            Self::Mask => "△",
            Self::Refuse => "×",
            Self::Unknown => "？",
            Self::Unchecked => "□",
        }
    }

    /// Class in style sheets.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Mask => "mask",
            Self::Refuse => "refuse",
            Self::Unknown => "unknown",
            Self::Unchecked => "unchecked",
        }
    }
}

/// A verdict with its word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Verdict.
    pub(crate) verdict: Verdict,
    /// Word in the language of the document.
    pub(crate) word: String,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// A part with its own heading.
    Section(Section),
    /// A paragraph.
    Paragraph(Line),
    /// Points without an order.
    List(Vec<Line>),
    /// Names and what they stand for.
    Definitions(Vec<(Line, Line)>),
    /// Something to mind before reading on.
    Note(Line),
    /// A table.
    Table(Table),
    /// A picture with its data.
    Figure(Box<Figure>),
}

/// A part with its heading; its depth follows from nesting.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Section {
    /// Anchor.
    pub(crate) id: String,
    /// Heading.
    pub(crate) title: String,
    /// What stands in it.
    pub(crate) blocks: Vec<Block>,
}

impl Section {
    /// A section.
    pub(crate) fn new(id: &str, title: String, blocks: Vec<Block>) -> Self {
        Self { id: id.to_owned(), title, blocks }
    }
}

/// A table. The first column names the row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// Anchor.
    pub(crate) id: String,
    /// What the table shows.
    pub(crate) caption: String,
    /// Columns.
    pub(crate) columns: Vec<Column>,
    /// Rows; each has as many cells as there are columns.
    pub(crate) rows: Vec<Row>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Heading.
    pub(crate) label: String,
    /// How its cells are set.
    pub(crate) set: Set,
}

impl Column {
    /// A column.
    pub(crate) fn new(label: String, set: Set) -> Self {
        Self { label, set }
    }
}

/// How the cells of a column are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    /// Numbers of rows, and words that never break.
    Short,
    /// Short words: kept narrow.
    Word,
    /// Sentences: given room.
    Prose,
    /// Numbers: to the right, digits aligned.
    Number,
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    /// Anchors that lead here.
    pub(crate) ids: Vec<String>,
    /// Cells.
    pub(crate) cells: Vec<Line>,
}

impl From<Vec<Line>> for Row {
    fn from(cells: Vec<Line>) -> Self {
        Self { ids: Vec::new(), cells }
    }
}

/// A picture in its frame: what it says, in which unit, for when, from where, and the data as a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// Anchor.
    pub(crate) id: String,
    /// The finding, as a sentence.
    pub(crate) title: Line,
    /// Unit of the axis.
    pub(crate) unit: String,
    /// The time that the data holds for.
    pub(crate) period: Line,
    /// Where the data comes from.
    pub(crate) source: Line,
    /// How to read the patterns and signs, and what not to conclude.
    pub(crate) notes: Vec<Line>,
    /// The picture.
    pub(crate) picture: Picture,
    /// The data.
    pub(crate) table: Table,
}

/// Plain text as a line.
pub(crate) fn text(text: impl Into<String>) -> Line {
    vec![Span::Text(text.into())]
}

/// A link as a line.
pub(crate) fn link(href: impl Into<String>, text: impl Into<String>) -> Line {
    vec![Span::Link { href: href.into(), text: text.into() }]
}

/// Lines one after the other with a text between.
pub(crate) fn join(lines: impl IntoIterator<Item = Line>, between: &Span) -> Line {
    let mut whole = Line::new();
    for line in lines.into_iter().filter(|line| !line.is_empty()) {
        if !whole.is_empty() {
            whole.push(between.clone());
        }
        whole.extend(line);
    }
    whole
}

/// The words of a line without links and marks, for places that take text only.
pub(crate) fn plain(line: &[Span]) -> String {
    line.iter()
        .map(|span| match span {
            Span::Text(text)
            | Span::Japanese(text)
            | Span::Strong(text)
            | Span::Small(text)
            | Span::Badge(text)
            | Span::Link { text, .. }
            | Span::Cited(Cited { text, .. }) => text.as_str(),
            Span::Verdict(mark) => &mark.word,
            Span::Break => " ",
        })
        .collect()
}

/// First of the private-use characters that hold the places of arguments while a message is formatted.
const PLACE_FIRST: u32 = 0xE000;

/// A message with lines in the places of its arguments, so that a sentence from `locales/` can carry cited values.
pub(crate) fn weave(words: &Words, key: &str, args: &[(&str, Line)]) -> Line {
    let place =
        |index: usize| u32::try_from(index).ok().and_then(|index| char::from_u32(PLACE_FIRST + index));
    let holders: Vec<(&str, FluentValue<'_>)> = args
        .iter()
        .enumerate()
        .map(|(index, (name, _))| (*name, place(index).map(String::from).unwrap_or_default().into()))
        .collect();
    let message = words.f(key, &holders);
    let mut line = Line::new();
    let mut text = String::new();
    for character in message.chars() {
        let index = (character as u32).checked_sub(PLACE_FIRST).map_or(usize::MAX, |index| index as usize);
        let Some((_, argument)) = args.get(index) else {
            text.push(character);
            continue;
        };
        if !text.is_empty() {
            line.push(Span::Text(std::mem::take(&mut text)));
        }
        line.extend(argument.iter().cloned());
    }
    if !text.is_empty() {
        line.push(Span::Text(text));
    }
    line
}
