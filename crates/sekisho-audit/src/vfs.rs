//! The file system, as small as the log needs it, so that tests can make it fail in every way a disk can.
//!
//! [`Disk`] is the real one. [`Memory`] forgets, tears and refuses on demand; what it keeps over a crash is only what a
//! careful reader of POSIX may count on. Paths are relative, with `/` between the parts.
//!
//! What is more than one operation is a function here ([`read`], [`replace`]), the same for every file system. `Folder` is
//! the way to them for who should not know which file system it is: keys, index, journal.

mod disk;
mod folder;
mod memory;

use std::io::{self, ErrorKind};

pub use disk::{Disk, DiskLock};
pub(crate) use folder::Folder;
pub(crate) use memory::Dice;
pub use memory::{Fault, Memory, MemoryFile, MemoryLock, SECTOR_BYTES};

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// To read; it must be there.
    Read,
    /// To read and write; it must be there.
    Write,
    /// To read and write; made if it is not there, emptied if it is.
    Create,
}

/// Bytes that can be read from any place. Slices are, too, so that parsers of files can be tested on them.
#[allow(clippy::len_without_is_empty, reason = "the length of a file is asked of the disk, which may fail")]
pub trait ReadAt: Send + Sync {
    /// Reads up to `bytes.len()` bytes from `offset`; 0 at the end.
    ///
    /// # Errors
    /// What the disk says.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Length in bytes.
    ///
    /// # Errors
    /// What the disk says.
    fn len(&self) -> io::Result<u64>;
}

/// An open file.
pub trait File: ReadAt {
    /// Writes some of `bytes` at `offset` and says how many. Not durable before [`File::sync`].
    ///
    /// # Errors
    /// What the disk says.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Cuts the file off. Not durable before [`File::sync`].
    ///
    /// # Errors
    /// What the disk says.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// `fdatasync`: content and length are durable when it returns, whoever wrote them. After an error nothing is known of
    /// what was written since the last success, and a second call that succeeds does not change that: the kernel may have
    /// dropped the pages.
    ///
    /// # Errors
    /// What the disk says.
    fn sync(&self) -> io::Result<()>;
}

/// A folder of files and folders. Cheap to clone.
pub trait Vfs: Clone + Send + Sync + 'static {
    /// An open file.
    type File: File + 'static;
    /// Held for as long as nobody else may write.
    type Lock: Send + Sync + 'static;

    /// Opens a file. A new name is not durable before [`Vfs::sync_folder`] of its folder.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], or what the disk says.
    fn open(&self, path: &str, how: Open) -> io::Result<Self::File>;

    /// Puts a file in the place of another, whole or not at all. Not durable before [`Vfs::sync_folder`].
    ///
    /// # Errors
    /// What the disk says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. Not durable before [`Vfs::sync_folder`].
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], or what the disk says.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Removes an empty folder. Not durable before [`Vfs::sync_folder`] of the one above.
    ///
    /// # Errors
    /// [`ErrorKind::DirectoryNotEmpty`], or what the disk says.
    fn remove_folder(&self, path: &str) -> io::Result<()>;

    /// Names in a folder, sorted.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], or what the disk says.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Makes one folder; it is no error when it is there. Not durable before [`Vfs::sync_folder`] of the one above.
    ///
    /// # Errors
    /// What the disk says.
    fn create_folder(&self, path: &str) -> io::Result<()>;

    /// Makes the names in a folder durable. The folder above all is `""`.
    ///
    /// # Errors
    /// What the disk says.
    fn sync_folder(&self, path: &str) -> io::Result<()>;

    /// Takes a folder for oneself; given back when the lock is dropped or the process ends.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] when somebody has it, or what the disk says.
    fn lock(&self, folder: &str) -> io::Result<Self::Lock>;

    /// Permissions of a file or folder, as of Unix; none where there are no such things.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`], or what the disk says.
    fn mode(&self, path: &str) -> io::Result<Option<u32>> {
        let _ = path;
        Ok(None)
    }
}

