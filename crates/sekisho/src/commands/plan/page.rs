//! The pictures of `plan size` and `plan cost` as pages to hand on.

use sekisho_base::Known;
use sekisho_catalog::plan::{
    cost::{End, Tornado},
    size::fit::{Sizing, Verdict},
};

use super::{
    cost::{cause_label, millions},
    size::{Placed, counts, reason_line, span},
};
use crate::{
    chart::{Bar, Bars, Extent, Group, Series, bars},
    document::{Block, Column, Figure, Line, Row, Section, Set, Table, text},
    html::{Page, page},
    words::Words,
};

/// The memory of one card of each type, against what the plan asks of it.
pub(super) fn size(words: &Words, heading: &str, sizing: &Sizing, placed: &[Placed]) -> String {
    let widest = placed.iter().map(|placed| placed.fit.gpu.memory.to_gb()).fold(1.0, f64::max);
    let groups = placed
        .iter()
        .map(|Placed { fit, .. }| {
            let need = |end: fn(&sekisho_catalog::plan::size::fit::Span) -> f64| {
                end(&fit.weights) + end(&fit.kv) + end(&fit.overhead)
            };
            let (low, high) = (need(|part| part.low.to_gb()), need(|part| part.high.to_gb()));
            let needs = Bar {
                label: words.t("size-page-need"),
                value: format!("{low:.1}〜{high:.1} GB"),
                extent: Extent::Between { low: low.min(widest), best: None, high: high.min(widest) },
                series: if fit.verdict == Verdict::DoesNotFit { Series::Disputed } else { Series::First },
            };
            let usable = Bar {
                label: words.t("size-page-usable"),
                value: format!("{:.1} GB", fit.usable.to_gb()),
                extent: Extent::To(fit.usable.to_gb()),
                series: Series::Second,
            };
            Group { label: Some(format!("{} × {}", fit.gpu.name, counts(fit))), bars: vec![usable, needs] }
        })
        .collect();
    let picture = bars(&Bars {
        alt: words.t("size-page-title"),
        from: 0.0,
        to: widest,
        tick: |gb| format!("{gb:.0}"),
        groups,
    });
    let columns = ["size-gpu", "size-count", "size-verdict", "size-weights", "size-kv", "size-overhead"];
    let rows = placed.iter().map(|Placed { fit, .. }| {
        [
            fit.gpu.name.clone(),
            counts(fit),
            super::size::verdict(words, fit),
            span(fit.weights),
            span(fit.kv),
            span(fit.overhead),
        ]
        .map(text)
        .to_vec()
    });
    let figure = Figure {
        id: "memory".to_owned(),
        title: text(words.t("size-page-title")),
        unit: "GB".to_owned(),
        period: text(words.t("size-page-period")),
        source: text(sizing.workload.engine.source.clone()),
        notes: sizing.reasons.iter().map(|reason| text(reason_line(words, reason))).collect(),
        picture,
        table: table("memory-data", words.t("size-page-title"), words, &columns, rows),
    };
    let chapters =
        [Section::new("size", words.t("size-page-chapter"), vec![Block::Figure(Box::new(figure))])];
    page(
        words,
        &Page {
            title: words.t("size-page-heading"),
            lead: vec![text(heading)],
            chapters: &chapters,
            foot: heading.to_owned(),
        },
    )
}

/// What moves the break-even, for each offer that has one.
pub(super) fn cost(words: &Words, lead: Vec<Line>, drawn: &[(String, &Tornado)]) -> String {
    let chapters: Vec<Section> = drawn
        .iter()
        .enumerate()
        .filter_map(|(at, (model, tornado))| {
            let figure = tornado_figure(words, at, model, tornado)?;
            Some(Section::new(&format!("offer-{at}"), model.clone(), vec![Block::Figure(Box::new(figure))]))
        })
        .collect();
    let title = words.t("cost-page-heading");
    page(words, &Page { foot: title.clone(), title, lead, chapters: &chapters })
}

fn tornado_figure(words: &Words, at: usize, model: &str, tornado: &Tornado) -> Option<Figure> {
    let tokens = |end: &End| match end.break_even_tokens_per_month {
        Known::Value(tokens) => Some(tokens / 1e6),
        Known::Undisclosed => None,
    };
    let base = tokens(&tornado.base)?;
    let moved: Vec<(String, f64, f64)> = tornado
        .bars
        .iter()
        .filter_map(|bar| Some((cause_label(words, bar.cause), tokens(&bar.at_low)?, tokens(&bar.at_high)?)))
        .filter(|(_, low, high)| low != high)
        .collect();
    let widest = moved.iter().map(|(_, low, high)| low.max(*high)).fold(base, f64::max);
    let bar = |(label, low, high): &(String, f64, f64)| Bar {
        label: label.clone(),
        value: format!("{}〜{}", millions(low.min(*high) * 1e6), millions(low.max(*high) * 1e6)),
        extent: Extent::Between { low: low.min(*high), best: Some(base), high: low.max(*high) },
        series: Series::First,
    };
    let args = [("model", model.to_owned().into()), ("tokens", millions(base * 1e6).into())];
    let title = words.f("cost-tornado", &args);
    let picture = bars(&Bars {
        alt: title.clone(),
        from: 0.0,
        to: widest,
        tick: |tokens| format!("{tokens:.0}"),
        groups: vec![Group { label: None, bars: moved.iter().map(bar).collect() }],
    });
    let rows = moved.iter().map(|(label, low, high)| {
        [label.clone(), millions(low * 1e6), millions(high * 1e6)].map(text).to_vec()
    });
    let columns = ["cost-item", "cost-at-low", "cost-at-high"];
    Some(Figure {
        id: format!("tornado-{at}"),
        title: text(title.clone()),
        unit: words.t("cost-page-unit"),
        period: text(words.t("size-page-period")),
        source: text(words.t("cost-page-source")),
        notes: vec![text(words.t("cost-page-note"))],
        picture,
        table: table(&format!("tornado-data-{at}"), title, words, &columns, rows),
    })
}

fn table(
    id: &str,
    caption: String,
    words: &Words,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<Line>>,
) -> Table {
    let column =
        |(at, key): (usize, &&str)| Column::new(words.t(key), if at == 0 { Set::Word } else { Set::Number });
    Table {
        id: id.to_owned(),
        caption,
        columns: columns.iter().enumerate().map(column).collect(),
        rows: rows.map(Row::from).collect(),
    }
}
