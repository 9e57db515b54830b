//! The memo as one HTML file: no script, nothing fetched, light and dark, A4 on paper.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sekisho_catalog::{
    Catalog,
    plan::choose::{Decision, Flip, requirements::Criterion},
};

use super::{
    Phrases, constraint_counts, percent,
    picture::{self, DRAWN_MAX, RANKS_SHADED},
    questions_by_model, share,
};
use crate::words::Words;

const TOKENS: &str = include_str!("../html/tokens.css");
const CSS: &str = include_str!("memo.css");
/// Nothing is fetched and nothing runs, whatever the data says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
/// Candidates whose values are drawn strip by strip.
const STRIPS_MAX: usize = 5;

/// The memo of a decision.
pub(crate) fn html(decision: &Decision, catalog: &Catalog, words: &Words) -> String {
    let phrases = Phrases::new(words, catalog);
    let p = &phrases;
    let requirements = &decision.requirements;
    let page = html! {
        (DOCTYPE)
        html lang=(words.lang.code()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (requirements.title) }
                style { (PreEscaped(TOKENS)) (PreEscaped(CSS)) }
            }
            body {
                main {
                    header {
                        p.kind { (p.t("memo-kind")) }
                        h1 { (requirements.title) }
                        @if requirements.fictional { span.fictional { (p.t("choose-fictional")) } }
                        p.by { (p.made_by(requirements)) }
                        p.finding { (p.finding(decision)) }
                        p.draft { (p.t("memo-draft")) }
                        @if let Some(reason) = &decision.single_benchmark_reason {
                            p.draft { "△ " (p.f("choose-single-benchmark", &[("reason", reason)])) }
                        }
                    }
                    (asked(p, decision))
                    (candidates(p, decision))
                    (ranking(p, decision))
                    (unknowns(p, decision))
                    (questions(p, decision))
                    (premises(p, decision))
                    (sources(p, decision))
                }
            }
        }
    };
    page.into_string()
}

/// A table that scrolls inside itself; titles that begin with `>` stand over numbers.
fn table(p: &Phrases<'_>, titles: &[&str], rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table {
                thead { tr {
                    @for title in titles {
                        @if let Some(key) = title.strip_prefix('>') { th.number scope="col" { (p.t(key)) } }
                        @else { th scope="col" { (p.t(title)) } }
                    }
                } }
                tbody { (rows) }
            }
        }
    }
}

fn asked(p: &Phrases<'_>, decision: &Decision) -> Markup {
    let requirements = &decision.requirements;
    html! {
        h2 { (p.t("memo-requirements")) }
        h3 { (p.t("memo-constraints")) }
        @if requirements.constraints.is_empty() { p { (p.t("choose-no-constraints")) } } @else {
            (table(p, &["choose-asked", "choose-axis", "memo-why"], &html! {
                @for constraint in &requirements.constraints { tr {
                    th scope="row" { (p.constraint(constraint)) }
                    td { (p.axis(constraint.axis)) }
                    td.wide { (constraint.why) }
                } }
            }))
        }
        h3 { (p.t("memo-criteria")) }
        (table(p, &["memo-criterion", "choose-axis", "choose-goal", "memo-weight", "memo-why"], &html! {
            @for criterion in &requirements.criteria { tr {
                th scope="row" { (p.measure(&criterion.measure)) }
                td { (p.axis(criterion.axis)) }
                td { (p.goal(criterion)) }
                td { (p.weight(criterion.weight)) }
                td.wide { (criterion.why) }
            } }
        }))
    }
}

fn candidates(p: &Phrases<'_>, decision: &Decision) -> Markup {
    html! {
        h2 { (p.t("memo-candidates")) }
        p { (p.candidates_count(decision)) }
        @if !decision.requirements.constraints.is_empty() {
            (table(p, &["choose-asked", ">choose-met", ">choose-open", ">choose-failed"], &html! {
                @for (constraint, counts) in constraint_counts(decision) { tr {
                    th scope="row" { (p.constraint(constraint)) }
                    td.number.met { "○ " (counts.met) }
                    td.number.open { "？ " (counts.open) }
                    td.number.failed { "× " (counts.failed) }
                } }
            }))
        }
        @if !decision.excluded.is_empty() {
            h3 { (p.t("memo-excluded")) }
            (table(p, &["choose-name", "memo-reason"], &html! {
                @for excluded in &decision.excluded { tr {
                    th scope="row" { (p.model(&excluded.candidate)) }
                    td.wide {
                        @for failed in &excluded.failed { p { "× " (p.failure(&decision.requirements, failed)) } }
                    }
                } }
            }))
        }
    }
}

