//! What may pass: labels, detectors, rules, masks, and screening of text while it flows.
//!
//! This crate is *not* the gateway: it knows no requests, no upstreams and no people. It reads no files either; data
//! files arrive as text.
//!
//! A text travels under a [`Label`] in a [`Direction`]. Detectors say what stands in it ([`Span`]); the rules of a
//! [`Policy`] say what happens to that; a [`Guard`] holds both and screens whole texts and streams alike.
//!
//! Read first: [`Guard`], [`Detector`], [`Policy`].
//!
//! ```
//! use sekisho_guard::{Context, Direction, End, Action, Guard, Policy, Restorer, Scheme, Vault};
//!
//! let scheme = Scheme::built_in().remove(0);
//! let policy = Policy::parse(r#"
//! version = 1
//! id = "sample"
//! title = { ja = "例", en = "sample" }
//! [[rule]]
//! id = "phones"
//! version = 1
//! why = { ja = "電話番号は渡さない。", en = "Telephone numbers stay here." }
//! taxonomy = ["owasp-llm:2026:LLM02"]
//! kinds = ["PHONE"]
//! action = "mask"
//! reversible = true
//! "#, &scheme)?;
//! // Detectors come first here; none finds nothing.
//! let guard = Guard::new(Vec::new(), policy)?;
//! let context = Context { label: scheme.highest(), direction: Direction::Input };
//! let vault = Vault::new();
//! assert_eq!(guard.screen("本日は晴天なり", &context, Some(&vault)).text(), Ok("本日は晴天なり"));
//!
//! let mut stream = guard.stream(Context { direction: Direction::Output, ..context }, Some(vault.clone()));
//! let mut restorer = Restorer::new(vault);
//! assert_eq!(restorer.push(&stream.push("本日は").text), "本日");
//! let last = stream.finish();
//! assert_eq!((restorer.push(&last.text), last.end), ("は".to_owned(), Some(End::Complete(Action::Pass))));
//! # Ok::<(), sekisho_guard::Error>(())
//! ```
mod address;
mod built_in;
pub mod canary;
mod detector;
mod error;
mod file;
mod folded;
mod guard;
#[cfg(test)]
mod hold_check;
pub mod injection;
mod judge;
mod kind;
mod label;
mod lexicon;
pub mod marking;
mod mask;
pub mod names;
mod phrase;
mod pii;
mod policy;
pub mod promise;
mod rule_card;
#[cfg(test)]
mod samples;
pub mod score;
mod screen;
pub mod secret;
mod stream;
pub mod table;
pub mod topic;
mod window;

pub use address::Addresses;
pub use built_in::built_in_detectors;
pub use canary::Canaries;
pub use detector::{Detector, Evidence, Reach, SURE_FROM, Span, Unavailable, View};
pub use error::Error;
pub use file::{PROBLEMS_MAX, Problem, ProblemKind, Words};
pub use guard::Guard;
pub use injection::Injection;
pub use judge::{Judge, Opinion, Sentences};
pub use kind::Kind;
pub use label::{Checked, Label, Level, Scheme, Source};
pub use marking::Markings;
pub use mask::{Restorer, VAULT_BYTES_MAX, VAULT_ENTRIES_MAX, Vault};
pub use names::Names;
pub use pii::Pii;
pub use policy::{
    Action, Context, Direction, POLICY_BYTES_MAX, Policy, RULES_MAX, Rule, TEXTS_MAX, TRIALS_MAX,
};
pub use rule_card::{CardTest, RuleCard};
pub use screen::{
    Failure, Finding, OffsetMap, Refusal, Replacement, TEXT_BYTES_MAX, Verdict, disjoint, scan,
};
pub use secret::Secrets;
pub use stream::{End, Event, Released, STEP_CHARS, Stream};
pub use topic::Topics;
