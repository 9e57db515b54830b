//! Files that somebody else made: none is read further than its kind can be long, and every error names its file.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::Path,
};

/// Bytes of a checkpoint, a proof, or anything else that is a few lines: the longest is a proof with its leaf.
pub(crate) const TEXT_BYTES_MAX: usize = 2 << 20;

/// What became of reading a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// All of it.
    Whole(Vec<u8>),
    /// It is longer than files of its kind.
    TooLong,
    /// There is none.
    Missing,
}

/// Reads a file that may be missing.
pub(crate) fn find(path: &Path, bytes_max: usize) -> io::Result<Found> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Missing),
        file => file.map_err(of(path))?,
    };
    let mut bytes = Vec::new();
    file.take(bytes_max as u64 + 1).read_to_end(&mut bytes).map_err(of(path))?;
    Ok(if bytes.len() > bytes_max { Found::TooLong } else { Found::Whole(bytes) })
}

/// Reads a file that must be there.
pub(crate) fn read(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    match find(path, bytes_max)? {
        Found::Whole(bytes) => Ok(bytes),
        Found::TooLong => Err(of(path)(ErrorKind::FileTooLarge.into())),
        Found::Missing => Err(of(path)(ErrorKind::NotFound.into())),
    }
}

/// Names the file of an error.
pub(crate) fn of(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{Found, find, read};

    #[test]
    fn no_file_is_read_further_than_it_may_be_long() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(find(&path, 3).unwrap(), Found::Missing);
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(find(&path, 3).unwrap(), Found::Whole(b"abc".to_vec()));
        assert_eq!(find(&path, 2).unwrap(), Found::TooLong);
        let told = read(&path, 2).unwrap_err().to_string();
        assert!(told.contains("file"), "{told}");
    }
}