fn ranking(p: &Phrases<'_>, decision: &Decision) -> Markup {
    let leader = decision.ranking.first().map(|ranked| p.model(&ranked.candidate)).unwrap_or_default();
    let titles = [
        ">choose-rank",
        "choose-name",
        ">choose-first",
        ">choose-mean-rank",
        ">choose-confidence",
        ">choose-unknown-weight",
    ];
    html! {
        h2 { (p.t("memo-ranking")) }
        (table(p, &titles, &html! {
            @for (index, ranked) in decision.ranking.iter().enumerate() { tr {
                td.number { (index + 1) }
                th scope="row" { (p.model(&ranked.candidate)) }
                td.number { (share(ranked.first)) }
                td.number { (format!("{:.1}", ranked.mean_rank)) }
                td.number { @match ranked.confidence { Some(own) => (percent(own.share)), None => (p.t("choose-never-first")) } }
                td.number { (percent(ranked.weight_on_unknowns)) }
            } }
        }))
        p.note { (p.t("choose-legend")) }
        figure {
            figcaption {
                (p.f("memo-ranking-title", &[("model", &leader)]))
                small { (p.t("memo-ranking-unit")) }
            }
            (key(p, decision))
            div.scroll { (picture::rank_bars(p, decision)) }
            details { summary { (p.t("memo-ranking-table")) } (rank_table(p, decision)) }
        }
        (strips(p, decision))
        details {
            summary { (p.t("memo-pairwise")) }
            (pairwise(p, decision))
        }
    }
}

/// Names of the shades, from the first rank to the rest.
fn shade_names(p: &Phrases<'_>, decision: &Decision) -> Vec<String> {
    let ranks = decision.ranking.len();
    let own = (1..=ranks.min(RANKS_SHADED)).map(|rank| p.f("memo-rank-n", &[("rank", &rank.to_string())]));
    let rest =
        (ranks > RANKS_SHADED).then(|| p.f("memo-rank-rest", &[("rank", &(RANKS_SHADED + 1).to_string())]));
    own.chain(rest).collect()
}

fn key(p: &Phrases<'_>, decision: &Decision) -> Markup {
    html! {
        ul.key {
            @for (index, name) in shade_names(p, decision).into_iter().enumerate() {
                li { i class=(format!("rank-{}", index + 1)) {} (name) }
            }
        }
    }
}

fn rank_table(p: &Phrases<'_>, decision: &Decision) -> Markup {
    html! {
        div.scroll tabindex="0" { table {
            thead { tr {
                th scope="col" { (p.t("choose-name")) }
                @for name in shade_names(p, decision) { th.number scope="col" { (name) } }
            } }
            tbody {
                @for ranked in &decision.ranking { tr {
                    th scope="row" { (p.model(&ranked.candidate)) }
                    @for part in picture::shades(&ranked.ranks) { td.number { (percent(part)) } }
                } }
            }
        } }
    }
}

/// What is known of the leading candidates, one strip per criterion, with the words beneath.
fn strips(p: &Phrases<'_>, decision: &Decision) -> Markup {
    let shown = decision.ranking.len().min(STRIPS_MAX);
    let leading = decision.readings.iter().take(shown * decision.requirements.criteria.len());
    let (count, unknown) = leading.fold((0_usize, 0_usize), |(count, unknown), reading| {
        (count + 1, unknown + usize::from(reading.is_uncertain()))
    });
    let args = [("count", count.to_string()), ("unknown", unknown.to_string())];
    let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    html! {
        h3 { (p.t("memo-readings")) }
        figure {
            figcaption { (p.f("memo-readings-title", &args)) small { (p.t("memo-readings-unit")) } }
            @for criterion in &decision.requirements.criteria {
                p { (p.measure(&criterion.measure)) }
                div.scroll { (picture::readings(p, decision, criterion, shown)) }
            }
            details { summary { (p.t("memo-ranking-table")) } (reading_table(p, decision)) }
        }
    }
}

