//! The tests that stand beside the rules: a policy that fails them is not taken.

use std::sync::Arc;

use super::{Action, Policy, Rule};
use crate::{
    Context, Detector, Problem, ProblemKind, Refusal, Vault,
    screen::{self, Verdict},
};

/// A text and what the whole policy should do with it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trial {
    pub(super) text: String,
    pub(super) context: Context,
    pub(super) expect: Action,
    pub(super) result: Option<String>,
    pub(super) line: usize,
    pub(super) path: String,
}

/// Every trial that came out differently.
pub(super) fn run(policy: &Arc<Policy>, detectors: &Arc<[Arc<dyn Detector>]>) -> Vec<Problem> {
    let trials = policy.rules.iter().flat_map(|rule| rule.trials.iter().map(move |trial| (rule, trial)));
    let problems = trials.filter_map(|(rule, trial)| {
        let vault = Vault::new();
        let verdict = screen::screen(policy, detectors, &trial.context, Some(&vault), &trial.text);
        let kind = compare(rule, trial, &verdict)?;
        Some(Problem { line: trial.line, path: trial.path.clone(), kind })
    });
    problems.collect()
}

fn compare(rule: &Rule, trial: &Trial, verdict: &Verdict) -> Option<ProblemKind> {
    if let Some(Refusal::Detector { detector, .. }) = verdict.refusal() {
        return Some(ProblemKind::TestUnavailable {
            rule: rule.id.clone(),
            detector: (*detector).to_owned(),
        });
    }
    if verdict.action != trial.expect {
        let (expected, found) = (trial.expect.to_string(), verdict.action.to_string());
        return Some(ProblemKind::TestFailed { rule: rule.id.clone(), expected, found });
    }
    if let Some(expected) = &trial.result
        && verdict.released() != expected
    {
        let (expected, found) = (expected.clone(), verdict.released().to_owned());
        return Some(ProblemKind::TestFailed { rule: rule.id.clone(), expected, found });
    }
    // A test that passes without its rule would pass after the rule is broken as well.
    let took_part = verdict.findings.iter().flat_map(|finding| &finding.rules).any(|one| one.id == rule.id);
    (trial.expect == rule.action && !took_part)
        .then(|| ProblemKind::TestWithoutRule { rule: rule.id.clone() })
}
