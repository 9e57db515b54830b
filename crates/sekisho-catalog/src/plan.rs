//! What follows from the facts for a plan: what size a model has in memory, what it costs, which one to choose.
//! Figures and reasons only; the edge words and draws them.
pub mod size;
