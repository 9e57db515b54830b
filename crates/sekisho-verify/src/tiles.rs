//! The tiles on disk against the hashes computed from the entries.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{
    files::{self, Found},
    finding::{Finding, Report},
    merkle::{Hash, Tree},
};

const WIDTH: usize = 256;

#[derive(Default)]
struct Level {
    /// Of the tile that is being filled.
    number: u64,
    hashes: Vec<Hash>,
}

pub(crate) struct Tiles {
    folder: PathBuf,
    levels: Vec<Level>,
    missing: u64,
    compared: u64,
}

impl Tiles {
    pub(crate) fn new(log: &Path) -> Self {
        Self { folder: log.join("tile"), levels: Vec::new(), missing: 0, compared: 0 }
    }

    /// Takes the next leaf hash, and compares each tile that it completes.
    pub(crate) fn push(&mut self, leaf: Hash, report: &mut Report) -> io::Result<()> {
        let (mut hash, mut level) = (leaf, 0);
        loop {
            if self.levels.len() == level {
                self.levels.push(Level::default());
            }
            self.levels[level].hashes.push(hash);
            if self.levels[level].hashes.len() < WIDTH {
                return Ok(());
            }
            let number = self.levels[level].number;
            let full = std::mem::take(&mut self.levels[level].hashes);
            self.levels[level].number += 1;
            self.compare(&path_of(level, number), &full, report)?;
            let mut tree = Tree::default();
            for hash in full {
                tree.push(hash);
            }
            hash = tree.root();
            level += 1;
        }
    }

    /// Compares the partial tiles of the present size, which is that of a published checkpoint.
    pub(crate) fn compare_partial(&mut self, report: &mut Report) -> io::Result<()> {
        for level in 0..self.levels.len() {
            let hashes = self.levels[level].hashes.clone();
            let full = path_of(level, self.levels[level].number);
            // The log may have grown since: then the whole tile is there instead, and is compared when it is reached.
            if !hashes.is_empty() && !self.folder.join(&full).exists() {
                self.compare(&format!("{full}.p/{}", hashes.len()), &hashes, report)?;
            }
        }
        Ok(())
    }

    fn compare(&mut self, path: &str, hashes: &[Hash], report: &mut Report) -> io::Result<()> {
        let wanted = hashes.concat();
        match files::find(&self.folder.join(path), wanted.len())? {
            Found::Whole(bytes) if bytes == wanted => self.compared += 1,
            Found::Missing => self.missing += 1,
            _ => report.find(Finding::new("tile-differs").with("path", format!("tile/{path}"))),
        }
        Ok(())
    }

    pub(crate) fn finish(&self, report: &mut Report) {
        if self.missing > 0 {
            let remark = Finding::new("tiles-missing").with("missing", self.missing);
            report.remark(remark.with("compared", self.compared));
        }
    }
}

/// `0/x001/x234/067`.
fn path_of(level: usize, number: u64) -> String {
    let mut path = format!("{:03}", number % 1_000);
    let mut rest = number / 1_000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1_000);
        rest /= 1_000;
    }
    format!("{level}/{path}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_are_those_of_c2sp() {
        assert_eq!(super::path_of(0, 1_234_067), "0/x001/x234/067");
        assert_eq!(super::path_of(3, 5), "3/005");
    }
}
