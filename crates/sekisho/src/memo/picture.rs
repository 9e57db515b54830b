//! The pictures of a memo, as SVG that needs no script and says everything a second time in text.

use maud::{Markup, html};
use sekisho_catalog::plan::choose::{
    Basis, Decision, Reading,
    requirements::{Criterion, Goal, Interval},
};

use super::{Phrases, percent, share};

/// Candidates that are drawn; the tables hold all.
pub(super) const DRAWN_MAX: usize = 15;
/// Ranks that have a shade of their own; the rest share one.
pub(super) const RANKS_SHADED: usize = 4;

const WIDTH: f64 = 960.0;
const NAME: f64 = 330.0;
const BAR: f64 = 500.0;
const ROW: f64 = 28.0;

/// Share of each shaded rank, then of all others.
pub(super) fn shades(ranks: &[f64]) -> Vec<f64> {
    let (own, rest) = ranks.split_at(ranks.len().min(RANKS_SHADED));
    let rest: f64 = rest.iter().sum();
    own.iter().copied().chain((ranks.len() > RANKS_SHADED).then_some(rest)).collect()
}

/// Stacked bars: in which share of draws each candidate takes which rank.
pub(super) fn rank_bars(phrases: &Phrases<'_>, decision: &Decision) -> Markup {
    let drawn = &decision.ranking[..decision.ranking.len().min(DRAWN_MAX)];
    let height = ROW * (drawn.len() as f64 + 1.0) + 8.0;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(phrases.t("memo-ranking-picture")) {
            @for (index, ranked) in drawn.iter().enumerate() {
                @let y = index as f64 * ROW;
                (name(&phrases.model(&ranked.candidate), y))
                @let shades = shades(&ranked.ranks);
                @for (rank, part) in shades.iter().enumerate() {
                    @if *part > 0.0 {
                        @let x = NAME + BAR * shades[..rank].iter().sum::<f64>();
                        rect x=(px(x)) y=(px(y + 5.0)) width=(px(BAR * part)) height="18"
                            class=(format!("rank rank-{}", rank + 1)) {
                            title { (phrases.f("memo-rank-n", &[("rank", &(rank + 1).to_string())])) " " (percent(*part)) }
                        }
                    }
                }
                (error_bar(ranked.first.share, ranked.first.standard_error, y))
                text x=(px(NAME + BAR + 10.0)) y=(px(y + 19.0)) class="number" { (share(ranked.first)) }
            }
            (axis(ROW * drawn.len() as f64, &["0", "25", "50", "75", "100%"]))
        }
    }
}

/// One strip per criterion: where the leading candidates stand in the admissible range, and where they may stand.
pub(super) fn readings(
    phrases: &Phrases<'_>,
    decision: &Decision,
    criterion: &Criterion,
    shown: usize,
) -> Markup {
    let range = decision.ranges.iter().find(|range| range.criterion == criterion.id);
    let ends = range.and_then(|range| range.ends.value());
    let of: Vec<&Reading> =
        decision.readings.iter().filter(|reading| reading.criterion == criterion.id).take(shown).collect();
    let height = ROW * (of.len() as f64 + 1.0) + 8.0;
    let label = format!("{} {}", phrases.t("memo-readings-picture"), phrases.measure(&criterion.measure));
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(label) {
            @for (index, reading) in of.iter().enumerate() {
                @let y = index as f64 * ROW;
                (name(&phrases.model(&reading.candidate), y))
                line x1=(px(NAME)) x2=(px(NAME + BAR)) y1=(px(y + 14.0)) y2=(px(y + 14.0)) class="rail" {}
                (mark(criterion, ends, reading, y))
            }
            @let [left, right] = end_labels(phrases, criterion, ends);
            @let y = ROW * of.len() as f64 + 18.0;
            text x=(px(NAME)) y=(px(y)) class="tick" { (left) }
            text x=(px(NAME + BAR)) y=(px(y)) class="tick end" { (right) }
        }
    }
}

