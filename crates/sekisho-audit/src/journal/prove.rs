//! Proofs of records: that their leaves stand in the log that a signed checkpoint speaks of.

use super::{Error, Reading, Record, RecordLeaf, View};
use crate::{
    checkpoint::{self, Checkpoint, Opened},
    leaf::RecordId,
    merkle::{Hash, leaf_hash, verify_inclusion},
    note::{Note, VerifierKey},
    proof::{self, Proof},
    search::Hit,
};

/// One leaf of a record, and its place in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafProof {
    /// Index in the log.
    pub index: u64,
    /// The leaf.
    pub leaf: Vec<u8>,
    /// Its inclusion proof.
    pub hashes: Vec<Hash>,
}

/// A record, proved. Needs nothing but the verifier key of the log to be checked, and works for erased records too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofBundle {
    /// The record.
    pub record: RecordId,
    /// The signed checkpoint that all proofs lead to.
    pub checkpoint: Note,
    /// Every leaf of the record.
    pub leaves: Vec<LeafProof>,
}

impl ProofBundle {
    /// Checks every leaf, and says who signed the checkpoint.
    ///
    /// # Errors
    /// When the checkpoint is not to be believed, or a leaf is not in its tree.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Opened, proof::VerifyError> {
        let opened = checkpoint::open(&self.checkpoint.to_string(), keys)?;
        for LeafProof { index, leaf, hashes } in &self.leaves {
            verify_inclusion(leaf_hash(leaf), *index, &opened.checkpoint.head(), hashes)?;
        }
        Ok(opened)
    }

    /// Entries that the checkpoint covers; none when it is not a checkpoint.
    pub fn size(&self) -> Option<u64> {
        Some(self.checkpoint.text().parse::<Checkpoint>().ok()?.size())
    }

    /// The proofs as files of C2SP tlog-proof, one for each leaf, which carries the leaf with it.
    ///
    /// # Errors
    /// None in practice: the parts were made here.
    pub fn to_proofs(&self) -> Result<Vec<Proof>, proof::ParseError> {
        let proof = |leaf: &LeafProof| {
            Proof::new(leaf.index, leaf.hashes.clone(), self.checkpoint.clone(), leaf.leaf.clone())
        };
        self.leaves.iter().map(proof).collect()
    }
}

/// Proves many records against one checkpoint, which covers all that was in the index when this was made.
pub struct Prover {
    view: Box<dyn View>,
}

impl Prover {
    /// The signed checkpoint that all proofs lead to.
    pub fn checkpoint(&self) -> &Note {
        self.view.checkpoint()
    }

    /// Entries that it covers.
    pub fn size(&self) -> u64 {
        self.view.size()
    }

    /// The inclusion proof of an entry.
    ///
    /// # Errors
    /// Those of the log; an entry that came later is not in it.
    pub fn inclusion(&self, index: u64) -> Result<Vec<Hash>, Error> {
        self.view.inclusion(index)
    }

    /// Proves a record that was read.
    ///
    /// # Errors
    /// As [`Prover::inclusion`].
    pub fn prove(&self, record: &Record) -> Result<ProofBundle, Error> {
        let leaf = |leaf: &RecordLeaf| {
            let RecordLeaf { index, bytes, .. } = leaf;
            Ok(LeafProof { index: *index, leaf: bytes.clone(), hashes: self.view.inclusion(*index)? })
        };
        let leaves = record.leaves.iter().map(leaf).collect::<Result<_, Error>>()?;
        Ok(ProofBundle { record: record.hit.record, checkpoint: self.checkpoint().clone(), leaves })
    }
}

impl std::fmt::Debug for Prover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prover({})", self.size())
    }
}

impl Reading {
    /// Proofs for many records.
    ///
    /// # Errors
    /// Those of the log.
    pub fn prover(&self) -> Result<Prover, Error> {
        self.backlog.wait();
        Ok(Prover { view: self.leaves.view(self.index.end())? })
    }

    /// Proves a record against the newest checkpoint: the published one, with its cosignatures, when it covers the record.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], and those of log and index.
    pub fn prove(&self, record: RecordId) -> Result<ProofBundle, Error> {
        let hit = self.find(record)?;
        self.prove_hit(&hit)
    }

    /// Proves a record that was found.
    ///
    /// # Errors
    /// Those of the log.
    pub fn prove_hit(&self, hit: &Hit) -> Result<ProofBundle, Error> {
        let last = hit.indices().last().unwrap_or(0);
        let view = self.leaves.view(last + 1)?;
        let mut leaves = Vec::new();
        for index in hit.indices() {
            leaves.push(LeafProof { index, leaf: view.read(index)?, hashes: view.inclusion(index)? });
        }
        Ok(ProofBundle { record: hit.record, checkpoint: view.checkpoint().clone(), leaves })
    }
}
