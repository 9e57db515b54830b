//! Who may do what: policies in the language Cedar, which people of the organisation write and read.
//!
//! This judges *whether* somebody may ask a model for a purpose at a label. *Where* the question may be sent is judged by
//! the clearances of the upstreams, apart from this and always. What no policy permits is refused, and a policy that fails
//! while it is judged refuses too: Cedar by itself would pass over a `forbid` that fails.
//!
//! ```
//! use sekisho_guard::Scheme;
//! use sekisho_serve::access::{Access, DEFAULT, Deed, PrincipalKind, Question, Vocabulary};
//!
//! let scheme = Scheme::built_in().remove(0);
//! let access = Access::parse(DEFAULT, &Vocabulary::new(scheme)).expect("it comes with the program");
//! let groups = ["auditor".to_owned()];
//! let question =
//!     Question { principal: "sato", principal_kind: PrincipalKind::Person, groups: &groups, deed: Deed::ReadAudit };
//! assert!(access.decide(&question).allowed);
//! ```

mod judge;
mod load;
mod memory;
mod words;

use std::{fmt, sync::Arc};

use sekisho_guard::{Label, Scheme};
use serde::Serialize;

use crate::Place;
use judge::Judge;
use memory::Memory;

pub use load::{Field, NESTING_MAX, OPERATORS_MAX, POLICIES_MAX, POLICY_BYTES_MAX, Problem, ProblemKind};

/// The schema: what a policy may speak of.
pub const SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/access/schema.cedarschema"));
/// The policy that holds until the settings name another.
pub const DEFAULT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/access/default.cedar"));

/// Groups that exist everywhere: the default policy speaks of them.
pub const BUILT_IN_GROUPS: [&str; 2] = ["admin", "auditor"];
/// Most tools that one request may name; one with more is refused.
pub const TOOLS_MAX: usize = 128;

/// The names that a policy may use. A name that stands nowhere else would never match, and nobody would notice.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    /// The groups of the organisation, besides [`BUILT_IN_GROUPS`].
    pub groups: Vec<String>,
    /// The models on offer.
    pub models: Vec<Model>,
    /// The purposes (業務目的) that people may state; empty for any.
    pub purposes: Vec<String>,
    /// The scheme of labels.
    pub scheme: Scheme,
}

/// A model on offer, as far as policies see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Where its upstreams stand.
    pub places: Vec<Place>,
}

impl Vocabulary {
    /// No names but the labels of `scheme`.
    pub fn new(scheme: Scheme) -> Self {
        Self { groups: Vec::new(), models: Vec::new(), purposes: Vec::new(), scheme }
    }
}

/// What is to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// Who.
    pub principal: &'q str,
    /// What kind of principal that is.
    pub principal_kind: PrincipalKind,
    /// Its groups. One that the vocabulary does not hold cannot matter, since no policy can speak of it.
    pub groups: &'q [String],
    /// What the principal is about to do.
    pub deed: Deed<'q>,
}

/// What kind of principal somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// A person.
    Person,
    /// A program of the organisation or of a vendor.
    Service,
}

impl PrincipalKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Person, Self::Service];

    /// That of a principal of the store.
    pub fn of(kind: sekisho_store::Kind) -> Self {
        match kind {
            sekisho_store::Kind::User => Self::Person,
            sekisho_store::Kind::System => Self::Service,
        }
    }

    /// The word that policies use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
        }
    }
}

/// What a principal is about to do.
#[derive(Debug, Clone, Copy)]
pub enum Deed<'q> {
    /// Ask a model.
    Ask(Ask<'q>),
    /// Read the audit log.
    ReadAudit,
    /// Make, change or withdraw keys.
    ManageKeys,
    /// Make, change or remove principals and groups.
    ManageUsers,
    /// Approve a prompt template.
    ApproveTemplate {
        /// Who wrote it, if that is known.
        author: Option<&'q str>,
    },
}

impl Deed<'_> {
    /// The name of the action in policies.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Ask(_) => "ask",
            Self::ReadAudit => "read_audit",
            Self::ManageKeys => "manage_keys",
            Self::ManageUsers => "manage_users",
            Self::ApproveTemplate { .. } => "approve_template",
        }
    }
}

