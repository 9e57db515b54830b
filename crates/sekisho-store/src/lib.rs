//! Durable state of one installation: people and groups, API keys, budgets and usage, prompt templates, settings.
//!
//! This crate is *not* for deciding: it says who somebody is, what a key may do and what is left of a budget; the gate
//! draws the conclusions. It knows no requests and opens no connections.
//!
//! Read first: [`Store`], [`Principal`], [`Hold`].
//!
//! ```
//! use sekisho_store::{Amount, Charge, KeySpec, Kind, PrincipalSpec, Settings, Store, Used};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let store = Store::create(&Settings::at(folder.path().join("sekisho.db")))?;
//! let who = store.add_principal(&PrincipalSpec::new(Kind::System, "chat-bot"))?;
//! let new = store.create_key(who, &KeySpec::named("first"))?;
//! let caller = store.authenticate(new.secret.expose())?;
//! let charge = Charge::to(&caller.principal, "sarashina2.2-3b");
//! let hold = store.reserve_blocking(charge, Amount { tokens: 4096, micro_yen: 0 })?;
//! hold.settle("sarashina2.2-3b", Used { prompt_tokens: 20, completion_tokens: 300, micro_yen: 0 });
//! # Ok(())
//! # }
//! ```
//!
//! # Speed
//! Who and what a key is, and what is left of a budget, lie in memory. A request takes one read of a shared directory, one
//! HMAC and one short lock; it never waits for the disk, except for the first of a budget, and where a budget is used
//! faster than it is leased. One thread writes: usage, leases and the last use of keys, in groups.
//!
//! # Why a crash never loses money
//! Before an amount can be reserved from a budget it is *leased*: a row that says how much this process may spend, in
//! a committed and synced transaction. Leases of all processes and all booked usage together never exceed the limit,
//! which the transaction that grants a lease checks while it holds the write lock. Reservations then are taken from the
//! lease in memory, and what was used is booked later: one transaction adds it to usage and takes the same from the lease,
//! so that their sum does not move. Whenever the process ends, therefore,
//! `usage + lease >= what was spent + what was reserved`, and it is `<= limit`: the budget can be over-counted, by at most the
//! lease, and never under-counted. Two things stand outside the argument. A call that used more than was reserved for it is
//! booked in full, even above the limit, but the excess is lost if the process dies before the next flush: reserve an
//! upper bound. And who has no limit has no lease; what they used since the last flush is missing after a crash until it
//! is settled from the audit log.
//!
//! After a crash the lease stays counted as spent. [`Store::left_open`] names what a dead process left behind, and
//! [`Store::reconcile`] settles it to the token: each [`Hold`] has a tag for the audit record, and the store knows which
//! tags it has booked, so it takes each use at most once, in one transaction. Without an audit log,
//! [`Rest::CountAsSpent`] closes the run for good.
//!
//! # Durability
//! SQLite in WAL mode with `synchronous=FULL`: a lease or a revoked key that was acknowledged must survive a power
//! cut, which `NORMAL` does not promise. It costs one sync for each group.
mod amount;
mod backup;
mod bootstrap;
mod budget;
mod change;
mod check;
mod clock;
mod database;
mod directory;
mod enrol;
mod entropy;
mod error;
mod group;
mod hold;
mod key;
mod key_text;
mod ledger;
mod name;
mod pepper;
mod principal;
mod reconcile;
mod run;
mod setting;
mod store;
mod template;
mod usage;
mod worker;

pub use amount::{Amount, Limits, TOKENS_MAX, Used, YEN_MICROS_MAX};
pub use bootstrap::Administrator;
pub use budget::{Budget, BudgetSpec, Standing};
pub use change::Change;
pub use check::Check;
pub use clock::{Clock, Month, NotAMonth, UtcOffset};
pub use enrol::{Enrolled, NewGroup, NewUser, Roster};
pub use entropy::{Entropy, NoEntropy, OsEntropy};
pub use error::{Error, Exceeded, Item, ReserveError, Unit};
pub use group::{Group, GroupId, GroupSpec, Role};
pub use hold::{Charge, Hold, HoldTag, NotATag, Subject};
pub use key::{Authenticated, Denied, Key, KeySpec, NewKey, Scope};
pub use key_text::{KeyId, KeySecret, KeyTextError};
pub use name::{DISPLAY_CHARS_MAX, NAME_CHARS_MAX, NameError};
pub use principal::{ExternalId, Kind, Principal, PrincipalId, PrincipalSpec};
pub use reconcile::{LeftOpen, Outcome, Rest, Settled};
pub use store::{Health, Settings, Store};
pub use template::{NotATemplate, State, TEMPLATE_BYTES_MAX, Template, TemplateId, TemplateRef};
pub use usage::{Usage, UsageRow};
