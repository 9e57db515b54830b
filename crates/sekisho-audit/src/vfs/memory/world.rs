//! What there is: names, contents, what of both is durable, and chance.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, ErrorKind},
};

use super::super::folder_of;
use super::{Dice, Fault, SECTOR_BYTES};

/// Number of a file; names lead to it.
pub(super) type Inode = usize;

/// Raw error numbers of Linux: what [`super::super::Disk`] would report.
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Folder,
    File(Inode),
}

#[derive(Debug, Clone, Default)]
struct Content {
    /// What reads show.
    seen: Vec<u8>,
    /// What is on the disk.
    durable: Vec<u8>,
    /// What a sync has still to bring there, in order.
    pending: Vec<Change>,
}

#[derive(Debug, Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
}

#[derive(Debug, Clone)]
enum NameChange {
    Add(String, Node),
    Remove(String),
    Rename(String, String, Node),
}

#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) start: u64,
    pub(super) operations: u64,
    pub(super) faults: BTreeMap<u64, Fault>,
    pub(super) failed: Vec<String>,
    pub(super) crashed: bool,
    pub(super) full: bool,
    pub(super) stuck: bool,
    no_space_left: u32,
    contents: Vec<Content>,
    names: BTreeMap<String, Node>,
    names_durable: BTreeMap<String, Node>,
    names_pending: Vec<NameChange>,
    locks: BTreeSet<String>,
    chance: Dice,
}

