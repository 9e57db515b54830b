//! `cargo xtask bench`: a number that we publish is a program in `bench/src/bin/` that prints it with its conditions.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::command;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The measure to run; without it, the list of measures
    name: Option<String>,
    /// Handed on to the measure
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let measures = measures(&root.join("bench/src/bin"))?;
    match &options.name {
        Some(name) if measures.contains(name) => command::run(
            command::cargo(root)
                .args(["run", "--release", "--locked", "-p", "sekisho-bench", "--bin", name, "--"])
                .args(&options.arguments),
        ),
        Some(name) => bail!("no measure is called {name}; known: {}", listed(&measures)),
        None => {
            println!("{}", listed(&measures));
            Ok(())
        }
    }
}

fn listed(measures: &[String]) -> String {
    if measures.is_empty() { "(bench/src/bin holds none yet)".to_owned() } else { measures.join("\n") }
}

/// Names of the programs in a folder, sorted: `size.rs` and `size/main.rs` are both `size`.
fn measures(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))? {
        let path = entry?.path();
        let is_program =
            path.extension().is_some_and(|ending| ending == "rs") || path.join("main.rs").is_file();
        if let (true, Some(stem)) = (is_program, path.file_stem()) {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::measures;

    #[test]
    fn finds_files_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("smaa.rs"), "").unwrap();
        fs::write(folder.path().join("notes.md"), "").unwrap();
        fs::create_dir(folder.path().join("load")).unwrap();
        fs::write(folder.path().join("load/main.rs"), "").unwrap();
        assert_eq!(measures(folder.path()).unwrap(), ["load", "smaa"]);
        assert!(measures(Path::new("no/such/folder")).unwrap().is_empty());
    }
}