/// Fills `bytes` from `offset`.
///
/// # Errors
/// [`ErrorKind::UnexpectedEof`] when the file ends before, or what the disk says.
pub fn read_exact_at(file: &(impl ReadAt + ?Sized), bytes: &mut [u8], offset: u64) -> io::Result<()> {
    if read_up_to(file, bytes, offset)? == bytes.len() {
        Ok(())
    } else {
        Err(ErrorKind::UnexpectedEof.into())
    }
}

/// Reads until `bytes` is full or the file ends, and says how many.
///
/// # Errors
/// What the disk says.
pub fn read_up_to(file: &(impl ReadAt + ?Sized), bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < bytes.len() {
        match file.read_at(&mut bytes[done..], offset + done as u64) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Writes all of `bytes` at `offset`.
///
/// # Errors
/// What the disk says; some of the bytes may then be written.
pub fn write_all_at(file: &(impl File + ?Sized), bytes: &[u8], offset: u64) -> io::Result<()> {
    let mut done = 0;
    while done < bytes.len() {
        match file.write_at(&bytes[done..], offset + done as u64) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => done += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The whole of a small file.
///
/// # Errors
/// [`ErrorKind::FileTooLarge`] past `bytes_max`, [`ErrorKind::NotFound`], or what the disk says.
pub fn read<V: Vfs>(fs: &V, path: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
    let file = fs.open(path, Open::Read)?;
    let len = file.len()?;
    if len > bytes_max {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let mut bytes = vec![0; len as usize];
    read_exact_at(&file, &mut bytes, 0)?;
    Ok(bytes)
}

/// Puts a file with this content in the place of whatever was there: after a crash there is the old one or the new one.
/// Durable once the caller has called [`Vfs::sync_folder`]; many files in one folder need that only once.
///
/// # Errors
/// What the disk says; what was there before is then there still, and perhaps a file with `.new` at the end of its name.
pub fn replace<V: Vfs>(fs: &V, path: &str, bytes: &[u8]) -> io::Result<()> {
    let new = new_name(path);
    write(fs, &new, bytes)?;
    fs.rename(&new, path)
}

/// What a file is called that is about to take the place of another.
fn new_name(path: &str) -> String {
    format!("{path}.new")
}

/// Writes a whole file. Its content is durable when this returns, its name is not before [`Vfs::sync_folder`].
fn write<V: Vfs>(fs: &V, path: &str, bytes: &[u8]) -> io::Result<()> {
    let file = fs.open(path, Open::Create)?;
    let written = write_all_at(&file, bytes, 0).and_then(|()| file.sync());
    drop(file);
    if written.is_err() {
        // Nobody reads it; a full disk should have the room back. What matters is said by the first error.
        let _ = fs.remove(path);
    }
    written
}

/// Whether there is such a file.
pub(crate) fn exists<V: Vfs>(fs: &V, path: &str) -> io::Result<bool> {
    match fs.open(path, Open::Read) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a folder and all above it, durable.
///
/// # Errors
/// What the disk says.
pub fn create_folders<V: Vfs>(fs: &V, path: &str) -> io::Result<()> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    for end in ends {
        fs.create_folder(&path[..end])?;
        fs.sync_folder(folder_of(&path[..end]))?;
    }
    Ok(())
}

/// The folder of a path; `""` for the one above all.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether the disk has no room for us, which may pass; every other error is the disk's.
pub fn is_no_space(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

impl ReadAt for [u8] {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let count = rest.len().min(bytes.len());
        bytes[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(<[u8]>::len(self) as u64)
    }
}

impl ReadAt for std::sync::Arc<[u8]> {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        (**self).read_at(bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        ReadAt::len(&**self)
    }
}

impl<R: ReadAt + ?Sized> ReadAt for &R {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        (**self).read_at(bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        (**self).len()
    }
}
