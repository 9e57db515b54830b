//! `sekisho audit`: a log from its first record to its proofs, and what finds each kind of tampering.

mod damage;
mod desk;
mod life;
mod limits;
mod witness;
