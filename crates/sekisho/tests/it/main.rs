//! Whole transcripts of the real binary: what a person types, and what comes back on both streams.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails should say so at once")]

mod audit;
mod catalog;
mod choose;
mod guard;
mod people;
mod plan;
mod run;
mod serve;