/// A request to a model, as far as policies see it.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'q> {
    /// The model.
    pub model: &'q str,
    /// What is asked for.
    pub kind: Kind,
    /// The purpose that was stated.
    pub purpose: Option<&'q str>,
    /// The name of the prompt template that is used.
    pub template: Option<&'q str>,
    /// The label of the whole request. One of another scheme counts as what that says here, else as the highest.
    pub label: &'q Label,
    /// The names of the tools in it.
    pub tools: &'q [&'q str],
    /// Whether there are images in it.
    pub has_images: bool,
}

/// What a model is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names of the formats say it")]
pub enum Kind {
    Chat,
    Completion,
    Embedding,
    Rerank,
    Tokenize,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Chat, Self::Completion, Self::Embedding, Self::Rerank, Self::Tokenize];

    /// The word that policies use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completion => "completion",
            Self::Embedding => "embedding",
            Self::Rerank => "rerank",
            Self::Tokenize => "tokenize",
        }
    }
}

/// What was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether it may be done.
    pub allowed: bool,
    /// The ids of the policies that decided, sorted: the permits if allowed, the forbids if not. A refusal without any
    /// is one that no policy permits.
    pub policies: Vec<Arc<str>>,
    /// What went wrong on the way. Any of these refuses.
    pub errors: Vec<Error>,
}

/// Why a question could not be judged, and so is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what its fields are")]
pub enum Error {
    /// The model is not in the vocabulary.
    #[error("no model is called {model}")]
    UnknownModel { model: String },
    /// More tools than a request may name.
    #[error("the request names more than {max} tools")]
    TooManyTools { max: usize },
    /// A policy failed while it was judged: an overflow, for instance.
    #[error("policy {policy} failed: {detail}")]
    Failed { policy: Arc<str>, detail: String },
    /// The question does not fit the schema: a defect of ours.
    #[error("the question does not fit the schema: {detail}")]
    Question { detail: String },
}

/// Whether a policy permits or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "two words of the language itself")]
pub enum Effect {
    Permit,
    Forbid,
}

/// A policy, as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Its `@id`.
    pub id: Arc<str>,
    /// Where it stands, counted from 1.
    pub line: usize,
    /// Whether it permits or forbids.
    pub effect: Effect,
    /// Its `@why_ja`.
    pub why_ja: Option<String>,
    /// Its `@why_en`.
    pub why_en: Option<String>,
}

/// A decision, with how each policy stood to the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// Every policy, in the order of the file.
    pub policies: Vec<(Policy, Standing)>,
}

/// How a policy stands to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It speaks of the question, and its conditions hold.
    Applies,
    /// It does not speak of it, or a condition does not hold.
    Silent,
    /// It failed.
    Failed,
}

/// The policies of an organisation, ready to judge. Cheap to clone; a changed file is a new one of these.
#[derive(Clone)]
pub struct Access(Arc<Parts>);

struct Parts {
    judge: Judge,
    memory: Memory,
}

impl Access {
    /// Reads policies, and holds them strictly against the schema and the names that exist.
    ///
    /// # Errors
    /// All problems of the file, by line. Nothing of a file with a problem is used.
    pub fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self, Vec<Problem>> {
        let loaded = load::parse(text, vocabulary)?;
        Ok(Self(Arc::new(Parts { judge: Judge::new(loaded, vocabulary), memory: Memory::new() })))
    }

    /// Judges. The same question gets the same answer, so answers are remembered for a while.
    pub fn decide(&self, question: &Question<'_>) -> Arc<Decision> {
        let Parts { judge, memory } = &*self.0;
        memory.recall(&judge.key(question), || judge.decide(question))
    }

    /// Judges, and says how every policy stood to the question. Slower: for people.
    pub fn explain(&self, question: &Question<'_>) -> Explanation {
        self.0.judge.explain(question)
    }

    /// The policies, in the order of the file.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.0.judge.policies()
    }

    /// The policies that decided: what their `@why_ja` and `@why_en` say is the reason to show.
    pub fn reasons<'a>(&'a self, decision: &'a Decision) -> impl Iterator<Item = &'a Policy> {
        self.policies().filter(|policy| decision.policies.contains(&policy.id))
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({} policies)", self.policies().count())
    }
}

#[cfg(test)]
mod tests;
