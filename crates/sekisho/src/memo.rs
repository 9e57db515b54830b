//! The decision memo (稟議添付): what was asked, who remains, in what order, and what nobody knows.

mod docx;
mod html;
mod phrase;
mod picture;

use sekisho_catalog::plan::choose::{Decision, Question, requirements::Constraint};

pub(crate) use docx::docx;
pub(crate) use html::html;
pub(crate) use phrase::{Phrases, blocks, code_name, field_name, percent, share};

/// How the candidates fare under one hard constraint.
pub(crate) struct Counts {
    /// Remaining candidates that surely meet it.
    pub(crate) met: usize,
    /// Remaining candidates that must be asked.
    pub(crate) open: usize,
    /// Candidates that do not meet it.
    pub(crate) failed: usize,
}

/// The hard constraints in the order of the file, counted.
pub(crate) fn constraint_counts(decision: &Decision) -> impl Iterator<Item = (&Constraint, Counts)> {
    decision.requirements.constraints.iter().map(|constraint| {
        let open = decision.questions.iter().filter(|question| question.constraint == constraint.id).count();
        let fails = decision.excluded.iter().flat_map(|excluded| &excluded.failed);
        let failed = fails.filter(|failure| failure.constraint == constraint.id).count();
        (constraint, Counts { met: decision.survivors.len() - open, open, failed })
    })
}

/// Questions of one model together, in the order of the ranking: who may win is asked first.
pub(crate) fn questions_by_model(decision: &Decision) -> Vec<Vec<&Question>> {
    let of = |candidate: &str| {
        decision.questions.iter().filter(|question| question.candidate == candidate).collect::<Vec<_>>()
    };
    let all = decision.ranking.iter().map(|ranked| of(&ranked.candidate));
    all.filter(|questions| !questions.is_empty()).collect()
}
