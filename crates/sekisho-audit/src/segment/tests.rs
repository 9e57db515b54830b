use proptest::prelude::*;

use super::{
    Broken, ENTRY_BYTES_MAX, FRAME_BYTES, Frame, FrameError, Frames, HEADER, OFFSET_EVERY, Offsets, Reason,
    Tag, commit_after, last_commit, name, parse_name, write_frame,
};

/// A segment whose first entry is `first`: groups of payloads.
fn segment(first: u64, groups: &[&[&[u8]]]) -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    let mut index = first;
    for group in groups {
        for payload in *group {
            write_frame(&mut bytes, Tag::Entry, index, payload);
            index += 1;
        }
        write_frame(&mut bytes, Tag::Commit, index, format!("checkpoint {index}").as_bytes());
    }
    bytes
}

/// All frames as text, and how reading ended.
fn read(bytes: &[u8], first: u64) -> (Vec<String>, Option<Broken>) {
    let mut frames = Frames::new(bytes, first, bytes.len() as u64);
    let mut seen = Vec::new();
    loop {
        match frames.next_frame() {
            Ok(Some(Frame { tag, index, payload, .. })) => {
                seen.push(format!("{tag} {index} {}", String::from_utf8_lossy(payload)));
            }
            Ok(None) => return (seen, None),
            Err(FrameError::Broken(broken)) => return (seen, Some(broken)),
            Err(error) => panic!("{error}"),
        }
    }
}

fn reason(bytes: &[u8], first: u64) -> (usize, u64, Reason) {
    let (seen, broken) = read(bytes, first);
    let broken = broken.expect("a break");
    assert_eq!(broken.segment, first);
    (seen.len(), broken.offset, broken.reason)
}

#[test]
fn frames_are_as_the_format_says() {
    let mut bytes = Vec::new();
    write_frame(&mut bytes, Tag::Entry, 0x0102, b"leaf");
    // CRC-32C over `01 0201000000000000 6c656166`.
    let crc = crc32c::crc32c(b"\x01\x02\x01\0\0\0\0\0\0leaf");
    assert_eq!(
        bytes,
        [&4_u32.to_le_bytes()[..], &crc.to_le_bytes(), b"\x01\x02\x01\0\0\0\0\0\0leaf"].concat()
    );
    assert_eq!(HEADER.len(), 16);
}

#[test]
fn names_are_twenty_digits() {
    assert_eq!(name(7), "00000000000000000007.seg");
    assert_eq!(parse_name(&name(u64::MAX)), Some(u64::MAX));
    for other in ["7.seg", "00000000000000000007", "0000000000000000000x.seg", "99999999999999999999.seg", ""]
    {
        assert_eq!(parse_name(other), None, "{other}");
    }
}

#[test]
fn a_whole_segment_reads_in_order() {
    let bytes = segment(5, &[&[b"a", b"b"], &[b"c"]]);
    let (seen, broken) = read(&bytes, 5);
    assert_eq!(
        seen,
        ["entry 5 a", "entry 6 b", "commit 7 checkpoint 7", "entry 7 c", "commit 8 checkpoint 8"]
    );
    assert_eq!(broken, None);
    let mut frames = Frames::from_entry(&bytes[..], 5, bytes.len() as u64, (16 + FRAME_BYTES + 1) as u64, 6);
    assert_eq!(frames.next_frame().unwrap().unwrap().payload, b"b");
}

#[test]
fn every_break_has_a_place_and_a_reason() {
    let whole = segment(0, &[&[b"a", b"b"], &[b"c"]]);
    let second = (16 + FRAME_BYTES + 1) as u64;
    let change = |offset: u64, byte: u8| {
        let mut bytes = whole.clone();
        bytes[offset as usize] = byte;
        bytes
    };
    assert_eq!(reason(&change(3, b'x'), 0), (0, 0, Reason::Header));
    assert_eq!(reason(&whole[..9], 0), (0, 0, Reason::Header));
    assert_eq!(reason(&[], 0), (0, 0, Reason::Header));
    assert_eq!(reason(&change(second, 2), 0), (1, second, Reason::Crc));
    assert_eq!(reason(&change(second + 2, 1), 0), (1, second, Reason::Length { length: 0x10001 }));
    assert_eq!(reason(&change(second + 3, 0xff), 0), (1, second, Reason::Length { length: 0xff00_0001 }));
    assert_eq!(reason(&change(second, 0), 0), (1, second, Reason::Length { length: 0 }));
    assert_eq!(reason(&change(second + 8, 9), 0), (1, second, Reason::Tag(9)));
    assert_eq!(reason(&change(second + 17, b'x'), 0), (1, second, Reason::Crc));
    assert_eq!(reason(&whole[..second as usize + 5], 0), (1, second, Reason::Cut));
    assert_eq!(reason(&whole[..second as usize + 17], 0), (1, second, Reason::Cut));
    assert_eq!(reason(&whole, 3), (0, 16, Reason::Index { expected: 3, found: 0 }));
    let mut twice = segment(0, &[&[b"a"]]);
    let end = twice.len() as u64;
    write_frame(&mut twice, Tag::Commit, 1, b"again");
    assert_eq!(reason(&twice, 0), (2, end, Reason::EmptyGroup));
    assert_eq!(
        Broken { segment: 7, offset: 33, reason: Reason::Crc }.to_string(),
        "segment 00000000000000000007, offset 33: the checksum does not hold"
    );
}

