//! The end of the log: what goes, and what the next group is written to.

use super::{
    OpenError, Tail, Trust,
    scan::{Good, Scan},
};
use crate::{
    log::{SEGMENTS, segment_path},
    merkle::TreeHead,
    segment::{Broken, CommitFrame, HEADER, commit_after},
    vfs::{self, File, Open, Vfs},
};

/// Bytes of the last group that are written again at once.
const REWRITE_BYTES: usize = 1024 * 1024;

/// Cuts off what is behind the last good commit, after making sure that none of it was acknowledged, and makes the last
/// group durable. Gives the segment to go on with, and how many bytes went.
pub(super) fn settle<V: Vfs>(
    fs: &V,
    trust: &Trust,
    segments: &[u64],
    scan: &Scan<'_, V>,
    broken: Option<Broken>,
    published: Option<TreeHead>,
) -> Result<(Option<Tail<V>>, u64), OpenError> {
    let (good, mut cut_bytes) = (scan.good(), 0);
    if let Some(broken) = broken {
        cut_bytes = check_torn(fs, trust, good, broken, scan.end)?;
    }
    let last = segments.last().copied();
    let behind = last.filter(|last| good.is_none_or(|good| good.segment != *last));
    if let Some(segment) = behind {
        fs.remove(&segment_path(segment))?;
    }
    // Also when nothing was removed: a segment that we see may have a name that is not durable.
    if last.is_some() {
        fs.sync_folder(SEGMENTS)?;
    }
    let Some(good) = good else { return Ok((None, cut_bytes)) };
    let file = fs.open(&segment_path(good.segment), Open::Write)?;
    // Also when the length is right: an earlier start may have cut and failed to make that durable.
    file.truncate(good.end)?;
    // What was published was acknowledged, so its sync had succeeded.
    let is_published = published.is_some_and(|published| published.size >= good.size);
    if !is_published && let Some(start) = good.group_start {
        // The header of a segment is written with its first group.
        let start = if start == HEADER.len() as u64 { 0 } else { start };
        rewrite(&file, start, good.end)?;
    }
    file.sync()?;
    Ok((Some(Tail { first: good.segment, file, end: good.end }), cut_bytes))
}

/// Whether all that stands behind the last good commit, up to `end`, can be one group that was being written; how many
/// bytes it has.
pub(super) fn check_torn<V: Vfs>(
    fs: &V,
    trust: &Trust,
    good: Option<&Good>,
    broken: Broken,
    end: u64,
) -> Result<u64, OpenError> {
    let file = fs.open(&segment_path(broken.segment), Open::Read)?;
    let start = good.filter(|good| good.segment == broken.segment).map_or(0, |good| good.end);
    let size = good.map_or(0, |good| good.size);
    let is_later = |commit: &CommitFrame| commit.size > size && trust.signed(commit).is_some();
    match commit_after(&file, broken.offset, is_later)? {
        Some(commit) if commit.end < end => Err(broken.into()),
        _ => Ok(end - start),
    }
}

/// Writes the last group over itself. If its sync failed before the restart, the kernel may show pages to us that it
/// will never write; now it will.
fn rewrite<F: File>(file: &F, start: u64, end: u64) -> Result<(), OpenError> {
    let mut bytes = vec![0; REWRITE_BYTES];
    let mut offset = start;
    while offset < end {
        let count = (end - offset).min(REWRITE_BYTES as u64) as usize;
        vfs::read_exact_at(file, &mut bytes[..count], offset)?;
        vfs::write_all_at(file, &bytes[..count], offset)?;
        offset += count as u64;
    }
    Ok(())
}
