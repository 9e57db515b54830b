//! Limits of principals and groups, and how they stand.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use crate::{
    amount::{Amount, Limits, SUM_MAX, Sum},
    clock::Month,
    error::{Error, Item},
    group,
    hold::Subject,
    ledger::AccountKey,
    principal, run,
    store::Store,
    usage,
};

/// Limits of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Budget {
    /// Whose.
    pub subject: Subject,
    /// For that month only; `None`: for every month that has none of its own.
    pub month: Option<Month>,
}

/// What is set for a [`Budget`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetSpec {
    /// Whose and when.
    pub budget: Budget,
    /// How much.
    pub limits: Limits,
}

/// How a budget stands, as written: the use of the last moments may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The limits of the month.
    pub limits: Limits,
    /// What was used.
    pub used: Amount,
    /// What processes have leased, those that crashed included, and not used yet.
    pub leased: Amount,
}

impl Store {
    /// Sets limits, in the place of those that were there. They hold at once for calls that are still to be reserved, here,
    /// and within a tick in other processes.
    ///
    /// # Errors
    /// [`Error::NoSuch`] subject, [`Error::TooLarge`], or the store failed.
    pub fn set_budget(&self, spec: &BudgetSpec) -> Result<(), Error> {
        spec.limits.check()?;
        let now_ms = self.now_ms();
        self.change(|db| {
            let name = name_of_subject(db, spec.budget.subject)?;
            insert(db, spec, now_ms)?;
            self.note(db, "budget.set", name, &facts(spec.budget, spec.limits))
        })
    }

    /// Takes limits away.
    ///
    /// # Errors
    /// [`Error::NoSuch`], or the store failed.
    pub fn remove_budget(&self, budget: Budget) -> Result<(), Error> {
        self.change(|db| {
            let (kind, id) = budget.subject.to_row();
            let sql = "DELETE FROM budget WHERE subject_kind = ?1 AND subject = ?2 AND month = ?3";
            if db.execute(sql, params![kind, id, month_number(budget.month)])? == 0 {
                return Err(Error::no_such(Item::Budget, budget.subject));
            }
            let name = name_of_subject(db, budget.subject)?;
            self.note(db, "budget.removed", name, &facts(budget, Limits::default()))
        })
    }

    /// All limits, by subject and month.
    pub fn budgets(&self) -> Vec<BudgetSpec> {
        let directory = self.directory();
        let each = directory.budgets().iter().flat_map(|(&subject, months)| {
            months
                .iter()
                .map(move |(&month, &limits)| BudgetSpec { budget: Budget { subject, month }, limits })
        });
        let mut all: Vec<_> = each.collect();
        all.sort_by_key(|spec| spec.budget);
        all
    }

    /// How somebody stands in a month. After [`Store::flush`] it is exact.
    ///
    /// # Errors
    /// The store failed.
    pub fn standing(&self, subject: Subject, month: Month) -> Result<Standing, Error> {
        let limits = self.directory().limits(subject, month);
        let key = AccountKey { subject, month };
        let mut reader = self.shared().reader();
        // Use and leases of one moment: what is booked leaves the lease in the same transaction.
        let transaction = reader.transaction()?;
        let used: Sum = usage::sum(&transaction, key)?;
        let leased: Sum = run::leased_by_others(&transaction, key, 0)?;
        Ok(Standing { limits, used: used.into(), leased: leased.into() })
    }
}

/// Writes limits, in the place of those that were there.
pub(crate) fn insert(db: &Connection, spec: &BudgetSpec, now_ms: u64) -> Result<(), Error> {
    let (kind, id) = spec.budget.subject.to_row();
    let Limits { tokens_max, micro_yen_max } = spec.limits;
    db.execute(
        "INSERT INTO budget (subject_kind, subject, month, tokens_max, micro_yen_max, changed_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET tokens_max = excluded.tokens_max,
             micro_yen_max = excluded.micro_yen_max, changed_ms = excluded.changed_ms",
        params![kind, id, month_number(spec.budget.month), tokens_max, micro_yen_max, now_ms],
    )?;
    Ok(())
}

impl Limits {
    /// Whether they can be set.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn check(&self) -> Result<(), Error> {
        if self.tokens_max.max(self.micro_yen_max).is_some_and(|max| max > SUM_MAX) {
            return Err(Error::TooLarge { item: Item::Budget, max: SUM_MAX });
        }
        Ok(())
    }
}

/// What the note of a change says of limits.
pub(crate) fn facts(budget: Budget, limits: Limits) -> Value {
    json!({
        "of": match budget.subject { Subject::Principal(_) => "user", Subject::Group(_) => "group" },
        "month": budget.month.map(|month| month.to_string()),
        "tokens_max": limits.tokens_max,
        "micro_yen_max": limits.micro_yen_max,
    })
}

fn month_number(month: Option<Month>) -> u32 {
    month.map_or(0, Month::number)
}

fn name_of_subject(db: &Connection, subject: Subject) -> Result<String, Error> {
    match subject {
        Subject::Principal(id) => principal::name_of(db, id),
        Subject::Group(id) => group::name_of(db, id),
    }
}

/// Whether a subject is known at all: tags of holds come from outside.
pub(crate) fn is_known(db: &Connection, subject: Subject) -> Result<bool, Error> {
    let (kind, id) = subject.to_row();
    let sql = match subject {
        Subject::Principal(_) => "SELECT ?1 FROM principal WHERE id = ?2",
        Subject::Group(_) => "SELECT ?1 FROM user_group WHERE id = ?2",
    };
    Ok(db.query_row(sql, params![kind, id], |_| Ok(())).optional()?.is_some())
}
