//! What is known of Japanese domestic LLMs (国産LLM), how well it is known, and what follows for a plan.
//!
//! This crate is *not* for sentences or pictures: it returns facts, verdicts and numbers; the edge words and draws them.
pub mod plan;
