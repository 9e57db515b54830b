//! What follows from the facts: how large a machine, how much money, which model.
//! Every result is a typed verdict or number with the unknowns it rests on; nothing here is worded for a reader.
pub mod cost;
