//! Which single unknown would change the winner, once it were known.
//!
//! Each uncertain value of a leading candidate is fixed at the best and at the worst that it may be, and the same worlds
//! are looked at again. As only one number of each world changes, all these questions are answered in one pass.

use serde::Serialize;

use super::{
    Share,
    matrix::{Column, End},
    smaa::{Acceptability, BLOCK, Cell, Model, WeightsExhausted, Worlds},
};

/// Only unknowns of this many candidates, those most often first, are looked at.
pub const SENSITIVITY_CANDIDATES_MAX: usize = 12;

/// What would happen if one unknown turned out to be the best or the worst that it may be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// Id of the candidate.
    pub candidate: String,
    /// Id of the criterion.
    pub criterion: String,
    /// Whether this is the best end or the worst.
    pub best_end: bool,
    /// The value at that end.
    pub value: End,
    /// Whether another candidate would be first in most worlds.
    pub changes_winner: bool,
    /// Id of the candidate that would then be first most often.
    pub winner: String,
    /// How often.
    pub winner_first: Share,
    /// How often this candidate would be first.
    pub candidate_first: Share,
    /// How often the present winner would be first.
    pub present_winner_first: Share,
    /// By how much that differs from now; negative when it loses.
    pub present_winner_shift: f64,
}

struct Question<'c> {
    alternative: usize,
    criterion: usize,
    best_end: bool,
    cell: Cell,
    value: End,
    column: &'c Column<'c>,
    /// Worlds in which each alternative is first.
    firsts: Vec<f64>,
}

/// All flips, those that change the winner first, then by how far the present winner's share moves.
pub(super) fn flips(
    model: &Model,
    columns: &[Column<'_>],
    result: &Acceptability,
    ranking: &[usize],
) -> Result<Vec<Flip>, WeightsExhausted> {
    let leaders = &ranking[..ranking.len().min(SENSITIVITY_CANDIDATES_MAX)];
    let mut questions = ask(columns, leaders, ranking.len());
    let mut worlds = Worlds::new(model);
    let mut totals = vec![0.0; ranking.len() * BLOCK];
    while let Some(drawn) = worlds.next_block()? {
        worlds.totals(&mut totals);
        for world in 0..drawn {
            answer(&mut questions, &worlds, &totals, world);
        }
    }
    let mut flips: Vec<_> =
        questions.into_iter().map(|question| conclude(question, model, result, ranking)).collect();
    flips.sort_by(|one, other| {
        let by_change = other.changes_winner.cmp(&one.changes_winner);
        let by_shift = other.present_winner_shift.abs().total_cmp(&one.present_winner_shift.abs());
        let by_name = (&one.candidate, &one.criterion, !one.best_end).cmp(&(
            &other.candidate,
            &other.criterion,
            !other.best_end,
        ));
        by_change.then(by_shift).then(by_name)
    });
    Ok(flips)
}

fn ask<'c>(columns: &'c [Column<'_>], leaders: &[usize], alternatives: usize) -> Vec<Question<'c>> {
    let mut questions = Vec::new();
    for &alternative in leaders {
        for (criterion, column) in columns.iter().enumerate() {
            let reading = &column.readings[alternative];
            if !reading.is_uncertain() {
                continue;
            }
            for best_end in [true, false] {
                let (cell, value) = column.end(reading, best_end);
                let firsts = vec![0.0; alternatives];
                questions.push(Question { alternative, criterion, best_end, cell, value, column, firsts });
            }
        }
    }
    questions
}

/// Who is first in one world, for each question. The questions of one alternative stand together, so its best rival
/// is found once.
fn answer(questions: &mut [Question<'_>], worlds: &Worlds<'_>, totals: &[f64], world: usize) {
    let total_of = |a: usize| totals[a * BLOCK + world];
    for questions in questions.chunk_by_mut(|one, other| one.alternative == other.alternative) {
        let (own, alternatives) = (questions[0].alternative, questions[0].firsts.len());
        let others = || (0..alternatives).filter(|&a| a != own);
        let rival = others().map(total_of).fold(f64::NEG_INFINITY, f64::max);
        let rivals = others().filter(|&a| total_of(a) == rival).count();
        for question in questions {
            // Summed in the order of `Worlds::totals`, so that the answer is that of a full analysis, to the bit.
            let mut total = 0.0;
            for k in 0..worlds.criteria() {
                let value = if k == question.criterion {
                    worlds.worth(&question.cell, k, world)
                } else {
                    worlds.value(own, k, world)
                };
                total += worlds.weight(k, world) * value;
            }
            if total > rival {
                question.firsts[own] += 1.0;
                continue;
            }
            let part = if total == rival { 1.0 / (rivals + 1) as f64 } else { 1.0 / rivals as f64 };
            if total == rival {
                question.firsts[own] += part;
            }
            for a in others().filter(|&a| total_of(a) == rival) {
                question.firsts[a] += part;
            }
        }
    }
}

fn conclude(question: Question<'_>, model: &Model, result: &Acceptability, ranking: &[usize]) -> Flip {
    let draws = f64::from(model.draws);
    let first = |a: usize| question.firsts[a] / draws;
    let present = ranking[0];
    // On equal shares the present order stands.
    let winner = ranking.iter().copied().reduce(|best, a| if first(a) > first(best) { a } else { best });
    let winner = winner.unwrap_or(present);
    let share_of = |a: usize| Share::of_draws(first(a), model.draws);
    Flip {
        candidate: model.alternatives[question.alternative].clone(),
        criterion: question.column.criterion.id.clone(),
        best_end: question.best_end,
        value: question.value,
        changes_winner: winner != present,
        winner: model.alternatives[winner].clone(),
        winner_first: share_of(winner),
        candidate_first: share_of(question.alternative),
        present_winner_first: share_of(present),
        present_winner_shift: first(present) - result.first(present),
    }
}
