//! The real file system, below one folder.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Open, ReadAt, Vfs};

/// The files below a folder of the machine. Unix only: the log needs `fsync` of folders.
#[derive(Debug, Clone)]
pub struct Disk {
    root: Arc<Path>,
    file_mode: u32,
    folder_mode: u32,
}

/// A folder that is ours (`flock` on the folder itself, so that the log has no file that is not part of it).
#[derive(Debug)]
pub struct DiskLock(#[allow(dead_code, reason = "the lock lives as long as the open file")] File);

impl Disk {
    /// Files below `root`, which must exist. What is made can be read by everybody whom the umask lets.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into().into(), file_mode: 0o666, folder_mode: 0o777 }
    }

    /// As [`Disk::new`], but what is made is for the owner alone.
    pub fn private(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into().into(), file_mode: 0o600, folder_mode: 0o700 }
    }

    /// The folder above all.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Paths are ours and never climb; whatever did would be a fault in this crate.
    fn at(&self, path: &str) -> io::Result<PathBuf> {
        let is_plain = path.is_empty() || path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if is_plain { Ok(self.root.join(path)) } else { Err(ErrorKind::InvalidFilename.into()) }
    }
}

impl Vfs for Disk {
    type File = File;
    type Lock = DiskLock;

    fn open(&self, path: &str, how: Open) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).mode(self.file_mode);
        if how != Open::Read {
            options.write(true).create(how == Open::Create).truncate(how == Open::Create);
        }
        options.open(self.at(path)?)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.at(from)?, self.at(to)?)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        std::fs::remove_file(self.at(path)?)
    }

    fn remove_folder(&self, path: &str) -> io::Result<()> {
        std::fs::remove_dir(self.at(path)?)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.at(folder)?)? {
            // A name that is not UTF-8 is none of ours; it shows up, altered, as one that does not belong here.
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        match DirBuilder::new().mode(self.folder_mode).create(self.at(path)?) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    }

    fn sync_folder(&self, path: &str) -> io::Result<()> {
        File::open(self.at(path)?)?.sync_all()
    }

    fn lock(&self, folder: &str) -> io::Result<DiskLock> {
        let file = File::open(self.at(folder)?)?;
        match file.try_lock() {
            Ok(()) => Ok(DiskLock(file)),
            Err(TryLockError::WouldBlock) => Err(ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn mode(&self, path: &str) -> io::Result<Option<u32>> {
        Ok(Some(std::fs::metadata(self.at(path)?)?.permissions().mode()))
    }
}

impl ReadAt for File {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

impl super::File for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, offset)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::os::unix::fs::PermissionsExt;

    use super::super::{Open, Vfs, create_folders, read, replace, write_all_at};
    use super::Disk;

    #[test]
    fn replaces_lists_and_removes() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path());
        create_folders(&disk, "a/b").unwrap();
        replace(&disk, "a/b/two", b"2").unwrap();
        replace(&disk, "a/b/one", b"1").unwrap();
        replace(&disk, "a/b/one", b"one").unwrap();
        disk.sync_folder("a/b").unwrap();
        assert_eq!(disk.list("a/b").unwrap(), ["one", "two"]);
        assert_eq!(read(&disk, "a/b/one", 3).unwrap(), b"one");
        assert_eq!(read(&disk, "a/b/one", 2).unwrap_err().kind(), ErrorKind::FileTooLarge);
        disk.remove("a/b/one").unwrap();
        assert_eq!(disk.open("a/b/one", Open::Read).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(disk.open("a/b/one", Open::Write).unwrap_err().kind(), ErrorKind::NotFound);
        let file = disk.open("a/b/two", Open::Create).unwrap();
        assert_eq!(super::ReadAt::len(&file).unwrap(), 0, "create empties");
        write_all_at(&file, b"xy", 1).unwrap();
        assert_eq!(read(&disk, "a/b/two", 9).unwrap(), b"\0xy");
    }

    #[test]
    fn a_folder_has_one_owner() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path());
        disk.create_folder("log").unwrap();
        let lock = disk.lock("log").unwrap();
        assert_eq!(disk.lock("log").unwrap_err().kind(), ErrorKind::WouldBlock);
        drop(lock);
        disk.lock("log").unwrap();
    }

    #[test]
    fn private_files_are_for_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::private(folder.path());
        disk.create_folder("keys").unwrap();
        replace(&disk, "keys/k", b"k").unwrap();
        let mode = |path: &str| folder.path().join(path).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("keys"), mode("keys/k")), (0o700, 0o600));
    }

    #[test]
    fn paths_do_not_climb() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path());
        for path in ["../x", "a/../x", "/etc/passwd", "a//b", "./x"] {
            assert_eq!(disk.open(path, Open::Read).unwrap_err().kind(), ErrorKind::InvalidFilename, "{path}");
        }
    }
}