/// A dot where it is known to a point, a thick line where it lies between, a hollow band where it may be anything.
fn mark(criterion: &Criterion, ends: Option<Interval>, reading: &Reading, y: f64) -> Markup {
    let at = |share: f64| NAME + BAR * share;
    let place = |code: &String| match &criterion.goal {
        Goal::Order(order) => {
            let last = order.len().saturating_sub(1).max(1) as f64;
            order.iter().position(|known| known == code).map(|place| 1.0 - place as f64 / last)
        }
        Goal::Max | Goal::Min => None,
    };
    let span = match (&reading.basis, ends) {
        (Basis::Exact(value), Some(ends)) => {
            Some((worth(criterion, ends, *value), worth(criterion, ends, *value)))
        }
        (Basis::Range { low, high, .. }, Some(ends)) => {
            Some((worth(criterion, ends, *low), worth(criterion, ends, *high)))
        }
        (Basis::Code(code), _) => place(code).map(|place| (place, place)),
        (Basis::OneOf(codes), _) => {
            let places: Vec<_> = codes.iter().filter_map(place).collect();
            let low = places.iter().copied().fold(1.0, f64::min);
            Some((low, places.iter().copied().fold(0.0, f64::max)))
        }
        _ => None,
    };
    html! {
        @match span {
            Some((one, other)) if one == other => {
                circle cx=(px(at(one))) cy=(px(y + 14.0)) r="6" class="known" {}
            }
            Some((one, other)) => {
                rect x=(px(at(one.min(other)))) y=(px(y + 10.0)) width=(px(BAR * (one - other).abs())) height="8"
                    class="between" {}
            }
            None => {
                rect x=(px(NAME)) y=(px(y + 6.0)) width=(px(BAR)) height="16" class="unknown" {}
                text x=(px(NAME + BAR / 2.0)) y=(px(y + 19.0)) class="tick middle" { "？" }
            }
        }
    }
}

fn worth(criterion: &Criterion, ends: Interval, value: f64) -> f64 {
    if ends.high <= ends.low {
        return 0.5;
    }
    let share = ((value - ends.low) / (ends.high - ends.low)).clamp(0.0, 1.0);
    if criterion.goal == Goal::Min { 1.0 - share } else { share }
}

/// The worse end on the left, the better one on the right.
fn end_labels(phrases: &Phrases<'_>, criterion: &Criterion, ends: Option<Interval>) -> [String; 2] {
    if let Goal::Order(order) = &criterion.goal {
        let name =
            |code: Option<&String>| code.map(|code| phrases.code_of(criterion, code)).unwrap_or_default();
        return [name(order.last()), name(order.first())];
    }
    let Some(ends) = ends else { return [phrases.t("undisclosed"), phrases.t("undisclosed")] };
    let [low, high] = [ends.low, ends.high].map(|end| phrases.measured(&criterion.measure, end));
    if criterion.goal == Goal::Min { [high, low] } else { [low, high] }
}

fn name(name: &str, y: f64) -> Markup {
    html! { text x=(px(NAME - 10.0)) y=(px(y + 19.0)) class="name" { (sekisho_text::width::truncate(name, 42)) } }
}

/// Twice the standard error on both sides: about 95 draws of 100 fall within.
fn error_bar(share: f64, standard_error: f64, y: f64) -> Markup {
    let at = |share: f64| px(NAME + BAR * share.clamp(0.0, 1.0));
    let (low, high) = (at(share - 2.0 * standard_error), at(share + 2.0 * standard_error));
    html! {
        line x1=(low) x2=(high) y1=(px(y + 14.0)) y2=(px(y + 14.0)) class="error" {}
        line x1=(low) x2=(low) y1=(px(y + 10.0)) y2=(px(y + 18.0)) class="error" {}
        line x1=(high) x2=(high) y1=(px(y + 10.0)) y2=(px(y + 18.0)) class="error" {}
    }
}

fn axis(y: f64, ticks: &[&str]) -> Markup {
    let last = (ticks.len() - 1) as f64;
    html! {
        @for (index, tick) in ticks.iter().enumerate() {
            @let x = px(NAME + BAR * index as f64 / last);
            line x1=(x) x2=(x) y1="0" y2=(px(y + 4.0)) class="grid" {}
            text x=(x) y=(px(y + 20.0)) class="tick middle" { (tick) }
        }
    }
}

/// A tenth of a unit is finer than anybody sees, and keeps the file the same on every machine.
fn px(number: f64) -> String {
    format!("{number:.1}")
}
