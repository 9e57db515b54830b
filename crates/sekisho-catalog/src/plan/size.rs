//! How much memory a model needs, on which GPUs it fits, and how fast it can be at most.
//!
//! Never one number where the input is not exact: bounds, and the reason for each. The harm of sizing is too little
//! memory, so a verdict of "fits" looks at the upper bound.
//!
//! Read first: [`fit::Subject`], [`fit::Workload`], [`fit::Sizing`].

pub mod fit;
pub mod header;
pub mod kv;
pub mod preset;
pub mod quant;
#[cfg(test)]
mod sample;
pub mod shape;
pub mod speed;
