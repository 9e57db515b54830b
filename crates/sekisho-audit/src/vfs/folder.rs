//! A folder of small files, durable when a call returns, on top of the file system.

use std::{
    io::{self, ErrorKind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::vfs::{self, File, Open, ReadAt, Vfs, new_name};

/// From so many files on, several are made durable at once.
const AT_ONCE_MIN: usize = 4;
const AT_ONCE_THREADS: usize = 16;

/// [`Vfs`] without its types, so that nothing above needs to know which file system it stands on.
trait Files: Send + Sync {
    fn open(&self, path: &str, how: Open) -> io::Result<Box<dyn File>>;
    fn read(&self, path: &str, bytes_max: u64) -> io::Result<Vec<u8>>;
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;
    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()>;
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&self, path: &str) -> io::Result<()>;
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    fn create_folders(&self, path: &str) -> io::Result<()>;
    fn sync_folder(&self, path: &str) -> io::Result<()>;
    fn mode(&self, path: &str) -> io::Result<Option<u32>>;
}

impl<V: Vfs> Files for V {
    fn open(&self, path: &str, how: Open) -> io::Result<Box<dyn File>> {
        Ok(Box::new(Vfs::open(self, path, how)?))
    }

    fn read(&self, path: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
        vfs::read(self, path, bytes_max)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        vfs::write(self, path, bytes)
    }

    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        vfs::replace(self, path, bytes)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Vfs::rename(self, from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        Vfs::remove(self, path)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        Vfs::list(self, folder)
    }

    fn create_folders(&self, path: &str) -> io::Result<()> {
        vfs::create_folders(self, path)
    }

    fn sync_folder(&self, path: &str) -> io::Result<()> {
        Vfs::sync_folder(self, path)
    }

    fn mode(&self, path: &str) -> io::Result<Option<u32>> {
        Vfs::mode(self, path)
    }
}

/// A folder. What is made in it is for the owner alone when the file system below makes it so.
#[derive(Clone)]
pub(crate) struct Folder {
    files: Arc<dyn Files>,
    path: String,
}

impl Folder {
    pub(crate) fn new(fs: impl Vfs, path: &str) -> Self {
        Self { files: Arc::new(fs), path: path.to_owned() }
    }

    /// A folder in this one; this one for an empty name.
    pub(crate) fn below(&self, name: &str) -> Self {
        Self { files: Arc::clone(&self.files), path: self.at(name) }
    }

    fn at(&self, name: &str) -> String {
        match (self.path.as_str(), name) {
            (path, "") => path.to_owned(),
            ("", name) => name.to_owned(),
            (path, name) => format!("{path}/{name}"),
        }
    }

    /// Makes the folder and all above it.
    pub(crate) fn create(&self) -> io::Result<()> {
        self.files.create_folders(&self.path)
    }

    /// Names, sorted.
    pub(crate) fn list(&self) -> io::Result<Vec<String>> {
        self.files.list(&self.path)
    }

    /// Permissions of a file, or of the folder for an empty name; none where there are no such things.
    pub(crate) fn mode(&self, name: &str) -> io::Result<Option<u32>> {
        self.files.mode(&self.at(name))
    }

    /// Bytes in the files of this folder.
    pub(crate) fn byte_len(&self) -> io::Result<u64> {
        self.list()?.iter().map(|name| self.files.open(&self.at(name), Open::Read)?.len()).sum()
    }

    pub(crate) fn read(&self, name: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
        self.files.read(&self.at(name), bytes_max)
    }

    pub(crate) fn open_read(&self, name: &str) -> io::Result<Box<dyn ReadAt>> {
        Ok(self.files.open(&self.at(name), Open::Read)?)
    }

    /// Removes a file.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        self.files.remove(&self.at(name))?;
        self.files.sync_folder(&self.path)
    }

    /// Makes a file that must not be there yet.
    pub(crate) fn write_new(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.files.write(&self.at(name), bytes)?;
        self.files.sync_folder(&self.path)
    }

    /// Puts a file in the place of another, if there is one: after a crash there is one or the other.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.files.replace(&self.at(name), bytes)?;
        self.files.sync_folder(&self.path)
    }

    /// As [`Folder::replace`], of several files. Wiping, the old contents are overwritten first: after a crash there may be
    /// files of zeros.
    pub(crate) fn replace_all(&self, files: &[(&str, &[u8])], wipes: bool) -> io::Result<()> {
        let new = |name: &str| new_name(&self.at(name));
        at_once(files, |(name, bytes)| self.files.write(&new(name), bytes))?;
        if wipes {
            at_once(files, |(name, _)| self.wipe(name))?;
        }
        for (name, _) in files {
            self.files.rename(&new(name), &self.at(name))?;
        }
        self.files.sync_folder(&self.path)
    }

    /// Overwrites a file with zeros, and removes it.
    pub(crate) fn wipe_and_remove(&self, name: &str) -> io::Result<()> {
        self.wipe(name)?;
        self.remove(name)
    }

    fn wipe(&self, name: &str) -> io::Result<()> {
        let file = self.files.open(&self.at(name), Open::Write)?;
        let len = usize::try_from(file.len()?).map_err(|_| ErrorKind::FileTooLarge)?;
        vfs::write_all_at(&*file, &vec![0; len], 0)?;
        file.sync()
    }

    /// Writes the same bytes at several places of files. A file that is not there has nothing to be overwritten.
    pub(crate) fn patch_all(&self, files: &[(String, Vec<u64>)], bytes: &[u8]) -> io::Result<()> {
        at_once(files, |(name, offsets)| match self.files.open(&self.at(name), Open::Write) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            file => {
                let file = file?;
                offsets.iter().try_for_each(|offset| vfs::write_all_at(&*file, bytes, *offset))?;
                file.sync()
            }
        })
    }
}

/// Does the same to many files. A disk that has many to make durable does so together, so a few threads ask it; for few
/// files the order is that of the list.
fn at_once<T: Sync>(items: &[T], act: impl Fn(&T) -> io::Result<()> + Sync) -> io::Result<()> {
    if items.len() < AT_ONCE_MIN {
        return items.iter().try_for_each(act);
    }
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            act(item)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE_THREADS.min(items.len())).map(|_| scope.spawn(work)).collect();
        // All are waited for: what was begun must have ended when the first error is told.
        let ended = threads.into_iter().map(|thread| thread.join().expect("the disk does not panic"));
        ended.fold(Ok(()), Result::and)
    })
}
