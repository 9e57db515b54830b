//! What a start finds, and what it says.

use super::{ORIGIN, check_holds, key, leaf, leaves, log_of, open, settings};
use crate::{
    log::{OpenError, Settings, Writer},
    merkle::{Frontier, leaf_hash},
    segment::{Frames, HEADER, Tag, write_frame},
    vfs::{Memory, Vfs, read, replace},
};

const SIZE: u64 = 300;

fn log() -> Memory {
    log_of(SIZE, 7)
}

fn content(fs: &Memory, path: &str) -> Vec<u8> {
    read(fs, path, 1 << 24).unwrap()
}

/// Why the log does not open, with all causes.
fn refusal(fs: &Memory) -> String {
    let before = fs.files();
    let error = Writer::open(fs.clone(), settings()).expect_err("a refusal");
    assert_eq!(fs.files(), before, "a log that is refused is not touched");
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn segments(fs: &Memory) -> Vec<String> {
    fs.list("log/segment").unwrap().into_iter().map(|name| format!("log/segment/{name}")).collect()
}

/// Frames of a segment: offset, tag, index, payload.
fn frames(bytes: &[u8], first: u64) -> Vec<(usize, Tag, u64, Vec<u8>)> {
    let mut frames = Frames::new(bytes, first, bytes.len() as u64);
    let mut all = Vec::new();
    while let Some(frame) = frames.next_frame().unwrap() {
        all.push((frame.offset as usize, frame.tag, frame.index, frame.payload.to_vec()));
    }
    all
}

fn first_of(path: &str) -> u64 {
    crate::segment::parse_name(path.rsplit('/').next().unwrap()).unwrap()
}

#[test]
fn every_byte_of_the_last_segment_counts() {
    let fs = log();
    let last = segments(&fs).pop().unwrap();
    for offset in 0..content(&fs, &last).len() as u64 {
        let copy = fs.fork(1);
        copy.flip(&last, offset, 1 << (offset % 8)).unwrap();
        let error = Writer::open(copy, settings()).map(|_| ()).expect_err("a flipped bit");
        assert!(matches!(error, OpenError::Broken(_)), "offset {offset}: {error}");
    }
}

#[test]
fn missing_segments_are_named() {
    let fs = log();
    let all = segments(&fs);
    let without = |path: &String| {
        let copy = fs.fork(1);
        copy.remove(path).unwrap();
        refusal(&copy)
    };
    assert_eq!(without(&all[0]), format!("entries 0 to {} are missing", first_of(&all[1])));
    let (from, to) = (first_of(&all[3]), first_of(&all[4]));
    assert_eq!(without(&all[3]), format!("entries {from} to {to} are missing"));
    let found = first_of(all.last().unwrap());
    assert_eq!(without(all.last().unwrap()), format!("300 entries were published, {found} are there"));
}

#[test]
fn two_segments_do_not_overlap() {
    let fs = log();
    let all = segments(&fs);
    let (second, third) = (first_of(&all[1]), first_of(&all[2]));
    replace(&fs, &format!("log/segment/{:020}.seg", second + 1), &content(&fs, &all[2])).unwrap();
    assert_eq!(refusal(&fs), format!("segment {:020} begins before entry {third}", second + 1));
}

#[test]
fn a_log_that_was_cut_at_a_commit_was_rolled_back() {
    let fs = log();
    let last = segments(&fs).pop().unwrap();
    let bytes = content(&fs, &last);
    let all = frames(&bytes, first_of(&last));
    let commits: Vec<usize> =
        all.iter().filter(|frame| frame.1 == Tag::Commit).map(|frame| frame.0).collect();
    // Behind the last but one commit.
    let cut = commits[commits.len() - 2];
    let next = all.iter().find(|frame| frame.0 > cut).unwrap();
    replace(&fs, &last, &bytes[..next.0]).unwrap();
    assert_eq!(refusal(&fs), format!("300 entries were published, {} are there", next.2));
}

#[test]
fn the_end_of_a_closed_segment_must_be_a_signed_commit() {
    let fs = log();
    let second = segments(&fs)[1].clone();
    let first = first_of(&second);
    let bytes = content(&fs, &second);
    fs.flip(&second, bytes.len() as u64 - 5, 1).unwrap();
    let offset = frames(&bytes, first).last().unwrap().0;
    assert_eq!(
        refusal(&fs),
        format!("the log is damaged: segment {first:020}, offset {offset}: the checksum does not hold")
    );
    let entry = frames(&bytes, first).iter().rev().find(|frame| frame.1 == Tag::Entry).unwrap().0;
    replace(&fs, &second, &bytes[..offset]).unwrap();
    assert_eq!(
        refusal(&fs),
        format!("the log is damaged: segment {first:020}, offset {offset}: the file ends without a commit")
    );
    assert!(entry < offset);
}

/// The log of another key under the same name, with the files that are easy to forge replaced.
#[test]
fn another_key_cannot_go_on_with_the_log() {
    let ours = log();
    let theirs = Memory::new(1);
    let other = Settings { limits: settings().limits, ..Settings::new(key(2)) };
    let mut writer = Writer::create(theirs.clone(), other).unwrap();
    for start in (0..SIZE).step_by(10) {
        writer.commit(&leaves(start..start + 10)).unwrap();
    }
    writer.close().unwrap();
    assert_eq!(refusal(&theirs), "the log names a key that is not trusted");
    replace(&theirs, "log/origin", &content(&ours, "log/origin")).unwrap();
    assert_eq!(
        refusal(&theirs),
        "the published checkpoint is not to be believed: the checkpoint is not signed as it must be: no trusted key has signed"
    );
    replace(&theirs, "log/checkpoint", &content(&ours, "log/checkpoint")).unwrap();
    assert!(refusal(&theirs).ends_with("no trusted key has signed the checkpoint"), "{}", refusal(&theirs));
    // The last segment alone: its commit is the only one that is looked at.
    let last = segments(&ours).pop().unwrap();
    let bytes = content(&ours, &last);
    let mut forged = HEADER.to_vec();
    for (_, tag, index, payload) in frames(&bytes, first_of(&last)) {
        let payload = match tag {
            Tag::Entry => payload,
            Tag::Commit => {
                let text = String::from_utf8(payload).unwrap();
                let note = crate::note::Note::parse(&text).unwrap();
                crate::note::Note::sign(note.text(), &key(2)).unwrap().to_string().into_bytes()
            }
        };
        write_frame(&mut forged, tag, index, &payload);
    }
    replace(&ours, &last, &forged).unwrap();
    assert!(refusal(&ours).ends_with("no trusted key has signed the checkpoint"), "{}", refusal(&ours));
}

#[test]
fn entries_that_changed_places_have_another_root() {
    let fs = log();
    let last = segments(&fs).pop().unwrap();
    let mut all = frames(&content(&fs, &last), first_of(&last));
    let (a, b) = (all[0].3.clone(), all[1].3.clone());
    (all[0].3, all[1].3) = (b, a);
    let mut forged = HEADER.to_vec();
    for (_, tag, index, payload) in all {
        write_frame(&mut forged, tag, index, &payload);
    }
    replace(&fs, &last, &forged).unwrap();
    assert!(refusal(&fs).ends_with("the entries do not have the root of the checkpoint"), "{}", refusal(&fs));
}

#[test]
fn the_name_of_the_log_counts() {
    let fs = log();
    let origin = String::from_utf8(content(&fs, "log/origin")).unwrap();
    replace(&fs, "log/origin", origin.replacen(ORIGIN, "audit.example/other", 1).as_bytes()).unwrap();
    assert_eq!(refusal(&fs), format!("the log is called audit.example/other, not {ORIGIN}"));
    replace(&fs, "log/origin", format!("{ORIGIN}\n").as_bytes()).unwrap();
    assert_eq!(refusal(&fs), "the log names a key that is not trusted");
    fs.remove("log/origin").unwrap();
    assert_eq!(refusal(&fs), "there is no log here");
    assert!(
        matches!(Writer::create(fs, settings()), Err(OpenError::Exists)),
        "entries are never written over"
    );
}

#[test]
fn a_checkpoint_of_a_larger_log_is_a_roll_back() {
    let fs = log();
    let larger = log_of(SIZE + 7, 7);
    replace(&fs, "log/checkpoint", &content(&larger, "log/checkpoint")).unwrap();
    // Its tiles are not there either; that alone would be no fault.
    assert_eq!(refusal(&fs), "307 entries were published, 300 are there");
}

#[test]
fn a_checkpoint_of_another_history_is_a_fork() {
    let fs = log();
    let signer = key(1);
    let mut frontier = Frontier::new();
    (0..SIZE).for_each(|index| frontier.push(leaf_hash(&leaf(index + 1))));
    let forged = crate::log::group::sign(ORIGIN, &frontier, &signer);
    replace(&fs, "log/checkpoint", forged.as_bytes()).unwrap();
    assert_eq!(refusal(&fs), "the tiles do not have the signed root of 300 entries");
    for tile in ["log/tile/0/000", "log/tile/0/001.p/44", "log/tile/1/000.p/1"] {
        fs.remove(tile).unwrap();
    }
    let error = Writer::open(fs, settings()).unwrap_err();
    assert_eq!(error.to_string(), "the published checkpoint of 300 entries is not of this log");
}

#[test]
fn tiles_must_be_those_of_the_entries() {
    let fs = log();
    assert_eq!(fs.list("log/tile/0").unwrap(), ["000", "001.p"]);
    let flipped = |path: &str, offset| {
        let copy = fs.fork(1);
        copy.flip(path, offset, 1).unwrap();
        refusal(&copy)
    };
    assert_eq!(
        flipped("log/tile/0/001.p/44", 43 * 32),
        "the tiles do not have the signed root of 300 entries"
    );
    assert!(flipped("log/tile/0/000", 0).starts_with("the tiles do not have the signed root of "));
    let copy = fs.fork(1);
    replace(&copy, "log/tile/0/001.p/44", b"short").unwrap();
    assert!(refusal(&copy).starts_with("the tiles do not have the signed root of "), "{}", refusal(&copy));
}

#[test]
fn a_full_tile_of_the_last_segment_is_compared_whole() {
    let limits = crate::log::Limits { segment_bytes_max: 1 << 20, ..settings().limits };
    let large = || Settings { limits: limits.clone(), ..settings() };
    let fs = Memory::new(1);
    let mut writer = Writer::create(fs.clone(), large()).unwrap();
    writer.commit(&leaves(0..600)).unwrap();
    writer.close().unwrap();
    // Its hash one level up is unchanged, so no root says anything.
    fs.flip("log/tile/0/001", 77, 4).unwrap();
    let error = Writer::open(fs, large()).unwrap_err();
    assert_eq!(error.to_string(), "tile/0/001 is not the tile of the entries");
}

#[test]
fn what_is_derived_is_made_again() {
    let fs = log();
    let derived = |fs: &Memory| -> Vec<_> {
        fs.files().into_iter().filter(|(path, _)| path.starts_with("log/")).collect()
    };
    let whole = derived(&fs);
    for path in ["log/tile/0/000", "log/tile/0/001.p/44", "log/tile/1/000.p/1", "log/checkpoint"] {
        let copy = fs.fork(1);
        copy.remove(path).unwrap();
        let (writer, recovered) = open(&copy);
        assert!(recovered.tiles_made, "{path}");
        assert_eq!(
            recovered.entries_read % SIZE,
            if path == "log/checkpoint" { 0 } else { recovered.entries_read - SIZE } % SIZE
        );
        check_holds(&writer, SIZE);
        drop(writer);
        assert_eq!(derived(&copy), whole, "{path}");
        assert!(!open(&copy).1.tiles_made);
    }
}

/// A log whose last two groups, of 5 and 6 entries, were not published.
fn with_tail() -> (Memory, String, Vec<u8>) {
    let fs = log();
    let (mut writer, _) = open(&fs);
    writer.commit(&leaves(SIZE..SIZE + 5)).unwrap();
    writer.commit(&leaves(SIZE + 5..SIZE + 11)).unwrap();
    drop(writer);
    let last = segments(&fs).pop().unwrap();
    let bytes = content(&fs, &last);
    (fs, last, bytes)
}

#[test]
fn only_the_last_group_can_have_been_torn() {
    let (fs, last, bytes) = with_tail();
    let all = frames(&bytes, first_of(&last));
    let start = |tag, index| all.iter().find(|frame| frame.1 == tag && frame.2 == index).unwrap().0;
    let (first, commit) = (start(Tag::Entry, SIZE), start(Tag::Commit, SIZE + 5));
    let second = start(Tag::Entry, SIZE + 5);
    for offset in first..bytes.len() {
        let copy = fs.fork(1);
        copy.flip(&last, offset as u64, 0x10).unwrap();
        if offset < commit {
            assert!(refusal(&copy).starts_with("the log is damaged: "), "offset {offset}");
            continue;
        }
        // Without the commit between them, two groups look like one that was torn: see the module.
        let (size, end) = if offset < second { (SIZE, first) } else { (SIZE + 5, second) };
        let (mut writer, recovered) = open(&copy);
        assert_eq!(recovered.cut_bytes as usize, bytes.len() - end, "offset {offset}");
        check_holds(&writer, size);
        writer.commit(&leaves(size..size + 1)).unwrap();
        check_holds(&writer, size + 1);
    }
}

#[test]
fn any_beginning_of_the_last_group_is_cut_off() {
    let (fs, last, bytes) = with_tail();
    let all = frames(&bytes, first_of(&last));
    let start = all.iter().find(|frame| frame.1 == Tag::Entry && frame.2 == SIZE + 5).unwrap().0;
    for end in start..bytes.len() {
        let copy = fs.fork(1);
        replace(&copy, &last, &bytes[..end]).unwrap();
        let (writer, recovered) = open(&copy);
        assert_eq!(recovered.cut_bytes as usize, end - start);
        check_holds(&writer, SIZE + 5);
    }
}

#[test]
fn a_leaf_that_looks_like_a_commit_deceives_nobody() {
    let fs = log();
    let (mut writer, _) = open(&fs);
    // Forged with a key of the attacker's, for more entries than there are, and with bytes behind it.
    let mut frontier = Frontier::new();
    (0..SIZE + 2).for_each(|index| frontier.push(leaf_hash(&leaf(index))));
    let mut bait = b"x".to_vec();
    let forged = crate::log::group::sign(ORIGIN, &frontier, &key(2));
    write_frame(&mut bait, Tag::Commit, SIZE + 2, forged.as_bytes());
    // And a true one of earlier days.
    let old = writer.reader().snapshot().checkpoint().to_owned();
    write_frame(&mut bait, Tag::Commit, SIZE, old.as_bytes());
    bait.push(b'x');
    writer.commit(&[bait, leaf(SIZE + 1)]).unwrap();
    drop(writer);
    let last = segments(&fs).pop().unwrap();
    let bytes = content(&fs, &last);
    let start = frames(&bytes, first_of(&last)).iter().find(|f| f.1 == Tag::Entry && f.2 == SIZE).unwrap().0;
    fs.flip(&last, start as u64 + 20, 1).unwrap();
    let (writer, recovered) = open(&fs);
    assert!(recovered.cut_bytes > 0);
    check_holds(&writer, SIZE);
}

#[test]
fn a_new_segment_that_never_came_to_be_is_removed() {
    let fs = log();
    let whole = segments(&fs);
    for rest in [&b""[..], &HEADER[..7], HEADER, b"rubbish of any kind, longer than a header"] {
        let copy = fs.fork(1);
        replace(&copy, &format!("log/segment/{SIZE:020}.seg"), rest).unwrap();
        let (mut writer, recovered) = open(&copy);
        assert_eq!(recovered.cut_bytes, rest.len() as u64);
        assert_eq!(segments(&copy), whole);
        check_holds(&writer, SIZE);
        writer.commit(&leaves(SIZE..SIZE + 40)).unwrap();
        writer.commit(&leaves(SIZE + 40..SIZE + 41)).unwrap();
        check_holds(&writer, SIZE + 41);
    }
}
