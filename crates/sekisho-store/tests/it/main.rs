//! What the store promises, through its public door.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod budgets;
mod crash;
mod files;
mod house;
mod keys;
mod killed;
mod model;
mod people;
mod processes;
mod templates;
