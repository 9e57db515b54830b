//! The memo as DOCX, to be attached to a 稟議 and edited there: plain headings and tables, fonts by name, no pictures.
//!
//! The same decision gives the same bytes: the only date is that of the requirements file.

use std::io::{self, Cursor};

use docx_rs::{
    AlignmentType, BreakType, Docx, Footer, LineSpacing, LineSpacingType, NumPages, PageMargin, PageNum,
    Paragraph, Run, RunFonts, Shading, ShdType, Style, StyleType, Table, TableCell, TableCellMargins,
    TableLayoutType, TableRow, WidthType,
};
use sekisho_catalog::{
    Catalog,
    plan::choose::{Decision, Flip, requirements::Constraint},
};

use super::{Phrases, blocks, constraint_counts, percent, questions_by_model, share};
use crate::words::Words;

/// A4 upright and its margins, in twentieths of a point.
const PAGE: (u32, u32) = (11_906, 16_838);
const MARGIN: i32 = 1_134;
/// Width between the margins.
const TEXT_WIDTH: usize = 11_906 - 2 * 1_134;
/// Cells of the block bar.
const BAR: usize = 10;
/// Unknowns that do not change the first are many; the largest are enough on paper.
const KEEPING_MAX: usize = 10;

/// The memo of a decision.
///
/// # Errors
/// When the archive cannot be written, which into memory does not happen.
pub(crate) fn docx(decision: &Decision, catalog: &Catalog, words: &Words) -> io::Result<Vec<u8>> {
    let phrases = Phrases::new(words, catalog);
    let mut memo = Memo { phrases: &phrases, parts: Vec::new() };
    memo.title(decision);
    memo.asked(decision);
    memo.candidates(decision);
    memo.ranking(decision);
    memo.unknowns(decision);
    memo.questions(decision);
    memo.premises(decision);
    memo.sources(decision);
    let mut document = memo.parts.into_iter().fold(document(), |document, part| match part {
        Part::Paragraph(paragraph) => document.add_paragraph(*paragraph),
        Part::Table(table) => document.add_table(*table),
    });
    document = document.footer(footer(&phrases));
    let mut package = document.build();
    package.document = repeat_titles(&package.document);
    package.doc_props.core = core_properties(decision, words).into_bytes();
    let mut bytes = Cursor::new(Vec::new());
    package.pack(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

fn document() -> Docx {
    let gothic = || RunFonts::new().ascii("Yu Gothic").hi_ansi("Yu Gothic").east_asia("Yu Gothic");
    let mincho = RunFonts::new().ascii("Yu Mincho").hi_ansi("Yu Mincho").east_asia("Yu Mincho");
    let heading = |id: &str, name: &str, size: usize, level: usize| {
        Style::new(id, StyleType::Paragraph)
            .name(name)
            .based_on("Normal")
            .next("Normal")
            .fonts(gothic())
            .size(size)
            .bold()
            .outline_lvl(level)
            .line_spacing(LineSpacing::new().before(240).after(80))
    };
    let margin = PageMargin {
        top: MARGIN,
        left: MARGIN,
        bottom: MARGIN,
        right: MARGIN,
        header: MARGIN / 2,
        footer: MARGIN / 2,
        gutter: 0,
    };
    Docx::new()
        .page_size(PAGE.0, PAGE.1)
        .page_margin(margin)
        .default_fonts(mincho)
        // Half points: 10.5 pt.
        .default_size(21)
        .default_line_spacing(LineSpacing::new().line_rule(LineSpacingType::Auto).line(300))
        .add_style(heading("Title", "Title", 32, 0))
        .add_style(heading("Heading1", "heading 1", 26, 0))
        .add_style(heading("Heading2", "heading 2", 22, 1))
}

fn footer(p: &Phrases<'_>) -> Footer {
    let page = Paragraph::new()
        .align(AlignmentType::Center)
        .add_run(Run::new().add_text(format!("{}　", p.t("memo-kind"))))
        .add_page_num(PageNum::new())
        .add_run(Run::new().add_text(" / "))
        .add_num_pages(NumPages::new());
    Footer::new().add_paragraph(page)
}

/// Lets the titles of a table stand again on each page; the library has no word for it.
fn repeat_titles(document: &[u8]) -> Vec<u8> {
    const FIRST_ROW: &str = "</w:tblGrid><w:tr><w:trPr>";
    String::from_utf8_lossy(document).replace(FIRST_ROW, &format!("{FIRST_ROW}<w:tblHeader />")).into_bytes()
}

/// Title, author and date of the file's properties, which the library leaves unknown.
fn core_properties(decision: &Decision, words: &Words) -> String {
    let requirements = &decision.requirements;
    let [title, author] = [&requirements.title, &requirements.author].map(|text| escape(text));
    let date = format!("{}T00:00:00Z", escape(&requirements.date));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:dcmitype="http://purl.org/dc/dcmitype/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dc:language>{}</dc:language><cp:lastModifiedBy>{author}</cp:lastModifiedBy><dcterms:created xsi:type="dcterms:W3CDTF">{date}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">{date}</dcterms:modified></cp:coreProperties>"#,
        words.lang.code()
    )
}

/// Text for XML; what XML cannot hold at all is dropped.
fn escape(text: &str) -> String {
    let kept = printable(text);
    kept.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Without control characters: XML 1.0 has no way to write them.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}

enum Part {
    Paragraph(Box<Paragraph>),
    Table(Box<Table>),
}

/// How a column stands.
#[derive(Clone, Copy)]
struct Column {
    /// Share of the text width, of 100.
    width: usize,
    is_number: bool,
}

const fn text(width: usize) -> Column {
    Column { width, is_number: false }
}

const fn number(width: usize) -> Column {
    Column { width, is_number: true }
}

struct Memo<'a> {
    phrases: &'a Phrases<'a>,
    parts: Vec<Part>,
}