fn reading_table(p: &Phrases<'_>, decision: &Decision) -> Markup {
    let criteria: &[Criterion] = &decision.requirements.criteria;
    html! {
        div.scroll tabindex="0" { table {
            thead { tr {
                th scope="col" { (p.t("choose-name")) }
                @for criterion in criteria { th scope="col" { (p.measure(&criterion.measure)) } }
            } }
            tbody {
                @for (ranked, readings) in decision.ranking.iter().zip(decision.readings.chunks(criteria.len().max(1))) {
                    tr {
                        th scope="row" { (p.model(&ranked.candidate)) }
                        @for (criterion, reading) in criteria.iter().zip(readings) {
                            td { (p.reading(criterion, reading)) }
                        }
                    }
                }
            }
        } }
    }
}

fn pairwise(p: &Phrases<'_>, decision: &Decision) -> Markup {
    let shown = decision.ranking.len().min(DRAWN_MAX);
    html! {
        div.scroll tabindex="0" { table {
            thead { tr {
                th scope="col" { (p.t("choose-name")) }
                @for ranked in &decision.ranking[..shown] { th scope="col" { (p.model(&ranked.candidate)) } }
            } }
            tbody {
                @for (row, ranked) in decision.ranking[..shown].iter().enumerate() { tr {
                    th scope="row" { (p.model(&ranked.candidate)) }
                    @for (column, better) in decision.pairwise[row][..shown].iter().enumerate() {
                        td.number { @if row == column { "—" } @else { (percent(*better)) } }
                    }
                } }
            }
        } }
    }
}

fn unknowns(p: &Phrases<'_>, decision: &Decision) -> Markup {
    let (changing, keeping): (Vec<&Flip>, Vec<&Flip>) =
        decision.sensitivity.iter().partition(|flip| flip.changes_winner);
    let row = |flip: &Flip| {
        html! { tr {
            td.wide { (p.flip(decision, flip)) }
            td.number { (format!("{:+.1}", flip.present_winner_shift * 100.0)) }
        } }
    };
    let titles = ["memo-then", ">memo-shift"];
    html! {
        h2 { (p.t("memo-unknowns")) }
        p { (p.t("memo-unknowns-lead")) }
        @if changing.is_empty() { p { (p.t("choose-flips-none")) } } @else {
            (table(p, &titles, &html! { @for flip in &changing { (row(flip)) } }))
        }
        @if !keeping.is_empty() {
            details {
                summary { (p.t("memo-flips-keep")) }
                (table(p, &titles, &html! { @for flip in &keeping { (row(flip)) } }))
            }
        }
    }
}

fn questions(p: &Phrases<'_>, decision: &Decision) -> Markup {
    html! {
        h2 { (p.t("memo-questions")) }
        @if decision.questions.is_empty() { p { (p.t("memo-questions-none")) } } @else {
            p { (p.t("memo-questions-lead")) }
            (table(p, &["choose-name", "memo-question", "memo-answer"], &html! {
                @for questions in questions_by_model(decision) {
                    @for (index, question) in questions.iter().enumerate() { tr {
                        @if index == 0 {
                            th scope="rowgroup" rowspan=(questions.len()) { (p.model(&question.candidate)) }
                        }
                        td.wide { "？ " (p.question(decision, question)) }
                        td.answer {}
                    } }
                }
            }))
        }
    }
}

fn premises(p: &Phrases<'_>, decision: &Decision) -> Markup {
    html! {
        h2 { (p.t("memo-premises")) }
        p { (p.t("memo-premises-lead")) }
        (table(p, &["memo-premise", "memo-value"], &html! {
            @for (name, value) in p.premises(decision) { tr { th scope="row" { (name) } td.wide { (value) } } }
        }))
        (table(p, &["memo-criterion", "memo-range", "memo-weight", ">memo-mean-weight"], &html! {
            @for ((criterion, range), weight) in
                decision.requirements.criteria.iter().zip(&decision.ranges).zip(&decision.weights)
            { tr {
                th scope="row" { (p.measure(&criterion.measure)) }
                td { (p.range(criterion, range)) }
                td { (p.weight(weight.given)) }
                td.number { (percent(weight.mean)) }
            } }
        }))
    }
}

fn sources(p: &Phrases<'_>, decision: &Decision) -> Markup {
    html! {
        h2 { (p.t("memo-sources")) }
        @if decision.sources.is_empty() { p { (p.t("memo-sources-none")) } } @else {
            ol {
                @for (name, url) in decision.sources.iter().map(|id| p.source(id)) {
                    li { @match url {
                        Some(url) => { a href=(url) { (name) } },
                        None => (name),
                    } }
                }
            }
        }
    }
}
