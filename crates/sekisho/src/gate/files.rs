//! Files that settings name: read up to a limit, remembered for the version of the settings and for noticing changes.

use std::{
    fmt::Write,
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use super::problem::ProblemKind;

/// Bytes of a key file or of a file of certificates.
const SECRET_BYTES_MAX: u64 = 64 * 1024;
/// Bytes of a version that are shown.
const VERSION_BYTES: usize = 8;

/// All files of one state of settings.
#[derive(Default)]
pub(crate) struct Files {
    read: Vec<(PathBuf, Option<Stamp>)>,
    hash: Sha256,
}

/// Tells a file from what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl Files {
    /// The text of a file, which counts for the version.
    pub(super) fn text(&mut self, path: &Path, bytes_max: u64) -> Result<String, ProblemKind> {
        self.watch(path);
        let text = read(path, bytes_max)?;
        for part in [path.as_os_str().as_encoded_bytes(), text.as_bytes()] {
            self.hash.update((part.len() as u64).to_be_bytes());
            self.hash.update(part);
        }
        Ok(text)
    }

    /// A key, which only its owner may read. It does not count for the version: that stands in logs.
    pub(super) fn secret(&mut self, path: &Path) -> Result<String, ProblemKind> {
        self.watch(path);
        check_private(path)?;
        read(path, SECRET_BYTES_MAX)
    }

    /// Certificates.
    pub(super) fn certificates(&mut self, path: &Path) -> Result<String, ProblemKind> {
        self.watch(path);
        read(path, SECRET_BYTES_MAX << 4)
    }

    /// Notices changes of a file that somebody else reads.
    pub(super) fn watch(&mut self, path: &Path) {
        self.read.push((path.to_owned(), stamp(path)));
    }

    /// Whether any of them is not what it was.
    pub(super) fn have_changed(&self) -> bool {
        self.read.iter().any(|(path, before)| stamp(path) != *before)
    }

    /// The same files as they are now.
    pub(super) fn look_again(&mut self) {
        for (path, before) in &mut self.read {
            *before = stamp(path);
        }
    }

    /// A short name of this state: changed by any change of a file that is not a key.
    pub(crate) fn version(&self) -> String {
        let hash = self.hash.clone().finalize();
        hash.iter().take(VERSION_BYTES).fold(String::new(), |mut version, byte| {
            let _ = write!(version, "{byte:02x}");
            version
        })
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some(Stamp { modified: metadata.modified().ok(), bytes: metadata.len(), inode: metadata.ino() })
}

fn unreadable(cause: &io::Error) -> ProblemKind {
    ProblemKind::Unreadable { cause: cause.to_string() }
}

/// Where systemd puts what `LoadCredential=` names: the folder is closed to others, and an access list on the file shows as
/// a group that can read it.
const CREDENTIALS: &str = "/run/credentials/";

/// Refuses a file that somebody else can read.
pub(super) fn check_private(path: &Path) -> Result<(), ProblemKind> {
    let mode = fs::metadata(path).map_err(|cause| unreadable(&cause))?.mode() & 0o777;
    let others = if path.starts_with(CREDENTIALS) { 0o037 } else { 0o077 };
    if mode & others == 0 { Ok(()) } else { Err(ProblemKind::OpenToOthers { mode }) }
}

fn read(path: &Path, bytes_max: u64) -> Result<String, ProblemKind> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|cause| unreadable(&cause))?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|cause| unreadable(&cause))?;
    if bytes.len() as u64 > bytes_max {
        return Err(ProblemKind::TooLong { bytes_max });
    }
    String::from_utf8(bytes)
        .map_err(|error| ProblemKind::Unreadable { cause: error.utf8_error().to_string() })
}
