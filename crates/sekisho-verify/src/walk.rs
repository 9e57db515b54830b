//! Reading a whole log once, from its first byte, and holding it against what it promises.

use std::{
    collections::BTreeMap,
    fs, io, mem,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use crate::{
    clear::{self, Clear},
    files::{self, Found, TEXT_BYTES_MAX},
    finding::{Finding, Report},
    leaf::Leaf,
    meaning::Meaning,
    merkle::{Hash, Tree, leaf_hash},
    note::{Checkpoint, Note, Signed, VerifierKey, parse_decimal},
    segment::{self, Broken, Frames, GROUP_BYTES_MAX, Tag},
    tiles::Tiles,
};

/// A checkpoint that is known from elsewhere: from paper, from a witness, from an earlier verification.
pub(crate) struct Trusted {
    pub(crate) source: String,
    pub(crate) checkpoint: Checkpoint,
}

pub(crate) struct Question {
    pub(crate) log: PathBuf,
    /// The key the log must be signed by; the one it names itself when none is given.
    pub(crate) key: Option<VerifierKey>,
    pub(crate) trusted: Vec<Trusted>,
    pub(crate) witnesses: Vec<VerifierKey>,
    pub(crate) every_signature: bool,
}

pub(crate) struct Walk<'q> {
    question: &'q Question,
    pub(crate) report: Report,
    origin: String,
    /// Each with the number of entries behind which it signs; the first signs from the beginning.
    keys: Vec<(u64, VerifierKey)>,
    /// A key that this group introduces, and where.
    next_key: Option<(u64, VerifierKey)>,
    tree: Tree,
    tiles: Tiles,
    last_commit: Option<(String, Vec<u8>)>,
    /// Sizes at which the root is compared with a checkpoint from outside the segments.
    awaited: BTreeMap<u64, Vec<(Hash, String)>>,
    /// The size of the published checkpoint, and its note.
    published: Option<(u64, Vec<u8>)>,
    pub(crate) meaning: Meaning,
}

/// Verifies the log of `question`.
pub(crate) fn walk(question: &Question) -> io::Result<Walk<'_>> {
    let mut walk = Walk::begin(question)?;
    let segments = segments(&question.log, &mut walk.report)?;
    let count = segments.len();
    for (at, (first, path)) in segments.iter().enumerate() {
        if *first != walk.tree.size() {
            let finding = Finding::new("segment-gap").with("segment", name_of(path));
            walk.report.find(finding.with("expected", walk.tree.size()));
            break;
        }
        if !walk.segment(path, at + 1 == count)? {
            break;
        }
    }
    walk.finish()?;
    Ok(walk)
}

