//! Checking an exported JSONL file by itself: nothing is needed but the file and the verifier key of the log.

use std::io::{self, BufRead, Read};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::json::TYPE;
use crate::{
    checkpoint::{self, Opened},
    leaf::{Leaf, Sealed},
    merkle::{Hash, leaf_hash, verify_inclusion},
    note::VerifierKey,
    record::{join, take_parts},
    seal,
};

/// Longest line that is read: the largest record with its leaves in base64 and its text twice more.
const LINE_BYTES_MAX: u64 = 128 << 20;

/// What a file proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Records in it.
    pub records: u64,
    /// Leaves that are in the log.
    pub leaves: u64,
    /// Contents that their leaves were made from.
    pub contents: u64,
    /// Who signed the checkpoint.
    pub signers: Vec<String>,
    /// Entries that the checkpoint covers.
    pub entries: u64,
}

/// Why a file does not hold.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It could not be read.
    #[error("the file could not be read")]
    Io(#[from] io::Error),
    /// A line is not what an export writes, or is too long.
    #[error("line {line} is not of an export")]
    Line {
        /// Counted from 1.
        line: u64,
    },
    /// The checkpoint is not to be believed.
    #[error("the checkpoint is not to be believed")]
    Checkpoint(#[from] checkpoint::OpenError),
    /// A leaf is not in the log of the checkpoint.
    #[error("line {line}: entry {entry} is not in the log")]
    NotInLog {
        /// Counted from 1.
        line: u64,
        /// The entry.
        entry: u64,
    },
    /// A content is not what its leaf was made from, or the record shows something else.
    #[error("line {line}: what is shown is not what was recorded")]
    OtherContent {
        /// Counted from 1.
        line: u64,
    },
}

impl sekisho_base::Coded for VerifyError {
    fn code(&self) -> sekisho_base::Code {
        match self {
            Self::Io(_) => sekisho_base::Code::FileUnreadable,
            _ => sekisho_base::Code::ProofInvalid,
        }
    }
}

#[derive(Deserialize)]
struct Head {
    r#type: String,
    checkpoint: String,
}

#[derive(Deserialize)]
struct Line {
    record: String,
    open: Option<Map<String, Value>>,
    close: Option<Map<String, Value>>,
    event: Option<Map<String, Value>>,
    leaves: Vec<ShownLeaf>,
}

#[derive(Deserialize)]
struct ShownLeaf {
    entry: u64,
    kind: String,
    hash: String,
    proof: Vec<String>,
    leaf: Option<String>,
    salt: Option<String>,
    content: Option<String>,
}

/// Checks a file.
///
/// # Errors
/// [`VerifyError`]: the first thing that does not hold.
pub fn verify(file: &mut dyn BufRead, keys: &[VerifierKey]) -> Result<Verified, VerifyError> {
    let head = read_line(file, 1)?.ok_or(VerifyError::Line { line: 1 })?;
    let head: Head = serde_json::from_slice(&head).map_err(|_| VerifyError::Line { line: 1 })?;
    if head.r#type != TYPE {
        return Err(VerifyError::Line { line: 1 });
    }
    let opened = checkpoint::open(&head.checkpoint, keys)?;
    let mut verified = Verified {
        records: 0,
        leaves: 0,
        contents: 0,
        signers: opened.signers.iter().map(|key| key.name().to_owned()).collect(),
        entries: opened.checkpoint.size(),
    };
    for line in 2.. {
        let Some(bytes) = read_line(file, line)? else { break };
        let shown: Line = serde_json::from_slice(&bytes).map_err(|_| VerifyError::Line { line })?;
        verified.records += 1;
        for leaf in &shown.leaves {
            verified.leaves += 1;
            verified.contents += u64::from(verify_leaf(leaf, &shown, &opened, line)?);
        }
        verify_members(&shown, line)?;
    }
    Ok(verified)
}

fn read_line(file: &mut dyn BufRead, line: u64) -> Result<Option<Vec<u8>>, VerifyError> {
    let mut bytes = Vec::new();
    file.take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
    match bytes.pop() {
        None => Ok(None),
        Some(b'\n') => Ok(Some(bytes)),
        Some(_) => Err(VerifyError::Line { line }),
    }
}

/// Checks one leaf; says whether its content was proved too.
fn verify_leaf(shown: &ShownLeaf, of: &Line, opened: &Opened, line: u64) -> Result<bool, VerifyError> {
    let malformed = || VerifyError::Line { line };
    let hash: Hash = shown.hash.parse().map_err(|_| malformed())?;
    let proof: Vec<Hash> =
        shown.proof.iter().map(|hash| hash.parse()).collect::<Result<_, _>>().map_err(|_| malformed())?;
    verify_inclusion(hash, shown.entry, &opened.checkpoint.head(), &proof)
        .map_err(|_| VerifyError::NotInLog { line, entry: shown.entry })?;
    let Some(leaf) = &shown.leaf else { return Ok(false) };
    let other = || VerifyError::OtherContent { line };
    let bytes = STANDARD.decode(leaf).map_err(|_| malformed())?;
    let leaf = Leaf::parse(&bytes).map_err(|_| other())?;
    let envelope = leaf.envelope();
    let is_its = envelope.record.to_string() == of.record && envelope.kind.as_str() == shown.kind;
    if leaf_hash(&bytes) != hash || !is_its {
        return Err(other());
    }
    let (Leaf::Sealed(sealed), Some(salt), Some(content)) = (&leaf, &shown.salt, &shown.content) else {
        return Ok(false);
    };
    if commits(sealed, salt, content).ok_or_else(malformed)? { Ok(true) } else { Err(other()) }
}

fn commits(sealed: &Sealed<'_>, salt: &str, content: &str) -> Option<bool> {
    let salt = STANDARD.decode(salt).ok()?;
    Some(seal::commits_to(sealed.content_commitment, salt.as_slice().try_into().ok()?, content.as_bytes()))
}

/// Checks that the members shown are those of the contents. Texts may have been left out.
fn verify_members(shown: &Line, line: u64) -> Result<(), VerifyError> {
    let other = || VerifyError::OtherContent { line };
    for (kind, members, text) in
        [("open", &shown.open, "input"), ("close", &shown.close, "output"), ("event", &shown.event, "")]
    {
        let Some(leaf) = shown.leaves.iter().find(|leaf| leaf.kind == kind) else {
            if members.is_some() {
                return Err(other());
            }
            continue;
        };
        let Some(content) = &leaf.content else {
            // A leaf without content was erased: whatever is shown for it came from elsewhere.
            if leaf.leaf.is_some() && members.is_some() {
                return Err(other());
            }
            continue;
        };
        let (mut whole, refs) = take_parts(content.as_bytes()).map_err(|_| other())?;
        for (name, entries) in refs {
            let mut pieces = Vec::with_capacity(entries.len());
            for entry in entries {
                let part = shown.leaves.iter().find(|leaf| leaf.entry == entry && leaf.kind == "part");
                pieces.push(part.and_then(|part| part.content.as_ref()).ok_or_else(other)?.as_bytes());
            }
            join(&mut whole, name, pieces.into_iter()).map_err(|_| other())?;
        }
        let members = members.as_ref().ok_or_else(other)?;
        if !members.contains_key(text) {
            whole.remove(text);
        }
        if *members != whole {
            return Err(other());
        }
    }
    Ok(())
}
