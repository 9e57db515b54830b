//! The tamper-evident log: what passed, what was refused, and the proof of both. The format is a promise to outsiders:
//! docs/audit-format.md.
//!
//! This crate is *not* for deciding anything, and it opens no connections: a witness on another host is reached by its
//! caller.
//!
//! Layers, from the outside in, each knowing only the ones below:
//! * `journal`: records in, proofs out; retention, erasure, search;
//! * `seal` and `keys`: from a record to a leaf of ciphertext, and back;
//! * `log`: leaves in order, durable in groups; recovery;
//! * `merkle`, `tile`, `note`, `checkpoint`, `cosignature`, `proof`, `witness`: the forms of C2SP, without files;
//! * `vfs`: the file system, so that tests can make it fail.

pub mod checkpoint;
pub mod clock;
pub mod cosignature;
pub mod entropy;
mod index;
pub mod journal;
pub mod keys;
pub mod leaf;
pub mod log;
pub mod merkle;
pub mod note;
pub mod proof;
pub mod record;
pub mod retention;
pub mod seal;
pub mod search;
pub mod segment;
pub mod tile;
pub mod vfs;
pub mod witness;
