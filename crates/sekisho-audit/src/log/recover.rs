//! Opening a log: what is there is checked, what was never acknowledged is cut off, everything else that is wrong is a
//! reason not to start.
//!
//! A group is one write and one sync, so a crash can only tear the last one. Its bytes are then missing in any places,
//! perhaps not in its commit frame. So the last *valid* commit is the last one whose whole group holds; what is behind it
//! goes, if it can be the rest of one group: if a signed commit is found in there, it must be the end of the file.
//! Otherwise something after the break was acknowledged, and the break is damage.
//!
//! One thing cannot be told from a torn group: damage to the commit frame between the last two groups, when neither was
//! published. That takes a crash within a second of the last commit and a second, independent fault in that very frame;
//! [`Recovered::cut_bytes`] then says how much went, and whoever keeps a later checkpoint can prove it.
//!
//! What a crash cannot do is to change what was synced. The published checkpoint was, and covers acknowledged entries
//! only: a log that is smaller was put back or damaged.

mod scan;
mod tail;
mod tiles;

use std::{collections::BTreeMap, io::ErrorKind, sync::Arc};

use super::{
    CHECKPOINT, CHECKPOINT_BYTES_MAX, KeyChain, OpenError, Settings, group,
    reader::open_checkpoint,
    segment_path,
    view::{Shared, View, list_segments},
    writer::{Tail, Writer, lock},
};
use crate::{
    checkpoint::Checkpoint,
    merkle::{Frontier, TreeHead},
    note::Note,
    segment::{Broken, CommitFrame, Frames, Reason, last_commit},
    vfs::{self, File, Open, ReadAt, Vfs},
};
use scan::{Good, Scan};

/// What opening a log has found and done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// Size and root of the log.
    pub head: TreeHead,
    /// Bytes behind the last commit that were cut off: entries that nobody was told of.
    pub cut_bytes: u64,
    /// Entries that were read. The others are vouched for by signed roots and tiles.
    pub entries_read: u64,
    /// Whether tiles or the published checkpoint were missing, so that everything was read and they were made again.
    pub tiles_made: bool,
}

/// Who may have signed, and for what log.
pub(super) struct Trust {
    pub(super) origin: String,
    pub(super) keys: KeyChain,
}

/// The end of a segment that is not the last: it must be a signed commit.
struct Closed {
    segment: u64,
    end: u64,
    head: TreeHead,
    note: String,
}

/// What is known before any entry is read.
struct Outline {
    published: Option<TreeHead>,
    segments: Vec<u64>,
    closed: Vec<Closed>,
    base: Option<tiles::Base>,
}

impl Outline {
    /// In the order in which a writer beside does not mind: the published checkpoint first, since the entries it covers are
    /// there already; then the names of the segments, of which later ones do not matter.
    fn read<V: Vfs>(fs: &V, trust: &Trust) -> Result<Self, OpenError> {
        check_origin(fs, trust)?;
        let published = read_published(fs, trust)?;
        let segments = list_segments(fs)?;
        let closed = check_closed(fs, &segments, trust)?;
        let base = match published {
            Some(published) => tiles::base(fs, published, &closed)?,
            None => None,
        };
        Ok(Self { published, segments, closed, base })
    }
}

pub(super) fn open<V: Vfs>(fs: V, settings: Settings) -> Result<(Writer<V>, Recovered), OpenError> {
    let lock = lock(&fs)?;
    if settings.keys.newest() != &settings.signer.verifier_key() {
        return Err(OpenError::Key);
    }
    let trust = Trust { origin: settings.origin().to_owned(), keys: settings.keys.clone() };
    let Outline { published, segments, closed, base } = Outline::read(&fs, &trust)?;
    let (mut scan, mut tiles_made) = match base {
        Some(base) => (Scan::from_tiles(&fs, &trust, published, &closed[..base.closed], base.tree), false),
        None => (Scan::from_nothing(&fs, &trust, published), true),
    };
    let mut broken = scan.run(&segments)?;
    scan.check(broken)?;
    if !tiles_made && !scan.compare_tiles()? {
        // A tile is missing: all are made again, which nobody needs to do twice.
        tiles_made = true;
        scan = Scan::from_nothing(&fs, &trust, published);
        broken = scan.run(&segments)?;
        scan.check(broken)?;
    }
    // Before anything is published of it, the last group must be durable.
    let (tail, cut_bytes) = tail::settle(&fs, &trust, &segments, &scan, broken, published)?;
    let entries_read = scan.entries_read;
    let (good, state) = scan.finish(tiles_made)?;
    let writer = assemble(fs, settings, lock, good, state, tail, segments);
    let recovered = Recovered { head: writer.head(), cut_bytes, entries_read, tiles_made };
    Ok((writer, recovered))
}

