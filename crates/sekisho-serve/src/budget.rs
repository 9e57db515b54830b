//! Budgets: held before a call, settled after it.

use sekisho_base::{Code, Coded};
use sekisho_llm::{Error, Refusal};
use sekisho_store::{Amount, Charge, HoldTag, ReserveError, Store, Used};

use crate::{caller::Caller, meter};

/// A part of the budgets of a caller and its groups. Dropped without an end it counts as spent: nobody knows what was used.
pub(crate) struct Hold {
    hold: sekisho_store::Hold,
}

/// Holds what a request may use at most.
pub(crate) async fn reserve(
    store: &Store,
    caller: &Caller,
    model: &str,
    tokens: u64,
    micro_yen: u64,
) -> Result<Hold, Error> {
    let charge = Charge::to(&caller.principal, model);
    match store.reserve(charge, Amount { tokens, micro_yen }).await {
        Ok(hold) => Ok(Hold { hold }),
        Err(ReserveError::Exceeded(exceeded)) => {
            let refusal = Refusal::new(Code::BudgetExceeded);
            Err(refusal.with("budget", exceeded.to_string()).into())
        }
        Err(ReserveError::Store(error)) => Err(Refusal::new(error.code()).into()),
    }
}

impl Hold {
    /// What the record carries, so that a crash can be settled from it.
    pub(crate) fn tag(&self) -> HoldTag {
        self.hold.tag()
    }

    /// Books what was used, and gives back the rest; all of it when nothing was asked of an upstream.
    pub(crate) fn settle(self, model: &str, used: Option<meter::Used>, micro_yen: u64) {
        match used {
            Some(used) => self.hold.settle(
                model,
                Used {
                    prompt_tokens: used.prompt_tokens,
                    completion_tokens: used.completion_tokens,
                    micro_yen,
                },
            ),
            None => self.hold.release(),
        }
    }
}
