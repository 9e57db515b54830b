//! Nothing that was said, nobody's name and no 個人番号 is in any byte of the log.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::*;

const PLANTED: [&str; 6] =
    ["123456789018", "山田花子", "yamada.hanako", "福祉課の相談記録", "秘密の質問", "秘密の回答"];

/// The text in every form in which it might have slipped through. Base64 has three, by where in a triple it begins.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let wide = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let mut forms = vec![text.as_bytes().to_vec(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)];
    for plain in forms.clone() {
        for shift in 0..3 {
            let shifted = [vec![0; shift], plain.clone()].concat();
            let encoded = STANDARD_NO_PAD.encode(shifted);
            // Without the characters that depend on the neighbours.
            let from = [0, 2, 3][shift];
            forms.push(encoded.as_bytes()[from..encoded.len() - 3].to_vec());
        }
    }
    forms
}

#[test]
fn no_byte_of_the_log_tells_what_was_said() {
    let machine = Machine::new(21);
    let (journal, _) = machine.start();
    let open = Open {
        principal: "yamada.hanako".to_owned(),
        purpose: Some("福祉課の相談記録".to_owned()),
        input: Some("山田花子の個人番号は123456789018です。秘密の質問".repeat(3000).into()),
        ..open_of(1)
    };
    let close = Close { output: Some("秘密の回答 123456789018".into()), ..close_of(1) };
    let record = journal.open_record(&open, None).unwrap().wait().unwrap().record;
    journal.close_record(record, &close).unwrap().wait().unwrap();
    journal
        .event(&Event { principal: "山田花子".to_owned(), ..event_of("log.opened") }, None)
        .unwrap()
        .wait()
        .unwrap();
    journal.hold(&[record], &BY).unwrap();
    journal.release(&[record], &BY).unwrap();
    let read = journal.read(record).unwrap();
    assert_eq!(read.open.unwrap(), open);
    journal.core.index.seal([0; 32]).unwrap();
    drop(journal);

    let files = machine.fs.files();
    let holds = |folder: &str, needle: &[u8]| {
        let of_folder = files.iter().filter(|(path, _)| path.starts_with(folder));
        of_folder.flat_map(|(_, bytes)| bytes.windows(needle.len())).any(|window| window == needle)
    };
    assert!(files.iter().any(|(path, bytes)| path.starts_with("log/segment/") && bytes.len() > 200_000));
    for text in PLANTED {
        for form in forms(text) {
            assert!(!holds("log/", &form), "{text} as {form:?}");
            assert!(!holds("keys/", &form), "{text} as {form:?}");
        }
    }
    // The search would find it: the index holds names in clear.
    assert!(holds("index/", "yamada.hanako".as_bytes()));

    let (journal, _) = machine.start();
    journal.erase(&[record], &BY).unwrap();
    drop(journal);
    let files = machine.fs.files();
    let all: Vec<u8> = files
        .iter()
        .filter(|(path, _)| path.starts_with("index/"))
        .flat_map(|(_, bytes)| bytes.clone())
        .collect();
    assert!(!all.windows(13).any(|window| window == b"yamada.hanako"), "erased from the index too");
}
