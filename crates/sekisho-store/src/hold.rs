//! A reservation: taken before a call, settled or released after it.

use std::{fmt, str::FromStr, sync::Arc};

use crate::{
    amount::{Amount, Sum, Used},
    clock::Month,
    error::Error,
    group::GroupId,
    name::check_word,
    principal::{Principal, PrincipalId},
    store::Shared,
    usage::Usage,
};

/// Whose budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Of one who asks.
    Principal(PrincipalId),
    /// Of all in a group together.
    Group(GroupId),
}

/// Who pays for a call, and for which model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub(crate) principal: PrincipalId,
    pub(crate) groups: Arc<[GroupId]>,
    pub(crate) model: Arc<str>,
}

/// What is reserved. Dropped without a word, all of it counts as spent, since nobody knows what the call used.
pub struct Hold {
    shared: Arc<Shared>,
    charge: Charge,
    run: i64,
    seq: u64,
    month: Month,
    amount: Amount,
    is_done: bool,
}

/// What the audit record of a call keeps, so that the call can be settled after a crash: [`crate::Store::reconcile`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HoldTag {
    pub(crate) run: i64,
    pub(crate) seq: u64,
    pub(crate) month: Month,
    pub(crate) principal: PrincipalId,
    pub(crate) groups: Arc<[GroupId]>,
}

impl Subject {
    /// As in the database.
    pub(crate) fn to_row(self) -> (&'static str, i64) {
        match self {
            Self::Principal(id) => ("principal", id.0),
            Self::Group(id) => ("group", id.0),
        }
    }

    pub(crate) fn from_row(kind: &str, id: i64) -> Result<Self, Error> {
        match kind {
            "principal" => Ok(Self::Principal(PrincipalId(id))),
            "group" => Ok(Self::Group(GroupId(id))),
            _ => Err(Error::Damaged { what: "subject_kind" }),
        }
    }
}

/// `p12` or `g3`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(id) => id.fmt(f),
            Self::Group(id) => id.fmt(f),
        }
    }
}

impl Charge {
    /// To a principal and all its groups, as they are now.
    pub fn to(principal: &Principal, model: impl Into<Arc<str>>) -> Self {
        let groups = principal.groups.iter().map(|group| group.id).collect();
        Self { principal: principal.id, groups, model: model.into() }
    }

    pub(crate) fn subjects(&self) -> impl Iterator<Item = Subject> {
        subjects(self.principal, &self.groups)
    }
}

fn subjects(principal: PrincipalId, groups: &[GroupId]) -> impl Iterator<Item = Subject> {
    std::iter::once(Subject::Principal(principal)).chain(groups.iter().copied().map(Subject::Group))
}

impl Hold {
    pub(crate) fn new(
        shared: Arc<Shared>,
        charge: Charge,
        run: i64,
        seq: u64,
        month: Month,
        amount: Amount,
    ) -> Self {
        Self { shared, charge, run, seq, month, amount, is_done: false }
    }

    /// What is reserved.
    pub fn amount(&self) -> Amount {
        self.amount
    }

    /// The month to which it counts: that of the reservation, also when the call ends in the next one.
    pub fn month(&self) -> Month {
        self.month
    }

    /// For the audit record of the call.
    pub fn tag(&self) -> HoldTag {
        HoldTag {
            run: self.run,
            seq: self.seq,
            month: self.month,
            principal: self.charge.principal,
            groups: Arc::clone(&self.charge.groups),
        }
    }

    /// Books what was used, for the model that answered, and gives the rest back. More than was reserved is booked as well.
    pub fn settle(mut self, model: &str, used: Used) {
        let used = used.clamped();
        let asked = Arc::clone(&self.charge.model);
        let model = if check_word(model).is_ok() { model } else { &*asked };
        let usage = Usage {
            requests: 1,
            prompt_tokens: used.prompt_tokens,
            completion_tokens: used.completion_tokens,
            unaccounted_tokens: 0,
            micro_yen: used.micro_yen,
        };
        self.end(Some((model, usage)));
    }

