//! `sekisho audit`: a log from its first record to its proofs, and what finds each kind of tampering.

mod beside;
mod damage;
mod desk;
mod drill;
mod forge;
mod forged;
mod keys;
mod life;
mod limits;
mod witness;