/// What becomes of an operation that has begun.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Done,
    Error,
    NoSpace,
    Torn,
    DoneThenCrash,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let names = BTreeMap::from([(String::new(), Node::Folder)]);
        Self {
            start: 0,
            operations: 0,
            faults: BTreeMap::new(),
            failed: Vec::new(),
            crashed: false,
            full: false,
            stuck: false,
            no_space_left: 0,
            contents: Vec::new(),
            names_durable: names.clone(),
            names,
            names_pending: Vec::new(),
            locks: BTreeSet::new(),
            chance: Dice::new(seed),
        }
    }

    pub(super) fn fork(&self, seed: u64) -> Self {
        Self { locks: BTreeSet::new(), chance: Dice::new(seed), ..self.clone() }
    }

    pub(super) fn check_alive(&self, start: u64) -> io::Result<()> {
        if self.crashed || self.start != start {
            Err(io::Error::other("the machine has stopped"))
        } else {
            Ok(())
        }
    }

    pub(super) fn find(&self, path: &str) -> io::Result<Inode> {
        match self.names.get(path) {
            Some(Node::File(inode)) => Ok(*inode),
            Some(Node::Folder) => Err(ErrorKind::IsADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn content(&self, inode: Inode) -> &[u8] {
        &self.contents[inode].seen
    }

    pub(super) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let file = |(path, node): (&String, &Node)| match node {
            Node::File(inode) => Some((path.clone(), self.contents[*inode].seen.clone())),
            Node::Folder => None,
        };
        self.names.iter().filter_map(file).collect()
    }

    pub(super) fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        if self.names.get(folder) != Some(&Node::Folder) {
            return Err(ErrorKind::NotFound.into());
        }
        let inside = self.names.keys().filter(|path| !path.is_empty() && folder_of(path) == folder);
        Ok(inside.map(|path| path.rsplit('/').next().unwrap_or(path).to_owned()).collect())
    }

    pub(super) fn lock(&mut self, folder: &str) -> io::Result<()> {
        if self.names.get(folder) != Some(&Node::Folder) {
            return Err(ErrorKind::NotFound.into());
        }
        if self.locks.insert(folder.to_owned()) { Ok(()) } else { Err(ErrorKind::WouldBlock.into()) }
    }

    pub(super) fn unlock(&mut self, folder: &str) {
        self.locks.remove(folder);
    }

    pub(super) fn flip(&mut self, path: &str, offset: u64, mask: u8) -> io::Result<()> {
        let inode = self.find(path)?;
        let content = &mut self.contents[inode];
        let offset = offset as usize;
        *content.seen.get_mut(offset).ok_or(ErrorKind::UnexpectedEof)? ^= mask;
        if let Some(byte) = content.durable.get_mut(offset) {
            *byte ^= mask;
        }
        Ok(())
    }

    pub(super) fn create(&mut self, path: &str) -> io::Result<Inode> {
        if let Ok(inode) = self.find(path) {
            return self.truncate(inode, 0).map(|()| inode);
        }
        let fate = self.begin(true, || format!("create {path}"))?;
        self.check_folder(path)?;
        self.check_room(fate)?;
        let inode = self.contents.len();
        // A creation that was torn is one that nobody heard of: chance says whether it survives.
        self.contents.push(Content::default());
        self.change_name(NameChange::Add(path.to_owned(), Node::File(inode)));
        self.end(fate).map(|()| inode)
    }

    pub(super) fn create_folder(&mut self, path: &str) -> io::Result<()> {
        match self.names.get(path) {
            Some(Node::Folder) => return Ok(()),
            Some(Node::File(_)) => return Err(ErrorKind::AlreadyExists.into()),
            None => {}
        }
        let fate = self.begin(true, || format!("create folder {path}"))?;
        self.check_folder(path)?;
        self.check_room(fate)?;
        self.change_name(NameChange::Add(path.to_owned(), Node::Folder));
        self.end(fate)
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let fate = self.begin(false, || format!("rename {from} {to}"))?;
        let inode = self.find(from)?;
        self.check_folder(to)?;
        self.check_room(fate)?;
        self.change_name(NameChange::Rename(from.to_owned(), to.to_owned(), Node::File(inode)));
        self.end(fate)
    }

    pub(super) fn remove(&mut self, path: &str) -> io::Result<()> {
        let fate = self.begin(false, || format!("remove {path}"))?;
        self.find(path)?;
        self.check_room(fate)?;
        self.change_name(NameChange::Remove(path.to_owned()));
        self.end(fate)
    }

    pub(super) fn remove_folder(&mut self, path: &str) -> io::Result<()> {
        let fate = self.begin(false, || format!("remove folder {path}"))?;
        if !self.list(path)?.is_empty() {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        self.check_room(fate)?;
        self.change_name(NameChange::Remove(path.to_owned()));
        self.end(fate)
    }

    pub(super) fn sync_folder(&mut self, folder: &str) -> io::Result<()> {
        let fate = self.begin(false, || format!("sync folder {folder}"))?;
        if self.names.get(folder) != Some(&Node::Folder) {
            return Err(ErrorKind::NotFound.into());
        }
        let pending = std::mem::take(&mut self.names_pending);
        for change in pending {
            let is_here = folder_of(change.path()) == folder;
            if is_here && (matches!(fate, Fate::Done | Fate::DoneThenCrash) || self.coin()) {
                change.apply(&mut self.names_durable);
            } else {
                self.names_pending.push(change);
            }
        }
        self.end(fate)
    }

    pub(super) fn write(&mut self, inode: Inode, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let count = bytes.len();
        // What is there already can be written over without more room.
        let grows = offset + count as u64 > self.contents[inode].seen.len() as u64;
        let fate = self.begin(grows, || format!("write {count} bytes to file {inode} at {offset}"))?;
        let mut taken = match fate {
            Fate::Done | Fate::DoneThenCrash => count,
            Fate::Error | Fate::NoSpace | Fate::Torn => self.draw(count as u64) as usize,
        };
        // A write in earnest may be short without any error.
        if fate == Fate::Done && count > 1 && self.draw(64) == 0 {
            taken = 1 + self.draw(count as u64 - 1) as usize;
        }
        if taken > 0 {
            let change = Change::Write { offset: offset as usize, bytes: bytes[..taken].to_vec() };
            change.apply(&mut self.contents[inode].seen);
            self.contents[inode].pending.push(change);
        }
        // A full disk takes what fits and says so; the refusal comes with the next write.
        if fate == Fate::NoSpace {
            return if taken > 0 { Ok(taken) } else { Err(io::Error::from_raw_os_error(ENOSPC)) };
        }
        self.end(fate).map(|()| taken)
    }

    pub(super) fn truncate(&mut self, inode: Inode, len: u64) -> io::Result<()> {
        let fate = self.begin(false, || format!("truncate file {inode} to {len}"))?;
        self.check_room(fate)?;
        let change = Change::Truncate(len as usize);
        change.apply(&mut self.contents[inode].seen);
        self.contents[inode].pending.push(change);
        self.end(fate)
    }

    pub(super) fn sync(&mut self, inode: Inode) -> io::Result<()> {
        let fate = self.begin(false, || format!("sync file {inode}"))?;
        let pending = std::mem::take(&mut self.contents[inode].pending);
        if matches!(fate, Fate::Done | Fate::DoneThenCrash) {
            for change in pending {
                change.apply(&mut self.contents[inode].durable);
            }
        } else {
            self.apply_some(inode, pending);
            // Pages that could not be written are clean now; whether they still read as written is chance.
            if self.coin() {
                self.contents[inode].show_durable();
            }
        }
        self.end(fate)
    }

    /// Stops the machine if it has not stopped yet, throws the dice over everything pending, and starts it again.
    pub(super) fn crash(&mut self) {
        let pending = std::mem::take(&mut self.names_pending);
        for change in pending {
            if self.coin() {
                change.apply(&mut self.names_durable);
            }
        }
        for inode in 0..self.contents.len() {
            let pending = std::mem::take(&mut self.contents[inode].pending);
            self.apply_some(inode, pending);
            self.contents[inode].show_durable();
        }
        // What lies in a folder that did not survive is gone with it.
        let durable = self.names_durable.clone();
        self.names_durable.retain(|path, _| {
            path.is_empty() || folders(path).all(|f| durable.get(f) == Some(&Node::Folder))
        });
        self.names = self.names_durable.clone();
        self.locks.clear();
        self.start += 1;
        self.crashed = false;
        self.stuck = false;
        self.no_space_left = 0;
    }

    /// Brings some sectors of the changes to the disk.
    fn apply_some(&mut self, inode: Inode, pending: Vec<Change>) {
        let rubbish = self.coin();
        for change in pending {
            match change {
                Change::Truncate(_) => {
                    if self.coin() {
                        change.apply(&mut self.contents[inode].durable);
                    }
                }
                Change::Write { mut offset, bytes } => {
                    let mut rest = bytes.as_slice();
                    // All, none, or each sector by itself.
                    let mood = self.draw(4);
                    while !rest.is_empty() {
                        let (sector, behind) =
                            rest.split_at(rest.len().min(SECTOR_BYTES - offset % SECTOR_BYTES));
                        if mood == 0 || (mood != 1 && self.coin()) {
                            self.put_sector(inode, offset, sector, rubbish);
                        }
                        offset += sector.len();
                        rest = behind;
                    }
                }
            }
        }
    }

    fn put_sector(&mut self, inode: Inode, offset: usize, sector: &[u8], rubbish: bool) {
        while self.contents[inode].durable.len() < offset {
            let byte = if rubbish { self.draw(256) as u8 } else { 0 };
            self.contents[inode].durable.push(byte);
        }
        Change::Write { offset, bytes: sector.to_vec() }.apply(&mut self.contents[inode].durable);
    }

    fn change_name(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.names_pending.push(change);
    }

    fn check_folder(&self, path: &str) -> io::Result<()> {
        if self.names.get(folder_of(path)) == Some(&Node::Folder) {
            Ok(())
        } else {
            Err(ErrorKind::NotFound.into())
        }
    }

    /// For operations that happen or do not: an error, no room and a chance of not having happened before the crash.
    fn check_room(&mut self, fate: Fate) -> io::Result<()> {
        match fate {
            Fate::Error => Err(io::Error::from_raw_os_error(EIO)),
            Fate::NoSpace => Err(io::Error::from_raw_os_error(ENOSPC)),
            Fate::Torn if self.coin() => self.end(fate),
            _ => Ok(()),
        }
    }

    /// Counts an operation and looks up its fate.
    fn begin(&mut self, needs_room: bool, what: impl Fn() -> String) -> io::Result<Fate> {
        self.operations += 1;
        let fault = self.faults.get(&self.operations).copied();
        if let Some(fault) = fault {
            self.failed.push(format!("{fault:?} at operation {}: {}", self.operations, what()));
        }
        match fault {
            None => {}
            Some(Fault::Error) => return Ok(Fate::Error),
            Some(Fault::NoSpace { more }) => self.no_space_left = more.saturating_add(1),
            Some(Fault::CrashTorn) => return Ok(Fate::Torn),
            Some(Fault::CrashAfter) => return Ok(Fate::DoneThenCrash),
            Some(Fault::CrashBefore) => return self.end(Fate::Torn).map(|()| Fate::Torn),
        }
        if needs_room && (self.full || self.no_space_left > 0) {
            self.no_space_left = self.no_space_left.saturating_sub(1);
            return Ok(Fate::NoSpace);
        }
        Ok(Fate::Done)
    }

    fn end(&mut self, fate: Fate) -> io::Result<()> {
        match fate {
            Fate::Done => Ok(()),
            Fate::Error => Err(io::Error::from_raw_os_error(EIO)),
            Fate::NoSpace => Err(io::Error::from_raw_os_error(ENOSPC)),
            Fate::Torn | Fate::DoneThenCrash => {
                self.crashed = true;
                Err(io::Error::other("the machine has stopped"))
            }
        }
    }

    fn coin(&mut self) -> bool {
        self.draw(2) == 0
    }

    fn draw(&mut self, end: u64) -> u64 {
        self.chance.draw(end)
    }
}

impl Content {
    fn show_durable(&mut self) {
        self.seen.clone_from(&self.durable);
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Truncate(len) => content.resize(*len, 0),
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*offset..end].copy_from_slice(bytes);
            }
        }
    }
}

impl NameChange {
    fn path(&self) -> &str {
        match self {
            Self::Add(path, _) | Self::Remove(path) | Self::Rename(_, path, _) => path,
        }
    }

    fn apply(&self, names: &mut BTreeMap<String, Node>) {
        match self {
            Self::Add(path, node) => {
                names.insert(path.clone(), *node);
            }
            Self::Remove(path) => {
                names.remove(path);
            }
            Self::Rename(from, to, node) => {
                names.remove(from);
                names.insert(to.clone(), *node);
            }
        }
    }
}

/// The folders above a path, from the innermost.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| (!path.is_empty()).then(|| folder_of(path))).skip(1)
}