/// Looks at a log that another process may be writing to, up to its last commit. Takes no lock and changes nothing; what is
/// checked is what [`open`] checks.
///
/// What was read of the last segment is then made durable by us: a writer may have written a group and not yet synced it,
/// and what we show must not be gone after a power cut. (An error that our sync meets is told to the writer all the same:
/// Linux tells it to every open file once.)
pub(super) fn look<V: Vfs>(fs: V, keys: KeyChain) -> Result<Arc<Shared<V>>, OpenError> {
    let trust = Trust { origin: keys.first().name().to_owned(), keys };
    let Outline { published, segments, closed, base } = Outline::read(&fs, &trust)?;
    let mut scan = match base {
        Some(base) => Scan::from_tiles(&fs, &trust, published, &closed[..base.closed], base.tree),
        None => Scan::from_tiles(&fs, &trust, published, &[], tiles::Tree::empty()),
    };
    let broken = scan.run(&segments)?;
    scan.check(broken)?;
    if let Some(broken) = broken {
        tail::check_torn(&fs, &trust, scan.good(), broken, scan.end)?;
    }
    if let Some(good) = scan.good() {
        fs.open(&segment_path(good.segment), Open::Read)?.sync()?;
    }
    // Tiles that are missing, or that a writer replaces just now, are in memory as far as the entries were read.
    scan.compare_tiles()?;
    let (good, state) = scan.into_memory();
    let note = match good {
        Some(good) => good.note,
        None => String::from_utf8_lossy(&vfs::read(&fs, CHECKPOINT, CHECKPOINT_BYTES_MAX)?).into_owned(),
    };
    let view = View {
        head: state.frontier.head(),
        note: note.into(),
        published: state.published,
        segments: Arc::new(segments),
        tiles: state.tiles,
    };
    Ok(Shared::new(fs, view, state.offsets))
}

fn assemble<V: Vfs>(
    fs: V,
    settings: Settings,
    lock: V::Lock,
    good: Option<Good>,
    state: scan::State,
    tail: Option<Tail<V>>,
    mut segments: Vec<u64>,
) -> Writer<V> {
    let origin = settings.origin();
    let note = good.map_or_else(|| group::sign(origin, &Frontier::new(), &settings.signer), |good| good.note);
    let last = tail.as_ref().map(|tail| tail.first);
    segments.retain(|first| last.is_some_and(|last| *first <= last));
    let view = View {
        head: state.frontier.head(),
        note: note.into(),
        published: state.published,
        segments: Arc::new(segments),
        tiles: state.tiles,
    };
    let shared = Shared::new(fs, view, state.offsets);
    Writer { shared, settings, frontier: state.frontier, tail, poison: None, _lock: lock }
}

/// `origin` must name this log and the first of its keys.
fn check_origin<V: Vfs>(fs: &V, trust: &Trust) -> Result<(), OpenError> {
    let named = KeyChain::first_of(fs)?;
    let found = named.first();
    if found.name() != trust.origin {
        return Err(OpenError::Origin { expected: trust.origin.clone(), found: found.name().to_owned() });
    }
    if found == trust.keys.first() { Ok(()) } else { Err(OpenError::Key) }
}

fn read_published<V: Vfs>(fs: &V, trust: &Trust) -> Result<Option<TreeHead>, OpenError> {
    let bytes = match vfs::read(fs, CHECKPOINT, CHECKPOINT_BYTES_MAX) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        bytes => bytes?,
    };
    Ok(Some(open_checkpoint(&bytes, trust)?.checkpoint.head()))
}

/// All segments but the last end with a signed commit, and the next begins there.
fn check_closed<V: Vfs>(fs: &V, segments: &[u64], trust: &Trust) -> Result<Vec<Closed>, OpenError> {
    if let Some(first) = segments.first().copied().filter(|first| *first != 0) {
        return Err(OpenError::Missing { from: 0, to: first });
    }
    let mut closed = Vec::new();
    for pair in segments.windows(2) {
        let (segment, next) = (pair[0], pair[1]);
        let file = fs.open(&segment_path(segment), Open::Read)?;
        let end = file.len()?;
        let Some(commit) = last_commit(&file, end, |commit| trust.signed(commit).is_some())? else {
            return Err(name_break(file, segment, end));
        };
        let head = trust.signed(&commit).expect("it was found by this").head();
        if head.size < next {
            return Err(OpenError::Missing { from: head.size, to: next });
        }
        if head.size > next {
            return Err(OpenError::Overlap { segment: next, expected: head.size });
        }
        let note = String::from_utf8_lossy(&commit.payload).into_owned();
        closed.push(Closed { segment, end, head, note });
    }
    Ok(closed)
}

/// Where a segment breaks that does not end as it must.
fn name_break<R: ReadAt>(file: R, segment: u64, end: u64) -> OpenError {
    let mut frames = Frames::new(file, segment, end);
    let mut offset = 0;
    loop {
        match frames.next_frame() {
            Ok(Some(frame)) => offset = frame.offset,
            Ok(None) => break,
            Err(error) => return error.into(),
        }
    }
    // Every frame holds: the last is a commit that nobody we trust has signed, or an entry.
    if frames.is_committed() {
        Broken { segment, offset, reason: Reason::Signature }.into()
    } else {
        Broken { segment, offset: end, reason: Reason::Uncommitted }.into()
    }
}

impl Trust {
    /// The checkpoint in a commit, if it is one of this log, of the right size, and signed by a trusted key.
    pub(super) fn signed(&self, commit: &CommitFrame) -> Option<Checkpoint> {
        let text = str::from_utf8(&commit.payload).ok()?;
        let checkpoint = self.keys.open(Note::parse(text).ok()?).ok()?.checkpoint;
        (checkpoint.origin() == self.origin && checkpoint.size() == commit.size).then_some(checkpoint)
    }
}

/// Offsets by segment.
type Tables = BTreeMap<u64, Arc<crate::segment::Offsets>>;
