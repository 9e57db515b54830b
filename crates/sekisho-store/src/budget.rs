//! Limits of principals and groups, and how they stand.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    amount::{Amount, Limits, SUM_MAX, Sum},
    clock::Month,
    error::{Error, Item},
    group::require_group,
    hold::Subject,
    ledger::AccountKey,
    principal::require,
    run,
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
        let Limits { tokens_max, micro_yen_max } = spec.limits;
        if tokens_max.max(micro_yen_max).is_some_and(|max| max > SUM_MAX) {
            return Err(Error::TooLarge { item: Item::Budget, max: SUM_MAX });
        }
        let now_ms = self.now_ms();
        self.change(|db| {
            require_subject(db, spec.budget.subject)?;
            let (kind, id) = spec.budget.subject.to_row();
            db.execute(
                "INSERT INTO budget (subject_kind, subject, month, tokens_max, micro_yen_max, changed_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET tokens_max = excluded.tokens_max,
                     micro_yen_max = excluded.micro_yen_max, changed_ms = excluded.changed_ms",
                params![kind, id, month_number(spec.budget.month), tokens_max, micro_yen_max, now_ms],
            )?;
            Ok(())
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
            match db.execute(sql, params![kind, id, month_number(budget.month)])? {
                0 => Err(Error::no_such(Item::Budget, budget.subject)),
                _ => Ok(()),
            }
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

fn month_number(month: Option<Month>) -> u32 {
    month.map_or(0, Month::number)
}

fn require_subject(db: &Connection, subject: Subject) -> Result<(), Error> {
    match subject {
        Subject::Principal(id) => require(db, id),
        Subject::Group(id) => require_group(db, id),
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
