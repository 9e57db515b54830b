//! What follows for a plan from what is known: how large, how dear, which one.
//!
//! Pure arithmetic over plain structs; [`crate::plan::subject`] fills them from the catalog, the edge words the answer.

pub mod candidates;
pub mod choose;
pub mod cost;
pub mod size;
pub mod subject;
