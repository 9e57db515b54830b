//! Event streams: however they are cut they say the same, and what is written back is read as it was. The first byte says
//! how they are cut.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho_llm::sse::{Decoder, Event, Fault, Limits, encode};

const LIMITS: Limits = Limits { line_bytes_max: 64, event_bytes_max: 128 };

fn decode<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> (Vec<Event>, Option<Fault>) {
    let mut decoder = Decoder::new(LIMITS);
    let mut events = Vec::new();
    for mut piece in pieces {
        loop {
            match decoder.next(&mut piece) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(fault) => return (events, Some(fault)),
            }
        }
        assert!(piece.is_empty());
    }
    match decoder.finish() {
        Ok(event) => events.extend(event),
        Err(fault) => return (events, Some(fault)),
    }
    (events, None)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((cut, bytes)) = bytes.split_first() else { return };
    let (events, fault) = decode(std::iter::once(bytes));
    assert_eq!(decode(bytes.chunks(usize::from(*cut).max(1))), (events.clone(), fault));

    let mut written = Vec::new();
    for event in &events {
        assert!(event.name.len() <= LIMITS.line_bytes_max && event.data.len() <= LIMITS.event_bytes_max);
        encode::event(&mut written, &event.name, &event.data);
    }
    let mut decoder = Decoder::default();
    let mut rest = written.as_slice();
    let mut again = Vec::new();
    while let Some(event) = decoder.next(&mut rest).expect("what was written is in the format") {
        again.push(event);
    }
    assert_eq!(again, events);
});