impl Memo<'_> {
    fn push(&mut self, paragraph: Paragraph) {
        self.parts.push(Part::Paragraph(Box::new(paragraph)));
    }

    fn say(&mut self, text: &str) {
        self.push(Paragraph::new().add_run(lines(text)));
    }

    fn heading(&mut self, key: &str) {
        let text = self.phrases.t(key);
        self.push(Paragraph::new().style("Heading1").keep_next(true).add_run(lines(&text)));
    }

    fn subheading(&mut self, text: &str) {
        self.push(Paragraph::new().style("Heading2").keep_next(true).add_run(lines(text)));
    }

    fn table(&mut self, titles: &[&str], columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>) {
        let widths: Vec<usize> = columns.iter().map(|column| TEXT_WIDTH * column.width / 100).collect();
        let cell = |text: &str, at: usize, is_head: bool| {
            let run = if is_head { lines(text).bold().size(18) } else { lines(text).size(18) };
            let paragraph = Paragraph::new().line_spacing(LineSpacing::new().line(260)).add_run(run);
            let right = columns.get(at).is_some_and(|column| column.is_number);
            let paragraph = if right { paragraph.align(AlignmentType::Right) } else { paragraph };
            let cell = TableCell::new()
                .width(widths.get(at).copied().unwrap_or(1_000), WidthType::Dxa)
                .add_paragraph(paragraph);
            let shading = Shading::new().shd_type(ShdType::Clear).fill("F1EDE4");
            if is_head { cell.shading(shading) } else { cell }
        };
        let head = titles.iter().enumerate().map(|(at, key)| cell(&self.phrases.t(key), at, true)).collect();
        let body = rows.into_iter().map(|row| {
            let cells = row.iter().enumerate().map(|(at, text)| cell(text, at, false)).collect();
            TableRow::new(cells).cant_split()
        });
        let rows = std::iter::once(TableRow::new(head).cant_split()).chain(body).collect();
        let table = Table::new(rows)
            .set_grid(widths.clone())
            .layout(TableLayoutType::Fixed)
            .width(widths.iter().sum(), WidthType::Dxa)
            .margins(TableCellMargins::new().margin(40, 80, 40, 80));
        self.parts.push(Part::Table(Box::new(table)));
        self.push(Paragraph::new());
    }

    fn title(&mut self, decision: &Decision) {
        let p = self.phrases;
        let requirements = &decision.requirements;
        self.say(&p.t("memo-kind"));
        let mark = if requirements.fictional { p.t("choose-fictional") } else { String::new() };
        let title = format!("{}{mark}", requirements.title);
        self.push(Paragraph::new().style("Title").add_run(lines(&title)));
        self.push(Paragraph::new().align(AlignmentType::Right).add_run(lines(&p.made_by(requirements))));
        self.push(Paragraph::new().add_run(lines(&p.finding(decision)).bold()));
        self.say(&p.t("memo-draft"));
        if let Some(reason) = &decision.single_benchmark_reason {
            self.say(&format!("△ {}", p.f("choose-single-benchmark", &[("reason", reason)])));
        }
    }

    fn asked(&mut self, decision: &Decision) {
        let p = self.phrases;
        let requirements = &decision.requirements;
        self.heading("memo-requirements");
        self.subheading(&p.t("memo-constraints"));
        if requirements.constraints.is_empty() {
            self.say(&p.t("choose-no-constraints"));
        } else {
            let row = |one: &Constraint| vec![p.constraint(one), p.axis(one.axis), one.why.clone()];
            let rows = requirements.constraints.iter().map(row);
            self.table(&["choose-asked", "choose-axis", "memo-why"], &[text(38), text(18), text(44)], rows);
        }
        self.subheading(&p.t("memo-criteria"));
        let rows = requirements.criteria.iter().map(|one| {
            vec![
                p.measure(&one.measure),
                p.axis(one.axis),
                p.goal(one),
                p.weight(one.weight),
                one.why.clone(),
            ]
        });
        self.table(
            &["memo-criterion", "choose-axis", "choose-goal", "memo-weight", "memo-why"],
            &[text(22), text(15), text(20), text(13), text(30)],
            rows,
        );
    }

    fn candidates(&mut self, decision: &Decision) {
        let p = self.phrases;
        self.heading("memo-candidates");
        self.say(&p.candidates_count(decision));
        let rows: Vec<_> = constraint_counts(decision)
            .map(|(constraint, counts)| {
                vec![
                    p.constraint(constraint),
                    format!("○ {}", counts.met),
                    format!("？ {}", counts.open),
                    format!("× {}", counts.failed),
                ]
            })
            .collect();
        if !rows.is_empty() {
            self.table(
                &["choose-asked", "choose-met", "choose-open", "choose-failed"],
                &[text(58), number(14), number(14), number(14)],
                rows,
            );
        }
        if decision.excluded.is_empty() {
            return;
        }
        self.subheading(&p.t("memo-excluded"));
        let rows = decision.excluded.iter().map(|excluded| {
            let reasons = excluded.failed.iter().map(|failed| p.failure(&decision.requirements, failed));
            let reasons: Vec<_> = reasons.map(|reason| format!("× {reason}")).collect();
            vec![p.model(&excluded.candidate), reasons.join("\n")]
        });
        self.table(&["choose-name", "memo-reason"], &[text(32), text(68)], rows);
    }

    fn ranking(&mut self, decision: &Decision) {
        let p = self.phrases;
        self.heading("memo-ranking");
        let rows = decision.ranking.iter().enumerate().map(|(index, ranked)| {
            vec![
                (index + 1).to_string(),
                p.model(&ranked.candidate),
                share(ranked.first),
                blocks(ranked.first.share, BAR),
                format!("{:.1}", ranked.mean_rank),
                ranked.confidence.map_or_else(|| p.t("choose-never-first"), |own| percent(own.share)),
                percent(ranked.weight_on_unknowns),
            ]
        });
        self.table(
            &[
                "choose-rank",
                "choose-name",
                "choose-first",
                "choose-bar",
                "choose-mean-rank",
                "choose-confidence",
                "choose-unknown-weight",
            ],
            &[number(6), text(31), number(15), text(18), number(10), number(10), number(10)],
            rows,
        );
        self.say(&p.t("choose-legend"));
    }

    fn unknowns(&mut self, decision: &Decision) {
        let p = self.phrases;
        self.heading("memo-unknowns");
        self.say(&p.t("memo-unknowns-lead"));
        let (changing, keeping): (Vec<&Flip>, Vec<&Flip>) =
            decision.sensitivity.iter().partition(|flip| flip.changes_winner);
        let row =
            |flip: &Flip| vec![p.flip(decision, flip), format!("{:+.1}", flip.present_winner_shift * 100.0)];
        let (titles, columns) = (["memo-then", "memo-shift"], [text(80), number(20)]);
        if changing.is_empty() {
            self.say(&p.t("choose-flips-none"));
        } else {
            self.table(&titles, &columns, changing.into_iter().map(row));
        }
        if !keeping.is_empty() {
            self.subheading(&p.t("memo-flips-keep"));
            self.table(&titles, &columns, keeping.into_iter().take(KEEPING_MAX).map(row));
        }
    }

    fn questions(&mut self, decision: &Decision) {
        let p = self.phrases;
        self.heading("memo-questions");
        if decision.questions.is_empty() {
            self.say(&p.t("memo-questions-none"));
            return;
        }
        self.say(&p.t("memo-questions-lead"));
        let questions = questions_by_model(decision).into_iter().flatten();
        let rows = questions.map(|question| {
            vec![p.model(&question.candidate), p.question(decision, question), String::new()]
        });
        self.table(&["choose-name", "memo-question", "memo-answer"], &[text(28), text(44), text(28)], rows);
    }

    fn premises(&mut self, decision: &Decision) {
        let p = self.phrases;
        self.heading("memo-premises");
        self.say(&p.t("memo-premises-lead"));
        let rows = p.premises(decision).into_iter().map(|(name, value)| vec![name, value]);
        self.table(&["memo-premise", "memo-value"], &[text(24), text(76)], rows);
        let criteria = decision.requirements.criteria.iter().zip(&decision.ranges).zip(&decision.weights);
        let rows = criteria.map(|((criterion, range), weight)| {
            vec![
                p.measure(&criterion.measure),
                p.range(criterion, range),
                p.weight(weight.given),
                percent(weight.mean),
            ]
        });
        self.table(
            &["memo-criterion", "memo-range", "memo-weight", "memo-mean-weight"],
            &[text(30), text(40), text(15), number(15)],
            rows,
        );
    }

    fn sources(&mut self, decision: &Decision) {
        let p = self.phrases;
        self.heading("memo-sources");
        if decision.sources.is_empty() {
            self.say(&p.t("memo-sources-none"));
        }
        for (index, id) in decision.sources.iter().enumerate() {
            let (name, url) = p.source(id);
            self.say(&format!("{}. {name}　{}", index + 1, url.unwrap_or_default()));
        }
    }
}

/// A run whose line breaks are breaks.
fn lines(text: &str) -> Run {
    let mut run = Run::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        run = run.add_text(printable(line));
    }
    run
}