/// The segment files in their order.
pub(crate) fn segments(log: &Path, report: &mut Report) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    let folder = log.join("segment");
    for entry in fs::read_dir(&folder).map_err(files::of(&folder))? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let is_segment = path.extension().is_some_and(|ending| ending == "seg") && stem.len() == 20;
        match stem.parse() {
            Ok(first) if is_segment => found.push((first, path)),
            _ => report.remark(Finding::new("file-unknown").with("path", name_of(&path))),
        }
    }
    found.sort();
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl<'q> Walk<'q> {
    fn begin(question: &'q Question) -> io::Result<Self> {
        let mut report = Report::default();
        let path = question.log.join("origin");
        let text = files::read(&path, TEXT_BYTES_MAX)?;
        let text = String::from_utf8_lossy(&text);
        let mut lines = text.lines();
        let origin = lines.next().unwrap_or_default().to_owned();
        let named = lines.next().and_then(VerifierKey::parse);
        let key = match (&question.key, named) {
            (Some(given), named) => {
                if named.as_ref() != Some(given) {
                    report.remark(Finding::new("key-file-differs"));
                }
                given.clone()
            }
            (None, Some(named)) => {
                report.remark(Finding::new("key-not-given"));
                named
            }
            (None, None) => {
                let error = io::Error::new(io::ErrorKind::InvalidData, "no verifier key");
                return Err(files::of(&path)(error));
            }
        };
        report.origin.clone_from(&origin);
        let mut walk = Self {
            question,
            report,
            origin,
            keys: vec![(0, key)],
            next_key: None,
            tree: Tree::default(),
            tiles: Tiles::new(&question.log),
            last_commit: None,
            awaited: BTreeMap::new(),
            published: None,
            meaning: Meaning::default(),
        };
        for trusted in &question.trusted {
            walk.expect(&trusted.checkpoint, &trusted.source);
        }
        walk.read_published()?;
        walk.compare_awaited()?;
        Ok(walk)
    }

    fn expect(&mut self, checkpoint: &Checkpoint, source: &str) {
        if checkpoint.origin == self.origin {
            let rows = self.awaited.entry(checkpoint.size).or_default();
            rows.push((checkpoint.root, source.to_owned()));
        } else {
            let finding = Finding::new("origin-differs").with("source", source);
            self.report.find(finding.with("origin", &checkpoint.origin));
        }
    }

    /// The published checkpoint: derived, so it may be missing, but not wrong. Who signed it is looked at when all keys
    /// of the log are known.
    fn read_published(&mut self) -> io::Result<()> {
        let bytes = match files::find(&self.question.log.join("checkpoint"), TEXT_BYTES_MAX)? {
            Found::Whole(bytes) => bytes,
            // As nothing that could be read.
            Found::TooLong => Vec::new(),
            Found::Missing => {
                self.report.remark(Finding::new("checkpoint-missing"));
                return Ok(());
            }
        };
        match Note::parse(&bytes).and_then(|note| Checkpoint::parse(note.text)) {
            Some(checkpoint) => {
                self.expect(&checkpoint, "checkpoint");
                self.published = Some((checkpoint.size, bytes));
            }
            None => self.report.find(Finding::new("checkpoint-unreadable").with("source", "checkpoint")),
        }
        Ok(())
    }

    /// One segment; false when nothing after it can be judged.
    fn segment(&mut self, path: &Path, is_last: bool) -> io::Result<bool> {
        self.report.segments += 1;
        let name = name_of(path);
        let mut frames = match Frames::open(path)? {
            Ok(frames) => frames,
            Err(broken) => return self.broken(path, &name, 0, broken, is_last),
        };
        let mut after_commit = frames.offset;
        let (mut group, mut group_bytes) = (Vec::<Vec<u8>>::new(), 0);
        loop {
            let offset = frames.offset;
            match frames.next()? {
                None => break,
                Some(Err(broken)) => return self.broken(path, &name, offset, broken, is_last),
                Some(Ok(frame)) if frame.tag == Tag::Entry => {
                    let expected = self.tree.size() + group.len() as u64;
                    if frame.index != expected {
                        return Ok(self.misplaced(&name, offset, frame.index, expected));
                    }
                    group_bytes += frame.payload.len();
                    if group_bytes > GROUP_BYTES_MAX {
                        return self.broken(path, &name, after_commit, Broken::Group, is_last);
                    }
                    group.push(frame.payload.to_vec());
                }
                Some(Ok(frame)) => {
                    let (index, payload) = (frame.index, frame.payload.to_vec());
                    for leaf in group.drain(..) {
                        self.entry(&leaf)?;
                    }
                    if !self.commit(&name, offset, index, payload) {
                        return Ok(false);
                    }
                    (after_commit, group_bytes) = (frames.offset, 0);
                }
            }
        }
        self.check_last_signature();
        if !group.is_empty() {
            // Entries without a commit: a torn group at the end of the last segment, damage elsewhere.
            return self.broken(path, &name, after_commit, Broken::Short, is_last);
        }
        Ok(true)
    }

    fn misplaced(&mut self, name: &str, offset: u64, index: u64, expected: u64) -> bool {
        let finding = Finding::new("entry-misplaced").with("segment", name).with("offset", offset);
        self.report.find(finding.with("index", index).with("expected", expected));
        false
    }

    /// What cannot be read: never acknowledged when it is the end of the log, damage otherwise.
    fn broken(
        &mut self,
        path: &Path,
        name: &str,
        offset: u64,
        broken: Broken,
        is_last: bool,
    ) -> io::Result<bool> {
        self.check_last_signature();
        if is_last && segment::is_torn_end(path, offset, self.tree.size())? {
            let length = fs::metadata(path)?.len();
            let remark = Finding::new("tail-torn").with("segment", name);
            self.report.remark(remark.with("bytes", length.saturating_sub(offset)));
            return Ok(true);
        }
        let why = match broken {
            Broken::Magic => "magic",
            Broken::Short => "short",
            Broken::Head => "head",
            Broken::Crc => "crc",
            Broken::Group => "group",
        };
        let finding = Finding::new("frame-broken").with("segment", name).with("offset", offset);
        self.report.find(finding.with("why", why).with("index", self.tree.size()));
        Ok(false)
    }

    fn entry(&mut self, bytes: &[u8]) -> io::Result<()> {
        let index = self.tree.size();
        let hash = leaf_hash(bytes);
        self.tree.push(hash);
        self.tiles.push(hash, &mut self.report)?;
        match Leaf::parse(bytes) {
            Some(leaf) => {
                self.meaning.leaf(index, &leaf, &mut self.report);
                if !leaf.kind.is_sealed() {
                    self.clear(index, &leaf);
                }
            }
            None => self.report.find(Finding::new("leaf-unreadable").with("index", index)),
        }
        self.compare_awaited()
    }

    fn clear(&mut self, index: u64, leaf: &Leaf<'_>) {
        let kind = leaf.kind.name();
        let Some(note) = Note::parse(leaf.note()) else {
            return self.report.find(Finding::new("clear-unreadable").with("index", index));
        };
        self.report.signatures_checked += 1;
        if !matches!(note.signed_by(self.key()), Signed::Yes(_)) {
            self.report.find(Finding::new("clear-unsigned").with("index", index).with("kind", kind));
            return;
        }
        let Some(clear) = clear::read(note.text, kind, &self.origin) else {
            return self.report.find(Finding::new("clear-unreadable").with("index", index));
        };
        self.meaning.clear(index, &clear, &mut self.report);
        if let Clear::Key(key) = clear {
            self.next_key = Some((index, key));
        }
    }

    fn compare_awaited(&mut self) -> io::Result<()> {
        let size = self.tree.size();
        let Some(rows) = self.awaited.remove(&size) else { return Ok(()) };
        let root = self.tree.root();
        for (expected, source) in rows {
            if root != expected {
                self.report.find(Finding::new("root-differs").with("source", source).with("size", size));
            }
        }
        if self.published.as_ref().is_some_and(|(published, _)| *published == size) {
            self.tiles.compare_partial(&mut self.report)?;
        }
        Ok(())
    }

    fn commit(&mut self, name: &str, offset: u64, index: u64, payload: Vec<u8>) -> bool {
        self.report.commits += 1;
        let found = Note::parse(&payload).and_then(|note| Checkpoint::parse(note.text));
        let mine = Checkpoint { origin: self.origin.clone(), size: self.tree.size(), root: self.tree.root() };
        if index != mine.size || found.as_ref() != Some(&mine) {
            let finding = Finding::new("commit-differs").with("segment", name).with("offset", offset);
            self.report.find(finding.with("size", mine.size));
            return false;
        }
        self.meaning.group_ends(&mut self.report);
        self.last_commit = Some((name.to_owned(), payload));
        if self.question.every_signature || self.next_key.is_some() {
            self.check_last_signature();
        }
        if let Some((at, key)) = self.next_key.take() {
            if at + 1 != mine.size {
                self.report.find(Finding::new("key-not-last").with("index", at));
            }
            self.keys.push((mine.size, key));
        }
        true
    }

    /// The signature of a commit covers everything before it, so the last one of each segment is enough.
    fn check_last_signature(&mut self) {
        let Some((name, payload)) = self.last_commit.take() else { return };
        let signed = Note::parse(&payload).map_or(Signed::No, |note| note.signed_by(self.key()));
        self.report.signatures_checked += 1;
        if !matches!(signed, Signed::Yes(_)) {
            let finding = Finding::new("commit-unsigned").with("segment", name);
            self.report.find(finding.with("size", self.tree.size()));
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.report.entries = self.tree.size();
        self.report.root = BASE64.encode(self.tree.root());
        self.report.unclosed = self.meaning.open.len() as u64;
        for (size, rows) in mem::take(&mut self.awaited) {
            for (_, source) in rows {
                let finding = Finding::new("log-shorter").with("source", source).with("size", size);
                self.report.find(finding.with("entries", self.tree.size()));
            }
        }
        self.tiles.finish(&mut self.report);
        self.check_vkeys()?;
        self.check_published();
        Ok(())
    }

    /// Who has signed the published checkpoint, now that all keys of the log are known. A witness that is asked for has not
    /// signed what is not there.
    fn check_published(&mut self) {
        let published = self.published.take();
        let note = published.as_ref().and_then(|(size, bytes)| Some((*size, Note::parse(bytes)?)));
        if let Some((size, note)) = &note {
            self.report.signatures_checked += 1;
            if !matches!(note.signed_by(self.key_of_size(*size)), Signed::Yes(_)) {
                self.report.find(Finding::new("checkpoint-unsigned"));
            }
        }
        for witness in &self.question.witnesses {
            match note.as_ref().map_or(Signed::No, |(_, note)| note.signed_by(witness)) {
                Signed::Yes(time) => {
                    let remark = Finding::new("witnessed").with("witness", &witness.name);
                    self.report.remark(remark.with("time", time.unwrap_or_default()));
                }
                _ => self.report.find(Finding::new("not-witnessed").with("witness", &witness.name)),
            }
        }
    }
}

impl Walk<'_> {
    /// The key that signs now.
    fn key(&self) -> &VerifierKey {
        self.key_of_size(u64::MAX)
    }

    /// The key that signs a tree of this many entries.
    fn key_of_size(&self, size: u64) -> &VerifierKey {
        let newest = self.keys.iter().rev().find(|(before, _)| *before < size);
        &newest.unwrap_or(&self.keys[0]).1
    }

    /// The list of keys is derived: it may be missing or end early, but what it says must be so.
    fn check_vkeys(&mut self) -> io::Result<()> {
        let bytes = match files::find(&self.question.log.join("vkeys"), TEXT_BYTES_MAX)? {
            Found::Whole(bytes) => bytes,
            Found::TooLong => {
                self.report.find(Finding::new("vkeys-differ"));
                return Ok(());
            }
            Found::Missing => return Ok(()),
        };
        let mut known = self.keys[1..].iter();
        let is_so = String::from_utf8_lossy(&bytes).lines().all(|line| {
            let named = line
                .split_once(' ')
                .and_then(|(size, key)| Some((parse_decimal(size)?, VerifierKey::parse(key)?)));
            named.is_some() && named.as_ref() == known.next()
        });
        if !is_so {
            self.report.find(Finding::new("vkeys-differ"));
        }
        Ok(())
    }
}
