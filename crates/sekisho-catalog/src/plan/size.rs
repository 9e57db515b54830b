//! The memory that a model needs, and from what it follows.
pub mod header;
