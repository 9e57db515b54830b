//! Japanese text as the rest of Sekisho needs it: how wide it is on a terminal, what number it spells, and under which
//! form two spellings are the same word.
//!
//! This crate is *not* for sentences shown to people (those live in `locales/`), and it reads no files.
//!
//! Read first: [`width`], [`numeral`], [`fold`].
//!
//! ```
//! use sekisho_text::{fold, numeral, width};
//! assert_eq!(width::of("国産LLM"), 7);
//! assert_eq!(numeral::parse_quantity("4,600億"), Ok(460_000_000_000.0));
//! assert_eq!(fold::key("ＴＳＵＺＵＭＩ　２"), fold::key("tsuzumi 2"));
//! ```
pub mod fold;
pub mod normal;
pub mod numeral;
pub mod width;
