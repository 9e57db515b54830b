//! The thread that writes and the thread that publishes.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError},
    thread::{Builder, JoinHandle},
};

use super::{AppendError, Desk, Job, Leaves};
use crate::{
    log::{Committed, Cosign, Limits, Poison, Publication, Step, Writer, group, ticket::Slot, view::Shared},
    note::SigningKey,
    vfs::{self, Vfs},
};

/// Starts both. They end when the desk is closed or poisoned; the writing one is the last, and takes the lock along.
pub(super) fn spawn<V: Vfs>(desk: Arc<Desk>, mut writer: Writer<V>) -> io::Result<()> {
    let cosign = writer.settings.cosign.take();
    let shared = Arc::clone(&writer.shared);
    let publishers = Arc::clone(&desk);
    let publisher = Builder::new().name("audit-publish".to_owned()).spawn(move || {
        let guard = Guard { desk: &publishers, is_last: false };
        publish(&publishers, &shared, cosign);
        std::mem::forget(guard);
    })?;
    let writers = Arc::clone(&desk);
    let spawned = Builder::new().name("audit-write".to_owned()).spawn(move || {
        let guard = Guard { desk: &writers, is_last: true };
        write(&writers, &mut writer);
        std::mem::forget(guard);
        end(&writers, writer, publisher);
    });
    if let Err(error) = spawned {
        desk.lock().writer_done = true;
        desk.committed.notify_all();
        return Err(error);
    }
    Ok(())
}

/// Poisons the desk when a thread unwinds, so that nobody waits for it.
struct Guard<'a> {
    desk: &'a Desk,
    /// Nobody else will say that all has ended.
    is_last: bool,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.desk.poison(Poison::new(Step::Thread, ErrorKind::Other.into()));
        let mut state = self.desk.lock();
        state.writer_done |= self.is_last;
        state.has_ended |= self.is_last;
        drop(state);
        self.desk.committed.notify_all();
        self.desk.ended.notify_all();
    }
}

/// Nothing more is written: lets the publisher finish, and gives the lock back.
fn end<V: Vfs>(desk: &Desk, writer: Writer<V>, publisher: JoinHandle<()>) {
    desk.lock().writer_done = true;
    desk.committed.notify_all();
    // A panic in there has poisoned the desk already.
    let _ = publisher.join();
    drop(writer);
    desk.lock().has_ended = true;
    desk.ended.notify_all();
}

fn write<V: Vfs>(desk: &Desk, writer: &mut Writer<V>) {
    // Appends in the last group: as many may be on their way again.
    let mut company = 1;
    while let Some(jobs) = next_group(desk, company) {
        company = jobs.len();
        let next_key = commit(desk, writer, jobs);
        if let Some(poison) = writer.poison.clone() {
            desk.poison(poison);
        }
        if let Some(next_key) = next_key {
            writer.change_key(next_key);
        }
    }
}

