//! A pool as a person writes it into a settings file.

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{Balance, BreakerSettings, CONCURRENCY_MAX, Settings};
use crate::upstream::{Problem, ProblemKind};

/// [`Settings`] as written, times in milliseconds. Whatever is left out has its default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// [`Settings::balance`]: `least-busy` or `weighted`.
    pub balance: Option<Balance>,
    /// [`BreakerSettings::failures_max`]
    pub failures_max: Option<u32>,
    /// [`BreakerSettings::window`]
    pub window_ms: Option<u64>,
    /// [`BreakerSettings::open_for`]
    pub open_for_ms: Option<u64>,
    /// [`Settings::wait_max`]; 0 for not at all.
    pub wait_max_ms: Option<u64>,
    /// [`Settings::waiting_max`]; 0 for nobody.
    pub waiting_max: Option<usize>,
    /// [`Settings::tries_max`]
    pub tries_max: Option<u32>,
    /// [`Settings::seed`]
    pub seed: Option<u64>,
}

/// What a [`Member`](super::Member) is in a settings file, its provider left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MemberFile {
    /// [`Member::weight`](super::Member::weight); 1 where nothing is said.
    pub weight: Option<u32>,
    /// [`Member::rank`](super::Member::rank); 0 where nothing is said.
    pub rank: Option<u32>,
    /// [`Member::concurrency_max`](super::Member::concurrency_max); [`CONCURRENCY_MAX`] where nothing is said.
    pub concurrency_max: Option<usize>,
}

impl File {
    /// Settles everything.
    ///
    /// # Errors
    /// All problems, not only the first.
    pub fn settle(self) -> Result<Settings, Vec<Problem>> {
        let zeros = [
            ("failures_max", self.failures_max.map(u64::from)),
            ("window_ms", self.window_ms),
            ("open_for_ms", self.open_for_ms),
            ("tries_max", self.tries_max.map(u64::from)),
        ];
        let problems = zeros.into_iter().filter(|(_, written)| *written == Some(0));
        let problems: Vec<_> = problems.map(|(field, _)| problem(field, ProblemKind::Zero)).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let default = Settings::default();
        let time = |written: Option<u64>, default| written.map_or(default, Duration::from_millis);
        Ok(Settings {
            balance: self.balance.unwrap_or(default.balance),
            breaker: BreakerSettings {
                failures_max: self.failures_max.unwrap_or(default.breaker.failures_max),
                window: time(self.window_ms, default.breaker.window),
                open_for: time(self.open_for_ms, default.breaker.open_for),
            },
            wait_max: time(self.wait_max_ms, default.wait_max),
            waiting_max: self.waiting_max.unwrap_or(default.waiting_max),
            tries_max: self.tries_max.unwrap_or(default.tries_max),
            seed: self.seed.unwrap_or(default.seed),
        })
    }
}

impl MemberFile {
    /// Puts what is written over a member.
    ///
    /// # Errors
    /// All problems, not only the first.
    pub fn settle(self, member: super::Member) -> Result<super::Member, Vec<Problem>> {
        let mut problems = Vec::new();
        if self.weight == Some(0) {
            problems.push(problem("weight", ProblemKind::Zero));
        }
        match self.concurrency_max {
            Some(0) => problems.push(problem("concurrency_max", ProblemKind::Zero)),
            Some(count) if count > Semaphore::MAX_PERMITS => {
                problems
                    .push(problem("concurrency_max", ProblemKind::TooMany(Semaphore::MAX_PERMITS as u64)));
            }
            _ => {}
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(super::Member {
            weight: self.weight.unwrap_or(1),
            rank: self.rank.unwrap_or(0),
            concurrency_max: self.concurrency_max.unwrap_or(CONCURRENCY_MAX),
            ..member
        })
    }
}

fn problem(field: &str, kind: ProblemKind) -> Problem {
    Problem { field: field.to_owned(), kind }
}

#[cfg(test)]
mod tests {
    use super::File;
    use crate::pool::{Balance, Settings};

    #[test]
    fn what_is_left_out_has_its_default() {
        let settle = |text: &str| toml::from_str::<File>(text).expect("TOML").settle();
        assert_eq!(settle(""), Ok(Settings::default()));
        let written = settle("balance = 'weighted'\nwait_max_ms = 0").expect("settled");
        assert_eq!((written.balance, written.wait_max.is_zero()), (Balance::Weighted, true));
        let problems = settle("window_ms = 0\ntries_max = 0").expect_err("problems");
        assert_eq!(
            problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(),
            ["window_ms", "tries_max"]
        );
        assert!(toml::from_str::<File>("balanse = 'weighted'").is_err());
    }
}
