//! Hard constraints (必須要件), in three values: passed, failed, and 確認要 (to be confirmed).

use serde::Serialize;

use super::{
    candidate::{Candidate, Observation, ObservedValue},
    requirements::{Constraint, Test},
};

/// A candidate that is out, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Excluded {
    /// Its id.
    pub candidate: String,
    /// Its name.
    pub name: String,
    /// Every constraint that it fails.
    pub failed: Vec<Failure>,
}

/// A constraint that is not met by anything claimed of the field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    /// Id of the constraint.
    pub constraint: String,
    /// Its field.
    pub field: String,
    /// What is claimed.
    pub found: Vec<ObservedValue>,
}

/// A question to ask the vendor (確認要): a remaining candidate may or may not meet a constraint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// Id of the candidate.
    pub candidate: String,
    /// Its name.
    pub name: String,
    /// Id of the constraint.
    pub constraint: String,
    /// Its field.
    pub field: String,
    /// Claims that disagree on the answer; empty when nothing is published.
    pub found: Vec<ObservedValue>,
}

/// What the constraints leave.
#[derive(Debug)]
pub(super) struct Screening<'c> {
    pub(super) survivors: Vec<&'c Candidate>,
    pub(super) excluded: Vec<Excluded>,
    pub(super) questions: Vec<Question>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Pass,
    Fail,
    ToConfirm,
}

/// Splits the candidates; only who remains is worth a question.
pub(super) fn screen<'c>(constraints: &[Constraint], candidates: &[&'c Candidate]) -> Screening<'c> {
    let mut screening = Screening { survivors: Vec::new(), excluded: Vec::new(), questions: Vec::new() };
    for candidate in candidates {
        let (mut failed, mut questions) = (Vec::new(), Vec::new());
        for constraint in constraints {
            let found = claims(candidate, &constraint.field);
            match judge(&constraint.test, found) {
                Verdict::Pass => {}
                Verdict::Fail => failed.push(Failure {
                    constraint: constraint.id.clone(),
                    field: constraint.field.clone(),
                    found: found.to_vec(),
                }),
                Verdict::ToConfirm => questions.push(Question {
                    candidate: candidate.id.clone(),
                    name: candidate.name.clone(),
                    constraint: constraint.id.clone(),
                    field: constraint.field.clone(),
                    found: found.to_vec(),
                }),
            }
        }
        if failed.is_empty() {
            screening.survivors.push(candidate);
            screening.questions.append(&mut questions);
        } else {
            let (candidate, name) = (candidate.id.clone(), candidate.name.clone());
            screening.excluded.push(Excluded { candidate, name, failed });
        }
    }
    screening
}

fn claims<'c>(candidate: &'c Candidate, field: &str) -> &'c [ObservedValue] {
    candidate.observations.get(field).map_or(&[], |observed| &observed.values)
}

/// All claims must agree; nothing claimed, or a claim that does not answer the question, leaves it open.
fn judge(test: &Test, found: &[ObservedValue]) -> Verdict {
    let mut verdicts = found.iter().map(|claim| judge_one(test, &claim.value));
    let Some(first) = verdicts.next() else { return Verdict::ToConfirm };
    if verdicts.all(|verdict| verdict == first) { first } else { Verdict::ToConfirm }
}

fn judge_one(test: &Test, claim: &Observation) -> Verdict {
    let decided = |pass: bool| if pass { Verdict::Pass } else { Verdict::Fail };
    match (test, claim, claim.as_interval()) {
        (_, Observation::Codes(codes), _) if codes.is_empty() => Verdict::ToConfirm,
        (Test::Is(wanted), Observation::Codes(codes), _) => decided(codes.contains(wanted)),
        (Test::AnyOf(wanted), Observation::Codes(codes), _) => {
            decided(codes.iter().any(|code| wanted.contains(code)))
        }
        (Test::Not(unwanted), Observation::Codes(codes), _) => {
            decided(!codes.iter().any(|code| unwanted.contains(code)))
        }
        (Test::AtLeast(bound), _, Some((low, high))) => between(low >= *bound, high < *bound),
        (Test::AtMost(bound), _, Some((low, high))) => between(high <= *bound, low > *bound),
        _ => Verdict::ToConfirm,
    }
}

fn between(surely_passes: bool, surely_fails: bool) -> Verdict {
    match (surely_passes, surely_fails) {
        (true, _) => Verdict::Pass,
        (_, true) => Verdict::Fail,
        _ => Verdict::ToConfirm,
    }
}