/// Waits for the next group and takes it; none when there will be none.
///
/// A group that found appends waiting goes at once: the disk has been the wait. One that found none waits a little for as
/// many as the last one had, because callers who have just been answered come again; a lone caller never waits.
fn next_group(desk: &Desk, company: usize) -> Option<Vec<Job>> {
    let mut state = desk.lock();
    if state.jobs.is_empty() {
        let waited = desk
            .arrived
            .wait_while(state, |state| state.jobs.is_empty() && !state.closing && state.poison.is_none());
        state = waited.unwrap_or_else(PoisonError::into_inner);
        let limits = &desk.limits;
        let waited = desk.arrived.wait_timeout_while(state, limits.group_wait_max, |state| {
            state.jobs.len() < company
                && state.records < limits.group_records_max
                && state.bytes < limits.group_bytes_max
                && !state.closing
                && state.poison.is_none()
        });
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
    if state.poison.is_some() || state.jobs.is_empty() {
        return None;
    }
    let jobs = take(&mut state.jobs, &desk.limits);
    for job in &jobs {
        state.records -= job.records;
        state.bytes -= job.bytes;
    }
    state.in_flight = jobs.iter().map(|job| Arc::clone(&job.slot)).collect();
    Some(jobs)
}

/// The appends at the front that make one group. A change of keys ends a group: what follows is signed anew.
fn take(waiting: &mut VecDeque<Job>, limits: &Limits) -> Vec<Job> {
    let (mut records, mut bytes) = (0, 0);
    let mut count = 0;
    for job in waiting.iter() {
        records += job.records;
        bytes += job.bytes;
        if count > 0 && (records > limits.group_records_max || bytes > limits.group_bytes_max) {
            break;
        }
        count += 1;
        if job.next_key.is_some() {
            break;
        }
    }
    waiting.drain(..count).collect()
}

/// Writes a group and settles its tickets. Gives the key that signs from now on, if that changed.
fn commit<V: Vfs>(desk: &Desk, writer: &mut Writer<V>, jobs: Vec<Job>) -> Option<SigningKey> {
    let mut leaves = Vec::new();
    let mut places: Vec<(Arc<Slot>, usize, usize)> = Vec::with_capacity(jobs.len());
    let mut next_key = None;
    let size = writer.frontier.size();
    for job in jobs {
        if job.next_key.as_ref().is_some_and(|next| !writer.can_change_to(next)) {
            job.slot.settle(Err(AppendError::Key));
            continue;
        }
        let start = leaves.len();
        match made(job.leaves, size + start as u64, job.records, job.bytes, &desk.limits) {
            Ok(more) => leaves.extend(more),
            Err(error) => {
                job.slot.settle(Err(error));
                continue;
            }
        }
        places.push((job.slot, start, leaves.len() - start));
        next_key = job.next_key;
    }
    if leaves.is_empty() {
        desk.lock().in_flight.clear();
        return None;
    }
    let outcome = writer.commit_checked(&leaves);
    let mut state = desk.lock();
    // Empty when somebody has given us up meanwhile; the tickets are settled then.
    state.in_flight.clear();
    match &outcome {
        Ok(_) => {
            state.no_space = false;
            state.to_publish = true;
        }
        Err(AppendError::NoSpace) => state.no_space = true,
        Err(_) => {}
    }
    drop(state);
    desk.committed.notify_one();
    // Before anybody is told: whoever asks then finds the log stopped.
    if let Err(AppendError::Poisoned(poison)) = &outcome {
        desk.poison(poison.clone());
    }
    for (slot, start, count) in places {
        let own = |group: &Committed| Committed {
            first: group.first + start as u64,
            count: count as u64,
            head: group.head,
        };
        slot.settle(outcome.as_ref().map(own).map_err(Clone::clone));
    }
    next_key.filter(|_| outcome.is_ok())
}

fn made(
    leaves: Leaves,
    first: u64,
    records_max: usize,
    bytes_max: usize,
    limits: &Limits,
) -> Result<Vec<Vec<u8>>, AppendError> {
    let make = match leaves {
        Leaves::Ready(leaves) => return Ok(leaves),
        Leaves::Made(make) => make,
    };
    // It is the caller's code: if it panics, only its own append fails.
    let leaves = catch_unwind(AssertUnwindSafe(|| make(first))).ok().flatten().ok_or(AppendError::NotMade)?;
    group::check(&leaves, limits)?;
    let (records, bytes) = (leaves.len(), leaves.iter().map(Vec::len).sum());
    if records > records_max || bytes > bytes_max {
        return Err(AppendError::Size { records, bytes });
    }
    Ok(leaves)
}

/// Publishes a while after each commit, and at the end. Beside the writing: a tile that is slow to come to the disk
/// keeps no group waiting.
fn publish<V: Vfs>(desk: &Desk, shared: &Shared<V>, mut cosign: Option<Cosign>) {
    loop {
        let state = desk.lock();
        let waited = desk
            .committed
            .wait_while(state, |state| !state.to_publish && !state.writer_done && state.poison.is_none());
        let state = waited.unwrap_or_else(PoisonError::into_inner);
        let waited = desk.committed.wait_timeout_while(state, desk.limits.publish_wait_max, |state| {
            !state.writer_done && state.poison.is_none()
        });
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        if state.poison.is_some() {
            return;
        }
        let is_last = state.writer_done;
        state.to_publish = false;
        drop(state);
        let publication = Publication::of(&shared.view());
        let written = publication.map(|publication| publication.write(&shared.fs, cosign.as_mut()));
        match written {
            None => {}
            Some(Ok(published)) => {
                shared.view_mut().published(published.size);
                desk.lock().publish_no_space = false;
            }
            Some(Err(error)) if vfs::is_no_space(&error) => {
                let mut state = desk.lock();
                state.publish_no_space = true;
                state.to_publish = true;
            }
            Some(Err(error)) => return desk.poison(Poison::new(Step::Publish, error)),
        }
        if is_last {
            return;
        }
    }
}
