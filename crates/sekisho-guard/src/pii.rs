//! Personal data.
mod check;
mod cue;
pub(crate) mod data;
