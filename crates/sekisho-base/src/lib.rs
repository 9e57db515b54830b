//! Words that every floor of Sekisho shares: known and unknown values, money, sizes, and the list of error codes.
//!
//! This crate is *not* for tools: it holds types without I/O, without async and without sentences. "Two crates need
//! it" is not enough to put a thing here.
//!
//! Read first: [`Known`], [`ByteCount`], [`Code`].
//!
//! ```
//! use sekisho_base::{ByteCount, Known};
//! let weights: Known<ByteCount> = Known::Value(ByteCount(30_000_000_000));
//! assert_eq!(weights.map(|bytes| bytes.to_gb()), Known::Value(30.0));
//! let silent: Known<u64> = Known::Undisclosed;
//! assert_eq!(silent.value(), None);
//! ```
mod code;
mod known;
mod quantity;

pub use code::{Code, Coded, Fault};
pub use known::Known;
pub use quantity::{ByteCount, Yen};
