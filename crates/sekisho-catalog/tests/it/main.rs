//! What the catalog promises, through its public door.
mod embedded;
mod size;