    /// Gives all of it back: the call did not take place.
    pub fn release(mut self) {
        self.end(None);
    }

    fn end(&mut self, booked: Option<(&str, Usage)>) {
        if !std::mem::replace(&mut self.is_done, true) {
            self.shared.ledger().end(&self.charge, self.month, self.seq, Sum::from(self.amount), booked);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let usage = Usage {
            requests: 1,
            unaccounted_tokens: self.amount.tokens,
            micro_yen: self.amount.micro_yen,
            ..Usage::default()
        };
        let model = Arc::clone(&self.charge.model);
        self.end(Some((&model, usage)));
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold")
            .field("tag", &self.tag().to_string())
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

/// A hold on its way to whoever waits for it. If they went away, it is as if it had never been.
pub(crate) struct Ungiven(Option<Hold>);

impl Ungiven {
    pub(crate) fn new(hold: Hold) -> Self {
        Self(Some(hold))
    }

    pub(crate) fn take(mut self) -> Option<Hold> {
        self.0.take()
    }
}

impl Drop for Ungiven {
    fn drop(&mut self) {
        if let Some(hold) = self.0.take() {
            hold.release();
        }
    }
}

impl HoldTag {
    /// Which life of a process reserved it.
    pub fn run(&self) -> i64 {
        self.run
    }

    pub(crate) fn subjects(&self) -> impl Iterator<Item = Subject> {
        subjects(self.principal, &self.groups)
    }
}

/// Not the text of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the tag of a hold")]
pub struct NotATag;

/// `h1.<run>.<number>.<month>.<principal>.<groups>`, for example `h1.7.120.202611.12.3-4`.
impl fmt::Display for HoldTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "h1.{}.{}.{}.{}.", self.run, self.seq, self.month.number(), self.principal.0)?;
        for (index, group) in self.groups.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { "-" }, group.0)?;
        }
        Ok(())
    }
}

impl FromStr for HoldTag {
    type Err = NotATag;

    fn from_str(text: &str) -> Result<Self, NotATag> {
        let mut parts = text.strip_prefix("h1.").ok_or(NotATag)?.split('.');
        let mut number = || {
            let number: i64 = parts.next().and_then(|part| part.parse().ok()).ok_or(NotATag)?;
            if number < 0 { Err(NotATag) } else { Ok(number) }
        };
        let (run, seq) = (number()?, number()? as u64);
        let month = Month::of_number(number()?).ok_or(NotATag)?;
        let principal = PrincipalId(number()?);
        let groups = parts.next().ok_or(NotATag)?;
        let groups: Option<Arc<[GroupId]>> = match groups {
            "" => Some(Arc::new([])),
            groups => groups.split('-').map(|group| group.parse().ok().map(GroupId)).collect(),
        };
        let tag = Self { run, seq, month, principal, groups: groups.ok_or(NotATag)? };
        // One text for one tag: no leading zeros, no signs, nothing behind.
        if tag.to_string() == text { Ok(tag) } else { Err(NotATag) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{GroupId, HoldTag, Month, PrincipalId};

    proptest! {
        #[test]
        fn what_is_written_is_read(
            run in 0..i64::MAX,
            seq in 0..i64::MAX as u64,
            month in 1_u8..=12,
            principal in 0..i64::MAX,
            groups in proptest::collection::vec(0..i64::MAX, 0..5),
        ) {
            let groups = groups.into_iter().map(GroupId).collect();
            let month = Month::new(2026, month).unwrap();
            let tag = HoldTag { run, seq, month, principal: PrincipalId(principal), groups };
            prop_assert_eq!(tag.to_string().parse::<HoldTag>(), Ok(tag));
        }

        #[test]
        fn reading_never_panics(text in "(h1)?[.0-9-]{0,40}|.{0,20}") {
            if let Ok(tag) = text.parse::<HoldTag>() {
                prop_assert_eq!(tag.to_string(), text);
            }
        }
    }
}
