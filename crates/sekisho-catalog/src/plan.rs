//! What the facts of the catalog mean for somebody who must decide.
//! Each part takes facts and assumptions and returns numbers with what they rest on; none of them guesses.
pub mod choose;
