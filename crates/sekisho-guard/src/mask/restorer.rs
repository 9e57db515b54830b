//! Puts originals back into an answer while it flows.

use std::fmt;

use super::{Start, Vault, read_start};

/// Puts the originals of one conversation back into a model's answer, in whatever pieces it arrives. What the vault does
/// not know stays as it is, and what was put back is not looked at again.
///
/// It works on plain text: in the arguments of a tool call, on each string after JSON was read and before it is written.
///
/// It comes after screening: originals were allowed to this reader when they were masked with a way back.
pub struct Restorer {
    vault: Vault,
    /// The beginning of what may become a placeholder.
    pub(super) held: String,
}

impl fmt::Debug for Restorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Restorer({} bytes held)", self.held.len())
    }
}

impl Restorer {
    /// For answers in the conversation of `vault`.
    pub fn new(vault: Vault) -> Self {
        Self { vault, held: String::new() }
    }

    /// Takes the next piece, and gives what is certain.
    pub fn push(&mut self, piece: &str) -> String {
        self.held.push_str(piece);
        let mut out = String::with_capacity(self.held.len());
        let mut rest = self.held.as_str();
        while let Some(at) = rest.find(['[', '［']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let bytes = match read_start(rest) {
                Start::Open => break,
                Start::Placeholder { stands, number, bytes } => match self.vault.original(stands, number) {
                    Some(original) => {
                        out.push_str(&original);
                        rest = &rest[bytes..];
                        continue;
                    }
                    None => bytes,
                },
                Start::Other => rest.chars().next().map_or(0, char::len_utf8),
            };
            out.push_str(&rest[..bytes]);
            rest = &rest[bytes..];
        }
        let held = if matches!(read_start(rest), Start::Open) { rest.len() } else { 0 };
        out.push_str(&rest[..rest.len() - held]);
        self.held.drain(..self.held.len() - held);
        out
    }

    /// What was still held when the answer ended.
    pub fn finish(self) -> String {
        self.held
    }

    /// A whole answer at once.
    pub fn restore(vault: &Vault, text: &str) -> String {
        let mut restorer = Self::new(vault.clone());
        let mut out = restorer.push(text);
        out.push_str(&restorer.finish());
        out
    }
}
