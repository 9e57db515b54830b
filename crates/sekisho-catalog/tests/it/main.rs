//! What the catalog promises, through its public door.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails should say so at once")]

mod embedded;
mod size;
