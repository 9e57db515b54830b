//! A folder of small files that are replaced as a whole, on top of the file system.

use std::{
    fs, io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use crate::index::ReadAt;

/// A folder.
#[derive(Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl ReadAt for fs::File {
    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, bytes, offset)
    }
}

impl Folder {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }
    pub(crate) fn create(&self) -> io::Result<()> {
        fs::create_dir_all(&self.path)
    }
    pub(crate) fn list(&self) -> io::Result<Vec<String>> {
        fs::read_dir(&self.path)?.map(|e| Ok(e?.file_name().to_string_lossy().into_owned())).collect()
    }
    pub(crate) fn open_read(&self, name: &str) -> io::Result<Box<dyn ReadAt>> {
        Ok(Box::new(fs::File::open(self.path.join(name))?))
    }
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        fs::write(self.path.join(format!("{name}.new")), bytes)?;
        fs::rename(self.path.join(format!("{name}.new")), self.path.join(name))
    }
    pub(crate) fn replace_wiped(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.replace(name, bytes)
    }
}