#[test]
fn the_largest_entries_fit() {
    let large = vec![7; ENTRY_BYTES_MAX];
    let groups: Vec<&[u8]> = vec![&large; 20];
    let (seen, broken) = read(&segment(0, &[&groups]), 0);
    assert_eq!((seen.len(), broken), (21, None));
}

#[test]
fn commits_are_found_from_the_end_and_behind_rubbish() {
    let mut bytes = segment(0, &[&[b"a"], &[b"b"]]);
    let end = bytes.len() as u64;
    let last = last_commit(&bytes[..], end, |_| true).unwrap().unwrap();
    assert_eq!((last.size, last.payload.as_slice(), last.end), (2, b"checkpoint 2".as_slice(), end));
    assert_eq!(last_commit(&bytes[..], end, |commit| commit.size != 2).unwrap(), None);
    assert_eq!(last_commit(&bytes[..], end - 1, |_| true).unwrap(), None);
    // A megabyte and more of anything stands in between.
    bytes.extend(std::iter::repeat_n(2, (1 << 20) - 7));
    write_frame(&mut bytes, Tag::Commit, 9, b"far");
    let found = commit_after(&bytes[..], end, |_| true).unwrap().unwrap();
    assert_eq!((found.size, found.end), (9, bytes.len() as u64));
    assert_eq!(commit_after(&bytes[..], 16, |commit| commit.size == 2).unwrap().unwrap().end, end);
    assert_eq!(commit_after(&bytes[..], end, |commit| commit.size == 8).unwrap(), None);
}

#[test]
fn offsets_find_the_entry_before() {
    let mut offsets = Offsets::new(100);
    assert_eq!(offsets.before(100), None);
    for entry in 0..=2 * OFFSET_EVERY {
        offsets.push(16 + entry * 20);
    }
    assert_eq!(offsets.before(99), None);
    assert_eq!(offsets.before(100), Some((100, 16)));
    assert_eq!(offsets.before(100 + OFFSET_EVERY - 1), Some((100, 16)));
    assert_eq!(offsets.before(100 + OFFSET_EVERY), Some((100 + OFFSET_EVERY, 16 + OFFSET_EVERY * 20)));
    assert_eq!(offsets.before(offsets.end()), None);
    let bytes = offsets.to_bytes();
    assert_eq!(Offsets::parse(&bytes, 1 << 20), Some(offsets));
    assert_eq!(Offsets::parse(&bytes, 100), None, "places behind the end of the segment");
    let mut wrong = bytes.clone();
    wrong[20] ^= 1;
    assert_eq!(Offsets::parse(&wrong, 1 << 20), None);
    assert_eq!(Offsets::parse(&bytes[..bytes.len() - 1], 1 << 20), None);
}

proptest! {
    #[test]
    fn what_is_written_is_read(groups in prop::collection::vec(
        prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 1..8), 0..8), first in 0..u64::MAX / 2)
    {
        let slices: Vec<Vec<&[u8]>> = groups.iter().map(|g| g.iter().map(Vec::as_slice).collect()).collect();
        let slices: Vec<&[&[u8]]> = slices.iter().map(Vec::as_slice).collect();
        let bytes = segment(first, &slices);
        let mut frames = Frames::new(&bytes[..], first, bytes.len() as u64);
        let mut entries = Vec::new();
        while let Some(frame) = frames.next_frame().unwrap() {
            if frame.tag == Tag::Entry {
                prop_assert_eq!(frame.index, first + entries.len() as u64);
                entries.push(frame.payload.to_vec());
            }
        }
        prop_assert!(frames.is_committed());
        prop_assert_eq!(entries, groups.concat());
    }

    #[test]
    fn one_changed_byte_is_found(at in any::<prop::sample::Index>(), mask in 1..=255_u8) {
        let mut bytes = segment(0, &[&[b"alpha", b"beta"], &[b"gamma"]]);
        let at = at.index(bytes.len());
        bytes[at] ^= mask;
        let (_, broken) = read(&bytes, 0);
        // A length that grows by less than the rest of the file runs into the checksum.
        prop_assert!(broken.is_some(), "byte {at}");
    }

    #[test]
    fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), good_start in any::<bool>()) {
        let bytes = if good_start { [HEADER.as_slice(), &bytes].concat() } else { bytes };
        let _ = read(&bytes, 0);
        let _ = last_commit(&bytes[..], bytes.len() as u64, |_| true);
        let _ = commit_after(&bytes[..], 0, |_| true);
        let _ = Offsets::parse(&bytes, 1000);
    }
}
