use proptest::prelude::*;

use super::*;

fn decode(pieces: &[&[u8]], limits: Limits) -> Result<Vec<Event>, Fault> {
    let mut decoder = Decoder::new(limits);
    let mut events = Vec::new();
    for piece in pieces {
        let mut bytes = *piece;
        while let Some(event) = decoder.next(&mut bytes)? {
            events.push(event);
        }
        assert!(bytes.is_empty());
    }
    events.extend(decoder.finish()?);
    Ok(events)
}

#[track_caller]
fn check(stream: &str, expected: &[(&str, &str)]) {
    let expected: Vec<Event> = expected
        .iter()
        .map(|(name, data)| Event { name: (*name).to_owned(), data: (*data).to_owned() })
        .collect();
    let bytes = stream.as_bytes();
    assert_eq!(decode(&[bytes], Limits::default()).unwrap(), expected);
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(decode(&single, Limits::default()).unwrap(), expected);
    for cut in 0..=bytes.len() {
        assert_eq!(decode(&[&bytes[..cut], &bytes[cut..]], Limits::default()).unwrap(), expected);
    }
}

#[test]
fn line_ends_of_all_kinds() {
    check("data: 一\n\ndata: 二\n\n", &[("", "一"), ("", "二")]);
    check("data: 一\r\n\r\ndata: 二\r\n\r\n", &[("", "一"), ("", "二")]);
    check("data: 一\r\rdata: 二\r\r", &[("", "一"), ("", "二")]);
    check("data: 一\r\n\ndata: 二\n\r\n", &[("", "一"), ("", "二")]);
}

#[test]
fn fields() {
    check("event: ping\ndata: {}\n\n", &[("ping", "{}")]);
    check("data:x\ndata:  y\ndata\ndata:z:z\n\n", &[("", "x\n y\n\nz:z")]);
    check("data:\n\n", &[("", "")]);
    check("event: alone\n\ndata: x\n\n", &[("", "x")]);
    check(": comment\n\n:\n\nid: 1\nretry: 10\nother: 1\n\n\n\n", &[]);
    check("event: a\nevent: b\ndata: x\n\ndata: y\n\n", &[("b", "x"), ("", "y")]);
    check("DATA: x\n data: x\ndata : x\n\n", &[]);
}

#[test]
fn byte_order_mark_at_the_start_only() {
    check("\u{feff}data: x\n\n\u{feff}data: y\n\n", &[("", "x")]);
    check("\u{feff}\ndata: \u{feff}x\n\n", &[("", "\u{feff}x")]);
}

#[test]
fn the_end_without_a_blank_line() {
    check("data: x\n\ndata: [DONE]\n", &[("", "x"), ("", "[DONE]")]);
    check("data: x\n\ndata: [DONE]", &[("", "x"), ("", "[DONE]")]);
    check("data: x\r", &[("", "x")]);
    check("event: x", &[]);
    check("", &[]);
}

#[test]
fn limits_hold_however_the_stream_is_cut() {
    let limits = Limits { line_bytes_max: 8, event_bytes_max: 4 };
    let run = |stream: &str| {
        let whole = decode(&[stream.as_bytes()], limits);
        let single: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
        assert_eq!(decode(&single, limits), whole);
        whole.map(|events| events.len())
    };
    assert_eq!(run("data: 12\n\n"), Ok(1));
    assert_eq!(run("data: 123\n\n"), Err(Fault::LineTooLong { max: 8 }));
    assert_eq!(run(": 123456789"), Err(Fault::LineTooLong { max: 8 }));
    assert_eq!(run("data:1\ndata:23\n\n"), Ok(1));
    assert_eq!(run("data:1\ndata:234\n\n"), Err(Fault::EventTooLong { max: 4 }));
    assert_eq!(run("data:12\ndata:34\n\n"), Err(Fault::EventTooLong { max: 4 }));
    assert_eq!(run("data\ndata\ndata\ndata\ndata\n\n"), Ok(1));
    assert_eq!(run("data\ndata\ndata\ndata\ndata\ndata\n\n"), Err(Fault::EventTooLong { max: 4 }));
}

#[test]
fn a_fault_stays() {
    let mut decoder = Decoder::default();
    let mut bytes = &b"data: x\n\ndata: \xff\n\ndata: y\n\n"[..];
    assert_eq!(decoder.next(&mut bytes).unwrap().unwrap().data, "x");
    assert_eq!(decoder.next(&mut bytes), Err(Fault::Encoding));
    assert_eq!(decoder.next(&mut bytes), Err(Fault::Encoding));
    assert_eq!(decoder.finish(), Err(Fault::Encoding));
}

#[test]
fn a_name_cannot_open_another_field() {
    let mut out = Vec::new();
    encode::event(&mut out, "x\ndata: y", "1\r\n2\r3\n");
    encode::comment(&mut out, "quiet\n\ndata: z");
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "event: xdata: y\ndata: 1\ndata: 2\ndata: 3\ndata: \n\n: quietdata: z\n\n"
    );
}

proptest! {
    #[test]
    fn any_bytes_any_cut(bytes in prop::collection::vec(
        prop_oneof![8 => prop::sample::select(&b"data:event \r\n\xef\xbb\xbf"[..]), 1 => any::<u8>()], 0..120), cut in 1usize..9) {
        let pieces: Vec<&[u8]> = bytes.chunks(cut).collect();
        prop_assert_eq!(decode(&pieces, Limits::default()), decode(&[&bytes], Limits::default()));
    }

    #[test]
    fn what_is_written_is_read(texts in prop::collection::vec("(?s).{0,30}", 0..5), name in "[a-z_.]{0,9}") {
        let mut out = Vec::new();
        for text in &texts {
            encode::event(&mut out, &name, text);
            encode::json(&mut out, &name, text).unwrap();
        }
        let read = decode(&[&out], Limits::default()).unwrap();
        let expected: Vec<Event> = texts.iter().flat_map(|text| [
            Event { name: name.clone(), data: text.replace("\r\n", "\n").replace('\r', "\n") },
            Event { name: name.clone(), data: serde_json::to_string(text).unwrap() },
        ]).collect();
        prop_assert_eq!(read, expected);
    }
}
