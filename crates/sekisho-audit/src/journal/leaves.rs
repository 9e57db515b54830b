//! The log as the journal sees it, without the type of its file system.

use super::Error;
use crate::{
    checkpoint::Checkpoint,
    log::{
        KeyChain, Log, ORIGIN, OpenError, ReadError, Reader, Recovered, SEGMENTS, Settings, Snapshot,
        SnapshotHashes, Ticket, Writer,
    },
    merkle::{Hash, TreeHead, inclusion_proof, leaf_hash},
    note::{Note, SigningKey},
    vfs::{self, Folder, Vfs},
};

/// Makes the leaves of a group when the index of the first is known; none when it cannot.
pub(super) type Make = Box<dyn FnOnce(u64) -> Option<Vec<Vec<u8>>> + Send>;

/// Leaves that belong into one group.
pub(super) enum Group {
    /// All of them.
    Ready(Vec<Vec<u8>>),
    /// The one leaf that introduces a key, and the key, which signs from the next group on.
    Key(Vec<u8>, Box<SigningKey>),
    /// To be made when their place is known; how many, and their bytes at most.
    Placed { count: usize, bytes: usize, make: Make },
}

/// The log as it was at one moment, under one signed checkpoint.
pub(crate) trait View {
    fn checkpoint(&self) -> &Note;
    /// Entries that the checkpoint covers.
    fn size(&self) -> u64;
    fn read(&self, index: u64) -> Result<Vec<u8>, Error>;
    fn inclusion(&self, index: u64) -> Result<Vec<Hash>, Error>;
}

/// Takes the index and the bytes of an entry.
pub(super) type Each<'a> = dyn FnMut(u64, &[u8]) -> Result<(), Error> + 'a;

/// The writing half of a log.
pub(super) trait Append: Send + Sync {
    fn append(&self, group: Group) -> Result<Ticket, Error>;
    /// Writes the list of keys beside the log, durably.
    fn write_chain(&self, chain: &KeyChain) -> Result<(), Error>;
}

/// The reading half: leaves in order.
pub(super) trait Leaves: Send + Sync {
    /// Durable entries.
    fn head(&self) -> TreeHead;
    fn read(&self, index: u64) -> Result<Vec<u8>, Error>;
    /// The leaf hash of an entry; none behind the end, or when the entry cannot be read.
    fn hash(&self, index: u64) -> Option<[u8; 32]> {
        let is_there = index < self.head().size;
        is_there.then(|| self.read(index).ok()).flatten().map(|leaf| leaf_hash(&leaf).0)
    }
    /// Entries from one to another, in their order; ends with the first error.
    fn each(&self, from: u64, to: u64, each: &mut Each<'_>) -> Result<(), Error>;
    /// A view that covers the first `entries`: that of the published checkpoint when it does, for its cosignatures.
    fn view(&self, entries: u64) -> Result<Box<dyn View>, Error>;
    fn byte_len(&self) -> Result<u64, Error>;
}

struct OpenLog<V: Vfs> {
    log: Log<V>,
    fs: V,
}

struct ReadLog<V: Vfs> {
    reader: Reader<V>,
    segments: Folder,
}

struct Frozen<V: Vfs> {
    snapshot: Snapshot<V>,
    /// Kept from proof to proof: neighbours have most tiles in common.
    hashes: SnapshotHashes<V>,
    note: Note,
    size: u64,
}

/// Whether there is a log. One that lacks only its `origin` is no log yet.
pub(super) fn exists<V: Vfs>(fs: &V) -> Result<bool, Error> {
    vfs::exists(fs, ORIGIN).map_err(|cause| OpenError::Io(cause).into())
}

/// Opens the log to write, or makes it.
pub(super) fn open<V: Vfs>(
    fs: V,
    settings: Settings,
    is_new: bool,
) -> Result<(Writer<V>, Option<Recovered>), Error> {
    if is_new {
        return Ok((Writer::create(fs, settings)?, None));
    }
    let (writer, recovered) = Writer::open(fs, settings)?;
    Ok((writer, Some(recovered)))
}

/// Both halves of a log that was opened.
pub(super) type Halves = (Box<dyn Leaves>, Box<dyn Append>);

/// Starts the threads of a log.
pub(super) fn start<V: Vfs>(fs: V, writer: Writer<V>) -> Result<Halves, Error> {
    let log = Log::start(writer).map_err(OpenError::Io)?;
    Ok((of_reader(fs.clone(), log.reader()), Box::new(OpenLog { log, fs })))
}

/// The reading half of a log that another process may be writing to.
pub(super) fn look<V: Vfs>(fs: V, keys: KeyChain) -> Result<Box<dyn Leaves>, OpenError> {
    let reader = Reader::open_committed(fs.clone(), keys)?;
    Ok(of_reader(fs, reader))
}

fn of_reader<V: Vfs>(fs: V, reader: Reader<V>) -> Box<dyn Leaves> {
    Box::new(ReadLog { reader, segments: Folder::new(fs, SEGMENTS) })
}

impl<V: Vfs> Append for OpenLog<V> {
    fn append(&self, group: Group) -> Result<Ticket, Error> {
        Ok(match group {
            Group::Ready(leaves) => self.log.append(leaves)?,
            Group::Key(leaf, next) => self.log.append_and_change_key(vec![leaf], *next)?,
            Group::Placed { count, bytes, make } => self.log.append_at(count, bytes, make)?,
        })
    }

    fn write_chain(&self, chain: &KeyChain) -> Result<(), Error> {
        Ok(chain.write(&self.fs).map_err(OpenError::Io)?)
    }
}

impl<V: Vfs> Leaves for ReadLog<V> {
    fn head(&self) -> TreeHead {
        self.reader.snapshot().head()
    }

    fn read(&self, index: u64) -> Result<Vec<u8>, Error> {
        Ok(self.reader.snapshot().read(index)?)
    }

    fn each(&self, from: u64, to: u64, each: &mut Each<'_>) -> Result<(), Error> {
        for entry in self.reader.snapshot().iter(from..to) {
            let (index, leaf) = entry?;
            each(index, &leaf)?;
        }
        Ok(())
    }

    fn view(&self, entries: u64) -> Result<Box<dyn View>, Error> {
        let snapshot = self.reader.snapshot();
        let published = self.reader.published().ok().and_then(|note| Note::parse_bytes(&note).ok());
        let size_of =
            |note: &Note| note.text().parse::<Checkpoint>().ok().map(|checkpoint| checkpoint.size());
        let covering = published.and_then(|note| {
            let size = size_of(&note).filter(|size| (entries..=snapshot.size()).contains(size))?;
            Some((note, size))
        });
        let (note, size) = match covering {
            Some(found) => found,
            None => {
                let note = Note::parse(snapshot.checkpoint())
                    .map_err(|_| Error::Content { index: snapshot.size() })?;
                (note, snapshot.size())
            }
        };
        Ok(Box::new(Frozen { hashes: snapshot.hashes(), snapshot, note, size }))
    }

    fn byte_len(&self) -> Result<u64, Error> {
        self.segments.byte_len().map_err(|cause| ReadError::Io(cause).into())
    }
}

impl<V: Vfs> View for Frozen<V> {
    fn checkpoint(&self) -> &Note {
        &self.note
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, index: u64) -> Result<Vec<u8>, Error> {
        Ok(self.snapshot.read(index)?)
    }

    fn inclusion(&self, index: u64) -> Result<Vec<Hash>, Error> {
        let proof = inclusion_proof(index, self.size, &self.hashes);
        Ok(proof.map_err(ReadError::Tiles)?)
    }
}
