//! The files of the project, read once.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

/// A larger file is not read; [`super::files`] reports it.
pub(super) const FILE_BYTES_MAX: u64 = 1 << 20;

/// Every file that is, or would be, committed.
pub(super) struct Tree {
    files: BTreeMap<String, File>,
}

pub(super) struct File {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Absent for what is not text, or too large.
    pub(super) text: Option<String>,
}

impl Tree {
    /// Takes what git tracks or would add; a source archive without git is walked.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn open(root: &Path) -> Result<Self> {
        let mut paths = git_files(root).unwrap_or_default();
        if paths.is_empty() {
            walk(root, "", &mut paths)?;
        }
        let mut files = BTreeMap::new();
        for path in paths {
            let full = root.join(&path);
            // A tracked file may be deleted but not yet committed; links are not ours to follow.
            let Ok(metadata) = full.symlink_metadata() else { continue };
            if !metadata.is_file() {
                continue;
            }
            let text = if metadata.len() <= FILE_BYTES_MAX {
                let bytes = fs::read(&full).with_context(|| format!("could not read {}", full.display()))?;
                String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
            } else {
                None
            };
            files.insert(path.clone(), File { path, bytes: metadata.len(), text });
        }
        Ok(Self { files })
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    /// Path and text of every text file.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter_map(|file| Some((file.path.as_str(), file.text.as_deref()?)))
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.text.as_deref()
    }
}

/// Whether the file is of that kind (`rs`, `md`), by the end of its name.
pub(super) fn has_ending(path: &str, ending: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == ending)
}

fn git_files(root: &Path) -> Option<Vec<String>> {
    let listing = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let paths = String::from_utf8_lossy(&listing.stdout);
    Some(paths.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

fn walk(root: &Path, folder: &str, paths: &mut Vec<String>) -> Result<()> {
    let here = root.join(folder);
    for entry in fs::read_dir(&here).with_context(|| format!("could not list {}", here.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if !entry.file_type()?.is_dir() {
            paths.push(path);
        } else if !matches!(path.as_str(), ".git" | "target" | "out") {
            walk(root, &path, paths)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Tree;

    #[test]
    fn walks_without_git_and_leaves_build_output_alone() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["crates/a", "target/debug", ".git"] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        for path in ["crates/a/lib.rs", "target/debug/x", ".git/HEAD", "README.md"] {
            fs::write(folder.path().join(path), "text\n").unwrap();
        }
        fs::write(folder.path().join("picture.png"), b"\x89PNG\0\n").unwrap();
        let tree = Tree::open(folder.path()).unwrap();
        assert_eq!(
            tree.files().map(|file| file.path.as_str()).collect::<Vec<_>>(),
            ["README.md", "crates/a/lib.rs", "picture.png"]
        );
        assert_eq!(tree.texts().count(), 2);
        assert_eq!(tree.len(), 3);
    }
}
