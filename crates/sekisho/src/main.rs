//! `sekisho`: flags, wiring and terminal output.
mod report;
mod words;

fn main() {}
