//! Whole transcripts of the real binary: what a person types, and what comes back on both streams.
mod catalog;
mod run;
