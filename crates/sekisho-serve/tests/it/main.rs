//! The gate through its two doors, HTTP and `Provider`, with a scripted model behind it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod gate;
mod http;
mod settle;
mod traces;
