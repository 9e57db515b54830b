//! The commands over the store: people, keys, budgets, templates, copies, and what the audit log says of it all.

mod house;
mod import;
mod keys;
mod records;
mod users;
