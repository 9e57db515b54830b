//! The gate as an organisation sets it up: one settings file, what it settles to, and what runs.
//!
//! Three shapes, each made of the one before: [`file::SettingsFile`] as a person wrote it, [`Settings`] with nothing left
//! open, and [`Built`], which requests pass through. Every problem of every file is a [`Problem`], and all are told at once.

mod build;
mod file;
mod files;
mod log;
mod oidc;
mod origin;
mod phrases;
mod problem;
mod run;
mod settings;
mod source;
mod traces;
mod upstream;

pub(crate) use build::{Around, Built, Kept, build, chain};
pub(crate) use files::Files;
pub(crate) use origin::{Flags, Origin};
pub(crate) use phrases::sentence;
pub(crate) use problem::{Problem, ProblemKind, failure};
pub(crate) use run::{Places, audit_path, run, store_path};
pub(crate) use settings::{Settings, load};
pub(crate) use upstream::Kind;

/// Milliseconds since 1970, by the clock of the machine.
pub(crate) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

/// Nanoseconds since 1970, by the same clock.
fn now_ns() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}
