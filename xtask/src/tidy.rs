//! `cargo xtask tidy`: the house rules of docs/style.md that a program can judge.
//!
//! Each rule looks at the same [`Tree`] and answers with [`Problem`]s; all are printed at once, with place and remedy.

mod documents;
mod errors;
mod files;
mod locales;
mod manifests;
mod rust_text;
mod sources;
mod tree;

use std::{fmt, path::Path};

use anyhow::{Result, bail};

use tree::Tree;

/// One broken rule: where, what, and (after the semicolon) what to do.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    path: String,
    /// Counted from 1.
    line: usize,
    text: String,
}

impl Problem {
    fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}

type Rule = fn(&Tree) -> Vec<Problem>;

const RULES: &[Rule] =
    &[manifests::check, sources::check, files::check, locales::check, errors::check, documents::check];

pub(crate) fn run(root: &Path) -> Result<()> {
    let tree = Tree::open(root)?;
    let mut problems: Vec<Problem> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    problems.sort();
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        count => bail!("{count} problems in {} files looked at", tree.len()),
    }
}

/// The line, counted from 1, on which the byte offset lies.
fn line_at(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
}

/// What one rule says about a planted tree, one problem per line.
#[cfg(test)]
fn said_of(rule: Rule, files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut problems = rule(&Tree::open(folder.path()).unwrap());
    problems.sort();
    problems.iter().map(Problem::to_string).chain([String::new()]).collect::<Vec<_>>().join("\n")
}
