//! Which upstream may receive what: models, the upstreams behind them, and the decision for one label.

use std::{collections::BTreeMap, fmt, sync::Arc};

use sekisho_guard::Label;
use sekisho_llm::{Provider, pool::Pool};
use serde::Serialize;

/// Where an upstream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// On machines of the organisation.
    OnPrem,
    /// In Japan, run by somebody else.
    Domestic,
    /// Outside Japan.
    Abroad,
}

impl Place {
    /// The word of settings and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnPrem => "on-prem",
            Self::Domestic => "domestic",
            Self::Abroad => "abroad",
        }
    }
}

/// Somewhere requests can be sent.
#[derive(Clone)]
pub struct Upstream {
    /// Its name.
    pub name: Arc<str>,
    /// The highest label that it may receive.
    pub clearance: Label,
    /// Where it stands.
    pub place: Place,
    /// Whether it is in use.
    pub is_enabled: bool,
    /// Who answers there.
    pub provider: Arc<dyn Provider>,
}

/// What a model's tokens cost, in millionths of a yen for each token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Price {
    /// Of the prompt.
    pub prompt_micro_yen: u64,
    /// Of the answer.
    pub completion_micro_yen: u64,
}

impl Price {
    /// For so many tokens.
    pub fn of(self, prompt_tokens: u64, completion_tokens: u64) -> u64 {
        let prompt = prompt_tokens.saturating_mul(self.prompt_micro_yen);
        prompt.saturating_add(completion_tokens.saturating_mul(self.completion_micro_yen))
    }
}

/// A model that is offered under a name.
#[derive(Clone)]
pub struct Offer {
    /// The name that clients use.
    pub model: Arc<str>,
    /// The label that every request to it has at least; none leaves it to the one who asks.
    pub label: Option<Label>,
    /// Where it runs, the most wanted first.
    pub ways: Vec<Way>,
    /// Most tokens of one answer: what is asked for when the request names no number.
    pub completion_tokens_max: u64,
    /// Its price.
    pub price: Price,
    /// When it was put on offer, seconds since 1970.
    pub created: u64,
}

/// One upstream of a model.
#[derive(Clone)]
pub struct Way {
    /// The upstream.
    pub upstream: Arc<Upstream>,
    /// What the model is called there.
    pub model: Arc<str>,
}

/// All models on offer.
#[derive(Clone, Default)]
pub struct Routes {
    offers: BTreeMap<Arc<str>, Arc<Offer>>,
    pools: Vec<Pool>,
}

/// Why a way is or is not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The upstream may receive it.
    Open,
    /// The label is above the upstream's clearance.
    AboveClearance,
    /// The upstream is not in use.
    Disabled,
}

/// The decision for one way, for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WayDecision {
    /// The upstream.
    pub upstream: String,
    /// Its place.
    pub place: Place,
    /// The highest label that it may receive.
    pub clearance: String,
    /// Whether it is open, and why not.
    pub standing: Standing,
}

impl Routes {
    /// Those models. Of two with one name the last counts; whoever reads settings reports it before.
    pub fn new(offers: impl IntoIterator<Item = Offer>) -> Self {
        Self {
            offers: offers.into_iter().map(|offer| (Arc::clone(&offer.model), Arc::new(offer))).collect(),
            pools: Vec::new(),
        }
    }

    /// The same, with the pools behind the upstreams: for whoever asks how they are doing.
    #[must_use]
    pub fn with_pools(mut self, pools: Vec<Pool>) -> Self {
        self.pools = pools;
        self
    }

    /// The pools behind the upstreams in use.
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// The model of that name.
    pub fn offer(&self, model: &str) -> Option<&Arc<Offer>> {
        self.offers.get(model)
    }

    /// All of them, by name.
    pub fn offers(&self) -> impl Iterator<Item = &Arc<Offer>> {
        self.offers.values()
    }
}

impl Offer {
    /// The decision for each way.
    pub fn decide(&self, label: &Label) -> Vec<WayDecision> {
        let decision = |way: &Way| WayDecision {
            upstream: way.upstream.name.to_string(),
            place: way.upstream.place,
            clearance: way.upstream.clearance.id().to_owned(),
            standing: way.standing(label),
        };
        self.ways.iter().map(decision).collect()
    }

    /// The ways that may receive data of `label`, the most wanted first.
    pub fn open_ways<'o>(&'o self, label: &'o Label) -> impl Iterator<Item = &'o Way> {
        self.ways.iter().filter(move |way| way.standing(label) == Standing::Open)
    }
}

impl Way {
    fn standing(&self, label: &Label) -> Standing {
        let upstream = &self.upstream;
        match () {
            () if !upstream.is_enabled => Standing::Disabled,
            // Labels of different schemes do not compare: such an upstream receives nothing.
            () if label.partial_cmp(&upstream.clearance).is_some_and(std::cmp::Ordering::is_le) => {
                Standing::Open
            }
            () => Standing::AboveClearance,
        }
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({}, {}, {})", self.name, self.clearance.id(), self.place.as_str())
    }
}
