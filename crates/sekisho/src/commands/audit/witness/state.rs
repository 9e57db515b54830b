//! What a witness has seen, on its disk: the newest checkpoint of each log, and what it refused.

use std::{
    io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sekisho_audit::{
    checkpoint::Checkpoint,
    merkle::{TreeHead, leaf_hash},
    note::{NOTE_BYTES_MAX, Note},
    vfs::{self, Disk, DiskLock, Vfs},
    witness::{Request, State},
};

/// The newest checkpoint of each log, as the log signed it.
const SEEN: &str = "seen";
/// Requests that show a second history, or may.
const REFUSED: &str = "refused";
/// Most requests that are kept as evidence: only a log can sign more, but no log should fill the disk.
const REFUSED_MAX: usize = 100;

/// The memory of a witness. It has its folder for itself as long as it lives.
pub(super) struct Memory {
    disk: Disk,
    /// Held over a comparison and the write that follows from it.
    turn: Mutex<()>,
    _lock: DiskLock,
}

impl Memory {
    /// Opens the folder.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let disk = Disk::private(dir);
        let lock = disk.lock("")?;
        for folder in [SEEN, REFUSED] {
            disk.create_folder(folder)?;
        }
        disk.sync_folder("")?;
        Ok(Self { disk, turn: Mutex::new(()), _lock: lock })
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        // Nothing is kept in memory that a panic could have left half done.
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, origin: &str) -> io::Result<Option<TreeHead>> {
        let bytes = match vfs::read(&self.disk, &path(origin), NOTE_BYTES_MAX as u64) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        let note = Note::parse_bytes(&bytes).ok();
        let checkpoint = note.and_then(|note| note.text().parse::<Checkpoint>().ok());
        // A file that cannot be read is no reason to begin anew: a witness that forgets can be shown a second history.
        match checkpoint.filter(|checkpoint| checkpoint.origin() == origin) {
            Some(checkpoint) => Ok(Some(checkpoint.head())),
            None => Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} is damaged", path(origin)))),
        }
    }

    /// Keeps a request that was signed by its log and does not go on from what was seen. Says where; none when it is
    /// there already or there are too many.
    pub(super) fn keep(&self, body: &[u8]) -> io::Result<Option<String>> {
        let Ok(request) = Request::parse(body) else { return Ok(None) };
        let (origin, head) = (request.checkpoint().origin(), request.checkpoint().head());
        let name = format!("{}-{}-{}.txt", &file_name(origin)[..16], head.size, hex(&head.root.0[..8]));
        let _turn = self.turn();
        let there = self.disk.list(REFUSED)?;
        if there.len() >= REFUSED_MAX || there.contains(&name) {
            return Ok(None);
        }
        let path = format!("{REFUSED}/{name}");
        vfs::replace(&self.disk, &path, body)?;
        self.disk.sync_folder(REFUSED)?;
        Ok(Some(path))
    }
}

impl State for Memory {
    type Error = io::Error;

    fn latest(&self, origin: &str) -> io::Result<Option<TreeHead>> {
        self.read(origin)
    }

    fn replace(
        &self,
        origin: &str,
        expected: Option<TreeHead>,
        new: TreeHead,
        note: &Note,
    ) -> io::Result<bool> {
        let _turn = self.turn();
        let latest = self.read(origin)?;
        if latest != expected {
            return Ok(false);
        }
        if latest != Some(new) {
            vfs::replace(&self.disk, &path(origin), note.to_string().as_bytes())?;
            self.disk.sync_folder(SEEN)?;
        }
        Ok(true)
    }
}

/// One file for each log. Names of logs may hold anything; their hashes do not.
fn path(origin: &str) -> String {
    format!("{SEEN}/{}", file_name(origin))
}

fn file_name(origin: &str) -> String {
    hex(&leaf_hash(origin.as_bytes()).0)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sekisho_audit::{
        checkpoint::Checkpoint,
        merkle::{Hash, TreeHead},
        note::{Note, SigningKey},
        witness::{Request, State},
    };

    use super::{Memory, REFUSED_MAX, path};

    const ORIGIN: &str = "audit.example/../log";

    fn note(size: u64, root: u8) -> (TreeHead, Note) {
        let key = SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap();
        let head = TreeHead { size, root: Hash([root; 32]) };
        (head, Checkpoint::new(ORIGIN, head).unwrap().sign(&key))
    }

    #[test]
    fn what_was_seen_is_there_at_the_next_start_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let ((one, first), (two, second)) = (note(1, 1), note(2, 2));
        let memory = Memory::open(folder.path()).unwrap();
        assert!(Memory::open(folder.path()).is_err(), "a second process");
        assert_eq!(memory.latest(ORIGIN).unwrap(), None);
        assert!(memory.replace(ORIGIN, None, one, &first).unwrap());
        assert!(!memory.replace(ORIGIN, None, two, &second).unwrap(), "another was faster");
        drop(memory);
        let memory = Memory::open(folder.path()).unwrap();
        assert_eq!(memory.latest(ORIGIN).unwrap(), Some(one));
        assert!(memory.replace(ORIGIN, Some(one), two, &second).unwrap());
        assert_eq!(memory.latest("audit.example/other").unwrap(), None);

        fs::write(folder.path().join(path(ORIGIN)), "").unwrap();
        assert!(memory.latest(ORIGIN).is_err(), "a damaged memory is not an empty one");
    }

    #[test]
    fn evidence_is_kept_once_and_not_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::open(folder.path()).unwrap();
        let body = |size| Request::new(0, Vec::new(), note(size, 1).1).unwrap().to_string().into_bytes();
        assert!(memory.keep(&body(1)).unwrap().is_some());
        assert!(memory.keep(&body(1)).unwrap().is_none());
        let kept = (2..200).filter(|size| memory.keep(&body(*size)).unwrap().is_some()).count();
        assert_eq!(kept, REFUSED_MAX - 1);
    }
}
