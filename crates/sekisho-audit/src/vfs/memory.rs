//! A file system in memory that fails as disks do. Part of the crate, so that everything above the log can be tested on it.
//!
//! What it may lose is what a disk may lose:
//! * a write that was not synced survives a crash in any subset of its sectors of [`SECTOR_BYTES`]; what is missing in
//!   front of a surviving sector reads as zeros or as rubbish;
//! * a new name, a removal or a rename survives only by chance until the folder is synced, each by itself;
//! * a failed sync makes some sectors durable, forgets the rest and never tries them again, though reads may go on to
//!   show them: the next sync "succeeds";
//! * a full disk takes the beginning of a write and refuses the rest.
//!
//! All chance comes from the seed: the same operations fail the same way again.

mod dice;
#[cfg(test)]
mod tests;
mod world;

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use super::{File, Open, ReadAt, Vfs};
pub(crate) use dice::Dice;
use world::{Inode, World};

/// What a disk writes whole or not at all.
pub const SECTOR_BYTES: usize = 512;

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The disk reports an error (EIO). A write has written some of its beginning; see the module for a sync.
    Error,
    /// The first operation from here on that needs room, and the given number of such operations after it, find none
    /// (ENOSPC).
    NoSpace {
        /// Operations after the first.
        more: u32,
    },
    /// The machine stops before the operation.
    CrashBefore,
    /// The machine stops in the middle of it.
    CrashTorn,
    /// The machine stops when it is done.
    CrashAfter,
}

/// The file system. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Memory {
    machine: Arc<Machine>,
    /// Which start of the machine this handle belongs to: a crash ends all handles.
    start: u64,
}

#[derive(Debug)]
struct Machine {
    world: Mutex<World>,
    resumed: Condvar,
}

/// An open file.
#[derive(Debug)]
pub struct MemoryFile {
    fs: Memory,
    inode: Inode,
    writes: bool,
}

/// A folder that is ours.
#[derive(Debug)]
pub struct MemoryLock {
    fs: Memory,
    folder: String,
}

impl Memory {
    /// An empty file system whose failures are those of `seed`.
    pub fn new(seed: u64) -> Self {
        Self::of(World::new(seed))
    }

    fn of(world: World) -> Self {
        let start = world.start;
        Self { machine: Arc::new(Machine { world: Mutex::new(world), resumed: Condvar::new() }), start }
    }

    /// Lets the `operation`-th changing operation fail, counted from 1 since the beginning; reading is not counted.
    pub fn fail_at(&self, operation: u64, fault: Fault) {
        self.world().faults.insert(operation, fault);
    }

    /// Changing operations so far.
    pub fn operations(&self) -> u64 {
        self.world().operations
    }

    /// The operations that were made to fail so far, as text for a failed test.
    pub fn failed(&self) -> Vec<String> {
        self.world().failed.clone()
    }

    /// Whether a fault has stopped the machine.
    pub fn is_crashed(&self) -> bool {
        self.world().crashed
    }

    /// Pulls the plug, and starts the machine again with what survived. Handles and locks from before are dead.
    #[must_use]
    pub fn restart(&self) -> Self {
        let mut world = self.world();
        world.crash();
        let start = world.start;
        drop(world);
        self.machine.resumed.notify_all();
        Self { machine: Arc::clone(&self.machine), start }
    }

    /// Another machine with a copy of this disk, pending writes included; it draws its own chances from `seed`.
    #[must_use]
    pub fn fork(&self, seed: u64) -> Self {
        Self::of(self.world().fork(seed))
    }

    /// Takes all room away, or gives it back.
    pub fn set_full(&self, full: bool) {
        self.world().full = full;
    }

    /// Lets every changing operation hang, or go on.
    pub fn set_stuck(&self, stuck: bool) {
        self.world().stuck = stuck;
        self.machine.resumed.notify_all();
    }

    /// Flips bits of one byte, in memory and on the disk.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`], or [`io::ErrorKind::UnexpectedEof`] behind the end.
    pub fn flip(&self, path: &str, offset: u64, mask: u8) -> io::Result<()> {
        self.world().flip(path, offset, mask)
    }

    /// Every file, with its content as it reads now.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.world().files()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.machine.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, for reading.
    fn reading(&self) -> io::Result<MutexGuard<'_, World>> {
        let world = self.world();
        world.check_alive(self.start)?;
        Ok(world)
    }

    /// The world, for a changing operation.
    fn changing(&self) -> io::Result<MutexGuard<'_, World>> {
        let mut world = self.world();
        while world.stuck && world.start == self.start {
            world = self.machine.resumed.wait(world).unwrap_or_else(PoisonError::into_inner);
        }
        world.check_alive(self.start)?;
        Ok(world)
    }
}

impl Vfs for Memory {
    type File = MemoryFile;
    type Lock = MemoryLock;

    fn open(&self, path: &str, how: Open) -> io::Result<MemoryFile> {
        let inode = match how {
            Open::Read | Open::Write => self.reading()?.find(path)?,
            Open::Create => self.changing()?.create(path)?,
        };
        Ok(MemoryFile { fs: self.clone(), inode, writes: how != Open::Read })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.changing()?.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.changing()?.remove(path)
    }

    fn remove_folder(&self, path: &str) -> io::Result<()> {
        self.changing()?.remove_folder(path)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.reading()?.list(folder)
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.changing()?.create_folder(path)
    }

    fn sync_folder(&self, path: &str) -> io::Result<()> {
        self.changing()?.sync_folder(path)
    }

    fn lock(&self, folder: &str) -> io::Result<MemoryLock> {
        self.reading()?.lock(folder)?;
        Ok(MemoryLock { fs: self.clone(), folder: folder.to_owned() })
    }
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        if let Ok(mut world) = self.fs.reading() {
            world.unlock(&self.folder);
        }
    }
}

impl ReadAt for MemoryFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.fs.reading()?.content(self.inode).read_at(bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.fs.reading()?.content(self.inode).len() as u64)
    }
}

impl MemoryFile {
    fn changing(&self) -> io::Result<MutexGuard<'_, World>> {
        if self.writes { self.fs.changing() } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

impl File for MemoryFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.changing()?.write(self.inode, bytes, offset)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.changing()?.truncate(self.inode, len)
    }

    fn sync(&self) -> io::Result<()> {
        // Of a file that is open to read, too, as Unix has it.
        self.fs.changing()?.sync(self.inode)
    }
}
