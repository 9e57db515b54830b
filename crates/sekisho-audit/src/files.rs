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
    pub(crate) fn below(&self, name: &str) -> Self {
        Self { path: if name.is_empty() { self.path.clone() } else { self.path.join(name) } }
    }
    fn at(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.path.clone() } else { self.path.join(name) }
    }
    pub(crate) fn create(&self) -> io::Result<()> {
        fs::create_dir_all(&self.path)
    }
    pub(crate) fn create_private(&self) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.path)
    }
    pub(crate) fn list(&self) -> io::Result<Vec<String>> {
        fs::read_dir(&self.path)?.map(|e| Ok(e?.file_name().to_string_lossy().into_owned())).collect()
    }
    pub(crate) fn mode(&self, name: &str) -> io::Result<Option<u32>> {
        use std::os::unix::fs::PermissionsExt;
        Ok(Some(fs::metadata(self.at(name))?.permissions().mode()))
    }
    pub(crate) fn read(&self, name: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
        let bytes = fs::read(self.at(name))?;
        if bytes.len() as u64 > bytes_max { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
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
    pub(crate) fn write_new_private(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        use std::{io::Write, os::unix::fs::OpenOptionsExt};
        fs::File::options().write(true).create_new(true).mode(0o600).open(self.at(name))?.write_all(bytes)
    }
    pub(crate) fn replace_private(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new = format!("{name}.new");
        let _ = self.remove(&new);
        self.write_new_private(&new, bytes)?;
        fs::rename(self.at(&new), self.at(name))
    }
    pub(crate) fn replace_wiped(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.replace(name, bytes)
    }
    pub(crate) fn patch(&self, name: &str, offsets: &[u64], bytes: &[u8]) -> io::Result<()> {
        let file = fs::File::options().write(true).open(self.at(name))?;
        offsets.iter().try_for_each(|offset| file.write_all_at(bytes, *offset))?;
        file.sync_data()
    }
    pub(crate) fn overwrite(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.patch(name, &[0], bytes)
    }
    pub(crate) fn wipe_and_remove(&self, name: &str) -> io::Result<()> {
        self.overwrite(name, &vec![0; 48])?;
        self.remove(name)
    }
}
